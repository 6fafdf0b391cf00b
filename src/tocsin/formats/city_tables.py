"""Plain tables of a city: where calls come from, hospitals, drives. As a spreadsheet writes them; columns by name. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.formats.delimited import lines_of, read_table
from tocsin.formats.fleet_files import read_point

MOST: float = 1e12
MOST_DRIVE_S, MOST_BAYS = 7 * 86_400.0, 10_000.0


class CalledFrom(NamedTuple):
    """A point that calls come from."""

    name: str
    at: LonLat
    weight: float
    per_day: float | None
    """Calls a day from there, where the table says so."""


class HospitalRow(NamedTuple):
    """A hospital."""

    name: str
    at: LonLat
    bays: int
    line: int


class Drive(NamedTuple):
    """One row of a table of drives."""

    start: str
    end: str
    lights_ms: int
    normal_ms: int


def read_demand(text: str, *, file: str) -> list[CalledFrom]:
    """``demand.csv``: lon, lat, and ``weight`` or ``calls_per_day``; perhaps ``place``. Raises BadInput of the table and of its numbers,
    ``city_demand_none``, ``city_doubled``."""
    found: list[CalledFrom] = []
    seen: set[str] = set()
    for line, row in _rows(text, file, ("lon", "lat")):
        if "weight" not in row and "calls_per_day" not in row:
            raise BadInput("city_column_missing", file=file, line=1, field="weight", known=", ".join(row))
        per_day = _number(row, "calls_per_day", file, line) if "calls_per_day" in row else None
        weight = per_day if per_day is not None else _number(row, "weight", file, line)
        name = _fresh(row.get("place") or f"P{len(found) + 1}", seen, file, line, "place")
        found.append(CalledFrom(name, _point(row, file, line), weight, per_day))
    if not sum(one.weight for one in found) > 0:
        raise BadInput("city_demand_none", file=file, field="weight")
    return found


def read_hospitals(text: str, *, file: str) -> list[HospitalRow]:
    """``hospitals.csv``: ``hospital`` or ``name``, lon, lat; perhaps ``bays``. Raises BadInput of the table and of its numbers."""
    found: list[HospitalRow] = []
    seen: set[str] = set()
    for line, row in _rows(text, file, ("lon", "lat")):
        name = _fresh(row.get("hospital") or row.get("name") or f"hospital {len(found) + 1}", seen, file, line, "hospital")
        bays = _number(row, "bays", file, line, MOST_BAYS) if row.get("bays") else 0.0
        if bays % 1:
            raise BadInput("city_number", file=file, line=line, field="bays", value=row["bays"])
        found.append(HospitalRow(name, _point(row, file, line), int(bays), line))
    return found


def read_times(text: str, *, file: str, known: Sequence[str]) -> list[Drive]:
    """``times.csv``: from, to, lights_s; perhaps normal_s (else 1.3 times as long). ``known``: names of places, stations and hospitals.

    Raises BadInput of the table and of its numbers, ``city_unknown``.
    """
    names = set(known)
    found: list[Drive] = []
    for line, row in _rows(text, file, ("from", "to", "lights_s")):
        for column in ("from", "to"):
            if row[column] not in names:
                shown = ", ".join(sorted(names)[:12])
                raise BadInput("city_unknown", file=file, line=line, field=column, name=row[column], known=shown)
        lights_s = _number(row, "lights_s", file, line, MOST_DRIVE_S)
        normal_s = _number(row, "normal_s", file, line, MOST_DRIVE_S) if row.get("normal_s") else 1.3 * lights_s
        found.append(Drive(row["from"], row["to"], round(1000 * lights_s), round(1000 * normal_s)))
    return found


def _rows(text: str, file: str, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    table = read_table(lines_of(text), file=file)
    header = [name.strip().lower() for name in table.header]
    for column in needed:
        if column not in header:
            raise BadInput("city_column_missing", file=file, line=table.line, field=column, known=", ".join(table.header))
    for line, fields in table.rows:
        yield line, dict(zip(header, [*fields, *[""] * (len(header) - len(fields))], strict=False))


def _number(row: Mapping[str, str], column: str, file: str, line: int, most: float = MOST) -> float:
    """Zero or more. Raises BadInput ``city_number``."""
    try:
        value = float(row.get(column, ""))
    except ValueError:
        value = float("nan")
    if not (isfinite(value) and 0 <= value <= most):
        raise BadInput("city_number", file=file, line=line, field=column, value=row.get(column, ""))
    return value


def _point(row: Mapping[str, str], file: str, line: int) -> LonLat:
    problems: list[BadInput] = []
    point = read_point(row, file, line, problems)
    if point is None:
        raise problems[0]
    return point


def _fresh(name: str, seen: set[str], file: str, line: int, field: str) -> str:
    if name in seen:
        raise BadInput("city_doubled", file=file, line=line, field=field, name=name)
    seen.add(name)
    return name
