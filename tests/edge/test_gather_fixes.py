"""Units that report positions: when the report is believed, on which carriageway it puts them, and that the facts hold all of it."""

from math import atan2, cos, degrees, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.test_gather_roads import E1, M1, ROWS, START, Stage, corner
from roads.road_cases import region_of
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Metres
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.facts import UnitRoad
from tocsin.edge.gather_fixes import OLDEST_MS, STILL_M
from tocsin.edge.gather_roads import GatherRoads
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.shapes import place_of
from tocsin.views.situation import Fix


@pytest.fixture(scope="module")
def region() -> Region:
    return region_of(ROWS, 5)


class Told(dict[UnitId, Fix]):
    """Last positions."""

    def find(self, unit: UnitId) -> Fix | None:
        return self.get(unit)


class Reporting(Stage):
    """A stage on which units report where they are."""

    def __init__(self, region: Region) -> None:
        super().__init__(region)
        self.told = Told()
        self.gather = GatherRoads(self.network, self.told)

    def reports(self, at_s: float, place: LonLat, unit: UnitId = E1, *, heading: float | None = None, speed: float | None = None) -> None:
        self.told[unit] = Fix(unit, place.lon, place.lat, Instant(START + round(at_s * 1000)), heading, speed)

    def along(self, edge: int, part: float) -> LonLat:
        return place_of(self.region, OnRoad(edge, round(part * 1_000_000)))


def near(road: UnitRoad, place: LonLat) -> bool:
    return flat_distance_m(start=road.place, end=place) < 0.02


def test_a_fresh_report_is_where_the_unit_is(region: Region) -> None:
    stage = Reporting(region)
    there = corner(region, 2)
    stage.reports(100, there)
    road = stage.sees(103)[E1]
    assert (road.source, road.place, road.age_ms) == ("reported", there, 3000)
    assert road.road_ms == stage.road_ms(there, 3) == 40_000
    assert M1 not in stage.sees(103), "what does not report is where it was: nowhere"
    assert GatherRoads(stage.network).for_place(stage.board, corner(region, 3), Instant(START + 103_000)).roads[E1].source == "station"


def test_a_unit_without_a_known_place_is_where_it_says(region: Region) -> None:
    stage = Reporting(region)
    stage.reports(5, corner(region, 1), M1)
    assert (stage.sees(6)[M1].source, stage.sees(6)[M1].road_ms) == ("reported", 100_000)
    stage.says(10, M1, "off")
    assert M1 not in stage.sees(11), "off duty it is nobody's business"


