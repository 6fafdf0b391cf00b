"""Answers of the commands as tables."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tocsin.clocks.replay_answer import Agreement, ReplayAnswer, Spread
from tocsin.core.messages.centre import Footing
from tocsin.formats.import_answer import Assumption, ImportAnswer
from tocsin.roads.info import RegionInfo, RouteRow
from tocsin.views.report_answer import IntervalAnswer, ReportAnswer
from tocsin.wiring import VerifyAnswer
from tocsin.words import say

NOTHING = "–"


def duration(seconds: float | None) -> str:
    """``3:07`` minutes and seconds; a dash for None."""
    if seconds is None:
        return NOTHING
    whole = round(abs(seconds))
    return f"{'-' if seconds < 0 else ''}{whole // 60}:{whole % 60:02d}"


def percent(share: float | None) -> str:
    """``81.8 %``; a dash for None."""
    return NOTHING if share is None else f"{100 * share:.1f} %"


def sheet(title: str, *columns: str, rows: Iterable[Sequence[str]]) -> Table:
    """A plain table: the first column is text, the rest are figures."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for nth, column in enumerate(columns):
        table.add_column(column, justify="left" if nth == 0 else "right", no_wrap=nth > 0)
    for row in rows:
        table.add_row(*row)
    return table


def facts(title: str, pairs: Iterable[tuple[str, str]]) -> Table:
    """Names and values, a line each."""
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for name, value in pairs:
        table.add_row(name, value)
    return table


def region(out: Console, found: RegionInfo, language: str) -> None:
    """A road file."""

    def told(key: str, **values: object) -> str:
        return say(f"cli.region.{key}", language, **values)

    west, south, east, north = found.bbox
    out.print(
        facts(
            found.name,
            [
                (told("bbox"), f"{west:.5f}, {south:.5f} … {east:.5f}, {north:.5f}"),
                (told("nodes"), f"{found.nodes:,}"),
                (told("strong"), f"{found.strong_nodes:,}"),
                (told("edges"), f"{found.directed_edges:,}"),
                (told("named"), f"{found.named:,}"),
                *((told("dropped", reason=reason), f"{count:,}") for reason, count in found.dropped.items()),
            ],
        )
    )


def routes(out: Console, rows: Sequence[RouteRow], language: str) -> None:
    """Road times."""
    names = [say(f"cli.route.{key}", language) for key in ("from", "time", "distance", "snap")]
    unreachable = say("cli.route.unreachable", language)
    out.print(
        sheet(
            say("cli.route.title", language, lon=rows[0].to.lon, lat=rows[0].to.lat) if rows else "",
            *names,
            rows=[
                (
                    f"{row.from_.lon:.6f}, {row.from_.lat:.6f}",
                    unreachable if row.time_ms is None else duration(row.time_ms / 1000),
                    NOTHING if row.distance_m is None else f"{row.distance_m:,.0f} m",
                    f"{row.snap_m:,.0f} m",
                )
                for row in rows
            ],
        )
    )


def imported(out: Console, answer: ImportAnswer, language: str) -> None:
    """What an import read, used, left out and noticed."""

    def told(key: str, **values: object) -> str:
        return say(f"cli.import.{key}", language, **values)

    out.print(
        facts(
            told("title"),
            [
                (told("rows_read"), f"{answer.rows_read:,}"),
                (told("rows_used"), f"{answer.rows_used:,}"),
                *((say(f"import.excluded.{code}", language), f"{count:,}") for code, count in answer.rows_excluded.items()),
                (told("incidents"), f"{answer.incidents:,}"),
                (told("units"), f"{answer.units:,}"),
                (told("events"), f"{answer.events:,}"),
                (told("head"), answer.head),
                (told("centre"), answer.centre),
                *([(told("unusable"), answer.unusable)] if answer.unusable else []),
                *([(told("columns_missing"), ", ".join(answer.columns_missing))] if answer.columns_missing else []),
            ],
        )
    )
    if answer.defects:
        rows = [(say(f"import.defect.{code}", language), f"{defect.count:,}") for code, defect in answer.defects.items()]
        out.print(sheet(told("defects"), told("defect"), told("count"), rows=rows))
    _assumptions(out, [_assumed(one, language) for one in answer.assumptions], language)


def _assumed(assumption: Assumption, language: str) -> str:
    return say(f"import.assumption.{assumption.code}", language, **assumption.values)


def _assumptions(out: Console, texts: Sequence[str], language: str) -> None:
    if texts:
        out.print(say("cli.assumptions", language), style="bold")
        for text in texts:
            out.print(f"· {text}", markup=False)


