"""The nearest road against measuring every street; who may be snapped to; outlines."""

from math import atan2, cos, degrees, hypot, radians
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from road_cases import region_of, regions, streets_of

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, distance_m
from tocsin.edge.osm import read_osm
from tocsin.roads.build import build_region
from tocsin.roads.info import RouteRow, route_rows
from tocsin.roads.network import RoadNetwork
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.shapes import METRES_PER_DEGREE, outline, place_of, street_line
from tocsin.roads.snapping import HEADING_SLACK_DEG, HEADING_SLACK_M, Snapper

near_porto = st.builds(LonLat, st.floats(-8.62, -8.52), st.floats(41.18, 41.23))


def nearest_m(region: Region, place: LonLat) -> float:
    """Distance to the nearest street, by measuring them all."""
    best = 1e18
    for street in range(region.streets):
        lon, lat, _ = street_line(region, street)
        x, y = (lon - place.lon) * cos(radians(place.lat)) * METRES_PER_DEGREE, (lat - place.lat) * METRES_PER_DEGREE
        for i in range(len(x) - 1):
            dx, dy = x[i + 1] - x[i], y[i + 1] - y[i]
            square = dx * dx + dy * dy
            at = min(1.0, max(0.0, -(x[i] * dx + y[i] * dy) / square)) if square else 0.0
            best = min(best, hypot(x[i] + at * dx, y[i] + at * dy))
    return best


@settings(max_examples=100)
@given(regions(), st.lists(near_porto, min_size=1, max_size=5))
def test_the_nearest_road_is_found(region: Region, places: list[LonLat]) -> None:
    for place, snap in zip(places, Snapper(region).snap(places, is_strong_only=False), strict=True):
        assert snap.distance_m == pytest.approx(nearest_m(region, place), abs=0.02, rel=1e-4)
        assert distance_m(start=place, end=snap.place) == pytest.approx(snap.distance_m, abs=0.05, rel=2e-3)
        assert distance_m(start=place_of(region, snap.on), end=snap.place) < 0.5


def test_one_by_one_or_together_gives_the_same(shared: Path) -> None:
    region = build_region(read_osm(shared / "data/roads/monaco/monaco.osm.pbf"), name="Monaco")
    dice = np.random.default_rng(3)
    lon, lat = dice.uniform(7.40, 7.45, 40).tolist(), dice.uniform(43.72, 43.76, 40).tolist()
    places = [LonLat(x, y) for x, y in zip(lon, lat, strict=True)]
    snapper = Snapper(region)
    together = snapper.snap(places)
    assert together == [snapper.snap([place])[0] for place in places]
    assert all(region.node_is_strong[region.edge_tail[snap.on.edge]] for snap in together)
    for place, snap in zip(places, snapper.snap(places, is_strong_only=False), strict=True):
        assert snap.distance_m == pytest.approx(nearest_m(region, place), abs=0.02, rel=1e-4)


def test_a_street_that_strands_is_passed_over_unless_asked_for() -> None:
    # a round 0-1-2, far from it a dead end that is entered only
    region = region_of([(0, 1, 9, 9), (1, 2, 9, 9), (2, 3, 9, None)], 4)
    place = LonLat(-8.57, 41.20 + 0.012)
    strong, nearest = Snapper(region).snap([place])[0], Snapper(region).snap([place], is_strong_only=False)[0]
    assert nearest.on.edge == 4
    assert strong.on.edge in (2, 3)
    assert strong.distance_m > nearest.distance_m


def test_where_nobody_may_join_one_joins_at_the_open_end() -> None:
    streets = streets_of([(-8.60, 41.2), (-8.59, 41.2), (-8.58, 41.2)], [(0, 1, 9, 9), (1, 2, 9, 9)])
    streets.node_may_join = np.array([1, 0, 0], dtype=np.uint8)
    region = build_region(streets, name="motorway")
    snap = Snapper(region).snap([LonLat(-8.585, 41.2001)])[0]
    assert snap.on == OnRoad(0, 0)
    assert snap.distance_m == pytest.approx(distance_m(start=LonLat(-8.585, 41.2001), end=LonLat(-8.60, 41.2)), rel=1e-3)


