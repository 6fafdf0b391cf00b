"""Reads streets from tables of nodes and arcs: nodes.csv and arcs.csv in a folder or a zip, times in days (layout of JEMSS)."""

import csv
import io
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.edge.street_mapping import TableMapping, read_table_mapping, table_mapping
from tocsin.roads.streets import ALONG, BOTH, Progress, Streets, class_codes, no_progress, to_e7

NODES, ARCS, ZIP = "nodes.csv", "arcs.csv", "roads.zip"
MS_PER_DAY: Final = 86_400_000
FORM: Final = "arcForm"
"""Column of the small table before the arcs: ``directed`` or ``undirected``."""


def find_tables(source: Path) -> Path | None:
    """The folder or zip that holds both tables; None when there is none."""
    if source.is_dir():
        if (source / NODES).is_file() and (source / ARCS).is_file():
            return source
        return source / ZIP if (source / ZIP).is_file() else None
    return source if source.is_file() and source.suffix.lower() == ".zip" else None


@dataclass(frozen=True)
class _Row:
    """One row of a table by its column names."""

    file: str
    line: int
    cells: dict[str, str]

    def number(self, column: str) -> float:
        text = self.cells.get(column, "")
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not isfinite(value):
            raise BadInput("number", file=self.file, line=self.line, field=column, value=text)
        return value


@dataclass
class _Nodes:
    row: dict[int, int]
    lon: list[float]
    lat: list[float]
    may_join: list[bool]


def read_tables(source: Path, mapping: Path | None = None, *, progress: Progress = no_progress) -> Streets:
    """Streets of a table of nodes and one of arcs. An arc and one the other way become one two-way street; lines are straight.

    Raises BadInput ``file_missing``, ``zip_unreadable``, ``table_missing``, ``column_missing``, ``number``, ``coordinates``,
    ``node_unknown``, ``network_empty``.
    """
    columns = read_table_mapping(mapping) if mapping else table_mapping()
    found = find_tables(source)
    if found is None:
        raise BadInput("file_missing", file=str(source / NODES))
    progress(0, None, "nodes")
    nodes = _read_nodes(_text(found, NODES), f"{found}/{NODES}", columns)
    progress(0, None, "streets")
    text, file = _text(found, ARCS), f"{found}/{ARCS}"
    arcs = list(_read_arcs(text, file, columns, nodes.row))
    if not arcs:
        raise BadInput("network_empty", file=file)
    progress(len(arcs), len(arcs), "streets")
    return _streets(source, columns, nodes, _paired(arcs, is_undirected=_is_undirected(text, file)))


def _text(found: Path, name: str) -> str:
    try:
        if found.is_dir():
            return (found / name).read_text("utf-8-sig")
        with zipfile.ZipFile(found) as archive:
            inside = next((entry for entry in archive.namelist() if entry.rpartition("/")[2] == name), None)
            if inside is None:
                raise BadInput("file_missing", file=f"{found}/{name}")
            return archive.read(inside).decode("utf-8-sig")
    except (zipfile.BadZipFile, zlib.error, EOFError, UnicodeDecodeError, OSError) as problem:
        raise BadInput("zip_unreadable", file=f"{found}/{name}", reason=problem) from None


def _rows(text: str, file: str, table: str, needed: tuple[str, ...]) -> Iterator[_Row]:
    """Rows of one table: the line with its name, the header, then rows up to an empty one."""
    lines = csv.reader(io.StringIO(text))
    if not any(cells and cells[0].strip() == table for cells in lines):
        raise BadInput("table_missing", file=file, value=table)
    header = [cell.strip() for cell in next(lines, [])]
    for name in needed:
        if name not in header:
            raise BadInput("column_missing", file=file, line=lines.line_num, field=name, known=", ".join(cell for cell in header if cell))
    for cells in lines:
        if not cells or not cells[0].strip():
            return
        yield _Row(file, lines.line_num, dict(zip(header, cells, strict=False)))


