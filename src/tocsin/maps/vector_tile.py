"""Mapbox Vector Tiles 2.1, written with NumPy: all numbers of a layer are encoded at once, not feature by feature.

Clauses in the comments are those of the specification (mapbox/vector-tile-spec, 2.1). The same features give the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

EXTENT: Final = 4096
"""Units of a tile's side."""

Shape = Literal["point", "line", "outline"]
Ints = NDArray[np.int64]
Tags = Mapping[str, str | int]

_TYPE: Final[dict[Shape, int]] = {"point": 1, "line": 2, "outline": 3}  # 4.3.4
_MOVE, _LINE, _CLOSE = 1, 2, 7  # 4.3.1


class Feature(NamedTuple):
    """Something with one set of tags; its parts are rows of the layer's ``Geometry``."""

    tags: Tags
    shape: Shape
    first: int
    """Part with which it begins …"""
    last: int
    """… and the one before which it ends."""


class Geometry(NamedTuple):
    """Parts (points, lines, rings) of all features of a layer, one behind the other, in tile units."""

    x: Ints
    y: Ints
    start: Ints
    """First point of each part; one longer than there are parts. Rings are not closed by a second first point."""


def layer_bytes(name: str, features: Sequence[Feature], geometry: Geometry) -> bytes:
    """One layer of a tile as field 3 of it (4.1); nothing for no features."""
    if not features:
        return b""
    keys: dict[str, int] = {}
    values: dict[str | int, int] = {}
    commands, part_at = _commands(features, geometry)
    bytes_of, byte_at = varints(commands)
    body = [_text(1, name)]
    for feature in features:
        numbers: list[int] = []
        for key, value in feature.tags.items():
            numbers += [keys.setdefault(key, len(keys)), values.setdefault(value, len(values))]
        drawn = bytes_of[byte_at[part_at[feature.first]] : byte_at[part_at[feature.last]]]
        tags = b"".join(map(varint, numbers))
        body.append(_block(2, _block(2, tags) * bool(tags) + b"\x18" + varint(_TYPE[feature.shape]) + _block(4, drawn)))
    body += [_text(3, key) for key in keys]
    body += [_block(4, _value(value)) for value in values]
    return _block(3, b"".join(body) + b"\x28" + varint(EXTENT) + b"\x78\x02")


def _commands(features: Sequence[Feature], geometry: Geometry) -> tuple[Ints, Ints]:
    """All command and parameter integers (4.3), and where those of each part begin.

    The cursor starts at (0, 0) in every feature and is not moved by ClosePath. A feature of points is one MoveTo with a count, so all its
    points must be one part.
    """
    sizes = np.diff(geometry.start)
    shape_of = np.zeros(len(sizes), dtype=np.int64)
    begins = np.zeros(len(sizes), dtype=bool)
    for feature in features:
        shape_of[feature.first : feature.last] = _TYPE[feature.shape]
        begins[feature.first] = True
    dx, dy = (_steps(values, geometry.start[:-1][begins]) for values in (geometry.x, geometry.y))
    is_point, is_ring = shape_of == 1, shape_of == 3
    lengths = 1 + 2 * sizes + np.where(is_point, 0, 1) + is_ring
    at = np.concatenate([[0], np.cumsum(lengths)])
    first = at[:-1]
    out = np.zeros(int(at[-1]), dtype=np.int64)
    out[first] = np.where(is_point, _MOVE | sizes << 3, _MOVE | 1 << 3)
    out[first[~is_point] + 3] = _LINE | (sizes[~is_point] - 1) << 3
    out[at[1:][is_ring] - 1] = _CLOSE | 1 << 3
    within = np.arange(len(dx)) - np.repeat(geometry.start[:-1], sizes)
    place = np.repeat(first, sizes) + 1 + 2 * within + ((within > 0) & ~np.repeat(is_point, sizes))
    out[place], out[place + 1] = _zigzag(dx), _zigzag(dy)
    return out, at


def _steps(values: Ints, begins: Ints) -> Ints:
    """From each point to the next; from 0 where a feature begins."""
    steps = np.diff(values, prepend=0)
    steps[begins] = values[begins]
    return steps


def _zigzag(values: Ints) -> Ints:
    return (values << 1) ^ (values >> 63)


def varints(values: Ints) -> tuple[bytes, Ints]:
    """Protocol-buffer varints of numbers from 0 to 2^35, and where each begins (one more than there are numbers)."""
    sizes = np.ones(len(values), dtype=np.int64)
    for n in range(1, 5):
        sizes += values >= 1 << 7 * n
    at = np.concatenate([[0], np.cumsum(sizes)])
    out = np.zeros(int(at[-1]), dtype=np.uint8)
    for n in range(5):
        has = sizes > n
        out[at[:-1][has] + n] = (values[has] >> 7 * n & 0x7F) | np.where(sizes[has] > n + 1, 0x80, 0)
    return out.tobytes(), at


def varint(value: int) -> bytes:
    """One of them, of any size."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def read_varints(data: bytes) -> Iterator[int]:
    """The numbers back."""
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0


def _block(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def _text(number: int, text: str) -> bytes:
    return _block(number, text.encode("utf-8"))


def _value(value: str | int) -> bytes:
    """4.1: string_value or uint_value."""
    return _text(1, value) if isinstance(value, str) else b"\x28" + varint(value)
