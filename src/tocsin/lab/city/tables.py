"""A city from plain tables, without roads: drives from a table of times, or by straight lines and the square-root law."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.core.messages.plan import ResponsePlan
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.formats.city_tables import CalledFrom, Drive, HospitalRow, read_demand, read_hospitals, read_times
from tocsin.formats.fleet_files import read_stations, read_units
from tocsin.lab.city.checks import Remark, check_city
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.edit import first_due
from tocsin.lab.city.model import (
    CallKind,
    City,
    CrewedUnit,
    Floats,
    HospitalSite,
    Ints,
    PriorityClass,
    Roads,
    Span,
    StationSite,
)
from tocsin.lab.city.shift_calls import Called, told_calls
from tocsin.lab.city.spots import LEAST_ROOM, MOST_PLACES, Spots, nearest_places, on_plane, thinned
from tocsin.lab.city.ways import Progress, via_by_neighbours
from tocsin.lab.scenario import Scenario

DEMAND, PLACES, STATIONS, HOSPITALS, UNITS, TIMES = "demand.csv", "places.csv", "stations.csv", "hospitals.csv", "units.csv", "times.csv"
NAMES: Final = (DEMAND, PLACES, STATIONS, HOSPITALS, UNITS, TIMES)

LIGHTS_M_PER_S, NORMAL_M_PER_S = 13.0, 10.0
"""Cruising along the straight line between two places, detours of the streets included: 47 and 36 km/h."""
ACCELERATION_M_PER_S2: Final = 0.1
"""Kolesar, Walker and Hausner (1975), Determining the relation between fire engine travel times and travel distances: short drives take the
square root of their length, 2·sqrt(d/a), long ones v/a + d/v; the two meet at v²/a."""


def tables_city(
    texts: Mapping[str, str], scenario: tuple[Scenario, str] | None, *, name: str, folder: str, progress: Progress
) -> City:  # fmt: skip
    """The city of these texts (file name → text) and, if there is one, a scenario and its file. Raises BadInput ``city_file_missing``,
    of the tables, of ``check_city``."""
    read = _read(texts, folder.rstrip("/"))
    spots, remarks = _spots(read.demand, len(read.stations) + len(read.hospitals), is_kept=read.times is not None)
    fixed = [one.place.at for one in read.stations if one.place.at is not None] + [one.at for one in read.hospitals]
    lon = np.append(spots.lon, [at.lon for at in fixed])
    lat = np.append(spots.lat, [at.lat for at in fixed])
    progress(0, None, "city_drives")
    roads, said = (straight_roads(lon, lat), _straight_remark()) if read.times is None else (_told_roads(read), [])
    stations = tuple(StationSite(str(one.station), spots.size + nth) for nth, one in enumerate(read.stations))
    called = told_calls(_plan(scenario[0]), scenario[0], file=scenario[1]) if scenario else _plain_calls(read)
    weights = np.zeros((1, len(lon)))
    weights[0, : spots.size] = spots.weights[0] / spots.weights[0].sum()
    first = spots.size + len(stations)
    city = City(
        name=name,
        timezone="Etc/UTC",
        place_lon=lon,
        place_lat=lat,
        place_area=first_due(roads.lights_ms, [one.place for one in stations]),
        areas=tuple(one.name for one in stations),
        roads=roads,
        place_weights=weights,
        priorities=called.priorities,
        kinds=called.kinds,
        stations=stations,
        hospitals=tuple(HospitalSite(one.name, first + nth, one.bays) for nth, one in enumerate(read.hospitals)),
        units=_units(read, folder),
        turnouts=called.turnouts,
        call_taking=called.call_taking,
        travel_spread=called.travel_spread,
        target_from=called.target_from,
        remarks=(*called.remarks, *remarks, *said),
    )
    return sealed(check_city(city, file=folder))


FAR_M: Final = 200_000.0
"""Nothing of a city is so far from all its calls: a wrong sign, or another system of coordinates."""


def _check_far(points: Sequence[CalledFrom], sites: Sequence[tuple[str, int, str, LonLat | None]]) -> None:
    """``sites``: file, line, name, where. Raises BadInput ``city_far_away``."""
    lon, lat = (np.array([getattr(one.at, axis) for one in points if one.weight > 0]) for axis in ("lon", "lat"))
    for file, line, name, at in sites:
        if at is None:
            continue
        away_m = float(nearest_places(lon, lat, np.array([at.lon]), np.array([at.lat]))[1][0])
        if away_m > FAR_M:
            raise BadInput("city_far_away", file=file, line=line, field="lon, lat", name=name, away_km=round(away_m / 1000))


class _Read(NamedTuple):
    demand: list[CalledFrom]
    stations: list[OpenStation]
    hospitals: list[HospitalRow]
    units: list[EnrolUnit]
    times: list[Drive] | None


def _read(texts: Mapping[str, str], folder: str) -> _Read:
    file = {one: f"{folder}/{one}" if folder else one for one in NAMES}
    demand = next((one for one in (DEMAND, PLACES) if one in texts), None)
    for needed in (demand or DEMAND, STATIONS, UNITS):
        if needed not in texts:
            raise BadInput("city_file_missing", file=file[needed], names=needed)
    problems: list[BadInput] = []
    stations, station_lines = read_stations(texts[STATIONS], file=file[STATIONS], problems=problems)
    units, lines = read_units(texts[UNITS], file=file[UNITS], problems=problems)
    if problems:
        raise problems[0]
    known = [str(one.station) for one in stations]
    for unit, line in zip(units, lines, strict=True):
        if str(unit.station) not in known:
            raise BadInput("city_unknown", file=file[UNITS], line=line, field="station", name=unit.station or "", known=", ".join(known))
    points = read_demand(texts[demand or DEMAND], file=file[demand or DEMAND])
    hospitals = read_hospitals(texts[HOSPITALS], file=file[HOSPITALS]) if HOSPITALS in texts else []
    sites = [(file[STATIONS], line, str(one.station), one.place.at) for one, line in zip(stations, station_lines, strict=True)]
    _check_far(points, [*sites, *((file[HOSPITALS], one.line, one.name, one.at) for one in hospitals)])
    names = [one.name for one in points] + known + [one.name for one in hospitals]
    times = read_times(texts[TIMES], file=file[TIMES], known=names) if TIMES in texts else None
    return _Read(points, stations, hospitals, units, times)


def _spots(demand: Sequence[CalledFrom], fixed: int, *, is_kept: bool) -> tuple[Spots, list[Remark]]:
    weights = np.array([one.weight for one in demand])
    spots = Spots(np.array([one.at.lon for one in demand]), np.array([one.at.lat for one in demand]), weights[None, :])
    most = MOST_PLACES - LEAST_ROOM - fixed
    if is_kept:
        if spots.size > most:
            raise BadInput("city_places_many", field="place", found=spots.size, most=most)
        return spots, []
    kept, cell_m = thinned(spots, most)
    return kept, [("demand_thinned", (("points", spots.size), ("kept", kept.size), ("cell_m", round(cell_m))))] if cell_m else []


def straight_roads(lon: Floats, lat: Floats) -> Roads:
    """Drives by the crow's flight and the square-root law; the next place is a near one on about the same line."""
    x, y = on_plane(lon, lat)
    away_m = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    lights_ms, normal_ms = (square_root_ms(away_m, speed) for speed in (LIGHTS_M_PER_S, NORMAL_M_PER_S))
    return Roads(lights_ms, normal_ms, via_by_neighbours(lights_ms), via_by_neighbours(normal_ms))


