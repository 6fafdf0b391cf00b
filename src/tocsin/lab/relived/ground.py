"""Where a log's calls, stations and hospitals lie, and how long drives between them take: along roads, or straight where none are known."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, QhullError

from tocsin.base.geometry import LonLat
from tocsin.lab.city.model import NO_WAY_MS, Floats, Ints, Longs, Roads, Shorts
from tocsin.lab.city.region_roads import anchored, net_of, routers_of
from tocsin.lab.city.spots import Spots, nearest_places, on_plane, thinned
from tocsin.lab.city.ways import Progress, roads_between
from tocsin.lab.journal.rows import Heard
from tocsin.roads.network import RoadNetwork

MOST_SPOTS = 1_200
"""Points that calls come from, at most; nearer ones are taken together."""

STRAIGHT_M_PER_S = 8.9
"""20 mph, as straight-line systems assume; what the log's own drives say is fitted upon it."""

FAR_M = 500.0
"""Farther from any road than this is told."""

RoadMaker = Callable[[Floats, Floats], Roads]


class Ground(NamedTuple):
    """Places of a log: first its stations, then its hospitals, then points that calls come from."""

    lon: Floats
    lat: Floats
    stations: int
    hospitals: int
    call_place: Longs
    """Place of each row of the log; -1 = the log says none."""
    away_m: float
    """Median distance between a call and its place."""
    roads: Roads
    """Before what the log's own drives say of them."""

    @property
    def size(self) -> int:
        """How many places."""
        return len(self.lon)

    def nearest(self, places: Sequence[LonLat]) -> Longs:
        """Place that is nearest to each point as the crow flies."""
        lon, lat = np.array([one.lon for one in places]), np.array([one.lat for one in places])
        return nearest_places(self.lon, self.lat, lon, lat)[0]


def ground_of(heard: Heard, stations: Sequence[LonLat], roads: RoadMaker) -> Ground:
    """Of a log in which at least one incident has a place."""
    known = [nth for nth, row in enumerate(heard.rows) if row.place is not None]
    called = [place for row in heard.rows if (place := row.place) is not None]
    lon, lat = np.array([one.lon for one in called]), np.array([one.lat for one in called])
    spots, _ = thinned(_distinct(lon, lat), MOST_SPOTS)
    fixed = [*stations, *(one.place for one in heard.hospitals)]
    all_lon = np.concatenate([[one.lon for one in fixed], spots.lon])
    all_lat = np.concatenate([[one.lat for one in fixed], spots.lat])
    nearest, away_m = nearest_places(spots.lon, spots.lat, lon, lat)
    call_place = np.full(len(heard.rows), -1, np.int64)
    call_place[known] = nearest + len(fixed)
    return Ground(
        all_lon, all_lat, len(stations), len(heard.hospitals), call_place, float(np.median(away_m)), roads(all_lon, all_lat)
    )  # fmt: skip


def _distinct(lon: Floats, lat: Floats) -> Spots:
    points, times = np.unique(np.stack([lon, lat], axis=1), axis=0, return_counts=True)
    return Spots(points[:, 0], points[:, 1], times[None, :].astype(np.float64))


def straight_roads(lon: Floats, lat: Floats) -> Roads:
    """Drives from place to place over a web of straight lines between neighbours (Delaunay), all at one speed."""
    x, y = on_plane(lon, lat)
    tail, head = _neighbours(x, y)
    length_m = np.maximum(np.hypot(x[tail] - x[head], y[tail] - y[head]), 0.001)  # 0 would be no way
    web = csr_array((length_m, (tail, head)), shape=(len(lon), len(lon)))
    away_m, before = dijkstra(web, return_predecessors=True)
    ms = np.where(np.isfinite(away_m), np.rint(away_m / STRAIGHT_M_PER_S * 1000), NO_WAY_MS).astype(np.int32)
    via = _onward(before)
    return Roads(ms, ms, via, via)


def _neighbours(x: Floats, y: Floats) -> tuple[Longs, Longs]:
    points = np.stack([x, y], axis=1)
    try:
        corners = Delaunay(points).simplices
    except (QhullError, ValueError):  # all on one line, or fewer than three: everybody is everybody's neighbour
        every = np.arange(len(x))
        tail, head = np.repeat(every, len(x)), np.tile(every, len(x))
        return tail[tail != head], head[tail != head]
    sides = np.concatenate([corners[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    both = np.concatenate([sides, sides[:, ::-1], _twins(points)])
    kept = np.unique(both, axis=0)
    return kept[:, 0], kept[:, 1]


def _twins(points: Floats) -> Longs:
    """Points at the very same place: the web leaves all but one of them out."""
    order = np.lexsort((points[:, 1], points[:, 0]))
    is_same = (points[order[1:]] == points[order[:-1]]).all(axis=1)
    one, other = order[:-1][is_same], order[1:][is_same]
    pairs = np.stack([np.concatenate([one, other]), np.concatenate([other, one])], axis=1)
    return pairs.astype(np.int64)


def _onward(before: Ints) -> Shorts:
    """Next places from predecessors: lines run both ways, so what comes before the start on the way back is next on the way there."""
    count = len(before)
    via = before.T.copy()
    rows, columns = np.nonzero(via < 0)
    via[rows, columns] = columns
    np.fill_diagonal(via, np.arange(count))
    return via.astype(np.int16)


def network_roads(network: RoadNetwork, progress: Progress) -> RoadMaker:
    """Drives along the roads of a region, at no hour in particular."""

    def roads(lon: Floats, lat: Floats) -> Roads:
        routers = routers_of(network)
        anchors, _ = anchored(network, routers, [LonLat(float(one), float(other)) for one, other in zip(lon, lat, strict=True)])
        return roads_between(net_of(routers), anchors, progress)

    return roads


def is_outside(network: RoadNetwork, places: Sequence[LonLat]) -> bool:
    """Whether most of these lie off the region's roads: then it is another town's."""
    snaps = network.snapper.snap(list(places))
    return sum(snap.distance_m > FAR_M for snap in snaps) * 2 > len(places)
