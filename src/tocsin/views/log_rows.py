"""One event as a row of a log: its name and plain values. The reader's sentence is made of them in the reader's language."""

from collections.abc import Iterator

import msgspec

from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.core.messages.place import Place
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Event, Noted, Record
from tocsin.core.messages.unit import UnitStatusChanged, phase_of
from tocsin.views.situation import LogRow

_TABLE_OF = {
    "incident": "incidents",
    "left": "incidents",
    "taken_by": "incidents",
    "about": "incidents",
    "unit": "units",
    "station": "stations",
    "closure": "closures",
    "call": "calls",
    "message": "messages",
}
"""Field of an event → table of the subject that it names."""

_TABLES_OF = {"units": "units", "calls": "calls"}
"""The same for fields that name several."""

MOST_SHOWN = 200
"""Signs of one value: a log is looked through, not read."""


def number_of(incident: IncidentId) -> int | None:
    """The running number that people say: ``20261123-0042`` → 42. None for ids from elsewhere."""
    day, dash, number = incident.partition("-")
    return int(number) if dash and len(day) == 8 and day.isascii() and day.isdigit() and number.isascii() and number.isdigit() else None


def touched(event: Event, stream: str) -> Iterator[tuple[str, str]]:
    """Table and id of every subject that an event names; its own stream first."""
    kind, _, name = stream.partition(":")
    if kind in _TABLE_OF:
        yield _TABLE_OF[kind], name
    if isinstance(event, CommandRefused):
        return
    for field in event.__struct_fields__:
        value = getattr(event, field)
        if value and field in _TABLE_OF:
            yield _TABLE_OF[field], value
        elif field in _TABLES_OF:
            yield from ((_TABLES_OF[field], one) for one in value)


def log_row(record: Record | Noted, pos: int) -> LogRow:
    """Of an event's record (n > 0). Personal words, sealed as they are, stay out."""
    event: Event = record.says  # type: ignore[assignment]  # n > 0 carries an event
    kind, _, name = record.stream.partition(":")
    incident = getattr(event, "incident", None) or (IncidentId(name) if kind == "incident" else None)
    unit = getattr(event, "unit", None) or (UnitId(name) if kind == "unit" else None)
    return LogRow(pos, record.at, record.recorded, record.actor, type(event).__name__, record.stream, incident, unit, _values(event))


def _values(event: Event) -> dict[str, str]:
    if isinstance(event, UnitsRecommended):
        units = dict.fromkeys(pick.unit for pick in event.receipt.picks)
        return {"units": ", ".join(units), "short": ", ".join(dict.fromkeys(one.slot for one in event.receipt.shortfalls))}
    if isinstance(event, CommandRefused):
        return {"code": event.code, **event.values}
    found = {field: _told(getattr(event, field)) for field in event.__struct_fields__}
    if isinstance(event, UnitStatusChanged):
        found["phase"] = phase_of(event.status)
    return {field: told[:MOST_SHOWN] for field, told in found.items() if told}


def _told(value: object) -> str:
    """Plain values only; what has a shape of its own is on the board."""
    if isinstance(value, Place):
        return value.text or (f"{value.at.lat:.5f}, {value.at.lon:.5f}" if value.at is not None else "")
    if isinstance(value, bool):
        return str(value).lower() if value else ""
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, tuple) and not isinstance(value, msgspec.Struct):
        return ", ".join(one for one in value if isinstance(one, str))
    return ""
