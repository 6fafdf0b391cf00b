"""Which of some candidate pieces of street is nearest to each place: what ``snapping.py`` does in NumPy, to the same bit."""

from typing import Final

import numpy as np
from numba import types

from tocsin.base.geometry import EARTH_RADIUS_M
from tocsin.roads.kernel.compiled import compiled

_FLOATS = types.Array(types.float64, 1, "C", readonly=True)
_LINES = types.Array(types.float64, 2, "C", readonly=True)
_ROWS = types.Array(types.int64, 2, "C", readonly=True)
RADIUS_M: Final = float(EARTH_RADIUS_M)


@compiled(types.void, _ROWS, _LINES, _FLOATS, _FLOATS, _FLOATS, types.int64[::1], types.float64[::1], types.float64[::1])
def nearest_piece(candidates, line, lon, lat, scale, piece, part, distance_m):
    """For each place (n) of its candidates (n, k) the nearest to the millimetre, of equally near ones the lowest.

    ``line`` as in ``snapping._Pieces``; places in radians; ``scale`` is the cosine of the latitude. Writes the piece, where on it (0 to 1),
    and how far. Only operations that are exact to the last bit everywhere: the same sums as in NumPy, in the same order.
    """
    for row in range(len(candidates)):
        best_mm, best = np.inf, -1
        for nth in range(candidates.shape[1]):
            one = candidates[row, nth]
            x1, y1 = ((line[one, 0] - lon[row] + np.pi) % (2 * np.pi) - np.pi) * scale[row], line[one, 1] - lat[row]
            dx, dy = line[one, 3] * scale[row], line[one, 4]
            square = dx * dx + dy * dy
            at = min(max(-(x1 * dx + y1 * dy) / (square if square > 0 else 1.0), 0.0), 1.0)
            east, north = x1 + at * dx, y1 + at * dy
            far_m = np.sqrt(east * east + north * north) * RADIUS_M
            far_mm = np.rint(far_m * 1000.0)
            if far_mm < best_mm or (far_mm == best_mm and one < best):
                best_mm, best = far_mm, one
                part[row], distance_m[row] = at, far_m
        piece[row] = best
