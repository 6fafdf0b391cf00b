"""Where invented people call from: points along the streets where people live, drawn by street length."""

from random import Random

import numpy as np

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Millis, Ppm
from tocsin.roads.network import RoadNetwork
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.shapes import place_of

LIVED_IN = ("residential", "living_street", "tertiary", "unclassified", "secondary")


class StreetDemand:
    """Draws places on streets of the strongly connected part."""

    def __init__(self, region: Region, *, is_named: bool = False) -> None:
        """``is_named``: only streets that have a name, for those who look on."""
        self._region = region
        strong = region.node_is_strong.astype(bool)
        lived_in = np.isin(region.edge_class, [nth for nth, name in enumerate(region.header.classes) if name in LIVED_IN])
        edges = np.flatnonzero(lived_in & strong[region.edge_tail] & strong[region.edge_head])
        self._edges = np.array([edge for edge in edges if region.name_of(int(edge))], np.int64) if is_named else edges
        self._until_m = np.cumsum(region.edge_cm[self._edges] / 100)

    def draw(self, rng: Random) -> tuple[LonLat, str]:
        """A place, and the name of its street (empty where it has none)."""
        along_m = rng.random() * float(self._until_m[-1])
        edge = int(self._edges[int(np.searchsorted(self._until_m, along_m, side="right"))])
        place = place_of(self._region, OnRoad(edge, Ppm(rng.randrange(1_000_001))))
        rounded = LonLat(round(place.lon, 5), round(place.lat, 5))
        return rounded, self._region.name_of(edge) or ""


class Drive:
    """Road times between places, for crews."""

    def __init__(self, network: RoadNetwork) -> None:
        self._region, self._router, self._snapper = network.region, network.router(), network.snapper

    def time_ms(self, start: LonLat, end: LonLat) -> Millis | None:
        """None where there is no way."""
        start_on, end_on = (snap.on for snap in self._snapper.snap([start, end]))
        return self._router.times_to(end_on, [start_on])[0]

    def part_way(self, start: LonLat, end: LonLat, share: float) -> LonLat:
        """Where one is that has a share (0 to 1) of the road time between two places behind it; the start where there is no way."""
        start_on, end_on = (snap.on for snap in self._snapper.snap([start, end]))
        whole_ms = self._router.times_to(end_on, [start_on])[0]
        on = self._router.along(start_on, end_on, Millis(round(whole_ms * share))) if whole_ms is not None else None
        return place_of(self._region, on) if on is not None else start

    def nearest(self, start: LonLat, ends: list[LonLat]) -> tuple[int, Millis] | None:
        """Index and road time of the end that is reached soonest; None when none is."""
        times = [(time_ms, index) for index, end in enumerate(ends) if (time_ms := self.time_ms(start, end)) is not None]
        if not times:
            return None
        time_ms, index = min(times)
        return index, time_ms
