"""The router against hand-made cases and against an oracle that has the points as nodes."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from road_cases import positions, region_of, regions
from road_oracle import time_ms, with_points

from tocsin.base.geometry import distance_m
from tocsin.base.quantities import Millis, Ppm
from tocsin.edge.osm import read_osm
from tocsin.roads.build import build_region
from tocsin.roads.dijkstra import UNREACHABLE, DijkstraRouter
from tocsin.roads.position import OnRoad, part_ms, ppm_at
from tocsin.roads.region_file import open_region, write_region
from tocsin.roads.shapes import place_of

QUARTER, HALF, THREE_QUARTERS = Ppm(250_000), Ppm(500_000), Ppm(750_000)


def one_time(router: DijkstraRouter, source: OnRoad, target: OnRoad) -> int | None:
    return router.times_to(target, [source])[0]


def test_ahead_on_a_one_way_street_is_driven_straight_on() -> None:
    router = DijkstraRouter(region_of([(0, 1, 1_000, None)], 2))
    assert one_time(router, OnRoad(0, QUARTER), OnRoad(0, THREE_QUARTERS)) == 500


def test_behind_on_a_one_way_street_means_going_round() -> None:
    # 0 -> 1 one-way, 1 -> 2 -> 0 closes the block
    router = DijkstraRouter(region_of([(0, 1, 1_000, None), (1, 2, 300, None), (2, 0, 200, None)], 3))
    route = router.route(OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER))
    assert route is not None
    assert route.time_ms == 250 + 300 + 200 + 250
    assert route.edges == (0, 1, 2, 0)


def test_behind_on_a_one_way_street_that_leads_nowhere_is_unreachable() -> None:
    router = DijkstraRouter(region_of([(0, 1, 1_000, None)], 2))
    assert one_time(router, OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER)) is None
    assert router.route(OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER)) is None
    assert router.along(OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER), Millis(10)) is None


def test_a_two_way_street_is_driven_either_way_each_at_its_own_speed() -> None:
    router = DijkstraRouter(region_of([(0, 1, 1_000, 4_000)], 2))
    assert one_time(router, OnRoad(0, QUARTER), OnRoad(0, THREE_QUARTERS)) == 500
    back = router.route(OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER))
    assert back is not None
    assert (back.time_ms, back.edges) == (2_000, (1,))
    # the same place said as a place on the twin
    assert one_time(router, OnRoad(1, QUARTER), OnRoad(1, THREE_QUARTERS)) == 2_000
    assert one_time(router, OnRoad(0, THREE_QUARTERS), OnRoad(1, THREE_QUARTERS)) == 2_000
    assert one_time(router, OnRoad(0, QUARTER), OnRoad(1, THREE_QUARTERS)) == 0


def test_going_round_is_taken_where_it_is_quicker_than_straight_on() -> None:
    # a slow street 0-1, a quick one beside it
    router = DijkstraRouter(region_of([(0, 1, 100_000, 100_000), (0, 1, 10, 10)], 2))
    route = router.route(OnRoad(0, Ppm(1_000)), OnRoad(0, Ppm(999_000)))
    assert route is not None
    assert (route.time_ms, route.edges) == (100 + 10 + 100, (1, 2, 1))


def test_of_parallel_streets_the_quickest_is_driven() -> None:
    router = DijkstraRouter(region_of([(0, 1, 10, None), (1, 2, 900, None), (1, 2, 300, None), (1, 2, 400, None), (2, 3, 10, None)], 4))
    route = router.route(OnRoad(0, Ppm(0)), OnRoad(4, Ppm(1_000_000)))
    assert route is not None
    assert (route.time_ms, route.edges) == (320, (0, 2, 4))


def test_a_place_on_a_loop_is_reached_by_either_side_of_it() -> None:
    # the loop hangs on node 1 and may be driven both ways
    router = DijkstraRouter(region_of([(0, 1, 100, 100), (1, 1, 1_000, 1_000)], 2))
    assert one_time(router, OnRoad(0, Ppm(0)), OnRoad(2, QUARTER)) == 100 + 250
    assert one_time(router, OnRoad(0, Ppm(0)), OnRoad(2, THREE_QUARTERS)) == 100 + 250
    assert one_time(router, OnRoad(2, THREE_QUARTERS), OnRoad(2, QUARTER)) == 500


def test_an_island_is_unreachable_and_said_so() -> None:
    router = DijkstraRouter(region_of([(0, 1, 100, 100), (2, 3, 100, 100)], 4))
    assert router.times_to(OnRoad(0, HALF), [OnRoad(2, HALF), OnRoad(1, HALF)]) == [None, 0]
    edges, along, is_headed = np.array([2, 1]), np.array([HALF, HALF]), np.array([False, False])
    assert router.times_from(OnRoad(0, HALF), edges, along, is_headed).tolist() == [UNREACHABLE, 0]


def test_no_sources_give_no_times() -> None:
    assert DijkstraRouter(region_of([(0, 1, 100, 100)], 2)).times_to(OnRoad(0, HALF), []) == []


def test_a_route_of_no_length_is_a_route() -> None:
    router = DijkstraRouter(region_of([(0, 1, 100, 100)], 2))
    route = router.route(OnRoad(0, HALF), OnRoad(1, HALF))
    assert route is not None
    assert (route.time_ms, route.distance_m, route.edges, len(route.coordinates)) == (0, 0.0, (), 2)


@given(st.integers(1, 1_000_000), st.data())
def test_fractions_give_their_milliseconds_back(edge_ms: int, data: st.DataObject) -> None:
    ms = data.draw(st.integers(0, edge_ms))
    assert part_ms(edge_ms, ppm_at(edge_ms, ms)) == ms


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_times_routes_and_places_along_agree_with_the_oracle(data: st.DataObject) -> None:
    region = data.draw(regions())
    router = DijkstraRouter(region)
    target = data.draw(positions(region))
    sources = data.draw(st.lists(positions(region), min_size=1, max_size=4))
    times = router.times_to(target, sources)
    for source, ms in zip(sources, times, strict=True):
        assert ms == time_ms(with_points(region, {"from": source, "to": target}), "from", "to")
        check_drive(router, source, target, ms)


def check_drive(router: DijkstraRouter, source: OnRoad, target: OnRoad, ms: int | None) -> None:
    """Route and places along it say the same as the time."""
    region, route = router.region, router.route(source, target)
    assert (route.time_ms if route else None) == ms
    if route is None or ms is None:
        return
    for edge, onward in zip(route.edges, route.edges[1:], strict=False):
        assert region.edge_head[edge] == region.edge_tail[onward]
    assert distance_m(start=route.coordinates[0], end=place_of(region, source)) < 0.1
    assert distance_m(start=route.coordinates[-1], end=place_of(region, target)) < 0.1
    line_m = sum(distance_m(start=start, end=end) for start, end in zip(route.coordinates, route.coordinates[1:], strict=False))
    assert line_m == pytest.approx(route.distance_m, abs=0.3 + 0.05 * len(route.edges), rel=1e-3)
    for elapsed in {0, 1, ms // 3, ms // 2, ms - 1} & set(range(ms + 1)):
        there = router.along(source, target, Millis(elapsed))
        assert there is not None
        assert router.times_to(target, [there]) == [ms - elapsed]
    assert router.along(source, target, Millis(ms + 1)) == router.along(source, target, Millis(ms + 10_000)) == target


def test_a_real_city_agrees_with_the_oracle(shared: Path) -> None:
    region = build_region(read_osm(shared / "data/roads/monaco/monaco.osm.pbf"), name="Monaco")
    router = DijkstraRouter(region)
    dice = np.random.default_rng(7)
    compared = 0
    for _ in range(12):
        edges, along = dice.integers(0, region.edges, 6).tolist(), dice.integers(0, 1_000_001, 6).tolist()
        target, *sources = (OnRoad(edge, Ppm(at)) for edge, at in zip(edges, along, strict=True))
        for source, ms in zip(sources, router.times_to(target, sources), strict=True):
            assert ms == time_ms(with_points(region, {"from": source, "to": target}), "from", "to")
            check_drive(router, source, target, ms)
            compared += ms is not None
    assert compared > 40


def test_the_same_streets_give_the_same_metric() -> None:
    rows = [(0, 1, 100, 100), (1, 2, 50, None)]
    one, other, changed = (DijkstraRouter(region_of(row, 3)) for row in (rows, rows, [(0, 1, 101, 100), (1, 2, 50, None)]))
    assert one.metric == other.metric
    assert one.metric != changed.metric
    assert one.metric.endswith(".posted-2.any.lights.all.open")


def test_threads_share_a_router(shared: Path) -> None:
    region = build_region(read_osm(shared / "data/roads/monaco/monaco.osm.pbf"), name="Monaco")
    sources = [OnRoad(edge, HALF) for edge in range(0, region.edges, 97)]
    targets = [OnRoad(edge, QUARTER) for edge in range(0, region.edges, 150)]
    alone = DijkstraRouter(region)
    expected = [alone.times_to(target, sources) for target in targets]
    # one tree is kept: the threads push each other out all the time
    router = DijkstraRouter(region, trees_kept=1)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda target: router.times_to(target, sources), targets)) == expected


def test_a_region_from_a_file_gives_the_same_times(tmp_path: Path) -> None:
    region = region_of([(0, 1, 1_000, 700), (1, 2, 300, None), (2, 0, 200, None)], 3)
    write_region(region, tmp_path / "town.region")
    opened = DijkstraRouter(open_region(tmp_path / "town.region"))
    made = DijkstraRouter(region)
    sources = [OnRoad(edge, QUARTER) for edge in range(region.edges)]
    assert opened.metric == made.metric
    for edge in range(region.edges):
        assert opened.times_to(OnRoad(edge, HALF), sources) == made.times_to(OnRoad(edge, HALF), sources)


def test_a_position_travels_as_a_short_list() -> None:
    on = OnRoad(12, HALF)
    assert msgspec.json.encode(on) == b"[12,500000,false]"
    assert msgspec.json.decode(b"[12,500000,false]", type=OnRoad) == on
