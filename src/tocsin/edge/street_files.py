"""Reads streets from GeoJSON (.geojson, .json, either gzipped), and picks the reader for any street source."""

import gzip
import zlib
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.edge.osm import read_osm
from tocsin.edge.osm_tags import believed_dkmh
from tocsin.edge.street_lines import Cut, Lines, cut_at_junctions
from tocsin.edge.street_mapping import StreetMapping, read_street_mapping, recognise
from tocsin.edge.street_tables import find_tables, read_tables
from tocsin.roads.region import DEGREES_E7
from tocsin.roads.streets import BOTH, UNKNOWN, WAYS, Progress, Streets, class_codes, class_speeds_kmh, no_progress

OSM_ENDINGS: Final = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
GEOJSON_ENDINGS: Final = (".geojson", ".geojson.gz", ".json", ".json.gz")


def read_streets(source: Path, mapping: Path | None = None, *, progress: Progress = no_progress) -> Streets:
    """Streets of a file of OpenStreetMap or GeoJSON, or of a folder or zip with tables of nodes and arcs.

    Raises BadInput ``file_missing``, ``street_format`` (none of these), ``mapping_unused`` (OpenStreetMap files need none),
    ``network_empty``, and what each reader raises.
    """
    if not source.exists():
        raise BadInput("file_missing", file=str(source))
    if find_tables(source):
        return read_tables(source, mapping, progress=progress)
    if is_osm(source):
        if mapping:
            raise BadInput("mapping_unused", file=str(source), value=mapping)
        return read_osm(source, progress=progress)
    if is_geojson(source):
        return read_geojson(source, mapping, progress=progress)
    raise BadInput("street_format", file=str(source), known=", ".join((*OSM_ENDINGS, *GEOJSON_ENDINGS)))


def is_osm(source: Path) -> bool:
    """Whether it is a file of OpenStreetMap, by its name."""
    return source.is_file() and source.name.lower().endswith(OSM_ENDINGS)


def is_geojson(source: Path) -> bool:
    """Whether it is a GeoJSON file, by its name."""
    return source.is_file() and source.name.lower().endswith(GEOJSON_ENDINGS)


class _Geometry(msgspec.Struct):
    type: str
    coordinates: list[Any] = []


class _Feature(msgspec.Struct):
    geometry: _Geometry | None = None
    properties: dict[str, Any] | None = None


class _Collection(msgspec.Struct):
    features: list[_Feature]
    attribution: tuple[str, ...] = ()
    """No member of RFC 7946, but allowed by it (6.1): who must be named."""
    licence: str = ""


@dataclass
class _Read:
    """Lines with what their features say; one row per line."""

    file: str
    mapping: StreetMapping
    lines: Lines = field(default_factory=Lines)
    way: list[int] = field(default_factory=list)
    klass: list[int] = field(default_factory=list)
    name: list[str] = field(default_factory=list)
    along_dkmh: list[int] = field(default_factory=list)
    against_dkmh: list[int] = field(default_factory=list)
    places: dict[tuple[int, int] | str, int] = field(default_factory=dict)
    """Coordinates, or the name of a node → key."""
    dropped: Counter[str] = field(default_factory=Counter)
    assumed: Counter[str] = field(default_factory=Counter)


def read_geojson(path: Path, mapping: Path | None = None, *, progress: Progress = no_progress) -> Streets:
    """Streets of a GeoJSON file; without a mapping the built-in ones are tried on the properties of its first feature.

    Raises BadInput ``gz_unreadable``, ``geojson_unreadable``, ``mapping_unknown``, ``mapping_unreadable``, ``property_missing``,
    ``coordinates`` (off the earth: not in degrees), ``network_empty``.
    """
    file = str(path)
    told = read_street_mapping(mapping) if mapping else None
    collection = _decode(path)
    features = collection.features
    if not features:
        raise BadInput("network_empty", file=file)
    chosen = told or recognise(set(features[0].properties or ()), file)
    if told:
        _check_properties(told, features, file)
    read = _Read(file, chosen)
    for number, feature in enumerate(features):
        if number % 5_000 == 0:
            progress(number, len(features), "streets")
        _read_feature(read, feature, number)
    cut = cut_at_junctions(read.lines, is_met_within=chosen.is_met_within)
    if not len(cut.tail):
        raise BadInput("network_empty", file=file)
    progress(len(features), len(features), "streets")
    return _streets(path, read, cut, collection)


def _decode(path: Path) -> _Collection:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise BadInput("gz_unreadable", file=str(path), reason=problem) from None
    except OSError as problem:
        raise BadInput("file_unreadable", file=str(path), reason=problem.strerror) from None
    try:
        return msgspec.json.decode(data, type=_Collection)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise BadInput("geojson_unreadable", file=str(path), reason=problem) from None


def _check_properties(mapping: StreetMapping, features: list[_Feature], file: str) -> None:
    """A property that the mapping names and no feature has is a slip of the pen."""
    present = {name for feature in features for name in feature.properties or ()}
    for name in mapping.properties.used():
        if name not in present:
            raise BadInput("property_missing", file=file, field=name, known=", ".join(sorted(present)))


