"""Labels: the distances from a place to all its ancestors in the elimination tree, as one array by depth.

Two ranks meet at a common ancestor, and their common ancestors are the same first entries of both labels. So a fleet keeps a label per
unit; a question makes one for its target, and takes the least sum over the entries that the two have in common.

A place has doors: ranks with the milliseconds between the place and them. A label begins at a door and takes up the doors that it meets on
its way to the root; a door that it does not meet begins another label, in another layer.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from tocsin.roads.kernel.compiled import I32, I32_OUT, U32, U32_TABLE, U32_TABLE_OUT, compiled
from tocsin.roads.kernel.customising import INFINITE
from tocsin.roads.kernel.hierarchy import Hierarchy

Millis32 = NDArray[np.uint32]
Ranks = NDArray[np.int32]
Doors = tuple[Ranks, Millis32]
"""Ranks of a target's doors, and the time from each to the target."""

LAYERS = 2
"""Doors of a source, at most: ahead and back."""


class Layer(NamedTuple):
    """A label per source, at most."""

    rank: Ranks
    """(n) where the label begins; -1 = no label."""
    ms: Millis32
    """(n, longest) by depth, from the source to the ancestor; what lies deeper than the source has no meaning."""


def empty_layers(hierarchy: Hierarchy, count: int) -> tuple[Layer, Layer]:
    """Room for the labels of so many sources."""
    longest = max(1, hierarchy.most_depth)
    one, other = (Layer(np.full(count, -1, np.int32), np.empty((count, longest), np.uint32)) for _ in range(LAYERS))
    return one, other


def fill_layers(
    hierarchy: Hierarchy, weights_up: Millis32, doors: Ranks, door_ms: Millis32, layers: tuple[Layer, Layer], rows: Ranks
) -> None:
    """Labels of sources with up to two doors each, (n, 2), -1 = no door, into these rows of the layers."""
    h = hierarchy
    for layer in layers:
        layer.rank[rows] = -1
    (rank, ms), (other_rank, other_ms) = layers
    tree = (h.up_start, h.up_depth, h.parent, h.depth, h.first_below)
    _fill(*tree, weights_up, doors.ravel(), door_ms.ravel(), rows, rank, ms, other_rank, other_ms)


def least_to_each(
    hierarchy: Hierarchy, weights_down: Millis32, targets: Sequence[Doors], layers: tuple[Layer, Layer], count: int
) -> Millis32:
    """(targets, sources): the least time from each of the first sources to each target with any number of doors; what is not below
    ``INFINITE`` is no way. One call, in which other threads run.
    """
    h = hierarchy
    rows = [row for doors, ms in targets for row in sorted(zip(doors.tolist(), ms.tolist(), strict=True))]
    start = np.array(list(accumulate((len(doors) for doors, _ in targets), initial=0)), dtype=np.int32)
    doors, door_ms = np.array([rank for rank, _ in rows], dtype=np.int32), np.array([ms for _, ms in rows], dtype=np.uint32)
    best = np.full((len(targets), count), INFINITE)
    tree = (h.up_start, h.up_depth, h.parent, h.depth, h.first_below)
    (rank, ms), (other_rank, other_ms) = layers
    sources = (rank[:count], ms[:count], other_rank[:count], other_ms[:count])
    _scan_each(*tree, weights_down, start, doors, door_ms, *sources, best)
    return best


@compiled(types.void, I32, I32, I32, I32, U32, types.int32, types.int32, U32_TABLE_OUT)
def _walk(up_start, up_depth, parent, depth, weights, start, row, ms):
    """From one rank to the root: what is known at a rank lowers what is known at its upper neighbours."""
    rank = start
    while rank >= 0:
        here = ms[row, depth[rank]]
        if here < np.uint32(1 << 30):
            for arc in range(up_start[rank], up_start[rank + 1]):
                there = np.uint32(here + weights[arc])
                ms[row, up_depth[arc]] = min(ms[row, up_depth[arc]], there)
        rank = parent[rank]


