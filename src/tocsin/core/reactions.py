"""Which event asks which further command: the whole list on one page.

A reaction is asked and answered in the same transaction as its cause, right behind it, so that no crash can come between.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tocsin.core.board.board import Board
from tocsin.core.board.incident import IncidentState
from tocsin.core.messages.assignment import CREW_TAKEN, AssignmentCancelled, UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.incident import (
    AlarmRaised,
    CloseIncident,
    IncidentOpened,
    IncidentReclassified,
    IncidentRelocated,
    IncidentReopened,
)
from tocsin.core.messages.plan import PlanAdopted
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import UnitEnrolled, UnitStatusChanged

Reaction = Callable[[Board, Any], list[Command]]


def ask_whom_to_send(
    board: Board, event: IncidentOpened | IncidentReclassified | IncidentRelocated | AlarmRaised | IncidentReopened
) -> list[Command]:
    """As soon as type and place are known, and again when they change."""
    return _recommend(board, board.incidents[event.incident])


def replan_the_bumped(board: Board, event: UnitDiverted) -> list[Command]:
    """The incident that lost its unit needs another one at once."""
    return _recommend(board, board.incidents[event.left])


def replan_the_stripped(board: Board, event: AssignmentCancelled) -> list[Command]:
    """A crew was taken off one job for another by a person's override: what it left needs somebody at once, as after a divert.

    A unit that a dispatcher called off was not needed; that asks nothing.
    """
    return _recommend(board, board.incidents[event.incident]) if event.reason.startswith(CREW_TAKEN) else []


def see_what_is_missing(board: Board, event: UnitsDispatched) -> list[Command]:
    """Units were sent to an incident that lacked some: what it lacks now.

    Else the next free unit would be kept for a slot that is filled, and the last to leave would not end the incident.
    """
    incident = board.incidents[event.incident]
    is_short = incident.receipt is not None and bool(incident.receipt.shortfalls)
    return _recommend(board, incident) if is_short else []


def ask_for_all(board: Board, event: PlanAdopted) -> list[Command]:
    """Incidents that were opened before there was a plan, in the order in which they are served."""
    return [
        command for one in _by_urgency(board, board.open_incidents.values()) if one.receipt is None for command in _recommend(board, one)
    ]


def close_when_last(board: Board, event: UnitCleared) -> list[Command]:
    """The last unit's leaving ends an incident whose slots were all filled."""
    incident = board.incidents[event.incident]
    is_waiting = incident.receipt is not None and any(short.is_required for short in incident.receipt.shortfalls)
    if incident.is_open() and not incident.active() and not is_waiting:
        return [CloseIncident(event.incident)]
    return []


def serve_who_waits(board: Board, event: UnitCleared | AssignmentCancelled | UnitEnrolled | UnitStatusChanged) -> list[Command]:
    """A crew is free: the most urgent incident with an empty slot that a vehicle of this crew can fill is looked at once more."""
    unit = board.units.get(event.unit)
    if unit is None or not unit.is_free():
        return []
    ending = event.incident if isinstance(event, UnitCleared) and close_when_last(board, event) else None
    # With the vehicle that was out, those that stood without a crew are free as well.
    able = {mate.capabilities for mate in map(board.units.__getitem__, board.crews[unit.crew]) if mate.is_free()}
    open_ones = (one for one in board.open_incidents.values() if one.incident != ending)
    waiting = [one for one in open_ones if any(_is_short_of(one, capabilities) for capabilities in able)]
    return _recommend(board, _by_urgency(board, waiting)[0]) if waiting else []


def serve_with_the_jobless(board: Board, event: UnitStatusChanged) -> list[Command]:
    """A unit without a job says that it is free: it may have come into service. One that ended a job is heard as ``UnitCleared``."""
    return serve_who_waits(board, event) if event.incident is None else []


def _by_urgency(board: Board, incidents: Iterable[IncidentState]) -> list[IncidentState]:
    """By priority, then by how long they have waited."""
    urgency = {priority: rank for rank, priority in enumerate(board.plan.plan.priorities)} if board.plan is not None else {}
    return sorted(incidents, key=lambda one: (urgency.get(one.priority, len(urgency)), one.opened, one.incident))


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
    UnitsDispatched: (see_what_is_missing,),
    UnitDiverted: (replan_the_bumped,),
    UnitCleared: (close_when_last, serve_who_waits),
    AssignmentCancelled: (replan_the_stripped, serve_who_waits),
    UnitEnrolled: (serve_who_waits,),
    UnitStatusChanged: (serve_with_the_jobless,),
    PlanAdopted: (ask_for_all,),
}
