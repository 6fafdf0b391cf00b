"""One rule of the engines at a time, on a line where every millisecond can be reckoned by hand: 30 s a step with lights, 40 s without.

A call of ``one_call`` comes at ``at_ms`` and is known a second later.
"""

import numpy as np
import pytest
from cities import cover_of
from msgspec.structs import replace
from on_a_line import LINE, joined, one_call, two_units

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit, Divert, Happening, HospitalSite, Span, StationSite, Turnout, Window
from tocsin.lab.city.square import LIGHTS_STEP_MS, NORMAL_STEP_MS, grid_roads
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import find_kernel, has_twin, run

MINUTE = 60_000
CLOSEST, DIVERTS = POLICIES["closest"], POLICIES["road-time"]
FOREVER = 1 << 50


def lived(city: City, calls: Calls, policy: str = "closest") -> Outcome:
    """By the plain engine; where there is a twin, it must say the same."""
    outcome = run(city, calls, POLICIES[policy], cover=cover_of(city), engine="plain")
    if has_twin(city, POLICIES[policy]) and find_kernel() is not None:
        for one, other in zip(run(city, calls, POLICIES[policy], cover=cover_of(city), engine="compiled"), outcome, strict=True):
            assert np.array_equal(one, other)
    return outcome


def with_turnouts(calls: Calls, at_station_ms: int, on_road_ms: int) -> Calls:
    return calls._replace(turnout_ms=np.tile(np.array([[[at_station_ms, on_road_ms]]], np.int64), (calls.size, 1, 1)))


# ---- drives


def test_without_lights_the_drive_is_longer() -> None:
    assert lived(LINE, one_call(10, priority=1)).on_scene_ms.tolist() == [1_000 + 10 * NORMAL_STEP_MS]


