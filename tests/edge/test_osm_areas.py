"""What a map shows beside streets, read from real OpenStreetMap files and from small ones whose answer is known."""

from collections import Counter
from pathlib import Path

import numpy as np
import osmium
import pytest

from tocsin.base.faults import BadInput
from tocsin.edge.osm_areas import read_osm_areas
from tocsin.maps.areas import KINDS, Areas

LAKE = """<?xml version='1.0' encoding='UTF-8'?>
<osm version="0.6">
{nodes}
<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/></way>
<way id="2"><nd ref="3"/><nd ref="4"/><nd ref="1"/></way>
<way id="3"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/></way>
<way id="4"><nd ref="1"/><nd ref="3"/><tag k="waterway" v="river"/><tag k="name" v="Old River"/></way>
<way id="5"><nd ref="1"/><nd ref="3"/><tag k="waterway" v="stream"/><tag k="tunnel" v="culvert"/></way>
<way id="6"><nd ref="5"/><nd ref="6"/><nd ref="7"/><nd ref="5"/><tag k="building" v="yes"/><tag k="amenity" v="fire_station"/>
<tag k="name" v="Station 1"/></way>
<way id="7"><nd ref="5"/><nd ref="99"/><nd ref="7"/><nd ref="5"/><tag k="building" v="yes"/></way>
<relation id="1"><member type="way" ref="1" role="outer"/><member type="way" ref="2" role="outer"/><member type="way" ref="3" role="inner"/>
<tag k="type" v="multipolygon"/><tag k="natural" v="water"/><tag k="name" v="The Lake"/></relation>
</osm>
"""
PLACES = {1: (0, 0), 2: (0.1, 0), 3: (0.1, 0.1), 4: (0, 0.1), 5: (0.04, 0.04), 6: (0.06, 0.04), 7: (0.05, 0.06)}


def lake(folder: Path) -> Path:
    nodes = [f'<node id="{number}" lon="{lon}" lat="{lat}"/>' for number, (lon, lat) in PLACES.items()]
    nodes.append('<node id="8" lon="0.02" lat="0.02"><tag k="place" v="village"/><tag k="name" v="Shore"/></node>')
    path = folder / "lake.osm"
    path.write_text(LAKE.format(nodes="\n".join(nodes)), "utf-8")
    return path


def kinds(areas: Areas) -> dict[str, Counter[str]]:
    parts = {"outlines": areas.outlines, "lines": areas.lines, "points": areas.points}
    return {name: Counter(KINDS[kind] for kind in shapes.kind) for name, shapes in parts.items()}


def names(areas: Areas, part: str) -> list[str]:
    return [areas.names[row] for row in getattr(areas, part).name if row >= 0]


def test_a_lake_of_several_ways_with_an_island(tmp_path: Path) -> None:
    areas = read_osm_areas(lake(tmp_path))
    assert kinds(areas) == {
        "outlines": Counter({"building": 1, "water": 1}),
        "lines": Counter({"river": 1}),
        "points": Counter({"village": 1, "fire_station": 1}),
    }
    assert names(areas, "outlines") == ["The Lake"] and names(areas, "lines") == ["Old River"]
    assert sorted(names(areas, "points")) == ["Shore", "Station 1"]
    water = int(np.flatnonzero(areas.outlines.kind == KINDS.index("water"))[0])
    rings = range(areas.outlines.start[water], areas.outlines.start[water + 1])
    assert len(rings) == 2, "an outer ring and an island"
    for ring in rings:
        first, last = areas.outlines.ring_start[ring], areas.outlines.ring_start[ring + 1] - 1
        assert areas.outlines.lon_e7[first] == areas.outlines.lon_e7[last]
    station = int(np.flatnonzero(areas.points.kind == KINDS.index("fire_station"))[0])
    assert 400_000 < areas.points.lon_e7[station] < 600_000, "within its building"


def test_a_shape_with_a_point_missing_is_left_out(tmp_path: Path) -> None:
    assert kinds(read_osm_areas(lake(tmp_path)))["outlines"]["building"] == 1


def test_real_counts(shared: Path) -> None:
    found = kinds(read_osm_areas(shared / "data" / "roads" / "liechtenstein" / "liechtenstein.osm.pbf"))
    assert found["outlines"]["building"] > 10_000 and found["outlines"]["wood"] > 500
    assert found["points"]["fire_station"] == 7 and found["points"]["hospital"] >= 1 and found["points"]["ambulance_station"] == 2
    assert found["lines"]["river"] and found["lines"]["rail"]


def test_an_unsorted_file_is_read_like_its_sorted_copy(shared: Path, tmp_path: Path) -> None:
    source = shared / "data" / "roads" / "columbus" / "columbus.osm.pbf"
    copy = tmp_path / "sorted.osm.pbf"
    merged = osmium.MergeInputReader()
    merged.add_file(str(source))
    with osmium.SimpleWriter(str(copy)) as writer:
        merged.apply(writer)
    one, other = read_osm_areas(source), read_osm_areas(copy)
    assert len(one.outlines) > 1000 and one.names == other.names
    for part in ("outlines", "lines", "points"):
        a, b = getattr(one, part), getattr(other, part)
        assert np.array_equal(a.kind, b.kind) and np.array_equal(a.lon_e7, b.lon_e7) and np.array_equal(a.start, b.start)


def test_a_file_of_streets_alone_has_few_things(shared: Path) -> None:
    found = kinds(read_osm_areas(shared / "data" / "roads" / "porto" / "porto_portugal.osm.pbf"))
    assert sum(found["outlines"].values()) < 50


def test_bad_files(tmp_path: Path, shared: Path) -> None:
    with pytest.raises(BadInput, match="file_missing"):
        read_osm_areas(tmp_path / "none.osm.pbf")
    whole = (shared / "data" / "roads" / "monaco" / "monaco.osm.pbf").read_bytes()
    for name, content in (("cut.osm.pbf", whole[: len(whole) // 2]), ("junk.osm.pbf", b"junk" * 99), ("what.txt", b"x")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(BadInput, match="osm_unreadable"):
            read_osm_areas(path)
