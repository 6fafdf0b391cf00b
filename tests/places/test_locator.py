"""The front: coordinates before names, several answers where there are several, and what is missing is said."""

import ast
import csv
import gzip
import re
from pathlib import Path
from typing import get_args

import numpy as np

from fire_log import LOG
from source import PACKAGE, dotted
from tocsin.base.geometry import LonLat
from tocsin.places.areas import Areas
from tocsin.places.around import Around
from tocsin.places.candidate import Kind
from tocsin.places.coordinates import read_coordinates
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.locate import Locator
from tocsin.places.plus_code import plus_code_name
from tocsin.places.rows import House, Named
from tocsin.places.store import build_gazetteer
from tocsin.words import catalogue

BBOX = (9.47, 47.05, 9.64, 47.27)
RING = b"""{"type":"Feature","properties":{"name":"Vaduz"},"geometry":{"type":"Polygon",
"coordinates":[[[9.5,47.1],[9.6,47.1],[9.6,47.2],[9.5,47.2],[9.5,47.1]]]}}"""

BARE = Locator(None, areas=Areas.read(RING, layer="districts"), bbox=BBOX)


def test_without_a_gazetteer_coordinates_are_answered_and_it_is_said() -> None:
    found = BARE.find("47.1415 N 9.5215 E")
    assert [(one.lat, one.lon) for one in found.candidates] == [(47.1415, 9.5215)]
    assert found.notes == ()
    assert BARE.find("Städtle 1").candidates == () and BARE.find("Städtle 1").notes == ("no_gazetteer",)
    assert BARE.describe(LonLat(9.52, 47.14)).notes == ("no_gazetteer",)


def test_each_candidate_says_which_areas_hold_it() -> None:
    inside, outside = BARE.find("47.1415, 9.5215").candidates
    assert [(one.layer, one.name) for one in inside.areas] == [("districts", "Vaduz")]
    assert outside.areas == ()


def test_why_coordinates_are_none_is_said() -> None:
    assert "off_earth" in BARE.find("95.1, 200.2").notes
    assert "mgrs_invalid" in BARE.find("32T NT 123").notes
    assert "locality_unknown" in BARE.find("5GRC+4V Vaduz").notes


def test_the_limit_is_kept() -> None:
    assert len(BARE.find("47.1415, 9.5215", limit=1).candidates) == 1
    assert len(BARE.find("8F+6X", limit=3).candidates) == 3


def test_a_place_has_its_names() -> None:
    found = BARE.describe(LonLat(9.52, 47.14))
    assert list(found.grids) == ["plus_code", "mgrs", "utm", "dms"]
    assert found.grids["mgrs"] == "32T NT 39429 20853" and found.grids["plus_code"] == "8FVF4GRC+22"
    assert found.areas[0].name == "Vaduz"


def test_no_address_of_a_real_log_is_taken_for_coordinates_while_it_is_typed(shared: Path) -> None:
    around = Around(bbox=(-122.52, 37.70, -122.35, 37.83))
    with gzip.open(shared / LOG, "rt", encoding="utf-8", newline="") as lines:
        addresses = {row["Address"] for row in csv.DictReader(lines)}
    assert len(addresses) > 2_000
    typed = {address[:end] for address in addresses for end in range(1, len(address) + 1)}
    assert [text for text in typed if read_coordinates(text, around).candidates] == []


def test_a_million_characters_end() -> None:
    assert BARE.find("x" * 1_000_000).candidates == ()
    assert BARE.find("47.14, " * 150_000).candidates == ()
    assert np.isfinite(BARE.find("47.14, 9.52").candidates[0].uncertainty_m)


def said_codes() -> set[str]:
    """Codes of reasons and notes that the readers of places come up with: constants where a reason or a note belongs."""
    found: set[str] = set()
    for path in (PACKAGE / "places").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            constants = [inner for value in codes_in(node) for inner in ast.walk(value) if isinstance(inner, ast.Constant)]
            found |= {one.value for one in constants if re.fullmatch("[a-z]+(_[a-z]+)*", str(one.value))}
    return found


def codes_in(node: ast.AST) -> list[ast.expr]:
    """Expressions of a call or an assignment that give a code."""
    if isinstance(node, ast.Assign):
        return [node.value] if [dotted(target) for target in node.targets] in (["reason"], ["several"]) else []
    if not isinstance(node, ast.Call):
        return []
    at = {"Reading": 1, "_Sense": 1, "_with": 1, "Answer": 5}.get(dotted(node.func))
    return [keyword.value for keyword in node.keywords if keyword.arg == "reason"] + (node.args[at : at + 1] if at is not None else [])


def test_every_code_has_its_words_and_no_kind_is_without() -> None:
    known = {key.rsplit(".", 1)[1] for key in catalogue("en") if key.startswith(("locate.reason.", "locate.note."))}
    found = said_codes()
    assert {"outside_region", "lon_lat_only", "mgrs_invalid", "utm_north"} <= found
    assert found - known == set()
    assert {f"locate.kind.{kind}" for kind in get_args(Kind)} <= set(catalogue("en"))


TOWNS = [Named((name,), "locality", LonLat(lon, lat)) for name, lon, lat in (("Vaduz", 9.52, 47.14), ("Schaan", 9.51, 47.165))]
NAMED = Locator(Gazetteer.open(build_gazetteer([House("Städtle", "1", LonLat(9.5215, 47.1395)), *TOWNS], source="osm")), bbox=BBOX)


def test_a_short_code_beside_the_locality_that_is_named_with_it() -> None:
    full = plus_code_name(LonLat(9.5221, 47.1388))
    (found,) = NAMED.find(f"{full[4:]} Vaduz").candidates
    assert (found.text, found.reason, found.area) == (full, "short_code_locality", "Vaduz")
    assert NAMED.find(f"{full[6:]} Vaduz").candidates[0].text == full
    assert NAMED.find(f"{full[4:]} Atlantis").notes == ("locality_unknown",)
    assert NAMED.find(f"{full} Atlantis").candidates[0].text == full, "a full code needs no locality"


def test_names_are_searched_where_coordinates_are_no_certainty() -> None:
    assert NAMED.find("Städtle 1").candidates[0].kind == "address"
    assert {one.kind for one in NAMED.find("47.1415, 9.5215").candidates} == {"coordinates"}
    assert NAMED.find("Stadtle 1").candidates[0].text == "Städtle 1"


def test_a_wrong_code_is_told_although_a_name_looks_like_it() -> None:
    assert "plus_code_invalid" in NAMED.find("GRC+22 Schaan").notes
    assert NAMED.find("Städtle").notes == ()


def test_a_place_is_told_by_the_nearest_address() -> None:
    found = NAMED.describe(LonLat(9.5216, 47.1396))
    assert found.nearest[0].text == "Städtle 1" and found.notes == ()
