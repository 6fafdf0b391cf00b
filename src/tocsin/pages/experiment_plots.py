"""Plots of an experiment: differences with intervals, how soon calls were reached, areas, hours of the day."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from markupsafe import Markup

from tocsin.pages.experiment_words import MEASURES, LabTongue, Series
from tocsin.pages.svg import Scale, hint, linear, path, picture, tag, words
from tocsin.pages.time_plots import LEFT, WIDTH, columns, end_labels, levels
from tocsin.views.experiment_answer import Against, Figures

ROW = 26.0
PLOT_LEFT, PLOT_RIGHT = 190.0, 640.0
STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
MOST_AREAS = 40
"""More areas than this are in the table only."""
ENOUGH_REACHED = 0.985
LETTER = 7.6
ELSEWHERE = ("return_min_per_call", "moves_per_unit_h", "utilisation")
"""Told as the price: half as much driving again would crowd all else into the middle of the axis."""
CURVE_END = 830.0
"""Right of it stand the names of policies."""


def mark(look: int, x: float, y: float, *, is_filled: bool = True) -> Markup:
    """A policy's mark: its own shape beside its own colour, hollow where nothing was shown."""
    class_ = f"dot s{look}" + ("" if is_filled else " hollow")
    if look == 0:
        return tag("circle", cx=x, cy=y, r=5.0, class_=class_)
    shapes = {
        1: f"M{x - 4.6:.1f} {y - 4.6:.1f}h9.2v9.2h-9.2Z",
        2: f"M{x:.1f} {y - 5.8:.1f}L{x + 5.6:.1f} {y + 4.6:.1f}H{x - 5.6:.1f}Z",
        3: f"M{x:.1f} {y - 6:.1f}L{x + 6:.1f} {y:.1f}L{x:.1f} {y + 6:.1f}L{x - 6:.1f} {y:.1f}Z",
        4: f"M{x:.1f} {y + 5.8:.1f}L{x + 5.6:.1f} {y - 4.6:.1f}H{x - 5.6:.1f}Z",
    }
    return tag("path", d=shapes.get(look, f"M{x - 6:.1f} {y - 2.6:.1f}h12v5.2h-12Z"), class_=class_)


def key_mark(look: int) -> Markup:
    """The mark for a legend, with a piece of its line."""
    inside = [tag("line", x1=0, x2=30, y1=8, y2=8, class_=f"line s{look}"), mark(look, 15, 8)]
    return tag("svg", inside, xmlns="http://www.w3.org/2000/svg", viewBox="0 0 30 16", class_="key-mark", aria_hidden="true")


# Differences.


