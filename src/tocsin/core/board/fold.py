"""The fold: one event changes the board. What the fold believes it checks at the door; a belief that does not hold is Broken."""

from typing import assert_never

from tocsin.base.faults import Broken
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.core.board import advice, counting
from tocsin.core.board.alarm import AlarmState
from tocsin.core.board.board import Board, PlanInForce
from tocsin.core.board.call import CallState
from tocsin.core.board.closure import ClosureState
from tocsin.core.board.incident import AssignmentState, IncidentState
from tocsin.core.board.message import MessageState
from tocsin.core.board.overdue import find_cause, is_short, is_standing
from tocsin.core.board.station import StationState
from tocsin.core.board.unit import UnitState, enrolled, welfare_check
from tocsin.core.board.whereabouts import WHEREABOUTS
from tocsin.core.messages.alarm import DONE_WHEN_TAKEN, AlarmAcknowledged, AlarmShelved, AlarmSounded, WelfareCheckSet, WelfareConfirmed
from tocsin.core.messages.assignment import (
    STAMP_OF,
    AssignmentCancelled,
    Stamp,
    StampCorrected,
    UnitCleared,
    UnitDiverted,
    UnitsDispatched,
)
from tocsin.core.messages.call import CallAttached, CallReceived
from tocsin.core.messages.centre import CentreOpened, LogImported, PositionsDropped
from tocsin.core.messages.closure import ClosureExtended, ClosureLapsed, RoadClosed, RoadReopened
from tocsin.core.messages.cover import CoverAdopted
from tocsin.core.messages.incident import (
    AlarmRaised,
    IncidentCancelled,
    IncidentClosed,
    IncidentHeld,
    IncidentMarked,
    IncidentOpened,
    IncidentReclassified,
    IncidentRelocated,
    IncidentReopened,
    PersonalDataErased,
    PersonalDataSeen,
)
from tocsin.core.messages.message import MessageRead, MessageSent
from tocsin.core.messages.moveup import MoveUpAcknowledged, MoveUpAdvised, MoveUpEnded, MoveUpOrdered, StayAdvised
from tocsin.core.messages.note import NoteAdded
from tocsin.core.messages.plan import PlanAdopted
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Event
from tocsin.core.messages.station import StationClosed, StationOpened
from tocsin.core.messages.unit import STATUS, Phase, StatusUndone, UnitEnrolled, UnitStatusChanged, UnitWithdrawn, phase_of


