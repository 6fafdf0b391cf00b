"""Rules for alarms and welfare checks. That something is overdue is asked of the board again: between timer and desk it may have ended."""

from tocsin.base.instants import Instant
from tocsin.core.board.alarm import AlarmState
from tocsin.core.board.board import Board
from tocsin.core.board.overdue import find_cause
from tocsin.core.board.unit import UnitState
from tocsin.core.messages.alarm import (
    SHELVE_AT_MOST_MS,
    WELFARE_AT_MOST_MIN,
    AcknowledgeAlarm,
    AlarmAcknowledged,
    AlarmShelved,
    AlarmSounded,
    ConfirmWelfare,
    NoteOverdue,
    SetWelfareCheck,
    ShelveAlarm,
    WelfareCheckSet,
    WelfareConfirmed,
)
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Ask, Event


def note_overdue(board: Board, ask: NoteOverdue, question: Ask) -> list[Event]:
    """It sounds once; one that was shelved sounds again when it is shelved no longer."""
    cause = find_cause(board, ask.kind, incident=ask.incident, unit=ask.unit, closure=ask.closure, call=ask.call)
    if cause is None or cause.alarm != ask.alarm or question.at < cause.due or _is_lapsed(board, ask, question.at):
        raise Refused("NotOverdue", "alarm", alarm=ask.alarm)
    known = board.alarms.get(ask.alarm)
    if known is not None and (known.shelved_until is None or question.at < known.shelved_until):
        raise Refused("NothingToChange", "alarm", alarm=ask.alarm)
    return [AlarmSounded(cause.alarm, cause.kind, cause.incident, cause.unit, cause.closure, cause.call)]


def _is_lapsed(board: Board, ask: NoteOverdue, at: Instant) -> bool:
    return ask.closure is not None and board.closures[ask.closure].is_ended(at)


def acknowledge_alarm(board: Board, ask: AcknowledgeAlarm, question: Ask) -> list[Event]:
    """Whoever acknowledges it owns it; somebody else may take it over. One that was shelved is shelved no longer."""
    known = _get_alarm(board, ask)
    if known.owner == question.actor and known.shelved_until is None:
        raise Refused("NothingToChange", "alarm", alarm=ask.alarm)
    return [AlarmAcknowledged(ask.alarm, question.actor)]


def shelve_alarm(board: Board, ask: ShelveAlarm, question: Ask) -> list[Event]:
    """For a while that has an end, and that end lies ahead."""
    _get_alarm(board, ask)
    if not question.at < ask.until <= question.at + SHELVE_AT_MOST_MS:
        raise Refused("ShelvedTooLong", "until", most_min=SHELVE_AT_MOST_MS // 60_000)
    return [AlarmShelved(ask.alarm, ask.until, ask.reason, question.actor)]


def _get_alarm(board: Board, ask: AcknowledgeAlarm | ShelveAlarm) -> AlarmState:
    known = board.alarms.get(ask.alarm)
    if known is None:
        raise Refused("AlarmUnknown", "alarm", alarm=ask.alarm)
    return known


def set_welfare_check(board: Board, ask: SetWelfareCheck) -> list[Event]:
    """Only of a crew at work; the check ends with the job."""
    unit = _get_at_work(board, ask)
    if ask.every_min is not None and not 1 <= ask.every_min <= WELFARE_AT_MOST_MIN:
        raise Refused("WelfareEveryUnusable", "every_min", every_min=ask.every_min, most_min=WELFARE_AT_MOST_MIN)
    if ask.every_min is None and unit.welfare is None:
        raise Refused("NothingToChange", "every_min", unit=ask.unit)
    return [WelfareCheckSet(ask.unit, ask.every_min)]


def confirm_welfare(board: Board, ask: ConfirmWelfare) -> list[Event]:
    """A crew at work that says that it is well is believed, whether or not it was to be asked."""
    _get_at_work(board, ask)
    return [WelfareConfirmed(ask.unit)]


def _get_at_work(board: Board, ask: SetWelfareCheck | ConfirmWelfare) -> UnitState:
    unit = board.get_unit(ask.unit)
    if unit.incident is None:
        raise Refused("UnitHasNoJob", "unit", unit=ask.unit)
    return unit
