"""What tiles are cut from: every layer's geometries on the web map, with their tags and the zooms at which they are shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.maps.areas import KINDS, LAYER_OF, Areas, Shapes
from tocsin.maps.mercator import project
from tocsin.maps.vector_tile import EXTENT, Shape, Tags
from tocsin.roads.region import Region

MOST_ZOOM: Final = 14
WORLD: Final = float(EXTENT << MOST_ZOOM)
"""Width of the world in the units of the deepest tiles: all geometry here is in them."""

NAMED_FROM: Final = 12
"""Zoom from which streets carry names; below, all streets of a class are one web of lines."""

STREETS_FROM: Final[Mapping[str, int]] = MappingProxyType(
    {
        "motorway": 4, "motorway_link": 10, "trunk": 5, "trunk_link": 10, "primary": 7, "primary_link": 11, "secondary": 9,
        "secondary_link": 12, "tertiary": 10, "tertiary_link": 12, "unclassified": 11, "residential": 12, "living_street": 12, "road": 12,
    }
)  # fmt: skip
"""Class → first zoom; others from 13."""
OTHER_STREETS_FROM: Final = 13
FIRST_STREETS_BY: Final = 9
"""Where a region has no great roads, its greatest are shown from here, the others moved with them: no map is empty."""

KINDS_FROM: Final[Mapping[str, int]] = MappingProxyType(
    {
        "river": 8, "canal": 11, "stream": 13, "building": 14, "rail": 9, "tram": 12, "wood": 6, "grass": 10, "park": 10, "wetland": 10,
        "city": 4, "town": 8, "village": 10, "suburb": 11, "hamlet": 12, "locality": 13,
        "fire_station": 11, "ambulance_station": 11, "hospital": 11, "police": 12, "helipad": 12,
    }
)  # fmt: skip
"""Kind → first zoom, however large it is; others from 0."""

LEAST_AREA: Final = 256.0
"""Square units (2 x 2 pixels of a 512-pixel tile) below which an outline is left out, but at the deepest zoom."""

LAYERS: Final = ("green", "water", "buildings", "railways", "streets", "places", "points")
"""In the order in which they are drawn and stored."""

Shapely = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Source:
    """Geometries of one layer and one shape."""

    layer: str
    shape: Shape
    geometry: Shapely
    tag_row: NDArray[np.int64]
    """Row of ``tags``; rows ascend, so that things with the same tags stand together."""
    tags: Sequence[Tags]
    least_zoom: NDArray[np.int64]
    most_zoom: int = MOST_ZOOM

    @cached_property
    def tree(self) -> Any:
        """Finds what lies in a rectangle."""
        return shapely.STRtree(self.geometry)

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """(n, 4) of all geometries."""
        bounds: NDArray[np.float64] = shapely.bounds(self.geometry)
        return bounds


def sources_of(region: Region, areas: Areas) -> list[Source]:
    """All sources that hold anything, in the order of ``LAYERS``."""
    found = [*_street_sources(region)]
    for shapes, shape in ((areas.outlines, "outline"), (areas.lines, "line"), (areas.points, "point")):
        found += _area_sources(shapes, shape, areas.names)  # type: ignore[arg-type]  # the three shapes stand in the line above
    return sorted((source for source in found if len(source.geometry)), key=lambda source: LAYERS.index(source.layer))


# ---- streets


def street_lines(region: Region) -> Shapely:
    """Every street's line, in world units."""
    x, y = project(region.point_lon_e7, region.point_lat_e7)
    points = np.column_stack([x, y]) * WORLD
    return np.asarray(shapely.from_ragged_array(shapely.GeometryType.LINESTRING, points, (region.street_start,)), dtype=object)


def _street_sources(region: Region) -> list[Source]:
    lines = street_lines(region)
    klass, name, oneway = street_facts(region)
    against = oneway < 0
    lines[against] = shapely.reverse(lines[against])
    least = _first_zooms(region, klass)
    named = np.column_stack([klass, name, oneway != 0])
    plain = np.column_stack([klass, np.full(len(klass), -1), np.zeros(len(klass), dtype=np.int64)])
    is_wide = least < NAMED_FROM
    return [
        _streets(region, lines[is_wide], plain[is_wide], least[is_wide], NAMED_FROM - 1),
        _streets(region, lines, named, np.maximum(least, NAMED_FROM), MOST_ZOOM),
    ]


