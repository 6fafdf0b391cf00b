"""Closed forms against queues that are played event by event here, and against what must hold of any of them."""

import heapq
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.lab.queueing.approximate import approximate, pool_of
from tocsin.lab.queueing.erlang import erlang_b, erlang_c, mean_wait, servers_for, wait_beyond
from tocsin.lab.queueing.hypercube import Line, Shares, exact, first_free
from tocsin.lab.queueing.square_root import mean_free

Floats = NDArray[np.float64]
Shorts = NDArray[np.int16]
SOME = settings(max_examples=30)


def play(rates: Floats, prefer: Shorts, service: Floats, calls: int, seed: int, *, line: Line) -> Shares:
    """Poisson calls by atom, each to the first free unit on its atom's list; exponential service; one line or none."""
    dice = np.random.default_rng(seed)
    units, total = len(service), float(rates.sum())
    arrivals = np.cumsum(dice.exponential(1 / total, calls))
    atoms = dice.choice(len(rates), calls, p=rates / total)
    lasts = dice.exponential(1.0, calls)
    free, ends, queue = set(range(units)), list[tuple[float, int]](), deque[int]()
    served, busy = np.zeros((len(rates), units)), np.zeros(units)
    waited = full = 0.0

    def begin(call: int, unit: int, now: float) -> None:
        free.discard(unit)
        heapq.heappush(ends, (now + lasts[call] * service[unit], unit))
        served[atoms[call], unit] += 1
        busy[unit] += lasts[call] * service[unit]

    for call in range(calls):
        now = float(arrivals[call])
        while ends and ends[0][0] <= now:
            at, unit = heapq.heappop(ends)
            free.add(unit)
            if queue:
                first = queue.popleft()
                waited += at - float(arrivals[first])
                begin(first, unit, at)
        if free:
            begin(call, next(int(unit) for unit in prefer[atoms[call]] if int(unit) in free), now)
            continue
        full += 1
        if line == "infinite":
            queue.append(call)
    return Shares(busy / arrivals[-1], served / served.sum(axis=1, keepdims=True), full / calls, waited / calls)


def city(seed: int, units: int, load: float, *, is_even: bool = False, atoms: int = 8) -> tuple[Floats, Shorts, Floats]:
    """Atoms and units anywhere on a square."""
    dice = np.random.default_rng(seed)
    service = np.ones(units) if is_even else dice.uniform(0.5, 1.5, units)
    rates = dice.gamma(1.0, size=atoms)
    rates *= load * float((1 / service).sum()) / rates.sum()
    away = np.abs(dice.random((atoms, 1, 2)) - dice.random((units, 2))).sum(axis=2)
    return rates, np.argsort(away, axis=1).astype(np.int16), service


@pytest.mark.parametrize("line", ["infinite", "none"])
@pytest.mark.parametrize(("seed", "units", "load"), [(1, 3, 0.4), (2, 5, 0.6), (3, 4, 0.75)])
def test_the_exact_answer_is_what_playing_it_shows(seed: int, units: int, load: float, line: Line) -> None:
    """Four runs of 12,000 calls; their mean within four standard errors of each figure, and a hair for those that hardly vary."""
    told = exact(*city(seed, units, load), line=line)
    runs = [play(*city(seed, units, load), 12_000, 100 * seed + nth, line=line) for nth in range(4)]
    for field in ("workloads", "served", "waits", "mean_wait"):
        seen = np.array([getattr(one, field) for one in runs])
        error = seen.std(axis=0, ddof=1) / 2
        assert (np.abs(seen.mean(axis=0) - getattr(told, field)) <= 4 * error + 0.012).all(), field


@pytest.mark.parametrize(("servers", "offered"), [(1, 0.5), (3, 2.0), (6, 7.5)])
def test_a_pool_that_loses_calls_is_erlang_b(servers: int, offered: float) -> None:
    prefer = np.arange(servers, dtype=np.int16)[None, :]
    lost = [play(np.array([offered]), prefer, np.ones(servers), 15_000, nth, line="none").waits for nth in range(4)]
    assert np.mean(lost) == pytest.approx(erlang_b(servers, offered), abs=4 * np.std(lost, ddof=1) / 2 + 0.003)


def test_a_pool_in_which_calls_wait_is_erlang_c() -> None:
    prefer = np.arange(4, dtype=np.int16)[None, :]
    runs = [play(np.array([2.6]), prefer, np.ones(4), 15_000, nth, line="infinite") for nth in range(4)]
    waits, spans = [one.waits for one in runs], [one.mean_wait for one in runs]
    assert np.mean(waits) == pytest.approx(erlang_c(4, 2.6), abs=4 * np.std(waits, ddof=1) / 2 + 0.02)
    assert np.mean(spans) == pytest.approx(mean_wait(4, 2.6), abs=4 * np.std(spans, ddof=1) / 2 + 0.03)


