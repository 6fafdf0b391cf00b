"""What all routers do alike: from positions to states and back, the choice among quickest ways, lines, lengths, and places along a drive.

A router of its own kind adds how it searches: ``times_from``, ``node_times_to`` and ``_arc_path``, all over the states and arcs of
``graph.py``. Times are whole milliseconds and exact, so every kind gives the same ones; of ways of one time each kind may find another.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar, cast
from weakref import WeakMethod

import numpy as np

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres, Millis, Ppm
from tocsin.roads.graph import Graph
from tocsin.roads.kept import KeptSources
from tocsin.roads.metric import Metric
from tocsin.roads.position import WHOLE_PPM, OnRoad, Route, part_ms, ppm_at
from tocsin.roads.positions import FAR, Access, Flags, Leg, Longs, Positions
from tocsin.roads.region import Region
from tocsin.roads.shapes import part_line, place_of

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

UNREACHABLE: Final = -1
"""In arrays of times only; lists say None."""

ArcPath = tuple[int, list[int], int]
"""Index of the departure, arcs in driving order, index of the arrival."""


class DriveRouter(ABC):
    """Quickest ways over a region by one metric (``router.Router``). Its own state is a cache of drives: may be shared between threads."""

    def __init__(self, region: Region, graph: Graph, metric: Metric, *, drives_kept: int) -> None:
        self.region, self.graph, self.costs = region, graph, metric
        self.positions = Positions(region, graph, metric)
        self._drive = remembered(self._find_drive, drives_kept)

    @abstractmethod
    def times_from(self, target: OnRoad, edges: Longs, along_ppm: Longs, is_headed: Flags) -> Longs:
        """``times_to`` with sources as arrays (n,): milliseconds, ``UNREACHABLE`` where there is no way.

        The least of ``positions.departure_arrays`` (two rows) plus the time from their states, and of ``positions.straight_rows``;
        ``_least`` joins the three.
        """

    @abstractmethod
    def node_times_to(self, target: OnRoad) -> Longs:
        """See ``router.Router``."""

    @abstractmethod
    def node_times_from(self, sources: Sequence[OnRoad]) -> Longs:
        """See ``router.Router``."""

    @abstractmethod
    def _arc_path(self, departures: Sequence[Access], arrivals: Sequence[Access]) -> ArcPath | None:
        """The way of least departure + arcs + arrival; of equal ones by the first such departure. None where there is no way.

        No arcs where departure and arrival are at one state. A closed edge has no arc on it.
        """

    @property
    def metric(self) -> str:
        """See ``router.Router``."""
        return self.costs.key.id

    def times_to(self, target: OnRoad, sources: Sequence[OnRoad]) -> list[Millis | None]:
        """See ``router.Router``."""
        return [None if ms < 0 else Millis(ms) for ms in self.times_from(target, *as_arrays(sources)).tolist()]

    def times_between(self, sources: Sequence[OnRoad], targets: Sequence[OnRoad]) -> Longs:
        """See ``router.Router``. Column by column; a router that knows a quicker way replaces this."""
        arrays = as_arrays(sources)
        table = np.full((len(sources), len(targets)), UNREACHABLE, dtype=np.int64)
        for column, target in enumerate(targets):
            table[:, column] = self.times_from(target, *arrays)
        return table

    def keep_sources(self, room: int) -> KeptSources:
        """See ``router.Router``."""
        return KeptSources(self, room)

    def route(self, source: OnRoad, target: OnRoad) -> Route | None:
        """See ``router.Router``."""
        drive = self._drive(source, target)
        if drive is None:
            return None
        driven = [leg for leg in drive if leg.to_ppm > leg.from_ppm]
        line: list[LonLat] = [place_of(self.region, source)]
        for leg in driven:
            line += part_line(self.region, leg.edge, leg.from_ppm, leg.to_ppm)[1:]
        if len(line) == 1:
            line.append(place_of(self.region, target))
        driven_m = [int(self.region.edge_cm[leg.edge]) * (leg.to_ppm - leg.from_ppm) / WHOLE_PPM / 100 for leg in driven]
        return Route(
            time_ms=Millis(sum(leg.ms for leg in drive)),
            distance_m=Metres(round(sum(driven_m), 2)),
            edges=tuple(leg.edge for leg in driven),
            edge_ms=_edge_ms(drive),
            edge_m=tuple(Metres(length) for length in driven_m),
            coordinates=tuple(line),
        )

    def along(self, source: OnRoad, target: OnRoad, elapsed_ms: Millis) -> OnRoad | None:
        """See ``router.Router``."""
        drive = self._drive(source, target)
        if drive is None:
            return None
        if elapsed_ms <= 0:
            return source
        left_ms = int(elapsed_ms)
        for leg in drive:
            if left_ms < leg.ms:
                return self._within(leg, left_ms, source.is_headed)
            left_ms -= leg.ms
        return target

    def _within(self, leg: Leg, left_ms: int, is_headed: bool) -> OnRoad:
        """Where one is on a leg; at its head while waiting there."""
        if left_ms >= leg.drive_ms:
            return OnRoad(leg.edge, Ppm(leg.to_ppm), is_headed)
        whole_ms = int(self.costs.drive_ms[leg.edge])
        at = ppm_at(whole_ms, part_ms(whole_ms, leg.from_ppm) + left_ms)
        return OnRoad(leg.edge, Ppm(min(max(at, leg.from_ppm), leg.to_ppm)), is_headed)

    def _find_drive(self, source: OnRoad, target: OnRoad) -> tuple[Leg, ...] | None:
        """The legs of the quickest way in order; of equal ones, straight on, then ahead, then turning round."""
        departures, arrivals = self.positions.departures(source), self.positions.arrivals(target)
        straight, path = self.positions.straight_on(source, target), self._arc_path(departures, arrivals)
        if path is None:
            return None if straight is None else (straight,)
        first, arcs, last = path
        legs = (departures[first].leg, *(self.positions.whole(arc) for arc in arcs), arrivals[last].leg)
        return (straight,) if straight is not None and straight.ms <= sum(leg.ms for leg in legs) else legs

    def _least(self, target: OnRoad, graph_ms: Longs, edges: Longs, along_ppm: Longs, is_headed: Flags) -> Longs:
        """Times over the graph (n,), at least ``FAR`` where there is no way, or straight on where that is less; as answers."""
        for row, straight_ms in self.positions.straight_rows(target, edges, along_ppm, is_headed):
            graph_ms[row] = min(int(graph_ms[row]), straight_ms)
        return np.where(graph_ms < FAR, graph_ms, UNREACHABLE)


def _edge_ms(drive: Sequence[Leg]) -> tuple[Millis, ...]:
    """Per leg that has a length; who sets out at the very head of an edge waits there before the first of them."""
    waited_ms, told = 0, []
    for leg in drive:
        if leg.to_ppm > leg.from_ppm:
            told.append(Millis(leg.ms + waited_ms))
            waited_ms = 0
        else:
            waited_ms += leg.ms
    return tuple(told)


def remembered(method: Callable[Asked, Answer], kept: int) -> Callable[Asked, Answer]:
    """The method with its last answers kept, for as long as its router lives and no longer: without a circle that holds megabytes until
    the next full collection."""
    weak = WeakMethod(method)

    def ask(*asked: Asked.args, **named: Asked.kwargs) -> Answer:
        alive = weak()
        if alive is None:
            raise AssertionError("a router asks itself")
        return alive(*asked, **named)

    return cast(Callable[Asked, Answer], lru_cache(maxsize=kept)(ask))


def as_arrays(places: Sequence[OnRoad]) -> tuple[Longs, Longs, Flags]:
    """Edges, fractions and whether headed."""
    count = len(places)
    edges = np.fromiter((place.edge for place in places), dtype=np.int64, count=count)
    along_ppm = np.fromiter((place.along_ppm for place in places), dtype=np.int64, count=count)
    return edges, along_ppm, np.fromiter((place.is_headed for place in places), dtype=np.bool_, count=count)
