"""From a place to the nearest road: exact to the millimetre, in batches, always the same answer.

Streets are cut into short pieces; a tree over the middles of the pieces gives candidates, and each candidate piece is measured. A
piece can be nearer than its middle by half its length at most: candidates are widened until nothing that was left out can be nearer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tocsin.base.faults import BadInput
from tocsin.base.geometry import EARTH_RADIUS_M, LonLat
from tocsin.base.quantities import Metres, Ppm
from tocsin.roads.compiled_kernel import find_nearest_piece
from tocsin.roads.position import WHOLE_PPM, OnRoad, Snap
from tocsin.roads.region import DEGREES_E7, Region

Floats = NDArray[np.float64]

PIECE_M: Final = 50.0
FIRST_TRY: Final = 8

ISLAND_M: Final = 250.0
"""How much nearer a road must be that does not hang together with the rest, for a place to lie on it: no loose end at the rim of a map, but
an island."""

HEADING_SLACK_M: Final = 15.0
"""How much farther than the nearest road one may be whose direction fits: two carriageways apart, and the error of a receiver in a town."""

HEADING_SLACK_DEG: Final = 60.0
"""How far a heading may be off the direction of the road; below 90, so that it never fits both ways of a street."""


@dataclass(frozen=True)
class _Pieces:
    """Straight pieces of at most ``PIECE_M``."""

    street: NDArray[np.int64]
    line: Floats
    """(n, 6) where each begins: longitude and latitude in radians, part of the street's length (0 to 1); and how far it goes in each."""
    tree: Any
    half_m: float
    """Half the longest piece."""


class _Nearest(NamedTuple):
    """One row per find."""

    piece: NDArray[np.int64]
    part: Floats
    """Where on the piece, 0 to 1."""
    distance_m: Floats


