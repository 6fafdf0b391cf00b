"""Answers of the lab's experiments as tables and small plots, within 80 columns."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from tocsin.pages.experiment_words import ENOUGH, is_change_beyond, partial_told, targets_told
from tocsin.shown.figures import NOTHING, duration, facts, paragraph, section, sheet, whole
from tocsin.shown.lab_signs import KINDS, PLOT, Told, bar, percent, short, strip
from tocsin.views.experiment_answer import (
    Against,
    Asked,
    CompareAnswer,
    Difference,
    Figures,
    Group,
    Guard,
    Partial,
    Remark,
    SimulateAnswer,
    Target,
)

PRICES = ("utilisation", "return_min_per_call", "moves_per_unit_h")
"""What is paid for better times; not in the plot, which they would press flat."""

MEASURES = (
    ("high_late_share", "share"),
    ("high_avoidable_late_share", "share"),
    ("high_mean_s", "time"),
    ("high_p90_s", "time"),
    ("mean_response_s", "time"),
    ("low_mean_s", "time"),
    ("low_late_share", "share"),
    ("spread", "share"),
    ("utilisation", "share"),
    ("return_min_per_call", "minutes"),
    ("moves_per_unit_h", "number"),
)
"""In the order in which a chief asks, with what they are numbers of."""


def simulated(out: Console, answer: SimulateAnswer, language: str, page: Path | None) -> None:
    """``tocsin simulate``."""
    told = Told(language)
    _cut_short(out, answer.partial, answer.asked, [answer.figures], told)
    title = told("simulated", city=answer.asked.city, policy=answer.policy)
    section(out, title, facts(_conditions(answer.asked, answer.replications, told) + _facts(answer.figures, told)))
    _targets(out, answer.targets, told)
    _groups(out, told("by_priority"), answer.figures.priorities, answer.replications, told)
    worst_first = dict(sorted(answer.areas.items(), key=lambda item: -(item[1].late_share or 0)))
    _groups(out, told("by_area"), worst_first, answer.replications, told)
    if answer.figures.worst_area is not None:
        spread = told.numerals.decimal((answer.figures.spread or 0) * 100)
        paragraph(out, told("worst", area=answer.figures.worst_area, spread=spread))
    if 1 < answer.replications < ENOUGH:
        paragraph(out, told("few_replications", replications=answer.replications))
    _footnotes(out, answer.asked, answer.remarks, told)
    if answer.journal_head is not None:
        whole(out, told("journal_head"), answer.journal_head)
        if answer.journal_agrees is False:
            paragraph(out, told("journal_differs"), mark="! ")
    if answer.journal_remark is not None:
        paragraph(out, told(answer.journal_remark.code, **answer.journal_remark.values))
    _files(out, (("journal", answer.journal), ("page", str(page) if page else None)), told)


def _conditions(asked: Asked, replications: int, told: Told) -> list[tuple[str, str]]:
    decimal = told.numerals.decimal
    days, warm_up = (short(decimal(value, 2)) for value in (asked.days, asked.warm_up_days))
    return [
        (told("days"), told("days_less", days=days, warm_up=warm_up) if asked.warm_up_days else days),
        (told("load"), short(decimal(asked.load, 2))),
        (told("replications"), told.numerals.count(replications)),
        (told("seed"), str(asked.seed)),
    ]


def _facts(one: Figures, told: Told) -> list[tuple[str, str]]:
    halves, high = one.half_widths or {}, one.high.half_widths or {}

    def fact(key: str, kind: str, value: float | None, half: float | None = None) -> tuple[str, str]:
        return told(key), told.level(kind, value, half, one.replications)

    return [
        (told("calls"), told.numerals.count(one.calls)),
        fact("mean_response_s", "time", one.mean_response_s, halves.get("mean_response_s")),
        (told("high_n"), told.numerals.count(one.high.n)),
        fact("high_late_share", "share", one.high.late_share, high.get("late_share")),
        fact("floor", "share", one.floor_late_share, halves.get("floor_late_share")),
        fact("high_avoidable_late_share", "share", one.avoidable_late_share, halves.get("avoidable_late_share")),
        fact("high_mean_s", "time", one.high.mean_s, high.get("mean_s")),
        fact("high_p90_s", "time", one.high.p90_s, high.get("p90_s")),
        fact("utilisation", "share", one.utilisation, halves.get("utilisation")),
        fact("return_min_per_call", "minutes", one.return_min_per_call, halves.get("return_min_per_call")),
        fact("moves_per_unit_h", "number", one.moves_per_unit_h, halves.get("moves_per_unit_h")),
        fact("diverted_per_day", "minutes", one.diverted_per_day),
        (told("longest_queue"), told.numerals.count(one.longest_queue)),
        *([(told("unreached"), told.numerals.count(one.unreached))] if one.unreached else []),
    ]


def _groups(out: Console, title: str, groups: dict[str, Group], replications: int, told: Told) -> None:
    """Calls, lateness and times by area or priority, with a bar for lateness."""
    most = max((one.late_share or 0.0 for one in groups.values()), default=0.0)
    rows = [
        (
            name,
            told.numerals.count(one.n),
            told.level("share", one.late_share, (one.half_widths or {}).get("late_share"), replications),
            duration(one.mean_s),
            duration(one.p90_s),
            bar(one.late_share or 0.0, most),
        )
        for name, one in groups.items()
    ]
    table = sheet("", *(told(key) for key in ("n", "late", "mean", "p90")), told("late_bar"), rows=rows)
    table.columns[-1].justify = "left"
    section(out, title, table)


def compared(out: Console, answer: CompareAnswer, language: str, page: Path | None) -> None:
    """``tocsin compare``."""
    told = Told(language)
    _cut_short(out, answer.partial, answer.asked, list(answer.policies.values()), told)
    section(out, told("compared", city=answer.asked.city), facts(_conditions(answer.asked, answer.replications, told)))
    _targets(out, answer.targets, told)
    for one in answer.differences:
        _against(out, answer, one, told)
    if answer.replications < 2:
        paragraph(out, told("one_pair"))
    elif answer.replications < ENOUGH:
        paragraph(out, told("few_pairs", replications=answer.replications))
    _footnotes(out, answer.asked, answer.remarks, told)
    _files(out, (("page", str(page) if page else None),), told)


def _against(out: Console, answer: CompareAnswer, one: Against, told: Told) -> None:
    base, other = values_of(answer.policies[answer.base]), values_of(answer.policies[one.policy])
    shown = [(name, kind, one.measures[name]) for name, kind in MEASURES if name in one.measures]
    rows = [
        (told(name), told.value(kind, base.get(name)), told.value(kind, other.get(name)), told.change(kind, change))
        for name, kind, change in shown
    ]
    title = told("against", policy=one.policy, base=answer.base)
    section(out, title, sheet("", answer.base, one.policy, told("change"), rows=rows))
    intervals = [
        (told(name), change.relative, change.relative_half_width)
        for name, kind, change in shown
        if name not in PRICES and not is_change_beyond(KINDS[kind], change)
    ]
    _plot(out, told("relative"), [row for row in intervals if row[1] is not None and row[2] is not None], told)
    _price(out, one, told)
    _fairness(out, one, told)


def _price(out: Console, one: Against, told: Told) -> None:
    """What is paid for it, in a sentence, where it is shown to be more."""
    paid = [
        told(f"price_{name}", more=told.change(kind, change))
        for name, kind in MEASURES
        if name in ("return_min_per_call", "low_mean_s") and (change := one.measures.get(name)) and change.is_shown and change.mean > 0
    ]
    if paid:
        paragraph(out, told("price", paid="; ".join(paid)))


def values_of(one: Figures) -> dict[str, float | None]:
    """A policy's own figures under the names of the measures; of low ones there is none but the difference."""
    return {
        "high_late_share": one.high.late_share,
        "high_avoidable_late_share": one.avoidable_late_share,
        "high_mean_s": one.high.mean_s,
        "high_p90_s": one.high.p90_s,
        "mean_response_s": one.mean_response_s,
        "low_mean_s": one.low.mean_s,
        "low_late_share": one.low.late_share,
        "utilisation": one.utilisation,
        "return_min_per_call": one.return_min_per_call,
        "moves_per_unit_h": one.moves_per_unit_h,
        "spread": one.spread,
    }


