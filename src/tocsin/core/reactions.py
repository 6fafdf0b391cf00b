"""Which event asks which further command: the whole list on one page.

A reaction is asked and answered in the same transaction as its cause, right behind it, so that no crash can come between.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tocsin.core.board.board import Board
from tocsin.core.board.incident import IncidentState
from tocsin.core.messages.assignment import AssignmentCancelled, UnitCleared, UnitDiverted
from tocsin.core.messages.incident import (
    AlarmRaised,
    CloseIncident,
    IncidentOpened,
    IncidentReclassified,
    IncidentRelocated,
    IncidentReopened,
)
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import UnitEnrolled

Reaction = Callable[[Board, Any], list[Command]]


def ask_whom_to_send(
    board: Board, event: IncidentOpened | IncidentReclassified | IncidentRelocated | AlarmRaised | IncidentReopened
) -> list[Command]:
    """As soon as type and place are known, and again when they change."""
    return _recommend(board, board.incidents[event.incident])


def replan_the_bumped(board: Board, event: UnitDiverted) -> list[Command]:
    """The incident that lost its unit needs another one at once."""
    return _recommend(board, board.incidents[event.left])


def close_when_last(board: Board, event: UnitCleared) -> list[Command]:
    """The last unit's leaving ends an incident whose slots were all filled."""
    incident = board.incidents[event.incident]
    is_waiting = incident.receipt is not None and any(short.is_required for short in incident.receipt.shortfalls)
    if incident.is_open() and not incident.active() and not is_waiting:
        return [CloseIncident(event.incident)]
    return []


def serve_who_waits(board: Board, event: UnitCleared | AssignmentCancelled | UnitEnrolled) -> list[Command]:
    """A unit is free again: the most urgent incident with an empty slot that this unit can fill is looked at once more."""
    unit = board.units.get(event.unit)
    if unit is None or not unit.is_free() or board.plan is None:
        return []
    urgency = {priority: rank for rank, priority in enumerate(board.plan.plan.priorities)}
    waiting = [one for one in board.open_incidents.values() if _is_short_of(one, unit.capabilities)]
    waiting.sort(key=lambda one: (urgency.get(one.priority, len(urgency)), one.opened, one.incident))
    return _recommend(board, waiting[0]) if waiting else []


def _is_short_of(incident: IncidentState, capabilities: frozenset[str]) -> bool:
    if incident.receipt is None:
        return False
    empty = {short.slot for short in incident.receipt.shortfalls}
    for slot in incident.receipt.slots if empty else ():
        wishes = (slot.needs, *(alternative.needs for alternative in slot.alternatives))
        if slot.name in empty and any(capabilities.issuperset(needs) for needs in wishes):
            return True
    return False


def _recommend(board: Board, incident: IncidentState) -> list[Command]:
    if board.plan is None or not incident.is_open() or incident.place.at is None:
        return []
    return [RecommendUnits(incident.incident)]


REACTIONS: Mapping[type, tuple[Reaction, ...]] = {
    IncidentOpened: (ask_whom_to_send,),
    IncidentReclassified: (ask_whom_to_send,),
    IncidentRelocated: (ask_whom_to_send,),
    IncidentReopened: (ask_whom_to_send,),
    AlarmRaised: (ask_whom_to_send,),
    UnitDiverted: (replan_the_bumped,),
    UnitCleared: (close_when_last, serve_who_waits),
    AssignmentCancelled: (serve_who_waits,),
    UnitEnrolled: (serve_who_waits,),
}
