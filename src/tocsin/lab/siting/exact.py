"""Branch and bound by HiGHS (scipy.optimize.milp): the proof, or an honest gap when the time is up.

One form serves all goals: a row of demand is worth so much for the first chosen site that reaches it, less for the second, and so on.
For cost (p-median, survival) a row stands for "somebody within this distance" and is worth what the next distance would cost more: the
radius form (Cornuéjols, Nemhauser, Wolsey 1980; Elloumi 2010), in which rows with the same sites become one.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack

from tocsin.lab.siting.goals import Cost, Cover, merged
from tocsin.lab.siting.question import PROVEN_GAP, Fixed, Flags, Floats
from tocsin.lab.siting.relaxed import Relaxed
from tocsin.lab.siting.stoppable import stoppable

SIZE = 1e4
"""Sums are brought to this size: the solver's absolute tolerances (1e-6) are then far below one part in a million."""
LEAST_WORTH = 1e-9
"""Of all demand: further stations in reach of a row that are worth less together are left out, and added to the bound."""


class Rows(NamedTuple):
    """Maximise the worth of rows reached, of exactly so many sites."""

    worths: Floats
    """(rows, levels): for the first, second … chosen site in reach, falling."""
    reaches: Flags
    """(rows, sites)."""
    musts: Flags
    """(rows, sites): one of these at least."""


class Solved(NamedTuple):
    """What the solver says; ``mask`` is None when it found nothing in time."""

    mask: Flags | None
    bound: float
    """No choice is worth more."""
    is_finished: bool


def rows_of_cover(cover: Cover, stations: int) -> tuple[Rows, float]:
    """Rows, and what is left out of them at most."""
    levels = 1
    if cover.busy > 0:
        levels = min(stations, 1 + int(np.ceil(np.log(LEAST_WORTH) / np.log(cover.busy))))
    worths = cover.weights[:, None] * (1.0 - cover.busy) * cover.busy ** np.arange(levels)
    left_out = float(cover.weights.sum()) * cover.busy**levels if levels < stations else 0.0
    return Rows(worths, cover.reaches, np.zeros((0, cover.reaches.shape[1]), dtype=np.bool_)), left_out


def rows_of_cost(cost: Cost, relaxed: Relaxed) -> tuple[Rows, float]:
    """The radius form, and the sum that rows are taken from: cost = that sum - worth.

    Sites that are shut have no radius; a row ends at the dearest that it can be served by.
    """
    sites = np.flatnonzero(~relaxed.is_shut)
    costs = cost.costs[:, sites]
    order = np.argsort(costs, axis=1, kind="stable")
    sorted_costs = np.take_along_axis(costs, order, axis=1)
    is_possible = sorted_costs <= relaxed.dearest[:, None]
    weights, reaches, musts, base = [], [], [], 0.0
    for row in range(len(costs)):
        possible = max(int(is_possible[row].sum()), 1)
        levels = sorted_costs[row, :possible]
        steps = np.diff(levels)
        ends = np.flatnonzero(steps > 0)
        ranks = np.empty(len(sites), dtype=np.intp)
        ranks[order[row]] = np.arange(len(sites))
        base += float(levels[-1])
        weights.append(steps[ends])
        reaches.append(ranks[None, :] <= ends[:, None])
        if possible < len(sites):
            musts.append(ranks < possible)
    wide = np.zeros((sum(map(len, reaches)), cost.costs.shape[1]), dtype=np.bool_)
    wide[:, sites] = np.concatenate(reaches)
    forced = np.zeros((len(musts), cost.costs.shape[1]), dtype=np.bool_)
    if musts:
        forced[:, sites] = np.array(musts)
    sums, rows = merged(np.concatenate(weights), wide)
    return Rows(sums[:, None], rows, np.unique(forced, axis=0)), base


def solve(
    rows: Rows, stations: int, fixed: Fixed, *, limit_s: float | None, is_wanted: Callable[[], bool] = lambda: True
) -> Solved:  # fmt: skip
    """The best choice with the kept sites in it and the shut ones out of it, or the best found within the time.

    Stopped by ``is_wanted`` it knows nothing but that no choice is worth more than everything.
    """
    count, levels, sites = *rows.worths.shape, rows.reaches.shape[1]
    scale = SIZE / max(float(rows.worths.sum()), 1e-300)
    objective = np.concatenate([np.zeros(sites), -scale * rows.worths.ravel()])
    each = np.arange(count * levels)
    levelled = csr_array((np.ones(count * levels), (each // levels, each)), shape=(count, count * levels))
    covering = hstack([-csr_array(rows.reaches.astype(np.float64)), levelled], format="csr")
    number = hstack([csr_array(np.ones((1, sites))), csr_array((1, count * levels))])
    forced = hstack([csr_array(rows.musts.astype(np.float64)), csr_array((len(rows.musts), count * levels))])
    constraints = [LinearConstraint(covering, -np.inf, 0.0), LinearConstraint(number, stations, stations)]
    if len(rows.musts):
        constraints.append(LinearConstraint(vstack([forced]), 1.0, np.inf))
    least, most = np.zeros(len(objective)), np.ones(len(objective))
    least[:sites][fixed.kept], most[:sites][fixed.shut] = 1.0, 0.0
    options: dict[str, float] = {"mip_rel_gap": PROVEN_GAP / 10} | ({} if limit_s is None else {"time_limit": limit_s})
    is_whole = np.concatenate([np.ones(sites), np.zeros(count * levels)])
    bounds = Bounds(least, most)
    found = stoppable(lambda: milp(objective, integrality=is_whole, bounds=bounds, constraints=constraints, options=options), is_wanted)
    if found is None:
        return Solved(None, float(rows.worths.sum()), False)
    bound = float(rows.worths.sum()) if found.mip_dual_bound is None else -float(found.mip_dual_bound) / scale
    if found.status == 2:  # nothing fits: whoever shut and opened sites by the best known choice has proved that it is best
        return Solved(None, -np.inf, True)
    return Solved(None if found.x is None else found.x[:sites] > 0.5, bound, found.status == 0)
