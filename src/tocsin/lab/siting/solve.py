"""From a question to an answer: exchange first, then as much proof as the time allows."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.lab.siting import exact
from tocsin.lab.siting.goals import Cost, Cover, chosen_mask, cost_of, cover_of, covered, spent
from tocsin.lab.siting.question import PROVEN_GAP, Fixed, Flags, Question, Sited, Sought, check
from tocsin.lab.siting.relaxed import Relaxed, relaxed
from tocsin.lab.siting.swap import CostGround, CoverGround, Ground, Shakes, greedy, improved, shaken

COVER_SHAKES, COST_SHAKES, SEED = 5, 30, 5
"""Shakes before the proof; for cost twice the stations more: 133 medians of 400 points want some hundred. The seed says where to look."""
COVER_PART, COST_PART = 0.6, 0.03
"""Part of the stations that leave in a shake. Covering is soon done anew; of 133 medians a few at a time find more in the same time."""
MOST_CELLS = 200_000_000
"""Rows × sites of a radius form that is still tried; a larger one would not be proved in the time either, so its gap is told instead."""

Way = Literal["swap", "relaxed", "exact"]
Progress = Callable[[int, int], None]
"""Done, of how many."""


def solve(
    question: Question, sought: Sought, *, limit_s: float | None = None, progress: Progress | None = None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Sited:  # fmt: skip
    """The best sites, proved or with an honest gap. ``limit_s`` bounds the branch and bound; 0 = none of it.

    ``is_wanted`` is asked again and again: once it says no, what is known by then is the answer.
    Raises BadInput ``siting_…``.
    """
    check(question, sought)
    fixed = Fixed(chosen_mask(question.sites, question.keep), chosen_mask(question.sites, question.forbid))
    told = progress or (lambda _done, _of: None)
    told(0, 3)
    if sought.goal in ("mclp", "mexclp"):
        return _covering(cover_of(question, sought), question, fixed, limit_s, told, is_wanted)
    return _costing(cost_of(question, sought), question, fixed, limit_s, told, is_wanted)


def value_of(question: Question, sought: Sought, sites: tuple[int, ...]) -> float:
    """What a choice is worth by a goal, in the unit of ``Sited.value``. Raises BadInput ``siting_…``."""
    check(question._replace(stations=max(len(sites), 1), keep=(), forbid=()), sought)
    if not sites:
        raise BadInput("siting_stations", value=0, sites=question.sites)
    mask = chosen_mask(question.sites, sites)
    if sought.goal in ("mclp", "mexclp"):
        return covered(cover_of(question, sought), mask)
    cost = cost_of(question, sought)
    return cost.offset + cost.scale * spent(cost, mask)


def quick(question: Question, sought: Sought, *, shakes: int | None = None) -> tuple[int, ...]:
    """Greedy, exchange and shakes: no proof, a few milliseconds for the cover of a city. Raises BadInput ``siting_…``."""
    check(question, sought)
    fixed = Fixed(chosen_mask(question.sites, question.keep), chosen_mask(question.sites, question.forbid))
    is_cover = sought.goal in ("mclp", "mexclp")
    ground: Ground = CoverGround(cover_of(question, sought)) if is_cover else CostGround(cost_of(question, sought))
    return _sites(_started(ground, question.stations, fixed, shakes=shakes))


def _started(
    ground: Ground, stations: int, fixed: Fixed, *, shakes: int | None = None, is_wanted: Callable[[], bool] = lambda: True
) -> Flags:
    part = COVER_PART if isinstance(ground, CoverGround) else COST_PART
    if shakes is None:
        shakes = COVER_SHAKES if isinstance(ground, CoverGround) else COST_SHAKES + 2 * stations
    first = improved(ground, greedy(ground, stations, fixed), fixed)
    return shaken(ground, first, fixed, Shakes(shakes, part, SEED), is_wanted=is_wanted)


def _covering(
    cover: Cover, question: Question, fixed: Fixed, limit_s: float | None, told: Progress, is_wanted: Callable[[], bool]
) -> Sited:
    best = _started(CoverGround(cover), question.stations, fixed, is_wanted=is_wanted)
    told(1, 3)
    value, most = covered(cover, best), _most_covered(cover, question.stations, ~fixed.shut)
    if value >= most * (1.0 - PROVEN_GAP / 10):
        return _answer(best, value, most, "relaxed")
    if limit_s == 0 or not is_wanted():
        return _answer(best, value, most, "swap")
    rows, left_out = exact.rows_of_cover(cover, question.stations)
    found = exact.solve(rows, question.stations, fixed, limit_s=limit_s, is_wanted=is_wanted)
    told(3, 3)
    if found.mask is not None and covered(cover, found.mask) > value:
        best, value = found.mask, covered(cover, found.mask)
    return _answer(best, value, min(most, max(found.bound + left_out, value)), "exact" if is_wanted() else "swap")


def _most_covered(cover: Cover, stations: int, open_sites: Flags) -> float:
    """What would be covered if every row had all its sites, or as many as there are stations."""
    counts = np.minimum(cover.reaches[:, open_sites].sum(axis=1), stations)
    return min(1.0, float(cover.weights @ (1.0 - cover.busy**counts)))


def _costing(cost: Cost, question: Question, fixed: Fixed, limit_s: float | None, told: Progress, is_wanted: Callable[[], bool]) -> Sited:
    best = _started(CostGround(cost), question.stations, fixed, is_wanted=is_wanted)
    told(1, 3)
    least = spent(cost, best)
    prices = relaxed(cost.costs, question.stations, fixed, least, is_wanted=is_wanted)
    told(2, 3)
    bound = _rounded(cost, prices.bound, least)
    way: Way = "relaxed" if bound >= least * (1.0 - PROVEN_GAP / 10) else "swap"
    if way == "swap" and limit_s != 0 and is_wanted() and cost.costs.size * int((~prices.is_shut).sum()) <= MOST_CELLS:
        best, least, bound = _branched(cost, question.stations, prices, (best, least, bound), (limit_s, is_wanted))
        way = "exact" if is_wanted() else "swap"
    told(3, 3)
    return _answer(best, cost.offset + cost.scale * least, cost.offset + cost.scale * bound, way)


def _rounded(cost: Cost, bound: float, least: float) -> float:
    """A true bound at most as large as the sum it bounds; whole costs make whole sums, so that theirs may be rounded up."""
    is_whole = bool(np.all(cost.costs == np.rint(cost.costs))) and least < 2**52
    return min(least, float(np.ceil(bound - 1e-6)) if is_whole else max(bound, 0.0))


def _branched(
    cost: Cost, stations: int, prices: Relaxed, known: tuple[Flags, float, float], until: tuple[float | None, Callable[[], bool]]
) -> tuple[Flags, float, float]:
    """Among the choices that prices leave, all of which could be better than the best known."""
    best, least, bound = known
    rows, base = exact.rows_of_cost(cost, prices)
    found = exact.solve(rows, stations, Fixed(prices.is_open, prices.is_shut), limit_s=until[0], is_wanted=until[1])
    if found.mask is not None and spent(cost, found.mask) < least:
        best, least = found.mask, spent(cost, found.mask)
    return best, least, max(bound, _rounded(cost, min(base - found.bound, least), least))


def _answer(mask: Flags, value: float, bound: float, way: Way) -> Sited:
    gap = abs(bound - value) / abs(value) if value else (0.0 if bound == value else float("inf"))
    return Sited(_sites(mask), value, bound, gap, gap <= PROVEN_GAP, way)


def _sites(mask: Flags) -> tuple[int, ...]:
    return tuple(int(one) for one in np.flatnonzero(mask))
