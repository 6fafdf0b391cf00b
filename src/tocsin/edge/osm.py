"""Reads OpenStreetMap files (.osm.pbf, .osm, .osm.gz, .osm.bz2) with pyosmium: the network that emergency vehicles may drive.

Two passes, first all nodes, then ways and relations in whatever order, sorted here by id: so it makes no difference whether a file
is sorted, and the same streets give the same region.
"""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium

from tocsin.base.faults import BadInput
from tocsin.edge.osm_signs import Signs, signs_met
from tocsin.edge.osm_tags import BLOCKING, believed_dkmh, direction, why_not_drivable
from tocsin.edge.osm_turns import Restriction, read_restriction, turns_of
from tocsin.edge.street_lines import Cut, Lines, cut_at_junctions
from tocsin.roads.streets import Progress, Streets, class_codes, class_speeds_kmh, no_progress

ATTRIBUTION: Final = "© OpenStreetMap contributors"
LICENCE: Final = "ODbL-1.0"
PROGRESS_EVERY: Final = 10_000
BREAK: Final = (0, 0, 0)

MOST_WITHOUT_RELATIONS: Final = 1_000
"""More drivable ways than this without a relation are a file that was cut off between two blocks, which nothing in it tells, or an extract
without turn restrictions."""


@dataclass
class _Ways:
    """Drivable ways as they are read; one row each."""

    id: "array[int]" = field(default_factory=lambda: array("q"))
    way: "array[int]" = field(default_factory=lambda: array("b"))
    klass: "array[int]" = field(default_factory=lambda: array("b"))
    name: "array[int]" = field(default_factory=lambda: array("i"))
    along_dkmh: "array[int]" = field(default_factory=lambda: array("i"))
    against_dkmh: "array[int]" = field(default_factory=lambda: array("i"))
    names: dict[str, int] = field(default_factory=dict)
    point_key: "array[int]" = field(default_factory=lambda: array("q"))
    """Node ids; 0 where the line is broken."""
    point_lon_e7: "array[int]" = field(default_factory=lambda: array("i"))
    point_lat_e7: "array[int]" = field(default_factory=lambda: array("i"))
    point_start: "array[int]" = field(default_factory=lambda: array("q", [0]))
    restrictions: list[Restriction] = field(default_factory=list)
    signs: Signs = field(default_factory=Signs)
    dropped: Counter[str] = field(default_factory=Counter)
    assumed: Counter[str] = field(default_factory=Counter)


def read_osm(path: Path, *, progress: Progress = no_progress) -> Streets:
    """The drivable streets of an OpenStreetMap file, cut where they meet, with turn restrictions, signals and signs.

    Raises BadInput ``file_missing``, ``osm_unreadable`` (no such file format, cut off, damaged), ``network_empty``.
    """
    if not path.is_file():
        raise BadInput("file_missing", file=str(path))
    try:
        ways = _read(path, progress)
    except (RuntimeError, ValueError) as problem:  # what pyosmium raises for damaged files and unknown formats
        raise BadInput("osm_unreadable", file=str(path), reason=str(problem).splitlines()[0]) from None
    cut = cut_at_junctions(_lines(ways), is_met_within=True)
    if not len(cut.tail):
        raise BadInput("network_empty", file=str(path))
    progress(len(cut.tail), len(cut.tail), "streets")
    return _streets(path, ways, cut)


def _read(path: Path, progress: Progress) -> _Ways:
    # Table, handler and filters stay in names of their own: the iterator keeps no reference to them, and would read freed memory.
    table = osmium.index.create_map("flex_mem")
    places = osmium.NodeLocationsForWays(table)
    places.ignore_errors()
    ways, relations = _Ways(), 0
    blocked = _read_nodes(path, places, ways.signs, progress)
    wanted = osmium.filter.KeyFilter("highway", "type")
    with osmium.io.Reader(str(path), osmium.osm.WAY | osmium.osm.RELATION) as reader:
        for done, thing in enumerate(osmium.OsmFileIterator(reader, places, wanted)):
            if done % PROGRESS_EVERY == 0:
                progress(done, None, "ways")
            if isinstance(thing, osmium.osm.Way):
                _read_way(ways, thing, blocked)
            else:
                relations += 1
                found = read_restriction(thing, ways.dropped)
                ways.restrictions += [found] if found else []
    if not relations and len(ways.id) > MOST_WITHOUT_RELATIONS:
        ways.assumed["no_relations"] = len(ways.id)
    return ways


def _read_nodes(path: Path, places: Any, signs: Signs, progress: Progress) -> set[int]:
    """Fill the table of places, and the signals and signs; give the nodes that stop a fire engine."""
    progress(0, None, "nodes")
    blocked: set[int] = set()
    tagged = osmium.filter.KeyFilter("barrier", "highway")
    with osmium.io.Reader(str(path), osmium.osm.NODE) as reader:
        for node in osmium.OsmFileIterator(reader, places, tagged):
            signs.read(node.id, node.tags)
            if _is_blocking(node.tags):
                blocked.add(node.id)
    return blocked


def _is_blocking(tags: Any) -> bool:
    return tags.get("barrier") in BLOCKING and tags.get("emergency") != "yes" and tags.get("motor_vehicle") != "yes"


