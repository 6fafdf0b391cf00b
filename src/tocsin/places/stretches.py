"""Numbers along a line: where one of them lies, and what stretch of street holds a block of them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.places.groups import Spot, length_of, metres_from, spot_of, steps_m

ONE_BLOCK_M: Final = 150.0
"""Stretches of one block with no wider gap are one answer."""


ORIGIN_REASONS: Final = ("", "seen", "inferred")
"""By row of ``store.ORIGINS``."""


class Known(NamedTuple):
    """A kept stretch."""

    first: int
    last: int
    parity: int
    """0 all, 1 odd, 2 even."""
    area: int
    origin: int
    """Row of ``store.ORIGINS``, the best first."""
    spread_m: float
    line: NDArray[np.float64]


def place_on(stretch: Known, number: int) -> tuple[LonLat, Metres]:
    """Where a number lies on its stretch, and half the stretch as its uncertainty."""
    share = (number - stretch.first) / (stretch.last - stretch.first) if stretch.last > stretch.first else 0.5
    place = _along(stretch.line, min(1.0, max(0.0, share)))
    return place, Metres(length_of(stretch.line) / 2 + stretch.spread_m)


def part_of(stretch: Known, first: int, last: int) -> NDArray[np.float64]:
    """The points of a stretch between two numbers."""
    span = stretch.last - stretch.first + 1
    low = max(0.0, (first - stretch.first) / span)
    high = min(1.0, (last + 1 - stretch.first) / span)
    shares = np.linspace(low, high, 5)
    return np.array([tuple(_at(stretch.line, share)) for share in shares])


def join_blocks(known: list[Known], first: int, last: int) -> Iterator[tuple[int, Spot, float, int]]:
    """(area, middle and radius, further uncertainty, origin) of each place with these numbers."""
    clusters: list[tuple[list[Known], Any]] = []
    for one in known:
        points = part_of(one, first, last)
        for members, places in clusters:
            if min(float(metres_from(LonLat(*point), points).min()) for point in np.concatenate(places)) <= ONE_BLOCK_M:
                members.append(one)
                places.append(points)
                break
        else:
            clusters.append(([one], [points]))
    for members, places in clusters:
        weights: dict[int, int] = defaultdict(int)
        for one in members:
            weights[one.area] += 1
        area = max(weights, key=lambda number: (weights[number], -number))
        every = np.concatenate(places)
        yield area, spot_of(every), max(one.spread_m for one in members), min(one.origin for one in members)


def _along(line: NDArray[np.float64], share: float) -> LonLat:
    return LonLat(*(float(value) for value in _at(line, share)))


def _at(line: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    sums = np.concatenate(([0.0], np.cumsum(steps_m(line))))
    wanted = share * sums[-1]
    return np.array([np.interp(wanted, sums, line[:, 0]), np.interp(wanted, sums, line[:, 1])])
