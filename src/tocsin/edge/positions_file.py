"""One UTC day of positions: every whole minute packed by groups of units in one SQLite file, the running minute in a tail beside it.

A frame is durable when ``add`` returns. A minute is packed in one transaction; if the process is killed before the tail is emptied, the
numbers of its frames tell that they are packed already.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.edge import sqlite_file
from tocsin.edge.positions_frame import ROW, UNITS_TOGETHER, Frame, Rows, fix_of, pack, rows_of, unpack
from tocsin.edge.positions_tail import Kept, Tail, frames_in
from tocsin.views.situation import Fix

MINUTE_MS: Final = 60_000

KIND: Final = sqlite_file.Kind(
    name="positions",
    application_id=0x54435053,  # TCPS
    format=1,
    tables=(
        "CREATE TABLE units (number INTEGER PRIMARY KEY, unit TEXT NOT NULL) STRICT",
        "CREATE TABLE minutes (team INTEGER, nth INTEGER, base INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, "
        "positions INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (team, nth)) STRICT, WITHOUT ROWID",
    ),
    mode=0o600,
)


def tail_path(path: Path) -> Path:
    """Of the running minute."""
    return path.with_name(path.name + "-tail")


class PositionsFile:
    """Opened by one who writes, or by any who read. Not to be shared between threads without a lock."""

    def __init__(self, path: Path, connection: sqlite3.Connection, tail: Tail | None) -> None:
        """Use ``open`` or ``create``. Without a tail it can only be read."""
        self.path, self._connection, self._tail = path, connection, tail
        self._numbers = self._known_units()
        self._known: tuple[UnitId, ...] = ()
        self._own = np.zeros(0, np.uint32)
        """The file's numbers of ``_known``, as a frame that counts by them is renumbered."""
        self._is_same = True
        self._packed = self._last_packed()
        self._nth = max(self._packed, tail.frames[-1].nth if tail is not None and tail.frames else 0)

    @classmethod
    def open(cls, path: Path, *, is_to_write: bool = False) -> "PositionsFile":
        """Raises BadInput ``positions_absent``, ``_foreign``, ``_newer``, ``_torn``."""
        sqlite_file.identify(path, KIND)
        sqlite_file.examine(path, KIND)
        return cls._opened(path, is_to_write)

    @classmethod
    def create(cls, path: Path) -> "PositionsFile":
        """Raises BadInput ``positions_exists``, ``positions_unwritable``."""
        sqlite_file.make(path, KIND, lambda _: None)
        return cls._opened(path, True)

    @classmethod
    def _opened(cls, path: Path, is_to_write: bool) -> "PositionsFile":
        connection, tail = None, None
        try:
            connection = sqlite_file.connect(path, "write" if is_to_write else "read")
            tail = Tail(tail_path(path)) if is_to_write else None
            return cls(path, connection, tail)
        except (sqlite3.Error, OSError) as error:
            for opened in (connection, tail):
                if opened is not None:
                    opened.close()
            raise BadInput("positions_torn", file=str(path), why=error) from None

    @property
    def damaged_bytes(self) -> int:
        """That were cut off the tail though nobody was killed while writing them."""
        return self._tail.damaged_bytes if self._tail is not None else 0

    def add(self, frame: Frame) -> None:
        """Store a frame; the first of a minute first packs what came before. Raises Broken ``positions_write``; then it is not stored."""
        tail = self._writable()
        if tail.frames and tail.frames[0].base // MINUTE_MS != frame.base // MINUTE_MS:
            self.pack()
        try:
            tail.add(self._nth + 1, frame.base, self._numbered(frame))
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from None
        self._nth += 1

    def pack(self) -> None:
        """Pack all that is in the tail. Raises Broken ``positions_write``; it stays there then."""
        tail = self._writable()
        waiting: dict[int, list[Kept]] = {}
        for frame in tail.frames:
            if frame.nth > self._packed:
                waiting.setdefault(frame.base - frame.base % MINUTE_MS, []).append(frame)
        try:
            if waiting:
                self._connection.execute("BEGIN IMMEDIATE")
                for minute, frames in waiting.items():
                    self._pack_minute(minute, frames)
                self._connection.execute("COMMIT")
                self._packed = self._nth
            tail.clear()
        except (sqlite3.Error, OSError) as error:
            raise self._failed(error) from None

    def _writable(self) -> Tail:
        if self._tail is None:
            raise AssertionError("opened to be read")
        return self._tail

    def _failed(self, error: Exception) -> Broken:
        """As if it had not been tried; numbers of units that were given out on the way are not given out."""
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._numbers = self._known_units()
        return Broken("positions_write", file=str(self.path), why=error)

    def _known_units(self) -> dict[UnitId, int]:
        return {UnitId(unit): number for number, unit in self._connection.execute("SELECT number, unit FROM units")}

    def _last_packed(self) -> int:
        return int(self._connection.execute("SELECT coalesce(max(nth), 0) FROM minutes").fetchone()[0])

    def _numbered(self, frame: Frame) -> bytes:
        """The frame's rows with the file's numbers of units; new units are entered first, durably."""
        if frame.units[: len(self._known)] != self._known or len(frame.units) > len(self._known):
            self._enter(frame.units)
        if self._is_same:
            return frame.body
        rows = rows_of(frame.body).copy()
        rows["unit"] = self._own[rows["unit"]]
        return rows.tobytes()

    def _enter(self, units: tuple[UnitId, ...]) -> None:
        new = {unit: number for number, unit in enumerate((unit for unit in units if unit not in self._numbers), len(self._numbers))}
        if new:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany("INSERT INTO units VALUES (?, ?)", [(number, unit) for unit, number in new.items()])
            self._connection.execute("COMMIT")
            self._numbers |= new
        self._known, self._own = units, np.array([self._numbers[unit] for unit in units], np.uint32)
        self._is_same = bool(np.array_equal(self._own, np.arange(len(units))))

    def _pack_minute(self, minute: int, frames: list[Kept]) -> None:
        """Rows of one minute by groups of units, under the number of the minute's last frame."""
        pieces = []
        for frame in frames:
            rows = rows_of(frame.body).copy()
            rows["at"] += frame.base - minute
            pieces.append(rows)
        rows = np.concatenate(pieces)
        order = np.argsort(rows["unit"] // UNITS_TOGETHER, kind="stable")
        rows = rows[order]
        teams, start = np.unique(rows["unit"] // UNITS_TOGETHER, return_index=True)
        for team, first, last in zip(teams.tolist(), start.tolist(), [*start[1:].tolist(), len(rows)], strict=True):
            piece = rows[first:last]
            span = minute + int(piece["at"].min()), minute + int(piece["at"].max())
            packed = (team, frames[-1].nth, minute, *span, len(piece), pack(piece))
            self._connection.execute("INSERT INTO minutes VALUES (?, ?, ?, ?, ?, ?, ?)", packed)

    def track(self, unit: UnitId, start: Instant, end: Instant) -> list[Fix]:
        """Where a unit said that it was from ``start`` to ``end``, both included, by time. Raises BadInput ``positions_torn``."""
        # The tail first: what is packed meanwhile is then met twice, not missed.
        tail = list(self._tail_frames())
        number = self._numbers.get(unit)
        if number is None:
            return []
        try:
            bodies = [*self._packed_bodies(number, start, end), *((frame.base, rows_of(frame.body)) for frame in tail)]
            found = {fix for base, rows in bodies for fix in _fixes(unit, number, base, rows) if start <= fix.at <= end}
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise BadInput("positions_torn", file=str(self.path), why=error) from None
        return sorted(found, key=lambda fix: (fix.at, fix.lon, fix.lat))

    def _tail_frames(self) -> Iterator[Kept]:
        if self._tail is not None:
            yield from self._tail.frames
            return
        with suppress(FileNotFoundError):
            yield from frames_in(tail_path(self.path).read_bytes())

    def _packed_bodies(self, number: int, start: Instant, end: Instant) -> Iterator[tuple[Instant, Rows]]:
        wanted = "SELECT base, positions, body FROM minutes WHERE team = ? AND last >= ? AND first <= ? ORDER BY nth"
        for base, count, body in self._connection.execute(wanted, (number // UNITS_TOGETHER, start, end)):
            yield Instant(base), unpack(body, count)

    def positions(self) -> int:
        """How many there are. Raises sqlite3.Error."""
        tail = sum(len(frame.body) for frame in self._tail_frames() if frame.nth > self._packed) // ROW.itemsize
        return int(self._connection.execute("SELECT coalesce(sum(positions), 0) FROM minutes").fetchone()[0]) + tail

    def settle(self) -> None:
        """Everything into the one file: its bytes are then all there is. Raises Broken ``positions_write``."""
        self.pack()
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            raise self._failed(error) from None

    def close(self) -> None:
        """Let go of the files."""
        self._connection.close()
        if self._tail is not None:
            self._tail.close()


def _fixes(unit: UnitId, number: int, base: Instant, rows: Rows) -> list[Fix]:
    return [fix_of(unit, row, base) for row in rows[rows["unit"] == number].tolist()]
