"""Answers of the commands as tables."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Literal

import msgspec
from rich.console import Console
from rich.table import Table

from tocsin.clocks.replay_answer import Agreement, Between, ReplayAnswer, Spread
from tocsin.core.messages.centre import Footing
from tocsin.formats.import_answer import Assumption, ImportAnswer
from tocsin.pages.numerals import Numerals, clock
from tocsin.roads.info import RegionInfo, RouteRow
from tocsin.views.report_answer import IntervalAnswer, ReportAnswer, TargetResult
from tocsin.wiring.reports import VerifyAnswer
from tocsin.words import REFERENCE, say

NOTHING = "–"


class ProblemTold(msgspec.Struct, frozen=True):
    """Something wrong in what was given: where, and what to do about it."""

    code: str
    file: str | None
    line: int | None
    field: str | None
    values: dict[str, str]
    text: str
    """What and remedy, in the reader's language."""


class CheckAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin check --json``."""

    ok: bool
    problems: list[ProblemTold]


class ErrorAnswer(msgspec.Struct, frozen=True):
    """What any command says with ``--json`` when it cannot be done; the exit status is 2, or 3 when something of ours is broken."""

    error: ProblemTold


def duration(seconds: float | None) -> str:
    """``3:07`` minutes and seconds, ``1:02:09`` from an hour on; a dash for None."""
    return NOTHING if seconds is None else clock(seconds)


def expected(seconds: float | None, between: tuple[float | None, float | None] = (None, None)) -> str:
    """``3:20 (2:10–5:40)``: an ETA, and between what and what it is four times out of five where that is known."""
    low, high = between
    told = duration(seconds)
    return told if seconds is None or low is None or high is None else f"{told} ({duration(low)}–{duration(high)})"


def unsure(out: Console, language: str) -> None:
    """Said once below ETAs that show no interval."""
    paragraph(out, say("cli.eta.unsure", language))


def sheet(*columns: str, rows: Iterable[Sequence[str]]) -> Table:
    """A plain table: the first column is text, the rest are figures."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for nth, column in enumerate(columns):
        table.add_column(column, justify="left" if nth == 0 else "right", no_wrap=nth > 0)
    for row in rows:
        table.add_row(*row)
    return table


def facts(pairs: Iterable[tuple[str, str]], *, justify: Literal["left", "right"] = "right") -> Table:
    """Names and values, a line each; values are counts unless they stand left."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify=justify)
    for name, value in pairs:
        table.add_row(name, value)
    return table


def section(out: Console, title: str, table: Table) -> None:
    """A table below its title, set off from what stands above."""
    out.print()
    paragraph(out, title, style="bold")
    out.print(table)


def paragraph(out: Console, text: str, *, mark: str = "", style: str = "") -> None:
    """Text in lines that break between words only: a path or a digest that is longer than a line stays whole."""
    lines = fill(text, out.width, initial_indent=mark, subsequent_indent=" " * len(mark), break_long_words=False, break_on_hyphens=False)
    out.print(lines, style=style or None, markup=False, soft_wrap=True)


def whole(out: Console, name: str, value: str) -> None:
    """A name and a value to be copied, on one line or the value on its own."""
    is_short = len(name) + len(value) + 2 <= out.width
    out.print(f"{name}: {value}" if is_short else f"{name}:\n{value}", markup=False, soft_wrap=True)


def told_fault(out: Console, text: str) -> None:
    """What went wrong, and below it, set in, what to do."""
    what, _, remedy = text.partition("\n")
    paragraph(out, what)
    for line in remedy.splitlines():
        paragraph(out, line.strip(), mark="  ")


def region(out: Console, found: RegionInfo, language: str) -> None:
    """A road file."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"cli.region.{key}", language, **values)

    west, south, east, north = found.bbox
    counts = [
        (told("nodes"), numerals.count(found.nodes)),
        (told("strong"), numerals.count(found.strong_nodes)),
        (told("edges"), numerals.count(found.directed_edges)),
        (told("named"), numerals.count(found.named)),
        (told("turns"), numerals.count(found.turn_restrictions)),
    ]
    if found.search is not None:
        counts.append((told("upward_arcs"), numerals.count(found.search.upward_arcs)))
        counts.append((told("depth"), f"{numerals.decimal(found.search.depth_mean, 0)} / {numerals.count(found.search.depth_max)}"))
    counts += [
        (told("section", name=say(f"cli.section.{name}", language)), f"{numerals.decimal(size / 1e6, 2)} MB")
        for name, size in found.sections.items()
    ]
    for key, found_out in (("dropped", found.dropped), ("assumed", found.assumed)):
        counts += [(told(key, reason=say(f"cli.{key}.{code}", language)), numerals.count(count)) for code, count in found_out.items()]
    section(out, found.name, facts(counts))
    whole(out, told("bbox"), f"{west:.5f}, {south:.5f} … {east:.5f}, {north:.5f}")
    if found.attribution:
        paragraph(out, f"{told('attribution')}: {'; '.join(found.attribution)} {found.licence}".rstrip())


