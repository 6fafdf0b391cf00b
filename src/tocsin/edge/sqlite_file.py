"""One SQLite file as a store of ours: made whole or not at all, told apart from other files, opened without a trace when refused.

What stands in the file is its owner's affair (``journal_sqlite``, ``vault_file``); only what both need lives here.
"""

import os
import secrets
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from tocsin.base.faults import BadInput

Access = Literal["write", "read", "peek"]
"""``read`` sees what a writer beside it commits; ``peek`` takes no locks and leaves no files, for stores that nobody writes to."""

BUSY_S = 5.0
"""How long one connection waits for another's lock."""

# macOS: fsync() alone leaves the drive's cache unflushed. Elsewhere fullfsync changes nothing.
_WRITING = ("synchronous=FULL", "fullfsync=ON", "checkpoint_fullfsync=ON")


class Kind(NamedTuple):
    """What a file must be: the name begins its fault codes, the number stands in SQLite's header."""

    name: str
    application_id: int
    format: int
    tables: tuple[str, ...]
    """``CREATE TABLE`` statements, as SQLite keeps them."""
    mode: int = 0o644


def connect(path: Path, access: Access) -> sqlite3.Connection:
    """A connection in autocommit that threads may take turns with; one that writes is durable at every commit."""
    uri = path.resolve().as_uri() + {"write": "?mode=rw", "read": _read_mode(path), "peek": "?mode=ro&immutable=1"}[access]
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_S)
    try:
        # Setting whether it may write must stay all that a reader does: much else would already read pages that may be damaged.
        for setting in _WRITING if access == "write" else ("query_only=ON",):
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _read_mode(path: Path) -> str:
    # A read-only connection never moves the log into the file, so a crashed writer's files stay as they were found.
    if has_log(path):
        return "?mode=ro"
    # Without a log there is nothing to move, and a read-write connection takes its -wal and -shm away again when it closes.
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return "?mode=rw"
    return "?mode=ro&immutable=1"


def has_log(path: Path) -> bool:
    """Is there a write-ahead log with content: a writer is at work, or was killed."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size > 0
    except OSError:
        return False


def make(path: Path, kind: Kind, fill: Callable[[sqlite3.Connection], None]) -> None:
    """Make a store beside its place and move it there when it is whole and on disk.

    Raises BadInput ``<kind>_exists`` or ``<kind>_unwritable``.
    """
    if path.exists():
        raise BadInput(f"{kind.name}_exists", file=str(path))
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_RDWR, kind.mode))
        with closing(connect(draft, "write")) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"PRAGMA application_id={kind.application_id}")
            connection.execute(f"PRAGMA user_version={kind.format}")
            for table in kind.tables:
                connection.execute(table)
            fill(connection)
            connection.execute("COMMIT")
        _settle(draft, path)
    except FileExistsError:
        raise BadInput(f"{kind.name}_exists", file=str(path)) from None
    except (OSError, sqlite3.Error) as error:
        raise BadInput(f"{kind.name}_unwritable", file=str(path), why=error) from None
    finally:
        for name in (draft.name, f"{draft.name}-wal", f"{draft.name}-shm"):
            with suppress(OSError):
                draft.with_name(name).unlink()


def _settle(draft: Path, path: Path) -> None:
    try:
        os.link(draft, path)  # unlike a rename, a link does not push a file aside that came meanwhile
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        draft.rename(path)
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def identify(path: Path, kind: Kind) -> None:
    """Is the file of this kind and not newer than we are? Reads its header only and leaves no trace.

    Asked through SQLite, not by opening the file: closing a second descriptor drops the locks that other connections of this
    process hold on it (sqlite.org/howtocorrupt.html, 2.2). Raises BadInput ``<kind>_absent``, ``_foreign``, ``_newer``, ``_torn``.
    """
    if path.is_dir():
        raise BadInput(f"{kind.name}_foreign", file=str(path), why="folder")
    if not path.is_file():
        raise BadInput(f"{kind.name}_absent", file=str(path))
    try:
        with closing(connect(path, "peek")) as connection:
            # A writer that is, or was, moving its log into the file may have written the header before the pages that it counts.
            connection.execute("PRAGMA writable_schema=ON")
            application_id = connection.execute("PRAGMA application_id").fetchone()[0]
            found = connection.execute("PRAGMA user_version").fetchone()[0]
    except sqlite3.Error as error:
        is_sqlite = getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB
        raise BadInput(f"{kind.name}_{'torn' if is_sqlite else 'foreign'}", file=str(path), why=error) from None
    if application_id != kind.application_id or found < 1:
        raise BadInput(f"{kind.name}_foreign", file=str(path), why=f"application_id={application_id:#x}")
    if found > kind.format:
        raise BadInput(f"{kind.name}_newer", file=str(path), found=found, known=kind.format)


def examine(path: Path, kind: Kind) -> None:
    """Is a file of this kind fit to be written to? Changes nothing in it; only ``-shm``, SQLite's scratch, may come and go.

    A file that was closed in order is checked for its length, its tables and its last page; one whose writer was killed is read
    through (``quick_check``). Raises BadInput ``<kind>_torn``.
    """
    is_crashed = has_log(path)
    try:
        with closing(connect(path, "read" if is_crashed else "peek")) as connection:
            if not has_tables(connection, kind):
                raise BadInput(f"{kind.name}_torn", file=str(path), why="tables")
            if is_crashed:
                why = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
                is_whole = why == "ok"
            else:
                pages = connection.execute("PRAGMA page_count").fetchone()[0]
                wanted = pages * connection.execute("PRAGMA page_size").fetchone()[0]
                why = f"{path.stat().st_size} < {wanted}"
                is_whole = path.stat().st_size >= wanted
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise BadInput(f"{kind.name}_torn", file=str(path), why=error) from None
    if not is_whole:
        raise BadInput(f"{kind.name}_torn", file=str(path), why=why)


def has_tables(connection: sqlite3.Connection, kind: Kind) -> bool:
    """Are the tables exactly those of the kind, and is there nothing else (view, trigger, further index)?"""
    found = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid").fetchall()
    names = [sql.partition("(")[0].split()[-1] for sql in kind.tables]
    return found == [("table", name, name, sql) for name, sql in zip(names, kind.tables, strict=True)]
