"""Advice to cover elsewhere as rows: it comes, it is overtaken, and neither a wall nor a crew learns of it."""

import pytest

from shift_page import play
from tocsin.clocks.desk import Answer
from tocsin.core.messages.said import Ask
from tocsin.views.situation import Change, Situation
from tocsin.views.situation_rows import Rows
from tocsin.web.audiences import Audience, is_empty, rows_for
from tocsin.web.catching_up import read_missed
from tocsin.web.frames import joined

STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
station S3 at 0.5 0.5
unit E1 engine can pump at S1
unit E2 engine can pump at S1
adopt_cover pump: north 500 S1; mid 200 S2; south 300 S3
card fire: engine needs pump
rules at_rest_gain_ppm never
road E1 -> I1 100s
road E1 -> S1 100s
road E1 -> S2 200s
road E1 -> S3 300s
policy move-up
08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 100s (ONLY_CAPABLE)
08:01 send I1 E1            | E1 dispatched to I1
08:10 E1 on_scene           | E1 on_scene
08:30 E1 returning          | E1 returning · E1 cleared from I1 · I1 closed · {advised}
"""
ADVISED = "advised: E1 to S3 instead of S1 for 105‰ in 300s (ADDS_COVER 105‰ south) or S2 35‰"


def told(then: str) -> tuple[list[Change], Situation]:
    """What screens are told of a shift: every change, and the situation at its end."""
    shift = play(STAGE.format(advised=ADVISED) + then)
    rows, changes = Rows(), []
    # Once more, question by question, so that each change is told on the board of its moment.
    fresh = play("\n".join(line for line in STAGE.splitlines() if not line[:2].isdigit()))

    def hear(answer: Answer) -> None:
        changes.append(rows.change_of(answer.records, answer.pos, fresh.desk.board))

    fresh.desk.listen(hear)
    for answer in shift.answers:
        question = answer.records[0]
        if question.cause is None:
            fresh.desk.answer([ask_of(answer)], question.at)
    now = shift.answers[-1].records[-1].at
    return changes, rows.situation(fresh.desk.board, journal="page", pos=fresh.journal.head().pos, at=now)


def ask_of(answer: Answer) -> Ask:
    first = answer.records[0]
    return Ask(first.cmd, first.actor, first.at, first.says, first.clock)


def test_it_is_a_row_with_its_reasons() -> None:
    changes, situation = told("")
    (row,) = situation.moves
    assert (row.unit, row.station, row.instead_of, row.drive_ms, row.gain_ppb) == ("E1", "S3", "S1", 300_000, 105_000_000)
    assert row.change_ppb == {"north": -105_000_000, "south": 210_000_000}
    assert [reason.code for reason in row.reasons] == ["ADDS_COVER"]
    assert [change.moves for change in changes if change.moves] == [[row]]


@pytest.mark.parametrize(
    "then",
    [
        "08:31 cover E1 at S3 | E1 to cover S3",
        "08:31 E1 off | E1 off",
        "08:31 close_station S3 | station S3 closed",
        "08:31 withdraw E1 | E1 withdrawn",
    ],
)
def test_it_is_gone_when_it_is_ordered_or_overtaken(then: str) -> None:
    changes, situation = told(then)
    assert situation.moves == []
    assert changes[-1].gone["moves"] == ["E1"] and changes[-1].moves == []


def test_two_changes_that_are_joined_lose_neither_its_coming_nor_its_going() -> None:
    changes, _ = told("08:31 E1 off | E1 off")
    came = next(change for change in changes if change.moves)
    assert joined(came, changes[-1]).moves == [] and joined(came, changes[-1]).gone["moves"] == ["E1"]
    assert [row.unit for row in joined(changes[-1], came).moves] == ["E1"]


@pytest.mark.parametrize("audience", [Audience("wall"), Audience("crew", "E1"), Audience("crew", "E2")])
def test_walls_and_crews_do_not_learn_of_it(audience: Audience) -> None:
    changes, situation = told("08:31 E1 off | E1 off")
    for change in changes:
        mine = rows_for(audience, change)
        assert not mine.moves and "moves" not in mine.gone
        assert not any(row.what in ("MoveUpAdvised", "StayAdvised") for row in mine.log)
    advised = next(change for change in changes if change.moves)
    only = Change(advised.pos, advised.at, moves=advised.moves)
    assert is_empty(rows_for(audience, only)) and not is_empty(only)
    assert rows_for(audience, situation).moves == []


def test_a_screen_that_was_away_is_told_which_advice_to_look_after() -> None:
    journal = play(STAGE.format(advised=ADVISED) + "08:31 E1 off | E1 off").journal
    head = journal.head().pos
    for pos in (head, head - 1, 1):
        missed = read_missed(journal, pos)
        assert missed is not None and missed.moves == ["E1"], pos
