"""Real networks: the compiled kernel's times are Dijkstra's, to the millisecond, from everywhere to everywhere that is asked."""

from pathlib import Path

import numpy as np
import pytest
from road_cases import metric_of

from tocsin.base.quantities import Ppm
from tocsin.edge.street_files import read_streets
from tocsin.roads.build import build_region
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.fleet import Fleet
from tocsin.roads.kernel.customising import customise, recustomise
from tocsin.roads.kernel_router import KernelRouter, hierarchy_of
from tocsin.roads.metric import Metric
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.region import Region
from tocsin.roads.turns import graph_of

NETWORKS = {
    "roads/monaco/monaco.osm.pbf": 52,
    "roads/liechtenstein/liechtenstein.osm.pbf": 43,
    "roads/columbus/columbus.osm.pbf": 200,
    "roads/porto/porto_portugal.osm.pbf": 244,
    "roads/san-francisco/sf_streets.geojson.gz": 192,
    "jemss/auckland": 104,
    "jemss/manhattan": 142,
}
"""File → the most depth that its hierarchy may have, a fifth above what METIS reached: a bad order is a silent tenfold loss."""

SOURCES, TARGETS = 250, 8


def by_chance(region: Region, dice: np.random.Generator, count: int) -> list[OnRoad]:
    """A third of them where turns are restricted, some at the ends of their edges, a third headed."""
    restricted = np.append(region.turn_from, region.turn_to)
    edges = dice.integers(0, region.edges, count)
    if len(restricted):
        edges = np.where(dice.random(count) < 1 / 3, dice.choice(restricted, count), edges)
    along = np.clip(dice.integers(-WHOLE_PPM // 8, WHOLE_PPM * 9 // 8, count), 0, WHOLE_PPM)
    return [OnRoad(*each) for each in zip(edges.tolist(), map(Ppm, along.tolist()), (dice.random(count) < 1 / 3).tolist(), strict=True)]


def a_days_metric(region: Region, dice: np.random.Generator, closed: int) -> Metric:
    """Waiting at every signal, and closures."""
    waits = {edge: int(dice.integers(1_000, 20_000)) for edge in np.flatnonzero(region.edge_signals).tolist()}
    return metric_of(region, wait_ms=waits, closed=np.unique(dice.integers(0, region.edges, closed)).tolist())


@pytest.mark.parametrize("file", NETWORKS)
def test_times_on_a_real_network_are_dijkstras(shared: Path, file: str) -> None:
    region = build_region(read_streets(shared / "data" / file), name=file)
    graph, dice = graph_of(region), np.random.default_rng(11)
    hierarchy = hierarchy_of(graph)
    assert hierarchy.most_depth <= NETWORKS[file]
    sources = dict(enumerate(by_chance(region, dice, SOURCES)))
    names = {str(row): place for row, place in sources.items()}
    fleet, weights, reached, unreached = None, None, 0, 0
    for closed in (0, region.edges // 100, region.edges // 5):
        metric = a_days_metric(region, dice, closed)
        arc_ms = metric.arc_ms(graph)
        weights = customise(hierarchy, arc_ms) if weights is None else recustomise(hierarchy, weights, arc_ms)
        kernel = KernelRouter(region, graph, metric, hierarchy, weights=weights)
        plain = DijkstraRouter(region, graph, metric)
        if fleet is None:
            fleet = Fleet(kernel)
            fleet.put(names)
        else:
            fleet.use(kernel)
        targets = by_chance(region, dice, TARGETS)
        for target in targets:
            expected = plain.times_to(target, list(sources.values()))
            assert list(fleet.times_to(target).values()) == expected
            assert kernel.times_to(target, list(sources.values())) == expected
            assert np.array_equal(kernel.node_times_to(target), plain.node_times_to(target))
            unreached += expected.count(None)
            reached += len(expected) - expected.count(None)
        assert np.array_equal(kernel.node_times_to_each(targets), np.stack([plain.node_times_to(target) for target in targets], axis=1))
        check_routes(kernel, plain, list(sources.values())[:12], targets[0])
    assert reached + unreached == 3 * SOURCES * TARGETS
    assert min(reached, unreached) > 50


def check_routes(kernel: KernelRouter, plain: DijkstraRouter, sources: list[OnRoad], target: OnRoad) -> None:
    """Of one time, if not of the same streets."""
    for source, ms in zip(sources, plain.times_to(target, sources), strict=True):
        route = kernel.route(source, target)
        assert (route.time_ms if route else None) == ms
