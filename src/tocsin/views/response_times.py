"""How the service did: journal records in, one ``ReportAnswer`` out. Here stand the fold and the road from stamps to answer."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from tocsin.base.identifiers import CallId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import STAMP_OF, AssignmentCancelled, StampCorrected, UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.call import CallAttached, CallReceived
from tocsin.core.messages.centre import CentreOpened, Footing, LogImported
from tocsin.core.messages.incident import (
    IncidentCancelled,
    IncidentClosed,
    IncidentOpened,
    IncidentReclassified,
    IncidentRelocated,
    IncidentReopened,
)
from tocsin.core.messages.plan import PlanAdopted
from tocsin.core.messages.said import Record
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import StatusUndone, UnitEnrolled, UnitStatusChanged, phase_of
from tocsin.views.breakdown import answer
from tocsin.views.dossiers import Contact, Dossier, Ending, Gathered, Job, Reported
from tocsin.views.report_answer import HeadTold, ReportAnswer
from tocsin.views.selection import EVERYTHING, Selection
from tocsin.views.targets import TargetProfile


class ResponseTimes:
    """Folds records one by one, in the journal's order. Keeps raw stamps only; ``answer`` computes."""

    def __init__(self) -> None:
        self.gathered = Gathered()
        self._footing: Footing = "live"
        self._jobs: dict[tuple[UnitId, IncidentId], list[Job]] = {}
        self._in_hand: dict[UnitId, Job] = {}
        self._reported: dict[UnitId, Reported] = {}

    def fold(self, record: Record) -> None:
        """Take in one record. Questions (n = 0) and events that no figure rests on are passed over."""
        known = self.gathered.recorded_to
        self.gathered.recorded_to = record.recorded if known is None else max(known, record.recorded)
        if record.n == 0:
            return
        take = _FOLD.get(type(record.says))
        if take is not None:
            take(self, record.says, record.at)

    def jobs_of(self, unit: UnitId, incident: IncidentId) -> list[Job]:
        """All sendings of a unit to an incident, in order."""
        return self._jobs.get((unit, incident), [])

    def _centre_opened(self, event: CentreOpened, _: Instant) -> None:
        self.gathered.centre = event
        self._footing = event.footing

    def _log_imported(self, event: LogImported, _: Instant) -> None:
        self.gathered.imports.append(event)

    def _plan_adopted(self, event: PlanAdopted, _: Instant) -> None:
        self.gathered.plan = event.plan

    def _station_opened(self, event: StationOpened, _: Instant) -> None:
        self.gathered.stations[event.station] = event

    def _unit_enrolled(self, event: UnitEnrolled, _: Instant) -> None:
        self.gathered.units[event.unit] = event

    def _call_received(self, event: CallReceived, _: Instant) -> None:
        self.gathered.contacts[event.call] = Contact(event.call, event.arrived, event.answered, self._footing)

    def _call_attached(self, event: CallAttached, _: Instant) -> None:
        self._join(event.call, event.incident)

    def _join(self, call: CallId, incident: IncidentId) -> None:
        contact, dossier = self.gathered.contacts.get(call), self.gathered.dossiers.get(incident)
        if contact is None or dossier is None:
            self.gathered.defects["call_unknown" if contact is None else "incident_unknown"] += 1
            return
        # One call may open several incidents: each has it, and its answering time counts once.
        contact.incident = contact.incident or incident
        if contact not in dossier.calls:
            dossier.calls.append(contact)

    def _incident_opened(self, event: IncidentOpened, at: Instant) -> None:
        self.gathered.dossiers[event.incident] = Dossier(
            event.incident, at, event.incident_type, event.priority, event.place, self._footing, calls=[], jobs=[]
        )
        for call in event.calls:
            self._join(call, event.incident)

    def _incident_reclassified(self, event: IncidentReclassified, _: Instant) -> None:
        if dossier := self._dossier(event.incident):
            dossier.incident_type, dossier.priority = event.incident_type, event.priority

    def _incident_relocated(self, event: IncidentRelocated, _: Instant) -> None:
        if dossier := self._dossier(event.incident):
            dossier.place = event.place

    def _incident_reopened(self, event: IncidentReopened, _: Instant) -> None:
        if dossier := self._dossier(event.incident):
            dossier.closed = None

    def _incident_closed(self, event: IncidentClosed, at: Instant) -> None:
        if dossier := self._dossier(event.incident):
            dossier.closed = at

    def _incident_cancelled(self, event: IncidentCancelled, at: Instant) -> None:
        if dossier := self._dossier(event.incident):
            dossier.closed = at
            for job in dossier.jobs:
                job.end("cancelled", at)

    def _units_dispatched(self, event: UnitsDispatched, at: Instant) -> None:
        dossier = self._dossier(event.incident)
        if dossier is None:
            return
        for unit in event.units:
            job = Job(unit, event.incident, {"dispatched": at}, {})
            dossier.jobs.append(job)
            self._jobs.setdefault((unit, event.incident), []).append(job)
            self._in_hand[unit] = job

    def _unit_status_changed(self, event: UnitStatusChanged, at: Instant) -> None:
        stamp = STAMP_OF.get(phase_of(event.status))
        job = self._job(event.unit, event.incident) if event.incident else self._in_hand.get(event.unit)
        in_hand = self._in_hand.get(event.unit)
        self._reported[event.unit] = Reported(job, dict(job.stamps) if job else {}, job.ending if job else "running", in_hand)
        if stamp is None or stamp == "dispatched":  # the dispatch stamps that itself, not a unit's report of it
            return
        if job is None:
            self.gathered.defects["status_without_job"] += 1
        else:
            job.report(stamp, at)

    def _status_undone(self, event: StatusUndone, _: Instant) -> None:
        """The job as it was before the report: no figure rests on what was taken back."""
        before = self._reported.pop(event.unit, None)
        if before is None:
            self.gathered.defects["undone_without_report"] += 1
            return
        if before.job is not None:
            before.job.stamps, before.job.ending = before.stamps, before.ending
        if before.in_hand is not None:
            self._in_hand[event.unit] = before.in_hand

    def _unit_cleared(self, event: UnitCleared, at: Instant) -> None:
        self._end(event.unit, event.incident, "cleared", at)

    def _assignment_cancelled(self, event: AssignmentCancelled, at: Instant) -> None:
        self._end(event.unit, event.incident, "cancelled", at)

    def _unit_diverted(self, event: UnitDiverted, at: Instant) -> None:
        self._end(event.unit, event.left, "diverted", at)

    def _end(self, unit: UnitId, incident: IncidentId, ending: Ending, at: Instant) -> None:
        job = self._job(unit, incident)
        if job is None:
            self.gathered.defects["ending_without_job"] += 1
            return
        job.end(ending, at)
        if self._in_hand.get(unit) is job:
            del self._in_hand[unit]

    def _stamp_corrected(self, event: StampCorrected, _: Instant) -> None:
        jobs = self.jobs_of(event.unit, event.incident)
        if not jobs:
            self.gathered.defects["correction_without_job"] += 1
            return
        # Of several sendings the one that bears the old stamp is meant; the latest if none does.
        job = next((one for one in reversed(jobs) if one.at(event.stamp) == event.was), jobs[-1])
        job.corrected[event.stamp] = event.to
        self.gathered.corrections += 1

    def _job(self, unit: UnitId, incident: IncidentId) -> Job | None:
        jobs = self.jobs_of(unit, incident)
        return jobs[-1] if jobs else None

    def _dossier(self, incident: IncidentId) -> Dossier | None:
        dossier = self.gathered.dossiers.get(incident)
        if dossier is None:
            self.gathered.defects["incident_unknown"] += 1
        return dossier


