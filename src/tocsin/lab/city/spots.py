"""Where a city's places come from: points that calls come from, stations, hospitals; thinned where there are too many."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tocsin.base.geometry import EARTH_RADIUS_M
from tocsin.lab.city.model import Floats

MOST_PLACES: Final = 3_400
"""In all: as many squared, at twelve bytes for each pair, are 139 MB."""
LEAST_ROOM: Final = 250
"""Of these, for way points."""


class Spots(NamedTuple):
    """Points that calls come from."""

    lon: Floats
    lat: Floats
    weights: Floats
    """(rows, points)."""

    @property
    def size(self) -> int:
        """How many points."""
        return len(self.lon)


def thinned(spots: Spots, most: int) -> tuple[Spots, float]:
    """At most so many points, by a square grid as fine as that allows: each at the middle of its weight. And the grid's width in metres,
    0 where nothing was merged."""
    if spots.size <= most:
        return spots, 0.0
    x, y = on_plane(spots.lon, spots.lat)
    cell_m = float(np.sqrt(max((x.max() - x.min()) * (y.max() - y.min()), 1.0) / spots.size))
    while True:
        key = np.stack([np.floor((x - x.min()) / cell_m), np.floor((y - y.min()) / cell_m)], axis=1).astype(np.int64)
        _, cell = np.unique(key, axis=0, return_inverse=True)
        cell = cell.reshape(-1)
        if cell.max() + 1 <= most:
            return _merged(spots, cell), cell_m
        cell_m *= 1.1


def _merged(spots: Spots, cell: NDArray[np.int64]) -> Spots:
    pull = spots.weights.sum(axis=0) + 1e-15
    total = np.bincount(cell, weights=pull)
    lon, lat = (np.bincount(cell, weights=pull * axis) / total for axis in (spots.lon, spots.lat))
    return Spots(lon, lat, np.stack([np.bincount(cell, weights=row) for row in spots.weights]))


def on_plane(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Metres east and north of the middle, on a plane."""
    middle = np.radians((float(lat.min()) + float(lat.max())) / 2)
    x: Floats = np.radians(lon - lon.min()) * EARTH_RADIUS_M * np.cos(middle)
    y: Floats = np.radians(lat - lat.min()) * EARTH_RADIUS_M
    return x, y


def nearest_places(place_lon: Floats, place_lat: Floats, lon: Floats, lat: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Of each point the place that is nearest as the crow flies, and how far that is in metres."""
    x, y = on_plane(np.append(place_lon, lon), np.append(place_lat, lat))
    points = np.stack([x, y], axis=1)
    away_m, place = cKDTree(points[: len(place_lon)]).query(points[len(place_lon) :])
    return place.astype(np.int64), away_m
