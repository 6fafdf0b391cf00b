"""What a policy does to areas: which are worse off than before, by how much, and whether that is allowed. Never groups of people."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tocsin.lab.experiment.figures import Row
from tocsin.lab.experiment.intervals import paired
from tocsin.views.experiment_answer import Difference, Fairness, Guard

NOTICED_POINTS = 0.5
"""Percentage points of late share from which an area is named as worse or better."""


class Worst(NamedTuple):
    """The area with the greatest late share in one replication, and how far the best is from it."""

    late_share: float | None
    spread: float | None


def worst_of(row: Row) -> Worst:
    """None where no area had a high call."""
    shares = [tally.late_share for tally in row.areas if tally.late_share is not None]
    return Worst(max(shares), max(shares) - min(shares)) if shares else Worst(None, None)


def fairness(areas: Sequence[str], base: Sequence[Row], other: Sequence[Row], guard_points: float | None) -> Fairness:
    """``base`` and ``other``: rows of the same replications, in order."""
    late: dict[str, Difference] = {}
    p90_s: dict[str, Difference] = {}
    for index, area in enumerate(areas):
        before, after = [row.areas[index] for row in base], [row.areas[index] for row in other]
        _put(late, area, paired([one.late_share for one in before], [one.late_share for one in after]))
        _put(p90_s, area, paired([one.p90_s for one in before], [one.p90_s for one in after]))
    rising = sorted(late, key=lambda area: (-late[area].mean, area))
    there, here = [worst_of(row) for row in base], [worst_of(row) for row in other]
    return Fairness(
        areas=late,
        p90_s=p90_s,
        worse=tuple(area for area in rising if late[area].mean * 100 >= NOTICED_POINTS),
        better=tuple(area for area in reversed(rising) if late[area].mean * 100 <= -NOTICED_POINTS),
        worst_area=worst_area(areas, other),
        worst_area_change=paired([one.late_share for one in there], [one.late_share for one in here]),
        spread_change=paired([one.spread for one in there], [one.spread for one in here]),
        points=NOTICED_POINTS,
        guard=None if guard_points is None else guard_of(late, guard_points),
    )


def _put(into: dict[str, Difference], area: str, one: Difference | None) -> None:
    if one is not None:
        into[area] = one


def worst_area(areas: Sequence[str], rows: Sequence[Row]) -> str | None:
    """The area with the greatest late share over all rows together; of equal ones the first; None where there was no high call."""
    shares = {}
    for index, area in enumerate(areas):
        n = sum(row.areas[index].n for row in rows)
        if n:
            shares[area] = sum(row.areas[index].late for row in rows) / n
    return max(shares, key=shares.__getitem__) if shares else None


def guard_of(late: Mapping[str, Difference], points: float) -> Guard:
    """No area's late share may rise by more than ``points`` percentage points; judged on means, doubt is named."""
    broken = sorted((area for area in late if late[area].mean * 100 > points), key=lambda area: (-late[area].mean, area))
    doubtful = (area for area, one in late.items() if area not in broken and (one.mean + (one.half_width or 0.0)) * 100 > points)
    return Guard(points, not broken, tuple(broken), tuple(doubtful))
