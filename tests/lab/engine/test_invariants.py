"""What holds in every run of the plain engine, whatever the city: conservation, the order of the queue, names, brute force."""

from itertools import pairwise

import cities
import numpy as np
import pytest
from cities import cover_of, twinned_cities
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from on_a_line import LINE, joined, one_call

from tocsin.base.faults import BadInput
from tocsin.core.engine.cover import Cover
from tocsin.core.engine.policies import POLICIES, Policy, weigh
from tocsin.core.messages.facts import UnitRoad
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit, Happening, StationSite, Window
from tocsin.lab.city.square import LIGHTS_STEP_MS, square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import run

LENIENT = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
CLOSEST = POLICIES["closest"]


def plain(city: City, calls: Calls, policy: Policy = CLOSEST) -> Outcome:
    return run(city, calls, policy, cover=cover_of(city), engine="plain")


@given(twinned_cities(), cities.policies(), st.integers(0, 99))
@LENIENT
def test_each_call_is_served_once_or_waits(city: City, policy: Policy, seed: int) -> None:
    calls = draw_calls(city, seed=seed, replication=0, days=2)
    outcome = plain(city, calls, policy)
    is_served = outcome.on_scene_ms >= 0
    assert np.array_equal(is_served, outcome.first_unit >= 0)
    assert np.array_equal(outcome.full_ms, outcome.on_scene_ms)
    assert np.all(outcome.on_scene_ms[is_served] >= calls.ready_ms[is_served])
    assert np.all(outcome.sent[is_served] >= 1)
    if not outcome.is_overloaded:
        assert outcome.sent.sum() == is_served.sum() + outcome.diverted
        assert np.all(outcome.ended_ms >= outcome.on_scene_ms)
    assert np.all(outcome.busy_ms + outcome.return_ms <= outcome.ended_ms)


@given(twinned_cities(), cities.policies(), st.integers(0, 99))
@LENIENT
def test_no_unit_is_at_two_calls_at_once(city: City, policy: Policy, seed: int) -> None:
    """From a unit's being on scene until it leaves no other call sees it arrive."""
    calls = draw_calls(city, seed=seed, replication=0, days=2)
    outcome = plain(city, calls, policy)
    for unit in range(len(city.units)):
        mine = np.flatnonzero(outcome.first_unit == unit)
        for one, other in pairwise(mine[np.argsort(outcome.on_scene_ms[mine], kind="stable")]):
            assert outcome.on_scene_ms[other] >= outcome.on_scene_ms[one] + calls.on_scene_ms[one, 0]


@given(st.integers(0, 500), st.integers(1, 3))
@LENIENT
def test_the_queue_is_served_by_priority_then_time(seed: int, units: int) -> None:
    """All at one place, no drives: whoever is served while others wait comes before them."""
    city = square_city(1, units, stations=1, calls_per_hour=5.0)
    calls = draw_calls(city, seed=seed, replication=0, days=1)
    outcome = plain(city, calls)
    keys = list(zip(calls.told_priority.tolist(), calls.ready_ms.tolist(), range(calls.size), strict=True))
    sent_ms = outcome.on_scene_ms - calls.turnout_ms[np.arange(calls.size), 0, 1]  # only for those that waited: a freed unit is on the road
    waited = [nth for nth in range(calls.size) if outcome.on_scene_ms[nth] >= 0 and sent_ms[nth] > calls.ready_ms[nth] + 300_000]
    for one in waited:
        for other in waited:
            if keys[one] > keys[other] and calls.ready_ms[other] < sent_ms[one]:
                assert sent_ms[other] <= sent_ms[one]


@given(twinned_cities(), st.integers(0, 99), st.permutations(range(6)))
@LENIENT
def test_names_change_nothing(city: City, seed: int, order: list[int]) -> None:
    renamed = city._replace(units=tuple(replace(unit, name=f"X{order[nth]}") for nth, unit in enumerate(city.units)))
    calls = draw_calls(city, seed=seed, replication=0, days=1)
    for one, other in zip(plain(city, calls), plain(renamed, calls), strict=True):
        assert np.array_equal(one, other)


