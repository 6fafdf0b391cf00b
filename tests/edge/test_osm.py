"""OpenStreetMap files: counts of known networks, what tags mean, unsorted and damaged files, turn restrictions."""

import gzip
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import osmium
import pytest

from tocsin.base.faults import BadInput
from tocsin.edge.osm import read_osm
from tocsin.edge.osm_tags import direction, speed_dkmh, why_not_drivable
from tocsin.edge.street_files import read_streets
from tocsin.roads.build import build_region
from tocsin.roads.region import Region, hash_arrays
from tocsin.roads.region_file import write_region
from tocsin.roads.streets import AGAINST, ALONG, BOTH, class_speeds_kmh


class Known(NamedTuple):
    """A network of the table in the data's README, and what ours leaves out of it."""

    file: str
    edges: int
    directed: int
    relations: int
    turns: int
    """Kept of the relations; a relation with several from- or to-ways gives several."""
    off: float
    """Part of edges by which ours may differ."""


KNOWN = [
    # The table counts every way from motorway to service. Ours leaves out areas (area=yes) and what is closed even to an emergency
    # (access=no and the like, 33 ways in Columbus, 87 in Porto) and cuts at bollards and blocks, but keeps highway=road: a little less.
    Known("columbus/columbus.osm.pbf", 30_285, 57_468, 30, 9, 0.004),  # 21 relations name ways that the extract lost
    Known("monaco/monaco.osm.pbf", 2_840, 4_519, 27, 27, 0.012),
    Known("liechtenstein/liechtenstein.osm.pbf", 6_142, 11_849, 85, 83, 0.013),
    Known("porto/porto_portugal.osm.pbf", 84_844, 148_599, 357, 337, 0.003),
]


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.file.partition("/")[0])
def test_counts_of_known_networks(shared: Path, known: Known) -> None:
    streets = read_osm(shared / "data/roads" / known.file)
    region = build_region(streets, name=known.file)
    assert known.edges * (1 - known.off) <= region.streets <= known.edges
    assert known.directed * (1 - known.off) <= region.edges <= known.directed
    assert len(region.turn_from) == known.turns
    lost = sum(region.header.dropped.get(reason, 0) for reason in ("turn_off_network", "turn_incomplete", "turn_exempt"))
    assert lost + known.turns >= known.relations
    assert region.node_is_strong.mean() > 0.9
    check_turns(region)


def check_turns(region: Region) -> None:
    """Every restriction is a drivable path of edges."""
    for row in range(len(region.turn_from)):
        via = region.turn_via_edges[region.turn_via_start[row] : region.turn_via_start[row + 1]].tolist()
        path = [int(region.turn_from[row]), *via, int(region.turn_to[row])]
        for edge, onward in pairwise(path):
            assert region.edge_head[edge] == region.edge_tail[onward]
        node = int(region.turn_via[row])
        assert node == (-1 if via else region.edge_head[path[0]])