def _read_feature(read: _Read, feature: _Feature, number: int) -> None:
    tags, shape = feature.properties or {}, feature.geometry
    code = _class(read, tags)
    if shape is None or shape.type not in ("LineString", "MultiLineString"):
        read.dropped["not_a_line"] += 1
        return
    if code is None:
        read.dropped["not_for_cars"] += 1
        return
    lines = [shape.coordinates] if shape.type == "LineString" else shape.coordinates
    ends = _ends(read, tags, number) if len(lines) == 1 else (None, None)
    for line in lines:
        if read.lines.add(len(read.way), _keyed(read, _points(read, line, number), ends)):
            _note(read, tags, code)
        else:
            read.dropped["line_short"] += 1


def _class(read: _Read, tags: dict[str, Any]) -> int | None:
    value = tags.get(read.mapping.properties.klass)
    text = "" if value is None else str(value)
    name = read.mapping.classes.get(text, text)
    if name not in class_codes() and read.mapping.other_class:
        read.assumed["class_unknown"] += 1
        name = read.mapping.other_class
    return class_codes().get(name)


def _ends(read: _Read, tags: dict[str, Any], number: int) -> tuple[str | None, str | None]:
    names = read.mapping.properties
    if not names.from_node or not names.to_node:
        return None, None
    for name in (names.from_node, names.to_node):
        if tags.get(name) is None:
            raise BadInput("property_missing", file=read.file, field=f"features[{number}].{name}", known=", ".join(sorted(tags)))
    return str(tags[names.from_node]), str(tags[names.to_node])


def _points(read: _Read, line: Any, number: int) -> list[tuple[int, int]]:
    points = []
    try:
        for lon, lat, *_ in line:
            place = LonLat(float(lon), float(lat))
            if not place.is_on_earth():
                raise BadInput("coordinates", file=read.file, field=f"features[{number}]", lon=lon, lat=lat)
            points.append((round(place.lon * DEGREES_E7), round(place.lat * DEGREES_E7)))
    except (TypeError, ValueError) as problem:
        raise BadInput("geojson_unreadable", file=read.file, field=f"features[{number}]", reason=problem) from None
    return points


def _keyed(read: _Read, points: list[tuple[int, int]], ends: tuple[str | None, str | None]) -> list[tuple[int, int, int]]:
    """Points with the key of their place: the node's where the file numbers nodes, else the coordinates'."""
    names: list[tuple[int, int] | str] = [*points]
    first, last = ends
    if points and first is not None and last is not None:
        names[0], names[-1] = first, last
    return [(read.places.setdefault(name, len(read.places)), *point) for name, point in zip(names, points, strict=True)]


def _note(read: _Read, tags: dict[str, Any], code: int) -> None:
    names, mapping = read.mapping.properties, read.mapping
    value = tags.get(names.direction)
    # JSON's true is written as in the table
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    read.way.append(WAYS.index(mapping.directions.get(text, "unknown")))
    read.klass.append(code)
    read.name.append(str(tags.get(names.name) or "").strip())
    class_kmh = list(class_speeds_kmh().values())[code]
    along = _speed(read, tags.get(names.speed), class_kmh)
    read.along_dkmh.append(along)
    read.against_dkmh.append(_speed(read, tags.get(names.speed_against), class_kmh) if names.speed_against in tags else along)


def _speed(read: _Read, value: Any, class_kmh: int) -> int:
    """Tenths of km/h, 0 when it is not stated, cannot be read or cannot be true."""
    if value is None or value == "":
        return 0
    text = str(value)
    speed, unread = believed_dkmh(f"{text} {read.mapping.speed_unit}" if text.replace(".", "", 1).isdigit() else text, class_kmh)
    read.assumed[unread or ""] += unread is not None
    return speed


def _streets(path: Path, read: _Read, cut: Cut, collection: _Collection) -> Streets:
    names = sorted({name for name in read.name if name})
    row = {name: number for number, name in enumerate(names)}
    return Streets(
        node_lon_e7=cut.node_lon_e7,
        node_lat_e7=cut.node_lat_e7,
        tail=cut.tail,
        head=cut.head,
        start=cut.start,
        point_lon_e7=cut.point_lon_e7,
        point_lat_e7=cut.point_lat_e7,
        way=_known_both(read, np.array(read.way, dtype=np.uint8))[cut.owner],
        klass=np.array(read.klass, dtype=np.uint8)[cut.owner],
        name=np.array([row.get(name, -1) for name in read.name], dtype=np.int32)[cut.owner],
        speed_along_dkmh=np.array(read.along_dkmh, dtype=np.int32)[cut.owner],
        speed_against_dkmh=np.array(read.against_dkmh, dtype=np.int32)[cut.owner],
        names=names,
        source=path.name,
        attribution=collection.attribution or read.mapping.attribution,
        licence=collection.licence or read.mapping.licence,
        dropped=dict(read.dropped),
        assumed=dict(read.assumed),
    )


def _known_both(read: _Read, way: np.ndarray[Any, np.dtype[np.uint8]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A file that never speaks of directions is all two-way by its nature: nothing was assumed street by street."""
    return way if read.mapping.properties.direction else np.where(way == UNKNOWN, BOTH, way).astype(np.uint8)