def _is_undirected(text: str, file: str) -> bool:
    form = next(_rows(text, file, "miscData", (FORM,)), None) if "miscData" in text else None
    return form is not None and form.cells[FORM].strip() == "undirected"


def _read_nodes(text: str, file: str, columns: TableMapping) -> _Nodes:
    names = columns.nodes
    nodes = _Nodes({}, [], [], [])
    needed = tuple(name for name in (names.id, names.lon, names.lat, names.may_join) if name)
    for row in _rows(text, file, names.table, needed):
        place = LonLat(row.number(names.lon), row.number(names.lat))
        if not place.is_on_earth():
            raise BadInput("coordinates", file=file, line=row.line, lon=place.lon, lat=place.lat)
        nodes.row[int(row.number(names.id))] = len(nodes.lon)
        nodes.lon.append(place.lon)
        nodes.lat.append(place.lat)
        nodes.may_join.append(not names.may_join or row.number(names.may_join) != 0)
    return nodes


def _read_arcs(text: str, file: str, columns: TableMapping, node_row: dict[int, int]) -> Iterator[tuple[int, int, int]]:
    """(tail, head, milliseconds) of each arc, rounded half up."""
    names = columns.arcs
    for row in _rows(text, file, names.table, (names.from_node, names.to_node, names.days)):
        ends = []
        for column in (names.from_node, names.to_node):
            node = node_row.get(int(row.number(column)))
            if node is None:
                raise BadInput("node_unknown", file=file, line=row.line, field=column, value=row.cells[column])
            ends.append(node)
        days = row.number(names.days)
        if days < 0:
            raise BadInput("number", file=file, line=row.line, field=names.days, value=row.cells[names.days])
        yield ends[0], ends[1], int(days * MS_PER_DAY + 0.5)


def _paired(arcs: list[tuple[int, int, int]], *, is_undirected: bool) -> list[tuple[int, int, int, int | None]]:
    """(tail, head, ms along, ms against or None): each arc with the first one the other way that is still alone."""
    if is_undirected:
        return [(tail, head, ms, ms) for tail, head, ms in arcs]
    streets: list[tuple[int, int, int, int | None]] = []
    alone: dict[tuple[int, int], list[int]] = defaultdict(list)
    for tail, head, ms in arcs:
        waiting = alone[head, tail]
        if waiting and tail != head:
            other = waiting.pop(0)
            streets[other] = (*streets[other][:3], ms)
        else:
            alone[tail, head].append(len(streets))
            streets.append((tail, head, ms, None))
    return streets


def _streets(source: Path, columns: TableMapping, nodes: _Nodes, rows: list[tuple[int, int, int, int | None]]) -> Streets:
    count = len(rows)
    tail = np.array([row[0] for row in rows], dtype=np.int32)
    head = np.array([row[1] for row in rows], dtype=np.int32)
    lon, lat = to_e7(nodes.lon), to_e7(nodes.lat)
    ends = np.stack([tail, head], axis=1).ravel()
    return Streets(
        node_lon_e7=lon,
        node_lat_e7=lat,
        tail=tail,
        head=head,
        start=np.arange(0, 2 * count + 1, 2),
        point_lon_e7=lon[ends],
        point_lat_e7=lat[ends],
        way=np.array([ALONG if row[3] is None else BOTH for row in rows], dtype=np.uint8),
        klass=np.full(count, class_codes()["road"], dtype=np.uint8),
        name=np.full(count, -1, dtype=np.int32),
        speed_along_dkmh=np.zeros(count, dtype=np.int32),
        speed_against_dkmh=np.zeros(count, dtype=np.int32),
        names=(),
        along_ms=np.array([row[2] for row in rows], dtype=np.int32),
        against_ms=np.array([row[3] or 0 for row in rows], dtype=np.int32),
        node_may_join=np.array(nodes.may_join, dtype=np.uint8),
        source=source.name,
        attribution=columns.attribution,
        licence=columns.licence,
        assumed={"class_unknown": count},
    )
