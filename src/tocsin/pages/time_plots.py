"""Plots over time: hours of the day, the week, the period."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from tocsin.pages.svg import Scale, count_ticks, line_data, linear, path, picture, tag, time_ticks, words
from tocsin.pages.tongue import Tongue
from tocsin.views.report_answer import Concurrency, Day, HourLoad, HourOfDay

WIDTH = 960.0
LEFT, RIGHT = 52.0, 870.0
MOST_POINTS = 900
"""More hours than this are drawn as the greatest of each group, so that no peak is lost."""


def hour_plot(hours: Sequence[HourOfDay], target_s: float | None, tongue: Tongue) -> Markup:
    """Above: half and 9 of 10 of the total response. Below: incidents."""
    x = linear(0, 24, LEFT, RIGHT)
    high_s = max([one.total_response.p90_s or 0.0 for one in hours] + [target_s or 0.0, 60.0])
    y = linear(0, high_s * 1.08, 210, 24)
    most = max(one.incidents for one in hours)
    busiest = max(hours, key=lambda one: one.incidents)
    slowest = max(hours, key=lambda one: one.total_response.p90_s or 0.0)
    inside = [
        *levels([(float(tick), tongue.numerals.clock(tick)) for tick in time_ticks(high_s, 5)], y),
        *([tag("line", x1=LEFT, x2=RIGHT, y1=y(target_s), y2=y(target_s), class_="mark target")] if target_s else []),
        *_hour_lines(hours, x, y, tongue, target_s),
        *columns([one.incidents for one in hours], x, linear(0, most or 1, 310, 246), 310),
        words(tongue.say("hour.response"), LEFT, 12, "label"),
        words(tongue.say("hour.incidents"), LEFT, 236, "label"),
        *(words(f"{one.hour:02d}", x(one.hour + 0.5), 328, "tick", "middle") for one in hours if one.hour % 2 == 0),
        *(words(tongue.numerals.count(busiest.incidents), x(busiest.hour + 0.5), 242, "tick", "middle") for _ in range(1) if most),
    ]
    about = tongue.say(
        "hour.plot_desc", hour=f"{busiest.hour:02d}", n=tongue.numerals.count(busiest.incidents),
        slow=f"{slowest.hour:02d}", p90=tongue.numerals.clock(slowest.total_response.p90_s),
    )  # fmt: skip
    return picture("hours", (WIDTH, 336), tongue.say("hour.plot"), about, inside)


def _hour_lines(hours: Sequence[HourOfDay], x: Scale, y: Scale, tongue: Tongue, target_s: float | None) -> Iterator[Markup]:
    ends: list[tuple[float, str, str]] = []
    for kind in ("p90", "p50"):
        values = [(one.hour, one.total_response.p90_s if kind == "p90" else one.total_response.p50_s) for one in hours]
        points = [(x(hour + 0.5), y(value)) for hour, value in values if value is not None]
        if not points:
            continue
        yield path(points, f"line {kind}")
        for at_x, at_y in points:
            if kind == "p90":
                yield tag("rect", x=at_x - 3.5, y=at_y - 3.5, width=7.0, height=7.0, class_=f"head {kind}")
            else:
                yield tag("circle", cx=at_x, cy=at_y, r=3.5, class_=f"head {kind}")
        ends.append((points[-1][1], tongue.say(f"mark.{kind}"), kind))
    if target_s:
        ends.append((y(target_s), tongue.say("mark.target"), "target"))
    yield from end_labels(ends)


def end_labels(ends: list[tuple[float, str, str]], left: float = RIGHT + 6) -> Iterator[Markup]:
    """Labels at the right end of lines, pushed apart to a line's height."""
    last = -99.0
    for at_y, text, kind in sorted(ends):
        last = max(at_y, last + 17)
        yield words(text, left, last + 5, f"label {kind}")


def levels(ticks: Sequence[tuple[float, str]], y: Scale) -> Iterator[Markup]:
    """Faint lines across, each with its value at the left."""
    for value, text in ticks:
        yield tag("line", x1=LEFT, x2=RIGHT, y1=y(value), y2=y(value), class_="grid")
        yield words(text, LEFT - 8, y(value) + 5, "tick", "end")


def columns(counts: Sequence[int], x: Scale, y: Scale, base: float) -> Iterator[Markup]:
    """One bar for each count, side by side."""
    yield tag("line", x1=LEFT, x2=RIGHT, y1=base, y2=base, class_="axis")
    for at, n in enumerate(counts):
        if n:
            yield tag("rect", x=x(at) + 2, y=y(n), width=max(x(at + 1) - x(at) - 4, 0.8), height=base - y(n), class_="bar")


