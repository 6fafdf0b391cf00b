"""Cutting lines where they meet, against what a cut must be; whatever the lines."""

from itertools import groupby

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.edge.osm import _lines, _Ways
from tocsin.edge.street_lines import Cut, Lines, cut_at_junctions

Keys = list[int]

# few places, so that lines meet, cross, touch themselves and repeat points
lines_of_keys = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=8), max_size=8)


def collected(all_keys: list[Keys]) -> tuple[Lines, list[tuple[int, Keys]]]:
    """Lines, and what is left of each after repeated points are gone: (owner, keys)."""
    lines, kept = Lines(), []
    for owner, keys in enumerate(all_keys):
        single = [key for at, key in enumerate(keys) if at == 0 or keys[at - 1] != key]
        assert lines.add(owner, [(key, key * 10, key * 100) for key in keys]) is (len(single) > 1)
        if len(single) > 1:
            kept.append((owner, single))
    return lines, kept


def keys_of(cut: Cut, street: int) -> Keys:
    return (cut.point_lon_e7[cut.start[street] : cut.start[street + 1]] // 10).tolist()


@given(lines_of_keys)
def test_streets_put_together_are_the_lines_again(all_keys: list[Keys]) -> None:
    lines, kept = collected(all_keys)
    cut = cut_at_junctions(lines, is_met_within=True)
    rest = list(range(len(cut.tail)))
    for owner, keys in kept:
        together = keys_of(cut, rest[0])
        assert cut.owner[rest.pop(0)] == owner
        while len(together) < len(keys):
            assert cut.owner[rest[0]] == owner
            together += keys_of(cut, rest.pop(0))[1:]
        assert together == keys
    assert rest == []


@given(lines_of_keys)
def test_nothing_meets_inside_a_street(all_keys: list[Keys]) -> None:
    lines, kept = collected(all_keys)
    cut = cut_at_junctions(lines, is_met_within=True)
    uses = [key for _, keys in kept for key in keys]
    for street in range(len(cut.tail)):
        assert all(uses.count(key) == 1 for key in keys_of(cut, street)[1:-1])


@given(lines_of_keys, st.booleans())
def test_ends_are_the_nodes_that_they_say(all_keys: list[Keys], is_met_within: bool) -> None:
    lines, kept = collected(all_keys)
    cut = cut_at_junctions(lines, is_met_within=is_met_within)
    assert np.all(np.diff(cut.node_key) > 0)
    assert (cut.node_lon_e7 == cut.node_key * 10).all()
    assert (cut.node_lat_e7 == cut.node_key * 100).all()
    for street in range(len(cut.tail)):
        keys = keys_of(cut, street)
        assert [int(cut.node_key[cut.tail[street]]), int(cut.node_key[cut.head[street]])] == [keys[0], keys[-1]]
    if not is_met_within:
        assert [(int(owner), keys_of(cut, street)) for street, owner in enumerate(cut.owner)] == kept


@given(st.lists(st.tuples(st.integers(1, 9), st.lists(st.integers(0, 3), max_size=12)), max_size=6, unique_by=lambda way: way[0]))
def test_ways_become_lines_between_places_that_are_known(read: list[tuple[int, Keys]]) -> None:
    """As one would do it by hand: way by way in the order of ids, run by run, no point twice in a row, no line of one point."""
    ways = _Ways()
    for number, keys in read:
        ways.id.append(number)
        for key in keys:
            ways.point_key.append(key)
            ways.point_lon_e7.append(10 * key)
            ways.point_lat_e7.append(100 * key)
        ways.point_start.append(len(ways.point_key))
    expected: list[tuple[int, Keys]] = []
    short = 0
    for row in sorted(range(len(read)), key=lambda row: read[row][0]):
        runs = [list(group) for is_known, group in groupby(read[row][1], key=bool) if is_known]
        lines = [[key for key, _ in groupby(run)] for run in runs]
        kept = [line for line in lines if len(line) > 1]
        expected += [(row, line) for line in kept]
        short += not kept
    made = _lines(ways)
    assert [(owner, list(made.key[made.start[n] : made.start[n + 1]])) for n, owner in enumerate(made.owner)] == expected
    assert list(made.lon_e7) == [10 * key for key in made.key] and list(made.lat_e7) == [100 * key for key in made.key]
    assert ways.dropped["line_short"] == short
