"""The compiled engine against the plain one: the same outcome to the last bit, for every city and policy that both can run."""

import cities
import numpy as np
import pytest
from cities import TWINNED, cover_of, twinned_cities
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.base.faults import BadInput
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import POLICIES, Policy
from tocsin.core.messages.plan import Slot
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, Happening, Window
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import find_kernel, has_twin, run

pytestmark = pytest.mark.skipif(find_kernel() is None, reason="Numba cannot be loaded here: the plain engine serves alone")


def assert_same(city: City, calls: Calls, policy: Policy, rule: MoveUpRule) -> Outcome:
    cover = cover_of(city)
    plain, compiled = (run(city, calls, policy, cover=cover, rule=rule, engine=engine) for engine in ("plain", "compiled"))
    for field, one, other in zip(Outcome._fields, plain, compiled, strict=True):
        assert np.array_equal(one, other), field
        assert getattr(one, "dtype", None) == getattr(other, "dtype", None), field
    return plain


@given(twinned_cities(), cities.policies(), st.integers(0, 1000), st.sampled_from([MoveUpRule(), MoveUpRule(3_000_000, 20_000)]))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_every_city_that_both_can_run(city: City, policy: Policy, seed: int, rule: MoveUpRule) -> None:
    assert has_twin(city, policy)
    assert_same(city, draw_calls(city, seed=seed, replication=0, days=2.5), policy, rule)


@pytest.mark.parametrize("name", TWINNED)
def test_whole_runs(name: str) -> None:
    city = square_city(17, 16, stations=14, hospitals=3, calls_per_hour=18.0)
    calls = draw_calls(city, seed=7, replication=0, days=14)
    outcome = assert_same(city, calls, POLICIES[name], MoveUpRule(least_gain_ppb=2_000_000))
    assert outcome.longest_queue > 0 and np.all(outcome.on_scene_ms > calls.ready_ms)


def test_a_run_that_is_overloaded_stops_at_the_same_call() -> None:
    city = square_city(9, 2, calls_per_hour=12.0)
    outcome = assert_same(city, draw_calls(city, seed=7, replication=0, days=20), POLICIES["road-time"], MoveUpRule())
    assert outcome.is_overloaded


def test_a_run_without_calls() -> None:
    calls = draw_calls(square_city(9, 2), seed=7, replication=0, days=0.001)
    assert calls.size == 0
    assert assert_same(square_city(9, 2), calls, POLICIES["default"], MoveUpRule()).ended_ms == 0


def test_what_has_no_twin_runs_on_the_plain_engine_and_never_on_something_near_it() -> None:
    city, closest = square_city(5, 2), POLICIES["closest"]
    kinds = tuple(replace(kind, slots=(Slot("any", ("ambulance",)),)) for kind in city.kinds)
    shared = tuple(replace(unit, crew="A") for unit in city.units)
    resting = tuple(replace(unit, breaks=(Window(0, 60),)) for unit in city.units)
    without = (
        city._replace(kinds=kinds),
        city._replace(units=shared),
        city._replace(units=resting),
        city._replace(happenings=(Happening("station_lost", 0, 1),)),
    )
    for one in without:
        assert not has_twin(one, closest)
        calls = draw_calls(one, seed=1, replication=0, days=0.5)
        with pytest.raises(BadInput, match="no_twin"):
            run(one, calls, closest, engine="compiled")
        assert np.all(run(one, calls, closest).on_scene_ms >= 0)
    assert has_twin(city, closest)
    assert not has_twin(city, POLICIES["straight-line"])
    assert not has_twin(city, closest._replace(travel_ms=lambda road: road.road_ms))
