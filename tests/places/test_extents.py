"""What is not a surveyed door is in doubt by as much as it is wide: villages, landmarks, crossings, posts, blocks of doors."""

import numpy as np
import pytest
from town import ROWS, at

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.places.extents import LANDMARK_M, LOCALITY_M
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.rows import House, Named, Row
from tocsin.places.store import build_gazetteer

PLACES: list[Row] = [
    Named(("Ober",), "locality", at(0, 0), category="village"),
    Named(("Unter",), "locality", at(1_600, 0), category="village"),
    Named(("Weit",), "locality", at(0, 40_000), category="village"),
    Named(("Stadt",), "locality", at(20_000, 0), category="city"),
    Named(("Einöde",), "locality", at(300, 300), category="isolated_dwelling"),
    Named(("Das Land",), "locality", at(0, 100), category="country"),
    Named(("Spital",), "landmark", at(10, 10), category="hospital"),
    Named(("Bank",), "landmark", at(10, 500), category="bank"),
    Named(("Schloss",), "landmark", at(10, 900), Metres(70.0), category="castle"),
    Named(("Kiosk",), "landmark", at(10, 1_300), Metres(3.0), category="kiosk"),
    *[House("Gasse", str(2 * number), at(1_600, 250 * number), "Unter") for number in range(1, 10)],
]
GAZETTEER = Gazetteer.open(build_gazetteer(PLACES, source="test"))


@pytest.mark.parametrize(
    ("text", "radius_m"),
    [
        ("Ober", 1_600.0),  # as far as to the next village
        ("Weit", LOCALITY_M["village"][1]),  # at most so far
        ("Stadt", LOCALITY_M["city"][1]),  # the only one
        ("Unter", 2_250.0),  # 95 of 100 of its houses
        ("Einöde", LOCALITY_M["isolated_dwelling"][1]),
        ("Das Land", 39_900.0),  # all that is named
        ("Spital", LANDMARK_M["hospital"]),
        ("Bank", 25.0),
        ("Schloss", 70.0),  # its own outline
        ("Kiosk", 25.0),
    ],
)
def test_the_radius_of_a_named_place(text: str, radius_m: float) -> None:
    found = GAZETTEER.find(text)[0]
    assert found.text == text
    assert found.uncertainty_m == pytest.approx(radius_m, rel=0.005)


def test_only_a_door_is_exact() -> None:
    town = Gazetteer.open(build_gazetteer(ROWS, source="test"))
    asked = (
        "Hauptstr",
        "Hauptstr / Kirchgasse",
        "Oberdorf",
        "Landesspital",
        "A1 km 23",
        "12-12a Hauptstr",
        "2-8 Hauptstr",
        "Hauptstr 2",
        "Hauptstr 10",
    )
    found = [one for text in asked for one in town.find(text)]
    assert {one.kind for one in found if one.uncertainty_m == 0.0} == {"address"}
    assert {"locality", "landmark", "crossing", "kilometre_post", "block"} <= {one.kind for one in found}


def test_doors_of_a_block_and_their_stretch() -> None:
    (found,) = [one for one in GAZETTEER.find("2-6 Gasse") if one.kind == "block"]
    assert found.uncertainty_m == pytest.approx(250.0 + 25.0, abs=1.0)
    assert np.isclose(LonLat(found.lon, found.lat).lat, at(1_600, 500).lat)
