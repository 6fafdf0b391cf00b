"""The tile encoder against an independent decoder, on whatever geometry comes."""

import mapbox_vector_tile
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.maps.vector_tile import EXTENT, Feature, Geometry, layer_bytes, read_varints, varint, varints

coordinate = st.integers(-64, EXTENT + 64)
lines = st.lists(st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=8), min_size=1, max_size=4)
tags = st.dictionaries(
    st.sampled_from(["name", "class", "kind", "oneway"]), st.one_of(st.text(max_size=8), st.integers(0, 2**40)), max_size=3
)


def geometry_of(parts: list[list[tuple[int, int]]]) -> Geometry:
    points = np.array([point for part in parts for point in part], dtype=np.int64).reshape(-1, 2)
    return Geometry(points[:, 0], points[:, 1], np.concatenate([[0], np.cumsum([len(part) for part in parts])]))


def read_back(body: bytes) -> list[dict]:
    return mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})["one"]["features"]


@given(st.lists(st.tuples(lines, tags), min_size=1, max_size=4))
def test_lines_come_back(said: list) -> None:
    features, parts = [], []
    for web, about in said:
        features.append(Feature(about, "line", len(parts), len(parts) + len(web)))
        parts += web
    found = read_back(layer_bytes("one", features, geometry_of(parts)))
    assert [feature["properties"] for feature in found] == [about for _, about in said]
    for feature, (web, _) in zip(found, said, strict=True):
        shape = feature["geometry"]
        got = [shape["coordinates"]] if shape["type"] == "LineString" else shape["coordinates"]
        assert [[tuple(point) for point in line] for line in got] == web


@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=9))
def test_points_come_back(places: list[tuple[int, int]]) -> None:
    shape = read_back(layer_bytes("one", [Feature({}, "point", 0, 1)], geometry_of([places])))[0]["geometry"]
    got = [shape["coordinates"]] if shape["type"] == "Point" else shape["coordinates"]
    assert [tuple(point) for point in got] == places


def test_a_ring_with_a_hole_comes_back_as_one_polygon() -> None:
    rings = [[(0, 0), (100, 0), (100, 100), (0, 100)], [(20, 20), (20, 40), (40, 40), (40, 20)]]
    shape = read_back(layer_bytes("one", [Feature({"kind": "wood"}, "outline", 0, 2)], geometry_of(rings)))[0]["geometry"]
    assert shape["type"] == "Polygon"
    assert [sorted({tuple(point) for point in ring}) for ring in shape["coordinates"]] == [sorted(ring) for ring in rings]


@given(st.lists(st.integers(0, 2**34), max_size=20))
def test_numbers_come_back(values: list[int]) -> None:
    packed, at = varints(np.array(values, dtype=np.int64))
    assert packed == b"".join(map(varint, values))
    assert list(read_varints(packed)) == values
    assert at[-1] == len(packed)


def test_no_features_are_no_layer() -> None:
    assert layer_bytes("one", [], geometry_of([[]])) == b""
