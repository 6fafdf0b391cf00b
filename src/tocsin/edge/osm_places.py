"""Reads an OpenStreetMap file for the gazetteer: house numbers, interpolation lines, named places, other names of streets, kilometre posts.

Two passes: relations first (outlines of buildings made of several ways), then nodes and ways. Tags that tell who somebody is or how to
reach them (``contact:*``, ``phone``, ``email``, ``operator``, ``owner`` …) are never looked at: only the keys named here are read.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.edge.osm_tags import why_not_drivable
from tocsin.places.groups import metres_from
from tocsin.places.localities import Localities
from tocsin.places.rows import Alias, House, Line, Named, Parity, Post, Row, Stretch
from tocsin.roads.streets import Progress, class_codes, no_progress

LANDMARK_KEYS: Final = (
    "amenity",
    "shop",
    "tourism",
    "healthcare",
    "emergency",
    "public_transport",
    "railway",
    "leisure",
    "historic",
    "office",
    "man_made",
    "natural",
    "aeroway",
)
ONLY: Final = {"railway": {"station", "halt", "tram_stop"}, "natural": {"peak", "water", "beach", "cave_entrance", "saddle"}}
"""Of these keys only some values are places that callers name."""
ROAD_BOUND: Final = re.compile(r"^(name|alt_name|old_name|short_name|official_name|loc_name|name:[a-z]{2,3})$")
KNOWN_BY_REF: Final = frozenset({"station", "halt", "hospital", "fire_station"})
"""Landmarks that people call by their number, with the name; what other refs count (platforms, hydrants, stones) nobody says."""
BARE: Final = re.compile(r"[\W\d_]*")
"""A number alone is no name."""
PARITIES: Final[dict[str, Parity]] = {"odd": "odd", "even": "even", "all": "all"}
ADDRESS_ONLINE: Final = re.compile(r"://|@|^www\.")
"""What some mappers write into ``ref``."""
APART: Final = re.compile(r"[;,]")
POST_KM: Final = re.compile(r"\s*(\d+)(?:[.,+](\d+))?\s*(?:km)?\s*$")
ADDRESS_KEYS: Final = ("addr:housenumber", "addr:interpolation", "addr:housename")
PROGRESS_EVERY: Final = 10_000


@dataclass
class _Found:
    """What waits for the other half of it."""

    rows: list[Row] = field(default_factory=list)
    outlines: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Way → relations whose outline it is part of."""
    relation_tags: dict[int, dict[str, str]] = field(default_factory=dict)
    relation_points: dict[int, list[LonLat]] = field(default_factory=lambda: defaultdict(list))
    doors: dict[int, House] = field(default_factory=dict)
    """Nodes with a number, which an interpolation line may end at."""
    posts: dict[int, tuple[float, LonLat]] = field(default_factory=dict)
    """Posts that do not say which road they stand at."""
    streetless: list[tuple[str, LonLat, str]] = field(default_factory=list)
    """Numbers without a street: (number, place, postcode)."""
    lines: list[tuple[dict[str, str], list[tuple[int, LonLat]]]] = field(default_factory=list)


def read_osm_places(path: Path, *, progress: Progress = no_progress) -> list[Row]:
    """Rows for the gazetteer, without streets and crossings: those come from the region.

    Raises BadInput ``file_missing``, ``osm_unreadable``.
    """
    if not path.is_file():
        raise BadInput("file_missing", file=str(path))
    found = _Found()
    try:
        _read_relations(path, found)
        _read_nodes_and_ways(path, found, progress)
    except (RuntimeError, ValueError) as problem:  # what pyosmium raises for damaged files and unknown formats
        raise BadInput("osm_unreadable", file=str(path), reason=str(problem).splitlines()[0]) from None
    for relation, points in found.relation_points.items():
        _read_place(found, found.relation_tags[relation], *_middle(points))
    found.rows += _interpolated(found)
    found.rows += _without_street(found)
    return found.rows


def _read_relations(path: Path, found: _Found) -> None:
    with osmium.io.Reader(str(path), osmium.osm.RELATION) as reader:
        relations: Any = osmium.OsmFileIterator(reader)
        for relation in relations:
            tags = dict(relation.tags)
            if tags.get("type") in ("multipolygon", "site") and _is_wanted(tags):
                found.relation_tags[relation.id] = tags
                for member in relation.members:
                    if member.type == "w" and member.role in ("outer", ""):
                        found.outlines[member.ref].append(relation.id)


