"""What was made is kept, and nothing but time is lost when it cannot be kept, or not be read."""

import os
from pathlib import Path

import numpy as np
import pytest
from jemss_folder import texts, written

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import City
from tocsin.wiring import cities
from tocsin.wiring.cities import CITIES_KEPT, cache_folder, open_city


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "tocsin" / "cities"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path / "square", texts())


def kept(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.city"))


def made_anew(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that a city was made of from now on."""
    made: list[Path] = []
    usual = cities._made

    def watched(path: Path, *rest: object) -> City:
        made.append(path)
        return usual(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(cities, "_made", watched)
    return made


def assert_equal(one: City, other: City) -> None:
    assert one.digest == other.digest and one.units == other.units and one.remarks == other.remarks
    for mine, theirs in zip(one.roads, other.roads, strict=True):
        assert np.array_equal(mine, theirs)


def test_the_second_opening_makes_nothing(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_anew(monkeypatch)
    first = open_city(folder)
    assert_equal(open_city(folder), first)
    assert made == [folder] and len(kept(cache)) == 1


def test_a_file_that_changes_makes_another_city(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_city(folder)
    made = made_anew(monkeypatch)
    file = next(one for one in sorted(folder.iterdir()) if one.suffix == ".csv")
    file.write_bytes(file.read_bytes() + b"\n")
    open_city(folder)
    assert made == [folder] and len(kept(cache)) == 2


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "other"])
def test_a_damaged_one_is_made_again(folder: Path, cache: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = open_city(folder)
    (store,) = kept(cache)
    data = store.read_bytes()
    middle = len(data) // 2
    store.write_bytes(
        {
            "empty": b"",
            "cut": data[:middle],
            "flipped": data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :],
            "other": b"not a city at all" * 1000,
        }[damage]
    )
    made = made_anew(monkeypatch)
    assert_equal(open_city(folder), first)
    assert made == [folder]
    assert store.read_bytes() == data, "and kept whole again"


def test_without_a_place_for_it_nothing_is_kept(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    made = made_anew(monkeypatch)
    assert_equal(open_city(folder), open_city(folder))
    assert made == [folder, folder]


def test_whoever_wants_nothing_kept_leaves_no_trace(folder: Path, cache: Path) -> None:
    open_city(folder, is_kept=False)
    assert not cache.exists()


def test_only_the_last_ones_are_kept(folder: Path, cache: Path) -> None:
    cache.mkdir(parents=True)
    for nth in range(CITIES_KEPT + 3):
        old = cache / f"{nth:040x}.city"
        old.write_bytes(b"old")
        os.utime(old, (nth, nth))
    open_city(folder)
    assert len(kept(cache)) == CITIES_KEPT
    assert not (cache / f"{0:040x}.city").exists() and (cache / f"{CITIES_KEPT + 2:040x}.city").exists()


def test_no_half_written_one_stays_behind(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: City) -> list[bytes]:
        raise OSError(28, "no space left")

    monkeypatch.setattr(cities, "packed", breaks)
    assert open_city(folder).units
    assert list(cache.iterdir()) == []


def test_where_it_is_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for told in ("", "relative/path"):
        monkeypatch.setenv("XDG_CACHE_HOME", told)
        assert cache_folder() == tmp_path / ".cache" / "tocsin" / "cities"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    assert cache_folder() == tmp_path / "elsewhere" / "tocsin" / "cities"


def test_folders_that_are_none(tmp_path: Path, folder: Path) -> None:
    for path, code in ((tmp_path / "nowhere", "folder_missing"), (tmp_path, "city_folder"), (folder / "roads.zip", "folder_missing")):
        with pytest.raises(BadInput) as told:
            open_city(path, is_kept=False)
        assert told.value.code == code and told.value.file == str(path)


def test_roads_that_are_no_archive(folder: Path) -> None:
    (folder / "roads.zip").write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(BadInput) as told:
        open_city(folder, is_kept=False)
    assert told.value.code == "zip_unreadable" and told.value.file == str(folder / "roads.zip")
