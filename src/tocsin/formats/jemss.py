"""The city layout of the ambulance simulator JEMSS (JEMSS.jl, Apache-2.0): CSV files of several named tables, spans in days. Pure.

A table is a line that begins with its name, a header, and rows up to an empty line. Indices count from 1 and stand in order. The road
tables are read into arrays, the rest into small records; everything wrong is told with file, line and field.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from math import isfinite
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput

MS_PER_DAY: Final = 86_400_000
LONGEST_DAYS: Final = 7.0
"""A drive or a span that is longer is taken for another unit of time."""


class Row(msgspec.Struct, frozen=True):
    """One row of a table by its column names."""

    file: str
    line: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Empty where the row has no such cell."""
        return self.cells.get(column, "")

    def number(self, column: str, *, least: float = float("-inf"), most: float = float("inf")) -> float:
        """Raises BadInput ``city_number``."""
        try:
            value = float(self.text(column))
        except ValueError:
            value = float("nan")
        if not (isfinite(value) and least <= value <= most):
            raise BadInput("city_number", file=self.file, line=self.line, field=column, value=self.text(column))
        return value

    def index(self, column: str, count: int, table: str) -> int:
        """A number of another table's row, counted from 0 here. Raises BadInput ``city_number``, ``city_index``."""
        value = self.number(column)
        if value != int(value) or not 1 <= value <= count:
            raise BadInput("city_index", file=self.file, line=self.line, field=column, value=self.text(column), table=table, count=count)
        return int(value) - 1


