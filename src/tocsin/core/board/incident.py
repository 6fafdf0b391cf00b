"""What is known of an incident, and of the units assigned to it."""

from typing import Literal

import msgspec

from tocsin.base.identifiers import CallId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.incident import Mark
from tocsin.core.messages.place import Place
from tocsin.core.messages.recommendation import Receipt

IncidentLife = Literal["open", "closed", "cancelled"]

IncidentStatus = Literal["Active", "ResourcesAssigned", "ResourcesEnroute", "ResourcesOnscene", "FireUnderControl", "Cancelled", "Closed"]
"""EIDO incident status; derived, never stored."""


BEEN_THERE: frozenset[Stamp] = frozenset({"on_scene", "at_patient", "transporting", "at_hospital"})


class AssignmentState(msgspec.Struct):
    """One unit on one incident, with its raw stamps."""

    unit: UnitId
    stamps: dict[Stamp, Instant]
    is_active: bool = True
    eta_ms: Millis | None = None
    """Turnout and way as promised by the recommendation that the dispatch quoted; None = nothing was promised."""
    place_changed: Instant | None = None
    """When the incident's place changed while this unit was on its way there, as long as nothing shows that the crew knows."""

    def has_been_there(self) -> bool:
        """Whether the unit is or was at the scene, or beyond."""
        return not BEEN_THERE.isdisjoint(self.stamps)


class IncidentState(msgspec.Struct):
    """One incident."""

    incident: IncidentId
    incident_type: str
    priority: str
    place: Place
    opened: Instant
    life: IncidentLife = "open"
    alarm_level: int = 1
    calls: list[CallId] = []
    assignments: list[AssignmentState] = []
    """In the order of dispatch; a unit that comes twice stands here twice."""
    marks: dict[Mark, Instant] = {}
    receipt: Receipt | None = None
    """The latest recommendation."""
    receipt_sha256: str = ""
    receipt_at: Instant = Instant(0)
    """When it was made."""
    waits_since: Instant = Instant(0)
    """Since when it could have been acted on: its opening or reopening, or when its last unit left, or when a hold ended; moved on once,
    to the first recommendation after that. Later ones do not move it."""
    is_advised: bool = False
    """Whether a recommendation has come since it began to wait."""
    sent: list[UnitId] = []
    """Units that were sent since the latest recommendation."""
    short_since: Instant | None = None
    """Since when units are on it and a required slot is empty."""
    receipts: int = 0
    """How many recommendations it has had."""
    is_advice_stale: bool = False
    """What the latest rests on is so no longer, and it has not been made anew yet."""
    held_until: Instant | None = None
    """Nobody is sent on purpose until then; None = not held."""
    needed_since: Instant = Instant(0)
    """Since when it needs what it needs: its opening or reopening, another type, a higher level. Work that ended before counts no more."""
    needed_before: Instant = Instant(0)
    """What ``needed_since`` was before the reopening: a report that is taken back reopens, too."""

    def is_open(self) -> bool:
        """Being dealt with."""
        return self.life == "open"

    def is_waiting(self) -> bool:
        """Open, and nobody is on it."""
        return self.is_open() and not any(assignment.is_active for assignment in self.assignments)

    def begin_to_wait(self, at: Instant) -> None:
        """From now on somebody should be sent, or it should be ended."""
        self.waits_since, self.is_advised = at, False

    def active(self) -> list[AssignmentState]:
        """Units that are on it now."""
        return [assignment for assignment in self.assignments if assignment.is_active]

    def worked(self) -> list[AssignmentState]:
        """Units that have been there for what it needs now, and have left: what they were to do is done."""
        return [one for one in self.assignments if not one.is_active and one.has_been_there() and self._is_of_now(one)]

    def was_reached(self) -> bool:
        """Whether anybody is there, or has been there for what it needs now."""
        return bool(self.worked()) or any(one.is_active and one.has_been_there() for one in self.assignments)

    def _is_of_now(self, one: AssignmentState) -> bool:
        return one.stamps.get("cleared", Instant(-1)) > self.needed_since

    def find_assignment(self, unit: UnitId) -> AssignmentState | None:
        """The unit's latest assignment here, active or ended."""
        for assignment in reversed(self.assignments):
            if assignment.unit == unit:
                return assignment
        return None

    def status(self) -> IncidentStatus:
        """The EIDO word for how far it is."""
        if self.life != "open":
            return "Closed" if self.life == "closed" else "Cancelled"
        if "fire_under_control" in self.marks:
            return "FireUnderControl"
        reached = {stamp for assignment in self.active() for stamp in assignment.stamps}
        if "on_scene" in reached:
            return "ResourcesOnscene"
        if "en_route" in reached:
            return "ResourcesEnroute"
        return "ResourcesAssigned" if reached else "Active"
