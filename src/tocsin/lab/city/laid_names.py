"""Names in ``lab.toml`` looked up in the city, with the line of those that are not there; hours and spans as the city holds them."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tocsin.base.faults import BadInput
from tocsin.formats.lab_laid import DAYS, Break, Lasts, Shift
from tocsin.formats.toml_lines import TomlText
from tocsin.lab.city.model import Span, Window

DAY_MIN, WEEK_MIN = 1_440, 10_080
MINUTE_MS, DAY_MS = 60_000, 86_400_000
PPM: Final = 1_000_000


class Names(NamedTuple):
    """The text in which they stand."""

    source: TomlText

    def get(self, name: str, known: Sequence[str], *at: str | int) -> int:
        """Index of it. Raises BadInput ``city_unknown``."""
        if name not in known:
            field = next((part for part in reversed(at) if isinstance(part, str)), "")
            raise self.fault("city_unknown", *at, field=field, name=name, known=", ".join(known))
        return known.index(name)

    def fault(self, code: str, *at: str | int, field: str, **values: object) -> BadInput:
        """With file and line."""
        return BadInput(code, file=self.source.file, line=self.source.line(*at), field=field, **values)


def hours_of(numbers: Sequence[float]) -> tuple[float, ...]:
    """168 numbers of 24 or 168."""
    return tuple(numbers) * (7 if len(numbers) == 24 else 1)


def span_of(one: Lasts) -> Span:
    """The same in milliseconds."""
    values = tuple(round(1000 * value) for value in one.values_s)
    return Span(round(sum(values) / len(values)) if values else round(1000 * one.mean_s), one.law, one.spread, values)


def windows_of(one: Shift | Break) -> Iterator[Window]:
    """One for each day; over midnight where it ends before it begins."""
    for day in one.days:
        begins = DAYS.index(day) * DAY_MIN + one.begins
        yield Window(begins % WEEK_MIN, (begins + ((one.until - one.begins) % DAY_MIN or DAY_MIN)) % WEEK_MIN)


def moment_ms(day: int, minute: int) -> int:
    """Since the run's first instant: day 1 is its Monday."""
    return (day - 1) * DAY_MS + minute * MINUTE_MS
