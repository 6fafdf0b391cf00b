"""Which event asks which further command: the whole list on one page.

A reaction is asked and answered in the same transaction as its cause, right behind it, so that no crash can come between.
"""

from collections.abc import Callable, Mapping
from typing import Any

from tocsin.base.instants import span_ms
from tocsin.core.board.advice import MOST_AT_ONCE, in_need, with_picks_of
from tocsin.core.board.board import Board
from tocsin.core.board.incident import IncidentState
from tocsin.core.board.movable import may_move, moving_policy
from tocsin.core.board.overdue import could_fill
from tocsin.core.messages.assignment import CREW_TAKEN, AssignmentCancelled, DispatchUnits, UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.closure import ClosureExtended, ClosureLapsed, RoadClosed, RoadReopened
from tocsin.core.messages.incident import (
    AlarmRaised,
    CloseIncident,
    IncidentOpened,
    IncidentReclassified,
    IncidentRelocated,
    IncidentReopened,
)
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.plan import PlanAdopted
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.messages.said import ClockSource, Command
from tocsin.core.messages.unit import FREE, StatusUndone, UnitEnrolled, UnitStatusChanged

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
    return [command for one in board.by_urgency(board.open_incidents.values()) if one.receipt is None for command in _recommend(board, one)]


def close_when_last(board: Board, event: UnitCleared) -> list[Command]:
    """The last unit's leaving ends an incident whose slots were all filled, and at which somebody has been."""
    incident = board.incidents[event.incident]
    is_waiting = incident.receipt is not None and any(short.is_required for short in incident.receipt.shortfalls)
    if incident.is_open() and not incident.active() and not is_waiting and incident.was_reached():
        return [CloseIncident(event.incident)]
    return []


def replace_the_lost(board: Board, event: UnitCleared) -> list[Command]:
    """A unit has left before it was there: broken down on the way, or gone home from an incident that nobody has reached.

    Where others are at work, one that is free again was not needed any more.
    """
    incident, unit = board.incidents[event.incident], board.units[event.unit]
    assignment = incident.find_assignment(event.unit)
    if assignment is None or assignment.has_been_there() or (incident.was_reached() and unit.is_free()):
        return []
    return _recommend(board, incident)


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
    return _recommend(board, board.by_urgency(waiting)[0]) if waiting else []


MOST_TRIED = 3
"""How many incidents are looked at for one crew that is free: what it cannot reach, or is not chosen for, leaves it to the next."""


def serve_the_next(board: Board, event: UnitsRecommended) -> list[Command]:
    """A crew became free and was not chosen for the incident that was looked at: the next one that waits for the like of it is."""
    picked = {board.units[pick.unit].crew for pick in event.receipt.picks if pick.unit in board.units}
    asked = board.incidents[event.incident]
    short = [one for one in board.open_incidents.values() if one.receipt is not None and one.receipt.shortfalls]
    if not short or short == [asked]:
        return []
    for unit in board.units.values():
        if not unit.is_free() or unit.crew in picked or board.find_crew_mate_with_job(unit) is not None:
            continue
        # Later than their latest recommendation: those who knew of it have it, or cannot.
        waiting = [one for one in short if one is asked or (one.receipt_at <= unit.since and _is_short_of(one, unit.capabilities))]
        queue = board.by_urgency(waiting if asked in waiting else [*waiting, asked])
        nth = queue.index(asked) + 1
        if nth < min(len(queue), MOST_TRIED) and _recommend(board, queue[nth]):
            return _recommend(board, queue[nth])
    return []


def serve_with_the_jobless(board: Board, event: UnitStatusChanged) -> list[Command]:
    """A unit without a job says that it is free: it may have come into service. One that ended a job is heard as ``UnitCleared``."""
    return serve_who_waits(board, event) if event.incident is None else []


def see_other_roads(board: Board, event: RoadClosed | ClosureExtended | ClosureLapsed | RoadReopened) -> list[Command]:
    """Other roads are open than were: incidents that nobody has been sent to, or that lack units, are asked for again."""
    return _most_urgent(board, in_need(board))


def replace_the_taken(board: Board, event: UnitsDispatched) -> list[Command]:
    """Units that were picked for others have been sent: whoever has not been served is shown picks that can be sent."""
    return _most_urgent(board, with_picks_of(board, {board.units[name].crew for name in event.units}, event.incident))


def replace_the_undone(board: Board, event: StatusUndone) -> list[Command]:
    """A unit that had said that it was free is not: nobody is shown it any longer, and nobody need go in its place."""
    unit = board.units[event.unit]
    if unit.is_free():
        return []
    own = board.incidents.get(unit.incident) if unit.incident is not None else None
    is_replaced = own is not None and own.receipt is not None and not own.sent and bool(own.receipt.picks or own.receipt.shortfalls)
    again = _recommend(board, own) if own is not None and is_replaced else []
    return [*again, *_most_urgent(board, with_picks_of(board, {unit.crew}, event.incident))]


def _most_urgent(board: Board, incidents: list[IncidentState]) -> list[Command]:
    """The few most urgent at once; the fold has marked all of them, and the clock asks for the others (``board/advice.py``)."""
    askable = [one for one in incidents if board.can_ask_for(one)]
    return [command for one in board.by_urgency(askable)[:MOST_AT_ONCE] for command in _recommend(board, one)]


MOST_SHOWN_THE_FREED = 3
"""How many incidents are asked for again because a unit is free. It can be sent to one of them, and each asking times the whole fleet:
the three most urgent are those that it will be sent to; the others are asked for again once it has been, if they had it picked."""


