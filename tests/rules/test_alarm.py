"""Alarms: what is overdue sounds once, ends with its cause, and sounds again only where somebody put it aside. Welfare checks."""

import shift_told
from board_state import state_of
from shift_asks import instant
from shift_page import play
from tocsin.core.board.timers import due, next_due
from tocsin.core.messages.said import Ask

STAGE = """
station S1 at 0.0 0.0
station S2 at 0.0 0.5
unit E1 engine can pump at S1
unit E2 engine can pump at S1
card fire: engine needs pump
road E1 -> I1 90s
road E2 -> I1 300s
"""


def test_an_incident_that_nobody_was_sent_to_sounds_once_and_ends_with_the_sending() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire                          | I1 opened fire · I1 needs engine: E1 90s
        08:01:59 timers                             |
        08:02 timers                                | ALARM nobody_sent I1 since 08:00
        08:03 timers                                |
        08:03 overdue nobody_sent I1 08:00          | refused NothingToChange alarm
        08:03 overdue nobody_sent I1 07:00          | refused NotOverdue alarm
        08:03 overdue nobody_sent I9 08:00          | refused NotOverdue alarm
        08:04 send I1 E1                            | E1 dispatched to I1
        08:04 overdue nobody_sent I1 08:00          | refused NotOverdue alarm
        08:04 acknowledge nobody_sent I1 08:00      | refused AlarmUnknown alarm
        """
    )
    assert shift.desk.board.alarms == {}


def test_a_refreshed_recommendation_does_not_begin_the_wait_anew() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:01 recommend I1          | I1 needs engine: E1 90s
        08:01:30 alarm I1 2         | I1 alarm 2 · I1 needs engine: E1 90s
        08:02 timers                | ALARM nobody_sent I1 since 08:00
        08:02 recommend I1          | I1 needs engine: E1 90s
        08:05 timers                |
        """
    )


def test_paper_that_comes_late_may_still_be_acted_on_before_it_sounds() -> None:
    play(
        STAGE
        + """
        08:30 (08:00) open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:31:59 timers                     |
        08:32 (08:01) send I1 E1            | E1 dispatched to I1
        08:32 (08:05) E1 on_scene           | E1 on_scene
        08:32 timers                        |
        """
    )


def test_whoever_cannot_be_advised_on_is_not_forgotten() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire at nowhere       | I1 opened fire
        08:02 timers                        | ALARM nobody_sent I1 since 08:00
        08:03 relocate I1 at 0.1 0.1        | I1 is elsewhere · I1 needs engine: E1 90s
        08:03 acknowledge nobody_sent I1 08:00 by_seat D2   | nobody_sent I1 taken by D2
        """
    )
    play("no plan\n08:00 open I1 fire | I1 opened fire (type unknown)\n08:02 timers | ALARM nobody_sent I1 since 08:00")


def test_who_loses_the_last_unit_waits_anew_and_who_ends_waits_no_longer() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:00 send I1 E1            | E1 dispatched to I1
        08:10 recall I1 E1          | E1 called off I1
        08:11:59 timers             |
        08:12 timers                | ALARM nobody_sent I1 since 08:10
        08:13 cancel I1             | I1 cancelled
        08:13 overdue nobody_sent I1 08:10  | refused NotOverdue alarm
        08:20 reopen I1             | I1 reopened · I1 needs engine: E1 90s
        08:22 timers                | ALARM nobody_sent I1 since 08:20
        """
    )


def test_a_sent_unit_acknowledges_rolls_and_arrives_in_time_or_somebody_asks() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:00 send I1 E1 E2 advised | E1, E2 dispatched to I1
        08:00:59 timers             |
        08:01 timers                | ALARM not_acknowledged E1 since 08:00 · ALARM not_acknowledged E2 since 08:00
        08:01:10 E1 acknowledged    | E1 acknowledged
        08:02 timers                | ALARM not_en_route E1 since 08:00 · ALARM not_en_route E2 since 08:00
        08:02:10 E2 en_route        | E2 en_route
        08:02:20 E1 en_route        | E1 en_route
        08:04:30 timers             | ALARM not_arrived E1 since 08:00
        08:05 E1 staging            | E1 staging
        08:08 timers                | ALARM not_arrived E2 since 08:00
        08:09 E2 at_station         | E2 at_station · E2 cleared from I1 · I1 needs nobody
        """
    )
    assert shift.desk.board.alarms == {}
    assert [one.eta_ms for one in shift.desk.board.incidents["I1"].assignments] == [90_000, 300_000]


def test_without_a_promise_nobody_is_late() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:00 send I1 E1            | E1 dispatched to I1
        08:01 E1 en_route           | E1 en_route
        09:00 timers                |
        """
    )


