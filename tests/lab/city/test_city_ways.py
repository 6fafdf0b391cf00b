"""Drives between places: the compiled search and SciPy's give the same tables to the last bit, next places and all."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import dijkstra

from tocsin.formats.jemss import RoadTables, Travel, read_roads
from tocsin.lab.city.jemss_roads import NodeAnchors, anchored, net_of, strong
from tocsin.lab.city.model import City, Roads
from tocsin.lab.city.spots import Spots, nearest_places, on_plane, thinned
from tocsin.lab.city.way_points import WITHIN_MS, uses, way_points
from tocsin.lab.city.ways import Net, next_places_plain, roads_between, via_by_neighbours
from tocsin.lab.city.web import FAR_MS, WIDE, KernelSearch, ScipySearch, matrix
from tocsin.lab.city.web import nearest_places as nearest_of_states
from tocsin.roads import compiled_kernel
from tocsin.wiring.stages import Progress

needs_kernel = pytest.mark.skipif(compiled_kernel.find_kernel_router() is None, reason="the compiled kernel does not run here")


def nobody(done: int, total: int | None, stage: str) -> None:
    """Looks on."""


QUIET: Progress = nobody


@st.composite
def small_roads(draw: st.DrawFn) -> RoadTables:
    """A ring of streets with short cuts: every node is reached, some arcs are one-way, some are parallel."""
    count = draw(st.integers(4, 40))
    more = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=60))
    ends = np.array([(nth, (nth + 1) % count) for nth in range(count)] + more)
    lights = np.array(draw(st.lists(st.integers(1, 90_000), min_size=len(ends), max_size=len(ends))))
    spread = np.arange(count) / 100
    may_join = np.arange(count) % 3 != 1
    return RoadTables(170 + spread, -37 + spread / 2, may_join, *ends.T.astype(np.int32), lights, lights * 3 // 2 + 1)


def placed(roads: RoadTables, count: int, seed: int) -> NodeAnchors:
    dice = np.random.default_rng(seed)
    lon, lat = (dice.uniform(axis.min(), axis.max(), count) for axis in (roads.lon, roads.lat))
    return anchored(roads, Travel(1000.0, 700.0, {}), (89.0, 111.0), lon, lat)[0]


def without_kernel(net: Net) -> Net:
    lights, normal = (side._replace(search=ScipySearch(side.web)) for side in (net.lights, net.normal))
    return net._replace(lights=lights, normal=normal)


def tables_of(roads: RoadTables, anchors: NodeAnchors, monkey: pytest.MonkeyPatch, *, is_compiled: bool) -> Roads:
    monkey.setattr(compiled_kernel, "is_wanted", is_compiled)
    return roads_between(net_of(roads), anchors, QUIET)


@needs_kernel
@settings(max_examples=25)
@given(roads=small_roads(), count=st.integers(2, 40), seed=st.integers(0, 1_000))
def test_compiled_and_plain_tables_are_the_same(roads: RoadTables, count: int, seed: int) -> None:
    anchors = placed(roads, count, seed)
    with pytest.MonkeyPatch.context() as monkey:
        compiled = tables_of(roads, anchors, monkey, is_compiled=True)
        plain = tables_of(roads, anchors, monkey, is_compiled=False)
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_array_equal(one, other)


@settings(max_examples=25)
@given(roads=small_roads(), count=st.integers(2, 30), seed=st.integers(0, 1_000))
def test_chains_of_next_places_end_with_less_left_at_each(roads: RoadTables, count: int, seed: int) -> None:
    anchors = placed(roads, count, seed)
    made = roads_between(net_of(roads), anchors, QUIET)
    for ms, via in ((made.lights_ms, made.lights_via), (made.normal_ms, made.normal_via)):
        for end in range(count):
            for start in range(count):
                here, steps = start, 0
                while here != end:
                    onward = int(via[here, end])
                    assert ms[onward, end] < ms[here, end] or ms[here, end] <= 0
                    here, steps = onward, steps + 1
                    assert steps <= count


def test_a_city_of_real_streets_is_the_same_without_the_kernel(shared: Path, manhattan: City) -> None:
    """A few columns of Manhattan: times by sweep and by Dijkstra, next places compiled and plain."""
    roads = manhattan_roads(shared)
    net = net_of(roads)
    named = manhattan.hospitals[-1].place + 1
    travel = Travel(352.0, 264.0, {})
    anchors = anchored(roads, travel, (84.28, 111.32), manhattan.place_lon[:named], manhattan.place_lat[:named])[0]
    doors = anchors.doors(is_lights=True)
    chosen = doors.reach[600 : 600 + WIDE]
    slow = ScipySearch(net.lights.web).to(chosen)
    np.testing.assert_array_equal(net.lights.search.to(chosen), slow)
    part = (slow[anchors.node, :].astype(np.int64) + anchors.lights_ms[:, None]).astype(np.int32)
    part[np.arange(600, 600 + WIDE), np.arange(WIDE)] = 0
    near = nearest_of_states(net.lights.web, doors).place
    via = next_places_plain(net.lights.web, slow, doors, near, part, 600)
    np.testing.assert_array_equal(part, manhattan.roads.lights_ms[:named, 600 : 600 + WIDE])
    if compiled_kernel.find_kernel_router() is not None:
        from tocsin.roads.kernel.next_places import next_places  # noqa: PLC0415 - only where it can be compiled

        found = np.empty_like(via)
        web = net.lights.web
        next_places(web.start(), web.arc_head, web.arc_ms, slow, doors.leave_state, doors.leave_ms, near, part, 600, found)
        np.testing.assert_array_equal(found, via)


def manhattan_roads(shared: Path) -> RoadTables:
    with zipfile.ZipFile(shared / "data" / "jemss" / "manhattan" / "roads.zip") as archive:
        nodes, arcs = (archive.read(name).decode("utf-8-sig") for name in ("nodes.csv", "arcs.csv"))
    return read_roads(nodes, arcs, file="roads.zip")


def test_every_street_that_is_driven_lies_near_a_place(shared: Path, manhattan: City) -> None:
    roads = manhattan_roads(shared)
    net, named = net_of(roads), manhattan.hospitals[-1].place + 1
    travel = Travel(352.0, 264.0, {})
    anchors = anchored(roads, travel, (84.28, 111.32), manhattan.place_lon[:named], manhattan.place_lat[:named])[0]
    hubs = np.array([one.place for one in (*manhattan.stations, *manhattan.hospitals)])
    doors = anchors.doors(is_lights=True)
    states, within_ms = way_points(net.lights.web, doors, hubs, room=2_000, states=len(roads.lon))
    assert within_ms == WITHIN_MS and len(states) == manhattan.places - named
    np.testing.assert_array_equal(roads.lon[states], manhattan.place_lon[named:])
    driven = np.flatnonzero(uses(net.lights.web, doors, hubs))
    assert len(driven) > len(roads.lon) / 4
    filled = anchors.with_states(states).doors(is_lights=True)
    behind_ms = nearest_of_states(net.lights.web, filled).ms[driven]
    assert behind_ms.max() <= WITHIN_MS and np.median(behind_ms) < 40_000
    sparse, wider_ms = way_points(net.lights.web, doors, hubs, room=40, states=len(roads.lon))
    assert len(sparse) <= 40 and wider_ms > WITHIN_MS


def test_nearest_places_are_those_of_one_search_each(shared: Path) -> None:
    roads = manhattan_roads(shared)
    web = net_of(roads).lights.web
    anchors = placed(roads, 12, 3)
    found = nearest_of_states(web, anchors.doors(is_lights=True))
    each = dijkstra(matrix(web), indices=anchors.node) + anchors.lights_ms[:, None]
    np.testing.assert_array_equal(found.ms, each.min(axis=0))
    assert (each[found.place, np.arange(web.states)] == found.ms).all()
    assert strong(roads).all()


@needs_kernel
def test_columns_without_a_place_are_no_way() -> None:
    tables = RoadTables(
        np.arange(5.0), np.zeros(5), np.ones(5, bool), np.arange(4, dtype=np.int32), np.arange(1, 5, dtype=np.int32),
        np.full(4, 7), np.full(4, 9),
    )  # fmt: skip
    web = net_of(tables).lights.web
    searches = KernelSearch.over([web])
    assert searches is not None
    reach = [(np.array([4], np.int32), np.array([5], np.uint32))]
    for ms in (searches[0].to(reach), ScipySearch(web).to(reach)):
        assert ms[:, 0].tolist() == [33, 26, 19, 12, 5] and (ms[:, 1:] >= FAR_MS).all()


@given(points=st.lists(st.tuples(st.floats(0, 0.3), st.floats(0, 0.3)), min_size=2, max_size=40, unique=True))
@settings(max_examples=30)
def test_next_places_by_neighbours_end(points: list[tuple[float, float]]) -> None:
    x, y = on_plane(np.array([one[0] for one in points]), np.array([one[1] for one in points]))
    ms = np.rint(np.hypot(x[:, None] - x, y[:, None] - y)).astype(np.int32)
    via = via_by_neighbours(ms)
    for start in range(len(points)):
        for end in range(len(points)):
            here = start
            while here != end and ms[here, end] > 0:
                onward = int(via[here, end])
                assert ms[onward, end] < ms[here, end]
                here = onward


def test_thinned_points_keep_their_weight_and_their_middle() -> None:
    dice = np.random.default_rng(5)
    spots = Spots(dice.uniform(10, 10.2, 5_000), dice.uniform(50, 50.1, 5_000), dice.uniform(0, 1, (2, 5_000)))
    kept, cell_m = thinned(spots, 400)
    assert 150 < kept.size <= 400 and 300 < cell_m < 2_000
    np.testing.assert_allclose(kept.weights.sum(axis=1), spots.weights.sum(axis=1))
    pull = spots.weights.sum(axis=0)
    assert abs((kept.lon * kept.weights.sum(axis=0)).sum() - (spots.lon * pull).sum()) < 1e-3
    assert thinned(spots, 5_000) == (spots, 0.0)
    place, away_m = nearest_places(kept.lon, kept.lat, kept.lon[:7] + 1e-6, kept.lat[:7])
    assert place.tolist() == list(range(7)) and (away_m < 0.2).all()
