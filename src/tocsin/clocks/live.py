"""The live clock: the wall, and one queue in front of the desk. The only file that reads the time of day.

Load makes its own batches: whatever has queued while one transaction was being written goes into the next, and a lone question
never waits. Between batches others may look at the board, and what has become overdue is asked by the desk itself.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any, NamedTuple, TypeVar

from tocsin.base.faults import Broken, Fault
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


STUCK_S = 15.0
"""A round that takes longer is no round: disk or network file system hang, and nobody is answered."""

SAME_FAULT_EVERY = 60
"""Rounds after which a fault of the timers that stays is told again."""

STEP_BACK_MS = Millis(1_000)
"""What a clock that is set right may differ by without a word."""


LONG_AGO = Instant(0)


class WallClock:
    """UTC of the machine, but never backwards: set forward, it follows; set back, it goes on from where it stood. Safe for threads."""

    def __init__(
        self,
        *,
        not_before: Instant = LONG_AGO,
        faults: Callable[[Fault], None] = lambda _: None,
        wall_ns: Callable[[], int] = time.time_ns,
        elapsed_ns: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        """``not_before``: what was written down last. ``faults`` is told once, Broken ``clock_back``, each time that it is set back."""
        self._faults, self._wall_ns, self._elapsed_ns = faults, wall_ns, elapsed_ns
        self._lock = Lock()
        self._told_ns, self._since_ns = not_before * 1_000_000, elapsed_ns()
        self._is_back = False

    def now(self) -> Instant:
        """UTC milliseconds."""
        at_ns, wall_ns = self._read()
        behind_ms = (at_ns - wall_ns) // 1_000_000
        is_back, self._is_back = self._is_back, behind_ms > STEP_BACK_MS
        if self._is_back and not is_back:
            self._faults(Broken("clock_back", seconds=round(behind_ms / 1000)))
        return Instant(at_ns // 1_000_000)

    def ahead_ms(self) -> Millis:
        """How far this clock runs ahead of the machine's, which was set back; 0 = it goes as the machine's does."""
        at_ns, wall_ns = self._read()
        return Millis(max(0, at_ns - wall_ns) // 1_000_000)

    def _read(self) -> tuple[int, int]:
        with self._lock:
            wall_ns = self._wall_ns()  # before the other one: whatever comes between them makes the sum smaller, and it is caught up
            elapsed_ns = self._elapsed_ns()
            at_ns = self._told_ns + elapsed_ns - self._since_ns
            if wall_ns >= at_ns:
                at_ns = self._told_ns = wall_ns
                self._since_ns = elapsed_ns
            return at_ns, wall_ns

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

    def __init__(self, desk: Desk, clock: Clock, timers: Timers | None = None, faults: Callable[[Fault], None] = lambda _: None) -> None:
        """``faults`` is told, in the desk's thread, what the timers' own questions fell over; they are asked again."""
        self._desk, self._clock, self._timers, self._faults = desk, clock, timers, faults
        self._queue: asyncio.Queue[_Asked | _Look | None] = asyncio.Queue()
        self._batch: list[_Asked | _Look | None] = []
        """What is being worked on."""
        self._worker: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None  # its own: whatever else waits for a disk must not hold up a dispatch
        self._is_leaving = False
        self._death: Broken | None = None
        self._began_s: float | None = None
        self._due_at: Instant | None = clock.now() if timers is not None else None
        self._rounds = self._failed_rounds = 0

    async def __aenter__(self) -> "LiveDesk":
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._worker = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._is_leaving = True
        if self._worker is not None and self._thread is not None:
            await self._queue.put(None)
            await self._worker
            self._thread.shutdown(wait=self._death is None)

    async def ask(self, ask: Ask) -> Answer:
        """The answer, once it is durable.

        Raises what the desk raised for this question, or Broken for the whole batch that held it; ``desk_closed`` after leaving,
        ``desk_dead`` when nobody answers any more.
        """
        self._check_open(ask.id)
        told: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Asked(ask, told))
        return await told

    async def look(self, fn: Callable[[Board], T]) -> T:
        """What ``fn`` reads off the board, between two batches and in the desk's thread: nobody reads a board that is being changed.

        Raises what ``fn`` raises, or Broken ``desk_closed``, ``desk_dead``.
        """
        self._check_open("look")
        told: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Look(fn, told))
        return await told

    async def wake(self) -> None:
        """Reckon the timers anew: the clock goes otherwise than before."""
        await self.look(lambda _: None)

    @property
    def is_live(self) -> bool:
        """Whether somebody answers: the worker is there and not stuck in a round."""
        began_s = self._began_s
        is_stuck = began_s is not None and time.monotonic() - began_s > STUCK_S
        return self._worker is not None and not self._is_leaving and self._death is None and not is_stuck

    async def watch(self) -> None:
        """Until the desk is left. Raises Broken ``desk_dead`` when its worker ends before that: nothing may be served on."""
        if self._worker is not None:
            await asyncio.shield(self._worker)
        if self._death is not None:
            raise self._death

    def _check_open(self, what: str) -> None:
        if self._death is not None:
            raise self._death
        if self._worker is None or self._is_leaving:
            raise Broken("desk_closed", cmd=what)  # nobody works on the queue: waiting would last for ever

    async def _work(self) -> None:
        try:
            await self._answer_until_left()
        except asyncio.CancelledError as fault:
            self._die(fault)
            raise
        except BaseException as fault:  # noqa: BLE001 - not swallowed: everybody who waits is told, and `watch` ends the server
            self._die(fault)

    def _die(self, fault: BaseException) -> None:
        """Nobody may wait for an answer that does not come."""
        self._death = Broken("desk_dead", cause=repr(fault)[:200])
        waiting = self._batch
        while not self._queue.empty():
            waiting.append(self._queue.get_nowait())
        for entry in waiting:
            if entry is not None:
                _Told(entry.told, fault=self._death).tell()

    async def _answer_until_left(self) -> None:
        is_open = True
        while is_open:
            batch = self._batch = await self._next_batch()
            is_open = None not in batch
            asked = [entry for entry in batch if isinstance(entry, _Asked)]
            looks = [entry for entry in batch if isinstance(entry, _Look)]
            if asked and looks:  # a look may take its time: whoever asked is told before
                await self._do(asked, [])
                asked = []
            await self._do(asked, looks)

    async def _do(self, asked: list[_Asked], looks: list[_Look]) -> None:
        """All of it in one go in the desk's thread: each way there and back costs more than a whole answer."""
        loop = asyncio.get_running_loop()

        def tell(told: list[_Told]) -> None:
            loop.call_soon_threadsafe(_tell_all, told)

        self._began_s = time.monotonic()
        try:
            await loop.run_in_executor(self._thread, self._round, asked, looks, tell)
        finally:
            self._began_s = None

    def _round(self, asked: list[_Asked], looks: list[_Look], tell: Callable[[list[_Told]], None]) -> None:
        if told := [*self._answer(asked), *[self._show(entry) for entry in looks]]:
            tell(told)  # before the timers ask: nobody waits for what the clock has to say
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
        """Ask it as ``tocsin``; what fails is told and asked again in the next round, whatever it was: timers must live on."""
        now = self._clock.now()
        try:
            if self._due_at is not None and now >= self._due_at:
                self._rounds += 1
                key = f"clock-{now}-{self._rounds}"
                commands = timers.due(self._desk.board, now)
                asks = [Ask(CommandId(f"{key}-{nth}"), "tocsin", now, command) for nth, command in enumerate(commands)]
                if asks:
                    self._ask_each(asks, now)
            following = timers.next_due(self._desk.board, now)
            self._due_at = None if following is None else max(following, after(now, LEAST_REST_MS))
            self._failed_rounds = 0
        except Exception as fault:  # noqa: BLE001 - not swallowed: it is told, and tried again
            self._due_at = after(now, Millis(1000))
            if self._failed_rounds % SAME_FAULT_EVERY == 0:
                self._faults(fault if isinstance(fault, Fault) else Broken("timer_failed", cause=repr(fault)[:200]))
            self._failed_rounds += 1

    def _ask_each(self, asks: list[Ask], now: Instant) -> None:
        """Together; and where one of them cannot be answered, the others by themselves. Raises what the last one raised."""
        try:
            self._desk.answer(asks, now)
        except Broken:
            raise
        except Exception:  # noqa: BLE001 - not swallowed: whichever it was raises it once more
            failed: Exception | None = None
            for ask in asks:
                try:
                    self._desk.answer([ask], now)
                except Exception as fault:  # noqa: BLE001 - raised below, when the others have been asked
                    failed = fault
            if failed is not None:
                raise failed from None

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


def _tell_all(told: list[_Told]) -> None:
    for one in told:
        one.tell()
