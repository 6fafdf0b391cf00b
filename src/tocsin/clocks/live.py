"""The live clock: the wall, and one queue in front of the desk. The only file that reads the time of day.

Load makes its own batches: whatever has queued while one transaction was being written goes into the next, and a lone question
never waits.
"""

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

from tocsin.base.faults import Broken
from tocsin.base.instants import Instant
from tocsin.clocks.desk import MAX_BATCH, Answer, Desk
from tocsin.core.board.board import Board
from tocsin.core.messages.said import Ask
from tocsin.core.ports import Clock

T = TypeVar("T")
_Asked = tuple[Ask, "asyncio.Future[Answer]"]


class _Look:
    """Somebody wants to read the board."""

    __slots__ = ("read", "told")

    def __init__(self, read: Callable[[], None], told: "asyncio.Future[None]") -> None:
        self.read, self.told = read, told


class WallClock:
    """UTC of the machine."""

    def now(self) -> Instant:
        """UTC milliseconds."""
        return Instant(time.time_ns() // 1_000_000)


class LiveDesk:
    """Questions from many at once, answered in one order. Use as an async context: leaving it answers what has queued."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk, self._clock = desk, clock
        self._queue: asyncio.Queue[_Asked | _Look | None] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._is_leaving = False

    async def __aenter__(self) -> "LiveDesk":
        self._worker = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_leaving = True
        if self._worker is not None:
            await self._queue.put(None)
            await self._worker

    async def ask(self, ask: Ask) -> Answer:
        """The answer, once it is durable.

        Raises what the desk raised for this question, or Broken for the whole batch that held it; ``desk_closed`` after leaving.
        """
        if self._worker is None or self._is_leaving:
            raise Broken("desk_closed", cmd=ask.id)  # nobody works on the queue: waiting would last for ever
        told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        await self._queue.put((ask, told))
        return await told

    async def look(self, read: Callable[[Board], T]) -> T:
        """What ``read`` gives, run between batches in the desk's thread: nobody reads a board that is being changed.

        It must be quick (questions wait meanwhile) and keep nothing of the board. Raises what it raises; Broken ``desk_closed``.
        """
        if self._worker is None or self._is_leaving:
            raise Broken("desk_closed", cmd="look")
        told: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        seen: list[T] = []
        await self._queue.put(_Look(lambda: seen.append(read(self._desk.board)), told))
        await told
        return seen[0]

    async def _work(self) -> None:
        is_open = True
        while is_open:
            batch = [await self._queue.get()]
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            is_open = None not in batch
            await self._answer([entry for entry in batch if isinstance(entry, tuple)])
            await self._show([entry for entry in batch if isinstance(entry, _Look)])

    async def _show(self, looks: list[_Look]) -> None:
        if not looks:
            return
        faults = await asyncio.to_thread(lambda: [_fault_of(look) for look in looks])
        for look, fault in zip(looks, faults, strict=True):
            if look.told.done():
                continue
            if fault is None:
                look.told.set_result(None)
            else:
                look.told.set_exception(fault)

    async def _answer(self, batch: list[_Asked]) -> None:
        if not batch:
            return
        asks = [ask for ask, _ in batch]
        try:
            answers = await asyncio.to_thread(self._desk.answer, asks, self._clock.now())
        except Exception as fault:  # noqa: BLE001 - not swallowed: the asker is told, and the next batch is answered
            if len(batch) > 1 and not isinstance(fault, Broken):
                for entry in batch:  # one question that cannot be answered must not take the others with it
                    await self._answer([entry])
                return
            for _, told in batch:
                if not told.done():
                    told.set_exception(fault)
            return
        for (_, told), answer in zip(batch, answers, strict=True):
            if not told.done():  # the asker may have gone; the answer stands in the journal all the same
                told.set_result(answer)


def _fault_of(look: _Look) -> Exception | None:
    try:
        look.read()
    except Exception as fault:  # noqa: BLE001 - not swallowed: the reader is told, and the others are shown theirs
        return fault
    return None
