"""Rules for assignments: sending, calling off, correcting stamps."""

from tocsin.base.identifiers import CrewId
from tocsin.core.board.board import Board
from tocsin.core.board.incident import IncidentState
from tocsin.core.board.unit import UnitState
from tocsin.core.engine.recommend import left_empty
from tocsin.core.messages.assignment import (
    CREW_TAKEN,
    AssignmentCancelled,
    CorrectStamp,
    DispatchUnits,
    Regret,
    StampCorrected,
    UnassignUnit,
    UnitDiverted,
    UnitsDispatched,
)
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Ask, Event
from tocsin.core.messages.unit import CLOCKS_APART_MS


def dispatch_units(board: Board, ask: DispatchUnits) -> list[Event]:
    """All of the named units or none. A unit that is not free goes only by the divert table or by a person's stated override."""
    incident = board.get_open_incident(ask.incident)
    if not ask.units:
        raise Refused("NobodyNamed", "units", incident=ask.incident)
    if len(set(ask.units)) != len(ask.units):
        raise Refused("UnitNamedTwice", "units", incident=ask.incident)
    crews: set[CrewId] = set()
    freed: list[Event] = []
    for name in ask.units:
        unit = board.get_unit(name, "units")
        if unit.crew in crews:
            raise Refused("CrewBusy", "units", unit=name, crew=unit.crew)
        crews.add(unit.crew)
        freed += _free_for(board, unit, incident, is_override=bool(ask.override))
    return [*freed, UnitsDispatched(ask.incident, ask.units, ask.receipt, ask.override, _regret(board, ask, incident))]


def _regret(board: Board, ask: DispatchUnits, incident: IncidentState) -> Regret | None:
    """Of whoever was sent in the place of others; None where the receipt says nothing of one of those that were."""
    receipt = incident.receipt
    if receipt is None or not ask.receipt or ask.receipt != incident.receipt_sha256 or not any(pick.reasons for pick in receipt.picks):
        return None
    picked = tuple(dict.fromkeys(pick.unit for pick in receipt.picks))
    rows = {one.unit: one for one in receipt.candidates if one.eta_ms is not None}
    if set(picked) == set(ask.units) or not rows.keys() >= {*ask.units}:
        return None
    numbers = []
    for units in (ask.units, picked):
        etas_ms = [rows[unit].eta_ms or 0 for unit in units]
        late = 0 if receipt.target_ms is None else sum(eta_ms > receipt.target_ms for eta_ms in etas_ms)
        empty = sum(left_empty(receipt.slots, [board.units[unit].capabilities for unit in units]))
        numbers.append((empty, late, sum(rows[unit].loss_ppb or 0 for unit in units), sum(etas_ms)))
    sent, best = numbers
    return Regret(sent[0] - best[0], sent[1] - best[1], sent[2] - best[2], sent[3] - best[3])


def _free_for(board: Board, unit: UnitState, incident: IncidentState, *, is_override: bool) -> list[Event]:
    """What must happen before this unit can be taken: nothing for a free one."""
    if unit.incident == incident.incident:
        raise Refused("UnitHasJob", "units", unit=unit.unit, incident=incident.incident)
    if unit.incident is not None:
        if not (is_override or _may_divert(board, unit, board.incidents[unit.incident], incident)):
            raise Refused("UnitNotFree", "units", unit=unit.unit, phase=unit.phase, incident=unit.incident)
        return [UnitDiverted(unit.unit, unit.incident, incident.incident)]
    mate = board.find_crew_mate_with_job(unit)
    if mate is not None and mate.incident is not None:
        if not is_override:
            raise Refused("CrewBusy", "units", unit=unit.unit, crew=unit.crew, mate=mate.unit)
        return [AssignmentCancelled(mate.incident, mate.unit, CREW_TAKEN + unit.unit)]
    if not (unit.is_free() or is_override):
        raise Refused("UnitNotFree", "units", unit=unit.unit, phase=unit.phase)
    return []


def _may_divert(board: Board, unit: UnitState, left: IncidentState, taken_by: IncidentState) -> bool:
    """The table allows it and the unit has not arrived yet. Gain and nearness were weighed in the recommendation."""
    if board.plan is None or unit.phase not in ("dispatched", "acknowledged", "en_route"):
        return False
    wanted = (left.priority, taken_by.priority)
    return any((rule.from_priority, rule.to_priority) == wanted for rule in board.plan.plan.diverts)


def unassign_unit(board: Board, ask: UnassignUnit) -> list[Event]:
    """Call one unit off."""
    assignment = board.get_incident(ask.incident).find_assignment(board.get_unit(ask.unit).unit)
    if assignment is None or not assignment.is_active:
        raise Refused("UnitNotAssigned", "unit", unit=ask.unit, incident=ask.incident)
    return [AssignmentCancelled(ask.incident, ask.unit, ask.reason)]


def correct_stamp(board: Board, ask: CorrectStamp, question: Ask) -> list[Event]:
    """A correction names the old value; a unit cannot have done anything before it was told, nor after it is said."""
    if not 0 <= ask.to <= question.at + CLOCKS_APART_MS:
        raise Refused("StampUnusable", "to", stamp=ask.stamp)
    assignment = board.get_incident(ask.incident).find_assignment(ask.unit)
    if assignment is None:
        raise Refused("UnitNotAssigned", "unit", unit=ask.unit, incident=ask.incident)
    was = assignment.stamps.get(ask.stamp)
    if was == ask.to:
        raise Refused("NothingToChange", "to", stamp=ask.stamp)
    dispatched = assignment.stamps["dispatched"]
    if ask.stamp == "dispatched":  # stamps that were out of order before may stay so until they are corrected too
        is_overtaken = any(dispatched <= at < ask.to for stamp, at in assignment.stamps.items() if stamp != "dispatched")
    else:
        is_overtaken = ask.to < dispatched
    if is_overtaken:
        raise Refused("StampOutOfOrder", "to", stamp=ask.stamp, before="dispatched")
    return [StampCorrected(ask.incident, ask.unit, ask.stamp, ask.to, was, ask.reason)]
