"""Areas of GeoJSON files: holes, overlaps, borders, broken rings, and what is refused with the number of its feature."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.places.areas import NO_AREAS, Areas


def square(west: float, south: float, size: float = 1.0) -> list[list[float]]:
    return [[west, south], [west + size, south], [west + size, south + size], [west, south + size], [west, south]]


def polygon(*rings: list[list[float]], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": list(rings)}}


def collection(*features: object, **members: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **members}).encode()


def read(*features: object, name_key: str | None = None) -> Areas:
    return Areas.read(collection(*features), layer="stations", file="stations.geojson", name_key=name_key)


def names(areas: Areas, lon: float, lat: float) -> list[str]:
    return [name for _, name in areas.of(LonLat(lon, lat))]


def refused(data: bytes, name_key: str | None = None) -> tuple[str, str | None]:
    """Code and the feature's number."""
    with pytest.raises(BadInput) as told:
        Areas.read(data, layer="x", file="x.geojson", name_key=name_key)
    assert told.value.file == "x.geojson"
    return told.value.code, told.value.field


def test_a_place_in_a_hole_is_not_inside_and_overlaps_are_all_answers() -> None:
    ring = polygon(square(0, 0, 3), square(1, 1), name="Ring")
    areas = read(ring, polygon(square(0, 0, 0.5), name="Corner"), polygon(square(10, 10), name="Far"))
    assert names(areas, 1.5, 1.5) == []
    assert names(areas, 0.25, 0.25) == ["Ring", "Corner"]
    assert names(areas, 2.5, 2.5) == ["Ring"]
    assert names(areas, 5, 5) == [] == names(NO_AREAS, 0, 0)


def test_a_border_belongs_to_both_sides() -> None:
    areas = read(polygon(square(0, 0), name="West"), polygon(square(1, 0), name="East"))
    assert names(areas, 1.0, 0.5) == ["West", "East"]
    assert names(areas, 1.0, 0.0) == ["West", "East"]


def test_a_ring_that_crosses_itself_is_mended_and_counted() -> None:
    bow = [[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]
    areas = read(polygon(bow, name="Bow"), polygon(square(5, 5), name="Whole"))
    assert areas.layers[0].mended == 1 and areas.layers[0].areas == 2
    assert names(areas, 1.8, 1.0) == ["Bow"] == names(areas, 0.2, 1.0)
    assert names(areas, 1.0, 1.8) == []


def test_a_multipolygon_is_one_area_and_layers_stay_apart() -> None:
    two = {
        "type": "Feature",
        "properties": {"district": 7},
        "geometry": {"type": "MultiPolygon", "coordinates": [[square(0, 0)], [square(2, 0)]]},
    }
    first = Areas.read(collection(two), layer="districts")
    both = Areas.joined([first, read(polygon(square(0, 0), name="A"))])
    assert both.of(LonLat(0.5, 0.5)) == [("districts", "7"), ("stations", "A")]
    assert both.of(LonLat(2.5, 0.5)) == [("districts", "7")]
    assert [layer.name for layer in both.layers] == ["districts", "stations"]


def test_what_is_no_area_is_left_out_and_counted() -> None:
    point = {"type": "Feature", "properties": None, "geometry": {"type": "Point", "coordinates": [0, 0]}}
    flat = polygon([[0, 0], [1, 1], [2, 2], [0, 0]], name="Flat")
    areas = read(point, {"type": "Feature", "properties": {}, "geometry": None}, flat, polygon(square(0, 0), name="A"))
    assert areas.layers[0].dropped == {"no_geometry": 1, "not_a_polygon": 1, "nothing_left": 1}
    assert names(areas, 0.5, 0.5) == ["A"]


def test_names_by_asked_property_by_usual_ones_and_by_id() -> None:
    told = polygon(square(0, 0), BEZIRK="Mitte", name="M", nr=3)
    assert names(read(told), 0.5, 0.5) == ["M"]
    assert names(read(told, name_key="BEZIRK"), 0.5, 0.5) == ["Mitte"]
    assert names(read(told, name_key="nr"), 0.5, 0.5) == ["3"]
    assert names(read({**polygon(square(0, 0)), "id": "S-12"}), 0.5, 0.5) == ["S-12"]
    assert refused(collection(polygon(square(0, 0), name="A"), polygon(square(0, 0), other="B"))) == ("areas_name", "2")
    assert refused(collection(told), "Bezirk") == ("areas_name", "1")


def test_a_name_from_right_to_left_stays_as_it_is() -> None:
    assert names(read(polygon(square(0, 0), name="מחוז הדרום")), 0.5, 0.5) == ["מחוז הדרום"]


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        (square(500_000, 5_200_000, 1000), "areas_off_earth"),
        ([[0, 0], [0, 91], [1, 91], [0, 0]], "areas_off_earth"),
        ([[0, 0], [10**400, 1], [1, 1], [0, 0]], "areas_off_earth"),
        ([[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]], "areas_too_wide"),
        ([[-180, 85], [-60, 85], [60, 85], [180, 85], [-180, 85]], "areas_too_wide"),
        ([[0, 0], [1, 1], [0, 0]], "areas_shape"),
        ([[0, 0], [1], [1, 1], [0, 0]], "areas_shape"),
        ([[0, 0], ["1", 0], [1, 1], [0, 0]], "areas_shape"),
        ([[0, 0], [True, 0], [1, 1], [0, 0]], "areas_shape"),
        ([], "areas_shape"),
    ],
)
def test_shapes_that_cannot_be_meant_are_refused_with_their_number(ring: list[list[float]], code: str) -> None:
    assert refused(collection(polygon(square(0, 0), name="A"), polygon(ring, name="B"))) == (code, "2")


