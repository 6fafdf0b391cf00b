"""Routers against hand-made cases that read like sentences, and against an oracle that drives from edge to edge."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from road_cases import ROUTERS, Make, metric_of, metrics, positions, region_of, regions, restricted_regions, with_turns
from road_oracle import Driven, Oracle

from tocsin.base.geometry import distance_m
from tocsin.base.quantities import Millis, Ppm
from tocsin.edge.osm import read_osm
from tocsin.roads.build import build_region
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.drives import UNREACHABLE, DriveRouter
from tocsin.roads.position import WHOLE_PPM, OnRoad, part_ms, ppm_at
from tocsin.roads.region import Region
from tocsin.roads.region_file import open_region, write_region
from tocsin.roads.shapes import place_of

QUARTER, HALF, THREE_QUARTERS, END = Ppm(250_000), Ppm(500_000), Ppm(750_000), Ppm(WHOLE_PPM)

every_router = pytest.mark.parametrize("make", ROUTERS, ids=lambda make: make.__name__)


def made(make: Make, region: Region) -> DriveRouter:
    """Nothing closed, no waiting."""
    return make(region, metric_of(region))


def one_time(router: DriveRouter, source: OnRoad, target: OnRoad) -> int | None:
    return router.times_to(target, [source])[0]


@every_router
def test_ahead_on_a_one_way_street_is_driven_straight_on(make: Make) -> None:
    router = made(make, region_of([(0, 1, 1_000, None)], 2))
    assert one_time(router, OnRoad(0, QUARTER), OnRoad(0, THREE_QUARTERS)) == 500


@every_router
def test_behind_on_a_one_way_street_means_going_round(make: Make) -> None:
    # 0 -> 1 one-way, 1 -> 2 -> 0 closes the block
    router = made(make, region_of([(0, 1, 1_000, None), (1, 2, 300, None), (2, 0, 200, None)], 3))
    route = router.route(OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER))
    assert route is not None
    assert route.time_ms == 250 + 300 + 200 + 250
    assert route.edges == (0, 1, 2, 0)


@every_router
def test_behind_on_a_one_way_street_that_leads_nowhere_is_unreachable(make: Make) -> None:
    router = made(make, region_of([(0, 1, 1_000, None)], 2))
    assert one_time(router, OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER)) is None
    assert router.route(OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER)) is None
    assert router.along(OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER), Millis(10)) is None


@every_router
def test_a_two_way_street_is_driven_either_way_each_at_its_own_speed(make: Make) -> None:
    router = made(make, region_of([(0, 1, 1_000, 4_000)], 2))
    assert one_time(router, OnRoad(0, QUARTER), OnRoad(0, THREE_QUARTERS)) == 500
    back = router.route(OnRoad(0, THREE_QUARTERS), OnRoad(0, QUARTER))
    assert back is not None
    assert (back.time_ms, back.edges) == (2_000, (1,))
    # the same place said as a place on the twin
    assert one_time(router, OnRoad(1, QUARTER), OnRoad(1, THREE_QUARTERS)) == 2_000
    assert one_time(router, OnRoad(0, THREE_QUARTERS), OnRoad(1, THREE_QUARTERS)) == 2_000
    assert one_time(router, OnRoad(0, QUARTER), OnRoad(1, THREE_QUARTERS)) == 0


@every_router
def test_going_round_is_taken_where_it_is_quicker_than_straight_on(make: Make) -> None:
    # a slow street 0-1, a quick one beside it
    router = made(make, region_of([(0, 1, 100_000, 100_000), (0, 1, 10, 10)], 2))
    route = router.route(OnRoad(0, Ppm(1_000)), OnRoad(0, Ppm(999_000)))
    assert route is not None
    assert (route.time_ms, route.edges) == (100 + 10 + 100, (1, 2, 1))


@every_router
def test_of_parallel_streets_the_quickest_is_driven(make: Make) -> None:
    router = made(make, region_of([(0, 1, 10, None), (1, 2, 900, None), (1, 2, 300, None), (1, 2, 400, None), (2, 3, 10, None)], 4))
    route = router.route(OnRoad(0, Ppm(0)), OnRoad(4, Ppm(1_000_000)))
    assert route is not None
    assert (route.time_ms, route.edges) == (320, (0, 2, 4))


@every_router
def test_a_place_on_a_loop_is_reached_by_either_side_of_it(make: Make) -> None:
    # the loop hangs on node 1 and may be driven both ways
    router = made(make, region_of([(0, 1, 100, 100), (1, 1, 1_000, 1_000)], 2))
    assert one_time(router, OnRoad(0, Ppm(0)), OnRoad(2, QUARTER)) == 100 + 250
    assert one_time(router, OnRoad(0, Ppm(0)), OnRoad(2, THREE_QUARTERS)) == 100 + 250
    assert one_time(router, OnRoad(2, THREE_QUARTERS), OnRoad(2, QUARTER)) == 500


@every_router
def test_an_island_is_unreachable_and_said_so(make: Make) -> None:
    router = made(make, region_of([(0, 1, 100, 100), (2, 3, 100, 100)], 4))
    assert router.times_to(OnRoad(0, HALF), [OnRoad(2, HALF), OnRoad(1, HALF)]) == [None, 0]
    edges, along, is_headed = np.array([2, 1]), np.array([HALF, HALF]), np.array([False, False])
    assert router.times_from(OnRoad(0, HALF), edges, along, is_headed).tolist() == [UNREACHABLE, 0]


@every_router
def test_no_sources_give_no_times(make: Make) -> None:
    assert made(make, region_of([(0, 1, 100, 100)], 2)).times_to(OnRoad(0, HALF), []) == []


@every_router
def test_a_route_of_no_length_is_a_route(make: Make) -> None:
    router = made(make, region_of([(0, 1, 100, 100)], 2))
    route = router.route(OnRoad(0, HALF), OnRoad(1, HALF))
    assert route is not None
    assert (route.time_ms, route.distance_m, route.edges, len(route.coordinates)) == (0, 0.0, (), 2)


@every_router
def test_of_equal_ways_straight_on_goes_before_ahead_and_ahead_before_turning_round(make: Make) -> None:
    # round the block 0-1-2 is as quick either way from the middle of the side opposite to the target
    router = made(make, region_of([(0, 1, 200, 200), (1, 2, 100, 100), (2, 0, 100, 100)], 3))
    route = router.route(OnRoad(0, HALF), OnRoad(2, END))
    assert route is not None
    assert (route.time_ms, route.edges) == (200, (0, 2))
    # slow eastwards: back, along a quick street beside it, and back again takes as long
    beside = made(make, region_of([(0, 1, 400, 200), (0, 1, 100, 100)], 2))
    straight = beside.route(OnRoad(0, QUARTER), OnRoad(0, THREE_QUARTERS))
    assert straight is not None
    assert (straight.time_ms, straight.edges) == (200, (0,))


def crossing() -> Region:
    """Node 1 in the middle: 0 in the south, 2 ahead, 3 to the left, 4 to the right. Edges 0/1 to 0-1, 2/3 to 1-2, 4/5 to 1-3, 6/7 to 1-4.
    From 2 one comes to 3 by a long way round, edges 8/9."""
    return region_of([(0, 1, 100, 100), (1, 2, 100, 100), (1, 3, 100, 100), (1, 4, 300, 300), (2, 3, 900, 900)], 5)


@every_router
def test_no_left_turn_sends_one_round_the_next_best_way(make: Make) -> None:
    region = crossing()
    source, target = OnRoad(0, HALF, is_headed=True), OnRoad(4, HALF)
    assert one_time(made(make, region), source, target) == 50 + 50
    route = made(make, with_turns(region, ([0, 4], False))).route(source, target)
    assert route is not None
    # ahead, turn round at the next junction, then to the right
    assert (route.time_ms, route.edges) == (50 + 100 + 100 + 50, (0, 2, 3, 4))


@every_router
def test_who_begins_at_the_junction_is_bound_by_no_turn(make: Make) -> None:
    router = made(make, with_turns(region_of([(0, 1, 100, None), (1, 2, 100, None)], 3), ([0, 1], False)))
    assert one_time(router, OnRoad(1, Ppm(0)), OnRoad(1, HALF)) == 50
    assert one_time(router, OnRoad(0, END), OnRoad(1, HALF)) is None


@every_router
def test_only_to_the_right_forbids_ahead_and_left_and_turning_round(make: Make) -> None:
    router = made(make, with_turns(crossing(), ([0, 6], True)))
    source = OnRoad(0, HALF, is_headed=True)
    targets = [OnRoad(6, HALF), OnRoad(2, HALF), OnRoad(4, HALF), OnRoad(1, HALF)]
    # all but the first turn round behind the corner; the last stands where the source began
    assert router.times_between([source], targets).tolist() == [[50 + 150, 50 + 600 + 50, 50 + 600 + 50, 0]]
    beyond = OnRoad(1, THREE_QUARTERS)
    assert one_time(router, OnRoad(0, HALF, is_headed=True), beyond) == 50 + 600 + 75


@every_router
def test_only_ahead_or_right_allows_both(make: Make) -> None:
    router = made(make, with_turns(crossing(), ([0, 6], True), ([0, 2], True)))
    source = OnRoad(0, HALF, is_headed=True)
    assert router.times_between([source], [OnRoad(6, HALF), OnRoad(2, HALF), OnRoad(4, HALF)]).tolist() == [[200, 100, 300]]


@every_router
def test_no_turning_round_at_a_dead_end_means_staying_there(make: Make) -> None:
    router = made(make, with_turns(region_of([(0, 1, 100, 100), (1, 2, 100, 100)], 3), ([2, 3], False)))
    assert one_time(router, OnRoad(2, HALF, is_headed=True), OnRoad(0, HALF)) is None
    assert one_time(router, OnRoad(2, HALF), OnRoad(0, HALF)) == 100, "its heading is unknown: it may face the other way"


@every_router
def test_a_turn_by_way_of_a_street_binds_only_who_came_from_there(make: Make) -> None:
    # a dual carriageway: in by 0, across by 1, back by 2 is forbidden; 3 joins the crossing from the side
    rows = [(0, 1, 100, None), (1, 2, 100, None), (2, 3, 100, None), (4, 1, 100, None), (2, 5, 400, None), (5, 3, 400, None)]
    router = made(make, with_turns(region_of(rows, 6), ([0, 1, 2], False)))
    target = OnRoad(2, END)
    assert one_time(router, OnRoad(3, HALF), target) == 50 + 100 + 100
    assert one_time(router, OnRoad(0, HALF), target) == 50 + 100 + 400 + 400
    assert one_time(router, OnRoad(1, HALF), target) == 50 + 100, "whence it came is not known"


@every_router
def test_a_restriction_that_begins_within_another_one_is_remembered(make: Make) -> None:
    # a row 0 - 1 - 2 - 3 - 4; who comes from 0 over 2 leaves the one restriction by 4, and is on the other
    rows = [(0, 1, 100, 100), (1, 2, 100, 100), (2, 3, 100, 100), (3, 4, 100, 100)]
    router = made(make, with_turns(region_of(rows, 5), ([0, 2, 3], False), ([2, 4, 6], False)))
    # it turns round at 3 and at 2
    assert one_time(router, OnRoad(0, HALF, is_headed=True), OnRoad(6, HALF)) == 50 + 100 + 100 + 100 + 100 + 50


@every_router
def test_who_waits_for_green_waits_when_it_leaves_by_that_end_only(make: Make) -> None:
    region = region_of([(0, 1, 100, 100), (1, 2, 100, 100)], 3)
    router = make(region, metric_of(region, wait_ms={0: 40, 3: 70}))
    assert one_time(router, OnRoad(0, HALF), OnRoad(2, HALF)) == 50 + 40 + 50
    assert one_time(router, OnRoad(2, HALF), OnRoad(0, HALF)) == 50 + 70 + 50
    assert one_time(router, OnRoad(0, HALF), OnRoad(0, END)) == 50, "who stops before the signal does not wait for it"
    assert one_time(router, OnRoad(0, END), OnRoad(2, HALF)) == 40 + 50
    route = router.route(OnRoad(0, END), OnRoad(2, HALF))
    assert route is not None
    assert (route.time_ms, route.edges) == (90, (2,))
    assert router.along(OnRoad(0, HALF), OnRoad(2, HALF), Millis(50 + 39)) == OnRoad(0, END)
    assert router.along(OnRoad(0, HALF), OnRoad(2, HALF), Millis(50 + 40 + 25)) == OnRoad(2, QUARTER)


@every_router
def test_a_closed_street_is_left_and_driven_to_but_not_through(make: Make) -> None:
    region = region_of([(0, 1, 100, 100), (1, 2, 100, 100), (2, 3, 100, 100)], 4)
    router = make(region, metric_of(region, closed=[2, 3]))
    assert one_time(router, OnRoad(0, HALF), OnRoad(4, HALF)) is None
    assert one_time(router, OnRoad(0, HALF), OnRoad(2, HALF)) == 50 + 50
    assert one_time(router, OnRoad(4, HALF), OnRoad(2, HALF)) == 50 + 50
    assert router.times_to(OnRoad(0, HALF), [OnRoad(2, HALF), OnRoad(3, QUARTER)]) == [100, 75 + 50]
    assert one_time(router, OnRoad(2, QUARTER), OnRoad(2, THREE_QUARTERS)) == 50


@every_router
def test_who_is_headed_does_not_turn_round_in_mid_street(make: Make) -> None:
    router = made(make, region_of([(0, 1, 100, 100), (1, 2, 100, 100)], 3))
    ahead, any_way = OnRoad(2, HALF, is_headed=True), OnRoad(2, HALF)
    assert router.times_to(OnRoad(0, HALF), [any_way, ahead]) == [100, 50 + 100 + 50]
    # straight on only ahead, too; a target has no heading
    assert router.times_to(OnRoad(2, QUARTER), [any_way, ahead]) == [25, 50 + 75]
    assert one_time(router, ahead, OnRoad(3, QUARTER)) == 25
    assert router.along(ahead, OnRoad(0, HALF), Millis(20)) == OnRoad(2, Ppm(700_000), is_headed=True)


@given(st.integers(1, 1_000_000), st.data())
def test_fractions_give_their_milliseconds_back(edge_ms: int, data: st.DataObject) -> None:
    ms = data.draw(st.integers(0, edge_ms))
    assert part_ms(edge_ms, ppm_at(edge_ms, ms)) == ms


@every_router
@settings(max_examples=400)
@given(st.data())
def test_times_routes_and_places_along_agree_with_the_oracle(make: Make, data: st.DataObject) -> None:
    region = data.draw(st.one_of(regions(), restricted_regions()))
    metric = data.draw(metrics(region))
    router, oracle = make(region, metric), Oracle(region, metric)
    targets = data.draw(st.lists(positions(region), min_size=1, max_size=2))
    sources = data.draw(st.lists(positions(region), min_size=1, max_size=4))
    table = router.times_between(sources, targets)
    for column, target in enumerate(targets):
        times = router.times_to(target, sources)
        assert [UNREACHABLE if ms is None else ms for ms in times] == table[:, column].tolist()
        for source, ms in zip(sources, times, strict=True):
            assert ms == oracle.time_ms(source, target)
            check_drive(router, oracle, source, target, ms)


@every_router
@settings(max_examples=150)
@given(st.data())
def test_times_from_nodes_agree_with_the_oracle(make: Make, data: st.DataObject) -> None:
    region = data.draw(restricted_regions())
    metric = data.draw(metrics(region))
    router, oracle, target = make(region, metric), Oracle(region, metric), data.draw(positions(region))
    found = [None if ms == UNREACHABLE else ms for ms in router.node_times_to(target).tolist()]
    assert len(found) == router.graph.states
    assert found[: region.nodes] == [oracle.time_from_ms((), node, target) for node in range(region.nodes)]
    for edge, state in enumerate(router.graph.edge_head_state.tolist()):
        assert found[state] == oracle.time_from_ms((edge,), int(region.edge_head[edge]), target)


@every_router
@settings(max_examples=150)
@given(st.data())
def test_times_to_nodes_agree_with_the_oracle(make: Make, data: st.DataObject) -> None:
    region = data.draw(restricted_regions())
    metric = data.draw(metrics(region))
    router, sources = make(region, metric), data.draw(st.lists(positions(region), min_size=1, max_size=3))
    least: dict[int, int] = {}
    for node, ms in zip(router.graph.state_node.tolist(), router.node_times_from(sources).tolist(), strict=True):
        if ms != UNREACHABLE:
            least[node] = min(ms, least.get(node, ms))
    assert least == Oracle(region, metric).node_times_ms(sources)


def check_drive(router: DriveRouter, oracle: Oracle, source: OnRoad, target: OnRoad, ms: int | None) -> None:
    """Route and places along it say the same as the time, and the drive is lawful."""
    region, route = router.region, router.route(source, target)
    assert (route.time_ms if route else None) == ms
    if route is None or ms is None:
        return
    drives = [drive for drive in oracle.readings(source, target, route.edges) if sum(part.drive_ms + part.wait_ms for part in drive) == ms]
    assert drives
    assert distance_m(start=route.coordinates[0], end=place_of(region, source)) < 0.1
    assert distance_m(start=route.coordinates[-1], end=place_of(region, target)) < 0.1
    line_m = sum(distance_m(start=start, end=end) for start, end in zip(route.coordinates, route.coordinates[1:], strict=False))
    assert line_m == pytest.approx(route.distance_m, abs=0.3 + 0.05 * len(route.edges), rel=1e-3)
    for elapsed in {1, ms // 3, ms // 2, ms - 1} & set(range(1, ms)):
        there = router.along(source, target, Millis(elapsed))
        assert there is not None
        assert there.is_headed == source.is_headed
        assert any(is_there(oracle, drive, there, elapsed) for drive in drives)
    assert router.along(source, target, Millis(0)) == source
    assert router.along(source, target, Millis(ms + 1)) == router.along(source, target, Millis(ms + 10_000)) == target


def is_there(oracle: Oracle, drive: list[Driven], there: OnRoad, elapsed: int) -> bool:
    """Whether a drive has come there after so many milliseconds."""
    for part in drive:
        if elapsed < part.drive_ms:
            whole_ms = int(oracle.metric.drive_ms[part.edge])
            gone_ms = part_ms(whole_ms, there.along_ppm) - part_ms(whole_ms, part.from_ppm)
            return there.edge == part.edge and part.from_ppm <= there.along_ppm <= part.to_ppm and gone_ms == elapsed
        elapsed -= part.drive_ms
        if elapsed < part.wait_ms:
            return (there.edge, there.along_ppm) == (part.edge, part.to_ppm)
        elapsed -= part.wait_ms
    return False


@every_router
@settings(max_examples=100)
@given(st.data())
def test_what_is_left_on_the_way_is_the_time_less_what_has_gone_by(make: Make, data: st.DataObject) -> None:
    # without waiting, and without turns that look back
    region = data.draw(regions())
    router = make(region, metric_of(region, closed=sorted(data.draw(st.sets(st.integers(0, region.edges - 1), max_size=3)))))
    source, target = data.draw(positions(region)), data.draw(positions(region))
    ms = one_time(router, source, target)
    for elapsed in range(0, ms or 0, max(1, (ms or 0) // 4)):
        there = router.along(source, target, Millis(elapsed))
        assert there is not None
        assert one_time(router, there, target) == (ms or 0) - elapsed


NETWORKS = [("monaco/monaco.osm.pbf", 27), ("liechtenstein/liechtenstein.osm.pbf", 83)]


@every_router
@pytest.mark.parametrize(("file", "turns"), NETWORKS, ids=["monaco", "liechtenstein"])
def test_a_real_network_agrees_with_the_oracle(make: Make, shared: Path, file: str, turns: int) -> None:
    region = build_region(read_osm(shared / "data/roads" / file), name=file)
    assert len(region.turn_from) == turns
    dice = np.random.default_rng(7)
    waits = {edge: int(dice.integers(1_000, 20_000)) for edge in np.flatnonzero(region.edge_signals).tolist()}
    metric = metric_of(region, wait_ms=waits, closed=dice.integers(0, region.edges, 40).tolist())
    router, oracle = make(region, metric), Oracle(region, metric)
    # half of the places on streets whose turns are restricted
    restricted = np.concatenate([region.turn_from, region.turn_to])
    compared = 0
    for _ in range(7):
        edges = np.append(dice.choice(restricted, 3), dice.integers(0, region.edges, 3)).tolist()
        target, *sources = (
            OnRoad(edge, Ppm(int(dice.integers(0, 1_000_001))), bool(dice.integers(0, 2))) for edge in dice.permutation(edges).tolist()
        )
        for source, ms in zip(sources, router.times_to(target, sources), strict=True):
            assert ms == oracle.time_ms(source, target)
            check_drive(router, oracle, source, target, ms)
            compared += ms is not None
    assert compared > 25


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
