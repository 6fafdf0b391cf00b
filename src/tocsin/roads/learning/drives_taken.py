"""Many quickest drives at once, as the share of each edge that is driven: what a fit is made from. SciPy's Dijkstra, in chunks.

For one drive with its line ask a router; its times are those found here, but for a millisecond of rounding at either end (a test holds them
together).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tocsin.roads.graph import Graph
from tocsin.roads.metric import INFINITE_MS, Metric
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.positions import FAR, Access, Leg, Positions
from tocsin.roads.region import Region

Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

TARGETS_AT_ONCE: Final = 64
"""Trees that are in memory at the same time: 77 MB for each hundred thousand states."""


class Drives(NamedTuple):
    """One row per drive, in the order that was asked."""

    shares: csr_array
    """(drives, edges): how much of each edge is driven, 0 to 1."""
    wait_ms: Longs
    """At signals and signs."""
    is_reached: NDArray[np.bool_]
    """Without a way a drive's row is empty."""

    def drive_ms(self, edge_ms: NDArray[np.int64]) -> Floats:
        """Time of each drive if the edges took so long, waiting included."""
        return np.asarray(self.shares @ edge_ms.astype(np.float64)) + self.wait_ms


class _Parts(NamedTuple):
    """Parts of edges on drives, as they are found."""

    row: Longs
    edge: Longs
    share: Floats


_NOTHING: Final = _Parts(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


def find_drives(region: Region, graph: Graph, metric: Metric, sources: Sequence[OnRoad], targets: Sequence[OnRoad]) -> Drives:
    """The quickest drive of each source to its target by a metric. What is without a way is so marked."""
    rows_to: dict[OnRoad, list[int]] = {}
    for row, target in enumerate(targets):
        rows_to.setdefault(target, []).append(row)
    search = _Search(region, graph, metric, sources)
    wanted = list(rows_to)
    for first in range(0, len(wanted), TARGETS_AT_ONCE):
        some = wanted[first : first + TARGETS_AT_ONCE]
        search.chunk(some, [np.array(rows_to[target], dtype=np.int64) for target in some])
    parts = _Parts(*(np.concatenate(part) for part in zip(_NOTHING, *search.found, strict=True)))
    shares = csr_array((parts.share, (parts.row, parts.edge)), shape=(len(sources), region.edges))
    return Drives(shares, search.wait_ms, search.is_reached)


class _Search:
    """The graph against its arcs, with room for a chunk of targets behind its states."""

    def __init__(self, region: Region, graph: Graph, metric: Metric, sources: Sequence[OnRoad]) -> None:
        self._region, self._graph, self._metric, self._sources = region, graph, metric, sources
        self._positions = Positions(region, graph, metric)
        ms = metric.arc_ms(graph).astype(np.int64)
        arc = np.flatnonzero((ms < INFINITE_MS) & (graph.arc_tail != graph.arc_head))
        arc = arc[np.lexsort((arc, ms[arc], graph.arc_head[arc], graph.arc_tail[arc]))]
        tail, head = graph.arc_tail[arc].astype(np.int64), graph.arc_head[arc].astype(np.int64)
        is_first = np.ones(len(arc), dtype=bool)  # of parallel arcs the quickest counts: SciPy would add them up
        is_first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
        self._tail, self._head, self._ms = tail[is_first], head[is_first], ms[arc][is_first]
        self._pair, self._pair_edge = self._tail * graph.states + self._head, graph.arc_edge[arc][is_first].astype(np.int64)
        self.found: list[_Parts] = []
        self.wait_ms = np.zeros(len(sources), dtype=np.int64)
        self.is_reached = np.zeros(len(sources), dtype=bool)

    def chunk(self, targets: Sequence[OnRoad], rows: Sequence[Longs]) -> None:
        """Drives to a few targets, each with the rows of the sources that want it."""
        arrivals = [self._best(target) for target in targets]
        ms, onward = self._trees(arrivals)
        walkers, states, goals = [], [], []
        for number, (target, wanting) in enumerate(zip(targets, rows, strict=True)):
            for row in wanting.tolist():
                state = self._set_out(row, target, ms[number])
                if state is not None:
                    walkers.append(row)
                    states.append(state)
                    goals.append(number)
        self._walk(np.array(walkers, dtype=np.int64), np.array(states, dtype=np.int64), np.array(goals, dtype=np.int64), onward, arrivals)

    def _best(self, target: OnRoad) -> dict[int, Leg]:
        """State → the quickest last leg from it."""
        best: dict[int, Leg] = {}
        for state, leg in self._positions.arrivals(target):
            if state not in best or leg.ms < best[state].ms:
                best[state] = leg
        return best

    def _trees(self, arrivals: Sequence[dict[int, Leg]]) -> tuple[Floats, NDArray[np.int32]]:
        """Times from every state to each target, and the next state; a number beyond the states is the target itself."""
        states, count = self._graph.states, len(arrivals)
        into = np.repeat(np.arange(states, states + count), [len(best) for best in arrivals])
        tails = np.array([state for best in arrivals for state in best], dtype=np.int64)
        last_ms = np.array([leg.ms + 1 for best in arrivals for leg in best.values()])  # SciPy takes an arc of no length for no arc
        ends = (np.concatenate([self._head, into]), np.concatenate([self._tail, tails]))
        weights = np.concatenate([self._ms, last_ms]).astype(np.float64)
        against = csr_array((weights, ends), shape=(states + count, states + count))
        ms, onward = dijkstra(against, indices=np.arange(states, states + count), return_predecessors=True)
        return ms - 1.0, onward

    def _set_out(self, row: int, target: OnRoad, ms: Floats) -> int | None:
        """The state from which the drive goes on; None where it is over: straight on along the street, or without a way."""
        source = self._sources[row]
        straight = self._positions.straight_on(source, target)
        best: Access = min(self._positions.departures(source), key=lambda access: access.ms + ms[access.state])
        best_ms = best.ms + ms[best.state]
        self.is_reached[row] = straight is not None or best_ms < FAR
        if straight is not None and straight.ms <= best_ms:
            self._keep([row], [straight])
            return None
        if not self.is_reached[row]:
            return None
        self._keep([row], [best.leg])
        return best.state

    def _keep(self, rows: Sequence[int], legs: Sequence[Leg]) -> None:
        for row, leg in zip(rows, legs, strict=True):
            self.wait_ms[row] += leg.wait_ms
        shares = [(leg.to_ppm - leg.from_ppm) / WHOLE_PPM for leg in legs]
        self.found.append(_Parts(np.array(rows, dtype=np.int64), np.array([leg.edge for leg in legs], dtype=np.int64), np.array(shares)))

    def _walk(
        self, rows: Longs, state: Longs, goal: Longs, onward: NDArray[np.int32], arrivals: Sequence[dict[int, Leg]]
    ) -> None:  # fmt: skip
        """All drives of a chunk at once, an arc at a time."""
        while len(rows):
            following = onward[goal, state].astype(np.int64)
            is_last = following >= self._graph.states
            last = [arrivals[number][node] for number, node in zip(goal[is_last].tolist(), state[is_last].tolist(), strict=True)]
            self._keep(rows[is_last].tolist(), last)
            rows, state, goal, following = (part[~is_last] for part in (rows, state, goal, following))
            edge = self._pair_edge[np.searchsorted(self._pair, state * self._graph.states + following)]
            self.wait_ms[rows] += self._metric.wait_ms[edge]
            self.found.append(_Parts(rows, edge, np.ones(len(rows))))
            state = following