def test_a_polygon_cut_at_the_antimeridian_as_the_standard_says_is_taken() -> None:
    parts = [[square(179, 0)], [square(-180, 0)]]
    areas = read({"type": "Feature", "properties": {"name": "Fiji"}, "geometry": {"type": "MultiPolygon", "coordinates": parts}})
    assert names(areas, 179.5, 0.5) == ["Fiji"] == names(areas, -179.5, 0.5)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "areas_unreadable"), (b"[1, 2]", "areas_unreadable"), (b"{", "areas_unreadable"),
        (b'{"type": "Topology"}', "areas_unreadable"), (b'{"type":"FeatureCollection","features":{}}', "areas_unreadable"),
        (b"\xff\xfe{}", "areas_unreadable"), (b"[" * 100_000, "areas_unreadable"),
        (collection(), "areas_none"), (collection(polygon(square(0, 0), name="A"), crs={"properties": {"name": "EPSG:3857"}}), "areas_crs"),
        (collection(polygon(square(0, 0), name="A"), crs="EPSG:25832"), "areas_crs"),
    ],
)  # fmt: skip
def test_files_that_are_no_areas(data: bytes, code: str) -> None:
    assert refused(data)[0] == code


def test_a_byte_order_mark_and_a_member_that_says_degrees_do_no_harm() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    areas = Areas.read(b"\xef\xbb\xbf" + collection(polygon(square(0, 0), name="A"), crs=crs), layer="x")
    assert names(areas, 0.5, 0.5) == ["A"]


def test_the_official_objects(shared: Path) -> None:
    """Polygons are taken where they have a name; other geometries are none; broken polygons are refused."""
    for path in sorted((shared / "standards/geojson/valid").rglob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        kind = found["type"]
        is_area = "olygon" in kind
        feature = found if kind.startswith("Feature") else {"type": "Feature", "properties": {"name": "A"}, "geometry": found}
        data = json.dumps(feature).encode()
        if is_area:
            assert Areas.read(data, layer="x").layers[0].areas == 1, path
        else:
            assert refused(data)[0] == "areas_none", path
    for path in sorted((shared / "standards/geojson/invalid").rglob("*.json")):
        assert refused(path.read_bytes())[0] in ("areas_shape", "areas_unreadable", "areas_none"), path


def test_the_holes_of_the_official_polygon(shared: Path) -> None:
    found = json.loads((shared / "standards/geojson/valid/polygon/3d.json").read_text("utf-8"))
    areas = read({"type": "Feature", "properties": {"name": "A"}, "geometry": found})
    assert names(areas, 100.1, 0.1) == ["A"] and names(areas, 100.5, 0.5) == []


corners = st.tuples(st.integers(-20, 20), st.integers(-20, 20))


@given(outer=st.lists(corners, min_size=3, max_size=9), at=corners)
def test_any_ring_gives_areas_or_a_reason(outer: list[tuple[int, int]], at: tuple[int, int]) -> None:
    ring = [list(point) for point in [*outer, outer[0]]]
    try:
        areas = read(polygon(ring, name="A"))
    except BadInput as fault:
        assert fault.code == "areas_none"
        return
    assert names(areas, *at) in ([], ["A"])
    assert names(areas, 50, 50) == []