@given(st.integers(0, 99), st.integers(1, 5))
@LENIENT
def test_one_more_unit_at_the_only_station_never_makes_closest_later(seed: int, units: int) -> None:
    """Provable where units are alike: one station, no drives, one priority, a call's time with a unit its own: a queue of c or c + 1
    servers, first come first served. With drives or priorities it holds on average only, and is not asserted."""
    few, more = (square_city(1, count, stations=1, calls_per_hour=6.0) for count in (units, units + 1))
    alike = [
        city._replace(
            turnouts=(), priorities=(city.priorities[0],), kinds=tuple(replace(kind, priority=0) for kind in city.kinds), diverts=()
        )
        for city in (few, more)
    ]
    calls = draw_calls(alike[0], seed=seed, replication=0, days=3)
    fewer, better = (plain(city, calls) for city in alike)
    served = fewer.on_scene_ms >= 0
    assert np.all(better.on_scene_ms[served] <= fewer.on_scene_ms[served])


@given(st.data())
@LENIENT
def test_single_decisions_are_those_of_brute_force(data: st.DataObject) -> None:
    """Up to 6 idle units and 3 calls that come one after the other: each gets the least of all weights, with the cover as it then is."""
    units = data.draw(st.integers(1, 6))
    city = square_city(6, units, stations=4, calls_per_hour=3.0, is_straight=data.draw(st.booleans()))
    city = city._replace(diverts=(), units=tuple(replace(unit, station=data.draw(st.integers(0, 3))) for unit in city.units))
    policy = data.draw(st.sampled_from([POLICIES[name] for name in ("closest", "preserve", "dmexclp")]))
    drawn = draw_calls(city, seed=data.draw(st.integers(0, 99)), replication=0, days=3)
    calls = Calls._make(column[:3] for column in drawn)._replace(at_ms=np.arange(3) * 1000, ready_ms=np.arange(3) * 1000 + 500)
    outcome, cover, free = plain(city, calls, policy), Cover(cover_of(city)), set(range(units))
    for unit in city.units:
        cover.put(unit.station)
    for call in range(calls.size):
        told = city.priorities[calls.told_priority[call]]
        table = city.roads.lights_ms if told.is_urgent else city.roads.normal_ms
        weighs, left_ms = policy.weighs_cover(is_urgent=told.is_urgent), told.target_ms - 500
        weights = []
        for nth in free:
            station = city.units[nth].station
            eta_ms = city.turnouts[0].at_station.mean_ms + int(table[city.stations[station].place, calls.place[call]])
            weights.append((weigh(eta_ms, cover.loss_ppb[station], left_ms, sure_ms=policy.sure_ms(left_ms) if weighs else None), nth))
        if not weights:
            break
        best = min(weights)[1]
        assert outcome.first_unit[call] == best
        free.remove(best)
        cover.take(city.units[best].station)


def test_one_call_followed() -> None:
    outcome = plain(LINE, one_call(10))
    assert outcome.on_scene_ms.tolist() == [1000 + 10 * LIGHTS_STEP_MS]
    assert outcome.busy_ms.tolist() == [10 * LIGHTS_STEP_MS + 600_000] and outcome.ended_ms == 901_000


def test_a_unit_on_its_way_back_is_sent_from_its_true_place() -> None:
    calls = joined(one_call(10), one_call(10, at_ms=900_000 + 100_000))  # 100 s into a way back of 40 s a step: past the second step
    assert plain(LINE, calls).on_scene_ms.tolist()[1] == 1_001_000 + 3 * LIGHTS_STEP_MS


def test_without_radio_it_is_taken_to_be_where_it_was_heard_last_but_drives_from_where_it_is() -> None:
    second = CrewedUnit("V", 1)
    city = LINE._replace(stations=(StationSite("A", 0), StationSite("B", 3)), units=(*LINE.units, second))
    calls = joined(one_call(10), one_call(10, scene_ms=9_000_000), one_call(10, at_ms=900_000 + 210_000))
    calls = calls._replace(on_scene_ms=np.array([[9_000_000], [600_000], [1]]))
    outcome = plain(city, calls)
    lost = plain(city._replace(happenings=(Happening("radio_lost", 902_000, 9_000_000),)), calls)
    assert outcome.first_unit.tolist() == lost.first_unit.tolist()
    assert np.array_equal(outcome.on_scene_ms, lost.on_scene_ms)


def test_a_diverted_unit_leaves_a_call_that_waits_again() -> None:
    calls = joined(one_call(10, priority=1), one_call(4, at_ms=40_000))
    outcome = plain(LINE, calls, POLICIES["road-time"])
    assert outcome.diverted == 1 and outcome.sent.tolist() == [2, 1] and outcome.longest_queue == 1
    assert outcome.on_scene_ms[1] < outcome.on_scene_ms[0]
    assert plain(LINE, calls).diverted == 0


