"""The page of an experiment, simulated or compared: one HTML file that needs nothing else.

Words from the catalogue, numbers from the answer.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tocsin.pages.change_map import CityDrawing, change_map, share_map
from tocsin.pages.experiment_plots import (
    area_plot,
    curve_plot,
    difference_plot,
    hourly_late,
    key_mark,
    load_by_hour_plot,
    ranked_areas,
    reached_by_minute,
    shown_minutes,
)
from tocsin.pages.experiment_words import ENOUGH, MEASURES, PRICE, LabTongue, Series, is_beyond, partial_told, series_of, targets_told
from tocsin.pages.stress_table import stress_tables
from tocsin.views.experiment_answer import Against, CityMap, CompareAnswer, Difference, Figures, SimulateAnswer

_PAGES = Environment(loader=PackageLoader("tocsin.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)

HEADLINE = "high_late_share"
MOST_MAPS = 4


class Source(NamedTuple):
    """Where the figures come from: what the answer itself does not say."""

    command: str = ""
    """What to type to get them again."""
    data_to: str = ""
    """Up to when the city's data were gathered, as it is to be shown."""
    attribution: tuple[str, ...] = ()
    """Whose data: streets, people, calls."""


class Verdict(NamedTuple):
    """What may be said of one policy against the base."""

    code: Literal["fewer", "more", "none", "one", "empty"]
    text: str
    relative: str


def render_simulated(answer: SimulateAnswer, ground: CityMap, source: Source, *, language: str = "en") -> str:
    """The page of ``tocsin simulate`` as HTML text. Raises BadInput ``language`` for one that is not shipped."""
    whole = CompareAnswer(
        base=answer.policy, replications=answer.replications, policies={answer.policy: answer.figures}, differences=(),
        asked=answer.asked, remarks=answer.remarks, partial=answer.partial, targets=answer.targets,
    )  # fmt: skip
    return _rendered(whole, ground, source, "simulate", LabTongue(language), journal_head=answer.journal_head or "")


def render_compared(answer: CompareAnswer, ground: CityMap, source: Source, *, language: str = "en") -> str:
    """The page of ``tocsin compare`` as HTML text. Raises BadInput ``language`` for one that is not shipped."""
    return _rendered(answer, ground, source, "compare", LabTongue(language))


def _rendered(answer: CompareAnswer, ground: CityMap, source: Source, kind: str, tongue: LabTongue, *, journal_head: str = "") -> str:
    series = {one.name: one for one in series_of(list(answer.policies))}
    base = answer.policies[answer.base]
    curves = {name: reached_by_minute(one) for name, one in answer.policies.items()}
    return _PAGES.get_template("experiment.html.j2").render(
        answer=answer,
        base=base,
        source=source,
        kind=kind,
        enough=ENOUGH,
        tongue=tongue,
        t=tongue.say,
        n=tongue.numerals,
        series=series,
        key_mark=key_mark,
        partial=partial_told(answer.partial, answer.asked, list(answer.policies.values()), tongue.language) if answer.partial else [],
        targets=targets_told(answer.targets, tongue.language),
        verdicts=[(one, verdict(one, answer.base, tongue)) for one in answer.differences],
        did=_did(base, tongue) if not answer.differences else "",
        maps=list(_maps(answer, ground, tongue)),
        plots=_plots(answer, series, tongue),
        rows=figure_rows(answer.policies, tongue),
        prices=price_rows(answer, tongue),
        changes=change_rows(answer, tongue),
        areas=ranked_areas(base),
        hourly={name: hourly_late(one) for name, one in answer.policies.items()},
        curves=curves,
        minutes=shown_minutes(list(curves.values())) if all(curves.values()) else 0,
        stress=list(stress_tables(answer, tongue)),
        remarks=[tongue.remark(one.code, one.values) for one in answer.remarks],
        journal_head=journal_head,
    )