@compiled(types.void, I32, I32, I32, I32, I32, U32, I32, U32, I32, I32_OUT, U32_TABLE_OUT, I32_OUT, U32_TABLE_OUT)
def _fill(up_start, up_depth, parent, depth, first_below, weights, doors, door_ms, rows, rank, ms, other_rank, other_ms):
    for nth in range(len(rows)):
        row = rows[nth]
        one, other = doors[2 * nth], doors[2 * nth + 1]
        one_ms, far_ms = door_ms[2 * nth], door_ms[2 * nth + 1]
        if one < 0 or (other >= 0 and other < one):  # the lower one first: the other may be its ancestor
            one, other, one_ms, far_ms = other, one, far_ms, one_ms
        if one < 0:
            continue
        rank[row] = one
        ms[row, : depth[one] + 1] = np.uint32(1 << 30)
        ms[row, depth[one]] = one_ms
        if other >= 0 and first_below[other] <= one:
            ms[row, depth[other]] = min(ms[row, depth[other]], far_ms)
        elif other >= 0:
            other_rank[row] = other
            other_ms[row, : depth[other] + 1] = np.uint32(1 << 30)
            other_ms[row, depth[other]] = far_ms
            _walk(up_start, up_depth, parent, depth, weights, other, row, other_ms)
        _walk(up_start, up_depth, parent, depth, weights, one, row, ms)


@compiled(types.void, I32, I32, I32, I32, I32, U32, I32, U32, types.int32, I32_OUT, I32_OUT, types.uint32[::1])
def _climb(up_start, up_depth, parent, depth, first_below, weights, doors, door_ms, start, low, high, ms):
    """A target's label from one door, and by depth which ranks lie below each ancestor: those from ``low`` to ``high``, itself."""
    rank = start
    while rank >= 0:
        low[depth[rank]], high[depth[rank]] = first_below[rank], rank
        rank = parent[rank]
    for door in range(len(doors)):
        ms[depth[doors[door]]] = min(ms[depth[doors[door]]], door_ms[door])
    _walk(up_start, up_depth, parent, depth, weights, start, np.int32(0), ms.reshape(1, len(ms)))


@compiled(types.void, I32, I32, U32, I32, U32_TABLE, types.uint32[::1])
def _scan(low, high, target_ms, rank, ms, best):
    """The target's ancestors are nested runs of ranks: the deepest one that holds a source ends what both labels have in common."""
    for row in range(len(rank)):
        source = rank[row]
        if source < low[0] or source > high[0]:
            continue  # no label, or another part of the network
        first, last = 0, len(low) - 1
        while first < last:
            middle = (first + last + 1) // 2
            if low[middle] <= source <= high[middle]:
                first = middle
            else:
                last = middle - 1
        here = best[row]
        for depth in range(first + 1):
            here = min(here, np.uint32(ms[row, depth] + target_ms[depth]))
        best[row] = here


@compiled(types.void, I32, I32, I32, I32, I32, U32, I32, I32, U32, I32, U32_TABLE, I32, U32_TABLE, U32_TABLE_OUT)
def _scan_each(up_start, up_depth, parent, depth, first_below, weights, door_start, doors, door_ms, rank, ms, other_rank, other_ms, best):
    """The doors of a target are given in rising order: the lowest that no label has met yet begins another one."""
    longest = ms.shape[1]
    low, high, target_ms = np.empty(longest, np.int32), np.empty(longest, np.int32), np.empty(longest, np.uint32)
    for nth in range(len(best)):
        first, last = door_start[nth], door_start[nth + 1]
        is_met = np.zeros(last - first, np.uint8)
        met, met_ms = np.empty(last - first, np.int32), np.empty(last - first, np.uint32)
        for begin in range(first, last):
            if is_met[begin - first]:
                continue
            start, known = doors[begin], 0
            for door in range(begin, last):
                if not is_met[door - first] and first_below[doors[door]] <= start:
                    is_met[door - first] = 1
                    met[known], met_ms[known] = doors[door], door_ms[door]
                    known += 1
            count = depth[start] + 1
            target_ms[:count] = np.uint32(1 << 30)
            own = low[:count], high[:count], target_ms[:count]
            _climb(up_start, up_depth, parent, depth, first_below, weights, met[:known], met_ms[:known], start, own[0], own[1], own[2])
            _scan(own[0], own[1], own[2], rank, ms, best[nth])
            _scan(own[0], own[1], own[2], other_rank, other_ms, best[nth])
