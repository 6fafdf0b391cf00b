"""Nearest rank against its definition, and what follows from it."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.quantities import Millis
from tocsin.base.ranks import nearest_rank
from tocsin.views.percentiles import figures, histogram
from tocsin.views.workload import HOUR_MS, MOST_STEPS, _peak, _stepwise, concurrency, merged

SPANS = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=60)


@given(SPANS, st.integers(1, 100))
def test_it_is_the_smallest_sample_that_enough_samples_do_not_exceed(samples: list[int], percent: int) -> None:
    def is_enough(value: int) -> bool:
        return Fraction(sum(1 for one in samples if one <= value), len(samples)) >= Fraction(percent, 100)

    assert nearest_rank([Millis(one) for one in sorted(samples)], percent) == min(value for value in samples if is_enough(value))


@given(SPANS, st.randoms(use_true_random=False))
def test_figures_do_not_depend_on_the_order_of_samples(samples: list[int], dice) -> None:
    turned = list(samples)
    dice.shuffle(turned)
    assert figures([Millis(one) for one in samples]) == figures([Millis(one) for one in turned])


@given(SPANS)
def test_a_histogram_holds_every_sample_once_in_bins_that_touch(samples: list[int]) -> None:
    bins = histogram([Millis(one) for one in sorted(samples)])
    assert sum(one.n for one in bins) == len(samples)
    for left, right in pairwise(bins):
        assert left.to_s == right.from_s
    for one in bins:
        inside = [span for span in samples if one.from_s * 1000 <= span and (one.to_s is None or span < one.to_s * 1000)]
        assert len(inside) == one.n


def test_nine_of_ten_is_the_ninth_not_the_tenth() -> None:
    assert nearest_rank([Millis(one) for one in range(1, 11)], 90) == 9
    assert nearest_rank([Millis(one) for one in range(1, 101)], 90) == 90


@given(st.lists(st.tuples(st.integers(0, 30_000_000), st.integers(0, 9_000_000)), max_size=12))
def test_peaks_and_hours_agree_with_counting_at_every_moment(given_spans: list[tuple[int, int]]) -> None:
    spans = [(start, start + length) for start, length in given_spans]
    by_hand = max((sum(1 for start, end in spans if start <= at < end) for at, _ in spans), default=0)
    assert _peak(spans)[0] == by_hand
    hours = _stepwise(spans, 0, 40_000_000, HOUR_MS)
    assert sum(area for _, area in hours.values()) == sum(end - start for start, end in spans)
    assert max(most for most, _ in hours.values()) == by_hand


@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 100)), max_size=12))
def test_merged_spans_hold_the_same_moments(given_spans: list[tuple[int, int]]) -> None:
    spans = [(start, start + length) for start, length in given_spans]
    whole = merged(spans)
    assert {at for start, end in spans for at in range(start, end)} == {at for start, end in whole for at in range(start, end)}
    assert all(left[1] < right[0] for left, right in pairwise(whole))


def test_one_wrong_year_widens_the_steps_and_fills_no_memory() -> None:
    short = concurrency([(0, HOUR_MS)], [], 0, 10 * HOUR_MS, "UTC")
    assert (short.step_h, len(short.hours)) == (1, 11)
    ages = 8_000 * 366 * 24 * HOUR_MS
    long = concurrency([(0, HOUR_MS), (ages - HOUR_MS, ages)], [(0, ages)], 0, ages, "UTC")
    assert len(long.hours) <= MOST_STEPS + 2
    assert long.step_h > 1000
    assert (long.incidents_max, long.units_max) == (1, 1)
