"""The report's page: one HTML file that needs nothing else. Words from the catalogue, numbers from the answer, plots drawn here."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from tocsin.base.quantities import Seconds
from tocsin.pages.map_plot import LEAST, MapDrawing, Streets, map_plot
from tocsin.pages.spread_plot import spread_plot
from tocsin.pages.svg import tag
from tocsin.pages.time_plots import day_plot, hour_plot, load_plot, week_plot
from tocsin.pages.tongue import Tongue
from tocsin.views.report_answer import INTERVALS, Group, ReportAnswer

MOST_GROUPS = 12
MOST_UNITS = 15
MOST_LISTED = 500
"""Rows that a table shows at first; the rest of types and areas is folded away, long lists of records end with their count."""

_PAGES = Environment(loader=PackageLoader("tocsin.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render(answer: ReportAnswer, *, language: str = "en", streets: Streets | None = None) -> str:
    """The page as HTML text.

    ``streets`` are lines of [longitude, latitude] drawn faintly below the map's cells; the main roads of a city are enough.
    Raises BadInput ``language`` (not shipped) or ``streets_form``.
    """
    tongue = Tongue(language)
    drawing = map_plot(answer, streets or (), tongue)
    return _PAGES.get_template("report.html.j2").render(
        answer=answer,
        tongue=tongue,
        t=tongue.say,
        code=tongue.code,
        told=tongue.told,
        n=tongue.numerals,
        clock=lambda value_s: _clock(value_s, tongue),
        exact=lambda value_s: _exact(value_s, tongue),
        plots=_plots(answer, tongue, drawing),
        legend=_legend(drawing, tongue),
        outside=drawing.outside if drawing else 0,
        reach_s=_reach_s((*answer.by_type, *answer.by_area, *answer.by_priority)),
        range_bar=_range_bar,
        intervals=INTERVALS,
        per={"answering": "per_call", "turnout": "per_unit", "travel": "per_unit"},
        limits={"groups": MOST_GROUPS, "units": MOST_UNITS, "listed": MOST_LISTED, "least": LEAST},
    )


def _plots(answer: ReportAnswer, tongue: Tongue, drawing: MapDrawing | None) -> dict[str, Any]:
    total = answer.intervals["total_response"]
    return {
        "spread": {name: spread_plot(name, one, tongue) for name, one in answer.intervals.items() if one.n},
        "hours": hour_plot(answer.by_hour, total.target_s, tongue),
        "week": week_plot(answer.by_weekday_hour, tongue),
        "load": load_plot(answer.concurrency, tongue),
        "days": day_plot(answer.by_day, tongue) if answer.by_day else "",
        "map": drawing.picture if drawing else "",
    }


def _clock(value_s: Seconds | None, tongue: Tongue) -> Markup:
    """Minutes and seconds for people, the exact span for machines."""
    text = escape(tongue.numerals.clock(value_s))
    return (
        text if value_s is None else Markup('<time datetime="PT{}S">{}</time>').format(f"{value_s:g}" if value_s < 1e6 else value_s, text)
    )


def _exact(value_s: Seconds | None, tongue: Tongue) -> Markup:
    """Seconds as the answer has them."""
    text = escape(tongue.numerals.exact_s(value_s))
    return text if value_s is None else Markup('<data value="{}">{}</data>').format(value_s, text)


def _legend(drawing: MapDrawing | None, tongue: Tongue) -> list[tuple[int, str]]:
    """Class and words of each colour on the map."""
    if drawing is None or not drawing.edges_s:
        return []
    clock, edges = tongue.numerals.clock, drawing.edges_s
    between = [f"{clock(low)}–{clock(high)}" for low, high in pairwise(edges)]
    texts = [tongue.say("area.under", value=clock(edges[0])), *between, tongue.say("area.over", value=clock(edges[-1]))]
    return list(enumerate(texts))


def _reach_s(groups: Sequence[Group]) -> float:
    """Where the range bars end: the longest 90th percentile among groups that hold enough samples to be shown."""
    values = [one.intervals["total_response"] for one in groups]
    return max((one.p90_s for one in values if one.n >= LEAST and one.p90_s is not None), default=1.0) or 1.0


def _range_bar(group: Group, reach_s: float) -> Markup:
    """From half to 9 of 10, on one scale for the whole page. Nothing for a group with too few samples."""
    total = group.intervals["total_response"]
    if total.n < LEAST or total.p50_s is None or total.p90_s is None:
        return Markup("")
    start, end = total.p50_s / reach_s * 150 + 4, min(total.p90_s / reach_s, 1.0) * 150 + 4
    return tag(
        "svg",
        [
            tag("line", x1=4, x2=154, y1=8, y2=8, class_="rail"),
            tag("line", x1=start, x2=end, y1=8, y2=8, class_="range"),
            tag("circle", cx=start, cy=8, r=3.5, class_="head p50"),
            tag("rect", x=end - 3.5, y=4.5, width=7.0, height=7.0, class_="head p90"),
        ],
        xmlns="http://www.w3.org/2000/svg", viewBox="0 0 160 16", class_="range-bar", aria_hidden="true",
    )  # fmt: skip
