"""What turn restrictions make of the road graph: as few copies of nodes as they need, in an order of their own."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from road_cases import metric_of, region_of, regions, restricted_regions, with_turns
from road_oracle import Oracle

from tocsin.edge.osm import read_osm
from tocsin.roads.build import build_region
from tocsin.roads.graph import Graph
from tocsin.roads.region import Region
from tocsin.roads.turns import graph_of

ROW = [(0, 1, 9, 9), (1, 2, 9, 9), (2, 3, 9, 9)]
"""0 - 1 - 2 - 3; edges 0/1, 2/3, 4/5."""


def arcs_of(graph: Graph) -> list[tuple[int, int, int]]:
    """Tail, head, edge."""
    return list(zip(graph.arc_tail.tolist(), graph.arc_head.tolist(), graph.arc_edge.tolist(), strict=True))


def check_contract(region: Region, graph: Graph) -> None:
    """What ``graph.py`` promises."""
    assert graph.state_node[: region.nodes].tolist() == list(range(region.nodes))
    assert np.array_equal(graph.state_node[graph.arc_tail], region.edge_tail[graph.arc_edge])
    assert np.array_equal(graph.state_node[graph.arc_head], region.edge_head[graph.arc_edge])
    assert all((one[2], one[0]) < (other[2], other[0]) for one, other in pairwise(arcs_of(graph)))
    assert len(graph.edge_first_arc) == region.edges + 1
    assert np.array_equal(graph.edge_first_arc, np.searchsorted(graph.arc_edge, np.arange(region.edges + 1)))
    assert all(array.dtype == np.int32 for array in vars(graph).values())
    # from the plain node every edge may be entered, and every copy is come to
    first = graph.edge_first_arc[:-1]
    assert np.array_equal(graph.arc_tail[first], region.edge_tail)
    assert np.array_equal(graph.arc_head[first], graph.edge_head_state)
    assert set(range(region.nodes, graph.states)) <= set(graph.arc_head.tolist())


@given(regions())
def test_without_restrictions_the_graph_is_the_streets(region: Region) -> None:
    graph = graph_of(region)
    check_contract(region, graph)
    assert arcs_of(graph) == list(zip(region.edge_tail.tolist(), region.edge_head.tolist(), range(region.edges), strict=True))
    assert np.array_equal(graph.edge_head_state, region.edge_head)


@settings(max_examples=300)
@given(restricted_regions())
def test_any_restrictions_give_a_graph_that_keeps_its_promises(region: Region) -> None:
    graph, again = graph_of(region), graph_of(region)
    check_contract(region, graph)
    assert all(np.array_equal(one, other) for one, other in zip(vars(graph).values(), vars(again).values(), strict=True))
    # two edges one after the other: an arc where the law has nothing against it
    oracle = Oracle(region, metric_of(region))
    tails = set(zip(graph.arc_tail.tolist(), graph.arc_edge.tolist(), strict=True))
    for edge, state in enumerate(graph.edge_head_state.tolist()):
        for onward in np.flatnonzero(region.edge_tail == region.edge_head[edge]).tolist():
            assert ((state, onward) in tails) == oracle.may_turn((edge,), onward)


def test_a_turn_at_a_node_makes_one_copy_of_it() -> None:
    region = with_turns(region_of(ROW, 4), ([0, 2], False))
    graph = graph_of(region)
    check_contract(region, graph)
    assert (graph.states, graph.arcs) == (5, 7)
    assert graph.edge_head_state.tolist() == [4, 0, 2, 1, 3, 2]
    assert [arc for arc in arcs_of(graph) if 4 in arc[:2]] == [(0, 4, 0), (4, 0, 1)]


def test_an_only_leaves_one_way_out_and_forbids_turning_round() -> None:
    graph = graph_of(with_turns(region_of([*ROW, (1, 3, 9, 9)], 4), ([0, 2], True)))
    assert [arc for arc in arcs_of(graph) if 4 in arc[:2]] == [(0, 4, 0), (4, 2, 2)]


def test_an_only_turning_round_leaves_that_alone() -> None:
    graph = graph_of(with_turns(region_of(ROW, 4), ([0, 1], True)))
    assert [arc for arc in arcs_of(graph) if 4 in arc[:2]] == [(0, 4, 0), (4, 0, 1)]


def test_restrictions_after_one_street_share_a_copy() -> None:
    graph = graph_of(with_turns(region_of([*ROW, (1, 3, 9, 9)], 4), ([0, 2], False), ([0, 6], False), ([0, 2], False)))
    assert (graph.states, graph.arcs) == (5, 8 + 1)


def test_a_turn_by_way_of_a_street_remembers_two_streets() -> None:
    region = with_turns(region_of(ROW, 4), ([0, 2, 4], False))
    graph = graph_of(region)
    check_contract(region, graph)
    # copies in the order of what they remember: (0,) at node 1, (0, 2) at node 2
    assert graph.state_node.tolist() == [0, 1, 2, 3, 1, 2]
    # who turns round at node 2 comes back to node 1 with nothing to remember
    assert [arc for arc in arcs_of(graph) if 5 in arc[:2]] == [(4, 5, 2), (5, 1, 3)]
    assert graph.edge_head_state[2] == 2


def test_a_copy_that_nobody_comes_to_is_left_out() -> None:
    # the way to the second street is forbidden already
    graph = graph_of(with_turns(region_of(ROW, 4), ([0, 2, 4], False), ([0, 2], False)))
    assert graph.state_node.tolist() == [0, 1, 2, 3, 1]


def test_a_restriction_that_ends_within_another_one_is_seen() -> None:
    # 0 2 4 7 is looked at when 2 4 6 is driven
    region = with_turns(region_of([*ROW, (3, 3, 9, 9)], 4), ([0, 2, 4, 7], False), ([2, 4, 6], False))
    oracle = Oracle(region, metric_of(region))
    graph = graph_of(region)
    check_contract(region, graph)
    state, driven = 0, ()
    for edge in (0, 2, 4):
        state = next(head for tail, head, one in arcs_of(graph) if (tail, one) == (state, edge))
        driven = (*driven, edge)
    onward = {one for tail, _, one in arcs_of(graph) if tail == state}
    assert onward == {edge for edge in (5, 6, 7) if oracle.may_turn(driven, edge)} == {5}


@pytest.mark.parametrize(
    ("file", "turns", "copies", "arcs"),
    [
        ("monaco/monaco.osm.pbf", 27, 27, 4_493),
        ("liechtenstein/liechtenstein.osm.pbf", 83, 80, 11_794),
        ("columbus/columbus.osm.pbf", 9, 9, 57_309),
    ],
)
def test_copies_on_real_networks(shared: Path, file: str, turns: int, copies: int, arcs: int) -> None:
    region = build_region(read_osm(shared / "data/roads" / file), name=file)
    graph = graph_of(region)
    check_contract(region, graph)
    assert (len(region.turn_from), graph.states - region.nodes, graph.arcs) == (turns, copies, arcs)
