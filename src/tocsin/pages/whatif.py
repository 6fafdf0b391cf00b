"""The page of a what-if: one HTML file that needs nothing else. First how far it can be trusted, then what the changes do."""

from collections.abc import Iterator, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tocsin.pages.numerals import Numerals
from tocsin.pages.svg import Scale, hint, linear, picture, tag, words
from tocsin.views.whatif_answer import Between, Group, StationTold, WhatifAnswer
from tocsin.words import say

MOST_PLOTTED = 40
ROW, TOP, AXIS, GAP = 22.0, 24.0, 540.0, 12.0
LETTER = 7.8
"""Width of one at the size of the plots, on the wide side."""
LONGEST_NAME = 28
ONE_IN = 0.05
"""As often 0 lies outside an interval of 95 % by chance alone."""
COUNTED = frozenset({"count", "drives", "constant_s", "plain_constant_s"})
FACTORS = frozenset({"factor", "plain_factor"})

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
        clock=clock,
        changes=[say(f"lab.whatif.change.{one.code}", language, **one.values) for one in answer.changes],
        stations=[around(name, one, language) for name, one in answer.stations.items()],
        warnings=warnings(answer, language),
        assumptions=assumptions(answer, language),
        targets=targets(answer, language),
        seconds=lambda one: seconds_between(one, language),
        points=lambda one: points_between(one, language),
        area=lambda name: area_named(answer, name, language),
        plot=area_plot(answer, language),
    )


def assumptions(answer: WhatifAnswer, language: str) -> list[str]:
    """What was assumed, as sentences."""
    numerals = Numerals(language)

    def told(key: str, **values: object) -> str:
        return say(f"lab.whatif.{key}", language, **values)

    def value(name: str, text: str) -> str:
        return numerals.count(int(text)) if name in COUNTED else numerals.decimal(float(text), 2) if name in FACTORS else text

    lines = [told(f"intervals.{answer.resampled or 'none'}", replications=numerals.count(answer.replications))]
    if answer.resampled and len(answer.areas) * ONE_IN >= 1:
        by_chance = round(len(answer.areas) * ONE_IN)
        lines.append(told("by_chance", areas=numerals.count(len(answer.areas)), count=numerals.count(by_chance)))
    lines += [told(f"remark.{one.code}", **{name: value(name, text) for name, text in one.values.items()}) for one in answer.remarks]
    if answer.unreached_base or answer.unreached_changed:
        base, changed = numerals.count(answer.unreached_base), numerals.count(answer.unreached_changed)
        lines.append(told("unreached", base=base, changed=changed))
    return lines


def warnings(answer: WhatifAnswer, language: str) -> list[str]:
    """What cuts the figures short: it is read before them."""
    if answer.partial is None:
        return shortfalls(answer, language)
    done, asked = (Numerals(language).count(count) for count in (answer.replications, answer.replications_asked))
    return [say(f"lab.whatif.partial.{answer.partial.code}", language, done=done, asked=asked), *shortfalls(answer, language)]


def shortfalls(answer: WhatifAnswer, language: str) -> list[str]:
    """Calls that the figures lack, though nobody stopped the run."""
    lines = [say("lab.whatif.overloaded", language)] if answer.is_overloaded else []
    if answer.newly_unreached:
        numerals = Numerals(language)
        where = ", ".join(f"{area_named(answer, name, language)} {numerals.count(count)}" for name, count in answer.newly_unreached.items())
        count = numerals.count(sum(answer.newly_unreached.values()))
        lines.append(say("lab.whatif.newly_unreached", language, count=count, where=where))
    return lines


def targets(answer: WhatifAnswer, language: str) -> list[tuple[str, str, str]]:
    """Priority, what is late, and who says so."""
    sources = answer.targets_source
    return [(name, clock(target_s), say(f"lab.whatif.target.{sources[name]}", language)) for name, target_s in answer.targets_s.items()]


def around(name: str, one: StationTold, language: str) -> str:
    """What becomes of a station, and which areas it serves."""

    def told(key: str, **values: object) -> str:
        return say(f"lab.whatif.station.{key}", language, **values)

    nobody = told("nobody")
    areas = ", ".join(area or say("cli.whatif.no_area", language) for area in one.areas)
    before, after = (", ".join(unit for unit in side if unit not in one.posted) or nobody for side in (one.units_base, one.units_changed))
    values = {"station": name, "before": before, "after": after}
    lines = [told("closed" if one.is_closed else "changed", **values), told("areas", areas=areas)]
    if one.is_closed and one.posted:
        lines.append(told("posted", units=", ".join(one.posted)))
    if one.around is None:
        lines.append(told("no_calls"))
    return " ".join(lines)


