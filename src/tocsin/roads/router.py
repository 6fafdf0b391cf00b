"""What a router offers. ``dijkstra.py`` fills it now; a contraction hierarchy with kept labels will fill it later, unchanged."""

from collections.abc import Sequence
from typing import Protocol

from tocsin.base.quantities import Millis
from tocsin.roads.position import OnRoad, Route


class Router(Protocol):
    """Quickest ways by one metric. Whole milliseconds, exact; *unreachable* is None, never a large number."""

    @property
    def metric(self) -> str:
        """Id of map and speeds (map hash and speed profile). The same id gives the same milliseconds for ever."""
        ...

    def times_to(self, target: OnRoad, sources: Sequence[OnRoad]) -> list[Millis | None]:
        """Road time from each source to one target, in the order of the sources; None where there is no way.

        The heading of a vehicle on a two-way street is taken as unknown: it may leave by either direction, and arrive by either.
        On one and the same edge it drives straight on; on a one-way street a target behind it means going round.
        """
        ...

    def route(self, source: OnRoad, target: OnRoad) -> Route | None:
        """The quickest way; its ``time_ms`` is what ``times_to`` gives. None where there is no way."""
        ...

    def along(self, source: OnRoad, target: OnRoad, elapsed_ms: Millis) -> OnRoad | None:
        """Where a vehicle is that set out so long ago on ``route(source, target)``; the target once it is there. None without a way."""
        ...
