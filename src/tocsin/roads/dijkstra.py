"""The first router: one shortest-path tree per target (SciPy's Dijkstra on the reversed graph), kept for a while.

Turn restrictions are not applied in this form; they are in the region file for the kernel to come. Turning round is possible at
every node and, with unknown heading, at the two ends of a drive. Times are whole milliseconds: float64 adds them exactly below 2^53.
"""

from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres, Millis, Ppm
from tocsin.roads.position import WHOLE_PPM, OnRoad, Route, part_ms, ppm_at
from tocsin.roads.region import Region
from tocsin.roads.shapes import part_line, place_of

Ints = NDArray[np.int64]

UNREACHABLE: Final = -1
"""In arrays of times only; lists say None."""

_FAR: Final = 1 << 60


class _Tree(NamedTuple):
    """To one target from every node."""

    ms: Ints
    """``_FAR`` where there is no way."""
    onward: NDArray[np.int32]
    """The next node; the number of nodes stands for the target itself."""


class _Leg(NamedTuple):
    """A part of one edge on a drive."""

    edge: int
    from_ppm: int
    to_ppm: int
    ms: int


class DijkstraRouter:
    """Quickest ways over a region (``router.Router``). May be shared between threads."""

    def __init__(self, region: Region, *, trees_kept: int = 64, drives_kept: int = 1_024) -> None:
        self.region = region
        self._nodes = region.nodes
        self._graph, self._pair, self._pair_edge = _reversed_graph(region)
        self._lock = Lock()  # a tree is grown with the target written into the shared graph
        self._tree = lru_cache(maxsize=trees_kept)(self._grow)
        self._drive = lru_cache(maxsize=drives_kept)(self._find_drive)

    @property
    def metric(self) -> str:
        """Id of map and speeds."""
        return self.region.metric

    def times_to(self, target: OnRoad, sources: Sequence[OnRoad]) -> list[Millis | None]:
        """See ``router.Router``."""
        edges = np.fromiter((source.edge for source in sources), dtype=np.int64, count=len(sources))
        along = np.fromiter((source.along_ppm for source in sources), dtype=np.int64, count=len(sources))
        return [None if ms < 0 else Millis(ms) for ms in self.times_from(target, edges, along).tolist()]

    def times_from(self, target: OnRoad, edges: Ints, along_ppm: Ints) -> Ints:
        """The same with sources as arrays (n,) of edges and fractions: milliseconds, ``UNREACHABLE`` where there is no way."""
        region, tree = self.region, self._tree(target)
        whole = region.edge_ms[edges].astype(np.int64)
        ahead = whole - _part_ms(whole, along_ppm) + tree.ms[region.edge_head[edges]]
        twin = region.edge_twin[edges]
        twin_ms = region.edge_ms[twin].astype(np.int64)
        turn_ms = twin_ms - _part_ms(twin_ms, WHOLE_PPM - along_ppm)
        # without a twin a place at the very tail of its edge is the node itself, whence any street may be taken
        back_ms = np.where(twin >= 0, turn_ms, np.where(along_ppm == 0, 0, _FAR))
        best = np.minimum(ahead, back_ms + tree.ms[region.edge_tail[edges]])
        here = (target.edge, int(region.edge_twin[target.edge]))
        for row in np.flatnonzero((edges == here[0]) | (edges == here[1])).tolist():
            legs = self._straight_on(OnRoad(int(edges[row]), Ppm(int(along_ppm[row]))), target)
            best[row] = min([int(best[row]), *(leg.ms for leg in legs)])
        return np.where(best < _FAR, best, UNREACHABLE)

    def route(self, source: OnRoad, target: OnRoad) -> Route | None:
        """See ``router.Router``."""
        drive = self._drive(source, target)
        if drive is None:
            return None
        line: list[LonLat] = [place_of(self.region, source)]
        for leg in drive:
            line += part_line(self.region, leg.edge, leg.from_ppm, leg.to_ppm)[1:]
        if len(line) == 1:
            line.append(place_of(self.region, target))
        length = sum(int(self.region.edge_cm[leg.edge]) * (leg.to_ppm - leg.from_ppm) for leg in drive)
        return Route(
            time_ms=Millis(sum(leg.ms for leg in drive)),
            distance_m=Metres(round(length / WHOLE_PPM / 100, 2)),
            edges=tuple(leg.edge for leg in drive),
            coordinates=tuple(line),
        )

    def along(self, source: OnRoad, target: OnRoad, elapsed_ms: Millis) -> OnRoad | None:
        """See ``router.Router``. What is left from there is exactly the route's time less what has gone by."""
        drive = self._drive(source, target)
        if drive is None:
            return None
        if elapsed_ms <= 0:
            return source
        left_ms = int(elapsed_ms)
        for leg in drive:
            if left_ms < leg.ms:
                whole = int(self.region.edge_ms[leg.edge])
                at = ppm_at(whole, part_ms(whole, leg.from_ppm) + left_ms)
                return OnRoad(leg.edge, Ppm(min(max(at, leg.from_ppm), leg.to_ppm)))
            left_ms -= leg.ms
        return target

    def _arrivals(self, target: OnRoad) -> list[tuple[int, _Leg]]:
        """The last legs by which a target is reached, each with the node where it begins."""
        region = self.region
        whole = int(region.edge_ms[target.edge])
        first = _Leg(target.edge, 0, target.along_ppm, part_ms(whole, target.along_ppm))
        arrivals = [(int(region.edge_tail[target.edge]), first)]
        twin, head = int(region.edge_twin[target.edge]), int(region.edge_head[target.edge])
        if twin >= 0:
            rest = WHOLE_PPM - target.along_ppm
            arrivals.append((head, _Leg(twin, 0, rest, part_ms(int(region.edge_ms[twin]), rest))))
        elif target.along_ppm == WHOLE_PPM:
            arrivals.append((head, _Leg(target.edge, WHOLE_PPM, WHOLE_PPM, 0)))
        return arrivals

    def _departures(self, source: OnRoad) -> list[tuple[int, _Leg]]:
        """The first legs by which a source is left, each with the node where it ends."""
        region = self.region
        whole = int(region.edge_ms[source.edge])
        ahead = _Leg(source.edge, source.along_ppm, WHOLE_PPM, whole - part_ms(whole, source.along_ppm))
        departures = [(int(region.edge_head[source.edge]), ahead)]
        twin, tail = int(region.edge_twin[source.edge]), int(region.edge_tail[source.edge])
        if twin >= 0:
            at, whole = WHOLE_PPM - source.along_ppm, int(region.edge_ms[twin])
            departures.append((tail, _Leg(twin, at, WHOLE_PPM, whole - part_ms(whole, at))))
        elif source.along_ppm == 0:
            departures.append((tail, _Leg(source.edge, 0, 0, 0)))
        return departures

    def _straight_on(self, source: OnRoad, target: OnRoad) -> list[_Leg]:
        """Drives that never leave the street that both are on."""
        legs = []
        for edge, start in self._both_ways(source):
            for other, end in self._both_ways(target):
                if edge == other and start <= end:
                    whole = int(self.region.edge_ms[edge])
                    legs.append(_Leg(edge, start, end, part_ms(whole, end) - part_ms(whole, start)))
        return legs

    def _both_ways(self, on: OnRoad) -> list[tuple[int, int]]:
        twin = int(self.region.edge_twin[on.edge])
        return [(on.edge, on.along_ppm)] + ([(twin, WHOLE_PPM - on.along_ppm)] if twin >= 0 else [])

    def _grow(self, target: OnRoad) -> _Tree:
        """The tree of a target. It is put into the graph as one more node, with an arc to either end of its street."""
        arrivals = self._arrivals(target)
        (node, leg), (other, other_leg) = arrivals[0], arrivals[-1]
        with self._lock:
            # one millisecond more on both arcs: SciPy may take an arc of no length for no arc
            self._graph.indices[-2:] = (node, other)
            self._graph.data[-2:] = (leg.ms + 1, other_leg.ms + 1)
            ms, onward = dijkstra(self._graph, indices=self._nodes, return_predecessors=True)
        is_reached = np.isfinite(ms)
        whole = np.where(is_reached, ms, 0.0).astype(np.int64) - 1
        return _Tree(np.where(is_reached, whole, _FAR), onward)

    def _find_drive(self, source: OnRoad, target: OnRoad) -> tuple[_Leg, ...] | None:
        """The legs of the quickest way in order; of equal ones, straight on, then ahead, then turning round."""
        tree = self._tree(target)
        straight = min(self._straight_on(source, target), key=lambda leg: leg.ms, default=None)
        ms, node, first = min(
            ((leg.ms + int(tree.ms[node]), node, leg) for node, leg in self._departures(source)), key=lambda choice: choice[0]
        )
        if straight is not None and straight.ms <= ms:
            return _moving([straight])
        return _moving([first, *self._walk(tree, node, target)]) if ms < _FAR else None

    def _walk(self, tree: _Tree, node: int, target: OnRoad) -> list[_Leg]:
        """Legs from a node to the target."""
        legs = []
        while (onward := int(tree.onward[node])) != self._nodes:
            row = int(np.searchsorted(self._pair, node * self._nodes + onward))
            edge = int(self._pair_edge[row])
            legs.append(_Leg(edge, 0, WHOLE_PPM, int(self.region.edge_ms[edge])))
            node = onward
        return [*legs, min((leg for begin, leg in self._arrivals(target) if begin == node), key=lambda leg: leg.ms)]


