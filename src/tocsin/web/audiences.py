"""Who gets to see which rows. Seats of one audience get the same bytes."""

from typing import Final, NamedTuple, TypeVar

import msgspec

from tocsin.base.identifiers import UnitId
from tocsin.core.messages.message import EVERYBODY, MessageSent
from tocsin.views.situation import Change, Fix, IncidentRow, LogRow, Situation
from tocsin.web.seat import Seat

Rows = TypeVar("Rows", Change, Situation)

MESSAGE_EVENTS: Final = ("MessageSent", "MessageRead")


class Audience(NamedTuple):
    """All rows, those of a wall, or those of one crew."""

    kind: str
    unit: UnitId | None = None


EVERYTHING: Final = Audience("seat")


def audience_of(seat: Seat) -> Audience:
    """The audience that a seat belongs to."""
    if seat.role == "crew":
        return Audience("crew", seat.unit)
    return Audience("wall") if seat.role == "wall" else EVERYTHING


def rows_for(audience: Audience, rows: Rows) -> Rows:
    """A wall shows no messages and no calls that wait; a crew sees itself, its incidents and the streets."""
    if audience.kind == "wall":
        log = [row for row in rows.log if row.what not in MESSAGE_EVENTS]
        return msgspec.structs.replace(rows, messages=[], calls=[], log=log, **_gone(rows, ("messages", "calls")))
    if audience.kind == "crew":
        unit = audience.unit
        return msgspec.structs.replace(
            rows,
            incidents=[row for row in rows.incidents if _is_on(unit, row)],
            units=[row for row in rows.units if row.unit == unit],
            alarms=[row for row in rows.alarms if unit is not None and row.unit == unit],
            messages=[row for row in rows.messages if _is_for(unit, row.to, row.sender)],
            calls=[],
            log=[row for row in rows.log if _names(unit, row)],
            **_gone(rows, ("calls", "incidents", "units", "messages")),
        )
    return rows


def fixes_for(audience: Audience, fixes: list[Fix]) -> list[Fix]:
    """A crew sees where it is itself."""
    return [fix for fix in fixes if fix.unit == audience.unit] if audience.kind == "crew" else fixes


def may_see(audience: Audience, row: IncidentRow) -> bool:
    """Whether an incident is one that this audience may open."""
    return audience.kind != "crew" or _is_on(audience.unit, row)


def is_empty(change: Change) -> bool:
    """Nothing of it is for this audience."""
    tables = (change.incidents, change.units, change.stations, change.closures, change.alarms, change.messages, change.calls, change.log)
    return change.centre is None and change.plan is None and not any(tables) and not change.gone


def _gone(rows: Change | Situation, hidden: tuple[str, ...]) -> dict[str, object]:
    if isinstance(rows, Situation):
        return {}
    return {"gone": {table: ids for table, ids in rows.gone.items() if table not in hidden}}


def _is_on(unit: UnitId | None, row: IncidentRow) -> bool:
    return any(one.unit == unit for one in row.assignments)


def is_addressed(audience: Audience, message: MessageSent, sender: str) -> bool:
    """Whether its words are for this audience: every seat at a desk reads what seats tell each other; a crew what is for it."""
    return audience.kind != "crew" or _is_for(audience.unit, message.to, sender)


def _is_for(unit: UnitId | None, to: tuple[str, ...], sender: str) -> bool:
    return f"unit:{unit}" in to or EVERYBODY in to or sender == f"unit:{unit}"


def _names(unit: UnitId | None, row: LogRow) -> bool:
    return row.unit == unit or unit in row.values.get("units", "").split(", ")
