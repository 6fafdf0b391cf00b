"""Streets from GeoJSON and from tables: counts of real files, mappings, and every way in which a file can be wrong."""

import gzip
import json
import shutil
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tocsin.base.faults import BadInput, Fault
from tocsin.edge.street_files import read_geojson, read_streets
from tocsin.edge.street_mapping import street_mappings
from tocsin.roads.build import build_region
from tocsin.roads.info import info
from tocsin.roads.region import Region, hash_arrays
from tocsin.roads.snapping import Snapper
from tocsin.roads.streets import class_codes
from tocsin.words import catalogue, languages, tell

COQUIMBO = files("tocsin").joinpath("data", "coquimbo", "streets.geojson.gz")


def region_of(path: Path, mapping: Path | None = None) -> Region:
    return build_region(read_streets(path, mapping), name=path.name)


def refused(path: Path, mapping: Path | None = None) -> Fault:
    """The fault that a source is refused with; it must have its sentences in every language."""
    with pytest.raises(BadInput) as caught:
        region_of(path, mapping)
    for language in languages():
        assert f"faults.{caught.value.code}.what" in catalogue(language)
        assert "{" not in tell(caught.value, language)
    return caught.value


def test_san_francisco_is_recognised_and_counted(shared: Path) -> None:
    told = info(region_of(shared / "data/roads/san-francisco/sf_streets.geojson.gz"))
    assert (told.streets, told.directed_edges, told.nodes, told.strong_nodes) == (16_090, 31_274, 9_628, 9_490)
    assert told.assumed["oneway_unknown"] == 13_811
    assert told.named == 24_966  # directed edges; 12,935 streets
    assert told.attribution


@pytest.mark.parametrize(("city", "nodes", "arcs"), [("auckland", 54_370, 90_638), ("manhattan", 16_811, 24_437)])
def test_ambulance_models_are_counted(shared: Path, city: str, nodes: int, arcs: int) -> None:
    folder = shared / "data/jemss" / city
    region = region_of(folder)
    assert (region.nodes, region.edges) == (nodes, arcs)
    assert int(region.node_may_join.sum()) < nodes
    assert hash_arrays(region.items()) == hash_arrays(region_of(folder / "roads.zip").items())


def test_times_of_an_ambulance_model_are_those_of_its_file(shared: Path) -> None:
    region = region_of(shared / "data/jemss/manhattan")
    # the first arc of the file: node 1 to node 2 in 5.096037894816656e-6 days
    row = np.flatnonzero((region.edge_tail == 0) & (region.edge_head == 1))
    assert region.edge_ms[row].tolist() == [440]


def test_an_unpacked_model_is_read_like_the_zip(shared: Path, tmp_path: Path) -> None:
    source = shared / "data/jemss/manhattan/roads.zip"
    with zipfile.ZipFile(source) as archive:
        archive.extractall(tmp_path)
    assert hash_arrays(region_of(tmp_path).items()) == hash_arrays(region_of(source).items())


def test_mid_motorway_nodes_are_not_snapped_to(shared: Path) -> None:
    region = region_of(shared / "data/jemss/auckland")
    closed = np.flatnonzero(region.node_may_join == 0)[::500]
    for node, snap in zip(closed, Snapper(region).snap([region.node_place(int(node)) for node in closed]), strict=True):
        end = {0: region.edge_tail, 1_000_000: region.edge_head}.get(snap.on.along_ppm)
        if end is None:
            assert region.node_may_join[region.edge_tail[snap.on.edge]] and region.node_may_join[region.edge_head[snap.on.edge]]
        else:
            assert region.node_may_join[end[snap.on.edge]], node


def test_coquimbo_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "streets.geojson.gz"
    path.write_bytes(COQUIMBO.read_bytes())
    assert path.stat().st_size < 700_000
    told = info(region_of(path))
    assert (told.streets, told.nodes, told.directed_edges) == (19_846, 15_591, 34_272)
    assert told.strong_nodes > 0.99 * told.nodes
    # The same id gives the same milliseconds for ever. Where this line fails, times or arrays have changed: give SPEED_PROFILE or
    # FORMAT_VERSION a new value, and only then write the new id here.
    assert told.metric == "ecaa6a22b64a740a.posted-2.any.lights.all.open"
    assert told.licence == "ODbL-1.0"
    assert "OpenStreetMap" in told.attribution[0]
    assert -71.4 < told.bbox[0] < told.bbox[2] < -71.1
    notice = files("tocsin").joinpath("data", "coquimbo", "LICENSE-ODbL.txt").read_text("utf-8")
    assert all(word in notice for word in ("Open Database License", "OpenStreetMap contributors", "AequilibraE", "opendatacommons.org"))


