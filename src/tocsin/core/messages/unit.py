"""Units, and their status: one primary value plus qualifiers (EIDO, NENA-STA-021.1b), with the life as a table."""

from typing import Literal

import msgspec

from tocsin.base.identifiers import CrewId, IncidentId, StationId, UnitId
from tocsin.core.messages.place import Place

Primary = Literal["Available", "ConditionallyAvailable", "NotAvailable"]

Phase = Literal[
    "off",
    "at_station",
    "on_radio",
    "returning",
    "moving_up",
    "dispatched",
    "acknowledged",
    "en_route",
    "staging",
    "on_scene",
    "at_patient",
    "transporting",
    "at_hospital",
]
"""Where a unit stands in its life: what the rules ask for. Read from the qualifiers, never stored beside them."""


class Status(msgspec.Struct, frozen=True, array_like=True):
    """EIDO status: primary value and qualifiers (sorted, each once)."""

    primary: Primary
    qualifiers: tuple[str, ...] = ()


def _status(primary: Primary, *qualifiers: str) -> Status:
    return Status(primary, tuple(sorted(qualifiers)))


STATUS: dict[Phase, Status] = {
    "off": _status("NotAvailable", "OutofService"),
    "at_station": _status("Available", "Station"),
    "on_radio": _status("Available"),
    "returning": _status("Available", "BacktoAssignedArea"),
    "moving_up": _status("Available", "CoveringAlternateArea", "EnRoute"),
    "dispatched": _status("NotAvailable", "Assigned", "Dispatched"),
    "acknowledged": _status("NotAvailable", "AcknowledgedTransmission", "Assigned", "Dispatched"),
    "en_route": _status("NotAvailable", "Assigned", "EnRoute"),
    "staging": _status("NotAvailable", "Assigned", "Staging"),
    "on_scene": _status("NotAvailable", "Arrived", "OnScene"),
    "at_patient": _status("NotAvailable", "Arrived", "OnScene", "PatientContact"),
    "transporting": _status("NotAvailable", "Transporting"),
    "at_hospital": _status("NotAvailable", "Arrived", "Hospital"),
}
"""The plain status of each phase; a report may carry further qualifiers (``EquipmentIssues``, ``Meal``, …)."""

# The first qualifier found here tells the phase: the later in a life, the earlier in this list.
_TELLING: tuple[tuple[str, Phase], ...] = (
    ("OutofService", "off"),
    ("Unmanned", "off"),
    ("Hospital", "at_hospital"),
    ("Transporting", "transporting"),
    ("PatientContact", "at_patient"),
    ("OnScene", "on_scene"),
    ("Staging", "staging"),
    ("CoveringAlternateArea", "moving_up"),
    ("EnRoute", "en_route"),
    ("AcknowledgedTransmission", "acknowledged"),
    ("Dispatched", "dispatched"),
    ("Assigned", "dispatched"),
    ("BacktoAssignedArea", "returning"),
    ("Station", "at_station"),
    ("Post", "at_station"),
)

_PHASE: dict[Status, Phase] = {status: phase for phase, status in STATUS.items()}


def phase_of(status: Status) -> Phase:
    """Where in its life a unit with this status stands. An unknown mix reads as ``on_radio`` when available, else ``off``."""
    known = _PHASE.get(status)
    if known is not None:
        return known
    for qualifier, phase in _TELLING:
        if qualifier in status.qualifiers:
            return phase
    return "off" if status.primary == "NotAvailable" else "on_radio"


FREE: frozenset[Phase] = frozenset({"at_station", "on_radio", "returning", "moving_up"})
"""No job in hand."""

BUSY: tuple[Phase, ...] = (
    "dispatched", "acknowledged", "en_route", "staging", "on_scene", "at_patient", "transporting", "at_hospital",
)  # fmt: skip
"""A job in hand, in the order of a job."""

