"""The folder that a demo writes to: room is made for it, and its centre is copied there from what is shipped."""

from importlib.resources.abc import Traversable
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.clocks.desk import fold_journal
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.journal_places import journal_to_read, remove_journal
from tocsin.edge.whole_file import write_whole
from tocsin.formats.centre import Centre


def copy_centre(source: Traversable, folder: Path) -> Centre:
    """The shipped files of a centre, each whole; gives the centre that they make. A file that is there stays: it may be edited."""
    for entry in source.iterdir():
        copy_once(entry, folder / entry.name)
    return read_centre_folder(folder)


def copy_once(source: Traversable, file: Path) -> None:
    """One shipped file, whole; one that is there stays."""
    if not file.exists():
        write_whole(file, source.read_text("utf-8"))


def make_room(folder: Path, journal: Path, keys: Path) -> None:
    """A demo makes room for the next one; anything else at that place stays.

    Raises BadInput ``folder_exists`` (somebody's centre), ``journal_exists`` (no demo's journal), ``file_write``.
    """
    if (folder / "centre" / "centre.toml").exists() and read_centre_folder(folder / "centre").footing != "demo":
        raise BadInput("folder_exists", file=str(folder / "centre"))
    if journal.exists():
        with journal_to_read(journal) as old:
            centre = fold_journal(old).centre
        if centre is None or centre.footing != "demo":
            raise BadInput("journal_exists", file=str(journal))
        remove_journal(journal)
        for end in ("", "-wal", "-shm"):  # the keys of the demo that goes, and of nothing else
            keys.with_name(keys.name + end).unlink(missing_ok=True)
    try:
        (folder / "centre").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput("file_write", file=str(folder), why=error.strerror or error) from None
