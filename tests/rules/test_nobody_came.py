"""What a simulated year did to people: incidents ended at which nobody had been, and crews that were asked for where they were not."""

import pytest

from shift_page import play
from tocsin.clocks.replay import redecide

STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
unit E1 engine can pump at S1
unit E2 engine can pump at S2
unit M1 ambulance can transport at S1
card fire: engine needs pump
card crash: engine needs pump; ambulance needs transport
card pair: engine x2 needs pump
road E1 -> I1 90s
road E2 -> I1 240s
road M1 -> I1 95s
"""


@pytest.mark.parametrize("last", ["acknowledged", "en_route", "staging"])
@pytest.mark.parametrize(("said", "next_one"), [("off (surprising)", "E2 240s"), ("on_radio", "E1 90s")])
def test_an_incident_that_nobody_reached_stays_open_and_is_asked_for_again(last: str, said: str, next_one: str) -> None:
    phase = said.split(maxsplit=1)[0]
    shift = play(
        STAGE
        + f"""
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1            | E1 dispatched to I1
        08:02 E1 {last}             | E1 {last}
        08:03 E1 {phase}            | E1 {said} · E1 cleared from I1 · I1 needs engine: {next_one}
        08:05 timers                | ALARM nobody_sent I1 since 08:03
        """
    )
    assert shift.desk.board.incidents["I1"].is_waiting()
    assert redecide(shift.journal).differing == 0


def test_one_that_breaks_down_is_replaced_though_others_are_there_one_that_was_not_needed_is_not() -> None:
    begin = """
        08:00 open I1 pair          | I1 opened pair · I1 needs engine: E1 90s, E2 240s
        08:01 send I1 E1 E2         | E1, E2 dispatched to I1
        08:03 E1 on_scene           | E1 on_scene
        """
    play(STAGE + begin + "08:04 E2 off | E2 off (surprising) · E2 cleared from I1 · I1 needs engine: NOBODY_FREE")
    play(
        STAGE
        + begin
        + "08:04 E2 on_radio | E2 on_radio · E2 cleared from I1\n08:09 E1 on_radio | E1 on_radio · E1 cleared from I1 · I1 closed"
    )


def test_after_a_reopening_somebody_has_to_come_anew() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1            | E1 dispatched to I1
        08:03 E1 on_scene           | E1 on_scene
        08:20 E1 on_radio           | E1 on_radio · E1 cleared from I1 · I1 closed
        08:30 reopen I1             | I1 reopened · I1 needs engine: E1 90s
        08:31 send I1 E1            | E1 dispatched to I1
        08:33 E1 off                | E1 off (surprising) · E1 cleared from I1 · I1 needs engine: E2 240s
        """
    )


def test_who_has_worked_and_left_is_not_asked_for_again() -> None:
    shift = play(
        STAGE
        + """
        08:00 M1 off                | M1 off
        08:00 open I1 crash         | I1 opened crash · I1 needs engine: E1 90s; ambulance: NOBODY_FREE
        08:01 send I1 E1            | E1 dispatched to I1 · I1 needs ambulance: NOBODY_FREE
        08:03 E1 on_scene           | E1 on_scene
        08:20 E1 on_radio           | E1 on_radio · E1 cleared from I1
        08:21 M1 on_radio           | M1 on_radio · I1 needs ambulance: M1 95s
        08:22 send I1 M1            | M1 dispatched to I1
        08:25 M1 on_scene           | M1 on_scene
        08:40 timers                |
        08:41 M1 on_radio           | M1 on_radio · M1 cleared from I1 · I1 closed
        """
    )
    assert redecide(shift.journal).differing == 0


def test_the_slot_of_one_that_has_worked_is_not_empty() -> None:
    play(
        STAGE
        + """
        08:00 open I1 crash         | I1 opened crash · I1 needs engine: E1 90s; ambulance: M1 95s
        08:01 send I1 E1 M1         | E1, M1 dispatched to I1
        08:03 E1 on_scene           | E1 on_scene
        08:03 M1 on_scene           | M1 on_scene
        08:10 E1 on_radio           | E1 on_radio · E1 cleared from I1
        08:30 timers                |
        """
    )


