"""One place from which every stream is fed: changes are joined, written as bytes once for each audience, and put to all.

The desk's thread tells; everything else happens in the event loop. Nobody waits for anybody: a stream that does not read has a small
buffer, and when that is full it is told to start anew.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import reduce
from typing import Final

from tocsin.base.identifiers import UnitId
from tocsin.views.situation import Change, Fix
from tocsin.web.audiences import Audience, fixes_for, is_empty, rows_for
from tocsin.web.clock_told import ClockTold
from tocsin.web.frames import change_frame, frame, joined, reset_frame

LEAST_REST_S, MOST_REST_S = 0.05, 0.2
SENDS_PER_S: Final = 3_000
"""Between two flushes of what is not urgent: 50 ms, and with more than 150 streams as long as keeps all sends at this rate. Each send
costs, whatever is in it (``docs/serving-figures.md``)."""
BEAT_S: Final = 2.0
FIXES_S: Final = 1.0
RING: Final = 128
"""Flushes kept for those who come back: 6 s of the busiest hour; older ones come from the journal, off the loop."""
MOST_FRAMES, MOST_BYTES = 256, 1_000_000
"""Of one stream's buffer."""


def rest_s(streams: int) -> float:
    """Between two flushes to so many streams."""
    return min(MOST_REST_S, max(LEAST_REST_S, streams / SENDS_PER_S))


class Listener:
    """What one stream has still to send."""

    def __init__(self, audience: Audience, session: str) -> None:
        self.audience, self.session = audience, session
        self.is_ending = False
        self._frames: deque[bytes] = deque()
        self._bytes = 0
        self._filled: asyncio.Future[None] | None = None
        self.taken = 0
        """How often what waited was taken to be sent."""
        self.is_sending = False

    def put(self, data: bytes) -> None:
        """Put behind what waits; when that is too much, all of it is dropped for a ``reset``."""
        if self.is_ending:
            return
        if len(self._frames) >= MOST_FRAMES or (self._frames and self._bytes + len(data) > MOST_BYTES):
            self.end(reset_frame("slow"))
            return
        self._frames.append(data)
        self._bytes += len(data)
        self._wake()

    def end(self, last: bytes = b"") -> None:
        """Drop what waits, send this, and no more."""
        if not self.is_ending:
            self._frames.clear()
            self._frames.append(last)
            self._bytes, self.is_ending = len(last), True
            self._wake()

    def finish(self, last: bytes) -> None:
        """Send what waits and this, and no more."""
        self.put(last)
        self.is_ending = True

    async def take(self) -> bytes:
        """All that waits, as soon as something does."""
        while not self._frames:  # one reader, one future: this runs for every screen at every flush
            self._filled = asyncio.get_running_loop().create_future()
            await self._filled
        data = b"".join(self._frames)
        self._frames.clear()
        self._bytes = 0
        self.taken += 1
        return data

    def _wake(self) -> None:
        if self._filled is not None and not self._filled.done():
            self._filled.set_result(None)

    @property
    def waiting_bytes(self) -> int:
        """What the buffer holds."""
        return self._bytes


