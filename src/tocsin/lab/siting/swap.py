"""Greedy choice, then exchange of one site for another as long as that helps (Teitz & Bart 1968), all exchanges weighed at once.

The gain of every pair (out, in) is put together as by Resende & Werneck (EJOR 174, 2006): what the newcomer saves, what the leaver costs,
and what both share. Shaking gets out of local optima; its dice come from a seed.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from tocsin.lab.siting.goals import Cost, Cover
from tocsin.lab.siting.question import Fixed, Flags, Floats, Places

BARRED = 0.6
"""Part of those that leave in a shake which may not come back at once; with fewer the same choice comes back too often."""
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
    """Cover: the sum is the demand that is not covered.

    Products are written out as sums over the few rows that count: a matrix product would wake the threads of the algebra library, which
    costs more than it saves here, and adds up in an order of its own on every machine.
    """

    def __init__(self, cover: Cover) -> None:
        self.cover = cover
        self.reaches = cover.reaches.astype(np.float64)
        self.size = float(cover.weights.sum())

    def total(self, mask: Flags) -> float:
        """Demand not covered."""
        return float((self.cover.weights * self.cover.busy ** self._counts(mask)).sum())

    def first_gains(self, mask: Flags) -> Floats:
        """What one more station covers."""
        return self._summed(self.cover.weights * (1.0 - self.cover.busy) * self.cover.busy ** self._counts(mask))

    def swap_gains(self, chosen: Places, mask: Flags) -> Floats:
        """Gain of the newcomer, less the loss of the leaver, each as if alone; rows that both reach stay as they are."""
        cover, counts = self.cover, self._counts(mask)
        next_worth = cover.weights * (1.0 - cover.busy) * cover.busy**counts
        last_worth = cover.weights * (1.0 - cover.busy) * cover.busy ** np.maximum(counts - 1, 0)
        leaver, row = np.nonzero(cover.reaches[:, chosen].T)
        losses = np.bincount(leaver, weights=last_worth[row], minlength=len(chosen))
        counts_not = last_worth[row] - next_worth[row]
        is_felt = counts_not > 0
        leaver, row = leaver[is_felt], row[is_felt]
        both = _sums_by(leaver, counts_not[is_felt, None] * self.reaches[row], len(chosen))
        return np.asarray(self._summed(next_worth) - losses[:, None] + both)

    def _counts(self, mask: Flags) -> Places:
        return np.asarray(self.cover.reaches[:, mask].sum(axis=1))

    def _summed(self, worth: Floats) -> Floats:
        """By site, over the rows that it reaches and that are worth anything."""
        rows = np.flatnonzero(worth)
        return np.asarray((worth[rows, None] * self.reaches[rows]).sum(axis=0))


def _sums_by(group: Places, values: Floats, groups: int) -> Floats:
    """Rows of ``values`` added up by their group; ``group`` rises."""
    sizes = np.bincount(group, minlength=groups)
    sums, is_used = np.zeros((groups, values.shape[1])), sizes > 0
    if is_used.any():
        sums[is_used] = np.add.reduceat(values, (np.cumsum(sizes) - sizes)[is_used], axis=0)
    return sums


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
        both = _sums_by(nearest[order], shared, len(chosen))
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


class Shakes(NamedTuple):
    """How often, and how hard."""

    rounds: int
    part: float
    """Of the sites that leave, two at least."""
    seed: int


def shaken(ground: Ground, start: Flags, fixed: Fixed, how: Shakes, *, is_wanted: Callable[[], bool] = lambda: True) -> Flags:
    """The best of some shakes of the best so far: sites leave at random, greedy choice fills up without most of those, exchange improves.

    Ruin and recreate: Schrimpf et al., J. Comput. Phys. 159 (2000) 139-171.
    """
    dice = np.random.Generator(np.random.Philox(how.seed))
    best, best_total = start, ground.total(start)
    stations = int(start.sum())
    for _ in range(how.rounds):
        free = np.flatnonzero(best & ~fixed.kept)
        leavers = dice.permutation(free)[: max(2, int(how.part * len(free)))]
        spare = int((~fixed.shut & ~best).sum())
        barred = leavers[: min(max(1, int(BARRED * len(leavers))), spare)]
        if not len(barred) or not is_wanted():
            return best
        left, shut = best.copy(), fixed.shut.copy()
        left[leavers], shut[barred] = False, True
        tried = improved(ground, greedy(ground, stations, Fixed(left, shut)), fixed)
        total = ground.total(tried)
        if total < best_total - LEAST_GAIN * ground.size:
            best, best_total = tried, total
    return best
