"""A bound for cost by Lagrangian relaxation: "every row is served by one site" is priced instead of demanded.

What is left falls apart by site and is solved at a glance; the prices are improved by subgradient steps (Held, Wolfe, Crowder 1974; for the
p-median Beasley, EJOR 21 (1985) 270-273). Any prices give a true bound: where it stops matters for how good it is,
never for whether it holds. The bound also says which sites can be left out, which must be in, and how dear a site may serve a row.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tocsin.lab.siting.question import Fixed, Flags, Floats, Places

STEPS = 1500
PATIENCE = 25
"""Steps without a better bound until the step is halved."""
LEAST_STEP = 1e-4


class Relaxed(NamedTuple):
    """What the prices prove."""

    bound: float
    """No choice costs less."""
    is_open: Flags
    """Sites in every choice that is better than the best known."""
    is_shut: Flags
    """Sites in none."""
    dearest: Floats
    """By row: what it costs at most in a choice that is better than the best known."""


def relaxed(costs: Floats, stations: int, fixed: Fixed, best: float, *, is_wanted: Callable[[], bool] = lambda: True) -> Relaxed:
    """The best bound of some hundred steps, for exactly ``stations`` sites; ``best`` is the cost of the best choice known."""
    # the price to begin with: what the second nearest would cost
    prices = np.partition(costs[:, ~fixed.shut], min(1, int((~fixed.shut).sum()) - 1), axis=1)[:, :2].max(axis=1)
    found = Relaxed(-np.inf, fixed.kept.copy(), fixed.shut.copy(), np.full(len(costs), np.inf))
    step, waited = 2.0, 0
    enough = _enough(costs, best)
    for _ in range(STEPS):
        savings = np.minimum(costs - prices[:, None], 0.0).sum(axis=0)
        chosen = _cheapest(savings, stations, found.is_open, found.is_shut)
        if chosen is None:  # what would be better cannot be had: the best known is best
            return found._replace(bound=best)
        if not is_wanted():
            break
        bound = float(prices.sum() + savings[chosen].sum())
        waited += 1
        if bound > found.bound:
            waited = 0 if bound > found.bound + 1e-6 * abs(best) else waited
            found = _tightened(found, bound, best, savings, chosen, prices)
        if found.bound >= enough:
            break
        if waited >= PATIENCE:
            step, waited = step / 2, 0
            if step < LEAST_STEP:
                break
        slope = 1.0 - (costs[:, chosen] < prices[:, None]).sum(axis=1)
        steepness = float(slope @ slope)
        if steepness == 0.0:
            break
        prices = prices + step * max(best * 1.0001 - bound, 1e-9) / steepness * slope
    return found


def _enough(costs: Floats, best: float) -> float:
    """The bound that leaves no room: whole costs make whole sums, so the last unit need not be proved."""
    is_whole = bool(np.all(costs == np.rint(costs))) and best < 2**52
    return best - 1.0 + 1e-6 if is_whole else best * (1.0 - 1e-7)


def _cheapest(savings: Floats, stations: int, is_open: Flags, is_shut: Flags) -> Places | None:
    """The sites that a choice takes at these prices; None where those that remain cannot make one: nothing better exists."""
    free = np.flatnonzero(~is_open & ~is_shut)
    held = np.flatnonzero(is_open)
    wanted = stations - len(held)
    if wanted < 0 or wanted > len(free):
        return None
    return np.concatenate([held, free[np.argsort(savings[free], kind="stable")[:wanted]]])


def _tightened(found: Relaxed, bound: float, best: float, savings: Floats, chosen: Places, prices: Floats) -> Relaxed:
    """A site whose turning round would lift the bound above the best known stays as it is."""
    room = best - bound + 1e-9 * abs(best)
    is_chosen = np.zeros(len(savings), dtype=np.bool_)
    is_chosen[chosen] = True
    taken, left = is_chosen & ~found.is_open, ~is_chosen & ~found.is_shut
    is_open, is_shut = found.is_open.copy(), found.is_shut.copy()
    if taken.any() and left.any():
        is_shut |= left & (savings - savings[taken].max() > room)
        is_open |= taken & (savings[left].min() - savings > room)
    return Relaxed(bound, is_open, is_shut, prices + max(room, 0.0))