class Snapper:
    """Finds the nearest road of a region."""

    def __init__(self, region: Region) -> None:
        self._region = region
        _, self._first_edge = np.unique(region.edge_street, return_index=True)

    @cached_property
    def _strong(self) -> _Pieces | None:
        region, edge = self._region, self._first_edge
        strong = region.node_is_strong.astype(bool)
        return _pieces(region, edge, strong[region.edge_tail[edge]] & strong[region.edge_head[edge]])

    @cached_property
    def _parts(self) -> _Pieces | None:
        """Roads that lead back to where they begin, in whatever part of the network."""
        region, edge = self._region, self._first_edge
        graph = csr_array((np.ones(region.edges, np.int8), (region.edge_tail, region.edge_head)), shape=(region.nodes, region.nodes))
        _, part = connected_components(graph, directed=True, connection="strong")
        return _pieces(region, edge, part[region.edge_tail[edge]] == part[region.edge_head[edge]])

    @cached_property
    def _all(self) -> _Pieces | None:
        return _pieces(self._region, self._first_edge, np.ones(len(self._first_edge), dtype=bool))

    def prepare(self) -> None:
        """Make the trees that the first places would wait for."""
        _ = self._strong, self._parts

    def snap(
        self, places: Sequence[LonLat], *, is_strong_only: bool = True, headings_deg: Sequence[float | None] | None = None
    ) -> list[Snap]:
        """The nearest road of each place, however far: ``distance_m`` says how far.

        ``is_strong_only``: only roads from which one gets away and back (the largest strongly connected part), so that nobody is
        stranded by a scrap of road beside it; but where a road of another such part is nearer by more than ``ISLAND_M``, that one. A
        two-way street answers with its edge along the line. Of equally near streets the first of the file is taken.

        ``headings_deg``: for each place whither it drives (0 = north, clockwise), or None. Of the roads at most ``HEADING_SLACK_M`` farther
        than the nearest, the nearest is taken that may be driven within ``HEADING_SLACK_DEG`` of the heading, as the edge in that
        direction, headed; where none fits, the nearest as without a heading.

        Raises BadInput ``coordinates`` for a place off the earth, ``network_no_access`` where no road may be joined.
        """
        pieces = self._strong if is_strong_only else self._all
        if pieces is None:
            raise BadInput("network_no_access", file=self._region.header.source or None)
        for place in places:
            if not place.is_on_earth():
                raise BadInput("coordinates", lon=place.lon, lat=place.lat)
        snaps = self._snap_to(pieces, places, headings_deg)
        return self._islands(places, snaps, headings_deg) if is_strong_only else snaps

    def _snap_to(self, pieces: _Pieces, places: Sequence[LonLat], headings_deg: Sequence[float | None] | None) -> list[Snap]:
        lon = np.radians([place.lon for place in places])
        lat = np.radians([place.lat for place in places])
        nearest = _nearest(pieces, lon, lat)
        edge = self._first_edge[pieces.street[nearest.piece]]
        is_headed = np.zeros(len(places), dtype=np.bool_)
        if headings_deg is not None:
            self._turn_to(headings_deg, pieces, (lon, lat), (nearest, edge, is_headed))
        return [self._snap(pieces, *found) for found in zip(*(array.tolist() for array in (*nearest, edge, is_headed)), strict=True)]

    def _islands(self, places: Sequence[LonLat], snaps: list[Snap], headings_deg: Sequence[float | None] | None) -> list[Snap]:
        """Places that are much nearer to a road of another part of the network are there: an island is not its mainland."""
        far = [row for row, snap in enumerate(snaps) if snap.distance_m > ISLAND_M]
        if not far or self._parts is None:
            return snaps
        headings = [headings_deg[row] for row in far] if headings_deg is not None else None
        for row, other in zip(far, self._snap_to(self._parts, [places[row] for row in far], headings), strict=True):
            if other.distance_m + ISLAND_M < snaps[row].distance_m:
                snaps[row] = other
        return snaps

    def _turn_to(
        self,
        headings_deg: Sequence[float | None],
        pieces: _Pieces,
        places: tuple[Floats, Floats],
        found: tuple[_Nearest, NDArray[np.int64], NDArray[np.bool_]],
    ) -> None:
        """Write roads that fit their headings over the nearest ones."""
        nearest, edge, is_headed = found
        heading = np.array([np.nan if one is None else one for one in headings_deg], dtype=np.float64)
        asked = np.flatnonzero(np.isfinite(heading))
        if not len(asked):
            return
        place, near = _within(pieces, places[0][asked], places[1][asked], nearest.distance_m[asked] + HEADING_SLACK_M)
        towards = self._edge_towards(pieces, near.piece, heading[asked][place])
        order = np.lexsort((near.piece, np.round(near.distance_m, 3), place))
        order = order[towards[order] >= 0]
        fits, first = np.unique(place[order], return_index=True)
        rows, chosen = asked[fits], order[first]
        for all_of_it, candidate in zip(nearest, near, strict=True):
            all_of_it[rows] = candidate[chosen]
        edge[rows], is_headed[rows] = towards[chosen], True

    def _edge_towards(self, pieces: _Pieces, piece: NDArray[np.int64], heading_deg: Floats) -> NDArray[np.int64]:
        """The edge by which each piece is driven in about this direction; -1 where it is not."""
        line = pieces.line[piece]
        east, north = line[:, 3] * np.cos(line[:, 1]), line[:, 4]
        off_deg = np.abs((np.degrees(np.arctan2(east, north)) - heading_deg + 180) % 360 - 180)
        edge = self._first_edge[pieces.street[piece]]
        is_against = self._region.edge_is_against[edge].astype(bool)
        along, against = np.where(is_against, -1, edge), np.where(is_against, edge, self._region.edge_twin[edge])
        is_line = (east != 0) | (north != 0)
        fitting = np.where(off_deg <= HEADING_SLACK_DEG, along, np.where(off_deg >= 180 - HEADING_SLACK_DEG, against, -1))
        towards: NDArray[np.int64] = np.where(is_line, fitting, -1)
        return towards

    def _snap(self, pieces: _Pieces, row: int, part: float, distance_m: float, edge: int, is_headed: bool) -> Snap:
        line = pieces.line[row].tolist()
        lon, lat, share = (line[axis] + part * line[3 + axis] for axis in range(3))
        share = 1.0 - share if self._region.edge_is_against[edge] else share
        on = OnRoad(edge, Ppm(min(WHOLE_PPM, max(0, round(share * WHOLE_PPM)))), is_headed)
        return Snap(on, LonLat(round(float(np.degrees(lon)), 7), round(float(np.degrees(lat)), 7)), Metres(round(distance_m, 3)))


