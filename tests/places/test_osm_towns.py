"""From an OpenStreetMap file written by hand to answers: names of five languages, posts, interpolation lines, one name in two villages."""

import pytest

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.edge.osm_places import read_osm_places
from tocsin.edge.region_places import pieces
from tocsin.edge.street_files import read_streets
from tocsin.places.candidate import Candidate
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.locate import Locator
from tocsin.places.store import build_gazetteer
from tocsin.roads.build import build_region

LAT = 41.0
EAST_M, NORTH_M = 83_921.0, 111_195.0
"""Metres per degree at 41° north."""

NODES = {
    # Avenida 25 de Setembro, and its interpolation lines on either side
    1: (0, 0, {}), 2: (200, 0, {}), 3: (400, 0, {}),
    11: (20, 10, {"addr:housenumber": "1220", "addr:street": "Avenida 25 de Setembro"}),
    12: (120, 10, {"addr:housenumber": "1240", "addr:street": "Avenida 25 de Setembro"}),
    13: (20, -10, {"addr:housenumber": "1221", "addr:street": "Avenida 25 de Setembro"}),
    14: (180, -10, {"addr:housenumber": "1241", "addr:street": "Avenida 25 de Setembro"}),
    # Rua do Almada crosses it; Calle Mayor and ulica Długa lie north
    21: (200, 200, {}), 22: (205, 60, {"addr:housenumber": "12", "addr:street": "Rua do Almada"}),
    31: (0, 200, {}), 32: (60, 205, {"addr:housenumber": "3", "addr:street": "Calle Mayor"}),
    41: (400, 200, {}), 42: (300, 205, {"addr:housenumber": "5", "addr:street": "ulica Długa"}),
    # Boulevard Saint-Michel and Rue des Écoles meet
    51: (0, 400, {}), 52: (100, 400, {}), 53: (200, 400, {}), 54: (100, 500, {}),
    # Estrada Nacional 101 and the motorway, with posts on and beside them
    61: (0, 1000, {}), 62: (1000, 1000, {"highway": "milestone", "distance": "11"}), 63: (2000, 1000, {}),
    64: (3000, 1000, {"highway": "milestone", "pk": "13"}),
    71: (2000, 1005, {"highway": "milestone", "distance": "12 km", "ref": "N101"}),
    81: (0, 2000, {"highway": "milestone", "distance": "23,0", "road_ref": "A1"}),
    82: (1000, 2000, {"highway": "milestone", "distance": "24.0"}), 83: (500, 2000, {}),
    # two villages, each with a Rua da Igreja
    91: (0, 6000, {"place": "village", "name": "Aldeia de Cima"}), 92: (10, 6050, {}), 93: (150, 6050, {}),
    94: (50, 6060, {"addr:housenumber": "7", "addr:street": "Rua da Igreja"}),
    95: (5000, 6000, {"place": "village", "name": "Aldeia de Baixo"}), 96: (5010, 6050, {}), 97: (5150, 6050, {}),
    98: (5050, 6060, {"addr:housenumber": "7", "addr:street": "Rua da Igreja"}),
    99: (100, 100, {"place": "town", "name": "Vila Nova"}),
    # what bears a ref that is no name, and what is known by one
    101: (110, 110, {"public_transport": "stop_position", "name": "Vila Nova", "ref": "1", "alt_name": "Paragem Um"}),
    102: (120, 300, {"emergency": "fire_hydrant", "name": "Boca", "ref": "H7X"}),
    103: (130, 320, {"amenity": "fire_station", "name": "Quartel", "ref": "3"}),
    104: (140, 340, {"amenity": "bank", "name": "Banco", "alt_name": "22"}),
    100: (7000, 7000, {"highway": "milestone", "distance": "a long way"}),
}  # fmt: skip
STREET = {"highway": "residential"}
WAYS = {
    201: (
        (1, 2, 3),
        STREET
        | {"name": "Avenida 25 de Setembro", "ref": "M5;77", "old_name": "Avenida Dom Luís", "alt_name": "Marginal;Beira Rio"},
    ),
    202: ((2, 21), STREET | {"name": "Rua do Almada"}),
    203: ((31, 21), STREET | {"name": "Calle Mayor"}),
    204: ((21, 41), STREET | {"name": "ulica Długa"}),
    205: ((51, 52, 53), STREET | {"name": "Boulevard Saint-Michel"}),
    206: ((52, 54), STREET | {"name": "Rue des Écoles"}),
    207: ((61, 62, 63, 64), {"highway": "primary", "ref": "N101"}),
    208: ((81, 83, 82), {"highway": "motorway", "ref": "A1"}),
    209: ((92, 93), STREET | {"name": "Rua da Igreja"}),
    210: ((96, 97), STREET | {"name": "Rua da Igreja"}),
    211: ((11, 12), {"addr:interpolation": "even"}),
    212: ((13, 14), {"addr:interpolation": "odd"}),
    213: ((21, 31), {"addr:interpolation": "odd"}),  # ends at no door
    214: ((21, 53), {"highway": "service"}), 215: ((51, 61), {"highway": "tertiary"}), 216: ((61, 81), {"highway": "tertiary"}),
    217: ((81, 92), {"highway": "tertiary"}), 218: ((93, 96), {"highway": "tertiary"}), 219: ((31, 1), {"highway": "service"}),
}  # fmt: skip