def _moving(legs: list[_Leg]) -> tuple[_Leg, ...]:
    return tuple(leg for leg in legs if leg.to_ppm > leg.from_ppm)


def _part_ms(whole_ms: Ints, along_ppm: Ints) -> Ints:
    """``position.part_ms`` for arrays."""
    return (whole_ms * along_ppm + WHOLE_PPM // 2) // WHOLE_PPM


def _reversed_graph(region: Region) -> tuple[csr_array, Ints, NDArray[np.int64]]:
    """The graph from heads to tails with room for one target behind its last node, and for each pair of nodes the quickest edge.

    Of parallel edges the quickest counts, of equal ones the first; loops never shorten a way between nodes. A closed edge would be
    left out here: its weight is infinite.
    """
    nodes = region.nodes
    edge = np.flatnonzero(region.edge_tail != region.edge_head)
    tail, head, ms = (array[edge].astype(np.int64) for array in (region.edge_tail, region.edge_head, region.edge_ms))
    order = np.lexsort((edge, ms, tail, head))
    edge, tail, head, ms = edge[order], tail[order], head[order], ms[order]
    is_first = np.ones(len(edge), dtype=bool)
    is_first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    edge, tail, head, ms = edge[is_first], tail[is_first], head[is_first], ms[is_first]
    start = np.concatenate([[0], np.cumsum(np.bincount(head, minlength=nodes)), [0]])
    start[-1] = start[-2] + 2
    graph = csr_array(
        (np.append(ms, (1, 1)).astype(np.float64), np.append(tail, (0, 0)).astype(np.int32), start.astype(np.int32)),
        shape=(nodes + 1, nodes + 1),
    )
    pair = tail * nodes + head
    order = np.argsort(pair)
    return graph, pair[order], edge[order]
