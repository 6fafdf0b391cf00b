"""An experiment's map: where calls come from, coloured by what became of each area, and where stations and hospitals are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

from tocsin.base.geometry import LonLat
from tocsin.pages.experiment_words import LabTongue
from tocsin.pages.map_plot import Box, Frame, framed, is_free, middle, scale_bar
from tocsin.pages.svg import hint, picture, tag, words
from tocsin.pages.tongue import Tongue
from tocsin.views.experiment_answer import CityMap, Difference, Figures

MUCH = 0.03
"""Areas that change by more have the stronger colour."""
SHARE_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2)
MARGIN = 0.04
LETTER = 9.0

CHANGES = ("b2", "b1", "n0", "w1", "w2")
"""Far better, better, not shown, worse, far worse: round dots, small grey dots, squares."""


class CityDrawing(NamedTuple):
    """The picture and its legend: class and words of each colour."""

    picture: Markup
    legend: list[tuple[str, str]]


def change_map(ground: CityMap, base: str, policy: str, changes: Mapping[str, Difference], tongue: LabTongue) -> CityDrawing | None:
    """How the late share of each area changed; None for a city without places."""
    classes = {area: change_class(changes.get(area)) for area in ground.areas}
    labels = {area: tongue.signed(one.mean * 100, 1) for area, one in changes.items() if one.is_shown}
    points = tongue.numerals.count(round(MUCH * 100))
    legend = [
        (class_, tongue.say(f"map.{key}", **({"n": points} if "much" in key else {})))
        for class_, key in zip(CHANGES, ("much_better", "better", "unshown", "worse", "much_worse"), strict=True)
    ]
    title = tongue.say("map.plot_change", policy=policy, base=base)
    return _drawn(f"map-{policy}", ground, (classes, labels), title, legend, tongue)


def change_class(one: Difference | None) -> str:
    """Class of an area's colour; without a shown difference it has none."""
    if one is None or not one.is_shown:
        return "n0"
    return ("b" if one.mean < 0 else "w") + ("2" if abs(one.mean) >= MUCH else "1")


def share_map(ground: CityMap, figures: Figures, tongue: LabTongue) -> CityDrawing | None:
    """Late share of each area; None for a city without places."""
    shares = {area: group.late_share for area, group in figures.areas.items() if group.late_share is not None}
    edges = share_edges(list(shares.values()))
    classes = {area: f"q{sum(1 for edge in edges if shares[area] >= edge)}" if area in shares else "n0" for area in ground.areas}
    labels = {area: tongue.numerals.percent(share, 0) for area, share in shares.items()}
    told = [tongue.numerals.percent(edge, 0) for edge in edges]
    texts = [tongue.say("map.under", value=told[0]), *(tongue.say("map.between", low=low, high=high) for low, high in pairwise(told))]
    legend = [(f"q{at}", text) for at, text in enumerate([*texts, tongue.say("map.over", value=told[-1])])]
    if len(shares) < len(ground.areas):
        legend.append(("n0", tongue.say("map.few")))
    return _drawn("map-share", ground, (classes, labels), tongue.say("map.plot_share"), legend, tongue)


