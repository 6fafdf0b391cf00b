"""What a screen missed that was away for longer than the hub remembers: the present rows of everything that was touched since."""

import asyncio
from typing import Final, NamedTuple

import anyio.to_thread
import msgspec

from tocsin.core.messages.alarm import AlarmSounded
from tocsin.core.messages.line import decode_noted
from tocsin.core.messages.moveup import MoveUpAdvised
from tocsin.core.ports import Journal
from tocsin.views.log_rows import log_row, touched
from tocsin.views.situation import Change, LogRow
from tocsin.web.audiences import Audience, is_empty, rows_for
from tocsin.web.frames import change_frame
from tocsin.web.ports import Parts

MOST_BEHIND: Final = 5_000
"""Lines of the journal: behind more of them, loading the situation anew is less work than catching up."""


MOST_BYTES: Final = 32_000_000
"""Of those lines: a storm of recommendations weighs more than a situation."""

LOOKED_BACK: Final = 10_000
"""Lines before the position in which alarms are looked for that stood then: hours of a busy centre."""
_MARKS: Final = (b'"AlarmSounded"', b'"MoveUpAdvised"')
"""What ends without an event that says so."""


class Missed(NamedTuple):
    """Of the journal from one position on: subjects, log rows, and where the reading ended."""

    names: dict[str, dict[str, None]]
    log: list[LogRow]
    alarms: list[str]
    """Those that have sounded lately, before the position too: an alarm ends with its cause, and no event says so."""
    moves: list[str]
    """Units that were advised to move, in the same span: advice is overtaken, and no event says so."""
    pos: int


class CaughtUp:
    """One change for many: after a restart all screens come back at the same position."""

    def __init__(self, change: Change) -> None:
        self.change = change
        self._bytes: dict[Audience, bytes] = {}

    def frame_for(self, audience: Audience) -> bytes:
        """The change as this audience gets it; empty when nothing is for it."""
        if audience not in self._bytes:
            mine = rows_for(audience, self.change)
            self._bytes[audience] = b"" if is_empty(mine) else change_frame(mine)
        return self._bytes[audience]


class CatchingUp:
    """Reads the journal once for all who ask for the same position at the same time."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._under_way: dict[int, asyncio.Task[CaughtUp | None]] = {}
        self._reading = asyncio.Lock()
        """One reading at a time: whoever comes back with ever other positions must not hold the interpreter."""

    async def since(self, pos: int) -> CaughtUp | None:
        """What is different since ``pos``; None when that is too long ago."""
        if self._parts.journal.head().pos - pos > MOST_BEHIND:
            return None
        task = self._under_way.get(pos)
        if task is None:
            task = self._under_way[pos] = asyncio.create_task(self._read(pos))
            task.add_done_callback(lambda _: self._under_way.pop(pos, None))
        return await asyncio.shield(task)  # one who goes must not take the others' answer along

    async def _read(self, pos: int) -> CaughtUp | None:
        parts = self._parts
        async with self._reading:
            missed = await anyio.to_thread.run_sync(read_missed, parts.journal, pos)
        if missed is None:
            return None
        names = {table: list(found) for table, found in missed.names.items()}
        at = parts.clock().now
        change = await parts.desk.look(lambda board: parts.rows.rows_of(dict(names), pos=missed.pos, at=at, board=board))
        stand = {row.alarm for row in change.alarms}
        advised = {row.unit for row in change.moves}
        ended = {
            "alarms": [name for name in missed.alarms if name not in stand],
            "moves": [name for name in missed.moves if name not in advised],
        }
        gone = {**change.gone, **{table: names for table, names in ended.items() if names}}
        return CaughtUp(msgspec.structs.replace(change, log=missed.log, gone=gone))


def read_missed(journal: Journal, pos: int) -> Missed | None:
    """The journal behind ``pos``: what was touched, and its log; None when that is too much to read. Blocks."""
    left = MOST_BYTES
    names: dict[str, dict[str, None]] = {}
    log: list[LogRow] = []
    last = pos
    before = journal.read(from_pos=max(1, pos - LOOKED_BACK), limit=min(pos, LOOKED_BACK + 1))
    ending = [decode_noted(stored.body) for stored in before if any(mark in stored.body for mark in _MARKS)]
    for stored in journal.read(from_pos=pos + 1):
        left -= len(stored.body)
        if left < 0:
            return None
        last, record = stored.pos, decode_noted(stored.body)
        if record.n:
            for table, name in touched(record.says, record.stream):  # type: ignore[arg-type]  # n > 0 carries an event
                names.setdefault(table, {})[name] = None
            log.append(log_row(record, stored.pos))
            ending.append(record)
    sounded = dict.fromkeys(str(record.says.alarm) for record in ending if isinstance(record.says, AlarmSounded))
    advised = dict.fromkeys(str(record.says.unit) for record in ending if isinstance(record.says, MoveUpAdvised))
    return Missed(names, log, list(sounded), list(advised), last)
