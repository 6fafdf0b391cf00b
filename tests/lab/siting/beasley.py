"""The OR-Library instances as arrays; credit Beasley, J. Op. Res. Soc. 41 (1990) 1069-1072."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import floyd_warshall


def optima(shared: Path) -> dict[str, dict[str, int]]:
    """Published values by kind and instance."""
    loaded: dict[str, dict[str, int]] = json.loads((shared / "data/orlib/optima.json").read_text("utf-8"))
    return loaded


def last_wins(_before: float, now: float) -> float:
    """What the published optima hold for when an edge is listed twice."""
    return now


def p_median(shared: Path, name: str, rule: Callable[[float, float], float] = last_wins) -> tuple[NDArray[np.int32], int]:
    """Distances between all points, and how many medians."""
    numbers = [int(word) for word in (shared / f"data/orlib/{name}.txt").read_text("utf-8").split()]
    points, edges, medians = numbers[:3]
    costs = np.full((points, points), np.inf)
    for at in range(3, 3 + 3 * edges, 3):
        i, j, cost = numbers[at] - 1, numbers[at + 1] - 1, numbers[at + 2]
        costs[i, j] = costs[j, i] = rule(costs[i, j], cost)
    np.fill_diagonal(costs, 0)
    return floyd_warshall(costs).astype(np.int32), medians


def set_cover(shared: Path, name: str) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """(rows, columns): which column covers which row; and the columns' costs."""
    numbers = [int(word) for word in (shared / f"data/orlib/{name}.txt").read_text("utf-8").split()]
    rows, columns = numbers[:2]
    reaches, at = np.zeros((rows, columns), dtype=np.bool_), 2 + columns
    for row in range(rows):
        count = numbers[at]
        reaches[row, np.array(numbers[at + 1 : at + 1 + count]) - 1] = True
        at += 1 + count
    return reaches, np.array(numbers[2 : 2 + columns], dtype=np.float64)


def swain(shared: Path) -> tuple[NDArray[np.float64], NDArray[np.float64], dict[str, Any]]:
    """Demand, straight distances, and the values proved for it."""
    table = np.loadtxt(shared / "data/orlib/swain55.tsv", skiprows=1)
    away = table[:, None, 1:3] - table[None, :, 1:3]
    told: dict[str, Any] = json.loads((shared / "data/orlib/swain55_optima.json").read_text("utf-8"))
    return table[:, 3], np.hypot(away[..., 0], away[..., 1]), told
