"""The road graph with its turn restrictions: only nodes that a restriction looks back at get further states.

A restriction becomes forbidden sequences of directed edges: a *no* is its own path; an *only* is its path up to the last turn, followed by
every other edge that leaves that node, turning round included. While driving, a state remembers the longest end of what was driven that is
a proper beginning of a forbidden sequence, as a search for many words in one text does (Aho and Corasick, 1975); what would complete one is
no arc. Several *only* after the same streets allow the turns of all of them: else none of them could be obeyed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.graph import Graph
from tocsin.roads.region import Region

Path = tuple[int, ...]
"""Directed edges in driving order."""

Leaving = Mapping[int, list[int]]
"""Node → edges that leave it, in their order."""


def graph_of(region: Region) -> Graph:
    """States and arcs of a region under its turn restrictions. Equal regions give equal graphs."""
    paths = _paths(region)
    leaving = _leaving(region, {int(region.edge_head[edge]) for path, _ in paths for edge in path})
    memory = _Memory(_forbidden(region, paths, leaving))
    arcs = _arcs_of_copies(region, memory, leaving)
    return _assembled(region, sorted(arcs), arcs)


def _paths(region: Region) -> list[tuple[Path, bool]]:
    """Edges of each restriction and whether it is an *only*."""
    via = region.turn_via_edges.tolist()
    start, before, after = region.turn_via_start.tolist(), region.turn_from.tolist(), region.turn_to.tolist()
    return [
        ((before[row], *via[start[row] : start[row + 1]], after[row]), bool(is_only))
        for row, is_only in enumerate(region.turn_is_only.tolist())
    ]


def _leaving(region: Region, nodes: set[int]) -> Leaving:
    """Edges that leave these nodes."""
    leaving: dict[int, list[int]] = defaultdict(list)
    if nodes:
        is_wanted = np.zeros(region.nodes, dtype=bool)
        is_wanted[list(nodes)] = True
        edges = np.flatnonzero(is_wanted[region.edge_tail])
        for edge, node in zip(edges.tolist(), region.edge_tail[edges].tolist(), strict=True):
            leaving[node].append(edge)
    return leaving


def _forbidden(region: Region, paths: Iterable[tuple[Path, bool]], leaving: Leaving) -> set[Path]:
    forbidden = {path for path, is_only in paths if not is_only}
    allowed: dict[Path, set[int]] = defaultdict(set)
    for path, is_only in paths:
        if is_only:
            allowed[path[:-1]].add(path[-1])
    for prefix, edges in allowed.items():
        node = int(region.edge_head[prefix[-1]])
        forbidden |= {(*prefix, edge) for edge in leaving[node] if edge not in edges}
    return forbidden


class _Memory:
    """What is worth remembering of what was driven: the proper beginnings of forbidden sequences."""

    def __init__(self, forbidden: set[Path]) -> None:
        self._forbidden = forbidden

    @cached_property
    def kept(self) -> set[Path]:
        """All proper beginnings."""
        return {path[:length] for path in self._forbidden for length in range(1, len(path))}

    def is_forbidden(self, driven: Path) -> bool:
        """Whether the last edge completes a forbidden sequence; ``driven`` is what is remembered and that edge."""
        return any(driven[first:] in self._forbidden for first in range(len(driven) - 1))

    def of(self, driven: Path) -> Path:
        """The longest end of ``driven`` that is worth remembering; () for nothing."""
        return next((driven[first:] for first in range(len(driven)) if driven[first:] in self.kept), ())


def _arcs_of_copies(region: Region, memory: _Memory, leaving: Leaving) -> dict[Path, dict[int, Path]]:
    """What is remembered → edge that may be driven next → what is remembered then. From every single edge on, as far as one comes."""
    arcs: dict[Path, dict[int, Path]] = {}
    ahead: list[Path] = [path for path in memory.kept if len(path) == 1]
    while ahead:
        path = ahead.pop()
        if path in arcs:
            continue
        onward = [(*path, edge) for edge in leaving[int(region.edge_head[path[-1]])]]
        arcs[path] = {driven[-1]: memory.of(driven) for driven in onward if not memory.is_forbidden(driven)}
        ahead += [kept for kept in arcs[path].values() if kept]
    return arcs


def _assembled(region: Region, copies: list[Path], arcs: Mapping[Path, Mapping[int, Path]]) -> Graph:
    """The plain graph, and behind its nodes the copies in the order of what they remember."""
    state = {path: region.nodes + row for row, path in enumerate(copies)}
    head_state: NDArray[np.int32] = region.edge_head.copy()
    for path, row in state.items():
        if len(path) == 1:
            head_state[path[0]] = row
    added = sorted((edge, state[path], state[kept] if kept else -1) for path in copies for edge, kept in arcs[path].items())
    table: NDArray[np.int32] = np.array(added, dtype=np.int32).reshape(-1, 3)
    behind = table[:, 0] + 1  # an edge's arc from the plain node comes first
    edge = np.insert(np.arange(region.edges, dtype=np.int32), behind, table[:, 0])
    remembered = np.array([path[-1] for path in copies], dtype=np.int64)
    return Graph(
        state_node=np.append(np.arange(region.nodes, dtype=np.int32), region.edge_head[remembered]),
        arc_tail=np.insert(region.edge_tail, behind, table[:, 1]),
        arc_head=np.insert(head_state, behind, np.where(table[:, 2] >= 0, table[:, 2], region.edge_head[table[:, 0]])),
        arc_edge=edge,
        edge_first_arc=np.searchsorted(edge, np.arange(region.edges + 1)).astype(np.int32),
        edge_head_state=head_state,
    )
