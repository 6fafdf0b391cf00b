"""The played clock: a shift told at any speed on the wall. What its world says goes to the same live desk as a person's acts."""

import asyncio
from collections.abc import Callable
from typing import Generic

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant, after, span_ms
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.live import LiveDesk
from tocsin.clocks.simulate import Agenda, What, World
from tocsin.core.ports import Clock

FASTEST = 600.0
"""Ten minutes a second: more cannot be watched."""


class PlayedClock:
    """Time that begins at an instant and runs ``speed_factor`` times as fast as the wall's."""

    def __init__(self, wall: Clock, begin: Instant, speed_factor: float = 1.0) -> None:
        self._wall = wall
        self._begin, self._since = begin, wall.now()
        self.speed_factor, self.is_paused = _fitting(speed_factor), False
        self._wakes: list[Callable[[], None]] = []

    def now(self) -> Instant:
        """UTC milliseconds of the played shift."""
        if self.is_paused:
            return self._begin
        return after(self._begin, Millis(round(span_ms(start=self._since, end=self._wall.now()) * self.speed_factor)))

    def wall_s_until(self, at: Instant) -> float:
        """How long that takes on the wall; an hour while paused (whoever waits is woken when it goes on)."""
        return 3600.0 if self.is_paused else max(0.0, span_ms(start=self.now(), end=at) / 1000 / self.speed_factor)

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Call that, in the loop, when the clock was told to go otherwise."""
        self._wakes.append(wake)

    def wake(self) -> None:
        """Tell whoever waits for a moment of it that it goes otherwise."""
        for wake in self._wakes:
            wake()

    def set_speed(self, speed_factor: float) -> None:
        """From now on at another speed. Raises BadInput ``speed``."""
        wanted = _fitting(speed_factor)
        self._begin, self._since = self.now(), self._wall.now()
        self.speed_factor = wanted

    def pause(self, *, is_paused: bool) -> None:
        """Stand still from now on, or go on."""
        self._begin, self._since = self.now(), self._wall.now()
        self.is_paused = is_paused


def _fitting(speed_factor: float) -> float:
    if not 0 < speed_factor <= FASTEST:
        raise BadInput("speed", field="--speed", value=speed_factor, most=round(FASTEST))
    return speed_factor


class Player(Generic[What]):
    """Lets a world act on the live desk as its moments come, and hear every answer, those to persons included."""

    def __init__(self, live: LiveDesk, desk: Desk, world: World[What], clock: PlayedClock) -> None:
        self._live, self._world, self._clock = live, world, clock
        self._agenda: Agenda[What] = Agenda()
        self._heard: list[Answer] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        desk.listen(self._listen)
        clock.on_wake(self.wake)

    def begin(self, desk: Desk, until: Instant) -> None:
        """Play all that happens before ``until`` at once, before anybody looks: a shift is met when it is under way."""
        self._agenda.plan(self._world.begin())
        while (moment := self._agenda.find_next(until)) is not None:
            for ask in self._world.act(moment):
                desk.answer([ask], moment.at)
                self._hear(moment.at)

    async def play(self) -> None:
        """Until cancelled. A shift that has run out goes on without new calls."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._hear(self._clock.now())
            moment = self._agenda.find_next(self._clock.now())
            if moment is None:
                await self._wait()
                continue
            for ask in self._world.act(moment):
                await self._live.ask(ask)
            self._hear(moment.at)

    def wake(self) -> None:
        """The clock runs otherwise than before."""
        self._woken.set()

    async def _wait(self) -> None:
        following = self._agenda.next_at()
        wait_s = 1.0 if following is None else min(1.0, self._clock.wall_s_until(following))
        try:
            async with asyncio.timeout(max(0.005, wait_s)):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    def _listen(self, answer: Answer) -> None:
        """In the desk's thread."""
        self._heard.append(answer)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    def _hear(self, now: Instant) -> None:
        while self._heard:
            self._agenda.plan(self._world.hear(self._heard.pop(0), now))
