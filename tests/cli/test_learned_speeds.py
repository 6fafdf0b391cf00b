"""Learned speeds from their file to the eye: named by a centre or a command, in every receipt, in every table that shows an ETA."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from cli.test_bad_input import refused
from cli.test_fortnight import recomputed
from command_line import LANGUAGES, misfits, tocsin, untranslated
from learned import learned_speeds
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.clocks.replay import Decision, questions
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.messages.recommendation import Pick
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_places import journal_to_read
from tocsin.roads.region_file import open_region
from tocsin.roads.speeds import write_speeds
from tocsin.shown import demo, figures
from tocsin.wiring.roads import open_roads

SPEEDS = Path("sf.speeds")
HEAD = Path("centre/centre.toml")
REPLAY = ("replay", "sf.journal", "--centre", "centre")
SEEDS = ("0", "4242")


@pytest.fixture
def taught(folder: Path) -> Path:
    """The small folder with a file of learned speeds in it that nobody names yet."""
    write_speeds(learned_speeds(open_region(Path("sf.region"))), SPEEDS)
    return folder


def name(text: str = "../sf.speeds") -> None:
    """Write it into the centre's head."""
    HEAD.write_text(re.sub(r"(?m)^(region = .*)$", rf'\1\nspeeds = "{text}"', HEAD.read_text("utf-8")), "utf-8")


def replayed(*words: object) -> Any:
    run = tocsin(*REPLAY, *words, "--json")
    assert run.status == 0, run.err
    assert misfits("replay_answer", run.json) == []
    return run.json


# ---- named


def test_a_centre_that_names_its_speeds_is_replayed_with_them(taught: Path) -> None:
    plain, by_option = replayed(), replayed("--speeds", SPEEDS)
    name()
    assert tocsin("check", "centre").status == 0
    by_centre = replayed()
    assert by_centre == by_option != plain
    speeds_id = learned_speeds(open_region(Path("sf.region"))).id
    assert speeds_id in by_centre["policy"]["metric"] and speeds_id not in plain["policy"]["metric"]
    assert any(speeds_id in text and "2020-01-31" in text for text in by_centre["assumptions"])
    assert not any("learned speeds" in text for text in plain["assumptions"])
    assert plain["policy"]["version"] == by_centre["policy"]["version"]


def test_the_centres_speeds_go_with_its_own_region_only(taught: Path) -> None:
    name()
    with_another = replayed("--region", "sf.region")
    assert "fitted" not in with_another["policy"]["metric"]
    assert replayed("--region", "sf.region", "--speeds", SPEEDS) == replayed()


def test_nothing_is_told_of_intervals_where_nothing_was_learned(taught: Path) -> None:
    plain, known = replayed(), replayed("--speeds", SPEEDS)
    assert {"chosen_between_s", "recommended_between_s"} & set(plain) == set()
    between = known["recommended_between_s"]
    assert 0 < between["n"] <= known["recommended_eta_s"]["n"] and 0 < between["low"] < between["high"]
    by_crow = replayed("--speeds", SPEEDS, "--policy", "straight-line")
    assert "recommended_between_s" not in by_crow, "a length as the crow flies has no interval that anyone learned"


# ---- wrong


def spoiled(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"trips":400', '"trips":4'), "utf-8")
    path.write_bytes(path.read_bytes()[:-200])


def of_another_map(path: Path) -> None:
    region = open_region(Path("sf.region"))
    write_speeds(learned_speeds(region, map_hash="0" * len(region.map_hash)), path)


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(lambda path: path.unlink(), "speeds_unreadable"), (spoiled, "speeds_damaged"), (of_another_map, "speeds_other_map")],
    ids=["gone", "cut off", "of another map"],
)
def test_speeds_that_cannot_be_used_are_refused(taught: Path, spoil: Any, code: str) -> None:
    name()
    spoil(SPEEDS)
    refused(taught, code, *REPLAY, file="centre/../sf.speeds")
    refused(taught, code, *REPLAY, "--speeds", SPEEDS, file="sf.speeds")
    run = tocsin("check", "centre", "--json")
    assert run.status == 2 and [problem["code"] for problem in run.json["problems"]] == [code]
    assert run.json["problems"][0]["file"] == "centre/../sf.speeds"


def test_speeds_belong_to_a_region(taught: Path) -> None:
    assert refused(taught, "speeds_without_region", "replay", "sf.journal", "--speeds", SPEEDS).json["error"]["field"] == "--speeds"
    name()
    HEAD.write_text(re.sub(r"(?m)^region = .*\n", "", HEAD.read_text("utf-8")), "utf-8")
    line = HEAD.read_text("utf-8").splitlines().index('speeds = "../sf.speeds"') + 1
    run = tocsin("check", "centre", "--json")
    assert [(one["code"], one["line"]) for one in run.json["problems"]] == [("speeds_without_region", line)]


