"""Names that the words of a question may mean: FTS5 finds by word and beginning, rapidfuzz finds misspelt words of the vocabulary."""

import itertools
import sqlite3
from functools import lru_cache
from typing import Any, Final

import msgspec
from rapidfuzz import process
from rapidfuzz.distance import OSA

from tocsin.places.folding import STRONG, Word, fold
from tocsin.places.matching import COMPOUND, Fit, errors_allowed, fit, is_inside

MOST_LOOKED_AT: Final = 80
"""Names taken from the index for one reading, best first by its own measure."""
MOST_ALIKE: Final = 6
"""Words of the vocabulary that a misspelt one may stand for."""
MOST_COMPOUND: Final = 12
"""Words of the vocabulary that one may be a part of."""
LEAST_SCORE: Final = 0.15


class Term(msgspec.Struct, frozen=True):
    """A name with how well it fits."""

    id: int
    """Of the name that carries streets and houses; another name leads there."""
    text: str
    fit: Fit


class Terms:
    """The names of one gazetteer. Not safe for several threads at once: the gazetteer's lock guards it."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        self._vocabulary = [text for (text,) in base.execute("SELECT text FROM word")]
        self._known = frozenset(self._vocabulary)
        self._by_length: dict[int, list[str]] = {}
        for word in self._vocabulary:
            self._by_length.setdefault(len(word), []).append(word)
        self._alike = lru_cache(maxsize=4096)(self._find_alike)
        self._row = lru_cache(maxsize=65_536)(self._read_row)

    def find(self, words: tuple[Word, ...], *, is_open: bool) -> list[Term]:
        """Names that share a word with these, best fit first, at most ``MOST_LOOKED_AT``."""
        query = self._query(words, is_open)
        if not query:
            return []
        rows = self._base.execute("SELECT rowid FROM wording WHERE wording MATCH ? ORDER BY rank, rowid LIMIT ?", (query, MOST_LOOKED_AT))
        found: dict[int, Term] = {}
        for (number,) in rows:
            text, named, target, shown = self._row(number)
            how = best_fit(words, named, is_open=is_open)
            if how.score * how.asked < LEAST_SCORE:
                continue
            if target:
                how = msgspec.structs.replace(how, reason=how.reason or "other_name")
            known = found.get(target or number)
            if known is None or _worth(known.fit) < _worth(how):
                found[target or number] = Term(target or number, shown or text, how)
        return sorted(found.values(), key=lambda term: (-_worth(term.fit), term.text, term.id))

    def text(self, number: int) -> str:
        """How a name is written."""
        return str(self._row(number)[0])

    def words(self, number: int) -> tuple[Word, ...]:
        """The words of a name."""
        named: tuple[Word, ...] = self._row(number)[1]
        return named

    def _read_row(self, number: int) -> tuple[str, tuple[Word, ...], int, str]:
        row: Any = self._base.execute(
            "SELECT term.text, term.same_as, known.text FROM term LEFT JOIN term AS known ON known.id = term.same_as WHERE term.id = ?",
            (number,),
        ).fetchone()
        return row[0], fold(row[0]), row[1] or 0, row[2] or ""

    def _query(self, words: tuple[Word, ...], is_open: bool) -> str:
        """FTS5's language: each word, what may be meant by it, and what it makes with the next one, any of them."""
        strong = [(row, word) for row, word in enumerate(words) if word.weight == STRONG]
        parts: dict[str, None] = {}
        for row, word in strong or list(enumerate(words)):
            may_grow = is_open and row == len(words) - 1
            for text in dict.fromkeys((word.text, word.raw)):
                parts[f'"{text}"'] = None
            if may_grow:
                parts[f'"{word.raw}"*'] = None
            for text in self._alike(word.text, may_grow):
                parts[f'"{text}"'] = None
        if is_open and words and words[-1].weight < STRONG:
            parts[f'"{words[-1].raw}"*'] = None
        for first, second in itertools.pairwise(words):
            parts[f'"{first.raw}{second.raw}"'] = None
        return " OR ".join(parts)

    def _find_alike(self, text: str, may_grow: bool) -> tuple[str, ...]:
        """Words of the vocabulary that differ by as few letters as are forgiven; with ``may_grow`` also by their beginnings."""
        allowed = 0 if text.isdigit() else errors_allowed(len(text))
        if not allowed:
            return ()
        near = [word for length in range(len(text) - allowed, len(text) + allowed + 1) for word in self._by_length.get(length, ())]
        found = process.extract(text, near, scorer=OSA.distance, score_cutoff=allowed, limit=MOST_ALIKE)
        alike = [word for word, _, _ in found if word != text]
        if may_grow and not alike and text not in self._known:
            longer = [word for word in self._vocabulary if len(word) > len(text)]
            heads = [word[: len(text)] for word in longer]
            found = process.extract(text, heads, scorer=OSA.distance, score_cutoff=allowed, limit=2 * MOST_ALIKE)
            alike += [longer[row] for _, _, row in found]
        return (*alike, *self._find_inside(text))

    def _find_inside(self, text: str) -> tuple[str, ...]:
        """Compound words that hold a word; those that end with it first, then the shorter ones."""
        if len(text) < COMPOUND:
            return ()
        found = [word for word in self._vocabulary if is_inside(text, word)]
        found.sort(key=lambda word: (not word.endswith(text), len(word), word))
        return tuple(found[:MOST_COMPOUND])


def best_fit(words: tuple[Word, ...], named: tuple[Word, ...], *, is_open: bool) -> Fit:
    """As the words stand, or with two of them written as one on either side."""
    best = fit(words, named, is_open=is_open)
    if best.left or best.score < 0.9:
        others = [fit(joined, named, is_open=is_open) for joined in _joined(words, {word.raw for word in named}, is_open)]
        asked = {text for word in words for text in (word.raw, word.text)}
        others += [fit(words, joined, is_open=is_open) for joined in _joined(named, asked, False)]
        best = max([best, *others], key=_worth)
    return best


def _worth(how: Fit) -> float:
    return how.score * how.asked


def _joined(words: tuple[Word, ...], wanted: set[str], is_open: bool) -> list[tuple[Word, ...]]:
    """Each way to write two neighbours as one word that is wanted; the beginning of such a word where it may be half typed."""
    found = []
    for row in range(min(len(words) - 1, 4)):
        text = words[row].raw + words[row + 1].raw
        is_begun = is_open and row + 2 == len(words) and any(word.startswith(text) for word in wanted)
        if text in wanted or is_begun:
            found.append((*words[:row], Word(text, text, STRONG), *words[row + 2 :]))
    return found
