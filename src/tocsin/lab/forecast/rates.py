"""Mean calls by hour of the week and area, learned from counts: what a week or two can tell, and no more.

The base is Gamma-Poisson: days, hours and cells are drawn to what one expects of them, the more the less often they were seen (empirical
Bayes: Robbins 1956). How far cells are drawn to day x hour x area is tried on weeks left out: an hour of the week that was seen once
cannot tell a habit from a burst, and likelihood alone takes bursts for habits. Every method stands here, so that ``judge.py`` can hold
them against one another.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import gammaln
from scipy.stats import nbinom

from tocsin.lab.city.model import HOURS_PER_WEEK, Floats
from tocsin.lab.forecast.counts import Counts

HOURS_PER_DAY, DAYS_PER_WEEK = 24, 7
SHAPE_FROM, SHAPE_TO = 0.02, 1e6
"""Bounds of a Gamma's shape: below, cells tell nothing of one another; above, they tell everything."""

SHAPES = tuple(float(2**power) for power in range(-2, 13))
"""Shapes that are tried on weeks left out."""

MOST_WEEKS_TRIED = 8

LEAST = 1e-6
"""Calls per hour that a rate is at least: nothing is impossible."""

REACH_H = 1.0
"""Standard deviation of the bell that neighbouring hours of the day are weighed with."""


class Rates(NamedTuple):
    """What one coming hour may bring: negative binomial counts around ``mean``."""

    mean: Floats
    """(168, areas): calls per hour."""
    shape: float
    """Of the Gamma that the rate of an hour and area is drawn from; the less, the more calls come in bursts."""
    whole_shape: float
    """The same for all areas together."""

    def between(self, share: float) -> tuple[Floats, Floats]:
        """Least and most calls in an hour, so that ``share`` of the hours lie within, by cell."""
        low, high = ((1 - share) / 2, (1 + share) / 2)
        chance = self.shape / (self.shape + self.mean)
        return nbinom.ppf(low, self.shape, chance), nbinom.ppf(high, self.shape, chance)

    def whole(self) -> "Rates":
        """All areas together."""
        return Rates(self.mean.sum(axis=1, keepdims=True), self.whole_shape, self.whole_shape)


Method = Callable[[Counts], Rates]


def log_likelihood(seen: Floats, expected: Floats, shape: Floats | float) -> float:
    """Of negative binomial counts with this mean and shape, but for what does not depend on either."""
    chance = np.log(shape / (shape + expected)) * shape + np.log(expected / (shape + expected)) * seen
    return float(np.sum(gammaln(shape + seen) - gammaln(shape) + chance))


def likeliest_shape(seen: Floats, expected: Floats) -> float:
    """The shape with which counts around what was expected are likeliest. ``expected`` is above 0."""

    def unlikely(log_shape: float) -> float:
        return -log_likelihood(seen, expected, float(np.exp(log_shape)))

    return float(np.exp(minimize_scalar(unlikely, bounds=(np.log(SHAPE_FROM), np.log(SHAPE_TO)), method="bounded").x))


def drawn_to_one(seen: Floats, expected: Floats) -> Floats:
    """Rates as multiples of what was expected, each drawn to 1 by the likeliest shape."""
    shape = likeliest_shape(seen, expected)
    return (shape + seen) / (shape + expected)


def flat(counts: Counts) -> Rates:
    """The same at all hours, by area."""
    per_hour = np.maximum(counts.calls.sum(axis=0) / counts.hours, LEAST)
    return _rates(np.tile(per_hour, (HOURS_PER_WEEK, 1)), counts)


def cells(counts: Counts) -> Rates:
    """What each hour of the week and area had, as it is: a cell without a call counts as half of one."""
    exposure = np.maximum(counts.exposure(), 1)[:, None]
    return _rates(np.maximum(counts.by_hour_of_week(), 0.5) / exposure, counts)


def shrunk(counts: Counts) -> Rates:
    """The base: hour of week and area, drawn to day x hour x area."""
    return _rates(_drawn(counts, 0.0), counts)


def smoothed(counts: Counts) -> Rates:
    """The same, with hours of the day that take after those before and after them."""
    return _rates(_drawn(counts, REACH_H), counts)


METHODS: dict[str, Method] = {"flat": flat, "cells": cells, "shrunk": shrunk, "smoothed": smoothed}

CHOSEN = "smoothed"
"""What forecasts are made with: it beat the base on the held-out weeks of San Francisco's log, either way round (docs)."""


def _rates(mean: Floats, counts: Counts) -> Rates:
    """With the spread of the very hours that it was learned from."""
    expected = np.maximum(mean[counts.hour_of_week], LEAST)
    seen = counts.calls.astype(np.float64)
    whole = likeliest_shape(seen.sum(axis=1), expected.sum(axis=1))
    return Rates(np.maximum(mean, LEAST), likeliest_shape(seen, expected), whole)


def _drawn(counts: Counts, reach_h: float) -> Floats:
    expected = _product(counts, reach_h)
    shape = _tried_shape(counts, reach_h)
    if shape is None:
        return expected
    exposure = counts.exposure()[:, None]
    return expected * (shape + counts.by_hour_of_week()) / (shape + expected * exposure)


def _tried_shape(counts: Counts, reach_h: float) -> float | None:
    """The shape that foretold each week best from the others; None where cells are best left at what day, hour and area tell."""
    week = np.arange(counts.hours) // HOURS_PER_WEEK
    whole = list(range(counts.hours // HOURS_PER_WEEK))[-MOST_WEEKS_TRIED:]
    if len(whole) < 2:
        return None
    scores = np.zeros(len(SHAPES) + 1)
    for left_out in whole:
        others, one = counts.part(week != left_out), counts.part(week == left_out)
        expected, exposure, seen = _product(others, reach_h), others.exposure()[:, None], others.by_hour_of_week()
        told = one.calls.astype(np.float64)
        for nth, shape in enumerate((*SHAPES, SHAPE_TO)):
            mean = np.maximum(expected * (shape + seen) / (shape + expected * exposure), LEAST)[one.hour_of_week]
            scores[nth] += float(np.sum(told * np.log(mean) - mean))
    best = int(np.argmax(scores))
    return SHAPES[best] if best < len(SHAPES) else None


def _product(counts: Counts, reach_h: float) -> Floats:
    """(168, areas): day of the week x hour of the day x area, days and hours drawn to 1."""
    seen, exposure = counts.by_hour_of_week().sum(axis=1), counts.exposure()
    each = max(float(seen.sum() / exposure.sum()), LEAST)
    grid = (DAYS_PER_WEEK, HOURS_PER_DAY)
    calls, expected = seen.reshape(grid), np.maximum(exposure.reshape(grid) * each, LEAST)
    by_day, by_hour = (drawn_to_one(calls.sum(axis=axis), expected.sum(axis=axis)) for axis in (1, 0))
    if reach_h:
        bell = _bell(reach_h)
        by_hour = bell @ calls.sum(axis=0) / (bell @ expected.sum(axis=0))
    shares = counts.calls.sum(axis=0) + 0.5
    hours = (each * by_day[:, None] * by_hour[None, :]).reshape(-1)
    return np.asarray(np.maximum(hours[:, None] * (shares / shares.sum())[None, :], LEAST), np.float64)


def _bell(reach_h: float) -> Floats:
    """(24, 24): how much each hour of the day tells of each other, round the clock."""
    hours = np.arange(HOURS_PER_DAY)
    apart = np.abs(hours[:, None] - hours[None, :])
    return np.asarray(np.exp(-0.5 * (np.minimum(apart, HOURS_PER_DAY - apart) / reach_h) ** 2))