def street_facts(region: Region) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Class, row of the name and direction (0 both, 1 along, -1 against its line) of each street."""
    klass, name = (np.full(region.streets, -1, dtype=np.int64) for _ in range(2))
    ways = np.zeros((2, region.streets), dtype=bool)
    for side in (1, 0):  # what is said along the line counts before what is said against it
        edges = np.flatnonzero(region.edge_is_against == side)
        street = region.edge_street[edges]
        ways[side, street] = True
        klass[street], name[street] = region.edge_class[edges], region.edge_name[edges]
    return klass, name, ways[0].astype(np.int64) - ways[1]


def _first_zooms(region: Region, klass: NDArray[np.int64]) -> NDArray[np.int64]:
    of_class = np.array([STREETS_FROM.get(one, OTHER_STREETS_FROM) for one in region.header.classes] or [OTHER_STREETS_FROM])
    least = of_class[klass]
    early: NDArray[np.int64] = least - max(0, int(least.min(initial=FIRST_STREETS_BY)) - FIRST_STREETS_BY)
    return early


def _streets(
    region: Region, lines: Shapely, groups: NDArray[np.int64], least: NDArray[np.int64], most_zoom: int
) -> Source:  # fmt: skip
    """Lines of equal class, name and direction, joined where they meet end to end."""
    keys, first, group = np.unique(groups, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    webs = shapely.multilinestrings(lines[order], indices=group.ravel()[order]) if len(lines) else np.empty(0, dtype=object)
    is_oneway = keys[:, 2] > 0
    webs[~is_oneway] = shapely.line_merge(webs[~is_oneway])
    webs[is_oneway] = shapely.line_merge(webs[is_oneway], directed=True)
    parts, row = shapely.get_parts(webs, return_index=True)
    tags = [_street_tags(region, *key) for key in keys.tolist()]
    return Source("streets", "line", np.asarray(parts, dtype=object), row, tags, least[first][row], most_zoom)


def _street_tags(region: Region, klass: int, name: int, is_oneway: int) -> Tags:
    tags: dict[str, str | int] = {"class": region.header.classes[klass]} if region.header.classes else {}
    if name >= 0:
        tags["name"] = bytes(region.name_utf8[region.name_start[name] : region.name_start[name + 1]]).decode("utf-8")
    return {**tags, "oneway": 1} if is_oneway else tags


# ---- the rest


def _area_sources(shapes: Shapes, shape: Shape, names: Sequence[str]) -> list[Source]:
    if not len(shapes):
        return []
    geometry = _geometry(shapes, shape)
    least = np.array([KINDS_FROM.get(kind, 0) for kind in KINDS])[shapes.kind]
    if shape == "outline":
        least = np.maximum(least, _zoom_of_size(shapely.area(geometry)))
    layer = np.array([LAYERS.index(LAYER_OF[kind]) for kind in KINDS])[shapes.kind]
    return [
        _area_source(name, shape, geometry[rows], np.column_stack([shapes.kind, shapes.name])[rows], least[rows], names)
        for number, name in enumerate(LAYERS)
        if len(rows := np.flatnonzero(layer == number))
    ]


def _area_source(
    layer: str, shape: Shape, geometry: Shapely, facts: NDArray[np.int64], least: NDArray[np.int64], names: Sequence[str]
) -> Source:  # fmt: skip
    keys, group = np.unique(facts, axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    tags: list[Tags] = [{"kind": KINDS[kind], **({"name": names[name]} if name >= 0 else {})} for kind, name in keys.tolist()]
    return Source(layer, shape, geometry[order], group.ravel()[order], tags, least[order])


def _geometry(shapes: Shapes, shape: Shape) -> Shapely:
    x, y = project(shapes.lon_e7, shapes.lat_e7)
    points = np.column_stack([x, y]) * WORLD
    if shape == "point":
        return np.asarray(shapely.points(points), dtype=object)
    kind = shapely.GeometryType.POLYGON if shape == "outline" else shapely.GeometryType.LINESTRING
    offsets = (shapes.start,) if shapes.ring_start is None else (shapes.ring_start, shapes.start)
    return np.asarray(shapely.from_ragged_array(kind, points, offsets), dtype=object)


def _zoom_of_size(area: NDArray[np.float64]) -> NDArray[np.int64]:
    """First zoom at which an outline is large enough to be seen."""
    levels = np.floor(np.log2(np.maximum(area, 1.0) / LEAST_AREA) / 2)
    zoom: NDArray[np.int64] = np.clip(MOST_ZOOM - levels, 0, MOST_ZOOM).astype(np.int64)
    return zoom
