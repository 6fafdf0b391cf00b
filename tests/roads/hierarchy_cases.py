"""Small graphs by chance for the kernel itself, which knows ranks and arcs and no streets; and slow, plain answers to compare with."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tocsin.roads.kernel.customising import INFINITE, Weights, customise
from tocsin.roads.kernel.hierarchy import Hierarchy, build_hierarchy
from tocsin.roads.kernel.order import in_runs, neighbours, order_states

Table = NDArray[np.float64]
"""Milliseconds from every rank to every rank; infinite where there is no way."""


@dataclass(frozen=True)
class Contracted:
    """A graph, its arcs' milliseconds, and the hierarchy."""

    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    arc_ms: NDArray[np.uint32]
    hierarchy: Hierarchy

    def weights(self) -> Weights:
        return customise(self.hierarchy, self.arc_ms)

    def direct(self, arc_ms: NDArray[np.uint32] | None = None) -> Table:
        """The quickest arc between each two ranks."""
        given, rank = self.arc_ms if arc_ms is None else arc_ms, self.hierarchy.rank
        table = np.full((len(rank), len(rank)), np.inf)
        open_arcs = given < INFINITE
        np.minimum.at(table, (rank[self.tail[open_arcs]], rank[self.head[open_arcs]]), given[open_arcs].astype(np.float64))
        np.fill_diagonal(table, 0.0)
        return table

    def times(self, arc_ms: NDArray[np.uint32] | None = None) -> Table:
        """SciPy's Dijkstra from every rank."""
        table = self.direct(arc_ms)
        row, column = np.nonzero(np.isfinite(table))
        # all arcs a little longer, for SciPy may take an arc of no length for no arc; the little ones never add up to a millisecond
        graph = csr_array((table[row, column] + 2.0**-20, (row, column)), shape=table.shape)
        return np.floor(dijkstra(graph))


def contracted(states: int, arcs: Any, rank: NDArray[np.int32] | None = None) -> Contracted:
    """``arcs``: (tail, head, milliseconds). ``rank``: any order; METIS's without."""
    table = np.array(arcs, dtype=np.int64).reshape(-1, 3)
    tail, head = table[:, 0].astype(np.int32), table[:, 1].astype(np.int32)
    order = order_states(states, tail, head) if rank is None else in_runs(*neighbours(states, tail, head), rank)
    return Contracted(tail, head, table[:, 2].astype(np.uint32), build_hierarchy(states, tail, head, order))


MS = st.sampled_from([0, 1, int(INFINITE) - 1, int(INFINITE)]) | st.integers(0, 50)
"""Nothing, the longest there is, and closed, often; few values, so that ways of one length are common."""


@st.composite
def graphs(draw: st.DrawFn) -> Contracted:
    """Up to a dozen states: one-ways, parallel arcs, loops, islands; in METIS's order or any."""
    states = draw(st.integers(1, 12))
    state = st.integers(0, states - 1)
    arcs = draw(st.lists(st.tuples(state, state, MS), max_size=36))
    rank = draw(st.none() | st.permutations(range(states)))
    return contracted(states, arcs, None if rank is None else np.array(rank, dtype=np.int32))


def grid(side: int, seed: int) -> Contracted:
    """Streets of a town: a square grid, a third of them one-way, some closed, some parallel."""
    dice = np.random.default_rng(seed)
    number = np.arange(side * side).reshape(side, side)
    ahead = np.concatenate(
        [np.stack([number[:, :-1], number[:, 1:]], axis=2).reshape(-1, 2), np.stack([number[:-1], number[1:]], axis=2).reshape(-1, 2)]
    )
    back = ahead[dice.random(len(ahead)) > 1 / 3][:, ::-1]
    arcs = np.concatenate([ahead, back, ahead[dice.integers(0, len(ahead), side)]])
    ms = dice.integers(1, 60_000, len(arcs))
    ms[dice.random(len(arcs)) < 0.05] = INFINITE
    return contracted(side * side, np.column_stack([arcs, ms]))


def as_ms(times: Table) -> NDArray[np.int64]:
    """``INFINITE`` for what is farther than the kernel counts or not there at all."""
    return np.minimum(times, float(INFINITE)).astype(np.int64)
