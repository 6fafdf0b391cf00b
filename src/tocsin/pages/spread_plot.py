"""How long something took: a histogram with the median, the 90th percentile and the target marked."""

from collections.abc import Iterator

from markupsafe import Markup

from tocsin.pages.svg import Scale, hint, linear, picture, tag, time_ticks, words
from tocsin.pages.tongue import Tongue
from tocsin.views.report_answer import Bin, IntervalAnswer, IntervalName

WIDTH, HEIGHT = 480.0, 178.0
LEFT, RIGHT, TOP, BASE = 4.0, 476.0, 62.0, 148.0
LETTER = 7.4
"""Mean width of a letter at 14 px, enough to decide on which side of its mark a label fits."""


def spread_plot(name: IntervalName, interval: IntervalAnswer, tongue: Tongue) -> Markup:
    """The card's plot. The last bar, set apart, holds all samples beyond the axis."""
    closed = [one for one in interval.histogram if one.to_s is not None]
    beyond = next((one for one in interval.histogram if one.to_s is None), None)
    high_s = max([float(one.to_s or 0) for one in closed] + [float(interval.target_s or 0), 1.0])
    end = RIGHT - 30 if beyond else RIGHT
    x = linear(0, high_s, LEFT, end)
    title = f"{tongue.say(f'interval.{name}')}: {tongue.say('card.plot')}"
    clock = tongue.numerals.clock
    about = tongue.say(
        "card.plot_desc", interval=tongue.say(f"interval.{name}"), n=tongue.numerals.count(interval.n),
        p50=clock(interval.p50_s), p90=clock(interval.p90_s),
    )  # fmt: skip
    inside = [*_bars(closed, beyond, x, tongue), *_axis(high_s, x, end, tongue), *_marks(interval, x, end, tongue)]
    return picture(f"spread-{name}", (WIDTH, HEIGHT), title, about, inside)


def _bars(closed: list[Bin], beyond: Bin | None, x: Scale, tongue: Tongue) -> Iterator[Markup]:
    most = max([one.n for one in closed] + [beyond.n if beyond else 0, 1])
    y = linear(0, most, BASE, TOP)
    for one in closed:
        if one.n and one.to_s is not None:
            left, right, top = x(one.from_s), x(one.to_s), min(y(one.n), BASE - 0.8)
            yield tag("rect", x=left + 0.4, y=top, width=max(right - left - 0.8, 0.6), height=BASE - top, class_="bar")
    if beyond:
        top = min(y(beyond.n), BASE - 0.8)
        label = tongue.say("card.beyond", **{"from": tongue.numerals.clock(beyond.from_s)}, n=tongue.numerals.count(beyond.n))
        yield tag("rect", hint(label), x=RIGHT - 16, y=top, width=14.0, height=BASE - top, class_="bar beyond")


def _axis(high_s: float, x: Scale, end: float, tongue: Tongue) -> Iterator[Markup]:
    yield tag("line", x1=LEFT, x2=end, y1=BASE, y2=BASE, class_="axis")
    for tick in time_ticks(high_s):
        anchor = "start" if tick == 0 else "middle"
        if x(tick) + 22 <= (end if end == RIGHT else RIGHT - 66):
            yield tag("line", x1=x(tick), x2=x(tick), y1=BASE, y2=BASE + 4, class_="axis")
            yield words(tongue.numerals.clock(tick), x(tick), BASE + 20, "tick", anchor)
    if end < RIGHT:
        yield tag("line", x1=RIGHT - 18, x2=RIGHT, y1=BASE, y2=BASE, class_="axis")
        yield words(f"> {tongue.numerals.clock(high_s)}", RIGHT, BASE + 20, "tick", "end")


def _marks(interval: IntervalAnswer, x: Scale, end: float, tongue: Tongue) -> Iterator[Markup]:
    """Three marks that differ in line, head and row, not in colour alone; each label has a row of its own, so none can cover another."""
    rows = (("p50", interval.p50_s, 14.0), ("p90", interval.p90_s, 33.0), ("target", interval.target_s, 52.0))
    for kind, value_s, row in rows:
        if value_s is None:
            continue
        at = min(x(value_s), RIGHT - 9)
        label = tongue.say(f"card.mark_{kind}", value=tongue.numerals.clock(value_s))
        fits = at + 10 + len(label) * LETTER < WIDTH
        yield tag("line", x1=at, x2=at, y1=row - 10, y2=BASE, class_=f"mark {kind}")
        yield _head(kind, at, row - 5)
        yield words(label, at + 9 if fits else at - 9, row, f"label {kind}", "start" if fits else "end")


def _head(kind: str, x: float, y: float) -> Markup:
    if kind == "p50":
        return tag("circle", cx=x, cy=y, r=4.0, class_=f"head {kind}")
    if kind == "p90":
        return tag("rect", x=x - 4, y=y - 4, width=8.0, height=8.0, class_=f"head {kind}")
    return tag("path", d=f"M{x - 5:.1f} {y - 5:.1f}H{x + 5:.1f}L{x:.1f} {y + 5:.1f}Z", class_=f"head {kind}")
