"""Rows of an arm, in replication order, to the figures that people read."""

from collections.abc import Callable, Sequence

from tocsin.lab.city.model import City
from tocsin.lab.experiment.fairness import extremes, fairness
from tocsin.lab.experiment.figures import Row, Tally
from tocsin.lab.experiment.floor import DAY_MS, HOUR_MS, MINUTE_MS
from tocsin.lab.experiment.intervals import half_width, mean, paired
from tocsin.lab.experiment.job import Arm
from tocsin.views.experiment_answer import Against, Difference, Figures, Group, UnitLoad

Measure = Callable[[Row], float | None]


def utilisation(row: Row) -> float:
    """Share of hours on duty, overrun included, with a job in hand."""
    on_duty_ms = sum(row.duty_ms) + sum(row.overrun_ms)
    return sum(row.busy_ms) / on_duty_ms if on_duty_ms else 0.0


def return_min_per_call(row: Row) -> float | None:
    """Driving without a job, minutes."""
    return sum(row.return_ms) / row.all_calls / MINUTE_MS if row.all_calls else None


def moves_per_unit_h(row: Row) -> float:
    """Moves to another station than a unit's own, per hour on duty."""
    on_duty_ms = sum(row.duty_ms)
    return sum(row.moves) * HOUR_MS / on_duty_ms if on_duty_ms else 0.0


MEASURES: dict[str, Measure] = {
    "high_late_share": lambda row: row.high.late_share,
    "high_avoidable_late_share": lambda row: row.avoidable,
    "high_mean_s": lambda row: row.high.mean_s,
    "high_p90_s": lambda row: row.high.p90_s,
    "mean_response_s": lambda row: row.every.mean_s,
    "low_mean_s": lambda row: row.low.mean_s,
    "low_late_share": lambda row: row.low.late_share,
    "utilisation": utilisation,
    "return_min_per_call": return_min_per_call,
    "moves_per_unit_h": moves_per_unit_h,
}
"""What policies are compared by, replication by replication; ``low_…`` only where calls are not high. ``spread`` is of all together."""


def figures(city: City, arm: Arm, rows: Sequence[Row]) -> Figures:
    """Of at least one row."""
    high = group([row.high for row in rows])
    areas = {name: group([row.areas[index] for row in rows]) for index, name in enumerate(city.areas)}
    ends = extremes(rows)
    worst, spreads = (city.areas[ends.worst], ends.spreads) if ends is not None else (None, [])
    named = ("mean_response_s", "utilisation", "return_min_per_call", "moves_per_unit_h")
    halves = {name: [MEASURES[name](row) for row in rows] for name in named}
    halves["avoidable_late_share"], halves["floor_late_share"] = [row.avoidable for row in rows], [row.floor for row in rows]
    halves["spread"] = [*spreads]
    days = sum(row.ended_ms for row in rows) / DAY_MS
    return Figures(
        policy=arm.name,
        policy_version=arm.policy.version,
        replications=len(rows),
        calls=sum(row.calls for row in rows),
        mean_response_s=middle(rows, MEASURES["mean_response_s"]),
        high=high,
        floor_late_share=middle(rows, lambda row: row.floor) or 0.0,
        avoidable_late_share=middle(rows, lambda row: row.avoidable),
        areas={name: one for name, one in areas.items() if one.n},
        priorities={one.name: group([row.priorities[index] for row in rows]) for index, one in enumerate(city.priorities)},
        low=group([row.low for row in rows]),
        utilisation=middle(rows, utilisation) or 0.0,
        return_min_per_call=middle(rows, return_min_per_call),
        moves_per_unit_h=middle(rows, moves_per_unit_h) or 0.0,
        diverted_per_day=sum(row.diverted for row in rows) / days if days else 0.0,
        unreached=sum(row.unreached for row in rows),
        longest_queue=max(row.longest_queue for row in rows),
        worst_area=worst,
        worst_area_late_share=mean(ends.late_shares) if ends is not None else None,
        spread=mean(spreads) if spreads else None,
        high_by_minute=_sums([row.high_by_minute for row in rows]),
        hours_n=_sums([row.hours_n for row in rows]),
        hours_late=_sums([row.hours_late for row in rows]),
        units={unit.name: _unit(rows, index) for index, unit in enumerate(city.units)},
        half_widths=_halves(halves),
        overloaded=tuple(row.replication for row in rows if row.is_overloaded),
    )


def group(tallies: Sequence[Tally]) -> Group:
    """One for each replication."""
    shares, means, p90s = [one.late_share for one in tallies], [one.mean_s for one in tallies], [one.p90_s for one in tallies]
    return Group(
        n=sum(one.n for one in tallies),
        late=sum(one.late for one in tallies),
        late_share=_mean(shares),
        mean_s=_mean(means),
        p90_s=_mean(p90s),
        half_widths=_halves({"late_share": shares, "mean_s": means, "p90_s": p90s}),
    )


def against(city: City, base: Sequence[Row], arm: Arm, rows: Sequence[Row], guard_points: float | None) -> Against:
    """One arm against the first, pair by pair. Each arm has the floor of its own city."""
    told: dict[str, Difference] = {}
    for name, measure in MEASURES.items():
        one = paired([measure(row) for row in base], [measure(row) for row in rows])
        if one is not None:
            told[name] = one
    fair = fairness(city.areas, base, rows, guard_points)
    if fair.spread_change is not None:
        told["spread"] = fair.spread_change
    return Against(arm.name, told, fair)


def middle(rows: Sequence[Row], measure: Measure) -> float | None:
    """Mean of the replications that have the figure."""
    return _mean([measure(row) for row in rows])


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return mean(known) if known else None


def _halves(values: dict[str, list[float | None]]) -> dict[str, float] | None:
    halves = {name: half_width([value for value in of if value is not None]) for name, of in values.items()}
    return {name: half for name, half in halves.items() if half is not None} or None


def _sums(rows: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(sum(column) for column in zip(*rows, strict=True))


def _unit(rows: Sequence[Row], index: int) -> UnitLoad:
    on_duty_ms = sum(row.duty_ms[index] + row.overrun_ms[index] for row in rows)
    per_h = len(rows) * HOUR_MS
    return UnitLoad(
        utilisation=sum(row.busy_ms[index] for row in rows) / on_duty_ms if on_duty_ms else 0.0,
        return_h=sum(row.return_ms[index] for row in rows) / per_h,
        moves=sum(row.moves[index] for row in rows) / len(rows),
        overrun_h=sum(row.overrun_ms[index] for row in rows) / per_h,
    )
