"""Weights of the upward arcs under one metric: wholly from the graph's arcs, or in part after some of them changed."""

from typing import Final, NamedTuple

import numpy as np
from numba import types
from numpy.typing import NDArray

from tocsin.roads.kernel.compiled import I32, U8, U32, U32_OUT, compiled
from tocsin.roads.kernel.hierarchy import Hierarchy

INFINITE: Final = np.uint32(1 << 30)
"""No way. Two of them still fit 32 bits: sums are taken first and cut afterwards."""

Millis32 = NDArray[np.uint32]


class Weights(NamedTuple):
    """Least milliseconds between the ends of each upward arc over lower ranks only. Never changed after they are made."""

    arc_ms: Millis32
    """Of the graph's arcs: what these weights were made from."""
    up: Millis32
    """From the tail to the head."""
    down: Millis32
    """From the head to the tail."""


def customise(hierarchy: Hierarchy, arc_ms: Millis32) -> Weights:
    """All weights anew."""
    up, down = _own(hierarchy, arc_ms)
    _relax_triangles(hierarchy.up_start, hierarchy.up_head, hierarchy.up_tail, hierarchy.down_start, hierarchy.down_arc, up, down)
    return Weights(arc_ms, up, down)


def recustomise(hierarchy: Hierarchy, old: Weights, arc_ms: Millis32) -> Weights:
    """The same as ``customise``, quicker where few arcs differ from those of ``old``, which stays as it is."""
    changed = np.flatnonzero(arc_ms != old.arc_ms)
    up, down = old.up.copy(), old.down.copy()
    marked = np.zeros(hierarchy.arcs, dtype=np.uint8)
    touched = hierarchy.arc_up[changed]
    marked[touched[touched >= 0]] = 1
    h = hierarchy
    graph = (h.up_start, h.up_head, h.up_tail, h.down_start, h.down_arc, h.lies_start, h.lies_arc, h.arc_is_up)
    _repair(*graph, arc_ms, old.up, old.down, up, down, marked)
    return Weights(arc_ms, up, down)


def _own(hierarchy: Hierarchy, arc_ms: Millis32) -> tuple[Millis32, Millis32]:
    """What the graph's own arcs say, before any way over lower ranks."""
    up, down = np.full(hierarchy.arcs, INFINITE), np.full(hierarchy.arcs, INFINITE)
    _lay_arcs(hierarchy.arc_up, hierarchy.arc_is_up, arc_ms, up, down)
    return up, down


@compiled(types.void, I32, U8, U32, U32_OUT, U32_OUT)
def _lay_arcs(arc_up, arc_is_up, arc_ms, up, down):
    for arc in range(len(arc_up)):
        row = arc_up[arc]
        if row >= 0:
            if arc_is_up[arc]:
                up[row] = min(up[row], arc_ms[arc])
            else:
                down[row] = min(down[row], arc_ms[arc])


@compiled(types.void, I32, I32, I32, I32, I32, U32_OUT, U32_OUT)
def _relax_triangles(up_start, up_head, up_tail, down_start, down_arc, up, down):
    """Rank by rank from below: an arc (middle, high) is at most the way over any rank below both its ends."""
    arc_to = np.zeros(len(up_start), np.int32)
    for middle in range(len(up_start) - 1):
        for arc in range(up_start[middle], up_start[middle + 1]):
            arc_to[up_head[arc]] = arc
        for row in range(down_start[middle], down_start[middle + 1]):
            below = down_arc[row]
            from_low, to_low = up[below], down[below]
            for beside in range(below + 1, up_start[up_tail[below] + 1]):
                arc = arc_to[up_head[beside]]
                up[arc] = min(up[arc], np.uint32(to_low + up[beside]))
                down[arc] = min(down[arc], np.uint32(down[beside] + from_low))


@compiled(types.int32, I32, I32, types.int32, types.int32)
def find_arc(up_start, up_head, low, high):
    """The upward arc between two ranks that have one."""
    first, last = up_start[low], up_start[low + 1]
    while first < last:
        middle = (first + last) // 2
        if up_head[middle] < high:
            first = middle + 1
        else:
            last = middle
    return np.int32(first)


@compiled(types.void, I32, I32, I32, I32, I32, I32, I32, U8, U32, U32, U32, U32_OUT, U32_OUT, types.uint8[::1])
def _repair(up_start, up_head, up_tail, down_start, down_arc, lies_start, lies_arc, arc_is_up, arc_ms, old_up, old_down, up, down, marked):
    """Arcs in rising order: a marked one is computed anew; where that changes it, the arcs that may lean on it are marked in turn."""
    for arc in range(len(marked)):
        if not marked[arc]:
            continue
        low, high = up_tail[arc], up_head[arc]
        new_up, new_down = np.uint32(1 << 30), np.uint32(1 << 30)
        for row in range(lies_start[arc], lies_start[arc + 1]):
            if arc_is_up[lies_arc[row]]:
                new_up = min(new_up, arc_ms[lies_arc[row]])
            else:
                new_down = min(new_down, arc_ms[lies_arc[row]])
        one, other = down_start[low], down_start[high]
        while one < down_start[low + 1] and other < down_start[high + 1]:
            left, right = down_arc[one], down_arc[other]
            if up_tail[left] < up_tail[right]:
                one += 1
            elif up_tail[left] > up_tail[right]:
                other += 1
            else:
                new_up = min(new_up, np.uint32(down[left] + up[right]))
                new_down = min(new_down, np.uint32(down[right] + up[left]))
                one += 1
                other += 1
        up[arc], down[arc] = new_up, new_down
        if new_up == old_up[arc] and new_down == old_down[arc]:
            continue
        for beside in range(up_start[low], up_start[low + 1]):
            if beside == arc:
                continue
            # the arc between the two heads leans on this pair if it was just as long as the way over it, or is longer than that now
            if up_head[beside] > high:
                over = find_arc(up_start, up_head, high, up_head[beside])
                was_up, was_down = old_down[arc] + old_up[beside], old_down[beside] + old_up[arc]
                is_up, is_down = down[arc] + up[beside], down[beside] + up[arc]
            else:
                over = find_arc(up_start, up_head, up_head[beside], high)
                was_up, was_down = old_down[beside] + old_up[arc], old_down[arc] + old_up[beside]
                is_up, is_down = down[beside] + up[arc], down[arc] + up[beside]
            if was_up <= old_up[over] or was_down <= old_down[over] or is_up < up[over] or is_down < down[over]:
                marked[over] = 1
