"""Taking back a slip of the hand: within a minute, and only while nothing has been built on it."""

from board_state import state_of
from shift_page import play

STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
unit E1 engine can pump at S1 crew K1
unit L1 ladder at S1 crew K1
unit E2 engine can pump at S1
card fire: engine needs pump
card fall: ladder needs ladder
road E1 -> I1 90s
road E2 -> I1 99s
road L1 -> I2 90s
"""

AT_WORK = """
08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
08:01 send I1 E1            | E1 dispatched to I1
08:02 E1 en_route           | E1 en_route
"""

REPORTS = ("acknowledged", "staging", "on_scene at 0.3 0.3", "transporting", "off", "at_station")


def test_everything_stands_as_before_the_report() -> None:
    before = play(STAGE + AT_WORK).desk.board
    for report in REPORTS:
        after = play(STAGE + AT_WORK).desk
        phase = report.split()[0]
        page = f"08:03 E1 {report} | {{}}\n08:04 undo E1 | {{}}"
        ends = phase in ("off", "at_station")
        told = f"E1 {phase}" + (" (surprising)" if phase in ("acknowledged", "transporting", "off") or "I9" in report else "")
        told += f" · E1 cleared from I1 · I1 needs engine: {'E2 99s' if phase == 'off' else 'E1 90s'}" if ends else ""
        undone = "E1 back to en_route" + (" · I1 needs nobody" if ends else "")
        shift = play(STAGE + AT_WORK + page.format(told, undone))
        unit, was = shift.desk.board.units["E1"], before.units["E1"]
        for name in was.__struct_fields__:
            if name != "last_report":
                assert getattr(unit, name) == getattr(was, name), (report, name)
        assert shift.desk.board.incidents["I1"].assignments == before.incidents["I1"].assignments, report
        assert state_of(shift.reopened().board) == state_of(shift.desk.board)
        assert after.board.incidents["I1"].is_open()


def test_only_the_last_report_and_only_once() -> None:
    shift = play(
        STAGE
        + AT_WORK
        + """
        08:03 E1 on_scene       | E1 on_scene
        08:03 E1 at_patient     | E1 at_patient
        08:03 undo E1           | E1 back to on_scene
        08:03 undo E1           | refused NothingToUndo unit
        08:03 undo E9           | refused UnitUnknown unit
        08:03 undo E2           | refused NothingToUndo unit
        """
    )
    assert set(shift.desk.board.incidents["I1"].assignments[0].stamps) == {"dispatched", "en_route", "on_scene"}


def test_within_a_minute_of_the_moment_that_the_report_speaks_of() -> None:
    play(
        STAGE
        + AT_WORK
        + """
        08:03 E1 on_scene                   | E1 on_scene
        08:04:01 undo E1                    | refused TooLateToUndo unit
        08:30 (08:10) E1 at_patient         | E1 at_patient
        08:30 undo E1                       | refused TooLateToUndo unit
        08:31 (08:10:30) undo E1            | E1 back to on_scene
        """
    )


def test_nothing_is_taken_back_that_something_was_built_on() -> None:
    play(
        STAGE
        + AT_WORK
        + """
        08:03 E1 on_scene               | E1 on_scene
        08:03 correct I1 E1 on_scene 08:02:30   | E1 on_scene at I1 is 08:02:30, was 08:03
        08:03 undo E1                   | refused NothingToUndo unit
        08:04 E1 on_radio               | E1 on_radio · E1 cleared from I1 · I1 closed
        08:04 cover E1 at S2            | E1 to cover S2
        08:04 undo E1                   | refused NothingToUndo unit
        08:05 E1 at_station             | E1 at_station
        08:05 open I2 fall              | I2 opened fall · I2 needs ladder: NOBODY_FREE
        08:05 send I2 L1                | L1 dispatched to I2 · I2 needs nobody
        08:05 undo E1                   | E1 back to on_radio
        08:06 L1 en_route               | L1 en_route
        08:06 recall I2 L1              | L1 called off I2
        08:06 undo L1                   | refused NothingToUndo unit
        """
    )
    play(
        STAGE
        + AT_WORK
        + """
        08:03 E1 on_scene               | E1 on_scene
        08:03 E1 at_station             | E1 at_station · E1 cleared from I1 · I1 closed
        08:03 open I2 fall              | I2 opened fall · I2 needs ladder: L1 90s
        08:03 send I2 L1                | L1 dispatched to I2
        08:03 undo E1                   | refused NothingToUndo unit
        """
    )
    play(
        STAGE
        + AT_WORK
        + """
        08:03 E1 on_scene               | E1 on_scene
        08:03 E1 at_station             | E1 at_station · E1 cleared from I1 · I1 closed
        08:03 reopen I1                 | I1 reopened · I1 needs engine: E1 90s
        08:03 cancel I1                 | I1 cancelled
        08:03 undo E1                   | refused NothingToUndo unit
        """
    )
    play(
        STAGE
        + AT_WORK
        + """
        08:03 E1 on_scene               | E1 on_scene
        08:03 E1 at_station             | E1 at_station · E1 cleared from I1 · I1 closed
        08:03 enrol E1 engine can pump at S1 crew K1 | E1 enrolled
        08:03 undo E1                   | refused NothingToUndo unit
        """
    )


def test_who_was_shown_the_unit_is_shown_another() -> None:
    play(
        STAGE
        + "road E1 -> I3 90s\nroad E2 -> I3 300s\n"
        + AT_WORK
        + """
        08:02 open I3 fire              | I3 opened fire · I3 needs engine: E2 300s
        08:03 E1 on_scene               | E1 on_scene
        08:03 E1 on_radio               | E1 on_radio · E1 cleared from I1 · I1 closed · I3 needs engine: E1 90s
        08:03 undo E1                   | I1 reopened · E1 back to on_scene · I1 needs nobody · I3 needs engine: E2 300s
        """
    )


def test_a_welfare_check_that_people_set_since_stays() -> None:
    shift = play(
        STAGE
        + AT_WORK
        + """
        08:03 E1 on_scene               | E1 on_scene
        08:03 check E1 20               | E1 asked every 20 min
        08:03 undo E1                   | E1 back to en_route
        """
    )
    assert shift.desk.board.units["E1"].welfare is not None


def test_a_hold_is_over_when_the_unit_is_on_it_after_all() -> None:
    """Else the clock would end it for ever: an incident with units on it cannot be held."""
    shift = play(
        STAGE
        + """
        card long: engine x2 needs pump
        08:00 open I1 long           | I1 opened long · I1 needs engine: E1 90s, E2 99s
        08:01 send I1 E1             | E1 dispatched to I1
        08:02 E1 on_radio            | E1 on_radio · E1 cleared from I1 · I1 needs engine: E1 90s, E2 99s
        08:02 hold I1 until 08:10    | I1 held until 08:10
        08:02:30 undo E1             | E1 back to dispatched · I1 needs engine: E2 99s
        08:04 timers                 | ALARM not_acknowledged E1 since 08:01 · ALARM not_en_route E1 since 08:01
        """
    )
    assert shift.desk.board.incidents["I1"].held_until is None
