"""Streets as chains: all segments of one name in the order in which their numbers rise, over the gaps too.

Lines are drawn in the direction in which numbers rise (in San Francisco's data all that state numbers are).
"""

from collections import defaultdict
from collections.abc import Iterator
from heapq import heappop, heappush
from math import atan2, cos, degrees, hypot, radians
from typing import Final

import msgspec

from tocsin.base.geometry import EARTH_RADIUS_M, LonLat
from tocsin.base.quantities import Metres
from tocsin.places.rows import Line

MOST_STARTS: Final = 8


class Segment(msgspec.Struct, frozen=True):
    """A street between two nodes; ``low`` and ``high`` are the numbers at its first and last point, None where they are not stated."""

    street: str
    tail: int
    head: int
    line: Line
    length_m: Metres
    low: int | None = None
    high: int | None = None
    area: str = ""
    is_seen: bool = False
    """The numbers are not stated: incidents of that block lay here (``seen.py``)."""


class Chain:
    """All segments of one name with the way along them, over the gaps too, from their lower end."""

    def __init__(self, segments: list[Segment]) -> None:
        self.segments = segments
        self.street = segments[0].street
        self.along_m = _along(segments)
        self.known: dict[int, float] = _stated(segments)
        self.number: dict[int, float] = {}
        self.is_held: dict[int, bool] = {}
        """Nodes between two of which parallels say something."""


def chains_of(segments: list[Segment]) -> list[Chain]:
    """One chain for each name, in the order of the names."""
    by_street: dict[str, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_street[segment.street].append(segment)
    return [Chain(by_street[street]) for street in sorted(by_street)]


def _parts(segments: list[Segment]) -> Iterator[list[Segment]]:
    """Segments of one name that hang together."""
    at: dict[int, list[int]] = defaultdict(list)
    for row, segment in enumerate(segments):
        at[segment.tail].append(row)
        at[segment.head].append(row)
    left = dict.fromkeys(range(len(segments)))
    while left:
        found, waiting = set[int](), [next(iter(left))]
        while waiting:
            row = waiting.pop()
            if row not in found:
                found.add(row)
                waiting += [*at[segments[row].tail], *at[segments[row].head]]
        for row in found:
            del left[row]
        yield [segments[row] for row in sorted(found)]


def _along(segments: list[Segment]) -> dict[int, float]:
    """Metres from the lower end. Lines are drawn in the direction in which numbers rise: the lower end is where none arrives."""
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    heads = {segment.head for segment in segments}
    for segment in segments:
        near[segment.tail].append((segment.head, segment.length_m))
        near[segment.head].append((segment.tail, segment.length_m))
    for one, other, gap_m in _bridges(segments):
        near[one].append((other, gap_m))
        near[other].append((one, gap_m))
    starts = sorted({segment.tail for segment in segments} - heads)[:MOST_STARTS] or [segments[0].tail]
    ways = [_distances(near, start) for start in starts]
    # the end from which most segments are driven as they are drawn
    return max(ways, key=lambda way: sum(segment.length_m for segment in segments if way[segment.head] > way[segment.tail]))


def _bridges(segments: list[Segment]) -> Iterator[tuple[int, int, float]]:
    """Straight over the gaps between parts of one street, from each part to the nearest that is joined already."""
    parts = [{node: place for row in part for node, place in _ends(row)} for part in _parts(segments)]
    joined = parts.pop(0)
    while parts:
        gaps = [
            (metres(place, other_place), node, other, row)
            for row, part in enumerate(parts)
            for node, place in part.items()
            for other, other_place in joined.items()
        ]
        gap_m, node, other, row = min(gaps)
        yield node, other, gap_m
        joined |= parts.pop(row)


def _ends(segment: Segment) -> tuple[tuple[int, LonLat], tuple[int, LonLat]]:
    return (segment.tail, segment.line[0]), (segment.head, segment.line[-1])


def _distances(near: dict[int, list[tuple[int, float]]], start: int) -> dict[int, float]:
    way, waiting = dict[int, float](), [(0.0, start)]
    while waiting:
        gone_m, node = heappop(waiting)
        if node not in way:
            way[node] = gone_m
            for other, length_m in near[node]:
                if other not in way:
                    heappush(waiting, (gone_m + length_m, other))
    return way


def _stated(segments: list[Segment]) -> dict[int, float]:
    """Number at each node that a stated range begins or ends at: where one block ends and the next begins, the round one between."""
    ends: dict[int, list[float]] = defaultdict(list)
    for segment in segments:
        if segment.low is not None and segment.high is not None:
            ends[segment.tail].append(_rounded(segment.low))
            ends[segment.head].append(_rounded(segment.high + 1))
    return {node: sorted(numbers)[len(numbers) // 2] for node, numbers in ends.items()}


def _rounded(number: float) -> float:
    """To the hundred where it is all but one."""
    hundred = 100.0 * round(number / 100.0)
    return hundred if abs(number - hundred) <= 4 else float(number)


def headings(chain: Chain) -> dict[int, tuple[LonLat, float]]:
    """Place and bearing (degrees, towards higher numbers) of each node of a chain."""
    found: dict[int, tuple[LonLat, float]] = {}
    for segment in chain.segments:
        is_up = chain.along_m[segment.head] >= chain.along_m[segment.tail]
        line = segment.line if is_up else segment.line[::-1]
        bearing = _bearing(line[0], line[-1])
        found[segment.tail] = (segment.line[0], bearing)
        found[segment.head] = (segment.line[-1], bearing)
    return found


def _bearing(start: LonLat, end: LonLat) -> float:
    return degrees(atan2((end.lon - start.lon) * cos(radians(start.lat)), end.lat - start.lat))


def apart(a: float, b: float) -> float:
    """Degrees between two bearings, 0 to 180."""
    return abs((a - b + 180.0) % 360.0 - 180.0)


def metres(a: LonLat, b: LonLat) -> float:
    """Between two places of one town, on a plane."""
    return EARTH_RADIUS_M * hypot(radians(b.lon - a.lon) * cos(radians(a.lat)), radians(b.lat - a.lat))
