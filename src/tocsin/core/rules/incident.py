"""Rules for incidents."""

from tocsin.base.identifiers import KeyName
from tocsin.core.board.board import Board
from tocsin.core.messages.assignment import AssignmentCancelled
from tocsin.core.messages.incident import (
    HOLD_AT_MOST_MS,
    AlarmRaised,
    CancelIncident,
    CloseIncident,
    ErasePersonalData,
    HoldIncident,
    IncidentCancelled,
    IncidentClosed,
    IncidentHeld,
    IncidentMarked,
    IncidentOpened,
    IncidentReclassified,
    IncidentRelocated,
    IncidentReopened,
    LookAtPersonalData,
    MarkIncident,
    OpenIncident,
    PersonalDataErased,
    PersonalDataSeen,
    RaiseAlarm,
    ReclassifyIncident,
    RelocateIncident,
    ReopenIncident,
)
from tocsin.core.messages.note import AddNote, NoteAdded
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Ask, Event
from tocsin.core.messages.sealed import key_of_call, key_of_incident


def open_incident(board: Board, ask: OpenIncident) -> list[Event]:
    """An unknown type does not stand in the way: it is kept as text and flagged."""
    if ask.incident in board.incidents:
        raise Refused("IncidentAlreadyOpen", "incident", incident=ask.incident)
    for call in ask.calls:
        if call not in board.calls:
            raise Refused("CallUnknown", "calls", call=call)
    is_known = board.is_known_type(ask.incident_type)
    return [IncidentOpened(ask.incident, ask.incident_type, ask.priority, ask.place, ask.calls, is_known)]


def reclassify_incident(board: Board, ask: ReclassifyIncident) -> list[Event]:
    """Type, priority or both."""
    state = board.get_open_incident(ask.incident)
    incident_type = ask.incident_type if ask.incident_type is not None else state.incident_type
    priority = ask.priority if ask.priority is not None else state.priority
    if (incident_type, priority) == (state.incident_type, state.priority):
        raise Refused("NothingToChange", "incident_type", incident=ask.incident)
    return [IncidentReclassified(ask.incident, incident_type, priority, ask.reason, board.is_known_type(incident_type))]


def relocate_incident(board: Board, ask: RelocateIncident) -> list[Event]:
    """The place as it is known now."""
    state = board.get_open_incident(ask.incident)
    if ask.place == state.place:
        raise Refused("NothingToChange", "place", incident=ask.incident)
    return [IncidentRelocated(ask.incident, ask.place, ask.reason)]


def raise_alarm(board: Board, ask: RaiseAlarm) -> list[Event]:
    """Alarm levels only go up; going down is calling units off."""
    state = board.get_open_incident(ask.incident)
    if ask.level <= state.alarm_level:
        raise Refused("AlarmNotHigher", "level", level=ask.level, now=state.alarm_level)
    return [AlarmRaised(ask.incident, ask.level, ask.reason)]


def mark_incident(board: Board, ask: MarkIncident) -> list[Event]:
    """The first report of a mark counts; a second one is told so."""
    if ask.mark in board.get_open_incident(ask.incident).marks:
        raise Refused("NothingToChange", "mark", mark=ask.mark)
    return [IncidentMarked(ask.incident, ask.mark)]


def close_incident(board: Board, ask: CloseIncident) -> list[Event]:
    """Nobody is left behind on a closed incident."""
    state = board.get_open_incident(ask.incident)
    left = [assignment.unit for assignment in state.active()]
    if left:
        raise Refused("IncidentHasUnits", "incident", units=", ".join(left))
    return [IncidentClosed(ask.incident, ask.disposition)]


def cancel_incident(board: Board, ask: CancelIncident) -> list[Event]:
    """Units still on it are called off in the same breath."""
    state = board.get_open_incident(ask.incident)
    called_off: list[Event] = [AssignmentCancelled(ask.incident, one.unit, ask.reason) for one in state.active()]
    return [*called_off, IncidentCancelled(ask.incident, ask.reason)]


def reopen_incident(board: Board, ask: ReopenIncident) -> list[Event]:
    """An ended incident is taken up again under its own number."""
    if board.get_incident(ask.incident).is_open():
        raise Refused("IncidentNotEnded", "incident", incident=ask.incident)
    return [IncidentReopened(ask.incident, ask.reason)]


def hold_incident(board: Board, ask: HoldIncident, question: Ask) -> list[Event]:
    """Only while nobody is on it; a second hold replaces the first."""
    state = board.get_open_incident(ask.incident)
    if ask.until == state.held_until:
        raise Refused("NothingToChange", "until", incident=ask.incident)
    left = [assignment.unit for assignment in state.active()]
    if left:
        raise Refused("IncidentHasUnits", "incident", units=", ".join(left))
    if ask.until is not None and ask.until <= question.at:
        raise Refused("HoldAlreadyOver", "until", incident=ask.incident)
    if ask.until is not None and ask.until > question.at + HOLD_AT_MOST_MS:
        raise Refused("HoldTooLong", "until", incident=ask.incident, most_h=HOLD_AT_MOST_MS // 3_600_000)
    return [IncidentHeld(ask.incident, ask.until, ask.reason)]


def erase_personal_data(board: Board, ask: ErasePersonalData) -> list[Event]:
    """The incident's own key and those of its calls. A call that also belongs to an open incident keeps its key."""
    state = board.get_incident(ask.incident)
    if state.is_open():
        raise Refused("IncidentNotEnded", "incident", incident=ask.incident)
    keys: list[KeyName] = [key_of_incident(ask.incident)]
    for call in state.calls:
        if not any(incident in board.open_incidents for incident in board.calls[call].incidents):
            keys.append(key_of_call(call))
    return [PersonalDataErased(ask.incident, tuple(keys), ask.reason)]


def look_at_personal_data(board: Board, ask: LookAtPersonalData) -> list[Event]:
    """What is left of it: keys that were erased open nothing any more."""
    state = board.get_incident(ask.incident)
    keys = (key_of_incident(ask.incident), *(key_of_call(call) for call in state.calls))
    left = tuple(key for key in keys if key not in board.erased_keys)
    if not left:
        raise Refused("PersonalDataGone", "incident")
    return [PersonalDataSeen(ask.incident, left, ask.reason)]


def add_note(board: Board, ask: AddNote) -> list[Event]:
    """A note may come after the end: people remember later."""
    board.get_incident(ask.incident)
    return [NoteAdded(ask.incident, ask.words)]
