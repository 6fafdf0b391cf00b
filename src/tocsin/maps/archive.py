"""Reads tiles out of an archive in memory: the ``tiles`` section of a region file, or a .pmtiles file as bytes."""

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.maps.mercator import Tile
from tocsin.maps.pmtiles import Entry, Header, read_directory, read_header, tile_id, unzip

SECTION: Final = "tiles"
"""Name of the region's section that holds the archive."""


def section_of(archive: bytes) -> NDArray[np.uint8]:
    """The archive as a region keeps it: ``region.with_sections({SECTION: section_of(archive)})``."""
    return np.frombuffer(archive, dtype=np.uint8)


class TileArchive:
    """Tiles by zoom, column and row. Reads only what is asked for; may be shared between threads.

    Raises BadInput ``tiles_damaged`` when made, or when a tile is taken, of bytes that are no such archive.
    """

    def __init__(self, section: NDArray[np.uint8] | bytes) -> None:
        self._bytes = memoryview(section if isinstance(section, bytes) else section.view(np.uint8).data).cast("B")
        self.header: Header = read_header(self._bytes)
        self._root = read_directory(self._cut(*self.header.root))
        self._leaf = lru_cache(maxsize=64)(self._read_leaf)

    def get(self, z: int, x: int, y: int) -> bytes | None:
        """A tile as vector-tile bytes; None where the map is empty or ends."""
        packed = self.find_gzipped(z, x, y)
        return None if packed is None else unzip(packed)

    def find_gzipped(self, z: int, x: int, y: int) -> bytes | None:
        """The same as it lies in the archive: to be served with ``Content-Encoding: gzip``."""
        if not (self.header.least_zoom <= z <= self.header.most_zoom and 0 <= x < 1 << z and 0 <= y < 1 << z):
            return None
        number, entries = tile_id(Tile(z, x, y)), self._root
        while True:
            row = bisect_right(entries, number, key=lambda entry: entry.tile_id) - 1
            if row < 0:
                return None
            entry = entries[row]
            if entry.run:
                return self._tile(entry) if number < entry.tile_id + entry.run else None
            entries = self._leaf(entry)

    def entries(self) -> Iterator[Entry]:
        """All runs of tiles in the order of their ids."""
        for entry in self._root:
            yield from (entry,) if entry.run else self._leaf(entry)

    def metadata(self) -> dict[str, Any]:
        """What the archive says of itself."""
        try:
            told: dict[str, Any] = msgspec.json.decode(unzip(self._cut(*self.header.metadata)), type=dict[str, Any])
        except msgspec.DecodeError:
            raise BadInput("tiles_damaged") from None
        return told

    def __len__(self) -> int:
        """Bytes."""
        return len(self._bytes)

    def _read_leaf(self, entry: Entry) -> list[Entry]:
        return read_directory(self._cut(self.header.leaves[0] + entry.offset, entry.length))

    def _tile(self, entry: Entry) -> bytes:
        return self._cut(self.header.tiles[0] + entry.offset, entry.length)

    def _cut(self, offset: int, length: int) -> bytes:
        if offset + length > len(self._bytes):
            raise BadInput("tiles_damaged")
        return bytes(self._bytes[offset : offset + length])
