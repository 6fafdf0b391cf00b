"""The fold: one event changes the board. What the fold believes it checks at the door; a belief that does not hold is Broken."""

from collections.abc import Callable
from typing import assert_never

from tocsin.base.faults import Broken
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board, PlanInForce
from tocsin.core.board.call import CallState
from tocsin.core.board.closure import ClosureState
from tocsin.core.board.incident import AssignmentState, IncidentState
from tocsin.core.board.station import MoveUpState, StationState
from tocsin.core.board.unit import UnitState, enrolled
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
from tocsin.core.messages.centre import CentreOpened, LogImported
from tocsin.core.messages.closure import ClosureExtended, RoadClosed, RoadReopened
from tocsin.core.messages.incident import (
    AlarmRaised,
    IncidentCancelled,
    IncidentClosed,
    IncidentMarked,
    IncidentOpened,
    IncidentReclassified,
    IncidentRelocated,
    IncidentReopened,
    PersonalDataErased,
)
from tocsin.core.messages.moveup import MoveUpAcknowledged, MoveUpEnded, MoveUpOrdered
from tocsin.core.messages.note import NoteAdded
from tocsin.core.messages.plan import PlanAdopted
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Event
from tocsin.core.messages.station import StationClosed, StationOpened
from tocsin.core.messages.unit import STATUS, Phase, UnitEnrolled, UnitStatusChanged, UnitWithdrawn, phase_of


def fold(board: Board, event: Event, at: Instant) -> None:  # noqa: C901, PLR0912, PLR0915 - one arm per event: the list is the point
    """Apply one event that occurred at ``at``. Raises Broken ``belief`` when the board could not have led to it."""
    match event:
        case UnitStatusChanged():
            _fold_status(board, event, at)
        case UnitsDispatched():
            _fold_dispatch(board, event, at)
        case UnitCleared():
            _end_assignment(board, event.incident, event.unit, "cleared", at)
        case UnitDiverted():
            _end_assignment(board, event.left, event.unit, "cancelled", at)
        case AssignmentCancelled():
            _end_assignment(board, event.incident, event.unit, "cancelled", at)
            _stand_down(board, event.unit, at)
        case StampCorrected():
            _fold_correction(board, event)
        case CallReceived():
            board.calls[event.call] = CallState(event.call, event.arrived)
        case CallAttached():
            board.calls[event.call].incidents.append(event.incident)
            board.incidents[event.incident].calls.append(event.call)
        case IncidentOpened():
            _fold_opening(board, event, at)
        case IncidentReclassified():
            state = board.incidents[event.incident]
            state.incident_type, state.priority = event.incident_type, event.priority
        case IncidentRelocated():
            board.incidents[event.incident].place = event.place
        case AlarmRaised():
            board.incidents[event.incident].alarm_level = event.level
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
            board.open_incidents[event.incident] = state
        case UnitsRecommended():
            board.incidents[event.incident].receipt = event.receipt
        case UnitEnrolled():
            _fold_enrolment(board, event, at)
        case UnitWithdrawn():
            gone = board.units.pop(event.unit)
            board.crews[gone.crew].remove(event.unit)
            board.move_ups.pop(event.unit, None)
            board.fleet += 1
        case StationOpened():
            board.stations[event.station] = StationState(event.station, event.name, event.place)
        case StationClosed():
            board.stations[event.station].is_open = False
        case MoveUpOrdered():
            board.move_ups[event.unit] = MoveUpState(event.unit, event.station, at, event.until)
        case MoveUpAcknowledged():
            board.move_ups[event.unit].is_acknowledged = True
        case MoveUpEnded():
            board.move_ups.pop(event.unit, None)
        case RoadClosed():
            _fold_closure(board, event)
        case ClosureExtended():
            _lasting(board, event).until = event.until
        case RoadReopened():
            _lasting(board, event).reopen(at)
        case PlanAdopted():
            board.plan = PlanInForce(event.plan, event.version)
        case CentreOpened():
            board.centre = event
        case LogImported():
            board.imports.append(event)
        case PersonalDataErased():
            board.erased_keys.update(event.keys)
        case NoteAdded() | CommandRefused():
            pass  # in the journal for people; nothing is decided from them
        case _:
            assert_never(event)


def _believe(is_so: bool, what: str, subject: str) -> None:
    if not is_so:
        raise Broken("belief", what=what, subject=subject)


def _fold_opening(board: Board, event: IncidentOpened, at: Instant) -> None:
    _believe(event.incident not in board.incidents, "opened_once", event.incident)
    state = IncidentState(event.incident, event.incident_type, event.priority, event.place, at, calls=list(event.calls))
    board.incidents[event.incident] = state
    board.open_incidents[event.incident] = state
    for call in event.calls:
        board.calls[call].incidents.append(event.incident)


def _end_incident(board: Board, incident: IncidentId, *, is_cancelled: bool) -> None:
    state = board.open_incidents.pop(incident, None)
    if state is None:
        raise Broken("belief", what="ended_while_open", subject=incident)
    state.life = "cancelled" if is_cancelled else "closed"


def _fold_enrolment(board: Board, event: UnitEnrolled, at: Instant) -> None:
    board.fleet += 1
    fresh = enrolled(event, at, board.find_station_place(event.station))
    known = board.units.get(event.unit)
    if known is not None:
        board.crews[known.crew].remove(event.unit)
        _keep_life(known, fresh)
    board.units[event.unit] = fresh
    board.crews.setdefault(fresh.crew, []).append(event.unit)


