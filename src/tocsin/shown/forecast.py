"""The answer of ``tocsin forecast`` as tables and a week drawn in shades."""

from collections.abc import Sequence

from rich.console import Console

from tocsin.lab.forecast.answers import CrewForecast, ForecastAnswer
from tocsin.pages.numerals import Numerals
from tocsin.shown.figures import facts, paragraph, section, sheet, whole
from tocsin.words import say

SHADES = "·░▒▓█"
HOURS_PER_DAY, DAYS = 24, 7
MOST_AREAS = 12
PARTS = ((0, 6), (6, 12), (12, 18), (18, 24))


def foretold(out: Console, answer: ForecastAnswer, language: str) -> None:
    """The week to come, by hour, area and crew."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"cli.forecast.{key}", language, **values)

    rows = [
        (told("centre"), answer.centre),
        (told("learned"), told("learned_of", calls=numerals.count(answer.calls_learned), hours=numerals.count(answer.hours_learned))),
        (told("per_week"), numerals.decimal(sum(answer.by_hour_of_week), 0)),
    ]
    section(out, told("title"), facts(rows, justify="left"))
    _week(out, answer.by_hour_of_week, language)
    shown = answer.areas[:MOST_AREAS]
    areas = [
        (one.area or told("no_area"), numerals.decimal(one.per_week, 1), numerals.percent(one.share), strip(one.by_hour_of_week))
        for one in shown
    ]
    section(out, told("areas", shown=len(shown), all=len(answer.areas)), sheet(told("area"), told("per_week"), "%", "0–23", rows=areas))
    _judged(out, answer, language)
    _crews(out, answer, language)
    for code, values in answer.remarks:
        paragraph(out, say(f"lab.forecast.remark.{code}", language, **values), mark="· ")
    whole(out, told("head"), answer.journal_head)


def shade(value: float, most: float) -> str:
    """One sign: the darker, the more."""
    return SHADES[min(int(value / most * len(SHADES)), len(SHADES) - 1)] if most > 0 else SHADES[0]


def strip(by_hour_of_week: Sequence[float]) -> str:
    """24 signs: the mean day."""
    by_hour = [sum(by_hour_of_week[hour::HOURS_PER_DAY]) for hour in range(HOURS_PER_DAY)]
    return "".join(shade(value, max(by_hour)) for value in by_hour)


def _week(out: Console, by_hour: Sequence[float], language: str) -> None:
    numerals = Numerals(language)
    most = max(by_hour)
    days = say("cli.forecast.days", language).split()
    rows = []
    for day in range(DAYS):
        hours = by_hour[day * HOURS_PER_DAY : (day + 1) * HOURS_PER_DAY]
        rows.append(
            (days[day], "".join(shade(value, most) for value in hours), numerals.decimal(sum(hours), 0), numerals.decimal(max(hours), 1))
        )
    heads = [say(f"cli.forecast.{key}", language) for key in ("day", "hours", "calls", "busiest")]
    section(out, say("cli.forecast.week", language, most=numerals.decimal(most, 1)), sheet(*heads, rows=rows))


def _judged(out: Console, answer: ForecastAnswer, language: str) -> None:
    if not answer.judged:
        return
    numerals = Numerals(language)
    rows = [
        (
            say(f"cli.forecast.method_{one.method}", language),
            say(f"cli.forecast.level_{one.level}", language),
            numerals.decimal(one.deviance, 3),
            numerals.decimal(one.mae, 3),
            numerals.percent(one.within),
        )
        for one in answer.judged
    ]
    heads = [say(f"cli.forecast.{key}", language) for key in ("method", "level", "deviance", "mae", "within")]
    title = say("cli.forecast.judged", language, hours=numerals.count(answer.judged_hours_learned))
    section(out, title, sheet(*heads, rows=rows))
    paragraph(out, say("cli.forecast.judged_about", language))
    used = next(one for one in answer.judged if one.method == answer.method and one.level == "whole")
    busiest = max(range(len(answer.by_hour_of_week)), key=lambda hour: answer.by_hour_of_week[hour])
    verdict = {
        "method": say(f"cli.forecast.method_{answer.method}", language),
        "mae": numerals.decimal(used.mae),
        "low": numerals.decimal(answer.low[busiest], 0),
        "high": numerals.decimal(answer.high[busiest], 0),
    }
    paragraph(out, say("cli.forecast.verdict", language, **verdict))


def _crews(out: Console, answer: ForecastAnswer, language: str) -> None:
    numerals = Numerals(language)
    rows = [
        (one.kind, numerals.decimal(one.job_s / 60, 0), *(_most(one, part) for part in PARTS), numerals.count(one.hours_short))
        for one in answer.crews
    ]
    if not rows:
        return
    heads = [say(f"cli.forecast.{key}", language) for key in ("kind", "job_min")]
    parts = [f"{begin:02d}–{end:02d}" for begin, end in PARTS]
    share, waited = numerals.percent(answer.wanted_share), f"{answer.wanted_waited_s:.0f}"
    title = say("cli.forecast.crews", language, share=share, waited=waited)
    section(out, title, sheet(*heads, *parts, say("cli.forecast.short", language), rows=rows))
    paragraph(out, say("cli.forecast.crews_about", language))
    for one in answer.crews:
        if one.hours_short:
            paragraph(out, _shortest(one, language), mark="! ")


def _shortest(one: CrewForecast, language: str) -> str:
    """The hour of the week in which most are lacking; hours that the log never saw are none."""
    gaps = [needed - had if had else 0.0 for needed, had in zip(one.needed, one.on_duty, strict=True)]
    hour = gaps.index(max(gaps))
    when = {"day": say("cli.forecast.days", language).split()[hour // HOURS_PER_DAY], "hour": f"{hour % HOURS_PER_DAY:02d}:00"}
    had = Numerals(language).decimal(one.on_duty[hour])
    return say("cli.forecast.shortest", language, kind=one.kind, had=had, needed=one.needed[hour], **when)


def _most(one: CrewForecast, part: tuple[int, int]) -> str:
    """Least and most crews needed in a part of the day, over the week."""
    hours = [one.needed[day * HOURS_PER_DAY + hour] for day in range(DAYS) for hour in range(*part)]
    return f"{min(hours)}–{max(hours)}" if min(hours) < max(hours) else str(min(hours))