def show_the_freed(board: Board, event: UnitCleared | AssignmentCancelled | UnitStatusChanged) -> list[Command]:
    """A unit has become free that may be nearer than those picked for incidents that nobody has been sent to yet.

    Those that lack such a unit are served one at a time (``serve_who_waits``): one unit is not promised to all of them.
    """
    unit = board.units.get(event.unit)
    if unit is None or not unit.is_free() or board.find_crew_mate_with_job(unit) is not None:
        return []
    if isinstance(event, UnitStatusChanged) and (event.incident is not None or unit.last_report is None or unit.last_report.phase in FREE):
        return []  # the end of a job is heard as such; one that was free before is no news
    waiting = (one for one in board.open_incidents.values() if one.is_waiting() and one.incident != event.incident)
    fitting = [one for one in waiting if _has_picked_the_like(one, unit.capabilities)]
    return [command for one in board.by_urgency(fitting)[:MOST_SHOWN_THE_FREED] for command in _recommend(board, one)]


def advise_the_freed(board: Board, event: UnitCleared | AssignmentCancelled | UnitStatusChanged) -> list[Command]:
    """A unit on the road has become free and nobody waits for it: it may be of more use at another station than at its own."""
    unit = board.units.get(event.unit)
    if unit is None or moving_policy(board) is None or unit.phase == "at_station" or not may_move(board, unit, unit.since):
        return []
    if isinstance(event, UnitStatusChanged) and (event.incident is not None or unit.last_report is None or unit.last_report.phase in FREE):
        return []
    return [] if serve_who_waits(board, event) else [AdviseMoveUps(event.unit)]


def advise_those_at_rest(board: Board, event: UnitsDispatched) -> list[Command]:
    """Units have left their stations: one that stands elsewhere may be of more use there."""
    if moving_policy(board) is None or board.plan is None or board.plan.plan.cover.at_rest_gain_ppm is None:
        return []
    return [AdviseMoveUps()]


SEND_WITHIN_MS = 120_000
"""How old an incident may be that the centre's cards send units to by themselves: what is told later, a person has to look at."""

LIVE_CLOCKS: frozenset[ClockSource] = frozenset({"server", "device", "simulated"})
"""Questions that are asked as they happen; not those copied from paper or from another system's log."""


def send_at_once(board: Board, event: UnitsRecommended) -> list[Command]:
    """Where the centre's cards say so, the first recommendation that needs no person's judgement is acted on.

    Nobody's judgement: every required slot is filled, by units without a job, by the plan's own policy, and nobody was sent before. The
    first: what changes later is shown to people, who have seen the incident by then and may have their reasons to wait.
    """
    incident, receipt = board.incidents[event.incident], event.receipt
    if incident.receipts > 1 or span_ms(start=incident.opened, end=incident.receipt_at) > SEND_WITHIN_MS:
        return []
    if board.plan is None or not receipt.picks or incident.assignments or incident.held_until is not None or not incident.is_open():
        return []
    plan = board.plan.plan
    at_once = {card.name for card in plan.cards if card.is_sent_at_once}
    is_plain = receipt.plan_version == board.plan.version and receipt.policy == plan.policy and at_once.issuperset(receipt.cards)
    if not is_plain or any(short.is_required for short in receipt.shortfalls):
        return []
    units = tuple(dict.fromkeys(pick.unit for pick in receipt.picks))
    free = {one.unit for one in receipt.candidates if one.standing in ("free", "returning")}
    return [DispatchUnits(event.incident, units, receipt=event.receipt_sha256)] if free.issuperset(units) else []


def _has_picked_the_like(incident: IncidentState, capabilities: frozenset[str]) -> bool:
    """Every slot that such a unit could fill has somebody picked for it, so far."""
    if incident.receipt is None or _is_short_of(incident, capabilities):
        return False
    return any(could_fill(slot, capabilities) for slot in incident.receipt.slots)


def _is_short_of(incident: IncidentState, capabilities: frozenset[str]) -> bool:
    if incident.receipt is None:
        return False
    empty = {short.slot for short in incident.receipt.shortfalls}
    return any(slot.name in empty and could_fill(slot, capabilities) for slot in incident.receipt.slots) if empty else False


def _recommend(board: Board, incident: IncidentState) -> list[Command]:
    return [RecommendUnits(incident.incident)] if board.can_ask_for(incident) else []


REACTIONS: Mapping[type, tuple[Reaction, ...]] = {
    IncidentOpened: (ask_whom_to_send,),
    IncidentReclassified: (ask_whom_to_send,),
    IncidentRelocated: (ask_whom_to_send,),
    IncidentReopened: (ask_whom_to_send,),
    AlarmRaised: (ask_whom_to_send,),
    UnitsRecommended: (send_at_once, serve_the_next),
    UnitsDispatched: (see_what_is_missing, replace_the_taken, advise_those_at_rest),
    UnitDiverted: (replan_the_bumped,),
    UnitCleared: (close_when_last, replace_the_lost, serve_who_waits, show_the_freed, advise_the_freed),
    AssignmentCancelled: (replan_the_stripped, serve_who_waits, show_the_freed, advise_the_freed),
    UnitEnrolled: (serve_who_waits,),
    UnitStatusChanged: (serve_with_the_jobless, show_the_freed, advise_the_freed),
    StatusUndone: (replace_the_undone,),
    RoadClosed: (see_other_roads,),
    ClosureExtended: (see_other_roads,),
    ClosureLapsed: (see_other_roads,),
    RoadReopened: (see_other_roads,),
    PlanAdopted: (ask_for_all,),
}

ONLY_LIVE: frozenset[Reaction] = frozenset({send_at_once, advise_the_freed, advise_those_at_rest})
"""Reactions to questions of ``LIVE_CLOCKS`` alone."""
