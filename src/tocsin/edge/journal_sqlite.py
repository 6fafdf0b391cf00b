"""The journal in one SQLite file: the embedded default, and production for a single centre.

Write-ahead log with ``synchronous=FULL``: a batch is on disk before ``append`` returns. ``NORMAL`` would be about three times faster
for a lone writer and lose acknowledged lines when power fails (journal note, section 4).
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import chain
from math import ceil
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import CommandId
from tocsin.core.messages.line import GENESIS, Head, Line, Stored
from tocsin.edge import sqlite_file
from tocsin.edge.file_lock import FileLock
from tocsin.edge.journal_chain import linked, unbroken

KIND: Final = sqlite_file.Kind(
    name="journal",
    application_id=0x544F4353,  # "TOCS"
    format=1,
    tables=(
        "CREATE TABLE event(pos INTEGER PRIMARY KEY, stream TEXT NOT NULL, ver INTEGER NOT NULL, type TEXT NOT NULL,"
        " at_ms INTEGER NOT NULL, rec_ms INTEGER NOT NULL, actor TEXT NOT NULL, cmd_id TEXT NOT NULL, n INTEGER NOT NULL,"
        " body BLOB NOT NULL, hash BLOB NOT NULL, UNIQUE(stream, ver), UNIQUE(cmd_id, n))",
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ),
)
"""``body`` is the record's canonical bytes; every other column is an extract of it or, ``hash``, its link in the chain."""

BATCH_LINES = 1024
"""Lines that one read transaction takes: short enough for the writer to go on folding its log into the file."""

POLL_S = 0.05
"""How often a reader in another process looks for a new head."""

_SELECT = "SELECT pos, body, hash FROM event WHERE pos>=? ORDER BY pos LIMIT ?"
_LAST_OF = "SELECT pos, body, hash FROM event WHERE stream=? ORDER BY ver DESC LIMIT ?"  # along the index of (stream, ver)
_BEGINNING_WITH = "SELECT pos, body, hash FROM event WHERE cmd_id>=? AND cmd_id<? ORDER BY pos"
_INSERT = "INSERT INTO event(stream,ver,at_ms,rec_ms,actor,cmd_id,n,type,body,pos,hash) VALUES (?,?,?,?,?,?,?,?,?,?,?)"  # as a Line
_Row = tuple[int, bytes, bytes]
_ID_DRAWN, _ID_CHECK = 24, 8


