"""The fold: only events change a board, and what it believes it checks at the door."""

from typing import get_args

import pytest

import shift_told
from board_state import state_of
from shift_page import Shift, play
from tocsin.base.faults import Broken
from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant
from tocsin.clocks.desk import fold_journal
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.board.unit import Leg
from tocsin.core.board.whereabouts import WHEREABOUTS
from tocsin.core.messages.assignment import AssignmentCancelled, StampCorrected, UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.closure import ClosureExtended, RoadClosed, RoadReopened, Shape
from tocsin.core.messages.incident import IncidentCancelled, IncidentClosed, IncidentOpened, MarkIncident
from tocsin.core.messages.line import decode, decode_told
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Event, Record
from tocsin.core.messages.unit import Phase

STAGE = """
station S1 at 0.0 0.0
unit E1 engine can pump at S1
unit E2 engine can pump at S1
card fire: engine needs pump
road E1 -> I1 90s
road E2 -> I1 95s
"""

WORK = """
08:00 open I1 fire at 0.0 0.2   | I1 opened fire · I1 needs engine: E1 90s
08:01 send I1 E1                | E1 dispatched to I1
"""

AT = Instant(1_586_250_000_000)


@pytest.fixture
def shift() -> Shift:
    return play(
        STAGE
        + WORK
        + """
        08:00 open I2 fire              | I2 opened fire · I2 needs engine: NOBODY_REACHABLE
        08:00 close_road K1 points 0 0  | K1 closed from 08:00 · I2 needs engine: NOBODY_REACHABLE
        08:00 close_road K2 points 0 0  | K2 closed from 08:00 · I2 needs engine: NOBODY_REACHABLE
        08:01 reopen_road K2            | K2 open again · I2 needs engine: NOBODY_REACHABLE
        """
    )


HERE = Shape("points", (LonLat(0.0, 0.0),))

BELIEFS = [
    (IncidentOpened("I1", "fire", "high", Place()), "opened_once"),
    (UnitsDispatched("I9", ("E2",)), "dispatched_to_open"),
    (UnitsDispatched("I2", ("E1",)), "one_job"),
    (UnitCleared("I1", "E2"), "assigned"),
    (UnitDiverted("E2", "I1", "I2"), "assigned"),
    (AssignmentCancelled("I2", "E1"), "assigned"),
    (StampCorrected("I1", "E2", "on_scene", AT, None, "paper"), "assigned"),
    (IncidentClosed("I1"), "closed_without_units"),
    (IncidentCancelled("I9"), "ended_while_open"),
    (RoadClosed("K1", HERE, AT), "closed_once"),
    (ClosureExtended("K9", AT), "changed_while_closed"),
    (RoadReopened("K2"), "changed_while_closed"),
]


@pytest.mark.parametrize(("event", "belief"), BELIEFS, ids=lambda part: type(part).__name__)
def test_a_journal_that_cannot_have_happened_is_not_folded(shift: Shift, event: Event, belief: str) -> None:
    with pytest.raises(Broken) as caught:
        fold(shift.desk.board, event, AT)
    assert (caught.value.code, caught.value.values["what"]) == ("belief", belief)


def test_an_incident_ends_once(shift: Shift) -> None:
    fold(shift.desk.board, IncidentClosed("I2"), AT)
    with pytest.raises(Broken):
        fold(shift.desk.board, IncidentClosed("I2"), AT)


def test_versions_have_no_gaps(shift: Shift) -> None:
    version = shift.desk.board.versions["incident:I1"]
    for wrong in (version, version + 2, 0):
        record = Record("incident:I1", wrong, AT, AT, "page", "k", 0, MarkIncident("I1", "water_on_fire"))
        with pytest.raises(Broken):
            kernel.fold(shift.desk.board, record)
    assert shift.desk.board.versions["incident:I1"] == version


def test_a_question_moves_only_its_subjects_version(shift: Shift) -> None:
    before = state_of(shift.desk.board)
    version = shift.desk.board.versions["incident:I1"]
    kernel.fold(shift.desk.board, Record("incident:I1", version + 1, AT, AT, "page", "k", 0, MarkIncident("I1", "water_on_fire")))
    after = state_of(shift.desk.board)
    assert {name for name in after if after[name] != before[name]} == {"versions"}


def test_every_event_has_a_phrase_and_every_phrase_an_event() -> None:
    assert set(shift_told._PHRASES) == set(get_args(Event))


