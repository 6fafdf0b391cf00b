"""Assignments: a unit told to go to an incident, and the raw stamps of what it did there."""

from typing import Literal

import msgspec

from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.unit import Phase

Stamp = Literal[
    "dispatched",
    "acknowledged",
    "en_route",
    "staging",
    "on_scene",
    "at_patient",
    "transporting",
    "at_hospital",
    "cleared",
    "cancelled",
]
"""Raw stamps of one unit on one incident, in the order of a life (NERIS ``time_*``, NEMSIS eTimes .03 to .14)."""

STAMP_OF: dict[Phase, Stamp] = {
    "dispatched": "dispatched",
    "acknowledged": "acknowledged",
    "en_route": "en_route",
    "staging": "staging",
    "on_scene": "on_scene",
    "at_patient": "at_patient",
    "transporting": "transporting",
    "at_hospital": "at_hospital",
}
"""Phases that leave a stamp on a job."""


CREW_TAKEN = "crew:"
"""How the reason of an ``AssignmentCancelled`` begins when the crew was taken with another of its units, which it then names."""


class DispatchUnits(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Tell units to go. ``override`` is the person's reason for taking units that are not free, which a rule would refuse."""

    incident: IncidentId
    units: tuple[UnitId, ...]
    receipt: str = ""
    """Hash of the recommendation that was on the screen, if there was one."""
    override: str = ""


class Regret(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was sent minus what was recommended. Negative where a person knew better by that number."""

    empty: int = 0
    """Slots left empty."""
    late: int = 0
    """Units past the target."""
    loss_ppb: int = 0
    """Cover lost, each unit's by itself."""
    travel_ms: int = 0
    """Sum of the times until arrival."""


class UnitsDispatched(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The units were told to go, all at once."""

    incident: IncidentId
    units: tuple[UnitId, ...]
    receipt: str = ""
    override: str = ""
    regret: Regret | None = None
    """Where others went than the recommendation that was quoted named, by a policy that explains itself. Never a hindrance."""


class UnitDiverted(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit leaves one incident for another; comes just before the ``UnitsDispatched`` that takes it."""

    unit: UnitId
    left: IncidentId
    taken_by: IncidentId


class UnassignUnit(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Call a unit off before it has done its work."""

    incident: IncidentId
    unit: UnitId
    reason: str = ""


class AssignmentCancelled(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit was called off (EIDO AssignmentCancelled)."""

    incident: IncidentId
    unit: UnitId
    reason: str = ""


class UnitCleared(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit's work at the incident is done."""

    incident: IncidentId
    unit: UnitId


class CorrectStamp(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """State a stamp anew; the old one stays in the journal."""

    incident: IncidentId
    unit: UnitId
    stamp: Stamp
    to: Instant
    reason: str


class StampCorrected(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The stamp counts as this from now on."""

    incident: IncidentId
    unit: UnitId
    stamp: Stamp
    to: Instant
    was: Instant | None
    reason: str
