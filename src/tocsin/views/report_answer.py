"""What a report answers: figures with their counts, rules and losses. Plain records; ``msgspec.json.encode`` gives the JSON form.

Spans are seconds, to the millisecond; shares are fractions of 1; instants are ISO 8601 in UTC, ``local`` texts are the centre's wall.
"""

from typing import Literal

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CallId, IncidentId, StationId, UnitId
from tocsin.base.quantities import Seconds

IntervalName = Literal["answering", "processing", "turnout", "travel", "total_response"]
INTERVALS: tuple[IntervalName, ...] = ("answering", "processing", "turnout", "travel", "total_response")
"""In the order of an incident's life."""

Moment = Literal["arrived", "answered", "created", "dispatched", "en_route", "on_scene"]
"""Where a clock starts or stops: call reaches the centre, is answered, incident opened, unit told, rolling, on scene."""

ClockStart = Literal["arrived", "answered", "created"]

PERCENTILE_RULE = "nearest_rank"
"""Smallest sample such that at least p % of the samples are no greater."""


class Figures(msgspec.Struct, frozen=True):
    """Of one set of samples; None where there are none."""

    n: int
    mean_s: Seconds | None
    p50_s: Seconds | None
    p90_s: Seconds | None


class Bin(msgspec.Struct, frozen=True):
    """Samples from ``from_s`` on, below ``to_s`` (None = no upper edge)."""

    from_s: int
    to_s: int | None
    n: int


class TargetResult(msgspec.Struct, frozen=True):
    """One target held against the samples that it speaks of."""

    seconds: Seconds
    percentile: int | None
    """None: the target is for the mean."""
    disciplines: tuple[str, ...]
    """Empty = every incident."""
    applies: dict[str, str]
    """Language → what the target speaks of, in the source's words."""
    n: int
    within: float | None
    reached_s: Seconds | None
    """The samples' own figure at that percentile, or their mean."""
    is_met: bool | None
    clause: str
    source: str
    is_confirmed: bool
    is_scope_known: bool = True
    """False: the journal's types name no discipline, so that the target was held against every sample."""


class IntervalAnswer(msgspec.Struct, frozen=True):
    """One interval: figures, target, losses."""

    n: int
    mean_s: Seconds | None
    p50_s: Seconds | None
    p90_s: Seconds | None
    target_s: Seconds | None
    """Of the profile's first target for this interval."""
    within_target: float | None
    """Share of all n samples that are no greater than ``target_s``."""
    target_percentile: int | None
    is_target_met: bool | None
    start: Moment
    stop: Moment
    least_s: Seconds | None
    greatest_s: Seconds | None
    zero: int
    """Samples of exactly 0 s: kept, and worth a look."""
    excluded: dict[str, int]
    """Reason code → records that gave no sample."""
    targets: tuple[TargetResult, ...]
    histogram: tuple[Bin, ...]


class Rows(msgspec.Struct, frozen=True):
    """Rows of the imported log, or the journal's own assignments (one unit sent once)."""

    read: int
    used: int
    excluded: dict[str, int]
    are_of: Literal["log", "journal"]


class Excluded(msgspec.Struct, frozen=True, omit_defaults=True):
    """One record that gave no sample, so that anyone can look it up."""

    interval: IntervalName
    reason: str
    incident: IncidentId | None = None
    unit: UnitId | None = None
    call: CallId | None = None


class Group(msgspec.Struct, frozen=True):
    """Incidents that share a type, priority or station area."""

    key: str
    name: str
    incidents: int
    intervals: dict[IntervalName, Figures]
    at: LonLat | None = None


class HourOfDay(msgspec.Struct, frozen=True):
    """Incidents whose clock started in this hour of the centre's wall clock."""

    hour: int
    incidents: int
    total_response: Figures


class Day(msgspec.Struct, frozen=True):
    """One local date."""

    date: str
    calls: int
    incidents: int
    dispatches: int