def week_plot(week: Sequence[Sequence[int]], tongue: Tongue) -> Markup:
    """Seven rows of 24 counts, each written in its cell; five classes of darkness."""
    most = max((max(row) for row in week), default=0)
    day, hour = max(((day, hour) for day in range(7) for hour in range(24)), key=lambda one: week[one[0]][one[1]])
    names = [tongue.say(f"week.day{at}") for at in range(7)]
    inside = [words(f"{at:02d}", 52 + at * 37.6 + 18.8, 14, "tick", "middle") for at in range(24)]
    for row, counts in enumerate(week):
        inside.append(words(names[row], 44, 42 + row * 30, "label", "end"))
        for column, n in enumerate(counts):
            shade = min(int(n * 5 / (most + 1)), 4) if most else 0
            left, top = 52 + column * 37.6, 22 + row * 30
            inside.append(tag("rect", x=left + 0.8, y=top + 0.8, width=36.0, height=28.4, rx=2, class_=f"q q{shade}"))
            inside.append(words(tongue.numerals.count(n), left + 18.8, top + 20, f"on-q{shade}", "middle"))
    about = tongue.say("week.plot_desc", day=names[day], hour=f"{hour:02d}", n=tongue.numerals.count(most))
    return picture("week", (WIDTH, 236), tongue.say("week.plot"), about, inside)


def load_plot(load: Concurrency, tongue: Tongue) -> Markup:
    """Incidents open (filled) and units at work (line), the most of each hour."""
    hours = _thinned(load.hours)
    ticks = count_ticks(max(load.incidents_max, load.units_max, 1))
    x, y = linear(0, len(hours), LEFT, RIGHT), linear(0, ticks[-1], 210, 18)
    incidents, units = _stairs([one.incidents_max for one in hours], x, y), _stairs([one.units_max for one in hours], x, y)
    inside = [
        *levels([(float(tick), tongue.numerals.count(tick)) for tick in ticks], y),
        *([path([(x(0), y(0)), *incidents, (x(len(hours)), y(0))], "area", closed=True)] if hours else []),
        *([tag("path", d=line_data(units), class_="line p90")] if hours else []),
        *_dates(hours, x, 228),
    ]
    if hours:
        last = hours[-12:]
        ends = [
            (y(sum(one.incidents_max for one in last) / len(last)), tongue.say("load.incidents"), "p50"),
            (y(sum(one.units_max for one in last) / len(last)), tongue.say("load.units_line"), "p90"),
        ]
        inside.extend(end_labels(ends))
    about = tongue.say(
        "load.plot_desc", incidents=tongue.numerals.count(load.incidents_max), incidents_at=load.incidents_max_local[:16],
        units=tongue.numerals.count(load.units_max), units_at=load.units_max_local[:16],
    )  # fmt: skip
    return picture("load", (WIDTH, 240), tongue.say("load.plot"), about, inside)


def _thinned(hours: Sequence[HourLoad]) -> list[HourLoad]:
    size = -(-len(hours) // MOST_POINTS) or 1
    groups = [hours[at : at + size] for at in range(0, len(hours), size)]
    return [
        HourLoad(
            group[0].at, group[0].local, max(one.incidents_max for one in group),
            sum(one.incidents_mean for one in group) / len(group), max(one.units_max for one in group),
        )
        for group in groups
    ]  # fmt: skip


def _stairs(values: Sequence[int], x: Scale, y: Scale) -> list[tuple[float, float]]:
    return [(x(at + side), y(value)) for at, value in enumerate(values) for side in (0, 1)]


def _dates(hours: Sequence[HourLoad], x: Scale, row: float) -> Iterator[Markup]:
    """A tick where each local date begins, a label where there is room."""
    firsts = [(at, one.local) for at, one in enumerate(hours) if at == 0 or one.local[:10] != hours[at - 1].local[:10]]
    room = -99.0
    for at, local in firsts:
        yield tag("line", x1=x(at), x2=x(at), y1=210.0, y2=215.0, class_="axis")
        if x(at) >= room and x(at) + 40 <= RIGHT + 30:
            yield words(local[5:10], x(at) + 2, row + 3, "tick")
            room = x(at) + 50


def day_plot(days: Sequence[Day], tongue: Tongue) -> Markup:
    """Incidents of each date."""
    most = max((one.incidents for one in days), default=0)
    peak = max(days, key=lambda one: one.incidents)
    ticks = count_ticks(most or 1, 3)
    x, y = linear(0, len(days), LEFT, RIGHT), linear(0, ticks[-1], 130, 14)
    inside = [
        *levels([(float(tick), tongue.numerals.count(tick)) for tick in ticks], y),
        *columns([one.incidents for one in days], x, y, 130),
    ]
    room = -99.0
    for at, one in enumerate(days):
        middle = x(at + 0.5)
        if middle >= room:
            inside.append(words(one.date[5:], middle, 149, "tick", "middle"))
            room = middle + 48
    about = tongue.say("load.days_desc", days=len(days), date=peak.date, n=tongue.numerals.count(peak.incidents))
    return picture("days", (WIDTH, 156), tongue.say("load.days_plot"), about, inside)
