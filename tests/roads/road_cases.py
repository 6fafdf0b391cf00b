"""Small road networks by hand and by chance."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from tocsin.base.quantities import Ppm
from tocsin.roads.build import build_region
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.region import Region
from tocsin.roads.streets import ALONG, BOTH, Streets, class_codes, to_e7

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


@st.composite
def regions(draw: st.DrawFn) -> Region:
    """Up to seven nodes and a dozen streets: one-ways, unequal twins, parallel edges, loops, islands."""
    nodes = draw(st.integers(2, 7))
    node, ms = st.integers(0, nodes - 1), st.integers(0, 3_000)
    row = st.tuples(node, node, ms, st.none() | ms)
    return region_of(draw(st.lists(row, min_size=1, max_size=12)), nodes)


def positions(region: Region) -> st.SearchStrategy[OnRoad]:
    """Anywhere on any edge, the ends often."""
    along = st.sampled_from([0, WHOLE_PPM, 500_000]) | st.integers(0, WHOLE_PPM)
    return st.builds(lambda edge, at: OnRoad(edge, Ppm(at)), st.integers(0, region.edges - 1), along)
