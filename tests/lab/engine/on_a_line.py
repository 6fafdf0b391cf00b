"""Worlds that can be reckoned by hand: one unit at the corner of a square, calls with nothing left to chance."""

import numpy as np

from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit, StationSite
from tocsin.lab.city.square import square_city


def one_call(place: int, *, at_ms: int = 0, priority: int = 0, scene_ms: int = 600_000) -> Calls:
    """A call with nothing left to chance."""
    return Calls(
        *(np.array([number], np.int64) for number in (at_ms, at_ms + 1000)),
        *(np.array([number], np.int16) for number in (priority, priority, priority)),
        np.array([place], np.int32),
        np.array([[scene_ms]], np.int64),
        np.array([False]),
        np.array([0], np.int64),
        np.zeros((1, 0, 2), np.int64),
        np.array([1_000_000], np.int32),
        np.ones(1, np.int16),
    )


def joined(*calls: Calls) -> Calls:
    return Calls._make(np.concatenate(columns) for columns in zip(*calls, strict=True))


LINE = square_city(11, 1, stations=1)._replace(turnouts=(), stations=(StationSite("A", 0),), units=(CrewedUnit("U", 0),))
"""One unit at the corner; place n lies n steps east of it."""


def two_units(*, second: int = 5) -> City:
    """U at place 0, and V at a station of its own."""
    return LINE._replace(stations=(StationSite("A", 0), StationSite("B", second)), units=(CrewedUnit("U", 0), CrewedUnit("V", 1)))
