"""Parts of lines: their lengths, their ends, their direction; thinning keeps within its slack."""

from itertools import pairwise
from math import hypot

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from road_cases import region_of

from tocsin.base.geometry import LonLat, distance_m
from tocsin.base.quantities import Metres, Ppm
from tocsin.roads.build import build_region
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.region import Region
from tocsin.roads.shapes import METRES_PER_DEGREE, outline, part_line, place_of
from tocsin.roads.streets import ALONG, Streets, to_e7

fractions = st.integers(0, WHOLE_PPM)
BENT = region_of([(0, 1, 1_000, 2_000), (1, 2, 500, None), (2, 2, 10, 10)], 3, bend=0.004)


def length_m(line: list[LonLat]) -> float:
    return sum(distance_m(start=start, end=end) for start, end in pairwise(line))


@given(st.integers(0, BENT.edges - 1), fractions, fractions)
def test_a_part_of_an_edge_is_as_long_as_it_says(edge: int, one: int, other: int) -> None:
    start, end = sorted((one, other))
    line = part_line(BENT, edge, start, end)
    assert length_m(line) == pytest.approx(BENT.edge_length_m(edge) * (end - start) / WHOLE_PPM, abs=0.1, rel=1e-3)
    assert distance_m(start=line[0], end=place_of(BENT, OnRoad(edge, Ppm(start)))) < 0.02
    assert distance_m(start=line[-1], end=place_of(BENT, OnRoad(edge, Ppm(end)))) < 0.02


@given(st.integers(0, BENT.edges - 1), fractions)
def test_a_place_and_the_same_on_the_twin_are_one(edge: int, along: int) -> None:
    twin = int(BENT.edge_twin[edge])
    if twin >= 0:
        here, there = place_of(BENT, OnRoad(edge, Ppm(along))), place_of(BENT, OnRoad(twin, Ppm(WHOLE_PPM - along)))
        assert distance_m(start=here, end=there) < 0.02


@pytest.mark.parametrize("edge", range(BENT.edges))
def test_a_whole_edge_runs_from_its_tail_to_its_head(edge: int) -> None:
    line = part_line(BENT, edge, 0, WHOLE_PPM)
    assert line[0] == BENT.node_place(int(BENT.edge_tail[edge]))
    assert line[-1] == BENT.node_place(int(BENT.edge_head[edge]))
    assert len(line) == 3
    assert length_m(line) == pytest.approx(BENT.edge_length_m(edge), abs=0.01)


def wiggle(points: list[tuple[float, float]]) -> Region:
    """One one-way street through these points (metres from a place near the equator)."""
    lon, lat = to_e7([x / METRES_PER_DEGREE for x, _ in points]), to_e7([y / METRES_PER_DEGREE for _, y in points])
    one = np.zeros(1, dtype=np.int32)
    return build_region(
        Streets(
            node_lon_e7=lon[[0, -1]],
            node_lat_e7=lat[[0, -1]],
            tail=one,
            head=one + 1,
            start=np.array([0, len(points)]),
            point_lon_e7=lon,
            point_lat_e7=lat,
            way=np.array([ALONG], dtype=np.uint8),
            klass=np.zeros(1, dtype=np.uint8),
            name=one - 1,
            speed_along_dkmh=one,
            speed_against_dkmh=one,
            names=(),
        ),
        name="wiggle",
    )


def off_m(x: float, y: float, line: list[tuple[float, float]]) -> float:
    """Distance from a line in metres."""
    best = 1e18
    for (x1, y1), (x2, y2) in pairwise(line):
        square = (x2 - x1) ** 2 + (y2 - y1) ** 2
        at = min(1.0, max(0.0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / square)) if square else 0.0
        best = min(best, hypot(x - x1 - at * (x2 - x1), y - y1 - at * (y2 - y1)))
    return best


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=2, max_size=15), st.integers(0, 60))
def test_a_thinned_line_stays_near_its_street(points: list[tuple[int, int]], slack_m: int) -> None:
    # points of rising x, so that the chord's distance is the line's
    points = [(1_000 * number + x, y) for number, (x, y) in enumerate(points)]
    (line,) = outline(wiggle([(float(x), float(y)) for x, y in points]), slack_m=Metres(float(slack_m)))
    drawn = [(place.lon * METRES_PER_DEGREE, place.lat * METRES_PER_DEGREE) for place in line]
    assert drawn[0] == pytest.approx(points[0], abs=0.02)
    assert drawn[-1] == pytest.approx(points[-1], abs=0.02)
    assert len(drawn) <= len(points)
    assert all(off_m(x, y, drawn) <= slack_m + 0.05 for x, y in points)


def test_great_streets_are_drawn_first_and_whole() -> None:
    region = region_of([(0, 1, 9, 9), (0, 3, 9, 9), (1, 2, 9, None)], 4)
    lines = outline(region, slack_m=Metres(0.0))
    lengths = [length_m(line) for line in lines]
    assert lengths == sorted(lengths, reverse=True)
    assert len(outline(region, slack_m=Metres(0.0), limit=6)) == 2
    assert outline(region, classes=["motorway"]) == []
    assert outline(region, least_m=Metres(1e6)) == []