def test_folding_anew_gives_the_same_board() -> None:
    shift = play(
        STAGE
        + WORK
        + """
        08:02 E1 en_route               | E1 en_route
        08:03 call C1 says "smoke"      | C1 received
        08:03 attach C1 I1              | C1 joins I1
        08:04 E1 on_scene               | E1 on_scene
        08:05 mark I1 water_on_fire     | I1 water_on_fire
        08:05 import log.csv 3 4        | log.csv: 3 of 4 rows
        08:06 cover E2 at S1            | E2 to cover S1
        08:07 close_road K1 line 0 0.1, 0.1 0.1 until 09:00 | K1 closed from 08:07 until 09:00
        08:08 extend K1                 | K1 until reopened
        08:09 reopen_road K1            | K1 open again
        08:30 E1 returning              | E1 returning · E1 cleared from I1 · I1 closed
        08:31 erase I1                  | I1 erased incident:I1, call:C1
        08:32 close_station S1          | station S1 closed
        """
    )
    assert state_of(fold_journal(shift.journal)) == state_of(shift.desk.board)
    assert state_of(Board()) != state_of(shift.desk.board)
    from_whole_records = Board()
    for stored in shift.journal.read():
        kernel.fold(from_whole_records, decode(stored.body))
    assert state_of(from_whole_records) == state_of(shift.desk.board)


def test_every_phase_says_something_of_the_place() -> None:
    assert set(WHEREABOUTS) == set(get_args(Phase))


def test_what_the_fold_reads_of_a_line_is_what_the_line_says() -> None:
    for stored in play(STAGE + WORK).journal.read():
        told, record = decode_told(stored.body), decode(stored.body)
        assert (told.stream, told.ver, told.at, told.n, told.says) == (record.stream, record.ver, record.at, record.n, record.says)
    with pytest.raises(Broken, match="line_unreadable"):
        decode_told(b'{"stream":"centre","ver":1,"at":0,"n":1,"says":{"type":"Unheard"}}')


def status_after(lines: str) -> str:
    return play(STAGE + WORK + lines).desk.board.incidents["I1"].status()


def test_how_far_an_incident_is_is_read_from_its_units_and_marks() -> None:
    assert play(STAGE + WORK.splitlines()[1]).desk.board.incidents["I1"].status() == "Active"
    assert status_after("") == "ResourcesAssigned"
    assert status_after("08:02 E1 en_route | E1 en_route") == "ResourcesEnroute"
    assert status_after("08:02 E1 on_scene | E1 on_scene") == "ResourcesOnscene"
    assert status_after("08:02 mark I1 fire_under_control | I1 fire_under_control") == "FireUnderControl"
    assert status_after("08:02 cancel I1 | E1 called off I1 · I1 cancelled") == "Cancelled"
    assert status_after("08:02 E1 on_scene | E1 on_scene\n08:02 E1 on_radio | E1 on_radio · E1 cleared from I1 · I1 closed") == "Closed"
    assert status_after("08:02 recall I1 E1 | E1 called off I1") == "Active"


def test_a_unit_is_followed_from_sure_place_to_sure_place() -> None:
    scene, home = LonLat(0.0, 0.2), LonLat(0.0, 0.0)
    shift = play(
        STAGE
        + WORK
        + """
        08:02 E1 en_route               | E1 en_route
        08:06 E1 on_scene               | E1 on_scene
        08:30 E1 returning              | E1 returning · E1 cleared from I1 · I1 closed
        """
    )
    unit = shift.desk.board.units["E1"]
    assert (unit.place, unit.is_at_station) == (scene, False)
    assert unit.legs == (Leg(home, unit.since, None),)
    shift = play(
        STAGE
        + WORK
        + """
        08:02 E1 en_route               | E1 en_route
        08:04 recall I1 E1              | E1 called off I1
        """
    )
    unit = shift.desk.board.units["E1"]
    assert unit.place == home
    assert [(leg.towards, leg.until is None) for leg in unit.legs] == [(scene, False), (home, True)]  # there and back: it turned round
    assert unit.legs[0].until == unit.legs[1].since == unit.since


def test_a_unit_sent_while_it_drives_home_stops_driving_home() -> None:
    shift = play(
        STAGE
        + WORK
        + """
        08:06 E1 on_scene               | E1 on_scene
        08:30 E1 on_radio               | E1 on_radio · E1 cleared from I1 · I1 closed
        08:31 reopen I1                 | I1 reopened · I1 needs engine: E1 90s
        08:32 send I1 E1                | E1 dispatched to I1
        """
    )
    unit = shift.desk.board.units["E1"]
    assert [leg.until for leg in unit.legs] == [unit.since]


def test_a_unit_whose_first_home_is_unknown_has_no_place() -> None:
    shift = play("unit B1 boat can water\n08:00 B1 returning | B1 returning")
    unit = shift.desk.board.units["B1"]
    assert (unit.place, unit.legs, unit.is_at_station) == (None, (), False)
