"""Closures: who may not drive where, and until when."""

import pytest

from shift_page import play
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import ClosureId, CommandId, IncidentId
from tocsin.base.instants import Instant
from tocsin.clocks.replay import redecide
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.messages.closure import LEAST_PLACES, MOST_PLACES, CloseRoad, ExtendClosure, ReopenRoad, RoadClosed, Shape, ShapeKind
from tocsin.core.messages.facts import NO_FACTS
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.messages.refusal import CommandRefused, StaleFacts
from tocsin.core.messages.said import Ask

STAGE = """
station S1 at 0.0 0.0
unit E1 engine can pump at S1
card fire: engine needs pump
road E1 -> I1 90s
"""


def test_a_road_is_closed_and_reopened() -> None:
    shift = play(
        STAGE
        + """
        08:00 close_road K1 line 0 0.1, 0.1 0.1 because "burst main"    | K1 closed from 08:00
        09:30 reopen_road K1                                            | K1 open again
        """
    )
    state = shift.desk.board.closures["K1"]
    assert (state.shape, state.reason) == (Shape("line", (LonLat(0.0, 0.1), LonLat(0.1, 0.1))), "burst main")
    assert state.until == shift.answers[1].records[0].at
    who = [record.actor for answer in shift.answers for record in answer.records]
    assert set(who) == {"page"}  # who closed it is who asked