def test_a_network_that_nobody_may_join_is_told() -> None:
    streets = streets_of([(-8.60, 41.2), (-8.59, 41.2)], [(0, 1, 9, 9)])
    streets.node_may_join = np.zeros(2, dtype=np.uint8)
    with pytest.raises(BadInput, match="network_no_access"):
        Snapper(build_region(streets, name="closed")).snap([LonLat(0.0, 0.0)])


@pytest.mark.parametrize("place", [LonLat(float("nan"), 0.0), LonLat(181.0, 0.0), LonLat(0.0, -91.0)])
def test_a_place_off_the_earth_is_refused(place: LonLat) -> None:
    with pytest.raises(BadInput, match="coordinates"):
        Snapper(region_of([(0, 1, 9, 9)], 2)).snap([place])


def test_a_street_of_no_length_can_be_snapped_to() -> None:
    region = build_region(streets_of([(-8.6, 41.2), (-8.6, 41.2)], [(0, 1, 9, 9)]), name="dot")
    snap = Snapper(region).snap([LonLat(-8.6, 41.201)])[0]
    assert snap.distance_m == pytest.approx(111.195, abs=0.01)
    assert place_of(region, snap.on) == LonLat(-8.6, 41.2)


def test_the_date_line_is_no_wall() -> None:
    region = build_region(streets_of([(179.99, -16.8), (179.999, -16.8)], [(0, 1, 9, 9)]), name="Taveuni")
    snap = Snapper(region).snap([LonLat(-179.999, -16.8)])[0]
    assert snap.on == OnRoad(0, 1_000_000)
    assert snap.distance_m == pytest.approx(0.002 * METRES_PER_DEGREE * cos(radians(16.8)), rel=1e-3)


EAST, WEST, NORTH = 90.0, 270.0, 0.0
STEP_DEG = 1e-5  # 1.11 m


def roads(*lines: tuple[float, float, float, float, int | None]) -> Region:
    """Straight streets between places in steps east and north of the equator's beginning; two-way where the last is a number."""
    places = [(end[0] * STEP_DEG, end[1] * STEP_DEG) for line in lines for end in (line[:2], line[2:4])]
    return build_region(streets_of(places, [(2 * row, 2 * row + 1, 9, line[4]) for row, line in enumerate(lines)]), name="by hand")


def snapped(region: Region, east: float, north: float, heading_deg: float | None) -> OnRoad:
    places = [LonLat(east * STEP_DEG, north * STEP_DEG)]
    return Snapper(region).snap(places, is_strong_only=False, headings_deg=[heading_deg])[0].on


def test_a_heading_says_which_way_a_street_is_driven() -> None:
    region = roads((0, 0, 400, 0, 9))
    assert snapped(region, 100, 2, EAST) == snapped(region, 100, 2, EAST + 55) == OnRoad(0, 250_000, is_headed=True)
    assert snapped(region, 100, 2, WEST) == snapped(region, 100, 2, WEST - 720) == OnRoad(1, 750_000, is_headed=True)
    assert snapped(region, 100, 2, NORTH) == snapped(region, 100, 2, None) == OnRoad(0, 250_000), "across the street fits neither way"
    assert snapped(region, 100, 2, float("nan")) == OnRoad(0, 250_000)


def test_of_two_carriageways_the_one_that_leads_there_is_taken() -> None:
    # eastwards in the south, westwards 13 m north of it
    region = roads((0, 0, 400, 0, None), (400, 12, 0, 12, None))
    assert snapped(region, 100, 5, EAST) == OnRoad(0, 250_000, is_headed=True)
    assert snapped(region, 100, 5, WEST) == OnRoad(1, 750_000, is_headed=True)
    assert snapped(region, 100, 5, None) == snapped(region, 100, 5, NORTH) == OnRoad(0, 250_000)


def test_a_road_that_fits_but_lies_much_farther_is_not_taken() -> None:
    region = roads((0, 0, 400, 0, None), (400, 30, 0, 30, None))
    assert snapped(region, 100, 5, WEST) == OnRoad(0, 250_000), "28 m against 6 m"
    assert snapped(region, 100, 10, WEST) == OnRoad(1, 750_000, is_headed=True), "22 m against 11 m"


def test_on_a_bridge_the_road_below_is_not_taken() -> None:
    region = roads((-200, 0, 200, 0, 9), (0, -200, 0, 200, 9))
    assert snapped(region, 3, 1, NORTH).edge == 2
    assert snapped(region, 1, 3, EAST).edge == 0
    assert snapped(region, 3, 1, 180.0).edge == 3


