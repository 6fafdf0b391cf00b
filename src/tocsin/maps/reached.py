"""Which parts of which streets are reached within a time, given the times at the nodes."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.graph import Graph
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


def at_nodes(region: Region, graph: Graph, state_ms: Times) -> Times:
    """Times (nodes,) from those of the states (``router.node_times_from``): a node is reached when it is reached in any state."""
    best = np.full(region.nodes, np.iinfo(np.int64).max)
    np.minimum.at(best, graph.state_node, np.where(state_ms < 0, np.iinfo(np.int64).max, state_ms))
    return np.where(best == np.iinfo(np.int64).max, UNREACHABLE, best)


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
