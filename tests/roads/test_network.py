"""Routers by metric: the id says everything that times depend on, and the same id gives the same milliseconds for ever."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from road_cases import region_of

from tocsin.base.quantities import Ppm
from tocsin.edge.osm import read_osm
from tocsin.roads import compiled_kernel
from tocsin.roads import network as networks
from tocsin.roads.build import build_region
from tocsin.roads.closures import closures_hash
from tocsin.roads.compiled_kernel import find_kernel_router
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.network import NO_EDGES, ORDER, ROUTERS_KEPT, Conditions, RoadNetwork, order_section
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.region_file import open_region, write_region

needs_kernel = pytest.mark.skipif(find_kernel_router() is None, reason="the compiled kernel does not run here, or was asked not to")

kernel_router: Any = find_kernel_router()
HALF = Ppm(500_000)
ROWS = [(0, 1, 60_000, 60_000), (1, 2, 90_000, 80_000), (2, 0, 40_000, 40_000), (2, 3, 70_000, None)]


@pytest.fixture(scope="module")
def city(shared: Path) -> Region:
    """Liechtenstein: signals, signs and turn restrictions."""
    return build_region(read_osm(shared / "data/roads/liechtenstein/liechtenstein.osm.pbf"), name="Liechtenstein")


def some_times(network: RoadNetwork, conditions: Conditions = networks.ANY_HOUR, closed: np.ndarray = NO_EDGES) -> list[int | None]:
    dice = np.random.default_rng(11)
    sources = [OnRoad(int(edge), HALF) for edge in dice.integers(0, network.region.edges, 60)]
    return network.router(conditions, closed).times_to(sources[0], sources)


def test_the_id_names_map_speeds_mode_and_closures(city: Region) -> None:
    network, closed = RoadNetwork(city), np.array([3, 5], dtype=np.int64)
    ids = [
        network.router().metric,
        network.router(Conditions(is_lights=False)).metric,
        network.router(closed=closed).metric,
        network.router(closed=closed[:1]).metric,
    ]
    assert ids[0] == f"{city.map_hash[:16]}.posted-2.any.lights.all.open" == city.metric
    assert ids[1].split(".")[3] == "plain" and ids[2].split(".")[5] == closures_hash(closed)
    assert len(set(ids)) == len(ids)
    # speeds that know no hours and no vehicles give one metric for all of them
    assert network.router(Conditions(vehicle="engine", hour_of_week=12)) is network.router()


def test_the_same_id_gives_the_same_milliseconds_whatever_was_asked_between(city: Region) -> None:
    network, dice = RoadNetwork(city), np.random.default_rng(1)
    closed = np.unique(dice.integers(0, city.edges, 40))
    before = {id_: some_times(network, closed=edges) for id_, edges in (("open", NO_EDGES), ("closed", closed))}
    assert before["open"] != before["closed"]
    for _ in range(ROUTERS_KEPT + 2):  # everything that was kept is pushed out
        some_times(network, closed=np.unique(dice.integers(0, city.edges, 5)))
    assert len(network._routers) <= ROUTERS_KEPT
    assert (some_times(network), some_times(network, closed=closed)) == (before["open"], before["closed"])
    assert some_times(RoadNetwork(city), closed=closed) == before["closed"]
    assert some_times(RoadNetwork(city, is_compiled=False), closed=closed) == before["closed"]


@needs_kernel
def test_a_router_after_a_closure_is_what_customising_anew_gives(city: Region) -> None:
    network = RoadNetwork(city)
    router = network.router(closed=np.arange(200, 260))
    assert isinstance(router, kernel_router.KernelRouter) and router.is_sound()
    spoilt = kernel_router.KernelRouter(
        city, network.graph, router.costs, network.hierarchy, weights=router.weights._replace(up=router.weights.down)
    )
    assert not spoilt.is_sound(), "a check that cannot fail checks nothing"


def test_waiting_at_signals_and_signs_costs_more_without_lights(city: Region) -> None:
    assert city.edge_signals.sum() > 20 and city.edge_stops.sum() > 20
    network = RoadNetwork(city)
    lights, plain = some_times(network), some_times(network, Conditions(is_lights=False))
    assert all(one is None or other is None or one <= other for one, other in zip(lights, plain, strict=True))
    assert sum(one != other for one, other in zip(lights, plain, strict=True)) > 10
    wait_ms = network.router().costs.wait_ms
    assert np.array_equal(wait_ms, 2000 * city.edge_signals.astype(int) + 1000 * city.edge_stops.astype(int))


@needs_kernel
def test_the_order_is_kept_in_the_region_file_and_used(city: Region, tmp_path: Path) -> None:
    ordered = city.with_sections(order_section(city))
    write_region(ordered, tmp_path / "li.region")
    opened = open_region(tmp_path / "li.region")
    assert np.array_equal(opened.sections[ORDER], ordered.sections[ORDER])
    assert opened.map_hash == city.map_hash, "the order changes no time, so no id"
    assert RoadNetwork(opened).hierarchy.rank is opened.sections[ORDER]
    assert some_times(RoadNetwork(opened)) == some_times(RoadNetwork(city))


@needs_kernel
def test_where_the_kernel_cannot_run_scipy_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    region = region_of(ROWS, 4)
    assert isinstance(RoadNetwork(region).router(), kernel_router.KernelRouter)
    monkeypatch.setattr(compiled_kernel, "is_wanted", False)
    network = RoadNetwork(region)
    assert not network.is_compiled and isinstance(network.router(), DijkstraRouter)
    assert order_section(region) == {}
    assert isinstance(network.router(closed=np.array([0])), DijkstraRouter)


def test_threads_ask_while_roads_close(city: Region) -> None:
    network = RoadNetwork(city)
    sets = [np.arange(first, first + 9, dtype=np.int64) for first in range(0, 400, 20)]
    alone = RoadNetwork(city)
    expected = [some_times(alone, closed=closed) for closed in sets]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda closed: some_times(network, closed=closed), sets)) == expected


def test_times_from_all_stations_are_the_least_of_each(city: Region) -> None:
    dice = np.random.default_rng(5)
    stations = [OnRoad(int(edge), HALF) for edge in dice.integers(0, city.edges, 3)]
    for network in (RoadNetwork(city), RoadNetwork(city, is_compiled=False)):
        router = network.router()
        together = router.node_times_from(stations)
        each = np.stack([router.node_times_from([one]) for one in stations])
        least = np.where(each < 0, np.iinfo(np.int64).max, each).min(axis=0)
        assert np.array_equal(together, np.where(least == np.iinfo(np.int64).max, -1, least))
    compiled, plain = (RoadNetwork(city, is_compiled=flag).router().node_times_from(stations) for flag in (True, False))
    assert np.array_equal(compiled, plain)
    # to the tail of a street with nothing before it that matters: the same as a route that ends there
    for edge in dice.integers(0, city.edges, 20).tolist():
        node = int(city.edge_tail[edge])
        states = np.flatnonzero(network.graph.state_node == node)
        reached = [int(compiled[state]) for state in states if compiled[state] >= 0]
        asked = [ms for ms in router.times_to(OnRoad(edge, Ppm(0)), stations) if ms is not None]
        assert bool(reached) == bool(asked) and (not asked or min(reached) <= min(asked))


@needs_kernel
def test_a_repair_that_went_wrong_is_found_and_made_anew(city: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = np.arange(200, 260, dtype=np.int64)
    network, right = RoadNetwork(city), some_times(RoadNetwork(city), closed=closed)
    honest = kernel_router.KernelRouter.under

    def spoilt(router: Any, metric: Any) -> Any:
        made = honest(router, metric)
        made.weights = made.weights._replace(up=made.weights.down)
        return made

    monkeypatch.setattr(kernel_router.KernelRouter, "under", spoilt)
    metric = network.router(closed=closed).metric
    for thread in [one for one in threading.enumerate() if one.daemon]:
        thread.join(timeout=20)
    assert network.unsound == [metric]
    assert some_times(network, closed=closed) == right


def test_what_was_prepared_answers_as_what_was_not(city: Region) -> None:
    prepared = RoadNetwork(city)
    prepared.prepare()
    assert some_times(prepared) == some_times(RoadNetwork(city)) and prepared.unsound == []
