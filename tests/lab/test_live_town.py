"""The town that is played live is kind to who looks on: something to see, somebody free, nothing that nobody can do anything about."""

from importlib.resources import files
from itertools import pairwise
from statistics import median, pstdev

import msgspec
import pytest

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId, IncidentId
from tocsin.base.instants import Instant, after, span_ms
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.simulate import Agenda
from tocsin.core.board.timers import due
from tocsin.core.messages.alarm import AlarmSounded
from tocsin.core.messages.incident import OpenIncident
from tocsin.core.messages.said import Ask
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.centre import Centre
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import Scenario, read_scenario
from tocsin.lab.shared_city import SharedCity
from tocsin.roads.closures import ClosedShape
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region
from tocsin.wiring.opening import tell_opening

TEXT = files("tocsin").joinpath("data").joinpath("coquimbo").joinpath("live.toml").read_text("utf-8")
WARM_MIN, WATCHED_MIN = 60, 40
"""An hour before anybody looks; ten minutes on the wall at four times."""


@pytest.fixture
def live() -> Scenario:
    return read_scenario(TEXT, file="live.toml")


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_ten_minutes_at_the_screens(seed: int, region: Region, centre: Centre, live: Scenario) -> None:
    network = RoadNetwork(region)
    desk = Desk(MemoryJournal(), GatherRoads(network), MemoryVault())
    city = SharedCity(live, StreetDemand(region, is_named=True), Drive(network), seed=seed, timezone=centre.timezone)
    numbers = iter(range(1, 9999))
    city.share(lambda at: IncidentId(f"20260718-{next(numbers):04d}"), patience_s=480)
    heard: list[Answer] = []
    agenda: Agenda = Agenda()
    begin = live.begin_at()
    for answer in tell_opening(desk, centre, begin, clock="simulated"):
        list(city.hear(answer, begin))
    desk.listen(heard.append)
    agenda.plan(city.begin())
    refused, alarms = list[str](), list[str]()
    waiting, open_, ambulances, engines, driving = ([] for _ in range(5))

    def say(ask: Ask, at: Instant) -> None:
        desk.answer([ask], at)
        for answer in heard:
            agenda.plan(city.hear(answer, at))
            refused.extend(answer.refusal.code for _ in [0] if answer.refusal is not None)
            alarms.extend(event.kind for event in answer.events if isinstance(event, AlarmSounded))
        heard.clear()

    for minute in range(1, WARM_MIN + WATCHED_MIN + 1):
        now = after(begin, Millis(minute * 60_000))
        while (moment := agenda.find_next(now)) is not None:
            for ask in city.act(moment):
                say(ask, moment.at)
        if minute < WARM_MIN:
            continue
        for nth, command in enumerate(due(desk.board, now)):
            say(Ask(CommandId(f"timer-{minute}-{nth}"), "tocsin", now, command, clock="simulated"), now)
        units = desk.board.units.values()
        open_.append(len(desk.board.open_incidents))
        waiting.append(sum(one.is_waiting() for one in desk.board.open_incidents.values()))
        ambulances.append(sum(unit.kind == "ambulance" and unit.incident is None for unit in units))
        engines.append(sum(unit.kind == "engine" and unit.incident is None for unit in units))
        driving.append(sum(seen.heading_deg is not None for seen in city.whereabouts(now)))
    assert 3 <= median(open_) <= 8 and max(open_) <= 12
    assert waiting[0] <= 1 and median(waiting) <= 1 and max(waiting) <= 3
    assert median(ambulances) >= 2 and median(engines) >= 3 and median(driving) >= 1
    assert len(refused) <= 2 and len(alarms) <= 6
    assert all(one.place.text for one in desk.board.incidents.values())


def test_calls_that_come_evenly_are_as_many_with_fewer_bursts(region: Region, live: Scenario) -> None:
    def gaps(evenness: int) -> list[int]:
        even = msgspec.structs.replace(live, evenness=evenness)
        city = SharedCity(even, StreetDemand(region), None, seed=5, timezone="America/Santiago")  # type: ignore[arg-type]  # nobody drives
        opened = sorted(one.at for one in city.begin() if isinstance(getattr(one.what, "command", None), OpenIncident))
        return [span_ms(start=one, end=other) for one, other in pairwise(opened)]

    real, even = gaps(1), gaps(8)
    assert abs(len(real) - len(even)) < 0.1 * len(real)
    assert pstdev(even) < 0.55 * pstdev(real)


def test_the_street_that_is_closed_is_one_street(region: Region, live: Scenario) -> None:
    network = RoadNetwork(region)
    for works in live.road_works:
        shape = works.shape()
        closed = network.closures.closed_edges(ClosedShape(shape.kind, shape.places))
        assert {region.name_of(int(edge)) for edge in closed} == {"José Manuel Balmaceda"}


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("evenness = 8", "evenness = 0", "evenness"), ("[-71.2496, -29.9026]", "[-71.2502, -29.9026]", "road_works.line")],
)
def test_what_makes_no_sense_is_told_by_field(old: str, new: str, field: str) -> None:
    with pytest.raises(BadInput) as fault:
        read_scenario(TEXT.replace(old, new), file="live.toml")
    assert (fault.value.code, fault.value.field) == ("scenario_value", field)