def _read_way(ways: _Ways, way: Any, blocked: set[int]) -> None:
    tags = dict(way.tags)
    klass = tags.get("highway")
    if klass is None:
        return
    code = class_codes().get(klass)
    reason = "not_for_cars" if code is None else why_not_drivable(tags)
    if code is None or reason:
        ways.dropped[reason or ""] += 1
        return
    towards, unread = direction(tags, klass)
    ways.assumed[unread or ""] += 1
    name = (tags.get("name") or tags.get("ref") or "").strip()
    ways.id.append(way.id)
    ways.way.append(towards)
    ways.klass.append(code)
    ways.name.append(ways.names.setdefault(name, len(ways.names)) if name else -1)
    for way_speeds, key in ((ways.along_dkmh, "maxspeed:forward"), (ways.against_dkmh, "maxspeed:backward")):
        speed, unread = believed_dkmh(tags.get(key) or tags.get("maxspeed"), class_speeds_kmh()[klass])
        way_speeds.append(speed)
        ways.assumed[unread or ""] += 1
    _read_points(ways, way.nodes, blocked)
    ways.point_start.append(len(ways.point_key))


def _read_points(ways: _Ways, nodes: Any, blocked: set[int]) -> None:
    """Node ids and places of a way's points; 0 where a place is missing. A blocking node becomes a dead end on either side."""
    add_key, add_lon, add_lat = ways.point_key.append, ways.point_lon_e7.append, ways.point_lat_e7.append
    for node in nodes:
        place, number = node.location, node.ref
        if not place.valid():
            ways.dropped["point_missing"] += 1
            points = [BREAK]
        elif number in blocked:
            ways.dropped["barrier"] += 1
            # a key of its own on each side, so that nothing passes: ids of real nodes are positive
            own = -2 * ways.dropped["barrier"]
            points = [(own, place.x, place.y), BREAK, (own - 1, place.x, place.y)]
        else:  # nearly all of them, and there are millions
            add_key(number)
            add_lon(place.x)
            add_lat(place.y)
            continue
        for key, lon_e7, lat_e7 in points:
            add_key(key)
            add_lon(lon_e7)
            add_lat(lat_e7)


def _lines(ways: _Ways) -> Lines:
    """Lines in the order of way ids: runs between broken places, without points that repeat the one before, of two points at least."""
    order = np.argsort(np.array(ways.id, dtype=np.int64), kind="stable")
    key, lon, lat = (np.array(points) for points in (ways.point_key, ways.point_lon_e7, ways.point_lat_e7))
    start = np.array(ways.point_start, dtype=np.int64)
    sizes = np.diff(start)[order]
    begin = np.cumsum(sizes) - sizes
    point = np.arange(sizes.sum()) + np.repeat(start[:-1][order] - begin, sizes)
    owner, key = np.repeat(order, sizes), key[point]
    run = np.cumsum((key == 0) | np.isin(np.arange(len(key)), begin))
    is_kept = key != 0
    point, owner, key, run = point[is_kept], owner[is_kept], key[is_kept], run[is_kept]
    is_new = np.ones(len(key), dtype=bool)
    is_new[1:] = (run[1:] != run[:-1]) | (key[1:] != key[:-1])
    point, owner, key, run = point[is_new], owner[is_new], key[is_new], run[is_new]
    _, row, count = np.unique(run, return_inverse=True, return_counts=True)
    is_long = count[row] >= 2
    first = np.flatnonzero(is_long & np.append(True, run[1:] != run[:-1])[: len(run)])
    ways.dropped["line_short"] += len(order) - len(np.unique(owner[is_long]))
    return Lines.of_arrays(
        key[is_long], lon[point][is_long], lat[point][is_long], np.concatenate([[0], np.cumsum(count[count >= 2])]), owner[first]
    )


def _streets(path: Path, ways: _Ways, cut: Cut) -> Streets:
    names, name_row = _sorted_names(ways)
    signals, stops = signs_met(ways.signs, cut)
    turns = turns_of(ways.restrictions, np.array(ways.id, dtype=np.int64)[cut.owner], cut, ways.dropped)
    return Streets(
        node_lon_e7=cut.node_lon_e7,
        node_lat_e7=cut.node_lat_e7,
        tail=cut.tail,
        head=cut.head,
        start=cut.start,
        point_lon_e7=cut.point_lon_e7,
        point_lat_e7=cut.point_lat_e7,
        way=np.array(ways.way, dtype=np.uint8)[cut.owner],
        klass=np.array(ways.klass, dtype=np.uint8)[cut.owner],
        name=name_row[np.array(ways.name, dtype=np.int32)[cut.owner]],
        speed_along_dkmh=np.array(ways.along_dkmh, dtype=np.int32)[cut.owner],
        speed_against_dkmh=np.array(ways.against_dkmh, dtype=np.int32)[cut.owner],
        names=names,
        signals=signals,
        stops=stops,
        turns=turns,
        source=path.name,
        attribution=(ATTRIBUTION,),
        licence=LICENCE,
        dropped={reason: number for reason, number in ways.dropped.items() if reason},
        assumed={reason: number for reason, number in ways.assumed.items() if reason},
    )


def _sorted_names(ways: _Ways) -> tuple[list[str], np.ndarray[Any, np.dtype[np.int32]]]:
    """Names in alphabetical order, and from the row when read to the row then; the last entry stands for -1."""
    names = sorted(ways.names)
    row = np.full(len(names) + 1, -1, dtype=np.int32)
    for number, name in enumerate(names):
        row[ways.names[name]] = number
    return names, row
