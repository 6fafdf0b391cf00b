"""The answer of ``tocsin roads fit`` as tables."""

from textwrap import fill

from rich.console import Console

from tocsin.pages.numerals import Numerals
from tocsin.roads.learning.answer import FitAnswer
from tocsin.roads.speeds import Judged
from tocsin.shown.figures import NOTHING, facts, paragraph, section, sheet, whole
from tocsin.words import say

LINE = 8
"""Signs in a line of a heading, or as many as its longest word has."""

COLUMNS = ("method", "mae", "bias", "middle", "rank", "order", "covered", "width")


def fitted(out: Console, answer: FitAnswer, language: str) -> None:
    """What was learned, from how much, and how well it predicts."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"cli.fit.{key}", language, **values)

    source = answer.learned_from
    counts = [
        (told("period"), f"{source.first[:16]} – {source.last[:16]} UTC"),
        (told("trips"), numerals.count(source.trips)),
        (told("sure"), numerals.count(source.sure_trips)),
        *((told("left_out", why=say(f"cli.unfit.{why}", language)), numerals.count(count)) for why, count in source.left_out.items()),
        (told("zones"), f"{source.settings['zones']:.0f}"),
        (told("bins"), f"{source.settings['bins']:.0f}"),
    ]
    section(out, told("title"), facts(counts))
    rows = [(one.road_class, *(numerals.decimal(value / 1000, 2) for value in (one.least, one.middle, one.most))) for one in answer.classes]
    section(out, told("factors"), sheet(*(told(key) for key in ("class", "least", "middle_zone", "most")), rows=rows))
    paragraph(out, told("plain", factor=numerals.decimal(answer.plain_permille / 1000, 2)))
    _constants(out, answer, language)
    for among, since in dict.fromkeys((row.among, row.since) for row in answer.judged):
        _judged(out, [row for row in answer.judged if (row.among, row.since) == (among, since)], language)
    if not answer.judged:
        paragraph(out, told("not_judged"))
    whole(out, told("id"), answer.id)
    if answer.out is not None:
        whole(out, told("file"), answer.out)


def _constants(out: Console, answer: FitAnswer, language: str) -> None:
    numerals = Numerals(language)
    rolled, from_told = answer.constants["rolled"], answer.constants["told"]
    rows = [
        (
            say("cli.fit.other_kinds", language) if kind == "*" else kind,
            numerals.count(one.trips) if kind != "*" else NOTHING,
            *(f"{ms / 1000:.0f} s" for ms in (one.station_ms, from_told[kind].station_ms, from_told[kind].road_ms)),
        )
        for kind, one in sorted(rolled.items(), key=lambda item: (item[0] == "*", -item[1].trips, item[0]))
    ]
    names = [narrow(say(f"cli.fit.{key}", language)) for key in ("kind", "drives", "rolled", "told_station", "told_road")]
    section(out, say("cli.fit.constants", language), sheet(*names, rows=rows))


def narrow(heading: str) -> str:
    """A heading in lines of a word or two, so that the figures below it leave room for the name of their row."""
    return fill(heading, max(LINE, *(len(word) for word in heading.split(" "))), break_on_hyphens=False)


def _judged(out: Console, rows: list[Judged], language: str) -> None:
    numerals = Numerals(language)
    first = rows[0]
    among, since = (say(f"cli.fit.{key}", language) for key in (first.among, f"since_{first.since}"))
    title = say("cli.fit.judged", language, among=among, trips=numerals.count(first.trips), since=since)
    names = [narrow(say(f"cli.fit.{key}", language)) for key in COLUMNS]
    section(out, title, sheet(*names, rows=[_judged_row(row, language) for row in rows]))


def _judged_row(row: Judged, language: str) -> tuple[str, ...]:
    numerals = Numerals(language)
    return (
        say(f"cli.fit.method_{row.method}", language),
        f"{row.mae_s:.0f} s",
        f"{row.bias_s:+.0f} s",
        f"{row.median_error_s:.0f} s",
        numerals.decimal(row.rank, 3),
        numerals.percent(row.order_right),
        numerals.percent(row.covered),
        NOTHING if row.width_s is None else f"{row.width_s:.0f} s",
    )