def replayed(out: Console, answer: ReplayAnswer, language: str) -> None:
    """The engine beside what was done."""

    def told(key: str, **values: object) -> str:
        return say(f"replay.shown.{key}", language, **values)

    again = answer.redecided
    policy = answer.policy
    out.print(
        facts(
            told("title"),
            [
                (told("incidents"), f"{answer.incidents:,}"),
                (told("decisions"), told("decisions_of", n=answer.decisions, follow=answer.follow_ups, beyond=answer.beyond_plan)),
                *([(told("policy"), f"{policy.name} {policy.version} · {policy.plan} {policy.plan_version}")] if policy else []),
                (told("metric"), policy.metric if policy else NOTHING),
                (told("redecided"), told("redecided_of", n=again.questions, differing=again.differing)),
                (told("head"), answer.head),
            ],
        )
    )
    out.print(
        sheet(
            told("agreement"),
            told("asked_for"),
            told("first_unit"),
            told("all_units"),
            rows=[_agreement(told("same_kinds"), answer.agreement_same_kinds), _agreement(told("run_card"), answer.agreement)],
        )
    )
    kinds = [(kind, f"{found.dispatches:,}", percent(found.same_units)) for kind, found in answer.by_kind.items()]
    out.print(sheet(told("by_kind"), told("kind"), "n", told("same_units"), rows=kinds))
    out.print(
        sheet(
            told("times"),
            "",
            "n",
            "p50",
            "p90",
            told("mean"),
            rows=[
                _spread(told("chosen"), answer.chosen_eta_s),
                _spread(told("recommended"), answer.recommended_eta_s),
                _spread(told("regret"), answer.regret_s),
            ],
        )
    )
    out.print(
        sheet(
            told("differences"),
            told("reason"),
            "n",
            rows=[(say(f"codes.difference.{code}", language), f"{count:,}") for code, count in _most_first(answer.differences)],
        )
    )
    _assumptions(out, answer.assumptions, language)


def _most_first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _agreement(name: str, agreement: Agreement) -> tuple[str, str, str]:
    return name, percent(agreement.first_unit), percent(agreement.all_units)


def _spread(name: str, spread: Spread) -> tuple[str, ...]:
    return name, f"{spread.n:,}", duration(spread.p50), duration(spread.p90), duration(spread.mean)


def verified(out: Console, answer: VerifyAnswer, language: str) -> None:
    """Whether a journal holds."""
    if answer.ok:
        out.print(say("cli.verify.ok", language, events=answer.events, head=answer.head), markup=False)
    else:
        out.print(
            say("cli.verify.bad", language, events=answer.events, pos=answer.first_bad, why=answer.why), style="bold red", markup=False
        )


def checked(out: Console, problems: Sequence[str], language: str) -> None:
    """What is wrong in a centre folder."""
    for problem in problems:
        out.print(problem, markup=False)
    out.print(say("cli.check.bad" if problems else "cli.check.ok", language, count=len(problems)), style="bold")


def footing(text: Footing | str, language: str) -> str:
    """How the record came about, as every page says it."""
    return say(f"report.footing.{text}", language)


def reported(out: Console, answer: ReportAnswer, page: Path | None, language: str) -> None:
    """The five intervals against their targets."""

    def told(key: str, **values: object) -> str:
        return say(f"cli.report.{key}", language, **values)

    rows = answer.rows
    out.print(f"{answer.centre.name} · {footing(answer.centre.footing, language)}", style="bold", markup=False)
    out.print(told("rows", read=rows.read, used=rows.used, excluded=sum(rows.excluded.values())), markup=False)
    intervals = [_interval(say(f"report.interval.{name}", language), found, language) for name, found in answer.intervals.items()]
    names = [told(key) for key in ("interval", "n", "mean", "p50", "p90", "target", "within", "met", "excluded")]
    out.print(sheet(told("title", targets=answer.targets), *names, rows=intervals))
    out.print(told("rule", rule=say("report.head.rule_short", language)), markup=False)
    if page is not None:
        out.print(told("page", page=page.resolve()), markup=False, soft_wrap=True)


def _interval(name: str, found: IntervalAnswer, language: str) -> tuple[str, ...]:
    target = NOTHING if found.target_s is None else f"{found.target_percentile} % ≤ {duration(found.target_s)}"
    met = NOTHING if found.is_target_met is None else say(f"cli.report.{'yes' if found.is_target_met else 'no'}", language)
    return (
        name, f"{found.n:,}", duration(found.mean_s), duration(found.p50_s), duration(found.p90_s), target,
        percent(found.within_target), met, f"{sum(found.excluded.values()):,}",
    )  # fmt: skip