def _read_nodes_and_ways(path: Path, found: _Found, progress: Progress) -> None:
    # table, handler and reader stay in names of their own: see edge/osm.py
    table = osmium.index.create_map("flex_mem")
    places = osmium.NodeLocationsForWays(table)
    places.ignore_errors()
    progress(0, None, "nodes")
    keys = osmium.filter.KeyFilter(*ADDRESS_KEYS, "name", "highway", "railway", "place")
    with osmium.io.Reader(str(path), osmium.osm.NODE) as reader:
        for node in osmium.OsmFileIterator(reader, places, keys):
            _read_node(found, node)
    with osmium.io.Reader(str(path), osmium.osm.WAY) as reader:
        for done, way in enumerate(osmium.OsmFileIterator(reader, places)):
            if done % PROGRESS_EVERY == 0:
                progress(done, None, "ways")
            _read_way(found, way)


def _is_wanted(tags: dict[str, str]) -> bool:
    return any(key in tags for key in ADDRESS_KEYS) or bool(tags.get("name") and ("place" in tags or _category(tags)))


def _category(tags: dict[str, str]) -> str:
    """What a landmark is; empty for what is none."""
    for key in LANDMARK_KEYS:
        value = tags.get(key, "")
        if value and value != "no" and (key not in ONLY or value in ONLY[key]):
            return key if value == "yes" else value
    return "building" if tags.get("building") and tags.get("name") else ""


def _read_node(found: _Found, node: Any) -> None:
    tags = dict(node.tags)
    place = LonLat(node.location.lon, node.location.lat)
    if "milestone" in (tags.get("highway"), tags.get("railway")):
        _read_post(found, node.id, tags, place)
    elif _is_wanted(tags):
        houses = _read_place(found, tags, place, Metres(0.0))
        if houses:
            found.doors[node.id] = houses[0]


def _read_post(found: _Found, number: int, tags: dict[str, str], place: LonLat) -> None:
    stated = tags.get("distance") or tags.get("pk") or tags.get("railway:position") or tags.get("name") or ""
    read = POST_KM.match(stated)
    if read:
        km = int(read[1]) + float(f"0.{read[2] or 0}")
        road = tags.get("road_ref") or tags.get("addr:street") or tags.get("ref") or ""
        if road and not POST_KM.match(road):
            found.rows.append(Post(road, km, place))
        else:
            found.posts[number] = (km, place)


def _read_place(found: _Found, tags: dict[str, str], place: LonLat, radius_m: Metres) -> list[House]:
    """A door, a landmark or both; gives the doors that have a street."""
    houses = _houses(found, tags, place)
    found.rows += houses
    names = (*_names(tags), *_numbered(tags))
    kind = "locality" if "place" in tags else "landmark"
    category = tags.get("place") or _category(tags) or ("building" if "addr:housename" in tags else "")
    if tags.get("addr:housename") and not tags["addr:housename"].isdigit():
        names = (*names, tags["addr:housename"])
    if names and category:
        found.rows.append(
            Named(names, "locality" if kind == "locality" else "landmark", place, radius_m, category, tags.get("addr:city", ""))
        )
    return houses


def _names(tags: dict[str, str]) -> tuple[str, ...]:
    """The name first, then other names, languages in alphabetical order; none without a name. A bare number is no other name."""
    name = tags.get("name", "").strip()
    if not name:
        return ()
    others = sorted(key for key in tags if ROAD_BOUND.match(key) and key != "name")
    every = [name, *(text for key in others for part in tags[key].split(";") if not BARE.fullmatch(text := part.strip()))]
    return tuple(dict.fromkeys(text for text in every if text and not ADDRESS_ONLINE.search(text)))


def _numbered(tags: dict[str, str]) -> tuple[str, ...]:
    """The name with the number that a landmark is known by: "Feuerwache 3"."""
    name, ref = tags.get("name", "").strip(), tags.get("ref", "").strip()
    is_known = name and ref and _category(tags) in KNOWN_BY_REF and not ADDRESS_ONLINE.search(ref)
    return (f"{name} {ref}",) if is_known else ()


