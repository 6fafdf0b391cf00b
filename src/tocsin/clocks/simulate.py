"""The invented clock: a world of callers and crews on the same desk. Events in the order of (time, who was first)."""

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import NamedTuple, Protocol

from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.messages.said import Ask


class Planned(NamedTuple):
    """Something that somebody in the world will say at ``at``."""

    at: Instant
    ask: Ask


class World(Protocol):
    """Callers, dispatchers and crews. Deterministic: it has its own dice, thrown from a seed, and sees only answers."""

    def begin(self) -> Iterable[Planned]:
        """What will be said whatever happens: the calls, the shift changes."""
        ...

    def hear(self, answer: Answer) -> Iterable[Planned]:
        """What somebody will say because of an answer, reactions of the desk included."""
        ...


def simulate(desk: Desk, world: World, *, on_answer: Callable[[Answer], None] | None = None) -> Instant | None:
    """Run the world out on the desk; the instant of the last thing said, None if nothing was."""
    heap: list[tuple[Instant, int, Ask]] = []
    count = 0
    now: Instant | None = None
    heard: list[Answer] = []
    desk.listen(heard.append)

    def plan(entries: Iterable[Planned]) -> None:
        nonlocal count
        for entry in entries:
            heappush(heap, (entry.at, count, entry.ask))
            count += 1

    plan(world.begin())
    while heap:
        now, _, ask = heappop(heap)
        desk.answer([ask], now)
        for answer in heard:
            plan(world.hear(answer))
            if on_answer is not None:
                on_answer(answer)
        heard.clear()
    return now
