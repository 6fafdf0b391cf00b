"""The gazetteer as an SQLite database in one blob: its tables, and how rows get into them. Equal rows give equal tables.

Street names are few and searched by their words (FTS5); house numbers, stretches and crossings hang on them and are looked up by number.
Coordinates are whole ten-millionths of a degree, as in the region file.
"""

import itertools
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final, get_args

import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.places.extents import Extents
from tocsin.places.folding import STRONG, fold, key_of
from tocsin.places.groups import Spot, crossings_of, groups_of
from tocsin.places.localities import Localities
from tocsin.places.question import label_of
from tocsin.places.rows import Alias, House, Line, Meeting, Named, Origin, Piece, Post, Row, Rows, Stretch

FORMAT: Final = 2
DIGEST_BYTES: Final = 32
"""The section ends with the SHA-256 of the database: SQLite itself notices damage only where it reads."""
E7: Final = 10_000_000

SCHEMA: Final = """
CREATE TABLE about (format INTEGER, source TEXT);
CREATE TABLE term (id INTEGER PRIMARY KEY, text TEXT, raw TEXT, words TEXT, same_as INTEGER);
CREATE TABLE word (text TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE area (id INTEGER PRIMARY KEY, text TEXT);
CREATE TABLE street (id INTEGER PRIMARY KEY, term INTEGER, lon INTEGER, lat INTEGER, radius_m REAL, length_m REAL, area INTEGER,
                     points BLOB);
CREATE TABLE house (id INTEGER PRIMARY KEY, term INTEGER, number INTEGER, label TEXT, shown TEXT, lon INTEGER, lat INTEGER, area INTEGER);
CREATE TABLE stretch (id INTEGER PRIMARY KEY, term INTEGER, first INTEGER, last INTEGER, parity INTEGER, area INTEGER, origin INTEGER,
                      spread_m REAL, points BLOB);
CREATE TABLE named (id INTEGER PRIMARY KEY, term INTEGER, kind TEXT, lon INTEGER, lat INTEGER, radius_m REAL, category TEXT, area INTEGER);
CREATE TABLE crossing (id INTEGER PRIMARY KEY, term INTEGER, other INTEGER, lon INTEGER, lat INTEGER, radius_m REAL, area INTEGER);
CREATE TABLE post (id INTEGER PRIMARY KEY, term INTEGER, km REAL, lon INTEGER, lat INTEGER);
CREATE VIRTUAL TABLE wording USING fts5(words, content='', prefix='1 2 3', tokenize="unicode61 remove_diacritics 0");
CREATE VIRTUAL TABLE near_house USING rtree(id, west, east, south, north);
CREATE VIRTUAL TABLE near_stretch USING rtree(id, west, east, south, north);
CREATE VIRTUAL TABLE near_crossing USING rtree(id, west, east, south, north);
"""
INDICES: Final = """
CREATE INDEX street_of ON street (term);
CREATE INDEX house_of ON house (term, number);
CREATE INDEX stretch_of ON stretch (term, first);
CREATE INDEX named_of ON named (term);
CREATE INDEX named_kind ON named (category);
CREATE INDEX crossing_of ON crossing (term, other);
CREATE INDEX post_of ON post (term, km);
"""
ONE_LANDMARK_M: Final = 150.0
CROSSING_M: Final = 15.0
"""Half the width of a crossing that is one node."""
ORIGINS: Final[tuple[Origin, ...]] = get_args(Origin)
PARITIES: Final = {"all": 0, "odd": 1, "even": 2}


def build_gazetteer(rows: Rows, *, source: str) -> NDArray[np.uint8]:
    """The blob for a region's section ``places``. ``source`` is what every answer names as where it comes from."""
    sorted_rows = _by_type(rows)
    with sqlite3.connect(":memory:") as base:
        base.executescript("PRAGMA page_size = 4096;" + SCHEMA)
        base.execute("INSERT INTO about VALUES (?, ?)", (FORMAT, source))
        _Build(base, sorted_rows).run()
        base.executescript(INDICES)
        base.commit()
        base.execute("VACUUM")
        blob = base.serialize()
    base.close()
    return np.frombuffer(blob + sha256(blob).digest(), dtype=np.uint8)


