"""How far each courier has come in each journal, in one small file that only its owner reads."""

import sqlite3
import threading
from pathlib import Path
from typing import Final, NamedTuple

from tocsin.base.faults import BadInput, Broken
from tocsin.edge import sqlite_file

KIND: Final = sqlite_file.Kind(
    name="outbox",
    application_id=0x544F434F,  # "TOCO"
    format=1,
    tables=(
        "CREATE TABLE bookmark(journal TEXT NOT NULL, courier TEXT NOT NULL, pos INTEGER NOT NULL, carried INTEGER NOT NULL,"
        " declined INTEGER NOT NULL, PRIMARY KEY(journal, courier)) WITHOUT ROWID",
    ),
    mode=0o600,
)


class Bookmark(NamedTuple):
    """Everything up to ``pos`` has been looked at."""

    pos: int
    carried: int = 0
    declined: int = 0


class Bookmarks:
    """Threads may share one."""

    def __init__(self, path: Path) -> None:
        """Use ``open_or_create_bookmarks``; this expects a file that it has examined."""
        self._path = path
        self._using = threading.Lock()
        self._store = sqlite_file.connect(path, "write")
        # A bookmark that a power failure takes back only makes a courier carry something again; the journal has the disk to itself.
        self._store.execute("PRAGMA synchronous=NORMAL")

    def find(self, journal_id: str, courier: str) -> Bookmark | None:
        """None for a courier that is new to this journal. Raises Broken ``outbox_read``."""
        try:
            with self._using:
                asked = "SELECT pos, carried, declined FROM bookmark WHERE journal=? AND courier=?"
                row = self._store.execute(asked, (journal_id, courier)).fetchone()
        except sqlite3.Error as error:
            raise Broken("outbox_read", file=str(self._path), why=error) from None
        return Bookmark._make(row) if row is not None else None

    def put(self, journal_id: str, courier: str, mark: Bookmark) -> None:
        """Outlives the process when it returns. Raises Broken ``outbox_write``."""
        try:
            with self._using:
                self._store.execute("INSERT OR REPLACE INTO bookmark VALUES (?,?,?,?,?)", (journal_id, courier, *mark))
        except sqlite3.Error as error:  # also: closed meanwhile
            raise Broken("outbox_write", file=str(self._path), why=error) from None

    def close(self) -> None:
        """Let go of the file."""
        with self._using:
            self._store.close()


def open_or_create_bookmarks(path: Path) -> Bookmarks:
    """Raises BadInput ``outbox_foreign``, ``outbox_newer``, ``outbox_torn``, ``outbox_unwritable``."""
    if not path.exists():
        sqlite_file.make(path, KIND, lambda _: None)
    sqlite_file.identify(path, KIND)
    sqlite_file.examine(path, KIND)
    try:
        return Bookmarks(path)
    except sqlite3.Error as error:
        raise BadInput("outbox_torn", file=str(path), why=error) from None
