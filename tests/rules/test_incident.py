"""Incidents: opened, stated anew, escalated, marked, ended, taken up again, erased."""

from shift_page import play
from tocsin.core.messages.incident import IncidentCancelled
from tocsin.core.messages.recommendation import UnitsRecommended

STAGE = """
station S1
unit E1 engine can pump at S1
unit E2 engine can pump at S1
unit L1 ladder can ladder at S1
card fire: engine needs pump
card fire level 2: engine needs pump; ladder needs ladder
card wood: engine x2 needs pump
road E1 -> I1 90s
road E2 -> I1 240s
road L1 -> I1 100s
"""


def test_opening_asks_at_once_whom_to_send() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire        | I1 opened fire · I1 needs engine: E1 90s
        08:10 open I1 fire        | refused IncidentAlreadyOpen incident
        """
    )


def test_an_unknown_type_is_kept_and_flagged() -> None:
    shift = play(STAGE + "08:10 open I1 mudslide | I1 opened mudslide (type unknown) · I1 needs nobody")
    assert shift.desk.board.incidents["I1"].incident_type == "mudslide"
    assert not shift.desk.board.incidents["I1"].receipt.cards


def test_without_a_place_or_a_plan_nobody_is_recommended_and_asking_says_why() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire at nowhere    | I1 opened fire
        08:10 recommend I1               | refused PlaceMissing incident
        08:11 relocate I1 at 0.1 0.1     | I1 is elsewhere · I1 needs engine: E1 90s
        """
    )
    play(
        """
        no plan
        08:10 open I1 fire               | I1 opened fire (type unknown)
        08:10 recommend I1               | refused PlanMissing incident
        """
    )


def test_a_plan_that_comes_later_is_asked_for_the_incidents_that_wait() -> None:
    play(
        STAGE
        + """
        no plan
        08:10 open I1 fire low           | I1 opened fire (type unknown)
        08:11 open I2 fire high          | I2 opened fire (type unknown)
        08:12 open I3 fire high          | I3 opened fire (type unknown)
        08:13 cancel I3                  | I3 cancelled
        08:14 plan again                 | plan page adopted · I2 needs engine: NOBODY_REACHABLE · I1 needs engine: E1 90s
        08:15 plan again                 | plan page adopted
        """
    )


def test_reclassifying_asks_again() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire               | I1 opened fire · I1 needs engine: E1 90s
        08:11 reclassify I1 type wood    | I1 is wood, high · I1 needs engine: E1 90s, E2 240s
        08:11 reclassify I1 priority low | I1 is wood, low · I1 needs engine: E1 90s, E2 240s
        08:11 reclassify I1 priority low | refused NothingToChange incident_type
        08:11 reclassify I9 type wood    | refused IncidentUnknown incident
        08:12 reclassify I1 type flood   | I1 is flood, low (type unknown) · I1 needs nobody
        """
    )


def test_relocating_asks_again() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire               | I1 opened fire · I1 needs engine: E1 90s
        08:11 relocate I1 at 0.0 0.0     | refused NothingToChange place
        08:11 relocate I1 at 0.0 0.1     | I1 is elsewhere · I1 needs engine: E1 90s
        08:11 relocate I9 at 0.0 0.1     | refused IncidentUnknown incident
        """
    )


def test_alarm_levels_are_additional_and_only_go_up() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire               | I1 opened fire · I1 needs engine: E1 90s
        08:11 send I1 E1                 | E1 dispatched to I1
        08:15 alarm I1 2                 | I1 alarm 2 · I1 needs engine: E2 240s; ladder: L1 100s
        08:15 alarm I1 2                 | refused AlarmNotHigher level
        08:15 alarm I1 1                 | refused AlarmNotHigher level
        08:15 alarm I9 2                 | refused IncidentUnknown incident
        """
    )


def test_a_level_without_a_card_adds_nothing_however_high() -> None:
    play(
        STAGE
        + """
        08:10 open I1 wood               | I1 opened wood · I1 needs engine: E1 90s, E2 240s
        08:15 alarm I1 1000000000        | I1 alarm 1000000000 · I1 needs engine: E1 90s, E2 240s
        """
    )


def test_the_first_report_of_a_mark_counts() -> None:
    shift = play(
        STAGE
        + """
        08:10 open I1 fire                      | I1 opened fire · I1 needs engine: E1 90s
        08:20 (08:18) mark I1 water_on_fire     | I1 water_on_fire
        08:21 mark I1 water_on_fire             | refused NothingToChange mark
        08:30 mark I1 fire_under_control        | I1 fire_under_control
        """
    )
    incident = shift.desk.board.incidents["I1"]
    assert incident.status() == "FireUnderControl"
    assert incident.marks["water_on_fire"] == shift.answers[2].records[0].at


def test_nobody_is_left_behind_on_a_closed_incident() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire               | I1 opened fire · I1 needs engine: E1 90s
        08:11 send I1 E1                 | E1 dispatched to I1
        08:12 close I1                   | refused IncidentHasUnits incident
        08:13 recall I1 E1               | E1 called off I1
        08:14 close I1                   | I1 closed
        08:14 close I1                   | refused IncidentNotOpen incident
        08:14 close I9                   | refused IncidentUnknown incident
        """
    )


