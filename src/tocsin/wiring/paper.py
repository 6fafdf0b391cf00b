"""The board on paper: written every quarter of an hour while a centre is served, and from a journal alone when its server is down."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from tocsin.base.faults import BadInput, Fault
from tocsin.base.identifiers import IncidentId
from tocsin.base.instants import Instant, iso, local_text
from tocsin.clocks.desk import fold_journal
from tocsin.core.board.board import Board
from tocsin.core.messages.line import decode
from tocsin.edge.journal_places import journal_to_read
from tocsin.edge.whole_file import check_place, write_whole
from tocsin.pages.board import SLIPS, render
from tocsin.views.situation import Situation
from tocsin.views.situation_rows import Rows
from tocsin.web.numbers import Numbers
from tocsin.web.ports import Parts
from tocsin.wiring.reports import PAGE_BEGIN
from tocsin.wiring.serving import rows_ready

EVERY_S: Final = 900.0
KEPT: Final = 8
"""Older boards beside the latest: two hours."""

LATEST: Final = "board.html"


class Printed(NamedTuple):
    """What goes onto paper."""

    situation: Situation
    next_incident: IncidentId

    def page(self, language: str) -> str:
        """As HTML."""
        return render(self.situation, next_incident=self.next_incident, language=language)


def printed(rows: Rows, board: Board, *, journal: str, pos: int, at: Instant) -> Printed:
    """In the desk's thread. The number is looked up, not drawn: the desk goes on with the same."""
    following = IncidentId(Numbers().draw_incident(board, at))
    return Printed(rows.situation(board, journal=journal, pos=pos, at=at), following)


class Paper:
    """Boards in a folder. Use as an asynchronous context inside that of the desk: when it is left, the last board is written."""

    def __init__(self, folder: Path, parts: Parts, faults: Callable[[Fault], None]) -> None:
        self._folder, self._parts, self._faults = folder, parts, faults

    async def __aenter__(self) -> "Paper":
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.write()
        except Fault as fault:  # a full disk is told and keeps nobody from stopping
            self._faults(fault)

    async def write(self) -> None:
        """The board as it is now. Raises BadInput ``file_write``."""
        parts, at = self._parts, self._parts.clock().now

        def look(board: Board) -> Printed:
            return printed(parts.rows, board, journal=parts.journal.journal_id, pos=parts.journal.head().pos, at=at)

        told = await parts.desk.look(look)
        await asyncio.to_thread(lambda: write_boards(self._folder, told.page(parts.language), told.situation))


def write_boards(folder: Path, page: str, situation: Situation) -> None:
    """``board.html``, and the same under its hour and minute; the oldest of those are deleted. Raises BadInput ``file_write``."""
    zone = situation.centre.timezone if situation.centre is not None else "UTC"
    hour = local_text(situation.at, zone)[11:16].replace(":", "")
    try:
        folder.mkdir(exist_ok=True)
        for name in (f"board-{hour}.html", LATEST):
            write_whole(folder / name, page)
        older = sorted(folder.glob("board-[0-9][0-9][0-9][0-9].html"), key=lambda path: path.stat().st_mtime_ns)
        for path in older[:-KEPT]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput("file_write", file=str(error.filename or folder), why=error.strerror or error) from None


class PaperAnswer(msgspec.Struct, frozen=True):
    """What was printed."""

    out: str
    journal: str
    pos: int
    at: str
    """When the journal's last line was written, ISO 8601."""
    incidents: int
    """Open ones."""
    units: int
    first_slip: str
    """Id of the incident that the first blank slip is numbered for."""
    slips: int


def print_board(journal_file: Path, out: Path, *, language: str) -> PaperAnswer:
    """The board at the end of a journal. Raises the BadInput of an unreadable journal, ``journal_empty``, ``file_write``, ``file_kept``."""
    check_place(out, begins=PAGE_BEGIN)
    with journal_to_read(journal_file) as journal:
        head = journal.head()
        last = next(iter(journal.read(from_pos=head.pos, limit=1)), None)
        if last is None:
            raise BadInput("journal_empty", file=str(journal_file))
        board, at = fold_journal(journal), decode(last.body).recorded
        told = printed(rows_ready(journal, board), board, journal=journal.journal_id, pos=head.pos, at=at)
    try:
        write_whole(out, told.page(language))
    except OSError as error:
        raise BadInput("file_write", file=str(out), why=error.strerror or error) from None
    incidents = sum(one.life == "open" for one in told.situation.incidents)
    return PaperAnswer(
        str(out), told.situation.journal, head.pos, iso(at), incidents, len(told.situation.units), str(told.next_incident), SLIPS
    )
