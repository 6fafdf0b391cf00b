"""Rectangular assignment held against brute force and SciPy."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from tocsin.core.engine.assign import INFEASIBLE, assign

SMALL = st.integers(0, 9)  # many ties


@st.composite
def matrices(draw: st.DrawFn, cells: st.SearchStrategy[int], most: int) -> list[list[int]]:
    rows = draw(st.integers(1, most))
    columns = draw(st.integers(rows, most + 2))
    return draw(st.lists(st.lists(cells, min_size=columns, max_size=columns), min_size=rows, max_size=rows))


def total(costs: list[list[int]], columns: list[int] | tuple[int, ...]) -> int:
    return sum(row[column] for row, column in zip(costs, columns, strict=True))


@settings(max_examples=150)
@given(matrices(st.one_of(SMALL, st.integers(0, 1 << 140)), 5))
def test_no_permutation_is_cheaper(costs: list[list[int]]) -> None:
    chosen = assign(costs)
    assert len(set(chosen)) == len(costs)
    least = min(total(costs, columns) for columns in permutations(range(len(costs[0])), len(costs)))
    assert total(costs, chosen) == least


@settings(max_examples=100)
@given(matrices(st.one_of(SMALL, st.integers(0, 10**6)), 14))
def test_the_same_sum_as_scipy(costs: list[list[int]]) -> None:
    rows, columns = linear_sum_assignment(np.array(costs, dtype=np.int64))
    assert total(costs, assign(costs)) == sum(costs[row][column] for row, column in zip(rows, columns, strict=True))


@settings(max_examples=60)
@given(matrices(st.one_of(SMALL, st.just(INFEASIBLE)), 5))
def test_what_cannot_be_is_avoided_where_there_is_another_way(costs: list[list[int]]) -> None:
    # Each row has a column of its own, as an empty slot has in a recommendation.
    costs = [[*row, *(100 if nth == other else INFEASIBLE for other in range(len(costs)))] for nth, row in enumerate(costs)]
    chosen = assign(costs)
    assert total(costs, chosen) < INFEASIBLE
    least = min(total(costs, columns) for columns in permutations(range(len(costs[0])), len(costs))) if len(costs) < 4 else None
    assert least is None or total(costs, chosen) == least


def test_of_equal_sums_the_first_columns_win() -> None:
    assert assign([[1, 1, 1]]) == [0]
    assert assign([[0, 5], [9, 1]]) == [0, 1]
