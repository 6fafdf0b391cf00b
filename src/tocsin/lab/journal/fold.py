"""A journal's records folded once into rows. Stamps are those of the reports' own fold, so that lab and report never tell them apart."""

from collections import Counter
from collections.abc import Callable, Iterable

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import Stamp, UnitsDispatched
from tocsin.core.messages.incident import AlarmRaised, IncidentOpened, IncidentReclassified
from tocsin.core.messages.said import Event, Record
from tocsin.core.messages.station import StationClosed, StationOpened
from tocsin.core.messages.unit import StatusUndone, UnitEnrolled, UnitStatusChanged, UnitWithdrawn, phase_of
from tocsin.lab.journal.rows import Heard, HospitalSeen, IncidentRow, OffDuty, SentRow
from tocsin.views.dossiers import Dossier, Job
from tocsin.views.response_times import ResponseTimes
from tocsin.views.selection import EVERYTHING, choose

ORDER: tuple[tuple[Stamp, Stamp], ...] = (
    ("dispatched", "en_route"),
    ("en_route", "on_scene"),
    ("on_scene", "transporting"),
    ("transporting", "at_hospital"),
)
"""Stamps of a job that follow one another."""


def hear(records: Iterable[Record], *, on_record: Callable[[], None] = lambda: None) -> Heard:
    """Everything that the lab wants of a journal. Memory: a row per incident and sending."""
    folded = _Fold()
    for record in records:
        on_record()
        folded.take(record)
    return folded.heard()


class _Duty:
    """Who was out of service when."""

    def __init__(self) -> None:
        self._since: dict[UnitId, Instant] = {}
        self._before: dict[UnitId, Instant | None] = {}
        self._spans: dict[UnitId, list[OffDuty]] = {}

    def say(self, unit: UnitId, at: Instant, *, is_off: bool) -> None:
        self._before[unit] = self._since.get(unit)
        if is_off:
            self._since.setdefault(unit, at)
        elif (since := self._since.pop(unit, None)) is not None and at > since:
            self._spans.setdefault(unit, []).append(OffDuty(since, at))

    def undo(self, unit: UnitId) -> None:
        before = self._before.get(unit)
        if before is None:
            self._since.pop(unit, None)
            return
        self._since[unit] = before
        spans = self._spans.get(unit, [])
        if spans and spans[-1].begins == before:
            spans.pop()

    def spans(self) -> dict[UnitId, tuple[OffDuty, ...]]:
        units = [*self._spans, *(unit for unit in self._since if unit not in self._spans)]
        open_ends = {unit: (OffDuty(since, None),) for unit, since in self._since.items()}
        return {unit: (*self._spans.get(unit, ()), *open_ends.get(unit, ())) for unit in units}


