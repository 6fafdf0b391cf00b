"""From what the fold gathered to the answer: choose, sample, count, tell."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from tocsin.base.identifiers import IncidentId
from tocsin.base.instants import Instant, LocalParts, iso, local_parts, local_text, span_ms
from tocsin.base.quantities import Millis
from tocsin.base.ranks import nearest_rank
from tocsin.views.dossiers import Contact, Dossier, Gathered, Job
from tocsin.views.grouping import by_day, by_hour, by_weekday_hour, dates_between, groups, job_days, on_grid, station_of, type_name
from tocsin.views.percentiles import histogram, mean_s, percentile_s, seconds
from tocsin.views.report_answer import (
    INTERVALS,
    PERCENTILE_RULE,
    CentreTold,
    HeadTold,
    IntervalAnswer,
    IntervalName,
    Period,
    ProfileTold,
    ReportAnswer,
    Rows,
    Selected,
    StationMark,
    TargetResult,
)
from tocsin.views.samples import Sample, Samples, clock_start
from tocsin.views.selection import Chosen, Selection, choose
from tocsin.views.targets import Target, TargetProfile, clock_of
from tocsin.views.workload import HOUR_MS, concurrency, incident_span, unit_loads, work_of

UTC = "UTC"


class _Shift(msgspec.Struct, frozen=True):
    """What every part of the answer looks at."""

    gathered: Gathered
    chosen: Chosen
    samples: Samples
    zone: str
    first: Instant
    last: Instant
    starts: dict[IncidentId, Instant]
    """Incident → start of its clock, or its creation where that is not stamped."""
    contacts: tuple[Contact, ...]

    @property
    def dossiers(self) -> list[Dossier]:
        return [dossier for dossier, _ in self.chosen.dossiers]

    @property
    def jobs(self) -> list[Job]:
        return [job for _, jobs in self.chosen.dossiers for job in jobs]


def answer(gathered: Gathered, profile: TargetProfile, *, selection: Selection, head: HeadTold | None, with_excluded: bool) -> ReportAnswer:
    """The whole report. Raises BadInput ``timezone`` when the centre's zone is unknown to this machine."""
    shift = _shift(gathered, profile, selection)
    imports = gathered.imports
    return ReportAnswer(
        targets=profile.name,
        clock_start=profile.clock_start,
        percentile_rule=PERCENTILE_RULE,
        rows=_rows(shift),
        intervals={name: _interval(name, shift, profile) for name in INTERVALS},
        profile=_profile_told(profile),
        centre=_centre_told(shift),
        head=head,
        period=_period(shift),
        selected=Selected(
            tuple(sorted(selection.priorities)), tuple(sorted(selection.unit_kinds)),
            tuple(sorted(shift.chosen.footings)), shift.chosen.left_out,
        ),
        counts=_counts(shift),
        defects=_summed([*(one.defects for one in imports), gathered.defects]),
        attribution=gathered.centre.attribution if gathered.centre else (),
        sources=tuple(f"{one.source} sha256 {one.source_sha256}" for one in imports),
        **_breakdowns(shift),
        excluded_records=tuple(shift.samples.excluded) if with_excluded else (),
    )  # fmt: skip


def _shift(gathered: Gathered, profile: TargetProfile, selection: Selection) -> _Shift:
    chosen = choose(gathered, selection)
    incidents = {dossier.incident: dossier for dossier, _ in chosen.dossiers}
    contacts = [contact for contact in gathered.contacts.values() if _is_chosen(contact, chosen, incidents, selection)]
    samples = Samples(profile)
    for contact in contacts:
        samples.take_call(contact, incidents.get(contact.incident) if contact.incident else None)
    starts: dict[IncidentId, Instant] = {}
    for dossier, jobs in chosen.dossiers:
        samples.take_incident(dossier, jobs)
        start = clock_start(dossier, profile.clock_start)
        starts[dossier.incident] = dossier.created if start is None else start
    first, last = _ends(chosen, contacts)
    zone = gathered.centre.timezone if gathered.centre else UTC
    return _Shift(gathered, chosen, samples, zone, first, last, starts, tuple(contacts))


