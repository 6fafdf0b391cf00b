"""One thing at a time that goes on before the real desk, reckoned by hand on a line: what crews say, who is sent, and when."""

import numpy as np
import pytest
from desk_line import FOREVER, LIGHTS, LINE, MINUTE, NORMAL, OTHER, URGENT, call, candidates, line_of, lived, resting, said_ms
from msgspec.structs import replace

from promises.checkers import check_board, check_journal
from tocsin.core.messages.assignment import AssignmentCancelled, UnitDiverted, UnitsDispatched
from tocsin.core.messages.call import AttachCall, CallAttached, CallReceived, TakeCall
from tocsin.core.messages.incident import IncidentClosed, IncidentOpened
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.station import StationClosed, StationOpened
from tocsin.core.messages.unit import UnitEnrolled
from tocsin.lab.city.model import CrewedUnit, Happening, Window

U, V = CrewedUnit("U", 0), CrewedUnit("V", 1)


# ---- one call


def test_a_crew_says_each_step_at_its_moment() -> None:
    city = line_of(U, bays=0)
    told = lived(city, call(1_000, 4, handover_ms=7 * MINUTE))
    there = 1_000 + 4 * LIGHTS
    leaves = there + 10 * MINUTE
    at_hospital = leaves + 6 * NORMAL
    free = at_hospital + 7 * MINUTE
    assert said_ms(told, city, "U") == [
        (1_000, "acknowledged"),
        (1_000, "en_route"),
        (there, "on_scene"),
        (leaves, "transporting"),
        (at_hospital, "at_hospital"),
        (free, "returning"),
    ], "the run ends with the last job"
    assert (told.outcome.ended_ms, told.outcome.busy_ms.tolist()) == (free, [free - 1_000])


def test_nobody_to_hand_over_to_ends_the_job_at_the_scene() -> None:
    city = line_of(U)
    told = lived(city, call(0, 4, handover_ms=7 * MINUTE))
    assert [phase for _, phase in said_ms(told, city, "U")] == ["acknowledged", "en_route", "on_scene", "returning"]
    assert told.outcome.busy_ms.tolist() == [4 * LIGHTS + 10 * MINUTE]


def test_with_a_minute_of_duty_in_a_week_each_week_serves_one_and_what_is_left_stays_open() -> None:
    week = 7 * 24 * 60 * MINUTE
    city = line_of(replace(U, shifts=(Window(0, 1),)))
    told = lived(city, *(call(nth * MINUTE, 4) for nth in (2, 3, 4)))
    assert told.outcome.on_scene_ms.tolist() == [week + 4 * LIGHTS, 2 * week + 4 * LIGHTS, -1], "shifts are looked for two weeks ahead"
    assert list(told.board().open_incidents) == ["inc-000002"]
    assert told.outcome.overrun_ms.tolist() == [2 * (4 * LIGHTS + 10 * MINUTE - MINUTE)]
    assert told.outcome.longest_queue == 3


# ---- hospitals


@pytest.mark.parametrize(("bays", "free_min"), [(0, [0, 0]), (1, [0, 20]), (2, [0, 0])])
def test_who_comes_second_waits_for_a_bay(bays: int, free_min: list[int]) -> None:
    """Both leave scenes that are as far from the hospital in the same minute; handing over takes 20."""
    city = line_of(replace(U, station=1), replace(V, station=1), bays=bays)
    told = lived(city, call(0, 10, scene_ms=5 * MINUTE, handover_ms=20 * MINUTE), call(0, 10, scene_ms=5 * MINUTE, handover_ms=20 * MINUTE))
    ends = [at for unit in ("U", "V") for at, phase in said_ms(told, city, unit) if phase == "returning"]
    assert ends == [25 * MINUTE + waited * MINUTE for waited in free_min]


