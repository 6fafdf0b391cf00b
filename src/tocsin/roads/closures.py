"""Which directed edges a drawn closure closes.

Everything is looked at in the plane, as on the map: what passes over a drawn line on a bridge or under it in a tunnel is closed with the
rest. Who wants to close only one of two stacked roads closes it by a point. A street is closed whole, from junction to junction, however
little of it the shape touches; a shape that touches a junction closes every street that ends there.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple

import msgspec
import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.base.geometry import EARTH_RADIUS_M, LonLat
from tocsin.roads.region import DEGREES_E7, Region

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

ShapeKind = Literal["points", "line", "polygon"]

LEAST_PLACES: Final[dict[ShapeKind, int]] = {"points": 1, "line": 2, "polygon": 3}

NEAR_M: Final = 250.0
"""A point farther than this from every street closes nothing: a slip of the hand must not close a street in the next town."""

OPEN: Final = "open"
"""Hash of no closed edge at all."""

SLACK: Final = 2e-8
"""Sine of a millionth of a degree: a street at a right angle to a heading is within 90 degrees of it, both ways, whatever the rounding."""


class ClosedShape(msgspec.Struct, frozen=True):
    """What was drawn, and which way is closed."""

    kind: ShapeKind
    """``points`` close the street that is nearest to each (at most ``NEAR_M`` away); a ``line`` every street that it crosses or touches;
    a ``polygon`` every street that enters or touches it."""
    places: tuple[LonLat, ...]
    """A polygon's ring closes itself; it may cross itself: inside is by the even-odd rule."""
    heading_deg: float | None = None
    """Clockwise from north. Closed is what is driven within 90 degrees of it at the place where street and shape meet; None = both ways.
    A point closes nothing where its nearest street is a one-way street the other way."""


class _Meeting(NamedTuple):
    """Pieces of streets, from point to point, that meet a shape."""

    street: Rows
    first: Rows
    """Row of the piece's first point; its last one is the next row."""


