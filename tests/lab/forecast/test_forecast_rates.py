"""Rates learned from counts: known truths, and the real log's own second week."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fire_log import LOG, records_of
from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant, parse_iso
from tocsin.lab.experiment.intervals import half_width
from tocsin.lab.forecast.counts import Counts, count_calls
from tocsin.lab.forecast.judge import Split, deviance, judge, split_last_week
from tocsin.lab.forecast.rates import METHODS, SHAPE_TO, cells, flat, likeliest_shape, shrunk, smoothed
from tocsin.lab.journal.fold import hear

AREAS = ("a", "b", "c", "d")


def counts_of(mean: np.ndarray, weeks: int, seed: int) -> Counts:  # type: ignore[type-arg]
    """Poisson calls of these rates (168, areas)."""
    hours = np.tile(np.arange(168), weeks)
    return Counts(Instant(0), AREAS, hours, np.random.default_rng(seed).poisson(mean[hours]))


def a_city(busy: float = 2.0) -> np.ndarray:  # type: ignore[type-arg]
    """Day, hour and area tell everything: evenings are busy."""
    hour = 1 + np.sin(np.arange(168) % 24 / 24 * 2 * np.pi - 2)
    return busy * hour[:, None] * np.array([0.5, 0.3, 0.15, 0.05])[None, :] + 0.01


@pytest.fixture(scope="module")
def fortnight(shared: Path) -> Counts:
    found = hear(records_of(shared / LOG))
    return count_calls(found.rows, found.timezone)


def test_the_fortnight_is_counted_hour_by_hour(fortnight: Counts) -> None:
    assert fortnight.hours == 336 and fortnight.calls.sum() == 5292 and len(fortnight.areas) == 44
    assert fortnight.hour_of_week[0] == 24, "Tuesday, midnight"
    assert (fortnight.exposure() == 2).all()
    assert fortnight.by_hour_of_week().sum() == 5292


def test_calls_of_less_than_a_day_are_no_forecast() -> None:
    with pytest.raises(BadInput, match="forecast_short"):
        count_calls([], "UTC")


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_about_as_many_calls_as_there_were(method: str) -> None:
    seen = counts_of(a_city(), 3, 1)
    rates = METHODS[method](seen)
    assert rates.mean.shape == (168, 4) and (rates.mean > 0).all()
    if method != "cells":  # a cell without a call counts as half of one
        assert rates.mean.sum() * 3 == pytest.approx(seen.calls.sum(), rel=0.02)
    low, high = rates.whole().between(0.9)
    assert (low <= rates.whole().mean).all() and (rates.whole().mean <= high).all()


def test_shrinking_is_nearer_to_the_truth_than_what_was_seen() -> None:
    truth = a_city()
    seen = counts_of(truth, 2, 3)

    def off(method: str) -> float:
        return float(np.abs(METHODS[method](seen).mean - truth).mean())

    assert off("smoothed") < off("shrunk") < off("flat") and off("shrunk") < off("cells") / 3


def test_habits_of_an_area_are_learned_from_many_weeks_and_bursts_are_not() -> None:
    truth = a_city(8.0)
    is_night = np.arange(168) % 24 < 6
    truth[:, 3] = np.where(is_night, 4.0, 0.2)  # the quarter of bars
    many, few = counts_of(truth, 12, 5), counts_of(truth, 1, 5)
    assert smoothed(many).mean[is_night, 3].mean() > 3.0 and smoothed(many).mean[~is_night, 3].mean() < 0.4
    assert smoothed(few).mean[is_night, 3].mean() < 2.0, "once is no habit"


def test_the_shape_of_bursts_is_found() -> None:
    dice = np.random.default_rng(7)
    expected = np.full(20_000, 2.0)
    for shape in (1.0, 4.0):
        seen = dice.poisson(dice.gamma(shape, 1 / shape, expected.size) * expected).astype(np.float64)
        assert likeliest_shape(seen, expected) == pytest.approx(shape, rel=0.1)
    assert likeliest_shape(dice.poisson(expected).astype(np.float64), expected) > 100, "no bursts"


@settings(max_examples=30)
@given(st.lists(st.integers(0, 30), min_size=48, max_size=48))
def test_any_two_days_can_be_learned_from(calls: list[int]) -> None:
    seen = Counts(Instant(0), ("a",), np.arange(48), np.array(calls)[:, None])
    for method in METHODS.values():
        rates = method(seen)
        assert np.isfinite(rates.mean).all() and (rates.mean > 0).all() and 0 < rates.shape <= SHAPE_TO * 1.001


def test_deviance_is_zero_for_the_very_calls_and_grows_with_the_error() -> None:
    seen = np.array([1.0, 2.0, 5.0])
    assert deviance(seen, seen) == pytest.approx(0)
    assert 0 < deviance(seen, seen * 1.1) < deviance(seen, seen * 2)
    assert deviance(np.zeros(3), np.full(3, 0.5)) == pytest.approx(1.0)


def test_intervals_hold_what_they_promise() -> None:
    truth = a_city()
    for one in judge(split_of(counts_of(truth, 9, 11)), {"smoothed": smoothed}):
        assert one.within >= 0.87 and abs(one.bias) < 0.25


def split_of(counts: Counts) -> Split:
    split = split_last_week(counts)
    assert split is not None
    return split


def test_a_log_too_short_is_not_judged() -> None:
    assert split_last_week(counts_of(a_city(), 1, 1)) is None


def test_the_last_weeks_are_the_last() -> None:
    seen = counts_of(a_city(), 3, 2)
    assert (seen.last_weeks(1).calls == seen.calls[-168:]).all()


def test_on_the_real_log_smoothing_beats_the_base_and_the_base_beats_everything_plainer(fortnight: Counts) -> None:
    """Either week foretold from the other; the difference by days excludes 0. Two weeks are little: see the docs."""
    split = split_of(fortnight)
    by_day = []
    for one in (split, Split(split.held_out, split.learned)):
        judged = {(row.method, row.level): row for row in judge(one)}
        for level in ("areas", "whole"):
            order = [judged[name, level].deviance for name in ("smoothed", "shrunk", "flat", "cells")]  # type: ignore[index]
            assert order == sorted(order), level
        rows, calls = one.held_out.hour_of_week, one.held_out.calls.astype(np.float64)
        base, fancier = shrunk(one.learned).mean[rows], smoothed(one.learned).mean[rows]
        days = [slice(24 * day, 24 * day + 24) for day in range(7)]
        by_day += [deviance(calls[day], fancier[day]) - deviance(calls[day], base[day]) for day in days]
    half = half_width(by_day)
    assert half is not None and np.mean(by_day) + half < 0


def test_areas_of_the_same_calls_are_learned_alike() -> None:
    seen = counts_of(np.full((168, 4), 1.0), 4, 9)
    twice = seen._replace(calls=np.hstack([seen.calls[:, :2], seen.calls[:, :2]]))
    for method in (flat, cells, shrunk, smoothed):
        mean = method(twice).mean
        assert mean[:, :2] == pytest.approx(mean[:, 2:])


def test_an_instant_s_hour_is_that_of_the_wall() -> None:
    found = hear([])
    assert found.rows == () and parse_iso("2020-04-07T07:00:00Z") // 3_600_000 % 24 == 7