def fold(board: Board, event: Event, at: Instant) -> None:  # noqa: C901, PLR0912, PLR0915 - one arm per event: the list is the point
    """Apply one event that occurred at ``at``. Raises Broken ``belief`` when the board could not have led to it."""
    match event:
        case UnitStatusChanged():
            _fold_status(board, event, at)
        case UnitsDispatched():
            _fold_dispatch(board, event, at)
        case UnitCleared():
            _end_assignment(board, event.incident, event.unit, "cleared", at)
        case StatusUndone():
            _fold_undo(board, event, at)
        case UnitDiverted():
            _end_assignment(board, event.left, event.unit, "cancelled", at)
            board.units[event.unit].last_report = None
        case AssignmentCancelled():
            _end_assignment(board, event.incident, event.unit, "cancelled", at)
            board.units[event.unit].last_report = None
            _stand_down(board, event.unit, at)
        case StampCorrected():
            _fold_correction(board, event)
        case CallReceived():
            board.calls[event.call] = board.loose_calls[event.call] = CallState(event.call, event.arrived, taken=at)
        case CallAttached():
            board.calls[event.call].incidents.append(event.incident)
            board.loose_calls.pop(event.call, None)
            board.incidents[event.incident].calls.append(event.call)
        case IncidentOpened():
            _fold_opening(board, event, at)
        case IncidentReclassified():
            state = board.incidents[event.incident]
            if event.incident_type != state.incident_type:
                state.needed_since = at
            state.incident_type, state.priority = event.incident_type, event.priority
        case IncidentRelocated():
            _fold_relocation(board, event, at)
        case AlarmRaised():
            state = board.incidents[event.incident]
            state.alarm_level, state.needed_since = event.level, at
        case IncidentMarked():
            board.incidents[event.incident].marks.setdefault(event.mark, at)
        case IncidentClosed():
            _believe(not board.incidents[event.incident].active(), "closed_without_units", event.incident)
            _end_incident(board, event.incident, is_cancelled=False)
        case IncidentCancelled():
            _end_incident(board, event.incident, is_cancelled=True)
        case IncidentReopened():
            state = board.incidents[event.incident]
            state.life = "open"
            state.begin_to_wait(at)
            state.needed_before, state.needed_since = state.needed_since, at
            board.open_incidents[event.incident] = state
        case IncidentHeld():
            _fold_hold(board, event, at)
        case UnitsRecommended():
            _fold_recommendation(board, event, at)
        case UnitEnrolled():
            _fold_enrolment(board, event, at)
        case UnitWithdrawn():
            gone = board.units.pop(event.unit)
            board.crews[gone.crew].remove(event.unit)
            board.move_ups.pop(event.unit, None)
            counting.count_anew(board, gone.crew)
            board.fleet += 1
        case StationOpened():
            board.stations[event.station] = StationState(event.station, event.name, event.place)
        case StationClosed():
            board.stations[event.station].is_open = False
        case MoveUpOrdered():
            counting.order(board, event, at)
        case MoveUpAdvised():
            counting.advise(board, event, at)
        case MoveUpAcknowledged():
            board.move_ups[event.unit].is_acknowledged = True
        case MoveUpEnded():
            board.move_ups.pop(event.unit, None)
            unit = board.units[event.unit]
            if unit.phase == "moving_up":
                unit.roll_to(board.find_station_place(unit.station), at)
        case RoadClosed():
            _fold_closure(board, event, at)
        case ClosureExtended():
            _fold_extension(board, event)
        case ClosureLapsed():
            _lasting(board, event).is_lapsed = True
            board.running_closures.pop(event.closure, None)
            advice.mark_stale(advice.in_need(board))
        case RoadReopened():
            _lasting(board, event).reopen(at)
            advice.mark_stale(advice.in_need(board))
            board.running_closures.pop(event.closure, None)
        case PlanAdopted():
            board.plan = PlanInForce(event.plan, event.version)
            counting.recount(board)
        case CoverAdopted():
            counting.adopt(board, event)
        case CentreOpened():
            board.centre = event
        case LogImported():
            board.imports.append(event)
        case PersonalDataErased():
            board.erased_keys.update(event.keys)
        case AlarmSounded():
            board.alarms[event.alarm] = AlarmState(event.alarm, event.kind, at, event.incident, event.unit, event.closure, event.call)
        case AlarmAcknowledged():
            alarm = board.alarms[event.alarm]
            alarm.owner, alarm.shelved_until = event.owner, None
            if alarm.kind in DONE_WHEN_TAKEN:
                _end_cause(board, alarm)
        case AlarmShelved():
            alarm = board.alarms[event.alarm]
            alarm.owner, alarm.shelved_until = event.owner, event.until
        case WelfareCheckSet():
            board.units[event.unit].take_welfare(None if event.every_min is None else welfare_check(event.every_min, at))
        case WelfareConfirmed():
            unit = board.units[event.unit]
            unit.take_welfare(None if unit.welfare is None else unit.welfare.confirmed(at))
        case MessageSent():
            board.messages[event.message] = MessageState(event.message, at, event.to, event.about)
        case MessageRead():
            board.messages[event.message].read_by.append(event.reader)
        case NoteAdded() | CommandRefused() | StayAdvised() | PersonalDataSeen() | PositionsDropped():
            pass  # in the journal for people; nothing is decided from them
        case _:
            assert_never(event)
    if board.cover is not None or board.move_advice:
        counting.follow(board, event)
    if board.alarms:
        _end_alarms(board, at)


def _believe(is_so: bool, what: str, subject: str) -> None:
    if not is_so:
        raise Broken("belief", what=what, subject=subject)


def _fold_opening(board: Board, event: IncidentOpened, at: Instant) -> None:
    _believe(event.incident not in board.incidents, "opened_once", event.incident)
    state = IncidentState(event.incident, event.incident_type, event.priority, event.place, at, calls=list(event.calls), waits_since=at)
    board.incidents[event.incident] = state
    board.open_incidents[event.incident] = state
    for call in event.calls:
        board.calls[call].incidents.append(event.incident)
        board.loose_calls.pop(call, None)


_ON_THE_WAY: frozenset[Phase] = frozenset({"dispatched", "acknowledged", "en_route", "staging"})


def _fold_relocation(board: Board, event: IncidentRelocated, at: Instant) -> None:
    """Whoever rolls to the scene rolls to the new one; that the crew knows is not known yet."""
    state = board.incidents[event.incident]
    state.place = event.place
    for one in state.active():
        unit = board.units[one.unit]
        if unit.phase in _ON_THE_WAY:
            one.place_changed = at
        if unit.phase == "en_route":
            unit.roll_to(event.place.at, at)


def _end_cause(board: Board, alarm: AlarmState) -> None:
    """Somebody saw to it."""
    if alarm.call is not None:
        board.loose_calls.pop(alarm.call, None)
    incident = board.incidents.get(alarm.incident) if alarm.incident is not None else None
    assignment = incident.find_assignment(alarm.unit) if incident is not None and alarm.unit is not None else None
    if assignment is not None:
        assignment.place_changed = None


