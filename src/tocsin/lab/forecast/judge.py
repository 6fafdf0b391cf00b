"""How well a method foretells hours that it has not seen."""

from typing import Literal, NamedTuple

import msgspec
import numpy as np

from tocsin.lab.city.model import HOURS_PER_WEEK, Floats, Longs
from tocsin.lab.forecast.counts import Counts
from tocsin.lab.forecast.rates import METHODS, Method, Rates

WITHIN = 0.9
"""Share of hours that an interval is meant to hold; whole numbers hold somewhat more."""

Level = Literal["areas", "whole"]


class Judged(msgspec.Struct, frozen=True):
    """One method on held-out hours."""

    method: str
    level: Level
    """``areas``: each hour and area is a sample; ``whole``: each hour."""
    samples: int
    deviance: float
    """Mean Poisson deviance; less is better."""
    mae: float
    """Mean absolute error, calls."""
    bias: float
    """Mean of foretold less seen, calls."""
    within: float
    """Share of samples inside the 90 % interval."""


class Split(NamedTuple):
    """What a method may learn from, and what it is judged on."""

    learned: Counts
    held_out: Counts


def split_last_week(counts: Counts) -> Split | None:
    """The last seven days are held out; None where not as much again comes before them."""
    if counts.hours < 2 * HOURS_PER_WEEK:
        return None
    is_last = np.arange(counts.hours) >= counts.hours - HOURS_PER_WEEK
    return Split(counts.part(~is_last), counts.part(is_last))


def judge(split: Split, methods: dict[str, Method] = METHODS) -> list[Judged]:
    """Every method at both levels, in their order."""
    found = []
    for name, method in methods.items():
        rates, held_out = method(split.learned), split.held_out
        found.append(_judged(name, "areas", rates, held_out.hour_of_week, held_out.calls.astype(np.float64)))
        whole = held_out.calls.sum(axis=1, keepdims=True).astype(np.float64)
        found.append(_judged(name, "whole", rates.whole(), held_out.hour_of_week, whole))
    return found


def deviance(seen: Floats, foretold: Floats) -> float:
    """Mean Poisson deviance: 2 · (n·ln(n/m) - (n - m)), with 0·ln 0 = 0."""
    log = np.where(seen > 0, np.log(np.where(seen > 0, seen, 1) / foretold), 0.0)
    return float(np.mean(2 * (seen * log - (seen - foretold))))


def _judged(name: str, level: Level, rates: Rates, hours: Longs, seen: Floats) -> Judged:
    foretold = rates.mean[hours]
    low, high = (bound[hours] for bound in rates.between(WITHIN))
    apart = foretold - seen
    return Judged(
        method=name,
        level=level,
        samples=seen.size,
        deviance=deviance(seen, foretold),
        mae=float(np.mean(np.abs(apart))),
        bias=float(np.mean(apart)),
        within=float(np.mean((low <= seen) & (seen <= high))),
    )