def test_the_same_file_gives_the_same_bytes(shared: Path, tmp_path: Path) -> None:
    source = shared / "data/roads/monaco/monaco.osm.pbf"
    for name in ("one", "other"):
        write_region(build_region(read_osm(source), name="Monaco"), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_an_unsorted_file_gives_the_same_region(shared: Path, tmp_path: Path) -> None:
    source, shuffled = shared / "data/roads/monaco/monaco.osm.pbf", tmp_path / "shuffled.osm.pbf"
    # relations and ways before the nodes that they stand on, each kind backwards
    with osmium.SimpleWriter(str(shuffled)) as writer:
        for kind in (osmium.osm.RELATION, osmium.osm.WAY, osmium.osm.NODE):
            kept: list[object] = []
            for thing in osmium.FileProcessor(str(source), kind):
                kept.append(thing.replace(tags=dict(thing.tags), **_parts(thing)))
            for one in reversed(kept):
                writer.add(one)
    sorted_region, shuffled_region = (build_region(read_osm(path), name="Monaco") for path in (source, shuffled))
    assert hash_arrays(sorted_region.items()) == hash_arrays(shuffled_region.items())


def _parts(thing: object) -> dict[str, object]:
    """What must be copied before the reader's memory goes away."""
    if isinstance(thing, osmium.osm.Way):
        return {"nodes": [node.ref for node in thing.nodes]}
    if isinstance(thing, osmium.osm.Relation):
        return {"members": [(member.type, member.ref, member.role) for member in thing.members]}
    return {"location": (thing.location.lon, thing.location.lat)}  # type: ignore[attr-defined]  # what is left is a node


HEAD = "<?xml version='1.0'?><osm version='0.6'>"


def town(tmp_path: Path, ways: str, name: str = "town.osm") -> Path:
    """Nodes 1 to 6 on a line going east, 110 m apart at the equator, and these ways."""
    nodes = "".join(f"<node id='{n}' version='1' lon='{n / 1000}' lat='0'/>" for n in range(1, 7))
    path = tmp_path / name
    path.write_text(f"{HEAD}{nodes}{ways}</osm>")
    return path


def way(way_id: int, refs: list[int], **tags: str) -> str:
    """One way in XML."""
    told = "".join(f"<tag k='{key.replace('__', ':')}' v='{value}'/>" for key, value in {"highway": "residential", **tags}.items())
    points = "".join(f"<nd ref='{ref}'/>" for ref in refs)
    return f"<way id='{way_id}' version='1'>{points}{told}</way>"


def test_ways_are_cut_where_they_meet_and_names_are_kept(tmp_path: Path) -> None:
    region = build_region(read_osm(town(tmp_path, way(1, [1, 2, 3, 4], name="Main") + way(2, [3, 5]))), name="town")
    assert (region.streets, region.edges, region.nodes) == (3, 6, 4)
    assert [region.name_of(edge) for edge in range(6)] == ["Main"] * 4 + [None] * 2
    # 2 x 111.19 m at 30 km/h
    assert region.edge_cm[0] == 22_239
    assert region.edge_ms[0] == 26_687


def test_progress_is_told_in_stages(tmp_path: Path) -> None:
    told: list[tuple[int, int | None, str]] = []
    path = town(tmp_path, way(1, [1, 2, 3, 4]) + way(2, [3, 5]))
    build_region(read_streets(path, progress=lambda *one: told.append(one)), name="town", progress=lambda *one: told.append(one))
    assert [stage for _, _, stage in told] == ["nodes", "ways", "streets", "graph", "graph"]
    assert told[-1] == (3, 3, "graph")


def test_a_mapping_for_openstreetmap_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="mapping_unused"):
        read_streets(town(tmp_path, way(1, [1, 2])), tmp_path / "any.toml")


def test_ways_that_say_speeds_for_each_way_and_directions_that_nobody_reads(tmp_path: Path) -> None:
    tags = {"maxspeed__forward": "50", "maxspeed__backward": "30 mph", "oneway": "sometimes"}
    region = build_region(read_osm(town(tmp_path, way(1, [1, 2], **tags) + way(2, [2, 3], maxspeed="walk"))), name="town")
    assert region.edge_speed_dkmh.tolist() == [500, 483, 300, 300]
    assert region.header.assumed == {"oneway_unread": 1, "speed_by_class": 1, "speed_unread": 2}


def test_a_one_way_street_against_its_line_is_driven_from_its_last_point(tmp_path: Path) -> None:
    region = build_region(read_osm(town(tmp_path, way(1, [1, 2], oneway="-1") + way(2, [1, 3], junction="roundabout"))), name="town")
    assert region.edges == 2
    assert (region.edge_tail[0], region.edge_head[0], region.edge_is_against[0]) == (1, 0, 1)
    assert region.edge_twin.tolist() == [-1, -1]


def test_compressed_xml_is_read_alike(tmp_path: Path) -> None:
    plain = town(tmp_path, way(1, [1, 2]))
    packed = tmp_path / "town.osm.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert hash_arrays(build_region(read_osm(plain), name="").items()) == hash_arrays(build_region(read_osm(packed), name="").items())


def test_a_bollard_parts_a_street_and_a_gate_does_not(tmp_path: Path) -> None:
    path = town(tmp_path, way(1, [1, 2, 3]) + way(2, [4, 5, 6]))
    text = path.read_text()
    for node, barrier in ((2, "bollard"), (5, "gate")):
        bare = f"<node id='{node}' version='1' lon='{node / 1000}' lat='0'"
        text = text.replace(f"{bare}/>", f"{bare}><tag k='barrier' v='{barrier}'/></node>")
    path.write_text(text)
    region = build_region(read_osm(path), name="town")
    assert region.streets == 3
    assert region.nodes == 6
    assert region.header.dropped == {"barrier": 1}


def test_a_point_that_the_file_lost_leaves_a_gap_and_is_counted(tmp_path: Path) -> None:
    region = build_region(read_osm(town(tmp_path, way(1, [1, 2, 99, 3, 4]))), name="town")
    assert (region.streets, region.nodes) == (2, 4)
    assert region.header.dropped == {"point_missing": 1}


def test_reasons_for_leaving_out_are_counted(tmp_path: Path) -> None:
    ways = way(1, [1, 2]) + way(2, [2, 3], highway="footway") + way(3, [2, 3], access="no") + way(4, [3, 4, 3], area="yes") + way(5, [3])
    region = build_region(read_osm(town(tmp_path, ways)), name="town")
    assert region.header.dropped == {"access": 1, "area": 1, "line_short": 1, "not_for_cars": 1}
    assert region.header.assumed == {"speed_by_class": 1}
    assert region.header.attribution == ("© OpenStreetMap contributors",)


