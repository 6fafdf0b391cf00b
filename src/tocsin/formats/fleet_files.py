"""``stations.csv`` and ``units.csv`` ↔ stations and units. Pure. As a spreadsheet writes them: ``,`` ``;`` or tab, with or without BOM."""

import re
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from statistics import median

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import CrewId, StationId, UnitId
from tocsin.base.quantities import Metres
from tocsin.core.messages.place import Place
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.formats.delimited import Row, Table, lines_of, read_table, write_table
from tocsin.formats.nearest import nearest

STATION_COLUMNS = ("station", "name", "lon", "lat", "area", "district", "address", "uncertainty_m")
UNIT_COLUMNS = ("unit", "kind", "capabilities", "station", "crew", "agency")
_REQUIRED = {"stations": ("station", "lon", "lat"), "units": ("unit", "kind", "capabilities")}
_ALIASES = {"longitude": "lon", "lng": "lon", "latitude": "lat", "id": "station", "callsign": "unit"}
_FAR_M = 300_000.0


def _cells(
    text: str, file: str, columns: Sequence[str], required: Iterable[str], problems: list[BadInput]
) -> list[tuple[int, dict[str, str]]]:
    """Rows as ``column → text``. Codes: ``table_empty``, ``table_broken``, ``table_row_length`` and those of the header."""
    try:
        table = read_table(lines_of(text), file=file)
        header = _header(table, file, columns, required, problems)
        rows: list[Row] = list(table.rows)
    except BadInput as fault:
        problems.append(fault)
        return []
    if header is None:
        return []
    cells = []
    for line, fields in rows:
        if len(fields) > len(header):
            problems.append(BadInput("table_row_length", file=file, line=line, found=len(fields), wanted=len(header)))
        row = dict(zip(header, fields, strict=False))
        if table.delimiter != ",":
            # Where a semicolon parts the fields, the comma is the decimal mark.
            row |= {name: row[name].replace(",", ".") for name in ("lon", "lat", "uncertainty_m") if name in row}
        cells.append((line, row))
    return cells


def _header(table: Table, file: str, columns: Sequence[str], required: Iterable[str], problems: list[BadInput]) -> list[str] | None:
    """Columns in their order. Codes: ``table_column_unknown``, ``table_column_doubled``, ``table_column_missing``."""
    header = [_column(name) for name in table.header]
    before = len(problems)
    for nth, (name, given) in enumerate(zip(header, table.header, strict=True)):
        fault = None
        if name and name not in columns:
            fault = BadInput("table_column_unknown", nearest=nearest(name, columns), known=", ".join(columns), column=given)
        elif name and name in header[:nth]:
            fault = BadInput("table_column_doubled", column=given)
        if fault is not None:
            fault.at(file=file, line=table.line, field=given)
            problems.append(fault)
    for name in required:
        if name not in header:
            there = ", ".join(table.header)
            problems.append(BadInput("table_column_missing", file=file, line=table.line, field=name, column=name, header=there))
    return header if len(problems) == before else None


def _column(name: str) -> str:
    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    return _ALIASES.get(plain, plain)


def read_stations(text: str, *, file: str, problems: list[BadInput]) -> tuple[list[OpenStation], list[int]]:
    """Stations and their lines. Codes besides those of the table: ``value_empty``, ``coordinate_number``, ``coordinates_swapped``,
    ``coordinate_range``, ``doubled``."""
    stations: list[OpenStation] = []
    lines: list[int] = []
    for line, row in _cells(text, file, STATION_COLUMNS, _REQUIRED["stations"], problems):
        name = _filled(row, "station", file, line, problems)
        point = read_point(row, file, line, problems)
        uncertainty_m = _number(row.get("uncertainty_m", ""), "uncertainty_m", file, line, problems)
        place = Place(
            point,
            row.get("address", ""),
            row.get("area", ""),
            row.get("district", ""),
            Metres(uncertainty_m) if uncertainty_m is not None else None,
        )
        stations.append(OpenStation(StationId(name), row.get("name") or name, place))
        lines.append(line)
    _check_doubled([station.station for station in stations], "station", file, lines, problems)
    _check_swapped(stations, file, lines, problems)
    return stations, lines


