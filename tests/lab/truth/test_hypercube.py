"""The hypercube against the book's cases, against the whole chain solved by force, and its approximation against it."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.lab.queueing.approximate import approximate, pool_of
from tocsin.lab.queueing.erlang import erlang_b, erlang_c, mean_wait
from tocsin.lab.queueing.hypercube import Line, exact

Floats = NDArray[np.float64]


class Drawn:
    """A random plane with units and atoms on it; units are preferred by how near they are."""

    def __init__(self, seed: int, units: int, load: float, atoms: int = 40, *, is_even: bool = True) -> None:
        rng = np.random.default_rng(seed)
        self.rates = rng.gamma(1.0, size=atoms)
        self.service = np.ones(units) if is_even else rng.uniform(0.5, 1.5, size=units)
        self.rates *= load * float((1 / self.service).sum()) / self.rates.sum()
        sites, spots = rng.random((units, 2)), rng.random((atoms, 2))
        self.prefer = np.argsort(np.abs(spots[:, None] - sites).sum(axis=2), axis=1).astype(np.int16)


@pytest.fixture(scope="module")
def truth(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "data/orlib/queueing_truth.json").read_text())
    return found


def book(case: dict[str, Any]) -> tuple[Floats, NDArray[np.int16]]:
    return np.array([one["rate"] for one in case["classes"]]), np.array([one["preference"] for one in case["classes"]], np.int16) - 1


def test_the_book_of_three_servers(truth: dict[str, Any]) -> None:
    case = truth["hypercube_3_server_book"]
    told = exact(*book(case), np.ones(3))
    assert np.round(told.workloads, 4).tolist() == case["exact_workloads"]
    assert told.waits == pytest.approx(erlang_c(3, 1.5), abs=1e-12)


def test_the_book_of_three_servers_by_approximation(truth: dict[str, Any]) -> None:
    case = truth["hypercube_3_server_book"]
    told = approximate(*book(case), np.ones(3))
    # The book iterates by hand to three digits and rounds; this goes on to ten.
    assert told.workloads == pytest.approx(case["larson_approximation_workloads"], abs=2e-4)
    assert np.round(pool_of(3, 1.5).factors, 5).tolist() == case["Q_factors_N3_rho0.5"]


def test_the_quiz_of_two_servers_that_lose_calls(truth: dict[str, Any]) -> None:
    case = truth["hypercube_2_server_loss_quiz"]
    told = exact(np.ones(2), np.array([[0, 1], [1, 0]], np.int16), np.full(2, 1 / case["mu"]), line="none")
    assert told.workloads == pytest.approx(case["workloads"], abs=1e-12)
    assert told.waits == pytest.approx(0.2, abs=1e-12)
    shares = told.served / 2  # of all calls that are served; the quiz names sector and server
    wanted = case["fraction_assignments"]
    assert shares[0, 0] == pytest.approx(wanted["f11"], abs=1e-12) and shares[0, 1] == pytest.approx(wanted["f12"], abs=1e-12)


def by_force(one: Drawn, line: Line) -> tuple[Floats, Floats, float]:
    """The generator of every state, with the line cut where it hardly ever reaches, and one linear system."""
    units, longest = len(one.service), 400 if line == "infinite" else 0
    full, size = 2**units - 1, 2**units + longest
    flow = np.zeros((size, size))
    sent = np.zeros((len(one.rates), 2**units), dtype=int)
    for state in range(full):
        for atom, rate in enumerate(one.rates):
            unit = next(int(u) for u in one.prefer[atom] if not state >> int(u) & 1)
            flow[state, state | 1 << unit] += rate
            sent[atom, state] = unit
        for unit in range(units):
            if state >> unit & 1:
                flow[state, state ^ 1 << unit] += 1 / one.service[unit]
    for unit in range(units):
        flow[full, full ^ 1 << unit] += 1 / one.service[unit]
    for waiting in range(longest):
        flow[full + waiting, full + waiting + 1] = one.rates.sum()
        flow[full + waiting + 1, full + waiting] = (1 / one.service).sum()
    balance = flow.T - np.diag(flow.sum(axis=1))
    balance[-1] = 1
    chance = np.linalg.solve(balance, np.eye(size)[-1])
    busy = np.array([chance[full:].sum() + sum(chance[s] for s in range(full) if s >> u & 1) for u in range(units)])
    direct = np.stack([np.bincount(sent[atom, :full], chance[:full], units) for atom in range(len(one.rates))])
    return busy, direct, float(chance[full:].sum())


@pytest.mark.parametrize("line", ["infinite", "none"])
@pytest.mark.parametrize("seed", range(6))
def test_random_cases_to_a_millionth(seed: int, line: Line) -> None:
    one = Drawn(seed, 2 + seed % 4, 0.25 + 0.1 * seed, is_even=seed % 2 == 0)
    told = exact(one.rates, one.prefer, one.service, line=line)
    busy, direct, full = by_force(one, line)
    assert told.workloads == pytest.approx(busy, abs=1e-9)
    assert told.waits == pytest.approx(full, abs=1e-9)
    pace = (1 / one.service) / (1 / one.service).sum()
    wanted = direct + full * pace if line == "infinite" else direct / (1 - full)
    assert told.served == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("units", [1, 4, 9, 14])
def test_like_units_together_are_erlangs_pool(units: int) -> None:
    one = Drawn(units, units, 0.6)
    told, lost = exact(one.rates, one.prefer, one.service), exact(one.rates, one.prefer, one.service, line="none")
    offered = float(one.rates.sum())
    assert told.waits == pytest.approx(erlang_c(units, offered), abs=1e-10)
    assert told.mean_wait == pytest.approx(mean_wait(units, offered), abs=1e-10)
    assert lost.waits == pytest.approx(erlang_b(units, offered), abs=1e-10)
    assert told.workloads.sum() == pytest.approx(offered, abs=1e-9)
    assert lost.workloads.sum() == pytest.approx(offered * (1 - lost.waits), abs=1e-9)


@pytest.mark.parametrize("line", ["infinite", "none"])
@pytest.mark.parametrize("seed", range(3))
def test_conservation(seed: int, line: Line) -> None:
    """Every call that is served is served by somebody, and a unit is at work as long as what it serves takes (Little)."""
    one = Drawn(100 + seed, 7, 0.55, is_even=False)
    told = exact(one.rates, one.prefer, one.service, line=line)
    assert told.served.sum(axis=1) == pytest.approx(1.0, abs=1e-10)
    served_rate = one.rates.sum() * (1 - (told.waits if line == "none" else 0.0))
    by_unit = (one.rates / one.rates.sum() * served_rate) @ told.served
    assert told.workloads == pytest.approx(by_unit * one.service, abs=1e-9)


def test_names_of_units_change_nothing() -> None:
    one, order = Drawn(7, 6, 0.5, is_even=False), np.array([3, 0, 5, 1, 4, 2])
    place = np.argsort(order).astype(np.int16)  # unit order[i] is now called i
    told, renamed = exact(one.rates, one.prefer, one.service), exact(one.rates, place[one.prefer], one.service[order])
    assert renamed.workloads == pytest.approx(told.workloads[order], abs=1e-11)


@pytest.mark.parametrize("line", ["infinite", "none"])
@pytest.mark.parametrize("units", [3, 6, 10, 12])
@pytest.mark.parametrize("load", [0.2, 0.5, 0.8])
def test_the_approximation_is_within_two_percent(units: int, load: float, line: Line) -> None:
    """Of the mean workload, on average over the units; the pool's own figures are exact."""
    one = Drawn(units, units, load)
    truth, told = (solve(one.rates, one.prefer, one.service, line=line) for solve in (exact, approximate))
    assert np.abs(told.workloads - truth.workloads).mean() <= 0.02 * truth.workloads.mean()
    assert np.abs(told.served - truth.served).max() <= 0.06
    assert told.waits == pytest.approx(truth.waits, abs=1e-9)
    assert told.mean_wait == pytest.approx(truth.mean_wait, abs=1e-9)