def restriction(kind: str, members: str, relation: int = 1, extra: str = "") -> str:
    return (
        f"<relation id='{relation}' version='1'>{members}<tag k='type' v='restriction'/><tag k='restriction' v='{kind}'/>{extra}</relation>"
    )


def test_turns_by_node_and_by_way(tmp_path: Path) -> None:
    ways = way(1, [1, 2]) + way(2, [2, 3]) + way(3, [3, 4]) + way(4, [2, 5])
    node = members(("from", "way", 1), ("via", "node", 2), ("to", "way", 4))
    by_way = members(("from", "way", 1), ("via", "way", 2), ("to", "way", 3))
    lost = members(("from", "way", 1), ("via", "node", 2), ("to", "way", 77))
    exempt = "<tag k='except' v='emergency'/>"
    relations = restriction("no_left_turn", node) + restriction("only_straight_on", by_way, 2)
    relations += restriction("no_u_turn", lost, 3) + restriction("no_u_turn", node, 4, exempt) + restriction("give_way", node, 5)
    region = build_region(read_osm(town(tmp_path, ways + relations)), name="town")
    check_turns(region)
    # edges: 0/1 way 1, 2/3 way 2, 4/5 way 3, 6/7 way 4
    assert region.turn_from.tolist() == [0, 0]
    assert region.turn_to.tolist() == [6, 4]
    assert region.turn_is_only.tolist() == [0, 1]
    assert region.turn_via.tolist() == [1, -1]
    assert region.turn_via_edges.tolist() == [2]
    assert region.header.dropped == {"turn_exempt": 1, "turn_incomplete": 1, "turn_off_network": 1}


def members(*ones: tuple[str, str, int]) -> str:
    """(role, type, ref) of a relation's members in XML."""
    return "".join(f"<member type='{kind}' ref='{ref}' role='{role}'/>" for role, kind, ref in ones)


def test_a_turn_by_a_way_of_several_pieces_driven_backwards(tmp_path: Path) -> None:
    # way 2 is drawn from 4 to 2 and cut at 3, where way 4 crosses; the turn drives it from 2 to 4
    ways = way(1, [1, 2]) + way(2, [4, 3, 2]) + way(3, [4, 5]) + way(4, [3, 6])
    told = members(("from", "way", 1), ("via", "way", 2), ("to", "way", 3))
    region = build_region(read_osm(town(tmp_path, ways + restriction("no_straight_on", told))), name="town")
    check_turns(region)
    assert len(region.turn_via_edges) == 2
    assert region.edge_is_against[region.turn_via_edges].tolist() == [1, 1]
    ends = region.edge_tail[region.turn_via_edges[0]], region.edge_head[region.turn_via_edges[1]]
    assert [int(region.node_lon_e7[node]) for node in ends] == [20_000, 40_000]


def test_no_entry_from_several_ways_is_several_turns(tmp_path: Path) -> None:
    ways = way(1, [1, 2]) + way(2, [2, 3]) + way(3, [2, 4])
    told = members(("from", "way", 1), ("from", "way", 2), ("via", "node", 2), ("to", "way", 3))
    region = build_region(read_osm(town(tmp_path, ways + restriction("no_entry", told))), name="town")
    check_turns(region)
    assert sorted(region.turn_from.tolist()) == [0, 3]
    assert region.turn_to.tolist() == [4, 4]


def test_a_way_that_passes_through_the_node_leaves_the_turn_open_and_is_counted(tmp_path: Path) -> None:
    ways = way(1, [1, 2, 3]) + way(2, [2, 4])
    told = members(("from", "way", 1), ("via", "node", 2), ("to", "way", 2))
    region = build_region(read_osm(town(tmp_path, ways + restriction("no_left_turn", told))), name="town")
    assert len(region.turn_from) == 0
    assert region.header.dropped == {"turn_off_network": 1}


def test_a_turn_round_is_a_turn_from_a_street_into_its_twin(tmp_path: Path) -> None:
    told = members(("from", "way", 1), ("via", "node", 2), ("to", "way", 1))
    region = build_region(read_osm(town(tmp_path, way(1, [1, 2]) + way(2, [2, 3]) + restriction("no_u_turn", told))), name="town")
    assert (region.turn_from.tolist(), region.turn_to.tolist()) == ([0], [1])
    assert region.edge_twin[0] == 1


