"""The floor of lateness: what no policy can help, because no open station is near enough; and hours on duty."""

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, Ints, Longs, Window
from tocsin.lab.plain.unit import turnout_column

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WEEK_MINUTES = 10_080
PPM = 1_000_000
NO_WAY = 1 << 38
"""Milliseconds that no drive takes."""


def high_priorities(city: City) -> NDArray[np.bool_]:
    """By priority: whether it counts as high. All do in a city where none is urgent."""
    urgent = np.array([one.is_urgent for one in city.priorities], dtype=np.bool_)
    return urgent if urgent.any() else np.ones(len(urgent), dtype=np.bool_)


def out_of_reach(city: City, calls: Calls) -> NDArray[np.bool_]:
    """By call: whether it is late even when a unit waits at every open station and is sent at once. The call's own dice are used: call
    taking, turnout, pace of the drive; closed roads, lost stations and offsets of lent units are not. A unit on the road can be nearer.
    """
    told_urgent = np.array([one.is_urgent for one in city.priorities], dtype=np.bool_)[calls.told_priority]
    lights_ms, normal_ms = (_nearest_ms(table, city)[calls.place] for table in (city.roads.lights_ms, city.roads.normal_ms))
    drive_ms = np.where(told_urgent, lights_ms, normal_ms)
    rolls_ms = calls.ready_ms.astype(np.int64) + _turnout_ms(city, calls)
    hours = np.array(city.travel_ppm or (PPM,), dtype=np.int64)
    on_scene_ms = rolls_ms + drive_ms * hours[rolls_ms // HOUR_MS % len(hours)] // PPM * calls.travel_ppm // PPM
    target_ms = np.array([one.target_ms for one in city.priorities], dtype=np.int64)[calls.priority]
    late: NDArray[np.bool_] = (drive_ms == NO_WAY) | (on_scene_ms - calls.at_ms > target_ms)
    return late


def _nearest_ms(table: Ints, city: City) -> Longs:
    """By place: the drive from the nearest open station."""
    stations = [one.place for one in city.stations if one.is_open]
    drives = table[stations].astype(np.int64)
    nearest: Longs = np.where(drives < 0, NO_WAY, drives).min(axis=0, initial=NO_WAY)
    return nearest


def _turnout_ms(city: City, calls: Calls) -> Longs:
    """By call: the shortest of the turnouts at a station, of the kinds of units that there are."""
    columns = {turnout_column(city, unit.kind) for unit in city.units}
    if -1 in columns or not columns:
        return np.zeros(calls.size, dtype=np.int64)
    shortest: Longs = calls.turnout_ms[:, sorted(columns), 0].min(axis=1)
    return shortest


def duty_ms(city: City, until_ms: int) -> Longs:
    """By unit: on duty between the run's first instant, a Monday 00:00, and ``until_ms``."""
    return np.array([_on_duty_ms(unit.shifts, until_ms) for unit in city.units], dtype=np.int64)


def _on_duty_ms(shifts: tuple[Window, ...], until_ms: int) -> int:
    if not shifts:
        return until_ms
    on = np.zeros(WEEK_MINUTES, dtype=np.bool_)
    for shift in shifts:
        if shift.begins < shift.until:
            on[shift.begins : shift.until] = True
        else:
            on[shift.begins :] = True
            on[: shift.until] = True
    weeks, rest = divmod(until_ms // MINUTE_MS, WEEK_MINUTES)
    return int(weeks * int(on.sum()) + int(on[:rest].sum())) * MINUTE_MS
