"""Assignments: sending all or none, diverting by the table or by a person's override, calling off, correcting stamps."""

from shift_page import play
from tocsin.core.messages.assignment import AssignmentCancelled

STAGE = """
station S1
unit E1 engine can pump at S1
unit E2 engine can pump at S1
unit L1 ladder can ladder at S1 crew K1
unit T1 tanker can water at S1 crew K1
card fire: engine needs pump
card wood: tanker needs water
card pair: engine x2 needs pump
divert low -> high gains 60s near 60s
road E1 -> I1 90s
road E1 -> I2 100s
road E2 -> I1 240s
road E2 -> I2 400s
road L1 -> I1 90s
road T1 -> I1 120s
road T1 -> I2 120s
"""


def test_all_of_the_named_units_or_none() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1 E9             | refused UnitUnknown units
        08:01 send I1 E1 E1             | refused UnitNamedTwice units
        08:01 send I1                   | refused NobodyNamed units
        08:01 send I9 E1                | refused IncidentUnknown incident
        08:02 send I1 E1 E2             | E1, E2 dispatched to I1
        08:02 send I1 E1                | refused UnitHasJob units
        08:02 send I1 E1 override "me"  | refused UnitHasJob units
        """
    )
    assert {unit.incident for unit in shift.desk.board.units.values()} == {"I1", None}


def test_a_unit_out_of_service_goes_only_by_a_stated_override() -> None:
    play(
        STAGE
        + """
        08:00 E1 off                                    | E1 off
        08:00 open I1 fire                              | I1 opened fire · I1 needs engine: E2 240s
        08:01 send I1 E1                                | refused UnitNotFree units
        08:02 send I1 E1 override "crew is on board"    | E1 dispatched to I1 by override
        """
    )


def test_a_unit_that_says_it_works_without_a_job_is_not_free() -> None:
    play(
        STAGE
        + """
        08:00 E1 on_scene               | E1 on_scene (surprising)
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E2 240s
        08:01 send I1 E1                | refused UnitNotFree units
        """
    )


def test_a_divert_by_the_table_replans_the_bumped_incident_at_once() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire low          | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                | E1 dispatched to I1
        08:02 E1 en_route               | E1 en_route
        08:03 open I2 fire high         | I2 opened fire · I2 needs engine: E1 100s from I1
        08:04 send I2 E1                | E1 diverted from I1 · E1 dispatched to I2 · I1 needs engine: E2 240s
        """
    )
    board = shift.desk.board
    assert board.units["E1"].incident == "I2"
    assert not board.incidents["I1"].assignments[0].is_active
    assert board.incidents["I1"].assignments[0].stamps.keys() == {"dispatched", "en_route", "cancelled"}


def test_the_table_goes_one_way_and_never_takes_a_unit_from_its_scene() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire high             | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                    | E1 dispatched to I1
        08:03 open I2 fire low              | I2 opened fire · I2 needs engine: E2 400s
        08:04 send I2 E1                    | refused UnitNotFree units
        08:04 send I2 E1 override "nearer"  | E1 diverted from I1 · E1 dispatched to I2 by override · I1 needs engine: E1 90s from I2
        """
    )
    play(
        STAGE
        + """
        08:00 open I1 fire low              | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                    | E1 dispatched to I1
        08:03 E1 on_scene                   | E1 on_scene
        08:03 open I2 fire high             | I2 opened fire · I2 needs engine: E2 400s
        08:04 send I2 E1                    | refused UnitNotFree units
        """
    )


def test_one_crew_has_one_job() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 wood                          | I1 opened wood · I1 needs tanker: T1 120s
        08:01 send I1 T1 L1                         | refused CrewBusy units
        08:01 send I1 T1 L1 override "both"         | refused CrewBusy units
        08:02 send I1 T1                            | T1 dispatched to I1
        08:03 open I2 wood                          | I2 opened wood · I2 needs tanker: NOBODY_FREE
        08:03 send I2 L1                            | refused CrewBusy units
        """
    )
    assert shift.desk.board.units["L1"].is_free()  # the vehicle stands there, its crew is away


def test_taking_a_crew_by_override_replans_what_it_left() -> None:
    shift = play(
        STAGE
        + """
        unit T2 tanker can water at S1
        road T2 -> I1 300s
        08:00 open I1 wood                          | I1 opened wood · I1 needs tanker: T1 120s
        08:01 send I1 T1                            | T1 dispatched to I1
        08:02 open I2 pair                          | I2 opened pair · I2 needs engine: E1 100s, E2 400s
        08:03 send I2 L1 override "rescue"
            | T1 called off I1 · L1 dispatched to I2 by override · I1 needs tanker: T2 300s
        """.replace("\n            |", " |")
    )
    cancelled = next(event for event in shift.events if isinstance(event, AssignmentCancelled))
    assert cancelled.reason == "crew:L1"