def test_a_turn_against_a_one_way_street_is_counted(tmp_path: Path) -> None:
    ways = way(1, [1, 2]) + way(2, [3, 2], oneway="yes")
    told = members(("from", "way", 1), ("via", "node", 2), ("to", "way", 2))
    region = build_region(read_osm(town(tmp_path, ways + restriction("no_left_turn", told))), name="town")
    assert len(region.turn_from) == 0
    assert region.header.dropped == {"turn_against_oneway": 1}


@pytest.mark.parametrize(
    ("tags", "towards"),
    [
        ({}, BOTH),
        ({"oneway": "yes"}, ALONG),
        ({"oneway": "1"}, ALONG),
        ({"oneway": "-1"}, AGAINST),
        ({"oneway": "no", "junction": "roundabout"}, BOTH),
        ({"junction": "roundabout"}, ALONG),
        ({"junction": "circular"}, ALONG),
        ({"highway": "motorway"}, ALONG),
        ({"highway": "motorway", "oneway": "no"}, BOTH),
        ({"highway": "motorway_link"}, BOTH),
        ({"oneway": "reversible"}, BOTH),
    ],
)
def test_directions(tags: dict[str, str], towards: int) -> None:
    assert direction(tags, tags.get("highway", "residential"))[0] == towards


@pytest.mark.parametrize(
    ("text", "dkmh"),
    [
        (None, 0),
        ("50", 500),
        ("30 mph", 483),
        ("30mph", 483),
        ("60 km/h", 600),
        ("50;30", 500),
        ("5.5", 55),
        ("none", None),
        ("DE:urban", None),
        ("signals", None),
        ("0", None),
        ("3", 50),
        ("999", 1_300),
        ("..", None),
    ],
)
def test_speeds(text: str | None, dkmh: int | None) -> None:
    assert speed_dkmh(text) == dkmh


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        ({}, None),
        ({"access": "private"}, None),
        ({"access": "customers"}, None),
        ({"access": "no"}, "access"),
        ({"access": "no", "emergency": "yes"}, None),
        ({"access": "no", "motor_vehicle": "yes"}, None),
        ({"motor_vehicle": "no"}, "access"),
        ({"vehicle": "no", "bus": "designated"}, None),
        ({"access": "yes", "emergency": "no"}, "access"),
        ({"area": "yes"}, "area"),
    ],
)
def test_who_may_drive(tags: dict[str, str], reason: str | None) -> None:
    assert why_not_drivable(tags) == reason


@pytest.mark.parametrize("kept", [0, 10, 5_000, 400_000])
def test_a_file_cut_off_is_refused(shared: Path, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes((shared / "data/roads/monaco/monaco.osm.pbf").read_bytes()[:kept])
    with pytest.raises(BadInput) as caught:
        read_osm(path)
    assert caught.value.code in ("osm_unreadable", "network_empty")
    assert caught.value.file == str(path)


@pytest.mark.parametrize(("name", "content"), [("a.osm", "<osm><way id='1'"), ("a.osm.pbf", "no pbf at all"), ("a.osm.gz", "not gzip")])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(BadInput, match="osm_unreadable"):
        read_osm(tmp_path / name)


def test_a_file_without_roads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="network_empty"):
        read_osm(town(tmp_path, way(1, [1, 2], highway="footway")))
    with pytest.raises(BadInput, match="file_missing"):
        read_osm(tmp_path / "nothing.osm.pbf")


@pytest.mark.parametrize(
    ("highway", "maxspeed", "dkmh"),
    [
        ("residential", "9999", None),
        ("residential", "131", None),
        ("residential", "130", 1_300),
        ("motorway", "140", 1_300),
        ("motorway", "151", None),
        ("motorway", "100 mph", None),
        ("trunk", "150", 1_300),
        ("secondary", "9" * 400, None),
    ],
)
def test_a_speed_that_cannot_be_true_is_counted_and_the_class_decides(
    tmp_path: Path, highway: str, maxspeed: str, dkmh: int | None
) -> None:  # fmt: skip
    region = build_region(read_osm(town(tmp_path, way(1, [1, 2], highway=highway, maxspeed=maxspeed, oneway="no"))), name="town")
    by_class = 10 * class_speeds_kmh()[highway]
    assert region.edge_speed_dkmh.tolist() == [dkmh or by_class] * 2
    assert region.header.assumed == ({} if dkmh else {"speed_absurd": 2, "speed_by_class": 1})


def test_many_ways_without_a_relation_are_noted(tmp_path: Path) -> None:
    ways = "".join(way(number, [1 + number % 5, 2 + number % 5]) for number in range(1, 1_002))
    relation = "<relation id='1' version='1'><tag k='type' v='route'/></relation>"
    cut, whole = (read_osm(town(tmp_path, ways + more, name)) for more, name in (("", "cut.osm"), (relation, "whole.osm")))
    assert cut.assumed == {"no_relations": 1_001} and whole.assumed == {}
