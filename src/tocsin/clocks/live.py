"""The live clock: the wall, and one queue in front of the desk. The only file that reads the time of day.

Load makes its own batches: whatever has queued while one transaction was being written goes into the next, and a lone question
never waits. Between batches others may look at the board, and what has become overdue is asked by the desk itself.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from tocsin.base.faults import Broken
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant, after, span_ms
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import MAX_BATCH, Answer, Desk
from tocsin.core.board.board import Board
from tocsin.core.messages.said import Ask, Command
from tocsin.core.ports import Clock

T = TypeVar("T")

LONGEST_REST_S = 5.0
"""Timers are reckoned anew at least this often, whatever the machine's clock has done meanwhile."""

LEAST_REST_MS = Millis(250)
"""Between two rounds of timers: what is due and refused must not be asked without end."""


class WallClock:
    """UTC of the machine."""

    def now(self) -> Instant:
        """UTC milliseconds."""
        return Instant(time.time_ns() // 1_000_000)

    def wall_s_until(self, at: Instant) -> float:
        """How long to wait for that moment; 0 when it has come."""
        return max(0.0, span_ms(start=self.now(), end=at) / 1000)


class Timers(NamedTuple):
    """What becomes due by itself (``core/board/timers.py``), and how long its moments are away on the wall."""

    due: Callable[[Board, Instant], Sequence[Command]]
    next_due: Callable[[Board, Instant], Instant | None]
    wall_s_until: Callable[[Instant], float]


class _Asked(NamedTuple):
    ask: Ask
    told: "asyncio.Future[Answer]"


class _Look(NamedTuple):
    fn: Callable[[Board], Any]
    told: "asyncio.Future[Any]"


class _Told(NamedTuple):
    """What came of it, on its way from the desk's thread to the one who waits."""

    waiting: "asyncio.Future[Any]"
    result: Any = None
    fault: Exception | None = None

    def tell(self) -> None:
        """In the loop. Whoever waited may have gone; the answer stands in the journal all the same."""
        if self.waiting.done():
            return
        if self.fault is not None:
            self.waiting.set_exception(self.fault)
        else:
            self.waiting.set_result(self.result)


class LiveDesk:
    """Questions from many at once, answered in one order. Use as an async context: leaving it answers what has queued."""

    def __init__(self, desk: Desk, clock: Clock, timers: Timers | None = None) -> None:
        self._desk, self._clock, self._timers = desk, clock, timers
        self._queue: asyncio.Queue[_Asked | _Look | None] = asyncio.Queue()
        self._worker: asyncio.Task[None] | None = None
        self._is_leaving = False
        self._due_at: Instant | None = clock.now() if timers is not None else None
        self._rounds = 0

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
        self._check_open(ask.id)
        told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Asked(ask, told))
        return await told

    async def look(self, fn: Callable[[Board], T]) -> T:
        """What ``fn`` reads off the board, between two batches and in the desk's thread: nobody reads a board that is being changed.

        Raises what ``fn`` raises, or Broken ``desk_closed``.
        """
        self._check_open("look")
        told: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Look(fn, told))
        return await told

    async def wake(self) -> None:
        """Reckon the timers anew: the clock goes otherwise than before."""
        await self.look(lambda _: None)

    def _check_open(self, what: str) -> None:
        if self._worker is None or self._is_leaving:
            raise Broken("desk_closed", cmd=what)  # nobody works on the queue: waiting would last for ever

    async def _work(self) -> None:
        is_open = True
        while is_open:
            batch = await self._next_batch()
            is_open = None not in batch
            asked = [entry for entry in batch if isinstance(entry, _Asked)]
            looks = [entry for entry in batch if isinstance(entry, _Look)]
            if asked and looks:  # a look may take its time: whoever asked is told before
                await self._do(asked, [])
                asked = []
            await self._do(asked, looks)

    async def _do(self, asked: list[_Asked], looks: list[_Look]) -> None:
        """All of it in one go in the desk's thread: each way there and back costs more than a whole answer."""
        told: list[_Told] = []
        try:
            await asyncio.to_thread(self._round, asked, looks, told)
        finally:
            for one in told:
                one.tell()

    def _round(self, asked: list[_Asked], looks: list[_Look], told: list[_Told]) -> None:
        told += self._answer(asked)
        told += [self._show(entry) for entry in looks]
        if self._timers is not None:
            self._ask_what_is_due(self._timers)

    async def _next_batch(self) -> list[_Asked | _Look | None]:
        """What has queued; nothing when a timer's moment comes first."""
        try:
            async with asyncio.timeout(self._rest_s()):
                batch = [await self._queue.get()]
        except TimeoutError:
            return []
        while len(batch) < MAX_BATCH and not self._queue.empty():
            batch.append(self._queue.get_nowait())
        return batch

    def _rest_s(self) -> float | None:
        if self._timers is None:
            return None
        return LONGEST_REST_S if self._due_at is None else min(LONGEST_REST_S, self._timers.wall_s_until(self._due_at))

    def _ask_what_is_due(self, timers: Timers) -> None:
        """Ask it as ``tocsin``; what fails is asked again in the next round."""
        now = self._clock.now()
        try:
            if self._due_at is not None and now >= self._due_at:
                self._rounds += 1
                key = f"clock-{now}-{self._rounds}"
                commands = timers.due(self._desk.board, now)
                asks = [Ask(CommandId(f"{key}-{nth}"), "tocsin", now, command) for nth, command in enumerate(commands)]
                if asks:
                    self._desk.answer(asks, now)
            following = timers.next_due(self._desk.board, now)
            self._due_at = None if following is None else max(following, after(now, LEAST_REST_MS))
        except Broken:  # the journal could not be written: whoever asks next is told; the timers must live on
            self._due_at = after(now, Millis(1000))

    def _show(self, entry: _Look) -> _Told:
        try:
            return _Told(entry.told, entry.fn(self._desk.board))
        except Exception as fault:  # noqa: BLE001 - not swallowed: the one who looks is told
            return _Told(entry.told, fault=fault)

    def _answer(self, batch: list[_Asked]) -> list[_Told]:
        if not batch:
            return []
        try:
            answers = self._desk.answer([entry.ask for entry in batch], self._clock.now())
        except Exception as fault:  # noqa: BLE001 - not swallowed: the asker is told, and the next batch is answered
            if len(batch) > 1 and not isinstance(fault, Broken):
                # one question that cannot be answered must not take the others with it
                return [told for entry in batch for told in self._answer([entry])]
            return [_Told(entry.told, fault=fault) for entry in batch]
        return [_Told(entry.told, answer) for entry, answer in zip(batch, answers, strict=True)]