def test_factors_are_applied_one_after_the_other_and_rounded_down_each_time() -> None:
    city = LINE._replace(travel_ppm=(1_333_333,) * 168)
    calls = one_call(7)._replace(travel_ppm=np.array([777_777], np.int32))
    assert lived(city, calls).on_scene_ms.tolist() == [1_000 + 7 * LIGHTS_STEP_MS * 1_333_333 // 1_000_000 * 777_777 // 1_000_000]


@pytest.mark.parametrize(("turnout_ms", "ppm"), [(3_598_999, 1_000_000), (3_599_000, 2_000_000)])
def test_the_hour_that_counts_is_that_in_which_it_rolls(turnout_ms: int, ppm: int) -> None:
    """Told a second after midnight, it rolls in the last millisecond of the first hour, or in the first of the second."""
    hours = (1_000_000, *(2_000_000,) * 167)
    city = LINE._replace(travel_ppm=hours, turnouts=(Turnout("*", Span(60_000), Span(0)),))
    outcome = lived(city, with_turnouts(one_call(10), turnout_ms, 0))
    assert outcome.on_scene_ms.tolist() == [1_000 + turnout_ms + 10 * LIGHTS_STEP_MS * ppm // 1_000_000]


def test_hours_of_the_day_go_round_the_week() -> None:
    city = LINE._replace(travel_ppm=(3_000_000, *(1_000_000,) * 167))
    monday = lived(city, one_call(10, at_ms=7 * 24 * 60 * MINUTE)).on_scene_ms[0]
    tuesday = lived(city, one_call(10, at_ms=8 * 24 * 60 * MINUTE)).on_scene_ms[0]
    assert monday - 7 * 24 * 60 * MINUTE == 1_000 + 30 * LIGHTS_STEP_MS
    assert tuesday - 8 * 24 * 60 * MINUTE == 1_000 + 10 * LIGHTS_STEP_MS


@pytest.mark.parametrize(("until_ms", "ppm"), [(1_000, 1_000_000), (1_001, 1_500_000)])
def test_slower_roads_hold_for_who_sets_out_before_they_end(until_ms: int, ppm: int) -> None:
    city = LINE._replace(happenings=(Happening("slower", 0, until_ms, 1_500_000),))
    assert lived(city, one_call(10)).on_scene_ms.tolist() == [1_000 + 10 * LIGHTS_STEP_MS * ppm // 1_000_000]


def test_other_roads_hold_while_they_do() -> None:
    others = grid_roads(11, lights_step_ms=45_000, normal_step_ms=50_000)
    city = LINE._replace(other_roads=(others,), happenings=(Happening("other_roads", 0, 500_000),))
    assert lived(city, one_call(10)).on_scene_ms.tolist() == [1_000 + 10 * 45_000]
    assert lived(city, one_call(10, at_ms=500_000)).on_scene_ms.tolist() == [501_000 + 10 * LIGHTS_STEP_MS]


def test_where_no_way_leads_nobody_goes_and_the_call_waits_for_ever() -> None:
    lost = LINE.roads.lights_ms.copy()
    lost[:, 10] = -1
    city = LINE._replace(roads=LINE.roads._replace(lights_ms=lost))
    outcome = lived(city, joined(one_call(10), one_call(9, at_ms=5_000)))
    assert outcome.on_scene_ms.tolist() == [-1, 6_000 + 9 * LIGHTS_STEP_MS]
    assert outcome.first_unit.tolist() == [-1, 0] and outcome.sent.tolist() == [0, 1] and outcome.longest_queue == 1


# ---- turnout and agreements


def test_the_dispatcher_goes_by_means_and_the_crew_by_its_draw() -> None:
    """V is 2 steps nearer, which its kind's mean turnout of 61 s outweighs, whatever either draws."""
    turnouts = (Turnout("slow", Span(61_000), Span(61_000)), Turnout("*", Span(0), Span(0)))
    city = two_units(second=10)._replace(turnouts=turnouts)
    city = city._replace(units=(city.units[0], replace(city.units[1], kind="slow")))
    calls = one_call(4)._replace(turnout_ms=np.array([[[0, 0], [600_000, 0]]], np.int64))
    outcome = lived(city, calls)
    assert outcome.first_unit.tolist() == [0] and outcome.on_scene_ms.tolist() == [1_000 + 600_000 + 4 * LIGHTS_STEP_MS]
    assert lived(city, calls._replace(place=np.array([7], np.int32))).first_unit.tolist() == [1], "3 steps and 61 s against 7 steps"


@pytest.mark.parametrize(("cost_ms", "first"), [(0, 1), (29_999, 1), (30_000, 0), (90_000, 0)])
def test_an_outside_unit_must_be_sooner_by_what_it_costs(cost_ms: int, first: int) -> None:
    """From place 9 a call at 5 is a step nearer than from 0."""
    city = two_units(second=9)
    city = city._replace(units=(city.units[0], replace(city.units[1], is_outside=True, cost_ms=cost_ms)))
    assert lived(city, one_call(5)).first_unit.tolist() == [first]


@pytest.mark.parametrize(("offset_ms", "first"), [(29_999, 1), (30_000, 0), (30_001, 0)])
def test_what_an_agreement_adds_counts_and_is_waited_for(offset_ms: int, first: int) -> None:
    city = two_units(second=9)
    city = city._replace(units=(city.units[0], replace(city.units[1], is_outside=True, offset_ms=offset_ms)))
    outcome = lived(city, one_call(5))
    assert outcome.first_unit.tolist() == [first]
    assert outcome.on_scene_ms.tolist() == [1_000 + (offset_ms + 4 * LIGHTS_STEP_MS if first else 5 * LIGHTS_STEP_MS)]


def test_equal_weights_go_to_the_lower_index() -> None:
    city = two_units(second=10)
    assert lived(city, one_call(5)).first_unit.tolist() == [0]
    swapped = city._replace(units=(CrewedUnit("Z", 1), CrewedUnit("A", 0)))
    assert lived(swapped, one_call(5)).first_unit.tolist() == [0], "whatever they are called and wherever they stand"


# ---- diverts


def divertible(least_gain_ms: int = 120_000, not_within_ms: int = 60_000) -> City:
    """U at 0 on its way to something that can wait; V at the other end of the line."""
    return two_units(second=10)._replace(diverts=(Divert(1, 0, least_gain_ms, not_within_ms),))


@pytest.mark.parametrize(("least_gain_ms", "is_diverted"), [(89_999, True), (90_000, True), (90_001, False)])
def test_a_divert_must_win_what_it_must(least_gain_ms: int, is_diverted: bool) -> None:
    """At 81 s U is 2 steps on its way: from there the call at 4 is 3 steps nearer than from V at 9. Of equal ones U is the first."""
    city = divertible(least_gain_ms, 0)._replace(stations=(StationSite("A", 0), StationSite("B", 9)))
    outcome = lived(city, joined(one_call(3, priority=1), one_call(4, at_ms=80_000)), "road-time")
    assert outcome.diverted == is_diverted
    assert outcome.first_unit.tolist()[1] == (0 if is_diverted else 1)


@pytest.mark.parametrize(("not_within_ms", "is_diverted"), [(119_999, True), (120_000, True), (120_001, False)])
def test_who_is_nearly_there_is_left_alone(not_within_ms: int, is_diverted: bool) -> None:
    """At 281 s U has 3 steps of 40 s of its 10 left."""
    city = divertible(0, not_within_ms)._replace(units=(CrewedUnit("U", 0),))
    outcome = lived(city, joined(one_call(10, priority=1), one_call(10, at_ms=280_000)), "road-time")
    assert outcome.diverted == is_diverted


def test_only_a_higher_priority_diverts_and_only_by_a_policy_that_may() -> None:
    city = divertible(0, 0)._replace(units=(CrewedUnit("U", 0),))
    for first, second, policy in ((1, 1, "road-time"), (0, 0, "road-time"), (0, 1, "road-time"), (1, 0, "road-time-no-divert")):
        calls = joined(one_call(10, priority=first), one_call(2, at_ms=20_000, priority=second))
        assert lived(city, calls, policy).diverted == 0, (first, second, policy)
    assert lived(city, joined(one_call(10, priority=1), one_call(2, at_ms=20_000)), "road-time").diverted == 1


def test_a_unit_that_is_told_priorities_wrongly_goes_by_what_it_is_told() -> None:
    calls = joined(one_call(10, priority=1), one_call(2, at_ms=20_000))._replace(told_priority=np.array([0, 0], np.int16))
    assert lived(divertible(0, 0), calls, "road-time").diverted == 0


def test_who_was_bumped_is_served_by_the_other_at_once() -> None:
    outcome = lived(divertible(), joined(one_call(6, priority=1, scene_ms=1), one_call(1, at_ms=20_000)), "road-time")
    assert outcome.diverted == 0 or outcome.sent.tolist() == [2, 1]
    near = joined(one_call(5, priority=1), one_call(0, at_ms=20_000))
    outcome = lived(divertible(), near, "road-time")
    assert outcome.diverted == 1 and outcome.first_unit.tolist() == [1, 0] and outcome.longest_queue == 0
    assert outcome.on_scene_ms.tolist()[0] == 21_000 + 5 * NORMAL_STEP_MS


# ---- the queue


def test_of_equal_priorities_the_earlier_is_served_first_and_the_urgent_one_before_both() -> None:
    calls = joined(*(one_call(5, at_ms=at, priority=p) for at, p in ((0, 0), (1_000, 1), (2_000, 1), (3_000, 0))))
    outcome = lived(LINE, calls)
    assert np.argsort(outcome.on_scene_ms).tolist() == [0, 3, 1, 2]
    assert outcome.longest_queue == 3


def test_who_is_freed_where_somebody_waits_does_not_drive_home_in_between() -> None:
    outcome = lived(LINE, joined(one_call(10), one_call(10, at_ms=5_000)))
    assert np.diff(outcome.on_scene_ms).tolist() == [600_000], "no drive between two calls at one place"
    assert outcome.return_ms.tolist() == [0]


def test_the_nearest_free_one_serves_who_waits_not_the_one_that_was_freed() -> None:
    """V's shift begins while two wait: it is freed for both, and takes the first in line."""
    city = two_units(second=8)
    city = city._replace(units=(city.units[0], replace(city.units[1], shifts=(Window(5, 600),))))
    outcome = lived(city, joined(one_call(1, scene_ms=3_600_000), one_call(7, at_ms=10_000), one_call(8, at_ms=20_000)))
    assert outcome.first_unit.tolist() == [0, 1, 1]
    assert outcome.on_scene_ms.tolist()[1:] == [300_000 + LIGHTS_STEP_MS, 300_000 + LIGHTS_STEP_MS + 600_000 + LIGHTS_STEP_MS]


# ---- shifts, meals, crews


@pytest.mark.parametrize(("at_ms", "is_served_now"), [(10 * MINUTE - 1_001, True), (10 * MINUTE - 1_000, False)])
def test_a_shift_ends_in_its_very_millisecond_before_the_calls_of_it(at_ms: int, is_served_now: bool) -> None:
    city = LINE._replace(units=(replace(LINE.units[0], shifts=(Window(0, 10), Window(100, 200))),))
    outcome = lived(city, one_call(0, at_ms=at_ms))
    assert outcome.on_scene_ms.tolist() == [at_ms + 1_000 if is_served_now else 100 * MINUTE]


def test_a_shift_over_the_weeks_end_is_one_shift() -> None:
    city = LINE._replace(units=(replace(LINE.units[0], shifts=(Window(10_000, 60),)),))
    outcome = lived(city, joined(one_call(0, at_ms=59 * MINUTE), one_call(0, at_ms=61 * MINUTE), one_call(0, at_ms=10_079 * MINUTE)))
    assert outcome.on_scene_ms.tolist() == [59 * MINUTE + 1_000, 10_000 * MINUTE, 10_079 * MINUTE + 1_000]


def test_overrun_ends_when_the_next_shift_begins() -> None:
    city = LINE._replace(units=(replace(LINE.units[0], shifts=(Window(0, 5), Window(8, 100))),))
    assert lived(city, one_call(0)).overrun_ms.tolist() == [3 * MINUTE], "10 minutes at the scene, 3 of them between the shifts"


def test_the_drive_home_of_who_goes_off_ends_there() -> None:
    city = LINE._replace(units=(replace(LINE.units[0], shifts=(Window(0, 17),)),))
    outcome = lived(city, joined(one_call(10), one_call(0, at_ms=7 * 24 * 60 * MINUTE)))
    assert outcome.return_ms.tolist() == [17 * MINUTE - 901_000]


def test_a_meal_waits_for_the_station_and_begins_there() -> None:
    """Due at minute 5, at work until 901 s, at the station 400 s later: the meal of 20 minutes begins then."""
    city = LINE._replace(units=(replace(LINE.units[0], breaks=(Window(5, 35),), break_ms=20 * MINUTE),))
    calls = joined(one_call(10), one_call(0, at_ms=1_400_000, priority=1))
    assert lived(city, calls).on_scene_ms.tolist() == [301_000, 901_000 + 400_000 + 20 * MINUTE]


def test_a_meal_without_a_length_takes_the_whole_window() -> None:
    city = LINE._replace(units=(replace(LINE.units[0], breaks=(Window(0, 45),)),))
    assert lived(city, one_call(0, priority=1)).on_scene_ms.tolist() == [45 * MINUTE]
    assert lived(city, one_call(0)).on_scene_ms.tolist() == [1_000]


def test_a_meal_given_up_is_not_taken_later() -> None:
    city = LINE._replace(units=(replace(LINE.units[0], breaks=(Window(0, 60),)),))
    calls = joined(one_call(0, at_ms=MINUTE), one_call(0, at_ms=20 * MINUTE, priority=1))
    assert lived(city, calls).on_scene_ms.tolist() == [61_000, 20 * MINUTE + 1_000]


def test_of_a_crew_of_three_units_the_best_goes_and_the_others_wait_for_the_crew() -> None:
    stations = (StationSite("A", 0), StationSite("B", 5), StationSite("C", 10))
    city = LINE._replace(stations=stations, units=tuple(CrewedUnit(name, nth, crew="one") for nth, name in enumerate("UVW")))
    outcome = lived(city, joined(one_call(9), one_call(0, at_ms=10_000)))
    assert outcome.first_unit.tolist()[0] == 2
    assert outcome.on_scene_ms.tolist()[0] == 1_000 + LIGHTS_STEP_MS
    assert outcome.on_scene_ms.tolist()[1] > outcome.on_scene_ms.tolist()[0] + 600_000
    assert (outcome.busy_ms > 0).sum() <= 2 and outcome.sent.tolist() == [1, 1]


def test_two_crews_work_at_once_where_one_cannot() -> None:
    calls = joined(one_call(0), one_call(0, at_ms=1_000))
    one, two = (LINE._replace(units=tuple(CrewedUnit(name, 0, crew=crew) for name, crew in zip("UV", crews, strict=True))) for crews in ("xx", "xy"))  # fmt: skip  # noqa: E501 - side by side
    assert lived(two, calls).longest_queue == 0 and lived(one, calls).longest_queue == 1


# ---- what goes wrong


def test_a_lost_unit_at_its_station_is_not_there_until_it_is_found() -> None:
    city = LINE._replace(happenings=(Happening("unit_lost", 0, 30 * MINUTE, 0),))
    assert lived(city, one_call(4)).on_scene_ms.tolist() == [30 * MINUTE + 4 * LIGHTS_STEP_MS]


def test_a_unit_that_breaks_down_with_its_patient_ends_the_job_first() -> None:
    city = LINE._replace(happenings=(Happening("unit_lost", 60_000, 60 * MINUTE, 0),))
    outcome = lived(city, joined(one_call(0), one_call(0, at_ms=700_000)))
    assert outcome.on_scene_ms.tolist() == [1_000, 60 * MINUTE] and outcome.busy_ms.tolist() == [1_200_000]


def test_a_unit_that_breaks_down_on_its_way_has_worked_until_then() -> None:
    city = two_units(second=10)._replace(happenings=(Happening("unit_lost", 61_000, FOREVER, 0),))
    outcome = lived(city, one_call(4))
    assert outcome.first_unit.tolist() == [1] and outcome.on_scene_ms.tolist() == [61_000 + 6 * LIGHTS_STEP_MS]
    assert outcome.busy_ms.tolist() == [60_000, 6 * LIGHTS_STEP_MS + 600_000]


def test_a_lost_station_is_lost_for_who_is_at_work_too() -> None:
    """Freed at 10 after the station at 0 was lost, it goes to B at 5, and is 5 steps from 10 afterwards."""
    city = two_units(second=5)._replace(units=(CrewedUnit("U", 0),), happenings=(Happening("station_lost", 100_000, FOREVER, 0),))
    outcome = lived(city, joined(one_call(10), one_call(10, at_ms=3_600_000)))
    assert outcome.on_scene_ms.tolist() == [301_000, 3_601_000 + 5 * LIGHTS_STEP_MS]
    assert outcome.return_ms.tolist() == [5 * NORMAL_STEP_MS] and outcome.moves.tolist() == [0], "the one that stands in is home"


def test_where_every_station_is_lost_units_stay_with_their_own() -> None:
    city = LINE._replace(happenings=(Happening("station_lost", 0, FOREVER, 0),))
    assert lived(city, one_call(5)).on_scene_ms.tolist() == [1_000 + 5 * LIGHTS_STEP_MS]


def test_without_radio_the_dispatcher_chooses_by_stale_places() -> None:
    """U drives home from 10 when radio is lost at its third step: at 210 s it is past 5, so at 4, and taken to be at 8. A call at 8
    is really nearer to V at 10, and looks nearer to U."""
    city = two_units(second=10)
    city = city._replace(units=(city.units[0], replace(city.units[1], shifts=(Window(12, 600),))))
    calls = joined(one_call(10), one_call(8, at_ms=901_000 + 209_000))
    usual = lived(city, calls)
    lost = lived(city._replace(happenings=(Happening("radio_lost", 901_000 + 81_000, FOREVER),)), calls)
    assert usual.first_unit.tolist() == [0, 1] and lost.first_unit.tolist() == [0, 0]
    assert usual.on_scene_ms.tolist()[1] == 1_111_000 + 2 * LIGHTS_STEP_MS
    assert lost.on_scene_ms.tolist()[1] == 1_111_000 + 4 * LIGHTS_STEP_MS, "it drives from where it really is"


# ---- hospitals


def transported(*calls: Calls, handover_ms: int = 300_000) -> Calls:
    both = joined(*calls)
    return both._replace(is_transport=np.ones(both.size, np.bool_), handover_ms=np.full(both.size, handover_ms))


def test_the_hospital_reached_soonest_and_of_equal_ones_the_first() -> None:
    city = LINE._replace(hospitals=(HospitalSite("far", 10), HospitalSite("near", 4), HospitalSite("as near", 6)))
    outcome = lived(city, transported(one_call(5)))
    assert outcome.busy_ms.tolist() == [5 * LIGHTS_STEP_MS + 600_000 + NORMAL_STEP_MS + 300_000]
    back = lived(city, transported(one_call(5), one_call(4, at_ms=5_000)))
    assert back.on_scene_ms.tolist()[1] == 1_000 + back.busy_ms.tolist()[0] - (back.busy_ms.tolist()[0] - outcome.busy_ms.tolist()[0])


def test_only_who_can_drives_patients_and_everybody_where_nobody_is_said_to() -> None:
    city = two_units(second=10)._replace(hospitals=(HospitalSite("H", 0),))
    calls = transported(one_call(1), handover_ms=0)
    assert lived(city, calls).busy_ms.tolist()[0] == LIGHTS_STEP_MS + 600_000 + NORMAL_STEP_MS
    other = city._replace(units=(city.units[0], replace(city.units[1], capabilities=("transport",))))
    assert lived(other, calls).busy_ms.tolist()[0] == LIGHTS_STEP_MS + 600_000


def test_a_hospital_that_cannot_be_reached_is_none() -> None:
    normal = LINE.roads.normal_ms.copy()
    normal[:, 10] = -1
    city = LINE._replace(roads=LINE.roads._replace(normal_ms=normal), hospitals=(HospitalSite("H", 10),))
    assert lived(city, transported(one_call(2))).busy_ms.tolist() == [2 * LIGHTS_STEP_MS + 600_000]


@pytest.mark.parametrize("bays", [1, 2, 3, 0])
def test_so_many_bays_so_many_handovers_at_once(bays: int) -> None:
    units = tuple(CrewedUnit(f"U{nth}", 0) for nth in range(6))
    city = LINE._replace(units=units, hospitals=(HospitalSite("H", 0, bays),))
    outcome = lived(city, transported(*(one_call(0, scene_ms=0) for _ in range(6)), handover_ms=100_000))
    ends = [100_000 * (1 + nth // bays if bays else 1) for nth in range(6)]
    assert outcome.busy_ms.tolist() == ends


def test_the_drive_to_the_hospital_has_the_factors_of_call_and_hour_of_leaving() -> None:
    hours = (1_000_000, *(1_500_000,) * 167)
    city = LINE._replace(travel_ppm=hours, hospitals=(HospitalSite("H", 10),))
    calls = transported(one_call(0, scene_ms=3_599_000), handover_ms=0)._replace(travel_ppm=np.array([2_000_000], np.int32))
    assert lived(city, calls).busy_ms.tolist() == [3_599_000 + 10 * NORMAL_STEP_MS * 3]
