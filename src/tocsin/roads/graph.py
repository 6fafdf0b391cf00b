"""What is searched: states and arcs. Made from a region's streets and turn restrictions by ``turns.py``."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Graph:
    """A state is a node, or a node together with the streets just driven where a restriction looks back at them.

    States 0 to ``region.nodes - 1`` are the nodes with nothing to look back at; further ones are copies of nodes. An arc drives one whole
    edge from one state to another. An edge has an arc from every state of its tail from which it may be entered.
    """

    state_node: Ints
    """The node of each state."""
    arc_tail: Ints
    """State; arcs are in the order of their edges, those of one edge in the order of their tails."""
    arc_head: Ints
    arc_edge: Ints
    edge_first_arc: Ints
    """Row of an edge's first arc; one longer than there are edges."""
    edge_head_state: Ints
    """Where one comes out who drives an edge to its end without anything before it that matters."""

    @property
    def states(self) -> int:
        """How many."""
        return len(self.state_node)

    @property
    def arcs(self) -> int:
        """How many."""
        return len(self.arc_tail)
