"""Which locality a point belongs to, where its source does not say: the nearest one that people name as their own."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from tocsin.base.geometry import EARTH_RADIUS_M, LonLat
from tocsin.base.quantities import Metres
from tocsin.places.rows import Named

REACH_M: Final[dict[str, Metres]] = {
    "city": Metres(15_000.0),
    "town": Metres(8_000.0),
    "village": Metres(5_000.0),
    "suburb": Metres(3_000.0),
    "hamlet": Metres(1_500.0),
}
"""Kinds of locality that an address may name, and how far they reach at most."""
MOST_COMPARED: Final = 5


class Localities:
    """The localities of a region."""

    def __init__(self, named: Iterable[Named]) -> None:
        kept = [row for row in named if row.kind == "locality" and row.category in REACH_M]
        kept.sort(key=lambda row: (row.names[0], row.place.lon, row.place.lat))
        self._names: list[str] = [row.names[0] for row in kept]
        self._reach_m = [REACH_M[row.category] for row in kept]
        self._tree = cKDTree(np.array([on_ball(row.place) for row in kept])) if kept else None

    def nearest(self, place: LonLat) -> str:
        """Its name; empty where none reaches so far."""
        if self._tree is None:
            return ""
        gaps, rows = self._tree.query(on_ball(place), k=min(MOST_COMPARED, len(self._names)))
        for gap, row in zip(np.atleast_1d(gaps), np.atleast_1d(rows), strict=True):
            if gap <= self._reach_m[row]:
                return self._names[int(row)]
        return ""


def on_ball(place: LonLat) -> tuple[float, float, float]:
    """A point on the earth in metres from its middle: straight distances are those of the ground at the scale of a town."""
    lon, lat = np.radians(place.lon), np.radians(place.lat)
    flat = EARTH_RADIUS_M * np.cos(lat)
    return float(flat * np.cos(lon)), float(flat * np.sin(lon)), float(EARTH_RADIUS_M * np.sin(lat))
