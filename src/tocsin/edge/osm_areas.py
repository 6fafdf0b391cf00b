"""Reads from an OpenStreetMap file what a map shows beside streets. A pass of its own: a region can be built without it.

Outlines are put together by osmium's area assembler, multipolygon relations included. Things come in the order of their ids, so that the
same content gives the same areas however the file is sorted.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import osmium
import shapely
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.maps.areas import KINDS, Areas, Shapes, no_shapes
from tocsin.roads.streets import Progress, no_progress, to_e7

PROGRESS_EVERY: Final = 10_000
CODE: Final = {kind: code for code, kind in enumerate(KINDS)}

KEYS: Final = (
    "natural", "water", "waterway", "landuse", "leisure", "building", "railway", "place", "amenity", "aeroway", "emergency",
)  # fmt: skip

OUTLINE_KINDS: Final[dict[str, dict[str, str]]] = {
    "natural": {
        "water": "water", "bay": "water", "wood": "wood", "scrub": "wood", "grassland": "grass", "heath": "grass", "wetland": "wetland",
    },
    "waterway": {"riverbank": "river", "dock": "water"},
    "landuse": {
        "reservoir": "water", "basin": "water", "forest": "wood", "grass": "grass", "meadow": "grass", "orchard": "grass",
        "vineyard": "grass", "village_green": "park", "recreation_ground": "park", "cemetery": "park", "allotments": "park",
    },
    "leisure": {"park": "park", "garden": "park", "golf_course": "park", "pitch": "park", "nature_reserve": "wood", "playground": "park"},
}  # fmt: skip
"""Key → value → kind of an outline; the first key that fits counts."""

LINE_KINDS: Final[dict[str, dict[str, str]]] = {
    "waterway": {"river": "river", "canal": "canal", "stream": "stream"},
    "railway": {"rail": "rail", "narrow_gauge": "rail", "light_rail": "tram", "tram": "tram", "subway": "tram", "funicular": "tram"},
}

POINT_KINDS: Final[dict[str, dict[str, str]]] = {
    "amenity": {"fire_station": "fire_station", "hospital": "hospital", "police": "police"},
    "emergency": {"ambulance_station": "ambulance_station", "landing_site": "helipad"},
    "aeroway": {"helipad": "helipad"},
}

PLACE_KINDS: Final[dict[str, dict[str, str]]] = {
    "place": {
        "city": "city", "town": "town", "village": "village", "suburb": "suburb", "borough": "suburb", "quarter": "suburb",
        "hamlet": "hamlet", "neighbourhood": "locality", "locality": "locality", "isolated_dwelling": "locality",
    },
}  # fmt: skip

_UNDERGROUND: Final = ("yes", "culvert", "building_passage", "flooded")


@dataclass
class _Found:
    """Things of one shape as they are met."""

    id: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    wkb: list[str] = field(default_factory=list)

    def add(self, number: int, kind: str, name: str, wkb: str) -> None:
        self.id.append(number)
        self.kind.append(CODE[kind])
        self.name.append(name)
        self.wkb.append(wkb)


@dataclass
class _Pass:
    """What one reading of the file gathers."""

    outlines: _Found = field(default_factory=_Found)
    lines: _Found = field(default_factory=_Found)
    points: _Found = field(default_factory=_Found)
    dropped: Counter[str] = field(default_factory=Counter)
    wkb: Any = field(default_factory=osmium.geom.WKBFactory)


def read_osm_areas(path: Path, *, progress: Progress = no_progress) -> Areas:
    """Water, green, buildings, railways, places and points of an OpenStreetMap file.

    Raises BadInput ``file_missing``, ``osm_unreadable`` (no such file format, cut off, damaged).
    """
    if not path.is_file():
        raise BadInput("file_missing", file=str(path))
    try:
        return _areas(_read(path, progress))
    except (RuntimeError, ValueError):  # unsorted, damaged, or of an unknown format: sorting finds out which
        pass
    try:
        with TemporaryDirectory() as folder:
            return _areas(_read(_sorted_copy(path, Path(folder)), progress))
    except (RuntimeError, ValueError) as problem:
        raise BadInput("osm_unreadable", file=str(path), reason=str(problem).splitlines()[0]) from None


def _sorted_copy(path: Path, folder: Path) -> Path:
    """The same things in the order that the area assembler needs."""
    copy = folder / "sorted.osm.pbf"
    unsorted = osmium.MergeInputReader()
    unsorted.add_file(str(path))
    writer = osmium.SimpleWriter(str(copy))
    try:
        unsorted.apply(writer)
    finally:
        writer.close()
    return copy


def _read(path: Path, progress: Progress) -> _Pass:
    found = _Pass()
    # The filter stays in a name of its own: the processor keeps no reference to it.
    wanted = osmium.filter.KeyFilter(*KEYS)
    for done, thing in enumerate(osmium.FileProcessor(str(path)).with_areas(wanted).with_filter(wanted)):
        if done % PROGRESS_EVERY == 0:
            progress(done, None, "areas")
        _take(found, thing)
    return found


def _take(found: _Pass, thing: Any) -> None:
    tags = dict(thing.tags)
    if isinstance(thing, osmium.osm.Node):
        _take_node(found, thing, tags)
    elif isinstance(thing, osmium.osm.Way):
        kind = _kind(LINE_KINDS, tags)
        if kind is not None and tags.get("tunnel") not in _UNDERGROUND and tags.get("area") != "yes":
            _draw(found, found.lines, thing, (kind, tags), found.wkb.create_linestring)
    elif isinstance(thing, osmium.osm.Area):
        kind = _kind(OUTLINE_KINDS, tags) or ("building" if tags.get("building", "no") != "no" else None)
        if kind is not None:
            _draw(found, found.outlines, thing, (kind, tags), found.wkb.create_multipolygon)
        point = _kind(POINT_KINDS, tags)
        if point is not None:
            _draw(found, found.points, thing, (point, tags), found.wkb.create_multipolygon)


def _take_node(found: _Pass, node: Any, tags: dict[str, str]) -> None:
    place, point = _kind(PLACE_KINDS, tags), _kind(POINT_KINDS, tags)
    if place is not None and tags.get("name"):
        _draw(found, found.points, node, (place, tags), found.wkb.create_point)
    if point is not None:
        _draw(found, found.points, node, (point, tags), found.wkb.create_point)


def _kind(table: dict[str, dict[str, str]], tags: dict[str, str]) -> str | None:
    return next((kinds[tags[key]] for key, kinds in table.items() if tags.get(key) in kinds), None)


def _draw(found: _Pass, into: _Found, thing: Any, said: tuple[str, dict[str, str]], draw: Callable[[Any], str]) -> None:
    """Keep a thing; one whose outline cannot be put together (points missing, rings that cross) is counted."""
    kind, tags = said
    try:
        wkb = draw(thing)
    except (RuntimeError, ValueError):  # osmium.InvalidLocationError is one of them
        found.dropped["shape_broken"] += 1
        return
    # Outlines of buildings carry names that no map of this scale could show.
    into.add(thing.id, kind, "" if kind == "building" else tags.get("name", "").strip(), wkb)


def _areas(found: _Pass) -> Areas:
    names = sorted({name for part in (found.outlines, found.lines, found.points) for name in part.name} - {""})
    row = {name: number for number, name in enumerate(names)}
    return Areas(
        _outlines(found.outlines, row), _lines(found.lines, row), _points(found.points, row), tuple(names), dict(found.dropped)
    )  # fmt: skip


def _sorted(found: _Found, row: dict[str, int]) -> tuple[NDArray[np.object_], NDArray[np.uint8], NDArray[np.int32]]:
    """Geometries, kinds and names in the order of ids."""
    kind = np.array(found.kind, dtype=np.uint8)
    order = np.lexsort((kind, np.array(found.id, dtype=np.int64)))
    name = np.array([row.get(text, -1) for text in found.name], dtype=np.int32)
    return np.asarray(shapely.from_wkb([found.wkb[at] for at in order.tolist()]), dtype=object), kind[order], name[order]


def _outlines(found: _Found, row: dict[str, int]) -> Shapes:
    """One row for each outer ring: a lake with two parts is two outlines of one name."""
    if not found.id:
        return no_shapes(has_rings=True)
    whole, kind, name = _sorted(found, row)
    parts, owner = shapely.get_parts(whole, return_index=True)
    _, points, (ring_start, start) = shapely.to_ragged_array(parts)
    return Shapes(kind[owner], name[owner], _rows(start), to_e7(points[:, 0]), to_e7(points[:, 1]), _rows(ring_start))


def _lines(found: _Found, row: dict[str, int]) -> Shapes:
    if not found.id:
        return no_shapes()
    lines, kind, name = _sorted(found, row)
    _, points, (start,) = shapely.to_ragged_array(lines)
    return Shapes(kind, name, _rows(start), to_e7(points[:, 0]), to_e7(points[:, 1]))


def _points(found: _Found, row: dict[str, int]) -> Shapes:
    """The middle of what is an area: where its sign stands."""
    if not found.id:
        return no_shapes()
    shapes, kind, name = _sorted(found, row)
    middle = shapely.point_on_surface(shapes)
    return Shapes(kind, name, np.arange(len(kind) + 1), to_e7(shapely.get_x(middle)), to_e7(shapely.get_y(middle)))


def _rows(offsets: Iterable[int]) -> NDArray[np.int64]:
    return np.asarray(offsets, dtype=np.int64)
