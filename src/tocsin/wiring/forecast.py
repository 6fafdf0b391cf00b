"""Calls and crews to be expected, from a journal."""

from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import Floats
from tocsin.lab.forecast.answers import AreaForecast, CrewForecast, ForecastAnswer
from tocsin.lab.forecast.counts import Counts, count_calls
from tocsin.lab.forecast.judge import WITHIN, judge, split_last_week
from tocsin.lab.forecast.rates import CHOSEN, METHODS
from tocsin.lab.forecast.staffing import Crews, Wanted, crews
from tocsin.lab.journal.rows import Heard
from tocsin.wiring.heard import hear_journal
from tocsin.wiring.stages import Progress

DIGITS = 4
FEW_WEEKS = 8
"""Fewer are told to be few."""

Remark = tuple[str, dict[str, str]]


class ForecastOptions(NamedTuple):
    """``weeks``: learn from the last so many only."""

    weeks: int | None = None
    target: float = 0.05
    waited_s: float = 0.0


def forecast(path: Path, options: ForecastOptions, *, progress: Progress) -> ForecastAnswer:
    """Raises BadInput ``forecast_option``, ``forecast_short``, and those of a journal that cannot be read."""
    _check(options)
    heard, head = hear_journal(path, progress=progress)
    try:
        counts = count_calls(heard.rows, heard.timezone)
    except BadInput as fault:
        raise fault.at(file=str(path)) from None
    progress(0, 1, "forecast")
    if options.weeks is not None:
        counts = counts.last_weeks(options.weeks)
    split = split_last_week(counts)
    judged = tuple(judge(split)) if split is not None else ()
    rates = METHODS[CHOSEN](counts)
    whole = rates.whole()
    low, high = whole.between(WITHIN)
    found = crews(heard, whole.mean[:, 0], Wanted(options.target, options.waited_s))
    progress(1, 1, "forecast")
    return ForecastAnswer(
        centre=heard.name or heard.centre,
        timezone=heard.timezone,
        journal_head=head,
        hours_learned=counts.hours,
        calls_learned=int(counts.calls.sum()),
        method=CHOSEN,
        by_hour_of_week=_rounded(whole.mean[:, 0]),
        low=_rounded(low[:, 0]),
        high=_rounded(high[:, 0]),
        areas=_areas(counts, rates.mean),
        judged=judged,
        judged_hours_learned=split.learned.hours if split is not None else 0,
        wanted_share=options.target,
        wanted_waited_s=options.waited_s,
        crews=tuple(_crews(one) for one in found),
        remarks=tuple(_remarks(heard, counts, is_judged=split is not None)),
    )


def _check(options: ForecastOptions) -> None:
    if options.weeks is not None and options.weeks < 1:
        raise BadInput("forecast_option", field="--weeks", value=options.weeks, least="1")
    if not 0 < options.target < 1:
        raise BadInput("forecast_option", field="--target", value=options.target, least="0 < … < 1")
    if not 0 <= options.waited_s < 86_400:
        raise BadInput("forecast_option", field="--waited", value=options.waited_s, least="0 … 86400")


def _areas(counts: Counts, mean: Floats) -> tuple[AreaForecast, ...]:
    per_week = mean.sum(axis=0)
    order = sorted(range(len(counts.areas)), key=lambda nth: (-per_week[nth], counts.areas[nth]))
    return tuple(
        AreaForecast(
            counts.areas[nth], round(float(per_week[nth]), 2), round(float(per_week[nth] / per_week.sum()), DIGITS), _rounded(mean[:, nth])
        )
        for nth in order
    )  # fmt: skip


def _crews(one: Crews) -> CrewForecast:
    short = sum(0 < had < needed for had, needed in zip(one.on_duty, one.needed, strict=True))  # 0: the log never saw that hour
    work = one.work
    return CrewForecast(work.kind, round(work.per_call, DIGITS), round(work.job_s, 1), one.needed, one.on_duty, short)


def _remarks(heard: Heard, counts: Counts, *, is_judged: bool) -> list[Remark]:
    found: list[Remark] = []
    weeks = counts.hours / 168
    if weeks < FEW_WEEKS:
        found.append(("few_weeks", {"weeks": f"{weeks:.1f}"}))
    if weeks < 1:
        found.append(("not_a_week", {"hours": str(counts.hours)}))
    if not is_judged:
        found.append(("not_judged", {}))
    found.append(("no_distance", {}))
    if heard.left_out:
        found.append(("left_out", {"count": str(heard.left_out)}))
    return found


def _rounded(values: Floats) -> tuple[float, ...]:
    return tuple(round(float(value), DIGITS) for value in values)
