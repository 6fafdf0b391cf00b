"""Tiles against the region that they were cut from, read by an independent decoder."""

import hashlib
import subprocess
import sys
from collections import defaultdict
from itertools import pairwise

import mapbox_vector_tile
import numpy as np
import pytest
import shapely

from maps.conftest import Ground
from tocsin.maps.archive import TileArchive
from tocsin.maps.areas import KINDS, Shapes
from tocsin.maps.ground import MOST_ZOOM, WORLD, street_facts, street_lines
from tocsin.maps.mercator import project
from tocsin.maps.pmtiles import tile_of
from tocsin.maps.tiles import TileCutter, tiles

EXTENT = 4096
HALF_A_PIXEL = 4.0
"""In units of a tile that is drawn 512 pixels wide."""


def decoded(body: bytes) -> dict:
    return mapbox_vector_tile.decode(body, default_options={"y_coord_down": True})


def tiles_of(ground: Ground, zoom: int) -> dict[tuple[int, int], dict]:
    """Column and row → decoded tile."""
    archive = TileArchive(ground.archive)
    numbers = [number for entry in archive.entries() for number in range(entry.tile_id, entry.tile_id + entry.run)]
    found = [tile for tile in map(tile_of, numbers) if tile.z == zoom]
    return {(tile.x, tile.y): decoded(archive.get(*tile) or b"") for tile in found}


def drawn_lines(found: dict[tuple[int, int], dict], layer: str) -> dict[tuple[str, str], list]:
    """Class and name → lines in world units of the deepest zoom."""
    lines = defaultdict(list)
    for (x, y), tile in found.items():
        for feature in tile.get(layer, {"features": ()})["features"]:
            tags = feature["properties"]
            shape = shapely.geometry.shape(feature["geometry"])
            moved = shapely.transform(shape, lambda points, x=x, y=y: points + np.array([x, y]) * EXTENT)
            lines[tags.get("class", ""), tags.get("name", "")] += list(shapely.get_parts(moved))
    return lines


@pytest.mark.parametrize("name", ["liechtenstein", "monaco"])
def test_every_street_is_in_the_deepest_tiles_within_half_a_pixel(name: str, request: pytest.FixtureRequest) -> None:
    ground: Ground = request.getfixturevalue(name)
    region = ground.region
    drawn = {key: shapely.multilinestrings(lines) for key, lines in drawn_lines(tiles_of(ground, MOST_ZOOM), "streets").items()}
    klass, _, _ = street_facts(region)
    edge_of = dict(zip(region.edge_street.tolist(), range(region.edges), strict=True))
    lines = street_lines(region)
    groups = defaultdict(list)
    for street in range(region.streets):
        groups[region.header.classes[klass[street]], region.name_of(edge_of[street]) or ""].append(street)
    assert set(groups) == set(drawn)
    for key, streets in groups.items():
        web = drawn[key]
        shapely.prepare(web)
        points = shapely.points(shapely.get_coordinates(lines[streets]))
        assert shapely.distance(points, web).max() <= HALF_A_PIXEL, key
        # and nothing is drawn where there is no street
        real = shapely.multilinestrings(lines[streets])
        shapely.prepare(real)
        assert shapely.distance(shapely.points(shapely.get_coordinates(web)), real).max() <= HALF_A_PIXEL, key


def test_one_way_streets_run_their_way(monaco: Ground) -> None:
    region = monaco.region
    _, _, oneway = street_facts(region)
    lines = street_lines(region)
    tree = shapely.STRtree(lines)
    checked = 0
    for (x, y), tile in tiles_of(monaco, MOST_ZOOM).items():
        for feature in tile["streets"]["features"]:
            if not feature["properties"].get("oneway"):
                continue
            for line in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
                a, b = (np.array(point) + np.array([x, y]) * EXTENT for point in line.coords[:2])
                if np.hypot(*(b - a)) < 40 or line.is_closed:  # on a roundabout, before and behind are one
                    continue
                near = tree.query(shapely.Point((a + b) / 2), predicate="dwithin", distance=3.0)
                along = [lines[one].project(shapely.Point(b)) - lines[one].project(shapely.Point(a)) for one in near]
                assert any(step * oneway[one] > 0 for step, one in zip(along, near, strict=True))
                checked += 1
    assert checked > 100


def test_outlines_are_valid_and_wound_as_the_format_wants(liechtenstein: Ground) -> None:
    seen = 0
    for tile in tiles_of(liechtenstein, 13).values():
        for layer in ("green", "water"):
            for feature in tile.get(layer, {"features": ()})["features"]:
                shape = shapely.geometry.shape(feature["geometry"])
                if shape.geom_type in ("Polygon", "MultiPolygon"):
                    seen += 1
                    assert shape.area > 0
                    assert shape.bounds[0] >= -65 and shape.bounds[2] <= EXTENT + 65
    assert seen > 50


