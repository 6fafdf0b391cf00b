"""How much work there was: per unit, and at the same time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, iso, local_text
from tocsin.views.dossiers import Dossier, Gathered, Job
from tocsin.views.report_answer import Concurrency, HourLoad, UnitLoad

HOUR_MS = 3_600_000
MOST_STEPS = 20_000
"""Entries of the series over time: hour by hour for two years and a quarter; a longer period, or one wrong stamp, takes wider steps."""
Span = tuple[Instant, Instant]


def job_span(job: Job, last: Instant) -> Span | None:
    """From being told to being free; a job that still runs lasts to ``last``. None without a dispatch stamp or when it ends first."""
    start, end = job.at("dispatched"), job.ended() if job.ending != "running" else last
    return (start, end) if start is not None and end is not None and end >= start else None


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time, each moment once, in order."""
    whole: list[Span] = []
    for start, end in sorted(spans):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((start, end))
    return whole


def work_of(jobs: Iterable[Job], last: Instant) -> dict[UnitId, list[Span]]:
    """When each unit was at work; two jobs at once are one time of work."""
    spans: dict[UnitId, list[Span]] = {}
    for job in jobs:
        span = job_span(job, last)
        spans.setdefault(job.unit, []).extend([span] if span else [])
    return {unit: merged(own) for unit, own in spans.items()}


def unit_loads(jobs: Sequence[Job], gathered: Gathered, first: Instant, last: Instant) -> tuple[UnitLoad, ...]:
    """Every unit that had a job, the busiest first."""
    sent = Counter(job.unit for job in jobs)
    loads = []
    for unit, work in work_of(jobs, last).items():
        busy_ms = sum(end - start for start, end in work)
        enrolled = gathered.units.get(unit)
        home = gathered.stations.get(enrolled.station) if enrolled and enrolled.station else None
        loads.append(
            UnitLoad(
                unit=unit,
                kind=enrolled.kind if enrolled else "",
                station=home.name if home else "",
                jobs=sent[unit],
                busy_h=round(busy_ms / HOUR_MS, 3),
                utilisation=round(busy_ms / (last - first), 6) if last > first else 0.0,
            )
        )
    return tuple(sorted(loads, key=lambda load: (-load.busy_h, -load.jobs, load.unit)))


def incident_span(dossier: Dossier, start: Instant | None, last: Instant) -> Span:
    """From the start of the clock (creation if that is not stamped) to the close; open ones last to ``last``."""
    begin = dossier.created if start is None else min(start, dossier.created)
    return begin, max(begin, last if dossier.closed is None else dossier.closed)


def concurrency(incidents: Sequence[Span], work: Sequence[Span], first: Instant, last: Instant, zone: str) -> Concurrency:
    """Most and mean at the same time, overall and for every step from first to last. ``work`` holds no unit twice at a moment."""
    step_h = 1 + (last - first) // (HOUR_MS * MOST_STEPS)
    incident_hours, unit_hours = (_stepwise(spans, first, last, step_h * HOUR_MS) for spans in (incidents, work))
    hours = tuple(
        HourLoad(iso(at), local_text(at, zone)[:16], most, round(area / (step_h * HOUR_MS), 3), unit_hours[at][0])
        for at, (most, area) in incident_hours.items()
    )
    most_incidents, incidents_at = _peak(incidents)
    most_units, units_at = _peak(work)
    return Concurrency(
        most_incidents, local_text(incidents_at, zone) if incidents_at is not None else "",
        most_units, local_text(units_at, zone) if units_at is not None else "",
        hours, step_h,
    )  # fmt: skip


def _steps(spans: Sequence[Span]) -> list[tuple[Instant, int]]:
    """Instants at which the count changes, with the count from then on. What ends at the moment when another starts does not overlap."""
    changes: dict[Instant, int] = {}
    for start, end in spans:
        if end > start:
            changes[start] = changes.get(start, 0) + 1
            changes[end] = changes.get(end, 0) - 1
    count, steps = 0, []
    for at in sorted(changes):
        count += changes[at]
        steps.append((at, count))
    return steps


def _peak(spans: Sequence[Span]) -> tuple[int, Instant | None]:
    steps = _steps(spans)
    if not steps:
        return 0, None
    at, most = max(steps, key=lambda step: (step[1], -step[0]))
    return most, at


def _stepwise(spans: Sequence[Span], first: Instant, last: Instant, step_ms: int) -> dict[Instant, tuple[int, int]]:
    """Start of each step (UTC) → most at once, and count × milliseconds."""
    most: dict[int, int] = {}
    area: dict[int, int] = {}
    changes = _steps(spans)
    for (start, count), (end, _) in pairwise(changes):
        for step in range(start // step_ms, (end - 1) // step_ms + 1):
            inside = min(end, (step + 1) * step_ms) - max(start, step * step_ms)
            most[step] = max(most.get(step, 0), count)
            area[step] = area.get(step, 0) + count * inside
    every = range(first // step_ms, last // step_ms + 1)
    return {Instant(step * step_ms): (most.get(step, 0), area.get(step, 0)) for step in every}
