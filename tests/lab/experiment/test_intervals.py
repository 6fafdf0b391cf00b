"""Intervals against scipy.stats, and against what they must do by definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tocsin.lab.experiment.intervals import difference, half_width, mean, paired

LISTS = st.lists(st.floats(-1e3, 1e3).map(lambda value: round(value, 6)), min_size=2, max_size=30)


@given(LISTS)
def test_half_widths_are_those_of_student(values: list[float]) -> None:
    half = half_width(values)
    assert half is not None
    error = stats.sem(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=error) if error else (np.mean(values),) * 2
    assert half == pytest.approx((high - low) / 2, rel=1e-6, abs=1e-9)
    assert mean(values) == pytest.approx(float(np.mean(values)), abs=1e-9)


@given(LISTS, st.randoms(use_true_random=False))
def test_the_order_of_replications_changes_nothing_of_a_mean(values: list[float], dice) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(values)
    dice.shuffle(shuffled)
    assert mean(shuffled) == mean(values)


@given(st.lists(st.tuples(st.floats(0.1, 1e3), st.floats(0.1, 1e3)), min_size=2, max_size=30))
def test_a_difference_is_shown_when_the_paired_test_says_so(pairs: list[tuple[float, float]]) -> None:
    base, other = [one for one, _ in pairs], [one for _, one in pairs]
    found = difference(base, other)
    changes = np.subtract(other, base)
    if np.ptp(changes) < 1e-9:
        return
    p = stats.ttest_rel(other, base).pvalue
    if abs(p - 0.05) > 1e-6:
        assert found.is_shown == (p < 0.05)
    assert found.pairs == len(pairs)


def test_a_ratio_of_exact_tenths_has_no_doubt() -> None:
    found = difference([10.0, 20.0, 30.0], [9.0, 18.0, 27.0])
    assert found.relative == pytest.approx(-0.1)
    assert found.relative_half_width == pytest.approx(0.0, abs=1e-12)
    assert found.mean == -2.0


def test_the_interval_of_the_ratio_holds_the_truth_as_often_as_it_says() -> None:
    dice = np.random.default_rng(5)
    held = 0
    for _ in range(800):
        base = dice.normal(0.3, 0.03, 8)
        found = difference(base.tolist(), (base * 0.85 + dice.normal(0, 0.01, 8)).tolist())
        assert found.relative is not None
        assert found.relative_half_width is not None
        held += abs(found.relative + 0.15) <= found.relative_half_width
    assert 0.93 <= held / 800 <= 0.97


def test_one_pair_shows_nothing() -> None:
    found = difference([1.0], [2.0])
    assert (found.mean, found.half_width, found.is_shown, found.relative, found.relative_half_width) == (1.0, None, False, 1.0, None)
    assert half_width([1.0]) is None


def test_equal_replications_differ_by_nothing() -> None:
    found = difference([3.0, 4.0], [3.0, 4.0])
    assert (found.mean, found.half_width, found.is_shown) == (0.0, 0.0, False)


def test_pairs_without_a_figure_are_left_out() -> None:
    assert paired([None, 1.0, 2.0], [1.0, None, 3.0]) == difference([2.0], [3.0])
    assert paired([None], [1.0]) is None
    assert difference([0.0, 0.0], [1.0, 1.0]).relative is None