def _is_chosen(contact: Contact, chosen: Chosen, incidents: dict[IncidentId, Dossier], selection: Selection) -> bool:
    """A call counts with its incident; one that led to none counts while nobody asked for certain priorities."""
    if contact.incident is not None:
        return contact.incident in incidents
    return not selection.priorities and (not chosen.footings or contact.footing in chosen.footings)


def _ends(chosen: Chosen, contacts: Iterable[Contact]) -> tuple[Instant, Instant]:
    """First and last stamp of the chosen calls, incidents and jobs."""
    met = [contact.arrived for contact in contacts]
    for dossier, jobs in chosen.dossiers:
        met.append(dossier.created)
        if dossier.closed is not None:
            met.append(dossier.closed)
        for job in jobs:
            met.extend(job.stamps.values())
            met.extend(job.corrected.values())
    return (min(met), max(met)) if met else (Instant(0), Instant(0))


def _interval(name: IntervalName, shift: _Shift, profile: TargetProfile) -> IntervalAnswer:
    kept = shift.samples.of[name]
    ordered = sorted(sample.span_ms for sample in kept)
    targets = profile.of(name)
    headline = targets[0] if targets else None
    over_all = _result(headline, ordered) if headline else None
    disciplines = _disciplines(shift)
    start, stop = clock_of(name, profile.clock_start)
    return IntervalAnswer(
        n=len(ordered),
        mean_s=mean_s(ordered),
        p50_s=percentile_s(ordered, 50),
        p90_s=percentile_s(ordered, 90),
        target_s=over_all.seconds if over_all else None,
        within_target=over_all.within if over_all else None,
        target_percentile=over_all.percentile if over_all else None,
        is_target_met=over_all.is_met if over_all else None,
        start=start,
        stop=stop,
        least_s=seconds(ordered[0]) if ordered else None,
        greatest_s=seconds(ordered[-1]) if ordered else None,
        zero=sum(1 for span in ordered if span == 0),
        excluded=dict(sorted(Counter(one.reason for one in shift.samples.excluded if one.interval == name).items())),
        targets=tuple(_result(target, *_spoken_of(target, kept, disciplines)) for target in targets),
        histogram=histogram(ordered),
    )


def _disciplines(shift: _Shift) -> dict[str, str]:
    """Incident type → discipline, where the response plan names one."""
    plan = shift.gathered.plan
    return {one.code: one.discipline for one in plan.incident_types if one.discipline} if plan else {}


def _spoken_of(target: Target, kept: Sequence[Sample], disciplines: dict[str, str]) -> tuple[list[Millis], bool]:
    """The samples that a target speaks of, in order, and whether that can be told: without any discipline it cannot, and all count."""
    is_known = not target.disciplines or bool(disciplines)
    spans = [
        sample.span_ms
        for sample in kept
        if not (target.disciplines and disciplines)
        or (sample.dossier is not None and disciplines.get(sample.dossier.incident_type) in target.disciplines)
    ]
    return sorted(spans), is_known


def _result(target: Target, ordered: Sequence[Millis], is_scope_known: bool = True) -> TargetResult:
    n, bound_ms = len(ordered), target.seconds * 1000
    inside = sum(1 for span in ordered if span <= bound_ms)
    if target.percentile is None:
        is_met, reached_s = (sum(ordered) <= bound_ms * n, mean_s(ordered)) if n else (None, None)
    else:
        # Whole numbers: 90 of 100 within is met, whatever floats make of 0.9.
        is_met = inside * 100 >= target.percentile * n if n else None
        reached_s = seconds(nearest_rank(ordered, target.percentile)) if n else None
    return TargetResult(
        seconds=seconds(Millis(bound_ms)), percentile=target.percentile, disciplines=target.disciplines, applies=target.applies,
        n=n, within=inside / n if n else None, reached_s=reached_s, is_met=is_met,
        clause=target.clause, source=target.source, is_confirmed=target.confirmed, is_scope_known=is_scope_known,
    )  # fmt: skip


