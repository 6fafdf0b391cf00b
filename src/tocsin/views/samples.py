"""From raw stamps to interval samples, with every record that gives none and why."""

from collections.abc import Iterable
from typing import NamedTuple

from tocsin.base.identifiers import CallId, UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Millis
from tocsin.core.messages.assignment import Stamp
from tocsin.views.dossiers import Contact, Dossier, Job
from tocsin.views.report_answer import INTERVALS, ClockStart, Excluded, IntervalName
from tocsin.views.targets import TargetProfile

NOT_ENDED: dict[str, str] = {"cancelled": "cancelled", "diverted": "diverted", "running": "still_running"}
"""Why a stamp is missing, where the job's ending explains it; a job that was cleared without the stamp never got there."""


class Sample(NamedTuple):
    """One span that happened."""

    span_ms: Millis
    dossier: Dossier | None
    """None for a call that belongs to no incident."""
    unit: UnitId | None


class Samples:
    """Samples and exclusions of every interval, under one profile's clock."""

    def __init__(self, profile: TargetProfile) -> None:
        self.of: dict[IntervalName, list[Sample]] = {name: [] for name in INTERVALS}
        self.excluded: list[Excluded] = []
        self._clock_start: ClockStart = profile.clock_start
        self._bounds_ms = {name: bound_s * 1000 for name, bound_s in profile.implausible_over_s.items()}

    def take_call(self, contact: Contact, dossier: Dossier | None) -> None:
        """Answering time of one call."""
        if contact.answered is None:
            self._leave_out("answering", "no_answer_stamp", dossier, call=contact.call)
        else:
            self._keep("answering", contact.arrived, contact.answered, dossier, call=contact.call)

    def take_incident(self, dossier: Dossier, jobs: list[Job]) -> None:
        """All other intervals of one incident, by the jobs of the units that count."""
        for job in jobs:
            self._take_job(dossier, job)
        start = clock_start(dossier, self._clock_start)
        self._first("processing", start, first(jobs, "dispatched"), "never_dispatched", dossier)
        self._first("total_response", start, first(jobs, "on_scene"), "never_on_scene" if jobs else "never_dispatched", dossier)

    def _take_job(self, dossier: Dossier, job: Job) -> None:
        dispatched, en_route, on_scene = job.at("dispatched"), job.at("en_route"), job.at("on_scene")
        explained = NOT_ENDED.get(job.ending)
        if dispatched is None:
            self._leave_out("turnout", "no_dispatch_stamp", dossier, unit=job.unit)
        elif en_route is None:
            self._leave_out("turnout", explained if explained and on_scene is None else "never_en_route", dossier, unit=job.unit)
        else:
            self._keep("turnout", dispatched, en_route, dossier, unit=job.unit)
        if en_route is None:
            self._leave_out("travel", explained if explained and on_scene is None else "never_en_route", dossier, unit=job.unit)
        elif on_scene is None:
            self._leave_out("travel", explained or "never_on_scene", dossier, unit=job.unit)
        else:
            self._keep("travel", en_route, on_scene, dossier, unit=job.unit)

    def _first(self, name: IntervalName, start: Instant | None, stop: Instant | None, missing: str, dossier: Dossier) -> None:
        if start is None:
            self._leave_out(name, "no_answer_stamp" if self._clock_start == "answered" and dossier.calls else "no_call", dossier)
        elif stop is None:
            self._leave_out(name, missing, dossier)
        else:
            self._keep(name, start, stop, dossier)

    def _keep(
        self, name: IntervalName, start: Instant, stop: Instant, dossier: Dossier | None, *,
        unit: UnitId | None = None, call: CallId | None = None,
    ) -> None:  # fmt: skip
        span = span_ms(start=start, end=stop)
        if span < 0:
            self._leave_out(name, "negative", dossier, unit=unit, call=call)
        elif name in self._bounds_ms and span > self._bounds_ms[name]:
            self._leave_out(name, "implausibly_long", dossier, unit=unit, call=call)
        else:
            self.of[name].append(Sample(span, dossier, unit))

    def _leave_out(
        self, name: IntervalName, reason: str, dossier: Dossier | None, *, unit: UnitId | None = None, call: CallId | None = None
    ) -> None:
        self.excluded.append(Excluded(name, reason, dossier.incident if dossier else None, unit, call))


def first(jobs: Iterable[Job], stamp: Stamp) -> Instant | None:
    """The earliest stamp of that kind among jobs."""
    stamps = [at for job in jobs if (at := job.at(stamp)) is not None]
    return min(stamps) if stamps else None


def clock_start(dossier: Dossier, declared: ClockStart) -> Instant | None:
    """Where the incident's clock starts: arrival or answer of its first call, or its creation. None when not stamped."""
    if declared == "created":
        return dossier.created
    earliest = min(dossier.calls, key=lambda contact: contact.arrived, default=None)
    if earliest is None:
        return None
    return earliest.arrived if declared == "arrived" else earliest.answered