def _pieces(region: Region, edge: NDArray[np.int64], is_wanted: NDArray[np.bool_]) -> _Pieces | None:
    """Pieces of the wanted streets. Where only one end may be joined, that end alone; where neither, none."""
    start = region.street_start.astype(np.int64)
    street = np.repeat(np.arange(region.streets), np.diff(start))
    lon, lat = np.radians(region.point_lon_e7 / DEGREES_E7), np.radians(region.point_lat_e7 / DEGREES_E7)
    first = np.flatnonzero(street[:-1] == street[1:])
    length = np.hypot(np.diff(lon)[first] * np.cos(lat[first]), np.diff(lat)[first])
    share = _shares(street[first], length, region.streets)
    ends = _joins(region, edge)
    is_open = (ends.all(axis=1) & is_wanted)[street[first]]
    cuts = np.where(is_open, np.ceil(length * EARTH_RADIUS_M / PIECE_M), 0).astype(np.int64)
    cuts[is_open & (cuts == 0)] = 1
    row = np.repeat(np.arange(len(first)), cuts)
    step = np.arange(len(row)) - np.repeat(np.cumsum(cuts) - cuts, cuts)
    part = np.stack([step / cuts[row], (step + 1) / cuts[row]], axis=1)
    at = first[row][:, None]
    whole = (street[first][row], lon[at] + part * (lon[at + 1] - lon[at]), lat[at] + part * (lat[at + 1] - lat[at]))
    shares = share[row, :1] + part * (share[row, 1:] - share[row, :1])
    lone = np.argwhere((ends.sum(axis=1) == 1)[:, None] & ends & is_wanted[:, None])
    point = np.where(lone[:, 1] == 0, start[lone[:, 0]], start[lone[:, 0] + 1] - 1)
    return _indexed(
        np.append(whole[0], lone[:, 0]),
        np.concatenate([whole[1], np.repeat(lon[point][:, None], 2, axis=1)]),
        np.concatenate([whole[2], np.repeat(lat[point][:, None], 2, axis=1)]),
        np.concatenate([shares, np.repeat(lone[:, 1:].astype(np.float64), 2, axis=1)]),
    )


