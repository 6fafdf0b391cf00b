"""Rules for units: the fleet list and what units say of themselves."""

from tocsin.core.board.board import Board
from tocsin.core.board.unit import UnitState
from tocsin.core.messages.assignment import UnitCleared
from tocsin.core.messages.incident import IncidentReopened
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Ask, Event
from tocsin.core.messages.unit import (
    BUSY,
    CLOCKS_APART_MS,
    NEXT,
    UNDO_WITHIN_MS,
    EnrolUnit,
    Phase,
    ReportUnitStatus,
    StatusUndone,
    UndoStatus,
    UnitEnrolled,
    UnitStatusChanged,
    UnitWithdrawn,
    WithdrawUnit,
    phase_of,
)


def enrol_unit(board: Board, ask: EnrolUnit) -> list[Event]:
    """A unit joins the fleet or is stated anew; its home must be open, its crew must not be at work elsewhere."""
    home = board.stations.get(ask.station) if ask.station is not None else None
    if ask.station is not None and (home is None or not home.is_open):
        raise Refused("StationUnknown", "station", station=ask.station)
    known = board.units.get(ask.unit)
    if known is not None and known.incident is not None and (ask.crew or ask.unit) != known.crew:
        raise Refused("UnitHasJob", "crew", unit=ask.unit, incident=known.incident)
    return [
        UnitEnrolled(ask.unit, ask.kind, tuple(sorted(set(ask.capabilities))), ask.station, ask.crew, ask.agency),
    ]


def withdraw_unit(board: Board, ask: WithdrawUnit) -> list[Event]:
    """Off the list, but not while it is at work."""
    unit = board.get_unit(ask.unit)
    if unit.incident is not None:
        raise Refused("UnitHasJob", "unit", unit=ask.unit, incident=unit.incident)
    return [UnitWithdrawn(ask.unit, ask.reason)]


def report_unit_status(board: Board, ask: ReportUnitStatus, question: Ask) -> list[Event]:
    """A unit's report is recorded even when surprising. Becoming free, or going out of service, ends the job in hand."""
    unit = board.get_unit(ask.unit)
    if ask.incident is not None and question.clock in ("server", "device") and ask.incident not in board.incidents:
        raise Refused("IncidentUnknown", "incident", incident=ask.incident)  # other systems' logs are recorded as they are
    phase = phase_of(ask.status)
    job = ask.incident if ask.incident is not None else unit.incident
    is_latest = question.clock in ("server", "device") and unit.since - CLOCKS_APART_MS <= question.at < unit.since
    is_older = question.at < unit.since and not is_latest
    is_of_earlier = job != unit.incident or is_older
    is_surprising = is_of_earlier or _is_out_of_life(unit, phase)
    told: list[Event] = [UnitStatusChanged(ask.unit, ask.status, job, ask.place, ask.said, is_surprising, is_latest)]
    if phase not in BUSY and job is not None and _is_active_on(board, ask, unit) and not is_older:
        told.append(UnitCleared(job, ask.unit))
    return told


def _is_out_of_life(unit: UnitState, phase: Phase) -> bool:
    if phase in BUSY and unit.incident is None:
        return True
    return phase != unit.phase and phase not in NEXT[unit.phase]


def _is_active_on(board: Board, ask: ReportUnitStatus, unit: UnitState) -> bool:
    return unit.incident is not None and ask.incident in (None, unit.incident)


def undo_status(board: Board, ask: UndoStatus, question: Ask) -> list[Event]:
    """Within a minute, between the moments that report and undoing speak of, and only while nothing has been built on the report.

    Whoever undoes a report that was entered late from paper says so of as long ago (``web/undo.py``). What counts as built on it: a
    dispatch or move-up of the unit, its being called off or enrolled anew, a corrected stamp, a job of another unit of its crew, the
    incident's cancelling. An incident that ended because of the report is reopened first.
    """
    unit = board.get_unit(ask.unit)
    before = unit.last_report
    if before is None or ask.report not in (None, before.version):
        raise Refused("NothingToUndo", "unit", unit=ask.unit)
    if abs(question.at - before.at) > UNDO_WITHIN_MS:
        raise Refused("TooLateToUndo", "unit", unit=ask.unit, within_s=UNDO_WITHIN_MS // 1000)
    reopened: list[Event] = []
    if before.incident is not None and unit.incident is None:
        job = board.incidents[before.incident]
        if job.life == "cancelled" or board.find_crew_mate_with_job(unit) is not None:
            raise Refused("NothingToUndo", "unit", unit=ask.unit)
        if not job.is_open():
            reopened = [IncidentReopened(job.incident)]
    return [*reopened, StatusUndone(ask.unit, before.status, before.job)]