def test_a_slip_that_is_taken_back_lets_the_alarm_sound_again() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:00 send I1 E1            | E1 dispatched to I1
        08:01 timers                | ALARM not_acknowledged E1 since 08:00
        08:01:30 E1 acknowledged    | E1 acknowledged
        08:01:40 undo E1            | E1 back to dispatched
        08:01:41 timers             | ALARM not_acknowledged E1 since 08:00
        """
    )


def test_acknowledged_is_silent_and_may_be_taken_over() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire                                      | I1 opened fire · I1 needs engine: E1 90s
        08:02 timers                                            | ALARM nobody_sent I1 since 08:00
        08:03 acknowledge nobody_sent I1 08:00 by_seat D1       | nobody_sent I1 taken by D1
        08:03 acknowledge nobody_sent I1 08:00 by_seat D1       | refused NothingToChange alarm
        08:04 acknowledge nobody_sent I1 08:00 by_seat D2       | nobody_sent I1 taken by D2
        09:00 timers                                            |
        """
    )
    (alarm,) = shift.desk.board.alarms.values()
    assert (alarm.owner, alarm.is_silent(instant("09:00"))) == ("D2", True)


def test_shelved_it_sounds_again_when_its_span_ends_and_its_cause_still_stands() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire                                      | I1 opened fire · I1 needs engine: E1 90s
        08:02 timers                                            | ALARM nobody_sent I1 since 08:00
        08:03 shelve nobody_sent I1 08:00 until 09:04           | refused ShelvedTooLong until
        08:03 shelve nobody_sent I1 08:00 until 08:03           | refused ShelvedTooLong until
        08:03 shelve nobody_sent I1 07:00 until 08:30           | refused AlarmUnknown alarm
        08:03 shelve nobody_sent I1 08:00 until 08:30           | nobody_sent I1 shelved by page until 08:30
        08:29:59 timers                                         |
        08:30 timers                                            | ALARM nobody_sent I1 since 08:00
        """
    )
    (alarm,) = shift.desk.board.alarms.values()
    assert (alarm.sounded, alarm.owner, alarm.shelved_until) == (instant("08:30"), "", None)


def test_held_on_purpose_it_waits_without_alarm_until_then() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:01 hold I1 until 08:01   | refused HoldAlreadyOver until
        08:02 timers                | ALARM nobody_sent I1 since 08:00
        08:02 hold I1 until 08:30   | I1 held until 08:30
        08:02 hold I1 until 08:30   | refused NothingToChange until
        08:20 timers                |
        08:30 timers                | I1 held no longer
        08:30 hold I1               | refused NothingToChange until
        08:31:59 timers             |
        08:32 timers                | ALARM nobody_sent I1 since 08:30
        08:33 hold I1 until 09:00   | I1 held until 09:00
        08:40 send I1 E1            | E1 dispatched to I1
        08:41 hold I1 until 09:00   | refused IncidentHasUnits incident
        08:41 E1 on_scene           | E1 on_scene
        09:00 timers                |
        """
    )


