"""The past on the same screens: a journal told line by line as its clock goes by. Nothing is asked and nothing is written."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeVar

from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Listener
from tocsin.clocks.played import PlayedClock
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.messages.line import GENESIS, Head, Line, Stored, decode
from tocsin.core.messages.said import Ask, Record
from tocsin.core.ports import Journal

T = TypeVar("T")

STEP_S = 0.05
"""How often the clock is looked at."""


class PastJournal:
    """A journal as it was: it ends where the telling has come to."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.shown = Head(0, GENESIS)

    @property
    def journal_id(self) -> str:
        """Of the journal that is told."""
        return self._journal.journal_id

    def head(self) -> Head:
        """How far the telling has come."""
        return self.shown

    def append(self, lines: Sequence[Line], *, expected: int) -> Head:
        """Raises Broken ``past_is_past``: always."""
        raise Broken("past_is_past", lines=len(lines), pos=expected)

    def read(self, *, from_pos: int = 1, limit: int | None = None) -> Iterator[Stored]:
        """Lines in order as far as they have been told."""
        left = self.shown.pos - from_pos + 1
        return self._journal.read(from_pos=from_pos, limit=left if limit is None else min(limit, left)) if left > 0 else iter(())

    def find_command(self, cmd: CommandId) -> list[Stored]:
        """The lines of one command as far as they have been told."""
        return [stored for stored in self._journal.find_command(cmd) if stored.pos <= self.shown.pos]

    def read_commands(self, prefix: str) -> list[Stored]:
        """The lines of all commands whose keys begin so, as far as they have been told."""
        return [stored for stored in self._journal.read_commands(prefix) if stored.pos <= self.shown.pos]

    def read_stream(self, stream: str, *, last: int) -> list[Stored]:
        """The last lines of one subject as far as they have been told."""
        told = [stored for stored in self._journal.read_stream(stream, last=1_000_000) if stored.pos <= self.shown.pos]
        return told[-last:] if last > 0 else []

    def read_types(self, *types: str) -> list[Stored]:
        """All lines that say one of these things, as far as they have been told."""
        return [stored for stored in self._journal.read_types(*types) if stored.pos <= self.shown.pos]

    def wait(self, pos: int, timeout_s: float) -> bool:
        """Never waits: what has been told has been told."""
        return self.shown.pos >= pos and timeout_s >= 0

    def close(self) -> None:
        """Let go of the journal."""
        self._journal.close()


class PastDesk:
    """Stands where the live desk stands: it has a board and tells listeners, and answers nobody."""

    def __init__(self, journal: Journal, clock: PlayedClock) -> None:
        self.journal, self._clock = PastJournal(journal), clock
        self.board = Board()
        self._listeners: list[Listener] = []
        self._lines = _answers(journal)
        self._next = next(self._lines, None)

    def listen(self, listener: Listener) -> None:
        """Call back with every answer as it is told."""
        self._listeners.append(listener)

    async def ask(self, ask: Ask) -> Answer:
        """Raises BadInput ``past_is_past``: always."""
        raise BadInput("past_is_past", cmd=ask.id)

    async def look(self, fn: Callable[[Board], T]) -> T:
        """What ``fn`` reads off the board; between two answers."""
        return fn(self.board)

    async def wake(self) -> None:
        """Looks at its clock all the time."""

    @property
    def is_live(self) -> bool:
        """There is nothing that could get stuck."""
        return True

    def tell_until(self, at: Instant, *, quietly: bool = False) -> None:
        """Fold all that has happened by then; quietly = without telling anybody (who looks on loads the situation anew)."""
        while self._next is not None and self._when(self._next[0]) <= at:
            answer, hash_ = self._next
            for record in answer.records:
                kernel.fold(self.board, record)
            self.journal.shown = Head(answer.pos, hash_)
            for listener in () if quietly else self._listeners:
                listener(answer)
            self._next = next(self._lines, None)

    @property
    def is_over(self) -> bool:
        """Nothing is left to tell."""
        return self._next is None

    def forget_listeners(self) -> None:
        """Those that listened until now hear no more."""
        self._listeners.clear()

    async def play(self) -> None:
        """Tell it as the clock goes by, and stand where it ended."""
        while True:
            self.tell_until(self._clock.now())
            await asyncio.sleep(STEP_S)

    def _when(self, answer: Answer) -> Instant:
        """When it was seen at the time. What was taken in from another system was written down long afterwards: there the stamp counts."""
        first = answer.records[0]
        return first.at if first.clock == "log" else first.recorded


def first_at(journal: Journal) -> Instant | None:
    """When the first call of a journal came, or anything after its opening; None for an empty one."""
    for answer, _ in _answers(journal):
        if answer.records[0].stream != "centre" and not answer.records[0].stream.startswith(("station:", "unit:")):
            return answer.records[0].at
    return None


def _answers(journal: Journal) -> Iterator[tuple[Answer, bytes]]:
    """The journal's answers in order, each with the hash of its last line."""
    stored = ((one, decode(one.body)) for one in journal.read())
    for cmd, lines in groupby(stored, key=lambda pair: pair[1].cmd):
        group = list(lines)
        records: tuple[Record, ...] = tuple(record for _, record in group)
        yield Answer(cmd, records, group[-1][0].pos), group[-1][0].hash
