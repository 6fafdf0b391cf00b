"""What a centre's own log teaches about numbers: where blocks are that several of its incidents gave.

Only blocks are taken ("800 Block of ELLIS ST"), never a house number; only where at least two different incidents agree; and of an incident
nothing is kept but that place: no time, no count, no number by which it could be found again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.geometry import LonLat
from tocsin.places.chains import Segment
from tocsin.places.folding import fold, key_of
from tocsin.places.groups import densely, metres_from
from tocsin.places.question import BLOCK, readings

FEWEST_INCIDENTS: Final = 2
APART_M: Final = 200.0
"""Incidents of one block that lie farther from their middle contradict it: nothing is learned."""
ON_STREET_M: Final = 60.0
SHORTEST_M: Final = 60.0
"""A shorter piece of street is part of a block, and which part nobody said."""
LEAST_BLOCK_M: Final = 90.0
"""A piece of street that bears two blocks is at least twice so long."""


class SeenBlock(msgspec.Struct, frozen=True):
    """A block of a street, and where it lies."""

    street: str
    """Folded, as ``key_of`` gives it."""
    first: int
    place: LonLat


class Report(msgspec.Struct, frozen=True):
    """What an incident said of its place."""

    incident: str
    text: str
    place: LonLat


def seen_blocks(reports: Iterable[Report]) -> list[SeenBlock]:
    """Blocks that several incidents gave, by street and number."""
    places: dict[tuple[str, int], dict[str, LonLat]] = defaultdict(dict)
    for report in reports:
        asks = readings(report.text)
        if len(asks) == 1 and asks[0].number is not None and asks[0].number.is_block:
            places[key_of(asks[0].words), asks[0].number.first][report.incident] = report.place
    seen = []
    for (street, first), of in sorted(places.items()):
        if len(of) >= FEWEST_INCIDENTS:
            every = _points(of.values())
            middle = LonLat(*np.median(every, axis=0).tolist())
            if metres_from(middle, every).max() <= APART_M:
                seen.append(SeenBlock(street, first, middle))
    return seen


def with_seen(segments: Sequence[Segment], seen: Iterable[SeenBlock]) -> list[Segment]:
    """The same segments; those without stated numbers on which a seen block lies have its numbers."""
    by_street: dict[str, list[int]] = defaultdict(list)
    for row, segment in enumerate(segments):
        by_street[key_of(fold(segment.street))].append(row)
    found: dict[int, list[int]] = defaultdict(list)
    for block in seen:
        gaps = [(_gap_m(segments[row], block.place), row) for row in by_street.get(block.street, ())]
        if gaps and min(gaps)[0] <= ON_STREET_M:
            found[min(gaps)[1]].append(block.first)
    return [_numbered(segment, found[row]) if row in found else segment for row, segment in enumerate(segments)]


def _gap_m(segment: Segment, place: LonLat) -> float:
    return float(metres_from(place, densely(_points(segment.line))).min())


def _points(places: Iterable[LonLat]) -> NDArray[np.float64]:
    return np.array([(place.lon, place.lat) for place in places])


def _numbered(segment: Segment, firsts: list[int]) -> Segment:
    low, high = min(firsts), max(firsts) + BLOCK - 1
    is_likely = high - low < BLOCK * max(1.0, segment.length_m / LEAST_BLOCK_M)
    if segment.low is not None or segment.length_m < SHORTEST_M or not is_likely:
        return segment
    return msgspec.structs.replace(segment, low=max(1, low), high=high, is_seen=True)
