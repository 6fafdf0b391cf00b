"""A region written and opened again; files that are cut off, of another version, foreign or damaged."""

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from road_cases import region_of, regions, streets_of, with_turns

from tocsin.base.canonical import canonical, digest
from tocsin.base.faults import BadInput, Broken
from tocsin.roads.build import build_region
from tocsin.roads.drives import as_arrays
from tocsin.roads.info import info
from tocsin.roads.network import RoadNetwork
from tocsin.roads.position import OnRoad
from tocsin.roads.region import FORMAT_VERSION, SPEED_PROFILE, Region, RegionHeader, hash_arrays
from tocsin.roads.region_file import open_region, write_region

ROWS = [(0, 1, 100, 250), (1, 2, 50, None), (2, 0, 70, 70), (3, 3, 5, 5)]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "town.region"
    write_region(region_of(ROWS, 4), path)
    return path


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(region=regions())
def test_what_was_written_is_read(region: Region, tmp_path: Path) -> None:
    path = tmp_path / "any.region"
    size = write_region(region, path)
    read = open_region(path, is_verified=True)
    assert path.stat().st_size == size
    assert read.header == region.header
    assert read.metric == region.metric
    assert info(read) == info(region)
    for (name, one), (same, other) in zip(region.items(), read.items(), strict=True):
        assert name == same
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)


def test_equal_streets_give_equal_bytes(tmp_path: Path) -> None:
    paths = [tmp_path / "one.region", tmp_path / "other.region"]
    for path in paths:
        write_region(region_of(ROWS, 4), path)
    one, other = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    assert one == other


def test_an_opened_region_cannot_be_written_to(written: Path) -> None:
    with pytest.raises(ValueError, match="read-only"):
        open_region(written).edge_ms[0] = 1


def test_nothing_is_left_beside_the_file(written: Path) -> None:
    assert [path.name for path in written.parent.iterdir()] == ["town.region"]


def test_a_folder_that_is_not_there_is_our_fault_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Broken) as caught:
        write_region(region_of(ROWS, 4), tmp_path / "nowhere" / "town.region")
    assert caught.value.code == "region_write"
    assert list(tmp_path.iterdir()) == []


def test_an_old_region_stays_when_the_new_one_cannot_take_its_place(tmp_path: Path) -> None:
    (tmp_path / "town.region" / "inside").mkdir(parents=True)  # a folder stands where the file should go
    with pytest.raises(Broken):
        write_region(region_of(ROWS, 4), tmp_path / "town.region")
    assert [path.name for path in tmp_path.iterdir()] == ["town.region"]


@pytest.mark.parametrize("kept", [0, 5, 15, 16, 40, 0.3, 0.9, -1])
def test_a_file_cut_off_anywhere_is_refused(written: Path, kept: float) -> None:
    whole = written.read_bytes()
    written.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    with pytest.raises(BadInput) as caught:
        open_region(written)
    assert caught.value.code in ("region_truncated", "region_foreign")
    assert caught.value.file == str(written)


def test_a_file_with_something_behind_it_is_refused(written: Path) -> None:
    written.write_bytes(written.read_bytes() + b"x")
    with pytest.raises(BadInput, match="region_truncated"):
        open_region(written)


def test_another_version_says_which_and_what_to_do(written: Path) -> None:
    whole = bytearray(written.read_bytes())
    struct.pack_into("<I", whole, 8, FORMAT_VERSION + 1)
    written.write_bytes(whole)
    with pytest.raises(BadInput) as caught:
        open_region(written)
    assert caught.value.code == "region_version"
    assert caught.value.values == {"version": str(FORMAT_VERSION + 1), "expected": str(FORMAT_VERSION)}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip file of some kind", b"TOCSINRX" + bytes(200)])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.region"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="region_foreign"):
        open_region(path)


def test_a_changed_byte_is_found_when_asked_for(written: Path) -> None:
    whole = bytearray(written.read_bytes())
    whole[16 + struct.unpack_from("<I", whole, 12)[0]] ^= 1  # the first byte of the first array
    written.write_bytes(whole)
    with pytest.raises(BadInput, match="region_damaged"):
        open_region(written, is_verified=True)


def test_a_header_that_is_no_json_is_refused(written: Path) -> None:
    whole = bytearray(written.read_bytes())
    whole[20] = ord("}")
    written.write_bytes(whole)
    with pytest.raises(BadInput, match="region_damaged"):
        open_region(written)


@pytest.mark.parametrize("name", ["none.region", "."])
def test_no_file_or_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        open_region(tmp_path / name)
    assert caught.value.code in ("file_missing", "file_unreadable")


def test_the_hash_covers_every_array(written: Path) -> None:
    region = open_region(written)
    for name, array in region.items():
        if len(array):
            changed = dict(region.items()) | {name: array ^ 1}
            assert hash_arrays(Region(changed, region.header).items()) != region.map_hash, name


def test_the_largest_strong_part_is_marked() -> None:
    # 0 -> 1 -> 2 -> 0 is a round; 3 is entered only, 4 left only
    region = region_of([(0, 1, 9, None), (1, 2, 9, None), (2, 0, 9, None), (2, 3, 9, None), (4, 0, 9, None)], 5)
    assert region.node_is_strong.tolist() == [1, 1, 1, 0, 0]


