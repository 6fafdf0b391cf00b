"""What looking ahead does to a run: where it is plainly right, where it never sends anybody, and what it refuses."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lab.engine.cities import cover_of, twinned_cities
from tocsin.base.faults import BadInput
from tocsin.core.engine.move_up import NO_WAY_MS, MoveUpRule, best_station
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import Slot
from tocsin.edge.workers_process import Processes
from tocsin.lab.calls import Calls
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import CallKind, City, Happening, Span
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.executor import Executor, InProcess
from tocsin.lab.experiment.experiment import Experiment, gather
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.lookahead.ahead import Ahead
from tocsin.lab.lookahead.run_ahead import run_ahead
from tocsin.lab.outcome import Outcome
from tocsin.lab.plain.engine import run_plain
from tocsin.lab.run import find_kernel, has_twin, run

if find_kernel() is None:
    pytest.skip("Numba cannot be loaded here", allow_module_level=True)
from tocsin.lab.lookahead.look import LookAhead, best_stations, decision_key

AHEAD, DEFAULT, HOME = POLICIES["look-ahead"], POLICIES["default"], MoveUpRule()
SOON = Ahead(futures=100)


def late_share(city: City, calls: Calls, outcome: Outcome) -> float:
    target_ms = np.array([one.target_ms for one in city.priorities])[calls.priority]
    return float(np.mean(outcome.on_scene_ms - calls.at_ms > target_ms))


def city_of_two_halves() -> City:
    """In the first twelve hours of each day everybody calls from the west, in the others from the east. Cover knows only the week."""
    city = square_city(21, 2, stations=2, hospitals=1)
    kinds, weights = [], np.zeros((2, city.places))
    for nth, site in enumerate(city.stations):
        weights[nth, [site.place + dy * 21 + dx for dx in (-2, -1, 0, 1, 2) for dy in (-2, -1, 0, 1, 2)]] = 0.04
        rates = tuple(1.5 if hour % 24 // 12 == nth else 0.0 for hour in range(168))
        kinds.append(CallKind(site.name, 0, rates, nth, on_scene=Span(600_000)))
    priorities = (replace(city.priorities[0], target_ms=300_000), city.priorities[1])
    return city._replace(place_weights=weights, kinds=tuple(kinds), priorities=priorities, hospitals=())


def test_who_looks_ahead_waits_where_the_next_calls_come_from() -> None:
    city = city_of_two_halves()
    cover, calls = cover_of(city), draw_calls(city, seed=1, replication=0, days=20)
    by_cover, ahead = (run(city, calls, policy, cover=cover) for policy in (DEFAULT, AHEAD))
    assert late_share(city, calls, ahead) < 0.7 * late_share(city, calls, by_cover)
    assert np.mean(ahead.on_scene_ms - calls.at_ms) < np.mean(by_cover.on_scene_ms - calls.at_ms)


def test_the_same_calls_and_dice_give_the_same_and_other_dice_are_other_futures() -> None:
    city = square_city(15, 6, stations=6, calls_per_hour=8.0)
    cover, calls = cover_of(city), draw_calls(city, seed=1, replication=0, days=2)
    again = [run_ahead(city, calls, AHEAD, cover, HOME, SOON) for _ in range(2)]
    for field, one, other in zip(Outcome._fields, *again, strict=True):
        assert np.array_equal(one, other), field
    others = {tuple(run_ahead(city, calls, AHEAD, cover, HOME, SOON._replace(seed=seed)).moves.tolist()) for seed in range(4)}
    assert len(others) > 1
    keys = {decision_key(Ahead(seed, replication), nth) for seed in range(5) for replication in range(5) for nth in range(5)}
    assert len(keys) == 125


def test_the_answer_does_not_depend_on_who_does_the_work() -> None:
    city = sealed(square_city(11, 4, stations=4, calls_per_hour=5.0))
    one = Experiment((Arm("default", city.digest, DEFAULT), Arm("look-ahead", city.digest, AHEAD)), 1.0, 0.8, 3, 4, 0.0)
    ground = Ground({city.digest: city}, {city.digest: cover_of(city)})

    def rows(executor: Executor) -> Any:
        return gather(one, ground, executor, lambda *_: None).by_arm

    here = rows(InProcess())
    assert here == rows(Processes(2))
    assert here[0] != here[1]


@given(twinned_cities(), st.integers(0, 3))
@settings(max_examples=30, suppress_health_check=list(HealthCheck))
def test_nobody_is_sent_to_a_station_that_is_closed_or_lost(city: City, subject: int) -> None:
    lost = Happening("station_lost", 7_200_000, 30_000_000, subject % len(city.stations))
    city = city._replace(happenings=(*city.happenings, lost))
    cover = cover_of(city)
    advisor = LookAhead(city, AHEAD, cover, HOME, Ahead(futures=20, margin_percent=0))

    def watched(run: Any, unit: Any, drives_ms: list[int], home: int) -> int:
        station = advisor(run, unit, drives_ms, home)
        others = [nth for nth, is_open in enumerate(run.fleet.is_open) if is_open and drives_ms[nth] >= 0]
        assert run.fleet.is_open[station] or not others
        assert drives_ms[station] >= 0 or not others
        return station

    calls = draw_calls(city, seed=1, replication=0, days=1)
    outcome = run_plain(city, calls, AHEAD, cover, HOME, watched)
    assert outcome.is_overloaded or outcome.ended_ms >= 0


def test_a_run_that_is_overloaded_stops_and_says_so() -> None:
    city = square_city(9, 2, calls_per_hour=12.0)
    outcome = run_ahead(city, draw_calls(city, seed=7, replication=0, days=20), AHEAD, cover_of(city), HOME, SOON)
    assert outcome.is_overloaded


stations = st.integers(1, 8).flatmap(
    lambda size: st.tuples(
        st.lists(st.integers(0, 5), min_size=size, max_size=size),
        st.lists(st.integers(-1, 5), min_size=size, max_size=size),
        st.integers(0, size - 1),
    )
)


@given(stations, st.sampled_from([HOME, MoveUpRule(2, 500)]), st.integers(2, 5))
def test_candidates_are_open_the_best_by_cover_comes_first_and_the_own_is_among_them(
    asked: tuple[list[int], list[int], int], rule: MoveUpRule, most: int
) -> None:
    gain_ppb, drives, own = asked
    drive_ms = [ms * 1000 if ms >= 0 else NO_WAY_MS for ms in drives]
    found = best_stations(gain_ppb, drive_ms, own, rule, most)
    assert found[0] == best_station(gain_ppb, drive_ms, own, rule)
    assert len(set(found)) == len(found) <= most
    if drive_ms[own] >= 0:
        assert own in found and all(drive_ms[nth] >= 0 for nth in found)
        assert len(found) == min(most, sum(ms >= 0 for ms in drive_ms))


def test_what_it_cannot_foresee_is_refused() -> None:
    city = square_city(5, 2)
    calls = draw_calls(city, seed=1, replication=0, days=0.5)
    kinds = tuple(replace(kind, slots=(Slot("any", ("ambulance",)),)) for kind in city.kinds)
    shared = tuple(replace(unit, crew="A") for unit in city.units)
    for one in (city._replace(kinds=kinds), city._replace(units=shared)):
        with pytest.raises(BadInput, match="look_ahead_city"):
            run(one, draw_calls(one, seed=1, replication=0, days=0.5), AHEAD, cover=cover_of(one))
    with pytest.raises(BadInput, match="cover_missing"):
        run(city, calls, AHEAD)
    with pytest.raises(BadInput, match="no_twin"):
        run(city, calls, AHEAD, cover=cover_of(city), engine="compiled")
    assert not has_twin(city, AHEAD)


def test_a_city_with_one_open_station_needs_no_futures() -> None:
    city = square_city(7, 2, stations=1)
    advisor = LookAhead(city, AHEAD, cover_of(city), HOME, SOON)
    run_plain(city, draw_calls(city, seed=1, replication=0, days=1), AHEAD, cover_of(city), HOME, advisor)
    assert advisor.decisions == 0
