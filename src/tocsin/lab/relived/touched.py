"""Stations that a change touches, and the calls that they are the nearest to: whoever closes one sees the very area that it served."""

from collections import Counter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.city.model import Longs
from tocsin.lab.relived.past import Past
from tocsin.lab.relived.serving import POST, Service

OWN_SHARE = 1 / 3
"""A station serves the areas of whose calls it is the nearest to at least this share, and the area that most of its own calls are of."""


class Around(NamedTuple):
    """One station that is closed, or at which other units wait than before."""

    station: str
    is_closed: bool
    before: tuple[str, ...]
    """Units that wait there, those without a station of their own (at its post) included."""
    after: tuple[str, ...]
    posted: tuple[str, ...]
    """Of these the ones without a station of their own: closing it does not move them."""
    is_nearest: NDArray[np.bool_]
    """By row of the log: no staffed station is nearer."""
    areas: tuple[str, ...]
    """Those that it serves, the one with most of its calls first."""


def touched(past: Past, base: Service, changed: Service) -> tuple[Around, ...]:
    """In the order of the stations. ``changed`` has its units where they wait in the end (``serving.rehomed``)."""
    before, after = _units_at(base), _units_at(changed)
    is_open = {one.place: one.is_open for one in changed.stations if not one.name.startswith(POST)}
    sites = [one for one in base.stations if not one.name.startswith(POST)]
    own = [one for one in sites if before.get(one.place) != after.get(one.place) or not is_open[one.place]]
    counted = [one for one in sites if one in own or one.place in before]
    nearest = _nearest(past, [one.place for one in counted])
    posted = {unit.name for unit in base.units if unit.is_guessed}
    found = []
    for one in own:
        is_nearest = nearest == counted.index(one)
        here, there = before.get(one.place, ()), after.get(one.place, ())
        stay = tuple(name for name in there if name in posted)
        found.append(Around(one.name, not is_open[one.place], here, there, stay, is_nearest, _areas(past, one.name, is_nearest, one.place)))
    return tuple(found)


def _units_at(service: Service) -> dict[int, tuple[str, ...]]:
    """Place → names of the units that wait there; a post lies where its station lies."""
    found: dict[int, tuple[str, ...]] = {}
    for unit in sorted(service.units, key=lambda one: one.name):
        place = service.stations[unit.station].place
        found[place] = (*found.get(place, ()), unit.name)
    return found


def _nearest(past: Past, places: list[int]) -> Longs:
    """By row the nearest of these places on the road, with lights; the first of equals, -1 where there is none."""
    if not places:
        return np.full(len(past.rows), -1, np.int64)
    drives = past.ground.roads.lights_ms[places][:, past.place].astype(np.int64)
    drives[drives < 0] = np.iinfo(np.int64).max
    return np.where(drives.min(axis=0) < np.iinfo(np.int64).max, drives.argmin(axis=0), -1)


def _areas(past: Past, name: str, is_nearest: NDArray[np.bool_], place: int) -> tuple[str, ...]:
    names = [row.area for row in past.rows]
    every = Counter(names)
    own = Counter(names[nth] for nth in np.flatnonzero(is_nearest).tolist())
    served = [area for area, count in own.most_common() if count >= OWN_SHARE * every[area] or area == own.most_common(1)[0][0]]
    if name in every and name not in served:
        served.append(name)
    if not served:  # nobody called near it: the area of the call that is least far
        drives = past.ground.roads.lights_ms[place, past.place].astype(np.int64)
        served.append(names[int(np.argmin(np.where(drives < 0, np.iinfo(np.int64).max, drives)))])
    return tuple(served)