def test_a_shift_that_ends_at_work_is_overrun_and_the_next_call_waits_for_the_next_shift() -> None:
    city = LINE._replace(units=(replace(LINE.units[0], shifts=(Window(0, 10), Window(60, 120))),))
    outcome = plain(city, joined(one_call(10), one_call(10, at_ms=950_000)))
    assert outcome.overrun_ms.tolist() == [901_000 - 600_000]
    assert outcome.on_scene_ms.tolist()[1] == 3_600_000 + 10 * LIGHTS_STEP_MS


def test_a_meal_is_given_up_for_an_urgent_call_only() -> None:
    city = LINE._replace(units=(replace(LINE.units[0], breaks=(Window(0, 60),), break_ms=1_800_000),))
    assert plain(city, one_call(10, at_ms=60_000, priority=1)).on_scene_ms[0] == 1_800_000 + 10 * 40_000
    assert plain(city, one_call(10, at_ms=60_000)).on_scene_ms[0] == 61_000 + 10 * LIGHTS_STEP_MS


def test_two_units_of_one_crew_have_one_job() -> None:
    city = LINE._replace(units=tuple(CrewedUnit(name, 0, crew="A") for name in "UV"))
    outcome = plain(city, joined(one_call(10), one_call(10, at_ms=10_000)))
    assert outcome.longest_queue == 1 and outcome.on_scene_ms[1] >= 901_000


def test_a_lost_unit_is_replaced_on_its_way_and_a_lost_station_sends_its_units_elsewhere() -> None:
    city = LINE._replace(stations=(StationSite("A", 0), StationSite("B", 5)), units=(CrewedUnit("U", 0), CrewedUnit("V", 1)))
    outcome = plain(city._replace(happenings=(Happening("unit_lost", 31_000, 1 << 50, 0),)), one_call(2))
    assert outcome.first_unit.tolist() == [1] and outcome.sent.tolist() == [2]
    moved = plain(city._replace(units=city.units[:1], happenings=(Happening("station_lost", 0, 1 << 50, 0),)), one_call(5, at_ms=600_000))
    assert moved.on_scene_ms.tolist() == [601_000] and moved.return_ms.tolist() == [200_000]


def test_bays_are_waited_for_in_the_order_of_coming() -> None:
    calls = joined(*(one_call(0, scene_ms=0) for _ in range(3)))._replace(
        is_transport=np.ones(3, np.bool_), handover_ms=np.full(3, 600_000)
    )
    city = LINE._replace(units=tuple(CrewedUnit(name, 0) for name in "UVW"))
    to_hospital = int(city.roads.normal_ms[0, city.hospitals[0].place])
    held = city._replace(hospitals=(replace(city.hospitals[0], bays=1),))
    assert plain(city, calls).busy_ms.tolist() == [to_hospital + 600_000] * 3
    assert plain(held, calls).busy_ms.tolist() == [to_hospital + nth * 600_000 for nth in (1, 2, 3)]


def test_a_queue_without_end_stops_and_what_came_before_is_kept() -> None:
    city = square_city(9, 2, calls_per_hour=12.0)
    calls = draw_calls(city, seed=1, replication=0, days=20)
    outcome = plain(city, calls)
    assert outcome.is_overloaded and outcome.longest_queue == 201
    assert 0 < (outcome.on_scene_ms >= 0).sum() < calls.size and outcome.on_scene_ms.max() <= outcome.ended_ms


def test_a_policy_that_raises_is_told_with_its_name_and_the_moment() -> None:
    def fails(road: UnitRoad) -> None:
        raise ZeroDivisionError("by nought")

    with pytest.raises(BadInput, match="policy_failed") as fault:
        plain(LINE, one_call(10), Policy("mine", "1", fails, may_divert=False, is_by_road=False))
    assert fault.value.values == {"policy": "mine", "at_ms": "1000", "why": "ZeroDivisionError: by nought"}


def test_a_policy_of_ones_own_decides() -> None:
    city = LINE._replace(stations=(StationSite("A", 0), StationSite("B", 5)), units=(CrewedUnit("U", 0), CrewedUnit("V", 1)))
    farthest = Policy("farthest", "1", lambda road: type(road.age_ms)(10**9 - (road.road_ms or 0)), may_divert=False)
    assert plain(city, one_call(9)).first_unit.tolist() == [1]
    assert plain(city, one_call(9), farthest).first_unit.tolist() == [0]


@pytest.mark.parametrize("name", ["default", "compliance"])
def test_what_a_policy_needs_and_is_not_given_is_said(name: str) -> None:
    with pytest.raises(BadInput, match="missing"):
        run(LINE, one_call(1), POLICIES[name])