def _road_names(tags: dict[str, str]) -> tuple[str, ...]:
    """The names of a road, and its numbers: "N101" beside "Estrada Nacional"."""
    names = _names(tags)
    refs = (part.strip() for part in tags.get("ref", "").split(";")) if names else ()
    return tuple(dict.fromkeys((*names, *(ref for ref in refs if not BARE.fullmatch(ref) and not ADDRESS_ONLINE.search(ref)))))


def _houses(found: _Found, tags: dict[str, str], place: LonLat) -> list[House]:
    stated = tags.get("addr:housenumber", "").strip()
    if not stated:
        return []
    street = (tags.get("addr:street") or tags.get("addr:place") or tags.get("addr:hamlet") or "").strip()
    city, postcode = tags.get("addr:city", "").strip(), tags.get("addr:postcode", "").strip()
    numbers = [part.strip() for part in APART.split(stated) if part.strip()]
    if not street and not city:
        found.streetless += [(number, place, postcode) for number in numbers]
        return []
    return [House(street or city, number, place, city, postcode) for number in numbers]


def _without_street(found: _Found) -> Iterator[House]:
    """Houses that are numbered by village: they belong to the locality that is nearest."""
    areas = Localities(row for row in found.rows if isinstance(row, Named))
    for number, place, postcode in found.streetless:
        locality = areas.nearest(place)
        if locality:
            yield House(locality, number, place, locality, postcode)


def _read_way(found: _Found, way: Any) -> None:
    tags = dict(way.tags)
    is_outline = way.id in found.outlines
    is_road = "highway" in tags and bool(found.posts or _has_other_names(tags))
    if not (is_outline or is_road or _is_wanted(tags)):
        return
    nodes = [(node.ref, LonLat(node.location.lon, node.location.lat)) for node in way.nodes if node.location.valid()]
    points = [point for _, point in nodes]
    if not points:
        return
    for relation in found.outlines.get(way.id, ()):
        found.relation_points[relation] += points
    if "addr:interpolation" in tags:
        found.lines.append((tags, nodes))
    elif "highway" in tags and tags["highway"] not in ("services", "rest_area", "platform", "bus_stop"):
        _read_road(found, tags, nodes)
    elif _is_wanted(tags):
        _read_place(found, tags, *_middle(points))


def _has_other_names(tags: dict[str, str]) -> bool:
    return "name" in tags and len(_road_names(tags)) > 1


def _read_road(found: _Found, tags: dict[str, str], nodes: list[tuple[int, LonLat]]) -> None:
    """Other names of a street that is in the network, and posts that stand on it."""
    if tags["highway"] in class_codes() and not why_not_drivable(tags):
        names = _road_names(tags)
        found.rows += [Alias(names[0], other) for other in names[1:]]
    road = tags.get("ref", "").split(";")[0].strip() or tags.get("name", "").strip()
    for number, _ in nodes:
        if road and number in found.posts:
            km, place = found.posts.pop(number)
            found.rows.append(Post(road, km, place))


def _interpolated(found: _Found) -> Iterator[Stretch]:
    """Between each two doors along an interpolation line."""
    for tags, nodes in found.lines:
        parity = PARITIES.get(tags["addr:interpolation"], "all")
        doors = [row for row, (number, _) in enumerate(nodes) if number in found.doors]
        for start, end in itertools.pairwise(doors):
            first, last = (found.doors[nodes[row][0]] for row in (start, end))
            low, high = _digits(first.number), _digits(last.number)
            if first.street == last.street and low and high and low != high:
                line: Line = tuple(point for _, point in nodes[start : end + 1])
                yield Stretch(first.street, low, high, line, parity, first.area)


def _digits(number: str) -> int:
    read = re.match(r"\d{1,6}", number)
    return int(read[0]) if read else 0


def _middle(points: Iterable[LonLat]) -> tuple[LonLat, Metres]:
    """Middle of a shape's box to the nearest ten-millionth of a degree, and how far the shape reaches from it."""
    places = np.array([(point.lon, point.lat) for point in points])
    lon, lat = ((places.min(axis=0) + places.max(axis=0)) / 2).round(7).tolist()
    return LonLat(lon, lat), Metres(float(metres_from(LonLat(lon, lat), places).max()))