def _keep_life(known: UnitState, fresh: UnitState) -> None:
    """Stating a unit's particulars anew changes neither its status nor its job nor its place."""
    fresh.status, fresh.phase, fresh.since, fresh.incident = known.status, known.phase, known.since, known.incident
    fresh.place, fresh.place_at, fresh.legs = known.place, known.place_at, known.legs
    fresh.is_at_station, fresh.is_astray = known.is_at_station, known.is_astray


def _fold_dispatch(board: Board, event: UnitsDispatched, at: Instant) -> None:
    incident = board.open_incidents.get(event.incident)
    if incident is None:
        raise Broken("belief", what="dispatched_to_open", subject=event.incident)
    board.fleet += 1
    for name in event.units:
        unit = board.units[name]
        _believe(unit.incident is None, "one_job", name)
        unit.incident = event.incident
        unit.halt(at)
        unit.take_status(STATUS["dispatched"], "dispatched", at)
        board.move_ups.pop(name, None)
        incident.assignments.append(AssignmentState(name, {"dispatched": at}))


def _end_assignment(board: Board, incident: IncidentId, unit: UnitId, stamp: Stamp, at: Instant) -> None:
    assignment = board.incidents[incident].find_assignment(unit)
    if assignment is None or not assignment.is_active:
        raise Broken("belief", what="assigned", subject=unit)
    assignment.is_active = False
    assignment.stamps[stamp] = at
    if board.units[unit].incident == incident:
        board.units[unit].incident = None
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
    phase = phase_of(event.status)
    job = event.incident
    if job is not None:
        incident = board.incidents.get(job)
        assignment = incident.find_assignment(event.unit) if incident is not None else None
        # Free while the job is in hand ends it, and UnitCleared stamps that; of an earlier job it is a late stamp like any other.
        stamp = STAMP_OF.get(phase, "cleared")
        if assignment is not None and not (stamp == "cleared" and assignment.is_active):
            assignment.stamps.setdefault(stamp, at)
    # A stamp that speaks of an earlier job, or of a moment before the last one, is kept above and moves nothing here.
    if (job is not None and job != unit.incident) or at < unit.since:
        return
    board.fleet += 1
    unit.take_status(event.status, phase, at)
    place = event.place
    _WHEREABOUTS[phase](board, unit, place.at if place is not None else None, at)


def _at_station(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    order = board.move_ups.get(unit.unit)
    if order is not None:  # a unit that covers says so of the station that it covers
        unit.stand_at(said or board.find_station_place(order.station), at)
        return
    home = board.find_station_place(unit.station)
    unit.stand_at(said or home, at)
    unit.is_at_station = said is None and home is not None


def _at_scene(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.stand_at(said or _scene(board, unit), at)


def _where_it_says(_: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.stand_at(said, at)


def _out_of_service(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    # Where a unit without a home was before says nothing about where it will come back.
    unit.place = None
    unit.stand_at(said or board.find_station_place(unit.station), at)


def _not_yet_rolling(_: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.halt(at)


def _to_scene(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.roll_to(said or _scene(board, unit), at)


def _to_cover(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    order = board.move_ups.get(unit.unit)
    unit.roll_to(board.find_station_place(order.station) if order is not None else said, at)


def _homewards(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    # Free somewhere is on the way home until it says otherwise.
    if said is not None:
        unit.stand_at(said, at)
    unit.roll_to(board.find_station_place(unit.station), at)


def _where_it_drives(_: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.roll_to(said, at)
    unit.is_astray = said is None


def _at_hospital(_: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.is_astray = True  # unless it says which
    unit.stand_at(said, at)


_WHEREABOUTS: dict[Phase, Callable[[Board, UnitState, LonLat | None, Instant], None]] = {
    "off": _out_of_service,
    "at_station": _at_station,
    "on_radio": _homewards,
    "returning": _homewards,
    "moving_up": _to_cover,
    "dispatched": _not_yet_rolling,
    "acknowledged": _not_yet_rolling,
    "en_route": _to_scene,
    "staging": _where_it_says,
    "on_scene": _at_scene,
    "at_patient": _at_scene,
    "transporting": _where_it_drives,
    "at_hospital": _at_hospital,
}
"""What a status says of the unit's place; the place that the report itself names, if any, is the third argument."""


def _scene(board: Board, unit: UnitState) -> LonLat | None:
    incident = board.incidents.get(unit.incident) if unit.incident is not None else None
    return incident.place.at if incident is not None else None


def _fold_closure(board: Board, event: RoadClosed) -> None:
    _believe(event.closure not in board.closures, "closed_once", event.closure)
    board.fleet += 1
    board.closures[event.closure] = ClosureState(
        event.closure, event.shape, event.heading_deg, event.since, event.until, event.vehicles, event.reason, event.incident
    )


def _lasting(board: Board, event: ClosureExtended | RoadReopened) -> ClosureState:
    """The closure that is about to change."""
    state = board.closures.get(event.closure)
    if state is None or state.is_reopened:
        raise Broken("belief", what="changed_while_closed", subject=event.closure)
    board.fleet += 1
    return state


def _fold_correction(board: Board, event: StampCorrected) -> None:
    assignment = board.incidents[event.incident].find_assignment(event.unit)
    if assignment is None:
        raise Broken("belief", what="assigned", subject=event.unit)
    assignment.stamps[event.stamp] = event.to