# ---- the same for ever


def test_two_replays_with_learned_speeds_are_one_to_the_byte(taught: Path) -> None:
    name()
    answers = []
    for seed in SEEDS:
        words = [sys.executable, "-m", "tocsin", *REPLAY, "--receipts", f"{seed}.ndjson", "--json"]
        done = subprocess.run(words, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        answers.append((done.stdout, Path(f"{seed}.ndjson").read_bytes()))
    assert answers[0] == answers[1]
    assert answers[0][1].count(b'"eta_low_ms"') > 100


def test_receipts_with_intervals_can_be_recomputed_from_the_journal(taught: Path) -> None:
    """Each with roads that nobody asked before."""
    replayed("--speeds", SPEEDS, "--receipts", "receipts.ndjson")
    wanted = {json.loads(line)["pos"]: line for line in Path("receipts.ndjson").read_bytes().splitlines(keepends=True)}
    network, board = open_roads(Path("sf.region"), SPEEDS), Board()
    assert len(wanted) > 30
    with journal_to_read(Path("sf.journal")) as journal:
        for one in questions(journal):
            line = wanted.pop(one.pos, None)
            if line is not None:
                receipt, like = recomputed(board, one, GatherRoads(network), msgspec.json.decode(line, type=Decision))
                assert b'"receipt":' + receipt + b"," in line and line.endswith(b'"like":' + like + b"}\n")
            for record in one.records:
                kernel.fold(board, record)
    assert not wanted


# ---- shown


FERRY, MARKET = "-122.3937,37.7955", "-122.4194,37.7749"


def test_a_route_shows_its_interval_and_what_is_in_it(taught: Path) -> None:
    words = ("route", "sf.region", f"--from={FERRY}", f"--to={MARKET}")
    [plain], [known] = tocsin(*words, "--json").json, tocsin(*words, "--speeds", SPEEDS, "--json").json
    assert misfits("route_rows", [known]) == [] and plain["interval_ms"] is None
    eta_ms = known["time_ms"] + 120_000  # a unit of no particular kind, from the road, that is rolling
    assert known["interval_ms"] == [(eta_ms * 600 + 500) // 1000, (eta_ms * 2400 + 500) // 1000]
    for language in LANGUAGES:
        sure, unsure = (tocsin(*words, *more, "--language", language).out for more in (("--speeds", SPEEDS), ()))
        assert untranslated(sure + unsure) == []
        low, high = (figures.duration(ms / 1000) for ms in known["interval_ms"])
        assert f"{low}–{high}" in sure and "roads fit" in unsure and "roads fit" not in sure


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_replay_shows_intervals_or_says_that_none_is_known(taught: Path, language: str) -> None:
    sure, unsure = (tocsin(*REPLAY, *more, "--language", language) for more in (("--speeds", SPEEDS), ()))
    assert untranslated(sure.out + unsure.out) == []
    assert re.search(r"\d:\d\d \(\d+:\d\d–\d+:\d\d\)", sure.out) and "roads fit" not in sure.out
    assert re.search(r"\d:\d\d \(", unsure.out) is None and unsure.out.count("roads fit") == 1, "once"


def test_an_eta_is_written_with_its_interval_where_that_is_known() -> None:
    assert figures.expected(200.0, (130.0, 340.0)) == "3:20 (2:10–5:40)"
    assert figures.expected(200.0) == figures.expected(200.0, (None, 340.0)) == "3:20"
    assert figures.expected(None, (130.0, 340.0)) == figures.NOTHING


def test_the_shift_table_shows_intervals_of_those_who_were_sent() -> None:
    line = demo.Line(Instant(0), "fire", "high", "Calle")
    sure = Pick("engine", "E1", Millis(200_000), eta_low_ms=Millis(130_000), eta_high_ms=Millis(340_000))  # type: ignore[arg-type]  # a name
    line.picks.update({"E1": sure, "E2": Pick("engine", "E2", Millis(60_000)), "E3": None})  # type: ignore[dict-item, arg-type]  # names
    assert demo._units(line) == "E1 3:20 (2:10–5:40)\nE2 1:00\nE3 –"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_known_is_said(language: str) -> None:
    with io.StringIO() as text:
        figures.unsure(Console(file=text, width=80), language)
        assert "roads fit" in " ".join(text.getvalue().split()) and untranslated(text.getvalue()) == []