def _plot(out: Console, title: str, rows: Sequence[tuple[str, float | None, float | None]], told: Told) -> None:
    """Relative changes and their intervals about 0."""
    known = [(name, middle, half) for name, middle, half in rows if middle is not None and half is not None and abs(middle) + half < 2]
    if not known:
        return
    most = max(abs(middle) + half for _, middle, half in known) or 1.0
    lines = [
        (name, f"{percent(middle, told)} ± {told.numerals.decimal(half * 100)} %", strip(middle, half, most))
        for name, middle, half in known
    ]
    section(out, title, sheet("", "", f"−{told.numerals.decimal(most * 100, 0)} %".ljust(PLOT // 2) + "0", rows=lines))


def _fairness(out: Console, one: Against, told: Told) -> None:
    """Areas that lose, said before those that win."""
    fair = one.fairness
    points = told.numerals.decimal(fair.points)
    rows = [
        (name, told.change("share", fair.areas[name]), _p90(fair.p90_s.get(name), told)) for name in (*fair.worse, *reversed(fair.better))
    ]
    if rows:
        section(out, told("areas_changed", points=points), sheet("", told("late"), told("p90"), rows=rows))
    counts = {"worse": len(fair.worse), "of": len(fair.areas), "sure": sum(fair.areas[area].is_shown for area in fair.worse)}
    if fair.worse or any(change.half_width is not None for change in fair.areas.values()):
        paragraph(out, told("worse_areas" if fair.worse else "no_worse_areas", points=points, **counts))
    if fair.guard is not None:
        _guard(out, fair.guard, told)


def _p90(one: Difference | None, told: Told) -> str:
    return NOTHING if one is None else told.change("time", one)


def _guard(out: Console, guard: Guard, told: Told) -> None:
    points = told.numerals.decimal(guard.points)
    if guard.is_kept:
        paragraph(out, told("guard_kept", points=points))
    else:
        paragraph(out, told("guard_broken", points=points, areas=told.numerals.listed(guard.broken_by)), mark="! ")
    if guard.open_areas:
        paragraph(out, told("guard_open", areas=told.numerals.listed(guard.open_areas)))


def _targets(out: Console, targets: Sequence[Target], told: Told) -> None:
    """What late means, and who says so."""
    if targets:
        paragraph(out, told("targets", told=targets_told(targets, told.language)))


def _cut_short(out: Console, partial: Partial | None, asked: Asked, figures: Sequence[Figures], told: Told) -> None:
    """First of all: that these are the figures of a part, and of which."""
    if partial is None:
        return
    first, *more = partial_told(partial, asked, figures, told.language)
    paragraph(out, first, mark="! ", style="bold")
    for text in more:
        paragraph(out, text, mark="  ")


def _footnotes(out: Console, asked: Asked, remarks: Sequence[Remark], told: Told) -> None:
    out.print()
    paragraph(out, told("how"))
    if remarks:
        paragraph(out, told("assumed"), style="bold")
        for one in remarks:
            paragraph(out, told.remark(one), mark="- ")
    whole(out, told("digest"), asked.city_digest)


def _files(out: Console, files: Sequence[tuple[str, str | None]], told: Told) -> None:
    for key, path in files:
        if path is not None:
            whole(out, told(key), path)
