"""The offline gazetteer of a region: text to places, and a place to its nearest address and crossing.

Ranking: by score, then (with ``near``) by distance from there, then address before block, crossing, kilometre post, interpolated
address, street, locality and landmark, then the larger one, then by text, area and coordinates: equal questions get equal answers in
equal order.
"""

import sqlite3
from collections.abc import Iterable
from threading import Lock
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.places import categories
from tocsin.places.answers import Answer, Answers
from tocsin.places.candidate import Candidate
from tocsin.places.folding import Word, fold, key_of
from tocsin.places.matching import explained_by
from tocsin.places.nearby import Nearby
from tocsin.places.question import Ask, is_cut, readings
from tocsin.places.store import open_blob
from tocsin.places.terms import Term, Terms

ORDER: Final = ("address", "block", "crossing", "kilometre_post", "address_interpolated", "street", "locality", "landmark")
MOST_TERMS: Final = 12
"""Names of one reading whose houses and crossings are looked up."""
ALL_ASKED: Final = 0.9
"""Share of the question's weight below which words of it were not used: joining words may be."""
WORTH_LOOKING: Final = 0.35
"""Names that fit less well than this share of the best are left out."""


class Gazetteer:
    """A gazetteer in memory. Safe for several threads: one question is answered at a time, and that takes milliseconds."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base
        self._lock = Lock()
        self._terms = Terms(base)
        self._areas: dict[int, str] = dict(base.execute("SELECT id, text FROM area"))
        self._area_words = {number: fold(text) for number, text in self._areas.items()}
        self._postcodes = _postcodes(self._areas.values())
        self.source: str = base.execute("SELECT source FROM about").fetchone()[0]
        self._answers = Answers(base, self._terms, self._areas)
        self._nearby = Nearby(base, self._terms)

    @classmethod
    def open(cls, section: NDArray[np.uint8]) -> "Gazetteer":
        """From the region's section ``places``. The database is copied into memory once. Raises what ``open_blob`` raises."""
        return cls(open_blob(section))

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._base.close()

    def find(self, text: str, *, limit: int = 8, near: LonLat | None = None) -> list[Candidate]:
        """What a text may mean, best first. Nothing fitting gives nothing. Reason ``text_cut``: only the beginning of the text was read."""
        with self._lock:
            answers = [answer for ask in readings(text) for answer in self._read(ask)]
        best: dict[tuple[Any, ...], Candidate] = {}
        size: dict[tuple[Any, ...], float] = {}
        for answer in answers:
            candidate = self._candidate(answer, is_text_cut=is_cut(text))
            same = (candidate.kind, candidate.text, candidate.area, candidate.lon, candidate.lat)
            if same not in best or best[same].score < candidate.score:
                best[same], size[same] = candidate, answer.size
        ranked = sorted(best.items(), key=lambda item: _rank(item[1], size[item[0]], near))
        return [candidate for _, candidate in ranked[: max(0, limit)]]

    def nearest(self, place: LonLat) -> list[Candidate]:
        """The nearest address and the nearest crossing, in this order; the score falls with the distance and ``uncertainty_m`` holds it."""
        if not place.is_on_earth():
            return []
        with self._lock:
            return [self._candidate(answer, is_text_cut=False) for answer in self._nearby.find(place)]

    def _candidate(self, answer: Answer, *, is_text_cut: bool) -> Candidate:
        return Candidate(
            text=answer.text,
            kind=answer.kind,
            lon=answer.place.lon,
            lat=answer.place.lat,
            uncertainty_m=answer.uncertainty_m,
            score=min(1.0, answer.score),
            source=self.source,
            reason="text_cut" if is_text_cut else answer.reason,
            area=self._areas.get(answer.area, ""),
        ).told()

    def _read(self, ask: Ask) -> Iterable[Answer]:
        for term, answer in categories.find(self._base, ask):
            yield self._with_area(answer, term, ask)
        terms = self._terms.find(ask.words, is_open=ask.is_open)[: MOST_TERMS * 4]
        if not terms:
            return
        # of two streets by half their names, that they meet tells which are meant
        floor = 0.0 if ask.other is not None else WORTH_LOOKING * max(term.fit.score * term.fit.asked for term in terms)
        kept = [term for term in terms if term.fit.score * term.fit.asked >= floor or term.fit.left][: MOST_TERMS * 2]
        for term in kept[:MOST_TERMS] if ask.number or ask.km is not None else kept:
            for answer in self._answers.of(term, ask):
                yield self._with_area(answer, term, ask)

    def _with_area(self, answer: Answer, term: Term, ask: Ask) -> Answer:
        """The score once the words that the name left over are held against the area."""
        asked = term.fit.asked
        if term.fit.left:
            total = sum(word.weight for word in ask.words)
            words = self._area_words.get(answer.area, ())
            words += self._postcodes.get(key_of(fold(answer.text)), ()) if answer.kind == "locality" else ()
            asked += explained_by(term.fit.left, words, is_open=ask.is_open) / total
        reason = answer.reason or ("words_unused" if asked < ALL_ASKED else "")
        return msgspec.structs.replace(answer, score=answer.score * min(1.0, asked) ** 2, reason=reason)


def _postcodes(areas: Iterable[str]) -> dict[str, tuple[Word, ...]]:
    """Locality, folded, to the postcodes that its houses state before it."""
    found: dict[str, tuple[Word, ...]] = {}
    for text in areas:
        head, _, name = text.partition(" ")
        if name and any(sign.isdigit() for sign in head):
            key = key_of(fold(name))
            found[key] = (*found.get(key, ()), *fold(head))
    return found


def _rank(candidate: Candidate, size: float, near: LonLat | None) -> tuple[Any, ...]:
    gap_m = flat_distance_m(start=near, end=LonLat(candidate.lon, candidate.lat)) if near else 0.0
    return (-candidate.score, gap_m, ORDER.index(candidate.kind), -size, candidate.text, candidate.area, candidate.lon, candidate.lat)
