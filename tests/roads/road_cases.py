"""Small road networks by hand and by chance."""

from collections.abc import Callable, Sequence

import numpy as np
from hypothesis import strategies as st

from tocsin.base.quantities import Ppm
from tocsin.roads.build import build_region
from tocsin.roads.compiled_kernel import find_kernel_router
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.drives import DriveRouter
from tocsin.roads.metric import Metric, MetricKey
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.region import Region
from tocsin.roads.streets import ALONG, BOTH, Streets, class_codes, to_e7
from tocsin.roads.turns import graph_of

Make = Callable[[Region, Metric], DriveRouter]


def scipy_router(region: Region, metric: Metric) -> DriveRouter:
    """Needs nothing prepared."""
    return DijkstraRouter(region, graph_of(region), metric)


def kernel_router(region: Region, metric: Metric) -> DriveRouter:
    """On a hierarchy made for this region."""
    from tocsin.roads.kernel_router import KernelRouter, hierarchy_of  # noqa: PLC0415 - the suite also runs where it cannot be imported

    graph = graph_of(region)
    return KernelRouter(region, graph, metric, hierarchy_of(graph))


ROUTERS: list[Make] = [scipy_router, kernel_router] if find_kernel_router() is not None else [scipy_router]
"""Every kind of router; the tests of routers run with each of them."""

Street = tuple[int, int, int, int | None]
"""Tail, head, milliseconds along, and against it (None: one-way)."""


def streets_of(places: Sequence[tuple[float, float]], rows: Sequence[Street], bend: float = 0.0) -> Streets:
    """Streets of two points, or of three with a bend in the middle (degrees north of the chord)."""
    lon, lat = to_e7([place[0] for place in places]), to_e7([place[1] for place in places])
    tail = np.array([row[0] for row in rows], dtype=np.int32)
    head = np.array([row[1] for row in rows], dtype=np.int32)
    middle = lon[tail] + (lon[head] - lon[tail]) // 2, lat[tail] + (lat[head] - lat[tail]) // 2 + to_e7(bend)
    count = len(rows)
    return Streets(
        node_lon_e7=lon,
        node_lat_e7=lat,
        tail=tail,
        head=head,
        start=np.arange(0, 3 * count + 1, 3),
        point_lon_e7=np.stack([lon[tail], middle[0], lon[head]], axis=1).ravel().astype(np.int32),
        point_lat_e7=np.stack([lat[tail], middle[1], lat[head]], axis=1).ravel().astype(np.int32),
        way=np.array([ALONG if row[3] is None else BOTH for row in rows], dtype=np.uint8),
        klass=np.full(count, class_codes()["residential"], dtype=np.uint8),
        name=np.arange(count, dtype=np.int32) % 2 - 1,
        speed_along_dkmh=np.zeros(count, dtype=np.int32),
        speed_against_dkmh=np.zeros(count, dtype=np.int32),
        names=["Rua do Almada"],
        along_ms=np.array([row[2] for row in rows], dtype=np.int32),
        against_ms=np.array([row[3] or 0 for row in rows], dtype=np.int32),
        source="by hand",
    )


def region_of(rows: Sequence[Street], nodes: int, bend: float = 0.001) -> Region:
    """Nodes on a small curve north of Porto."""
    places = [(-8.6 + 0.01 * node, 41.2 + 0.003 * (node * node % 5)) for node in range(nodes)]
    return build_region(streets_of(places, rows, bend), name="by hand")


def with_turns(region: Region, *turns: tuple[Sequence[int], bool]) -> Region:
    """The region with these restrictions, each a path of directed edges and whether it is an *only*, and no others."""
    paths = [tuple(path) for path, _ in turns]
    arrays = {
        "turn_from": [path[0] for path in paths],
        "turn_via": [-1 if len(path) > 2 else int(region.edge_head[path[0]]) for path in paths],
        "turn_to": [path[-1] for path in paths],
        "turn_is_only": [is_only for _, is_only in turns],
        "turn_via_start": np.cumsum([0, *(len(path) - 2 for path in paths)]),
        "turn_via_edges": [edge for path in paths for edge in path[1:-1]],
    }
    return Region({**dict(region.items()), **{name: np.array(values, dtype=np.int64) for name, values in arrays.items()}}, region.header)


def metric_of(region: Region, *, wait_ms: dict[int, int] | None = None, closed: Sequence[int] = ()) -> Metric:
    """The region's times, waiting at the heads of these edges, and these edges closed."""
    waits, is_closed = np.zeros(region.edges, dtype=np.int64), np.zeros(region.edges, dtype=np.bool_)
    waits[list(wait_ms or {})] = list((wait_ms or {}).values())
    is_closed[list(closed)] = True
    key = MetricKey(region.map_hash, "by-hand", closures=",".join(map(str, closed)) or "open")
    return Metric(key, region.edge_ms.astype(np.int64), waits, is_closed)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    """Up to seven nodes and a dozen streets: one-ways, unequal twins, parallel edges, loops, islands."""
    nodes = draw(st.integers(2, 7))
    node, ms = st.integers(0, nodes - 1), st.integers(0, 3_000)
    row = st.tuples(node, node, ms, st.none() | ms)
    return region_of(draw(st.lists(row, min_size=1, max_size=12)), nodes)


@st.composite
def restricted_regions(draw: st.DrawFn) -> Region:
    """The same with up to seven restrictions by node or by up to three streets: turning round, loops, contradicting ones. Half of them are
    parts of one drive, so that they overlap."""
    region = draw(regions())
    leaving = [np.flatnonzero(region.edge_tail == node).tolist() for node in range(region.nodes)]

    def drive(steps: int) -> list[int]:
        path = [draw(st.integers(0, region.edges - 1))]
        for _ in range(steps):
            onward = leaving[region.edge_head[path[-1]]]
            path += [draw(st.sampled_from(onward))] if onward else []
        return path

    whole = drive(6)
    cuts = draw(st.lists(st.tuples(st.integers(0, 5), st.integers(2, 4)), max_size=4))
    paths = [whole[first : first + length] for first, length in cuts] + [
        drive(draw(st.sampled_from([1, 1, 2, 3]))) for _ in range(draw(st.integers(0, 3)))
    ]
    return with_turns(region, *((path, draw(st.booleans())) for path in paths if len(path) > 1))


@st.composite
def metrics(draw: st.DrawFn, region: Region) -> Metric:
    """Waiting and closures by chance, often none."""
    edge = st.integers(0, region.edges - 1)
    waits = draw(st.dictionaries(edge, st.integers(1, 900), max_size=4))
    return metric_of(region, wait_ms=waits, closed=sorted(draw(st.sets(edge, max_size=4))))


def positions(region: Region) -> st.SearchStrategy[OnRoad]:
    """Anywhere on any edge, the ends often; sometimes headed."""
    along = st.sampled_from([0, WHOLE_PPM, 500_000]) | st.integers(0, WHOLE_PPM)
    headed = st.sampled_from([False, False, True])
    return st.builds(lambda edge, at, is_headed: OnRoad(edge, Ppm(at), is_headed), st.integers(0, region.edges - 1), along, headed)
