"""Rows of San Francisco's "Fire Department Calls for Service": columns found by meaning, fields read, reasons why a row is no use. Pure.

One row is one unit on one call (DataSF nuek-vuh3). Header names differ a little between the years and the two ways of export.
"""

import re
from difflib import get_close_matches
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant, span_ms
from tocsin.formats.log_stamps import StampReader

ALIASES: dict[str, tuple[str, ...]] = {
    "call": ("callnumber", "callno", "callid"),
    "unit": ("unitid", "unit", "callsign"),
    "call_type": ("calltype", "calltypedescription"),
    "received": ("receiveddttm", "receivedtimestamp", "received"),
    "dispatch": ("dispatchdttm", "dispatchtimestamp", "dispatch", "dispatched"),
    "on_scene": ("onscenedttm", "onscenetimestamp", "onscene"),
    "available": ("availabledttm", "availabletimestamp", "available"),
    "entry": ("entrydttm", "entrytimestamp", "entry"),
    "response": ("responsedttm", "responsetimestamp", "response", "enroute"),
    "transport": ("transportdttm", "transporttimestamp", "transport"),
    "hospital": ("hospitaldttm", "hospitaltimestamp", "hospital"),
    "disposition": ("callfinaldisposition", "finaldisposition", "disposition"),
    "address": ("address", "caseaddress"),
    "location": ("location", "caselocation", "point", "geom", "thegeom"),
    "station_area": ("stationarea", "firstdue"),
    "battalion": ("battalion",),
    "final_priority": ("finalpriority",),
    "priority": ("priority",),
    "als": ("alsunit", "als"),
    "unit_type": ("unittype",),
    "sequence": ("unitsequenceincalldispatch", "unitsequence"),
}
"""Meaning → header names, lower case, letters and digits only. The first seven are required."""

REQUIRED = ("call", "unit", "call_type", "received", "dispatch", "on_scene", "available")
STAMPS = ("received", "entry", "dispatch", "response", "on_scene", "transport", "hospital", "available")
"""In the order of a life."""

_DETERMINANTS = {"E": "3", "D": "3", "C": "3", "B": "3", "A": "2", "I": "2", "O": "2"}
"""EMD determinants as lights and sirens (3) or not (2); only asked when no final priority is given. The log's own final priority agrees
with this in 95 % of rows at E, 53 to 71 % at A to C and I: the letter is of the caller's first words, the final priority of all."""

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")

KEY_LENGTH = 64
"""Longer names of calls and units are no names."""

MOST_DAYS, DAY_MS = 60, 86_400_000
"""No job lasts longer: a year that was mistyped."""


class Columns(NamedTuple):
    """Where each meaning stands in a row; what was not found; what is not asked for."""

    at: dict[str, int]
    missing: tuple[str, ...]
    """Optional meanings without a column."""
    ignored: tuple[str, ...]
    """Headers that nothing is read from."""
    width: int


