"""What a router offers. ``dijkstra.py`` and ``kernel_router.py`` fill it, to the same millisecond."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.base.quantities import Millis
from tocsin.roads.kept import KeptSources
from tocsin.roads.position import OnRoad, Route


class Router(Protocol):
    """Quickest ways by one metric. Whole milliseconds, exact; *unreachable* is None, never a large number.

    Turn restrictions are obeyed and closed edges are not driven through (``metric.Metric``). A vehicle of unknown heading may leave a
    two-way street by either direction; one that is headed only ahead. A target is reached by either direction. On one and the same street
    one drives straight on; on a one-way street a target behind means going round.
    """

    @property
    def metric(self) -> str:
        """Id of map, speeds and closures (``MetricKey.id``). The same id gives the same milliseconds for ever."""
        ...

    def times_to(self, target: OnRoad, sources: Sequence[OnRoad]) -> list[Millis | None]:
        """Road time from each source to one target, in the order of the sources; None where there is no way."""
        ...

    def times_between(self, sources: Sequence[OnRoad], targets: Sequence[OnRoad]) -> NDArray[np.int64]:
        """Milliseconds (sources, targets); -1 where there is no way."""
        ...

    def node_times_to(self, target: OnRoad) -> NDArray[np.int64]:
        """Milliseconds from every state of the graph (``graph.Graph``) to one target; -1 where there is no way. The first states are the
        region's nodes: from there with nothing to look back at."""
        ...

    def node_times_from(self, sources: Sequence[OnRoad]) -> NDArray[np.int64]:
        """Milliseconds to every state from whichever source is there first; -1 where none comes. The least over a node's states is the
        time to the node."""
        ...

    def keep_sources(self, room: int) -> KeptSources:
        """Rows for so many sources, to be asked about one target after the other. A unit's row is put anew with each of its positions."""
        ...

    def route(self, source: OnRoad, target: OnRoad) -> Route | None:
        """The quickest way; its ``time_ms`` is what ``times_to`` gives. None where there is no way."""
        ...

    def along(self, source: OnRoad, target: OnRoad, elapsed_ms: Millis) -> OnRoad | None:
        """Where a vehicle is that set out so long ago on ``route(source, target)``; the target once it is there. None without a way.

        Under way it is headed if the source is: one of unknown heading may turn round where it is. What is left from there is the
        route's time less what has gone by; it is more for who waits at the head of an edge, and may be less where a turn restriction
        looks back at what was driven.
        """
        ...
