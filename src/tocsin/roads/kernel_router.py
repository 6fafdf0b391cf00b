"""The router on the compiled hierarchy: labels kept per vehicle, one label per target, sweeps where everything is asked for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.drives import UNREACHABLE, ArcPath, DriveRouter, as_arrays
from tocsin.roads.graph import Graph
from tocsin.roads.kept import KeptSources, Rows
from tocsin.roads.kernel.customising import Weights, customise, recustomise
from tocsin.roads.kernel.hierarchy import Hierarchy, build_hierarchy
from tocsin.roads.kernel.labels import Doors, empty_layers, fill_layers, least_to_each
from tocsin.roads.kernel.order import order_states
from tocsin.roads.kernel.sweeping import WIDE, sweep, sweep_wide
from tocsin.roads.kernel.ways import find_way
from tocsin.roads.metric import INFINITE_MS, Metric
from tocsin.roads.position import OnRoad
from tocsin.roads.positions import FAR, Access, Flags, Longs
from tocsin.roads.region import Region


def hierarchy_of(graph: Graph, rank: Rows | None = None) -> Hierarchy:
    """The hierarchy of a graph; its order is made anew where the region file holds none, or one of another graph."""
    is_known = rank is not None and rank.dtype.kind in "iu" and np.array_equal(np.sort(rank), np.arange(graph.states))
    order = rank.astype(np.int32, copy=False) if rank is not None and is_known else order_of(graph)
    return build_hierarchy(graph.states, graph.arc_tail, graph.arc_head, order)


def order_of(graph: Graph) -> Rows:
    """The rank of each state: what the region file keeps."""
    return order_states(graph.states, graph.arc_tail, graph.arc_head)


class KernelRouter(DriveRouter):
    """Quickest ways over a region (``router.Router``). Never changed after it is made but for a cache: may be shared between threads."""

    def __init__(
        self,
        region: Region,
        graph: Graph,
        metric: Metric,
        hierarchy: Hierarchy,
        *,
        weights: Weights | None = None,
        drives_kept: int = 1_024,
    ) -> None:  # fmt: skip
        """``weights``: of this very metric, where they were made already (``recustomise``)."""
        super().__init__(region, graph, metric, drives_kept=drives_kept)
        self.hierarchy = hierarchy
        self.weights = weights if weights is not None else customise(hierarchy, metric.arc_ms(graph))

    def times_from(self, target: OnRoad, edges: Longs, along_ppm: Longs, is_headed: Flags) -> Longs:
        """See ``DriveRouter``. By labels for a few sources; for many, one sweep is less work than a label for each."""
        if len(edges) * self._label_arcs() > self.hierarchy.arcs:
            departures = self.positions.departure_arrays(edges, along_ppm, is_headed)
            graph_ms: Longs = np.min(departures.ms + self._far_or(self._sweep(target))[departures.state], axis=0)
            return self._least(target, graph_ms, edges, along_ppm, is_headed)
        kept = self.keep_sources(len(edges))
        kept.put(np.arange(len(edges), dtype=np.int32), edges, along_ppm, is_headed)
        return kept.times_to(target, len(edges))

    def times_between(self, sources: Sequence[OnRoad], targets: Sequence[OnRoad]) -> Longs:
        """See ``router.Router``. One label per source, then one per target."""
        kept = self.keep_sources(len(sources))
        kept.put(np.arange(len(sources), dtype=np.int32), *as_arrays(sources))
        return kept.times_to_each(targets, len(sources))

    def node_times_to(self, target: OnRoad) -> Longs:
        """See ``router.Router``."""
        ms = self._sweep(target)
        return np.where(ms < INFINITE_MS, ms, UNREACHABLE)

    def node_times_from(self, sources: Sequence[OnRoad]) -> Longs:
        """See ``router.Router``. A sweep the other way round, from all sources at once."""
        departures = [departure for source in sources for departure in self.positions.departures(source)]
        back = Weights(self.weights.arc_ms, self.weights.down, self.weights.up)
        ms = sweep(self.hierarchy, back, self._as_doors(departures))[self.hierarchy.rank].astype(np.int64)
        return np.where(ms < INFINITE_MS, ms, UNREACHABLE)

    def node_times_to_each(self, targets: Sequence[OnRoad]) -> Longs:
        """``node_times_to`` of many targets, (states, targets), sixteen in one pass."""
        columns = []
        for first in range(0, len(targets), WIDE):
            some = targets[first : first + WIDE]
            ms = sweep_wide(self.hierarchy, self.weights, [self.doors_of(target) for target in some])
            columns.append(ms[self.hierarchy.rank, : len(some)])
        ms = np.concatenate(columns, axis=1).astype(np.int64) if columns else np.empty((self.graph.states, 0), np.int64)
        return np.where(ms < INFINITE_MS, ms, UNREACHABLE)

    def keep_sources(self, room: int) -> "KeptLabels":
        """See ``router.Router``."""
        return KeptLabels(self, room)

    def under(self, metric: Metric) -> "KernelRouter":
        """The router of another metric, made from this one's weights: quick where few edges differ, as when a road closes."""
        weights = recustomise(self.hierarchy, self.weights, metric.arc_ms(self.graph))
        return KernelRouter(self.region, self.graph, metric, self.hierarchy, weights=weights)

    def is_sound(self) -> bool:
        """Whether its weights are those that customising anew gives: the check of a router that came from another one, in its own time."""
        whole = customise(self.hierarchy, self.weights.arc_ms)
        return bool(np.array_equal(whole.up, self.weights.up) and np.array_equal(whole.down, self.weights.down))

    def made_anew(self) -> "KernelRouter":
        """The same metric, customised from nothing."""
        return KernelRouter(self.region, self.graph, self.costs, self.hierarchy)

    def _label_arcs(self) -> int:
        """About how many arcs a label looks at: a rank has as many upward arcs, on average, as it has depth to climb in the long run."""
        return max(1, int(self.hierarchy.mean_depth**2 / 8))

    def doors_of(self, target: OnRoad) -> Doors:
        """Ranks from which a target is reached, and the time from each."""
        return self._as_doors(self.positions.arrivals(target))

    def _as_doors(self, accesses: Sequence[Access]) -> Doors:
        states = np.array([access.state for access in accesses], dtype=np.int64)
        return self.hierarchy.rank[states], np.array([access.ms for access in accesses], dtype=np.uint32)

    def _sweep(self, target: OnRoad) -> Longs:
        return sweep(self.hierarchy, self.weights, self.doors_of(target))[self.hierarchy.rank].astype(np.int64)

    @staticmethod
    def _far_or(ms: Longs) -> Longs:
        return np.where(ms < INFINITE_MS, ms, FAR)

    def _arc_path(self, departures: Sequence[Access], arrivals: Sequence[Access]) -> ArcPath | None:
        best: tuple[int, ArcPath] | None = None
        for first, departure in enumerate(departures):
            for last, arrival in enumerate(arrivals):
                start, end = (int(self.hierarchy.rank[access.state]) for access in (departure, arrival))
                way = find_way(self.hierarchy, self.weights, start, end)
                if way is None:
                    continue
                ms = departure.ms + way[0] + arrival.ms
                if best is None or ms < best[0]:
                    best = ms, (first, way[1], last)
        return best[1] if best is not None else None