def difference_plot(base: str, against: Sequence[Against], series: Mapping[str, Series], tongue: LabTongue) -> Markup:
    """One row for each measure and policy, all on one axis: the change as a share of what the base has."""
    rows = [(key, one) for key in MEASURES if key not in ELSEWHERE for one in against if _relative(one, key) is not None]
    reach = max([abs(relative[0]) + relative[1] for key, one in rows if (relative := _relative(one, key))] + [0.01])
    step = next((step for step in STEPS if reach / step <= 4), STEPS[-1])
    reach = min(-(-reach // step), 8) * step
    x = linear(-reach, reach, PLOT_LEFT, PLOT_RIGHT)
    keys = [key for key in MEASURES if any(row[0] == key for row in rows)]
    height = 34 + (len(keys) + len(rows)) * ROW
    inside = [*_share_axis(reach, step, x, height, tongue)]
    y = 44.0
    for key in keys:
        inside.append(words(tongue.say(f"measure.{key}"), 4, y, "row-head"))
        y += ROW
        for one in [one for found, one in rows if found == key]:
            inside.extend(_difference_row(key, one, series[one.policy], x, y, tongue))
            y += ROW
    shown = sum(1 for key, one in rows if one.measures[key].is_shown)
    about = tongue.say("differences.plot_desc", n=len(rows), base=base, shown=shown)
    return picture("differences", (WIDTH, height), tongue.say("differences.plot"), about, inside)


def _relative(one: Against, key: str) -> tuple[float, float] | None:
    found = one.measures.get(key)
    if found is None or found.relative is None:
        return None
    return found.relative, found.relative_half_width or 0.0


def _share_axis(reach: float, step: float, x: Scale, height: float, tongue: LabTongue) -> Iterator[Markup]:
    for nth in range(-round(reach / step), round(reach / step) + 1):
        at = x(nth * step)
        yield tag("line", x1=at, x2=at, y1=24.0, y2=height - 8, class_="axis" if nth == 0 else "grid")
        text = tongue.signed(nth * step * 100, 1 if step < 0.01 else 0)
        yield words(tongue.percent_sign(text), at, 16, "tick", "middle")


def _difference_row(key: str, one: Against, series: Series, x: Scale, y: float, tongue: LabTongue) -> Iterator[Markup]:
    found, relative = one.measures[key], _relative(one, key)
    assert relative is not None
    middle, ends = y - 5, [min(max(x(relative[0] + side * relative[1]), PLOT_LEFT), PLOT_RIGHT) for side in (-1, 1)]
    yield words(series.name[:22], 18, y, "label")
    if found.half_width is not None:
        yield tag("line", x1=ends[0], x2=ends[1], y1=middle, y2=middle, class_=f"whisker s{series.look}")
        for end in ends:
            yield tag("line", x1=end, x2=end, y1=middle - 5, y2=middle + 5, class_=f"whisker s{series.look}")
    yield mark(series.look, min(max(x(relative[0]), PLOT_LEFT), PLOT_RIGHT), middle, is_filled=found.is_shown)
    kind = MEASURES[key]
    yield words(f"{tongue.with_unit(found.mean, kind)} ({tongue.interval(found, kind)})", PLOT_RIGHT + 14, y, "label")


# How soon.


def reached_by_minute(figures: Figures) -> list[float]:
    """Share of high calls reached within 1, 2 … minutes; empty where none was measured."""
    total = sum(figures.high_by_minute)
    return [passed / total for passed in accumulate(figures.high_by_minute[:-1])] if total else []


def shown_minutes(curves: Sequence[Sequence[float]]) -> int:
    """Where nearly all have been reached with every policy; the axis ends there."""
    longest = max(len(one) for one in curves)
    ends = [next((at + 1 for at, share in enumerate(one) if share >= ENOUGH_REACHED), longest) for one in curves]
    return max(*ends, 5)


def curve_plot(policies: Mapping[str, Figures], series: Mapping[str, Series], tongue: LabTongue) -> Markup:
    """One line for each policy, which differ in dash, mark and colour; nothing where no call was measured."""
    curves = {name: found for name, figures in policies.items() if (found := reached_by_minute(figures))}
    if not curves:
        return Markup("")
    minutes = shown_minutes(list(curves.values()))
    x, y = linear(0, minutes, LEFT, CURVE_END), linear(0, 1, 300, 22)
    step = next(step for step in (1, 2, 5, 10, 20) if minutes / step <= 15)
    inside = [
        *levels([(tick / 4, tongue.numerals.percent(tick / 4, 0)) for tick in range(5)], y),
        *(words(tongue.numerals.count(at), x(at), 320, "tick", "middle") for at in range(0, minutes + 1, step)),
        words(tongue.say("curve.axis"), x(minutes / 2), 342, "label", "middle"),
        words(tongue.say("curve.share"), LEFT, 12, "label"),
    ]
    ends: list[tuple[float, str, str]] = []
    for nth, (name, shares) in enumerate(curves.items()):
        points = [(x(0), y(0)), *((x(at + 1), y(share)) for at, share in enumerate(shares[:minutes]))]
        look = series[name].look
        inside.append(path(points, f"line s{look}"))
        apart = max(len(curves) * 2, 4)
        inside.extend(mark(look, *point) for at, point in enumerate(points) if at % apart == (2 * nth + 2) % apart and at)
        ends.append((points[-1][1], _cut(name), f"s{look}"))
    inside.extend(end_labels(ends, CURVE_END + 6))
    middle = max(minutes // 3, 1)
    shares_told = "; ".join(f"{name} {tongue.numerals.percent(one[middle - 1])}" for name, one in curves.items())
    return picture("curve", (WIDTH, 350), tongue.say("curve.plot"), tongue.say("curve.plot_desc", n=middle, shares=shares_told), inside)


def _cut(name: str, most: int = 15) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"


# Areas.


def ranked_areas(base: Figures) -> list[str]:
    """Areas with a late share, the worst of the base first."""
    known = {area: group.late_share for area, group in base.areas.items() if group.late_share is not None}
    return sorted(known, key=lambda area: (-known[area], area))


def area_plot(policies: Mapping[str, Figures], against: Sequence[Against], series: Mapping[str, Series], tongue: LabTongue) -> Markup:
    """A row for each area, a mark for each policy on one scale of late shares; nothing where no area has one."""
    base_name, base = next(iter(policies.items()))
    areas = ranked_areas(base)[:MOST_AREAS]
    if not areas:
        return Markup("")
    shares = [group.late_share or 0.0 for figures in policies.values() for area, group in figures.areas.items() if area in areas]
    step = next(step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if max(shares) / step <= 6)
    high = max(-(-max(shares) // step), 1) * step
    room = 30 + min(max(len(area) for area in areas), 24) * LETTER
    x, height = linear(0, high, room, WIDTH - 30), 34 + len(areas) * ROW
    inside = []
    for nth in range(round(high / step) + 1):
        inside.append(tag("line", x1=x(nth * step), x2=x(nth * step), y1=24.0, y2=height - 6, class_="grid"))
        inside.append(words(tongue.numerals.percent(nth * step, 0), x(nth * step), 16, "tick", "middle"))
    for row, area in enumerate(areas):
        inside.extend(_area_row(area, policies, _shown_in(against, area), series, (x, 44 + row * ROW)))
    worst = tongue.numerals.percent(base.areas[areas[0]].late_share)
    about = tongue.say("areas.plot_desc", n=len(areas), base=base_name, area=areas[0], share=worst)
    return picture("areas", (WIDTH, height), tongue.say("areas.plot"), about, inside)


def _shown_in(against: Sequence[Against], area: str) -> set[str]:
    return {one.policy for one in against if area in one.fairness.areas and one.fairness.areas[area].is_shown}


def _area_row(
    area: str, policies: Mapping[str, Figures], shown: set[str], series: Mapping[str, Series], at: tuple[Scale, float]
) -> Iterator[Markup]:
    (x, y), name = at, _cut(area, 24)
    yield words(name, 8, y, "label")
    found = {
        policy: group.late_share for policy, one in policies.items() if (group := one.areas.get(area)) and group.late_share is not None
    }
    if len(found) > 1:
        yield tag("line", x1=x(min(found.values())), x2=x(max(found.values())), y1=y - 5, y2=y - 5, class_="rail")
    for nth, (policy, share) in enumerate(found.items()):
        yield tag(
            "g", hint(f"{policy}: {share * 100:.1f} %") + mark(series[policy].look, x(share), y - 5, is_filled=not nth or policy in shown)
        )


# Hours.


def load_by_hour_plot(policies: Mapping[str, Figures], series: Mapping[str, Series], tongue: LabTongue) -> Markup:
    """Above: late share by policy. Below: high calls. Nothing where no hour was measured."""
    base = next(iter(policies.values()))
    if not any(base.hours_n):
        return Markup("")
    shares = {name: hourly_late(one) for name, one in policies.items()}
    most = max([share for one in shares.values() for share in one if share is not None] + [0.01])
    step = next((step for step in (0.01, 0.02, 0.05, 0.1, 0.2) if most / step <= 5), 0.5)
    x, y = linear(0, 24, LEFT, CURVE_END), linear(0, max(-(-most // step), 1) * step, 210, 24)
    busiest = max(range(24), key=lambda hour: base.hours_n[hour])
    inside = [
        *levels([(nth * step, tongue.numerals.percent(nth * step, 0)) for nth in range(max(int(-(-most // step)), 1) + 1)], y),
        words(tongue.say("hours.late"), LEFT, 12, "label"),
        words(tongue.say("hours.calls"), LEFT, 236, "label"),
        *columns(base.hours_n, x, linear(0, max(base.hours_n), 310, 250), 310),
        words(tongue.numerals.count(base.hours_n[busiest]), x(busiest + 0.5), 246, "tick", "middle"),
        *(words(f"{hour:02d}", x(hour + 0.5), 328, "tick", "middle") for hour in range(0, 24, 2)),
    ]
    ends: list[tuple[float, str, str]] = []
    for name, found in shares.items():
        points = [(x(hour + 0.5), y(share)) for hour, share in enumerate(found) if share is not None]
        inside.append(path(points, f"line s{series[name].look}"))
        inside.extend(mark(series[name].look, *point) for point in points[1::4])
        ends.append((points[-1][1], _cut(name), f"s{series[name].look}"))
    inside.extend(end_labels(ends, CURVE_END + 6))
    about = tongue.say("hours.plot_desc", hour=f"{busiest:02d}", n=tongue.numerals.count(base.hours_n[busiest]))
    return picture("byhour", (WIDTH, 336), tongue.say("hours.plot"), about, inside)


def hourly_late(figures: Figures) -> list[float | None]:
    """Late share by hour of the day; None where nobody called."""
    return [late / n if n else None for n, late in zip(figures.hours_n, figures.hours_late, strict=True)]
