"""Numbers, bars and intervals of the lab as signs in a terminal."""

from typing import Final

from tocsin.pages.experiment_words import PLACES, SCALE, Kind, is_beyond, is_change_beyond
from tocsin.pages.numerals import Numerals
from tocsin.shown.figures import NOTHING, duration
from tocsin.views.experiment_answer import Difference, Remark
from tocsin.words import say

BAR = 18
"""Signs of the longest bar."""
KINDS: Final[dict[str, Kind]] = {"share": "points", "time": "seconds", "minutes": "minutes", "number": "times"}
"""What figures are numbers of, here and on the page."""
PLOT = 37
"""Signs of an interval's plot; odd, so that 0 has one."""


class Told:
    """Sentences and numbers of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.numerals = Numerals(language)

    def __call__(self, key: str, **values: object) -> str:
        return say(f"lab.experiment.{key}", self.language, **values)

    def value(self, kind: str, value: float | None) -> str:
        """A figure."""
        if value is None:
            return NOTHING
        if kind == "share":
            return self.numerals.percent(value)
        if kind == "time":
            return duration(value)
        return self.numerals.decimal(value, 2 if kind == "number" else 1)

    def level(self, kind: str, value: float | None, half: float | None, count: int) -> str:
        """A figure of so many replications with half its interval; ``± ?`` where these are too few to have one that can be."""
        text = self.value(kind, value)
        if value is None or half is None:
            return text
        return f"{text} ± ?" if is_beyond(KINDS[kind], value, half, count) else f"{text} ± {self.width(kind, half, 1)}"

    def width(self, kind: str, half: float, places: int) -> str:
        """Half an interval with its unit."""
        if kind == "share":
            return f"{self.numerals.decimal(half * 100, places)} {self('points')}"
        return f"{self.numerals.decimal(half, max(places, 2) if kind == 'number' else places)}{' s' if kind == 'time' else ''}"

    def change(self, kind: str, one: Difference) -> str:
        """A difference as it is, in points, seconds or numbers, as the page has it; in words where none is shown."""
        if is_change_beyond(KINDS[kind], one):
            return self("too_few")
        if one.half_width is not None and not one.is_shown:
            return self("none_shown")
        places, scale = PLACES[KINDS[kind]], SCALE[KINDS[kind]]
        text = signed(self.numerals.decimal(one.mean * scale, places), one.mean)
        if one.half_width is not None:
            return f"{text} ± {self.width(kind, one.half_width, places)}"
        return f"{text} {self('points')}" if kind == "share" else f"{text} s" if kind == "time" else text

    def remark(self, one: Remark) -> str:
        """What was assumed."""
        return say(f"lab.remark.{one.code}", self.language, **one.values)


def short(text: str) -> str:
    """``1.50`` as ``1.5``, ``1.00`` as ``1``; whatever the mark of decimals."""
    return text.rstrip("0").rstrip(".,") if not text.isdigit() else text


def bar(value: float, most: float) -> str:
    """Blocks, in eighths, so that areas can be compared at a glance."""
    eighths = round(BAR * 8 * value / most) if most else 0
    return "█" * (eighths // 8) + ("", "▏", "▎", "▍", "▌", "▋", "▊", "▉")[eighths % 8]


def percent(value: float, told: Told) -> str:
    """A relative change, in percent, with its sign."""
    return signed(told.numerals.decimal(value * 100), value)


def signed(text: str, value: float) -> str:
    """With a sign that is as wide as a plus."""
    return text.replace("-", "−") if value < 0 else f"+{text}"


def strip(middle: float, half: float, most: float) -> str:
    """``····├──●──┤··│······``: an interval on a line whose middle is 0 and whose ends are ± ``most``."""

    def at(value: float) -> int:
        return round((value / most + 1) / 2 * (PLOT - 1))

    signs = ["·"] * PLOT
    signs[PLOT // 2] = "│"
    for place in range(at(middle - half), at(middle + half) + 1):
        signs[place] = "┼" if place == PLOT // 2 else "─"
    signs[at(middle - half)], signs[at(middle + half)] = "├", "┤"
    signs[at(middle)] = "●"
    return "".join(signs)