def test_one_without_a_heading_among_those_with_one() -> None:
    region = roads((0, 0, 400, 0, 9))
    place = LonLat(100 * STEP_DEG, 0.0)
    snaps = Snapper(region).snap([place, place, place], is_strong_only=False, headings_deg=[None, WEST, None])
    assert [snap.on.is_headed for snap in snaps] == [False, True, False]
    assert Snapper(region).snap([], is_strong_only=False, headings_deg=[]) == []


def headed_by_measuring(region: Region, place: LonLat, heading_deg: float, nearest: float) -> float | None:
    """Distance to the nearest street that may be driven so, by measuring them all; None where none is near enough."""
    found = []
    for edge in range(region.edges):
        lon, lat, _ = street_line(region, int(region.edge_street[edge]))
        x, y = (lon - place.lon) * cos(radians(place.lat)) * METRES_PER_DEGREE, (lat - place.lat) * METRES_PER_DEGREE
        for i in range(len(x) - 1):
            dx, dy = x[i + 1] - x[i], y[i + 1] - y[i]
            bearing = degrees(atan2(dx, dy)) + (180 if region.edge_is_against[edge] else 0)
            if hypot(dx, dy) and abs((bearing - heading_deg + 180) % 360 - 180) <= HEADING_SLACK_DEG:
                at = min(1.0, max(0.0, -(x[i] * dx + y[i] * dy) / (dx * dx + dy * dy)))
                found.append(hypot(x[i] + at * dx, y[i] + at * dy))
    return min((far for far in found if far <= nearest + HEADING_SLACK_M), default=None)


@settings(max_examples=100)
@given(regions(), st.lists(st.tuples(near_porto, st.integers(0, 359)), min_size=1, max_size=5))
def test_the_nearest_road_that_fits_is_found(region: Region, asked: list[tuple[LonLat, int]]) -> None:
    # within some ten metres of a junction, where several streets are within reach
    nodes = [region.node_place(row % region.nodes) for row in range(len(asked))]
    places = [
        LonLat(node.lon + (place.lon + 8.57) / 500, node.lat + (place.lat - 41.205) / 500)
        for node, (place, _) in zip(nodes, asked, strict=True)
    ]
    snapper, headings = Snapper(region), [heading + 0.37 for _, heading in asked]
    plain = snapper.snap(places, is_strong_only=False)
    for place, heading, nearest, snap in zip(
        places, headings, plain, snapper.snap(places, is_strong_only=False, headings_deg=headings), strict=True
    ):
        expected = headed_by_measuring(region, place, heading, nearest.distance_m)
        assert snap.on.is_headed == (expected is not None)
        if expected is None:
            assert snap == nearest
        else:
            assert snap.distance_m == pytest.approx(expected, abs=0.02, rel=1e-4)
            assert distance_m(start=place_of(region, snap.on), end=snap.place) < 0.5


def test_rows_say_from_and_to_and_null() -> None:
    region = region_of([(0, 1, 9, 9)], 2)
    here, there = region.node_place(0), region.node_place(1)
    network = RoadNetwork(region, is_compiled=False)
    rows = route_rows(network, [here], there)
    assert rows == [RouteRow(from_=here, to=there, time_ms=9, distance_m=rows[0].distance_m, snap_m=0.0, metric=network.router().metric)]
    told = msgspec.json.decode(msgspec.json.encode(RouteRow(from_=here, to=there, time_ms=None, distance_m=None, snap_m=1.5)))
    assert (told["from"], told["to"], told["snap_m"]) == ([here.lon, here.lat], [there.lon, there.lat], 1.5)
    assert told["time_ms"] is told["distance_m"] is None
    assert "geometry" not in told


def test_an_outline_keeps_its_limits(shared: Path) -> None:
    region = build_region(read_osm(shared / "data/roads/monaco/monaco.osm.pbf"), name="Monaco")
    everything = outline(region, slack_m=0.0, limit=10**9)
    assert len(everything) == region.streets
    few = outline(region, limit=500)
    assert 0 < sum(len(line) for line in few) <= 500
    main = outline(region, classes={"motorway", "primary", "secondary"}, least_m=50.0)
    assert 0 < len(main) < region.streets
    assert sum(map(len, outline(region, limit=10**9))) < 0.8 * sum(map(len, everything))
    assert all(len(line) >= 2 for line in everything)
