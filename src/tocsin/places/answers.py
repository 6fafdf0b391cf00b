"""From a name to places: the number on the street, the block, the crossing, the post, or the street itself. Ranks nothing."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.quantities import Metres
from tocsin.places.candidate import Kind
from tocsin.places.groups import metres_from, spot_of
from tocsin.places.question import Ask, Number
from tocsin.places.store import E7, line_of
from tocsin.places.stretches import ORIGIN_REASONS, Known, join_blocks, place_on
from tocsin.places.terms import Term, Terms, best_fit

NUMBER_UNKNOWN: Final = 0.7
"""What remains of a street's score when the number that was asked for is not known on it."""
NEAREST_NUMBER: Final = 0.72
"""And of the end of the stretch whose numbers come nearest."""
FARTHEST_BEYOND: Final = 300
USUAL_PACE: Final = 0.75
"""Numbers per metre of street."""
BEYOND_SPREAD_M: Final = 100.0
NOT_A_STREET: Final = 0.5
INTERPOLATED: Final = 0.97
OTHER_LETTER: Final = 0.95
ORIGIN_SCORES: Final = (1.0, 0.98, 0.95)
NEAR_CROSSING: Final = 0.9
MEET_WITHIN_M: Final = 120.0
MOST_APART: Final = 30
"""Numbers between two known ones that are still placed between them."""
MOST_APART_M: Final = 400.0
POST_EXACT_KM: Final = 0.05
POST_M: Final = 25.0
"""A caller at a post stands beside it, on either carriageway."""
BLOCK_M: Final = 25.0
"""Doors of a block: the point of each is somewhere in its house."""
DOOR_M: Final = 10.0
"""Metres of street for each number of a block that no door bears at its ends."""
POST_REACH_KM: Final = 5.0


class Answer(msgspec.Struct, frozen=True):
    """A candidate before its area is written out."""

    text: str
    kind: Kind
    place: LonLat
    uncertainty_m: Metres
    score: float
    reason: str
    area: int
    size: float = 0.0
    """Of equals the larger one goes first: metres of street, houses."""