class SqliteJournal:
    """Port ``Journal``. Threads may share one; one process at a time may write, any number may read beside it."""

    def __init__(self, path: Path, *, lock: FileLock | None) -> None:
        """Use ``create``, ``open``, ``open_or_create`` or ``open_to_read``; this expects a file that they have examined."""
        self._path = path
        self._lock = lock
        self._writing, self._reading, self._moved = threading.Lock(), threading.Lock(), threading.Condition()
        self._is_closed = False
        # Reading has its own connection: on the writer's it would see lines that are not committed yet.
        self._writer = sqlite_file.connect(path, "write") if lock else None
        self._reader = sqlite_file.connect(path, "read")
        self.journal_id: str = _journal_id(self._reader)
        self._head = _head(self._reader)

    @classmethod
    def create(cls, path: Path) -> "SqliteJournal":
        """Make an empty journal. Raises BadInput ``journal_exists`` or ``journal_unwritable``."""
        sqlite_file.make(path, KIND, _fill)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> "SqliteJournal":
        """Open as the one writer.

        Raises BadInput ``journal_absent``, ``journal_foreign``, ``journal_newer``, ``journal_torn`` or ``journal_in_use``, and then has
        changed nothing.
        """
        sqlite_file.identify(path, KIND)
        if not sqlite_file.has_log(path):
            sqlite_file.examine(path, KIND)
        lock = _lock(path)
        try:
            if sqlite_file.has_log(path):  # only now: before, it may have been a living writer's
                sqlite_file.examine(path, KIND)
            return cls(path, lock=lock)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            lock.release()
            raise BadInput("journal_torn", file=str(path), why=error) from None
        except BadInput:
            lock.release()
            raise

    @classmethod
    def open_or_create(cls, path: Path) -> "SqliteJournal":
        """Open as the one writer; make it first when there is no file."""
        return cls.open(path) if path.exists() else cls.create(path)

    @classmethod
    def open_to_read(cls, path: Path) -> "SqliteJournal":
        """Open beside whoever writes; ``append`` is refused. Raises BadInput as ``open`` does, but for ``journal_in_use``."""
        sqlite_file.identify(path, KIND)
        if not sqlite_file.has_log(path):
            sqlite_file.examine(path, KIND)
        try:
            return cls(path, lock=None)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise BadInput("journal_torn", file=str(path), why=error) from None

    def head(self) -> Head:
        """Position and hash of the last line."""
        if self._lock is not None:
            return self._head
        row = self._find("SELECT pos, hash FROM event ORDER BY pos DESC LIMIT 1")
        return Head._make(row[0]) if row else Head(0, GENESIS)

    def append(self, lines: Sequence[Line], *, expected: int) -> Head:
        """Store all lines in one transaction behind position ``expected``, or none of them; on disk when this returns.

        Raises Broken ``journal_moved``, ``line_doubled``, ``journal_write``, ``journal_closed`` (also when opened to read). After
        ``journal_write`` the outcome is what ``head()`` says: a log whose fsync failed may still hold the batch.
        """
        with self._writing:
            if self._is_closed or self._lock is None:
                raise Broken("journal_closed", file=str(self._path))
            head = self._store(lines, expected)
            self._move(head)
        return head

    def _store(self, lines: Sequence[Line], expected: int) -> Head:
        try:
            if self._writer is None:
                self._writer = sqlite_file.connect(self._path, "write")
            self._writer.execute("BEGIN IMMEDIATE")
            # The lock file keeps other writers out; should it ever fail, this does: the journal's own fence.
            head = _head(self._writer)
            if head.pos != expected:
                self._writer.execute("ROLLBACK")
                raise Broken("journal_moved", file=str(self._path), expected=expected, found=head.pos)
            stored = linked(lines, head)
            rows = [(*line, new.pos, new.hash) for line, new in zip(lines, stored, strict=True)]
            self._writer.executemany(_INSERT, rows)
            self._writer.execute("COMMIT")
        except sqlite3.IntegrityError as error:
            self._abandon()
            raise Broken("line_doubled", file=str(self._path), columns=str(error).rpartition(": ")[2]) from None
        except sqlite3.Error as error:
            self._abandon()
            raise Broken("journal_write", file=str(self._path), why=error) from None
        except Broken:
            raise
        except BaseException:  # a number that SQLite cannot hold, no memory, the process is told to end: half a batch must not stay open
            self._abandon()
            raise
        return Head(stored[-1].pos, stored[-1].hash) if stored else head

    def _abandon(self) -> None:
        """Let go of the handle after a failure: a commit is never tried again on one whose fsync failed, nor its pages trusted."""
        if self._writer is not None:
            with suppress(sqlite3.Error):
                self._writer.close()
            self._writer = None
        with suppress(sqlite3.Error):
            self._writer = sqlite_file.connect(self._path, "write")
            self._move(_head(self._writer))

    def _move(self, head: Head) -> None:
        with self._moved:
            self._head = head
            self._moved.notify_all()

    def read(self, *, from_pos: int = 1, limit: int | None = None) -> Iterator[Stored]:
        """Lines in order, from a position on, each checked against the chain; lines that are appended meanwhile come too.

        Raises Broken ``chain_broken`` or ``journal_unreadable`` with the position, ``journal_read``.
        """
        start = max(1, from_pos)
        return unbroken(chain.from_iterable(self._batches(start, limit)), self._head_at(start - 1))

    def _head_at(self, pos: int) -> Head:
        if pos == 0:
            return Head(0, GENESIS)
        rows = self._find("SELECT hash FROM event WHERE pos=?", pos)
        return Head(pos, rows[0][0] if rows else GENESIS)

    def _find(self, query: str, *values: object) -> list[Any]:
        with self._reading:
            try:
                return self._reader.execute(query, values).fetchall()
            except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
                raise Broken("journal_read", file=str(self._path), why=error) from None

    def _batches(self, start: int, limit: int | None) -> Iterator[list[_Row]]:
        end = None if limit is None else start + limit
        most = BATCH_LINES
        while end is None or start < end:
            size = most if end is None else min(most, end - start)
            try:
                rows = self._fetch(start, size)
            except (sqlite3.Error, UnicodeDecodeError) as error:
                if size == 1:
                    raise Broken("journal_unreadable", file=str(self._path), pos=start, why=error) from None
                most = 1  # singly, those before the unreadable page still come
                continue
            yield rows
            if len(rows) < size:
                return
            start += size

    def _fetch(self, start: int, size: int) -> list[tuple[int, bytes, bytes]]:
        with self._reading:
            return self._reader.execute(_SELECT, (start, size)).fetchall()

    def find_command(self, cmd: CommandId) -> list[Stored]:
        """The lines of one command in the order of n; empty when it was never asked. Raises Broken ``journal_read``."""
        return [Stored(*row) for row in self._find("SELECT pos, body, hash FROM event WHERE cmd_id=? ORDER BY n", cmd)]

    def read_commands(self, prefix: str) -> list[Stored]:
        """The lines of all commands whose keys begin so, in order."""
        with self._reading:
            rows = self._reader.execute(_BEGINNING_WITH, (prefix, prefix + "\U0010ffff")).fetchall()
        return [Stored(*row) for row in rows]

    def read_stream(self, stream: str, *, last: int) -> list[Stored]:
        """The last lines of one subject, no more than ``last``, in order. Raises Broken ``journal_read``."""
        return [Stored(*row) for row in reversed(self._find(_LAST_OF, stream, last))]

    def read_types(self, *types: str) -> list[Stored]:
        """All lines that say one of these things, in order. Bodies of other lines are not read. Raises Broken ``journal_read``."""
        marks = ",".join("?" * len(types))
        return [Stored(*row) for row in self._find(f"SELECT pos, body, hash FROM event WHERE type IN ({marks}) ORDER BY pos", *types)]

    def wait(self, pos: int, timeout_s: float) -> bool:
        """Until the head is at or past ``pos``; False when the time is up or the journal was closed."""
        with self._moved:
            if self._lock is not None:
                self._moved.wait_for(lambda: self._is_closed or self._head.pos >= pos, timeout_s)
                return self._head.pos >= pos
            for _ in range(ceil(timeout_s / POLL_S)):
                if self._is_closed or self.head().pos >= pos:
                    break
                self._moved.wait(POLL_S)
            return not self._is_closed and self.head().pos >= pos

    def close(self) -> None:
        """Let go of files; the journal can be opened again."""
        with self._writing, self._reading:
            with self._moved:
                self._is_closed = True
                self._moved.notify_all()
            self._reader.close()
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            if self._lock is not None:
                self._lock.release()


