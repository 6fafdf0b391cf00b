"""Rectangular assignment with whole-number costs: each row takes one column of its own, the sum is least.

Shortest augmenting paths with potentials (Kuhn 1955; Jonker & Volgenant 1987), on Python's unbounded integers so that a lexicographic
cost packed into one number stays exact. SciPy's solver and brute force are the oracles in the tests.
"""

from collections.abc import Sequence

INFEASIBLE = 1 << 256
"""Larger than any sum of packed costs."""


def assign(costs: Sequence[Sequence[int]]) -> list[int]:
    """Column of each row; as many columns as rows at least. Of equal sums the first columns win, so order them before calling."""
    greedy = _each_its_best(costs)
    return greedy if greedy is not None else _augment(costs)


def _each_its_best(costs: Sequence[Sequence[int]]) -> list[int] | None:
    """The common case: every row's best column is wanted by that row only; then nothing is better."""
    best = [min(range(len(row)), key=row.__getitem__) for row in costs]
    return best if len(set(best)) == len(best) else None


def _augment(costs: Sequence[Sequence[int]]) -> list[int]:
    rows, columns = len(costs), len(costs[0])
    row_potential = [0] * (rows + 1)
    column_potential = [0] * (columns + 1)
    taken_by = [0] * (columns + 1)  # row, from 1; 0 = nobody. Column 0 is where the row to be placed waits.
    for row in range(1, rows + 1):
        taken_by[0] = row
        came_from = [0] * (columns + 1)
        slack = [INFEASIBLE * 4] * (columns + 1)
        is_done = [False] * (columns + 1)
        column = 0
        while taken_by[column] != 0:
            is_done[column] = True
            column = _step(costs, column, (row_potential, column_potential), (taken_by, came_from), (slack, is_done))
        while column != 0:
            previous = came_from[column]
            taken_by[column] = taken_by[previous]
            column = previous
    answer = [0] * rows
    for column in range(1, columns + 1):
        if taken_by[column]:
            answer[taken_by[column] - 1] = column - 1
    return answer


def _step(
    costs: Sequence[Sequence[int]],
    column: int,
    potentials: tuple[list[int], list[int]],
    tree: tuple[list[int], list[int]],
    search: tuple[list[int], list[bool]],
) -> int:
    """Grow the shortest-path tree from ``column`` by the nearest column that is not done, and give that column."""
    row_potential, column_potential = potentials
    taken_by, came_from = tree
    slack, is_done = search
    row = taken_by[column]
    line, row_worth = costs[row - 1], row_potential[row]
    nearest, least = 0, INFEASIBLE * 8
    for other in range(1, len(slack)):
        if is_done[other]:
            continue
        reduced = line[other - 1] - row_worth - column_potential[other]
        if reduced < slack[other]:
            slack[other], came_from[other] = reduced, column
        if slack[other] < least:
            least, nearest = slack[other], other
    for other in range(len(slack)):
        if is_done[other]:
            row_potential[taken_by[other]] += least
            column_potential[other] -= least
        else:
            slack[other] -= least
    return nearest