def test_welfare_is_asked_after_each_span_until_the_job_ends() -> None:
    play(
        STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:00 check E1 20           | refused UnitHasNoJob unit
        08:00 send I1 E1            | E1 dispatched to I1
        08:00 check E1 0            | refused WelfareEveryUnusable every_min
        08:00 check E1 241          | refused WelfareEveryUnusable every_min
        08:00 check E1 never        | refused NothingToChange every_min
        08:01 E1 on_scene           | E1 on_scene
        08:05 check E1 20           | E1 asked every 20 min
        08:24:59 timers             |
        08:25 timers                | ALARM welfare_due E1 since 08:05
        08:27 well E1               | E1 well
        08:46:59 timers             |
        08:47 timers                | ALARM welfare_due E1 since 08:27
        08:48 check E1 never        | E1 not asked
        08:49 well E1               | E1 well
        08:50 check E1 10           | E1 asked every 10 min
        08:55 E1 on_radio           | E1 on_radio · E1 cleared from I1 · I1 closed
        09:30 timers                |
        09:30 well E1               | refused UnitHasNoJob unit
        """
    )


def test_a_plan_may_have_every_crew_at_work_asked() -> None:
    play(
        "spans welfare_min 15, acknowledge_s never, en_route_s never"
        + STAGE
        + """
        08:00 open I1 fire          | I1 opened fire · I1 needs engine: E1 90s
        08:00 send I1 E1            | E1 dispatched to I1
        08:03 E1 on_scene           | E1 on_scene
        08:10 check E1 never        | E1 not asked
        08:11 E1 at_patient         | E1 at_patient
        08:12 E1 on_scene           | E1 on_scene
        08:40 timers                |
        08:41 send I1 E2            | E2 dispatched to I1
        08:43 E2 on_scene           | E2 on_scene
        08:58 timers                | ALARM welfare_due E2 since 08:43
        """
    )


def test_an_order_to_cover_is_understood_in_time_and_lapses_by_itself() -> None:
    play(
        STAGE
        + """
        08:00 cover E1 at S2 until 10:00    | E1 to cover S2
        08:01 timers                        | ALARM cover_not_acknowledged E1 since 08:00
        08:02 will_cover E1                 | E1 will cover
        08:03 cover E2 at S2                | E2 to cover S2
        08:03:30 E2 moving_up               | E2 moving_up
        08:10 timers                        |
        10:00 timers                        | E1 covers no longer
        """
    )


def test_a_closure_is_about_to_end_and_what_it_changes_is_reckoned_anew() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire                                  | I1 opened fire · I1 needs engine: E1 90s
        08:00 hold I1 until 12:00                           | I1 held until 12:00
        08:00 close_road K1 points 0 0 from 09:00 until 10:00    | K1 closed from 09:00 until 10:00 · I1 needs engine: E1 90s
        08:59 timers                                        |
        09:00 timers                                        | I1 needs engine: E1 90s
        09:50 timers                                        | ALARM closure_ends K1 since 10:00
        09:51 extend K1 until 11:00                         | K1 until 11:00 · I1 needs engine: E1 90s
        10:50 timers                                        | ALARM closure_ends K1 since 11:00
        11:00 timers                                        | K1 lapsed · I1 needs engine: E1 90s
        11:00 overdue closure_ends K1 11:00                 | refused NotOverdue alarm
        11:01 timers                                        |
        """
    )
    assert shift.desk.board.alarms == {}


def test_a_road_that_is_reopened_ends_no_more() -> None:
    shift = play(
        """
        08:00 close_road K1 points 0 0 until 09:00  | K1 closed from 08:00 until 09:00
        08:50 timers                                | ALARM closure_ends K1 since 09:00
        08:51 reopen_road K1                        | K1 open again
        """
    )
    assert shift.desk.board.alarms == {}
    assert next_due(shift.desk.board, instant("08:51")) is None


def test_the_clock_is_told_when_to_look_again() -> None:
    shift = play(
        STAGE
        + """
        08:00 open I1 fire                          | I1 opened fire · I1 needs engine: E1 90s
        08:00 cover E2 at S2 until 09:00            | E2 to cover S2
        08:00 close_road K1 points 0 0 until 10:00  | K1 closed from 08:00 until 10:00 · I1 needs engine: E1 90s
        """
    )
    desk, at, moments = shift.desk, instant("08:00"), []
    while (moment := next_due(desk.board, at)) is not None:
        at = moment
        asked = due(desk.board, at)
        moments.append((shift_told.clock(at), *(type(one).__name__ for one in asked)))
        desk.answer([Ask(f"{at}/{nth}", "tocsin", at, command) for nth, command in enumerate(asked)], at)
    assert moments == [
        ("08:01", "NoteOverdue"),
        ("08:02", "NoteOverdue"),
        ("09:00", "EndMoveUp"),
        ("09:50", "NoteOverdue"),
        ("10:00", "LapseClosure"),
    ]


def test_what_is_overdue_at_once_is_looked_at_at_once() -> None:
    shift = play(STAGE + "08:00 open I1 fire | I1 opened fire · I1 needs engine: E1 90s\n09:00 (08:00) send I1 E1 | E1 dispatched to I1")
    now = instant("09:00")
    assert next_due(shift.desk.board, now) == now + 1
    assert [one.kind for one in due(shift.desk.board, now)] == ["not_acknowledged", "not_en_route"]


