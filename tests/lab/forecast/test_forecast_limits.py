"""Shrinkage at its ends: nothing seen leaves what is expected, much seen leaves what was seen, anything else lies between."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import nbinom

from tocsin.base.instants import Instant
from tocsin.lab.forecast.counts import Counts
from tocsin.lab.forecast.judge import Split, deviance, judge, split_last_week
from tocsin.lab.forecast.rates import (
    LEAST,
    METHODS,
    Rates,
    _bell,
    _product,
    cells,
    drawn_to_one,
    flat,
    likeliest_shape,
    log_likelihood,
    shrunk,
    smoothed,
)

Floats = NDArray[np.float64]
SOME = settings(max_examples=20)


def seen(mean: Floats, weeks: int, seed: int) -> Counts:
    """Poisson calls of these rates (168, areas)."""
    hours = np.tile(np.arange(168), weeks)
    areas = tuple(f"A{nth}" for nth in range(mean.shape[1]))
    return Counts(Instant(0), areas, hours, np.random.default_rng(seed).poisson(mean[hours]))


def even(per_hour: float, areas: int = 3) -> Floats:
    return np.full((168, areas), per_hour)


def test_what_was_never_seen_is_what_is_expected() -> None:
    """A multiple of 1, whatever the shape, where nothing was to be seen; and 0 calls of many expected ones draw it down."""
    nothing, plenty = drawn_to_one(np.zeros(2), np.array([1e-9, 50.0]))
    assert nothing == pytest.approx(1.0, abs=1e-6) and plenty < 0.05


def test_seldom_seen_hours_are_drawn_further_than_often_seen_ones() -> None:
    """The same ratio of two and a half, seen once, ten times, a thousand times, among many that are as expected."""
    expected = np.concatenate([np.full(60, 40.0), [2.0, 20.0, 2_000.0]])
    calls = np.concatenate([np.full(60, 40.0), [5.0, 50.0, 5_000.0]])
    once, often, always = drawn_to_one(calls, expected)[-3:]
    assert 1.0 < once < often < always <= 2.5
    assert always == pytest.approx(2.5, rel=0.05)


@SOME
@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(0.05, 3.0))
def test_every_cell_lies_between_what_is_expected_and_what_was_seen(seed: int, weeks: int, busy: float) -> None:
    dice = np.random.default_rng(seed)
    counts = seen(busy * dice.gamma(2.0, 0.5, (168, 3)), weeks, seed)
    own = counts.by_hour_of_week() / weeks
    for method, reach_h in ((shrunk, 0.0), (smoothed, 1.0)):
        base, told = _product(counts, reach_h), method(counts).mean
        low, high = np.minimum(base, own), np.maximum(base, own)
        assert (told >= np.minimum(low, LEAST) - 1e-9).all()
        assert ((told >= low - 1e-6) & (told <= high + 1e-6)).all()


def test_without_habits_of_cells_the_base_is_all_there_is() -> None:
    """Calls that day, hour and area tell entirely: cells are not believed."""
    counts = seen(even(1.5), 8, 4)
    assert np.abs(shrunk(counts).mean / _product(counts, 0.0) - 1).mean() < 0.05


def test_many_weeks_of_habits_leave_what_was_seen() -> None:
    """Every hour of every area has a habit of its own: after a year cells are told as they were, after a few weeks less so."""
    truth = np.random.default_rng(3).gamma(1.0, 1.0, (168, 3))

    def way(weeks: int) -> float:
        """How far from what is expected to what was seen: 0 to 1."""
        counts = seen(truth, weeks, 6)
        base, own = _product(counts, 0.0), counts.by_hour_of_week() / weeks
        return float(np.abs(shrunk(counts).mean - base).sum() / np.abs(own - base).sum())

    assert way(2) < way(8) < way(52)
    assert way(52) > 0.95


def test_many_weeks_come_nearer_to_the_truth_than_few() -> None:
    truth = even(0.4) * (1 + np.sin(np.arange(168) / 24 * 2 * np.pi))[:, None] + 0.02
    for method in (shrunk, smoothed, cells):
        few, many = (float(np.abs(method(seen(truth, weeks, 8)).mean - truth).mean()) for weeks in (2, 40))
        assert many < few / 2


def test_an_area_s_hours_add_up_and_a_silent_area_is_not_impossible() -> None:
    truth = even(1.0)
    truth[:, 2] = 0.0
    for name, method in METHODS.items():
        mean = method(seen(truth, 4, 2)).mean
        assert (mean > 0).all(), name
        assert mean[:, 2].sum() < mean[:, 0].sum() / 20 or name == "cells", name


def test_the_flat_rate_is_calls_by_hours() -> None:
    counts = Counts(Instant(0), ("a", "b"), np.arange(48), np.tile([[1, 3]], (48, 1)))
    assert flat(counts).mean[100].tolist() == [1.0, 3.0]


def test_cells_are_what_each_hour_was() -> None:
    counts = seen(even(3.0), 5, 3)
    wanted = counts.by_hour_of_week() / 5
    told = cells(counts).mean
    assert told[wanted > 0] == pytest.approx(wanted[wanted > 0], rel=0.2), "but for half a call that is lent to empty ones"


@SOME
@given(st.floats(0.3, 6.0))
def test_the_bell_goes_round_the_clock(reach_h: float) -> None:
    bell = _bell(reach_h)
    assert (bell == bell.T).all() and np.diagonal(bell).tolist() == [1.0] * 24
    assert bell[0, 23] == bell[0, 1] == bell[11, 12], "23:00 is as near to midnight as 01:00"
    assert bell[0].argmin() == 12


@SOME
@given(st.floats(0.2, 50.0), st.floats(0.1, 40.0), st.sampled_from([0.5, 0.8, 0.9]))
def test_a_band_holds_at_least_its_share(mean: float, shape: float, share: float) -> None:
    dice = np.random.default_rng(int(mean * 1000))
    rates = Rates(np.array([[mean]]), shape, shape)
    low, high = (float(one[0, 0]) for one in rates.between(share))
    calls = dice.poisson(dice.gamma(shape, mean / shape, 4_000))
    assert low <= high and np.mean((low <= calls) & (calls <= high)) >= share - 0.04


def test_likelihood_is_that_of_the_negative_binomial() -> None:
    """Against SciPy's, but for what depends on neither mean nor shape."""
    calls, expected = np.array([0.0, 1.0, 4.0, 9.0]), np.array([0.5, 2.0, 3.0, 7.0])
    for shape in (0.3, 2.0, 50.0):
        whole = nbinom.logpmf(calls, shape, shape / (shape + expected)).sum() + gammaln(calls + 1).sum()
        assert log_likelihood(calls, expected, shape) == pytest.approx(whole, rel=1e-9)


