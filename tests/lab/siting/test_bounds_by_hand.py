"""What the solver is given and what it gives back: bounds that hold where terms are left out, and questions that nothing answers."""

import numpy as np
import pytest

from tocsin.lab.siting.exact import Rows, rows_of_cover, solve
from tocsin.lab.siting.goals import Cover
from tocsin.lab.siting.question import Fixed

NOBODY = np.zeros(3, np.bool_)


def a_cover(busy: float, sites: int = 40) -> Cover:
    return Cover(np.array([0.75, 0.25]), np.ones((2, sites), np.bool_), busy)


@pytest.mark.parametrize("busy", [0.1, 0.3, 0.6, 0.9])
@pytest.mark.parametrize("stations", [1, 5, 30, 40])
def test_what_is_left_out_of_the_rows_is_in_the_bound(busy: float, stations: int) -> None:
    """Never less than a choice is worth, nor more than one billionth too much."""
    rows, left_out = rows_of_cover(a_cover(busy), stations)
    whole = 1.0 - busy**stations
    assert rows.worths.sum() + left_out >= whole - 1e-15
    assert rows.worths.sum() + left_out <= whole + 2e-9
    levels = rows.worths.shape[1]
    assert (left_out > 0) == (levels < stations)
    if levels < stations:
        assert left_out == pytest.approx(busy**levels, rel=1e-12), "all that further stations could add"
    assert np.all(np.diff(rows.worths, axis=1) < 0) or levels == 1


def test_units_that_are_never_busy_count_once() -> None:
    rows, left_out = rows_of_cover(a_cover(0.0), 7)
    assert rows.worths.tolist() == [[0.75], [0.25]] and left_out == 0


def rows_with(must: list[list[bool]]) -> Rows:
    return Rows(np.array([[3.0], [1.0]]), np.array([[True, False, False], [False, True, True]]), np.array(must, np.bool_).reshape(-1, 3))


def test_where_nothing_fits_the_best_known_is_proved() -> None:
    """A site that must be there is shut: no choice is left that could be better."""
    shut = np.array([False, False, True])
    found = solve(rows_with([[False, False, True]]), 1, Fixed(NOBODY, shut), limit_s=None)
    assert found.mask is None and found.bound == -np.inf and found.is_finished


def test_kept_shut_and_wanted_sites_are_obeyed() -> None:
    free = solve(rows_with([]), 1, Fixed(NOBODY, NOBODY), limit_s=None)
    assert free.mask is not None and free.mask.tolist() == [True, False, False] and free.bound == pytest.approx(3.0)
    kept = solve(rows_with([]), 1, Fixed(np.array([False, False, True]), NOBODY), limit_s=None)
    assert kept.mask is not None and kept.mask.tolist() == [False, False, True] and kept.bound == pytest.approx(1.0)
    shut = solve(rows_with([]), 1, Fixed(NOBODY, np.array([True, False, False])), limit_s=None)
    assert shut.mask is not None and not shut.mask[0] and shut.mask.sum() == 1
    must = solve(rows_with([[False, True, False]]), 2, Fixed(NOBODY, NOBODY), limit_s=None)
    assert must.mask is not None and must.mask.tolist() == [True, True, False] and must.bound == pytest.approx(4.0)
    assert must.is_finished
