"""Between positions in mid-street and the states of the road graph: how a source is left, how a target is reached, and what is straight on.

Costs: a part of an edge takes its part of ``Metric.drive_ms``; the waiting at an edge's head is paid by whoever leaves by that head. What
is closed may be left and driven to, in part, by who stands there or is wanted there; only the search drives no closed edge whole.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.base.quantities import Ppm
from tocsin.roads.graph import Graph
from tocsin.roads.metric import Metric
from tocsin.roads.position import WHOLE_PPM, OnRoad, part_ms
from tocsin.roads.region import Region

Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

FAR: Final = 1 << 60
"""No way, in arrays of times in between; sums of a few of them still fit 64 bits. Answers say ``UNREACHABLE``."""


class Leg(NamedTuple):
    """A part of one edge on a drive, and the waiting at its head."""

    edge: int
    from_ppm: int
    to_ppm: int
    drive_ms: int
    """From the one fraction to the other."""
    wait_ms: int = 0
    """At the head, before the next leg; nothing on a leg that ends at the target."""

    @property
    def ms(self) -> int:
        """Driving and waiting."""
        return self.drive_ms + self.wait_ms


class Access(NamedTuple):
    """How a position and the graph hang together: a departure leads from a source to a state, an arrival from a state to a target."""

    state: int
    leg: Leg

    @property
    def ms(self) -> int:
        """Time of the leg, with the waiting at its head for a departure."""
        return self.leg.ms


class Departures(NamedTuple):
    """The same for many sources at once, arrays (2, n): row 0 leaves ahead, row 1 by turning round (or is the node at the very tail)."""

    state: Longs
    """0 where there is no such departure."""
    ms: Longs
    """``FAR`` where there is no such departure."""


class Positions:
    """Departures, arrivals and straight ways by one metric. Holds no state of its own: may be shared between threads."""

    def __init__(self, region: Region, graph: Graph, metric: Metric) -> None:
        self._region, self._graph, self._metric = region, graph, metric
        self._state_start, self._states_at = _copies(region, graph)

    def departures(self, source: OnRoad) -> list[Access]:
        """Ahead by the head of its edge; unless it is headed, by turning round, too: on a two-way street by the head of the twin, and from
        the very tail of a one-way street into any street there."""
        departures = [self._ahead(source.edge, source.along_ppm)]
        twin = int(self._region.edge_twin[source.edge])
        if source.is_headed:
            return departures
        if twin >= 0:
            departures.append(self._ahead(twin, WHOLE_PPM - source.along_ppm))
        elif source.along_ppm == 0:
            departures.append(Access(int(self._region.edge_tail[source.edge]), Leg(source.edge, 0, 0, 0)))
        return departures

    def arrivals(self, target: OnRoad) -> list[Access]:
        """By every arc of its edge and of its twin, in part; a target at the very head of a one-way street is reached by reaching that
        node, in whatever state."""
        arrivals = [access for edge, to_ppm in self._both_ways(target) for access in self._by(edge, to_ppm)]
        if target.along_ppm == WHOLE_PPM and int(self._region.edge_twin[target.edge]) < 0:
            end = Leg(target.edge, WHOLE_PPM, WHOLE_PPM, 0)
            arrivals += [Access(state, end) for state in self._at_node(int(self._region.edge_head[target.edge]))]
        return arrivals

    @property
    def most_arrivals(self) -> int:
        """No target has more of them."""
        arcs: Longs = np.diff(self._graph.edge_first_arc).astype(np.int64)
        twin = self._region.edge_twin
        states = np.bincount(self._graph.state_node, minlength=self._region.nodes)[self._region.edge_head]
        return int(np.max(arcs + np.where(twin >= 0, arcs[twin], states), initial=1))

    def straight_on(self, source: OnRoad, target: OnRoad) -> Leg | None:
        """The quickest way that never leaves the street that both are on; None where there is none. Closed or not."""
        legs = [
            Leg(edge, start, end, self.drive_ms(edge, start, end))
            for edge, start in self._ways_of(source)
            for other, end in self._both_ways(target)
            if edge == other and start <= end
        ]
        return min(legs, key=lambda leg: leg.ms, default=None)

    def departure_arrays(self, edges: Longs, along_ppm: Longs, is_headed: Flags) -> Departures:
        """``departures`` of many sources."""
        region, head_state = self._region, self._graph.edge_head_state
        twin = region.edge_twin[edges].astype(np.int64)
        may_turn = ~is_headed & (twin >= 0)
        is_node = ~is_headed & (twin < 0) & (along_ppm == 0)
        turn_state = np.where(may_turn, head_state[twin], np.where(is_node, region.edge_tail[edges], 0))
        turn_ms = np.where(may_turn, self._ahead_ms(twin, WHOLE_PPM - along_ppm), np.where(is_node, 0, FAR))
        return Departures(
            np.stack([head_state[edges], turn_state]).astype(np.int64),
            np.stack([self._ahead_ms(edges, along_ppm), turn_ms]).astype(np.int64),
        )

    def straight_rows(self, target: OnRoad, edges: Longs, along_ppm: Longs, is_headed: Flags) -> Iterator[tuple[int, int]]:
        """(row, milliseconds) of those sources that come to the target straight on."""
        twin = int(self._region.edge_twin[target.edge])
        for row in np.flatnonzero((edges == target.edge) | (edges == (twin if twin >= 0 else target.edge))).tolist():
            leg = self.straight_on(OnRoad(int(edges[row]), Ppm(int(along_ppm[row])), bool(is_headed[row])), target)
            if leg is not None:
                yield row, leg.ms

    def whole(self, arc: int) -> Leg:
        """The leg of an arc."""
        edge = int(self._graph.arc_edge[arc])
        return Leg(edge, 0, WHOLE_PPM, int(self._metric.drive_ms[edge]), int(self._metric.wait_ms[edge]))

    def drive_ms(self, edge: int, from_ppm: int, to_ppm: int) -> int:
        """Driving from one fraction of an edge on to another."""
        whole_ms = int(self._metric.drive_ms[edge])
        return part_ms(whole_ms, to_ppm) - part_ms(whole_ms, from_ppm)

    def _ahead(self, edge: int, from_ppm: int) -> Access:
        drive_ms, wait_ms = self.drive_ms(edge, from_ppm, WHOLE_PPM), int(self._metric.wait_ms[edge])
        return Access(int(self._graph.edge_head_state[edge]), Leg(edge, from_ppm, WHOLE_PPM, drive_ms, wait_ms))

    def _ahead_ms(self, edges: Longs, from_ppm: Longs) -> Longs:
        whole_ms = self._metric.drive_ms[edges]
        ahead_ms: Longs = whole_ms - (whole_ms * from_ppm + WHOLE_PPM // 2) // WHOLE_PPM + self._metric.wait_ms[edges]
        return ahead_ms

    def _by(self, edge: int, to_ppm: int) -> list[Access]:
        """Arrivals by an edge, from every state from which it may be entered."""
        leg = Leg(edge, 0, to_ppm, self.drive_ms(edge, 0, to_ppm))
        rows = slice(int(self._graph.edge_first_arc[edge]), int(self._graph.edge_first_arc[edge + 1]))
        return [Access(state, leg) for state in self._graph.arc_tail[rows].tolist()]

    def _both_ways(self, on: OnRoad) -> list[tuple[int, int]]:
        """The position as a place on its edge and on the twin."""
        twin = int(self._region.edge_twin[on.edge])
        return [(on.edge, on.along_ppm)] + ([(twin, WHOLE_PPM - on.along_ppm)] if twin >= 0 else [])

    def _ways_of(self, source: OnRoad) -> list[tuple[int, int]]:
        return self._both_ways(source)[: 1 if source.is_headed else 2]

    def _at_node(self, node: int) -> list[int]:
        """All states of a node."""
        rows = slice(int(self._state_start[node]), int(self._state_start[node + 1]))
        copies: list[int] = self._states_at[rows].tolist()
        return [node, *copies]


def _copies(region: Region, graph: Graph) -> tuple[Longs, Longs]:
    """Copies of nodes by their node: first row per node, one longer than there are nodes, and states."""
    node = graph.state_node[region.nodes :]
    start: Longs = np.concatenate([[0], np.cumsum(np.bincount(node, minlength=region.nodes))])
    return start, region.nodes + np.argsort(node, kind="stable")
