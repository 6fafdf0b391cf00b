"""The line around what is reached in time, from places alone: the isochrone of a city that is known by its places, not by its streets."""

import numpy as np

from tocsin.lab.siting.question import Flags, Floats
from tocsin.maps.contour import grid_around, within

METRES_PER_DEGREE = 111_195.0
CELLS_ACROSS = 240
"""Of the grid that the line is drawn through."""
AROUND = 0.75
"""How far around a place counts as reached with it, as a part of the usual distance between places."""

Rings = tuple[tuple[tuple[float, float], ...], ...]
"""Of longitudes and latitudes; the last point is the first."""


def outline(lon: Floats, lat: Floats, is_reached: Flags) -> Rings:
    """Rings around the places that are reached, holes with others in them among them. Empty where none is."""
    if not is_reached.any():
        return ()
    scale = np.array([METRES_PER_DEGREE * float(np.cos(np.radians(lat.mean()))), METRES_PER_DEGREE])
    points = np.stack([lon, lat], axis=1) * scale
    width_m, height_m = (max(float(one), 1.0) for one in np.ptp(points, axis=0))
    around_m = AROUND * float(np.sqrt(width_m * height_m / len(points)))
    grid = grid_around(points, max(width_m, height_m) / CELLS_ACROSS, 2 * around_m)
    area = within(grid, grid.marked(points[is_reached]), grid.marked(points[~is_reached]), around_m)
    polygons = [one for one in getattr(area, "geoms", [area]) if not one.is_empty]
    rings = [ring for polygon in polygons for ring in (polygon.exterior, *polygon.interiors)]
    return tuple(tuple((round(x / scale[0], 5), round(y / scale[1], 5)) for x, y in ring.coords) for ring in rings)