def test_under_way_the_report_counts_and_not_the_reckoning(region: Region) -> None:
    """Sent from node 0 to node 3 by node 1; it reports from node 2, where nobody reckoned it to be."""
    stage = Reporting(region)
    stage.tell(0, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(10, E1, "en_route", "I1")
    assert stage.sees(40)[E1].source == "on_route"
    stage.reports(45, corner(region, 2))
    road = stage.sees(50)[E1]
    assert (road.source, road.place, road.road_ms, road.age_ms) == ("reported", corner(region, 2), 40_000, 5000)
    stage.says(200, E1, "on_scene", "I1")
    assert (stage.sees(201)[E1].source, stage.sees(201)[E1].place) == ("scene", corner(region, 3)), "a sure place that is newer"
    stage.reports(210, corner(region, 4))
    road = stage.sees(215)[E1]
    assert (road.source, road.place, road.age_ms) == ("reported", corner(region, 4), 5000), "says that it is elsewhere: shown as it says"


def test_an_old_report_is_no_ground(region: Region) -> None:
    stage = Reporting(region)
    stage.reports(100, corner(region, 2))
    oldest_s = 100 + OLDEST_MS / 1000
    assert stage.sees(oldest_s)[E1].source == "reported"
    road = stage.sees(oldest_s + 0.001)[E1]
    assert (road.source, road.place) == ("station", corner(region, 0)), "back to the last sure place"
    stage.tell(oldest_s, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(oldest_s, E1, "en_route", "I1")
    assert stage.sees(oldest_s + 30)[E1].source == "on_route"


def test_a_report_from_before_it_set_out_gives_way_to_the_road(region: Region) -> None:
    stage = Reporting(region)
    stage.reports(100, corner(region, 0))
    stage.tell(110, UnitsDispatched(IncidentId("I1"), (E1,), "", ""))
    stage.says(120, E1, "en_route", "I1")
    assert stage.sees(125)[E1].source == "reported", "of the same minute"
    assert stage.sees(161)[E1].source == "on_route"
    stage.reports(130, stage.along(0, 0.5))
    assert stage.sees(190)[E1].source == "reported", "said on the way"


def test_a_question_about_an_earlier_moment_sees_no_later_report(region: Region) -> None:
    stage = Reporting(region)
    stage.reports(100, corner(region, 2))
    assert stage.sees(80)[E1].source == "station"
    assert (stage.sees(99)[E1].source, stage.sees(99)[E1].age_ms) == ("reported", 0), "came in while it was gathered"


def test_a_cells_position_does_not_beat_a_station(region: Region) -> None:
    stage = Reporting(region)
    place = corner(region, 2)
    for uncertainty_m, source in ((30.0, "reported"), (2_000.0, "station")):
        stage.told[E1] = Fix(E1, place.lon, place.lat, Instant(START + 9_000), None, None, Metres(uncertainty_m))
        assert stage.sees(10)[E1].source == source


def test_whoever_drives_is_on_the_side_that_it_drives_on(region: Region) -> None:
    """In the middle of the street from 1 to 2: ahead to 2 and on to 3, or back over 1; standing, whichever is nearer."""
    stage = Reporting(region)
    half = next(edge for edge in range(region.edges) if (region.edge_tail[edge], region.edge_head[edge]) == (1, 2))
    place = stage.along(half, 0.5)
    east, north = (corner(region, 2).lon - corner(region, 1).lon), (corner(region, 2).lat - corner(region, 1).lat)
    heading = degrees(atan2(east * cos(radians(place.lat)), north)) % 360
    stage.reports(10, place, heading=heading, speed=15.0)
    assert stage.sees(11)[E1].road_ms == pytest.approx(45_000 + 40_000, abs=50)
    stage.reports(20, place, heading=(heading + 180) % 360, speed=15.0)
    assert stage.sees(21)[E1].road_ms == pytest.approx(40_000 + 100_000, abs=50)
    stage.reports(30, place, heading=(heading + 180) % 360, speed=0.0)
    assert stage.sees(31)[E1].road_ms == stage.sees(21)[E1].road_ms, "stopped on the carriageway on which it came"
    other = Reporting(region)
    other.reports(30, place, heading=(heading + 180) % 360, speed=0.3)
    assert other.sees(31)[E1].road_ms == pytest.approx(85_000, abs=50), "the heading of who stands is noise"


def test_off_the_road_it_is_where_it_says(region: Region) -> None:
    stage = Reporting(region)
    base = corner(region, 2)
    for metres, has_road in ((300, True), (900_000, False)):
        place = LonLat(base.lon, base.lat - metres / 111_000)
        stage.reports(10, place, heading=10.0, speed=20.0)
        road = stage.sees(11)[E1]
        assert (road.source, road.place, road.road_ms is not None) == ("reported", place, has_road)


def test_who_has_hardly_moved_is_not_put_on_the_road_again(region: Region) -> None:
    stage = Reporting(region)
    first = stage.along(0, 0.3)
    stage.reports(10, first)
    assert near(stage.sees(11)[E1], first)
    little = LonLat(first.lon + 0.5 * STILL_M / 111_320, first.lat)
    stage.reports(20, little)
    assert near(stage.sees(21)[E1], first)
    assert stage.sees(21)[E1].age_ms == 1000, "the age is that of the last report all the same"
    stage.reports(30, LonLat(first.lon + 2 * STILL_M / 111_320, first.lat))
    assert not near(stage.sees(31)[E1], first)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 8), st.floats(0, 1), st.booleans(), st.booleans()), min_size=1, max_size=12))
def test_what_is_remembered_changes_times_by_no_more_than_standing_still(drawn: list[tuple[int, float, bool, bool]]) -> None:
    """A gather that has followed along answers as one that was just made does, for the place that its facts name."""
    region = region_of(ROWS, 5)
    stage = Reporting(region)
    for nth, (edge, part, is_kept_up, is_unit_m) in enumerate(drawn):
        at_s = 10.0 * (nth + 1)
        stage.reports(at_s, stage.along(edge % region.edges, part), M1 if is_unit_m else E1)
        if is_kept_up:
            stage.gather.keep_up(stage.board, Instant(START + round(at_s * 1000)))
        seen = stage.sees(at_s + 1)
        fresh = Reporting(region)
        for unit, road in seen.items():
            if road.source == "reported":
                fresh.reports(at_s + 1 - road.age_ms / 1000, road.place, unit)
                assert fresh.sees(at_s + 1)[unit] == road
                assert flat_distance_m(start=road.place, end=LonLat(stage.told[unit].lon, stage.told[unit].lat)) <= STILL_M