class KeptLabels(KeptSources):
    """Sources with their labels."""

    def __init__(self, router: KernelRouter, room: int) -> None:
        super().__init__(router, room)
        self._kernel, self._layers = router, empty_layers(router.hierarchy, room)

    def put(self, rows: Rows, edges: Longs, along_ppm: Longs, is_headed: Flags) -> None:
        """See ``KeptSources``: 10 to 20 µs each."""
        super().put(rows, edges, along_ppm, is_headed)
        hierarchy = self._kernel.hierarchy
        departures = self._kernel.positions.departure_arrays(edges, along_ppm, is_headed)
        is_door = departures.ms < INFINITE_MS
        doors = np.where(is_door, hierarchy.rank[departures.state], -1).astype(np.int32)
        door_ms = np.where(is_door, departures.ms, 0).astype(np.uint32)
        fill_layers(hierarchy, self._kernel.weights.up, doors.T.copy(), door_ms.T.copy(), self._layers, rows)

    def times_to(self, target: OnRoad, count: int) -> Longs:
        """See ``KeptSources``: one label, one scan."""
        doors = [self._kernel.doors_of(target)]
        best = least_to_each(self._kernel.hierarchy, self._kernel.weights.down, doors, self._layers, count)
        return self._answers(target, best[0])

    def times_to_each(self, targets: Sequence[OnRoad], count: int) -> Longs:
        """``times_to`` of many targets, (sources, targets)."""
        doors = [self._kernel.doors_of(target) for target in targets]
        best = least_to_each(self._kernel.hierarchy, self._kernel.weights.down, doors, self._layers, count)
        table = np.empty((count, len(targets)), dtype=np.int64)
        for column, target in enumerate(targets):
            table[:, column] = self._answers(target, best[column])
        return table

    def _answers(self, target: OnRoad, best: NDArray[np.uint32]) -> Longs:
        """Times over the graph, or straight on where that is less."""
        ms: Longs = best.astype(np.int64)
        count = len(ms)
        own = self.edges[:count], self.along_ppm[:count], self.is_headed[:count]
        for row, straight_ms in self._kernel.positions.straight_rows(target, *own):
            ms[row] = min(int(ms[row]), straight_ms)
        ms[ms >= INFINITE_MS] = UNREACHABLE
        return ms