def _fill(connection: sqlite3.Connection) -> None:
    drawn = token_hex(_ID_DRAWN // 2)
    # The chain does not cover the id, so the id carries its own check: sealed words are bound to it.
    connection.execute("INSERT INTO meta VALUES ('journal_id', ?)", (drawn + _id_check(drawn),))


def _id_check(drawn: str) -> str:
    return sha256(drawn.encode()).hexdigest()[:_ID_CHECK]


def _journal_id(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT value FROM meta WHERE name='journal_id'").fetchone()
    if row is None or not is_journal_id(row[0]):
        raise sqlite3.DatabaseError("journal_id")
    return str(row[0])


def is_journal_id(value: object) -> bool:
    """Does the id carry its own check: 24 hexadecimal digits drawn, then the first 8 of their SHA-256?"""
    return isinstance(value, str) and len(value) == _ID_DRAWN + _ID_CHECK and value[_ID_DRAWN:] == _id_check(value[:_ID_DRAWN])


def _head(connection: sqlite3.Connection) -> Head:
    row = connection.execute("SELECT pos, hash FROM event ORDER BY pos DESC LIMIT 1").fetchone()
    return Head._make(row) if row else Head(0, GENESIS)


def _lock(path: Path) -> FileLock:
    try:
        return FileLock(path.with_name(path.name + "-lock"))
    except BlockingIOError:
        raise BadInput("journal_in_use", file=str(path)) from None
    except OSError as error:
        raise BadInput("journal_unwritable", file=str(path), why=error) from None