def test_a_closure_has_a_window_a_direction_and_vehicles() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire                  | I1 opened fire · I1 needs engine: E1 90s
        08:01 close_road K1 polygon 0 0, 0 1, 1 0 heading 90 from 09:00 until 10:00 for truck, engine, truck of I1
                                            | K1 closed from 09:00 until 10:00 heading 90 for engine, truck
                                            | I1 needs engine: E1 90s
        08:02 close I1                      | I1 closed
        08:03 close_road K2 points 0 0 of I1    | K2 closed from 08:03
        """
    )
    assert shift.desk.board.closures["K1"].incident == "I1"
    assert shift.desk.board.versions["closure:K1"] == 2


def test_an_end_is_stated_anew_while_it_lasts() -> None:
    play(
        STAGE
        + """
        08:00 close_road K1 points 0 0 until 10:00  | K1 closed from 08:00 until 10:00
        09:00 extend K1 until 12:00                 | K1 until 12:00
        09:01 extend K1 until 12:00                 | refused NothingToChange until
        09:02 extend K1 until 11:00                 | K1 until 11:00
        09:03 extend K1 until 09:03                 | refused ClosureNeverInForce until
        10:59 extend K1                             | K1 until reopened
        11:30 extend K1 until 11:45                 | K1 until 11:45
        11:45 extend K1 until 12:00                 | refused ClosureEnded closure
        11:45 reopen_road K1                        | refused ClosureEnded closure
        """
    )


def test_a_closure_that_has_not_begun_can_be_called_off() -> None:
    shift = play(
        STAGE
        + """
        08:00 close_road K1 points 0 0 from 20:00   | K1 closed from 20:00
        08:05 reopen_road K1                        | K1 open again
        """
    )
    closure = shift.desk.board.closures["K1"]
    assert not closure.is_in_force(closure.since)


def test_an_id_is_a_closure_once() -> None:
    play(
        STAGE
        + """
        08:00 close_road K1 points 0 0      | K1 closed from 08:00
        08:01 close_road K1 points 0 1      | refused ClosureAlreadyStated closure
        08:02 reopen_road K1                | K1 open again
        08:03 reopen_road K1                | refused ClosureEnded closure
        08:03 extend K1 until 09:00         | refused ClosureEnded closure
        08:04 close_road K1 points 0 0      | refused ClosureAlreadyStated closure
        08:05 close_road K2 points 0 0      | K2 closed from 08:05
        """
    )


def test_what_was_reopened_is_not_extended_by_paper_that_comes_late() -> None:
    play(
        STAGE
        + """
        08:00 close_road K1 points 0 0 until 10:00  | K1 closed from 08:00 until 10:00
        08:30 reopen_road K1                        | K1 open again
        09:00 (08:20) extend K1 until 12:00         | refused ClosureEnded closure
        10:30 (09:50) close_road K2 points 0 0 until 10:00  | K2 closed from 09:50 until 10:00
        """
    )


def test_what_nobody_can_close() -> None:
    play(
        STAGE
        + """
        08:00 reopen_road K9                                | refused ClosureUnknown closure
        08:00 extend K9 until 09:00                         | refused ClosureUnknown closure
        08:00 close_road K1 points                          | refused ShapeTooSmall shape
        08:00 close_road K1 line 0 0, 0 0                   | refused ShapeTooSmall shape
        08:00 close_road K1 polygon 0 0, 0 1, 0 0, 0 1      | refused ShapeTooSmall shape
        08:00 close_road K1 line 0 0, 0 91                  | refused ShapeOffEarth shape
        08:00 close_road K1 points nan 0                    | refused ShapeOffEarth shape
        08:00 close_road K1 points 0 0 heading 361          | refused HeadingUnusable heading_deg
        08:00 close_road K1 points 0 0 heading -1           | refused HeadingUnusable heading_deg
        08:00 close_road K1 points 0 0 heading nan          | refused HeadingUnusable heading_deg
        08:00 close_road K1 points 0 0 until 08:00          | refused ClosureNeverInForce until
        08:00 close_road K1 points 0 0 from 09:00 until 08:30   | refused ClosureNeverInForce until
        08:00 close_road K1 points 0 0 from 06:00 until 07:00   | refused ClosureNeverInForce until
        08:00 close_road K1 points 0 0 of I9                | refused IncidentUnknown incident
        """
    )


@pytest.mark.parametrize("kind", LEAST_PLACES)
def test_a_shape_has_so_many_places_and_no_more(kind: ShapeKind) -> None:
    places = tuple(LonLat(nth / 1000, nth % 7 / 10) for nth in range(MOST_PLACES + 1))
    told = [_told(Shape(kind, places[:count])) for count in (LEAST_PLACES[kind] - 1, LEAST_PLACES[kind], MOST_PLACES, MOST_PLACES + 1)]
    assert [type(event) for event in told] == [CommandRefused, RoadClosed, RoadClosed, CommandRefused]
    assert [told[0].code, told[3].code] == ["ShapeTooSmall", "ShapeTooLarge"]
    play("08:00 close_road K1 points " + ", ".join(["0 0"] * 10_001) + " | refused ShapeTooLarge shape")


def _told(shape: Shape) -> RoadClosed | CommandRefused:
    (event,) = kernel.decide(Board(), Ask(CommandId("k"), "page", 0, CloseRoad(ClosureId("K1"), shape)), NO_FACTS)
    return event


def test_a_heading_in_whole_degrees_is_decided_the_same_again() -> None:
    """A whole number would be written as 90 and come back as 90.0: other bytes."""
    shift = play(STAGE)
    closing = CloseRoad(ClosureId("K1"), Shape("points", (LonLat(0.0, 0.0),)), heading_deg=90)
    shift.desk.answer([Ask(CommandId("k"), "page", 0, closing)], 0)
    assert redecide(shift.journal).differing == 0


def test_facts_that_were_gathered_before_a_closure_are_stale() -> None:
    """The road times of the first try may lead through what is closed now."""
    shift = play(STAGE + "08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 90s")
    at = shift.answers[0].records[0].at
    question = Ask(CommandId("q"), "page", at, RecommendUnits(IncidentId("I1")))
    for command in (
        CloseRoad(ClosureId("K1"), Shape("points", (LonLat(0.0, 0.0),))),
        ExtendClosure(ClosureId("K1"), Instant(at + 1)),
        ReopenRoad(ClosureId("K1")),
    ):
        before = shift.gather.facts(question, shift.desk.board)
        assert [type(event) for event in kernel.decide(shift.desk.board, question, before)] == [UnitsRecommended]
        shift.desk.answer([Ask(CommandId(type(command).__name__), "page", at, command)], at)
        with pytest.raises(StaleFacts):
            kernel.decide(shift.desk.board, question, before)
