"""What a centre's own journal teaches about where blocks are. No person, no time, no incident goes along: see ``places/seen.py``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tocsin.base.faults import BadInput
from tocsin.clocks.desk import fold_journal
from tocsin.core.board.board import Board
from tocsin.edge.journal_places import journal_to_read
from tocsin.places.seen import Report, SeenBlock, seen_blocks

SURE_WITHIN_M: Final = 30.0
"""A place in more doubt may be this gazetteer's own guess: it would teach itself."""
REAL: Final = ("live", "imported")
"""Footings of journals that tell of the world; places of exercises are made up."""


def blocks_of_journal(path: Path) -> list[SeenBlock]:
    """Blocks that several incidents gave. Raises BadInput ``seen_footing``, and what an unreadable journal raises."""
    with journal_to_read(path) as journal:
        board = fold_journal(journal)
    footing = board.centre.footing if board.centre is not None else "live"
    if footing not in REAL:
        raise BadInput("seen_footing", file=str(path), footing=footing)
    return seen_blocks(_reports(board))


def _reports(board: Board) -> Iterator[Report]:
    for incident in board.incidents.values():
        place = incident.place
        if place.at is not None and place.text and (place.uncertainty_m is None or place.uncertainty_m <= SURE_WITHIN_M):
            yield Report(str(incident.incident), place.text, place.at)
