"""How far a named place reaches that its source gives as one point: a village is no surveyed door. The rule stands in docs/places.md."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.places.localities import on_ball
from tocsin.places.rows import Named

LOCALITY_M: Final[dict[str, tuple[float, float]]] = {
    "city": (3_000.0, 15_000.0),
    "town": (1_500.0, 8_000.0),
    "village": (1_000.0, 3_000.0),
    "borough": (1_000.0, 5_000.0),
    "suburb": (500.0, 3_000.0),
    "quarter": (300.0, 1_500.0),
    "neighbourhood": (300.0, 1_000.0),
    "hamlet": (300.0, 1_000.0),
    "locality": (200.0, 1_000.0),
    "isolated_dwelling": (100.0, 200.0),
    "farm": (100.0, 200.0),
    "square": (50.0, 150.0),
    "island": (500.0, 5_000.0),
    "islet": (100.0, 500.0),
}
"""Least and most radius of a locality, by what its source calls it."""
OTHER_LOCALITY_M: Final = (300.0, 2_000.0)
WIDE: Final = frozenset({"country", "state", "region", "province", "county", "district", "municipality"})
"""These hold other localities: they reach as far as what their source names."""
WIDE_LEAST_M: Final = 5_000.0
HELD: Final = 0.95
"""Share of a locality's own houses that its radius holds."""
FEWEST_HOUSES: Final = 5

BUILDING_M: Final = 25.0
LANDMARK_M: Final[dict[str, float]] = {
    "aerodrome": 1_000.0,
    "nature_reserve": 1_000.0,
    "golf_course": 500.0,
    "beach": 200.0,
    "zoo": 200.0,
    "university": 150.0,
    "hospital": 150.0,
    "station": 150.0,
    "park": 150.0,
    "water": 150.0,
    "camp_site": 150.0,
    "works": 150.0,
    **dict.fromkeys(("stadium", "sports_centre", "attraction", "mall", "peak", "saddle", "college"), 100.0),
    **dict.fromkeys(("school", "halt", "marketplace", "prison"), 80.0),
    **dict.fromkeys(("castle", "pitch", "clinic"), 60.0),
    **dict.fromkeys(("kindergarten", "supermarket", "parking", "bus_station", "nursing_home", "social_facility"), 50.0),
    **dict.fromkeys(("fire_station", "police", "playground"), 40.0),
}
"""Radius of a landmark that is given as a point, where it is more than a building."""


class Extents:
    """The radii of a source's named places."""

    def __init__(self, named: Iterable[Named], houses: Iterable[tuple[LonLat, str]]) -> None:
        """``houses``: places of those that name a locality, with it; what merely lies nearest to one says nothing of how far it reaches."""
        localities = [row for row in named if row.kind == "locality"]
        balls: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        for row in localities:
            balls[row.category].append(on_ball(row.place))
        self._every = np.array([on_ball(row.place) for row in localities])
        self._trees = {category: cKDTree(np.array(points)) for category, points in balls.items()}
        doors: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        for place, locality in houses:
            doors[locality].append(on_ball(place))
        self._doors = {locality: np.array(points) for locality, points in doors.items()}

    def of(self, row: Named) -> Metres:
        """The radius that should hold a named place; never 0."""
        if row.radius_m > 0.0:
            return Metres(max(row.radius_m, BUILDING_M))
        return self._locality(row) if row.kind == "locality" else Metres(LANDMARK_M.get(row.category, BUILDING_M))

    def _locality(self, row: Named) -> Metres:
        ball = np.array(on_ball(row.place))
        if row.category in WIDE:
            return Metres(max(WIDE_LEAST_M, float(np.linalg.norm(self._every - ball, axis=1).max())))
        least, most = LOCALITY_M.get(row.category, OTHER_LOCALITY_M)
        gaps, _ = self._trees[row.category].query(ball, k=2)  # the nearest is the place itself; infinite where it is the only one
        return Metres(max(min(most, max(least, float(gaps[1]))), self._held(row.names[0], ball, most)))

    def _held(self, name: str, ball: "np.ndarray[tuple[int], np.dtype[np.float64]]", most: float) -> float:
        """As far as the houses of this name lie; those beyond all reach belong to another place of the name."""
        doors = self._doors.get(name)
        if doors is None:
            return 0.0
        gaps = np.linalg.norm(doors - ball, axis=1)
        near = gaps[gaps <= 2 * most]
        return float(np.quantile(near, HELD, method="higher")) if len(near) >= FEWEST_HOUSES else 0.0
