"""Calls of a log counted by hour and area."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant, local_parts
from tocsin.lab.city.model import HOURS_PER_WEEK, Floats, Longs
from tocsin.lab.journal.rows import IncidentRow

HOUR_MS = 3_600_000
FEWEST_HOURS = 24
"""Less than a day says nothing of the hours that it lacks."""

ELSEWHERE = ""
"""Area of calls whose log names none."""


class Counts(NamedTuple):
    """Every hour of a log, in order, whole ones only at the clock's full hours."""

    begins: Instant
    areas: tuple[str, ...]
    hour_of_week: Longs
    """By hour, on the centre's wall: 0 = Monday 00:00 to 01:00."""
    calls: Longs
    """(hours, areas)."""

    @property
    def hours(self) -> int:
        """How many."""
        return len(self.hour_of_week)

    def part(self, chosen: NDArray[np.bool_]) -> "Counts":
        """Some of its hours."""
        return Counts(self.begins, self.areas, self.hour_of_week[chosen], self.calls[chosen])

    def last_weeks(self, weeks: int) -> "Counts":
        """The last hours only."""
        return self.part(np.arange(self.hours) >= self.hours - weeks * HOURS_PER_WEEK)

    def exposure(self) -> Floats:
        """By hour of the week (168,): how often the log saw it."""
        return np.bincount(self.hour_of_week, minlength=HOURS_PER_WEEK).astype(np.float64)

    def by_hour_of_week(self) -> Floats:
        """(168, areas): calls in all."""
        found = np.zeros((HOURS_PER_WEEK, len(self.areas)))
        np.add.at(found, self.hour_of_week, self.calls)
        return found


def area_of(row: IncidentRow) -> str:
    """What calls are counted by, where nothing else is asked."""
    return row.area


def count_calls(rows: Sequence[IncidentRow], zone: str, key: Callable[[IncidentRow], str] = area_of) -> Counts:
    """From the hour of the first call to that of the last, by area or by what ``key`` says.

    Raises BadInput ``forecast_short`` for less than a day, ``timezone``.
    """
    if not rows:
        raise BadInput("forecast_short", hours=0, least=FEWEST_HOURS)
    begins = min(row.arrived for row in rows) // HOUR_MS * HOUR_MS
    hours = max(row.arrived for row in rows) // HOUR_MS - begins // HOUR_MS + 1
    if hours < FEWEST_HOURS:
        raise BadInput("forecast_short", hours=hours, least=FEWEST_HOURS)
    areas = tuple(sorted({key(row) for row in rows}))
    column = {area: nth for nth, area in enumerate(areas)}
    calls = np.zeros((hours, len(areas)), np.int64)
    for row in rows:
        calls[(row.arrived - begins) // HOUR_MS, column[key(row)]] += 1
    walls = [local_parts(Instant(begins + nth * HOUR_MS), zone).minute_of_week // 60 for nth in range(hours)]
    return Counts(Instant(begins), areas, np.array(walls, np.int64), calls)
