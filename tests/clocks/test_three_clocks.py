"""One world through three clocks: invented, live (with a clock that is told the time) and replay. The three journals are one."""

import asyncio
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.live import LiveDesk
from tocsin.clocks.replay import RecordedFacts, questions, redecide
from tocsin.clocks.simulate import Agenda, simulate
from tocsin.core.messages.line import Stored
from tocsin.core.ports import Gather
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.street_files import read_streets
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.centre import Centre
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import Scenario, read_scenario
from tocsin.lab.world import City, Doing
from tocsin.roads.build import build_region
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region
from tocsin.wiring.opening import tell_opening

DATA = files("tocsin").joinpath("data").joinpath("coquimbo")
HOURS = 5.0


@pytest.fixture(scope="module")
def region() -> Region:
    with as_file(DATA.joinpath("streets.geojson.gz")) as streets:
        return build_region(read_streets(streets), name="coquimbo")


@pytest.fixture(scope="module")
def centre() -> Centre:
    with as_file(DATA.joinpath("centre")) as folder:
        return read_centre_folder(Path(folder))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario(DATA.joinpath("scenario.toml").read_text("utf-8"), file="scenario.toml").lasting(HOURS)


class Stage:
    """A fresh desk and a fresh city of the same seed."""

    def __init__(self, region: Region, centre: Centre, scenario: Scenario, *, seed: int = 7, gather: Gather | None = None) -> None:
        network = RoadNetwork(region)
        self.journal = MemoryJournal()
        self.desk = Desk(self.journal, gather or GatherRoads(network), FixedVault())
        self.city = City(scenario, StreetDemand(region), Drive(network), seed=seed, timezone=centre.timezone)
        for answer in tell_opening(self.desk, centre, scenario.begin_at(), clock="simulated"):
            list(self.city.hear(answer, scenario.begin_at()))


class FixedVault(MemoryVault):
    """Boxes are random in life, so that no two journals are alike; here they are counted, so that journals can be compared."""

    def seal(self, text: str, *, key: str, bound_to: str):  # type: ignore[no-untyped-def, override]
        sealed = super().seal(text, key=key, bound_to=bound_to)  # type: ignore[arg-type]
        return type(sealed)(sealed.key, f"{len(text)}:{bound_to}")


class ToldClock:
    """A clock that shows what it was told."""

    def __init__(self) -> None:
        self.time = Instant(0)

    def now(self) -> Instant:
        return self.time


async def play_live(stage: Stage) -> None:
    """The same world in front of the live desk: every question goes through its queue."""
    agenda: Agenda[Doing] = Agenda()
    heard: list[Answer] = []
    stage.desk.listen(heard.append)
    agenda.plan(stage.city.begin())
    clock = ToldClock()
    async with LiveDesk(stage.desk, clock) as live:
        while (moment := agenda.find_next()) is not None:
            clock.time = moment.at
            for ask in stage.city.act(moment):
                await live.ask(ask)
                for answer in heard:
                    agenda.plan(stage.city.hear(answer, moment.at))
                heard.clear()


def lines(journal: MemoryJournal) -> list[Stored]:
    return list(journal.read())


def first_asks(journal: MemoryJournal) -> Iterator[tuple[Instant, object]]:
    """What was asked from outside; reactions come by themselves."""
    for one in questions(journal):
        if one.ask.cause is None:
            yield one.records[0].recorded, one.ask


def test_live_simulate_and_replay_write_the_same_journal(region: Region, centre: Centre, scenario: Scenario) -> None:
    simulated = Stage(region, centre, scenario)
    simulate(simulated.desk, simulated.city)
    assert simulated.journal.head().pos > 500
    kinds = {type(event).__name__ for one in questions(simulated.journal) for event in one.events}
    assert {"UnitsRecommended", "UnitsDispatched", "UnitCleared", "IncidentClosed", "CallReceived", "NoteAdded"} <= kinds

    live = Stage(region, centre, scenario)
    asyncio.run(play_live(live))
    assert lines(live.journal) == lines(simulated.journal)

    replayed = MemoryJournal()
    desk = Desk(replayed, RecordedFacts(live.journal), FixedVault())
    for recorded, ask in first_asks(live.journal):
        desk.answer([ask], recorded)  # type: ignore[list-item]
    assert [stored.body for stored in replayed.read()] == [stored.body for stored in live.journal.read()]
    assert replayed.head() == live.journal.head() == simulated.journal.head()


def test_every_answer_of_a_shift_comes_out_again(region: Region, centre: Centre, scenario: Scenario) -> None:
    stage = Stage(region, centre, scenario, seed=11)
    simulate(stage.desk, stage.city)
    again = redecide(stage.journal)
    assert again.questions > 200
    assert again.differing == 0, f"first at position {again.first_differing}"


def test_another_seed_is_another_day_and_the_same_seed_the_same(region: Region, centre: Centre, scenario: Scenario) -> None:
    heads = []
    for seed in (1, 1, 2):
        stage = Stage(region, centre, scenario.lasting(1.0), seed=seed)
        simulate(stage.desk, stage.city)
        heads.append(stage.journal.head().hash)
    assert heads[0] == heads[1] != heads[2]


def test_nothing_is_left_undone_at_the_end_of_a_shift(region: Region, centre: Centre, scenario: Scenario) -> None:
    stage = Stage(region, centre, scenario, seed=3)
    simulate(stage.desk, stage.city)
    board = stage.desk.board
    assert not [incident.incident for incident in board.open_incidents.values()]
    assert all(unit.incident is None and unit.phase == "at_station" for unit in board.units.values())
    assert board.incidents
