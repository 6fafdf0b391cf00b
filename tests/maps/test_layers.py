"""Areas within minutes: a place inside is reached in time, and what is reached is inside. By interpolation done anew here."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from maps.conftest import Ground
from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Ppm
from tocsin.maps.layers import (
    CELL_M,
    LINE_SLACK_M,
    REACH_M,
    StationPlace,
    closure_lines,
    covered_share,
    isochrones,
    on_plane,
    station_points,
)
from tocsin.maps.reached import at_nodes
from tocsin.roads.network import RoadNetwork
from tocsin.roads.position import OnRoad
from tocsin.roads.region import DEGREES_E7, Region
from tocsin.roads.shapes import place_of, street_line

MINUTES = (3, 6, 12)


@cache
def times_of(region: Region) -> np.ndarray:
    """Milliseconds from three nodes, without turn restrictions: any array will do, and this one is independent."""
    order = np.lexsort((region.edge_ms, region.edge_head, region.edge_tail))
    pair = np.column_stack([region.edge_tail, region.edge_head])[order]
    is_first = np.r_[True, (np.diff(pair, axis=0) != 0).any(axis=1)]
    edges = order[is_first]
    web = csr_array((region.edge_ms[edges].astype(float), (region.edge_tail[edges], region.edge_head[edges])), shape=(region.nodes,) * 2)
    found = dijkstra(web, indices=[10, 900, 2500], min_only=True)
    return np.where(np.isfinite(found), found, -1).astype(np.int64)


def shape_of(feature: dict) -> shapely.Geometry:
    return shapely.geometry.shape(feature["geometry"])


def on_the_plane(region: Region, shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(shape, lambda points: on_plane(region, [LonLat(*point) for point in points.tolist()]))


def arrival_s(region: Region, node_ms: np.ndarray, edge: int, part: float) -> float:
    """Seconds until a place on an edge is reached, by the edge or by its twin: straight from the definition."""
    choices = [np.inf]
    for one, share in ((edge, part), (int(region.edge_twin[edge]), 1.0 - part)):
        if one >= 0 and node_ms[region.edge_tail[one]] >= 0:
            choices.append(node_ms[region.edge_tail[one]] + share * region.edge_ms[one])
    return min(choices) / 1000


def test_what_is_reached_lies_inside_and_what_is_far_from_it_outside(liechtenstein: Ground) -> None:
    region, node_ms = liechtenstein.region, times_of(liechtenstein.region)
    rng = np.random.default_rng(3)
    edges, parts = rng.integers(0, region.edges, 3000), rng.random(3000)
    places = [place_of(region, OnRoad(int(edge), Ppm(int(part * 1e6)))) for edge, part in zip(edges, parts, strict=True)]
    arrivals = np.array([arrival_s(region, node_ms, int(edge), part) for edge, part in zip(edges, parts, strict=True)])
    points = shapely.points([(place.lon, place.lat) for place in places])
    plane = on_plane(region, places)
    for feature in isochrones(region, node_ms, MINUTES)["features"]:
        shape, limit_s = shape_of(feature), feature["properties"]["minutes"] * 60
        shapely.prepare(shape)
        is_in, is_reached = shapely.contains_xy(shape, shapely.get_x(points), shapely.get_y(points)), arrivals <= limit_s
        assert is_in[is_reached].all()
        # inside but late: then a street that is reached runs within the depth of the area
        late = np.flatnonzero(is_in & ~is_reached)
        reached = shapely.multipoints(plane[is_reached])
        gaps_m = shapely.distance(shapely.points(plane[late]), reached)
        near_m = np.array([_nearest_reached_m(region, node_ms, plane[row], limit_s) for row in late[gaps_m > REACH_M][:40]])
        assert (near_m <= REACH_M + CELL_M + LINE_SLACK_M).all()


def _nearest_reached_m(region: Region, node_ms: np.ndarray, place: np.ndarray, limit_s: float) -> float:
    """From a place to the nearest point of a street that is reached in time, by walking the streets around in steps of 10 m."""
    best = np.inf
    for street in np.flatnonzero(np.hypot(*(_first_points(region) - place).T) < 800):
        lon, lat, share = street_line(region, int(street))
        line = on_plane(region, [LonLat(float(x), float(y)) for x, y in zip(lon, lat, strict=True)])
        edge = _edge_of(region)[int(street)]
        for part in np.linspace(0, 1, 2 + int(shapely.LineString(line).length / 10)):
            along = 1.0 - part if region.edge_is_against[edge] else part
            if arrival_s(region, node_ms, edge, along) <= limit_s:
                best = min(best, float(np.hypot(*(np.array([np.interp(part, share, axis) for axis in line.T]) - place))))
    return best


@cache
def _first_points(region: Region) -> np.ndarray:
    first = region.street_start[:-1]
    lon, lat = (values[first] / DEGREES_E7 for values in (region.point_lon_e7, region.point_lat_e7))
    return on_plane(region, [LonLat(float(x), float(y)) for x, y in zip(lon, lat, strict=True)])


@cache
def _edge_of(region: Region) -> dict[int, int]:
    return dict(zip(region.edge_street.tolist(), range(region.edges), strict=True))


def test_more_minutes_hold_fewer(liechtenstein: Ground) -> None:
    region = liechtenstein.region
    features = isochrones(region, times_of(region), (12, 3, 6, 3))["features"]
    assert [feature["properties"]["minutes"] for feature in features] == [12, 6, 3]
    areas = [on_the_plane(region, shape_of(feature)) for feature in features]
    assert areas[0].area > areas[1].area > areas[2].area > 1e6
    for larger, smaller in pairwise(areas):
        assert larger.buffer(2 * LINE_SLACK_M + 1).contains(smaller)
    for feature, area in zip(features, areas, strict=True):
        assert area.is_valid
        assert feature["properties"]["area_km2"] == pytest.approx(area.area / 1e6, rel=1e-3)


def test_the_same_areas_each_time(monaco: Ground) -> None:
    node_ms = np.where(np.arange(monaco.region.nodes) % 7 == 0, 1000 * (np.arange(monaco.region.nodes) % 500), -1)
    assert isochrones(monaco.region, node_ms, (1, 4)) == isochrones(monaco.region, node_ms.copy(), [4, 1])


def test_nobody_comes(monaco: Ground) -> None:
    region = monaco.region
    features = isochrones(region, np.full(region.nodes, -1), (5,))["features"]
    assert features[0]["geometry"]["coordinates"] == [] and features[0]["properties"]["area_km2"] == 0
    assert covered_share(region, np.full(region.nodes, -1), 5) == 0
    assert covered_share(region, np.zeros(region.nodes, dtype=np.int64), 60) == pytest.approx(1.0)


def test_a_closed_street_is_not_reached_through(monaco: Ground) -> None:
    region = monaco.region
    edge_ms = np.full(region.edges, -1, dtype=np.int64)
    network, start = RoadNetwork(region), OnRoad(0, Ppm(500_000))
    routers = network.router(), network.router(closed=np.arange(region.edges))
    open_ms, shut_ms = (at_nodes(region, network.graph, router.node_times_from([start])) for router in routers)
    assert (open_ms >= 0).sum() > region.nodes / 2
    # who stands on a closed street may leave it, and gets no farther than its ends
    assert {int(node) for node in np.flatnonzero(shut_ms >= 0)} <= {int(region.edge_tail[0]), int(region.edge_head[0])}
    assert covered_share(region, shut_ms, 60, edge_ms) < 0.01


@pytest.mark.parametrize("minutes", [(), (0,), (-5, 4), (1441,)])
def test_minutes_that_are_none(monaco: Ground, minutes: tuple[int, ...]) -> None:
    with pytest.raises(BadInput) as fault:
        isochrones(monaco.region, np.zeros(monaco.region.nodes, dtype=np.int64), minutes)
    assert fault.value.code == "minutes"


def test_times_from_stations_are_the_routers(monaco: Ground) -> None:
    """From a place to nodes: the plain search against the router, for which each node is a target."""
    region = monaco.region
    rng = np.random.default_rng(8)
    starts = [
        OnRoad(int(edge), Ppm(int(ppm))) for edge, ppm in zip(rng.integers(0, region.edges, 3), rng.integers(0, 10**6, 3), strict=True)
    ]
    network = RoadNetwork(region, is_compiled=False)
    router = network.router()
    node_ms = at_nodes(region, network.graph, RoadNetwork(region).router().node_times_from(starts))
    waits = router.costs.wait_ms
    for node in rng.integers(0, region.nodes, 60).tolist():
        leaving = np.flatnonzero(region.edge_tail == node)
        arriving = np.flatnonzero(region.edge_head == node)
        ends = [OnRoad(int(edge), Ppm(1_000_000)) for edge in arriving] or [OnRoad(int(leaving[0]), Ppm(0))]
        # who drives on past a signal has waited there; who ends there has not
        times = [ms + int(waits[end.edge]) for end in ends for ms in router.times_to(end, starts) if ms is not None]
        assert node_ms[node] == (min(times) if times else -1)


def test_closures_are_drawn_as_they_are_closed(monaco: Ground) -> None:
    region = monaco.region
    two_way = int(np.flatnonzero(region.edge_twin >= 0)[0])
    twin, one_way = int(region.edge_twin[two_way]), int(np.flatnonzero(region.edge_twin < 0)[0])
    against = twin if region.edge_is_against[twin] else two_way
    both, half, single = (closure_lines(region, edges)["features"] for edges in ([two_way, twin], [against], [one_way]))
    assert [one["properties"]["closed"] for one in (*both, *half, *single)] == ["both", "one", "both"]
    assert half[0]["geometry"]["coordinates"] == both[0]["geometry"]["coordinates"][::-1]
    assert both[0]["properties"]["street"] == (region.name_of(two_way) or "")
    assert closure_lines(region, [])["features"] == []


def test_stations_are_points() -> None:
    found = station_points([StationPlace("A1", "Centro", LonLat(-71.25, -29.904))])
    assert found["features"][0]["geometry"] == {"type": "Point", "coordinates": [-71.25, -29.904]}
    assert found["features"][0]["properties"] == {"station": "A1", "name": "Centro"}
