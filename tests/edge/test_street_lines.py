"""Cutting lines where they meet, against what a cut must be; whatever the lines."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.edge.street_lines import Cut, Lines, cut_at_junctions, whole_runs

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


@given(st.lists(st.integers(0, 3), max_size=12))
def test_runs_end_where_a_place_is_not_known(keys: Keys) -> None:
    runs = list(whole_runs([(key, 0, 0) for key in keys]))
    assert len(runs) == keys.count(0) + 1
    assert [key for run in runs for key, _, _ in run] == [key for key in keys if key]
