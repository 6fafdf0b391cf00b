"""Landmarks by what they are: "Polizei", "farmácia Schaan". The words of each kind are in ``categories.toml``."""

import sqlite3
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Final

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.places.answers import Answer
from tocsin.places.folding import SMALL, Word, fold
from tocsin.places.matching import Fit
from tocsin.places.question import Ask
from tocsin.places.store import E7
from tocsin.places.terms import Term

BY_KIND: Final = 0.8
"""Of a landmark whose kind is asked for, beside one whose name is."""
SHORTEST_BEGUN: Final = 4
"""Letters of a word that is half typed."""
MOST_OF_A_KIND: Final = 1000


class Called(msgspec.Struct, frozen=True):
    """A kind of landmark that the words of a question name."""

    category: str
    quality: float
    """1 for whole words, less for one half typed."""
    weight: float
    left: tuple[Word, ...]


@lru_cache(maxsize=1)
def kinds() -> tuple[tuple[tuple[str, ...], str], ...]:
    """(folded words, category), those of more words first."""
    table = tomllib.loads(files(__package__).joinpath("categories.toml").read_text("utf-8"))
    found = {(_texts(fold(name)), category) for category, names in table.items() for name in names}
    return tuple(sorted(found, key=lambda pair: (-len(pair[0]), pair)))


def _texts(words: tuple[Word, ...]) -> tuple[str, ...]:
    return tuple(word.text for word in words if word.weight > SMALL)


def called(ask: Ask) -> Iterator[Called]:
    """Each kind that the words name, by its longest name."""
    seen: set[str] = set()
    for names, category in kinds():
        rows = [_row_of(name, ask) for name in names]
        if category in seen or not all(quality for _, quality in rows):
            continue
        seen.add(category)
        taken = {row for row, _ in rows}
        left = tuple(word for row, word in enumerate(ask.words) if row not in taken and word.weight > SMALL)
        yield Called(category, min(quality for _, quality in rows), sum(ask.words[row].weight for row in taken), left)


def _row_of(name: str, ask: Ask) -> tuple[int, float]:
    """Which word of the question it is, and how well; 0.0 where none is."""
    for row, word in enumerate(ask.words):
        if name in (word.text, word.raw):
            return row, 1.0
    last = ask.words[-1]
    if ask.is_open and len(last.raw) >= SHORTEST_BEGUN and name.startswith(last.raw):
        return len(ask.words) - 1, 0.7 + 0.3 * len(last.raw) / len(name)
    return 0, 0.0


def find(base: sqlite3.Connection, ask: Ask) -> Iterator[tuple[Term, Answer]]:
    """Landmarks of the kinds that a plain question names; what else it says is left over for their areas."""
    if not ask.words or ask.number is not None or ask.other is not None or ask.km is not None:
        return
    for one in called(ask):
        how = Fit(BY_KIND * one.quality, one.weight / (one.weight + sum(word.weight for word in one.left)), one.left, "by_kind")
        rows = base.execute(
            "SELECT term.id, term.text, lon, lat, radius_m, area FROM named JOIN term ON term.id = named.term "
            "WHERE kind = 'landmark' AND category = ? ORDER BY named.id LIMIT ?",
            (one.category, MOST_OF_A_KIND),
        )
        for number, text, lon, lat, radius_m, area in rows:
            place = LonLat(lon / E7, lat / E7)
            yield Term(number, text, how), Answer(text, "landmark", place, Metres(radius_m), how.score, "by_kind", area, radius_m)