class Answers:
    """Looks up what hangs on a name."""

    def __init__(self, base: sqlite3.Connection, terms: Terms, areas: dict[int, str]) -> None:
        self._base = base
        self._terms = terms
        self._areas = areas

    def of(self, term: Term, ask: Ask) -> Iterator[Answer]:
        """All places that the name may mean when asked so."""
        if ask.km is not None:
            yield from self._posts(term, ask.km)
        elif ask.other is not None:
            yield from self._crossings(term, ask)
        elif ask.number is not None:
            yield from self._numbers(term, ask.number)
        else:
            yield from self._itself(term)

    def _itself(self, term: Term) -> Iterator[Answer]:
        streets = self._base.execute("SELECT lon, lat, radius_m, length_m, area FROM street WHERE term = ?", (term.id,)).fetchall()
        several = "several_streets" if len(streets) > 1 else ""
        for lon, lat, radius_m, length_m, area in streets:
            yield Answer(term.text, "street", _place(lon, lat), radius_m, term.fit.score, term.fit.reason or several, area, length_m)
        rows = self._base.execute("SELECT kind, lon, lat, radius_m, area FROM named WHERE term = ?", (term.id,))
        for kind, lon, lat, radius_m, area in rows:
            yield Answer(term.text, kind, _place(lon, lat), radius_m, term.fit.score, term.fit.reason, area, radius_m)

    def _numbers(self, term: Term, number: Number) -> Iterator[Answer]:
        found = list(self._blocks(term, number)) if number.last > number.first else []
        if not number.is_block:
            found = [*self._houses(term, number), *found]
            known = {self._locality(answer.area) for answer in found}
            found += [answer for answer in self._between(term, number) if self._locality(answer.area) not in known]
        found = found or list(self._beyond(term, number))
        yield from found
        places = {self._locality(answer.area) for answer in found if answer.reason != "nearest_number"}
        for answer in self._itself(term):
            # where the same name has the number elsewhere, this street is still meant perhaps
            if self._locality(answer.area) not in places:
                is_street = answer.kind == "street"
                score = answer.score * (NUMBER_UNKNOWN if is_street else NOT_A_STREET * NUMBER_UNKNOWN)
                yield msgspec.structs.replace(answer, score=score, reason="number_unknown" if is_street else "number_unused")

    def _locality(self, area: int) -> str:
        """An area without its postcode."""
        text = self._areas.get(area, "")
        head, _, tail = text.partition(" ")
        return tail if any(sign.isdigit() for sign in head) else text

    def _houses(self, term: Term, number: Number) -> Iterator[Answer]:
        """Doors with just this number; without one, doors with another letter of it."""
        rows = self._base.execute(
            "SELECT label, shown, lon, lat, area FROM house WHERE term = ? AND number = ? ORDER BY id", (term.id, number.first)
        ).fetchall()
        exact = [row for row in rows if row[0] == number.label]
        plain = [row for row in rows if row[0] == str(number.first)] if number.first == number.last else []
        for label, shown, lon, lat, area in exact or plain or (rows if number.first == number.last else []):
            is_exact = label == number.label
            reason = term.fit.reason if is_exact else "other_letter"
            score = term.fit.score * (1.0 if is_exact else OTHER_LETTER)
            yield Answer(f"{term.text} {shown}", "address", _place(lon, lat), Metres(0.0), score, reason, area)

    def _stretches(self, term: Term, low: int, high: int) -> list[Known]:
        rows = self._base.execute(
            "SELECT first, last, parity, area, origin, spread_m, points FROM stretch "
            "WHERE term = ? AND first <= ? AND last >= ? ORDER BY id",
            (term.id, high, low),
        )
        known = []
        for first, last, parity, area, origin, spread_m, points in rows:
            known.append(Known(first, last, parity, area, origin, spread_m, line_of(points)))
        return known

    def _blocks(self, term: Term, number: Number) -> Iterator[Answer]:
        """The stretch of street, or the houses, with these numbers; one answer for each place where there are such."""
        shown = f"{number.first}–{number.last} {term.text}"
        known = self._stretches(term, number.first, number.last)
        for area, spot, spread_m, origin in join_blocks(_best(known), number.first, number.last):
            score = term.fit.score * ORIGIN_SCORES[origin]
            reason = ORIGIN_REASONS[origin] or term.fit.reason
            yield Answer(shown, "block", spot.place, Metres(spot.radius_m + spread_m), score, reason, area)
        if not known:
            yield from self._house_blocks(term, number, shown)

    def _house_blocks(self, term: Term, number: Number, shown: str) -> Iterator[Answer]:
        rows = self._base.execute(
            "SELECT lon, lat, area, number FROM house WHERE term = ? AND number BETWEEN ? AND ? ORDER BY id",
            (term.id, number.first, number.last),
        )
        by_area: dict[int, list[tuple[float, float]]] = defaultdict(list)
        known: dict[int, list[int]] = defaultdict(list)
        for lon, lat, area, door in rows:
            by_area[area].append((lon / E7, lat / E7))
            known[area].append(door)
        for area, places in by_area.items():
            spot = spot_of(np.array(places))
            missing = min(known[area]) - number.first + number.last - max(known[area])
            yield Answer(
                shown,
                "block",
                spot.place,
                Metres(spot.radius_m + BLOCK_M + missing * DOOR_M),
                term.fit.score,
                term.fit.reason,
                area,
                len(places),
            )

    def _beyond(self, term: Term, number: Number) -> Iterator[Answer]:
        """The end of the stretch whose numbers come nearest to one that is not known: a guess, and it says so."""
        known = self._stretches(term, number.first - FARTHEST_BEYOND, number.last + FARTHEST_BEYOND)
        if known:
            gap, _, nearest = min((max(one.first - number.last, number.first - one.last), row, one) for row, one in enumerate(known))
            end = nearest.line[-1] if number.first > nearest.last else nearest.line[0]
            off_m = Metres((gap + number.last - number.first) / USUAL_PACE + nearest.spread_m + BEYOND_SPREAD_M)
            shown = f"{nearest.first}–{nearest.last} {term.text}"
            yield Answer(shown, "block", LonLat(*end.tolist()), off_m, term.fit.score * NEAREST_NUMBER, "nearest_number", nearest.area)

    def _between(self, term: Term, number: Number) -> Iterator[Answer]:
        """On a stretch whose range holds the number, else between the nearest known numbers of its side, else of either side."""
        shown = f"{term.text} {number.label}"
        wanted = number.first
        known = [one for one in self._stretches(term, wanted, wanted) if one.parity in (0, 2 - wanted % 2)]
        for one in _best(known):
            place, uncertainty_m = place_on(one, wanted)
            score = term.fit.score * INTERPOLATED * ORIGIN_SCORES[one.origin]
            reason = ORIGIN_REASONS[one.origin] or "interpolated"
            yield Answer(shown, "address_interpolated", place, uncertainty_m, score, reason, one.area)
        if not known:
            yield from self._between_houses(term, number, shown)

    def _between_houses(self, term: Term, number: Number, shown: str) -> Iterator[Answer]:
        rows = self._base.execute(
            "SELECT area, number, lon, lat FROM house WHERE term = ? AND number BETWEEN ? AND ? ORDER BY number, id",
            (term.id, number.first - MOST_APART, number.first + MOST_APART),
        ).fetchall()
        by_locality: dict[str, list[Any]] = defaultdict(list)
        for row in rows:
            by_locality[self._locality(row[0])].append(row)
        for inside in by_locality.values():
            side = [row[1:] for row in inside if row[1] % 2 == number.first % 2]
            ends = _around(side, number.first) or _around(sorted(row[1:] for row in inside), number.first)
            area = inside[0][0]
            if ends:
                (low, start), (high, end) = ends
                share = (number.first - low) / (high - low)
                place = LonLat(start.lon + (end.lon - start.lon) * share, start.lat + (end.lat - start.lat) * share)
                half_m = max(flat_distance_m(start=place, end=start), flat_distance_m(start=place, end=end))
                yield Answer(shown, "address_interpolated", place, half_m, term.fit.score * INTERPOLATED, "interpolated", area)

    def _crossings(self, term: Term, ask: Ask) -> Iterator[Answer]:
        rows = self._base.execute(
            "SELECT other, lon, lat, radius_m, area FROM crossing WHERE term = ?1 UNION ALL "
            "SELECT term, lon, lat, radius_m, area FROM crossing WHERE other = ?1",
            (term.id,),
        ).fetchall()
        fits: dict[int, Any] = {}
        other_words = ask.other or ()
        for other, lon, lat, radius_m, area in rows:
            if other not in fits:
                fits[other] = best_fit(other_words, self._terms.words(other), is_open=True)
            how = fits[other]
            if how.asked > 0.5 and how.score > 0.2:
                score = (term.fit.score + how.score) / 2 * how.asked**2
                reason = term.fit.reason or how.reason
                yield Answer(f"{term.text} / {self._terms.text(other)}", "crossing", _place(lon, lat), radius_m, score, reason, area)
        if not any(how.asked > 0.9 and how.score > 0.7 for how in fits.values()):
            yield from self._nearly_met(term, ask)

    def _nearly_met(self, term: Term, ask: Ask) -> Iterator[Answer]:
        """Streets that come near each other without a common node: the middle of the gap."""
        for other in self._terms.find(ask.other or (), is_open=True)[:3]:
            if other.id == term.id or other.fit.left:
                continue
            for points, area in self._points(term.id):
                for others, _ in self._points(other.id):
                    place, gap_m = _gap(points, others)
                    if gap_m <= MEET_WITHIN_M:
                        score = (term.fit.score + other.fit.score) / 2 * other.fit.asked**2 * NEAR_CROSSING
                        text = f"{term.text} / {other.text}"
                        yield Answer(text, "crossing", place, Metres(max(gap_m, 25.0)), score, "streets_near", area)

    def _points(self, term: int) -> list[tuple[Any, int]]:
        rows = self._base.execute("SELECT points, area FROM street WHERE term = ? ORDER BY id LIMIT 8", (term,))
        return [(line_of(points), area) for points, area in rows]

    def _posts(self, term: Term, km: float) -> Iterator[Answer]:
        rows = self._base.execute(
            "SELECT km, lon, lat FROM post WHERE term = ? AND km BETWEEN ? AND ? ORDER BY km, id",
            (term.id, km - POST_REACH_KM, km + POST_REACH_KM),
        ).fetchall()
        posts = [(float(at), _place(lon, lat)) for at, lon, lat in rows]
        shown = f"{term.text} km {km:g}"
        exact = [(at, place) for at, place in posts if abs(at - km) <= POST_EXACT_KM]
        for at, place in exact:
            yield Answer(shown, "kilometre_post", place, Metres(max(POST_M, abs(at - km) * 1000)), term.fit.score, term.fit.reason, 0)
        below = [post for post in posts if post[0] < km]
        above = [post for post in posts if post[0] > km]
        if not exact and below and above:
            (low, start), (high, end) = below[-1], above[0]
            share = (km - low) / (high - low)
            place = LonLat(start.lon + (end.lon - start.lon) * share, start.lat + (end.lat - start.lat) * share)
            # a road is never shorter than the straight line: what it winds is in doubt
            half_m = Metres(max((km - low), (high - km)) * 1000)
            yield Answer(shown, "kilometre_post", place, half_m, term.fit.score * INTERPOLATED, "interpolated", 0)


