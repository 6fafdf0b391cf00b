"""What if: a city with a station closed, a unit more, a unit elsewhere. Each gives another city; the one that was asked about stays."""

from collections.abc import Sequence
from typing import TypeVar

import msgspec
import numpy as np

from tocsin.base.faults import BadInput
from tocsin.lab.city.checks import Remark, check_city
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import CallKind, City, CrewedUnit, Floats, Shorts, StationSite, Window
from tocsin.lab.city.spots import nearest_places

Site = TypeVar("Site", bound=StationSite | CrewedUnit)


def close_station(city: City, name: str) -> City:
    """Its units go to the open station that is nearest by the drive without lights. The areas stay: they are what is compared by.

    Raises BadInput ``city_unknown`` (with what is known), ``city_stations_none`` for the last one that is open.
    """
    closed = station_index(city, name)
    stations = _with(city.stations, closed, msgspec.structs.replace(city.stations[closed], is_open=False))
    onward = _nearest_open(city._replace(stations=stations), city.stations[closed].place)
    units = tuple(msgspec.structs.replace(unit, station=onward) if unit.station == closed else unit for unit in city.units)
    return sealed(city._replace(stations=stations, units=units))


def open_station(city: City, name: str, place: int) -> City:
    """A station at this place, or one that was closed opened again (there, if another place is named). It has no units yet.

    Raises BadInput ``city_index``, ``city_doubled`` for a station that is open.
    """
    if not 0 <= place < city.places:
        raise BadInput("city_index", field="place", value=place, table="places", count=city.places)
    known = [station.name for station in city.stations]
    if name not in known:
        return sealed(city._replace(stations=(*city.stations, StationSite(name, place))))
    index = known.index(name)
    if city.stations[index].is_open:
        raise BadInput("city_doubled", field="station", name=name)
    return sealed(city._replace(stations=_with(city.stations, index, StationSite(name, place))))


def place_near(city: City, lon: float, lat: float) -> tuple[int, float]:
    """The place nearest to a point as the crow flies, and how many metres away it is."""
    place, away_m = nearest_places(city.place_lon, city.place_lat, np.array([lon]), np.array([lat]))
    return int(place[0]), float(away_m[0])


def add_unit(city: City, name: str, station: str, *, like: str | None = None, shifts: Sequence[Window] = ()) -> City:
    """One more unit, of the kind and capabilities of ``like``, or of the first at the station, or of the first there is.

    Raises BadInput ``city_unknown``, ``city_doubled``, ``city_station_closed``, ``city_window``.
    """
    if any(unit.name == name for unit in city.units):
        raise BadInput("city_doubled", field="unit", name=name)
    home = _open_index(city, station)
    model = (
        city.units[unit_index(city, like)] if like is not None else next((one for one in city.units if one.station == home), city.units[0])
    )
    unit = CrewedUnit(name, home, model.kind, model.capabilities, shifts=_checked(shifts))
    return sealed(city._replace(units=(*city.units, unit)))


def remove_unit(city: City, name: str) -> City:
    """Raises BadInput ``city_unknown``, ``city_units_none`` for the last one."""
    gone = unit_index(city, name)
    return sealed(check_city(city._replace(units=tuple(one for nth, one in enumerate(city.units) if nth != gone))))


def move_unit(city: City, name: str, station: str, *, shifts: Sequence[Window] | None = None) -> City:
    """Another home; other shifts, if any are given (none of them = always on duty). Raises as ``add_unit`` does."""
    index, home = unit_index(city, name), _open_index(city, station)
    unit = msgspec.structs.replace(city.units[index], station=home)
    if shifts is not None:
        unit = msgspec.structs.replace(unit, shifts=_checked(shifts))
    return sealed(city._replace(units=_with(city.units, index, unit)))


def with_demand(city: City, kinds: Sequence[CallKind], weights: Floats, remarks: Sequence[Remark] = ()) -> City:
    """Other calls: kinds, and rows (of any sum above 0) of weights by place. Remarks on the demand that was there are dropped.

    Raises BadInput of ``check_city``, ``city_weights`` for rows of another length or without anything in them.
    """
    rows = np.atleast_2d(np.asarray(weights, dtype=np.float64))
    if rows.shape[1] != city.places or not (np.isfinite(rows).all() and (rows.sum(axis=1) > 0).all()):
        raise BadInput("city_weights", field="place_weights", value=rows.shape[1])
    kept = tuple(one for one in city.remarks if not one[0].startswith("demand"))
    made = city._replace(kinds=tuple(kinds), place_weights=rows / rows.sum(axis=1, keepdims=True), remarks=(*kept, *remarks))
    return sealed(check_city(made))


def first_due(lights_ms: "np.ndarray[tuple[int, int], np.dtype[np.int32]]", station_places: Sequence[int]) -> Shorts:
    """Of each place the station that is there first with lights: index into the stations; the first where none comes."""
    drives = lights_ms[list(station_places)].astype(np.int64)
    due: Shorts = np.argmin(np.where(drives >= 0, drives, 1 << 40), axis=0).astype(np.int16)
    return due


def station_index(city: City, name: str) -> int:
    """Raises BadInput ``city_unknown``."""
    return _index(name, [station.name for station in city.stations], "station")


def unit_index(city: City, name: str) -> int:
    """Raises BadInput ``city_unknown``."""
    return _index(name, [unit.name for unit in city.units], "unit")


def _index(name: str, known: list[str], field: str) -> int:
    if name not in known:
        raise BadInput("city_unknown", field=field, name=name, known=", ".join(known))
    return known.index(name)


def _open_index(city: City, station: str) -> int:
    index = station_index(city, station)
    if not city.stations[index].is_open:
        raise BadInput("city_station_closed", field="station", name=station)
    return index


def _nearest_open(city: City, place: int) -> int:
    away = [(int(city.roads.normal_ms[place, one.place]), nth) for nth, one in enumerate(city.stations) if one.is_open]
    if not away:
        raise BadInput("city_stations_none", field="stations")
    return min((ms if ms >= 0 else 1 << 40, nth) for ms, nth in away)[1]


def _checked(shifts: Sequence[Window]) -> tuple[Window, ...]:
    for one in shifts:
        if not (0 <= one.begins < 10_080 and 0 <= one.until <= 10_080 and one.begins != one.until):
            raise BadInput("city_window", field="shifts", begins=one.begins, until=one.until)
    return tuple(shifts)


def _with(rows: tuple[Site, ...], index: int, row: Site) -> tuple[Site, ...]:
    return (*rows[:index], row, *rows[index + 1 :])
