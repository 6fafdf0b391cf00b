"""Positions on disk: one file per UTC day, deleted whole when its span of keeping is over, after its hash has entered the journal.

A file that is damaged is left as it is and told; the day goes on in a further file, so that the desk goes on, too.
"""

import hashlib
import re
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

from tocsin.base.faults import BadInput, Broken, Fault
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, iso
from tocsin.edge.positions_file import PositionsFile, tail_path
from tocsin.edge.positions_frame import Frame
from tocsin.views.situation import Fix

DAY_MS: Final = 86_400_000
MOST_FURTHER: Final = 20
"""Further files of a day: a disk that damages more of them is no place to write to."""

_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:\+([0-9]{1,2}))?\.positions")


class Expired(NamedTuple):
    """A file whose span of keeping is over, as ``DropPositions`` states it."""

    day: str
    sha256: str
    positions: int
    """0 for a file that cannot be read."""
    path: Path


class Track(NamedTuple):
    """Where a unit said that it was, and which files could not be read for it."""

    fixes: list[Fix]
    faults: list[Fault]


class PositionsStore:
    """Writes today's file, reads every one. Safe for threads."""

    def __init__(self, folder: Path) -> None:
        """No file is opened or made before the first position. Raises BadInput ``positions_unwritable`` without a folder."""
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise BadInput("positions_unwritable", file=str(folder), why=error) from None
        self._folder, self._lock = folder, Lock()
        self._today: PositionsFile | None = None
        self._late: list[Frame] = []
        self.faults: list[Fault] = []
        """Damaged files that were met while writing, for whoever tells people."""

    def write(self, frame: Frame | None) -> None:
        """Make a frame durable, with those that could not be written before. None = nothing came in.

        Raises Broken ``positions_write`` where the disk refuses; the frame is kept (at most a minute of them) for the next time.
        """
        with self._lock:
            self._late = [*self._late, *([frame] if frame is not None else [])][-60:]
            while self._late:
                try:
                    self._file_of(self._late[0].base).add(self._late[0])
                except (OSError, sqlite3.Error) as error:
                    raise Broken("positions_write", file=str(self._folder), why=error) from None
                self._late.pop(0)

    def _file_of(self, at: Instant) -> PositionsFile:
        day = iso(at)[:10]
        if self._today is not None and _day_of(self._today.path) == day:
            return self._today
        self._close()
        for path in self._next_paths(day):
            try:
                self._today = PositionsFile.open(path, is_to_write=True) if path.exists() else PositionsFile.create(path)
            except BadInput as fault:
                if fault.code == "positions_unwritable":
                    raise Broken("positions_write", file=str(path), why=fault.values.get("why", "")) from None
                self.faults.append(fault)
            else:
                if self._today.damaged_bytes:
                    self.faults.append(BadInput("positions_tail", file=str(tail_path(path)), damaged_bytes=self._today.damaged_bytes))
                return self._today
        raise Broken("positions_write", file=str(self._folder / f"{day}.positions"), why=f"{MOST_FURTHER} damaged files")

    def _next_paths(self, day: str) -> list[Path]:
        """The file of the day that is written to: the last there is, or further ones."""
        latest = max((_further(path) for path in self._files() if _day_of(path) == day), default=0)
        return [self._folder / (f"{day}+{nth}.positions" if nth else f"{day}.positions") for nth in range(latest, MOST_FURTHER)]

    def _files(self) -> list[Path]:
        found = [path for path in self._folder.iterdir() if _NAME.fullmatch(path.name)]
        return sorted(found, key=lambda path: (_day_of(path), _further(path)))

    def track(self, unit: UnitId, start: Instant, end: Instant) -> Track:
        """Where a unit said that it was from ``start`` to ``end``, both included, by time; each position once."""
        # what was held back is in the file of the day on which it came in
        first, last = iso(start)[:10], iso(Instant(end + DAY_MS))[:10]
        fixes: dict[tuple[Instant, float, float], Fix] = {}
        faults: list[Fault] = []
        for path in self._files():
            if not first <= _day_of(path) <= last:
                continue
            try:
                with closing(PositionsFile.open(path)) as file:
                    fixes |= {(fix.at, fix.lon, fix.lat): fix for fix in file.track(unit, start, end)}
            except BadInput as fault:
                faults.append(fault)
        return Track([fixes[key] for key in sorted(fixes)], faults)

    def expired(self, before_day: str) -> list[Expired]:
        """Files of earlier days (UTC, ``YYYY-MM-DD``), settled and hashed; nothing is deleted yet.

        Raises Broken ``positions_read`` where the disk refuses.
        """
        with self._lock:
            try:
                if self._today is not None and _day_of(self._today.path) < before_day:
                    self._close()
                return [_expired(path) for path in self._files() if _day_of(path) < before_day]
            except (OSError, sqlite3.Error) as error:
                raise Broken("positions_read", file=str(self._folder), why=error) from None

    def drop(self, expired: Expired) -> None:
        """Delete it, after the journal has its hash. Raises Broken ``positions_changed`` where the file is another one by now,
        ``positions_write`` where it cannot be deleted."""
        with self._lock:
            try:
                if _sha256(expired.path) != expired.sha256:
                    raise Broken("positions_changed", file=str(expired.path))
                for ending in ("", "-tail", "-wal", "-shm"):
                    expired.path.with_name(expired.path.name + ending).unlink(missing_ok=True)
            except OSError as error:
                raise Broken("positions_write", file=str(expired.path), why=error) from None

    def close(self) -> None:
        """Let go of files."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._today is not None:
            today, self._today = self._today, None
            with suppress(Broken):  # what is not packed yet is packed by whoever opens the file next, and can be read all the same
                today.settle()
            today.close()


def _expired(path: Path) -> Expired:
    positions = 0
    with suppress(Fault, sqlite3.Error), closing(PositionsFile.open(path, is_to_write=True)) as file:
        file.settle()
        positions = file.positions()
    return Expired(_day_of(path), _sha256(path), positions, path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _day_of(path: Path) -> str:
    return path.name[:10]


def _further(path: Path) -> int:
    found = _NAME.fullmatch(path.name)
    return int(found[2] or 0) if found is not None else 0
