"""Whether the arrays of a region can be a road network. Hashes tell that a file is as it was written, not that what was written is sound.

All is looked at array by array, in about the time that hashing takes: who searches roads may then trust every row.
"""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.region import DEGREES_E7, Region
from tocsin.roads.speeds import LONGEST_MS

_ALIKE: Final = ("node_", "edge_", "point_")
"""Arrays with one of these beginnings are of one length each."""


def is_sound(region: Region) -> bool:
    """Whether every row names rows that are there, every time is one and every place lies on the earth."""
    return all(checked for step in (_lengths, _starts, _ranges, _twins, _names) for checked in step(region))


def _lengths(region: Region) -> Iterator[bool]:
    for begin in _ALIKE:
        yield len({len(array) for name, array in region.items() if name.startswith(begin)}) == 1
    turns = len(region.turn_from)
    yield turns == len(region.turn_via) == len(region.turn_to) == len(region.turn_is_only)
    yield len(region.turn_via_start) == turns + 1
    yield len(region.street_start) > 1 and region.edges > 0


def _starts(region: Region) -> Iterator[bool]:
    """First rows of what follows one another in a longer array."""
    yield _is_rising(region.street_start, len(region.point_lon_e7), least=2)
    yield _is_rising(region.name_start, len(region.name_utf8), least=0)
    yield _is_rising(region.turn_via_start, len(region.turn_via_edges), least=0)
    yield bool((region.edge_street[1:] >= region.edge_street[:-1]).all())


def _is_rising(start: NDArray[Any], end: int, *, least: int) -> bool:
    wide = start.astype(np.int64)
    return bool(len(wide) and wide[0] == 0 and wide[-1] == end and (np.diff(wide) >= least).all())


def _ranges(region: Region) -> Iterator[bool]:
    nodes, edges, names = region.nodes, region.edges, len(region.name_start) - 1
    for array in (region.edge_tail, region.edge_head):
        yield _is_within(array, 0, nodes - 1)
    for array in (region.turn_from, region.turn_to, region.turn_via_edges):
        yield _is_within(array, 0, edges - 1)
    for flags in (region.node_is_strong, region.node_may_join, region.edge_is_against, region.turn_is_only):
        yield _is_within(flags, 0, 1)
    yield _is_within(region.edge_twin, -1, edges - 1)
    yield _is_within(region.edge_name, -1, names - 1)
    yield _is_within(region.edge_street, 0, region.streets - 1)
    yield _is_within(region.edge_class, 0, len(region.header.classes) - 1)
    yield _is_within(region.turn_via, -1, nodes - 1)
    yield _is_within(region.edge_ms, 1, LONGEST_MS)
    yield _is_within(region.edge_cm, 0, None)
    yield _is_within(region.edge_speed_dkmh, 0, None)
    for lon_e7, lat_e7 in ((region.node_lon_e7, region.node_lat_e7), (region.point_lon_e7, region.point_lat_e7)):
        yield _is_within(lon_e7, -180 * DEGREES_E7, 180 * DEGREES_E7)
        yield _is_within(lat_e7, -90 * DEGREES_E7, 90 * DEGREES_E7)


def _is_within(array: NDArray[Any], least: int, most: int | None) -> bool:
    return not len(array) or bool(array.min() >= least and (most is None or array.max() <= most))


def _twins(region: Region) -> Iterator[bool]:
    """The same street the other way, each of the other. Only after ranges were seen to hold."""
    edge = np.flatnonzero(region.edge_twin >= 0)
    twin = region.edge_twin[edge]
    yield np.array_equal(region.edge_twin[twin], edge)
    yield np.array_equal(region.edge_street[twin], region.edge_street[edge])
    yield np.array_equal(region.edge_head[twin], region.edge_tail[edge])
    yield bool((region.edge_is_against[twin] != region.edge_is_against[edge]).all())


def _names(region: Region) -> Iterator[bool]:
    try:
        region.name_utf8.tobytes().decode("utf-8")
    except UnicodeDecodeError:
        yield False
        return
    first = region.name_utf8[region.name_start[region.name_start < len(region.name_utf8)]]
    yield bool(((first & 0xC0) != 0x80).all())  # a name that began so would begin within a character
