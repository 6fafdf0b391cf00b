"""The page of a what-if: one HTML file that needs nothing else. First how far it can be trusted, then what the changes do."""

from collections.abc import Iterator, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tocsin.pages.numerals import Numerals
from tocsin.pages.svg import Scale, hint, linear, picture, tag, words
from tocsin.views.whatif_answer import Between, Group, WhatifAnswer
from tocsin.words import say

MOST_PLOTTED = 40
ROW, TOP, LEFT, RIGHT, WIDTH = 22.0, 24.0, 150.0, 700.0, 860.0
LONGEST_NAME = 18

_PAGES = Environment(loader=PackageLoader("tocsin.pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def render(answer: WhatifAnswer, *, language: str = "en") -> str:
    """The page as HTML text. Raises BadInput ``language``."""

    def told(key: str, **values: object) -> str:
        return say(f"cli.whatif.{key}", language, **values)

    return _PAGES.get_template("whatif.html.j2").render(
        answer=answer,
        language=language,
        t=told,
        n=Numerals(language),
        changes=[say(f"lab.whatif.change.{one.code}", language, **one.values) for one in answer.changes],
        assumptions=assumptions(answer, language),
        seconds=lambda one: seconds_between(one, language),
        points=lambda one: points_between(one, language),
        plot=area_plot(answer, language),
        areas=ranked(answer),
    )


def assumptions(answer: WhatifAnswer, language: str) -> list[str]:
    """What was assumed, as sentences; what cuts the figures short comes first."""
    lines = [say("lab.whatif.overloaded", language)] if answer.is_overloaded else []
    lines.append(say(f"lab.whatif.targets.{answer.targets_source}", language))
    lines.append(say(f"lab.whatif.intervals.{answer.resampled or 'none'}", language, replications=answer.replications))
    lines += [say(f"lab.whatif.remark.{one.code}", language, **one.values) for one in answer.remarks]
    if answer.unreached_base or answer.unreached_changed:
        lines.append(say("lab.whatif.unreached", language, base=answer.unreached_base, changed=answer.unreached_changed))
    return lines


def seconds_between(one: Between, language: str) -> str:
    """``+12.0 (3.0 … 21.0)``; an approximate sign before what may be chance."""
    numerals = Numerals(language)
    mean = f"{'+' if one.mean > 0 else ''}{numerals.decimal(one.mean, 1)}"
    if one.low is None or one.high is None:
        return mean
    return f"{'' if one.is_shown else '≈ '}{mean} ({numerals.decimal(one.low, 1)} … {numerals.decimal(one.high, 1)})"


def points_between(one: Between, language: str) -> str:
    """The same in percentage points."""
    scaled = Between(one.mean * 100, None if one.low is None else one.low * 100, None if one.high is None else one.high * 100, one.is_shown)
    return seconds_between(scaled, language)


def ranked(answer: WhatifAnswer) -> list[tuple[str, Group]]:
    """Areas: those that lose most beyond chance first, then those that gain most, then the rest by name."""
    order = sorted(answer.areas, key=lambda name: (not answer.areas[name].mean_s.is_shown, -answer.areas[name].mean_s.mean, name))
    return [(name, answer.areas[name]) for name in order]


def area_plot(answer: WhatifAnswer, language: str) -> Markup | None:
    """A dot with its interval for each area; hollow where it may be chance. None with one area."""
    rows = ranked(answer)[:MOST_PLOTTED]
    if len(rows) < 2:
        return None
    ends = [value for _, one in rows for value in (one.mean_s.mean, one.mean_s.low, one.mean_s.high) if value is not None]
    reach = max(1.0, *(abs(value) for value in ends))
    x = linear(-reach, reach, LEFT, RIGHT)
    height = TOP + ROW * len(rows) + 10
    title = say("cli.whatif.plot", language)
    return picture("whatif", (WIDTH, height), title, title, _marks(rows, x, height, reach, language))


def _marks(rows: Sequence[tuple[str, Group]], x: Scale, height: float, reach: float, language: str) -> Iterator[Markup]:
    numerals = Numerals(language)
    for value in (-reach, 0.0, reach):
        yield tag("line", x1=x(value), y1=TOP, x2=x(value), y2=height, class_="zero" if value == 0 else "grid")
        yield words(f"{'+' if value > 0 else ''}{numerals.decimal(value, 0)} s", x(value), TOP - 8, "tick", "middle")
    for nth, (name, one) in enumerate(rows):
        y, change = TOP + ROW * (nth + 0.6), one.mean_s
        shown = name or say("cli.whatif.no_area", language)
        yield words(shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1]}…", LEFT - 12, y + 4, "", "end")
        yield words(seconds_between(change, language), RIGHT + 12, y + 4, "tick")
        about = hint(f"{shown}: {seconds_between(change, language)}")
        if change.low is not None and change.high is not None:
            yield tag("line", about, x1=x(change.low), y1=y, x2=x(change.high), y2=y, class_="whisker s1")
        yield tag("circle", about, cx=x(change.mean), cy=y, r=4.5, class_="dot s1" + ("" if change.is_shown else " hollow"))
