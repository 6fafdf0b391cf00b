"""A region written and opened again; files that are cut off, of another version, foreign or damaged."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from road_cases import region_of, regions, streets_of

from tocsin.base.faults import BadInput, Broken
from tocsin.roads.build import build_region
from tocsin.roads.info import info
from tocsin.roads.region import FORMAT_VERSION, Region, hash_arrays
from tocsin.roads.region_file import open_region, write_region

ROWS = [(0, 1, 100, 250), (1, 2, 50, None), (2, 0, 70, 70), (3, 3, 5, 5)]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "town.region"
    write_region(region_of(ROWS, 4), path)
    return path


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
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
