"""The hypercube of a city: what closest unit + return home leads to, in a second and without dice. A first look, not the experiment.

Left out, and said so by ``CityShares.remarks``: units on their way are counted at their stations, every call wants one unit of any kind,
nobody is diverted, and the hours of the week are one mean hour unless one is asked for.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import NO_WAY_MS, City, CrewedUnit, Floats, Span, Turnout, Window
from tocsin.lab.queueing.approximate import approximate
from tocsin.lab.queueing.hypercube import MOST_EXACT, Shares, exact

HOUR_MS = 3_600_000
FAR_MS = 7_200_000.0
"""What a drive counts for where there is no way: behind everybody, and late."""
SERVICE_TURNS = 6
SERVICE_ENOUGH = 1e-4


class CityShares(NamedTuple):
    """Figures of the mean hour, or of one hour of the week as if it went on for ever."""

    method: Literal["exact", "approximate"]
    units: tuple[int, ...]
    """Index into ``City.units`` of each column and workload below."""
    workloads: Floats
    served: Floats
    """(areas, units): share of the area's calls that each unit serves."""
    travel_ms: Floats
    """By area: mean drive to the call; nan where nobody calls."""
    late_share: Floats
    """By area, calls of urgent priorities (of all where none is urgent); nan where there is none."""
    all_late_share: float
    """The same, over all areas."""
    waits: float
    """Share of calls that find no free unit."""
    mean_wait_ms: float
    """Of all calls, for a unit."""
    remarks: tuple[str, ...]
    """Codes ``lab.remark.<code>``."""


class _Atoms(NamedTuple):
    """A row for each kind of call and place with demand; columns are units."""

    rates: Floats
    """Calls per millisecond."""
    kind: NDArray[np.intp]
    place: NDArray[np.intp]
    rolls_ms: Floats
    """From being told to rolling, agreements of outside units included."""
    drive_ms: Floats
    service_ms: Floats


def hypercube_of(city: City, *, load: float = 1.0, hour: int | None = None) -> CityShares:
    """Workloads, who serves whom, travel and lateness by area under "closest, then home": exact up to 14 units, else approximate.

    ``load`` multiplies the calls. ``hour``: 0 … 167 from Monday 00:00, with the units on duty at its beginning; None = the mean of the week
    with every unit that is ever on duty. Raises BadInput ``queueing_units`` (nobody on duty) or ``queueing_load`` (nobody calls, or more
    than the units can ever serve).
    """
    chosen = _on_duty(city, hour)
    if not chosen:
        raise BadInput("queueing_units", field="units", value=0, most=MOST_EXACT)
    atoms = _atoms(city, chosen, load, hour)
    if not atoms.rates.sum() > 0:
        raise BadInput("queueing_load", field="load", value=load)
    costs = np.array([city.units[at].cost_ms for at in chosen])
    prefer = np.argsort(atoms.rolls_ms + atoms.drive_ms + costs, axis=1, kind="stable").astype(np.int16)
    shares = approximate(atoms.rates, prefer, atoms.service_ms)
    is_exact = len(chosen) <= MOST_EXACT
    if is_exact:
        shares = _exactly(atoms, prefer, shares)
    return _told(city, chosen, atoms, shares, _remarks(city, hour, is_exact=is_exact))


def _exactly(atoms: _Atoms, prefer: NDArray[np.int16], shares: Shares) -> Shares:
    """A unit's mean service hangs on whom it serves, which hangs on the services: solved in turns."""
    service = _mean_service(atoms, shares)
    for _ in range(SERVICE_TURNS):
        shares = exact(atoms.rates, prefer, service)
        before, service = service, _mean_service(atoms, shares)
        if float(np.abs(service / before - 1).max()) < SERVICE_ENOUGH:
            break
    return shares


def _mean_service(atoms: _Atoms, shares: Shares) -> Floats:
    weights = atoms.rates[:, None] * shares.served
    total: Floats = (weights * atoms.service_ms).sum(axis=0) / weights.sum(axis=0)
    return total


def _on_duty(city: City, hour: int | None) -> tuple[int, ...]:
    """Units at open stations; of those who share a crew, the first."""
    crews, chosen = set(), []
    for at, unit in enumerate(city.units):
        is_there = city.stations[unit.station].is_open and (hour is None or not unit.shifts or _is_within(unit.shifts, hour * 60))
        if is_there and (not unit.crew or unit.crew not in crews):
            chosen.append(at)
            crews.add(unit.crew)
    return tuple(chosen)


def _is_within(windows: Sequence[Window], minute: int) -> bool:
    return any(
        one.begins <= minute < one.until if one.begins < one.until else minute >= one.begins or minute < one.until for one in windows
    )


