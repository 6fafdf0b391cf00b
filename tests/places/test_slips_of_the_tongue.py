"""Postcodes, words and numbers that are written as one, and reasons that fit what they stand beside."""

import json

import msgspec
from town import at

from tocsin.base.geometry import LonLat
from tocsin.places.candidate import Candidate
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.locate import Locator
from tocsin.places.rows import House, Named, Piece, Row
from tocsin.places.store import build_gazetteer

PLACES: list[Row] = [
    Named(("Schaan",), "locality", at(0, 0), category="town"),
    Named(("Vaduz",), "locality", at(9_000, 0), category="town"),
    Named(("143",), "landmark", at(9_100, 0), category="information"),
    Named(("Parkplatz 26",), "landmark", at(9_200, 0), category="parking"),
    Piece("Feldkircher Strasse", 1, 2, (at(0, 50), at(400, 50))),
    Piece("Schaanerstrasse", 2, 4, (at(9_000, 50), at(9_400, 50))),
    Piece("Landstrasse", 2, 3, (at(400, 50), at(400, 400))),
    House("Feldkircher Strasse", "10", at(100, 60), "Schaan", "9494"),
    House("Landstrasse", "12", at(410, 100), "Schaan", "9494"),
    House("Schaanerstrasse", "4", at(9_100, 60), "Vaduz", "9490"),
]
GAZETTEER = Gazetteer.open(build_gazetteer(PLACES, source="test"))
LOCATOR = Locator(GAZETTEER, bbox=(9.4, 47.0, 9.7, 47.2))


def first(text: str) -> Candidate:
    return LOCATOR.find(text).candidates[0]


def test_a_street_of_two_words_that_is_abbreviated_as_one() -> None:
    for text in ("Feldkircherstr 10 Schaan", "Feldkircherstr. 10", "Feldkircherstrasse 10, Schaan", "10 feldkircherstr"):
        assert (first(text).text, first(text).kind) == ("Feldkircher Strasse 10", "address"), text


def test_a_postcode_with_its_locality() -> None:
    assert (first("9494 Schaan").text, first("9494 Schaan").kind) == ("Schaan", "locality")
    assert (first("9494 Schaan").score, first("9494 Schaan").reason) == (0.99, "")
    assert first("Schaan 9494").kind == "locality"
    assert first("Schaan 9490").score < first("Schaan 9494").score


def test_a_number_stuck_to_its_street() -> None:
    assert first("Landstrasse12").text == "Landstrasse 12"
    assert first("landstr12 schaan").text == "Landstrasse 12"


def test_reasons_fit_what_they_stand_beside() -> None:
    unused = [one for one in GAZETTEER.find("Schaan 7") if one.kind in ("locality", "landmark")]
    assert unused and {one.reason for one in unused} == {"number_unused"}
    _, crossing = GAZETTEER.nearest(at(390, 60))
    assert (crossing.kind, crossing.reason) == ("crossing", "nearest_crossing")
    assert GAZETTEER.find("1") == [] == GAZETTEER.find("14")
    assert [one.reason for one in GAZETTEER.find("143")] == [""]
    assert [one.reason for one in GAZETTEER.find("26")] == ["part_of_name"]
    assert first("Vaduz Xyzzy").reason == "words_unused"


def test_a_place_outside_of_the_region_is_told_so() -> None:
    assert LOCATOR.describe(LonLat(151.0, -33.0)).notes == ("outside_region",)
    assert LOCATOR.describe(at(0, 0)).notes == ()
    assert Locator(GAZETTEER).describe(LonLat(151.0, -33.0)).notes == ()


def test_no_figure_says_more_than_is_known() -> None:
    found = [*LOCATOR.find("Landstrasse").candidates, *LOCATOR.find("47.1, 9.5").candidates, *LOCATOR.describe(at(390, 61)).nearest]
    found += [*LOCATOR.find("12-14 Landstrasse").candidates, *LOCATOR.find("Landstrasse / Feldkircher Strasse").candidates]
    assert len(found) >= 6
    for one in found:
        figures = json.loads(msgspec.json.encode(one))
        for name, digits in (("lon", 7), ("lat", 7), ("uncertainty_m", 1), ("score", 4)):
            assert type(getattr(one, name)) is float
            assert figures[name] == round(figures[name], digits)