def area_named(answer: WhatifAnswer, name: str, language: str) -> str:
    """With a sign where a station that changes serves it."""
    shown = name or say("cli.whatif.no_area", language)
    return f"◆ {shown}" if name in served(answer) else shown


def served(answer: WhatifAnswer) -> frozenset[str]:
    """Areas of the stations that change."""
    return frozenset(area for one in answer.stations.values() for area in one.areas)


def clock(seconds: float | None) -> str:
    """``17:07`` minutes and seconds, from an hour on ``1:17:07``; halves up; a dash for None."""
    if seconds is None:
        return "–"
    whole = int(seconds + 0.5)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def seconds_between(one: Between, language: str) -> str:
    """``+12.0 (3.0 … 21.0)``; an approximate sign before what may be chance, and what is too few to say told in words."""
    numerals = Numerals(language)
    mean = signed(one.mean, numerals)
    if one.low is None or one.high is None or one.is_few:
        return f"≈ {mean} ({say('cli.whatif.few', language)})"
    return f"{'' if one.is_shown else '≈ '}{mean} ({signed(one.low, numerals)} … {signed(one.high, numerals)})"


def points_between(one: Between, language: str) -> str:
    """The same in percentage points."""
    low, high = (None if end is None else end * 100 for end in (one.low, one.high))
    return seconds_between(Between(one.mean * 100, low, high, one.is_shown, one.is_few), language)


def signed(value: float, numerals: Numerals, places: int = 1) -> str:
    """With a sign as wide as a plus; none where nothing is left of it by rounding."""
    text = numerals.decimal(abs(value), places)
    return text if not round(value, places) else f"{'+' if value > 0 else '−'}{text}"


def plotted(answer: WhatifAnswer) -> list[tuple[str, Group]]:
    """The areas in their order; of too many those that a change touches, those that lose and gain most, and none else."""
    rows = list(answer.areas.items())
    if len(rows) <= MOST_PLOTTED:
        return rows
    own = served(answer)
    ends = [nth for pair in zip(range(len(rows)), range(len(rows) - 1, -1, -1), strict=True) for nth in pair]
    first = sorted(dict.fromkeys(ends), key=lambda nth: rows[nth][0] not in own)
    return [rows[nth] for nth in sorted(first[:MOST_PLOTTED])]


def area_plot(answer: WhatifAnswer, language: str) -> Markup | None:
    """A dot with its interval for each area; hollow where it may be chance. None with one area."""
    rows = [(area_named(answer, name, language), one) for name, one in plotted(answer)]
    if len(rows) < 2:
        return None
    ends = [value for _, one in rows for value in _ends(one.mean_s)]
    reach = max(1.0, *(abs(value) for value in ends))
    left = GAP + LETTER * max(len(_short(name)) for name, _ in rows)
    width = left + AXIS + GAP + LETTER * max(len(seconds_between(one.mean_s, language)) for _, one in rows)
    x = linear(-reach, reach, left, left + AXIS)
    height = TOP + ROW * len(rows) + 10
    title = say("cli.whatif.plot", language)
    return picture("whatif", (width, height), title, title, _marks(rows, x, height, reach, language))


def _ends(one: Between) -> list[float]:
    """What is drawn of a change: without its interval where that means nothing."""
    return [one.mean] if one.low is None or one.high is None or one.is_few else [one.low, one.mean, one.high]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _marks(rows: Sequence[tuple[str, Group]], x: Scale, height: float, reach: float, language: str) -> Iterator[Markup]:
    numerals = Numerals(language)
    for value in (-reach, 0.0, reach):
        yield tag("line", x1=x(value), y1=TOP, x2=x(value), y2=height, class_="zero" if value == 0 else "grid")
        yield words(f"{signed(value, numerals, 0)} s", x(value), TOP - 8, "tick", "middle")
    for nth, (name, one) in enumerate(rows):
        y, change = TOP + ROW * (nth + 0.6), one.mean_s
        yield words(_short(name), x(-reach) - GAP, y + 4, "", "end")
        yield words(seconds_between(change, language), x(reach) + GAP, y + 4, "tick")
        about, ends = hint(f"{name}: {seconds_between(change, language)}"), _ends(change)
        if len(ends) > 1:
            yield tag("line", about, x1=x(ends[0]), y1=y, x2=x(ends[-1]), y2=y, class_="whisker s1")
        yield tag("circle", about, cx=x(change.mean), cy=y, r=4.5, class_="dot s1" + ("" if change.is_shown else " hollow"))