def _breakdowns(shift: _Shift) -> dict[str, Any]:
    """Fields of the answer that break the figures down."""
    gathered, samples, dossiers, jobs = shift.gathered, shift.samples, shift.dossiers, shift.jobs
    station = station_of(gathered)
    parts = {incident: local_parts(at, shift.zone) for incident, at in shift.starts.items()}
    # Days run from the first call to the last, not to the last unit's return: no empty day is invented at the end.
    began = [*shift.starts.values(), *(contact.arrived for contact in shift.contacts)]
    dates = dates_between(min(began), max(began), shift.zone) if began else []
    order = {priority: at for at, priority in enumerate(gathered.plan.priorities)} if gathered.plan else {}
    priorities = groups(dossiers, samples, lambda one: one.priority, lambda key: key)
    weekdays = Counter(one.weekday for one in dates)
    return {
        "by_type": groups(dossiers, samples, lambda one: one.incident_type, type_name(gathered)),
        "by_priority": tuple(sorted(priorities, key=lambda group: (order.get(group.key, len(order)), group.key))),
        "by_area": groups(dossiers, samples, lambda one: one.place.area, lambda key: station(key)[0], lambda key: station(key)[1]),
        "by_hour": by_hour(parts, samples),
        "by_weekday_hour": by_weekday_hour(parts.values()),
        "weekday_days": tuple(weekdays[weekday] for weekday in range(7)),
        "by_day": by_day(parts.values(), _arrivals(shift), job_days(jobs, shift.zone), dates),
        "busiest_units": unit_loads(jobs, gathered, shift.first, shift.last),
        "concurrency": concurrency(
            [incident_span(one, shift.starts[one.incident], shift.last) for one in dossiers],
            [span for work in work_of(jobs, shift.last).values() for span in work],
            shift.first, shift.last, shift.zone,
        ),
        "map": on_grid(dossiers, samples),
        "stations": tuple(StationMark(one.station, one.name, one.place.at) for one in gathered.stations.values()),
    }  # fmt: skip


def _arrivals(shift: _Shift) -> list[LocalParts]:
    return [local_parts(contact.arrived, shift.zone) for contact in shift.contacts]


def _rows(shift: _Shift) -> Rows:
    """Of the imported log; else the journal's own assignments, of which those that were not asked for are left out."""
    imports = shift.gathered.imports
    if imports:
        excluded = _summed([one.rows_excluded for one in imports])
        return Rows(sum(one.rows_read for one in imports), sum(one.rows_used for one in imports), excluded, "log")
    read, used = len(shift.gathered.jobs()), len(shift.jobs)
    return Rows(read, used, {"not_selected": read - used} if read > used else {}, "journal")


def _summed(counts: Iterable[dict[str, int] | Counter[str]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items()))


def _profile_told(profile: TargetProfile) -> ProfileTold:
    return ProfileTold(
        profile.name, profile.title, profile.edition, profile.issued, profile.source, profile.confirmed, profile.note, profile.disagreements
    )


def _centre_told(shift: _Shift) -> CentreTold:
    """The gravest footing among what is shown: an exercise is never taken for the real thing."""
    centre = shift.gathered.centre
    met = shift.chosen.footings or {centre.footing if centre else "live"}
    footing = next((one for one in ("exercise", "demo", "imported") if one in met), "live")
    return CentreTold(centre.centre if centre else "", centre.name if centre else "", shift.zone, footing)


def _period(shift: _Shift) -> Period:
    recorded = shift.gathered.recorded_to
    recorded_to = iso(recorded) if recorded is not None else ""
    if not shift.starts and not shift.contacts:
        return Period("", "", "", "", 0.0, recorded_to)
    return Period(
        iso(shift.first), iso(shift.last), local_text(shift.first, shift.zone), local_text(shift.last, shift.zone),
        round(span_ms(start=shift.first, end=shift.last) / HOUR_MS, 3), recorded_to,
    )  # fmt: skip


def _counts(shift: _Shift) -> dict[str, int]:
    jobs = shift.jobs
    return {
        "calls": len(shift.contacts),
        "incidents": len(shift.chosen.dossiers),
        "assignments": len(jobs),
        "units": len({job.unit for job in jobs}),
        "corrections": shift.gathered.corrections,
    }
