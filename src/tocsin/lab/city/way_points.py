"""Places between: added on the streets until whoever drives is never far from a place.

Only streets that lie on quickest ways between stations or hospitals and the other places count, the most used first.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import dijkstra

from tocsin.lab.city.checks import Remark
from tocsin.lab.city.spots import MOST_PLACES
from tocsin.lab.city.ways import Anchors, Net
from tocsin.lab.city.web import Doors, Rows, Web, matrix, nearest_places

WITHIN_MS: Final = 75_000
"""Every state that is driven through lies at most so far behind a place, with lights, if the room allows it."""
WIDEN: Final = 1.25
MOST_HUBS: Final = 48
"""Stations and hospitals whose ways are followed; of more, evenly chosen ones."""


class Filled(NamedTuple):
    """Places with those between behind them."""

    anchors: Anchors
    states: Rows
    """Where the further places stand."""
    remarks: list[Remark]
    """Where the room was too small for places as dense as they should be."""


def with_way_points(net: Net, anchors: Anchors, demand: int) -> Filled:
    """All places of a city. The first ``demand`` are points that calls come from, the others stations and hospitals."""
    room, hubs = max(0, MOST_PLACES - anchors.size), np.arange(demand, anchors.size)
    doors = anchors.doors(is_lights=True)
    states, within_ms = way_points(net.lights.web, doors, hubs, room=room, states=len(net.state_lon))
    remarks: list[Remark] = [("way_points_sparse", (("within_s", within_ms // 1000),))] if within_ms > WITHIN_MS else []
    return Filled(anchors.with_states(states), states, remarks)


def way_points(web: Web, doors: Doors, hubs: NDArray[np.int64], *, room: int, states: int) -> tuple[Rows, int]:
    """States (below ``states``) to stand places at, at most ``room``, rising; and within how many milliseconds of a place that leaves
    every state that is driven through."""
    used = np.flatnonzero(uses(web, doors, hubs)[:states] > 0)
    within_ms = WITHIN_MS
    while True:
        found = _cover(web, doors, used, within_ms, room)
        if found is not None:
            return np.sort(found), within_ms
        within_ms = round(within_ms * WIDEN)


def uses(web: Web, doors: Doors, hubs: NDArray[np.int64]) -> NDArray[np.int32]:
    """Of each state: in how many trees from and to the hubs it lies on the way of some place."""
    forward = matrix(web)
    some = hubs[np.linspace(0, len(hubs) - 1, min(len(hubs), MOST_HUBS)).round().astype(np.int64)] if len(hubs) else hubs
    counts = np.zeros(web.states, dtype=np.int32)
    reached = np.unique(np.concatenate([own for own, _ in doors.reach]))
    left = np.unique(doors.leave_state[doors.leave_state >= 0])
    back = forward.T.tocsr()
    for hub in some.tolist():
        out = doors.leave_state[:, hub]
        for graph, roots, ends in ((forward, out[out >= 0], reached), (back, doors.reach[hub][0], left)):
            counts[_on_ways(graph, roots, ends, web.states)] += 1
    return counts


def _on_ways(graph: csr_array, roots: Rows, ends: Rows, states: int) -> NDArray[np.bool_]:
    """Which states lie between the root and the ends, in the tree of one hub."""
    door = csr_array((np.ones(len(roots)), (np.zeros(len(roots), np.int32), roots)), shape=(1, states))
    whole = vstack([graph, door], format="csr")
    whole.resize((states + 1, states + 1))
    _, before = dijkstra(whole, indices=states, return_predecessors=True)
    is_on = np.zeros(states, dtype=np.bool_)
    here = ends
    while len(here):
        here = here[~is_on[here]]
        is_on[here] = True
        here = np.unique(before[here])
        here = here[(here >= 0) & (here < states)]
    return is_on


def _cover(web: Web, doors: Doors, used: NDArray[np.int64], within_ms: int, room: int) -> Rows | None:
    """Greedy: the first uncovered state becomes a way point and covers what lies ahead of it. None where the room does not suffice."""
    graph = matrix(web)
    is_open = np.zeros(web.states, dtype=np.bool_)
    near_ms = nearest_places(web, doors).ms
    is_open[used[(near_ms[used] > within_ms) & np.isfinite(near_ms[used])]] = True
    found: list[int] = []
    for state in np.flatnonzero(is_open).tolist():
        if not is_open[state]:
            continue
        if len(found) == room:
            return None
        found.append(state)
        is_open[dijkstra(graph, indices=state, limit=within_ms) <= within_ms] = False
    return np.array(found, dtype=np.int32)
