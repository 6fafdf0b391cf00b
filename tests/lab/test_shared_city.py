"""The city with persons at the desk: crews obey them, ids come from one row, and some incidents are left to them for a while."""

from itertools import count

import msgspec
import pytest

from promises.checkers import check_board, check_journal
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant, after
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.simulate import Agenda
from tocsin.core.messages.assignment import DispatchUnits, UnitsDispatched
from tocsin.core.messages.incident import CancelIncident, OpenIncident
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.unit import STATUS, ReportUnitStatus
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.centre import Centre
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import Scenario
from tocsin.lab.shared_city import SharedCity
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region
from tocsin.wiring.opening import tell_opening

MINE = IncidentId("20260718-9001")
SQUARE = LonLat(-71.2520, -29.9027)


class Town:
    """A desk with a shared city that a test steps through."""

    def __init__(
        self,
        region: Region,
        centre: Centre,
        scenario: Scenario,
        *,
        every_nth: int = 0,
        patience_s: float = 150.0,
        own_patience_s: float | None = None,
    ) -> None:
        network = RoadNetwork(region)
        self.journal = MemoryJournal()
        self.desk = Desk(self.journal, GatherRoads(network), MemoryVault())
        numbers = count(1)
        self.city = SharedCity(scenario, StreetDemand(region), Drive(network), seed=1, timezone=centre.timezone)
        self.city.share(
            lambda at: IncidentId(f"20260718-{next(numbers):04d}"),
            every_nth=every_nth,
            patience_s=patience_s,
            own_patience_s=own_patience_s,
        )
        self.now = scenario.begin_at()
        self.agenda: Agenda = Agenda()
        self.heard: list[Answer] = []
        self.keys = count(1)
        for answer in tell_opening(self.desk, centre, self.now, clock="simulated"):
            list(self.city.hear(answer, self.now))
        self.desk.listen(self.heard.append)
        self.agenda.plan(self.city.begin())

    def goes_on(self, minutes: float) -> None:
        until = after(self.now, Millis(round(minutes * 60_000)))
        while (moment := self.agenda.find_next(until)) is not None:
            self.now = max(self.now, moment.at)
            for ask in self.city.act(moment):
                self.say(ask)
        self.now = until

    def say(self, ask: Ask) -> Answer:
        answer = self.desk.answer([ask], self.now)[0]
        check_board(self.desk.board)
        for heard in self.heard:
            self.agenda.plan(self.city.hear(heard, self.now))
        self.heard.clear()
        return answer

    def person(self, command: Command) -> Answer:
        return self.say(Ask(CommandId(f"person-{next(self.keys)}"), "ana", self.now, command))


@pytest.fixture
def quiet(scenario: Scenario) -> Scenario:
    """A night without calls but a person's."""
    return msgspec.structs.replace(scenario, calls_per_hour=(0.0,) * 23 + (0.001,), hours=3.0)


def test_crews_obey_a_person_from_the_call_to_their_station(region: Region, centre: Centre, quiet: Scenario) -> None:
    town = Town(region, centre, quiet)
    town.person(OpenIncident(MINE, "cardiac", "red", Place(at=SQUARE)))
    receipt = town.desk.board.incidents[MINE].receipt
    assert receipt is not None and receipt.picks
    units = tuple(pick.unit for pick in receipt.picks)
    assert town.person(DispatchUnits(MINE, units)).refusal is None
    town.goes_on(20)
    assert all("on_scene" in one.stamps for one in town.desk.board.incidents[MINE].assignments)
    town.goes_on(240)
    assert town.desk.board.incidents[MINE].life == "closed"
    assert {town.desk.board.units[name].phase for name in units} == {"at_station"}
    check_journal(town.journal, town.desk.board)


def test_what_a_person_says_for_a_crew_replaces_what_it_would_have_said(region: Region, centre: Centre, quiet: Scenario) -> None:
    town = Town(region, centre, quiet)
    town.person(OpenIncident(MINE, "alarm", "yellow", Place(at=SQUARE)))
    unit = UnitId("E1") if "E1" in town.desk.board.units else next(iter(town.desk.board.units))
    town.person(DispatchUnits(MINE, (unit,), override="nearest to hand"))
    town.goes_on(0.02)
    town.person(ReportUnitStatus(unit, STATUS["en_route"]))
    town.goes_on(60)
    here = town.desk.board.incidents[MINE].find_assignment(unit)
    assert here is not None and here.stamps["on_scene"] > here.stamps["en_route"]
    said = [record for answer in town.desk.board.versions for record in ()]  # nothing surprising may stand in the journal
    assert said == []
    assert "is_surprising" not in "".join(stored.body.decode() for stored in town.journal.read())


def test_an_incident_that_a_person_cancels_sends_its_crews_home(region: Region, centre: Centre, quiet: Scenario) -> None:
    town = Town(region, centre, quiet)
    town.person(OpenIncident(MINE, "alarm", "yellow", Place()))
    unit = next(iter(town.desk.board.units))
    town.person(DispatchUnits(MINE, (unit,), override="place unknown"))
    town.goes_on(2)
    town.person(CancelIncident(MINE, "false alarm"))
    town.goes_on(60)
    assert town.desk.board.units[unit].phase == "at_station"


def test_ids_come_from_one_row_and_what_is_left_to_persons_is_served_in_the_end(region: Region, centre: Centre, scenario: Scenario) -> None:
    town = Town(region, centre, msgspec.structs.replace(scenario, hours=2.0), every_nth=2, patience_s=300.0)
    waits: dict[IncidentId, Instant] = {}
    for _ in range(240):
        town.goes_on(0.5)
        for one in town.desk.board.open_incidents.values():
            if not one.assignments:
                waits[one.incident] = Instant(town.now - one.opened)
    town.goes_on(600)
    board = town.desk.board
    assert [name for name in board.incidents if not name.startswith("20260718-")] == []
    assert board.open_incidents == {} and len(board.incidents) > 5
    long = [name for name, waited in waits.items() if waited > 240_000]
    assert len(board.incidents) // 4 <= len(long) < len(board.incidents)
    assert any(isinstance(event, UnitsDispatched) for answer in (town.heard or ()) for event in answer.events) or not town.heard


def test_whereabouts_follow_the_road_with_a_heading_while_driving(region: Region, centre: Centre, quiet: Scenario) -> None:
    town = Town(region, centre, quiet)
    homes = {seen.unit: seen.place for seen in town.city.whereabouts(town.now)}
    assert set(homes) == set(town.desk.board.units)
    town.person(OpenIncident(MINE, "cardiac", "red", Place(at=SQUARE)))
    unit = max(homes, key=lambda name: abs(homes[name].lat - SQUARE.lat))
    town.person(DispatchUnits(MINE, (unit,), override="test of the longest way"))
    town.goes_on(3)
    seen = next(one for one in town.city.whereabouts(town.now) if one.unit == unit)
    assert seen.place not in (homes[unit], SQUARE) and seen.heading_deg is not None and 0 <= seen.heading_deg < 360


def test_a_person_has_longer_for_an_incident_of_their_own(region: Region, centre: Centre, quiet: Scenario) -> None:
    town = Town(region, centre, quiet, patience_s=60.0, own_patience_s=600.0)
    town.person(OpenIncident(MINE, "cardiac", "red", Place(at=SQUARE)))
    town.goes_on(9)
    assert not town.desk.board.incidents[MINE].assignments
    town.goes_on(3)
    assert town.desk.board.incidents[MINE].assignments