def share_edges(shares: Sequence[float]) -> list[float]:
    """Four round edges between five classes, from the second to the eighth tenth of the areas: one far village must not grey the city."""
    ranked = sorted(shares) or [0.0]
    low, high = (ranked[max(-(-len(ranked) * tenth // 10) - 1, 0)] for tenth in (2, 8))
    step = next((step for step in SHARE_STEPS if (high - low) / 3 <= step), SHARE_STEPS[-1])
    first = int(low / step) + 1
    return [(first + at) * step for at in range(4)]


def _drawn(
    name: str,
    ground: CityMap,
    looks: tuple[Mapping[str, str], Mapping[str, str]],
    title: str,
    legend: list[tuple[str, str]],
    tongue: LabTongue,
) -> CityDrawing | None:
    frame = _frame(ground)
    if frame is None:
        return None
    classes, labels = looks
    about = tongue.say("map.plot_desc", areas=len(ground.areas), stations=len(ground.stations), hospitals=len(ground.hospitals))
    inside = [
        *_dots(ground, classes, frame),
        *_pins(ground, frame, tongue),
        *_labels(ground, labels, frame),
        *scale_bar(frame, Tongue(tongue.language)),
    ]
    used = set(classes.values())
    return CityDrawing(picture(_plain(name), frame.size, title, about, inside), [one for one in legend if one[0] in used])


def _plain(name: str) -> str:
    """An identifier for the page; policies' names are ours, but a what-if's may be anybody's."""
    return "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name)


def _frame(ground: CityMap) -> Frame | None:
    dots = [dot for dot in ground.places if dot.weight > 0]
    if not dots:
        return None
    lon, lat = (middle([(getattr(dot, axis), dot.weight) for dot in dots]) for axis in ("lon", "lat"))
    pins = [*ground.stations, *ground.hospitals]
    lon = (min([lon[0], *(pin.lon for pin in pins)]), max([lon[1], *(pin.lon for pin in pins)]))
    lat = (min([lat[0], *(pin.lat for pin in pins)]), max([lat[1], *(pin.lat for pin in pins)]))
    wide, high = max(lon[1] - lon[0], 0.005) * MARGIN, max(lat[1] - lat[0], 0.005) * MARGIN
    return framed((lon[0] - wide, lon[1] + wide), (lat[0] - high, lat[1] + high))


def _dots(ground: CityMap, classes: Mapping[str, str], frame: Frame) -> Iterator[Markup]:
    """One path for each area: a stroke without length is a dot, round or square as the class says."""
    by_area: dict[int, list[str]] = {}
    for dot in ground.places:
        if dot.weight > 0 and frame.holds(LonLat(dot.lon, dot.lat)):
            by_area.setdefault(dot.area, []).append(f"M{frame.x(dot.lon):.0f} {frame.y(dot.lat):.0f}h0")
    for area, data in sorted(by_area.items()):
        name = ground.areas[area]
        yield tag("path", hint(name), d="".join(data), class_=f"dots {classes.get(name, 'n0')}")


def _pins(ground: CityMap, frame: Frame, tongue: LabTongue) -> Iterator[Markup]:
    for pin in ground.hospitals:
        x, y = frame.x(pin.lon), frame.y(pin.lat)
        data = f"M{x - 2:.1f} {y - 6:.1f}h4v4h4v4h-4v4h-4v-4h-4v-4h4Z"
        yield tag("path", hint(f"{tongue.say('map.hospital')}: {pin.name}"), d=data, class_="hospital")
    for pin in ground.stations:
        kind = tongue.say("map.station" if pin.is_open else "map.closed")
        text = f"{kind}: {pin.name}, {pin.units}"
        yield tag(
            "rect", hint(text), x=frame.x(pin.lon) - 5, y=frame.y(pin.lat) - 5, width=10.0, height=10.0,
            class_="station" if pin.is_open else "station closed",
        )  # fmt: skip


def _labels(ground: CityMap, labels: Mapping[str, str], frame: Frame) -> Iterator[Markup]:
    """Area and figure beside its station, else in the middle of its calls; the largest changes first, where there is room."""
    taken: list[Box] = [_around(frame.x(pin.lon), frame.y(pin.lat)) for pin in (*ground.stations, *ground.hospitals)]
    at_station = {pin.name: (frame.x(pin.lon), frame.y(pin.lat)) for pin in ground.stations}
    for area, text in labels.items():
        at = at_station.get(area) or _centre(ground, area, frame)
        if at is None:
            continue
        for label in (f"{_short(area)} {text}", text):
            box = _room(label, at, taken, frame)
            if box is not None:
                taken.append(box)
                yield words(label, box[0], box[1] + 13, "station-name")
                break


def _short(area: str) -> str:
    return area if len(area) <= 18 else area[:17] + "…"


def _around(x: float, y: float) -> Box:
    return (x - 7, y - 7, x + 7, y + 7)


def _room(label: str, at: tuple[float, float], taken: Sequence[Box], frame: Frame) -> Box | None:
    (x, y), wide = at, len(label) * LETTER
    corners: Iterable[tuple[float, float]] = (
        (x + 9, y - 8), (x - 9 - wide, y - 8), (x - wide / 2, y - 25), (x - wide / 2, y + 9), (x + 9, y + 5), (x + 9, y - 22),
    )  # fmt: skip
    boxes = ((left, top, left + wide, top + 16) for left, top in corners)
    return next((box for box in boxes if is_free(box, taken, frame)), None)


def _centre(ground: CityMap, area: str, frame: Frame) -> tuple[float, float] | None:
    number = ground.areas.index(area) if area in ground.areas else -1
    dots = [dot for dot in ground.places if dot.area == number and dot.weight > 0]
    total = sum(dot.weight for dot in dots)
    if not total:
        return None
    lon, lat = (sum(getattr(dot, axis) * dot.weight for dot in dots) / total for axis in ("lon", "lat"))
    return frame.x(lon), frame.y(lat)
