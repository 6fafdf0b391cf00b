"""One city for the tests of the lab: real streets, the shipped centre and scenario; a desk and a world of one seed on demand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path

import msgspec
import pytest

from promises.checkers import check_board
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.simulate import simulate
from tocsin.core.messages.said import Event
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.street_files import read_streets
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.centre import Centre
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import Kind, Scenario, read_scenario
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


def with_units(centre: Centre, *names: str) -> Centre:
    """The same centre with these units only."""
    return msgspec.structs.replace(centre, units=tuple(unit for unit in centre.units if unit.unit in names))


def only(scenario: Scenario, incident_type: str, **changes: object) -> Scenario:
    """The same scenario with one kind of incident, changed."""
    kind: Kind = next(kind for kind in scenario.kinds if kind.incident_type == incident_type)
    return msgspec.structs.replace(scenario, kinds=(msgspec.structs.replace(kind, **changes),))


@dataclass
class Shift:
    """One shift that was played to its end, with everything that was said and happened."""

    desk: Desk
    journal: MemoryJournal
    city: City
    answers: list[tuple[Instant, Answer]] = field(default_factory=list)

    def events(self, *kinds: type) -> Iterator[tuple[Instant, Event]]:
        """Events of these kinds in order."""
        return ((now, event) for now, answer in self.answers for event in answer.events if isinstance(event, kinds))

    def asks(self, *kinds: type) -> Iterator[tuple[Instant, object]]:
        """What was asked, of these kinds."""
        return ((now, answer.records[0].says) for now, answer in self.answers if isinstance(answer.records[0].says, kinds))

    def check(self, answer: Answer, now: Instant) -> None:
        """The promises, and that nobody waits without a next step: after each answer."""
        self.answers.append((now, answer))
        if answer.pos < self.journal.head().pos:
            return  # reactions stand behind it in the same transaction: the world has not heard them yet
        board = self.desk.board
        check_board(board)
        for incident in board.open_incidents.values():
            is_short = incident.receipt is not None and bool(incident.receipt.shortfalls)
            assert incident.active() or is_short or self.city.is_being_decided(incident.incident), (incident.incident, now)


Play = Callable[..., Shift]


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