class UnitLoad(msgspec.Struct, frozen=True):
    """One unit's work. ``busy_h`` counts overlapping jobs once; ``utilisation`` is busy time over the report's period."""

    unit: UnitId
    kind: str
    station: str
    jobs: int
    busy_h: float
    utilisation: float


class HourLoad(msgspec.Struct, frozen=True):
    """One clock hour: most and mean open incidents, most units at work at the same time."""

    at: str
    local: str
    incidents_max: int
    incidents_mean: float
    units_max: int


class Concurrency(msgspec.Struct, frozen=True):
    """How much went on at the same time."""

    incidents_max: int
    incidents_max_local: str
    units_max: int
    units_max_local: str
    hours: tuple[HourLoad, ...]
    step_h: int = 1
    """Clock hours that each entry of ``hours`` stands for: 1 up to two years and a quarter, more for a longer period."""


class MapCell(msgspec.Struct, frozen=True):
    """A cell of the grid by its centre; figures of total response."""

    at: LonLat
    incidents: int
    total_response: Figures


class ReportMap(msgspec.Struct, frozen=True):
    """Incidents on a grid of equal degrees, about ``cell_m`` wide and high."""

    cell_m: int
    lon_step: float
    lat_step: float
    cells: tuple[MapCell, ...]


class StationMark(msgspec.Struct, frozen=True):
    """A station that was in use, with its place where known."""

    station: StationId
    name: str
    at: LonLat | None


class Period(msgspec.Struct, frozen=True):
    """First and last moment that the figures rest on; empty texts for an empty journal."""

    first: str
    last: str
    first_local: str
    last_local: str
    hours: float
    recorded_to: str
    """Latest writing time in the journal: how old the data are."""


class Selected(msgspec.Struct, frozen=True):
    """Which incidents and units were asked for; empty = all."""

    priorities: tuple[str, ...]
    unit_kinds: tuple[str, ...]
    footings: tuple[str, ...]
    incidents_left_out: int


class Disagreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What another source says about the same interval."""

    interval: IntervalName
    seconds: int
    source: str
    percentile: int | None = None
    edition: str = ""
    applies: dict[str, str] = {}


class ProfileTold(msgspec.Struct, frozen=True):
    """The profile's particulars that a reader must see beside every figure."""

    name: str
    title: str
    edition: str
    issued: str
    source: str
    is_confirmed: bool
    note: dict[str, str]
    disagreements: tuple[Disagreement, ...]


class CentreTold(msgspec.Struct, frozen=True):
    """Whose journal it is."""

    centre: str
    name: str
    timezone: str
    footing: str


class HeadTold(msgspec.Struct, frozen=True):
    """Position and chain hash of the journal's last line that was read."""

    pos: int
    hash: str


class ReportAnswer(msgspec.Struct, frozen=True):
    """The whole report."""

    targets: str
    """Name of the target profile."""
    clock_start: ClockStart
    percentile_rule: str
    rows: Rows
    intervals: dict[IntervalName, IntervalAnswer]
    profile: ProfileTold
    centre: CentreTold
    head: HeadTold | None
    period: Period
    selected: Selected
    counts: dict[str, int]
    """calls, incidents, assignments, units, corrections."""
    defects: dict[str, int]
    """Defect code → rows or events that were used although they show it."""
    attribution: tuple[str, ...]
    sources: tuple[str, ...]
    """Names and SHA-256 of imported logs."""
    by_type: tuple[Group, ...]
    by_priority: tuple[Group, ...]
    by_area: tuple[Group, ...]
    by_hour: tuple[HourOfDay, ...]
    by_weekday_hour: tuple[tuple[int, ...], ...]
    """Seven rows (Monday first) of 24 counts of incidents."""
    weekday_days: tuple[int, ...]
    """How many dates of each weekday the period holds."""
    by_day: tuple[Day, ...]
    busiest_units: tuple[UnitLoad, ...]
    concurrency: Concurrency
    map: ReportMap
    stations: tuple[StationMark, ...]
    excluded_records: tuple[Excluded, ...] = ()
    """Filled when asked for."""
