"""Landmarks by their kind, and words inside of compound ones."""

import re
import tomllib
from importlib.resources import files

import pytest
from town import at

from tocsin.edge.osm_places import LANDMARK_KEYS
from tocsin.places import categories
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.rows import Named, Row
from tocsin.places.store import build_gazetteer

PLACES: list[Row] = [
    Named(("Schaan",), "locality", at(0, 0), category="town"),
    Named(("Vaduz",), "locality", at(9_000, 0), category="town"),
    Named(("Landespolizei",), "landmark", at(9_000, 100), category="police"),
    Named(("Gemeindepolizei Schaan",), "landmark", at(100, 100), category="government"),
    Named(("Zum Löwen",), "landmark", at(200, 100), category="pharmacy"),
    Named(("Schlossapotheke",), "landmark", at(9_000, 500), category="pharmacy"),
    Named(("Stützpunkt Nord",), "landmark", at(300, 300), category="fire_station"),
]
GAZETTEER = Gazetteer.open(build_gazetteer(PLACES, source="test"))


def found(text: str) -> list[str]:
    return [one.text for one in GAZETTEER.find(text)]


def test_polizei_is_found_by_its_kind_and_inside_of_its_names() -> None:
    assert found("polizei") == ["Landespolizei", "Gemeindepolizei Schaan"]
    by_kind, inside = GAZETTEER.find("polizei")
    assert (by_kind.reason, inside.reason) == ("by_kind", "abbreviation")
    assert found("polizei vaduz")[0] == "Landespolizei"
    assert found("polizei schaan")[0] == "Gemeindepolizei Schaan"


@pytest.mark.parametrize("text", ["Apotheke", "pharmacy", "farmácia", "farmacia", "pharmacie", "PHARM", "chemist"])
def test_a_kind_in_five_languages(text: str) -> None:
    assert {"Zum Löwen", "Schlossapotheke"} <= set(found(text))


@pytest.mark.parametrize(
    "text", ["Feuerwehr", "fire station", "bombeiros", "quartel dos bombeiros", "caserne de pompiers", "pompiers", "parque de bomberos"]
)
def test_a_kind_of_several_words(text: str) -> None:
    assert found(text)[0] == "Stützpunkt Nord"


def test_the_named_locality_goes_first_and_the_name_before_the_kind() -> None:
    assert found("apotheke schaan")[0] == "Zum Löwen"
    assert found("pharmacie Vaduz")[0] == "Schlossapotheke"
    assert GAZETTEER.find("Schlossapotheke")[0].reason == ""


def test_every_name_of_a_kind_leads_to_its_kind() -> None:
    table = tomllib.loads(files(categories.__package__).joinpath("categories.toml").read_text("utf-8"))
    assert {category for _, category in categories.kinds()} == set(table)
    assert all(re.fullmatch("[a-z_]+", category) for category in table)
    assert all(names for names, _ in categories.kinds())
    assert {"amenity", "healthcare", "emergency", "railway", "aeroway"} <= set(LANDMARK_KEYS)