def _best(known: list[Known]) -> list[Known]:
    """Those whose numbers are known best."""
    return [one for one in known if one.origin == min(other.origin for other in known)]


def _place(lon: int, lat: int) -> LonLat:
    return LonLat(lon / E7, lat / E7)


def _around(rows: list[Any], wanted: int) -> tuple[tuple[int, LonLat], tuple[int, LonLat]] | None:
    """The nearest known numbers below and above, where they are near enough to each other."""
    below = [row for row in rows if row[0] < wanted]
    above = [row for row in rows if row[0] > wanted]
    if not below or not above:
        return None
    low, high = below[-1], above[0]
    start, end = _place(*low[1:]), _place(*high[1:])
    if high[0] - low[0] > MOST_APART or flat_distance_m(start=start, end=end) > MOST_APART_M:
        return None
    return (low[0], start), (high[0], end)


def _gap(points: Any, others: Any) -> tuple[LonLat, float]:
    """The middle of the shortest way between two clouds of points, and its length in metres."""
    best: tuple[LonLat, float] = (LonLat(0.0, 0.0), float("inf"))
    few, many = (points, others) if len(points) <= len(others) else (others, points)
    for point in few[:400]:
        gaps = metres_from(LonLat(*point), many)
        row = int(gaps.argmin())
        if gaps[row] < best[1]:
            best = (LonLat(*((point + many[row]) / 2)), float(gaps[row]))
    return best
