"""The answer of ``tocsin whatif`` as tables: first how far it can be trusted, then what the changes do."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from tocsin.pages.numerals import Numerals
from tocsin.pages.whatif import area_named, around, assumptions, clock, points_between, seconds_between, served, targets, warnings
from tocsin.shown.figures import facts, paragraph, section, sheet, whole
from tocsin.views.whatif_answer import CallTold, Group, WhatifAnswer
from tocsin.words import say

MOST_AREAS = 12


def relived(out: Console, answer: WhatifAnswer, language: str, page: Path | None = None) -> None:
    """A log lived twice; ``page``: where it was written."""

    def told(key: str, **values: object) -> str:
        return say(f"cli.whatif.{key}", language, **values)

    numerals = Numerals(language)
    changes = [say(f"lab.whatif.change.{one.code}", language, **one.values) for one in answer.changes]
    counts = told("calls_of", measured=numerals.count(answer.measured), calls=numerals.count(answer.calls))
    rows = [(told("centre"), answer.centre), (told("calls"), counts), *((told("change"), one) for one in changes)]
    section(out, told("title"), facts(rows, justify="left"))
    for line in warnings(answer, language):
        paragraph(out, line, mark="! ", style="bold")
    _fit(out, answer, language)
    _stations(out, answer, language)
    priorities = {told("all"): answer.every, **answer.priorities}
    _groups(out, told("priorities"), priorities, language)
    _nine_of_ten(out, priorities, language)
    late = [(name, f"{later}  {source}") for name, later, source in targets(answer, language)]
    section(out, told("targets"), facts(late, justify="left"))
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
    if page is not None:
        whole(out, told("page"), str(page.resolve()))


def _fit(out: Console, answer: WhatifAnswer, language: str) -> None:
    rows = [
        (
            say("cli.whatif.all", language) if name == "all" else name,
            Numerals(language).count(one.n),
            clock(one.real_p50_s),
            clock(one.relived_p50_s),
            clock(one.real_p90_s),
            clock(one.relived_p90_s),
            say(f"cli.whatif.verdict_{one.verdict}", language),
        )
        for name, one in answer.fit.items()
    ]
    heads = [say(f"cli.whatif.{key}", language) for key in ("calls_with", "count", "real_p50", "again_p50", "real_p90", "again_p90", "fit")]
    section(out, say("cli.whatif.trust", language), sheet(*heads, rows=rows))
    verdict = answer.fit["all"].verdict
    paragraph(out, say(f"cli.whatif.trust_{verdict}", language), style="bold" if verdict in ("poor", "few") else "")


def _groups(out: Console, title: str, groups: Mapping[str, Group], language: str, first: str = "calls_with") -> None:
    numerals = Numerals(language)
    rows = [
        (
            name,
            numerals.count(one.n),
            clock(one.base.mean_s),
            seconds_between(one.mean_s, language),
            numerals.percent(one.base.late_share),
            points_between(one.late_share, language),
        )
        for name, one in groups.items()
    ]
    heads = [say(f"cli.whatif.{key}", language) for key in (first, "count", "mean", "change_s", "late", "points")]
    section(out, title, sheet(*heads, rows=rows))


def _nine_of_ten(out: Console, groups: Mapping[str, Group], language: str) -> None:
    rows = [
        (name, clock(one.base.p90_s), clock(one.changed.p90_s), seconds_between(one.p90_s, language))
        for name, one in groups.items()
        if one.p90_s is not None
    ]
    heads = [say(f"cli.whatif.{key}", language) for key in ("calls_with", "before", "after", "change_s")]
    section(out, say("cli.whatif.p90", language), sheet(*heads, rows=rows))


def _stations(out: Console, answer: WhatifAnswer, language: str) -> None:
    """Those that change: what becomes of each, and of the calls around it."""
    if not answer.stations:
        return
    groups = {name: one.around for name, one in answer.stations.items() if one.around is not None}
    if groups:
        _groups(out, say("cli.whatif.stations", language), groups, language, "station")
    for name, one in answer.stations.items():
        paragraph(out, around(name, one, language), mark="· ")


def _areas(out: Console, answer: WhatifAnswer, language: str) -> None:
    """Those of the stations that change, whatever comes of them, and those that fare otherwise beyond chance; the worst first."""
    own, numerals = served(answer), Numerals(language)
    changed = [name for name, one in answer.areas.items() if name not in own and (one.mean_s.is_shown or one.late_share.is_shown)]
    kept = own.union(changed[:MOST_AREAS])
    rows = {area_named(answer, name, language): one for name, one in answer.areas.items() if name in kept}
    every = numerals.count(len(answer.areas))
    if rows:
        _groups(out, say("cli.whatif.areas", language, shown=numerals.count(len(rows)), all=every), rows, language, "area")
    if not changed:
        paragraph(out, say("cli.whatif.areas_none", language, all=every))
    elif len(changed) > MOST_AREAS:
        paragraph(out, say("cli.whatif.areas_cut", language, count=numerals.count(len(changed) - MOST_AREAS)))


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
    return one.at, one.incident_type, one.priority, one.area, clock(one.base_s), clock(one.changed_s)


def _remarks(out: Console, answer: WhatifAnswer, language: str) -> None:
    out.print()
    paragraph(out, say("cli.assumptions", language), style="bold")
    for line in assumptions(answer, language):
        paragraph(out, line, mark="· ")
