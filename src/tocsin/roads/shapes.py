"""Lines on the map: where a position lies, how a part of an edge runs, and outlines of the streets for drawing."""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.roads.position import WHOLE_PPM, OnRoad
from tocsin.roads.region import DEGREES_E7, Region

Floats = NDArray[np.float64]

ANY_LENGTH_M = Metres(0.0)
DRAWING_SLACK_M = Metres(3.0)

METRES_PER_DEGREE = 111_195.08
"""On a great circle of the mean radius."""


def street_line(region: Region, street: int) -> tuple[Floats, Floats, Floats]:
    """Longitudes, latitudes and parts of the length (0 to 1) of a street's points."""
    part = slice(int(region.street_start[street]), int(region.street_start[street + 1]))
    lon = region.point_lon_e7[part] / DEGREES_E7
    lat = region.point_lat_e7[part] / DEGREES_E7
    pieces = np.hypot(np.diff(lon) * np.cos(np.radians(lat[0])), np.diff(lat))
    length = np.concatenate([[0.0], np.cumsum(pieces)])
    return lon, lat, length / length[-1] if length[-1] > 0 else np.linspace(0.0, 1.0, len(lon))


def place_of(region: Region, on: OnRoad) -> LonLat:
    """Where a position lies."""
    lon, lat, share = street_line(region, int(region.edge_street[on.edge]))
    part = on.along_ppm / WHOLE_PPM
    return _between(lon, lat, share, 1.0 - part if region.edge_is_against[on.edge] else part)


def _between(lon: Floats, lat: Floats, share: Floats, part: float) -> LonLat:
    return LonLat(round(float(np.interp(part, share, lon)), 7), round(float(np.interp(part, share, lat)), 7))


def part_line(region: Region, edge: int, from_ppm: int, to_ppm: int) -> list[LonLat]:
    """The line that is driven from one fraction of a directed edge on to a later one."""
    if (from_ppm, to_ppm) == (0, WHOLE_PPM):
        return _whole_line(region, edge)
    lon, lat, share = street_line(region, int(region.edge_street[edge]))
    if region.edge_is_against[edge]:
        lon, lat, share = lon[::-1], lat[::-1], 1.0 - share[::-1]
    start, end = from_ppm / WHOLE_PPM, to_ppm / WHOLE_PPM
    inner = np.flatnonzero((share > start) & (share < end))
    middle = [LonLat(float(lon[row]), float(lat[row])) for row in inner]
    return [_between(lon, lat, share, start), *middle, _between(lon, lat, share, end)]


def _whole_line(region: Region, edge: int) -> list[LonLat]:
    street = int(region.edge_street[edge])
    part = slice(int(region.street_start[street]), int(region.street_start[street + 1]))
    lon, lat = (region.point_lon_e7[part] / DEGREES_E7).tolist(), (region.point_lat_e7[part] / DEGREES_E7).tolist()
    line = [LonLat(x, y) for x, y in zip(lon, lat, strict=True)]
    return line[::-1] if region.edge_is_against[edge] else line


def outline(
    region: Region,
    *,
    classes: Collection[str] | None = None,
    least_m: Metres = ANY_LENGTH_M,
    limit: int = 20_000,
    slack_m: Metres = DRAWING_SLACK_M,
) -> list[list[LonLat]]:
    """Lines of streets for drawing, the greatest classes first, then the longest.

    ``classes``: names from ``region.header.classes``, None for all; ``least_m``: shorter streets are left out; ``limit``: the most points
    given out in all, whole streets only; ``slack_m``: how far a line may run beside the street to save points.
    """
    _, edge = np.unique(region.edge_street, return_index=True)
    klass, length_cm = region.edge_class[edge], region.edge_cm[edge]
    wanted = [code for code, name in enumerate(region.header.classes) if classes is None or name in classes]
    is_drawn = np.isin(klass, wanted) & (length_cm >= least_m * 100)
    order = np.lexsort((-length_cm, klass))
    lines: list[list[LonLat]] = []
    points = 0
    for street in order[is_drawn[order]].tolist():
        line = _simple(region, street, slack_m)
        points += len(line)
        if points > limit:
            break
        lines.append(line)
    return lines


def _simple(region: Region, street: int, slack_m: float) -> list[LonLat]:
    """The street's line with as few points as keep it within the slack (Douglas and Peucker, 1973)."""
    lon, lat, _ = street_line(region, street)
    x = lon * np.cos(np.radians(lat[0])) * METRES_PER_DEGREE
    y = lat * METRES_PER_DEGREE
    kept = {0, len(lon) - 1}
    parts = [(0, len(lon) - 1)]
    while parts:
        first, last = parts.pop()
        if last - first < 2:
            continue
        off = _off_line(x[first : last + 1], y[first : last + 1])
        far = first + int(np.argmax(off))
        if off[far - first] > slack_m:
            kept.add(far)
            parts += [(first, far), (far, last)]
    return [LonLat(float(lon[row]), float(lat[row])) for row in sorted(kept)]


def _off_line(x: Floats, y: Floats) -> Floats:
    """Distance of each point from the chord between first and last; from the first where those are one place."""
    dx, dy = x[-1] - x[0], y[-1] - y[0]
    chord = float(np.hypot(dx, dy))
    off: Floats = np.hypot(x - x[0], y - y[0]) if chord == 0 else np.abs(dx * (y - y[0]) - dy * (x - x[0])) / chord
    return off