def closed_told(out: Console, streets: Sequence[str | None], language: str) -> None:
    """Which streets were closed; nothing where none was."""
    if streets:
        nameless = say("cli.route.nameless", language)
        paragraph(out, say("cli.route.closed", language, streets=", ".join(street or nameless for street in streets)))


def routes(out: Console, rows: Sequence[RouteRow], closed: Sequence[str | None], language: str) -> None:
    """Road times; ``closed``: names of the streets that the ways go round."""
    numerals = Numerals(language)
    names = [say(f"cli.route.{key}", language) for key in ("from", "time", "between", "distance", "snap")]
    unreachable = say("cli.route.unreachable", language)
    lines = [
        (
            f"{row.from_.lon:.6f}, {row.from_.lat:.6f}",
            unreachable if row.time_ms is None else duration(row.time_ms / 1000),
            NOTHING if row.interval_ms is None else "–".join(duration(ms / 1000) for ms in row.interval_ms),
            NOTHING if row.distance_m is None else f"{numerals.decimal(row.distance_m, 0)} m",
            f"{numerals.decimal(row.snap_m, 0)} m",
        )
        for row in rows
    ]
    title = say("cli.route.title", language, lon=rows[0].to.lon, lat=rows[0].to.lat) if rows else ""
    section(out, title, sheet(*names, rows=lines))
    closed_told(out, closed, language)
    for row in rows:
        if row.steps:
            _steps(out, row, language)
    if any(row.interval_ms is not None for row in rows):
        paragraph(out, say("cli.route.contained", language))
    elif rows:
        unsure(out, language)
    for metric in dict.fromkeys(row.metric for row in rows):
        whole(out, say("cli.route.metric", language), metric)


def _steps(out: Console, row: RouteRow, language: str) -> None:
    """What to do on one way."""
    numerals = Numerals(language)
    nameless = say("cli.route.nameless", language)
    lines = [
        (
            say(f"cli.turn.{step.turn}", language),
            step.street or nameless,
            f"{numerals.decimal(step.distance_m, 0)} m",
            duration(step.time_ms / 1000),
        )
        for step in row.steps or ()
    ]
    names = [say(f"cli.route.{key}", language) for key in ("step", "street", "distance", "time")]
    section(out, f"{row.from_.lon:.6f}, {row.from_.lat:.6f}", sheet(*names, rows=lines))


def note(err: Console, key: str, language: str) -> None:
    """Something that the reader should know beside the answer."""
    paragraph(err, say(f"cli.{key}", language))


