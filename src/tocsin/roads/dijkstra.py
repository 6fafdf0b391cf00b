"""The router that needs nothing built beforehand: one shortest-path tree per target (SciPy's Dijkstra on the reversed graph of states).

The fall-back where a region file holds no search order, and what quicker routers are compared with. float64 adds whole milliseconds
exactly below 2^53.
"""

from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tocsin.roads.drives import UNREACHABLE, ArcPath, DriveRouter, remembered
from tocsin.roads.graph import Graph
from tocsin.roads.metric import Metric, MetricKey
from tocsin.roads.position import OnRoad
from tocsin.roads.positions import FAR, Access, Flags, Longs
from tocsin.roads.region import Region
from tocsin.roads.turns import graph_of

Ends = tuple[tuple[int, int], ...]
"""(state, milliseconds) of the arrivals at a target."""


class _Tree(NamedTuple):
    """To one target from every state."""

    ms: Longs
    """``FAR`` where there is no way."""
    onward: NDArray[np.int32]
    """The next state; the number of states stands for the target itself."""


class DijkstraRouter(DriveRouter):
    """Quickest ways over a region (``router.Router``). May be shared between threads."""

    def __init__(
        self, region: Region, graph: Graph | None = None, metric: Metric | None = None, *, trees_kept: int = 64, drives_kept: int = 1_024
    ) -> None:
        """``trees_kept``: targets whose tree is kept, 12 bytes per state each. Without ``graph`` the region's own; without ``metric`` its
        times as they stand, no waiting, nothing closed."""
        super().__init__(region, graph or graph_of(region), metric or _as_it_stands(region), drives_kept=drives_kept)
        self._reversed, self._pair, self._pair_arc = _reversed(self.graph, self.costs, self.positions.most_arrivals)
        self._lock = Lock()  # a tree is grown with the target written into the shared graph
        self._tree = remembered(self._grow, trees_kept)

    def times_from(self, target: OnRoad, edges: Longs, along_ppm: Longs, is_headed: Flags) -> Longs:
        """See ``DriveRouter``."""
        tree = self._tree(_ends(self.positions.arrivals(target)))
        departures = self.positions.departure_arrays(edges, along_ppm, is_headed)
        graph_ms: Longs = np.min(departures.ms + tree.ms[departures.state], axis=0)
        return self._least(target, graph_ms, edges, along_ppm, is_headed)

    def node_times_to(self, target: OnRoad) -> Longs:
        """See ``router.Router``."""
        ms = self._tree(_ends(self.positions.arrivals(target))).ms[: self.graph.states]
        return np.where(ms < FAR, ms, UNREACHABLE)

    def node_times_from(self, sources: Sequence[OnRoad]) -> Longs:
        """See ``router.Router``. The sources are put before the graph as one more state."""
        states = self.graph.states
        ends = np.array([(access.state, access.ms) for source in sources for access in self.positions.departures(source)]).reshape(-1, 2)
        first: dict[int, int] = {}
        for state, ms in ends.tolist():
            first[state] = min(ms, first.get(state, ms))
        onward = self._reversed[:states, :states].T.tocoo()
        tail = np.append(onward.row, np.full(len(first), states))
        head = np.append(onward.col, np.fromiter(first, np.int64, len(first)))
        # one millisecond more on all arcs from the sources: SciPy may take an arc of no length for no arc
        data = np.append(onward.data, np.fromiter(first.values(), np.float64, len(first)) + 1)
        found = dijkstra(csr_array((data, (tail, head)), shape=(states + 1, states + 1)), indices=states)[:states]
        return np.where(np.isfinite(found), np.where(np.isfinite(found), found, 0).astype(np.int64) - 1, UNREACHABLE)

    def _arc_path(self, departures: Sequence[Access], arrivals: Sequence[Access]) -> ArcPath | None:
        ends = _ends(arrivals)
        tree = self._tree(ends)
        first = min(range(len(departures)), key=lambda row: departures[row].ms + int(tree.ms[departures[row].state]))
        state, arcs = departures[first].state, []
        if tree.ms[state] >= FAR:
            return None
        while (onward := int(tree.onward[state])) != self.graph.states:
            arcs.append(int(self._pair_arc[int(np.searchsorted(self._pair, state * self.graph.states + onward))]))
            state = onward
        return first, arcs, min((row for row, end in enumerate(ends) if end[0] == state), key=lambda row: ends[row][1])

    def _grow(self, ends: Ends) -> _Tree:
        """The tree of a target. It is put into the graph as one more state, with an arc to each state from which it is reached."""
        states = self.graph.states
        with self._lock:
            row = slice(int(self._reversed.indptr[states]), None)
            slots = np.resize(np.array(ends), (len(self._reversed.indices[row]), 2))
            self._reversed.indices[row] = slots[:, 0]
            # one millisecond more on all arcs to the target: SciPy may take an arc of no length for no arc
            self._reversed.data[row] = slots[:, 1] + 1
            ms, onward = dijkstra(self._reversed, indices=states, return_predecessors=True)
        is_reached = np.isfinite(ms)
        whole = np.where(is_reached, ms, 0.0).astype(np.int64) - 1
        return _Tree(np.where(is_reached, whole, FAR), onward)


def _ends(arrivals: Sequence[Access]) -> Ends:
    return tuple((arrival.state, arrival.ms) for arrival in arrivals)


def _as_it_stands(region: Region) -> Metric:
    return Metric(
        key=MetricKey(map_hash=region.map_hash, speeds=region.header.speed_profile),
        drive_ms=region.edge_ms.astype(np.int64),
        wait_ms=np.zeros(region.edges, dtype=np.int64),
        is_closed=np.zeros(region.edges, dtype=np.bool_),
    )


def _reversed(graph: Graph, metric: Metric, slots: int) -> tuple[csr_array, Longs, Longs]:
    """The graph from heads to tails with room for one target behind its last state, and for each pair of states the quickest arc.

    Of parallel arcs the quickest counts, of equal ones the first; loops never shorten a way. Closed arcs are left out.
    """
    states = graph.states
    arc = np.flatnonzero((graph.arc_tail != graph.arc_head) & ~metric.is_closed[graph.arc_edge])
    whole_ms = (metric.drive_ms + metric.wait_ms)[graph.arc_edge[arc]]
    tail, head = graph.arc_tail[arc].astype(np.int64), graph.arc_head[arc].astype(np.int64)
    order = np.lexsort((arc, whole_ms, tail, head))
    arc, tail, head, whole_ms = arc[order], tail[order], head[order], whole_ms[order]
    is_first = np.ones(len(arc), dtype=bool)
    is_first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    arc, tail, head, whole_ms = arc[is_first], tail[is_first], head[is_first], whole_ms[is_first]
    start = np.concatenate([[0], np.cumsum(np.bincount(head, minlength=states)), [len(arc) + slots]])
    data = np.append(whole_ms, np.ones(slots)).astype(np.float64)
    indices = np.append(tail, np.zeros(slots)).astype(np.int32)
    pair = tail * states + head
    order = np.argsort(pair)
    return csr_array((data, indices, start.astype(np.int32)), shape=(states + 1, states + 1)), pair[order], arc[order]
