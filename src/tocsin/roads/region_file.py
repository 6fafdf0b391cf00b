"""A region as one file: magic, version, a JSON header, aligned arrays. Mapped into memory, so that processes share it; opens at once.

    bytes 0-7    ``TOCSINRG``
    bytes 8-11   format version, unsigned little-endian
    bytes 12-15  length of the header
    then         the header (JSON: what the region says of itself and its SHA-256, table of arrays, their SHA-256), spaces up to a multiple
                 of 64
    then         the arrays and after them the sections, little-endian, each from a multiple of 64

No time stamps and no absolute paths: the same streets give the same bytes.
"""

import mmap
import os
import struct
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.canonical import canonical, digest
from tocsin.base.faults import BadInput, Broken
from tocsin.roads.region import FORMAT_VERSION, SPEED_PROFILE, Region, RegionHeader, hash_arrays
from tocsin.roads.region_check import is_sound

MAGIC: Final = b"TOCSINRG"
_HEAD: Final = struct.Struct("<8sII")
_ALIGN: Final = 64
LONGEST_HEADER: Final = 1 << 24


class _Row(msgspec.Struct, frozen=True, array_like=True):
    name: str
    dtype: str
    length: int
    offset: int
    """From the start of the arrays."""


class _Head(msgspec.Struct, frozen=True):
    region: RegionHeader
    region_hash: str
    """Of ``region`` in its canonical bytes: where the streets come from and who must be named stands in no array."""
    map_hash: str
    arrays: tuple[_Row, ...]
    sections: tuple[_Row, ...]
    sections_hash: str
    file_bytes: int
    """Of arrays and sections with their gaps: what must follow the header."""


def _up(length: int) -> int:
    return -(-length // _ALIGN) * _ALIGN


def write_region(region: Region, path: Path) -> int:
    """Write beside, then rename: a reader sees the old file or the whole new one. Gives the number of bytes.

    Raises Broken ``region_write`` when the disk refuses; then nothing is left behind.
    """
    sections = sorted(region.sections.items())
    content = [*region.items(), *sections]
    rows, offset = [], 0
    for name, array in content:
        rows.append(_Row(name, array.dtype.str, len(array), offset))
        offset = _up(offset + array.nbytes)
    split = len(content) - len(sections)
    told = (region.header, digest(region.header), region.map_hash)
    text = canonical(_Head(*told, tuple(rows[:split]), tuple(rows[split:]), hash_arrays(sections), offset))
    text = text.ljust(_up(_HEAD.size + len(text)) - _HEAD.size)
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with beside.open("wb") as file:
            file.write(_HEAD.pack(MAGIC, FORMAT_VERSION, len(text)) + text)
            for (_, array), row in zip(content, rows, strict=True):
                file.write(np.ascontiguousarray(array).data)
                file.write(bytes(_up(row.offset + array.nbytes) - row.offset - array.nbytes))
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise Broken("region_write", file=str(path), reason=problem.strerror or problem) from problem
    return _HEAD.size + len(text) + offset


def open_region(path: Path, *, is_verified: bool = True) -> Region:
    """Map a region file. ``is_verified`` reads it all, compares its hashes and looks whether it can be a road network (``region_check``;
    1 s per GB each); else magic, version, header and length are checked.

    Raises BadInput ``file_missing``, ``region_foreign`` (no region file), ``region_version`` (of another version or other speeds: build
    again), ``region_truncated`` (shorter or longer than it says), ``region_damaged`` (header, hash or content do not fit).
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head, start = _read_head(file.read(_HEAD.size), file, name)
            if size != start + head.file_bytes:
                raise BadInput("region_truncated", file=name, bytes=size, expected=start + head.file_bytes)
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except FileNotFoundError:
        raise BadInput("file_missing", file=name) from None
    except (IsADirectoryError, PermissionError) as problem:
        raise BadInput("file_unreadable", file=name, reason=problem.strerror) from None
    try:
        arrays, sections = ({row.name: _mapped(mapped, row, start) for row in rows} for rows in (head.arrays, head.sections))
        region = Region(arrays, head.region, map_hash=head.map_hash, sections=sections)
    except (TypeError, ValueError):
        raise BadInput("region_damaged", file=name) from None
    if is_verified and not _is_as_written(region, head):
        raise BadInput("region_damaged", file=name)
    return region


def _is_as_written(region: Region, head: _Head) -> bool:
    is_whole = hash_arrays(region.items()) == head.map_hash and hash_arrays(sorted(region.sections.items())) == head.sections_hash
    return is_whole and is_sound(region)


def _mapped(mapped: mmap.mmap, row: _Row, start: int) -> NDArray[Any]:
    return np.frombuffer(mapped, np.dtype(row.dtype), row.length, start + row.offset)


def _read_head(first: bytes, file: Any, name: str) -> tuple[_Head, int]:
    """The header and where the arrays start."""
    if len(first) < _HEAD.size or first[: len(MAGIC)] != MAGIC:
        raise BadInput("region_foreign", file=name)
    _, version, length = _HEAD.unpack(first)
    if version != FORMAT_VERSION:
        raise BadInput("region_version", file=name, version=version, expected=FORMAT_VERSION)
    text = file.read(length) if length <= LONGEST_HEADER else b""
    if len(text) < length or length > LONGEST_HEADER:
        raise BadInput("region_truncated", file=name, bytes=_HEAD.size + len(text), expected=_HEAD.size + length)
    try:
        head = msgspec.json.decode(text, type=_Head)
    except (msgspec.DecodeError, RecursionError):
        raise BadInput("region_damaged", file=name) from None
    if head.region_hash != digest(head.region):
        raise BadInput("region_damaged", file=name)
    if head.region.speed_profile != SPEED_PROFILE:  # the code's speeds, under this name, are in every metric's id
        raise BadInput("region_version", file=name, version=head.region.speed_profile, expected=SPEED_PROFILE)
    return head, _HEAD.size + length
