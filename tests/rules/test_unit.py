"""Units: the fleet list, and the life of a unit as a table: a report that is not in it is recorded and marked."""

import itertools
from typing import get_args

import pytest

from shift_page import play
from tocsin.core.messages.unit import BUSY, FREE, NEXT, STATUS, Phase, Status, UnitStatusChanged, phase_of

PHASES = get_args(Phase)

STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
unit E1 engine can pump at S1
card fire: engine needs pump
road E1 -> I1 90s
"""

ON_ITS_JOB = """
08:00 open I1 fire  | I1 opened fire · I1 needs engine: E1 90s
08:01 send I1 E1    | E1 dispatched to I1
"""


def _to_reach(phase: Phase) -> str:
    """Lines that bring E1 into a phase, by the straightest way."""
    if phase == "moving_up":
        return "08:02 cover E1 at S2 | E1 to cover S2\n08:03 E1 moving_up | E1 moving_up\n"
    if phase == "at_station":
        return ""
    if phase in FREE or phase == "off":
        first = "08:02 E1 on_radio | E1 on_radio\n" if phase == "returning" else ""
        return first + f"08:03 E1 {phase} | E1 {phase}\n"
    lines = ON_ITS_JOB
    if phase == "at_hospital":
        lines += "08:03 E1 on_scene | E1 on_scene\n08:03 E1 transporting | E1 transporting\n"
    if phase in ("at_patient", "transporting"):
        lines += "08:03 E1 on_scene | E1 on_scene\n"
    return lines + ("" if phase == "dispatched" else f"08:04 E1 {phase} | E1 {phase}\n")


@pytest.mark.parametrize(("here", "there"), list(itertools.product(PHASES, PHASES)))
def test_every_row_of_the_life_table(here: Phase, there: Phase) -> None:
    has_job = here in BUSY
    is_foreseen = there == here or there in NEXT[here]
    is_surprising = not is_foreseen or (there in BUSY and not has_job)
    said = f"08:10 E1 {there} | E1 {there}" + (" (surprising)" if is_surprising else "")
    if has_job and there not in BUSY:
        has_been_there = here in BUSY[BUSY.index("on_scene") :]
        again = "NOBODY_FREE" if there == "off" else "E1 90s"
        said += " · E1 cleared from I1 · " + ("I1 closed" if has_been_there else f"I1 needs engine: {again}")
    shift = play(STAGE + _to_reach(here) + said)
    unit = shift.desk.board.units["E1"]
    assert unit.phase == there  # recorded even when surprising
    assert unit.incident == ("I1" if has_job and there in BUSY else None)


def test_the_table_speaks_of_every_phase_and_lets_everybody_go_home() -> None:
    assert set(NEXT) == set(PHASES)
    assert all("at_station" in NEXT[phase] for phase in PHASES if phase != "at_station")
    assert FREE.isdisjoint(BUSY)
    assert {*FREE, *BUSY, "off"} == set(PHASES)


@pytest.mark.parametrize("phase", PHASES)
def test_each_phase_is_read_back_from_its_status(phase: Phase) -> None:
    assert phase_of(STATUS[phase]) == phase
    assert STATUS[phase].qualifiers == tuple(sorted(set(STATUS[phase].qualifiers)))
    more = Status(STATUS[phase].primary, tuple(sorted((*STATUS[phase].qualifiers, "EquipmentIssues"))))
    assert phase_of(more) == phase


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        (Status("Available", ("Meal",)), "on_radio"),
        (Status("ConditionallyAvailable", ("OnScene",)), "on_scene"),
        (Status("NotAvailable", ("Training",)), "off"),
        (Status("NotAvailable", ()), "off"),
        (Status("NotAvailable", ("Unmanned",)), "off"),
        (Status("Available", ("Post",)), "at_station"),
        (Status("NotAvailable", ("Assigned",)), "dispatched"),
        (Status("NotAvailable", ("Arrived", "Hospital", "Transporting")), "at_hospital"),
    ],
)
def test_a_mix_of_qualifiers_tells_the_latest_phase_of_a_life(status: Status, phase: Phase) -> None:
    assert phase_of(status) == phase


def test_a_status_with_more_qualifiers_is_kept_as_said() -> None:
    shift = play(
        STAGE
        + """
        08:00 E1 Available+EquipmentIssues      | E1 on_radio (Available: EquipmentIssues)
        08:01 E1 NotAvailable+Meal              | E1 off (NotAvailable: Meal)
        """
    )
    assert shift.desk.board.units["E1"].status == Status("NotAvailable", ("Meal",))


def test_becoming_free_ends_the_job_and_the_last_to_leave_ends_the_incident() -> None:
    shift = play(
        STAGE
        + ON_ITS_JOB
        + """
        08:02 E1 acknowledged   | E1 acknowledged
        08:03 E1 en_route       | E1 en_route
        08:06 E1 staging        | E1 staging
        08:07 E1 on_scene       | E1 on_scene
        08:08 E1 at_patient     | E1 at_patient
        08:20 E1 transporting   | E1 transporting
        08:30 E1 at_hospital    | E1 at_hospital
        08:50 E1 on_radio       | E1 on_radio · E1 cleared from I1 · I1 closed
        08:59 E1 at_station     | E1 at_station
        """
    )
    stamps = shift.desk.board.incidents["I1"].assignments[0].stamps
    assert list(stamps) == [
        "dispatched", "acknowledged", "en_route", "staging", "on_scene", "at_patient", "transporting", "at_hospital", "cleared",
    ]  # fmt: skip
    assert list(stamps.values()) == sorted(stamps.values())


def test_going_out_of_service_ends_the_job_too() -> None:
    play(STAGE + ON_ITS_JOB + "08:04 E1 on_scene | E1 on_scene\n08:05 E1 off | E1 off (surprising) · E1 cleared from I1 · I1 closed")


def test_a_stamp_counts_once_and_the_status_is_the_latest() -> None:
    shift = play(
        STAGE
        + ON_ITS_JOB
        + """
        08:05 E1 on_scene       | E1 on_scene
        08:06 E1 on_scene       | E1 on_scene
        """
    )
    unit = shift.desk.board.units["E1"]
    assert shift.desk.board.incidents["I1"].assignments[0].stamps["on_scene"] < unit.since


def test_a_late_report_leaves_a_stamp_and_moves_nothing() -> None:
    shift = play(
        STAGE
        + ON_ITS_JOB
        + """
        08:05 E1 on_scene               | E1 on_scene
        08:30 (08:03) E1 en_route       | E1 en_route (surprising)
        """
    )
    assert shift.desk.board.units["E1"].phase == "on_scene"
    stamps = shift.desk.board.incidents["I1"].assignments[0].stamps
    assert stamps["dispatched"] < stamps["en_route"] < stamps["on_scene"]


def test_a_late_word_of_being_free_does_not_end_a_newer_job() -> None:
    shift = play(
        STAGE
        + ON_ITS_JOB
        + """
        08:05 (07:59) E1 on_radio       | E1 on_radio (surprising)
        """
    )
    assert shift.desk.board.units["E1"].incident == "I1"
    assert shift.desk.board.units["E1"].phase == "dispatched"


def test_a_report_of_an_earlier_job_is_kept_there() -> None:
    shift = play(
        STAGE
        + "road E1 -> I2 100s\n"
        + ON_ITS_JOB
        + """
        08:05 E1 on_radio               | E1 on_radio · E1 cleared from I1 · I1 needs engine: E1 90s
        08:06 close I1                  | I1 closed
        08:06 open I2 fire              | I2 opened fire · I2 needs engine: E1 100s
        08:07 send I2 E1                | E1 dispatched to I2
        08:08 E1 on_scene of I1         | E1 on_scene (surprising)
        08:09 E1 on_radio of I1         | E1 on_radio (surprising)
        08:10 E1 on_scene of I9         | refused IncidentUnknown incident
        """
    )
    board = shift.desk.board
    assert (board.units["E1"].phase, board.units["E1"].incident) == ("dispatched", "I2")
    assert "on_scene" in board.incidents["I1"].assignments[0].stamps
    assert "on_scene" not in board.incidents["I2"].assignments[0].stamps


def test_nobody_reports_for_a_unit_that_is_not_on_the_list() -> None:
    play(STAGE + "08:00 E9 on_scene | refused UnitUnknown unit")


def test_enrolling_anew_changes_particulars_and_not_the_life() -> None:
    shift = play(
        STAGE
        + ON_ITS_JOB
        + """
        08:03 E1 en_route                                   | E1 en_route
        08:04 enrol E1 engine can pump, foam at S2          | E1 enrolled
        08:05 enrol E1 engine can pump at S1 crew K7        | refused UnitHasJob crew
        """
    )
    unit = shift.desk.board.units["E1"]
    assert (unit.phase, unit.incident, unit.station) == ("en_route", "I1", "S2")
    assert unit.capabilities == {"engine", "pump", "foam"}  # the kind itself may be asked for


def test_a_free_unit_may_change_its_crew() -> None:
    shift = play(STAGE + "08:00 enrol E1 engine can pump at S1 crew K7 | E1 enrolled")
    assert {crew: units for crew, units in shift.desk.board.crews.items() if units} == {"K7": ["E1"]}


def test_withdrawing_is_refused_while_there_is_work() -> None:
    shift = play(
        STAGE
        + ON_ITS_JOB
        + """
        08:02 withdraw E1       | refused UnitHasJob unit
        08:03 recall I1 E1      | E1 called off I1
        08:04 cover E1 at S2    | E1 to cover S2
        08:04 withdraw E1       | E1 withdrawn
        08:05 withdraw E1       | refused UnitUnknown unit
        08:06 recommend I1      | I1 needs engine: NOBODY_CAPABLE
        """
    )
    board = shift.desk.board
    assert not board.units
    assert not board.move_ups
    assert all(not units for units in board.crews.values())


def test_a_unit_without_a_station_waits_on_the_radio() -> None:
    shift = play("unit B1 boat can water")
    assert shift.desk.board.units["B1"].phase == "on_radio"


def test_where_a_unit_surely_was() -> None:
    shift = play(
        STAGE
        + "08:00 open I1 fire at 0.0 0.2 | I1 opened fire · I1 needs engine: E1 90s\n08:01 send I1 E1 | E1 dispatched to I1\n"
        + "08:02 E1 en_route | E1 en_route"
    )
    unit = shift.desk.board.units["E1"]
    assert (unit.place.lat, unit.legs[0].towards.lat, unit.legs[0].until) == (0.0, 0.2, None)
    shift = play(
        STAGE
        + """
        08:00 open I1 fire at 0.0 0.2       | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                    | E1 dispatched to I1
        08:02 E1 en_route                   | E1 en_route
        08:04 E1 on_scene                   | E1 on_scene
        08:20 E1 transporting at 0.0 0.9    | E1 transporting
        08:30 E1 at_hospital at 0.0 0.9     | E1 at_hospital
        """
    )
    unit = shift.desk.board.units["E1"]
    assert (unit.place.lat, unit.legs, unit.is_at_station) == (0.9, (), False)


def test_every_change_of_a_unit_makes_older_facts_stale() -> None:
    shift = play(STAGE)
    before = shift.desk.board.fleet
    shift = play(STAGE + ON_ITS_JOB)
    dispatched = shift.desk.board.fleet
    shift = play(STAGE + ON_ITS_JOB + "08:05 E1 on_scene | E1 on_scene")
    assert before < dispatched < shift.desk.board.fleet
    assert isinstance(shift.events[-1], UnitStatusChanged)


def test_a_clock_that_was_set_back_a_little_makes_no_report_an_old_one() -> None:
    """Reports come in the order in which they are asked; what lies farther back is told late."""
    shift = play(
        """
        unit E1 engine can pump
        card fire: engine needs pump
        road E1 -> I1 90s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s
        08:01:10 send I1 E1             | E1 dispatched to I1
        08:01:10 (08:01:05) E1 en_route | E1 en_route
        08:01:10 (08:01:04) E1 on_scene | E1 on_scene (surprising)
        """
    )
    unit, stamps = shift.desk.board.units["E1"], shift.desk.board.incidents["I1"].assignments[0].stamps
    assert (unit.phase, unit.since) == ("en_route", stamps["dispatched"])
    assert stamps["en_route"] == stamps["dispatched"]
    play(
        """
        unit E1 engine can pump
        card fire: engine needs pump
        road E1 -> I1 90s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s
        08:01:10 send I1 E1             | E1 dispatched to I1
        08:01:10 (08:01:06) E1 on_radio | E1 on_radio · E1 cleared from I1 · I1 needs engine: E1 90s
        """
    )
