"""Positions in bytes: 24 of them each as they come in, and a minute of a hundred units together, differences first, then packed.

One layout for the second, one for the minute; nothing here knows of files.
"""

from typing import Final, NamedTuple

import numpy as np
import zstandard
from numpy.typing import NDArray

from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Metres
from tocsin.views.situation import Fix

ROW: Final = np.dtype(
    [
        ("unit", "<u4"),  # number of the unit: of the frame while it is being filled, of the file once it is there
        ("at", "<i4"),  # milliseconds from the frame's base
        ("lon", "<i4"),  # 1e-7 degrees
        ("lat", "<i4"),
        ("heading", "<u2"),  # tenths of a degree
        ("speed", "<u2"),  # centimetres a second
        ("uncertainty", "<u2"),  # decimetres
        ("spare", "<u2"),
    ]
)
"""24 bytes."""

NONE: Final = 0xFFFF
"""Not known, in the last columns."""

UNITS_TOGETHER: Final = 100
_COLUMNS: Final = tuple(name for name in ROW.names or () if name != "spare")
_E7: Final = 10_000_000

Rows = NDArray[np.void]


class Frame(NamedTuple):
    """Positions that came in one after the other. ``units[number]`` is the unit of a row."""

    base: Instant
    units: tuple[UnitId, ...]
    body: bytes

    @property
    def positions(self) -> int:
        """How many."""
        return len(self.body) // ROW.itemsize


def row_of(number: int, fix: Fix, base: Instant) -> tuple[int, int, int, int, int, int, int, int]:
    """A position as the numbers of its row."""
    return (
        number,
        max(-(2**31), min(2**31 - 1, span_ms(start=base, end=fix.at))),
        round(fix.lon * _E7),
        round(fix.lat * _E7),
        NONE if fix.heading_deg is None else round(fix.heading_deg * 10) % 3600,
        NONE if fix.speed_mps is None else min(NONE - 1, round(fix.speed_mps * 100)),
        NONE if fix.uncertainty_m is None else min(NONE - 1, round(fix.uncertainty_m * 10)),
        0,
    )


def rows_of(body: bytes) -> Rows:
    """The rows of a frame. Raises ValueError where the bytes are no whole rows."""
    return np.frombuffer(body, ROW)


def fix_of(unit: UnitId, row: tuple[int, ...], base: Instant) -> Fix:
    """Back again."""
    _, at, lon, lat, heading, speed, uncertainty, _ = row
    return Fix(
        unit,
        lon / _E7,
        lat / _E7,
        Instant(base + at),
        None if heading == NONE else heading / 10,
        None if speed == NONE else speed / 100,
        None if uncertainty == NONE else Metres(uncertainty / 10),
    )


def pack(rows: Rows) -> bytes:
    """Rows of one group of units: sorted by unit and time, each column as differences, its bytes by their weight, then compressed."""
    rows = rows[np.lexsort((rows["at"], rows["unit"]))]
    parts = []
    for name in _COLUMNS:
        column = np.ascontiguousarray(rows[name])
        unsigned = column.view(f"<u{column.itemsize}")
        step = np.empty_like(unsigned)
        step[:1] = unsigned[:1]
        np.subtract(unsigned[1:], unsigned[:-1], out=step[1:])  # wraps round, as does the sum that undoes it
        parts.append(_zigzag(step).view(np.uint8).reshape(-1, step.itemsize).T.tobytes())
    return zstandard.ZstdCompressor(level=3).compress(b"".join(parts))


def unpack(body: bytes, count: int) -> Rows:
    """The rows again, in the order of unit and time. Raises ValueError for bytes that are none of ours."""
    try:
        plain = zstandard.ZstdDecompressor().decompress(body, max_output_size=count * ROW.itemsize)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from None
    rows, start = np.zeros(count, ROW), 0
    for name in _COLUMNS:
        width = ROW[name].itemsize
        piece = np.frombuffer(plain, np.uint8, count * width, start).reshape(width, count)
        step = _unzigzag(np.ascontiguousarray(piece.T).view(f"<u{width}").ravel())
        rows[name] = np.cumsum(step, dtype=step.dtype).view(ROW[name])
        start += count * width
    if start != len(plain):
        raise ValueError(f"{len(plain)} bytes for {count} rows")
    return rows


def _zigzag(step: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    """0, -1, 1, -2 … as 0, 1, 2, 3 …: small steps back have empty upper bytes as well."""
    top = step.dtype.type(step.itemsize * 8 - 1)
    one = step.dtype.type(1)
    coded: NDArray[np.unsignedinteger] = (step << one) ^ (step.dtype.type(0) - (step >> top))
    return coded


def _unzigzag(coded: NDArray[np.unsignedinteger]) -> NDArray[np.unsignedinteger]:
    one = coded.dtype.type(1)
    step: NDArray[np.unsignedinteger] = (coded >> one) ^ (coded.dtype.type(0) - (coded & one))
    return step
