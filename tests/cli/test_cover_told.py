"""What a served centre is told of cover: once, anew when its folder says otherwise, and never in the way of serving."""

import re
import shutil
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from command_line import Fortnight
from tocsin.base.faults import Fault
from tocsin.base.instants import Instant, parse_iso
from tocsin.clocks.desk import Desk
from tocsin.clocks.replay import redecide
from tocsin.core.messages.cover import PPB
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.demo_folder import copy_centre
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.wiring.cities import no_progress
from tocsin.wiring.cover import tell_cover
from tocsin.wiring.opening import tell_changes
from tocsin.wiring.roads import make_region

NOW = parse_iso("2026-07-01T08:00:00Z")
DATA = files("tocsin").joinpath("data").joinpath("coquimbo")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's centre with its roads."""
    folder = tmp_path_factory.mktemp("cover") / "centre"
    folder.mkdir()
    copy_centre(DATA.joinpath("centre"), folder)
    with as_file(DATA.joinpath("streets.geojson.gz")) as streets:
        make_region(streets, folder / "coquimbo.region", mapping=None, name="coquimbo", progress=no_progress)
    return folder


@pytest.fixture
def folder(demo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(demo, tmp_path / "centre"))


class Served:
    """A desk on one journal, begun anew as often as wanted."""

    def __init__(self) -> None:
        self.journal, self.vault, self.at = MemoryJournal("served"), MemoryVault(), NOW
        self.faults: list[Fault] = []

    def begin(self, folder: Path) -> Desk:
        self.at = Instant(self.at + 60_000)
        desk = Desk(self.journal, GatherTable({}), self.vault)
        centre = read_centre_folder(folder)
        tell_changes(desk, self.journal, centre, self.at)
        tell_cover(desk, folder, centre, self.at, no_progress, self.faults.append)
        return desk

    def adopted(self) -> int:
        return sum(stored.body.count(b'"type":"CoverAdopted"') for stored in self.journal.read())


def follow(folder: Path, policy: str, urgent: str = "red") -> None:
    plan = folder / "plan.toml"
    left = re.sub(r"^(policy|urgent) = .*\n", "", plan.read_text("utf-8"), flags=re.MULTILINE)
    plan.write_text(f'policy = "{policy}"\nurgent = ["{urgent}"]\n{left}', "utf-8")


def test_it_is_told_at_the_start_once_and_dropped_with_the_policy(folder: Path) -> None:
    served = Served()
    follow(folder, "default")
    cover = served.begin(folder).board.cover
    assert cover is not None and not served.faults
    assert all(sum(row.weight_ppb for row in model.rows) == PPB for model in cover.models)
    assert {f"M{nth}" for nth in range(1, 9)} <= cover.losses_ppb().keys(), "every ambulance counts"
    head = served.journal.head()
    assert served.begin(folder).board.cover is not None and served.journal.head() == head, "nothing is adopted twice"
    follow(folder, "road-time")
    assert served.begin(folder).board.cover is None
    assert served.adopted() == 2
    head = served.journal.head()
    served.begin(folder)
    assert served.journal.head() == head and redecide(served.journal).differing == 0


def test_other_stations_make_another_model(folder: Path) -> None:
    served = Served()
    follow(folder, "default")
    before = served.begin(folder).board.cover
    for name in ("stations.csv", "units.csv"):
        rows = (folder / name).read_text("utf-8").splitlines()
        (folder / name).write_text("\n".join(row for row in rows if not row.startswith("B3,") and ",B3," not in row), "utf-8")
    after = served.begin(folder).board.cover
    assert before is not None and after is not None and before.version != after.version
    assert [len(cover.models[0].stations) for cover in (before, after)] == [8, 7]


def no_roads(folder: Path) -> None:
    (folder / "coquimbo.region").write_bytes(b"no roads at all")


def no_sense(folder: Path) -> None:
    (folder / "lab.toml").write_text("nothing = [", "utf-8")


@pytest.mark.parametrize("spoil", [no_roads, no_sense, lambda folder: (folder / "coquimbo.region").unlink()])
def test_what_cannot_be_reckoned_is_told_and_keeps_nobody_from_serving(folder: Path, spoil: Callable[[Path], None]) -> None:
    served = Served()
    follow(folder, "default")
    spoil(folder)
    assert served.begin(folder).board.cover is None
    assert len(served.faults) == 1


def test_what_was_adopted_stays_while_it_cannot_be_reckoned_anew(folder: Path) -> None:
    served = Served()
    follow(folder, "default")
    served.begin(folder)
    no_sense(folder)
    assert served.begin(folder).board.cover is not None
    assert len(served.faults) == 1 and served.adopted() == 1


def test_an_imported_centre_of_a_real_city(fortnight: Fortnight, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(fortnight.centre, tmp_path / "centre"))
    shutil.copy(fortnight.region, tmp_path / fortnight.region.name)
    follow(folder, "default", "3")
    served = Served()
    cover = served.begin(folder).board.cover
    assert cover is not None and not served.faults, served.faults
    assert all(len(model.stations) > 40 and len(model.rows) > 50 for model in cover.models)
    head = served.journal.head()
    assert served.begin(folder).board.cover is not None and served.journal.head() == head