def test_three_hundred_units_are_no_trouble() -> None:
    one = Drawn(300, 300, 0.7, atoms=1500)
    told = approximate(one.rates, one.prefer, one.service)
    assert told.workloads.mean() == pytest.approx(0.7, rel=1e-3)
    assert told.served.sum(axis=1) == pytest.approx(1.0) and 0 <= told.waits < 1e-6


def test_bad_questions_are_told() -> None:
    one = Drawn(1, 3, 0.5)
    with pytest.raises(BadInput, match="queueing_load"):
        exact(one.rates * 2.1, one.prefer, one.service)
    assert exact(one.rates * 2.1, one.prefer, one.service, line="none").waits > 0.2
    with pytest.raises(BadInput, match="queueing_load"):
        approximate(one.rates * 2.1, one.prefer, one.service)
    for bad in (one.rates * 0, -one.rates, one.rates * np.nan):
        with pytest.raises(BadInput, match="queueing_load"):
            exact(bad, one.prefer, one.service)
    with pytest.raises(BadInput, match="queueing_preference"):
        exact(one.rates, np.zeros_like(one.prefer), one.service)
    with pytest.raises(BadInput, match="queueing_service"):
        exact(one.rates, one.prefer, one.service * np.array([1, 0, 1]))
    many = Drawn(1, 15, 0.5)
    with pytest.raises(BadInput, match="queueing_units"):
        exact(many.rates, many.prefer, many.service)
    with pytest.raises(BadInput, match="queueing_units"):
        exact(one.rates, np.zeros((len(one.rates), 0), np.int16), np.zeros(0))
