"""PMTiles version 3 (protomaps/PMTiles, spec v3): many tiles in one archive. A header, a root directory, leaf directories, tiles.

Tiles are gzipped, lie in the order of their ids and are stored once when several are equal. The same tiles give the same bytes.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from gzip import compress
from typing import Any, Final, NamedTuple

from tocsin.base.canonical import canonical
from tocsin.base.faults import BadInput
from tocsin.maps.mercator import Tile
from tocsin.maps.vector_tile import read_varints, varint

MAGIC: Final = b"PMTiles"
_HEADER: Final = struct.Struct("<7sB11QBBBBBBiiiiBii")
_GZIP, _MVT = 2, 1
MOST_ROOT: Final = 16_384
"""Header and root directory together are at most so long (spec 4): one request fetches both."""
LEAF_ENTRIES: Final = 4096
LEVEL: Final = 9


class Entry(NamedTuple):
    """A run of equal tiles, or (run 0) a leaf directory."""

    tile_id: int
    offset: int
    length: int
    run: int


class Header(NamedTuple):
    """The fields of the first 127 bytes that a reader needs."""

    root: tuple[int, int]
    """Offset and length."""
    metadata: tuple[int, int]
    leaves: tuple[int, int]
    tiles: tuple[int, int]
    least_zoom: int
    most_zoom: int
    bounds_e7: tuple[int, int, int, int]
    """West, south, east, north."""


def tile_id(tile: Tile) -> int:
    """Place of a tile on the Hilbert curve of its zoom, behind all tiles of lesser zooms."""
    z, x, y = tile
    along = 0
    for level in range(z - 1, -1, -1):
        side = 1 << level
        right, lower = x & side != 0, y & side != 0
        along += side * side * ((3 * right) ^ lower)
        if not lower:
            if right:
                x, y = side - 1 - (x & side - 1), side - 1 - (y & side - 1)
            x, y = y, x
    return ((1 << 2 * z) - 1) // 3 + along


def tile_of(number: int) -> Tile:
    """The tile of an id: the way back."""
    z = 0
    while number >= 1 << 2 * z:
        number -= 1 << 2 * z
        z += 1
    x = y = 0
    for level in range(z):
        side = 1 << level
        right, lower = bool(number & 2), bool(number & 1) ^ bool(number & 2)
        if not lower:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        x, y = x + side * right, y + side * lower
        number >>= 2
    return Tile(z, x, y)


def pack(tiles: Mapping[Tile, bytes], *, bounds_e7: tuple[int, int, int, int], metadata: Mapping[str, Any]) -> bytes:
    """The archive of tiles that are not gzipped yet. ``bounds_e7``: west, south, east, north."""
    entries, data = _entries(sorted((tile_id(tile), body) for tile, body in tiles.items()))
    root, leaves = _directories(entries)
    about = _gzip(canonical(dict(metadata)))
    zooms = [tile.z for tile in tiles] or [0]
    west, south, east, north = bounds_e7
    at = [_HEADER.size]
    for part in (root, about, leaves, data):
        at.append(at[-1] + len(part))
    header = _HEADER.pack(
        MAGIC, 3, at[0], len(root), at[1], len(about), at[2], len(leaves), at[3], len(data),
        len(tiles), len(entries), len({entry.offset for entry in entries}), 1, _GZIP, _GZIP, _MVT, min(zooms), max(zooms),
        west, south, east, north, min(zooms), (west + east) // 2, (south + north) // 2,
    )  # fmt: skip
    return header + root + about + leaves + data


def _entries(bodies: Sequence[tuple[int, bytes]]) -> tuple[list[Entry], bytes]:
    """Entries with runs of equal neighbours, and the data that they point into."""
    entries: list[Entry] = []
    place: dict[bytes, tuple[int, int]] = {}
    data = bytearray()
    for number, body in bodies:
        if body not in place:
            packed = _gzip(body)
            place[body] = (len(data), len(packed))
            data += packed
        offset, length = place[body]
        last = entries[-1] if entries else None
        if last and last.tile_id + last.run == number and last.offset == offset:
            entries[-1] = last._replace(run=last.run + 1)
        else:
            entries.append(Entry(number, offset, length, 1))
    return entries, bytes(data)


def _directories(entries: Sequence[Entry]) -> tuple[bytes, bytes]:
    """Root directory and leaf directories; no leaves while the root is short enough."""
    root = directory_bytes(entries)
    if _HEADER.size + len(root) <= MOST_ROOT:
        return root, b""
    size = LEAF_ENTRIES
    while True:
        above, leaves = [], bytearray()
        for first in range(0, len(entries), size):
            leaf = directory_bytes(entries[first : first + size])
            above.append(Entry(entries[first].tile_id, len(leaves), len(leaf), 0))
            leaves += leaf
        root = directory_bytes(above)
        if _HEADER.size + len(root) <= MOST_ROOT:
            return root, bytes(leaves)
        size *= 2


def directory_bytes(entries: Sequence[Entry]) -> bytes:
    """A directory: columns of varints, gzipped (spec 4)."""
    numbers = [len(entries)]
    numbers += [entry.tile_id - before for entry, before in zip(entries, [0, *(one.tile_id for one in entries)], strict=False)]
    numbers += [entry.run for entry in entries]
    numbers += [entry.length for entry in entries]
    end = -1
    for entry in entries:
        numbers.append(0 if entry.offset == end else entry.offset + 1)
        end = entry.offset + entry.length
    return _gzip(b"".join(map(varint, numbers)))


def read_directory(packed: bytes) -> list[Entry]:
    """The entries back. Raises BadInput ``tiles_damaged``."""
    numbers = list(read_varints(unzip(packed)))
    count = numbers[0] if numbers else -1
    if len(numbers) != 4 * count + 1:
        raise BadInput("tiles_damaged")
    steps, runs, lengths, offsets = (numbers[1 + part * count : 1 + (part + 1) * count] for part in range(4))
    entries: list[Entry] = []
    number = end = 0
    for step, run, length, offset in zip(steps, runs, lengths, offsets, strict=True):
        number += step
        start = end if offset == 0 else offset - 1
        entries.append(Entry(number, start, length, run))
        end = start + length
    return entries


def read_header(archive: bytes | memoryview) -> Header:
    """Raises BadInput ``tiles_damaged`` for anything but a whole version 3 archive of gzipped vector tiles."""
    if len(archive) < _HEADER.size:
        raise BadInput("tiles_damaged")
    head = _HEADER.unpack(archive[: _HEADER.size])
    parts = [(head[at], head[at + 1]) for at in (2, 4, 6, 8)]
    is_whole = all(offset + length <= len(archive) for offset, length in parts)
    if head[:2] != (MAGIC, 3) or head[14:17] != (_GZIP, _GZIP, _MVT) or not is_whole:
        raise BadInput("tiles_damaged")
    return Header(parts[0], parts[1], parts[2], parts[3], head[17], head[18], (head[19], head[20], head[21], head[22]))


def unzip(packed: bytes | memoryview) -> bytes:
    """Raises BadInput ``tiles_damaged``."""
    try:
        return zlib.decompress(packed, wbits=31)
    except zlib.error:
        raise BadInput("tiles_damaged") from None


def _gzip(content: bytes) -> bytes:
    # no name and no time in the gzip header: the same content, the same bytes
    packed = bytearray(compress(content, LEVEL, mtime=0))
    packed[9] = 255  # RFC 1952: the byte that names the system that wrote it; some builds of zlib fill it in
    return bytes(packed)