def square_root_ms(away_m: Floats, cruise_m_per_s: float) -> Ints:
    """Kolesar's law; whole milliseconds."""
    turn_m = cruise_m_per_s**2 / ACCELERATION_M_PER_S2
    short_s = 2 * np.sqrt(away_m / ACCELERATION_M_PER_S2)
    long_s = cruise_m_per_s / ACCELERATION_M_PER_S2 + away_m / cruise_m_per_s
    ms: Ints = np.rint(1000 * np.where(away_m <= turn_m, short_s, long_s)).astype(np.int32)
    return ms


def _straight_remark() -> list[Remark]:
    return [("roads_straight", (("lights_kmh", round(3.6 * LIGHTS_M_PER_S)), ("normal_kmh", round(3.6 * NORMAL_M_PER_S))))]


def _told_roads(read: _Read) -> Roads:
    """What the table says; a pair that it does not say is no way, one said once counts both ways."""
    names = [one.name for one in read.demand] + [str(one.station) for one in read.stations] + [one.name for one in read.hospitals]
    at = {name: nth for nth, name in enumerate(names)}
    tables = []
    for mode in ("lights_ms", "normal_ms"):
        ms: Ints = np.full((len(names), len(names)), -1, dtype=np.int32)
        for drive in read.times or ():
            ms[at[drive.start], at[drive.end]] = getattr(drive, mode)
        ms = np.where(ms < 0, ms.T, ms)
        np.fill_diagonal(ms, 0)
        tables.append(np.ascontiguousarray(ms))
    return Roads(tables[0], tables[1], via_by_neighbours(tables[0]), via_by_neighbours(tables[1]))


def _units(read: _Read, folder: str) -> tuple[CrewedUnit, ...]:
    index = {str(one.station): nth for nth, one in enumerate(read.stations)}
    if not read.units:
        raise BadInput("city_units_none", file=f"{folder}/{UNITS}", field="unit")
    return tuple(
        CrewedUnit(str(unit.unit), index[str(unit.station)], unit.kind, unit.capabilities, crew=str(unit.crew or "")) for unit in read.units
    )


def _plan(scenario: Scenario) -> ResponsePlan:
    """Of a scenario that stands alone: its priorities in the order in which they come, and no cards."""
    return ResponsePlan("tables", tuple(dict.fromkeys(kind.priority for kind in scenario.kinds)), (), ())


def _plain_calls(read: _Read) -> Called:
    """One kind of call at one priority, as often as the table says, or else as the units could well serve."""
    per_day = sum(one.per_day or 0.0 for one in read.demand)
    remarks: list[Remark] = [("calls_plain", ())]
    if not per_day:
        per_day = 6.0 * len(read.units)
        remarks.append(("demand_invented", (("per_day", round(per_day)), ("units", len(read.units)))))
    kind = CallKind(
        "call", 0, (per_day / 24,) * 168,
        on_scene=Span(1_200_000, "lognormal", 0.5),
        transport_ppm=500_000 if read.hospitals else 0,
        handover=Span(900_000, "lognormal", 0.4) if read.hospitals else Span(0),
    )  # fmt: skip
    return Called((PriorityClass("urgent", 480_000),), (kind,), (), Span(60_000), 0.0, tuple(remarks), ("default",))
