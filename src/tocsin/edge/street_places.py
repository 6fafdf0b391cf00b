"""Reads GeoJSON streets for the gazetteer: address ranges, and the cross streets that the source names in words ("A St - B St")."""

import gzip
import re
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.edge.street_mapping import NumberProperties, StreetMapping, read_street_mapping, recognise
from tocsin.places.chains import Segment
from tocsin.places.folding import fold, key_of
from tocsin.places.groups import length_of
from tocsin.places.hundreds import infer_stretches
from tocsin.places.rows import Line, Meeting, Parity, Row, Stretch
from tocsin.places.seen import SeenBlock, with_seen

MOST_NUMBERS = 200
"""More than this on one piece of street is a slip of the source."""


Read = tuple[Segment, dict[str, Any]]


class _Shape(msgspec.Struct):
    type: str
    coordinates: list[Any] = []


class _Feature(msgspec.Struct):
    geometry: _Shape | None = None
    properties: dict[str, Any] | None = None


class _Features(msgspec.Struct):
    features: list[_Feature]


def read_geojson_places(path: Path, mapping: Path | None = None, *, seen: Sequence[SeenBlock] = ()) -> list[Row]:
    """Rows for the gazetteer; none where the mapping names no properties with numbers. Streets and crossings come from the region.

    ``seen``: blocks whose place a centre's own log knows; numbers that the source states go before them.

    Raises BadInput ``file_unreadable``, ``gz_unreadable``, ``geojson_unreadable``, and what ``read_street_mapping`` raises.
    """
    kept, numbers = _read(path, mapping)
    if numbers is None:
        return []
    segments = with_seen([segment for segment, _ in kept], seen)
    return [*_stated(kept, numbers), *_seen(segments), *infer_stretches(segments), *_meetings(kept, numbers)]


def read_segments(path: Path, mapping: Path | None = None) -> list[Segment]:
    """The named streets with their stated numbers alone. Raises what ``read_geojson_places`` raises."""
    return [segment for segment, _ in _read(path, mapping)[0]]


def _read(path: Path, mapping: Path | None) -> tuple[list[Read], NumberProperties | None]:
    features = _decode(path).features
    told = read_street_mapping(mapping) if mapping else recognise(set((features[0].properties if features else None) or ()), str(path))
    if told.numbers is None:
        return [], None
    return [segment for feature in features if (segment := _segment(feature, told, told.numbers))], told.numbers


def _decode(path: Path) -> _Features:
    try:
        data = path.read_bytes()
        return msgspec.json.decode(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data, type=_Features)
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise BadInput("gz_unreadable", file=str(path), reason=problem) from None
    except OSError as problem:
        raise BadInput("file_unreadable", file=str(path), reason=problem.strerror) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise BadInput("geojson_unreadable", file=str(path), reason=problem) from None


def _segment(feature: _Feature, mapping: StreetMapping, numbers: NumberProperties) -> Read | None:
    """A named line with its stated numbers."""
    tags, shape = feature.properties or {}, feature.geometry
    name = str(tags.get(mapping.properties.name) or "").strip()
    if not name or shape is None or shape.type != "LineString" or len(shape.coordinates) < 2:
        return None
    line: Line = tuple(LonLat(float(lon), float(lat)) for lon, lat, *_ in shape.coordinates)
    ends = [tags.get(mapping.properties.from_node), tags.get(mapping.properties.to_node)]
    tail, head = (_node(end, place) for end, place in zip(ends, (line[0], line[-1]), strict=True))
    ranges = [(first, last) for first, last, _ in _ranges(tags, numbers)]
    low, high = (min(one[0] for one in ranges), max(one[1] for one in ranges)) if ranges else (None, None)
    length_m = Metres(length_of(_array(line)))
    return Segment(name, tail, head, line, length_m, low, high, str(tags.get(numbers.postcode) or "")), tags


def _array(line: Line) -> Any:
    return np.array([(point.lon, point.lat) for point in line])


def _node(number: Any, place: LonLat) -> int:
    """The file's number, else one made of the coordinates."""
    return int(number) if isinstance(number, int) else -(round((place.lon + 180) * 1e6) * 1_000_000_000 + round((place.lat + 90) * 1e6))


def _ranges(tags: dict[str, Any], numbers: NumberProperties) -> Iterator[tuple[int, int, Parity]]:
    """(number at the first point, at the last, parity) of each side that has numbers."""
    for from_name, to_name in ((numbers.left_from, numbers.left_to), (numbers.right_from, numbers.right_to)):
        first, last = tags.get(from_name), tags.get(to_name)
        if isinstance(first, int) and isinstance(last, int) and 0 < max(first, last) < 100_000:
            yield first, last, ("all" if first % 2 != last % 2 else "odd" if last % 2 else "even")
    found = re.search(numbers.limits_numbers, str(tags.get(numbers.limits) or "")) if numbers.limits_numbers else None
    if found and int(found[2]) > 0 and int(found[1]) <= int(found[2]) < int(found[1]) + MOST_NUMBERS:
        yield int(found[1]), int(found[2]), "all"


def _seen(segments: Sequence[Segment]) -> Iterator[Stretch]:
    for segment in segments:
        if segment.is_seen and segment.low is not None and segment.high is not None:
            yield Stretch(segment.street, segment.low, segment.high, segment.line, "all", segment.area, "seen")


def _stated(read: list[Read], numbers: NumberProperties) -> Iterator[Stretch]:
    for segment, tags in read:
        if segment.low is not None:
            for first, last, parity in _ranges(tags, numbers):
                yield Stretch(segment.street, first, last, segment.line, parity, segment.area)


def _meetings(read: list[Read], numbers: NumberProperties) -> Iterator[Meeting]:
    """Cross streets by word that the lines do not show: at the end that the other word leaves free."""
    at: dict[int, set[str]] = defaultdict(set)
    for segment, _ in read:
        at[segment.tail].add(key_of(fold(segment.street)))
        at[segment.head].add(key_of(fold(segment.street)))
    for segment, tags in read:
        named = [part.strip() for part in str(tags.get(numbers.limits) or "").split(numbers.limits_between)]
        if len(named) == 2:
            yield from _unseen(segment, named, at)


def _unseen(segment: Segment, named: list[str], at: dict[int, set[str]]) -> Iterator[Meeting]:
    keys = [key_of(fold(name)) for name in named]
    ends = [(segment.tail, segment.line[0]), (segment.head, segment.line[-1])]
    seen = [[key in at[node] for node, _ in ends] for key in keys]
    for row in (0, 1):
        if any(seen[row]) or not keys[row] or ":" in named[row]:
            continue
        other = 1 - row
        if seen[other] == [True, False]:
            yield Meeting(segment.street, named[row], ends[1][1])
        elif seen[other] == [False, True]:
            yield Meeting(segment.street, named[row], ends[0][1])