class RoadTables(NamedTuple):
    """The road graph: nodes (n), arcs (m)."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    may_join: NDArray[np.bool_]
    """``offRoadAccess``: 0 in mid-motorway."""
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    lights_ms: NDArray[np.int64]
    """At least 1."""
    normal_ms: NDArray[np.int64]


class Spot(NamedTuple):
    """A station or a hospital."""

    name: str
    lon: float
    lat: float
    line: int


class Berth(NamedTuple):
    """An ambulance and the station (from 0) that it waits at."""

    name: str
    station: int


class Rank(NamedTuple):
    """A priority."""

    name: str
    target_ms: int


class Travel(NamedTuple):
    """Off-road speeds, and which priorities are driven to with lights (mode 1)."""

    lights_km_per_day: float
    normal_km_per_day: float
    is_lights: dict[str, bool]


def table_rows(text: str, name: str, *, file: str, needed: Sequence[str] = ()) -> Iterator[Row]:
    """Rows of one table. Raises BadInput ``city_table_missing``, ``city_column_missing``."""
    lines = csv.reader(io.StringIO(text))
    if not any(cells and cells[0].strip() == name for cells in lines):
        raise BadInput("city_table_missing", file=file, table=name)
    header = [cell.strip() for cell in next(lines, [])]
    for column in needed:
        if column not in header:
            known = ", ".join(cell for cell in header if cell)
            raise BadInput("city_column_missing", file=file, line=lines.line_num, field=column, known=known)
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            return
        yield Row(file, lines.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False)))


def read_roads(nodes: str, arcs: str, *, file: str) -> RoadTables:
    """``nodes.csv`` and ``arcs.csv``: directed or undirected arcs, mode 1 = lights and sirens, mode 2 = regular; days → whole milliseconds.

    Raises BadInput ``city_table_missing``, ``city_column_missing``, ``city_number``, ``city_index``, ``city_coordinates``.
    """
    place, at_nodes = _columns(nodes, "nodes", ("x", "y", "offRoadAccess"), f"{file}/nodes.csv")
    _check_on_earth(place, at_nodes, f"{file}/nodes.csv")
    arc, at_arcs = _columns(arcs, "arcs", ("fromNode", "toNode", "mode_1", "mode_2"), f"{file}/arcs.csv")
    for column in ("fromNode", "toNode"):
        ends = arc[column]
        _check(ends, (ends < 1) | (ends > len(at_nodes)) | (ends != np.floor(ends)), column, at_arcs, f"{file}/arcs.csv")
    for column in ("mode_1", "mode_2"):
        _check(arc[column], (arc[column] < 0) | (arc[column] > LONGEST_DAYS), column, at_arcs, f"{file}/arcs.csv")
    tail, head = (arc[column].astype(np.int32) - 1 for column in ("fromNode", "toNode"))
    lights_ms, normal_ms = (np.maximum(1, np.floor(arc[mode] * MS_PER_DAY + 0.5).astype(np.int64)) for mode in ("mode_1", "mode_2"))
    if any(row.text("arcForm") == "undirected" for row in table_rows(arcs, "miscData", file=f"{file}/arcs.csv")):
        tail, head = np.concatenate([tail, head]), np.concatenate([head, tail])
        lights_ms, normal_ms = np.tile(lights_ms, 2), np.tile(normal_ms, 2)
    return RoadTables(place["x"], place["y"], place["offRoadAccess"] != 0, tail, head, lights_ms, normal_ms)


def _columns(text: str, table: str, wanted: tuple[str, ...], file: str) -> tuple[dict[str, NDArray[np.float64]], list[int]]:
    """Columns of numbers and the lines that they stand on."""
    lines = csv.reader(io.StringIO(text))
    if not any(cells and cells[0].strip() == table for cells in lines):
        raise BadInput("city_table_missing", file=file, table=table)
    header = [cell.strip() for cell in next(lines, [])]
    for column in wanted:
        if column not in header:
            raise BadInput("city_column_missing", file=file, line=lines.line_num, field=column, known=", ".join(filter(None, header)))
    at = [header.index(column) for column in wanted]
    rows, numbers = [], []
    for cells in lines:
        if not any(cells):
            break
        try:
            rows.append([float(cells[nth]) for nth in at])
        except (ValueError, IndexError):
            row = Row(file, lines.line_num, dict(zip(header, cells, strict=False)))
            for column in wanted:
                row.number(column)
        numbers.append(lines.line_num)
    table_of = np.array(rows, dtype=np.float64).reshape(-1, len(wanted))
    for nth, column in enumerate(wanted):
        _check(table_of[:, nth], ~np.isfinite(table_of[:, nth]), column, numbers, file)
    return {column: np.ascontiguousarray(table_of[:, nth]) for nth, column in enumerate(wanted)}, numbers


def _check(values: NDArray[np.float64], is_bad: NDArray[np.bool_], column: str, lines: list[int], file: str) -> None:
    """Raises BadInput ``city_number`` for the first value that cannot stand there."""
    bad = np.flatnonzero(is_bad)
    if len(bad):
        raise BadInput("city_number", file=file, line=lines[int(bad[0])], field=column, value=f"{values[bad[0]]:g}")


def _check_on_earth(place: dict[str, NDArray[np.float64]], lines: list[int], file: str) -> None:
    _check(place["x"], np.abs(place["x"]) > 180, "x", lines, file)
    _check(place["y"], np.abs(place["y"]) > 90, "y", lines, file)


_NAMES: Final = ("name", "Name", "NAME", "address", "ADDRESS")


def read_spots(text: str, table: str, *, file: str) -> list[Spot]:
    """Stations or hospitals, each under a name of its own. Raises as ``table_rows`` and ``Row.number`` do."""
    spots: list[Spot] = []
    for row in table_rows(text, table, file=file, needed=("index", "x", "y")):
        told = next((row.text(column) for column in _NAMES if row.text(column)), "")
        name = told.split(",")[0] or f"{table.removesuffix('s')} {row.text('index')}"
        if any(name == other.name for other in spots):
            name = f"{name} ({row.text('index')})"
        spots.append(Spot(name, row.number("x", least=-180, most=180), row.number("y", least=-90, most=90), row.line))
    return spots


def read_berths(text: str, stations: int, *, file: str) -> list[Berth]:
    """Ambulances. Raises as ``Row.index`` does for a station that is not there."""
    rows = table_rows(text, "ambulances", file=file, needed=("index", "stationIndex"))
    return [Berth(f"A{row.text('index')}", row.index("stationIndex", stations, "stations")) for row in rows]


def read_ranks(text: str, *, file: str) -> list[Rank]:
    """``priorities.csv``, most urgent first."""
    rows = table_rows(text, "priorities", file=file, needed=("priority", "name", "targetResponseTime"))
    found = [(row.number("priority"), Rank(row.text("name"), _span_ms(row, "targetResponseTime"))) for row in rows]
    return [rank for _, rank in sorted(found)]


def _span_ms(row: Row, column: str) -> int:
    return round(row.number(column, least=0, most=LONGEST_DAYS) * MS_PER_DAY)


def read_travel(text: str, *, file: str) -> Travel:
    """``travel.csv``: mode 1 with lights, mode 2 without; the first travel set is in force. Raises BadInput ``city_number`` and others."""
    speeds: dict[int, float] = {}
    for row in table_rows(text, "travelModes", file=file, needed=("travelModeIndex", "offRoadSpeed")):
        speeds[row.index("travelModeIndex", 2, "travelModes")] = row.number("offRoadSpeed", least=1)
    if set(speeds) != {0, 1}:
        raise BadInput("city_travel_modes", file=file, field="travelModes", found=len(speeds))
    rows = table_rows(text, "travelSets", file=file, needed=("travelSetIndex", "priority", "travelModeIndex"))
    driven = {
        row.text("priority"): row.index("travelModeIndex", 2, "travelModes") == 0 for row in rows if row.number("travelSetIndex") == 1
    }
    return Travel(speeds[0], speeds[1], driven)


def read_redispatch(text: str, *, file: str) -> list[tuple[str, str]]:
    """Pairs (from, to) of priorities: who drives to the one may be taken for the other."""
    if not any(row.number("allowRedispatch") for row in table_rows(text, "miscData", file=file, needed=("allowRedispatch",))):
        return []
    columns = ("fromCallPriority", "toCallPriority", "allowRedispatch")
    rows = table_rows(text, "redispatchConditions", file=file, needed=columns)
    return [(row.text(columns[0]), row.text(columns[1])) for row in rows if row.number(columns[2])]


def read_scale(text: str, *, file: str) -> tuple[float, float]:
    """``map.csv``: kilometres per degree east and north."""
    for row in table_rows(text, "map", file=file, needed=("xScale", "yScale")):
        return row.number("xScale", least=0.001), row.number("yScale", least=0.001)
    raise BadInput("city_table_missing", file=file, table="map")