def test_the_likeliest_shape_is_not_beaten_by_its_neighbours() -> None:
    dice = np.random.default_rng(1)
    expected = dice.uniform(0.5, 5.0, 3_000)
    calls = dice.poisson(dice.gamma(3.0, 1 / 3.0, 3_000) * expected).astype(np.float64)
    best = likeliest_shape(calls, expected)
    top = log_likelihood(calls, expected, best)
    assert all(log_likelihood(calls, expected, best * factor) <= top for factor in (0.8, 0.97, 1.03, 1.25))


def test_what_is_judged_is_what_was_not_learned() -> None:
    """Were the last week in what is learned, a year of noise would be foretold better than it can be."""
    counts = seen(even(1.0), 3, 7)
    split = split_last_week(counts)
    assert split is not None
    assert (split.learned.hours, split.held_out.hours) == (336, 168)
    assert (split.learned.calls == counts.calls[:336]).all() and (split.held_out.calls == counts.calls[336:]).all()
    honest = {one.level: one.deviance for one in judge(split, {"cells": cells})}
    peeped = {one.level: one.deviance for one in judge(Split(counts, split.held_out), {"cells": cells})}
    assert peeped["areas"] < honest["areas"] and peeped["whole"] < honest["whole"]


def test_bias_and_error_by_hand() -> None:
    """A method that foretells two calls an hour of each area, judged on hours with one and with four."""
    held = Counts(Instant(0), ("a", "b"), np.arange(168), np.tile([[1, 4]], (168, 1)))

    def two(counts: Counts) -> Rates:
        return Rates(np.full((168, len(counts.areas)), 2.0), 1e6, 1e6)

    areas, whole = judge(Split(held, held), {"two": two})
    assert (areas.samples, whole.samples) == (336, 168)
    assert (areas.mae, areas.bias) == (1.5, -0.5) and (whole.mae, whole.bias) == (1.0, -1.0)
    assert areas.deviance == pytest.approx((2 * (np.log(0.5) + 1) + 2 * (4 * np.log(2) - 2)) / 2)
    assert deviance(np.array([0.0]), np.array([2.0])) == pytest.approx(4.0)
