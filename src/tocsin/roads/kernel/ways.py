"""Ways: which of the graph's arcs make up the least time between two ranks."""

import numpy as np
from numba import types
from numpy.typing import NDArray

from tocsin.roads.kernel.compiled import I32, U8, U32, compiled
from tocsin.roads.kernel.customising import INFINITE, Weights
from tocsin.roads.kernel.hierarchy import Hierarchy


def find_way(hierarchy: Hierarchy, weights: Weights, start: int, end: int) -> tuple[int, list[int]] | None:
    """Milliseconds and arcs of the graph in driving order from one rank to another; None where there is no way.

    Of equal ways always the same one: the meeting rank nearest the root, then the graph's own arc, then the lowest middle.
    """
    h = hierarchy
    ahead_ms, ahead = _climb(h.up_start, h.up_depth, h.parent, h.depth, weights.up, np.int32(start))
    back_ms, back = _climb(h.up_start, h.up_depth, h.parent, h.depth, weights.down, np.int32(end))
    common = _common(h, start, end)
    if not common:
        return None
    sums = ahead_ms[:common].astype(np.int64) + back_ms[:common]
    meet = int(np.argmin(sums))
    if sums[meet] >= INFINITE:
        return None
    up_arcs = _chain(h, ahead, meet, start)[::-1]
    down_arcs = _chain(h, back, meet, end)
    steps = np.array([2 * arc + 1 for arc in up_arcs] + [2 * arc for arc in down_arcs], dtype=np.int32)
    found = _unpack(
        h.up_start, h.up_head, h.up_tail, h.down_start, h.down_arc, h.lies_start, h.lies_arc, h.arc_is_up,
        weights.arc_ms, weights.up, weights.down, steps,
    )  # fmt: skip
    return int(sums[meet]), found.tolist()


def _common(h: Hierarchy, start: int, end: int) -> int:
    """How many ancestors, from the root down, two ranks have in common, themselves included."""
    rank = start
    while rank >= 0 and not (h.first_below[rank] <= end <= rank):
        rank = int(h.parent[rank])
    return int(h.depth[rank]) + 1 if rank >= 0 else 0


def _chain(h: Hierarchy, came_by: NDArray[np.int32], depth: int, start: int) -> list[int]:
    """Upward arcs from an ancestor at a depth back to where the climb began."""
    arcs = []
    while depth != int(h.depth[start]):
        arc = int(came_by[depth])
        arcs.append(arc)
        depth = int(h.depth[h.up_tail[arc]])
    return arcs


@compiled(types.Tuple((types.uint32[::1], types.int32[::1])), I32, I32, I32, I32, U32, types.int32)
def _climb(up_start, up_depth, parent, depth, weights, start):
    """A label with the arc by which each entry was reached."""
    ms = np.full(depth[start] + 1, np.uint32(1 << 30), np.uint32)
    came_by = np.full(depth[start] + 1, -1, np.int32)
    ms[depth[start]] = 0
    rank = start
    while rank >= 0:
        here = ms[depth[rank]]
        for arc in range(up_start[rank], up_start[rank + 1]):
            there = np.uint32(here + weights[arc])
            if there < ms[up_depth[arc]]:
                ms[up_depth[arc]] = there
                came_by[up_depth[arc]] = arc
        rank = parent[rank]
    return ms, came_by


@compiled(types.int32[::1], I32, I32, I32, I32, I32, I32, I32, U8, U32, U32, U32, I32)
def _unpack(up_start, up_head, up_tail, down_start, down_arc, lies_start, lies_arc, arc_is_up, arc_ms, up, down, steps):
    """Steps are twice the upward arc, plus one where it is driven upwards. Each is an arc of the graph or goes over a lower rank."""
    stack = np.empty(len(steps) + 64, np.int32)
    stack[: len(steps)] = steps[::-1]
    waiting = len(steps)
    found = np.empty(256, np.int32)
    count = 0
    while waiting:
        waiting -= 1
        arc, is_up = stack[waiting] // 2, stack[waiting] % 2
        whole = up[arc] if is_up else down[arc]
        own = -1
        for row in range(lies_start[arc], lies_start[arc + 1]):
            if arc_is_up[lies_arc[row]] == is_up and arc_ms[lies_arc[row]] == whole:
                own = lies_arc[row]
                break
        if own >= 0:
            if count == len(found):
                more = np.empty(2 * count, np.int32)
                more[:count] = found
                found = more
            found[count] = own
            count += 1
            continue
        one, other = down_start[up_tail[arc]], down_start[up_head[arc]]
        while True:  # a weight is an arc's own or that of a way over a lower rank
            left, right = down_arc[one], down_arc[other]
            if up_tail[left] < up_tail[right]:
                one += 1
            elif up_tail[left] > up_tail[right]:
                other += 1
            else:
                over = np.uint32(down[left] + up[right]) if is_up else np.uint32(down[right] + up[left])
                if over == whole:
                    break
                one += 1
                other += 1
        if waiting + 2 > len(stack):
            longer = np.empty(2 * len(stack), np.int32)
            longer[:waiting] = stack[:waiting]
            stack = longer
        first, second = (left, right) if is_up else (right, left)
        stack[waiting] = 2 * second + 1
        stack[waiting + 1] = 2 * first
        waiting += 2
    return found[:count].copy()