def test_cancelling_calls_off_the_units_in_the_same_breath() -> None:
    shift = play(
        STAGE
        + """
        08:10 open I1 wood               | I1 opened wood · I1 needs engine: E1 90s, E2 240s
        08:11 send I1 E1 E2              | E1, E2 dispatched to I1
        08:12 E1 en_route                | E1 en_route
        08:13 cancel I1                  | E1 called off I1 · E2 called off I1 · I1 cancelled
        08:13 cancel I1                  | refused IncidentNotOpen incident
        """
    )
    board = shift.desk.board
    assert {name: unit.phase for name, unit in board.units.items()} == {"E1": "returning", "E2": "at_station", "L1": "at_station"}
    assert not board.open_incidents
    assert isinstance(shift.answers[-2].events[-1], IncidentCancelled)
    assert board.incidents["I1"].assignments[0].stamps.keys() == {"dispatched", "en_route", "cancelled"}


def test_an_ended_incident_takes_nothing_more_but_notes_and_calls() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire               | I1 opened fire · I1 needs engine: E1 90s
        08:11 close I1                   | I1 closed
        08:12 reclassify I1 type wood    | refused IncidentNotOpen incident
        08:12 relocate I1 at 1 1         | refused IncidentNotOpen incident
        08:12 alarm I1 2                 | refused IncidentNotOpen incident
        08:12 mark I1 water_on_fire      | refused IncidentNotOpen incident
        08:12 recommend I1               | refused IncidentNotOpen incident
        08:12 send I1 E1                 | refused IncidentNotOpen incident
        08:12 open I1 fire               | refused IncidentAlreadyOpen incident
        08:13 note I1 "door mended"      | I1 noted
        """
    )


def test_reopening_asks_whom_to_send_again() -> None:
    play(
        STAGE
        + """
        08:10 open I1 fire               | I1 opened fire · I1 needs engine: E1 90s
        08:10 reopen I1                  | refused IncidentNotEnded incident
        08:11 close I1                   | I1 closed
        08:12 reopen I1                  | I1 reopened · I1 needs engine: E1 90s
        08:13 send I1 E1                 | E1 dispatched to I1
        08:14 reopen I9                  | refused IncidentUnknown incident
        """
    )


def test_erasing_names_the_keys_of_the_incident_and_of_its_calls() -> None:
    shift = play(
        STAGE
        + """
        08:09 call C1 says "fumo"        | C1 received
        08:09 call C2 says "fogo"        | C2 received
        08:10 open I1 fire calls C1      | I1 opened fire · I1 needs engine: E1 90s
        08:10 open I2 fire calls C2      | I2 opened fire · I2 needs engine: NOBODY_REACHABLE
        08:11 attach C2 I1               | C2 joins I1
        08:12 erase I1                   | refused IncidentNotEnded incident
        08:12 erase I9                   | refused IncidentUnknown incident
        08:13 close I1                   | I1 closed
        08:14 erase I1                   | I1 erased incident:I1, call:C1
        08:15 close I2                   | I2 closed
        08:16 erase I2                   | I2 erased incident:I2, call:C2
        """
    )
    words = [answer.events[0].words for answer in shift.answers[:2]]
    for nth, sealed in enumerate(words, start=1):
        assert shift.vault.open(sealed, bound_to=f"page/line-{nth}/words") is None


def test_what_was_erased_is_not_taken_up_again() -> None:
    shift = play(
        STAGE
        + """
        08:09 call C1                    | C1 received
        08:10 open I1 fire calls C1      | I1 opened fire · I1 needs engine: E1 90s
        08:11 close I1                   | I1 closed
        08:12 erase I1                   | I1 erased incident:I1, call:C1
        08:13 note I1 "he is called Rui" | refused PersonalDataGone words
        08:14 call C1 name "Rui"         | refused PersonalDataGone caller_name
        """
    )
    assert b"Rui" not in shift.bytes()


def test_the_recommendation_on_the_board_is_the_latest() -> None:
    shift = play(
        STAGE
        + """
        08:10 open I1 fire               | I1 opened fire · I1 needs engine: E1 90s
        08:11 E1 off                     | E1 off
        08:12 recommend I1               | I1 needs engine: E2 240s
        """
    )
    recommended = [event for event in shift.events if isinstance(event, UnitsRecommended)]
    assert len(recommended) == 2
    assert shift.desk.board.incidents["I1"].receipt == recommended[-1].receipt


def test_an_incident_is_held_for_a_day_at_most() -> None:
    play(
        """
        no plan
        08:00 open I1 fire                  | I1 opened fire (type unknown)
        08:01 hold I1 until +1 08:01:01     | refused HoldTooLong until
        08:01 hold I1 until +1 08:01        | I1 held until 08:01
        """
    )


def test_a_stamp_is_corrected_to_what_has_been() -> None:
    play(
        """
        no plan
        unit E1 engine can pump
        08:00 open I1 fire                      | I1 opened fire (type unknown)
        08:01 send I1 E1                        | E1 dispatched to I1
        08:02 E1 on_scene                       | E1 on_scene
        08:03 correct I1 E1 on_scene 08:04      | refused StampUnusable to
        08:03 correct I1 E1 on_scene 08:03      | E1 on_scene at I1 is 08:03, was 08:02
        """
    )
