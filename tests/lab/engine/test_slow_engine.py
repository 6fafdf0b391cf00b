"""Both engines against the slow one: cities where units move up, shifts end at work, bays are full and many things happen at once."""

import cities
import numpy as np
import pytest
from cities import TWINNED, cover_of, shifts, twinned_cities
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from slow_engine import run_slowly

from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import POLICIES, Policy
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, Divert, Happening, Span, Turnout
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import find_kernel, run

PATIENT = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
MOVING = ("move-up", "dmexclp", "default")
RULES = [MoveUpRule(), MoveUpRule(2_000_000), MoveUpRule(0, 30_000), MoveUpRule(5_000_000, 100_000)]


@st.composite
def moving_cities(draw: st.DrawFn) -> City:
    """Demand heaped around two places, several stations, units busy a third of their time: being at another station pays."""
    side, stations = draw(st.integers(4, 9)), draw(st.integers(3, 6))
    units = draw(st.integers(3, 8))
    city = square_city(side, units, stations=stations, hospitals=draw(st.integers(1, 2)), calls_per_hour=units * draw(st.floats(0.3, 1.0)))
    dice = np.random.default_rng(draw(st.integers(0, 10_000)))
    weights = dice.random(city.places) ** 4
    heaps = dice.integers(0, city.places, 2)
    weights[heaps] += city.places / 4
    changed = tuple(
        replace(unit, station=draw(st.integers(0, stations - 1)), shifts=draw(shifts()) if draw(st.integers(0, 3)) == 0 else ())
        for unit in city.units
    )
    return city._replace(
        units=changed,
        place_weights=(weights / weights.sum())[None, :],
        hospitals=tuple(replace(site, bays=draw(st.integers(0, 1))) for site in city.hospitals),
        turnouts=(Turnout("*", Span(40_000, "exponential"), Span(10_000)),),
        diverts=(Divert(1, 0, 60_000, 30_000),),
        happenings=(Happening("slower", 7_200_000, 50_000_000, 1_250_000),) if draw(st.booleans()) else (),
    )


def coarse(calls: Calls, step_ms: int) -> Calls:
    """Everything on whole multiples of a step, so that many things happen in the same millisecond."""
    at_ms, ready_ms = (column // step_ms * step_ms for column in (calls.at_ms, calls.ready_ms))
    return calls._replace(
        at_ms=at_ms,
        ready_ms=ready_ms,
        on_scene_ms=calls.on_scene_ms // step_ms * step_ms,
        handover_ms=calls.handover_ms // step_ms * step_ms,
        turnout_ms=calls.turnout_ms // step_ms * step_ms,
    )


def engines() -> tuple[str, ...]:
    return ("plain", "compiled") if find_kernel() is not None else ("plain",)


def assert_all_same(city: City, calls: Calls, policy: Policy, rule: MoveUpRule) -> Outcome:
    cover = cover_of(city)
    slow = run_slowly(city, calls, policy, cover, rule)
    for engine in engines():
        for field, one, other in zip(Outcome._fields, run(city, calls, policy, cover=cover, rule=rule, engine=engine), slow, strict=True):
            assert np.array_equal(one, other), (engine, field)
    return slow


@given(moving_cities(), st.sampled_from(MOVING), st.integers(0, 999), st.sampled_from(RULES))
@PATIENT
def test_cities_where_units_move_up(city: City, policy: str, seed: int, rule: MoveUpRule) -> None:
    assert_all_same(city, draw_calls(city, seed=seed, replication=0, days=2), POLICIES[policy], rule)


@given(moving_cities(), st.sampled_from(TWINNED), st.integers(0, 999), st.sampled_from([10_000, 30_000, 120_000]))
@PATIENT
def test_many_things_in_the_same_millisecond(city: City, policy: str, seed: int, step_ms: int) -> None:
    calls = coarse(draw_calls(city, seed=seed, replication=0, days=2), step_ms)
    assert_all_same(city, calls, POLICIES[policy], MoveUpRule())


@given(twinned_cities(), cities.policies(), st.integers(0, 999), st.sampled_from(RULES))
@PATIENT
def test_every_city_that_the_twins_are_held_to(city: City, policy: Policy, seed: int, rule: MoveUpRule) -> None:
    assert_all_same(city, draw_calls(city, seed=seed, replication=0, days=2), policy, rule)


@pytest.mark.parametrize("name", MOVING)
def test_these_cities_are_worth_their_test(name: str) -> None:
    """Were nobody moved, diverted, overrun or kept waiting, three engines would agree on nothing."""
    city = square_city(7, 6, stations=5, hospitals=1, calls_per_hour=5.0)
    dice = np.random.default_rng(4)
    weights = dice.random(49) ** 4
    city = city._replace(
        place_weights=(weights / weights.sum())[None, :],
        hospitals=tuple(replace(site, bays=1) for site in city.hospitals),
        units=(*city.units[:4], *(replace(unit, shifts=cities.hourly(nth)) for nth, unit in enumerate(city.units[4:]))),
    )
    outcome = assert_all_same(city, draw_calls(city, seed=3, replication=0, days=2), POLICIES[name], MoveUpRule())
    assert outcome.moves.sum() > 20 and outcome.diverted > 0 and outcome.longest_queue > 2
    assert outcome.overrun_ms[4:].min() > 0 and outcome.return_ms.sum() > 0