class Hub:
    """Use as an async context, in the loop that serves the streams."""

    def __init__(
        self,
        *,
        journal: str,
        pos: int,
        clock: Callable[[], ClockTold],
        fixes: Callable[[], list[Fix]],
        is_live: Callable[[], bool] = lambda: True,
    ) -> None:
        """``pos`` is where the journal's head stood when the desk began to listen. While the desk is not live no screen hears a beat."""
        self.journal = journal
        self.taken_pos = self._flushed_pos = self._floor_pos = pos
        self._clock, self._fixes, self._is_live = clock, fixes, is_live
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[Listener] = set()
        self._told: deque[Change] = deque()
        self._is_woken = False
        self._pending: Change | None = None
        self._is_resting = self._is_flushing = self._is_ended = False
        self._ring: deque[Change] = deque()
        self._sent: dict[UnitId, Fix] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Hub":
        self._loop = asyncio.get_running_loop()
        self._tasks = [asyncio.create_task(self._beat()), asyncio.create_task(self._tell_fixes())]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._loop = None

    # ---- from the desk's thread

    def tell(self, change: Change) -> None:
        """From any thread, in the order of the journal."""
        loop = self._loop
        if loop is None:
            self._keep(change)  # before the server is up there is one thread, and nobody to send to
            return
        self._told.append(change)
        if not self._is_woken and not loop.is_closed():  # waking a loop costs more than all the rest: once for a batch
            self._is_woken = True
            loop.call_soon_threadsafe(self._take_told)

    # ---- in the loop

    def _take_told(self) -> None:
        self._is_woken = False  # first: what is told from here on wakes again
        while self._told:
            self._take(self._told.popleft())

    def _take(self, change: Change) -> None:
        self._pending = change if self._pending is None else joined(self._pending, change)
        self.taken_pos = max(self.taken_pos, change.pos)
        if (self._pending.is_urgent or not self._is_resting) and not self._is_flushing and self._loop is not None:
            self._is_flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flushing = False
        change, self._pending = self._pending, None
        if change is None or self._loop is None:
            return
        self._keep(change)
        for audience, listeners in self._by_audience().items():
            mine = rows_for(audience, change)
            if not is_empty(mine):
                data = change_frame(mine)
                for listener in listeners:
                    listener.put(data)
        if not self._is_resting:
            self._is_resting = True
            self._loop.call_later(rest_s(len(self._listeners)), self._rested)

    def _rested(self) -> None:
        self._is_resting = False
        self._flush()

    def _keep(self, change: Change) -> None:
        self._ring.append(change)
        self._flushed_pos = max(self._flushed_pos, change.pos)
        self.taken_pos = max(self.taken_pos, change.pos)
        if len(self._ring) > RING:
            self._floor_pos = self._ring.popleft().pos

    def _by_audience(self) -> dict[Audience, list[Listener]]:
        found: dict[Audience, list[Listener]] = {}
        for listener in self._listeners:
            found.setdefault(listener.audience, []).append(listener)
        return found

    # ---- streams

    def is_kept(self, pos: int) -> bool:
        """Whether the ring reaches back to that position."""
        return pos >= self._floor_pos

    def attach(self, listener: Listener, pos: int) -> None:
        """Feed it from behind ``pos`` on, without a gap; ``is_kept(pos)`` holds."""
        missed = [change for change in self._ring if change.pos > pos]
        if missed:
            change = rows_for(listener.audience, reduce(joined, missed))
            if not is_empty(change):
                listener.put(change_frame(change))
        # Whole: of what was sent before, whoever comes back may have missed that somebody left duty.
        fixes = fixes_for(listener.audience, self._fixes())
        listener.put(frame("fixes", {"now": self._clock().now, "fixes": fixes, "is_whole": True}))
        if self._is_live():
            listener.put(self._beat_frame())
        if self._is_ended:
            listener.end()
        else:
            self._listeners.add(listener)

    def detach(self, listener: Listener) -> None:
        """It has gone."""
        self._listeners.discard(listener)

    def __len__(self) -> int:
        """Streams."""
        return len(self._listeners)

    def close_session(self, session: str) -> None:
        """Somebody has signed out: the session's streams end now."""
        for listener in self._listeners:
            if listener.session == session:
                listener.end(reset_frame("signed_out"))

    def end(self) -> None:
        """The server goes: every stream ends at once, and browsers come back by themselves."""
        self._is_ended = True
        for listener in self._listeners:
            listener.end()

    # ---- by the second

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            if not self._is_live():
                continue  # a screen that hears no beat says that it is not live, and asks nothing
            data = self._beat_frame()
            for listener in self._listeners:
                listener.put(data)

    def _beat_frame(self) -> bytes:
        clock = self._clock()
        return frame("beat", {"now": clock.now, "pos": self._flushed_pos, "clock": clock})

    async def _tell_fixes(self) -> None:
        while True:
            present = {fix.unit: fix for fix in self._fixes()}
            moved = [fix for unit, fix in present.items() if self._sent.get(unit) != fix]
            gone = [unit for unit in self._sent if unit not in present]
            self._sent = present
            if moved or gone:
                self._put_fixes(moved, gone)
            await asyncio.sleep(FIXES_S)

    def _put_fixes(self, moved: list[Fix], gone: list[UnitId]) -> None:
        """Who has left duty has no position any more: its last one is taken off every screen."""
        now = self._clock().now
        for audience, listeners in self._by_audience().items():
            fixes = fixes_for(audience, moved)
            left = [unit for unit in gone if audience.kind != "crew" or unit == audience.unit]
            if fixes or left:
                data = frame("fixes", {"now": now, "fixes": fixes, "gone": left} if left else {"now": now, "fixes": fixes})
                for listener in listeners:
                    listener.put(data)
