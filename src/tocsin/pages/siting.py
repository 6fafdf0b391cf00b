"""The page of ``tocsin site``: one HTML file that needs nothing else, with the city before and after."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import cos, radians
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tocsin.pages.map_plot import MOST_HEIGHT, WIDTH, Frame
from tocsin.pages.numerals import Numerals
from tocsin.pages.svg import hint, linear, path, tag, words
from tocsin.pages.svg import picture as drawn
from tocsin.views.experiment_answer import Figures, Pin
from tocsin.views.siting_answer import SiteAnswer, SiteMap, Spot
from tocsin.words import say

CLASSES = 5
MEASURES = ("high_late_share", "high_mean_s", "high_p90_s", "mean_response_s", "return_min_per_call")
"""What is avoidable is left out: it is counted from what stations reach, and they differ."""
RIM = 0.03

_PAGES = Environment(loader=PackageLoader("tocsin.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render(answer: SiteAnswer, city: SiteMap, *, language: str = "en") -> str:
    """The page as HTML text. Raises BadInput ``language`` for one that is not shipped."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"lab.siting.{key}", language, **values)

    edges_s = edges(answer.reach_s)
    frame = frame_of(city)
    return _PAGES.get_template("siting.html.j2").render(
        answer=answer, t=told, n=numerals, language=language,
        remarks=[say(f"lab.remark.{one.code}", language, **one.values) for one in answer.remarks],
        maps={
            "today": _map("today", city, frame, edges_s, (told, numerals)),
            "chosen": _map("chosen", city, frame, edges_s, (told, numerals)),
        },
        legend=_legend(edges_s, (told, numerals)),
        reach=_reach_plot(answer, (told, numerals)),
        figure=lambda value: figure(answer.goal, value, numerals), loss=lambda value: lost(answer.goal, value, numerals, language),
        warnings=list(warnings(answer, language)),
        days=days_told(answer.simulated.asked.days, numerals) if answer.simulated is not None else "",
        changes=_changes(answer, (told, numerals)),
        caveats=list(caveats(answer, language)),
    )  # fmt: skip


def figure(goal: str, value: float | None, numerals: Numerals) -> str:
    """An objective's value: minutes for the p-median, else a share."""
    if value is None:
        return numerals.decimal(None)
    return numerals.clock(value) if goal == "p-median" else numerals.percent(value, 2)


def days_told(days: float, numerals: Numerals) -> str:
    """``7``, ``1.5``."""
    return numerals.decimal(days, 0 if days == int(days) else 1)


def lost(goal: str, value: float | None, numerals: Numerals, language: str) -> str:
    """A difference of two values: points where they are shares, never per cent of one of them."""
    if value is None or goal == "p-median":
        return figure(goal, value, numerals)
    return f"{numerals.decimal(100 * value, 2)} {say('lab.siting.points', language)}"


def warnings(answer: SiteAnswer, language: str) -> Iterator[str]:
    """What is to be read before anything else: that it was stopped, and that today's stations are better."""
    numerals = Numerals(language)
    if answer.partial is not None and answer.partial.code == "cancelled":
        done = answer.simulated.replications if answer.simulated is not None else 0
        asked = answer.simulated.asked.replications if answer.simulated is not None else 0
        at = answer.partial.values["at"] if not done else "pairs"
        yield say(f"lab.siting.stopped_{at}", language, done=done, asked=asked)
    if answer.is_worse_than_today:
        values = {"chosen": figure(answer.goal, answer.objective, numerals), "today": figure(answer.goal, answer.today, numerals)}
        less = lost(answer.goal, abs(answer.objective - (answer.today or 0.0)), numerals, language)
        counts = {"stations": len(answer.stations), "count": answer.today_stations}
        yield say(f"lab.siting.worse_{answer.goal}", language, less=less, **values, **counts)


