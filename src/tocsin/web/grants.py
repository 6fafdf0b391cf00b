"""Who may do what, on one page: role → grants, command → grant, and the route's own grant in ``web/routes.py``.

Allow-lists only. A command that is not listed here and a route with a grant that no role has are refused for everybody: what is new is
closed until somebody opens it. ``OpenCentre``, ``RecordImport``, ``NoteOverdue``, ``LapseClosure``, ``DropPositions`` and
``AdoptCover`` are not listed on purpose: the program asks them by itself.
"""

from typing import Final

from tocsin.base.identifiers import UnitId
from tocsin.base.seats import Role
from tocsin.core.messages.alarm import AcknowledgeAlarm, ConfirmWelfare, SetWelfareCheck, ShelveAlarm
from tocsin.core.messages.assignment import CorrectStamp, DispatchUnits, UnassignUnit
from tocsin.core.messages.call import AttachCall, TakeCall
from tocsin.core.messages.closure import CloseRoad, ExtendClosure, ReopenRoad
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
from tocsin.core.messages.said import Command
from tocsin.core.messages.station import CloseStation, OpenStation
from tocsin.core.messages.unit import EnrolUnit, ReportUnitStatus, UndoStatus, WithdrawUnit

COMMAND_GRANT: Final[dict[type, str]] = {
    TakeCall: "call", AttachCall: "call",
    OpenIncident: "incident", ReclassifyIncident: "incident", RelocateIncident: "incident",
    # What withholds or ends help is not for whoever only takes calls.
    HoldIncident: "outcome", CloseIncident: "outcome", CancelIncident: "outcome", ReopenIncident: "outcome",
    AddNote: "note", SendMessage: "message", ReadMessage: "message",
    RaiseAlarm: "level", MarkIncident: "mark",
    RecommendUnits: "dispatch", DispatchUnits: "dispatch", UnassignUnit: "dispatch", CorrectStamp: "dispatch",
    AdviseMoveUps: "dispatch", OrderMoveUp: "dispatch", EndMoveUp: "dispatch",
    ReportUnitStatus: "status", UndoStatus: "status", AcknowledgeMoveUp: "status",
    SetWelfareCheck: "welfare_check", ConfirmWelfare: "welfare",
    AcknowledgeAlarm: "alarm", ShelveAlarm: "alarm",
    CloseRoad: "closure", ExtendClosure: "closure", ReopenRoad: "closure",
    OpenStation: "fleet", CloseStation: "fleet", EnrolUnit: "fleet", WithdrawUnit: "fleet",
    LookAtPersonalData: "personal", ErasePersonalData: "erase", AdoptPlan: "plan",
}  # fmt: skip

_SCREEN = frozenset({"session", "situation", "stream", "map", "tiles"})
"""What every screen needs."""
_SEAT = _SCREEN | {"password", "command", "line", "undo", "detail", "places", "duplicates", "routes", "reach", "words", "seats"}
"""What everybody at a desk needs; which commands go through is told apart."""
_OPERATIONS = frozenset({
    "call", "incident", "outcome", "note", "message", "level", "mark", "dispatch", "status", "welfare_check", "welfare", "alarm", "closure",
    "fleet", "personal", "intake", "clock",
})  # fmt: skip

ROLE_GRANTS: Final[dict[Role, frozenset[str]]] = {
    "wall": _SCREEN,
    "crew": _SCREEN | {"password", "command", "undo", "detail", "status", "welfare", "words"},
    "call_taker": _SEAT | {"intake", "call", "incident", "note", "message"},
    "commander": _SEAT | {"note", "message", "level", "mark", "welfare_check", "welfare", "closure", "lab"},
    "dispatcher": _SEAT | _OPERATIONS,
    "supervisor": _SEAT | _OPERATIONS | {"erase", "plan", "outbox", "lab"},
}


def is_granted(role: Role, grant: str | None) -> bool:
    """Has this role the grant? Nobody has None."""
    return grant is not None and grant in ROLE_GRANTS[role]


def may_say(role: Role, unit: UnitId | None, command: Command) -> bool:
    """May this seat ask that? A seat that is bound to a unit may speak for this unit only."""
    if not is_granted(role, COMMAND_GRANT.get(type(command))):
        return False
    return role != "crew" or (unit is not None and getattr(command, "unit", None) == unit)
