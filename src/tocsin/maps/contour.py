"""The outline of what lies within a distance of many points: a grid of distances, and the line through it where the distance is met."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage

Floats = NDArray[np.float64]

MOST_CELLS: Final = 4_000_000
"""Of one grid; a region that would need more gets larger cells."""


@dataclass(frozen=True)
class Grid:
    """Square cells whose middles are ``west + column * cell_m``, ``south + row * cell_m``."""

    west: float
    south: float
    columns: int
    rows: int
    cell_m: float

    def cells(self, points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column of each point (n, 2); points outside fall on the rim."""
        column = np.rint((points[:, 0] - self.west) / self.cell_m).astype(np.int64)
        row = np.rint((points[:, 1] - self.south) / self.cell_m).astype(np.int64)
        return np.clip(row, 0, self.rows - 1), np.clip(column, 0, self.columns - 1)

    def marked(self, points: Floats) -> NDArray[np.bool_]:
        """The grid with the cells of these points set."""
        grid = np.zeros((self.rows, self.columns), dtype=bool)
        grid[self.cells(points)] = True
        return grid


def grid_around(points: Floats, cell_m: float, rim_m: float) -> Grid:
    """A grid that holds all points and a rim; its lines lie at the same places whatever the points are."""
    low, high = points.min(axis=0) - rim_m - 2 * cell_m, points.max(axis=0) + rim_m + 2 * cell_m
    cell_m *= max(1.0, float(np.sqrt(np.prod((high - low) / cell_m) / MOST_CELLS)))
    first = np.floor(low / cell_m)
    columns, rows = (np.ceil(high / cell_m) - first).astype(int) + 1
    return Grid(float(first[0] * cell_m), float(first[1] * cell_m), int(columns), int(rows), cell_m)


def within(grid: Grid, marked: NDArray[np.bool_], keep_open: NDArray[np.bool_], reach_m: float) -> Any:
    """The area within ``reach_m`` of marked cells, as one shapely geometry of polygons.

    Gaps that hold no cell of ``keep_open`` are closed: the inside of a block whose streets are all marked.
    """
    gap_m = ndimage.distance_transform_edt(~marked, sampling=grid.cell_m) - reach_m
    label, count = ndimage.label(gap_m > 0)
    is_open = np.zeros(count + 1, dtype=bool)
    is_open[[0, *{int(one) for rim in (label[0], label[-1], label[:, 0], label[:, -1]) for one in np.unique(rim)}]] = True
    is_open[np.unique(label[keep_open])] = True
    gap_m[~is_open[label]] = -reach_m
    segments = np.concatenate([*_segments(gap_m)]) * grid.cell_m + (grid.west, grid.south)
    return shapely.build_area(shapely.multilinestrings(shapely.linestrings(segments)))


_SIDES: Final = ((0, 1), (1, 2), (2, 3), (3, 0))
"""Sides of a square by its corners: south-west, south-east, north-east, north-west."""

_CUTS: Final[dict[int, tuple[tuple[int, int], ...]]] = {
    1: ((3, 0),), 2: ((0, 1),), 3: ((3, 1),), 4: ((1, 2),), 5: ((3, 0), (1, 2)), 6: ((0, 2),), 7: ((3, 2),), 8: ((2, 3),), 9: ((2, 0),),
    10: ((0, 1), (2, 3)), 11: ((2, 1),), 12: ((1, 3),), 13: ((1, 0),), 14: ((0, 3),),
}  # fmt: skip
"""Which corners are inside (a bit each) → the sides that the contour joins (marching squares; Lorensen and Cline, 1987)."""


def _segments(gap: Floats) -> Iterator[NDArray[np.float64]]:
    """Pieces (n, 2, 2) of the line where the field is 0, in columns and rows."""
    corner = (gap[:-1, :-1], gap[:-1, 1:], gap[1:, 1:], gap[1:, :-1])
    inside = np.zeros(corner[0].shape, dtype=np.int8)
    for bit, one in enumerate(corner):
        inside |= (one <= 0).astype(np.int8) << bit
    for case, cuts in _CUTS.items():
        row, column = np.nonzero(inside == case)
        for start, end in cuts:
            yield np.stack([_crossing(gap, row, column, start), _crossing(gap, row, column, end)], axis=1)


_OFFSET: Final = ((0, 0), (0, 1), (1, 1), (1, 0))
"""Row and column of each corner."""


def _crossing(gap: Floats, row: NDArray[np.int64], column: NDArray[np.int64], side: int) -> Floats:
    """Where the field passes 0 on a side. Always reckoned from the lower corner, so that both neighbours get the same number."""
    low, high = sorted(_OFFSET[corner] for corner in _SIDES[side])
    here, there = gap[row + low[0], column + low[1]], gap[row + high[0], column + high[1]]
    # kept off the corners: a contour that touched one would touch itself
    part = np.clip(here / np.where(here == there, 1.0, here - there), 0.02, 0.98)
    return np.column_stack([column + low[1] + part * (high[1] - low[1]), row + low[0] + part * (high[0] - low[0])])
