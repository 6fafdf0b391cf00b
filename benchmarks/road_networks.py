"""What the benchmarks of the road kernel measure on: networks made ready, questions by chance, a peer. Not run by ``run.py``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tocsin.base.quantities import Ppm
from tocsin.roads.build import build_region
from tocsin.roads.fleet import Fleet
from tocsin.roads.graph import Graph
from tocsin.roads.kernel.hierarchy import Hierarchy, build_hierarchy
from tocsin.roads.kernel.order import order_states
from tocsin.roads.kernel_router import KernelRouter
from tocsin.roads.metric import Metric, MetricKey
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.region import Region
from tocsin.roads.streets import Streets
from tocsin.roads.turns import graph_of

PEERS_INFINITY = 2**31 - 1
"""RoutingKit's."""


@dataclass(eq=False)
class Network:
    """A region ready to be asked, with what it took."""

    region: Region
    graph: Graph
    hierarchy: Hierarchy
    order_s: float
    hierarchy_s: float
    dice: np.random.Generator

    @cached_property
    def router(self) -> KernelRouter:
        """Nothing closed."""
        return KernelRouter(self.region, self.graph, self.metric([]), self.hierarchy)

    def metric(self, closed: Any) -> Metric:
        """Times of the region with these edges closed."""
        is_closed = np.zeros(self.region.edges, dtype=np.bool_)
        is_closed[closed] = True
        key = MetricKey(self.region.map_hash, "bench", closures="open" if not len(closed) else str(hash(is_closed.tobytes())))
        return Metric(key, self.region.edge_ms.astype(np.int64), np.zeros(self.region.edges, np.int64), is_closed)

    def places(self, count: int) -> list[OnRoad]:
        """Anywhere on any edge, of unknown heading."""
        edges, along = self.dice.integers(0, self.region.edges, count), self.dice.integers(0, WHOLE_PPM + 1, count)
        return [OnRoad(edge, Ppm(at)) for edge, at in zip(edges.tolist(), along.tolist(), strict=True)]

    def fleet(self, count: int) -> Fleet[str]:
        """So many units anywhere."""
        fleet: Fleet[str] = Fleet(self.router)
        fleet.put({f"U{nth}": place for nth, place in enumerate(self.places(count))})
        return fleet

    @cached_property
    def backward(self) -> csr_array:
        """The graph from heads to tails, for SciPy; of parallel arcs the quickest."""
        order = np.lexsort((self.router.weights.arc_ms, self.graph.arc_tail, self.graph.arc_head))
        head, tail, ms = (array[order] for array in (self.graph.arc_head, self.graph.arc_tail, self.router.weights.arc_ms))
        is_first = np.append(True, (head[1:] != head[:-1]) | (tail[1:] != tail[:-1]))
        entries = ms[is_first].astype(np.float64), (head[is_first], tail[is_first])
        return csr_array(entries, shape=(self.graph.states, self.graph.states))

    def scipy_one_to_all(self, target: int) -> NDArray[np.float64]:
        """From every state to one, without the ways."""
        times: NDArray[np.float64] = dijkstra(self.backward, indices=target)
        return times


def network_of(streets: Streets, name: str) -> Network:
    """Region, order and hierarchy."""
    region = build_region(streets, name=name)
    graph = graph_of(region)
    start = perf_counter()
    rank = order_states(graph.states, graph.arc_tail, graph.arc_head)
    ordered = perf_counter()
    hierarchy = build_hierarchy(graph.states, graph.arc_tail, graph.arc_head, rank)
    return Network(region, graph, hierarchy, ordered - start, perf_counter() - ordered, np.random.default_rng(20_260_301))


class Peer:
    """RoutingKit's hierarchy by routingkit-cch on the same arcs, in its own order. The bindings take lists, and panic where a metric is
    changed while a query on it lives: no query outlives the function that makes it."""

    def __init__(self, network: Network) -> None:
        import routingkit_cch  # noqa: PLC0415 - an optional peer

        self.kit = routingkit_cch
        graph, region = network.graph, network.region
        tail, head = graph.arc_tail.tolist(), graph.arc_head.tolist()
        lat, lon = (array[graph.state_node].astype(float) / 1e7 for array in (region.node_lat_e7, region.node_lon_e7))
        start = perf_counter()
        order = self.kit.compute_order_inertial(graph.states, tail, head, lat.tolist(), lon.tolist())
        self.order_s = perf_counter() - start
        self.cch = self.kit.CCH(order, tail, head, False)
        self.open_ms = network.router.weights.arc_ms.tolist()
        self.metric = self.kit.CCHMetric(self.cch, self.open_ms)
        self.updater = self.kit.CCHMetricPartialUpdater(self.cch)

    def reset_s(self) -> float:
        """All weights anew."""
        return spent_s(lambda: self.metric.reset(self.open_ms))

    def closure_s(self, arcs: list[int], sources: list[int]) -> float:
        """These arcs closed and the sources pinned anew; opened again afterwards."""

        def close() -> None:
            self.updater.apply(self.metric, dict.fromkeys(arcs, PEERS_INFINITY))
            self.kit.CCHManyToOne(self.metric, sources)

        took_s = spent_s(close)
        self.updater.apply(self.metric, {arc: self.open_ms[arc] for arc in arcs})
        return took_s


def spent_s(act: Callable[[], Any]) -> float:
    """Of one call."""
    start = perf_counter()
    act()
    return perf_counter() - start


def each_us(act: Callable[[Any], Any], arguments: Iterable[Any]) -> NDArray[np.float64]:
    """Microseconds of each call."""
    return np.array([spent_s(lambda one=one: act(one)) for one in arguments]) * 1e6


def median_ms(act: Callable[[], Any], repeats: int) -> float:
    """Of so many calls."""
    return float(np.median([spent_s(act) for _ in range(repeats)])) * 1e3
