"""Is a journal whole? Reads a file row by row, also a damaged one, recomputes all that can be recomputed, changes nothing."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.base.faults import Broken
from tocsin.core.messages.line import GENESIS, decode, link
from tocsin.core.messages.said import Record
from tocsin.edge import sqlite_file
from tocsin.edge.journal_sqlite import KIND, is_journal_id

Why = Literal["", "unreadable", "gap", "hash", "record", "extract", "version", "command", "index", "structure"]
"""What is wrong with the first bad line: its page cannot be read; a position is missing; the chain does not fit the bytes; the bytes
are no record; a column differs from the bytes; a stream's versions have a gap; a command's numbers do not rise. Or, with every line
good: ``index`` (look-ups would miss lines) and ``structure`` (tables, journal id or free pages are not as we made them)."""

Progress = Callable[[int, int], None]

_ROWS = "SELECT pos, stream, ver, type, at_ms, rec_ms, actor, cmd_id, n, body, hash FROM event WHERE pos>? ORDER BY pos LIMIT ?"
_BATCH_LINES = 4096
_BEFORE_ALL = -(2**63)
"""Below every number that SQLite can hold: a line at position 0 or less is seen as well."""
_ROW_OF_INDEX = re.compile(r"\brow (\d+) missing from index")

Row = tuple[object, ...]


class VerifyAnswer(msgspec.Struct, frozen=True):
    """What ``tocsin verify`` says."""

    ok: bool
    events: int
    """Lines that hold, counted from the first; all of them when ``ok``."""
    head: str
    """Hash of the last of these, hexadecimal; zeros when there is none."""
    first_bad: int | None
    """Position of the first line that does not hold; with ``index``, of the first that a look-up would miss, if that can be told."""
    why: Why = ""


class _Walk:
    """What is known after the lines so far."""

    def __init__(self) -> None:
        self.pos = 0
        self.hash = GENESIS
        self.versions: dict[str, int] = {}
        self.numbers: dict[str, int] = {}

    def fault_of(self, row: Row) -> Why:
        """What is wrong with the next row; empty when it holds and was taken."""
        pos, body, digest = row[0], row[9], row[10]
        if pos != self.pos + 1:
            return "gap"
        if not isinstance(body, bytes) or digest != link(pos=self.pos + 1, previous=self.hash, body=body):
            return "hash"
        try:
            record = decode(body)
        except Broken:
            return "record"
        why = self._fault_of_record(record, row[1:9])
        if not why:
            self.pos, self.hash = self.pos + 1, digest
            self.versions[record.stream], self.numbers[record.cmd] = record.ver, record.n
        return why

    def _fault_of_record(self, record: Record, columns: Row) -> Why:
        said = (record.stream, record.ver, type(record.says).__name__, record.at, record.recorded, record.actor, record.cmd, record.n)
        # 1.0 == 1 and True == 1, but a column that changed its type was tampered with.
        if columns != said or [*map(type, columns)] != [*map(type, said)]:
            return "extract"
        if record.ver != self.versions.get(record.stream, 0) + 1:
            return "version"
        return "command" if record.n <= self.numbers.get(record.cmd, -1) else ""


def check(path: Path, *, progress: Progress | None = None) -> VerifyAnswer:
    """Verify a journal file; somebody may be writing to it. ``progress`` is told lines done and lines in all.

    Raises BadInput ``journal_absent``, ``journal_foreign``, ``journal_newer``, or ``journal_torn`` when not even the header can be read.
    """
    sqlite_file.identify(path, KIND)
    walk = _Walk()
    try:
        with closing(sqlite_file.connect(path, "read")) as connection:
            # Lets SQLite read what is left of a file that is shorter than its header says; nothing is changed by it.
            connection.execute("PRAGMA writable_schema=ON")
            why = _walk_lines(connection, walk, progress)
    except (sqlite3.Error, UnicodeDecodeError):
        why = "unreadable"
    if why:
        return VerifyAnswer(False, walk.pos, walk.hash.hex(), walk.pos + 1, why)
    why, first_bad = _look_round(path)
    return VerifyAnswer(not why, walk.pos, walk.hash.hex(), first_bad, why)


def _walk_lines(connection: sqlite3.Connection, walk: _Walk, progress: Progress | None) -> Why:
    total = connection.execute("SELECT max(pos) FROM event").fetchone()[0] or 0
    for row in _rows(connection, walk):
        why = walk.fault_of(row)
        if why:
            return why
        if progress is not None and walk.pos % _BATCH_LINES == 0:
            progress(walk.pos, max(total, walk.pos))
    if progress is not None:
        progress(walk.pos, max(total, walk.pos))
    return "" if walk.pos >= total else "gap"


def _rows(connection: sqlite3.Connection, walk: _Walk) -> Iterator[Row]:
    """Batch by batch, so that a writer beside us is not held up; row by row before an unreadable page, so that these still count."""
    size = _BATCH_LINES
    while True:
        before = walk.pos
        try:
            yield from connection.execute(_ROWS, (before or _BEFORE_ALL, size))
        except (sqlite3.Error, UnicodeDecodeError):
            if size == 1:
                raise
            size = 1  # the driver reads one row ahead of the one that it hands out
            continue
        if walk.pos < before + size:
            return


def _look_round(path: Path) -> tuple[Why, int | None]:
    """Beside the lines: tables, journal id, indexes, free pages. Strict again, so on a connection of its own."""
    try:
        with closing(sqlite_file.connect(path, "read")) as connection:
            found = connection.execute("SELECT name, value FROM meta").fetchall()
            is_ours = [name for name, _ in found] == ["journal_id"] and is_journal_id(found[0][1])
            if not is_ours or not sqlite_file.has_tables(connection, KIND):
                return "structure", None
            complaints = "\n".join(str(said[0]) for said in connection.execute("PRAGMA integrity_check"))
    except (sqlite3.Error, UnicodeDecodeError):
        return "structure", None
    if complaints == "ok":
        return "", None
    rows = [int(pos) for pos in _ROW_OF_INDEX.findall(complaints)]  # SQLite counts rows; ours are gapless by now
    return ("index", min(rows)) if rows else ("structure", None)