def test_a_plan_without_spans_sounds_nothing() -> None:
    shift = play(
        "spans nobody_sent_s never, acknowledge_s never, en_route_s never, arrive_over_eta_s never, closure_ends_min never"
        + STAGE
        + """
        08:00 open I1 fire                          | I1 opened fire · I1 needs engine: E1 90s
        08:00 open I2 fire                          | I2 opened fire · I2 needs engine: NOBODY_REACHABLE
        08:00 send I1 E1 advised                    | E1 dispatched to I1
        08:00 close_road K1 points 0 0 until 10:00 of I1 | K1 closed from 08:00 until 10:00 · I2 needs engine: NOBODY_REACHABLE
        09:55 timers                                |
        10:00 timers                                | K1 lapsed · I2 needs engine: NOBODY_REACHABLE
        """
    )
    assert next_due(shift.desk.board, instant("10:00")) is None


def test_a_call_that_belongs_to_nothing_sounds_until_it_does_or_somebody_sees_to_it() -> None:
    shift = play(
        STAGE
        + """
        08:00 call C1 arrived 07:30         | C1 received
        08:00 call C2 arrived 07:30         | C2 received
        08:00 call C3                       | C3 received
        08:01 open I1 fire calls C3         | I1 opened fire · I1 needs engine: E1 90s
        08:01 send I1 E1                    | E1 dispatched to I1
        08:01 E1 on_scene                   | E1 on_scene
        08:01:59 timers                     |
        08:02 timers                        | ALARM call_unattached C1 since 08:00 · ALARM call_unattached C2 since 08:00
        08:03 attach C1 I1                  | C1 joins I1
        08:03 acknowledge call_unattached C2 08:00 by_seat D1 | call_unattached C2 taken by D1
        08:30 timers                        |
        """
    )
    assert shift.desk.board.alarms == {}
    assert state_of(shift.reopened().board) == state_of(shift.desk.board)


def test_a_required_slot_that_stays_empty_sounds_until_it_is_filled() -> None:
    """Whoever is sent counts where it is of use, whether it was picked or not."""
    stage = (
        STAGE + "spans acknowledge_s never, en_route_s never, nobody_sent_s never\ncard fall: engine x2 needs pump; ladder? needs ladder\n"
    )
    shift = play(
        stage
        + """
        08:00 open I1 fall                  | I1 opened fall · I1 needs engine: E1 90s, E2 300s; ladder?: NOBODY_CAPABLE
        08:01 send I1 E1                    | E1 dispatched to I1
                                            | I1 needs engine: E2 300s; ladder?: NOBODY_CAPABLE
        08:05:59 timers                     |
        08:06 timers                        | ALARM slot_empty I1 since 08:01
        08:07 send I1 E2                    | E2 dispatched to I1 · I1 needs ladder?: NOBODY_CAPABLE
        08:20 timers                        |
        """
    )
    assert shift.desk.board.alarms == {}
    assert shift.desk.board.incidents["I1"].short_since is None


def test_who_worked_there_and_is_off_the_list_by_now_stands_in_nobodys_way() -> None:
    """Its capabilities went with it: what it filled counts as empty, and the next one is sent as ever."""
    stage = (
        STAGE
        + "unit E3 engine can pump at S2\nroad E3 -> I1 400s\nspans acknowledge_s never, en_route_s never, nobody_sent_s never\n"
        + "card fall: engine x2 needs pump\n"
    )
    shift = play(
        stage
        + """
        08:00 open I1 fall                  | I1 opened fall · I1 needs engine: E1 90s, E2 300s
        08:01 send I1 E1 E2                 | E1, E2 dispatched to I1
        08:05 E2 on_scene                   | E2 on_scene
        08:10 E2 on_radio                   | E2 on_radio · E2 cleared from I1
        08:11 withdraw E2                   | E2 withdrawn
        08:12 send I1 E3                    | E3 dispatched to I1
        08:20 timers                        |
        """
    )
    assert shift.desk.board.incidents["I1"].short_since is None
    assert state_of(shift.reopened().board) == state_of(shift.desk.board)
