"""Streets as drives see them: states and arcs by one speed, the doors of places, and searches to sixteen places at once.

The compiled sweep serves where it runs, SciPy's Dijkstra elsewhere: to the same millisecond.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, vstack
from scipy.sparse.csgraph import dijkstra

from tocsin.roads.compiled_kernel import find_kernel_router

if TYPE_CHECKING:
    from tocsin.roads.kernel.customising import Weights
    from tocsin.roads.kernel.hierarchy import Hierarchy

WIDE: Final = 16
FAR_MS: Final = 1 << 30
"""No way, in times of states; twice this still fits 32 bits without a sign."""

Rows = NDArray[np.int32]
Millis32 = NDArray[np.uint32]


class Web(NamedTuple):
    """Arcs stand in the order of their tails."""

    states: int
    arc_tail: Rows
    arc_head: Rows
    arc_ms: Millis32
    """At least 1."""

    def start(self) -> Rows:
        """Row of each state's first arc; one longer than there are states."""
        return np.searchsorted(self.arc_tail, np.arange(self.states + 1)).astype(np.int32)


def web_of(states: int, tail: NDArray[np.integer], head: NDArray[np.integer], ms: NDArray[np.integer]) -> Web:
    """A web of arcs in any order; of those between the same two states the order stays."""
    order = np.argsort(tail, kind="stable")
    return Web(states, tail[order].astype(np.int32), head[order].astype(np.int32), ms[order].astype(np.uint32))


class Doors(NamedTuple):
    """How places (n) and states hang together."""

    leave_state: Rows
    """(2, n); -1 = there is no such way out."""
    leave_ms: Millis32
    reach: tuple[tuple[Rows, Millis32], ...]
    """By place: states from which it is reached, and how long that takes."""


class Search(Protocol):
    """Times to places."""

    def to(self, reach: Sequence[tuple[Rows, Millis32]]) -> Millis32:
        """(states, ``WIDE``) from every state to up to ``WIDE`` places; ``FAR_MS`` and more = no way, or no place in that column."""
        ...


class KernelSearch:
    """By the compiled hierarchy."""

    def __init__(self, hierarchy: "Hierarchy", weights: "Weights") -> None:
        self._hierarchy, self._weights = hierarchy, weights

    @classmethod
    def over(cls, webs: Sequence[Web]) -> "list[KernelSearch] | None":
        """One hierarchy for webs of the same arcs; None where the kernel cannot run."""
        if find_kernel_router() is None:
            return None
        from tocsin.roads.kernel.customising import customise  # noqa: PLC0415 - compiled code is loaded when roads are asked
        from tocsin.roads.kernel.hierarchy import build_hierarchy  # noqa: PLC0415 - likewise
        from tocsin.roads.kernel.order import order_states  # noqa: PLC0415 - likewise

        one = webs[0]
        hierarchy = build_hierarchy(one.states, one.arc_tail, one.arc_head, order_states(one.states, one.arc_tail, one.arc_head))
        return [cls(hierarchy, customise(hierarchy, web.arc_ms)) for web in webs]

    def to(self, reach: Sequence[tuple[Rows, Millis32]]) -> Millis32:
        """See ``Search``."""
        from tocsin.roads.kernel.sweeping import sweep_wide  # noqa: PLC0415 - compiled code is loaded when roads are asked

        rank = self._hierarchy.rank
        ms: Millis32 = sweep_wide(self._hierarchy, self._weights, [(rank[states], own) for states, own in reach])
        return np.ascontiguousarray(ms[rank])


class ScipySearch:
    """By one tree per place."""

    def __init__(self, web: Web) -> None:
        self._web = web

    @cached_property
    def _back(self) -> csr_array:
        return matrix(self._web).T.tocsr()

    def to(self, reach: Sequence[tuple[Rows, Millis32]]) -> Millis32:
        """See ``Search``. Each place is one more state behind the last, one millisecond more away: SciPy takes 0 for no arc."""
        states, count = self._web.states, len(reach)
        row = np.repeat(np.arange(count), [len(own) for own, _ in reach])
        head = np.concatenate([own for own, _ in reach])
        ms = np.concatenate([own for _, own in reach]).astype(np.float64) + 1
        # doors of one place at the same state: only the quickest
        order = np.lexsort((ms, head, row))
        row, head, ms = row[order], head[order], ms[order]
        is_first = np.ones(len(row), dtype=bool)
        is_first[1:] = (row[1:] != row[:-1]) | (head[1:] != head[:-1])
        doors = csr_array((ms[is_first], (row[is_first], head[is_first])), shape=(count, states))
        graph = vstack([self._back, doors], format="csr")
        graph.resize((states + count, states + count))
        found = dijkstra(graph, indices=np.arange(states, states + count))[:, :states]
        out = np.full((states, WIDE), FAR_MS, dtype=np.uint32)
        out[:, :count] = np.where(np.isfinite(found), np.where(np.isfinite(found), found, 0) - 1, FAR_MS).T
        return out


def matrix(web: Web) -> csr_array:
    """The web for SciPy: of parallel arcs the quickest, no loops."""
    order = np.lexsort((web.arc_ms, web.arc_head, web.arc_tail))
    tail, head, ms = web.arc_tail[order], web.arc_head[order], web.arc_ms[order]
    is_kept = tail != head
    is_kept[1:] &= (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    return csr_array((ms[is_kept].astype(np.float64), (tail[is_kept], head[is_kept])), shape=(web.states, web.states))


class Nearest(NamedTuple):
    """Of each state: the place from which it is reached soonest (-1 = from none), and how long that takes (inf)."""

    place: Rows
    ms: NDArray[np.float64]


def nearest_places(web: Web, doors: Doors) -> Nearest:
    """One search from all places at once."""
    states, count = web.states, doors.leave_state.shape[1]
    is_way = doors.leave_state >= 0
    place = np.broadcast_to(np.arange(count), doors.leave_state.shape)[is_way]
    head, ms = doors.leave_state[is_way], doors.leave_ms[is_way].astype(np.float64) + 1
    order = np.lexsort((ms, head, place))
    place, head, ms = place[order], head[order], ms[order]
    is_first = np.ones(len(place), dtype=bool)
    is_first[1:] = (place[1:] != place[:-1]) | (head[1:] != head[:-1])
    out = csr_array((ms[is_first], (place[is_first], head[is_first])), shape=(count, states))
    graph = vstack([matrix(web), out], format="csr")
    graph.resize((states + count, states + count))
    found, _, source = dijkstra(graph, indices=np.arange(states, states + count), min_only=True, return_predecessors=True)
    near = np.where(source[:states] >= states, source[:states] - states, -1)
    return Nearest(near.astype(np.int32), found[:states] - 1)
