"""What is near a point: the nearest address (a door, else a number on a stretch) and the nearest crossing."""

import sqlite3
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from tocsin.base.geometry import EARTH_RADIUS_M, LonLat, flat_distance_m
from tocsin.base.quantities import Metres
from tocsin.places.answers import Answer
from tocsin.places.groups import densely, metres_from
from tocsin.places.store import E7, line_of
from tocsin.places.stretches import ORIGIN_REASONS
from tocsin.places.terms import Terms

REACHES_M: Final = (60.0, 250.0, 1_000.0, 4_000.0)
"""Boxes that are looked into, one after the other, until there is something inside the circle within."""
SCORE_HALVES_M: Final = 200.0
MOST_READ: Final = 400


class Nearby:
    """Searches the store by place."""

    def __init__(self, base: sqlite3.Connection, terms: Terms) -> None:
        self._base = base
        self._terms = terms

    def find(self, place: LonLat) -> Iterator[Answer]:
        """The nearest address and the nearest crossing within 4 km; what there is."""
        doors = [answer for answer in (self._house(place), self._stretch(place)) if answer]
        if doors:
            yield min(doors, key=lambda answer: (answer[0], answer[1].kind))[1]
        crossing = self._crossing(place)
        if crossing:
            yield crossing[1]

    def _rows(self, table: str, place: LonLat, columns: str) -> Iterator[tuple[float, list[Any]]]:
        """(reach, rows whose box meets the box of that reach), growing."""
        for reach_m in REACHES_M:
            high = np.degrees(reach_m / EARTH_RADIUS_M)
            wide = high / max(0.01, float(np.cos(np.radians(place.lat))))
            box = (place.lon + wide, place.lon - wide, place.lat + high, place.lat - high)
            sql = f"SELECT {columns} FROM near_{table} JOIN {table} USING (id) WHERE west <= ? AND east >= ? AND south <= ? AND north >= ?"
            rows = self._base.execute(f"{sql} ORDER BY id LIMIT {MOST_READ}", box).fetchall()
            if rows:
                yield reach_m, rows

    def _house(self, place: LonLat) -> tuple[float, Answer] | None:
        for reach_m, rows in self._rows("house", place, "term, shown, lon, lat, area"):
            gaps = [(flat_distance_m(start=place, end=LonLat(row[2] / E7, row[3] / E7)), row) for row in rows]
            gap_m, (term, shown, lon, lat, area) = min(gaps, key=lambda pair: pair[0])
            if gap_m <= reach_m:
                text = f"{self._terms.text(term)} {shown}"
                return gap_m, Answer(text, "address", LonLat(lon / E7, lat / E7), Metres(gap_m), _score(gap_m), "nearest", area)
        return None

    def _crossing(self, place: LonLat) -> tuple[float, Answer] | None:
        for reach_m, rows in self._rows("crossing", place, "term, other, lon, lat, radius_m, area"):
            gaps = [(flat_distance_m(start=place, end=LonLat(row[2] / E7, row[3] / E7)), row) for row in rows]
            gap_m, (term, other, lon, lat, radius_m, area) = min(gaps, key=lambda pair: pair[0])
            if gap_m <= reach_m:
                text = f"{self._terms.text(term)} / {self._terms.text(other)}"
                found = LonLat(lon / E7, lat / E7)
                return gap_m, Answer(text, "crossing", found, Metres(max(gap_m, radius_m)), _score(gap_m), "nearest_crossing", area)
        return None

    def _stretch(self, place: LonLat) -> tuple[float, Answer] | None:
        for reach_m, rows in self._rows("stretch", place, "term, first, last, parity, area, origin, spread_m, points"):
            best: tuple[float, Any, Any] | None = None
            for row in rows:
                line = densely(line_of(row[7]))
                gaps = metres_from(place, line)
                nearest = int(gaps.argmin())
                if best is None or gaps[nearest] < best[0]:
                    best = (float(gaps[nearest]), row, (line, nearest))
            if best and best[0] <= reach_m:
                return best[0], self._numbered(best[0], best[1], *best[2])
        return None

    def _numbered(self, gap_m: float, row: Any, line: Any, nearest: int) -> Answer:
        """The number at a point of a stretch, of the stretch's side; half its length is in doubt."""
        term, first, last, parity, area, origin, spread_m, _ = row
        share = nearest / max(1, len(line) - 1)
        number = first + round(share * (last - first))
        if parity and number % 2 != parity % 2:
            number += 1 if number < last else -1
        place = LonLat(*(float(value) for value in line[nearest]))
        half_m = float(metres_from(place, line).max()) + spread_m
        reason = ORIGIN_REASONS[origin] or "nearest"
        text = f"{self._terms.text(term)} {number}"
        return Answer(text, "address_interpolated", place, Metres(max(gap_m, half_m)), _score(gap_m), reason, area)


def _score(gap_m: float) -> float:
    return 1.0 / (1.0 + gap_m / SCORE_HALVES_M)