def _note_what_lacks(board: Board, state: IncidentState, at: Instant) -> None:
    """Since when units are on it and a required slot is empty."""
    if not is_short(board, state):
        state.short_since = None
    elif state.short_since is None:
        state.short_since = at


def _end_incident(board: Board, incident: IncidentId, *, is_cancelled: bool) -> None:
    state = board.open_incidents.pop(incident, None)
    if state is None:
        raise Broken("belief", what="ended_while_open", subject=incident)
    state.life = "cancelled" if is_cancelled else "closed"
    state.held_until = None


def _fold_hold(board: Board, event: IncidentHeld, at: Instant) -> None:
    state = board.open_incidents[event.incident]
    state.held_until = event.until
    if event.until is None:
        state.waits_since = max(state.waits_since, at)


def _fold_recommendation(board: Board, event: UnitsRecommended, at: Instant) -> None:
    state = board.incidents[event.incident]
    begun = (one.since for one in board.running_closures.values() if one.is_in_force(at))
    if state.is_advice_stale or advice.is_before(state, max(begun, default=None)):
        board.advised_anew = at
    state.receipts += 1
    state.is_advice_stale = False
    state.receipt, state.receipt_sha256, state.receipt_at = event.receipt, event.receipt_sha256, at
    if not state.is_advised:
        state.is_advised = True
        sounded = find_cause(board, "nobody_sent", incident=event.incident)
        if sounded is None or sounded.alarm not in board.alarms:  # an alarm that sounds already is not silenced by advice
            state.waits_since = max(state.waits_since, at)
    state.sent = []
    _note_what_lacks(board, state, at)


def _fold_enrolment(board: Board, event: UnitEnrolled, at: Instant) -> None:
    board.fleet += 1
    fresh = enrolled(event, at, board.find_station_place(event.station))
    known = board.units.get(event.unit)
    if known is not None:
        board.crews[known.crew].remove(event.unit)
        counting.count_anew(board, known.crew)
        _keep_life(known, fresh)
    board.units[event.unit] = fresh
    board.crews.setdefault(fresh.crew, []).append(event.unit)


def _keep_life(known: UnitState, fresh: UnitState) -> None:
    """Stating a unit's particulars anew changes neither its status nor its job nor its place."""
    fresh.status, fresh.phase, fresh.since, fresh.incident = known.status, known.phase, known.since, known.incident
    fresh.place, fresh.place_at, fresh.legs = known.place, known.place_at, known.legs
    fresh.is_at_station, fresh.is_astray, fresh.welfare = known.is_at_station, known.is_astray, known.welfare
    fresh.moves = known.moves


def _fold_dispatch(board: Board, event: UnitsDispatched, at: Instant) -> None:
    incident = board.open_incidents.get(event.incident)
    if incident is None:
        raise Broken("belief", what="dispatched_to_open", subject=event.incident)
    board.fleet += 1
    incident.held_until = None
    promised = _promised(incident, event)
    for name in event.units:
        unit = board.units[name]
        _believe(unit.incident is None, "one_job", name)
        unit.incident = event.incident
        unit.halt(at)
        unit.take_status(STATUS["dispatched"], "dispatched", at)
        unit.last_report = unit.welfare = None
        board.move_ups.pop(name, None)
        incident.assignments.append(AssignmentState(name, {"dispatched": at}, eta_ms=promised.get(name)))
    incident.is_advice_stale = False
    incident.sent += event.units
    _note_what_lacks(board, incident, at)
    advice.mark_stale(advice.with_picks_of(board, {board.units[name].crew for name in event.units}, event.incident))


def _promised(incident: IncidentState, event: UnitsDispatched) -> dict[UnitId, Millis]:
    """The arrivals that the recommendation on the screen named, of all its candidates: a person may have chosen others than it did."""
    if incident.receipt is None or not event.receipt or event.receipt != incident.receipt_sha256:
        return {}
    return {one.unit: one.eta_ms for one in incident.receipt.candidates if one.eta_ms is not None and one.unit in event.units}


def _end_assignment(board: Board, incident: IncidentId, unit: UnitId, stamp: Stamp, at: Instant) -> None:
    assignment = board.incidents[incident].find_assignment(unit)
    if assignment is None or not assignment.is_active:
        raise Broken("belief", what="assigned", subject=unit)
    assignment.is_active = False
    assignment.stamps[stamp] = at
    if board.units[unit].incident == incident:
        board.units[unit].incident = board.units[unit].welfare = None
    if board.incidents[incident].is_waiting():
        board.incidents[incident].begin_to_wait(at)
    _note_what_lacks(board, board.incidents[incident], at)
    board.fleet += 1


def _stand_down(board: Board, name: UnitId, at: Instant) -> None:
    """A unit that was called off: back at its station if it never rolled, else on its way home."""
    unit = board.units[name]
    if unit.phase in ("dispatched", "acknowledged") and unit.is_at_station:
        unit.take_status(STATUS["at_station"], "at_station", at)
        return
    unit.take_status(STATUS["returning"], "returning", at)
    unit.roll_to(board.find_station_place(unit.station), at)


