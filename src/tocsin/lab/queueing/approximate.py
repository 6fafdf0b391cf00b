"""The hypercube for hundreds of units: one equation for each unit's workload instead of 2^n states.

Source: R. C. Larson, "Approximating the performance of urban emergency service systems", Operations Research 23 (1975) 845-868; service
that depends on who goes where: J. P. Jarvis, "Approximating the equilibrium behavior of multi-server loss systems", Management Science 31
(1985) 235-239.
"""

from typing import NamedTuple

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import Floats, Shorts
from tocsin.lab.queueing.hypercube import Line, Shares, check

ENOUGH = 1e-10
MOST_ROUNDS = 2_000


def approximate(rates: Floats, prefer: Shorts, service: Floats, *, line: Line = "infinite") -> Shares:
    """As ``hypercube.exact``, for any number of units: workloads differ from its own by less than 2 % of the mean workload, on average.

    ``service``: mean service time by unit, or (atoms, units). Raises BadInput as ``exact`` does, but for the number of units.
    """
    by_atom = np.broadcast_to(service, prefer.shape)
    check(rates, prefer, by_atom.mean(axis=0), line=line)
    units, demand = prefer.shape[1], float(rates.sum())
    served = np.full((len(rates), units), 1 / units)
    workloads = np.zeros(units)
    for _ in range(MOST_ROUNDS):
        mean_service = float((rates[:, None] * served * by_atom).sum()) / demand
        pool = pool_of(units, demand * mean_service, line=line)
        before = workloads
        workloads = _workloads(before if before.any() else np.full(units, pool.carried / units), rates, prefer, by_atom, pool)
        served = _served(workloads, prefer, pool)
        if float(np.abs(workloads - before).max()) < ENOUGH:
            break
    mean_wait = pool.line * mean_service / (units - demand * mean_service) if line == "infinite" else 0.0
    return Shares(workloads, served, pool.line if line == "infinite" else float(pool.chances[-1]), mean_wait)


class Pool(NamedTuple):
    """So many like units that share a load."""

    chances: Floats
    """Chance that exactly k are at work and nobody waits, k = 0 … units."""
    line: float
    """Share of calls that wait; 0 without a line."""
    carried: float
    """Mean units at work."""
    factors: Floats
    """Larson's Q(n, rho, j), j = 0 … n-1: by how much "these j are at work and that one is free" differs from what independence gives."""


def pool_of(units: int, offered: float, *, line: Line = "infinite") -> Pool:
    """M/M/n with or without a line. Raises BadInput ``queueing_load`` where the line would grow without end."""
    if line == "infinite" and offered >= units:
        raise BadInput("queueing_load", field="rates", value=offered)
    counts = np.arange(units + 1, dtype=float)
    weights = np.concatenate([[0.0], np.cumsum(np.log(offered / counts[1:]))])  # logarithms: 300 units overflow otherwise
    chances = np.exp(weights - weights.max())
    chances /= chances.sum()
    waits, carried = 0.0, float(chances @ counts)
    if line == "infinite":
        chances /= 1 + chances[-1] * offered / (units - offered)
        waits, carried = float(1 - chances[:-1].sum()), offered
    return Pool(chances, waits, carried, _factors(chances, carried / units))


def _factors(chances: Floats, rho: float) -> Floats:
    """From the definition: j units drawn without replacement are at work and the next one is free, over rho^j · (1 - rho)."""
    units = len(chances) - 1
    busy, drawn = np.arange(units + 1, dtype=float), chances.copy()
    factors = np.empty(units)
    for taken in range(units):
        factors[taken] = float((drawn * (units - busy)).sum()) / (units - taken) / (1 - rho)
        drawn = drawn * np.maximum(busy - taken, 0) / (units - taken) / rho
    return factors


def _workloads(workloads: Floats, rates: Floats, prefer: Shorts, service: Floats, pool: Pool) -> Floats:
    """One round: each unit's workload from the others', then all scaled to what they must carry together."""
    units = prefer.shape[1]
    ranked = np.take_along_axis(service, prefer.astype(np.intp), axis=1)
    direct = np.zeros(units)
    np.add.at(direct, prefer, rates[:, None] * _reached(workloads, prefer, pool) * ranked)
    from_line = pool.line * (rates @ service) / units
    raw = (direct + from_line) / (1 + direct)
    scaled: Floats = np.minimum(raw * pool.carried / raw.sum(), 1 - 1e-12)
    return scaled


def _reached(workloads: Floats, prefer: Shorts, pool: Pool) -> Floats:
    """(atoms, ranks): Q times the chance that all units before that rank are at work."""
    before = np.cumprod(workloads[prefer][:, :-1], axis=1)
    product: Floats = np.concatenate([np.ones((len(prefer), 1)), before], axis=1) * pool.factors
    return product


def _served(workloads: Floats, prefer: Shorts, pool: Pool) -> Floats:
    """Shares of each atom's calls by unit; whoever waited gets the unit that ended first, any with the same chance."""
    direct = np.zeros(prefer.shape)
    np.put_along_axis(direct, prefer.astype(np.intp), _reached(workloads, prefer, pool) * (1 - workloads[prefer]), axis=1)
    direct /= direct.sum(axis=1, keepdims=True)
    served: Floats = direct * (1 - pool.line) + pool.line / prefer.shape[1]
    return served