def test_calling_off() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 pair              | I1 opened pair · I1 needs engine: E1 90s, E2 240s
        08:01 send I1 E1 E2             | E1, E2 dispatched to I1
        08:02 E2 en_route               | E2 en_route
        08:03 recall I1 E1              | E1 called off I1
        08:03 recall I1 E1              | refused UnitNotAssigned unit
        08:03 recall I1 L1              | refused UnitNotAssigned unit
        08:03 recall I1 E9              | refused UnitUnknown unit
        08:03 recall I9 E1              | refused IncidentUnknown incident
        08:04 recall I1 E2              | E2 called off I1
        """
    )
    assert shift.desk.board.units["E1"].phase == "at_station"  # it never rolled
    assert shift.desk.board.units["E2"].phase == "returning"
    assert shift.desk.board.incidents["I1"].is_open()


def test_a_unit_may_come_twice() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                | E1 dispatched to I1
        08:02 recall I1 E1              | E1 called off I1
        08:03 send I1 E1                | E1 dispatched to I1
        08:05 E1 on_scene               | E1 on_scene
        """
    )
    first, second = shift.desk.board.incidents["I1"].assignments
    assert (first.is_active, second.is_active) == (False, True)
    assert "on_scene" in second.stamps
    assert "on_scene" not in first.stamps


def test_stamps_are_corrected_and_keep_their_order() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                | E1 dispatched to I1
        08:05 E1 on_scene               | E1 on_scene
        09:00 correct I1 E1 on_scene 08:04          | E1 on_scene at I1 is 08:04, was 08:05
        09:00 correct I1 E1 on_scene 08:04          | refused NothingToChange to
        09:00 correct I1 E1 on_scene 08:00:30       | refused StampOutOfOrder to
        09:00 correct I1 E1 dispatched 08:04:30     | refused StampOutOfOrder to
        09:00 correct I1 E1 dispatched 08:00:30     | E1 dispatched at I1 is 08:00:30, was 08:01
        09:00 correct I1 E1 en_route 08:02          | E1 en_route at I1 is 08:02, was nothing
        09:00 correct I1 E2 en_route 08:02          | refused UnitNotAssigned unit
        09:00 correct I9 E1 en_route 08:02          | refused IncidentUnknown incident
        09:01 E1 on_radio               | E1 on_radio · E1 cleared from I1 · I1 closed
        09:30 correct I1 E1 cleared 08:59           | E1 cleared at I1 is 08:59, was 09:01
        """
    )
    stamps = shift.desk.board.incidents["I1"].assignments[0].stamps
    assert list(dict(sorted(stamps.items(), key=lambda entry: entry[1]))) == ["dispatched", "en_route", "on_scene", "cleared"]


def test_stamps_that_were_out_of_order_can_be_put_right_one_after_the_other() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire                          | I1 opened fire · I1 needs engine: E1 90s
        08:10 send I1 E1                            | E1 dispatched to I1
        08:20 (08:03) E1 on_scene                   | E1 on_scene (surprising)
        09:00 correct I1 E1 dispatched 08:09        | E1 dispatched at I1 is 08:09, was 08:10
        09:00 correct I1 E1 on_scene 08:12          | E1 on_scene at I1 is 08:12, was 08:03
        """
    )


def test_the_last_unit_to_leave_ends_an_incident_that_had_all_it_needed() -> None:
    play(
        STAGE
        + """
        08:00 open I1 pair              | I1 opened pair · I1 needs engine: E1 90s, E2 240s
        08:01 send I1 E1 E2             | E1, E2 dispatched to I1
        08:04 E1 on_scene               | E1 on_scene
        08:05 E1 on_radio               | E1 on_radio · E1 cleared from I1
        08:06 E2 on_scene               | E2 on_scene
        08:06 E2 on_radio               | E2 on_radio · E2 cleared from I1 · I1 closed
        """
    )


def test_an_incident_that_still_lacks_somebody_stays_open() -> None:
    play(
        """
        unit E1 engine can pump
        unit C1 car can chief
        card fire: engine needs pump; rescue needs rescue
        road E1 -> I1 90s
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s; rescue: NOBODY_CAPABLE
        08:01 send I1 E1                | E1 dispatched to I1 · I1 needs rescue: NOBODY_CAPABLE
        08:02 E1 on_scene               | E1 on_scene
        08:06 E1 on_radio               | E1 on_radio · E1 cleared from I1
        08:07 close I1                  | I1 closed
        """
    )


