"""An experiment's words and numbers in one language: differences with their sign, intervals, policies with their looks."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from tocsin.pages.tongue import Tongue
from tocsin.views.experiment_answer import Difference
from tocsin.words import say

Kind = Literal["points", "seconds", "minutes", "times"]

MEASURES: dict[str, Kind] = {
    "high_late_share": "points",
    "high_avoidable_late_share": "points",
    "high_mean_s": "seconds",
    "high_p90_s": "seconds",
    "mean_response_s": "seconds",
    "low_mean_s": "seconds",
    "low_late_share": "points",
    "utilisation": "points",
    "return_min_per_call": "minutes",
    "moves_per_unit_h": "times",
    "spread": "points",
}
"""What can be compared, in the order in which it is told."""

PRICE = ("return_min_per_call", "moves_per_unit_h", "low_mean_s", "low_late_share", "utilisation")
"""What a gain is paid with."""

PLACES: dict[Kind, int] = {"points": 2, "seconds": 1, "minutes": 2, "times": 3}
SCALE: dict[Kind, float] = {"points": 100.0, "seconds": 1.0, "minutes": 1.0, "times": 1.0}
LOOKS = 6
"""Colours with a mark and a dash of their own; a seventh policy begins anew."""


class LabTongue(Tongue):
    """Says sentences of ``lab_page.toml``."""

    def say(self, key: str, **values: object) -> str:
        """The sentence ``lab.page.<key>``."""
        return say(f"lab.page.{key}", self.language, **values)

    def remark(self, code: str, values: dict[str, str]) -> str:
        """What was assumed; a code that nobody has words for stays as it is."""
        key = f"lab.remark.{code}"
        return say(key, self.language, **values) if key in self._known else code

    def stress(self, key: str, **values: object) -> str:
        """The sentence ``lab.stress.<key>``: those of the terminal's table serve here too."""
        return say(f"lab.stress.{key}", self.language, **values)

    def signed(self, value: float, places: int) -> str:
        """``+1.2``, ``−0.4``; no sign on what is written as 0."""
        text = self.numerals.decimal(abs(value), places)
        if round(abs(value), places) == 0:
            return text
        return ("+" if value > 0 else "−") + text

    def percent_sign(self, text: str) -> str:
        """A number that is written already, as a percentage."""
        return say("report.percent", self.language, value=text)

    def of_kind(self, value: float, kind: Kind) -> str:
        """A signed value in its unit's numbers, without the unit."""
        return self.signed(value * SCALE[kind], PLACES[kind])

    def with_unit(self, value: float, kind: Kind) -> str:
        """A signed value with its unit."""
        return self.say(kind, value=self.of_kind(value, kind))

    def interval(self, one: Difference, kind: Kind) -> str:
        """From its lower end to its upper end; a dash where one pair of runs gives none."""
        if one.half_width is None:
            return self.numerals.decimal(None)
        return self.say("from_to", low=self.of_kind(one.mean - one.half_width, kind), high=self.of_kind(one.mean + one.half_width, kind))


class Series(NamedTuple):
    """A policy on the page: its name and how its marks look."""

    name: str
    look: int


def series_of(names: Sequence[str]) -> list[Series]:
    """The base has look 0."""
    return [Series(name, at % LOOKS) for at, name in enumerate(names)]