def test_bays_are_first_come_first_served() -> None:
    units = tuple(CrewedUnit(name, 0) for name in "UVW")
    city = line_of(*units, sites=(10,), bays=1)
    told = lived(city, *(call(nth * MINUTE, 10, scene_ms=5 * MINUTE, handover_ms=(30 - 10 * nth) * MINUTE) for nth in range(3)))
    ends = [at // MINUTE for name in "UVW" for at, phase in said_ms(told, city, name) if phase == "returning"]
    assert ends == [35, 35 + 20, 35 + 20 + 10]


# ---- several reports


def test_a_further_report_comes_a_minute_later_and_joins() -> None:
    city = line_of(U)
    told = lived(city, call(5_000, 4, reports=3))
    arrived = [record.at - told.records()[0].at for record in told.said(CallReceived)]
    assert arrived == [5_000, 65_000, 125_000]
    assert told.board().incidents["inc-000000"].calls == ["call-000000", "call-000000+1", "call-000000+2"]
    assert len(told.said(IncidentOpened)) == 1 and told.outcome.sent.tolist() == [1]


def test_what_is_reported_after_the_end_is_not_taken_any_more() -> None:
    city = line_of(U)
    told = lived(city, call(0, 0, scene_ms=90_000, reports=4), call(30 * MINUTE, 0))
    assert [record.says.call for record in told.said(CallAttached)] == ["call-000000+1"]
    assert len(told.said(TakeCall)) == 3 and len(told.said(AttachCall)) == 1
    check_journal(told.journal, told.board())


# ---- lost radio


def test_without_radio_a_unit_under_way_stands_where_it_was_heard_of_last() -> None:
    """It leaves 10 for 0 at minute 15 and is at 7 two minutes on; the radio goes; a minute later it is taken to be at 7 still."""
    gone = 5 * MINUTE + 10 * MINUTE + 3 * NORMAL
    calls = call(0, 10), call(gone + MINUTE, 0)
    with_radio = lived(line_of(U, sites=(0,)), *calls)
    without = lived(line_of(U, sites=(0,))._replace(happenings=(Happening("radio_lost", gone, gone + 30 * MINUTE),)), *calls)
    known = [candidates(told, 1)["U"].road_ms for told in (with_radio, without)]
    assert known == [5 * LIGHTS, 7 * LIGHTS], "it has passed 6, and what is ahead of it counts"
    assert with_radio.outcome.on_scene_ms.tolist() == without.outcome.on_scene_ms.tolist(), "it is where it is all the same"


def test_once_it_stands_at_its_station_the_radio_is_not_needed() -> None:
    home = 5 * MINUTE + 10 * MINUTE + 10 * NORMAL
    city = line_of(U, sites=(0,))._replace(happenings=(Happening("radio_lost", home - MINUTE, FOREVER),))
    told = lived(city, call(0, 10), call(home + 1, 3))
    assert candidates(told, 1)["U"].road_ms == 3 * LIGHTS


def test_radio_that_is_back_shows_where_they_are() -> None:
    gone = 5 * MINUTE + 10 * MINUTE
    city = line_of(U, sites=(0,))._replace(happenings=(Happening("radio_lost", gone + 1, gone + MINUTE),))
    told = lived(city, call(0, 10), call(gone + 2 * NORMAL, 0))
    assert candidates(told, 1)["U"].road_ms == 8 * LIGHTS


# ---- a station is lost


def test_who_stands_at_a_lost_station_goes_to_the_nearest_open_one_and_comes_back_with_the_next_job() -> None:
    city = line_of(U, sites=(0, 6))._replace(happenings=(Happening("station_lost", MINUTE, 60 * MINUTE, 0),))
    told = lived(city, call(20 * MINUTE, 6), call(90 * MINUTE, 6), call(150 * MINUTE, 0))
    assert said_ms(told, city, "U")[:2] == [(MINUTE, "on_radio"), (MINUTE + 6 * NORMAL, "at_station")]
    assert [record.says.station for record in told.said(UnitEnrolled)] == ["A", "B", "A"]
    assert [record.says.station for record in told.said(StationClosed)] == ["A"]
    assert [record.says.station for record in told.said(StationOpened)][-1] == "A"
    # At home at B when the first comes, still at B when the second does, and home again at A after that.
    assert told.outcome.on_scene_ms.tolist() == [20 * MINUTE, 90 * MINUTE, 150 * MINUTE]


def test_where_every_station_is_lost_crews_stay_and_are_sent_from_there() -> None:
    city = line_of(U, sites=(2,))._replace(happenings=(Happening("station_lost", MINUTE, FOREVER, 0),))
    told = lived(city, call(5 * MINUTE, 4), call(60 * MINUTE, 4))
    assert told.outcome.on_scene_ms.tolist() == [5 * MINUTE + 2 * LIGHTS, 60 * MINUTE + 2 * LIGHTS]
    assert told.said(CommandRefused) == []
    check_board(told.board())


# ---- mutual aid

LENT = replace(V, is_outside=True, offset_ms=2 * MINUTE, cost_ms=3 * MINUTE)


@pytest.mark.parametrize(("place", "sent"), [(4, 0), (7, 0), (9, 0), (10, 0)])
def test_a_neighbour_is_asked_only_if_it_is_sooner_by_what_the_agreement_costs(place: int, sent: int) -> None:
    """From 0 its own unit needs 30 s a step; the neighbour at 10 two minutes more, and it must be three minutes sooner."""
    assert lived(line_of(U, LENT), call(0, place)).outcome.first_unit.tolist() == [sent]


def test_a_neighbour_that_is_sooner_by_more_is_asked() -> None:
    cheap = replace(V, is_outside=True, offset_ms=MINUTE, cost_ms=MINUTE)
    calls = [call(0, place) for place in (7, 8)]
    told = [lived(line_of(U, cheap), one) for one in calls]
    assert [one.outcome.first_unit.tolist() for one in told] == [[0], [1]], "at 7 it is 1.5 min + 1 + 1 against 3.5: a tie, so one's own"
    assert told[1].outcome.on_scene_ms.tolist() == [MINUTE + 2 * LIGHTS], "what it needs before it rolls is real"
    agencies = {record.says.unit: record.says.agency for record in told[1].said(UnitEnrolled)}
    assert agencies == {"U": "own", "V": "outside 60 60"}


def test_a_neighbour_goes_where_nobody_else_is_left() -> None:
    told = lived(line_of(U, LENT), call(0, 0, scene_ms=60 * MINUTE), call(MINUTE, 0))
    assert told.outcome.first_unit.tolist() == [0, 1]
    assert told.outcome.on_scene_ms.tolist() == [0, MINUTE + 2 * MINUTE + 10 * LIGHTS]


# ---- diverts and breakdowns


def test_a_unit_is_taken_for_something_urgent_and_another_replaces_it() -> None:
    """On its way from 0 to 10 without lights it is at 4 when somebody calls from 5; V, at 10, is five steps away."""
    city = line_of(U, replace(V, shifts=(Window(5, 10_000),)))
    told = lived(city, call(0, 10, OTHER), call(4 * NORMAL, 5), policy="road-time")
    assert [(record.says.unit, record.says.left) for record in told.said(UnitDiverted)] == [("U", "inc-000000")]
    assert told.outcome.on_scene_ms.tolist() == [5 * MINUTE, 4 * NORMAL + LIGHTS], "whoever was left waits until V's shift begins"
    assert told.outcome.first_unit.tolist() == [1, 0]


def test_one_that_breaks_down_on_its_way_is_called_off_and_replaced_at_once() -> None:
    city = line_of(U, V)._replace(happenings=(Happening("unit_lost", MINUTE, 3 * MINUTE, 0),))
    told = lived(city, call(0, 4))
    assert [(record.says.unit, record.says.reason) for record in told.said(AssignmentCancelled)] == [("U", "lost")]
    assert [record.says.units for record in told.said(UnitsDispatched)] == [("U",), ("V",)]
    assert told.outcome.on_scene_ms.tolist() == [MINUTE + 6 * LIGHTS]
    assert said_ms(told, city, "U")[-2:] == [(MINUTE, "off"), (3 * MINUTE, "at_station")], "repaired, it stands at its station"


def test_one_that_breaks_down_with_its_patient_goes_off_when_it_is_free() -> None:
    city = line_of(U, V)._replace(happenings=(Happening("unit_lost", MINUTE, FOREVER, 0),))
    told = lived(city, call(0, 0))
    assert said_ms(told, city, "U")[-1] == (10 * MINUTE, "off")
    assert told.said(AssignmentCancelled) == []


# ---- meals and rest


def test_a_crew_at_its_meal_is_not_sent_to_what_can_wait() -> None:
    city = line_of(resting(U, begins=5, until=35), V)
    told = lived(city, call(10 * MINUTE, 1, OTHER), call(40 * MINUTE, 1, OTHER))
    assert told.outcome.first_unit.tolist() == [1, 0]
    assert candidates(told, 0)["U"].why_not == "PLACE_UNKNOWN" and candidates(told, 0)["U"].road_ms is None
    assert told.said(CommandRefused) == []


def test_something_urgent_ends_a_meal_which_is_not_made_up_for() -> None:
    city = line_of(resting(U, begins=5, until=60), V)
    told = lived(city, call(10 * MINUTE, 1, URGENT, scene_ms=MINUTE), call(20 * MINUTE, 1, OTHER))
    assert told.outcome.first_unit.tolist() == [0, 0]


def test_a_meal_that_is_due_at_work_begins_when_the_crew_is_back() -> None:
    """Due at minute 5, back at minute 10 + 2 steps of driving, 20 minutes long; the next call waits for its end."""
    city = line_of(resting(U, begins=5, until=50, minutes=20), sites=(0,))
    told = lived(city, call(0, 2), call(15 * MINUTE, 0, OTHER))
    back = 2 * LIGHTS + 10 * MINUTE + 2 * NORMAL
    assert said_ms(told, city, "U")[4:6] == [(back, "at_station"), (back + 20 * MINUTE, "at_station")]
    assert told.outcome.on_scene_ms.tolist() == [2 * LIGHTS, back + 20 * MINUTE]
    assert told.outcome.longest_queue == 1


def test_the_end_of_a_shift_ends_a_meal_and_one_that_was_due() -> None:
    unit = replace(resting(U, begins=5, until=60), shifts=(Window(0, 20), Window(30, 10_000)))
    told = lived(line_of(unit, sites=(0,)), call(25 * MINUTE, 0, OTHER), call(31 * MINUTE, 0, URGENT))
    assert told.outcome.on_scene_ms.tolist()[0] == 30 * MINUTE, "back on duty it is not at its meal any more"


def test_a_meal_that_a_lost_station_ends_is_taken_anew_where_the_crew_comes_to_stand() -> None:
    city = line_of(resting(U, begins=5, until=95), sites=(0, 6))._replace(happenings=(Happening("station_lost", 20 * MINUTE, FOREVER, 0),))
    told = lived(city, call(22 * MINUTE, 6, OTHER), call(40 * MINUTE, 6, OTHER), call(150 * MINUTE, 0, OTHER))
    assert said_ms(told, city, "U")[0] == (20 * MINUTE, "on_radio")
    first = 22 * MINUTE + 3 * NORMAL  # on the road nobody rests: it was half-way
    second = first + 10 * MINUTE + 90 * MINUTE  # free where it is to wait from now on, it sits down for the whole of it
    assert told.outcome.on_scene_ms.tolist() == [first, second, 150 * MINUTE + 6 * NORMAL]


def test_a_meal_comes_again_every_week() -> None:
    week = 7 * 24 * 60 * MINUTE
    city = line_of(resting(U, begins=60, until=90), sites=(0,))
    told = lived(city, call(70 * MINUTE, 0, OTHER), call(week + 70 * MINUTE, 0, OTHER))
    assert told.outcome.on_scene_ms.tolist() == [90 * MINUTE, week + 90 * MINUTE]


def test_while_one_unit_of_a_crew_is_out_the_other_cannot_rest() -> None:
    """The crew is out with U from minute 0; V's meal is due at 5, when nobody is there to take it."""
    city = line_of(replace(U, crew="one"), resting(replace(V, station=0, crew="one"), begins=5, until=35), sites=(0,))
    told = lived(city, call(0, 0, scene_ms=8 * MINUTE), call(9 * MINUTE, 0, OTHER))
    assert told.outcome.on_scene_ms.tolist() == [0, 9 * MINUTE]
    assert said_ms(told, city, "V") == [(0, "off"), (8 * MINUTE, "at_station"), (9 * MINUTE, "off")]


# ---- the rest


def test_calls_of_one_moment_are_opened_in_their_order() -> None:
    told = lived(LINE, *(call(1_000, place) for place in (3, 2, 1)))
    assert [record.says.incident for record in told.said(IncidentOpened)] == ["inc-000000", "inc-000001", "inc-000002"]
    assert told.outcome.first_unit.tolist() == [0, 0, 0] and len(told.said(IncidentClosed)) == 3
    assert told.outcome.longest_queue == 2


def test_who_waits_is_served_by_urgency_then_by_waiting() -> None:
    told = lived(LINE, call(0, 0), call(1_000, 0, OTHER), call(2_000, 0), call(3_000, 0))
    assert np.argsort(told.outcome.on_scene_ms).tolist() == [0, 2, 3, 1]
    assert len(told.said(UnitsRecommended)) >= 7, "each is looked at when it comes, and again when the unit is free"
