"""The situation: what screens show, as rows that stand for themselves. A screen that has the latest row of every subject has the truth.

A change carries whole rows, never differences: of two rows of one subject the later one counts, so that changes may be joined, repeated
or taken up again at any position without harm. No row holds anything of a person who is not on duty.
"""

from typing import Any

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CallId, CardName, ClosureId, CrewId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Metres, Millis
from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.centre import Footing
from tocsin.core.messages.incident import Mark
from tocsin.core.messages.moveup import Elsewhere
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import IncidentType
from tocsin.core.messages.recommendation import CoverWeighed, Pick, Reason, Shortfall
from tocsin.core.messages.unit import Phase, Status


class CentreRow(msgspec.Struct, frozen=True):
    """Whose situation it is."""

    centre: str
    name: str
    timezone: str
    footing: Footing
    attribution: tuple[str, ...]


class PlanRow(msgspec.Struct, frozen=True):
    """Of the plan in force what screens need."""

    name: str
    version: str
    priorities: tuple[str, ...]
    """Most urgent first."""
    incident_types: tuple[IncidentType, ...]


class AssignmentRow(msgspec.Struct, frozen=True):
    """One unit on one incident."""

    unit: UnitId
    stamps: dict[Stamp, Instant]
    is_active: bool


class AdviceRow(msgspec.Struct, frozen=True):
    """The latest recommendation in short; all candidates with their reasons are asked for one incident at a time."""

    receipt_sha256: str
    at: Instant
    policy: str
    cards: tuple[CardName, ...]
    picks: tuple[Pick, ...]
    shortfalls: tuple[Shortfall, ...]
    snap_m: Metres | None
    is_acted_on: bool
    """Every picked unit has been sent there since."""
    is_stale: bool = False
    """What it rests on is so no longer; it is being made anew. It can be acted on all the same: what cannot be sent is refused."""
    cover: CoverWeighed | None = None
    """What happens to the cover of others if the picks go, by policies for which that counts."""


class IncidentRow(msgspec.Struct, frozen=True):
    """One incident."""

    incident: IncidentId
    number: int | None
    """What dispatchers say and type: the day's running number, from the id; None where the id has none."""
    version: int
    """For ``expected``: a change by somebody else moves it."""
    incident_type: str
    is_type_known: bool
    priority: str
    place: Place
    opened: Instant
    life: str
    """``open``, ``closed`` or ``cancelled``."""
    status: str
    """EIDO incident status."""
    alarm_level: int
    is_held: bool
    calls: tuple[CallId, ...]
    assignments: tuple[AssignmentRow, ...]
    marks: dict[Mark, Instant]
    advice: AdviceRow | None
    notes: int
    """How many sealed notes stand at it."""
    changed_at: Instant
    changed_by: str


class UnitRow(msgspec.Struct, frozen=True):
    """One unit."""

    unit: UnitId
    version: int
    kind: str
    agency: str
    capabilities: tuple[str, ...]
    station: StationId | None
    crew: CrewId
    phase: Phase
    status: Status
    since: Instant
    incident: IncidentId | None
    place: LonLat | None
    """Last sure place by its own reports; where it reports positions, those come as fixes."""
    place_at: Instant
    towards: LonLat | None
    """Where it is driving."""
    covers: StationId | None
    """Station that it was told to cover at."""
    is_cover_acknowledged: bool
    check_due: Instant | None
    """Next welfare check, where one is set."""
    changed_by: str


class StationRow(msgspec.Struct, frozen=True):
    """One station."""

    station: StationId
    name: str
    place: Place
    is_open: bool


class ClosureRow(msgspec.Struct, frozen=True):
    """One closure that has not ended."""

    closure: ClosureId
    kind: str
    places: tuple[LonLat, ...]
    heading_deg: float | None
    since: Instant
    until: Instant | None
    vehicles: tuple[str, ...]
    reason: str
    incident: IncidentId | None


