"""The compiled kernel alone: what the hierarchy promises, and its times, ways and repairs against slow and plain answers."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hierarchy_cases import MS, Contracted, Table, as_ms, contracted, graphs, grid
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tocsin.roads.kernel.customising import INFINITE, Weights, customise, recustomise
from tocsin.roads.kernel.hierarchy import Hierarchy
from tocsin.roads.kernel.labels import Doors, empty_layers, fill_layers, least_to_each
from tocsin.roads.kernel.sweeping import WIDE, sweep, sweep_wide
from tocsin.roads.kernel.ways import find_way

often = settings(max_examples=300)


# The hierarchy.


@often
@given(graphs())
def test_every_arc_of_the_graph_lies_on_the_upward_arc_between_its_ends(graph: Contracted) -> None:
    h = graph.hierarchy
    assert sorted(h.rank.tolist()) == list(range(h.ranks))
    tail, head = h.rank[graph.tail], h.rank[graph.head]
    for arc, row in enumerate(h.arc_up.tolist()):
        if tail[arc] == head[arc]:
            assert row == -1
            continue
        assert (h.up_tail[row], h.up_head[row]) == (min(tail[arc], head[arc]), max(tail[arc], head[arc]))
        assert bool(h.arc_is_up[arc]) == (tail[arc] < head[arc])
        assert arc in h.lies_arc[h.lies_start[row] : h.lies_start[row + 1]]
    assert len(h.lies_arc) == np.count_nonzero(tail != head)


@often
@given(graphs())
def test_arcs_lead_upwards_and_are_listed_in_order_at_both_ends(graph: Contracted) -> None:
    h = graph.hierarchy
    assert h.up_start[0] == h.down_start[0] == 0
    assert h.up_start[-1] == h.down_start[-1] == h.arcs
    for rank in range(h.ranks):
        above = h.up_head[h.up_start[rank] : h.up_start[rank + 1]].tolist()
        assert above == sorted(set(above))
        assert all(head > rank for head in above)
        down = h.down_arc[h.down_start[rank] : h.down_start[rank + 1]]
        assert (h.up_head[down] == rank).all()
        assert h.up_tail[down].tolist() == sorted(set(h.up_tail[down].tolist()))
        assert (h.up_tail[h.up_start[rank] : h.up_start[rank + 1]] == rank).all()
    assert (h.up_depth == h.depth[h.up_head]).all()


def ancestors(h: Hierarchy, rank: int) -> list[int]:
    """Itself first, the root last."""
    found = [rank]
    while h.parent[found[-1]] >= 0:
        found.append(int(h.parent[found[-1]]))
    return found


@often
@given(graphs())
def test_upper_neighbours_are_ancestors_and_a_subtree_is_one_run_of_ranks(graph: Contracted) -> None:
    h = graph.hierarchy
    lines = [ancestors(h, rank) for rank in range(h.ranks)]
    for rank, line in enumerate(lines):
        assert line == sorted(line)
        assert h.depth[rank] == len(line) - 1
        assert set(h.up_head[h.up_start[rank] : h.up_start[rank + 1]].tolist()) <= set(line[1:])
        below = [other for other in range(h.ranks) if rank in lines[other]]
        assert below == list(range(int(h.first_below[rank]), rank + 1))
    assert h.most_depth == max(len(line) for line in lines)
    assert h.mean_depth == pytest.approx(np.mean([len(line) for line in lines]))


def closed_over_lower_ranks(direct: Table) -> Table:
    """Every pair by way of nothing but ranks below both: lowest first, each rank joins those above it."""
    table = direct.copy()
    for middle in range(len(table)):
        above = slice(middle + 1, None)
        table[above, above] = np.minimum(table[above, above], table[above, [middle]] + table[[middle], above])
    return table


@often
@given(graphs())
def test_weights_are_the_times_over_lower_ranks(graph: Contracted) -> None:
    h, weights = graph.hierarchy, graph.weights()
    expected = as_ms(closed_over_lower_ranks(graph.direct()))
    assert weights.up.tolist() == expected[h.up_tail, h.up_head].tolist()
    assert weights.down.tolist() == expected[h.up_head, h.up_tail].tolist()
    # and where there is no upward arc, there is no way over lower ranks
    has_arc = np.eye(h.ranks, dtype=bool)
    has_arc[h.up_tail, h.up_head] = has_arc[h.up_head, h.up_tail] = True
    assert (expected[~has_arc] == INFINITE).all()


# Times.


@st.composite
def doors(draw: st.DrawFn, ranks: int, most: int) -> Doors:
    """Ranks with milliseconds; one rank may stand twice."""
    pairs = draw(st.lists(st.tuples(st.integers(0, ranks - 1), st.integers(0, 30)), min_size=1, max_size=most))
    return np.array([rank for rank, _ in pairs], dtype=np.int32), np.array([ms for _, ms in pairs], dtype=np.uint32)


def to_doors(times: Table, target: Doors) -> Table:
    """From every rank to a target."""
    return np.min(times[:, target[0]] + target[1], axis=1)


def label_times(h: Hierarchy, weights: Weights, sources: list[Doors], targets: list[Doors]) -> list[list[int]]:
    """By target the times from sources of up to two doors, filled into shuffled rows of layers with room to spare."""
    ranks, ms = np.full((len(sources), 2), -1, dtype=np.int32), np.zeros((len(sources), 2), dtype=np.uint32)
    for row, (own, own_ms) in enumerate(sources):
        ranks[row, : len(own)], ms[row, : len(own)] = own, own_ms
    layers = empty_layers(h, len(sources) + 3)
    rows = np.random.default_rng(len(sources)).permutation(len(sources)).astype(np.int32)
    for first in range(0, len(rows), 3):
        some = rows[first : first + 3]
        fill_layers(h, weights.up, ranks[some], ms[some], layers, some)
    return np.minimum(least_to_each(h, weights.down, targets, layers, len(sources)), INFINITE).tolist()


@often
@given(st.data())
def test_labels_and_sweeps_give_dijkstras_times(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    h, weights, times = graph.hierarchy, graph.weights(), graph.times()
    targets, sources = data.draw(st.lists(doors(h.ranks, 5), max_size=4)), data.draw(st.lists(doors(h.ranks, 2), max_size=8))
    told = label_times(h, weights, sources, targets)
    assert len(told) == len(targets)
    for row, target in enumerate(targets):
        expected = as_ms(to_doors(times, target))
        assert np.minimum(sweep(h, weights, target), INFINITE).tolist() == expected.tolist()
        from_sources = [int(np.min(own_ms + expected[own])) for own, own_ms in sources]
        assert told[row] == np.minimum(from_sources, INFINITE).tolist()


@settings(max_examples=100)
@given(st.data())
def test_sixteen_sweeps_at_once_are_sixteen_sweeps(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    h, weights = graph.hierarchy, graph.weights()
    targets = data.draw(st.lists(doors(h.ranks, 3), min_size=1, max_size=WIDE))
    wide = sweep_wide(h, weights, targets)
    assert wide.shape == (h.ranks, WIDE)
    for column, target in enumerate(targets):
        assert wide[:, column].tolist() == sweep(h, weights, target).tolist()
    assert (wide[:, len(targets) :] >= INFINITE).all()


def test_a_source_without_doors_reaches_nothing() -> None:
    graph = contracted(2, [(0, 1, 5), (1, 0, 5)])
    layers = empty_layers(graph.hierarchy, 2)
    nowhere, one = np.full((2, 2), -1, np.int32), np.zeros(2, np.int32)
    fill_layers(graph.hierarchy, graph.weights().up, nowhere, np.zeros((2, 2), np.uint32), layers, np.arange(2, dtype=np.int32))
    assert (least_to_each(graph.hierarchy, graph.weights().down, [(one[:1], np.zeros(1, np.uint32))], layers, 2) == INFINITE).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_town_of_a_thousand_crossings_gives_dijkstras_times(seed: int) -> None:
    graph = grid(32, seed)
    h, weights, times = graph.hierarchy, graph.weights(), as_ms(graph.times())
    dice = np.random.default_rng(seed)
    for target in dice.integers(0, h.ranks, 20).tolist():
        at = np.array([target], dtype=np.int32), np.zeros(1, dtype=np.uint32)
        assert sweep(h, weights, at).tolist() == times[:, target].tolist()
        everyone = [(np.array([rank], dtype=np.int32), np.zeros(1, dtype=np.uint32)) for rank in range(h.ranks)]
        assert label_times(h, weights, everyone, [at]) == [times[:, target].tolist()]
    assert h.most_depth < 120, "a square of 1,024 has a separator of 32"


# Ways.


@often
@given(st.data())
def test_a_way_is_joined_arcs_that_add_up_to_dijkstras_time(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    check_ways(graph, data.draw(st.lists(st.tuples(*[st.integers(0, graph.hierarchy.ranks - 1)] * 2), max_size=6)))


def check_ways(graph: Contracted, pairs: list[tuple[int, int]]) -> None:
    """From rank to rank."""
    h, weights, times = graph.hierarchy, graph.weights(), as_ms(graph.times())
    for start, end in pairs:
        way = find_way(h, weights, start, end)
        if way is None:
            assert times[start, end] == INFINITE
            continue
        ms, arcs = way
        assert ms == times[start, end] == graph.arc_ms[arcs].astype(np.int64).sum()
        at = [start, *h.rank[graph.head[arcs]].tolist()]
        assert h.rank[graph.tail[arcs]].tolist() == at[:-1]
        assert at[-1] == end
        assert find_way(h, weights, start, end) == way


def test_ways_across_a_town_are_unpacked_whole() -> None:
    graph = grid(32, 7)
    dice = np.random.default_rng(7)
    check_ways(graph, dice.integers(0, graph.hierarchy.ranks, (150, 2)).tolist())


def test_a_way_of_many_arcs_outgrows_its_first_room() -> None:
    # one long street: the way along it is far more than the 256 arcs that there is room for at first
    count = 3_000
    street = np.column_stack([np.arange(count - 1), np.arange(1, count), np.full(count - 1, 7)])
    for rank in (None, np.arange(count, dtype=np.int32)):
        graph = contracted(count, street, rank)
        ends = graph.hierarchy.rank[[0, count - 1]].tolist()
        way = find_way(graph.hierarchy, graph.weights(), *ends)
        assert way == (7 * (count - 1), list(range(count - 1)))
        assert find_way(graph.hierarchy, graph.weights(), *ends[::-1]) is None


# Partial customising.


def same_weights(one: Weights, other: Weights) -> bool:
    """Arc by arc."""
    return all(np.array_equal(mine, yours) for mine, yours in zip(one, other, strict=True))


@often
@given(st.data())
def test_partly_customised_is_wholly_customised_after_any_changes(data: st.DataObject) -> None:
    graph = data.draw(graphs())
    weights = graph.weights()
    arcs = len(graph.arc_ms)
    changes = st.dictionaries(st.integers(0, max(arcs - 1, 0)), MS, max_size=5 if arcs else 0)
    for changed in data.draw(st.lists(changes, min_size=1, max_size=12)):
        arc_ms, before = weights.arc_ms.copy(), [array.copy() for array in weights]
        arc_ms[list(changed)] = list(changed.values())
        after = recustomise(graph.hierarchy, weights, arc_ms)
        assert same_weights(after, customise(graph.hierarchy, arc_ms))
        assert all(np.array_equal(array, was) for array, was in zip(weights, before, strict=True)), "the old weights are still in use"
        weights = after


@pytest.mark.parametrize("seed", range(2))
def test_a_long_day_of_closing_and_opening_streets(seed: int) -> None:
    graph, dice = grid(40, seed), np.random.default_rng(seed)
    weights = graph.weights()
    for _ in range(120):
        arc_ms = weights.arc_ms.copy()
        some = dice.integers(0, len(arc_ms), int(dice.choice([1, 1, 2, 5, 20, 300])))
        kind = dice.integers(0, 3)
        arc_ms[some] = [INFINITE, 0, 0][kind] if kind == 0 else np.where(kind == 1, graph.arc_ms[some], dice.integers(1, 60_000, len(some)))
        weights = recustomise(graph.hierarchy, weights, arc_ms)
        assert same_weights(weights, customise(graph.hierarchy, arc_ms))
    assert same_weights(recustomise(graph.hierarchy, weights, graph.arc_ms), graph.weights()), "all opened again is as it was"


# Shared and read-only arrays.


def read_only(array: NDArray[np.generic]) -> NDArray[np.generic]:
    """The same bytes in memory that cannot be written to."""
    return np.frombuffer(bytes(array.data), dtype=array.dtype)


def test_arrays_that_cannot_be_written_to_serve_as_well() -> None:
    graph = grid(16, 1)
    frozen = Hierarchy(**{name: read_only(array) for name, array in vars(graph.hierarchy).items()})
    assert not frozen.up_head.flags.writeable
    arc_ms = read_only(graph.arc_ms)
    weights = Weights(*(read_only(array) for array in customise(frozen, arc_ms)))
    assert same_weights(weights, graph.weights())
    closed = arc_ms.copy()
    closed[:7] = INFINITE
    assert same_weights(recustomise(frozen, weights, read_only(closed)), customise(graph.hierarchy, closed))
    at = np.array([3], dtype=np.int32), np.zeros(1, dtype=np.uint32)
    times = as_ms(graph.times())
    assert sweep(frozen, weights, at).tolist() == times[:, 3].tolist()
    assert sweep_wide(frozen, weights, [at])[:, 0].tolist() == times[:, 3].tolist()
    assert label_times(frozen, weights, [at], [at]) == [[0]]
    assert find_way(frozen, weights, 9, 3) == find_way(graph.hierarchy, graph.weights(), 9, 3)


def test_threads_ask_one_hierarchy_at_once() -> None:
    graph = grid(32, 5)
    h, weights, times = graph.hierarchy, graph.weights(), as_ms(graph.times())

    def ask(rank: int) -> bool:
        at = np.array([rank], dtype=np.int32), np.zeros(1, dtype=np.uint32)
        way = find_way(h, weights, 0, rank)
        ends_ms = INFINITE if way is None else way[0]
        return sweep(h, weights, at).tolist() == times[:, rank].tolist() and ends_ms == times[0, rank]

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(0, h.ranks, 5)))


def test_equal_graphs_get_equal_orders() -> None:
    one, other = grid(24, 2), grid(24, 2)
    assert one.hierarchy.rank.tolist() == other.hierarchy.rank.tolist()


@pytest.mark.parametrize("states", [0, 1, 5])
def test_graphs_without_arcs(states: int) -> None:
    graph = contracted(states, [])
    assert (graph.hierarchy.arcs, graph.hierarchy.most_depth) == (0, min(states, 1))
    nobody = np.empty(0, np.int32), np.empty(0, np.uint32)
    assert (sweep(graph.hierarchy, graph.weights(), nobody) == INFINITE).all()
    assert label_times(graph.hierarchy, graph.weights(), [], [nobody]) == [[]]
    assert label_times(graph.hierarchy, graph.weights(), [nobody], [nobody]) == [[INFINITE]]
