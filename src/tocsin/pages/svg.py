"""Elements of SVG as escaped text, and the few scales that the plots need. Colours are classes: the page's style sheet has them."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from math import ceil

from markupsafe import Markup

Scale = Callable[[float], float]

STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
"""Distances between ticks on an axis of time."""


def tag(name: str, inside: str | Iterable[str] = "", **attributes: object) -> Markup:
    """One element. ``class_`` and ``stroke_width`` stand for ``class`` and ``stroke-width``. ``inside`` must be elements already."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_text(value))}"' for key, value in attributes.items() if value is not None
    )
    content = inside if isinstance(inside, str) else "".join(inside)
    return Markup(f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>")


def _text(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def words(text: str, x: float, y: float, class_: str = "", anchor: str = "start") -> Markup:
    """A line of text; the text is escaped."""
    return tag("text", escape(text), x=float(x), y=float(y), class_=class_ or None, text_anchor=anchor)


def hint(text: str) -> Markup:
    """What a pointer resting on the mark is told; the text is escaped."""
    return tag("title", escape(text))


def picture(name: str, size: tuple[float, float], title: str, about: str, inside: Iterable[str]) -> Markup:
    """A whole picture that says what it shows, for those who do not see it."""
    width, height = size
    head = tag("title", escape(title), id=f"{name}-title") + tag("desc", escape(about), id=f"{name}-desc")
    return tag(
        "svg",
        [head, *inside],
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_text(float(width))} {_text(float(height))}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_=f"plot plot-{name.rstrip('0123456789').rstrip('-').split('-')[0]}",
    )


def path(points: Sequence[tuple[float, float]], class_: str, *, closed: bool = False) -> Markup:
    """A line through points."""
    return tag("path", d=line_data(points) + ("Z" if closed else ""), class_=class_)


def line_data(points: Sequence[tuple[float, float]]) -> str:
    """Path data to a tenth of a unit."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def linear(low: float, high: float, start: float, end: float) -> Scale:
    """Values low … high onto start … end; everything onto start when there is no range."""
    span = high - low
    return lambda value: start + (value - low) / span * (end - start) if span else start


def time_ticks(high_s: float, most: int = 6) -> list[int]:
    """0 and round steps up to ``high_s``, at most ``most`` steps."""
    step = next((step for step in STEPS_S if high_s / step <= most), STEPS_S[-1])
    return list(range(0, int(high_s) + 1, step))


def count_ticks(high: float, most: int = 4) -> list[int]:
    """0 and steps of 1, 2 or 5 times a power of ten; the last is at or above ``high``."""
    size = 1
    while True:
        for step in (size, 2 * size, 5 * size):
            if high / step <= most:
                return [step * at for at in range(max(ceil(high / step), 1) + 1)]
        size *= 10
