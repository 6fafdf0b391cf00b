"""Paper: printed from a journal alone, and by itself while a centre is served."""

import asyncio
import os
from contextlib import closing
from pathlib import Path

import pytest

from command_line import misfits, tocsin
from paper_shift import SECRETS, play_afternoon
from tocsin.base.faults import BadInput, Fault
from tocsin.base.instants import parse_iso
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.wiring.paper import KEPT, Paper
from tocsin.words import languages
from web_stage import opened


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """An afternoon, left behind by a server that is down."""
    path = tmp_path / "a.journal"
    with closing(SqliteJournal.create(path)) as kept:
        play_afternoon(kept)
    return path


def test_a_board_is_printed_from_the_journal_alone(journal: Path, tmp_path: Path) -> None:
    before = journal.read_bytes()
    run = tocsin("paper", journal, "--out", tmp_path / "board.html")
    assert (run.status, run.err) == (0, "")
    assert run.out.splitlines()[0].startswith("As of 2020-04-07T16:31:00.000Z: 3 open incidents, 4 units;")
    page = (tmp_path / "board.html").read_text("utf-8")
    assert "as of 2020-04-07 12:31" in page and "<small>20200407-0044</small>" in page
    assert [secret for secret in SECRETS if secret in page] == []
    assert journal.read_bytes() == before and {one.name for one in tmp_path.iterdir()} <= {"a.journal", "a.journal-lock", "board.html"}


def test_machines_are_told_what_was_printed(journal: Path, tmp_path: Path) -> None:
    run = tocsin("paper", journal, "--out", tmp_path / "b.html", "--json")
    told = run.json
    assert run.status == 0 and misfits("paper_answer", told) == []
    assert told == {
        "out": str(tmp_path / "b.html"), "journal": told["journal"], "pos": told["pos"], "at": "2020-04-07T16:31:00.000Z",
        "incidents": 3, "units": 4, "first_slip": "20200407-0044", "slips": 12,
    }  # fmt: skip


@pytest.mark.parametrize("language", languages())
def test_every_language_prints(journal: Path, tmp_path: Path, language: str) -> None:
    run = tocsin("paper", journal, "--out", tmp_path / "b.html", "--language", language)
    assert run.status == 0 and "cli.paper" not in run.out
    assert f'<html lang="{language}">' in (tmp_path / "b.html").read_text("utf-8")


def test_an_older_board_is_replaced_and_nothing_else_is(journal: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.html"
    for _ in range(2):
        assert tocsin("paper", journal, "--out", out).status == 0
    run = tocsin("paper", journal, "--out", journal, "--json")
    assert run.status == 2 and run.json["error"]["code"] == "file_kept"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nobody.journal", "--out", "b.html"], "journal_absent"),
        (["empty.journal", "--out", "b.html"], "journal_empty"),
        (["text.journal", "--out", "b.html"], "journal_foreign"),
        (["empty.journal", "--out", "no/such/folder/b.html"], "file_write"),
        (["empty.journal"], "usage"),
        (["empty.journal", "--out", "b.html", "--language", "xx"], "language"),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: str) -> None:
    monkeypatch.chdir(tmp_path)
    SqliteJournal.create(tmp_path / "empty.journal").close()
    (tmp_path / "text.journal").write_text("this is no journal")
    run = tocsin("paper", *words, "--json")
    assert run.status == 2 and run.json["error"]["code"] == code
    assert not (tmp_path / "b.html").exists()


# Beside a served desk.


def test_the_board_is_written_when_asked_and_once_more_at_the_end(tmp_path: Path) -> None:
    told: list[Fault] = []

    async def shift() -> None:
        async with opened(tmp_path) as stage:
            paper = Paper(tmp_path / "paper", stage.parts, told.append)
            async with paper:
                await paper.write()
                first = (tmp_path / "paper" / "board.html").read_text("utf-8")
                assert "NOBODY SENT" in first and "as of 2020-04-07 08:00" in first
                assert "<small>20200407-0001</small>" in first, "looked up, not drawn"
                async with stage.client() as ana:
                    command = {"type": "DispatchUnits", "incident": "I1", "units": ["E1"]}
                    assert (await ana.post("/api/commands", json={"id": "c1", "command": command})).status_code == 200
                stage.clock.at = parse_iso("2020-04-07T12:07:00Z")
            last = (tmp_path / "paper" / "board.html").read_text("utf-8")
            assert "NOBODY SENT" not in last and "as of 2020-04-07 08:07" in last

    asyncio.run(shift())
    assert told == []
    assert {one.name for one in (tmp_path / "paper").iterdir()} == {"board.html", "board-0800.html", "board-0807.html"}


def test_a_folder_that_cannot_be_written_is_told_and_keeps_nobody_from_stopping(tmp_path: Path) -> None:
    told: list[Fault] = []
    (tmp_path / "paper").write_text("a file where the folder would be")

    async def shift() -> None:
        async with opened(tmp_path) as stage, Paper(tmp_path / "paper", stage.parts, told.append):
            pass

    asyncio.run(shift())
    assert [(fault.code, type(fault)) for fault in told] == [("file_write", BadInput)]


def test_the_last_boards_are_kept_and_no_more(tmp_path: Path) -> None:
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "board-notes.html").write_text("somebody's own")

    async def shift() -> None:
        (tmp_path / "desk").mkdir()
        async with opened(tmp_path / "desk") as stage:
            paper = Paper(folder, stage.parts, lambda fault: None)
            for nth in range(KEPT + 5):
                stage.clock.at = parse_iso(f"2020-04-07T12:{nth:02d}:00Z")
                await paper.write()
                name = folder / f"board-08{nth:02d}.html"
                os.utime(name, (nth, nth))

    asyncio.run(shift())
    kept_names = sorted(one.name for one in folder.iterdir())
    assert kept_names == sorted(["board-notes.html", "board.html", *(f"board-08{nth:02d}.html" for nth in range(5, KEPT + 5))])