class _Fold:
    def __init__(self) -> None:
        self._view = ResponseTimes()
        self._duty = _Duty()
        self._stations: dict[StationId, StationOpened] = {}
        self._units: dict[UnitId, UnitEnrolled] = {}
        self._priority: dict[IncidentId, str] = {}
        self._told: dict[IncidentId, str] = {}
        self._alarm: dict[IncidentId, int] = {}
        self._at_hospital: dict[tuple[UnitId, IncidentId], str] = {}
        self._hospitals: dict[str, list[LonLat]] = {}

    def take(self, record: Record) -> None:
        self._view.fold(record)
        if record.n > 0:
            self._take(record.says, record.at)  # type: ignore[arg-type]  # n > 0 carries an event

    def _take(self, says: Event, at: Instant) -> None:
        match says:
            case StationOpened():
                self._stations[says.station] = says
            case StationClosed():
                self._stations.pop(says.station, None)
            case UnitEnrolled():
                self._units[says.unit] = says
            case UnitWithdrawn():
                self._duty.say(says.unit, at, is_off=True)
            case UnitStatusChanged():
                self._status(says, at)
            case StatusUndone():
                self._duty.undo(says.unit)
            case IncidentOpened() | IncidentReclassified():
                self._priority[says.incident] = says.priority
            case AlarmRaised():
                self._alarm[says.incident] = says.level
            case UnitsDispatched():
                self._told.setdefault(says.incident, self._priority.get(says.incident, ""))
            case _:
                pass  # the rest is no business of the lab

    def _status(self, says: UnitStatusChanged, at: Instant) -> None:
        phase = phase_of(says.status)
        self._duty.say(says.unit, at, is_off=phase == "off")
        if phase == "at_hospital" and says.incident is not None and says.place is not None and says.place.at is not None:
            name = says.place.text or f"{says.place.at.lat:.3f}, {says.place.at.lon:.3f}"
            self._at_hospital[says.unit, says.incident] = name
            self._hospitals.setdefault(name, []).append(says.place.at)

    def heard(self) -> Heard:
        gathered = self._view.gathered
        chosen = choose(gathered, EVERYTHING)
        defects = Counter(gathered.defects)
        rows = [self._row(dossier, jobs, defects) for dossier, jobs in chosen.dossiers]
        centre = gathered.centre
        return Heard(
            centre=centre.centre if centre is not None else "",
            name=centre.name if centre is not None else "",
            timezone=centre.timezone if centre is not None else "UTC",
            attribution=centre.attribution if centre is not None else (),
            plan=gathered.plan,
            stations=self._stations,
            units=self._units,
            rows=tuple(sorted(rows, key=lambda row: (row.arrived, row.incident))),
            off_duty=self._duty.spans(),
            hospitals=tuple(HospitalSeen(name, _middle(seen), len(seen)) for name, seen in sorted(self._hospitals.items())),
            defects=defects,
            left_out=chosen.left_out,
        )

    def _row(self, dossier: Dossier, jobs: list[Job], defects: Counter[str]) -> IncidentRow:
        sent = tuple(self._sent(job, defects) for job in jobs)
        arrived = min((call.arrived for call in dossier.calls), default=dossier.created)
        row = IncidentRow(
            incident=dossier.incident,
            incident_type=dossier.incident_type,
            priority=dossier.priority,
            told_priority=self._told.get(dossier.incident) or dossier.priority,
            alarm_level=self._alarm.get(dossier.incident, 1),
            place=dossier.place.at,
            area=dossier.place.area,
            arrived=arrived,
            opened=max(arrived, dossier.created),
            sent=tuple(sorted(sent, key=lambda one: one.dispatched)),
            reports=max(1, len(dossier.calls)),
        )
        defects.update(_odd(row))
        return row

    def _sent(self, job: Job, defects: Counter[str]) -> SentRow:
        enrolled = self._units.get(job.unit)
        if enrolled is None:
            defects["unit_unknown"] += 1
        for first, second in ORDER:
            one, other = job.at(first), job.at(second)
            if one is not None and other is not None and other < one:
                defects[f"{second}_before_{first}"] += 1
        ended = job.ended()
        latest = max((at for at in (job.at("on_scene"), job.at("at_hospital")) if at is not None), default=None)
        if ended is not None and latest is not None and ended < latest:
            defects["free_before_there"] += 1
        if job.ending == "running":
            defects["never_free"] += 1
        return SentRow(
            unit=job.unit,
            kind=enrolled.kind if enrolled is not None else "",
            dispatched=job.at("dispatched") or Instant(0),
            rolled=job.at("en_route"),
            on_scene=job.at("on_scene") or job.at("at_patient"),
            transporting=job.at("transporting"),
            at_hospital=job.at("at_hospital"),
            hospital=self._at_hospital.get((job.unit, job.incident), ""),
            ended=ended,
            ending=job.ending,
        )


def _odd(row: IncidentRow) -> list[str]:
    found = []
    if row.place is None:
        found.append("no_place")
    if not row.sent:
        found.append("nobody_sent")
    elif row.on_scene is None:
        found.append("nobody_arrived")
    elif row.on_scene < row.arrived:
        found.append("on_scene_before_call")
    if row.first_sent is not None and row.first_sent < row.arrived:
        found.append("sent_before_call")
    return found


def _middle(places: list[LonLat]) -> LonLat:
    """Median of each coordinate: a stray report does not move a hospital."""
    lons, lats = sorted(one.lon for one in places), sorted(one.lat for one in places)
    return LonLat(lons[len(lons) // 2], lats[len(lats) // 2])
