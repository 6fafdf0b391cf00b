"""A journal read for the lab."""

from collections.abc import Iterator
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Record
from tocsin.core.ports import Journal
from tocsin.edge.journal_places import journal_to_read
from tocsin.lab.city.model import City
from tocsin.lab.journal.fold import hear
from tocsin.lab.journal.rows import Heard
from tocsin.lab.relived.on_city import city_of_log
from tocsin.views.trips import Trip, gather_trips
from tocsin.wiring.stages import BATCH, Progress


def hear_journal(path: Path, *, progress: Progress) -> tuple[Heard, str]:
    """Its rows, and the journal's head. Raises BadInput ``journal_without_calls``."""
    with journal_to_read(path) as journal:
        head = journal.head()
        heard = hear(_records(journal, head.pos, "hear", progress))
    if not heard.rows:
        raise BadInput("journal_without_calls", file=str(path))
    return heard, head.hash.hex()


def with_journal(city: City, path: Path, *, progress: Progress) -> City:
    """A city with a journal's calls in the place of its own (``lab/relived/on_city.py``)."""
    heard, _ = hear_journal(path, progress=progress)
    return city_of_log(city, heard, drives_of_journal(path, progress=progress))


def drives_of_journal(path: Path, *, progress: Progress) -> list[Trip]:
    """Drives to scenes as its stamps tell them (``views/trips.py``)."""
    with journal_to_read(path) as journal:
        return gather_trips(_records(journal, journal.head().pos, "trips", progress)).trips


def _records(journal: Journal, last: int, stage: str, progress: Progress) -> Iterator[Record]:
    for stored in journal.read():
        if stored.pos % BATCH == 0:
            progress(stored.pos, last, stage)
        yield decode(stored.body)