@SOME
@given(st.integers(2, 7), st.floats(0.1, 0.9))
def test_units_that_are_preferred_alike_are_at_work_alike(units: int, load: float) -> None:
    """Each atom begins its list one further: nobody is special, so workloads are equal and so is every atom's service."""
    prefer = np.array([np.roll(np.arange(units), -nth) for nth in range(units)], np.int16)
    rates = np.full(units, load)
    for line in ("infinite", "none"):
        told = exact(rates, prefer, np.ones(units), line=line)
        assert np.ptp(told.workloads) < 1e-9
        for nth in range(units):
            assert np.roll(told.served[nth], -nth) == pytest.approx(told.served[0], abs=1e-9)
    assert exact(rates, prefer, np.ones(units)).workloads.mean() == pytest.approx(load, abs=1e-9)


@SOME
@given(st.integers(0, 1_000), st.integers(2, 8), st.floats(0.1, 0.85))
def test_work_is_conserved(seed: int, units: int, load: float) -> None:
    """What comes in is done: units' hours are calls served times how long each takes, with whom it is done."""
    rates, prefer, service = city(seed, units, load)
    waiting, losing = exact(rates, prefer, service), exact(rates, prefer, service, line="none")
    assert waiting.workloads @ (1 / service) == pytest.approx(rates.sum(), rel=1e-9)
    assert losing.workloads @ (1 / service) == pytest.approx(rates.sum() * (1 - losing.waits), rel=1e-9)
    for told in (waiting, losing):
        assert told.served.sum(axis=1) == pytest.approx(1.0)
        assert ((told.workloads > 0) & (told.workloads < 1)).all()
    assert losing.waits < waiting.waits, "who may wait fills the house"


def test_the_approximation_is_good_to_two_percent_of_the_mean_workload() -> None:
    """On average over the units of a city with sixty places; never worse than two and a half. The pool's own figures are exact."""
    off = []
    for seed in range(12):
        rates, prefer, service = city(seed, 5 + seed % 6, 0.25 + seed / 20, is_even=True, atoms=60)
        truth, near = exact(rates, prefer, service), approximate(rates, prefer, service)
        off.append(np.abs(near.workloads - truth.workloads).mean() / truth.workloads.mean())
        assert near.waits == pytest.approx(truth.waits, rel=1e-6) and near.mean_wait == pytest.approx(truth.mean_wait, rel=1e-6)
    assert np.mean(off) <= 0.02 and max(off) <= 0.025


@SOME
@given(st.integers(0, 1_000), st.integers(2, 6))
def test_more_calls_mean_more_work_for_everybody_and_longer_waits(seed: int, units: int) -> None:
    rates, prefer, service = city(seed, units, 0.3)
    calm, busy = (exact(rates * factor, prefer, service) for factor in (1, 2))
    assert (busy.workloads > calm.workloads).all() and busy.waits > calm.waits and busy.mean_wait > calm.mean_wait


def test_the_first_choice_serves_most_where_nobody_is_busy() -> None:
    rates, prefer, service = city(4, 4, 0.001)
    told = exact(rates, prefer, service)
    assert (told.served.argmax(axis=1) == prefer[:, 0]).all() and told.served.max(axis=1).min() > 0.99


def test_the_first_free_unit_by_hand() -> None:
    """Two units, one atom that prefers the second: it goes whenever it is free, else the first, else nobody."""
    assert first_free(np.array([[1, 0]], np.int16)).tolist() == [[1, 1, 0, -1]]


@SOME
@given(st.integers(1, 60), st.floats(0.05, 0.95))
def test_a_pool_s_chances_are_erlang_s(units: int, load: float) -> None:
    offered = load * units
    waiting, losing = pool_of(units, offered), pool_of(units, offered, line="none")
    assert waiting.line == pytest.approx(erlang_c(units, offered), abs=1e-10)
    assert losing.chances[-1] == pytest.approx(erlang_b(units, offered), rel=1e-9)
    assert waiting.carried == pytest.approx(offered) and losing.carried == pytest.approx(offered * (1 - losing.chances[-1]), rel=1e-9)
    assert waiting.factors[0] == pytest.approx(1.0, rel=1e-9), "the first unit asked is free as often as any"


@SOME
@given(st.integers(1, 50), st.floats(0.01, 0.99))
def test_waiting_beyond_no_time_is_waiting(servers: int, load: float) -> None:
    offered = load * servers
    assert wait_beyond(servers, offered, 0.0) == erlang_c(servers, offered)
    beyond = [wait_beyond(servers, offered, waited) for waited in (0.0, 0.5, 1.0, 3.0)]
    assert beyond == sorted(beyond, reverse=True)
    assert mean_wait(servers, offered) == pytest.approx(erlang_c(servers, offered) / (servers - offered))


def test_one_large_pool_needs_fewer_than_two_small_ones() -> None:
    """The gain of pooling, and what a service of nothing needs."""
    for offered in (0.5, 3.0, 20.0):
        assert servers_for(2 * offered, share=0.95) < 2 * servers_for(offered, share=0.95)
    assert servers_for(0.0, share=0.95) == 1
    assert mean_free(10, 4.5) == 5.5 and mean_free(3, 9.0) == 0.0
