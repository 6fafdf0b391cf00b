"""Goals as sums: every goal is made either of cover (a point counts by how many chosen sites reach it) or of cost (by its nearest one)."""

from typing import NamedTuple

import numpy as np

from tocsin.lab.siting.question import NO_WAY_MS, Flags, Floats, Ints, Question, Sought

SURVIVAL_AT_0, SURVIVAL_PER_MINUTE = 0.679, 0.262
"""Survival of cardiac arrest to discharge by minutes of response: 1 / (1 + exp(0.679 + 0.262 t)). De Maio, Stiell, Wells, Spaite: "Optimal
defibrillation response intervals for maximum out-of-hospital cardiac arrest survival rates", Annals of Emergency Medicine 42 (2003)
242-250, in the form used by Erkut, Ingolfsson, Erdogan: "Ambulance location for maximum survival", Naval Research Logistics 55 (2008)
42-58. The constants were checked against later models that attribute the same curve to De Maio et al. (SimOpt's VOLUNTEER problem, after
van den Berg et al., "Modeling emergency medical service volunteer response"); the two papers themselves were not at hand. The curve is of
one province's arrests: it says how sites rank, not who lives."""

NO_WAY_COST = 2.0
"""p-median: a point that a site has no way to counts as twice the longest drive of all."""


class Cover(NamedTuple):
    """Rows of demand with the sites that reach them: maximise the sum of ``weight · (1 - busy) · busy^k`` over the k-th of them."""

    weights: Floats
    """Shares of all demand, of those that some site reaches."""
    reaches: Flags
    """(rows, sites)."""
    busy: float
    """Of a whole station: the chance that none of its units is free."""


class Cost(NamedTuple):
    """Rows of demand with what each site would cost them: minimise the sum over rows of the least among the chosen."""

    costs: Floats
    """(rows, sites), demand multiplied in."""
    scale: float
    offset: float
    """The goal's value is ``offset + scale · sum``."""


def survival(response_ms: Floats | Ints) -> Floats:
    """Chance of survival by whole response time; see ``SURVIVAL_AT_0``."""
    return 1.0 / (1.0 + np.exp(SURVIVAL_AT_0 + SURVIVAL_PER_MINUTE * np.asarray(response_ms, dtype=np.float64) / 60_000))


def cover_of(question: Question, sought: Sought) -> Cover:
    """Demand as rows of cover: points that the same sites reach are one row (signature merge)."""
    drive_ms = question.drive_ms
    reaches = (drive_ms != NO_WAY_MS) & (drive_ms <= sought.reach_ms)
    busy = sought.busy**sought.units_each if sought.goal == "mexclp" else 0.0
    return Cover(*merged(question.weights / question.weights.sum(), reaches), busy)


def merged(weights: Floats, reaches: Flags) -> tuple[Floats, Flags]:
    """Weights added up over rows with the same sites; rows that no site reaches are left out."""
    packed = np.packbits(reaches, axis=1)
    _, first, of_row = np.unique(packed.view(np.dtype((np.void, packed.shape[1]))).ravel(), return_index=True, return_inverse=True)
    sums = np.bincount(of_row.ravel(), weights=weights, minlength=len(first))
    rows: Flags = reaches[first]
    counts = rows.any(axis=1) & (sums > 0)
    return np.asarray(sums[counts], dtype=np.float64), np.asarray(rows[counts])


def cost_of(question: Question, sought: Sought) -> Cost:
    """Demand as rows of cost: p-median and survival."""
    total = float(question.weights.sum())
    counts = question.weights > 0
    weights, drive_ms = question.weights[counts], question.drive_ms[counts]
    is_way = drive_ms != NO_WAY_MS
    if sought.goal == "survival":
        chance = np.where(is_way, survival(drive_ms + np.int64(sought.before_ms)), 0.0)
        return Cost(weights[:, None] * (1.0 - chance), -1.0 / total, 1.0)
    longest = float(drive_ms.max(initial=0))
    return Cost(weights[:, None] * np.where(is_way, drive_ms, NO_WAY_COST * longest), 1.0 / total, 0.0)


def chosen_mask(sites: int, chosen: tuple[int, ...]) -> Flags:
    """Sites as flags."""
    mask = np.zeros(sites, dtype=np.bool_)
    mask[list(chosen)] = True
    return mask


def covered(cover: Cover, mask: Flags) -> float:
    """Expected share of demand that a choice covers."""
    return min(1.0, float(cover.weights @ (1.0 - cover.busy ** (cover.reaches @ mask.astype(np.int64)))))


def spent(cost: Cost, mask: Flags) -> float:
    """Sum of least costs of a choice."""
    return float(cost.costs[:, mask].min(axis=1).sum())
