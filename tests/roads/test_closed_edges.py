"""What a drawn shape closes, against reckoning every street in whole numbers, and on the streets of real cities."""

from itertools import pairwise
from math import atan2, cos, degrees, radians
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from road_cases import metric_of, scipy_router, streets_of

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Ppm
from tocsin.edge.osm import read_osm
from tocsin.roads.build import build_region
from tocsin.roads.closures import NEAR_M, OPEN, ClosedShape, ClosureIndex, closures_hash
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.shapes import METRES_PER_DEGREE, place_of, street_line
from tocsin.roads.streets import to_e7
from tocsin.words import tell

# Made-up streets lie on a grid of 1/64 degree, bends and shapes on one of 1/128: whole ten-millionths that are exact in floats, so that
# "touches" means the same to whole numbers and to floats.
STEP = 1 / 128
WEST, SOUTH = -8.0, 41.0

Point = tuple[int, int]
"""Steps east and north of the corner."""

on_grid = st.tuples(st.integers(0, 16), st.integers(0, 16))


def place(point: Point) -> LonLat:
    return LonLat(WEST + point[0] * STEP, SOUTH + point[1] * STEP)


@st.composite
def grid_regions(draw: st.DrawFn) -> Region:
    """Up to six nodes, eight streets: one-ways, parallel ones, loops, some without any length."""
    nodes = draw(st.lists(on_grid, min_size=2, max_size=6))
    places = [(WEST + x // 2 * 2 * STEP, SOUTH + y // 2 * 2 * STEP) for x, y in nodes]
    node = st.integers(0, len(nodes) - 1)
    rows = draw(st.lists(st.tuples(node, node, st.just(1000), st.sampled_from([1000, None])), min_size=1, max_size=8))
    return build_region(streets_of(places, rows, draw(st.sampled_from([0.0, STEP, 5 * STEP]))), name="grid")


def points_of(region: Region, edge: int) -> list[Point]:
    """The edge's line as it is driven."""
    lon, lat, _ = street_line(region, int(region.edge_street[edge]))
    line = [(round((x - WEST) / STEP), round((y - SOUTH) / STEP)) for x, y in zip(lon, lat, strict=True)]
    return line[::-1] if region.edge_is_against[edge] else line


# The oracle: whole numbers only.


def side(a: Point, b: Point, c: Point) -> int:
    cross = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (cross > 0) - (cross < 0)


def is_between(a: Point, b: Point, c: Point) -> bool:
    """Whether c, which is on the line through a and b, is between them."""
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def do_meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two pieces have a point in common."""
    s1, s2, s3, s4 = side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
    if s1 * s2 < 0 and s3 * s4 < 0:
        return True
    ends = ((s1, a, b, c), (s2, a, b, d), (s3, c, d, a), (s4, c, d, b))
    return any(s == 0 and is_between(p, q, r) for s, p, q, r in ends)


def is_inside(ring: list[Point], point: Point) -> bool:
    """An odd number of the ring's lines lies east of a point that is not on the ring."""
    odd = False
    for a, b in pairwise(ring):
        if (a[1] > point[1]) != (b[1] > point[1]):
            odd ^= side(min(a, b, key=lambda one: one[1]), max(a, b, key=lambda one: one[1]), point) > 0
    return odd


def is_met(kind: str, drawn: list[Point], a: Point, b: Point) -> bool:
    return any(do_meet(a, b, c, d) for c, d in pairwise(drawn)) or (kind == "polygon" and is_inside(drawn, a))


def is_driven_that_way(region: Region, a: Point, b: Point, heading_deg: float | None) -> bool:
    if heading_deg is None:
        return True
    east, north = (b[0] - a[0]) * cos(radians(SOUTH + a[1] * STEP)), b[1] - a[1]
    off = abs((degrees(atan2(east, north)) - heading_deg + 180) % 360 - 180)
    return a != b and off <= 90 + 1e-6


def closed_by_hand(region: Region, kind: str, drawn: list[Point], heading_deg: float | None) -> list[int]:
    drawn = [*drawn, drawn[0]] if kind == "polygon" else drawn
    return [
        edge
        for edge in range(region.edges)
        if any(is_met(kind, drawn, a, b) and is_driven_that_way(region, a, b, heading_deg) for a, b in pairwise(points_of(region, edge)))
    ]


headings = st.none() | st.sampled_from([0.0, 90.0, 180.0, 270.0, 360.0, 45.0]) | st.floats(0.0, 360.0)


@settings(max_examples=300)
@given(grid_regions(), st.sampled_from(["line", "polygon"]), st.lists(on_grid, min_size=3, max_size=9), headings)
def test_lines_and_polygons_close_what_whole_numbers_say(region: Region, kind: str, drawn: list[Point], heading_deg: float | None) -> None:
    if len(set(drawn)) < 3:
        return
    shape = ClosedShape(kind, tuple(map(place, drawn)), heading_deg)
    assert ClosureIndex(region).closed_edges(shape).tolist() == closed_by_hand(region, kind, drawn, heading_deg)


def far_m(region: Region, street: int, at: LonLat) -> float:
    """From a place to a street."""
    lon, lat, _ = street_line(region, street)
    line = shapely.LineString(np.stack([(lon - at.lon) * cos(radians(at.lat)), lat - at.lat], axis=1) * METRES_PER_DEGREE)
    return float(line.distance(shapely.Point(0, 0)))


@settings(max_examples=150)
@given(grid_regions(), st.tuples(st.floats(-2.0, 18.0), st.floats(-2.0, 18.0)))
def test_a_point_closes_the_nearest_street_both_ways(region: Region, at: tuple[float, float]) -> None:
    here = LonLat(WEST + at[0] * STEP, SOUTH + at[1] * STEP)
    far = [far_m(region, street, here) for street in range(region.streets)]
    edges = ClosureIndex(region).closed_edges(ClosedShape("points", (here,)))
    if min(far) > NEAR_M + 0.01:
        assert edges.tolist() == []
    elif min(far) < NEAR_M - 0.01:
        (street,) = set(region.edge_street[edges].tolist())
        assert far[street] == pytest.approx(min(far), abs=0.002)
        assert edges.tolist() == np.flatnonzero(region.edge_street == street).tolist()


# By hand.

EAST_WEST = [(0.0, 0.0), (0.02, 0.0), (0.04, 0.0)]
"""Along the equator: nodes 0, 1, 2."""


def row_of(*rows: tuple[int, int, int, int | None]) -> Region:
    return build_region(streets_of(EAST_WEST, rows), name="row")


def closed(region: Region, kind: str, places: list[tuple[float, float]], heading_deg: float | None = None) -> list[int]:
    shape = ClosedShape(kind, tuple(LonLat(*one) for one in places), heading_deg)
    return ClosureIndex(region).closed_edges(shape).tolist()


def test_a_line_across_closes_one_direction_or_both() -> None:
    region = row_of((0, 1, 1000, 1000), (1, 2, 1000, 1000))
    across = [(0.01, -0.001), (0.01, 0.001)]
    assert closed(region, "line", across) == [0, 1]
    assert closed(region, "line", across, 80.0) == [0]
    assert closed(region, "line", across, 190.0) == [1]
    assert closed(region, "line", across, 360.0) == [0, 1]  # at a right angle: within 90 degrees both ways


def test_who_drives_against_the_line_is_told_from_who_drives_along() -> None:
    region = row_of((1, 0, 1000, 1000))  # drawn westwards: edge 0 drives west
    assert closed(region, "line", [(0.01, -0.001), (0.01, 0.001)], 90.0) == [1]
    assert closed(region, "line", [(0.01, -0.001), (0.01, 0.001)], 270.0) == [0]


def test_a_junction_closes_every_street_that_ends_there() -> None:
    region = row_of((0, 1, 1000, 1000), (1, 2, 1000, None))
    assert closed(region, "line", [(0.02, 0.0), (0.02, 0.001)]) == [0, 1, 2]
    assert closed(region, "points", [(0.02, 0.0)]) == [0, 1]  # equally near: the first of the region


def test_a_one_way_street_is_closed_by_a_point_if_its_direction_fits() -> None:
    region = row_of((0, 1, 1000, None))
    for heading_deg, edges in ((None, [0]), (89.0, [0]), (1.0, [0]), (270.0, []), (200.0, [])):
        assert closed(region, "points", [(0.01, 0.0005)], heading_deg) == edges


def test_the_direction_is_that_of_the_place_where_they_meet() -> None:
    hairpin = build_region(streets_of([(0.0, 0.0), (0.0002, 0.0)], [(0, 1, 1000, None)], bend=0.02), name="hairpin")
    up, down = [(-0.01, 0.01), (0.00006, 0.01)], [(0.00014, 0.01), (0.01, 0.01)]  # across one arm, then across the other
    assert closed(hairpin, "line", up, 0.0) == [0]
    assert closed(hairpin, "line", up, 180.0) == []
    assert closed(hairpin, "line", down, 180.0) == [0]
    assert closed(hairpin, "line", down, 0.0) == []
    assert closed(hairpin, "points", [(0.0001, 0.021)], 0.0) == [0]  # the bend is on both arms
    assert closed(hairpin, "points", [(0.0001, 0.021)], 180.0) == [0]
    assert closed(hairpin, "points", [(0.0, 0.001)], 180.0) == []


def test_many_points_close_each_its_own_street() -> None:
    region = row_of((0, 1, 1000, 1000), (1, 2, 1000, 1000))
    assert closed(region, "points", [(0.01, 0.001), (0.03, -0.001), (0.011, 0.0)]) == [0, 1, 2, 3]
    assert closed(region, "points", [(0.01, 0.001), (20.0, 3.0)]) == [0, 1]  # too far from any street to mean one


def test_a_street_where_nobody_may_get_on_can_be_closed_by_a_point() -> None:
    region = row_of((0, 1, 1000, 1000), (1, 2, 1000, 1000))
    shut = Region({**dict(region.items()), "node_may_join": np.zeros(region.nodes, dtype=np.uint8)}, region.header)
    assert closed(shut, "points", [(0.03, 0.0)]) == [2, 3]


def test_what_is_inside_of_a_ring_that_crosses_itself() -> None:
    region = row_of((0, 1, 1000, 1000), (1, 2, 1000, 1000))
    bow_tie = [(-0.01, -0.01), (0.03, 0.01), (0.03, -0.01), (-0.01, 0.01)]  # its knot is at (0.01, 0)
    assert closed(region, "polygon", bow_tie) == [0, 1, 2, 3]
    twice_round = [(0.019, -0.01), (0.05, -0.01), (0.05, 0.01), (0.019, 0.01), (0.018, -0.02), (0.06, -0.02), (0.06, 0.02), (0.018, 0.02)]
    assert closed(region, "polygon", twice_round) == [0, 1]  # what is within both rounds is outside; the rounds cross the first street
    flat = [(0.03, -0.01), (0.03, 0.01), (0.03, 0.02)]
    assert closed(region, "polygon", flat) == [2, 3]  # without an area it is a line


def test_across_the_antimeridian() -> None:
    streets = streets_of([(179.99, -17.0), (-179.99, -17.0), (-179.97, -17.0)], [(0, 1, 1, 1), (1, 2, 1, 1)])
    streets.point_lon_e7 = to_e7([179.99, 180.0, -179.99, -179.99, -179.98, -179.97])
    region = build_region(streets, name="Fiji")
    assert closed(region, "polygon", [(-10.0, -18.0), (10.0, -18.0), (10.0, -16.0), (-10.0, -16.0)]) == []
    assert closed(region, "line", [(-179.98, -17.1), (-179.98, -16.9)]) == [2, 3]
    assert closed(region, "polygon", [(179.98, -17.1), (-179.995, -17.1), (-179.995, -16.9), (179.98, -16.9)]) == [0, 1]


def test_what_cannot_be_drawn_is_said_plainly() -> None:
    region = row_of((0, 1, 1000, 1000))
    for kind, places in (("points", []), ("line", [(0.01, 0.0)] * 2), ("polygon", [(0.01, 0.0), (0.0, 0.0), (0.01, 0.0)])):
        with pytest.raises(BadInput, match="closure_shape") as caught:
            closed(region, kind, places)
        assert kind in tell(caught.value)
    for nowhere in ((181.0, 0.0), (0.0, float("nan"))):
        with pytest.raises(BadInput, match="coordinates"):
            closed(region, "points", [nowhere])


def test_several_shapes_together() -> None:
    region = row_of((0, 1, 1000, 1000), (1, 2, 1000, 1000))
    index = ClosureIndex(region)
    first, second = (ClosedShape("points", (LonLat(lon, 0.0),), 90.0) for lon in (0.03, 0.01))
    assert index.all_closed([first, second, first]).tolist() == [0, 2]
    assert index.all_closed([]).tolist() == []


def test_the_hash_is_of_the_set() -> None:
    assert closures_hash(np.array([], dtype=np.int64)) == OPEN == "open"
    assert closures_hash(np.array([7, 3, 3], dtype=np.int32)) == closures_hash(np.array([3, 7])) == "761b59d486d9"
    assert closures_hash(np.array([3])) != closures_hash(np.array([7]))


def test_who_drives_that_way_goes_round() -> None:
    places = [(0.0, 0.0), (0.04, 0.0), (0.02, 0.02)]
    region = build_region(streets_of(places, [(0, 1, 1000, 1000), (0, 2, 900, 900), (2, 1, 900, 900)]), name="triangle")
    across = [(0.02, -0.001), (0.02, 0.001)]
    west, east = OnRoad(2, Ppm(0)), OnRoad(4, Ppm(1_000_000))
    for heading_deg, eastwards_ms, westwards_ms in ((90.0, 1800, 1000), (270.0, 1000, 1800), (None, 1800, 1800)):
        router = scipy_router(region, metric_of(region, closed=closed(region, "line", across, heading_deg)))
        assert (router.times_to(east, [west]), router.times_to(west, [east])) == ([eastwards_ms], [westwards_ms])


# Real streets.


@pytest.fixture(scope="module")
def porto(shared: Path) -> Region:
    return build_region(read_osm(shared / "data/roads/porto/porto_portugal.osm.pbf"), name="Porto")


@pytest.fixture(scope="module")
def index(porto: Region) -> ClosureIndex:
    return ClosureIndex(porto)


def lines_of(region: Region) -> np.ndarray:
    points = np.stack([region.point_lon_e7, region.point_lat_e7], axis=1) / 1e7
    return shapely.linestrings(points, indices=np.repeat(np.arange(region.streets), np.diff(region.street_start)))


def star(count: int, step: int, width_deg: float) -> tuple[LonLat, ...]:
    """A star over Porto: with a step above 1 its ring crosses itself again and again."""
    turn = np.arange(count) * step * 2 * np.pi / count
    lon, lat = (-8.61 + width_deg * np.cos(turn)).tolist(), (41.15 + width_deg * np.sin(turn)).tolist()
    return tuple(LonLat(x, y) for x, y in zip(lon, lat, strict=True))


@pytest.mark.parametrize(("count", "step"), [(1000, 1), (5, 2), (101, 40)])
def test_porto_against_every_street_one_by_one(porto: Region, index: ClosureIndex, count: int, step: int) -> None:
    ring = star(count, step, 0.02)
    made_valid = shapely.make_valid(shapely.Polygon([(one.lon, one.lat) for one in ring]))
    streets = np.flatnonzero([line.intersects(made_valid) for line in lines_of(porto)])
    edges = index.closed_edges(ClosedShape("polygon", ring))
    assert len(streets) > 500
    assert edges.tolist() == np.flatnonzero(np.isin(porto.edge_street, streets)).tolist()


def test_both_directions_are_one_and_the_other(index: ClosureIndex) -> None:
    ring = star(101, 40, 0.02)
    whole = index.closed_edges(ClosedShape("polygon", ring))
    north, south = (index.closed_edges(ClosedShape("polygon", ring, heading_deg)) for heading_deg in (30.0, 210.0))
    assert np.union1d(north, south).tolist() == whole.tolist()
    assert 0.4 < len(north) / len(whole) < 0.8


def test_each_carriageway_of_a_motorway_is_closed_by_itself(porto: Region, index: ClosureIndex) -> None:
    motorway = porto.header.classes.index("motorway")
    edges = np.flatnonzero((porto.edge_class == motorway) & (porto.edge_twin < 0) & (porto.edge_cm > 20_000))
    assert len(edges) > 50
    alone = 0
    for edge in edges[:50].tolist():
        here, ahead = (place_of(porto, OnRoad(edge, ppm)) for ppm in (500_000, 500_100))
        bearing = degrees(atan2((ahead.lon - here.lon) * cos(radians(here.lat)), ahead.lat - here.lat)) % 360
        with_it = index.closed_edges(ClosedShape("points", (here,), bearing)).tolist()
        against_it = index.closed_edges(ClosedShape("points", (here,), (bearing + 180) % 360)).tolist()
        alone += (with_it, against_it) == ([edge], [])
    assert alone >= 48  # where another road passes over the middle within a centimetre, that one may be the nearest


def test_liechtenstein_cut_along_a_line(shared: Path) -> None:
    region = build_region(read_osm(shared / "data/roads/liechtenstein/liechtenstein.osm.pbf"), name="Liechtenstein")
    cut = ((9.45, 47.16), (9.51, 47.17), (9.65, 47.15))
    edges = ClosureIndex(region).closed_edges(ClosedShape("line", tuple(LonLat(*one) for one in cut)))
    streets = np.flatnonzero([line.intersects(shapely.LineString(cut)) for line in lines_of(region)])
    assert edges.tolist() == np.flatnonzero(np.isin(region.edge_street, streets)).tolist()
    assert len(streets) > 10


def test_ten_thousand_places_in_a_scribble_are_no_trouble(index: ClosureIndex, porto: Region) -> None:
    """Such a ring crosses itself millions of times: nothing may be done for each of its crossings."""
    dice = np.random.default_rng(5)
    lon, lat = dice.uniform(-8.66, -8.56, 10_000).tolist(), dice.uniform(41.12, 41.18, 10_000).tolist()
    ring = tuple(LonLat(x, y) for x, y in zip(lon, lat, strict=True))
    edges = index.closed_edges(ClosedShape("polygon", ring))
    assert 5_000 < len(edges) < porto.edges
    points = index.closed_edges(ClosedShape("points", ring))
    assert 1_000 < len(points) < porto.edges