def verdict(one: Against, base: str, tongue: LabTongue) -> Verdict:
    """Whether fewer high calls were late: shown, or plainly not shown."""
    found = one.measures.get(HEADLINE)
    if found is None:
        return Verdict("empty", tongue.say("verdict_empty", policy=one.policy, base=base), "")
    if found.half_width is None:
        return Verdict("one", tongue.say("verdict_one", policy=one.policy, base=base), "")
    low, high = found.mean - found.half_width, found.mean + found.half_width
    if not found.is_shown:
        ends = {"low": tongue.of_kind(low, "points"), "high": tongue.of_kind(high, "points")}
        return Verdict("none", tongue.say("verdict_none", policy=one.policy, base=base, **ends), "")
    near, far = sorted((abs(low), abs(high)))
    ends = {"low": tongue.numerals.decimal(near * 100, 2), "high": tongue.numerals.decimal(far * 100, 2)}
    key: Literal["fewer", "more"] = "fewer" if found.mean < 0 else "more"
    text = tongue.say(f"verdict_{key}", policy=one.policy, base=base, value=tongue.numerals.decimal(abs(found.mean) * 100, 2), **ends)
    return Verdict(key, text, _relative(found, tongue))


def _relative(found: Difference, tongue: LabTongue) -> str:
    if found.relative is None:
        return ""
    return tongue.say("verdict_relative", value=tongue.percent_sign(tongue.signed(found.relative * 100, 1)))


def _did(figures: Figures, tongue: LabTongue) -> str:
    high, numerals = figures.high, tongue.numerals
    if high.late_share is None:
        return tongue.say("did_none")
    half = (high.half_widths or {}).get("late_share")
    return tongue.say(
        "did", n=numerals.count(high.n), late=numerals.count(high.late), share=numerals.percent(high.late_share),
        half=_share(high.late_share, half, figures.replications, tongue).removeprefix(numerals.percent(high.late_share)),
        p90=numerals.clock(high.p90_s),
    )  # fmt: skip


def _maps(answer: CompareAnswer, ground: CityMap, tongue: LabTongue) -> Iterator[tuple[str, CityDrawing]]:
    """What each map shows, and the map."""
    if not answer.differences:
        drawing = share_map(ground, answer.policies[answer.base], tongue)
        if drawing:
            yield tongue.say("map.about_share"), drawing
    for one in answer.differences[:MOST_MAPS]:
        drawing = change_map(ground, answer.base, one.policy, one.fairness.areas, tongue)
        if drawing:
            yield tongue.say("map.about_change", policy=one.policy, base=answer.base), drawing


def _plots(answer: CompareAnswer, looks: Mapping[str, Series], tongue: LabTongue) -> dict[str, Markup]:
    return {
        "differences": difference_plot(answer.base, answer.differences, looks, tongue) if answer.differences else Markup(""),
        "curve": curve_plot(answer.policies, looks, tongue),
        "areas": area_plot(answer.policies, answer.differences, looks, tongue),
        "hours": load_by_hour_plot(answer.policies, looks, tongue),
    }


def figure_rows(policies: Mapping[str, Figures], tongue: LabTongue) -> list[tuple[str, list[str]]]:
    """Every figure in words with its half-width, one column for each policy."""
    columns = [dict(_figures(one, tongue)) for one in policies.values()]
    return [(tongue.say(f"measure.{key}"), [column[key] for column in columns]) for key in columns[0]]