@pytest.mark.parametrize(
    ("then", "told"),
    [
        ("alarm I1 2", "I1 alarm 2 · I1 needs engine: E1 90s"),
        ("reclassify I1 type crash", "I1 is crash, high · I1 needs ambulance: M1 95s"),
    ],
)
def test_where_more_is_needed_than_was_those_that_left_before_do_not_count(then: str, told: str) -> None:
    play(
        STAGE
        + f"""
        08:00 open I1 pair          | I1 opened pair · I1 needs engine: E1 90s, E2 240s
        08:01 send I1 E1 E2         | E1, E2 dispatched to I1
        08:03 E1 on_scene           | E1 on_scene
        08:06 E2 on_scene           | E2 on_scene
        08:10 E1 on_radio           | E1 on_radio · E1 cleared from I1
        08:11 recommend I1          | I1 needs nobody
        08:12 {then}                | {told}
        """
    )


WAITING = """
station S1 at 0.0 0.0
unit E1 engine can pump at S1
card fire: engine needs pump
08:00 E1 off            | E1 off
08:01 open I1 fire      | I1 opened fire · I1 needs engine: NOBODY_FREE
08:02 open I2 fire      | I2 opened fire · I2 needs engine: NOBODY_FREE
08:03 open I3 fire      | I3 opened fire · I3 needs engine: NOBODY_FREE
08:04 open I4 fire      | I4 opened fire · I4 needs engine: NOBODY_FREE
"""
CUT_OFF = "I{} needs engine: NOBODY_REACHABLE"


@pytest.mark.parametrize(
    ("nearest", "told"),
    [
        (1, "I1 needs engine: E1 90s"),
        (2, f"{CUT_OFF.format(1)} · I2 needs engine: E1 90s"),
        (3, f"{CUT_OFF.format(1)} · {CUT_OFF.format(2)} · I3 needs engine: E1 90s"),
        (4, " · ".join(map(CUT_OFF.format, (1, 2, 3)))),
    ],
)
def test_a_crew_that_cannot_reach_the_first_who_waits_is_offered_to_the_next(nearest: int, told: str) -> None:
    shift = play(f"road E1 -> I{nearest} 90s\n{WAITING}08:05 E1 on_radio | E1 on_radio · {told}")
    assert redecide(shift.journal).differing == 0


CROSS_STAFFED = """
station S1 at 0.0 0.0
unit E1 engine can pump at S1 crew K1
unit W1 tanker can water at S1 crew K1
card fire: engine needs pump
card dry: tank needs water
road E1 -> I1 90s
"""
OUT = """
08:00 open I1 fire      | I1 opened fire · I1 needs engine: E1 90s
08:01 send I1 E1        | E1 dispatched to I1
08:03 E1 on_scene       | E1 on_scene
08:20 E1 returning      | E1 returning · E1 cleared from I1 · I1 closed
"""


def test_nobody_turns_out_with_a_vehicle_whose_crew_is_still_on_the_road_with_another() -> None:
    roads = "road E1 -> I2 30s\nroad W1 -> I2 90s\n"
    shift = play(
        CROSS_STAFFED
        + roads
        + OUT
        + """
        08:21 open I2 dry       | I2 opened dry · I2 needs tank: NOBODY_FREE
        08:30 E1 at_station     | E1 at_station · I2 needs tank: W1 90s
        """
    )
    first = next(one.receipt for one in shift.events if type(one).__name__ == "UnitsRecommended" and one.incident == "I2")
    assert {one.unit: one.why_not for one in first.candidates}["W1"] == "CREW_AWAY"
    assert redecide(shift.journal).differing == 0


def test_the_vehicle_on_the_road_itself_can_be_sent() -> None:
    play(CROSS_STAFFED + "road E1 -> I2 30s\n" + OUT + "08:21 open I2 fire | I2 opened fire · I2 needs engine: E1 30s")


def test_one_that_never_says_that_it_is_back_is_taken_to_be_where_it_is_reckoned() -> None:
    roads = "road E1 -> I2 95s\nroad W1 -> I2 90s\n"
    play(CROSS_STAFFED + roads + OUT + "09:00 open I2 dry | I2 opened dry · I2 needs tank: W1 90s")


def test_while_a_vehicle_covers_elsewhere_its_crew_is_there() -> None:
    play(
        CROSS_STAFFED
        + """
        station S2 at 0.0 0.5
        road E1 -> I2 200s
        road W1 -> I2 90s
        road E1 -> I3 200s
        road W1 -> I3 90s
        08:00 cover E1 at S2    | E1 to cover S2
        08:01 open I3 dry       | I3 opened dry · I3 needs tank: W1 90s
        08:02 E1 moving_up      | E1 moving_up
        08:20 E1 at_station     | E1 at_station
        08:21 open I2 dry       | I2 opened dry · I2 needs tank: NOBODY_FREE
        """
    )
