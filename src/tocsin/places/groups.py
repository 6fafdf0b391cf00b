"""Pieces of street to streets, and nodes to crossings: what belongs together and where its middle is."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tocsin.base.geometry import EARTH_RADIUS_M, LonLat, flat_distance_m
from tocsin.base.quantities import Metres
from tocsin.places.localities import Localities, on_ball
from tocsin.places.rows import Piece

TOGETHER_M: Final = 250.0
"""Pieces of one name with no wider gap are one street."""
ONE_CROSSING_M: Final = 60.0
"""Nodes where the same streets meet are one crossing: carriageways of a divided road."""
HOUSE_REACH_M: Final = 250.0
STEP_M: Final = 25.0

Named = tuple[int, Piece]


class Spot(NamedTuple):
    """A middle, and how far from it the rest lies."""

    place: LonLat
    radius_m: Metres


def spot_of(places: NDArray[np.float64], middle: LonLat | None = None) -> Spot:
    """(n, 2) degrees to their middle; the radius holds them all."""
    low, high = places.min(axis=0), places.max(axis=0)
    chosen = middle or LonLat(*((low + high) / 2))
    return Spot(chosen, Metres(float(metres_from(chosen, places).max())))


def metres_from(place: LonLat, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lengths from a place to (n, 2) degrees on the plane that touches the earth there."""
    shift = np.radians(places - (place.lon, place.lat)) * EARTH_RADIUS_M
    gaps_m: NDArray[np.float64] = np.hypot(shift[:, 0] * np.cos(np.radians(place.lat)), shift[:, 1])
    return gaps_m


def _clusters(balls: NDArray[np.float64], reach_m: float) -> NDArray[np.int32]:
    """The number of the cluster of each point: chains of points with no wider gap."""
    pairs = cKDTree(balls).query_pairs(reach_m, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(balls), len(balls)))
    labels: NDArray[np.int32] = connected_components(links, directed=False)[1]
    return labels


def groups_of(
    pieces: Iterable[Named], houses: Iterable[tuple[int, LonLat, str]], areas: Localities
) -> Iterator[tuple[int, str, Spot, Metres, bytes]]:
    """Streets: (term, locality, middle and radius, length, points every 25 m)."""
    by_term: dict[int, list[Piece]] = defaultdict(list)
    for term, piece in pieces:
        by_term[term].append(piece)
    inhabited: dict[int, list[tuple[LonLat, str]]] = defaultdict(list)
    for term, place, locality in houses:
        inhabited[term].append((place, locality))
    for term in sorted(by_term):
        yield from _streets_of(term, by_term[term], _Along(inhabited[term], areas))


class _Along:
    """What locality a point of one street lies in: that of its nearest house, else the nearest one."""

    def __init__(self, houses: list[tuple[LonLat, str]], areas: Localities) -> None:
        self._names: list[str] = [name for _, name in houses]
        self._tree = cKDTree(np.array([on_ball(place) for place, _ in houses])) if houses else None
        self._areas = areas

    def of(self, place: LonLat) -> str:
        if self._tree is not None:
            gap, row = self._tree.query(on_ball(place))
            if gap <= HOUSE_REACH_M:
                return self._names[int(row)]
        return self._areas.nearest(place)


def _streets_of(term: int, pieces: list[Piece], localities: _Along) -> Iterator[tuple[int, str, Spot, Metres, bytes]]:
    dense = [densely(np.array([(point.lon, point.lat) for point in piece.line])) for piece in pieces]
    owner = np.repeat(np.arange(len(pieces)), [len(one) for one in dense])
    every = np.concatenate(dense)
    balls = np.array([on_ball(LonLat(*point)) for point in every])
    cluster = _clusters(balls, TOGETHER_M)
    belongs: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in range(len(pieces)):
        points = dense[row]
        locality = localities.of(LonLat(*points[len(points) // 2]))
        belongs[int(cluster[np.searchsorted(owner, row)]), locality].append(row)
    for (_, locality), rows in belongs.items():
        points = np.concatenate([dense[row] for row in rows])
        centre = spot_of(points).place
        middle = LonLat(*points[int(metres_from(centre, points).argmin())])
        length_m = sum(length_of(dense[row]) for row in rows)
        yield term, locality, spot_of(points, middle), Metres(length_m), np.rint(points * 1e7).astype("<i4").tobytes()


def length_of(line: NDArray[np.float64]) -> float:
    """Metres along (n, 2) degrees."""
    return float(steps_m(line).sum())


def steps_m(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres between each two neighbours of (n, 2) degrees."""
    shift = np.radians(np.diff(line, axis=0)) * EARTH_RADIUS_M
    steps: NDArray[np.float64] = np.hypot(shift[:, 0] * np.cos(np.radians(line[:-1, 1])), shift[:, 1])
    return steps


def densely(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """The line's points and more between them, none farther apart than 25 m."""
    parts = [line[:1]]
    for start, end, step in zip(line[:-1], line[1:], steps_m(line), strict=True):
        share = np.linspace(0.0, 1.0, int(step // STEP_M) + 2)[1:, None]
        parts.append(start + (end - start) * share)
    return np.concatenate(parts)


def crossings_of(pieces: Iterable[Named], hints: Iterable[tuple[int, int, LonLat]]) -> Iterator[tuple[tuple[int, int], Spot]]:
    """Pairs of terms (smaller first) with each place where they meet."""
    at: dict[int, set[int]] = defaultdict(set)
    where: dict[int, LonLat] = {}
    for term, piece in pieces:
        for node, place in ((piece.tail, piece.line[0]), (piece.head, piece.line[-1])):
            at[node].add(term)
            where[node] = place
    met: dict[tuple[int, int], list[LonLat]] = defaultdict(list)
    for node in sorted(at):
        terms = sorted(at[node])
        for row, term in enumerate(terms):
            for other in terms[row + 1 :]:
                met[term, other].append(where[node])
    for term, other, place in hints:
        pair = (min(term, other), max(term, other))
        near = (flat_distance_m(start=place, end=known) for known in met[pair])
        if term and other and term != other and all(gap_m > ONE_CROSSING_M for gap_m in near):
            met[pair].append(place)
    for pair in sorted(met):
        yield from ((pair, spot) for spot in _spots(met[pair]))


def _spots(places: list[LonLat]) -> Iterator[Spot]:
    if len(places) == 1:
        yield Spot(places[0], Metres(0.0))
        return
    if places:
        labels = _clusters(np.array([on_ball(place) for place in places]), ONE_CROSSING_M)
        for label, _ in sorted(Counter(labels.tolist()).items()):
            chosen = np.array([(place.lon, place.lat) for place, one in zip(places, labels, strict=True) if one == label])
            yield spot_of(chosen)