def _figures(one: Figures, tongue: LabTongue) -> Iterator[tuple[str, str]]:
    numerals, halves, high, low = tongue.numerals, one.half_widths or {}, one.high.half_widths or {}, one.low.half_widths or {}
    worst = f"{one.worst_area}, {numerals.percent(one.worst_area_late_share)}" if one.worst_area else numerals.decimal(None)
    yield "calls", numerals.count(one.calls)
    count = one.replications
    yield "high_late_share", _share(one.high.late_share, high.get("late_share"), count, tongue)
    yield "high_avoidable_late_share", _share(one.avoidable_late_share, halves.get("avoidable_late_share"), count, tongue)
    yield "floor_late_share", _share(one.floor_late_share, halves.get("floor_late_share"), count, tongue)
    yield "high_mean_s", _span(one.high.mean_s, high.get("mean_s"), count, tongue)
    yield "high_p90_s", _span(one.high.p90_s, high.get("p90_s"), count, tongue)
    yield "mean_response_s", _span(one.mean_response_s, halves.get("mean_response_s"), count, tongue)
    yield "low_mean_s", _span(one.low.mean_s, low.get("mean_s"), count, tongue)
    yield "low_late_share", _share(one.low.late_share, low.get("late_share"), count, tongue)
    yield "utilisation", _share(one.utilisation, halves.get("utilisation"), count, tongue)
    yield "return_min_per_call", tongue.say("minutes", value=_number(one.return_min_per_call, halves.get("return_min_per_call"), 1, tongue))
    yield "moves_per_unit_h", _number(one.moves_per_unit_h, halves.get("moves_per_unit_h"), 2, tongue)
    yield "diverted_per_day", _number(one.diverted_per_day, None, 1, tongue)
    yield "unreached", numerals.count(one.unreached)
    yield "longest_queue", numerals.count(one.longest_queue)
    yield "worst_area", worst
    yield "spread", _share(one.spread, halves.get("spread"), count, tongue)


def _share(value: float | None, half: float | None, count: int, tongue: LabTongue) -> str:
    """A percentage, and half its interval in percentage points."""

    def written(number: float | None) -> str:
        return tongue.say("points", value=tongue.numerals.decimal(100 * (number or 0.0)))

    if value is not None and is_beyond("points", value, half, count):
        return f"{tongue.numerals.percent(value)} {tongue.say('plus_minus', value='?')}"
    return tongue.numerals.percent(value) + _half(half, written, tongue)


def _number(value: float | None, half: float | None, places: int, tongue: LabTongue) -> str:
    def written(number: float | None) -> str:
        return tongue.numerals.decimal(number, places)

    return written(value) + _half(half, written, tongue)


def _half(half: float | None, written: Callable[[float | None], str], tongue: LabTongue) -> str:
    return f" {tongue.say('plus_minus', value=written(half))}" if half is not None else ""


def _span(value_s: float | None, half_s: float | None, count: int, tongue: LabTongue) -> str:
    def written(number: float | None) -> str:
        return tongue.say("seconds", value=tongue.numerals.decimal(number))

    if value_s is not None and is_beyond("seconds", value_s, half_s, count):
        return f"{tongue.numerals.clock(value_s)} {tongue.say('plus_minus', value='?')}"
    return tongue.numerals.clock(value_s) + _half(half_s, written, tongue)


def price_rows(answer: CompareAnswer, tongue: LabTongue) -> list[tuple[str, list[str]]]:
    """What each policy costs more than the base: a row for each measure of price, a column for each policy."""
    return _rows(answer, PRICE, tongue)


def change_rows(answer: CompareAnswer, tongue: LabTongue) -> list[tuple[str, list[str]]]:
    """Every difference with its interval and whether it was shown."""
    return _rows(answer, tuple(MEASURES), tongue)


def _rows(answer: CompareAnswer, keys: tuple[str, ...], tongue: LabTongue) -> list[tuple[str, list[str]]]:
    used = [key for key in keys if any(key in one.measures for one in answer.differences)]
    return [(tongue.say(f"measure.{key}"), [_cell(one.measures.get(key), key, tongue) for one in answer.differences]) for key in used]


def _cell(found: Difference | None, key: str, tongue: LabTongue) -> str:
    if found is None:
        return tongue.say("not_measured")
    kind = MEASURES[key]
    mark = "" if found.is_shown else f"; {tongue.say('not_shown')}"
    return f"{tongue.with_unit(found.mean, kind)} ({tongue.interval(found, kind)}){mark}"