def edges(reach_s: float) -> list[float]:
    """Of the colours: the reach in the middle, the others at even steps of it, in whole half minutes."""
    step = max(round(reach_s / 3 / 30), 1) * 30
    return [max(reach_s - step, reach_s / 2), reach_s, reach_s + step, reach_s + 2 * step]


def frame_of(city: SiteMap) -> Frame:
    """Everything with demand and a small rim."""
    lons, lats = [one.lon for one in city.spots], [one.lat for one in city.spots]
    west, east, south, north = min(lons), max(lons), min(lats), max(lats)
    wide, high = max(east - west, 1e-4), max(north - south, 1e-4)
    west, east, south, north = west - RIM * wide, east + RIM * wide, south - RIM * high, north + RIM * high
    squeeze = cos(radians((south + north) / 2))
    per_degree = min(WIDTH / ((east - west) * squeeze), MOST_HEIGHT / (north - south))
    return Frame(west, north, east, south, per_degree * squeeze, per_degree)


Speech = tuple[Any, Numerals]


def _map(name: str, city: SiteMap, frame: Frame, edges_s: Sequence[float], speech: Speech) -> Markup:
    """Places coloured by the drive from the nearest station; a line around what is reached in time; stations on top."""
    told, _ = speech
    is_after = name == "chosen"
    pins, rings = (city.chosen, city.chosen_rings) if is_after else (city.today, city.today_rings)
    inside = [
        *_spots(city.spots, frame, edges_s, speech, is_after=is_after),
        *(path([(frame.x(lon), frame.y(lat)) for lon, lat in ring], "reach-line", closed=True) for ring in rings),
        *(_others(city.candidates, frame) if is_after else ()),
        *_pins(pins, {(one.lon, one.lat) for one in city.today}, frame),
    ]
    return drawn(f"map-{name}", frame.size, told(f"map_{name}"), told("map_about", places=len(city.spots), stations=len(pins)), inside)


def _spots(spots: Sequence[Spot], frame: Frame, edges_s: Sequence[float], speech: Speech, *, is_after: bool) -> Iterator[Markup]:
    """By area as much as they have demand, within reason."""
    told, numerals = speech
    most = max(one.share for one in spots)
    for one in spots:
        drive_ms = one.chosen_ms if is_after else one.today_ms
        shade = CLASSES - 1 if drive_ms < 0 else sum(1 for edge in edges_s if drive_ms > edge * 1000)
        text = told("no_way") if drive_ms < 0 else numerals.clock(drive_ms / 1000)
        radius = 1.5 + 4.5 * (one.share / most) ** 0.5
        yield tag("circle", hint(text), cx=frame.x(one.lon), cy=frame.y(one.lat), r=radius, class_=f"q{shade}")


def _others(places: Sequence[tuple[float, float]], frame: Frame) -> Iterator[Markup]:
    return (tag("circle", cx=frame.x(lon), cy=frame.y(lat), r=3.0, class_="few") for lon, lat in places)


def _pins(pins: Sequence[Pin], today: set[tuple[float, float]], frame: Frame) -> Iterator[Markup]:
    """Today's stations are square, new ones round."""
    for one in pins:
        x, y = frame.x(one.lon), frame.y(one.lat)
        if (one.lon, one.lat) in today:
            yield tag("rect", hint(one.name), x=x - 5.0, y=y - 5.0, width=10.0, height=10.0, class_="station")
        else:
            yield tag("circle", hint(one.name), cx=x, cy=y, r=6.5, class_="station new")
            yield words(one.name, x + 9, y + 4, "station-name")


def _legend(edges_s: Sequence[float], speech: Speech) -> list[tuple[int, str]]:
    told, numerals = speech
    between = [f"{numerals.clock(low)}–{numerals.clock(high)}" for low, high in pairwise(edges_s)]
    texts = [told("under", value=numerals.clock(edges_s[0])), *between, told("over", value=numerals.clock(edges_s[-1]))]
    return list(enumerate(texts))


