"""Who gets to see which rows. Seats of one audience get the same bytes."""

from collections.abc import Set
from typing import Final, NamedTuple, TypeVar

import msgspec

from tocsin.base.identifiers import UnitId
from tocsin.core.messages.message import EVERYBODY, MessageSent
from tocsin.views.situation import Change, Fix, IncidentRow, LogRow, Situation
from tocsin.web.seat import Seat

Rows = TypeVar("Rows", Change, Situation)

HIDDEN: Final = ("messages", "calls", "moves")
"""Tables of which walls and crews do not even learn what has gone."""
MOVE_EVENTS: Final = ("MoveUpAdvised", "StayAdvised")
MESSAGE_EVENTS: Final = ("MessageSent", "MessageRead")
SEEN: Final = "PersonalDataSeen"

SHOWN_IN_LOG: Final = frozenset({
    "code", "unit", "units", "incident", "left", "taken_by", "incident_type", "priority", "level", "mark", "phase", "stamp", "station",
    "kind", "short",
})  # fmt: skip
"""Of an event's values what a wall and a crew may see: codes, names of units and stations, numbers. Nothing that somebody typed freely."""


class Audience(NamedTuple):
    """All rows, all and who has looked at words, those of a wall, or those of one crew."""

    kind: str
    unit: UnitId | None = None


EVERYTHING: Final = Audience("seat")
SUPERVISORS: Final = Audience("supervisor")


def audience_of(seat: Seat) -> Audience:
    """The audience that a seat belongs to."""
    if seat.role == "crew":
        return Audience("crew", seat.unit)
    return Audience("wall") if seat.role == "wall" else SUPERVISORS if seat.role == "supervisor" else EVERYTHING


def rows_for(audience: Audience, rows: Rows) -> Rows:
    """A wall shows no messages and no calls that wait; a crew sees itself, its incidents and the streets.

    Who might be asked to cover elsewhere is for whoever decides: neither a wall nor a crew learns it before it is ordered.
    """
    if audience.kind == "wall":
        log = [row for row in rows.log if row.what not in MESSAGE_EVENTS and row.what not in MOVE_EVENTS]
        return msgspec.structs.replace(rows, messages=[], calls=[], moves=[], log=log_for(audience, log), **_gone(rows, HIDDEN))
    if audience.kind == "crew":
        unit = audience.unit
        return msgspec.structs.replace(
            rows,
            incidents=[row for row in rows.incidents if _is_on(unit, row)],
            units=[row for row in rows.units if row.unit == unit],
            alarms=[row for row in rows.alarms if unit is not None and row.unit == unit],
            messages=[row for row in rows.messages if _is_for(unit, row.to, row.sender)],
            calls=[],
            moves=[],
            log=log_for(audience, [row for row in rows.log if _names(unit, row)]),
            **_gone(rows, (*HIDDEN, "incidents", "units", "alarms"), unit),
        )
    if any(row.what == SEEN for row in rows.log):
        return msgspec.structs.replace(rows, log=log_for(audience, rows.log))
    return rows


def log_for(audience: Audience, log: list[LogRow]) -> list[LogRow]:
    """Rows as this audience gets them. Who looked at personal words is for supervisors; why, nobody is told unasked."""
    if audience.kind == "seat":
        return [row for row in log if row.what != SEEN]
    if audience.kind == "supervisor":
        return [_without(row, {"reason"}) if row.what == SEEN else row for row in log]
    return [_without(row, row.values.keys() - SHOWN_IN_LOG) for row in log if row.what != SEEN]


def _without(row: LogRow, hidden: Set[str]) -> LogRow:
    kept = {name: value for name, value in row.values.items() if name not in hidden}
    return msgspec.structs.replace(row, values=kept) if len(kept) < len(row.values) else row


def fixes_for(audience: Audience, fixes: list[Fix]) -> list[Fix]:
    """A crew sees where it is itself."""
    return [fix for fix in fixes if fix.unit == audience.unit] if audience.kind == "crew" else fixes


def may_see(audience: Audience, row: IncidentRow) -> bool:
    """Whether an incident is one that this audience may open."""
    return audience.kind != "crew" or _is_on(audience.unit, row)


def is_empty(change: Change) -> bool:
    """Nothing of it is for this audience."""
    tables = (change.incidents, change.units, change.stations, change.closures, change.alarms, change.messages, change.calls, change.moves)
    return change.centre is None and change.plan is None and not any(tables) and not change.log and not change.gone


def _gone(rows: Change | Situation, hidden: tuple[str, ...], unit: UnitId | None = None) -> dict[str, object]:
    """What has gone of the tables that this audience sees; of alarms those that name its unit (``core/messages/alarm.py``)."""
    if isinstance(rows, Situation):
        return {}
    gone = {table: ids for table, ids in rows.gone.items() if table not in hidden}
    if unit is not None and (mine := [name for name in rows.gone.get("alarms", ()) if name.partition(":")[2].rpartition(":")[0] == unit]):
        gone["alarms"] = mine
    return {"gone": gone}


def _is_on(unit: UnitId | None, row: IncidentRow) -> bool:
    return any(one.unit == unit for one in row.assignments)


def is_addressed(audience: Audience, message: MessageSent, sender: str) -> bool:
    """Whether its words are for this audience: every seat at a desk reads what seats tell each other; a crew what is for it."""
    return audience.kind != "crew" or _is_for(audience.unit, message.to, sender)


def _is_for(unit: UnitId | None, to: tuple[str, ...], sender: str) -> bool:
    return f"unit:{unit}" in to or EVERYBODY in to or sender == f"unit:{unit}"


def _names(unit: UnitId | None, row: LogRow) -> bool:
    return (row.unit == unit and row.what not in MOVE_EVENTS) or unit in row.values.get("units", "").split(", ")