def imported(out: Console, answer: ImportAnswer, language: str) -> None:
    """What an import read, used, left out and noticed."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"cli.import.{key}", language, **values)

    counts = [
        (told("rows_read"), numerals.count(answer.rows_read)),
        (told("rows_used"), numerals.count(answer.rows_used)),
        *((say(f"import.excluded.{code}", language), numerals.count(count)) for code, count in answer.rows_excluded.items()),
        (told("incidents"), numerals.count(answer.incidents)),
        (told("units"), numerals.count(answer.units)),
        (told("events"), numerals.count(answer.events)),
    ]
    section(out, told("title"), facts(counts))
    whole(out, told("head"), answer.head)
    whole(out, told("centre"), answer.centre)
    if answer.unusable:
        whole(out, told("unusable"), answer.unusable)
    if answer.columns_missing:
        paragraph(out, f"{told('columns_missing')}: {', '.join(answer.columns_missing)}")
    if answer.defects:
        rows = [(say(f"import.defect.{code}", language), numerals.count(defect.count)) for code, defect in answer.defects.items()]
        section(out, told("defects"), sheet(told("defect"), told("count"), rows=rows))
    _assumptions(out, [_assumed(one, language) for one in answer.assumptions], language)


def _assumed(assumption: Assumption, language: str) -> str:
    return say(f"import.assumption.{assumption.code}", language, **assumption.values)


def _assumptions(out: Console, texts: Sequence[str], language: str) -> None:
    if texts:
        out.print()
        paragraph(out, say("cli.assumptions", language), style="bold")
        for text in texts:
            paragraph(out, text, mark="· ")


def replayed(out: Console, answer: ReplayAnswer, language: str) -> None:
    """The engine beside what was done."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"replay.shown.{key}", language, **values)

    section(out, told("title"), facts(_replay_facts(answer, language), justify="left"))
    whole(out, told("head"), answer.head)
    if answer.policy is not None:
        whole(out, told("metric"), answer.policy.metric)
    if answer.decisions:
        agreements = [
            _agreement(told("comparable"), answer.comparable, answer.agreement_comparable, numerals),
            _agreement(told("same_kinds"), answer.decisions, answer.agreement_same_kinds, numerals),
            _agreement(told("run_card"), answer.decisions, answer.agreement, numerals),
        ]
        section(out, told("agreement"), sheet(told("asked_for"), "n", told("first_unit"), told("all_units"), rows=agreements))
        kinds = [
            (kind, numerals.count(found.dispatches), numerals.count(found.comparable), numerals.percent(found.same_units))
            for kind, found in answer.by_kind.items()
        ]
        section(out, told("by_kind"), sheet(told("kind"), "n", told("comparable_n"), told("same_units"), rows=kinds))
        spreads = [
            _spread(told("chosen"), answer.chosen_eta_s, numerals, answer.chosen_between_s),
            _spread(told("recommended"), answer.recommended_eta_s, numerals, answer.recommended_between_s),
            _spread(told("regret"), answer.regret_s, numerals),
        ]
        section(out, told("times"), sheet("", "n", "p50", "p90", told("mean"), rows=spreads))
        if answer.recommended_between_s is msgspec.UNSET:
            unsure(out, language)
        else:
            paragraph(out, told("between"))
        reasons = [(say(f"codes.difference.{code}", language), numerals.count(count)) for code, count in _most_first(answer.differences)]
        section(out, told("differences"), sheet(told("reason"), "n", rows=reasons))
    _assumptions(out, answer.assumptions, language)


def _replay_facts(answer: ReplayAnswer, language: str) -> Iterable[tuple[str, str]]:
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"replay.shown.{key}", language, **values)

    yield told("incidents"), numerals.count(answer.incidents)
    counts = {"n": answer.decisions, "follow": answer.follow_ups, "beyond": answer.beyond_plan}
    yield told("decisions"), told("decisions_of", **{name: numerals.count(count) for name, count in counts.items()})
    for why, count in answer.passed_over.items():
        yield told("passed"), f"{numerals.count(count)} – {say(f'replay.passed.{why}', language)}"
    if answer.without_regret:
        yield told("without_regret"), numerals.count(answer.without_regret)
    if answer.policy is not None:
        policy = answer.policy
        yield told("policy"), f"{policy.name} {policy.version} · {policy.plan} {policy.plan_version}"
    again = answer.redecided
    yield told("redecided"), told("redecided_of", n=numerals.count(again.questions), differing=numerals.count(again.differing))


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _agreement(name: str, decisions: int, agreement: Agreement, numerals: Numerals) -> tuple[str, str, str, str]:
    return name, numerals.count(decisions), numerals.percent(agreement.first_unit), numerals.percent(agreement.all_units)


