"""The invented clock: a world of callers, dispatchers and crews in front of the same desk.

The world knows moments (somebody will do something then) and hears answers. In the order of (time, who planned first).
"""

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import Generic, NamedTuple, Protocol, TypeVar

from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.messages.said import Ask

What = TypeVar("What")


class Moment(NamedTuple, Generic[What]):
    """Somebody in the world will act at ``at``; only the world knows what that means."""

    at: Instant
    what: What


class World(Protocol[What]):
    """Deterministic: it has its own dice, thrown from a seed, and sees nothing but answers."""

    def begin(self) -> Iterable[Moment[What]]:
        """What will happen whatever anybody does: people will call."""
        ...

    def act(self, moment: Moment[What]) -> Iterable[Ask]:
        """What is said at that moment; nothing when it no longer applies (a crew on its way home was sent elsewhere)."""
        ...

    def hear(self, answer: Answer, now: Instant) -> Iterable[Moment[What]]:
        """What somebody will do because of an answer, the desk's own reactions included."""
        ...


class Agenda(Generic[What]):
    """What is still to come, in order. Shared by the invented clock and the live one, so that both play the same world."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, int, Moment[What]]] = []
        self._count = 0

    def plan(self, moments: Iterable[Moment[What]]) -> None:
        """Put moments in; of equal times the one that was planned first comes first."""
        for moment in moments:
            heappush(self._heap, (moment.at, self._count, moment))
            self._count += 1

    def find_next(self, by: Instant | None = None) -> Moment[What] | None:
        """Take out the next moment, if it has come ``by`` then; None when nothing is left or nothing is due."""
        if not self._heap or (by is not None and self._heap[0][0] > by):
            return None
        return heappop(self._heap)[2]

    def next_at(self) -> Instant | None:
        """When the next moment comes; it stays where it is."""
        return self._heap[0][0] if self._heap else None


def simulate(desk: Desk, world: World[What], *, on_answer: Callable[[Answer, Instant], None] | None = None) -> Instant | None:
    """Run the world out on the desk; the instant of the last moment, None if there was none."""
    agenda: Agenda[What] = Agenda()
    heard: list[Answer] = []
    desk.listen(heard.append)
    agenda.plan(world.begin())
    now: Instant | None = None
    while (moment := agenda.find_next()) is not None:
        now = moment.at
        for ask in world.act(moment):
            desk.answer([ask], now)
            for answer in heard:
                agenda.plan(world.hear(answer, now))
                if on_answer is not None:
                    on_answer(answer, now)
            heard.clear()
    return now