def street(points: list[Any], kind: str = "LineString", **told: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": told, "geometry": {"type": kind, "coordinates": points}}


def geojson(tmp_path: Path, features: list[dict[str, Any]], name: str = "streets.geojson", **more: Any) -> Path:
    path = tmp_path / name
    text = json.dumps({"type": "FeatureCollection", "features": features, **more}).encode()
    path.write_bytes(gzip.compress(text) if name.endswith(".gz") else text)
    return path


A, B, C, D = [0.0, 0.0], [0.001, 0.0], [0.002, 0.0], [0.001, 0.001]


def test_own_layout_with_directions_speeds_and_names(tmp_path: Path) -> None:
    features = [
        street([A, B], **{"class": "primary", "direction": "both", "speed_kmh": 50, "speed_against_kmh": 25, "name": " Calle Uno "}),
        street([B, C], **{"class": "primary", "direction": "along", "speed_kmh": 50}),
        street([B, D], **{"class": "primary", "direction": "against"}),
        street([C, D], **{"class": "footway", "direction": "both"}),
        street([A], kind="Point", **{"class": "primary", "direction": "both"}),
        street([C, C], **{"class": "primary", "direction": "both"}),
        street([[C, D], [D, A]], kind="MultiLineString", **{"class": "track road", "direction": "both"}),
    ]
    region = region_of(geojson(tmp_path, features, "streets.geojson.gz", attribution=["Town of Uno"]))
    assert region.header.dropped == {"line_short": 1, "not_a_line": 1, "not_for_cars": 2}
    assert region.header.attribution == ("Town of Uno",)
    assert [region.name_of(edge) for edge in range(4)] == ["Calle Uno", "Calle Uno", None, None]
    # 111.20 m: at 50 km/h 8.006 s, at 25 km/h 16.013 s; primary without a speed: 60 km/h, 6.672 s
    assert region.edge_cm.tolist() == [11_120, 11_120, 11_120, 11_120]
    assert region.edge_ms.tolist() == [8_006, 16_013, 8_006, 6_672]
    assert (region.edge_tail[3], region.edge_head[3]) == (3, 1)
    assert region.header.assumed == {"speed_by_class": 1}


def test_a_speed_that_cannot_be_true_is_counted(tmp_path: Path) -> None:
    region = region_of(geojson(tmp_path, [street([A, B], **{"class": "primary", "direction": "both", "speed_kmh": 600})]))
    assert region.edge_speed_dkmh.tolist() == [600, 600]
    assert region.header.assumed == {"speed_absurd": 1, "speed_by_class": 1}


def test_exported_ways_are_cut_where_they_share_a_point(tmp_path: Path) -> None:
    features = [street([A, B, C], highway="residential"), street([B, D], highway="residential", oneway="yes", maxspeed="20 mph")]
    region = region_of(geojson(tmp_path, features))
    assert (region.streets, region.edges, region.nodes) == (3, 5, 4)
    assert region.edge_speed_dkmh.tolist() == [300, 300, 300, 300, 322]


def test_lines_that_cross_without_a_shared_end_do_not_meet_in_own_layout(tmp_path: Path) -> None:
    both = {"class": "residential", "direction": "both"}
    region = region_of(geojson(tmp_path, [street([A, B, C], **both), street([B, D], **both)]))
    assert (region.streets, region.nodes, int(region.node_is_strong.sum())) == (2, 4, 2)


MAPPING = """
name = "ours"
speed_unit = "mph"
other_class = "residential"
[properties]
class = "kind"
direction = "way"
speed = "limit"
from_node = "start"
to_node = "end"
[directions]
1 = "along"
true = "both"
[classes]
avenue = "primary"
"""


def test_a_mapping_of_ones_own(tmp_path: Path) -> None:
    mapping = tmp_path / "ours.toml"
    mapping.write_text(MAPPING)
    features = [
        street_of("avenue", 1, 30, "x", "y", [A, B]),
        street_of("lane", True, "", "y", "z", [[0.0011, 0.0], C]),  # its first point is off by 11 m; the node's number joins it
        street_of("lane", "?", "fast", "z", "x", [C, A]),
    ]
    region = region_of(geojson(tmp_path, features), mapping)
    assert (region.nodes, region.edges) == (3, 1 + 2 + 2)
    assert region.edge_speed_dkmh.tolist() == [483, 300, 300, 300, 300]
    assert region.edge_class[0] == class_codes()["primary"]
    assert region.header.assumed == {"class_unknown": 2, "oneway_unknown": 1, "speed_by_class": 2, "speed_unread": 1}


def street_of(kind: str, way: Any, limit: Any, start: str, end: str, points: list[Any]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"kind": kind, "way": way, "limit": limit, "start": start, "end": end},
        "geometry": {"type": "LineString", "coordinates": points},
    }


