"""Raw stamps as the journal tells them, gathered by call, incident and job. Nothing is overwritten; intervals are computed later.

A *job* is one sending of one unit to one incident: a unit that is sent twice has two jobs.
"""

from collections import Counter
from typing import Literal, NamedTuple

import msgspec

from tocsin.base.identifiers import CallId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.centre import CentreOpened, Footing, LogImported
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import ResponsePlan
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import UnitEnrolled

Ending = Literal["running", "cleared", "cancelled", "diverted"]


class Contact(msgspec.Struct):
    """A call's stamps."""

    call: CallId
    arrived: Instant
    answered: Instant | None
    footing: Footing
    incident: IncidentId | None = None


class Job(msgspec.Struct):
    """One unit, told once to go to one incident."""

    unit: UnitId
    incident: IncidentId
    stamps: dict[Stamp, Instant]
    """As reported; of two reports of the same thing the one that happened earlier, whichever was written first."""
    corrected: dict[Stamp, Instant]
    """As stated anew; the last statement counts."""
    ending: Ending = "running"

    def at(self, stamp: Stamp) -> Instant | None:
        """The stamp that counts, or None."""
        return self.corrected[stamp] if stamp in self.corrected else self.stamps.get(stamp)

    def report(self, stamp: Stamp, at: Instant) -> None:
        """Keep the earliest report."""
        known = self.stamps.get(stamp)
        self.stamps[stamp] = at if known is None else min(known, at)

    def end(self, ending: Ending, at: Instant) -> None:
        """The job is over; the first ending counts."""
        if self.ending == "running":
            self.ending = ending
            self.report("cleared" if ending == "cleared" else "cancelled", at)

    def ended(self) -> Instant | None:
        """When it was over, however it ended."""
        return self.at("cleared" if self.ending == "cleared" else "cancelled")


class Reported(NamedTuple):
    """How a job stood before a unit's last report, should the report be taken back."""

    job: Job | None
    stamps: dict[Stamp, Instant]
    ending: Ending
    in_hand: Job | None


class Dossier(msgspec.Struct):
    """An incident's stamps. Type, priority and place are those stated last."""

    incident: IncidentId
    created: Instant
    incident_type: str
    priority: str
    place: Place
    footing: Footing
    calls: list[Contact]
    jobs: list[Job]
    closed: Instant | None = None


class Gathered(msgspec.Struct):
    """All that the fold keeps of a journal."""

    centre: CentreOpened | None = None
    imports: list[LogImported] = []
    plan: ResponsePlan | None = None
    stations: dict[StationId, StationOpened] = {}
    units: dict[UnitId, UnitEnrolled] = {}
    contacts: dict[CallId, Contact] = {}
    dossiers: dict[IncidentId, Dossier] = {}
    defects: Counter[str] = msgspec.field(default_factory=Counter)
    """Events that speak of something the journal does not know."""
    corrections: int = 0
    recorded_to: Instant | None = None

    def jobs(self) -> list[Job]:
        """Every job, by incident in order of opening."""
        return [job for dossier in self.dossiers.values() for job in dossier.jobs]
