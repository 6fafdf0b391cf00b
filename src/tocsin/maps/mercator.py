"""Where a place lies on the square web map (EPSG:3857 scaled to 0…1), and which tile holds it."""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.region import DEGREES_E7

Floats = NDArray[np.float64]

MOST_LAT: Final = 85.051128779806604
"""Where the square ends: atan(sinh(pi)) in degrees."""


class Tile(NamedTuple):
    """A tile by zoom, column from the west and row from the north."""

    z: int
    x: int
    y: int


def project(lon_e7: Any, lat_e7: Any) -> tuple[Floats, Floats]:
    """Parts of the map's width from the west and from the north, of places in ten-millionths of a degree."""
    lon = np.asarray(lon_e7, dtype=np.float64) / DEGREES_E7
    lat = np.radians(np.clip(np.asarray(lat_e7, dtype=np.float64) / DEGREES_E7, -MOST_LAT, MOST_LAT))
    return lon / 360.0 + 0.5, 0.5 - np.arctanh(np.sin(lat)) / (2 * np.pi)


def lon_lat(x: Any, y: Any) -> tuple[Floats, Floats]:
    """Degrees of places on the map: the way back."""
    return (np.asarray(x) - 0.5) * 360.0, np.degrees(np.arcsin(np.tanh((0.5 - np.asarray(y)) * 2 * np.pi)))
