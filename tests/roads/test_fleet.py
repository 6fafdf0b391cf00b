"""Vehicles kept by name: put, moved, removed, and taken over to another metric, always as if everything had been asked anew."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from road_cases import ROUTERS, Make, kernel_router, metric_of, metrics, positions, region_of, restricted_regions, scipy_router

from tocsin.base.quantities import Ppm
from tocsin.edge.osm import read_osm
from tocsin.roads.build import build_region
from tocsin.roads.fleet import ROOM, Fleet
from tocsin.roads.kernel.customising import recustomise
from tocsin.roads.kernel_router import KernelRouter, hierarchy_of
from tocsin.roads.position import OnRoad
from tocsin.roads.turns import graph_of

HALF = Ppm(500_000)
every_router = pytest.mark.parametrize("make", ROUTERS, ids=lambda make: make.__name__)


class Fleets(RuleBasedStateMachine):
    """Two fleets side by side, one per kind of router, and a plain dictionary of where everybody is."""

    names = st.sampled_from([f"E{nth}" for nth in range(9)])

    @initialize(data=st.data())
    def open(self, data: st.DataObject) -> None:
        self.region = data.draw(restricted_regions())
        self.graph = graph_of(self.region)
        metric = data.draw(metrics(self.region))
        self.kernel = KernelRouter(self.region, self.graph, metric, hierarchy_of(self.graph))
        self.scipy = scipy_router(self.region, metric)
        self.fleets = [Fleet(self.kernel), Fleet(self.scipy)]
        self.places: dict[str, OnRoad] = {}
        self.target = data.draw(positions(self.region))

    @rule(data=st.data())
    def put(self, data: st.DataObject) -> None:
        places = data.draw(st.dictionaries(self.names, positions(self.region), max_size=5))
        self.places |= places
        for fleet in self.fleets:
            fleet.put(places)

    @rule(data=st.data())
    def put_a_crowd(self, data: st.DataObject) -> None:
        """More than there is room for."""
        place = data.draw(positions(self.region))
        crowd = {f"C{len(self.places)}-{nth}": place for nth in range(ROOM + 1)} if len(self.places) < 3 * ROOM else {}
        self.places |= crowd
        for fleet in self.fleets:
            fleet.put(crowd)

    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.places)) if self.places else self.names)
        for fleet in self.fleets:
            if name in self.places:
                fleet.remove(name)
            else:
                with pytest.raises(KeyError):
                    fleet.remove(name)
        self.places.pop(name, None)

    @rule(data=st.data())
    def use(self, data: st.DataObject) -> None:
        """Another metric, partly customised from the one before."""
        metric = data.draw(metrics(self.region))
        weights = recustomise(self.kernel.hierarchy, self.kernel.weights, metric.arc_ms(self.graph))
        self.kernel = KernelRouter(self.region, self.graph, metric, self.kernel.hierarchy, weights=weights)
        self.scipy = scipy_router(self.region, metric)
        for fleet, router in zip(self.fleets, (self.kernel, self.scipy), strict=True):
            fleet.use(router)
            assert fleet.router is router

    @rule(data=st.data())
    def look_elsewhere(self, data: st.DataObject) -> None:
        self.target = data.draw(positions(self.region))

    @invariant()
    def answers_are_those_of_asking_anew(self) -> None:
        expected = dict(zip(self.places, self.scipy.times_to(self.target, list(self.places.values())), strict=True))
        assert expected == dict(zip(self.places, self.kernel.times_to(self.target, list(self.places.values())), strict=True))
        for fleet in self.fleets:
            assert len(fleet) == len(self.places)
            assert fleet.times_to(self.target) == expected


TestFleets = Fleets.TestCase
TestFleets.settings = settings(max_examples=60, stateful_step_count=20)


@every_router
def test_an_empty_fleet_answers_with_nobody(make: Make) -> None:
    region = region_of([(0, 1, 100, 100)], 2)
    fleet = Fleet(make(region, metric_of(region)))
    fleet.put({})
    assert fleet.times_to(OnRoad(0, HALF)) == {}
    fleet.put({"E1": OnRoad(0, HALF)})
    fleet.remove("E1")
    assert fleet.times_to(OnRoad(0, HALF)) == {}


@every_router
def test_a_fleet_answers_by_the_metric_that_it_uses(make: Make) -> None:
    region = region_of([(0, 1, 100, 100), (1, 2, 100, 100), (2, 3, 100, 100)], 4)
    fleet = Fleet(make(region, metric_of(region)))
    fleet.put({"E1": OnRoad(0, HALF), "E2": OnRoad(4, HALF)})
    assert fleet.times_to(OnRoad(1, HALF)) == {"E1": 0, "E2": 200}
    fleet.use(make(region, metric_of(region, closed=[2, 3])))
    assert fleet.times_to(OnRoad(1, HALF)) == {"E1": 0, "E2": None}
    fleet.use(make(region, metric_of(region)))
    assert fleet.times_to(OnRoad(1, HALF)) == {"E1": 0, "E2": 200}


def test_threads_share_a_router_each_with_its_own_fleet(shared: Path) -> None:
    region = build_region(read_osm(shared / "data/roads/monaco/monaco.osm.pbf"), name="Monaco")
    sources = {f"E{edge}": OnRoad(edge, HALF) for edge in range(0, region.edges, 97)}
    targets = [OnRoad(edge, Ppm(250_000)) for edge in range(0, region.edges, 45)]
    plain = scipy_router(region, metric_of(region))
    expected = [dict(zip(sources, plain.times_to(target, list(sources.values())), strict=True)) for target in targets]
    router = kernel_router(region, metric_of(region))

    def ask(first: int) -> bool:
        fleet = Fleet(router)
        fleet.put(sources)
        return all(fleet.times_to(target) == expected[row] for row, target in enumerate(targets) if row % 4 == first)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(4)))


def test_times_to_many_targets_are_those_to_each(shared: Path) -> None:
    region = build_region(read_osm(shared / "data/roads/monaco/monaco.osm.pbf"), name="Monaco")
    router = kernel_router(region, metric_of(region))
    assert isinstance(router, KernelRouter)
    for count in (0, 1, 16, 19):
        targets = [OnRoad(edge, HALF) for edge in np.linspace(0, region.edges - 1, count).astype(int).tolist()]
        table = router.node_times_to_each(targets)
        assert table.shape == (router.graph.states, count)
        for column, target in enumerate(targets):
            assert table[:, column].tolist() == router.node_times_to(target).tolist()


@every_router
def test_a_router_is_let_go_as_soon_as_nobody_uses_it(make: Make) -> None:
    # one of a metropolis holds 20 MB; closures make new ones all day
    region = region_of([(0, 1, 100, 100), (1, 2, 100, 100)], 3)
    router = make(region, metric_of(region))
    assert router.route(OnRoad(0, HALF), OnRoad(2, HALF)) is not None
    weak = weakref.ref(router)
    gc.disable()
    try:
        del router
        assert weak() is None
    finally:
        gc.enable()