def _spread(name: str, spread: Spread, numerals: Numerals, between: Between | msgspec.UnsetType = msgspec.UNSET) -> tuple[str, ...]:
    middle = expected(spread.p50, (None, None) if between is msgspec.UNSET else (between.low, between.high))
    return name, numerals.count(spread.n), middle, duration(spread.p90), duration(spread.mean)


def verified(out: Console, answer: VerifyAnswer, language: str) -> None:
    """Whether a journal holds."""
    numerals = Numerals(language)
    events = numerals.count(answer.events)
    if answer.ok:
        paragraph(out, say("cli.verify.ok", language, events=events))
        out.print(answer.head)
        return
    why = say(f"cli.why.{answer.why}", language)
    if answer.first_bad is None:
        paragraph(out, say("cli.verify.bad_whole", language, events=events, why=why), style="bold red")
    else:
        paragraph(out, say("cli.verify.bad", language, events=events, pos=numerals.count(answer.first_bad), why=why), style="bold red")


def checked(out: Console, problems: Sequence[str], language: str) -> None:
    """What is wrong in a centre folder."""
    for problem in problems:
        told_fault(out, problem)
    paragraph(out, say("cli.check.bad" if problems else "cli.check.ok", language, count=len(problems)), style="bold")


def footing(text: Footing | str, language: str) -> str:
    """How the record came about, as every page says it."""
    return say(f"report.footing.{text}", language)


def reported(out: Console, answer: ReportAnswer, page: Path | None, language: str) -> None:
    """The five intervals against their targets."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"cli.report.{key}", language, **values)

    rows = answer.rows
    paragraph(out, f"{answer.centre.name} · {footing(answer.centre.footing, language)}", style="bold")
    counts = {"read": rows.read, "used": rows.used, "excluded": sum(rows.excluded.values())}
    paragraph(out, told("rows", **{name: numerals.count(count) for name, count in counts.items()}))
    intervals = [_interval(say(f"report.interval.{name}", language), found, numerals) for name, found in answer.intervals.items()]
    names = [told(key) for key in ("interval", "n", "mean", "p50", "p90", "excluded")]
    section(out, told("figures"), sheet(*names, rows=intervals))
    paragraph(out, told("rule", rule=say("report.head.rule_short", language)))
    paragraph(out, told("clock", moment=say(f"report.moment.{answer.clock_start}", language)))
    targets = [
        _target(say(f"report.interval.{name}", language), target, language)
        for name, found in answer.intervals.items()
        for target in found.targets
    ]
    if targets:
        names = [told(key) for key in ("interval", "target", "n", "within", "met")]
        section(out, told("title", targets=answer.targets), sheet(*names, rows=targets))
        if not answer.profile.is_confirmed:
            paragraph(out, told("unconfirmed", targets=answer.targets))
    if page is not None:
        paragraph(out, told("page", page=page.resolve()))


def _interval(name: str, found: IntervalAnswer, numerals: Numerals) -> tuple[str, ...]:
    lost = sum(found.excluded.values())
    return name, numerals.count(found.n), duration(found.mean_s), duration(found.p50_s), duration(found.p90_s), numerals.count(lost)


def _target(name: str, target: TargetResult, language: str) -> tuple[str, ...]:
    """A target and the samples that it speaks of: the fire crews' turnout is not held against ambulances."""
    numerals = Numerals(language)
    share = say("cli.report.mean", language) if target.percentile is None else f"{target.percentile} %"
    scope = target.applies.get(language) or target.applies.get(REFERENCE) or ""
    met = NOTHING if target.is_met is None else say(f"cli.report.{'yes' if target.is_met else 'no'}", language)
    wanted = f"{share} ≤ {duration(target.seconds)}"
    return f"{name} ({scope})" if scope else name, wanted, numerals.count(target.n), numerals.percent(target.within), met