def _joins(region: Region, edge: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(streets, 2) whether the first and the last point of a street's line may be joined."""
    may_join = region.node_may_join.astype(bool)
    tail, head = may_join[region.edge_tail[edge]], may_join[region.edge_head[edge]]
    is_against = region.edge_is_against[edge].astype(bool)
    return np.stack([np.where(is_against, head, tail), np.where(is_against, tail, head)], axis=1)


def _shares(street: NDArray[np.int64], length: Floats, streets: int) -> Floats:
    """(segments, 2) where each segment begins and ends, as parts of its street's length; even parts where that is nothing."""
    count = np.bincount(street, minlength=streets)
    length = np.where(np.bincount(street, weights=length, minlength=streets)[street] > 0, length, 1.0 / count[street])
    total = np.bincount(street, weights=length, minlength=streets)[street]
    behind = np.cumsum(length)
    before = (behind - length) - np.repeat((behind - length)[np.cumsum(count) - count], count)
    return np.stack([before / total, np.minimum(1.0, (before + length) / total)], axis=1)


def _indexed(street: NDArray[np.int64], lon: Floats, lat: Floats, share: Floats) -> _Pieces | None:
    if not len(street):
        return None
    middle_lon, middle_lat = lon.mean(axis=1), lat.mean(axis=1)
    half = np.hypot(np.diff(lon, axis=1)[:, 0] * np.cos(middle_lat), np.diff(lat, axis=1)[:, 0]) / 2
    # balanced_tree=False: streets on a grid share coordinates, which the median rule dislikes; the answers are the same
    tree = cKDTree(_on_ball(middle_lon, middle_lat), balanced_tree=False)
    line = np.column_stack([ends[:, 0] for ends in (lon, lat, share)] + [ends[:, 1] - ends[:, 0] for ends in (lon, lat, share)])
    return _Pieces(street, line, tree, float(half.max()) * EARTH_RADIUS_M * 1.001)


def _on_ball(lon: Floats, lat: Floats) -> Floats:
    """Points in space, metres: straight distances there rank as distances on the ground do."""
    flat, points = np.cos(lat), np.empty((len(lon), 3))
    points[:, 0], points[:, 1], points[:, 2] = flat * np.cos(lon), flat * np.sin(lon), np.sin(lat)
    points *= EARTH_RADIUS_M
    return points


def _nearest(pieces: _Pieces, lon: Floats, lat: Floats) -> _Nearest:
    """For each place the nearest piece."""
    points, tries, total = _on_ball(lon, lat), min(FIRST_TRY, len(pieces.street)), len(pieces.street)
    found, is_sure = _nearest_of(pieces, points, lon, lat, tries)
    open_rows = np.flatnonzero(~is_sure)
    while len(open_rows):
        tries = min(4 * tries, total)
        wider, is_sure = _nearest_of(pieces, points[open_rows], lon[open_rows], lat[open_rows], tries)
        for all_of_it, some in zip(found, wider, strict=True):
            all_of_it[open_rows] = some
        open_rows = open_rows[~is_sure]
    return found


def _nearest_of(pieces: _Pieces, points: Floats, lon: Floats, lat: Floats, tries: int) -> tuple[_Nearest, NDArray[np.bool_]]:
    """The nearest of so many candidates for each place, and whether nothing that is no candidate can be nearer."""
    straight, rows = pieces.tree.query(points, k=np.arange(1, tries + 1))
    found = _best(pieces, rows, lon, lat)
    is_sure = (straight[:, -1] - pieces.half_m > found.distance_m + 0.001) | (tries == len(pieces.street))
    return found, is_sure


def _best(pieces: _Pieces, rows: NDArray[np.int64], lon: Floats, lat: Floats) -> _Nearest:
    """Of the candidates of each place the nearest to the millimetre, of equally near ones the lowest."""
    nearest_piece = find_nearest_piece()
    if nearest_piece is not None:
        found = _Nearest(np.empty(len(rows), np.int64), np.empty(len(rows)), np.empty(len(rows)))
        nearest_piece(rows, pieces.line, lon, lat, np.cos(lat), *found)
        return found
    rows = np.sort(rows, axis=1)
    at, far_m = _measure(pieces, rows, lon[:, None], lat[:, None])
    pick = np.arange(len(rows)), np.argmin(np.rint(far_m * 1000.0), axis=1)
    return _Nearest(rows[pick], at[pick], far_m[pick])


def _within(pieces: _Pieces, lon: Floats, lat: Floats, reach_m: Floats) -> tuple[NDArray[np.int64], _Nearest]:
    """All pieces within reach of each place: rows of places, and what was found there."""
    rows = pieces.tree.query_ball_point(_on_ball(lon, lat), reach_m + pieces.half_m)
    place = np.repeat(np.arange(len(lon)), [len(row) for row in rows])
    piece = np.concatenate([np.array(row, dtype=np.int64) for row in rows])
    part, distance_m = _measure(pieces, piece, lon[place], lat[place])
    near = distance_m <= reach_m[place] + 0.001
    return place[near], _Nearest(piece[near], part[near], distance_m[near])


def _measure(pieces: _Pieces, rows: NDArray[np.int64], lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Nearest point of each piece (0 to 1 along it) and its distance, on a plane that touches the earth at the place."""
    scale = np.cos(lat)
    line = pieces.line[rows]
    # the shorter way round the earth, for places beside the antimeridian
    east = np.remainder(line[..., 0] - lon + np.pi, 2 * np.pi) - np.pi
    x1, y1 = east * scale, line[..., 1] - lat
    dx, dy = line[..., 3] * scale, line[..., 4]
    square = dx * dx + dy * dy
    at = np.minimum(np.maximum(-(x1 * dx + y1 * dy) / np.where(square > 0, square, 1.0), 0.0), 1.0)
    east, north = x1 + at * dx, y1 + at * dy
    return at, np.sqrt(east * east + north * north) * EARTH_RADIUS_M  # no hypot: its last bit differs between libraries
