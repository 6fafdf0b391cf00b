"""Crews that a forecast asks for, by kind of unit and hour of the week: what queueing says, without roads.

Each hour stands for itself: its calls times what a call asks of that kind, times how long a job lasts, is the load that Erlang's delay
formula turns into crews. It counts who is busy, not how far they are: to be near costs more crews than to be free.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil
from typing import NamedTuple

import numpy as np

from tocsin.base.instants import Instant, local_parts
from tocsin.lab.city.model import HOURS_PER_WEEK, Floats
from tocsin.lab.forecast.counts import HOUR_MS
from tocsin.lab.journal.rows import Heard, IncidentRow
from tocsin.lab.queueing.erlang import servers_for

MOST_KINDS = 6
"""Kinds of unit that crews are told for: those with most work."""

LONGEST_JOB_MS = 12 * HOUR_MS
"""A longer one was never closed."""


class Wanted(NamedTuple):
    """What is asked of the service."""

    share: float = 0.05
    """At most this share of the calls waits longer than ``waited_s`` because every crew of the kind is at work."""
    waited_s: float = 0.0


class KindWork(NamedTuple):
    """What calls ask of one kind of unit."""

    kind: str
    per_call: float
    """Units of this kind sent, by call."""
    job_s: float
    """Mean from being told to being free."""


class Crews(NamedTuple):
    """One kind of unit."""

    work: KindWork
    needed: tuple[int, ...]
    """By hour of the week (168,)."""
    on_duty: tuple[float, ...]
    """Mean of the log, likewise; 0 at hours that it never saw."""


def works(rows: Sequence[IncidentRow]) -> list[KindWork]:
    """By kind, those with most work first; kinds that were never seen to end a job are left out."""
    jobs: Counter[str] = Counter()
    spans: defaultdict[str, list[int]] = defaultdict(list)
    for row in rows:
        for one in row.sent:
            jobs[one.kind] += 1
            if one.busy_ms is not None and one.busy_ms <= LONGEST_JOB_MS:
                spans[one.kind].append(one.busy_ms)
    found = [KindWork(kind, jobs[kind] / len(rows), sum(seen) / len(seen) / 1000) for kind, seen in spans.items() if sum(seen)]
    return sorted(found, key=lambda one: (-one.per_call * one.job_s, one.kind))[:MOST_KINDS]


def crews(heard: Heard, calls_per_hour: Floats, wanted: Wanted) -> list[Crews]:
    """Of each kind of unit. ``calls_per_hour``: (168,). Raises BadInput ``queueing_share``."""
    duty = on_duty(heard)
    found = []
    for work in works(heard.rows):
        needed = []
        for calls in calls_per_hour.tolist():
            offered = calls * work.per_call * work.job_s / 3600
            needed.append(servers_for(offered, share=1 - wanted.share, waited=wanted.waited_s / work.job_s))
        seen = duty.get(work.kind, np.zeros(HOURS_PER_WEEK))
        found.append(Crews(work, tuple(needed), tuple(round(one, 2) for one in seen.tolist())))
    return found


def on_duty(heard: Heard) -> dict[str, Floats]:
    """Kind → mean units in service by hour of the week, at the middle of each hour of the log."""
    first, hours = heard.first // HOUR_MS * HOUR_MS, ceil((heard.last - heard.first) / HOUR_MS)
    moments = [Instant(first + nth * HOUR_MS + HOUR_MS // 2) for nth in range(hours)]
    walls = np.array([local_parts(at, heard.timezone).minute_of_week // 60 for at in moments], np.int64)
    at = np.array(moments, np.int64)
    seen = np.bincount(walls, minlength=HOURS_PER_WEEK)
    kinds: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(len(at)))
    for unit, enrolled in heard.units.items():
        is_on = np.ones(len(at), bool)
        for off in heard.off_duty.get(unit, ()):
            is_on &= ~((at >= off.begins) & (at < (off.until if off.until is not None else np.iinfo(np.int64).max)))
        kinds[enrolled.kind] += is_on
    return {kind: np.bincount(walls, units, HOURS_PER_WEEK) / np.maximum(seen, 1) for kind, units in kinds.items()}
