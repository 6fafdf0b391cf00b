"""A place on the road: a directed edge and a fraction of it. What every router is asked with and answers with."""

from typing import Final

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres, Millis, Ppm

WHOLE_PPM: Final = 1_000_000
"""The far end of an edge."""


class OnRoad(msgspec.Struct, frozen=True, array_like=True):
    """A position: ``along_ppm`` parts per million of the directed edge's length, from its tail (0) to its head (1,000,000).

    The same place on the twin of a two-way street is ``OnRoad(twin, 1_000_000 - along_ppm)``; routers look at both.
    """

    edge: int
    along_ppm: Ppm
    is_headed: bool = False
    """Known to drive along this edge: it cannot leave against it. False = its heading is unknown. Means nothing for a target."""


class Snap(msgspec.Struct, frozen=True):
    """The nearest place on a road."""

    on: OnRoad
    place: LonLat
    """Where that is."""
    distance_m: Metres
    """From the place that was asked about to the road, as the crow flies."""


class Route(msgspec.Struct, frozen=True):
    """A quickest way."""

    time_ms: Millis
    distance_m: Metres
    edges: tuple[int, ...]
    """Directed edges in driving order; the first and the last may be driven in part. Empty when source and target are one place."""
    edge_ms: tuple[Millis, ...]
    """Of each edge, the waiting at its head included; for the first and the last, of what is driven of it."""
    edge_m: tuple[Metres, ...]
    coordinates: tuple[LonLat, ...]
    """The line as it is driven, cut at both ends."""


def part_ms(edge_ms: int, along_ppm: int) -> Millis:
    """Time from the tail of an edge to a fraction of it, rounded half up to whole milliseconds.

    The rest of the edge takes ``edge_ms - part_ms(edge_ms, along_ppm)``, so that the parts of an edge always add up to the edge.
    """
    return Millis((edge_ms * along_ppm + WHOLE_PPM // 2) // WHOLE_PPM)


def ppm_at(edge_ms: int, from_tail_ms: int) -> Ppm:
    """The fraction of an edge that is reached after so many milliseconds; ``part_ms`` gives them back for edges under 1,000 s."""
    return Ppm(min(WHOLE_PPM, (2 * from_tail_ms * WHOLE_PPM + edge_ms) // (2 * edge_ms)))