NEXT: dict[Phase, frozenset[Phase]] = {
    "off": frozenset({"at_station", "on_radio"}),
    "at_station": frozenset({"off", "on_radio", "moving_up", "dispatched"}),
    "on_radio": frozenset({"off", "at_station", "returning", "moving_up", "dispatched"}),
    "returning": frozenset({"off", "at_station", "on_radio", "moving_up", "dispatched"}),
    "moving_up": frozenset({"off", "at_station", "on_radio", "returning", "dispatched"}),
    # A crew that rolls without pressing "acknowledged" is the rule, not the exception: en_route and even on_scene follow directly.
    "dispatched": frozenset({"acknowledged", "en_route", "staging", "on_scene", "on_radio", "returning", "at_station"}),
    "acknowledged": frozenset({"en_route", "staging", "on_scene", "on_radio", "returning", "at_station"}),
    "en_route": frozenset({"staging", "on_scene", "on_radio", "returning", "at_station"}),
    "staging": frozenset({"en_route", "on_scene", "on_radio", "returning", "at_station"}),
    "on_scene": frozenset({"at_patient", "transporting", "on_radio", "returning", "at_station"}),
    # Care may pass to another crew at the patient: free without transport.
    "at_patient": frozenset({"on_scene", "transporting", "on_radio", "returning", "at_station"}),
    # An ambulance may be turned back to another scene only by way of its hospital; "on_radio" is a patient who got out.
    "transporting": frozenset({"at_hospital", "on_radio", "returning", "at_station"}),
    "at_hospital": frozenset({"on_radio", "returning", "at_station", "off"}),
}
"""The life of a unit as a table. A report that is not in it is recorded all the same and marked surprising."""


class EnrolUnit(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Put a unit on the fleet list, or state its particulars anew."""

    unit: UnitId
    kind: str
    """What it is to its agency: engine, truck, ambulance …"""
    capabilities: tuple[str, ...]
    """What it can do now, from vehicle and crew (EIDO resource attribute)."""
    station: StationId | None = None
    """Home; None for a unit that waits nowhere fixed."""
    crew: CrewId | None = None
    """Who takes it. Units that name the same crew are cross-staffed: sending one removes the others. None = its own."""
    agency: str = ""


class UnitEnrolled(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit is on the fleet list."""

    unit: UnitId
    kind: str
    capabilities: tuple[str, ...]
    station: StationId | None = None
    crew: CrewId | None = None
    agency: str = ""


class WithdrawUnit(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Take a unit off the fleet list; refused while it has a job."""

    unit: UnitId
    reason: str = ""


class UnitWithdrawn(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit is off the fleet list."""

    unit: UnitId
    reason: str = ""


CLOCKS_APART_MS = 5_000
"""How far clocks may be apart, or one clock be set back, without a report being taken for an older one: reports come in the order in
which they are asked."""


class ReportUnitStatus(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """What a unit says of itself. Recorded even when surprising."""

    unit: UnitId
    status: Status
    incident: IncidentId | None = None
    """Which job it speaks of; None = the one in hand."""
    place: Place | None = None
    """Where it says it is: a station, a hospital, a staging point."""
    said: str = ""
    """The local code as received (FMS 3, K1, 10-97): kept, never the value."""


class UnitStatusChanged(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit's status is this from now on; of an earlier job, only that job's stamp."""

    unit: UnitId
    status: Status
    incident: IncidentId | None = None
    place: Place | None = None
    said: str = ""
    is_surprising: bool = False
    """Not foreseen in the life of a unit, or out of order: shown with a warning."""
    is_latest: bool = False
    """It counts as the latest report although its moment lies a little before the one before (``CLOCKS_APART_MS``): it counts from that."""


UNDO_WITHIN_MS = 60_000
"""How long a slip can be taken back (console note, rule 24); later it is corrected."""


class UndoStatus(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Take back the unit's last report, a slip of the hand: within a minute, if nothing has been built on it since."""

    unit: UnitId
    report: int | None = None
    """Version of the unit that the report made: where somebody has reported since, nothing is taken back. None = whichever is the last."""


class StatusUndone(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit stands as before its last report: status, place, job, and no stamp of it. The report itself stays in the journal."""

    unit: UnitId
    back_to: Status
    incident: IncidentId | None = None
    """The job that the report spoke of: its stamp there is taken back, and if it ended the job, the job goes on."""