def test_a_property_that_no_feature_has_is_a_slip(tmp_path: Path) -> None:
    mapping = tmp_path / "ours.toml"
    mapping.write_text(MAPPING.replace("limit", "limt"))
    fault = refused(geojson(tmp_path, [street_of("lane", 1, 30, "x", "y", [A, B])]), mapping)
    assert (fault.code, fault.field) == ("property_missing", "limt")


def test_a_feature_without_its_node_says_which(tmp_path: Path) -> None:
    mapping = tmp_path / "ours.toml"
    mapping.write_text(MAPPING)
    features = [street_of("lane", 1, 30, "x", "y", [A, B]), street_of("lane", 1, 30, "y", "z", [B, C])]
    features[1]["properties"]["end"] = None
    fault = refused(geojson(tmp_path, features), mapping)
    assert (fault.code, fault.field) == ("property_missing", "features[1].end")


@pytest.mark.parametrize(
    "text", ["name = ", "name = 'x'", MAPPING.replace("mph", 'mph"\nunheard_of = "y'), MAPPING.replace('"along"', '"up"')]
)
def test_a_mapping_that_is_wrong_is_refused(tmp_path: Path, text: str) -> None:
    mapping = tmp_path / "ours.toml"
    mapping.write_text(text)
    fault = refused(geojson(tmp_path, [street_of("lane", 1, 30, "x", "y", [A, B])]), mapping)
    assert (fault.code, fault.file) == ("mapping_unreadable", str(mapping))


def test_a_mapping_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert refused(geojson(tmp_path, [street_of("lane", 1, 30, "x", "y", [A, B])]), tmp_path / "none.toml").code == "file_missing"


def test_properties_that_nobody_knows_are_named(tmp_path: Path) -> None:
    fault = refused(geojson(tmp_path, [street([A, B], strasse="Weg", breite=3)]))
    assert fault.code == "mapping_unknown"
    assert fault.values["properties"] == "breite, strasse"
    assert "san-francisco" in fault.values["known"]


def test_projected_coordinates_are_refused_with_their_feature(tmp_path: Path) -> None:
    both = {"class": "residential", "direction": "both"}
    fault = refused(geojson(tmp_path, [street([A, B], **both), street([[6_010_000.0, 2_110_000.0], B], **both)]))
    assert (fault.code, fault.field) == ("coordinates", "features[1]")


@pytest.mark.parametrize("points", [[["a", "b"], B], [[1.0], B], [None, B], [7, 8]])
def test_coordinates_that_are_none_are_refused(tmp_path: Path, points: list[Any]) -> None:
    both = {"class": "residential", "direction": "both"}
    fault = refused(geojson(tmp_path, [street(points, **both)]))
    assert (fault.code, fault.field) == ("geojson_unreadable", "features[0]")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"features": 3}', b'{"features": [{"geometry": 4}]}', b"\xff\xfe"])
def test_what_is_no_geojson_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "streets.geojson"
    path.write_bytes(text)
    assert refused(path).code == "geojson_unreadable"


@pytest.mark.parametrize("kept", [10, 0.5, -4])
def test_a_gz_file_cut_off_is_refused(tmp_path: Path, kept: float) -> None:
    whole = COQUIMBO.read_bytes()
    path = tmp_path / "cut.geojson.gz"
    path.write_bytes(whole[: int(len(whole) * kept) if isinstance(kept, float) else kept])
    assert refused(path).code == "gz_unreadable"


def test_no_streets_are_refused(tmp_path: Path) -> None:
    assert refused(geojson(tmp_path, [])).code == "network_empty"
    assert refused(geojson(tmp_path, [street([A, B], **{"class": "footway", "direction": "both"})])).code == "network_empty"