def open_blob(section: NDArray[np.uint8]) -> sqlite3.Connection:
    """The database of a section, copied into memory, to be read from several threads.

    Raises BadInput ``places_damaged`` (cut, changed, or made by something else), ``places_version``.
    """
    whole = np.ascontiguousarray(section).view(np.uint8).data
    blob, digest = whole[:-DIGEST_BYTES], whole[-DIGEST_BYTES:]
    if len(blob) == 0 or sha256(blob).digest() != digest:
        raise BadInput("places_damaged", reason="SHA-256")
    base = sqlite3.connect(":memory:", check_same_thread=False)
    try:
        base.deserialize(blob)
        base.execute("PRAGMA query_only = 1")
        known = base.execute("SELECT format FROM about").fetchone()
    except sqlite3.Error as problem:
        base.close()
        raise BadInput("places_damaged", reason=problem) from None
    if known != (FORMAT,):
        base.close()
        raise BadInput("places_version", version=known[0] if known else "–", expected=FORMAT)
    return base


def e7(place: LonLat) -> tuple[int, int]:
    """Whole ten-millionths of a degree."""
    return round(place.lon * E7), round(place.lat * E7)


def points_of(line: Line) -> bytes:
    """A line as it is kept."""
    return np.array([e7(point) for point in line], dtype="<i4").tobytes()


def line_of(points: bytes) -> NDArray[np.float64]:
    """(points, 2) degrees of a kept line."""
    return np.frombuffer(points, dtype="<i4").reshape(-1, 2) / E7


def _by_type(rows: Iterable[Row]) -> dict[type, list[Any]]:
    found: dict[type, list[Any]] = defaultdict(list)
    for row in rows:
        found[type(row)].append(row)
    return found


