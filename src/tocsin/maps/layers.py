"""Our own layers above the tiles, as GeoJSON (RFC 7946): stations, closures, and how far help comes within some minutes."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.maps.contour import grid_around, within
from tocsin.maps.reached import Times, from_plane, plane, trail_ms, trail_of
from tocsin.roads.region import Region
from tocsin.roads.shapes import street_line

REACH_M: Final = 75.0
"""What lies so far from a reached street belongs to the area: the depth of a plot and a hose."""

CELL_M: Final = 25.0
"""Side of the cells by which an area's outline is found; the outline is good to about half of it."""

STEP_M: Final = 12.5
LINE_SLACK_M: Final = 3.0
"""How far an outline may run beside the one that was found, to save points."""

DIGITS: Final = 6
"""Of degrees in what is given out: a tenth of a metre."""

MOST_MINUTES: Final = 24 * 60

GeoJson = dict[str, Any]


class StationPlace(NamedTuple):
    """A station as the map shows it."""

    station: str
    name: str
    at: LonLat


def collection(features: Iterable[GeoJson]) -> GeoJson:
    """A FeatureCollection."""
    return {"type": "FeatureCollection", "features": list(features)}


def station_points(stations: Sequence[StationPlace]) -> GeoJson:
    """Points with ``station`` and ``name``."""
    return collection(
        _feature({"station": one.station, "name": one.name}, "Point", [round(one.at.lon, DIGITS), round(one.at.lat, DIGITS)])
        for one in stations
    )


def closure_lines(region: Region, edges: Iterable[int]) -> GeoJson:
    """Lines of streets with a closed edge: ``street`` (its name, if it has one) and ``closed``, *both* or *one* of its directions.

    A street closed in one direction has its line in that direction.
    """
    closed = sorted(set(map(int, edges)))
    streets: dict[int, list[int]] = {}
    for edge in closed:
        streets.setdefault(int(region.edge_street[edge]), []).append(edge)
    return collection(_closure(region, street, shut) for street, shut in sorted(streets.items()))


def _closure(region: Region, street: int, shut: list[int]) -> GeoJson:
    lon, lat, _ = street_line(region, street)
    line = np.column_stack([lon, lat]).round(DIGITS)
    is_against = bool(region.edge_is_against[shut[0]])
    is_half_open = len(shut) == 1 and int(region.edge_twin[shut[0]]) >= 0
    named = {"street": region.name_of(shut[0]) or "", "closed": "one" if is_half_open else "both"}
    return _feature(named, "LineString", (line[::-1] if is_half_open and is_against else line).tolist())


def isochrones(region: Region, node_ms: Times, minutes: Sequence[int], edge_ms: Times | None = None) -> GeoJson:
    """Where help is within so many minutes: one MultiPolygon for each, ``minutes`` and ``area_km2``, the greatest first.

    ``node_ms`` (nodes,): milliseconds until help is at each node, -1 where it never comes; ``edge_ms`` (edges,): over each directed edge,
    -1 where it is closed, the region's own without it. Streets are reached in part where time runs out on them. The area is what lies
    within ``REACH_M`` of a reached part; a block whose streets are all reached is reached. Of two areas the one of fewer minutes lies
    within the other, but for ``LINE_SLACK_M``. Raises BadInput ``minutes``.
    """
    steps = sorted(set(minutes), reverse=True)
    if not steps or steps[-1] < 1 or steps[0] > MOST_MINUTES:
        raise BadInput("minutes", value=", ".join(map(str, minutes)), most=MOST_MINUTES)
    trail = trail_of(region, STEP_M)
    ms = trail_ms(region, trail, node_ms, edge_ms)
    if not (ms <= steps[0] * 60_000).any():
        return collection(_area(region, None, step) for step in steps)
    grid = grid_around(trail.xy_m[ms <= steps[0] * 60_000], CELL_M, REACH_M)
    is_near = _is_near(trail.xy_m, grid.west, grid.south, (grid.columns, grid.rows), grid.cell_m)
    xy_m, ms = trail.xy_m[is_near], ms[is_near]
    features = []
    for step in steps:
        is_reached = ms <= step * 60_000
        reached = grid.marked(xy_m[is_reached])
        shape = within(grid, reached, grid.marked(xy_m[~is_reached]) & ~reached, REACH_M) if is_reached.any() else None
        features.append(_area(region, shape, step))
    return collection(features)


def _is_near(xy_m: NDArray[np.float64], west: float, south: float, cells: tuple[int, int], cell_m: float) -> NDArray[np.bool_]:
    end = np.array([west + (cells[0] - 1) * cell_m, south + (cells[1] - 1) * cell_m])
    return np.asarray(((xy_m >= (west, south)) & (xy_m <= end)).all(axis=1))


def _area(region: Region, shape: Any, minutes: int) -> GeoJson:
    polygons: list[Any] = []
    area_m2 = 0.0
    if shape is not None:
        shape = shapely.simplify(shape, LINE_SLACK_M)
        area_m2 = float(shapely.area(shape))
        for polygon in shapely.get_parts(shapely.normalize(shape)):
            rings = [polygon.exterior, *polygon.interiors]
            polygons.append([from_plane(region, shapely.get_coordinates(ring)).round(DIGITS).tolist() for ring in rings])
    return _feature({"minutes": minutes, "area_km2": round(area_m2 / 1e6, 2)}, "MultiPolygon", polygons)


def covered_share(region: Region, node_ms: Times, minutes: int, edge_ms: Times | None = None) -> float:
    """Part of the streets' length that is reached within so many minutes, 0 to 1; arguments as for ``isochrones``."""
    trail = trail_of(region, 50.0)
    weight = np.zeros(region.streets)
    edges = np.arange(region.edges)
    weight[region.edge_street[edges]] = region.edge_cm[edges]
    each = weight[trail.street] / np.bincount(trail.street, minlength=region.streets)[trail.street]
    return float(each[trail_ms(region, trail, node_ms, edge_ms) <= minutes * 60_000].sum() / max(weight.sum(), 1.0))


def on_plane(region: Region, places: Sequence[LonLat]) -> NDArray[np.float64]:
    """(n, 2) metres on the plane in which areas are found: for those who check them."""
    return plane(region, np.array([one.lon for one in places]), np.array([one.lat for one in places]))


def _feature(properties: GeoJson, kind: str, coordinates: Any) -> GeoJson:
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}
