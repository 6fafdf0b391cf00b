"""How long a drive may take and still be in time, when call taking, turnout and the drive itself take now more and now less.

By means alone a station that is just near enough counts like one next door, though every second call from there is late: units are then
drawn away from where people call (Ingolfsson, Budge and Erkut 2008 on what leaving the spread out overstates).
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv, ndtri

from tocsin.lab.city.model import City, Floats, Span

LAYERS = 4
"""Equally likely lengths of the slack, where it has a spread."""
POINTS = 12
"""Equally likely lengths of each part of it."""


def slack_ms(city: City, kind: str, target_ms: int) -> tuple[int, ...]:
    """Drives that are left of a target to a unit of that kind at its station: equally likely ones, the shortest first; one where all that
    comes before is certain."""
    turnout = next((one for name in (kind, "*") for one in city.turnouts if one.kind == name), None)
    before = (city.call_taking, turnout.at_station if turnout is not None else Span(0))
    if all(_is_certain(one) for one in before) and not city.travel_spread:
        return (target_ms - sum(one.mean_ms for one in before),)
    parts = product(*(_equally_likely_ms(one) for one in before), _factors(city.travel_spread))
    left = np.array([(target_ms - taken - rolled) / factor for taken, rolled, factor in parts])
    return tuple(round(one) for one in np.quantile(left, _middles(LAYERS)).tolist())


def _is_certain(span: Span) -> bool:
    return span.law == "fixed" or span.mean_ms == 0


def _middles(count: int) -> Floats:
    return (np.arange(count) + 0.5) / count


def _factors(spread: float) -> list[float]:
    if not spread:
        return [1.0]
    factors: list[float] = np.exp(ndtri(_middles(POINTS)) * spread - spread**2 / 2).tolist()
    return factors


def _equally_likely_ms(span: Span) -> list[float]:
    if _is_certain(span):
        return [float(span.mean_ms)]
    at = _middles(POINTS)
    found: NDArray[np.float64]
    match span.law:
        case "exponential":
            found = -np.log1p(-at) * span.mean_ms
        case "lognormal":
            found = np.exp(ndtri(at) * span.spread - span.spread**2 / 2) * span.mean_ms
        case "gamma":
            found = gammaincinv(span.spread, at) * span.mean_ms / span.spread
        case _:
            found = np.quantile(np.array(span.values_ms, np.float64), at)
    return list(map(float, found))
