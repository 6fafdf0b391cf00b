"""Ways of units and reach on the map: the same roads, places and times as the recommendation's, closures included."""

import pytest

from roads.road_cases import region_of
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import ClosureId, CommandId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.clocks.desk import Desk
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.centre import OpenCentre
from tocsin.core.messages.closure import CloseRoad, Shape
from tocsin.core.messages.incident import CancelIncident, OpenIncident
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import AdoptPlan, Card, IncidentType, ResponsePlan, Slot, Turnout
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import STATUS, EnrolUnit, Phase, ReportUnitStatus
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.road_map import RoadMap
from tocsin.edge.vault_memory import MemoryVault
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region

START = parse_iso("2026-07-01T08:00:00Z")
ROWS = [(0, 1, 60_000, 60_000), (1, 2, 90_000, 80_000), (2, 3, 40_000, 40_000), (3, 4, 70_000, 70_000), (0, 4, 900_000, 900_000)]
E1, E2, I1 = UnitId("E1"), UnitId("E2"), IncidentId("20260701-0001")


@pytest.fixture(scope="module")
def region() -> Region:
    return region_of(ROWS, 5)


class Centre:
    """A desk on five corners: E1 waits at one end, E2 at the other."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.network = RoadNetwork(region)
        self.gather = GatherRoads(self.network)
        self.desk = Desk(MemoryJournal(), self.gather, MemoryVault())
        self.map = RoadMap(self.network, self.gather)
        self.keys = 0
        slot, card = Slot("engine", ("engine",)), "fire"
        plan = ResponsePlan("plan", ("high",), (IncidentType("fire", "Fire"),), (Card(card, (slot,)),), turnouts=(Turnout("*", 0),))
        for command in (
            OpenCentre("c", "C", "UTC"),
            OpenStation(StationId("A"), "A", Place(self.corner(0))),
            OpenStation(StationId("B"), "B", Place(self.corner(4))),
            EnrolUnit(E1, "engine", (), StationId("A")),
            EnrolUnit(E2, "engine", (), StationId("B")),
            AdoptPlan(plan),
            OpenIncident(I1, "fire", "high", Place(self.corner(2))),
        ):
            self.say(0, command)

    def corner(self, node: int) -> LonLat:
        return LonLat(float(self.region.node_lon_e7[node]) / 1e7, float(self.region.node_lat_e7[node]) / 1e7)

    def say(self, at_s: float, command: Command) -> None:
        self.keys += 1
        at = Instant(START + round(at_s * 1000))
        answer = self.desk.answer([Ask(CommandId(str(self.keys)), "ana", at, command)], at)[0]
        assert answer.refusal is None, answer.refusal

    def reports(self, at_s: float, unit: UnitId, phase: Phase) -> None:
        self.say(at_s, ReportUnitStatus(unit, STATUS[phase]))

    def ways(self, at_s: float) -> dict[UnitId, tuple[int | None, bool, LonLat, LonLat]]:
        asked = self.map.routes_asked(self.desk.board, I1, Instant(START + round(at_s * 1000)))
        return {one.unit: (one.eta_ms, one.is_under_way, one.line[0], one.line[-1]) for one in self.map.routes(asked)}


@pytest.fixture
def centre(region: Region) -> Centre:
    return Centre(region)


def test_who_is_recommended_has_a_way_with_the_promised_time(centre: Centre) -> None:
    receipt = centre.desk.board.incidents[I1].receipt
    assert receipt is not None and [pick.unit for pick in receipt.picks] == ["E2"]  # 110 s against 150 s
    ways = centre.ways(0)
    eta_ms, is_under_way, begins, ends = ways[E2]
    assert ways.keys() == {"E2"} and not is_under_way and eta_ms == receipt.picks[0].eta_ms == 110_000
    assert flat_distance_m(start=begins, end=centre.corner(4)) < 1 and flat_distance_m(start=ends, end=centre.corner(2)) < 1


def test_who_is_under_way_has_what_is_left_of_it(centre: Centre) -> None:
    centre.say(10, DispatchUnits(I1, (E2,)))
    centre.reports(20, E2, "en_route")
    eta_ms, is_under_way, begins, _ = centre.ways(90)[E2]
    assert is_under_way and eta_ms == pytest.approx(40_000, abs=5)  # 70 s of 110 s are driven
    assert flat_distance_m(start=begins, end=centre.corner(3)) < 5
    centre.reports(130, E2, "on_scene")
    assert centre.ways(131) == {}


def test_a_closed_road_turns_the_way(centre: Centre) -> None:
    middle = LonLat((centre.corner(2).lon + centre.corner(3).lon) / 2, (centre.corner(2).lat + centre.corner(3).lat) / 2)
    centre.say(5, CloseRoad(ClosureId("c1"), Shape("points", (middle,))))
    receipt = centre.desk.board.incidents[I1].receipt
    assert receipt is not None and [pick.unit for pick in receipt.picks] == ["E1"]
    assert centre.ways(6)[E1][0] == 150_000


def test_without_a_place_or_an_incident(centre: Centre) -> None:
    with pytest.raises(Refused) as caught:
        centre.map.routes_asked(centre.desk.board, IncidentId("nowhere"), START)
    assert caught.value.event.code == "IncidentUnknown"
    other = IncidentId("20260701-0002")
    centre.say(1, OpenIncident(other, "fire", "high", Place(text="somewhere")))
    assert centre.map.routes(centre.map.routes_asked(centre.desk.board, other, START)) == []
    centre.say(2, CancelIncident(I1))
    assert centre.ways(3) == {}


def test_reach_is_of_the_free_ones_only_and_grows_with_the_minutes(centre: Centre) -> None:
    at = Instant(START + 1000)
    free = centre.map.reach_asked(centre.desk.board, at)
    assert {one.unit for one in free} == {"E1", "E2"}
    wide = centre.map.reach(free, [1, 3])
    assert [one["properties"]["minutes"] for one in wide["features"]] == [3, 1]
    assert wide["features"][0]["properties"]["area_km2"] > wide["features"][1]["properties"]["area_km2"] > 0
    centre.say(2, DispatchUnits(I1, (E2,)))
    fewer = centre.map.reach_asked(centre.desk.board, at)
    assert {one.unit for one in fewer} == {"E1"}
    assert centre.map.reach(fewer, [3])["features"][0]["properties"]["area_km2"] < wide["features"][0]["properties"]["area_km2"]
    assert centre.map.reach([], [3])["features"] == [] == centre.map.reach(fewer, [])["features"]
