"""The hierarchy: what contracting the states in their order leaves. It knows streets, not times; those come with each metric.

Everything here counts in ranks (``order.py``). An upward arc leads from a lower to a higher rank and stands for both directions. All upper
neighbours of a rank are its ancestors in the elimination tree (Dibbelt, Strasser & Wagner: Customizable Contraction Hierarchies, 2016), so
that the distances to them are one array by depth: a label.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from tocsin.roads.kernel.compiled import I32, I32_OUT, I64, I64_OUT, compiled
from tocsin.roads.kernel.order import neighbours

Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Arrays over ranks and upward arcs. Never changed after it is made; threads and processes may share it."""

    rank: Ints
    """Of each state."""
    up_start: Ints
    """A rank's first upward arc; one longer than there are ranks. The arcs of a rank are in the order of their heads."""
    up_head: Ints
    up_tail: Ints
    up_depth: Ints
    """Depth of the head."""
    parent: Ints
    """-1 at a root: there is one for every part of the network."""
    depth: Ints
    """A root has 0."""
    first_below: Ints
    """The lowest rank below: a rank's subtree is everything from there to itself."""
    down_start: Ints
    down_arc: Ints
    """Upward arcs that end at a rank, in the order of their tails."""
    arc_up: Ints
    """The upward arc that each arc of the graph lies on; -1 for a loop."""
    arc_is_up: NDArray[np.uint8]
    """1 = the graph's arc leads from the lower to the higher rank."""
    lies_start: Ints
    lies_arc: Ints
    """The graph's arcs on each upward arc."""

    @property
    def ranks(self) -> int:
        """How many, as many as states."""
        return len(self.rank)

    @property
    def arcs(self) -> int:
        """Upward arcs."""
        return len(self.up_head)

    @property
    def most_depth(self) -> int:
        """Length of the longest label."""
        return int(self.depth.max(initial=-1)) + 1

    @property
    def mean_depth(self) -> float:
        """Mean length of a label."""
        return float(self.depth.mean()) + 1.0 if self.ranks else 0.0


def build_hierarchy(states: int, tail: NDArray[Any], head: NDArray[Any], rank: Ints) -> Hierarchy:
    """Contract in the order of the ranks. The graph's arcs are given by their states."""
    start, neighbour = neighbours(states, rank[tail], rank[head])
    up_start = np.zeros(states + 1, dtype=np.int64)
    parent = np.full(states, -1, dtype=np.int32)
    up_head = _contract(start, neighbour, up_start, parent)
    up_tail = np.repeat(np.arange(states, dtype=np.int32), np.diff(up_start))
    depth, first_below = np.zeros(states, dtype=np.int32), np.arange(states, dtype=np.int32)
    _measure_tree(parent, depth, first_below)
    down_arc = np.argsort(up_head, kind="stable").astype(np.int32)
    low, high = np.minimum(rank[tail], rank[head]), np.maximum(rank[tail], rank[head])
    arc_up = np.full(len(tail), -1, dtype=np.int32)
    _find_arcs(up_start, up_head, low, high, arc_up)
    lies_arc = np.argsort(arc_up, kind="stable").astype(np.int32)[int((arc_up < 0).sum()) :]
    return Hierarchy(
        rank=rank,
        up_start=up_start.astype(np.int32),
        up_head=up_head,
        up_tail=up_tail,
        up_depth=depth[up_head],
        parent=parent,
        depth=depth,
        first_below=first_below,
        down_start=_starts(up_head, states),
        down_arc=down_arc,
        arc_up=arc_up,
        arc_is_up=(rank[tail] < rank[head]).astype(np.uint8),
        lies_start=_starts(arc_up[arc_up >= 0], len(up_head)),
        lies_arc=lies_arc,
    )


def _starts(numbers: NDArray[Any], count: int) -> Ints:
    return np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=count))]).astype(np.int32)


@compiled(types.int32[::1], I64, I32, I64_OUT, I32_OUT)
def _contract(start, neighbour, up_start, parent):
    """Upper neighbours of every rank: its own and, but for itself, those of its children in the elimination tree."""
    count = len(parent)
    room = len(neighbour) + count
    up_head = np.empty(room, np.int32)
    seen = np.full(count, -1, np.int32)
    child, sibling = np.full(count, -1, np.int32), np.full(count, -1, np.int32)
    filled = 0
    for low in range(count):
        up_start[low] = filled
        if filled + count > room:
            room = 2 * room + count
            more = np.empty(room, np.int32)
            more[:filled] = up_head[:filled]
            up_head = more
        for row in range(start[low], start[low + 1]):
            high = neighbour[row]
            if high > low and seen[high] != low:
                seen[high] = low
                up_head[filled] = high
                filled += 1
        one = child[low]
        while one != -1:
            for row in range(up_start[one], up_start[one + 1]):
                high = up_head[row]
                if high > low and seen[high] != low:
                    seen[high] = low
                    up_head[filled] = high
                    filled += 1
            one = sibling[one]
        up_start[low + 1] = filled
        if filled > up_start[low]:
            up_head[up_start[low] : filled].sort()
            above = up_head[up_start[low]]
            parent[low] = above
            sibling[low] = child[above]
            child[above] = low
    return up_head[:filled].copy()


@compiled(types.void, I32, I32_OUT, I32_OUT)
def _measure_tree(parent, depth, first_below):
    """Depth from the root, and the lowest rank of each subtree."""
    for low in range(len(parent)):
        above = parent[low]
        if above >= 0 and first_below[low] < first_below[above]:
            first_below[above] = first_below[low]
    for high in range(len(parent) - 1, -1, -1):
        depth[high] = 0 if parent[high] < 0 else depth[parent[high]] + 1


@compiled(types.void, I64, I32, I32, I32, I32_OUT)
def _find_arcs(up_start, up_head, low, high, found):
    """The upward arc of each pair of ranks; loops stay -1."""
    for arc in range(len(low)):
        if low[arc] != high[arc]:
            first, last = up_start[low[arc]], up_start[low[arc] + 1]
            while first < last:
                middle = (first + last) // 2
                if up_head[middle] < high[arc]:
                    first = middle + 1
                else:
                    last = middle
            found[arc] = first
