"""Sweeps: the times from every state to one target, or to sixteen at once, in one pass over the upward arcs from above."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numba import types
from numpy.typing import NDArray

from tocsin.roads.kernel.compiled import I32, U32, U32_TABLE_OUT, compiled
from tocsin.roads.kernel.customising import INFINITE, Weights
from tocsin.roads.kernel.hierarchy import Hierarchy
from tocsin.roads.kernel.labels import Doors

Millis32 = NDArray[np.uint32]

WIDE: Final = 16
"""Targets that share one pass: a row of sixteen numbers is one line of the cache."""


def sweep(hierarchy: Hierarchy, weights: Weights, target: Doors) -> Millis32:
    """From every rank (n) to one target; ``INFINITE`` where there is no way."""
    ms = np.full(hierarchy.ranks, INFINITE)
    np.minimum.at(ms, *target)
    _sweep(hierarchy.up_start, hierarchy.up_head, hierarchy.parent, weights.up, weights.down, target[0], ms)
    return ms


def sweep_wide(hierarchy: Hierarchy, weights: Weights, targets: Sequence[Doors]) -> Millis32:
    """The same (n, WIDE) for up to ``WIDE`` targets; columns without a target are ``INFINITE``."""
    ms = np.full((hierarchy.ranks, WIDE), INFINITE)
    column = np.repeat(np.arange(len(targets), dtype=np.int32), [len(doors) for doors, _ in targets])
    doors = np.concatenate([doors for doors, _ in targets])
    np.minimum.at(ms, (doors, column), np.concatenate([own for _, own in targets]))
    _sweep_wide(hierarchy.up_start, hierarchy.up_head, hierarchy.parent, weights.up, weights.down, doors, column, ms)
    return ms


@compiled(types.void, I32, I32, I32, U32, U32, I32, types.uint32[::1])
def _sweep(up_start, up_head, parent, up, down, doors, ms):
    for door in doors:
        rank = door
        while rank >= 0:
            here = ms[rank]
            for arc in range(up_start[rank], up_start[rank + 1]):
                ms[up_head[arc]] = min(ms[up_head[arc]], np.uint32(here + down[arc]))
            rank = parent[rank]
    for rank in range(len(ms) - 1, -1, -1):
        here = ms[rank]
        for arc in range(up_start[rank], up_start[rank + 1]):
            here = min(here, np.uint32(up[arc] + ms[up_head[arc]]))
        ms[rank] = here


@compiled(types.void, I32, I32, I32, U32, U32, I32, I32, U32_TABLE_OUT)
def _sweep_wide(up_start, up_head, parent, up, down, doors, column, ms):
    for nth in range(len(doors)):
        rank, own = doors[nth], column[nth]
        while rank >= 0:
            here = ms[rank, own]
            for arc in range(up_start[rank], up_start[rank + 1]):
                ms[up_head[arc], own] = min(ms[up_head[arc], own], np.uint32(here + down[arc]))
            rank = parent[rank]
    here = np.empty(16, np.uint32)
    for rank in range(len(ms) - 1, -1, -1):
        for one in range(16):
            here[one] = ms[rank, one]
        for arc in range(up_start[rank], up_start[rank + 1]):
            onward, head = up[arc], up_head[arc]
            for one in range(16):
                here[one] = min(here[one], np.uint32(onward + ms[head, one]))
        for one in range(16):
            ms[rank, one] = here[one]
