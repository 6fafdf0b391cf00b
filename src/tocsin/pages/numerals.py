"""Numbers as the reader's language writes them. What a number says never changes, only its marks."""

from collections.abc import Sequence

from tocsin.base.quantities import Seconds
from tocsin.words import say


def clock(seconds: float) -> str:
    """``17:07``, ``1:02:09``: whole seconds, half ones up, with hours from 60 minutes on."""
    whole = int(abs(seconds) + 0.5)
    minutes = f"{whole // 60}" if whole < 3600 else f"{whole // 3600}:{whole % 3600 // 60:02d}"
    return f"{'-' if seconds < 0 and whole else ''}{minutes}:{whole % 60:02d}"


class Numerals:
    """Writes numbers in one language."""

    def __init__(self, language: str) -> None:
        self._decimal = say("report.decimal", language)
        self._group = say("report.group", language)
        self._percent = say("report.percent", language)
        self._none = say("report.none", language)

    def count(self, n: int) -> str:
        """``10,410``."""
        return f"{n:,}".replace(",", self._group)

    def decimal(self, value: float | None, places: int = 1) -> str:
        """``119.1``, rounded half to even as Python does; a dash for None."""
        if value is None:
            return self._none
        whole, _, part = f"{value:,.{places}f}".partition(".")
        return whole.replace(",", self._group) + (self._decimal + part if part else "")

    def exact_s(self, value: Seconds | float | None) -> str:
        """Seconds as the answer has them, without trailing zeros."""
        if value is None:
            return self._none
        whole, _, part = f"{value:,.3f}".partition(".")
        part = part.rstrip("0")
        return whole.replace(",", self._group) + (self._decimal + part if part else "")

    def percent(self, share: float | None, places: int = 1) -> str:
        """A fraction of 1 as ``73.2%``. Never rounded up to 100 nor down to 0: that would hide the exceptions."""
        if share is None:
            return self._none
        text = f"{share * 100:.{places}f}"
        if share < 1 and float(text) == 100:
            text = f"{100 - 10**-places:.{places}f}"
        if share > 0 and float(text) == 0:
            text = f"{10**-places:.{places}f}"
        return self._percent.format(value=text.replace(".", self._decimal))

    def clock(self, value_s: Seconds | float | None) -> str:
        """``17:07``: minutes and whole seconds, with hours from 60 minutes on; a dash for None."""
        return self._none if value_s is None else clock(value_s)

    def listed(self, words: Sequence[str]) -> str:
        """Words with commas between."""
        return ", ".join(words)