def read_units(text: str, *, file: str, problems: list[BadInput]) -> tuple[list[EnrolUnit], list[int]]:
    """Units and their lines. Codes besides those of the table: ``value_empty``, ``doubled``."""
    units: list[EnrolUnit] = []
    lines: list[int] = []
    for line, row in _cells(text, file, UNIT_COLUMNS, _REQUIRED["units"], problems):
        name, kind = _filled(row, "unit", file, line, problems), _filled(row, "kind", file, line, problems)
        capabilities = tuple(word for word in re.split(r"[\s+,]+", _filled(row, "capabilities", file, line, problems)) if word)
        station, crew = row.get("station", ""), row.get("crew", "")
        units.append(
            EnrolUnit(
                UnitId(name),
                kind,
                capabilities,
                StationId(station) if station else None,
                CrewId(crew) if crew else None,
                row.get("agency", ""),
            )
        )
        lines.append(line)
    _check_doubled([unit.unit for unit in units], "unit", file, lines, problems)
    return units, lines


def _filled(row: Mapping[str, str], column: str, file: str, line: int, problems: list[BadInput]) -> str:
    text = row.get(column, "")
    if not text:
        problems.append(BadInput("value_empty", file=file, line=line, field=column, column=column))
    return text


def _number(text: str, column: str, file: str, line: int, problems: list[BadInput]) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        problems.append(BadInput("coordinate_number", file=file, line=line, field=column, column=column, found=text))
        return None
    return value


def read_point(row: Mapping[str, str], file: str, line: int, problems: list[BadInput]) -> LonLat | None:
    """The point of a row's ``lon`` and ``lat``; None when ``problems`` says why not."""
    before = len(problems)
    for column in ("lon", "lat"):
        _filled(row, column, file, line, problems)
    lon = _number(row.get("lon", ""), "lon", file, line, problems)
    lat = _number(row.get("lat", ""), "lat", file, line, problems)
    if len(problems) > before or lon is None or lat is None:
        return None
    point = LonLat(lon, lat)
    if point.is_on_earth():
        return point
    if LonLat(lat, lon).is_on_earth():
        problems.append(BadInput("coordinates_swapped", file=file, line=line, field="lat", lon=lon, lat=lat))
    else:
        field = "lat" if -180 <= lon <= 180 else "lon"
        problems.append(BadInput("coordinate_range", file=file, line=line, field=field, lon=lon, lat=lat))
    return None


def _check_swapped(stations: list[OpenStation], file: str, lines: list[int], problems: list[BadInput]) -> None:
    """A station far from all the others, but among them with its two numbers exchanged."""
    points = [station.place.at for station in stations if station.place.at is not None]
    if len(points) < 3:
        return
    middle = LonLat(median(point.lon for point in points), median(point.lat for point in points))
    for station, line in zip(stations, lines, strict=True):
        at = station.place.at
        if at is None or not LonLat(at.lat, at.lon).is_on_earth():
            continue
        swapped_m = flat_distance_m(start=LonLat(at.lat, at.lon), end=middle)
        if swapped_m < _FAR_M < flat_distance_m(start=at, end=middle):
            problems.append(BadInput("coordinates_swapped", file=file, line=line, field="lat", lon=at.lon, lat=at.lat))


def _check_doubled(ids: Sequence[str], column: str, file: str, lines: Sequence[int], problems: list[BadInput]) -> None:
    first: dict[str, int] = {}
    for name, line in zip(ids, lines, strict=True):
        if name and first.setdefault(name, line) != line:
            problems.append(BadInput("doubled", file=file, line=line, field=column, found=name, first=first[name]))


def write_stations(stations: Iterable[OpenStation]) -> str:
    """The table of stations; columns that nobody fills are left out, but for the first five."""
    rows = []
    for station in stations:
        place = station.place
        lon, lat = (repr(place.at.lon), repr(place.at.lat)) if place.at is not None else ("", "")
        uncertainty = "" if place.uncertainty_m is None else repr(place.uncertainty_m)
        rows.append([station.station, station.name, lon, lat, place.area, place.district, place.text, uncertainty])
    kept = [index for index in range(len(STATION_COLUMNS)) if index < 5 or any(row[index] for row in rows)]
    return write_table([STATION_COLUMNS[index] for index in kept], [[row[index] for index in kept] for row in rows])


def write_units(units: Iterable[EnrolUnit]) -> str:
    """The table of units."""
    rows = [[unit.unit, unit.kind, " ".join(unit.capabilities), unit.station or "", unit.crew or "", unit.agency] for unit in units]
    return write_table(UNIT_COLUMNS, rows)
