"""What a policy does to areas: which are worse off than before, by how much, and whether that is allowed. Never groups of people."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tocsin.lab.experiment.figures import Row, Tally
from tocsin.lab.experiment.intervals import difference, paired
from tocsin.views.experiment_answer import Difference, Fairness, Guard

NOTICED_POINTS = 0.5
"""Percentage points of late share from which an area is named as worse or better."""


class Extremes(NamedTuple):
    """The areas with the greatest and the least late share over all replications together, by replication.

    The worst area of one replication is partly the unluckiest one: a mean of such maxima is too great. So the areas are those of the pooled
    shares, and each replication has its linear part in these: the mean is the pooled share, the scatter that of a ratio estimator (Cochran
    1977, Sampling Techniques, section 6.4).
    """

    worst: int
    """Index of the area."""
    late_shares: list[float]
    """Of the worst area."""
    spreads: list[float]
    """Worst less best."""


def extremes(rows: Sequence[Row]) -> Extremes | None:
    """None where no area had a high call. Of equal areas the first."""
    shares = {nth: share for nth in range(len(rows[0].areas)) if (share := _pooled([row.areas[nth] for row in rows])) is not None}
    if not shares:
        return None
    worst, best = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
    there, here = ([_linear(row.areas[nth], shares[nth], _mean_n(rows, nth)) for row in rows] for nth in (worst, best))
    return Extremes(worst, there, [one - other for one, other in zip(there, here, strict=True)])


def _pooled(tallies: Sequence[Tally]) -> float | None:
    n = sum(one.n for one in tallies)
    return sum(one.late for one in tallies) / n if n else None


def _mean_n(rows: Sequence[Row], area: int) -> float:
    return sum(row.areas[area].n for row in rows) / len(rows)


def _linear(tally: Tally, share: float, mean_n: float) -> float:
    return share + (tally.late - share * tally.n) / mean_n


def fairness(areas: Sequence[str], base: Sequence[Row], other: Sequence[Row], guard_points: float | None) -> Fairness:
    """``base`` and ``other``: rows of the same replications, in order."""
    late: dict[str, Difference] = {}
    p90_s: dict[str, Difference] = {}
    for index, area in enumerate(areas):
        before, after = [row.areas[index] for row in base], [row.areas[index] for row in other]
        _put(late, area, paired([one.late_share for one in before], [one.late_share for one in after]))
        _put(p90_s, area, paired([one.p90_s for one in before], [one.p90_s for one in after]))
    rising = sorted(late, key=lambda area: (-late[area].mean, area))
    there, here = extremes(base), extremes(other)
    return Fairness(
        areas=late,
        p90_s=p90_s,
        worse=tuple(area for area in rising if late[area].mean * 100 >= NOTICED_POINTS),
        better=tuple(area for area in reversed(rising) if late[area].mean * 100 <= -NOTICED_POINTS),
        worst_area=areas[here.worst] if here is not None else None,
        worst_area_change=difference(there.late_shares, here.late_shares) if there is not None and here is not None else None,
        spread_change=difference(there.spreads, here.spreads) if there is not None and here is not None else None,
        points=NOTICED_POINTS,
        guard=None if guard_points is None else guard_of(late, guard_points),
    )


def _put(into: dict[str, Difference], area: str, one: Difference | None) -> None:
    if one is not None:
        into[area] = one


def guard_of(late: Mapping[str, Difference], points: float) -> Guard:
    """No area's late share may rise by more than ``points`` percentage points; judged on means, doubt is named."""
    broken = sorted((area for area in late if late[area].mean * 100 > points), key=lambda area: (-late[area].mean, area))
    doubtful = (area for area, one in late.items() if area not in broken and (one.mean + (one.half_width or 0.0)) * 100 > points)
    return Guard(points, not broken, tuple(broken), tuple(doubtful))
