"""The archive: what is put in comes out, nothing else, and damage is said."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.conftest import Ground
from tocsin.base.faults import BadInput
from tocsin.maps.archive import SECTION, TileArchive, section_of
from tocsin.maps.mercator import Tile
from tocsin.maps.pmtiles import LEAF_ENTRIES, MOST_ROOT, pack, tile_id, tile_of

BOUNDS = (94_000_000, 470_000_000, 97_000_000, 473_000_000)


@st.composite
def places(draw: st.DrawFn) -> Tile:
    z = draw(st.integers(0, 14))
    return Tile(z, draw(st.integers(0, 2**z - 1)), draw(st.integers(0, 2**z - 1)))


@given(st.dictionaries(places(), st.sampled_from([b"sea", b"land", b"x" * 300]), max_size=40), places())
def test_round_trip(tiles: dict[Tile, bytes], other: Tile) -> None:
    archive = TileArchive(pack(tiles, bounds_e7=BOUNDS, metadata={"name": "x"}))
    assert all(archive.get(*tile) == body for tile, body in tiles.items())
    assert archive.get(*other) == tiles.get(other)
    assert archive.metadata() == {"name": "x"}
    assert archive.header.bounds_e7 == BOUNDS
    found = [tile_of(number) for entry in archive.entries() for number in range(entry.tile_id, entry.tile_id + entry.run)]
    assert sorted(found) == sorted(tiles)


@pytest.mark.parametrize(
    ("tile", "number"),
    # from the table of the reference implementation's own tests (protomaps/PMTiles)
    [((0, 0, 0), 0), ((1, 0, 0), 1), ((1, 0, 1), 2), ((1, 1, 1), 3), ((1, 1, 0), 4), ((2, 0, 0), 5), ((12, 3423, 1763), 19078479)],
)
def test_ids_are_those_of_the_specification(tile: tuple[int, int, int], number: int) -> None:
    assert tile_id(Tile(*tile)) == number
    assert tile_of(number) == tile


@given(places())
def test_every_tile_has_its_id(tile: Tile) -> None:
    assert tile_of(tile_id(tile)) == tile


def test_neighbours_on_the_curve_are_neighbours_on_the_map() -> None:
    tiles = [tile_of(number) for number in range(tile_id(Tile(6, 0, 0)), tile_id(Tile(7, 0, 0)))]
    assert all(abs(a.x - b.x) + abs(a.y - b.y) == 1 for a, b in pairwise(tiles))


def test_an_archive_of_many_tiles_has_leaves() -> None:
    rng = np.random.default_rng(5)
    tiles = {
        Tile(14, int(x), int(y)): bytes(rng.integers(0, 255, int(rng.integers(5, 60)), dtype=np.uint8))
        for x, y in rng.integers(0, 2**14, (20_000, 2))
    }
    packed = pack(tiles, bounds_e7=BOUNDS, metadata={})
    archive = TileArchive(packed)
    assert archive.header.leaves[1] > 0 and archive.header.root[1] < MOST_ROOT
    assert len(tiles) > LEAF_ENTRIES
    assert all(archive.get(*tile) == body for tile, body in list(tiles.items())[::37])


def test_a_region_keeps_its_tiles(liechtenstein: Ground) -> None:
    region = liechtenstein.region.with_sections({SECTION: section_of(liechtenstein.archive)})
    assert region.map_hash == liechtenstein.region.map_hash
    archive = TileArchive(region.sections[SECTION])
    assert archive.get(14, 8625, 5753)
    assert archive.get(14, 0, 0) is None and archive.get(15, 0, 0) is None and archive.get(3, -1, 0) is None
    about = archive.metadata()
    assert about["attribution"] == "© OpenStreetMap contributors" and about["map_hash"] == region.map_hash
    assert [layer["id"] for layer in about["vector_layers"]] == ["green", "water", "buildings", "railways", "streets", "places", "points"]


@settings(max_examples=60)
@given(st.data())
def test_damage_is_said_or_harmless(monaco_bytes: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(monaco_bytes) - 1))
    try:
        archive = TileArchive(monaco_bytes[:cut])
        for entry in archive.entries():
            archive.get(*tile_of(entry.tile_id))
    except BadInput as fault:
        assert fault.code == "tiles_damaged"
    else:
        pytest.fail("half an archive was read as a whole one")


@pytest.fixture(scope="session")
def monaco_bytes(monaco: Ground) -> bytes:
    return monaco.archive


@pytest.mark.parametrize("junk", [b"", b"PMTiles", b"PMTiles\x02" + bytes(200), b"x" * 500])
def test_what_is_no_archive_is_refused(junk: bytes) -> None:
    with pytest.raises(BadInput, match="tiles_damaged"):
        TileArchive(junk)
