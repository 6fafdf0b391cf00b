"""Real data: every house of Liechtenstein at its own place, San Francisco's corners and stated blocks where the log says they are."""

import csv
import gzip
import re
from pathlib import Path

import pytest

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.edge.osm_places import read_osm_places
from tocsin.edge.region_places import pieces
from tocsin.edge.street_files import read_streets
from tocsin.edge.street_places import read_geojson_places
from tocsin.places.around import Around
from tocsin.places.coordinates import read_coordinates
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.rows import House, Named, Row
from tocsin.places.store import build_gazetteer
from tocsin.roads.build import build_region
from tocsin.roads.region_file import open_region, write_region

PERSONAL = re.compile(r"@|\+423|\bphone\b|https?:")


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[Row]:
    return read_osm_places(shared / "data/roads/liechtenstein/liechtenstein.osm.pbf")


@pytest.fixture(scope="module")
def liechtenstein(shared: Path, rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    """By way of a region file, mapped from the disk."""
    file = tmp_path_factory.mktemp("region") / "li.region"
    region = build_region(read_streets(shared / "data/roads/liechtenstein/liechtenstein.osm.pbf"), name="li")
    write_region(region.with_sections({"places": build_gazetteer([*pieces(region), *rows], source="osm")}), file)
    return Gazetteer.open(open_region(file).sections["places"])


@pytest.fixture(scope="module")
def san_francisco(shared: Path) -> Gazetteer:
    file = shared / "data/roads/san-francisco/sf_streets.geojson.gz"
    region = build_region(read_streets(file), name="sf")
    return Gazetteer.open(build_gazetteer([*pieces(region), *read_geojson_places(file)], source="streets"))


def test_every_house_is_found_at_its_own_place(rows: list[Row], liechtenstein: Gazetteer) -> None:
    houses = [row for row in rows if isinstance(row, House)]
    assert len(houses) >= 3_497
    for row in houses:
        found = liechtenstein.find(f"{row.street} {row.number}" + (f", {row.area}" if row.area else ""), limit=20)
        equals = [one for one in found if one.score == found[0].score]
        assert any(flat_distance_m(start=LonLat(one.lon, one.lat), end=row.place) < 0.05 for one in equals), row


def test_nobody_is_in_the_rows(rows: list[Row]) -> None:
    names = [name for row in rows if isinstance(row, Named) for name in row.names]
    assert not [name for name in names if PERSONAL.search(name)]


@pytest.mark.parametrize(
    ("text", "kind"), [("Landesspital", "landmark"), ("Vaduz", "locality"), ("vaduz spital", "landmark"), ("aeulestr", "street")]
)
def test_what_callers_say(liechtenstein: Gazetteer, text: str, kind: str) -> None:
    assert liechtenstein.find(text)[0].kind == kind


def test_the_coordinates_of_a_log_as_it_writes_them(shared: Path) -> None:
    around = Around(bbox=(-122.52, 37.70, -122.35, 37.83))
    with gzip.open(shared / "data/incidents/sf_fire_calls_2020-04-07_2020-04-20.csv.gz", "rt", encoding="utf-8", newline="") as file:
        stated = {row["Location"] for row in csv.DictReader(file) if row["Location"]}
    assert len(stated) > 2_000 and all(text.startswith("(") for text in stated)
    for text in stated:
        found = read_coordinates(text, around).candidates[0]
        lat, lon = (float(part) for part in text.strip("()").split(","))
        assert (found.lat, found.lon) == (lat, lon)


def test_only_doors_of_liechtenstein_are_exact(rows: list[Row], liechtenstein: Gazetteer) -> None:
    named = [row for row in rows if isinstance(row, Named)]
    for row in named[::5]:
        found = [one for one in liechtenstein.find(row.names[0], limit=20) if one.kind in ("locality", "landmark")]
        assert all(one.uncertainty_m >= 25.0 for one in found), row
    houses = [row for row in rows if isinstance(row, House)]
    for row in [row for row in named if row.category in ("village", "town")]:
        mine = [flat_distance_m(start=row.place, end=house.place) for house in houses if house.area == row.names[0]]
        if len(mine) >= 5:
            radius_m = next(one.uncertainty_m for one in liechtenstein.find(row.names[0]) if one.kind == "locality")
            assert sum(gap_m <= radius_m + 1.0 for gap_m in mine) / len(mine) >= 0.95, row


def test_what_a_review_found(liechtenstein: Gazetteer) -> None:
    assert not [one for one in liechtenstein.find("1") if one.reason == "other_name"]
    assert "Landespolizei" in [one.text for one in liechtenstein.find("polizei")]
    assert liechtenstein.find("Feldkircherstr 10 Schaan")[0].text == "Feldkircher Strasse 10"
    assert (liechtenstein.find("9494 Schaan")[0].text, liechtenstein.find("9494 Schaan")[0].kind) == ("Schaan", "locality")
    assert liechtenstein.find("Landstrasse12")[0].text == "Landstrasse 12"


def test_back_from_each_house(rows: list[Row], liechtenstein: Gazetteer) -> None:
    for row in [row for row in rows if isinstance(row, House)][::50]:
        address = liechtenstein.nearest(row.place)[0]
        assert address.uncertainty_m < 0.1


def logged(shared: Path) -> dict[str, list[LonLat]]:
    places: dict[str, list[LonLat]] = {}
    with gzip.open(shared / "data/incidents/sf_fire_calls_2020-04-07_2020-04-20.csv.gz", "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            lat, lon = (float(part) for part in row["Location"].strip("()").split(","))
            places.setdefault(row["Address"], []).append(LonLat(lon, lat))
    return places


def hit(gazetteer: Gazetteer, text: str, places: list[LonLat]) -> bool:
    found = gazetteer.find(text)
    return bool(found) and min(flat_distance_m(start=LonLat(found[0].lon, found[0].lat), end=place) for place in places) <= 100.0


def test_corners_of_san_francisco(shared: Path, san_francisco: Gazetteer) -> None:
    wanted = {text: places for text, places in logged(shared).items() if re.fullmatch(r"[^:/]+/[^:/]+", text) and "1/2" not in text}
    assert sum(hit(san_francisco, text, places) for text, places in wanted.items()) >= 0.95 * len(wanted)


def test_blocks_with_stated_numbers_are_right_and_others_say_that_they_were_counted(shared: Path, san_francisco: Gazetteer) -> None:
    wanted = {text: places for text, places in logged(shared).items() if re.match(r"\d+ Block of ", text)}
    first = {text: san_francisco.find(text)[:1] for text in wanted}
    stated = [text for text, found in first.items() if found and found[0].reason not in ("inferred", "number_unknown", "nearest_number")]
    assert len(stated) >= 620
    assert sum(hit(san_francisco, text, wanted[text]) for text in stated) >= 0.97 * len(stated)
    counted = [text for text, found in first.items() if found and found[0].reason == "inferred"]
    assert sum(hit(san_francisco, text, wanted[text]) for text in counted) >= 0.66 * len(counted)
    assert all(found[0].uncertainty_m >= 50.0 for text in counted for found in [first[text]])
