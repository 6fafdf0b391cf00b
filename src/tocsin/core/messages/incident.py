"""Incidents: what is being dealt with."""

from typing import Literal

import msgspec

from tocsin.base.identifiers import CallId, IncidentId, KeyName
from tocsin.base.instants import Instant
from tocsin.core.messages.place import Place

Mark = Literal[
    "command_established",
    "sizeup_completed",
    "primary_search_begin",
    "primary_search_complete",
    "water_on_fire",
    "fire_under_control",
    "fire_knocked_down",
    "suppression_complete",
    "extrication_complete",
]
"""Fire marks (NERIS tactic time stamps)."""


class OpenIncident(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Open an incident, usually from a call."""

    incident: IncidentId
    incident_type: str
    """Code of the plan's list; an unknown one is kept as text and flagged."""
    priority: str
    place: Place
    calls: tuple[CallId, ...] = ()


class IncidentOpened(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """An incident is being dealt with."""

    incident: IncidentId
    incident_type: str
    priority: str
    place: Place
    calls: tuple[CallId, ...] = ()
    is_type_known: bool = True


class ReclassifyIncident(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Change type or priority; what is not given stays."""

    incident: IncidentId
    incident_type: str | None = None
    priority: str | None = None
    reason: str = ""


class IncidentReclassified(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Type and priority are these from now on."""

    incident: IncidentId
    incident_type: str
    priority: str
    reason: str = ""
    is_type_known: bool = True


class RelocateIncident(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """State the place anew."""

    incident: IncidentId
    place: Place
    reason: str = ""


class IncidentRelocated(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The incident is there (EIDO NewLocation)."""

    incident: IncidentId
    place: Place
    reason: str = ""


class RaiseAlarm(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Escalate: level n is additional to n-1 (NFPA usage)."""

    incident: IncidentId
    level: int
    reason: str = ""


class AlarmRaised(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The alarm level is this from now on."""

    incident: IncidentId
    level: int
    reason: str = ""


class MarkIncident(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Note a mark on the scene, such as water on fire."""

    incident: IncidentId
    mark: Mark


class IncidentMarked(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """A mark on the scene was reached."""

    incident: IncidentId
    mark: Mark


class CloseIncident(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """End the dealing; refused while units are assigned."""

    incident: IncidentId
    disposition: str = ""


class IncidentClosed(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The dealing has ended."""

    incident: IncidentId
    disposition: str = ""


class CancelIncident(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """End an incident that needs nobody; units still assigned are cancelled with it."""

    incident: IncidentId
    reason: str = ""


class IncidentCancelled(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The incident needs nobody."""

    incident: IncidentId
    reason: str = ""


class ReopenIncident(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Take up an ended incident again."""

    incident: IncidentId
    reason: str = ""


class IncidentReopened(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """An ended incident is being dealt with again (EIDO ReOpened)."""

    incident: IncidentId
    reason: str = ""


class ErasePersonalData(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Destroy the keys of an incident's sealed fields and of its calls'."""

    incident: IncidentId
    reason: str = ""


class PersonalDataErased(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """These keys are to be destroyed; whoever restores an older key store destroys them again."""

    incident: IncidentId
    keys: tuple[KeyName, ...]
    reason: str = ""


class LookAtPersonalData(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Ask to read the sealed words of one incident, its calls and notes. Whoever reads must ask first: every look is in the journal."""

    incident: IncidentId
    reason: str = ""


class PersonalDataSeen(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Whoever asked was shown what was sealed under these keys."""

    incident: IncidentId
    keys: tuple[KeyName, ...]
    reason: str = ""


HOLD_AT_MOST_MS = 86_400_000
"""A day: whatever waits longer is not held but ended."""


class HoldIncident(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Nobody is sent for now, on purpose: it waits without alarm until then, or until it is taken up again."""

    incident: IncidentId
    until: Instant | None = None
    """None = takes it up again: it is held no longer."""
    reason: str = ""


class IncidentHeld(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Held until then; None = no longer. Sending units or the end of the span ends it, too."""

    incident: IncidentId
    until: Instant | None = None
    reason: str = ""
