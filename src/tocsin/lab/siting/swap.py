"""Greedy choice, then exchange of one site for another as long as that helps (Teitz & Bart 1968), all exchanges weighed at once.

The gain of every pair (out, in) is a matrix product for cover, and for cost the decomposition of Resende & Werneck (EJOR 174, 2006):
what the newcomer saves, what the leaver costs, and what both share. Shaking (a few random exchanges, then again) gets out of local optima;
its dice come from a seed.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from tocsin.lab.siting.goals import Cost, Cover
from tocsin.lab.siting.question import Fixed, Flags, Floats, Places

LEAST_GAIN = 1e-12
"""Of the sum's size: less is noise of the sums, and would be exchanged to and fro for ever."""


class Ground(Protocol):
    """What exchange needs to know of a goal; sums are to be made small."""

    size: float

    def total(self, mask: Flags) -> float:
        """The sum of a choice."""
        ...

    def first_gains(self, mask: Flags) -> Floats:
        """By site: how much the sum falls when it joins."""
        ...

    def swap_gains(self, chosen: Places, mask: Flags) -> Floats:
        """(chosen, sites): how much the sum falls when one leaves and another joins."""
        ...


class CoverGround:
    """Cover: the sum is the demand that is not covered."""

    def __init__(self, cover: Cover) -> None:
        self.cover = cover
        self.reaches = cover.reaches.astype(np.float64)
        self.size = float(cover.weights.sum())

    def total(self, mask: Flags) -> float:
        """Demand not covered."""
        return float(self.cover.weights @ self.cover.busy ** (self.reaches @ mask))

    def first_gains(self, mask: Flags) -> Floats:
        """What one more station covers."""
        worth = self.cover.weights * (1.0 - self.cover.busy) * self.cover.busy ** (self.reaches @ mask)
        return np.asarray(worth @ self.reaches)

    def swap_gains(self, chosen: Places, mask: Flags) -> Floats:
        """Gain of the newcomer, less the loss of the leaver, each as if alone; rows that both reach stay as they are."""
        cover, counts = self.cover, self.reaches @ mask
        next_worth = cover.weights * (1.0 - cover.busy) * cover.busy**counts
        last_worth = cover.weights * (1.0 - cover.busy) * cover.busy ** np.maximum(counts - 1, 0)
        leaving = self.reaches[:, chosen]
        both = (leaving * (last_worth - next_worth)[:, None]).T @ self.reaches
        return np.asarray(next_worth @ self.reaches - (last_worth @ leaving)[:, None] + both)


class CostGround:
    """Cost: the sum of least costs."""

    def __init__(self, cost: Cost) -> None:
        self.costs = cost.costs
        self.size = float(cost.costs.max(axis=1).sum())

    def total(self, mask: Flags) -> float:
        """Sum of least costs; all at their dearest where nothing is chosen."""
        return float(self.costs[:, mask].min(axis=1).sum()) if mask.any() else self.size

    def first_gains(self, mask: Flags) -> Floats:
        """What one more station saves."""
        least = self.costs[:, mask].min(axis=1) if mask.any() else self.costs.max(axis=1)
        return np.asarray(np.maximum(least[:, None] - self.costs, 0).sum(axis=0))

    def swap_gains(self, chosen: Places, mask: Flags) -> Floats:
        """Rows go to the newcomer, or from the leaver to the next best, or from the leaver to the newcomer: the last corrects the sum."""
        among = self.costs[:, chosen]
        nearest = among.argmin(axis=1)
        rows = np.arange(len(among))
        first = among[rows, nearest]
        second = np.partition(among, 1, axis=1)[:, 1] if len(chosen) > 1 else self.costs.max(axis=1)
        gains = np.maximum(first[:, None] - self.costs, 0).sum(axis=0)
        losses = np.bincount(nearest, weights=second - first, minlength=len(chosen))
        order = np.argsort(nearest, kind="stable")
        shared = np.maximum(second[:, None] - np.maximum(self.costs, first[:, None]), 0)[order]
        rows_of = np.bincount(nearest, minlength=len(chosen))
        starts, is_used = np.cumsum(rows_of) - rows_of, rows_of > 0
        both = np.zeros((len(chosen), shared.shape[1]))
        both[is_used] = np.add.reduceat(shared, starts[is_used], axis=0)
        return np.asarray(gains - losses[:, None] + both)


def greedy(ground: Ground, stations: int, fixed: Fixed) -> Flags:
    """The kept sites, then always the one that gains most; ties: the lower index."""
    mask = fixed.kept.copy()
    while mask.sum() < stations:
        gains = np.where(~fixed.shut & ~mask, ground.first_gains(mask), -np.inf)
        mask[int(gains.argmax())] = True
    return mask


def improved(ground: Ground, mask: Flags, fixed: Fixed) -> Flags:
    """Exchanges the best pair until none gains. Ends: the sum falls each time by more than noise."""
    mask = mask.copy()
    while True:
        chosen = np.flatnonzero(mask & ~fixed.kept)
        joiners = ~fixed.shut & ~mask
        if not len(chosen) or not joiners.any():
            return mask
        everyone = np.flatnonzero(mask)
        gains = ground.swap_gains(everyone, mask)[np.isin(everyone, chosen)]
        gains[:, ~joiners] = -np.inf
        out, into = divmod(int(gains.argmax()), gains.shape[1])
        if gains[out, into] <= LEAST_GAIN * ground.size:
            return mask
        mask[chosen[out]], mask[into] = False, True


def shaken(ground: Ground, start: Flags, fixed: Fixed, *, rounds: int, seed: int, is_wanted: Callable[[], bool] = lambda: True) -> Flags:
    """The best of ``rounds`` shakes of the best so far: some sites exchanged at random, then improved again."""
    dice = np.random.Generator(np.random.Philox(seed))
    best, best_total = start, ground.total(start)
    for nth in range(rounds):
        leavers, joiners = np.flatnonzero(best & ~fixed.kept), np.flatnonzero(~fixed.shut & ~best)
        size = min(2 + nth % 3, len(leavers), len(joiners))
        if not size or not is_wanted():
            return best
        tried = best.copy()
        tried[dice.choice(leavers, size, replace=False)] = False
        tried[dice.choice(joiners, size, replace=False)] = True
        tried = improved(ground, tried, fixed)
        total = ground.total(tried)
        if total < best_total - LEAST_GAIN * ground.size:
            best, best_total = tried, total
    return best