@pytest.mark.parametrize("name", ["streets.shp", "streets", "streets.csv"])
def test_a_format_that_nobody_reads_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("x")
    assert refused(tmp_path / name).code == "street_format"


def test_nothing_there_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.geojson").code == "file_missing"
    assert refused(tmp_path).code == "street_format"


NODES = "nodes,2,,\nindex,x,y,offRoadAccess\n1.0,-8.6,41.2,1.0\n2.0,-8.59,41.2,0.0\n,\n"
ARCS = "miscData,1\narcForm,numModes\ndirected,2\n,\narcs,2\nindex,fromNode,toNode,mode_1\n1.0,1.0,2.0,0.001\n2.0,2.0,1.0,0.002\n,\n"


def tables(tmp_path: Path, nodes: str = NODES, arcs: str = ARCS) -> Path:
    (tmp_path / "nodes.csv").write_text(nodes)
    (tmp_path / "arcs.csv").write_text(arcs)
    return tmp_path


def test_tables_by_hand(tmp_path: Path) -> None:
    region = region_of(tables(tmp_path))
    assert region.edge_ms.tolist() == [86_400, 172_800]
    assert region.edge_twin.tolist() == [1, 0]
    assert region.node_may_join.tolist() == [1, 0]
    assert (region.streets, region.header.source) == (1, tmp_path.name)


def test_undirected_tables(tmp_path: Path) -> None:
    region = region_of(tables(tmp_path, arcs=ARCS.replace("\ndirected", "\nundirected").replace("2.0,2.0,1.0,0.002\n", "")))
    assert region.edge_ms.tolist() == [86_400, 86_400]


@pytest.mark.parametrize(
    ("nodes", "arcs", "code", "line", "field"),
    [
        (NODES.replace("index,x,y", "index,lon,y"), ARCS, "column_missing", 2, "x"),
        (NODES, ARCS.replace("toNode", "to"), "column_missing", 6, "toNode"),
        (NODES.replace("nodes,", "points,"), ARCS, "table_missing", None, None),
        (NODES.replace("-8.59", "west"), ARCS, "number", 4, "x"),
        (NODES.replace("-8.59", "-859"), ARCS, "coordinates", 4, None),
        (NODES.replace("-8.59", "nan"), ARCS, "number", 4, "x"),
        (NODES, ARCS.replace("1.0,2.0,0.001", "1.0,7.0,0.001"), "node_unknown", 7, "toNode"),
        (NODES, ARCS.replace("0.002", "-0.002"), "number", 8, "mode_1"),
        (NODES, ARCS.replace("2.0,0.001", "2.0"), "number", 7, "mode_1"),
        (NODES, ARCS[: ARCS.index("1.0,1.0")], "network_empty", None, None),
    ],
)
def test_tables_that_are_wrong_say_where(tmp_path: Path, nodes: str, arcs: str, code: str, line: int | None, field: str | None) -> None:
    fault = refused(tables(tmp_path, nodes, arcs))
    assert (fault.code, fault.line, fault.field) == (code, line, field)
    assert fault.file


def test_archives_that_are_wrong_are_refused(shared: Path, tmp_path: Path) -> None:
    cut, other = tmp_path / "roads.zip", tmp_path / "other.zip"
    cut.write_bytes((shared / "data/jemss/manhattan/roads.zip").read_bytes()[:-500])
    assert refused(tmp_path).code == "zip_unreadable"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("nodes.csv", NODES)
    assert refused(other).code == "file_missing"


def test_every_mapping_that_is_shipped_can_be_given_as_a_file(tmp_path: Path) -> None:
    folder = files("tocsin").joinpath("data", "mappings")
    for mapping in street_mappings():
        with folder.joinpath(f"{mapping.name}.toml").open("rb") as built_in, (tmp_path / "m.toml").open("wb") as copy:
            shutil.copyfileobj(built_in, copy)
        assert set(mapping.classes.values()) <= set(class_codes())
    osm = geojson(tmp_path, [street([A, B], highway="primary", oneway="yes", maxspeed=50, name="x")])
    (tmp_path / "m.toml").write_bytes(folder.joinpath("openstreetmap.toml").read_bytes())
    assert len(read_geojson(osm, tmp_path / "m.toml")) == 1