class AlarmRow(msgspec.Struct, frozen=True):
    """Something is overdue, and there is something to be done about it."""

    alarm: str
    kind: str
    """Code of the cause, see ``core/messages/alarm.py``; the action that it names has the same code."""
    rank: int
    """1 high, 2 medium, 3 low; sound for the first two."""
    incident: IncidentId | None
    unit: UnitId | None
    closure: ClosureId | None
    since: Instant
    owner: str
    """Who acknowledged it; empty = nobody yet."""
    shelved_until: Instant | None
    call: CallId | None = None


class MoveRow(msgspec.Struct, frozen=True):
    """A unit that should cover at another station: advice that nobody has acted on, and nothing has overtaken."""

    unit: UnitId
    station: StationId
    instead_of: StationId
    at: Instant
    drive_ms: Millis
    gain_ppb: int
    """What it adds there more than where it counts now, as a share of all demand; 0 by a table of stations."""
    change_ppb: dict[str, int]
    """By area, if it moves."""
    reasons: tuple[Reason, ...]
    others: tuple[Elsewhere, ...]


class MessageRow(msgspec.Struct, frozen=True):
    """That a message was sent; its words are sealed and opened one by one."""

    message: str
    at: Instant
    sender: str
    to: tuple[str, ...]
    incident: IncidentId | None
    read_by: tuple[str, ...]


class CallRow(msgspec.Struct, frozen=True):
    """A call that belongs to no incident yet."""

    call: CallId
    arrived: Instant
    answered: Instant | None
    channel: str


class LogRow(msgspec.Struct, frozen=True):
    """One event, for logs and timelines. The reader's words come from the code of the event and the values."""

    pos: int
    at: Instant
    recorded: Instant
    actor: str
    what: str
    """Name of the event, such as ``UnitsDispatched``."""
    stream: str
    incident: IncidentId | None
    unit: UnitId | None
    values: dict[str, str]


class Change(msgspec.Struct, omit_defaults=True):
    """What is different at ``pos``: whole rows."""

    pos: int
    at: Instant
    centre: CentreRow | None = None
    plan: PlanRow | None = None
    incidents: list[IncidentRow] = []
    units: list[UnitRow] = []
    stations: list[StationRow] = []
    closures: list[ClosureRow] = []
    alarms: list[AlarmRow] = []
    messages: list[MessageRow] = []
    calls: list[CallRow] = []
    moves: list[MoveRow] = []
    gone: dict[str, list[str]] = {}
    """Table (``incidents``, ``units``, …) → ids that are on no screen any more."""
    log: list[LogRow] = []
    is_urgent: bool = False
    """Not to be held back to be joined with others."""


class Situation(msgspec.Struct):
    """Everything at one position of the journal."""

    journal: str
    pos: int
    at: Instant
    centre: CentreRow | None
    plan: PlanRow | None
    incidents: list[IncidentRow]
    """Open ones, and those that ended within the last hours."""
    units: list[UnitRow]
    stations: list[StationRow]
    closures: list[ClosureRow]
    alarms: list[AlarmRow]
    messages: list[MessageRow]
    calls: list[CallRow]
    log: list[LogRow]
    """The latest, oldest first."""
    moves: list[MoveRow] = []


class Fix(msgspec.Struct, frozen=True, array_like=True):
    """A reported position of an on-duty unit."""

    unit: UnitId
    lon: float
    lat: float
    at: Instant
    heading_deg: float | None = None
    speed_mps: float | None = None
    uncertainty_m: Metres | None = None


class IncidentDetail(msgspec.Struct):
    """One incident whole."""

    incident: IncidentRow
    timeline: list[LogRow]
    receipt: Any
    """``Receipt``: every candidate with its reason; None without a recommendation."""
    eta_left_ms: dict[UnitId, Millis]
    """Units under way → road time that is left."""


class UnitRoute(msgspec.Struct, frozen=True):
    """The way of a unit to an incident."""

    unit: UnitId
    line: tuple[LonLat, ...]
    eta_ms: Millis | None
    is_under_way: bool
    """False = recommended, not sent."""
