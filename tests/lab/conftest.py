"""One city for the tests of the lab: real streets, the shipped centre and scenario; a desk and a world of one seed on demand."""

from importlib.resources import as_file, files
from pathlib import Path

import pytest
from played_shift import Play, Shift

from tocsin.clocks.desk import Desk
from tocsin.clocks.simulate import simulate
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.street_files import read_streets
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.centre import Centre
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import Scenario, read_scenario
from tocsin.lab.world import City
from tocsin.roads.build import build_region
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region
from tocsin.wiring.opening import tell_opening

DATA = files("tocsin").joinpath("data").joinpath("coquimbo")


@pytest.fixture(scope="session")
def region() -> Region:
    with as_file(DATA.joinpath("streets.geojson.gz")) as streets:
        return build_region(read_streets(streets), name="coquimbo")


@pytest.fixture(scope="session")
def centre() -> Centre:
    with as_file(DATA.joinpath("centre")) as folder:
        return read_centre_folder(Path(folder))


@pytest.fixture(scope="session")
def scenario_text() -> str:
    return DATA.joinpath("scenario.toml").read_text("utf-8")


@pytest.fixture(scope="session")
def scenario(scenario_text: str) -> Scenario:
    return read_scenario(scenario_text, file="scenario.toml")


@pytest.fixture(scope="session")
def play(region: Region) -> Play:
    """Plays a scenario to its end on a desk of its own."""
    network = RoadNetwork(region)

    def played(centre: Centre, scenario: Scenario, *, seed: int = 1) -> Shift:
        journal = MemoryJournal()
        desk = Desk(journal, GatherRoads(network), MemoryVault())
        city = City(scenario, StreetDemand(region), Drive(network), seed=seed, timezone=centre.timezone)
        for answer in tell_opening(desk, centre, scenario.begin_at(), clock="simulated"):
            list(city.hear(answer, scenario.begin_at()))
        shift = Shift(desk, journal, city)
        simulate(desk, city, on_answer=shift.check)
        return shift

    return played
