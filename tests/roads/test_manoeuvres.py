"""What to do on the way."""

from pathlib import Path

import numpy as np
import pytest
from road_cases import ROUTERS, metric_of, region_of, streets_of

from tocsin.base.quantities import Ppm
from tocsin.edge.osm import read_osm
from tocsin.roads.build import build_region
from tocsin.roads.manoeuvres import manoeuvres, turn_of
from tocsin.roads.network import RoadNetwork
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.region import Region

NORTH, EAST, SOUTH, WEST, MIDDLE = (0.0, 0.01), (0.01, 0.0), (0.0, -0.01), (-0.01, 0.0), (0.0, 0.0)


@pytest.fixture(scope="module")
def cross() -> Region:
    """Four streets that meet in the middle, node 0; nodes 1 to 4 lie north, east, south, west."""
    rows = [(0, node, 60_000, 60_000) for node in (1, 2, 3, 4)]
    return build_region(streets_of([MIDDLE, NORTH, EAST, SOUTH, WEST], rows), name="cross")


@pytest.mark.parametrize(("start", "end", "turn"), [(3, 2, "right"), (3, 4, "left"), (4, 1, "left"), (1, 4, "right"), (2, 3, "left")])
def test_a_turn_at_a_crossing_is_told_by_its_side(cross: Region, start: int, end: int, turn: str) -> None:
    network = RoadNetwork(cross)
    into, out = (int(np.flatnonzero(cross.edge_tail == start)[0]), int(np.flatnonzero(cross.edge_head == end)[0]))
    route = network.router().route(OnRoad(into, Ppm(500_000)), OnRoad(out, Ppm(500_000)))
    assert route is not None
    told = manoeuvres(cross, route)
    assert [one.turn for one in told] == ["depart", turn, "arrive"]
    assert [one.time_ms for one in told] == [30_000, 30_000, 0]
    assert told[1].place == cross.node_place(0)


@pytest.mark.parametrize(
    ("turned_deg", "turn"),
    [(0, "straight_on"), (-19, "straight_on"), (30, "slight_right"), (-30, "slight_left"), (90, "right"), (-90, "left"),
     (150, "sharp_right"), (-150, "sharp_left"), (180, "turn_round"), (-170, "turn_round")],
)  # fmt: skip
def test_angles_have_words(turned_deg: float, turn: str) -> None:
    assert turn_of(turned_deg) == turn


def test_a_way_of_no_length_is_there_already() -> None:
    region = region_of([(0, 1, 1_000, 1_000)], 2)
    route = RoadNetwork(region).router().route(OnRoad(0, Ppm(5)), OnRoad(0, Ppm(5)))
    assert route is not None
    assert [one.turn for one in manoeuvres(region, route)] == ["arrive"]


def test_the_steps_of_real_routes_add_up_to_the_route(shared: Path) -> None:
    region = build_region(read_osm(shared / "data/roads/liechtenstein/liechtenstein.osm.pbf"), name="Liechtenstein")
    router, dice = RoadNetwork(region).router(), np.random.default_rng(3)
    told_in_all = 0
    for start, end in dice.integers(0, region.edges, (40, 2)).tolist():
        route = router.route(OnRoad(start, Ppm(250_000)), OnRoad(end, Ppm(WHOLE_PPM // 2)))
        if route is None:
            continue
        told = manoeuvres(region, route)
        assert sum(one.time_ms for one in told) == route.time_ms == sum(route.edge_ms)
        assert sum(one.distance_m for one in told) == pytest.approx(route.distance_m, abs=0.1 * len(told))
        assert (told[0].turn, told[-1].turn) == ("depart", "arrive")
        assert "depart" not in [one.turn for one in told[1:]]
        told_in_all += len(told)
    assert told_in_all > 200


def test_who_sets_out_at_a_signal_waits_there_first() -> None:
    region = region_of([(0, 1, 1_000, None), (1, 2, 500, None)], 3)
    for make in ROUTERS:
        router = make(region, metric_of(region, wait_ms={0: 700}))
        route = router.route(OnRoad(0, Ppm(WHOLE_PPM)), OnRoad(1, Ppm(WHOLE_PPM)))
        assert route is not None
        assert (route.time_ms, route.edge_ms) == (1_200, (1_200,))