def test_twins_point_at_each_other_and_share_a_line() -> None:
    region = region_of(ROWS, 4)
    for edge in range(region.edges):
        twin = int(region.edge_twin[edge])
        if twin >= 0:
            assert region.edge_twin[twin] == edge
            assert region.edge_street[twin] == region.edge_street[edge]
            assert (region.edge_tail[twin], region.edge_head[twin]) == (region.edge_head[edge], region.edge_tail[edge])
    assert region.edges == 7
    assert (region.edge_twin == -1).sum() == 1
    assert [region.name_of(edge) for edge in (0, 2)] == [None, "Rua do Almada"]


def test_no_time_is_less_than_a_millisecond() -> None:
    region = region_of([(0, 1, 0, 0)], 2)
    assert region.edge_ms.tolist() == [1, 1]


def test_no_streets_are_no_region() -> None:
    with pytest.raises(BadInput, match="network_empty"):
        build_region(streets_of([(0.0, 0.0), (1.0, 1.0)], []), name="empty")


def rewritten(path: Path, change: Callable[[dict[str, Any]], None], *, is_rehashed: bool) -> None:
    """The file with its header's JSON changed; ``is_rehashed``: with the hash that goes with it."""
    whole = path.read_bytes()
    length = struct.unpack_from("<I", whole, 12)[0]
    head = json.loads(whole[16 : 16 + length])
    change(head)
    if is_rehashed:
        head["region_hash"] = digest(msgspec.convert(head["region"], RegionHeader))
    text = canonical(head)
    text = text.ljust(-(-(16 + len(text)) // 64) * 64 - 16)
    path.write_bytes(whole[:12] + struct.pack("<I", len(text)) + text + whole[16 + length :])


@pytest.mark.parametrize("field", ["name", "licence", "source", "speed_profile"])
def test_a_changed_header_is_found(written: Path, field: str) -> None:
    rewritten(written, lambda head: head["region"].update({field: "another"}), is_rehashed=False)
    with pytest.raises(BadInput, match="region_damaged"):
        open_region(written, is_verified=False)


def test_speeds_of_another_program_are_built_again(written: Path) -> None:
    rewritten(written, lambda head: head["region"].update(speed_profile="posted-1"), is_rehashed=True)
    with pytest.raises(BadInput) as caught:
        open_region(written)
    assert caught.value.code == "region_version"
    assert caught.value.values == {"version": "posted-1", "expected": SPEED_PROFILE}


UNSOUND = {
    "edge_tail": 99,
    "edge_head": -1,
    "edge_ms": 0,
    "edge_cm": -5,
    "edge_twin": 0,  # of itself
    "edge_street": 4,
    "edge_class": 255,
    "edge_name": 1,
    "edge_is_against": 2,
    "node_lon_e7": 1_800_000_001,
    "node_lat_e7": -900_000_001,
    "point_lat_e7": 2**31 - 1,
    "street_start": 3,
    "name_start": 5,
    "name_utf8": 0xFF,
    "turn_from": 7,
    "turn_to": -1,
    "turn_via": 4,
    "turn_is_only": 2,
    "turn_via_start": 1,
}


@pytest.mark.parametrize("name", UNSOUND)
def test_content_that_no_network_has_is_refused_though_its_hash_fits(tmp_path: Path, name: str) -> None:
    region = with_turns(region_of(ROWS, 4), ((0, 2), False))
    array = dict(region.items())[name].astype(np.int64)
    array[0] = UNSOUND[name]
    write_region(Region(dict(region.items()) | {name: array}, region.header), tmp_path / "bad.region")
    open_region(tmp_path / "bad.region", is_verified=False)  # its head says nothing of it
    with pytest.raises(BadInput, match="region_damaged"):
        open_region(tmp_path / "bad.region")


@pytest.mark.parametrize("name", [name for name, array in region_of(ROWS, 4).items() if len(array)])
def test_an_array_that_is_too_short_is_refused(tmp_path: Path, name: str) -> None:
    region = region_of(ROWS, 4)
    write_region(Region(dict(region.items()) | {name: dict(region.items())[name][:-1]}, region.header), tmp_path / "short.region")
    with pytest.raises(BadInput, match="region_damaged"):
        open_region(tmp_path / "short.region")


def test_a_name_that_begins_within_a_character_is_refused(tmp_path: Path) -> None:
    region = region_of(ROWS, 4)
    text = np.frombuffer("Praça".encode(), dtype=np.uint8)
    arrays = dict(region.items()) | {"name_utf8": text, "name_start": np.array([0, 4, 6])}
    write_region(Region(arrays, region.header), tmp_path / "split.region")
    with pytest.raises(BadInput, match="region_damaged"):
        open_region(tmp_path / "split.region")


@pytest.mark.parametrize("kind", ["<f8", ">i4", "<i8", "u1", "<U3", "<i4,<i4"])
def test_a_search_order_of_another_kind_is_converted_or_made_again(tmp_path: Path, kind: str) -> None:
    region = region_of(ROWS, 4)
    order = np.zeros(4, dtype=kind) if "," in kind else np.array([3, 1, 0, 2]).astype(kind)
    write_region(region.with_sections({"order": order}), tmp_path / "odd.region")
    opened, plain = RoadNetwork(open_region(tmp_path / "odd.region")), RoadNetwork(region)
    start, end = OnRoad(0, 0), OnRoad(5, 500_000)
    assert opened.router().times_from(end, *as_arrays([start])).tolist() == plain.router().times_from(end, *as_arrays([start])).tolist()
