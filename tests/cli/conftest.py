"""The command line as people run it: a stage with real files, made once."""

import csv
import fcntl
import gzip
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from command_line import Fortnight, rows_of, tocsin, write_log
from fire_log import LOG

STREETS = "data/roads/san-francisco/sf_streets.geojson.gz"
STATIONS = "data/roads/san-francisco/sf_fire_stations.csv"
CALLS = 40


@pytest.fixture(scope="session", autouse=True)
def in_english() -> Iterator[None]:
    """Whatever the machine speaks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOCSIN_LANGUAGE", "en")
        patch.setenv("COLUMNS", "80")
        yield


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first worker who needs it fills, for all workers of this run."""
    base = factory.getbasetemp()
    base = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = base / f"{name}-once"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            beside = base / f"{name}-making"
            beside.mkdir()
            make(beside)
            beside.rename(folder)
    return folder


@pytest.fixture(scope="session")
def city(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """San Francisco's road file, built by the command itself."""

    def make(folder: Path) -> None:
        done = tocsin("region", "build", shared / STREETS, "--out", folder / "sf.region", "--name", "san-francisco", "--json")
        assert done.status == 0, done.err
        (folder / "built.json").write_text(done.out, "utf-8")

    return once(tmp_path_factory, "city", make)


@pytest.fixture(scope="session")
def fortnight(shared: Path, city: Path, tmp_path_factory: pytest.TempPathFactory) -> Fortnight:
    """The whole real log, taken in once."""

    def make(folder: Path) -> None:
        shutil.copy(city / "sf.region", folder / "sf.region")
        words = ("--region", folder / "sf.region", "--stations", shared / STATIONS, "--json")
        done = tocsin("import", "sf-fire", shared / LOG, "--centre", folder / "centre", "--journal", folder / "sf.journal", *words)
        assert done.status == 0, done.err
        (folder / "imported.json").write_text(done.out, "utf-8")

    return Fortnight(once(tmp_path_factory, "fortnight", make))


@pytest.fixture(scope="session")
def calls(shared: Path) -> list[dict[str, str]]:
    """The rows of the log's first forty calls."""
    with gzip.open(shared / LOG, "rt", encoding="utf-8", newline="") as lines:
        return rows_of(csv.DictReader(lines), CALLS)


@pytest.fixture(scope="session")
def small(city: Path, calls: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cut of the log, its journal, its centre and the road file. Tests work on copies."""
    folder = tmp_path_factory.mktemp("small")
    shutil.copy(city / "sf.region", folder / "sf.region")
    write_log(folder / "log.csv", calls)
    words = ("--centre", folder / "centre", "--journal", folder / "sf.journal", "--region", folder / "sf.region")
    done = tocsin("import", "sf-fire", folder / "log.csv", *words)
    assert done.status == 0, done.err
    return folder


@pytest.fixture
def folder(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the small folder to break things in, and to stand in."""
    place = tmp_path / "here"
    shutil.copytree(small, place)
    monkeypatch.chdir(place)
    return place


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two hours of the demo leave behind."""

    def make(folder: Path) -> None:
        done = tocsin("demo", "--hours", "2", "--out", folder / "demo", "--json")
        assert done.status == 0, done.err
        (folder / "answer.json").write_text(done.out, "utf-8")

    return once(tmp_path_factory, "demo", make)