def at(east_m: float, north_m: float) -> LonLat:
    return LonLat(-8.0 + east_m / EAST_M, LAT + north_m / NORTH_M)


def tags(of: dict[str, str]) -> str:
    return "".join(f'<tag k="{key}" v="{value}"/>' for key, value in of.items())


def town() -> str:
    """The file."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="by hand">']
    for number, (east_m, north_m, said) in NODES.items():
        place = at(east_m, north_m)
        lines.append(f'<node id="{number}" lat="{place.lat:.7f}" lon="{place.lon:.7f}" version="1">{tags(said)}</node>')
    for number, (ends, said) in WAYS.items():
        nodes = "".join(f'<nd ref="{node}"/>' for node in ends)
        lines.append(f'<way id="{number}" version="1">{nodes}{tags(said)}</way>')
    return "\n".join([*lines, "</osm>"])


@pytest.fixture(scope="module")
def gazetteer(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    file = tmp_path_factory.mktemp("osm") / "town.osm"
    file.write_text(town(), "utf-8")
    region = build_region(read_streets(file), name="town")
    return Gazetteer.open(build_gazetteer([*pieces(region), *read_osm_places(file)], source="osm"))


def off_m(found: Candidate, place: LonLat) -> float:
    return flat_distance_m(start=LonLat(found.lon, found.lat), end=place)


@pytest.mark.parametrize(
    ("text", "kind", "shown", "east_m", "north_m"),
    [
        ("Av. 25 de Setembro 1230", "address_interpolated", "Avenida 25 de Setembro 1230", 70, 10),
        ("1231 av 25 setembro", "address_interpolated", "Avenida 25 de Setembro 1231", 100, -10),
        ("Avenida 25 de Setembro, 1240", "address", "Avenida 25 de Setembro 1240", 120, 10),
        ("Av. Dom Luis 1220", "address", "Avenida 25 de Setembro 1220", 20, 10),
        ("beira rio 1220", "address", "Avenida 25 de Setembro 1220", 20, 10),
        ("R. do Almada 12", "address", "Rua do Almada 12", 205, 60),
        ("rua almada nº 12", "address", "Rua do Almada 12", 205, 60),
        ("C/ Mayor 3", "address", "Calle Mayor 3", 60, 205),
        ("c/mayor, 3", "address", "Calle Mayor 3", 60, 205),
        ("ul. Długa 5", "address", "ulica Długa 5", 300, 205),
        ("dluga 5", "address", "ulica Długa 5", 300, 205),
        ("Bd St-Michel / R. des Écoles", "crossing", "Boulevard Saint-Michel / Rue des Écoles", 100, 400),
        ("rue des ecoles et bd saint michel", "crossing", "Rue des Écoles / Boulevard Saint-Michel", 100, 400),
        ("Av 25 de Setembro esquina R Almada", "crossing", "Avenida 25 de Setembro / Rua do Almada", 200, 0),
        ("N101 pk 12", "kilometre_post", "N101 km 12", 2000, 1005),
        ("N 101 km 12", "kilometre_post", "N101 km 12", 2000, 1005),
        ("N101 km 11", "kilometre_post", "N101 km 11", 1000, 1000),
        ("A1 km 23,4", "kilometre_post", "A1 km 23.4", 400, 2000),
        ("a1 pk 23+400", "kilometre_post", "A1 km 23.4", 400, 2000),
        ("N-101 P.K. 12+000", "kilometre_post", "N101 km 12", 2000, 1005),
        ("A1, 23,4 km", "kilometre_post", "A1 km 23.4", 400, 2000),
        ("km 12 da N101", "kilometre_post", "N101 km 12", 2000, 1005),
        ("Av. 25 de Setembro n.º 1230", "address_interpolated", "Avenida 25 de Setembro 1230", 70, 10),
        ("Calle Mayor, núm. 3", "address", "Calle Mayor 3", 60, 205),
        ("ul.Długa 5/3", "address", "ulica Długa 5", 300, 205),
        ("esquina Av 25 de Setembro e R do Almada", "crossing", "Avenida 25 de Setembro / Rua do Almada", 200, 0),
        ("Vila Nova", "locality", "Vila Nova", 100, 100),
    ],
)  # fmt: skip
def test_what_people_type(gazetteer: Gazetteer, text: str, kind: str, shown: str, east_m: float, north_m: float) -> None:
    found = Locator(gazetteer).find(text).candidates[0]
    assert (found.kind, found.text) == (kind, shown)
    assert off_m(found, at(east_m, north_m)) < 3.0


def test_an_interpolated_number_is_on_its_own_side_and_in_doubt_by_half_its_line(gazetteer: Gazetteer) -> None:
    even, odd = (gazetteer.find(f"Avenida 25 de Setembro {number}")[0] for number in (1222, 1223))
    assert even.lat > LAT > odd.lat
    assert even.uncertainty_m == pytest.approx(50.0, abs=1.0)
    assert odd.uncertainty_m == pytest.approx(80.0, abs=1.0)


def test_between_two_posts_the_doubt_reaches_to_the_farther_one(gazetteer: Gazetteer) -> None:
    found = gazetteer.find("A1 km 23,4")[0]
    assert (found.reason, found.uncertainty_m) == ("interpolated", pytest.approx(600.0))


def test_the_same_street_in_two_villages_is_two_answers_until_one_is_named(gazetteer: Gazetteer) -> None:
    both = [one for one in gazetteer.find("R. da Igreja 7") if one.kind == "address"]
    assert [one.area for one in both] == ["Aldeia de Baixo", "Aldeia de Cima"]
    assert both[0].score == both[1].score
    assert off_m(gazetteer.find("R. da Igreja 7, Aldeia de Cima")[0], at(50, 6060)) < 0.1
    assert off_m(gazetteer.find("Rua da Igreja 7 Baixo")[0], at(5050, 6060)) < 0.1
    assert len([one for one in gazetteer.find("Rua da Igreja") if one.kind == "street"]) == 2


def test_a_line_that_ends_at_no_door_and_a_post_without_a_number_say_nothing(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("Calle Mayor 4")[0].reason != "interpolated"
    assert not [one for one in gazetteer.find("N101 km 900") if one.kind == "kilometre_post"]


def test_the_number_of_a_thing_is_no_name_of_the_place(gazetteer: Gazetteer) -> None:
    for text in ("1", "77", "22", "H7X", "3", "Paragem Um"):
        assert not [one for one in gazetteer.find(text) if one.reason == "other_name"], text
    assert gazetteer.find("Vila Nova")[0].kind == "locality"


def test_roads_and_fire_stations_are_known_by_their_numbers(gazetteer: Gazetteer) -> None:
    assert gazetteer.find("M5")[0].text == "Avenida 25 de Setembro"
    assert gazetteer.find("Quartel 3")[0].text == "Quartel"
