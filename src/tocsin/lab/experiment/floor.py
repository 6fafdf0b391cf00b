"""The floor of lateness: what no policy can help, because no open station is near enough; and hours on duty."""

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.city.model import City, Floats, Longs, Window

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WEEK_MINUTES = 10_080


def high_priorities(city: City) -> NDArray[np.bool_]:
    """By priority: whether it counts as high. All do in a city where none is urgent."""
    urgent = np.array([one.is_urgent for one in city.priorities], dtype=np.bool_)
    return urgent if urgent.any() else np.ones(len(urgent), dtype=np.bool_)


def floor_late_share(city: City) -> float:
    """Share of high calls that are late even when a unit waits at every open station; 0 where there are no high calls.

    Means of call taking, turnout and drive against the target.
    """
    high = high_priorities(city)
    soonest_ms = _soonest_ms(city, with_lights=True), _soonest_ms(city, with_lights=False)
    late = total = 0.0
    for kind in city.kinds:
        if not high[kind.priority]:
            continue
        priority = city.priorities[kind.priority]
        rate = float(np.sum(kind.per_hour))
        within_ms = priority.target_ms - city.call_taking.mean_ms
        late += rate * float(city.place_weights[kind.places][soonest_ms[0 if priority.is_urgent else 1] > within_ms].sum())
        total += rate
    return late / total if total else 0.0


def _soonest_ms(city: City, *, with_lights: bool) -> Floats:
    """By place: turnout and drive from the nearest open station; infinite where there is no way."""
    table = city.roads.lights_ms if with_lights else city.roads.normal_ms
    stations = [one.place for one in city.stations if one.is_open]
    if not stations:
        return np.full(city.places, np.inf)
    drives = np.where(table[stations] < 0, np.inf, table[stations].astype(np.float64))
    soonest: Floats = _turnout_ms(city) + drives.min(axis=0) * (_travel_ppm(city) / 1_000_000)
    return soonest


def _turnout_ms(city: City) -> float:
    """The least mean turnout at a station, of the kinds of units that there are."""
    kinds = {unit.kind for unit in city.units}
    means = [one.at_station.mean_ms for one in city.turnouts if one.kind == "*" or one.kind in kinds]
    return float(min(means, default=0))


def _travel_ppm(city: City) -> float:
    """Mean over the week's calls."""
    if not city.travel_ppm:
        return 1e6
    rates = np.sum([kind.per_hour for kind in city.kinds], axis=0)
    return float(np.average(city.travel_ppm, weights=rates)) if rates.sum() else float(np.mean(city.travel_ppm))


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