def _fold_status(board: Board, event: UnitStatusChanged, at: Instant) -> None:
    unit = board.units[event.unit]
    at = max(at, unit.since) if event.is_latest else at
    phase = phase_of(event.status)
    job = event.incident
    incident = board.incidents.get(job) if job is not None else None
    assignment = incident.find_assignment(event.unit) if incident is not None else None
    unit.remember(at, job, assignment.stamps if assignment is not None else None, board.versions.get(f"unit:{event.unit}", 0))
    if assignment is not None:
        # Free while the job is in hand ends it, and UnitCleared stamps that; of an earlier job it is a late stamp like any other.
        stamp = STAMP_OF.get(phase, "cleared")
        if phase not in ("dispatched", "en_route", "staging"):
            assignment.place_changed = None  # it acknowledges anew, or is there
        if stamp == "on_scene" and assignment.is_active and stamp not in assignment.stamps:
            _begin_welfare(board, unit, at)
        if not (stamp == "cleared" and assignment.is_active):
            assignment.stamps.setdefault(stamp, at)
    # A stamp that speaks of an earlier job, or of a moment before the last one, is kept above and moves nothing here.
    if (job is not None and job != unit.incident) or at < unit.since:
        return
    board.fleet += 1
    unit.take_status(event.status, phase, at)
    place = event.place
    WHEREABOUTS[phase](board, unit, place.at if place is not None else None, at)


def _begin_welfare(board: Board, unit: UnitState, at: Instant) -> None:
    """The plan has crews at work asked; a check that somebody set for this crew stays as it was set."""
    every_min = board.spans().welfare_min
    if every_min is not None and unit.welfare is None:
        unit.welfare = welfare_check(every_min, at)


def _fold_undo(board: Board, event: StatusUndone, at: Instant) -> None:
    unit = board.units[event.unit]
    before = unit.last_report
    if before is None:
        raise Broken("belief", what="reported", subject=event.unit)
    incident = board.incidents.get(before.job) if before.job is not None else None
    assignment = incident.find_assignment(event.unit) if incident is not None else None
    if incident is not None and assignment is not None and before.stamps is not None:
        assignment.stamps = dict(before.stamps)
        assignment.is_active = before.incident == before.job
        if assignment.is_active:
            incident.held_until = None  # somebody is on it after all
            if incident.needed_since == at:  # it never ended: who had worked before has worked
                incident.needed_since = incident.needed_before
        _believe(incident.is_open() or not assignment.is_active, "goes_on_while_open", incident.incident)
    unit.restore(before)
    board.fleet += 1
    if not unit.is_free():
        advice.mark_stale(advice.with_picks_of(board, {unit.crew}, before.job))


LONG_LAPSED_MS = 86_400_000
"""After a day nobody states a closure anew by a late report. Should somebody, it is looked at again from then on."""


def _fold_closure(board: Board, event: RoadClosed, at: Instant) -> None:
    _believe(event.closure not in board.closures, "closed_once", event.closure)
    board.fleet += 1
    for name, known in list(board.running_closures.items()):
        if known.until is not None and known.until + LONG_LAPSED_MS < at:
            del board.running_closures[name]
    board.closures[event.closure] = board.running_closures[event.closure] = ClosureState(
        event.closure, event.shape, event.heading_deg, event.since, event.until, event.vehicles, event.reason, event.incident
    )
    advice.mark_stale(advice.in_need(board))


def _fold_extension(board: Board, event: ClosureExtended) -> None:
    state = board.running_closures[event.closure] = _lasting(board, event)
    state.until = event.until
    advice.mark_stale(advice.in_need(board))


def _lasting(board: Board, event: ClosureExtended | RoadReopened | ClosureLapsed) -> ClosureState:
    """The closure that is about to change."""
    state = board.closures.get(event.closure)
    if state is None or state.is_reopened or state.is_lapsed:
        raise Broken("belief", what="changed_while_closed", subject=event.closure)
    board.fleet += 1
    return state


def _fold_correction(board: Board, event: StampCorrected) -> None:
    assignment = board.incidents[event.incident].find_assignment(event.unit)
    if assignment is None:
        raise Broken("belief", what="assigned", subject=event.unit)
    assignment.stamps[event.stamp] = event.to
    unit = board.units.get(event.unit)
    if unit is not None:
        unit.last_report = None


def _end_alarms(board: Board, at: Instant) -> None:
    """Alarms end by themselves with their cause. There are few of them, so all are looked at after every event."""
    for name, alarm in list(board.alarms.items()):
        if not is_standing(board, alarm, at):
            del board.alarms[name]
