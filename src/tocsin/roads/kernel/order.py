"""The order in which states are contracted: METIS's nested dissection, then numbered so that every subtree is one run of numbers.

A bad order is a silent tenfold loss: depth and arcs of the hierarchy are recorded with every region and held by benchmarks.
"""

from typing import Any, Final

import numpy as np
import pymetis
from numba import types
from numpy.typing import NDArray

from tocsin.roads.kernel.compiled import I32, I32_OUT, I64, compiled

SEPARATORS_TRIED: Final = 10
"""METIS tries so many separators at each cut and keeps the best: six times its shortest time, 8 % less depth on New York."""

METIS_SEED: Final = 42


def neighbours(states: int, tail: NDArray[Any], head: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Both directions of every arc, each pair once, without loops: (first neighbour of each state, one longer; neighbours)."""
    one, other = np.minimum(tail, head).astype(np.int64), np.maximum(tail, head).astype(np.int64)
    pair = np.unique(one[one != other] * states + other[one != other])
    one, other = pair // states, pair % states
    both = np.sort(np.concatenate([pair, other * states + one]))
    start = np.concatenate([[0], np.cumsum(np.bincount(both // states, minlength=states))])
    return start.astype(np.int64), (both % states).astype(np.int32)


def order_states(states: int, tail: NDArray[Any], head: NDArray[Any]) -> NDArray[np.int32]:
    """Rank of each state, 0 = contracted first. Equal graphs give equal orders (with one release of METIS; the region file keeps it)."""
    start, neighbour = neighbours(states, tail, head)
    if not len(neighbour):
        return np.arange(states, dtype=np.int32)
    options = pymetis.Options(nseps=SEPARATORS_TRIED, seed=METIS_SEED)
    graph = pymetis.CSRAdjacency(start.astype(np.int32), neighbour)
    _, rank = pymetis.nested_dissection(adjacency=graph, options=options)
    return in_runs(start, neighbour, np.asarray(rank, dtype=np.int32))


def in_runs(start: NDArray[np.int64], neighbour: NDArray[np.int32], rank: NDArray[np.int32]) -> NDArray[np.int32]:
    """The same elimination tree in postorder: as good an order, in which the states below a state come right before it."""
    parent = np.full(len(rank), -1, dtype=np.int32)
    state_at = np.empty(len(rank), dtype=np.int32)
    state_at[rank] = np.arange(len(rank), dtype=np.int32)
    _find_parents(start, neighbour, rank, state_at, parent)
    after = np.empty(len(rank), dtype=np.int32)
    _number_after_children(parent, after)
    return after[rank]


@compiled(types.void, I64, I32, I32, I32, I32_OUT)
def _find_parents(start, neighbour, rank, state_at, parent):
    """Elimination tree over ranks (Liu 1986): climb from each lower neighbour to the top of its tree, shortening the way for the next."""
    top = np.full(len(rank), -1, np.int32)
    for high in range(len(rank)):
        state = state_at[high]
        for row in range(start[state], start[state + 1]):
            low = rank[neighbour[row]]
            while low < high and low != -1:
                onward = top[low]
                top[low] = high
                if onward == -1:
                    parent[low] = high
                if onward == high:
                    break
                low = onward


@compiled(types.void, I32, I32_OUT)
def _number_after_children(parent, after):
    """Postorder of a forest whose parents have higher numbers than their children."""
    count = len(parent)
    below = np.ones(count, np.int32)
    for one in range(count):
        if parent[one] >= 0:
            below[parent[one]] += below[one]
    first = np.zeros(count + 1, np.int32)  # where the run of a state begins; the last entry: where the next tree begins
    taken = np.zeros(count, np.int32)
    for one in range(count - 1, -1, -1):
        above = parent[one]
        if above < 0:
            first[one] = first[count]
            first[count] += below[one]
        else:
            first[one] = first[above] + taken[above]
            taken[above] += below[one]
        after[one] = first[one] + below[one] - 1
