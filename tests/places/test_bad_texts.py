"""Texts that nobody should type and somebody will: never an exception, never slow, the same answer however it is encoded."""

import random
import sqlite3
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from town import ROWS, at

from tocsin.base.faults import BadInput
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.locate import Locator
from tocsin.places.rows import House, Piece
from tocsin.places.store import build_gazetteer

BLOB = build_gazetteer(ROWS, source="test")
TOWN = Gazetteer.open(BLOB)
LOCATOR = Locator(TOWN)
SLOWEST_MS = 500.0
"""Finds what hangs, on any machine; ``benchmarks/places.py`` holds the slowest of these against 50 ms."""

MILLION = 1_000_000
BAD = {
    "letters": "x" * MILLION,
    "words": "st " * (MILLION // 3),
    "digits": "1" * MILLION,
    "corners": "Main St 12 / " * (MILLION // 13),
    "marks": "e" + "\u0301" * MILLION,
    "emoji": "🚒" * MILLION,
    "spaces": " " * MILLION + "Hauptstrasse 2",
    "nul": "\0" * MILLION,
    "minus": "-" * MILLION,
    "dots": "." * MILLION,
    "degrees": "1°" * (MILLION // 2),
    "decimals": "1.23456, " * (MILLION // 9),
    "links": "https://" * (MILLION // 8),
    "codes": "8FVC9G8F+" * (MILLION // 9),
    "controls": "".join(map(chr, [*range(32), *range(127, 160)])),
    "lone surrogate": "Haupt\ud800strasse 2",
    "surrogates": "\udcff\ud83d St 12",
    "nul inside": "Hauptstr\0 2\0",
    "right to left": "שדרות רוטשילד 12",
    "mixed directions": "Haupt \u202e21 rts\u202c שלום \u2066x\u2069 2",
    "Arabic digits": "شارع ١٢",
    "joined emoji": "🚒 Hauptstr 👩‍🚒 12 🇨🇭",
    "heaped marks": "H\u0300\u0301\u0302\u0303" * 60,
    "SQL": "'; DROP TABLE term; --",
    "FTS operators": 'NEAR(a b, 3) AND "x" OR * NOT -a ^b {c d}: words:e',
    "open bracket": "NEAR(",
    "stars": "*" * 50,
    "quotes": '"' * 51,
    "200 words": " ".join(f"word{number}" for number in range(200)),
    "400 digits first": "9" * 400 + " Hauptstr",
    "400 digits last": "Hauptstr " + "1" * 400,
    "400 decimals": "0." + "3" * 400 + ", 12." + "1" * 400,
    "negative": "-12 Hauptstr",
    "negative behind": "Hauptstr -12",
    "negative block": "-1 block of 3rd",
    "nothing but signs": "/",
    "conjunctions": "and and and",
    "a block of nothing": "block of",
    "halves": "1/2 1/2 1/2",
    "ranges": "12-14-16-18/20/22 a-b",
    "percent": "%s %d %00 \\x00",
    "not a number": "nan, inf",
    "too large": "1e999, -1e999",
    "long geo": "geo:" + "1" * 400 + ",2",
    "link of nuls": "https://maps.example/?q=" + "%00" * 1000,
    "far post": "A1 km " + "9" * 30,
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_text_is_answered_at_once(name: str) -> None:
    start = time.monotonic()
    located = LOCATOR.find(BAD[name], near=at(0, 0))
    assert (time.monotonic() - start) * 1000 < SLOWEST_MS
    assert all(0.0 <= one.score <= 1.0 and one.uncertainty_m >= 0.0 for one in located.candidates)
    assert located == LOCATOR.find(BAD[name], near=at(0, 0))


@pytest.mark.parametrize("text", ["Hauptstraße 2", "Ruelle de l'Église", "Kirchgässe", "ul. Długa 5", "São João 3º", "각 가", "ệ ǘ 2"])
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    composed, decomposed = (LOCATOR.find(unicodedata.normalize(form, text)) for form in ("NFC", "NFD"))
    assert composed == decomposed


@pytest.mark.parametrize(
    "text", ["Ｈａｕｐｔｓｔｒａｓｓｅ　２", "Hauptstrasse\u00a02", "Hauptstrasse\t2\n", "HAUPTSTRASSE\u200b 2", "Hauptstraße ２"]
)
def test_full_width_and_odd_spaces_are_read(text: str) -> None:
    assert TOWN.find(text)[0].text == "Hauptstraße 2"


def test_a_name_from_right_to_left_is_found_among_others() -> None:
    street = "שדרות רוטשילד"
    rows = [*ROWS, Piece(street, 900, 901, (at(3000, 0), at(3100, 0))), House(street, "12", at(3050, 5))]
    found = Gazetteer.open(build_gazetteer(rows, source="test")).find("רוטשילד 12")
    assert (found[0].kind, found[0].text) == ("address", "שדרות רוטשילד 12")


def test_eight_threads_that_type_at_once_get_the_answers_of_one() -> None:
    texts = ["Hauptstrasse 12a", "3rd / hauptstr", "800 block of 3rd", "A1 km 23.4", "Ruelle de l'Église", "landesspital", "NEAR("]
    typed = [text[:length] for text in texts for length in range(1, len(text) + 1)]
    alone = {text: LOCATOR.find(text) for text in typed}
    orders = [random.Random(seed).sample(typed, len(typed)) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for order, answers in zip(orders, pool.map(lambda order: [LOCATOR.find(text) for text in order], orders), strict=True):
            assert answers == [alone[text] for text in order]


def test_any_damage_to_the_section_is_told_before_anything_is_answered() -> None:
    rng = random.Random(1)
    for _ in range(100):
        damaged = BLOB.copy()
        row = rng.randrange(len(damaged))
        damaged[row] ^= rng.randrange(1, 256)
        with pytest.raises(BadInput, match="places_damaged"):
            Gazetteer.open(damaged)


@pytest.mark.parametrize("kept", [0, 1, 31, 32, 33, 100, 4096, len(BLOB) - 1])
def test_a_section_that_is_cut_short_is_refused(kept: int) -> None:
    with pytest.raises(BadInput, match="places_damaged"):
        Gazetteer.open(BLOB[:kept])


def test_a_foreign_section_is_refused() -> None:
    base = sqlite3.connect(":memory:")
    base.executescript("CREATE TABLE about (format, source); INSERT INTO about VALUES (2, 'me')")
    for section in (np.frombuffer(base.serialize(), np.uint8), np.frombuffer(b"hello world" * 100, np.uint8), np.zeros(1000)):
        with pytest.raises(BadInput, match="places_damaged"):
            Gazetteer.open(section)
    base.close()