class ClosureIndex:
    """Finds what shapes close in one region. Making it builds a tree over all streets: make one per region, before it is needed."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._start = region.street_start.astype(np.int64)
        self._origin = float(region.point_lon_e7[0]) / DEGREES_E7 if len(region.point_lon_e7) else 0.0
        lon = self._near(region.point_lon_e7 / DEGREES_E7)
        self._points: Floats = np.stack([lon, region.point_lat_e7 / DEGREES_E7], axis=1)
        owner = np.repeat(np.arange(region.streets), np.diff(self._start))
        self._tree = shapely.STRtree(shapely.linestrings(self._points, indices=owner))

    def closed_edges(self, shape: ClosedShape) -> Rows:
        """Directed edges that the shape closes: rising, each once; none where it meets no street.

        Raises BadInput ``coordinates`` for a place off the earth, ``closure_shape`` for fewer different places than its kind needs.
        """
        places = self._places(shape)
        if not self._region.streets:
            return np.empty(0, dtype=np.int64)
        if shape.kind == "points":
            return self._edges(self._nearest(places), shape.heading_deg)
        ring = np.concatenate([places, places[:1]]) if shape.kind == "polygon" else places
        drawn = shapely.linestrings(ring)
        area = shapely.polygons(ring) if shape.kind == "polygon" else None
        touched: Rows = self._tree.query(drawn, predicate="intersects")
        within = self._within(area, touched)
        winding = np.empty(0, dtype=np.int64) if shape.heading_deg is None else self._winding(touched, shape.heading_deg)
        whole = self._pieces(np.concatenate([np.setdiff1d(touched, winding), within]))
        part = self._touching(self._pieces(winding), drawn, area)
        meeting = _Meeting(np.append(whole.street, part.street), np.append(whole.first, part.first))
        return self._edges(meeting, shape.heading_deg)

    def all_closed(self, shapes: Iterable[ClosedShape]) -> Rows:
        """Directed edges that any of the shapes closes: rising, each once."""
        found = [self.closed_edges(shape) for shape in shapes]
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)

    def _near(self, lon: Floats) -> Floats:
        """Longitudes on the region's side of the antimeridian, beyond ±180° where it lies across; elsewhere the very same numbers."""
        east = lon - self._origin
        return np.where(east > 180.0, lon - 360.0, np.where(east < -180.0, lon + 360.0, lon))

    def _places(self, shape: ClosedShape) -> Floats:
        for place in shape.places:
            if not place.is_on_earth():
                raise BadInput("coordinates", lon=place.lon, lat=place.lat)
        different = len(set(shape.places))
        if different < LEAST_PLACES[shape.kind]:
            raise BadInput("closure_shape", kind=shape.kind, count=different, least=LEAST_PLACES[shape.kind])
        places = np.array([(place.lon, place.lat) for place in shape.places])
        if shape.kind == "points":
            return np.stack([self._near(places[:, 0]), places[:, 1]], axis=1)
        # Drawn from each place to the next the shorter way round the earth.
        lon = np.unwrap(places[:, 0], period=360.0)
        return np.stack([lon + 360.0 * np.round((self._origin - lon[0]) / 360.0), places[:, 1]], axis=1)

    # What a line or a polygon meets.

    def _within(self, area: Any, touched: Rows) -> Rows:
        """Streets that lie within the area: none of those that its ring touches, so one of their points stands for all."""
        if area is None:
            return touched[:0]
        close = np.setdiff1d(self._tree.query(shapely.box(*shapely.bounds(area))), touched)
        return close[_is_inside(area, self._points[self._start[close]])]

    def _pieces(self, streets: Rows) -> _Meeting:
        """All pieces of these streets."""
        count = np.diff(self._start)[streets] - 1
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        return _Meeting(np.repeat(streets, count), np.repeat(self._start[streets], count) + step)

    def _touching(self, pieces: _Meeting, drawn: Any, area: Any) -> _Meeting:
        """Those of the pieces that the drawn line touches or that lie within the area."""
        ends = np.stack([self._points[pieces.first], self._points[pieces.first + 1]], axis=1)
        is_met = np.zeros(len(ends), dtype=np.bool_) if area is None else _is_inside(area, ends[:, 0])
        shapely.prepare(drawn)
        is_met[~is_met] = shapely.intersects(drawn, shapely.linestrings(ends[~is_met]))
        return _Meeting(pieces.street[is_met], pieces.first[is_met])

    # What a point meets.

    def _nearest(self, places: Floats) -> _Meeting:
        """The piece of street that is nearest to each place, to the millimetre; of equally near streets the first of the region.

        Where the nearest point is a bend, both pieces that meet there.
        """
        count = len(places)
        # The tree measures in degrees, so the street that it names may not be the nearest; but the nearest is no farther away.
        some, _, far_m = self._measured(places, np.arange(count), self._tree.nearest(shapely.points(places)))
        reach = np.degrees((np.minimum(_least(some, far_m, count), NEAR_M) + 0.01) / EARTH_RADIUS_M)
        wide = reach / np.maximum(np.cos(np.radians(places[:, 1])), 1e-6)
        west, south, east, north = places[:, 0] - wide, places[:, 1] - reach, places[:, 0] + wide, places[:, 1] + reach
        of, pieces, far_m = self._measured(places, *self._tree.query(shapely.box(west, south, east, north)))
        is_near = (far_m == _least(of, far_m, count)[of]) & (far_m <= NEAR_M)
        first = _least(of[is_near], pieces.street[is_near], count)
        is_picked = is_near & (pieces.street == first[of])
        return _Meeting(pieces.street[is_picked], pieces.first[is_picked])

    def _measured(self, places: Floats, place: Rows, street: Rows) -> tuple[Rows, _Meeting, Floats]:
        """For each pair of a place and a street: the pieces of the street, which place they are for, and how far in metres from it.

        Measured on a plane that touches the earth at the place, as the snapper does.
        """
        pieces = self._pieces(street)
        of = np.repeat(place, np.diff(self._start)[street] - 1)
        scale = np.radians(np.stack([np.cos(np.radians(places[of, 1])), np.ones(len(of))], axis=1))
        start = (self._points[pieces.first] - places[of]) * scale
        run = (self._points[pieces.first + 1] - self._points[pieces.first]) * scale
        square = (run * run).sum(axis=1)
        at = np.clip(-(start * run).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0, 1.0)
        off = start + at[:, None] * run
        return of, pieces, np.round(np.hypot(off[:, 0], off[:, 1]) * EARTH_RADIUS_M, 3)

    # From pieces to directed edges.

    def _edges(self, meeting: _Meeting, heading_deg: float | None) -> Rows:
        is_closed = np.zeros((2, self._region.streets), dtype=np.bool_)
        """Along the line, and against it."""
        if heading_deg is None:
            is_closed[:, meeting.street] = True
        else:
            along, against = self._fits(meeting, heading_deg)
            is_closed[0, meeting.street[along]] = True
            is_closed[1, meeting.street[against]] = True
        return np.flatnonzero(is_closed[self._region.edge_is_against, self._region.edge_street])

    def _winding(self, streets: Rows, heading_deg: float) -> Rows:
        """Streets that run with the heading here and against it there: it matters where a shape meets them. Of all others it does not."""
        pieces = self._pieces(streets)
        along, against = self._fits(pieces, heading_deg)
        return np.intersect1d(pieces.street[along], pieces.street[against])

    def _fits(self, meeting: _Meeting, heading_deg: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether a piece is driven within 90 degrees of the heading when its street is driven along its line, and against it."""
        start = self._points[meeting.first]
        north = self._points[meeting.first + 1, 1] - start[:, 1]
        east = (self._points[meeting.first + 1, 0] - start[:, 0]) * np.cos(np.radians(start[:, 1]))
        ahead = east * np.sin(np.radians(heading_deg)) + north * np.cos(np.radians(heading_deg))
        length = np.hypot(east, north)
        # A piece without length leads nowhere; its neighbours meet the shape at the same point.
        return (length > 0) & (ahead >= -SLACK * length), (length > 0) & (ahead <= SLACK * length)


def _is_inside(area: Any, points: Floats) -> NDArray[np.bool_]:
    """Within the ring by the even-odd rule: a point is located by counting the lines that a ray from it crosses, whatever the ring does."""
    shapely.prepare(area)
    is_inside: NDArray[np.bool_] = shapely.contains_xy(area, points[:, 0], points[:, 1])
    return is_inside


def _least(of: Rows, values: NDArray[Any], count: int) -> NDArray[Any]:
    """The least value for each of ``count``; the greatest number there is where there is none."""
    most = np.inf if values.dtype.kind == "f" else np.iinfo(values.dtype).max
    least = np.full(count, most, dtype=values.dtype)
    np.minimum.at(least, of, values)
    return least


def closures_hash(edges: Rows) -> str:
    """What stands in a metric's id for a set of closed edges, in any order: ``open`` for none, else 12 hexadecimal digits."""
    if not len(edges):
        return OPEN
    return sha256(np.unique(edges).astype("<i8").tobytes()).hexdigest()[:12]