def test_the_ground_holds_what_the_source_holds(liechtenstein: Ground) -> None:
    """Counted by name where names are few, by area where they are many."""
    deepest = tiles_of(liechtenstein, MOST_ZOOM)
    names = {
        feature["properties"].get("name")
        for tile in deepest.values()
        for layer in ("places", "points", "water")
        for feature in tile.get(layer, {"features": ()})["features"]
    }
    assert {"Vaduz", "Schaan", "Malbun", "Feuerwehr Vaduz", "Liechtensteinisches Landesspital", "Rhein"} <= names
    assert not any("buildings" in tile for tile in tiles_of(liechtenstein, MOST_ZOOM - 1).values())
    tile_box = shapely.box(0, 0, EXTENT, EXTENT)
    built = 0.0
    for tile in deepest.values():
        for feature in tile.get("buildings", {"features": ()})["features"]:
            parts = shapely.get_parts(shapely.geometry.shape(feature["geometry"]))
            built += shapely.area(shapely.intersection(parts[shapely.is_valid(parts)], tile_box)).sum()
    # (n, 2) ten-millionths of a degree to square units of the deepest zoom: the source's own area of each outline, holes taken out
    areas = liechtenstein.areas.outlines
    real = sum(
        _area(areas, ring) * (1 if ring == first else -1)
        for first, last in pairwise(areas.start)
        for ring in range(first, last)
        if KINDS[areas.kind[np.searchsorted(areas.start, ring, side="right") - 1]] == "building"
    )
    assert built == pytest.approx(real, rel=0.02)


def _area(shapes: Shapes, ring: int) -> float:
    part = slice(shapes.ring_start[ring], shapes.ring_start[ring + 1])
    x, y = (values * WORLD for values in project(shapes.lon_e7[part], shapes.lat_e7[part]))
    return abs(float(np.dot(x - x[0], np.roll(y - y[0], -1)) - np.dot(y - y[0], np.roll(x - x[0], -1)))) / 2


def test_low_zooms_are_light_and_never_empty(liechtenstein: Ground) -> None:
    archive = TileArchive(liechtenstein.archive)
    for zoom in range(7, 12):
        found = tiles_of(liechtenstein, zoom)
        assert any("streets" in tile for tile in found.values()), zoom
    sizes = [entry.length for entry in archive.entries()]
    assert max(sizes) < 100_000


def test_a_region_of_streets_alone_has_a_map(liechtenstein: Ground) -> None:
    archive = TileArchive(tiles(liechtenstein.region))
    assert [layer["id"] for layer in archive.metadata()["vector_layers"]] == ["streets"]
    assert archive.get(14, 8625, 5753) is not None


def test_one_tile_is_the_tile_of_the_whole(monaco: Ground) -> None:
    cutter, archive = TileCutter(monaco.region, monaco.areas), TileArchive(monaco.archive)
    for entry in archive.entries():
        tile = tile_of(entry.tile_id)
        assert cutter.cut(*tile) == archive.get(*tile)
    assert cutter.cut(14, 0, 0) is None


def test_the_same_bytes_in_another_process(monaco: Ground) -> None:
    program = (
        "import sys, hashlib; from pathlib import Path;"
        "from tocsin.edge.osm_areas import read_osm_areas; from tocsin.edge.street_files import read_streets;"
        "from tocsin.maps.tiles import tiles; from tocsin.roads.build import build_region;"
        "path = Path(sys.argv[1]); region = build_region(read_streets(path, None), name='monaco');"
        "print(hashlib.sha256(tiles(region, read_osm_areas(path))).hexdigest())"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(monaco.source)], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": "7"}
    )
    assert told.stdout.strip() == hashlib.sha256(monaco.archive).hexdigest()


def test_edges_of_neighbours_meet(liechtenstein: Ground) -> None:
    """A street that leaves a tile through its side enters the next one at the same place."""
    found = tiles_of(liechtenstein, 13)
    compared = 0
    for (x, y), tile in found.items():
        east = found.get((x + 1, y))
        if east is None or "streets" not in tile or "streets" not in east:
            continue
        here, there = (_crossings(one, side) for one, side in ((tile, EXTENT), (east, 0)))
        for at in here:
            assert np.abs(there - at).min() <= 6 if len(there) else False
            compared += 1
    assert compared > 30


def _crossings(tile: dict, side: int) -> np.ndarray:
    """Where streets cross a vertical line, steeply enough for the place to be known."""
    places = []
    for feature in tile["streets"]["features"]:
        for line in shapely.get_parts(shapely.geometry.shape(feature["geometry"])):
            coordinates = np.array(line.coords)
            for a, b in pairwise(coordinates):
                if (a[0] - side) * (b[0] - side) < 0 and abs(b[0] - a[0]) > abs(b[1] - a[1]):
                    places.append(float(a[1] + (b[1] - a[1]) * (side - a[0]) / (b[0] - a[0])))
    return np.array(places)


def test_world_is_as_wide_as_its_tiles() -> None:
    assert WORLD == EXTENT * 2**MOST_ZOOM
