"""Journals as files: one to look at, one that appears whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.whole_file import check_place


@contextmanager
def journal_to_read(path: Path) -> Iterator[SqliteJournal]:
    """A journal to look at; nothing can be written."""
    journal = SqliteJournal.open_to_read(path)
    try:
        yield journal
    finally:
        journal.close()


@contextmanager
def new_journal(path: Path) -> Iterator[SqliteJournal]:
    """A journal that appears at its path when the block has ended well, and not at all otherwise."""
    if path.exists():
        raise BadInput("journal_exists", file=str(path))
    check_place(path)
    beside = path.with_name(f".{path.name}.partial")
    remove_journal(beside)
    journal: SqliteJournal | None = None
    try:
        journal = SqliteJournal.create(beside)  # inside: a person who stops the program may do so while the file is being made
        yield journal
        journal.close()
        os.replace(beside, path)
    finally:
        if journal is not None:
            journal.close()
        remove_journal(beside)


def remove_journal(path: Path) -> None:
    """The file and what SQLite keeps beside it."""
    for end in ("", "-wal", "-shm", "-lock"):
        path.with_name(path.name + end).unlink(missing_ok=True)
