"""An experiment's words and numbers in one language: differences with their sign, intervals, policies with their looks."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from tocsin.pages.numerals import clock
from tocsin.pages.tongue import Tongue
from tocsin.views.experiment_answer import Asked, Difference, Figures, Partial, Target
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
ENOUGH = 5
"""Replications from which an interval that goes beyond what can be is told as it is."""
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
        if is_change_beyond(kind, one):
            return self.say("too_few")
        return self.say("from_to", low=self.of_kind(one.mean - one.half_width, kind), high=self.of_kind(one.mean + one.half_width, kind))


def is_beyond(kind: Kind, value: float, half: float | None, count: int) -> bool:
    """Whether a level's interval holds what cannot be, because it is of a few replications: less than nothing, more than all."""
    if half is None or count >= ENOUGH:
        return False
    return value - half < 0 or (kind == "points" and value + half > 1)


def is_change_beyond(kind: Kind, one: Difference) -> bool:
    """The same of a difference: all of the base gone and more."""
    if one.half_width is None or one.is_shown or one.pairs >= ENOUGH:
        return False
    base = one.mean / one.relative if one.relative else None
    return (base is not None and base + one.mean < one.half_width) or (kind == "points" and abs(one.mean) + one.half_width > 1)


def targets_told(targets: Sequence[Target], language: str) -> str:
    """``high 8:00, medium 8:00 (the city's own parameters); low 20:00 (lab.toml)``: by who says so, in the order of urgency."""
    sources = dict.fromkeys(one.source for one in targets)
    parts = []
    for source in sources:
        named = ", ".join(f"{one.priority} {clock(one.target_s)}" for one in targets if one.source == source)
        parts.append(f"{named} ({say(f'lab.experiment.target_{source}', language)})")
    return "; ".join(parts)


def partial_told(partial: Partial, asked: Asked, figures: Sequence[Figures], language: str) -> list[str]:
    """How much there is, why there is no more, and what the figures then are of: the base's first."""

    def told(key: str, **values: object) -> str:
        return say(f"lab.experiment.{key}", language, **values)

    done = figures[0].replications
    values = {"bearable_load": say("report.none", language), **partial.values}
    lines = [told("partial", done=done, asked=asked.replications), told(f"partial_{partial.code}", **values)]
    if partial.code != "overload":
        return lines
    cut = [one.policy for one in figures if one.overloaded]
    if not cut:
        return [*lines, told("overload_left_out", replication=partial.values["replication"], done=done)]
    lines.append(told("overload_only", replication=partial.values["replication"], policies=", ".join(cut)))
    return lines if len(figures) == 1 else [*lines, told("overload_uneven")]


class Series(NamedTuple):
    """A policy on the page: its name and how its marks look."""

    name: str
    look: int


def series_of(names: Sequence[str]) -> list[Series]:
    """The base has look 0."""
    return [Series(name, at % LOOKS) for at, name in enumerate(names)]