def _atoms(city: City, chosen: tuple[int, ...], load: float, hour: int | None) -> _Atoms:
    factor = 1.0 if hour is None or not city.travel_ppm else city.travel_ppm[hour] / 1e6
    units = [city.units[at] for at in chosen]
    origins = [city.stations[unit.station].place for unit in units]
    rolls = np.array([_turnout(city, unit).at_station.mean_ms + unit.offset_ms for unit in units], dtype=float)
    parts = []
    for at, kind in enumerate(city.kinds):
        per_hour = float(np.mean(kind.per_hour)) if hour is None else kind.per_hour[hour]
        weights = city.place_weights[kind.places] * per_hour * load / HOUR_MS
        places = np.flatnonzero(weights > 0)
        table = city.roads.lights_ms if city.priorities[kind.priority].is_urgent else city.roads.normal_ms
        drive = _drive(table[origins][:, places].T) * factor
        tail = kind.on_scene.mean_ms + kind.transport_ppm / 1e6 * (_to_hospital(city)[places] * factor + kind.handover.mean_ms)
        service = rolls + drive + tail[:, None]
        parts.append(_Atoms(weights[places], np.full(len(places), at), places, np.broadcast_to(rolls, drive.shape), drive, service))
    return _Atoms(*(np.concatenate([part[at] for part in parts]) for at in range(len(_Atoms._fields))))


def _drive(table_ms: NDArray[np.int32]) -> Floats:
    return np.where(table_ms == NO_WAY_MS, FAR_MS, table_ms.astype(float))


def _to_hospital(city: City) -> Floats:
    """From each place to the hospital reached soonest; 0 where the city has none."""
    if not city.hospitals:
        return np.zeros(city.places)
    nearest: Floats = _drive(city.roads.normal_ms[:, [one.place for one in city.hospitals]]).min(axis=1)
    return nearest


def _turnout(city: City, unit: CrewedUnit) -> Turnout:
    by_kind = {one.kind: one for one in city.turnouts}
    return by_kind.get(unit.kind) or by_kind.get("*") or Turnout()


def _told(city: City, chosen: tuple[int, ...], atoms: _Atoms, shares: Shares, remarks: tuple[str, ...]) -> CityShares:
    areas, area = len(city.areas), city.place_area[atoms.place].astype(np.intp)
    calls = np.bincount(area, atoms.rates, areas)
    drive = np.bincount(area, atoms.rates * (shares.served * atoms.drive_ms).sum(axis=1), areas)
    served = np.zeros((areas, len(chosen)))
    np.add.at(served, area, atoms.rates[:, None] * shares.served)
    is_high = np.array([city.priorities[kind.priority].is_urgent for kind in city.kinds])[atoms.kind]
    high = atoms.rates * (is_high if is_high.any() else 1.0)
    late = high * _late(city, chosen, atoms, shares)
    highs = np.bincount(area, high, areas)
    with np.errstate(invalid="ignore"):
        return CityShares(
            "approximate" if "queueing_approximate" in remarks else "exact",
            chosen,
            shares.workloads,
            served / calls[:, None],
            drive / calls,
            np.bincount(area, late, areas) / highs,
            float(late.sum() / high.sum()),
            shares.waits,
            shares.mean_wait,
            remarks,
        )


def _late(city: City, chosen: tuple[int, ...], atoms: _Atoms, shares: Shares) -> Floats:
    """By atom: chance of a late arrival. What is drawn counts as normal with its mean and spread; a wait is exponential (M/M/c)."""
    target = np.array([city.priorities[kind.priority].target_ms for kind in city.kinds], dtype=float)[atoms.kind]
    left = target[:, None] - city.call_taking.mean_ms - atoms.rolls_ms - atoms.drive_ms
    turnouts = np.array([_variance(_turnout(city, city.units[at]).at_station) for at in chosen])
    variance = _variance(city.call_taking) + turnouts + atoms.drive_ms**2 * np.expm1(city.travel_spread**2)
    direct = ndtr(-left / np.sqrt(np.maximum(variance, 1.0)))
    if not shares.waits > 0:
        at_once: Floats = (shares.served * direct).sum(axis=1)
        return at_once
    waited_ms = max(shares.mean_wait / shares.waits, 1e-9)
    waiting = np.exp(-np.maximum(left, 0.0) / waited_ms)
    pace = 1 / _mean_service(atoms, shares)
    from_line = np.minimum(shares.waits * pace / pace.sum(), shares.served)
    chance: Floats = ((shares.served - from_line) * direct + from_line * waiting).sum(axis=1)
    return chance


def _variance(span: Span) -> float:
    mean = float(span.mean_ms)
    match span.law:
        case "fixed":
            return 0.0
        case "exponential":
            return mean**2
        case "lognormal":
            return mean**2 * float(np.expm1(span.spread**2))
        case "gamma":
            return mean**2 / span.spread
        case "observed":
            return float(np.var(span.values_ms))


def _remarks(city: City, hour: int | None, *, is_exact: bool) -> tuple[str, ...]:
    is_uneven = any(unit.shifts for unit in city.units) or any(len(set(kind.per_hour)) > 1 for kind in city.kinds)
    left_out = {
        "queueing_home": True,
        "queueing_approximate": not is_exact,
        "queueing_one_unit": any(sum(slot.count for slot in kind.slots) > 1 for kind in city.kinds),
        "queueing_no_diverts": bool(city.diverts),
        "queueing_hours": hour is None and is_uneven,
        "queueing_bays": any(site.bays for site in city.hospitals),
        "queueing_happens": bool(city.happenings or city.surges) or any(unit.breaks for unit in city.units),
    }
    return tuple(code for code, is_so in left_out.items() if is_so)