class _Build:
    """One build: names to their rows in ``term``, areas to theirs."""

    def __init__(self, base: sqlite3.Connection, rows: dict[type, list[Any]]) -> None:
        self.base = base
        self.rows = rows
        self.areas = Localities(rows[Named])
        self.terms: dict[str, int] = {}
        self.texts: dict[str, Counter[str]] = defaultdict(Counter)
        self.area_ids: dict[str, int] = {"": 0}

    def run(self) -> None:
        """All tables, in the order in which they need each other."""
        self._name()
        houses = self._houses()
        self._stretches()
        self._streets(houses)
        self._named(Extents(self.rows[Named], ((row.place, row.area) for row in self.rows[House] if row.area)))
        self._posts()
        self.base.executemany("INSERT INTO area VALUES (?, ?)", ((number, text) for text, number in self.area_ids.items()))

    def _name(self) -> None:
        """Every name that can be asked for; spelled as most rows spell it."""
        aliases: list[tuple[str, str]] = []
        for text in self._texts(aliases):
            key = key_of(fold(text))
            if key:
                self.texts[key][text] += 1
        for number, key in enumerate(sorted(self.texts), 1):
            self.terms[key] = number
            self._insert_term(number, key, min(self.texts[key], key=lambda text: (-self.texts[key][text], text)), None)
        same = {(key_of(fold(name)), self.terms.get(key_of(fold(of)), 0)) for of, name in aliases}
        for number, (key, target) in enumerate(sorted(same), len(self.terms) + 1):
            if key and target and self.terms.get(key) != target:
                self._insert_term(number, key, key, target)
        vocabulary = {word.text for (text,) in self.base.execute("SELECT words FROM term") for word in fold(text) if word.weight == STRONG}
        self.base.executemany("INSERT INTO word VALUES (?)", ((word,) for word in sorted(vocabulary)))

    def _texts(self, aliases: list[tuple[str, str]]) -> Iterable[str]:
        for kind in (House, Stretch, Piece):
            for row in self.rows[kind]:
                yield row.street
                if any(sign in row.street for sign in "äöüÄÖÜ"):
                    aliases.append((row.street, _written_out(row.street)))
        for row in self.rows[Meeting]:
            yield row.street
            yield row.other
        for row in self.rows[Post]:
            yield row.road
        localities = {key_of(fold(row.names[0])) for row in self.rows[Named] if row.kind == "locality"}
        for row in self.rows[Named]:
            yield row.names[0]
            # another name leads to everything of the first one: a stop called as its village is must not rename the village
            is_own = row.kind == "locality" or key_of(fold(row.names[0])) not in localities
            aliases += [(row.names[0], name) for name in (*(row.names[1:] if is_own else ()), _written_out(row.names[0]))]
        aliases += [(row.street, row.name) for row in self.rows[Alias]]

    def _insert_term(self, number: int, key: str, text: str, same_as: int | None) -> None:
        words = fold(text if same_as is None else key)
        raw = " ".join(word.raw for word in words)
        indexed = {word.text for word in words} | {word.raw for word in words} | {a.text + b.text for a, b in _pairs(words)}
        indexed |= {a.raw + b.raw for a, b in _pairs(words)}
        self.base.execute("INSERT INTO term VALUES (?, ?, ?, ?, ?)", (number, text, raw, key, same_as))
        self.base.execute("INSERT INTO wording (rowid, words) VALUES (?, ?)", (number, " ".join(sorted(indexed))))

    def _term(self, text: str) -> int:
        return self.terms.get(key_of(fold(text)), 0)

    def _area(self, text: str) -> int:
        return self.area_ids.setdefault(text, len(self.area_ids))

    def _houses(self) -> list[tuple[int, LonLat, str]]:
        """Numbers at their own places; gives (term, place, locality) of each."""
        found, seen = [], set()
        for row in sorted(self.rows[House], key=lambda row: (row.street, row.number, row.place.lon, row.place.lat)):
            label, term, locality = label_of(row.number), self._term(row.street), row.area or self.areas.nearest(row.place)
            digits = "".join(sign if sign.isdigit() else " " for sign in label).split()
            if not term or not digits or (term, label, row.place) in seen:
                continue
            seen.add((term, label, row.place))
            area = self._area(" ".join(part for part in (row.postcode, locality) if part))
            number = self.base.execute(
                "INSERT INTO house VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                (term, int(digits[0][:9]), label, row.number.strip(), *e7(row.place), area),
            ).lastrowid
            self._near("near_house", number, (row.place,))
            found.append((term, row.place, locality))
        return found

    def _near(self, table: str, number: int | None, line: Line) -> None:
        lon, lat = [point.lon for point in line], [point.lat for point in line]
        self.base.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?)", (number, min(lon), max(lon), min(lat), max(lat)))

    def _stretches(self) -> None:
        for row in sorted(
            self.rows[Stretch], key=lambda row: (row.street, row.first, row.last, row.parity, row.line[0].lon, row.line[0].lat)
        ):
            term = self._term(row.street)
            line = row.line if row.first <= row.last else row.line[::-1]
            ends = (min(row.first, row.last), max(row.first, row.last))
            values = (term, *ends, PARITIES[row.parity], self._area(row.area), ORIGINS.index(row.origin), row.spread_m, points_of(line))
            number = self.base.execute("INSERT INTO stretch VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", values).lastrowid
            self._near("near_stretch", number, line)

    def _streets(self, houses: list[tuple[int, LonLat, str]]) -> None:
        """Pieces of one name that belong together, and where two names meet."""
        pieces = [(self._term(row.street), row) for row in self.rows[Piece] if self._term(row.street)]
        for term, area, spot, length_m, points in groups_of(pieces, houses, self.areas):
            values = (term, *e7(spot.place), spot.radius_m, length_m, self._area(area), points)
            self.base.execute("INSERT INTO street VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values)
        hints = [(self._term(row.street), self._term(row.other), row.place) for row in self.rows[Meeting]]
        for (term, other), spot in crossings_of(pieces, hints):
            self._crossing(term, other, spot)

    def _crossing(self, term: int, other: int, spot: Spot) -> None:
        values = (term, other, *e7(spot.place), max(spot.radius_m, CROSSING_M), self._area(self.areas.nearest(spot.place)))
        number = self.base.execute("INSERT INTO crossing VALUES (NULL, ?, ?, ?, ?, ?, ?)", values).lastrowid
        self._near("near_crossing", number, (spot.place,))

    def _named(self, extents: Extents) -> None:
        kept: dict[tuple[int, str], list[LonLat]] = defaultdict(list)
        for row in sorted(
            self.rows[Named], key=lambda row: (row.names[0], row.kind, -row.radius_m, row.category, row.place.lon, row.place.lat)
        ):
            nearest = row.area or ("" if row.kind == "locality" else self.areas.nearest(row.place))
            term = self._term(row.names[0])
            # both platforms of a stop, or the building and its door: one landmark
            same = kept[term, row.kind]
            if term and all(flat_distance_m(start=row.place, end=known) > ONE_LANDMARK_M for known in same):
                same.append(row.place)
                values = (term, row.kind, *e7(row.place), extents.of(row), row.category, self._area(nearest))
                self.base.execute("INSERT INTO named VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", values)

    def _posts(self) -> None:
        for row in sorted(self.rows[Post], key=lambda row: (row.road, row.km, row.place.lon, row.place.lat)):
            self.base.execute("INSERT INTO post VALUES (NULL, ?, ?, ?, ?)", (self._term(row.road), row.km, *e7(row.place)))


def _pairs(words: tuple[Any, ...]) -> list[tuple[Any, Any]]:
    return list(itertools.pairwise(words))


def _written_out(text: str) -> str:
    """As it is typed where there are no umlauts on the keys."""
    for sign, out in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue")):
        text = text.replace(sign, out)
    return text