def _reach_plot(answer: SiteAnswer, speech: Speech) -> Markup:
    """Share of demand by minutes of drive, before and after."""
    told, numerals = speech
    minutes = len(answer.reach.chosen)
    x, y = linear(0, minutes, 60, 900), linear(0, 1, 250, 20)
    inside: list[Markup] = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        inside.append(tag("line", x1=x(0), x2=x(minutes), y1=y(share), y2=y(share), class_="grid"))
        inside.append(words(numerals.percent(share, 0), x(0) - 8, y(share) + 5, "tick", "end"))
    for minute in range(0, minutes + 1, 5):
        inside.append(words(str(minute), x(minute), 270.0, "tick", "middle"))
    target = answer.reach_s / 60
    if target <= minutes:
        inside.append(tag("line", x1=x(target), x2=x(target), y1=y(0), y2=y(1), class_="mark target"))
        inside.append(words(told("reach_mark", value=numerals.clock(answer.reach_s)), x(target) + 6, y(0) - 8, "label target"))
    for shares, class_ in ((answer.reach.today, "p50"), (answer.reach.chosen, "p90")):
        inside.append(path([(x(0), y(0)), *((x(minute), y(share)) for minute, share in enumerate(shares, 1))], f"line {class_}"))
    return drawn("reach", (920.0, 290.0), told("reach_title"), told("reach_about"), inside)


def _changes(answer: SiteAnswer, speech: Speech) -> list[tuple[str, str, str, str, str]]:
    """Rows of the simulated effect: measure, today, chosen, difference."""
    return list(effects(answer, *speech)) if answer.simulated is not None else []


def caveats(answer: SiteAnswer, language: str) -> Iterator[str]:
    """Who pays for it, and whether the simulation came to its end."""
    if answer.simulated is None:
        return
    fair, partial = answer.simulated.differences[0].fairness, answer.simulated.partial
    if partial is not None and partial.code != "cancelled":
        yield say(f"lab.experiment.partial_{partial.code}", language, **{"bearable_load": "–", **partial.values})
    values = {
        "points": Numerals(language).decimal(fair.points),
        "worse": len(fair.worse),
        "of": len(fair.areas),
        "names": "; ".join(fair.worse),
    }
    yield say("lab.siting.worse_areas" if fair.worse else "lab.siting.no_worse_areas", language, **values)


def effects(answer: SiteAnswer, told: Any, numerals: Numerals) -> Iterator[tuple[str, str, str, str, str]]:
    """Measure, today, chosen, difference with its interval, and whether that is shown: not where 0 lies within it."""
    if answer.simulated is None:
        return
    before, after = answer.simulated.policies["today"], answer.simulated.policies["chosen"]
    for name in MEASURES:
        one = answer.simulated.differences[0].measures.get(name)
        if one is None:
            continue
        values = [_value(name, of) for of in (before, after)]
        is_share, is_time = name.endswith("share"), name.endswith("_s")
        scale, unit = (100.0, told("points")) if is_share else (1.0, "s" if is_time else told("minutes"))
        write = numerals.percent if is_share else numerals.clock if is_time else numerals.decimal
        half = "" if one.half_width is None else f" ± {numerals.decimal(one.half_width * scale)}"
        change = f"{'+' if one.mean > 0 else ''}{numerals.decimal(one.mean * scale).replace('-', '−')}{half} {unit}"
        verdict = "one_pair" if one.half_width is None else "is_shown" if one.is_shown else "not_shown"
        yield told(name), *(write(value) for value in values), change, told(verdict)


def _value(name: str, one: Figures) -> float | None:
    """Of one of ``MEASURES``."""
    high = {"high_late_share": one.high.late_share, "high_mean_s": one.high.mean_s, "high_p90_s": one.high.p90_s}
    return (high | {"mean_response_s": one.mean_response_s, "return_min_per_call": one.return_min_per_call})[name]
