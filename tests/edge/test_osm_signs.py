"""Signals and signs of OpenStreetMap: who meets them, and how many there are in known networks."""

from pathlib import Path

import osmium
import pytest

from tocsin.edge.osm import read_osm
from tocsin.edge.osm_signs import Signs
from tocsin.roads.build import build_region
from tocsin.roads.streets import Streets

HEAD = "<?xml version='1.0'?><osm version='0.6'>"


def streets(tmp_path: Path, ways: list[list[int]], signs: dict[int, dict[str, str]], oneway: str = "no") -> Streets:
    """Nodes 1 to 9 on a line going east, 110 m apart, those with signs tagged so; ways over them in the order given."""
    xml = HEAD
    for node in range(1, 10):
        tags = "".join(f"<tag k='{key}' v='{value}'/>" for key, value in signs.get(node, {}).items())
        xml += f"<node id='{node}' version='1' lon='{node / 1000}' lat='0'>{tags}</node>"
    for number, refs in enumerate(ways, 1):
        points = "".join(f"<nd ref='{ref}'/>" for ref in refs)
        xml += f"<way id='{number}' version='1'>{points}<tag k='highway' v='residential'/><tag k='oneway' v='{oneway}'/></way>"
    path = tmp_path / "town.osm"
    path.write_text(f"{xml}</osm>")
    return read_osm(path)


def signals(tmp_path: Path, ways: list[list[int]], node: int, **tags: str) -> list[list[int]]:
    """[along, against] per street with a signal at one node."""
    told = {"highway": "traffic_signals", **{key.replace("__", ":"): value for key, value in tags.items()}}
    found = streets(tmp_path, ways, {node: told})
    assert found.signals is not None and found.stops is not None
    assert not found.stops.any()
    return found.signals.tolist()


def stops(tmp_path: Path, ways: list[list[int]], node: int, kind: str = "stop", **tags: str) -> list[list[int]]:
    """[along, against] per street with a sign at one node."""
    found = streets(tmp_path, ways, {node: {"highway": kind, **tags}})
    assert found.signals is not None and found.stops is not None
    assert not found.signals.any()
    return found.stops.tolist()


CROSSING = [[1, 2, 3], [3, 4], [5, 3]]
"""Two streets come to node 3 by their last point, one by its first."""


def test_a_signal_at_a_crossing_is_met_by_who_comes_there_and_not_by_who_leaves(tmp_path: Path) -> None:
    assert signals(tmp_path, CROSSING, 3) == [[1, 0], [0, 1], [1, 0]]


def test_a_direction_at_a_crossing_is_read_by_nobody(tmp_path: Path) -> None:
    assert signals(tmp_path, CROSSING, 3, direction="forward") == [[1, 0], [0, 1], [1, 0]]
    assert stops(tmp_path, CROSSING, 3, direction="backward") == [[1, 0], [0, 1], [1, 0]]


def test_a_signal_in_mid_street_is_met_by_whom_it_faces(tmp_path: Path) -> None:
    ways = [[1, 2, 3]]
    assert signals(tmp_path, ways, 2) == signals(tmp_path, ways, 2, direction="both") == [[1, 1]]
    assert signals(tmp_path, ways, 2, direction="forward") == [[1, 0]]
    assert signals(tmp_path, ways, 2, traffic_signals__direction="backward", direction="forward") == [[0, 1]]
    assert signals(tmp_path, ways, 2, direction="NE") == [[1, 1]], "a point of the compass says nothing of the line"


def test_where_two_streets_only_join_a_direction_is_read(tmp_path: Path) -> None:
    ways = [[1, 2, 3], [3, 4]]
    assert signals(tmp_path, ways, 3) == [[1, 0], [0, 1]]
    assert signals(tmp_path, ways, 3, direction="forward") == [[1, 0], [0, 0]]
    assert signals(tmp_path, ways, 3, direction="backward") == [[0, 0], [0, 1]]


def test_a_sign_at_a_crossing_is_for_all_that_come_there(tmp_path: Path) -> None:
    assert stops(tmp_path, CROSSING, 3) == stops(tmp_path, CROSSING, 3, "give_way") == [[1, 0], [0, 1], [1, 0]]


def test_a_sign_in_mid_street_without_a_direction_is_for_who_drives_to_the_nearer_end(tmp_path: Path) -> None:
    assert stops(tmp_path, [[1, 2, 3, 4, 5]], 4) == [[1, 0]]
    assert stops(tmp_path, [[1, 2, 3, 4, 5]], 2, "give_way") == [[0, 1]]
    assert stops(tmp_path, [[9, 7, 6, 1]], 7) == [[0, 1]], "by length, not by the number of points"
    assert stops(tmp_path, [[1, 2, 3, 4, 5]], 2, direction="forward") == [[1, 0]]


def test_signals_along_one_street_add_up(tmp_path: Path) -> None:
    light = {"highway": "traffic_signals"}
    found = streets(tmp_path, [[1, 2, 3, 4]], {2: light, 3: {**light, "direction": "forward"}, 4: light, 8: light})
    assert found.signals is not None
    assert found.signals.tolist() == [[3, 1]]


def test_a_signal_where_a_loop_hangs_is_met_once_each_way_round(tmp_path: Path) -> None:
    assert signals(tmp_path, [[1, 2], [2, 3, 4, 2]], 2) == [[1, 0], [1, 1]]


def test_a_one_way_street_meets_what_faces_its_way(tmp_path: Path) -> None:
    light = {"highway": "traffic_signals"}
    for oneway, expected in (("yes", 1), ("-1", 2)):
        lights = {1: light, 2: {**light, "direction": "backward"}, 3: {"highway": "stop"}}
        region = build_region(streets(tmp_path, [[1, 2, 3]], lights, oneway), name="town")
        assert region.edge_signals.tolist() == [0 if oneway == "yes" else expected]
        assert region.edge_stops.tolist() == [1 if oneway == "yes" else 0]


@pytest.mark.parametrize(
    ("file", "signals", "signs", "met"),
    [
        ("monaco/monaco.osm.pbf", 21, 1, (36, 1)),
        ("liechtenstein/liechtenstein.osm.pbf", 14, 44, (30, 43)),
        ("columbus/columbus.osm.pbf", 338, 41, (1_060, 127)),
        ("porto/porto_portugal.osm.pbf", 309, 118, (676, 117)),
    ],
)
def test_signals_of_known_networks(shared: Path, file: str, signals: int, signs: int, met: tuple[int, int]) -> None:
    path = shared / "data/roads" / file
    counted = Signs()
    for node in osmium.FileProcessor(str(path), osmium.osm.NODE).with_filter(osmium.filter.KeyFilter("highway")):
        counted.read(node.id, node.tags)
    assert (len(counted.signals), len(counted.facing) - len(counted.signals)) == (signals, signs)
    region = build_region(read_osm(path), name=file)
    assert (int(region.edge_signals.sum()), int(region.edge_stops.sum())) == met
