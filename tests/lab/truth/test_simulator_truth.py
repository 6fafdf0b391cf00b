"""The simulator against what can be reckoned: Erlang's pool, the hypercube, the square-root law, and what no queue may break.

Runs are independent replications from fixed seeds; "within" means three standard errors of their mean.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from queues import SERVICE_MS, plane, played, pool, waits_ms, within

from tocsin.core.engine.policies import get_policy
from tocsin.lab.city.square import square_city
from tocsin.lab.queueing.city_shares import hypercube_of
from tocsin.lab.queueing.erlang import erlang_c, mean_wait, wait_beyond
from tocsin.lab.queueing.square_root import mean_distance_m
from tocsin.lab.run import Engine, find_kernel, has_twin

REPLICATIONS = 20
CALLS_EACH = 8_000
"""A replication with far fewer calls hardly ever sees a long queue, and means of waits are then too low and too sure of it."""
POOLS = [(3, 1.5), (8, 5.0), (16, 12.0)]
ENGINES: list[Engine] = ["plain", "compiled"]


def test_the_published_pools_are_these(shared: Path) -> None:
    truth = json.loads((shared / "data/orlib/queueing_truth.json").read_text())
    assert [(case["c"], case["a"]) for case in truth["erlang_c"]] == POOLS


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("units", "offered"), POOLS)
def test_waiting_is_erlangs(units: int, offered: float, engine: Engine) -> None:
    if engine == "compiled" and find_kernel() is None:
        pytest.skip("the compiled engine does not run on this machine")
    city, days = pool(units, offered), CALLS_EACH / (offered * 48)
    waited, means, long = [], [], []
    for replication in range(1, REPLICATIONS + 1):
        wait_ms = waits_ms(*played(city, replication, days=days, engine=engine))
        settled = wait_ms[len(wait_ms) // 10 :]
        waited.append(float((settled > 0).mean()))
        means.append(float(settled.mean()) / SERVICE_MS)
        long.append(float((settled > SERVICE_MS / 4).mean()))
    assert within(waited, erlang_c(units, offered)), (np.mean(waited), erlang_c(units, offered))
    assert within(means, mean_wait(units, offered)), (np.mean(means), mean_wait(units, offered))
    assert within(long, wait_beyond(units, offered, 0.25)), (np.mean(long), wait_beyond(units, offered, 0.25))


CITIES = {
    "one unit each": plane(9, 4, 4, 1.6),
    "two at some": plane(8, 6, 4, 3.3),
    "many": plane(12, 9, 9, 5.4),
}


@pytest.mark.parametrize("name", list(CITIES))
def test_workloads_and_shares_are_the_hypercubes(name: str) -> None:
    """Who is at work how much, and who serves which area, with calls that wait in one line."""
    city = CITIES[name]
    truth, units = hypercube_of(city), len(city.units)
    assert truth.method == "exact"
    workloads, served = [], []
    for replication in range(1, 3 * REPLICATIONS + 1):
        calls, outcome = played(city, replication, days=60)
        workloads.append(outcome.busy_ms / outcome.ended_ms)
        areas = city.place_area[calls.place]
        served.append(np.stack([np.bincount(outcome.first_unit[areas == area], minlength=units) for area in range(len(city.areas))]))
    for unit in range(units):
        assert within([one[unit] for one in workloads], truth.workloads[unit]), (unit, np.mean(workloads, axis=0), truth.workloads)
    shares = [one / one.sum(axis=1, keepdims=True) for one in served]
    errors = np.abs(np.mean(shares, axis=0) - truth.served) / (np.std(shares, axis=0, ddof=1) / np.sqrt(len(shares)))
    # Dozens of shares at once: one in 370 lies beyond three standard errors by chance, none beyond four and a half.
    assert (errors < 3).mean() >= 0.95 and errors.max() < 4.5, errors.round(1)


def test_late_shares_are_near_the_hypercubes() -> None:
    """A first look, so near is enough: real drives, turnouts and call taking; units on their way home are counted at home."""
    city = square_city(12, 8, stations=4, calls_per_hour=4.0)._replace(diverts=())
    look = hypercube_of(city)
    late = []
    for replication in range(1, 9):
        calls, outcome = played(city, replication, days=30)
        is_high = calls.priority == 0
        late.append(float((waits_ms(calls, outcome)[is_high] > city.priorities[0].target_ms).mean()))
    assert look.all_late_share == pytest.approx(np.mean(late), abs=0.02)
    assert look.remarks == ("queueing_home",)


@pytest.mark.parametrize("units", [4, 16, 64])
def test_drives_follow_the_square_root_law(units: int) -> None:
    """Hardly any load, stations on a square grid: the mean drive is half the side of a station's square."""
    city = plane(48, units, units, 0.02)
    waits = []
    for replication in range(1, 5):
        calls, outcome = played(city, replication, days=400)
        waits.append(float(waits_ms(calls, outcome).mean()))
    truth = mean_distance_m(48 * 48, units, layout="grid", metric="right_angle")
    assert np.mean(waits) == pytest.approx(truth, rel=0.04)


@pytest.mark.parametrize("name", list(CITIES))
@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_lost_and_nobody_is_in_two_places(name: str, engine: Engine) -> None:
    if engine == "compiled" and find_kernel() is None:
        pytest.skip("the compiled engine does not run on this machine")
    city = CITIES[name]
    calls, outcome = played(city, 3, days=20, engine=engine)
    wait_ms = waits_ms(calls, outcome)
    assert (wait_ms >= 0).all() and (outcome.sent == 1).all() and ((outcome.first_unit >= 0) & (outcome.first_unit < len(city.units))).all()
    by_unit = np.bincount(outcome.first_unit, minlength=len(city.units))
    assert by_unit.sum() == calls.size and outcome.diverted == 0 and not outcome.is_overloaded
    # A unit is at work for what it served and for a few milliseconds of driving, and one job ends before the next begins.
    on_scene_ms = np.bincount(outcome.first_unit, calls.on_scene_ms[:, 0], len(city.units))
    assert ((outcome.busy_ms >= on_scene_ms) & (outcome.busy_ms <= on_scene_ms + 60 * by_unit)).all()
    for unit in range(len(city.units)):
        own = np.flatnonzero(outcome.first_unit == unit)
        own = own[np.argsort(outcome.on_scene_ms[own], kind="stable")]
        ended = outcome.on_scene_ms[own] + calls.on_scene_ms[own, 0]
        assert (outcome.on_scene_ms[own][1:] >= ended[:-1]).all()


@pytest.mark.parametrize("name", list(CITIES))
def test_littles_law(name: str) -> None:
    """Calls in the house, counted over time, are arrivals times the mean time that each stays."""
    calls, outcome = played(CITIES[name], 5, days=30)
    ends = outcome.on_scene_ms + calls.on_scene_ms[:, 0]
    at = np.concatenate([calls.at_ms, ends])
    steps = np.concatenate([np.ones(calls.size), -np.ones(calls.size)])
    order = np.argsort(at, kind="stable")
    inside = np.cumsum(steps[order])
    area = float((inside[:-1] * np.diff(at[order])).sum())
    assert inside[-1] == 0 and area == pytest.approx(float((ends - calls.at_ms).sum()), rel=1e-12)
    rate = calls.size / outcome.ended_ms
    assert area / outcome.ended_ms == pytest.approx(rate * float((ends - calls.at_ms).mean()), rel=1e-3)


def test_these_cities_have_a_twin() -> None:
    assert all(has_twin(city, get_policy("closest")) for city in CITIES.values())
