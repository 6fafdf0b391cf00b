"""All that can be said, and the record that carries it. Adding a message means adding it here; type checking then finds every place."""

from typing import Literal

import msgspec

from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.core.messages.alarm import (
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
from tocsin.core.messages.assignment import (
    AssignmentCancelled,
    CorrectStamp,
    DispatchUnits,
    StampCorrected,
    UnassignUnit,
    UnitCleared,
    UnitDiverted,
    UnitsDispatched,
)
from tocsin.core.messages.call import AttachCall, CallAttached, CallReceived, TakeCall
from tocsin.core.messages.centre import CentreOpened, DropPositions, LogImported, OpenCentre, PositionsDropped, RecordImport
from tocsin.core.messages.closure import (
    CloseRoad,
    ClosureExtended,
    ClosureLapsed,
    ExtendClosure,
    LapseClosure,
    ReopenRoad,
    RoadClosed,
    RoadReopened,
)
from tocsin.core.messages.cover import AdoptCover, CoverAdopted
from tocsin.core.messages.facts import NO_FACTS, Facts
from tocsin.core.messages.incident import (
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
from tocsin.core.messages.message import MessageRead, MessageSent, ReadMessage, SendMessage
from tocsin.core.messages.moveup import (
    AcknowledgeMoveUp,
    AdviseMoveUps,
    EndMoveUp,
    MoveUpAcknowledged,
    MoveUpAdvised,
    MoveUpEnded,
    MoveUpOrdered,
    OrderMoveUp,
    StayAdvised,
)
from tocsin.core.messages.note import AddNote, NoteAdded
from tocsin.core.messages.plan import AdoptPlan, PlanAdopted
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.station import CloseStation, OpenStation, StationClosed, StationOpened
from tocsin.core.messages.unit import (
    EnrolUnit,
    ReportUnitStatus,
    StatusUndone,
    UndoStatus,
    UnitEnrolled,
    UnitStatusChanged,
    UnitWithdrawn,
    WithdrawUnit,
)

Command = (
    OpenCentre | RecordImport | OpenStation | CloseStation | EnrolUnit | WithdrawUnit | AdoptPlan | AdoptCover
    | TakeCall | AttachCall
    | OpenIncident | ReclassifyIncident | RelocateIncident | RaiseAlarm | MarkIncident
    | CloseIncident | CancelIncident | ReopenIncident | HoldIncident | ErasePersonalData | LookAtPersonalData | AddNote
    | RecommendUnits | DispatchUnits | UnassignUnit | ReportUnitStatus | UndoStatus | CorrectStamp
    | AdviseMoveUps | OrderMoveUp | AcknowledgeMoveUp | EndMoveUp
    | CloseRoad | ExtendClosure | LapseClosure | ReopenRoad
    | NoteOverdue | AcknowledgeAlarm | ShelveAlarm | SetWelfareCheck | ConfirmWelfare
    | SendMessage | ReadMessage | DropPositions
)  # fmt: skip

Event = (
    CentreOpened | LogImported | StationOpened | StationClosed | UnitEnrolled | UnitWithdrawn | PlanAdopted | CoverAdopted
    | CallReceived | CallAttached
    | IncidentOpened | IncidentReclassified | IncidentRelocated | AlarmRaised | IncidentMarked
    | IncidentClosed | IncidentCancelled | IncidentReopened | IncidentHeld | PersonalDataErased | PersonalDataSeen | NoteAdded
    | UnitsRecommended | UnitsDispatched | UnitDiverted | AssignmentCancelled | UnitCleared | UnitStatusChanged | StatusUndone
    | StampCorrected
    | MoveUpAdvised | StayAdvised | MoveUpOrdered | MoveUpAcknowledged | MoveUpEnded
    | RoadClosed | ClosureExtended | ClosureLapsed | RoadReopened
    | AlarmSounded | AlarmAcknowledged | AlarmShelved | WelfareCheckSet | WelfareConfirmed
    | MessageSent | MessageRead | PositionsDropped
    | CommandRefused
)  # fmt: skip

ClockSource = Literal["server", "device", "paper", "log", "simulated"]
"""Who stamped ``at``: the server, a unit's terminal, paper entered late, another system's log, an invented clock."""


class Ask(msgspec.Struct, frozen=True, omit_defaults=True):
    """A question put to the desk."""

    id: CommandId
    """Idempotency key: the same key twice gives the same answer, once."""
    actor: str
    at: Instant
    """When it happened, which need not be now (late entry from paper)."""
    command: Command
    clock: ClockSource = "server"
    uncertainty_ms: int = 0
    """How far ``at`` may be off."""
    expected: int | None = None
    """Version of the subject that the person saw; refused as ChangedMeanwhile when it has moved on."""
    cause: CommandId | None = None
    """The question whose event led to this one (a reaction)."""


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of the journal: the question (n = 0) or one thing that followed from it (n = 1 …)."""

    stream: str
    """The subject: ``alarm:…``, ``message:…``, ``closure:…``, ``incident:…``, ``unit:…``, ``call:…``, ``station:…``, ``cover``,
    ``centre``."""
    ver: int
    """Version of the subject, from 1, gapless."""
    at: Instant
    """Occurred."""
    recorded: Instant
    """Written down."""
    actor: str
    cmd: CommandId
    n: int
    says: Command | Event
    cause: CommandId | None = None
    clock: ClockSource = "server"
    uncertainty_ms: int = 0
    facts: Facts = NO_FACTS
    """With n = 0 only."""
    tried: Facts | None = None
    """With n = 0 only: facts that were gathered first and had gone stale."""


class Told(msgspec.Struct, frozen=True, gc=False):
    """Of a record only what the fold needs: who asked, when it was written down and the facts are left out."""

    stream: str
    ver: int
    at: Instant
    n: int
    says: Command | Event


class Noted(msgspec.Struct, frozen=True, gc=False):
    """Of a record what logs and screens need: all but the facts, which weigh the most."""

    stream: str
    ver: int
    at: Instant
    recorded: Instant
    actor: str
    cmd: CommandId
    n: int
    says: Command | Event
    cause: CommandId | None = None
    clock: ClockSource = "server"
