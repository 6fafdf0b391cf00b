"""The answer of ``tocsin whatif`` as tables: first how far it can be trusted, then what the changes do."""

from collections.abc import Mapping

from rich.console import Console

from tocsin.pages.numerals import Numerals
from tocsin.pages.whatif import assumptions, points_between, seconds_between
from tocsin.shown.figures import duration, facts, paragraph, section, sheet, whole
from tocsin.views.whatif_answer import CallTold, Group, WhatifAnswer
from tocsin.words import say

MOST_AREAS = 12


def relived(out: Console, answer: WhatifAnswer, language: str) -> None:
    """A log lived twice."""

    def told(key: str, **values: object) -> str:
        return say(f"cli.whatif.{key}", language, **values)

    numerals = Numerals(language)
    changes = [say(f"lab.whatif.change.{one.code}", language, **one.values) for one in answer.changes]
    counts = told("calls_of", measured=numerals.count(answer.measured), calls=numerals.count(answer.calls))
    rows = [(told("centre"), answer.centre), (told("calls"), counts), *((told("change"), one) for one in changes)]
    section(out, told("title"), facts(rows, justify="left"))
    _fit(out, answer, language)
    priorities = {told("all"): answer.every, **answer.priorities}
    _groups(out, told("priorities"), priorities, language)
    _nine_of_ten(out, priorities, language)
    _areas(out, answer, language)
    _loads(out, answer, language)
    better, worse = numerals.count(answer.better), numerals.count(answer.worse)
    paragraph(out, told("moved", better=better, worse=worse))
    for key, calls in (("worst", answer.worst), ("best", answer.best)):
        if calls:
            heads = [told(name) for name in ("at", "type", "priority", "area", "before", "after")]
            section(out, told(key), sheet(*heads, rows=[_call(one) for one in calls]))
    _remarks(out, answer, language)
    whole(out, told("head"), answer.journal_head)


def _fit(out: Console, answer: WhatifAnswer, language: str) -> None:
    rows = [
        (
            say("cli.whatif.all", language) if name == "all" else name,
            Numerals(language).count(one.n),
            duration(one.real_p50_s),
            duration(one.relived_p50_s),
            duration(one.real_p90_s),
            duration(one.relived_p90_s),
            say(f"cli.whatif.verdict_{one.verdict}", language),
        )
        for name, one in answer.fit.items()
    ]
    heads = [say(f"cli.whatif.{key}", language) for key in ("calls_with", "count", "real_p50", "again_p50", "real_p90", "again_p90", "fit")]
    section(out, say("cli.whatif.trust", language), sheet(*heads, rows=rows))
    verdict = answer.fit["all"].verdict
    paragraph(out, say(f"cli.whatif.trust_{verdict}", language), style="bold" if verdict == "poor" else "")


def _groups(out: Console, title: str, groups: Mapping[str, Group], language: str) -> None:
    numerals = Numerals(language)
    rows = [
        (
            name,
            numerals.count(one.n),
            duration(one.base.mean_s),
            seconds_between(one.mean_s, language),
            numerals.percent(one.base.late_share),
            points_between(one.late_share, language),
        )
        for name, one in groups.items()
    ]
    heads = [say(f"cli.whatif.{key}", language) for key in ("calls_with", "count", "mean", "change_s", "late", "points")]
    section(out, title, sheet(*heads, rows=rows))


def _nine_of_ten(out: Console, groups: Mapping[str, Group], language: str) -> None:
    rows = [
        (name, duration(one.base.p90_s), duration(one.changed.p90_s), seconds_between(one.p90_s, language))
        for name, one in groups.items()
        if one.p90_s is not None
    ]
    heads = [say(f"cli.whatif.{key}", language) for key in ("calls_with", "before", "after", "change_s")]
    section(out, say("cli.whatif.p90", language), sheet(*heads, rows=rows))


def _areas(out: Console, answer: WhatifAnswer, language: str) -> None:
    """Those that fare otherwise beyond chance, the most changed first."""
    changed = {name: one for name, one in answer.areas.items() if one.mean_s.is_shown or one.late_share.is_shown}
    order = sorted(changed, key=lambda name: -abs(changed[name].mean_s.mean) * changed[name].n)[:MOST_AREAS]
    if order:
        title = say("cli.whatif.areas", language, shown=len(order), changed=len(changed), all=len(answer.areas))
        _groups(out, title, {name or say("cli.whatif.no_area", language): changed[name] for name in order}, language)
    else:
        paragraph(out, say("cli.whatif.areas_none", language, all=len(answer.areas)))


def _loads(out: Console, answer: WhatifAnswer, language: str) -> None:
    numerals = Numerals(language)
    rows = [
        (
            kind,
            f"{one.units_base} → {one.units_changed}" if one.units_base != one.units_changed else str(one.units_base),
            numerals.percent(one.base),
            numerals.percent(one.changed),
        )
        for kind, one in answer.kinds.items()
    ]
    heads = [say(f"cli.whatif.{key}", language) for key in ("kind", "units", "busy", "busy_changed")]
    section(out, say("cli.whatif.loads", language), sheet(*heads, rows=rows))


def _call(one: CallTold) -> tuple[str, ...]:
    return one.at, one.incident_type, one.priority, one.area, duration(one.base_s), duration(one.changed_s)


def _remarks(out: Console, answer: WhatifAnswer, language: str) -> None:
    out.print()
    paragraph(out, say("cli.assumptions", language), style="bold")
    for line in assumptions(answer, language):
        paragraph(out, line, mark="· ")
