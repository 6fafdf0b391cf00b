"""Numbers, bars and intervals of the lab as signs in a terminal."""

from tocsin.pages.numerals import Numerals
from tocsin.shown.figures import NOTHING, duration
from tocsin.views.experiment_answer import Difference, Remark
from tocsin.words import say

BAR = 18
"""Signs of the longest bar."""
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

    def half(self, kind: str, half: float | None) -> str:
        """``± …``; nothing where it is not known."""
        if half is None:
            return ""
        if kind == "share":
            return f" ± {self.numerals.decimal(half * 100)}"
        return f" ± {self.numerals.decimal(half, 2 if kind == 'number' else 1)}{' s' if kind == 'time' else ''}"

    def change(self, kind: str, one: Difference) -> str:
        """A difference as it is, in points, seconds or numbers; in words where none is shown."""
        if one.half_width is not None and not one.is_shown:
            return self("none_shown")
        if kind == "share":
            text = f"{signed(self.numerals.decimal(one.mean * 100), one.mean)}{self.half(kind, one.half_width)} {self('points')}"
        else:
            text = signed(self.numerals.decimal(one.mean, 2 if kind == "number" else 1), one.mean) + self.half(kind, one.half_width)
            text += " s" if kind == "time" and one.half_width is None else ""
        return text

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
