"""Texts to places and back, on a small town."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from town import ROWS, at

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, distance_m
from tocsin.places.candidate import Candidate
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.store import build_gazetteer

BLOB = build_gazetteer(ROWS, source="test")
TOWN = Gazetteer.open(BLOB)


def first(text: str, **options: LonLat) -> Candidate:
    """The best answer."""
    return TOWN.find(text, **options)[0]


def off_m(candidate: Candidate, place: LonLat) -> float:
    return distance_m(start=LonLat(candidate.lon, candidate.lat), end=place)


@pytest.mark.parametrize("text", ["Hauptstraße 2", "hauptstrasse 2", "HAUPTSTR. 2", "2 Hauptstr", "Haupt strasse 2", "Hauptstrase 2"])
def test_an_address_as_it_is_typed(text: str) -> None:
    found = first(text)
    assert (found.kind, found.text, found.area) == ("address", "Hauptstraße 2", "Oberdorf")
    assert off_m(found, at(20, 8)) < 0.1


def test_the_same_address_in_two_places_is_two_answers() -> None:
    found = [one for one in TOWN.find("Hauptstrasse 12") if one.kind == "address"]
    assert [one.area for one in found] == ["Niederdorf", "Oberdorf"]
    assert found[0].score == found[1].score
    assert first("Hauptstrasse 12, Niederdorf").area == "Niederdorf"
    assert first("Hauptstrasse 12 Oberdorf").area == "Oberdorf"
    assert first("Hauptstrasse 12", near=at(0, 0)).area == "Oberdorf"
    assert first("Hauptstrasse 12", near=at(6000, 0)).area == "Niederdorf"


def test_letters() -> None:
    assert first("Hauptstr 12a").text == "Hauptstraße 12a"
    other = first("Hauptstr 12b, Oberdorf")
    assert (other.text, other.reason) == ("Hauptstraße 12", "other_letter")


def test_a_number_between_known_ones_is_a_stretch() -> None:
    found = first("Hauptstr 10, Oberdorf")
    assert (found.kind, found.reason) == ("address_interpolated", "interpolated")
    assert off_m(found, at(100, 8)) < 1.0
    assert found.uncertainty_m == pytest.approx(20.0, abs=1.0)


def test_an_unknown_number_gives_the_street_and_says_so() -> None:
    found = TOWN.find("Hauptstr 900")
    assert {(one.kind, one.reason) for one in found} == {("street", "number_unknown")}
    assert {one.area for one in found} == {"Oberdorf", "Niederdorf"}


def test_sides_of_a_range() -> None:
    found = first("849 3rd St")
    assert found.kind == "address_interpolated"
    assert off_m(found, at(200, 49)) < 2.0
    assert first("850 Third Street").reason == "interpolated"


def test_a_number_beyond_the_known_ones_is_a_guess_at_their_end_that_says_so() -> None:
    guess, street = (one for one in TOWN.find("905 3rd St") if "3RD" in one.text)
    assert (guess.text, guess.reason, street.reason) == ("801–899 3RD ST", "nearest_number", "number_unknown")
    assert off_m(guess, at(200, 100)) < 0.1
    assert guess.uncertainty_m > 100.0
    assert guess.score < 0.75
    assert {one.reason for one in TOWN.find("2000 3rd St") if one.text.startswith("3RD")} == {"number_unknown"}


def test_blocks() -> None:
    found = first("800 BLOCK OF 3RD ST")
    assert found.kind == "block"
    assert off_m(found, at(200, 50)) < 2.0
    assert found.uncertainty_m == pytest.approx(50.0, abs=2.0)
    assert first("8XX 3rd").kind == "block"
    inferred = first("100 block of ofarrell")
    assert inferred.reason == "inferred"
    assert inferred.uncertainty_m > 100.0
    assert first("2-8 Hauptstr").kind == "block"


@pytest.mark.parametrize(
    "text", ["Hauptstr / Kirchgasse", "kirchgasse and hauptstr", "corner of Kirchgasse and Hauptstrasse", "Kirchgasse x Haupts"]
)
def test_crossings(text: str) -> None:
    found = first(text)
    assert (found.kind, found.area) == ("crossing", "Oberdorf")
    assert off_m(found, at(100, 0)) < 0.1


def test_streets_that_nearly_meet() -> None:
    found = first("Seeweg / Kirchgasse")
    assert (found.kind, found.reason) == ("crossing", "streets_near")
    assert off_m(found, at(100, 130)) < 20.0
    assert found.uncertainty_m >= 50.0


def test_crossings_that_the_source_tells_in_words() -> None:
    assert off_m(first("Seeweg / Hafenplatz"), at(100, 400)) < 0.1


def test_streets_landmarks_localities_and_other_names() -> None:
    assert first("kirchgasse").kind == "street"
    assert first("landesspital").kind == "landmark"
    assert first("niederdorf").kind == "locality"
    assert first("Upper Village").text == "Oberdorf"
    assert first("ruelle eglise").text == "Kirchgasse"
    assert first("ruelle de l'église").reason == "other_name"
    assert first("Oberdorf 77").kind == "address"
    assert first("hauptstr").reason in ("abbreviation", "several_streets")
    assert len([one for one in TOWN.find("Hauptstraße") if one.kind == "street"]) == 2


def test_posts() -> None:
    assert off_m(first("A1 km 23"), at(0, 500)) < 0.1
    between = first("A1 km 23.4")
    assert (between.kind, between.reason) == ("kilometre_post", "interpolated")
    assert off_m(between, at(400, 500)) < 2.0
    assert between.uncertainty_m == pytest.approx(600.0)


@pytest.mark.parametrize("text", ["Hauptstarsse 2", "Hautpstrasse 2", "Hauptstrsse 2", "Hauptstraasse 2"])
def test_one_wrong_letter(text: str) -> None:
    assert (first(text).text, first(text).reason) == ("Hauptstraße 2", "misspelt")


def test_short_words_are_not_guessed() -> None:
    assert TOWN.find("A9 km 23") == []


def test_every_beginning_of_a_street_finds_it() -> None:
    for length in range(2, len("kirchgasse") + 1):
        assert first("kirchgasse"[:length]).text == "Kirchgasse"


def test_back_from_a_place() -> None:
    address, crossing = TOWN.nearest(at(21, 9))
    assert (address.text, address.kind, crossing.text, crossing.kind) == (
        "Hauptstraße 2",
        "address",
        "Hauptstraße / Kirchgasse",
        "crossing",
    )
    assert address.uncertainty_m == pytest.approx(1.4, abs=0.2)
    on_stretch, _ = TOWN.nearest(at(201, 49))
    assert on_stretch.kind == "address_interpolated"
    assert on_stretch.text in ("3RD ST 849", "3RD ST 848", "3RD ST 850", "3RD ST 851")
    assert TOWN.nearest(LonLat(0.0, 0.0)) == []


@pytest.mark.parametrize("text", ["", " ", "\x00\x01", "\u202e\u200f", "'\"*()^:", "AND OR NOT NEAR", "שדרות רוטשילד 12", "🚒" * 50])
def test_odd_texts_are_harmless(text: str) -> None:
    assert isinstance(TOWN.find(text), list)


def test_a_million_signs_are_cut_and_it_is_said() -> None:
    found = TOWN.find("Hauptstrasse 2 " + "x" * 1_000_000)
    assert {one.reason for one in found} <= {"text_cut"}
    assert [one.reason for one in TOWN.find("Kirchgasse" + "," * 1_000_000)] == ["text_cut"]


@settings(max_examples=150)
@given(st.text(max_size=60) | st.text(alphabet="haupt str12/&,.-'3rdkmA ", max_size=60))
def test_any_text_gives_ranked_answers(text: str) -> None:
    found = TOWN.find(text)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert all(0.0 <= one.score <= 1.0 and one.uncertainty_m >= 0.0 for one in found)
    assert found == TOWN.find(text)


def test_threads_get_the_same_answers() -> None:
    texts = ["Hauptstr 12", "3rd / hauptstr", "800 block of 3rd", "spital"] * 25
    alone = [TOWN.find(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(TOWN.find, texts)) == alone


def test_equal_rows_in_any_order_give_equal_answers() -> None:
    assert np.array_equal(BLOB, build_gazetteer(ROWS, source="test"))
    turned = Gazetteer.open(build_gazetteer(reversed(ROWS), source="test"))
    for text in ("Hauptstr 12", "Haupt", "3rd / hauptstr", "A1 km 23.5"):
        assert turned.find(text) == TOWN.find(text)


def test_a_damaged_or_foreign_section_is_refused() -> None:
    with pytest.raises(BadInput, match="places_damaged"):
        Gazetteer.open(np.zeros(100, dtype=np.uint8))
    with pytest.raises(BadInput, match="places_damaged"):
        Gazetteer.open(BLOB[: len(BLOB) // 3])
