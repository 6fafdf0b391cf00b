"""A region that is ready to be asked: routers for whatever hour, vehicle and closures, each under the id of its metric.

A router is never changed: when a road closes or the hour moves on, another one is made beside it and takes its place at once. Old ids
can be asked for again and give the same milliseconds.
"""

import tomllib
from collections import OrderedDict
from functools import cached_property, lru_cache
from importlib.resources import files
from threading import Lock, Thread
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.closures import OPEN, ClosureIndex, closures_hash
from tocsin.roads.compiled_kernel import find_kernel_router
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.drives import DriveRouter
from tocsin.roads.metric import Metric, MetricKey
from tocsin.roads.region import Region
from tocsin.roads.snapping import Snapper
from tocsin.roads.speeds import NO_SPEEDS, SpeedProfile
from tocsin.roads.turns import graph_of

if TYPE_CHECKING:
    from tocsin.roads.kernel.hierarchy import Hierarchy
    from tocsin.roads.kernel_router import KernelRouter

ROUTERS_KEPT: Final = 8
"""The current and the next bin of a few conditions; a metric of New York weighs 15 MB."""

TREES_KEPT: Final = 256
"""Shortest-path trees that the router without a hierarchy keeps."""

ORDER: Final = "order"
"""Section of the region file with the rank of each state."""

Edges = NDArray[np.int64]
NO_EDGES: Final = np.empty(0, dtype=np.int64)


class Conditions(NamedTuple):
    """What speeds depend on."""

    vehicle: str = "any"
    is_lights: bool = True
    hour_of_week: int | None = None
    """0 = Monday 00:00 to 01:00 on the centre's wall; None = at no hour in particular."""


ANY_HOUR: Final = Conditions()


class RoadNetwork:
    """May be shared between threads."""

    def __init__(self, region: Region, speeds: SpeedProfile = NO_SPEEDS, *, is_compiled: bool = True) -> None:
        """``is_compiled`` False: SciPy even where the compiled kernel would run."""
        self.region, self.speeds = region, speeds
        self.graph = graph_of(region)
        self._kernel = find_kernel_router() if is_compiled else None
        self.snapper = Snapper(region)
        self._lock = Lock()
        self._routers: OrderedDict[str, DriveRouter] = OrderedDict()
        self.unsound: list[str] = []
        """Metrics whose first router did not stand its check and was made anew: none, unless the machine or we are wrong."""

    @property
    def is_compiled(self) -> bool:
        """Whether the compiled kernel answers."""
        return self._kernel is not None

    @cached_property
    def closures(self) -> ClosureIndex:
        """What drawn shapes close here."""
        return ClosureIndex(self.region)

    @cached_property
    def hierarchy(self) -> "Hierarchy":
        """By the order that the region file keeps; a region without one is ordered now. Only where the compiled kernel runs."""
        if self._kernel is None:
            raise AssertionError("only the compiled kernel searches a hierarchy")
        hierarchy: Hierarchy = self._kernel.hierarchy_of(self.graph, self.region.sections.get(ORDER))
        return hierarchy

    def prepare(self) -> None:
        """Make all that the first question would wait for: the order, the first metric, the places of streets. Before the shift begins."""
        self.router()
        self.snapper.prepare()
        _ = self.closures

    def router(self, conditions: Conditions = ANY_HOUR, closed: Edges = NO_EDGES) -> DriveRouter:
        """The router for these conditions with these directed edges closed (rising, each once)."""
        key = self._key(conditions, closed)
        with self._lock:
            found = self._routers.get(key.id)
            if found is not None:
                self._routers.move_to_end(key.id)
                return found
        # made without the lock: questions by other metrics go on meanwhile
        made = self._make(key, conditions, closed)
        with self._lock:
            found = self._routers.setdefault(key.id, made)
            while len(self._routers) > ROUTERS_KEPT:
                self._routers.popitem(last=False)
        return found

    def _key(self, conditions: Conditions, closed: Edges) -> MetricKey:
        bin_ = self.speeds.bin_of(conditions.hour_of_week)
        vehicle = conditions.vehicle if self.speeds.is_by_vehicle else ANY_HOUR.vehicle
        return MetricKey(self.region.map_hash, self.speeds.id, vehicle, conditions.is_lights, bin_, closures_hash(closed))

    def _make(self, key: MetricKey, conditions: Conditions, closed: Edges) -> DriveRouter:
        if key.closures == OPEN:
            metric = self._open_metric(key, conditions)
            kernel = self._kernel
            opened: DriveRouter = kernel.KernelRouter(self.region, self.graph, metric, self.hierarchy) if kernel else self._scipy(metric)
            return opened
        base = self.router(conditions)
        is_closed = np.zeros(self.region.edges, dtype=np.bool_)
        is_closed[closed] = True
        metric = Metric(key, base.costs.drive_ms, base.costs.wait_ms, is_closed)
        if self._kernel is None or not isinstance(base, self._kernel.KernelRouter):
            return self._scipy(metric)
        made: DriveRouter = base.under(metric)
        Thread(target=self._check, args=(key.id, made), daemon=True).start()
        return made

    def _check(self, metric: str, router: "KernelRouter") -> None:
        """Beside the questions: customise anew and compare with what was repaired in part. What differs is never handed out again."""
        if not router.is_sound():
            with self._lock:
                self._routers[metric] = router.made_anew()
                self.unsound.append(metric)

    def _scipy(self, metric: Metric) -> DijkstraRouter:
        return DijkstraRouter(self.region, self.graph, metric, trees_kept=TREES_KEPT)

    def _open_metric(self, key: MetricKey, conditions: Conditions) -> Metric:
        drive_ms = self.speeds.drive_ms(self.region, conditions.vehicle, conditions.hour_of_week, is_lights=conditions.is_lights)
        if self.speeds.is_with_waiting:
            wait_ms = np.zeros(self.region.edges, dtype=np.int64)
        else:
            signal_ms, stop_ms = waits_ms(is_lights=conditions.is_lights)
            wait_ms = self.region.edge_signals.astype(np.int64) * signal_ms + self.region.edge_stops.astype(np.int64) * stop_ms
        return Metric(key, drive_ms, wait_ms, np.zeros(self.region.edges, dtype=np.bool_))


@lru_cache(maxsize=2)
def waits_ms(*, is_lights: bool) -> tuple[int, int]:
    """Milliseconds lost at a signal, and at a sign."""
    table = tomllib.loads(files(__package__).joinpath("waits.toml").read_text("utf-8"))["lights" if is_lights else "plain"]
    return int(table["signal_ms"]), int(table["stop_ms"])


def order_section(region: Region) -> dict[str, NDArray[np.int32]]:
    """The section with the search order; none where the kernel cannot run (it is then made by who opens the region)."""
    kernel = find_kernel_router()
    return {ORDER: kernel.order_of(graph_of(region))} if kernel is not None else {}
