"""Incidents by type, priority, area, hour, day and place on the map."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import cos, floor, radians

from tocsin.base.geometry import EARTH_RADIUS_M, LonLat
from tocsin.base.identifiers import IncidentId
from tocsin.base.instants import Instant, LocalParts, local_parts
from tocsin.base.quantities import Millis
from tocsin.core.messages.place import Place
from tocsin.views.dossiers import Dossier, Gathered, Job
from tocsin.views.percentiles import figures
from tocsin.views.report_answer import INTERVALS, Day, Group, HourOfDay, IntervalName, MapCell, ReportMap
from tocsin.views.samples import Samples

CELL_M = 500
DAY_MS = 86_400_000
MOST_DATES = 20_000
METRES_PER_DEGREE = radians(1) * EARTH_RADIUS_M


def groups(
    dossiers: Sequence[Dossier],
    samples: Samples,
    key_of: Callable[[Dossier], str],
    name_of: Callable[[str], str],
    at_of: Callable[[str], LonLat | None] = lambda key: None,
) -> tuple[Group, ...]:
    """Incidents and figures by a key, most incidents first."""
    spans: dict[str, dict[IntervalName, list[Millis]]] = {}
    counts = Counter(key_of(dossier) for dossier in dossiers)
    for name in INTERVALS:
        for sample in samples.of[name]:
            if sample.dossier is not None:
                spans.setdefault(key_of(sample.dossier), {}).setdefault(name, []).append(sample.span_ms)
    return tuple(
        Group(key, name_of(key), n, {name: figures(spans.get(key, {}).get(name, ())) for name in INTERVALS}, at_of(key))
        for key, n in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )


def type_name(gathered: Gathered) -> Callable[[str], str]:
    """Code → name in the response plan; the code itself when the plan does not have it."""
    names = {one.code: one.name for one in gathered.plan.incident_types} if gathered.plan else {}
    return lambda code: names.get(code, code)


def station_of(gathered: Gathered) -> Callable[[str], tuple[str, LonLat | None]]:
    """Station area → name and place of the station that the area is named after, if there is one."""
    by_area: dict[str, tuple[str, LonLat | None]] = {}
    for opened in gathered.stations.values():
        if opened.place.area:
            by_area.setdefault(opened.place.area, (opened.name, opened.place.at))
    for station, opened in gathered.stations.items():
        by_area.setdefault(station, (opened.name, opened.place.at))
    return lambda area: by_area.get(area, (area, None))


def by_hour(starts: dict[IncidentId, LocalParts], samples: Samples) -> tuple[HourOfDay, ...]:
    """24 hours of the day, by the start of each incident's clock."""
    spans: list[list[Millis]] = [[] for _ in range(24)]
    for sample in samples.of["total_response"]:
        if sample.dossier is not None:
            spans[starts[sample.dossier.incident].hour].append(sample.span_ms)
    counts = Counter(parts.hour for parts in starts.values())
    return tuple(HourOfDay(hour, counts[hour], figures(spans[hour])) for hour in range(24))


def by_weekday_hour(starts: Iterable[LocalParts]) -> tuple[tuple[int, ...], ...]:
    """Counts of incidents, Monday first, 24 hours each."""
    counts = Counter((parts.weekday, parts.hour) for parts in starts)
    return tuple(tuple(counts[weekday, hour] for hour in range(24)) for weekday in range(7))


def by_day(
    starts: Iterable[LocalParts], calls: Iterable[LocalParts], jobs: Iterable[LocalParts], dates: Sequence[LocalParts]
) -> tuple[Day, ...]:
    """Every local date of the period, empty ones too (of a very long period, those on which something happened)."""
    incidents, contacts, sent = (Counter(parts.date for parts in which) for which in (starts, calls, jobs))
    every = sorted({parts.date for parts in dates} | set(incidents) | set(contacts) | set(sent))
    return tuple(Day(date, contacts[date], incidents[date], sent[date]) for date in every)


def dates_between(first: Instant, last: Instant, zone: str) -> list[LocalParts]:
    """One entry for each local date from first to last; none for a period of more than ``MOST_DATES``, which a wrong stamp can make.

    Steps of six hours: no date is shorter, whatever the clocks do.
    """
    if last - first > MOST_DATES * DAY_MS:
        return []
    met = {parts.date: parts for at in (*range(first, last, DAY_MS // 4), last) if (parts := local_parts(Instant(at), zone))}
    return [met[date] for date in sorted(met)]


def on_grid(dossiers: Iterable[Dossier], samples: Samples, cell_m: int = CELL_M) -> ReportMap:
    """Incidents with a place, on a grid whose cells are square at the middle latitude."""
    placed = [(dossier.incident, dossier.place.at) for dossier in dossiers if is_placed(dossier.place) and dossier.place.at]
    if not placed:
        return ReportMap(cell_m, 0.0, 0.0, ())
    lats = sorted(at.lat for _, at in placed)
    lat_step = cell_m / METRES_PER_DEGREE
    lon_step = lat_step / max(cos(radians(lats[len(lats) // 2])), 0.01)
    cell_of = {incident: (floor(at.lon / lon_step), floor(at.lat / lat_step)) for incident, at in placed}
    spans: dict[tuple[int, int], list[Millis]] = {}
    for sample in samples.of["total_response"]:
        if sample.dossier is not None and sample.dossier.incident in cell_of:
            spans.setdefault(cell_of[sample.dossier.incident], []).append(sample.span_ms)
    cells = tuple(
        MapCell(LonLat(round((col + 0.5) * lon_step, 6), round((row + 0.5) * lat_step, 6)), n, figures(spans.get((col, row), ())))
        for (col, row), n in sorted(Counter(cell_of.values()).items())
    )
    return ReportMap(cell_m, lon_step, lat_step, cells)


def is_placed(place: Place) -> bool:
    """It has a point on the earth; ``0, 0`` is how many systems write "unknown"."""
    return place.at is not None and place.at.is_on_earth() and (place.at.lon, place.at.lat) != (0.0, 0.0)


def job_days(jobs: Iterable[Job], zone: str) -> list[LocalParts]:
    """Local time of each dispatch."""
    return [local_parts(at, zone) for job in jobs if (at := job.at("dispatched")) is not None]
