"""Which parts of which streets are reached within a time, given the times at the nodes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tocsin.roads.graph import Graph
from tocsin.roads.position import WHOLE_PPM, OnRoad, part_ms
from tocsin.roads.region import DEGREES_E7, Region
from tocsin.roads.shapes import METRES_PER_DEGREE

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

UNREACHABLE: Final = -1


@dataclass(frozen=True, eq=False)
class Trail:
    """Points along all streets, never farther apart than asked for."""

    xy_m: Floats
    """(n, 2) metres east and north of the middle of the region, on a plane that touches it there."""
    street: NDArray[np.int64]
    part: Floats
    """Of the street's length, from its first point."""


def trail_of(region: Region, step_m: float) -> Trail:
    """Every street's own points with as many between them as it takes."""
    xy_m = plane(region, region.point_lon_e7 / DEGREES_E7, region.point_lat_e7 / DEGREES_E7)
    start = region.street_start.astype(np.int64)
    street = np.repeat(np.arange(region.streets), np.diff(start))
    piece_m = np.hypot(*np.diff(xy_m, axis=0).T)
    piece_m[start[1:-1] - 1] = 0.0  # between one street and the next
    along_m = np.concatenate([[0.0], np.cumsum(piece_m)])
    begin_m, end_m = along_m[start[:-1]], along_m[start[1:] - 1]
    part = (along_m - begin_m[street]) / np.maximum((end_m - begin_m)[street], 1e-9)
    more = np.maximum(np.ceil(piece_m / step_m).astype(np.int64) - 1, 0)
    row = np.repeat(np.arange(len(piece_m)), more)
    share = (np.arange(len(row)) - np.repeat(np.cumsum(more) - more, more) + 1) / (more[row] + 1)
    between = xy_m[row] + (xy_m[row + 1] - xy_m[row]) * share[:, None]
    return Trail(
        np.concatenate([xy_m, between]),
        np.concatenate([street, street[row]]),
        np.concatenate([part, part[row] + (part[row + 1] - part[row]) * share]),
    )


def trail_ms(region: Region, trail: Trail, node_ms: Times, edge_ms: Times | None = None) -> Floats:
    """When each point of the trail is reached from the nodes, driving in the directions that are allowed; infinite where never.

    ``node_ms``: milliseconds to each node, UNREACHABLE where there is no way. ``edge_ms``: over each directed edge, UNREACHABLE where it is
    closed; the region's own without it.
    """
    ms = np.full(len(trail.street), np.inf)
    starts = _infinite_if_never(node_ms)
    over = _infinite_if_never(region.edge_ms if edge_ms is None else edge_ms)
    for side in (0, 1):
        edge_of = np.full(region.streets, -1, dtype=np.int64)
        edges = np.flatnonzero(region.edge_is_against == side)
        edge_of[region.edge_street[edges]] = edges
        edge = edge_of[trail.street]
        part = 1.0 - trail.part if side else trail.part
        # the end of a street is reached with its node, whether or not the street may be driven
        there = starts[region.edge_tail[edge]] + np.where(part == 0.0, 0.0, np.maximum(part, 1e-12) * over[edge])
        ms = np.minimum(ms, np.where(edge >= 0, there, np.inf))
    return ms


def _infinite_if_never(ms: NDArray[Any]) -> Floats:
    return np.where(ms < 0, np.inf, ms.astype(np.float64))


def node_times_from(region: Region, graph: Graph, starts: Sequence[OnRoad], edge_ms: Times | None = None) -> Times:
    """Milliseconds (nodes,) to each node from the nearest of these places, turn restrictions obeyed; UNREACHABLE where there is no way.

    A plain search by SciPy for whole maps, made once: the kernel answers single questions faster. Who stands on a closed edge may leave it.
    """
    over = region.edge_ms.astype(np.int64) if edge_ms is None else edge_ms
    weight, is_open = over[graph.arc_edge], over[graph.arc_edge] >= 0
    ends = [end for start in starts for end in _ways_out(region, graph, start)]
    tail = np.concatenate([graph.arc_tail[is_open], np.full(len(ends), graph.states)])
    head = np.concatenate([graph.arc_head[is_open], np.array([state for state, _ in ends], dtype=np.int64)])
    # one millisecond more on the first arcs: SciPy may take an arc of no length for no arc
    ms = np.concatenate([weight[is_open], np.array([first_ms + 1 for _, first_ms in ends], dtype=np.int64)])
    order = np.lexsort((ms, head, tail))  # of parallel arcs the quickest: a sparse matrix would add them up
    tail, head, ms = tail[order], head[order], ms[order]
    is_first = np.ones(len(tail), dtype=bool)
    is_first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    count = graph.states + 1
    web = csr_array((ms[is_first].astype(np.float64), (tail[is_first], head[is_first])), shape=(count, count))
    found = dijkstra(web, indices=graph.states)[:-1] - 1.0
    best = np.full(region.nodes, np.inf)
    np.minimum.at(best, graph.state_node, found)
    return np.where(np.isfinite(best), best, UNREACHABLE).astype(np.int64)


def _ways_out(region: Region, graph: Graph, start: OnRoad) -> list[tuple[int, int]]:
    """States where one comes out who leaves a place, and after how many milliseconds."""
    whole, twin = int(region.edge_ms[start.edge]), int(region.edge_twin[start.edge])
    ends = [(int(graph.edge_head_state[start.edge]), whole - part_ms(whole, start.along_ppm))]
    if twin >= 0:
        back = int(region.edge_ms[twin])
        ends.append((int(graph.edge_head_state[twin]), back - part_ms(back, WHOLE_PPM - start.along_ppm)))
    return ends


def middle(region: Region) -> tuple[float, float]:
    """Longitude and latitude halfway between the region's ends."""
    lon, lat = region.point_lon_e7, region.point_lat_e7
    return (int(lon.min()) + int(lon.max())) / 2 / DEGREES_E7, (int(lat.min()) + int(lat.max())) / 2 / DEGREES_E7


def plane(region: Region, lon: Floats, lat: Floats) -> Floats:
    """(n, 2) metres east and north of the region's middle."""
    lon_0, lat_0 = middle(region)
    east = METRES_PER_DEGREE * np.cos(np.radians(lat_0))
    return np.column_stack([(lon - lon_0) * east, (lat - lat_0) * METRES_PER_DEGREE])


def from_plane(region: Region, xy_m: Floats) -> Floats:
    """(n, 2) degrees: the way back."""
    lon_0, lat_0 = middle(region)
    east = METRES_PER_DEGREE * np.cos(np.radians(lat_0))
    return np.column_stack([xy_m[:, 0] / east + lon_0, xy_m[:, 1] / METRES_PER_DEGREE + lat_0])