def _plain(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", header.lower())


def find_columns(header: list[str], *, file: str, line: int = 1) -> Columns:
    """Find the columns by meaning. Raises BadInput ``log_columns_missing``, naming what was not found and the headers that are there."""
    by_name: dict[str, int] = {}
    for index, name in enumerate(header):
        by_name.setdefault(_plain(name), index)
    at = {
        meaning: next(by_name[alias] for alias in aliases if alias in by_name)
        for meaning, aliases in ALIASES.items()
        if any(alias in by_name for alias in aliases)
    }
    lacking = [meaning for meaning in REQUIRED if meaning not in at]
    if lacking:
        wanted = ", ".join(f"{meaning} ({_nearest(meaning, by_name, header)})" for meaning in lacking)
        raise BadInput("log_columns_missing", file=file, line=line, missing=wanted, headers=", ".join(header))
    used = set(at.values())
    return Columns(
        at,
        tuple(meaning for meaning in ALIASES if meaning not in at),
        tuple(name for index, name in enumerate(header) if index not in used),
        len(header),
    )


def _nearest(meaning: str, by_name: dict[str, int], header: list[str]) -> str:
    """The header that may have been meant, or the name that is looked for."""
    for alias in ALIASES[meaning]:
        close = get_close_matches(alias, by_name, n=1)
        if close:
            return f"{header[by_name[close[0]]]}?"
    return ALIASES[meaning][0]


class LogRow(NamedTuple):
    """One unit on one call, as the log has it. ``stamps`` holds those that are filled."""

    line: int
    call: str
    unit: str
    unit_type: str
    is_als: bool
    call_type: str
    priority: str
    disposition: str
    address: str
    station_area: str
    battalion: str
    location: str
    sequence: int
    stamps: dict[str, Instant]


class Unusable(NamedTuple):
    """A row that could not be used: its line, the reason's code, the row as it was."""

    line: int
    reason: str
    row: list[str]


def read_row(line: int, fields: list[str], columns: Columns, stamps: StampReader) -> LogRow | Unusable:
    """One row, or why it is no use.

    ``row_length``, ``key_missing``, ``key_unusable`` (too long, or not printable), ``stamp_unreadable``, ``received_missing``,
    ``dispatch_missing``, ``stamp_impossible`` (stamps of one row more than ``MOST_DAYS`` apart).
    """
    at = columns.at
    if (why := _keys_fault(fields, columns)) is not None:
        return Unusable(line, why, fields)
    call, unit = fields[at["call"]], fields[at["unit"]]
    try:
        read = {name: stamps.read(fields[at[name]]) for name in STAMPS if name in at and fields[at[name]]}
    except BadInput:
        return Unusable(line, "stamp_unreadable", fields)
    if (why := _stamps_fault(read)) is not None:
        return Unusable(line, why, fields)

    def text(meaning: str) -> str:
        return fields[at[meaning]] if meaning in at else ""

    sequence = text("sequence")
    return LogRow(
        line, call, unit, text("unit_type"), text("als").lower() in ("true", "1", "yes", "t"), text("call_type"),
        _priority(text("final_priority") or text("priority")), text("disposition"), text("address"), _area(text("station_area")),
        text("battalion"), text("location"), int(sequence) if re.fullmatch(r"[0-9]{1,6}", sequence) else 0, read,
    )  # fmt: skip


def _keys_fault(fields: list[str], columns: Columns) -> str | None:
    if len(fields) != columns.width:
        return "row_length"
    call, unit = fields[columns.at["call"]], fields[columns.at["unit"]]
    if not call or not unit:
        return "key_missing"
    is_name = max(len(call), len(unit)) <= KEY_LENGTH and (call + unit).isprintable()
    return None if is_name else "key_unusable"


def _stamps_fault(read: dict[str, Instant]) -> str | None:
    for name in ("received", "dispatch"):
        if name not in read:
            return f"{name}_missing"
    is_possible = span_ms(start=min(read.values()), end=max(read.values())) <= MOST_DAYS * DAY_MS
    return None if is_possible else "stamp_impossible"


def _priority(text: str) -> str:
    return _DETERMINANTS.get(text.upper(), text)


def _area(text: str) -> str:
    """Station areas are two digits in the log; exports that went through a spreadsheet lose the first zero."""
    return text.zfill(2) if text.isascii() and text.isdigit() else text


def read_location(text: str) -> LonLat | None:
    """``(lat, lon)``, WKT ``POINT (lon lat)`` or GeoJSON ``"coordinates": [lon, lat]``; None when there is no point on earth in it."""
    numbers = [float(number) for number in _NUMBER.findall(text)]
    if len(numbers) != 2:
        return None
    is_lon_first = "POINT" in text.upper() or "coordinates" in text
    point = LonLat(*numbers) if is_lon_first else LonLat(numbers[1], numbers[0])
    return point if point.is_on_earth() else None