_FOLD: dict[type[msgspec.Struct], Callable[[ResponseTimes, Any, Instant], None]] = {
    CentreOpened: ResponseTimes._centre_opened,
    LogImported: ResponseTimes._log_imported,
    PlanAdopted: ResponseTimes._plan_adopted,
    StationOpened: ResponseTimes._station_opened,
    UnitEnrolled: ResponseTimes._unit_enrolled,
    CallReceived: ResponseTimes._call_received,
    CallAttached: ResponseTimes._call_attached,
    IncidentOpened: ResponseTimes._incident_opened,
    IncidentReclassified: ResponseTimes._incident_reclassified,
    IncidentRelocated: ResponseTimes._incident_relocated,
    IncidentReopened: ResponseTimes._incident_reopened,
    IncidentClosed: ResponseTimes._incident_closed,
    IncidentCancelled: ResponseTimes._incident_cancelled,
    UnitsDispatched: ResponseTimes._units_dispatched,
    UnitStatusChanged: ResponseTimes._unit_status_changed,
    StatusUndone: ResponseTimes._status_undone,
    UnitCleared: ResponseTimes._unit_cleared,
    AssignmentCancelled: ResponseTimes._assignment_cancelled,
    UnitDiverted: ResponseTimes._unit_diverted,
    StampCorrected: ResponseTimes._stamp_corrected,
}
"""Every event that a figure rests on; the rest is passed over (a test holds both lists against ``said.Event``)."""


def response_times(
    records: Iterable[Record],
    profile: TargetProfile,
    *,
    selection: Selection = EVERYTHING,
    head: HeadTold | None = None,
    with_excluded: bool = False,
) -> ReportAnswer:
    """The report of a journal against a target profile.

    ``head`` is the journal's head as the reader verified it, shown beside the figures. ``with_excluded`` lists every record that gave
    no sample. Raises BadInput ``timezone`` when the centre's zone is unknown to this machine.
    """
    view = ResponseTimes()
    for record in records:
        view.fold(record)
    return answer(view.gathered, profile, selection=selection, head=head, with_excluded=with_excluded)
