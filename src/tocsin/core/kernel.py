"""Decide, then fold. The one function that says which rule answers which command."""

from collections.abc import Mapping, Sequence
from typing import assert_never

from tocsin.base.faults import Broken
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.core.board import fold as folding
from tocsin.core.board.board import Board
from tocsin.core.messages.alarm import AcknowledgeAlarm, ConfirmWelfare, NoteOverdue, SetWelfareCheck, ShelveAlarm
from tocsin.core.messages.assignment import CorrectStamp, DispatchUnits, UnassignUnit
from tocsin.core.messages.call import AttachCall, TakeCall
from tocsin.core.messages.centre import DropPositions, OpenCentre, RecordImport
from tocsin.core.messages.closure import CloseRoad, ExtendClosure, LapseClosure, ReopenRoad
from tocsin.core.messages.cover import AdoptCover
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.incident import (
    CancelIncident,
    CloseIncident,
    ErasePersonalData,
    HoldIncident,
    LookAtPersonalData,
    MarkIncident,
    OpenIncident,
    RaiseAlarm,
    ReclassifyIncident,
    RelocateIncident,
    ReopenIncident,
)
from tocsin.core.messages.message import ReadMessage, SendMessage
from tocsin.core.messages.moveup import AcknowledgeMoveUp, AdviseMoveUps, EndMoveUp, OrderMoveUp
from tocsin.core.messages.note import AddNote
from tocsin.core.messages.plan import AdoptPlan
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Ask, Command, Event, Record, Told
from tocsin.core.messages.station import CloseStation, OpenStation
from tocsin.core.messages.subject import subject_of
from tocsin.core.messages.unit import EnrolUnit, ReportUnitStatus, UndoStatus, WithdrawUnit
from tocsin.core.reactions import LIVE_CLOCKS, ONLY_LIVE, REACTIONS, Reaction
from tocsin.core.rules import alarm, assignment, call, centre, closure, cover, incident, message, moveup, recommendation, station, unit


def decide(board: Board, question: Ask, facts: Facts) -> Sequence[Event]:
    """Events that follow, or the one event CommandRefused. Changes nothing. Raises StaleFacts: gather again, ask again."""
    seen = question.expected
    if seen is not None:
        stream = subject_of(question.command)
        version = board.versions.get(stream, 0)
        if version != seen:
            return [Refused("ChangedMeanwhile", "expected", subject=stream, version=version).event]
    try:
        return _rule(board, question, facts)
    except Refused as refusal:
        return [refusal.event]


def _rule(board: Board, question: Ask, facts: Facts) -> list[Event]:  # noqa: C901, PLR0911, PLR0912 - one arm per command
    command: Command = question.command
    match command:
        case ReportUnitStatus():
            return unit.report_unit_status(board, command, question)
        case DispatchUnits():
            return assignment.dispatch_units(board, command)
        case RecommendUnits():
            return recommendation.recommend_units(board, command, facts)
        case TakeCall():
            return call.take_call(board, command)
        case AttachCall():
            return call.attach_call(board, command)
        case OpenIncident():
            return incident.open_incident(board, command)
        case CloseIncident():
            return incident.close_incident(board, command)
        case ReclassifyIncident():
            return incident.reclassify_incident(board, command)
        case RelocateIncident():
            return incident.relocate_incident(board, command)
        case RaiseAlarm():
            return incident.raise_alarm(board, command)
        case MarkIncident():
            return incident.mark_incident(board, command)
        case CancelIncident():
            return incident.cancel_incident(board, command)
        case ReopenIncident():
            return incident.reopen_incident(board, command)
        case ErasePersonalData():
            return incident.erase_personal_data(board, command)
        case AddNote():
            return incident.add_note(board, command)
        case UnassignUnit():
            return assignment.unassign_unit(board, command)
        case CorrectStamp():
            return assignment.correct_stamp(board, command, question)
        case AdviseMoveUps():
            return moveup.advise_move_ups(board, command, question, facts)
        case OrderMoveUp():
            return moveup.order_move_up(board, command)
        case AcknowledgeMoveUp():
            return moveup.acknowledge_move_up(board, command)
        case EndMoveUp():
            return moveup.end_move_up(board, command)
        case CloseRoad():
            return closure.close_road(board, command, question)
        case ExtendClosure():
            return closure.extend_closure(board, command, question)
        case LapseClosure():
            return closure.lapse_closure(board, command, question)
        case ReopenRoad():
            return closure.reopen_road(board, command, question)
        case UndoStatus():
            return unit.undo_status(board, command, question)
        case NoteOverdue():
            return alarm.note_overdue(board, command, question)
        case AcknowledgeAlarm():
            return alarm.acknowledge_alarm(board, command, question)
        case ShelveAlarm():
            return alarm.shelve_alarm(board, command, question)
        case SetWelfareCheck():
            return alarm.set_welfare_check(board, command)
        case ConfirmWelfare():
            return alarm.confirm_welfare(board, command)
        case HoldIncident():
            return incident.hold_incident(board, command, question)
        case LookAtPersonalData():
            return incident.look_at_personal_data(board, command)
        case SendMessage():
            return message.send_message(board, command)
        case ReadMessage():
            return message.read_message(board, command, question)
        case DropPositions():
            return centre.drop_positions(command)
        case EnrolUnit():
            return unit.enrol_unit(board, command)
        case WithdrawUnit():
            return unit.withdraw_unit(board, command)
        case OpenStation():
            return station.open_station(command)
        case CloseStation():
            return station.close_station(board, command)
        case AdoptPlan():
            return centre.adopt_plan(command)
        case AdoptCover():
            return cover.adopt_cover(board, command)
        case OpenCentre():
            return centre.open_centre(board, command)
        case RecordImport():
            return centre.record_import(command)
        case _:
            assert_never(command)


def fold(board: Board, record: Record | Told) -> None:
    """Apply one line of the journal: a question only moves its subject's version. Raises Broken ``belief``."""
    version = board.versions.get(record.stream, 0) + 1
    if record.ver != version:
        raise Broken("belief", what="versions_gapless", subject=record.stream)
    board.versions[record.stream] = version
    if record.n:
        folding.fold(board, record.says, record.at)  # type: ignore[arg-type]  # n > 0 carries an event; the desk wrote it so


def reactions_to(
    board: Board, question: Ask, events: Sequence[Event], now: Instant, *, table: Mapping[type, tuple[Reaction, ...]] = REACTIONS
) -> list[Ask]:
    """The further questions that these events raise, each with a key of its own that the cause determines."""
    raised: list[Ask] = []
    for event in events:
        for reaction in table.get(type(event), ()):
            if reaction in ONLY_LIVE and question.clock not in LIVE_CLOCKS:
                continue
            for command in reaction(board, event):
                if all(command != one.command for one in raised):
                    key = CommandId(f"{question.id}/{len(raised) + 1}")
                    raised.append(Ask(key, "tocsin", now, command, clock=question.clock, cause=question.id))
    return raised
