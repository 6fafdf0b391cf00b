"""Promises of the grammar under any text at all."""

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from line_world import UNITS, view, world
from source import PACKAGE, ROOT
from tocsin.core.messages.said import Command
from tocsin.formats.line.complete import complete
from tocsin.formats.line.read import read_line
from tocsin.formats.line.reading import Reading
from tocsin.formats.line.sms import read_sms
from tocsin.formats.line.told import tell_problem, tell_step
from tocsin.formats.line.verbs import VERBS
from tocsin.words import catalogue, languages
from tocsin.words.line import aliases_of, tongue_of

BOARD = world()
EN = tongue_of("en")
PIECES = [
    *VERBS, *UNITS, "42", "#42", "41", "#39", "99", "#77", "=77", "E", "R", "M", "/", ";", "!", ">", ">CHB", ">S3", ">North", "why/needed",
    "disp/K", "typ/FIRE", "pri/red", "red", "FIRE", "water", "10", "0", "at 14:32", "at 23:58", "all", "log", "desk2", '"Engine 9"', '"',
    "20261122-0180", "dispatch", "مرحبا", "🚒", "\u200fE1\u200f", "\x00", "\t", ".", ",", "ß", "İ", "E1\u0301", "-29.9, -71.2",
]  # fmt: skip

lines = st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)
any_text = st.one_of(st.text(max_size=60), lines, st.builds(lambda a, b: f"{a} {b}", lines, st.text(max_size=10)))


def read(text: str, selected: int | None = None) -> Reading:
    """On the staged board."""
    return read_line(text, view(BOARD, selected), EN)


def commands_of(reading: Reading) -> list[Command]:
    """All of them, in order."""
    return [command for step in reading.steps for command in step.commands]


def check_names(command: Command) -> None:
    """It names nobody and nothing that there is not."""
    unit, incident = getattr(command, "unit", None), getattr(command, "incident", None)
    assert unit is None or unit in BOARD.units
    assert incident is None or incident in BOARD.incidents
    assert all(one in BOARD.units for one in getattr(command, "units", ()))
    assert getattr(command, "alarm", None) in (None, *BOARD.alarms)
    assert getattr(command, "station", None) in (None, *BOARD.stations)


@settings(max_examples=400)
@given(any_text, st.sampled_from([None, 42]))
def test_any_text_is_read_and_names_only_what_there_is(text: str, selected: int | None) -> None:
    reading = read(text, selected)
    for command in commands_of(reading):
        check_names(command)
    for step in reading.steps:
        assert tell_step(step, EN)
    assert not (reading.steps and reading.problem)
    assert reading.is_complete == bool(reading.steps)
    assert 0 <= reading.cursor <= len(text)
    if reading.problem is not None:
        assert 0 <= reading.problem.start <= reading.problem.end <= len(text)
        what, remedy = tell_problem(reading.problem, EN)
        assert what
        assert remedy
        assert "problem." not in what + remedy
        if reading.problem.code.endswith("_ambiguous"):
            assert len(reading.candidates) > 1


@settings(max_examples=200)
@given(any_text, st.integers(-3, 80))
def test_any_text_is_completed_without_a_word_of_harm(text: str, cursor: int) -> None:
    for one in complete(text, cursor, view(BOARD), EN):
        assert 0 <= one.start <= one.end <= max(0, min(cursor, len(text)))
        assert one.label


@settings(max_examples=200)
@given(any_text, st.sampled_from(["E1", "E2", "M7"]))
def test_any_short_message_speaks_of_its_sender_only(text: str, unit: str) -> None:
    for command in commands_of(read_sms(text, BOARD.units[unit].unit, view(BOARD), EN)):
        assert getattr(command, "unit", unit) == unit
        assert getattr(command, "incident", None) in (None, BOARD.units[unit].incident)


PLAIN = [piece for piece in PIECES if re.fullmatch(r"[A-Za-z0-9#=!/]+", piece)]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PLAIN), min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_case_and_dots_do_not_count(pieces: list[str], dice: object) -> None:
    while pieces and pieces[0] == "/":  # begins a search, whose words are taken as they are
        pieces = pieces[1:]
    dotted = "".join(piece + dice.choice([" ", ".", " . "]) for piece in pieces)  # type: ignore[attr-defined]  # Random
    wanted = read(" ".join(pieces))
    for text in (" ".join(pieces).upper(), " ".join(pieces).lower(), dotted):
        other = read(text)
        assert (other.problem.code if other.problem else None) == (wanted.problem.code if wanted.problem else None), text
        if not any(piece.startswith("why") or piece == "oos" for piece in pieces):  # words of people keep their case
            assert commands_of(other) == commands_of(wanted), text


@settings(max_examples=300)
@given(lines)
def test_a_step_told_plainly_reads_as_itself(text: str) -> None:
    reading = read(text)
    if len(reading.steps) != 1:
        return
    again = read(reading.steps[0].plain)
    assert commands_of(again) == commands_of(reading), reading.steps[0].plain
    assert [step.act for step in again.steps] == [step.act for step in reading.steps]
    assert [step.preview for step in again.steps] == [step.preview for step in reading.steps]
    assert [step.at for step in again.steps] == [step.at for step in reading.steps]


@pytest.mark.parametrize(
    "text", ["d " * 5_000, "x" * 10_000, "\x00" * 10_000, "🚒" * 5_000, ">" * 1_900, "why/ " * 380, '"' * 1_999, "; " * 900]
)
def test_long_and_strange_lines_are_answered(text: str) -> None:
    read(text)
    complete(text, len(text), view(BOARD), EN)


def test_marks_of_direction_do_not_hide_a_name() -> None:
    assert commands_of(read("os \u200fE1\u200e")) == commands_of(read("os E1"))
    assert commands_of(read("ｏｓ Ｅ１")) == commands_of(read("os E1"))


# The catalogue and the page.


def codes_in_source() -> dict[str, set[str]]:
    """Codes that the readers come up with, by table."""
    found: dict[str, set[str]] = {"problem": set(), "told": set()}
    for path in (PACKAGE / "formats" / "line").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = (
                getattr(getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", ""))
                if isinstance(node, ast.Call)
                else ""
            )
            table = {"stuck": "problem", "_stuck": "problem", "Problem": "problem", "Told": "told"}.get(name)
            if table and isinstance(node, ast.Call) and node.args:
                found[table] |= {
                    one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    return found


def test_every_problem_has_words_and_no_words_are_idle() -> None:
    told = {key.split(".")[2] for key in catalogue("en") if key.startswith("line.problem.")}
    assert codes_in_source()["problem"] == told


@pytest.mark.parametrize("language", languages())
def test_the_readers_aliases_are_in_the_page(language: str) -> None:
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    for verb, entry in VERBS.items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{verb}` |"))
        assert f"`{entry.example}`" in row
        assert catalogue("en")[f"line.verb.{verb}"] in row.replace("\\|", "|")
        for alias in aliases_of(verb, language):
            assert alias in row, f"{language}: {alias}"
