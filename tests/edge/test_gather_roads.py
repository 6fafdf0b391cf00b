"""Where each unit is, by its last sure place and the road driven since; and that what is remembered changes no fact."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roads.road_cases import region_of, streets_of
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import ClosureId, CommandId, CrewId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.base.quantities import Ppm
from tocsin.core.board.board import Board
from tocsin.core.board.fold import fold
from tocsin.core.messages.assignment import AssignmentCancelled, UnitCleared, UnitsDispatched
from tocsin.core.messages.centre import CentreOpened
from tocsin.core.messages.closure import CloseRoad, ClosureExtended, RoadClosed, RoadReopened, Shape
from tocsin.core.messages.cover import CoverAdopted, CoverModel, CoverRow
from tocsin.core.messages.facts import NO_FACTS, UnitRoad
from tocsin.core.messages.incident import CloseIncident, IncidentOpened
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import DivertRule, PlanAdopted, ResponsePlan
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask, Event
from tocsin.core.messages.station import StationClosed, StationOpened
from tocsin.core.messages.unit import STATUS, Phase, UnitEnrolled, UnitStatusChanged
from tocsin.edge.gather_roads import GatherRoads
from tocsin.roads.build import build_region
from tocsin.roads.network import RoadNetwork
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.shapes import place_of

START = parse_iso("2026-07-01T08:00:00Z")
E1, M1 = UnitId("E1"), UnitId("M1")
ROWS = [
    (0, 1, 60_000, 60_000),
    (1, 2, 90_000, 80_000),
    (2, 3, 40_000, 40_000),
    (3, 4, 70_000, 70_000),
    (4, 0, 200_000, None),
    (1, 3, 100_000, 150_000),
]


@pytest.fixture(scope="module")
def region() -> Region:
    return region_of(ROWS, 5)


def corner(region: Region, node: int) -> LonLat:
    """A place on a node."""
    return LonLat(float(region.node_lon_e7[node]) / 1e7, float(region.node_lat_e7[node]) / 1e7)


class Stage:
    """A board, what happens on it, and where the gather then sees the units."""

    def __init__(self, region: Region, *, plan: ResponsePlan | None = None) -> None:
        self.region, self.board = region, Board()
        self.network = RoadNetwork(region)
        self.snapper, self.router = self.network.snapper, self.network.router()
        self.gather = GatherRoads(self.network)
        self.tell(0, CentreOpened("test", "Test", "Africa/Maputo", "exercise", ()))
        self.tell(0, StationOpened(StationId("S"), "S", Place(corner(region, 0))))
        self.tell(0, UnitEnrolled(E1, "engine", (), StationId("S"), CrewId("")))
        self.tell(0, UnitEnrolled(M1, "medic", (), None, CrewId("")))
        if plan is not None:
            self.tell(0, PlanAdopted(plan, plan.version()))
        for number, node in ((1, 3), (2, 2), (3, 4)):
            place = Place(corner(region, node))
            self.tell(0, IncidentOpened(IncidentId(f"I{number}"), "fire", "low" if number == 1 else "high", place, ()))

    def tell(self, at_s: float, event: Event) -> None:
        fold(self.board, event, Instant(START + round(at_s * 1000)))

    def says(self, at_s: float, unit: UnitId, phase: Phase, incident: str | None = None, place: LonLat | None = None) -> None:
        told = Place(place) if place is not None else None
        self.tell(at_s, UnitStatusChanged(unit, STATUS[phase], IncidentId(incident) if incident else None, place=told))

    def sees(self, at_s: float, node: int = 3, gather: GatherRoads | None = None) -> dict[UnitId, UnitRoad]:
        """The roads of a question about a place at a moment."""
        facts = (gather or self.gather).for_place(self.board, corner(self.region, node), Instant(START + round(at_s * 1000)))
        return facts.roads

    def road_ms(self, start: LonLat, node: int) -> int | None:
        start_on, end_on = (snap.on for snap in self.snapper.snap([start, corner(self.region, node)]))
        return self.router.times_to(end_on, [start_on])[0]


def test_a_unit_at_its_station_stands_there_however_long(region: Region) -> None:
    stage = Stage(region)
    whole_ms = stage.road_ms(corner(region, 0), 3)
    assert whole_ms == 160_000, "by nodes 0, 1, 3"
    for at_s in (0, 100, 86_400):
        road = stage.sees(at_s)[E1]
        assert (road.source, road.place, road.road_ms, road.age_ms) == ("station", corner(region, 0), whole_ms, at_s * 1000)


def test_a_unit_without_a_home_is_nowhere_until_its_first_scene(region: Region) -> None:
    stage = Stage(region)
    assert M1 not in stage.sees(10)
    stage.tell(20, UnitsDispatched(IncidentId("I2"), (M1,), "", ""))
    stage.says(30, M1, "en_route", "I2")
    assert M1 not in stage.sees(40), "nobody knows whence it drives"
    stage.says(60, M1, "on_scene", "I2")
    road = stage.sees(70)[M1]
    assert (road.source, road.place, road.road_ms) == ("scene", corner(region, 2), 40_000)
    stage.says(100, M1, "off")
    assert M1 not in stage.sees(110), "off duty it may be anywhere"


def test_what_has_been_driven_is_not_driven_again(region: Region) -> None:
    """Time gone by and time left are the whole way, to the millisecond."""
    stage = Stage(region)
    stage.tell(10, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    assert stage.sees(60)[E1].place == corner(region, 0), "told, not yet rolling"
    stage.says(80, E1, "en_route", "I1")
    for gone_s in (0, 1, 33.333, 60, 61, 159.999):
        road = stage.sees(80 + gone_s)[E1]
        assert (road.source, road.road_ms) == ("on_route", 160_000 - round(gone_s * 1000))
    for late_s in (160, 500, 5000):  # it has forgotten to say that it is there
        assert stage.sees(80 + late_s)[E1].road_ms == 0
    assert stage.sees(80 + 30)[E1].road_ms == 130_000, "a question about an earlier moment after one about a later"


def test_a_unit_that_is_called_off_turns_round_where_it_is(region: Region) -> None:
    stage = Stage(region)
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(10, E1, "en_route", "I1")
    there = stage.sees(10 + 40)[E1].place
    stage.tell(10 + 40, AssignmentCancelled(IncidentId("I1"), E1))
    assert stage.sees(50)[E1].place == there
    left_ms = stage.sees(50, node=0)[E1].road_ms
    assert left_ms == 40_000, "as far as it came"
    assert stage.sees(50 + 25, node=0)[E1].road_ms == 15_000
    assert stage.sees(50 + 400, node=0)[E1].road_ms == 0 and stage.sees(5000)[E1].road_ms == 160_000
    stage.says(600, E1, "at_station")
    assert stage.sees(601)[E1].source == "station"


def test_a_unit_that_comes_free_drives_home_and_can_be_met_on_the_way(region: Region) -> None:
    stage = Stage(region)
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(300, E1, "on_scene", "I1")
    assert stage.sees(301)[E1].source == "scene"
    stage.says(900, E1, "returning", "I1")
    stage.tell(900, UnitCleared(IncidentId("I1"), E1))
    back_ms = stage.road_ms(corner(region, 3), 0)
    assert back_ms is not None
    for gone_s in (0, 10, 100):
        assert stage.sees(900 + gone_s, node=0)[E1].road_ms == back_ms - gone_s * 1000
    stage.tell(1000, UnitsDispatched(IncidentId("I2"), (E1,), "", ""))
    halted = stage.sees(1000)[E1].place
    assert stage.sees(1060)[E1].place == halted, "it stops for the new order"


def test_a_place_that_was_said_is_believed(region: Region) -> None:
    stage = Stage(region)
    stage.says(10, E1, "on_radio", place=corner(region, 4))
    road = stage.sees(10, node=4)[E1]
    assert (road.place, road.road_ms, road.straight_m) == (corner(region, 4), 0, 0.0)
    assert stage.sees(10 + 300, node=0)[E1].road_ms == 0, "free on the radio it drives home"


PLAN = ResponsePlan("p", ("high", "low"), (), (), (DivertRule("low", "high"),))


def test_what_is_left_of_the_first_errand_is_told_where_it_may_be_broken_off(region: Region) -> None:
    stage = Stage(region, plan=PLAN)
    assert stage.sees(0)[E1].onward_ms is None, "no errand"
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    assert stage.sees(5, node=2)[E1].onward_ms == 160_000
    stage.says(10, E1, "en_route", "I1")
    for gone_s in (0, 50, 159):
        road = stage.sees(10 + gone_s, node=2)[E1]
        assert road.onward_ms == 160_000 - gone_s * 1000
        assert road.road_ms == stage.road_ms(road.place, 2)
    stage.says(200, E1, "on_scene", "I1")
    assert stage.sees(210, node=2)[E1].onward_ms is None, "who has arrived is not taken away"


def test_without_a_divert_table_nobody_asks_what_is_left(region: Region) -> None:
    stage = Stage(region)
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(10, E1, "en_route", "I1")
    assert stage.sees(20, node=2)[E1].onward_ms is None


def test_only_recommendations_have_facts(region: Region) -> None:
    stage = Stage(region)
    at = Instant(START + 1000)
    assert stage.gather.facts(Ask(CommandId("c"), "d", at, CloseIncident(IncidentId("I1"))), stage.board) == NO_FACTS
    facts = stage.gather.facts(Ask(CommandId("c"), "d", at, RecommendUnits(IncidentId("I1"))), stage.board)
    assert facts.target == corner(region, 3) and facts.fleet == stage.board.fleet and set(facts.roads) == {E1}
    assert facts.metric == stage.router.metric and facts.snap_m == 0.0
    assert facts.local_minute_of_week == 2 * 1440 + 10 * 60, "a Wednesday, ten in Maputo"
    unknown = stage.gather.facts(Ask(CommandId("c"), "d", at, RecommendUnits(IncidentId("I9"))), stage.board)
    assert unknown.target is None and unknown.roads == {}


# ---- what is remembered

STEPS = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.sampled_from(
            ["send I1", "send I2", "send I3", "en_route", "on_scene", "returning", "at_station", "on_radio", "off", "look", "look back"]
        ),
    ),
    max_size=14,
)


@settings(max_examples=120)
@given(STEPS)
def test_a_gather_that_has_seen_much_sees_what_a_new_one_sees(steps: list[tuple[int, str]]) -> None:
    region = region_of(ROWS, 5)
    stage, afresh = Stage(region, plan=PLAN), RoadNetwork(region)
    at_s, back_s = 0.0, 0.0
    for wait_s, step in steps:
        at_s += wait_s
        unit = stage.board.units[E1]
        if step.startswith("send"):
            if unit.incident is None:
                stage.tell(at_s, UnitsDispatched(IncidentId(step[5:]), (E1,), "", ""))
        elif step.startswith("look"):
            back_s = wait_s if step == "look back" else 0.0
        else:
            phase: Phase = step  # type: ignore[assignment]  # one of them
            stage.says(at_s, E1, phase, unit.incident)
        for node in (2, 3):
            for moment_s in (at_s, at_s - back_s, at_s + 37):
                new = GatherRoads(afresh)
                assert stage.sees(moment_s, node) == stage.sees(moment_s, node, new), (step, moment_s)


def test_a_reckoned_place_lies_on_its_road(region: Region) -> None:
    stage = Stage(region)
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(0, E1, "en_route", "I1")
    start_on, end_on = (snap.on for snap in stage.snapper.snap([corner(region, 0), corner(region, 3)]))
    for gone_s in range(0, 160, 7):
        on = stage.router.along(start_on, end_on, gone_s * 1000)  # type: ignore[arg-type]  # milliseconds
        assert on is not None
        assert stage.sees(gone_s)[E1].place == place_of(region, on)


def between(region: Region, node: int, other: int) -> LonLat:
    """The middle of the street between two nodes."""
    edge = next(
        edge for edge in range(region.edges) if {int(region.edge_tail[edge]), int(region.edge_head[edge])} == {node, other}
    )  # fmt: skip
    return place_of(region, OnRoad(edge, Ppm(500_000)))


def closed(region: Region, closure: str, node: int, other: int, since: float = 0, **more: object) -> RoadClosed:
    """The street between two nodes is closed."""
    shape = Shape("points", (between(region, node, other),))
    return RoadClosed(ClosureId(closure), shape, Instant(START + round(since * 1000)), **more)  # type: ignore[arg-type]  # fields of the event


def test_a_closed_road_is_gone_round_and_the_metric_says_so(region: Region) -> None:
    stage = Stage(region)
    before = stage.gather.for_place(stage.board, corner(region, 3), Instant(START))
    assert before.roads[E1].road_ms == 160_000, "by nodes 0, 1, 3"
    stage.tell(0, closed(region, "C1", 1, 3))
    during = stage.gather.for_place(stage.board, corner(region, 3), Instant(START + 1000))
    assert during.roads[E1].road_ms == 60_000 + 90_000 + 40_000
    assert during.metric != before.metric and during.metric.rpartition(".")[2] != "open"
    stage.tell(5, RoadReopened(ClosureId("C1")))
    after = stage.gather.for_place(stage.board, corner(region, 3), Instant(START + 6000))
    assert (after.metric, after.roads[E1].road_ms) == (before.metric, before.roads[E1].road_ms)


def test_a_closure_holds_in_its_window_only(region: Region) -> None:
    stage = Stage(region)
    stage.tell(0, closed(region, "C1", 1, 3, until=Instant(START + 100_000)))
    assert [stage.sees(at_s)[E1].road_ms for at_s in (0, 99.999, 100)] == [190_000, 190_000, 160_000]
    stage.tell(50, ClosureExtended(ClosureId("C1"), Instant(START + 200_000)))
    assert [stage.sees(at_s)[E1].road_ms for at_s in (150, 200)] == [190_000, 160_000]


def test_a_closure_for_one_kind_of_unit_leaves_the_others_their_road(region: Region) -> None:
    stage = Stage(region)
    stage.tell(0, UnitEnrolled(UnitId("M2"), "medic", (), StationId("S"), CrewId("")))
    stage.tell(0, closed(region, "C1", 1, 3, vehicles=("engine",)))
    facts = stage.gather.for_place(stage.board, corner(region, 3), Instant(START + 1000))
    assert (facts.roads[E1].road_ms, facts.roads[UnitId("M2")].road_ms) == (190_000, 160_000)
    assert list(facts.metrics) == ["engine"] and facts.metrics["engine"] != facts.metric


def test_a_station_that_is_cut_off_is_unreachable_and_said_so(region: Region) -> None:
    stage = Stage(region)
    stage.tell(0, closed(region, "C1", 0, 1))
    assert stage.sees(1)[E1].road_ms == 160_000, "who stands on the closed street may leave it"
    stage.tell(2, closed(region, "C2", 1, 3))
    stage.tell(2, closed(region, "C3", 1, 2))
    road = stage.sees(3)[E1]
    assert (road.road_ms, road.source) == (None, "station")
    assert stage.sees(3, node=1)[E1].road_ms == 60_000


def test_a_closure_after_one_has_passed_moves_nobody(region: Region) -> None:
    """E1 is on its way by nodes 0, 1, 3; 100 s on it is between 1 and 3. The street behind it closes."""
    stage = Stage(region)
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(0, E1, "en_route", "I1")
    before = stage.sees(100)[E1]
    stage.tell(100, closed(region, "C1", 0, 1, since=100))
    assert stage.sees(100)[E1] == before and before.road_ms == 60_000


def test_a_closure_ahead_counts_from_where_one_is(region: Region) -> None:
    stage = Stage(region)
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(0, E1, "en_route", "I1")
    place = stage.sees(30)[E1].place
    stage.tell(30, closed(region, "C1", 1, 3, since=30))
    road = stage.sees(30)[E1]
    assert road.place == place and road.road_ms == 30_000 + 90_000 + 40_000, "on to node 1, then round by 2"


def test_streets_of_a_closure_follow_from_what_was_drawn_not_from_its_name(region: Region) -> None:
    """A batch that the journal refuses leaves a board without it; the same id may then be given to another street."""
    stage = Stage(region)
    other = Stage(region)
    other.gather = stage.gather
    stage.tell(0, closed(region, "C1", 1, 3))
    assert stage.sees(1)[E1].road_ms == 190_000
    other.tell(0, closed(region, "C1", 3, 4))
    assert other.sees(1)[E1].road_ms == 160_000


def test_the_question_to_close_a_road_records_how_much_it_closes(region: Region) -> None:
    stage = Stage(region)
    for place, closes in ((between(region, 1, 3), 2), (LonLat(10.0, 50.0), 0)):
        command = CloseRoad(ClosureId("C1"), Shape("points", (place,)))
        assert stage.gather.facts(Ask(CommandId("c"), "ana", Instant(START), command), stage.board).closes == closes
    off_earth = CloseRoad(ClosureId("C1"), Shape("points", (LonLat(500.0, 0.0),)))
    assert stage.gather.facts(Ask(CommandId("c"), "ana", Instant(START), off_earth), stage.board) == NO_FACTS


def test_what_lies_in_another_country_is_not_reached_by_road(region: Region) -> None:
    stage = Stage(region)
    facts = stage.gather.for_place(stage.board, LonLat(0.0, 0.0), Instant(START))
    assert facts.roads[E1].road_ms is None and facts.snap_m is not None and facts.snap_m > 4_000_000
    stage.tell(0, StationOpened(StationId("X"), "X", Place(LonLat(0.0, 0.0))))
    stage.tell(0, UnitEnrolled(UnitId("X1"), "engine", (), StationId("X"), CrewId("")))
    road = stage.sees(1)[UnitId("X1")]
    assert (road.road_ms, road.source, road.place) == (None, "station", LonLat(0.0, 0.0))


def test_an_island_is_not_its_mainland() -> None:
    """Two islands 20 km apart, each with its station: help comes from the own one, or not by road."""
    near = [(0, 1, 60_000, 60_000), (1, 2, 90_000, 90_000), (2, 3, 40_000, 40_000)]
    places = [(-8.60 + 0.01 * node, 41.2) for node in range(4)] + [(-8.60, 41.4), (-8.59, 41.4)]
    sea = build_region(streets_of(places, [*near, (4, 5, 50_000, 50_000)]), name="islands")
    stage = Stage.__new__(Stage)
    stage.region, stage.board, stage.network = sea, Board(), RoadNetwork(sea)
    stage.gather = GatherRoads(stage.network)
    stage.tell(0, CentreOpened("test", "Test", "Africa/Maputo", "exercise", ()))
    for name, node in (("S", 0), ("B", 4)):
        stage.tell(0, StationOpened(StationId(name), name, Place(corner(sea, node))))
        stage.tell(0, UnitEnrolled(UnitId(f"{name}1"), "engine", (), StationId(name), CrewId("")))
    assert {unit: road.road_ms for unit, road in stage.sees(0, 5).items()} == {"S1": None, "B1": 50_000}
    assert {unit: road.road_ms for unit, road in stage.sees(0, 3).items()} == {"S1": 190_000, "B1": None}


def test_a_router_that_was_made_anew_leaves_no_labels_of_the_old_one(region: Region) -> None:
    """What the check of a repair replaces must not live on in what is kept of it."""
    stage = Stage(region)
    stage.tell(0, closed(region, "C1", 1, 3))
    assert stage.sees(1)[E1].road_ms == 190_000
    metric = stage.gather.for_place(stage.board, corner(region, 3), Instant(START)).metric
    stage.network._routers[metric] = stage.network.router()  # another router under the same id, as after a failed check
    assert stage.sees(1)[E1].road_ms == 160_000


def test_drives_for_advice_on_cover_are_from_where_the_unit_is(region: Region) -> None:
    """To every open station of the models; a closed one is not looked at, and a station off every road cannot be reached."""
    stage = Stage(region, plan=ResponsePlan("p", ("high",), (), (), policy="move-up"))
    names = [StationId(name) for name in ("A", "B", "S", "far")]
    for name, place in zip((names[0], names[1], names[3]), (corner(region, 2), corner(region, 3), LonLat(50.0, 50.0)), strict=True):
        stage.tell(0, StationOpened(name, name, Place(place)))
    model = CoverModel("engine", tuple(names), (CoverRow("north", (0, 1, 2, 3), 1_000_000_000),))
    stage.tell(0, CoverAdopted((model,), "v"))
    stage.tell(0, StationClosed(names[1]))
    ask = Ask(CommandId("q"), "tocsin", Instant(START + 60_000), AdviseMoveUps(E1))
    facts = stage.gather.facts(ask, stage.board)
    assert facts.drives_ms == {E1: {"A": stage.road_ms(corner(region, 0), 2), "S": 0}}
    assert (facts.fleet, facts.metric) == (stage.board.fleet, stage.router.metric)
    at_rest = Ask(CommandId("r"), "tocsin", Instant(START + 3_600_000), AdviseMoveUps())
    assert stage.gather.facts(at_rest, stage.board).drives_ms == facts.drives_ms
    none = Ask(CommandId("n"), "tocsin", Instant(START + 60_000), AdviseMoveUps(M1))
    assert stage.gather.facts(none, stage.board).drives_ms == {}