def test_an_optional_slot_holds_nothing_open() -> None:
    play(
        """
        unit E1 engine can pump
        unit E2 engine can pump
        card fire: engine needs pump; second? needs pump
        road E1 -> I1 90s
        road E1 -> I2 90s
        road E2 -> I2 80s
        08:00 E2 off                    | E2 off
        08:00 open I1 fire              | I1 opened fire · I1 needs engine: E1 90s; second?: NOBODY_FREE
        08:01 send I1 E1                | E1 dispatched to I1 · I1 needs second?: NOBODY_FREE
        08:02 open I2 fire              | I2 opened fire · I2 needs engine: NOBODY_FREE; second?: NOBODY_FREE
        08:03 E1 on_scene               | E1 on_scene
        08:06 E1 on_radio
            | E1 on_radio · E1 cleared from I1 · I1 closed · I2 needs engine: E1 90s; second?: NOBODY_FREE
        """
    )


def test_who_waits_is_served_by_priority_then_by_time() -> None:
    play(
        """
        unit E1 engine can pump
        card fire: engine needs pump
        road E1 -> I1 90s
        road E1 -> I2 90s
        road E1 -> I3 90s
        road E1 -> I4 90s
        08:00 open I1 fire high         | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                | E1 dispatched to I1
        08:02 open I2 fire low          | I2 opened fire · I2 needs engine: NOBODY_FREE
        08:03 open I3 fire high         | I3 opened fire · I3 needs engine: NOBODY_FREE
        08:04 open I4 fire high         | I4 opened fire · I4 needs engine: NOBODY_FREE
        08:09 E1 on_scene               | E1 on_scene
        08:10 E1 on_radio               | E1 on_radio · E1 cleared from I1 · I1 closed · I3 needs engine: E1 90s
        08:11 send I3 E1                | E1 dispatched to I3
        08:12 recall I3 E1              | E1 called off I3 · I4 needs engine: E1 90s
        08:13 send I4 E1                | E1 dispatched to I4 · I3 needs engine: NOBODY_FREE
        08:14 cancel I4                 | E1 called off I4 · I4 cancelled · I3 needs engine: E1 90s
        """
    )


def test_a_slot_that_a_person_filled_keeps_nobody_waiting() -> None:
    play(
        """
        unit E1 engine can pump
        unit E2 engine can pump
        unit E3 engine can pump
        card pair: engine x2 needs pump
        card fire: engine needs pump
        road E1 -> I1 90s
        road E2 -> I1 95s
        road E3 -> I2 99s
        08:00 E2 off                            | E2 off
        08:00 E3 off                            | E3 off
        08:01 open I1 pair high                 | I1 opened pair · I1 needs engine: E1 90s, NOBODY_FREE
        08:02 send I1 E1                        | E1 dispatched to I1 · I1 needs engine: NOBODY_FREE
        08:03 send I1 E2 override "on board"    | E2 dispatched to I1 by override · I1 needs nobody
        08:04 open I2 fire low                  | I2 opened fire · I2 needs engine: NOBODY_FREE
        08:05 E3 on_radio                       | E3 on_radio · I2 needs engine: E3 99s
        08:10 E1 on_scene                       | E1 on_scene
        08:11 E2 on_scene                       | E2 on_scene
        08:20 E1 on_radio                       | E1 on_radio · E1 cleared from I1 · I2 needs engine: E3 99s
        08:21 E2 on_radio                       | E2 on_radio · E2 cleared from I1 · I1 closed · I2 needs engine: E3 99s
        """
    )


def test_a_unit_that_comes_into_service_serves_who_waits() -> None:
    play(
        """
        unit E1 engine can pump
        card fire: engine needs pump
        road E1 -> I1 90s
        road E2 -> I1 80s
        08:00 E1 off                    | E1 off
        08:01 open I1 fire              | I1 opened fire · I1 needs engine: NOBODY_FREE
        08:02 E1 on_radio               | E1 on_radio · I1 needs engine: E1 90s
        08:03 E1 at_station             | E1 at_station
        """
    )
    play(
        """
        card fire: engine needs pump
        road E2 -> I1 80s
        08:01 open I1 fire                  | I1 opened fire · I1 needs engine: NOBODY_CAPABLE
        08:02 enrol E2 engine can pump      | E2 enrolled · I1 needs engine: E2 80s
        """
    )
