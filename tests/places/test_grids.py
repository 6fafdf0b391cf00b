"""Plus Codes, MGRS and UTM against the tables of those who made them, and there and back again."""

import csv
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openlocationcode import openlocationcode as olc

from tocsin.base.geometry import LonLat, distance_m
from tocsin.places import mgrs_cell
from tocsin.places.around import NOWHERE, Around
from tocsin.places.candidate import Candidate
from tocsin.places.coordinates import plain_text, read_coordinates
from tocsin.places.grids import grid_names
from tocsin.places.mgrs_cell import FAR_SCORE, mgrs_name
from tocsin.places.plus_code import MOST_CELLS, plus_code_name, read_plus_code, split_code
from tocsin.places.utm_zones import BANDS, utm_name, zone_bounds

LIECHTENSTEIN = Around(bbox=(9.47, 47.05, 9.64, 47.27))


def read(text: str, around: Around = NOWHERE) -> list[Candidate]:
    return list(read_coordinates(text, around).candidates)


def one(text: str, around: Around = NOWHERE) -> Candidate:
    (found,) = read(text, around)
    return found


def table(path: Path) -> Iterator[list[str]]:
    """Rows of an official table, remarks aside."""
    with path.open(encoding="utf-8") as file:
        yield from csv.reader(line for line in file if line.strip() and not line.startswith("#"))


# ---- Plus Codes


def test_every_place_gets_its_official_plus_code(shared: Path) -> None:
    rows = list(table(shared / "standards/plus-codes/encoding.csv"))
    wrong = []
    for lat, lon, _, _, length, code in rows:
        place = LonLat(float(lon), float(lat))
        if place.is_on_earth() and int(length) == 10:
            wrong += [(lat, lon, code)] if plus_code_name(place) != code else []
        if code and olc.encode(float(lat), float(lon), int(length)) != code:
            wrong.append((lat, lon, code))
    assert wrong == [] and len(rows) > 100


def test_every_official_code_is_read_as_its_cell(shared: Path) -> None:
    rows = list(table(shared / "standards/plus-codes/decoding.csv"))
    for code, _, south, west, north, east in rows:
        found = one(code.lower())
        low, high = LonLat(float(west), float(south)), LonLat(float(east), float(north))
        assert found.kind == "grid_cell" and found.source == "plus-code"
        assert found.lat == pytest.approx((low.lat + high.lat) / 2, abs=1e-10)
        assert found.lon == pytest.approx((low.lon + high.lon) / 2, abs=1e-10)
        reach_m = max(distance_m(start=LonLat(found.lon, found.lat), end=end) for end in (low, high))
        assert found.uncertainty_m == pytest.approx(max(1.0, reach_m), rel=0.001, abs=0.01)
    assert len(rows) > 100


def test_every_short_code_is_recovered_beside_its_place(shared: Path) -> None:
    rows = list(table(shared / "standards/plus-codes/shortCodeTests.csv"))
    for full, lat, lon, short, kind in rows:
        if kind in "RB":
            assert one(short, Around(near=LonLat(float(lon), float(lat)))).text == full, short
    assert len(rows) > 15


def test_valid_codes_are_read_and_others_are_not(shared: Path) -> None:
    rows = list(table(shared / "standards/plus-codes/validityTests.csv"))
    for code, valid, short, full in rows:
        found = read_plus_code(plain_text(code), Around(near=LonLat(8.5, 47.4)))
        assert bool(found.candidates) == (valid == "true"), code
        assert (plain_text(code) in [answer.text for answer in found.candidates]) == (full == "true"), code
        assert (read_plus_code(plain_text(code), NOWHERE).note == "plus_code_needs_place") == (short == "true"), code
    assert len(rows) > 20


def test_a_short_code_that_fits_once_into_the_region() -> None:
    found = one("5GRC+4V", LIECHTENSTEIN)
    assert (found.text, found.reason) == ("8FVF5GRC+4V", "short_code_region")


def test_a_short_code_that_fits_several_times_is_several_answers() -> None:
    found = read("8F+6X", LIECHTENSTEIN)
    assert 1 < len(found) <= MOST_CELLS
    assert {answer.reason for answer in found} == {"short_code_several"} and all(answer.score < 0.9 for answer in found)
    assert one("8F+6X", Around(bbox=LIECHTENSTEIN.bbox, near=LonLat(9.52, 47.14))).reason == "short_code_near"


def test_a_short_code_that_fits_everywhere_needs_a_place() -> None:
    for text, around in (("+6X", LIECHTENSTEIN), ("9G8F+6X", NOWHERE)):
        reading = read_coordinates(text, around)
        assert (reading.candidates, reading.note) == ((), "plus_code_needs_place")


def test_a_code_with_a_locality_behind_it_and_telephone_numbers() -> None:
    assert split_code("9G8F+6X VADUZ, LIECHTENSTEIN") == ("9G8F+6X", "VADUZ, LIECHTENSTEIN")
    assert split_code("+4232363111") == ("", "")
    assert one("8FVC9G8F+6X, Zürich").text == "8FVC9G8F+6X"
    assert one("we are at 8FVC9G8F+6X please hurry").reason == "inside_text"


def test_the_last_hair_before_the_antimeridian_and_the_pole() -> None:
    for place in (LonLat(179.99999999999997, 0.0), LonLat(180.0, 90.0), LonLat(-180.0, 89.99999999999999), LonLat(0.0, -90.0)):
        found = one(plus_code_name(place))
        assert distance_m(start=place, end=LonLat(found.lon, found.lat)) <= found.uncertainty_m + 0.01


# ---- MGRS


def test_the_official_lower_left_corners(shared: Path) -> None:
    """A partial square is cut off at the edge of its zone: its corner is where the edge and the square's side meet."""
    rows = list(table(shared / "standards/mgrs-utm/mgrs_lower_left.csv"))[1:]
    for name, lon, lat, tolerance in rows:
        if len(name) == 3:
            assert (zone_bounds(int(name[:2]), name[2]) or ())[:2] == (float(lon), float(lat))
            continue
        cell = mgrs_cell._cell(int(name[:2]), name[2], name[3:5], name[5:])
        assert cell is not None
        gaps = [max(abs(x - float(lon)), abs(y - float(lat))) for x, y in cell.outline]
        assert min(gaps) <= float(tolerance), name
        assert all(x >= float(lon) - 0.001 or y >= float(lat) - 0.001 for x, y in cell.outline), name
    assert len(rows) == 14


def test_the_official_sample(shared: Path) -> None:
    for lat, lon, name in list(table(shared / "standards/mgrs-utm/sample.csv"))[1:]:
        found = one(name)
        assert distance_m(start=LonLat(float(lon), float(lat)), end=LonLat(found.lon, found.lat)) <= found.uncertainty_m
        assert "".join(mgrs_name(LonLat(float(lon), float(lat))).split()) == name


@pytest.mark.parametrize(
    "text", ["32T NT 39429 20853", "32TNT3942920853", "32t nt 3942920853", "32 T N T 39429 20853", "MGRS: 32TNT 39429 20853"]
)
def test_spaces_and_small_letters(text: str) -> None:
    found = one(text, LIECHTENSTEIN)
    assert (round(found.lat, 4), round(found.lon, 4), found.source, found.kind) == (47.14, 9.52, "mgrs", "grid_cell")
    assert found.uncertainty_m == pytest.approx(0.71, abs=0.01)


@pytest.mark.parametrize(
    ("digits", "half_m"), [("", 70_711), ("32", 7_071), ("3920", 707), ("394208", 70.7), ("39422085", 7.07), ("3942920853", 0.707)]
)
def test_a_square_is_as_wide_as_its_digits_say(digits: str, half_m: float) -> None:
    assert one(f"32TNT{digits}").uncertainty_m == pytest.approx(half_m, rel=0.005)


def test_a_square_cut_by_its_zone_is_smaller_and_its_middle_moves() -> None:
    found = one("32VJN")
    assert 3.0 < found.lon < 4.0 and found.uncertainty_m < 65_000
    assert one("38KRU").lat > -24.0


@pytest.mark.parametrize(
    "text", ["32X NH 12", "61T AA 12", "0T AA 12", "32I AA", "32T NT 123", "32T NT 123 4567", "31X AA 11", "12 rue 34", "32T NO 12"]
)
def test_squares_that_do_not_exist(text: str) -> None:
    assert read(text) == []


def test_words_are_no_squares_of_the_antarctic() -> None:
    for text in ("Bar", "BAR 12", "zug 12", "ALL", "B 12"):
        assert read(text) == []
    assert one("ZAH 0000 0000").lat > 89.9


def test_a_square_far_away_may_be_an_address() -> None:
    for text in ("10 Sch", "12 RUE", "21ST A", "18S UJ", "32S KB"):
        assert read_coordinates(text, LIECHTENSTEIN).candidates == () and read_coordinates(text, LIECHTENSTEIN).note == ""
    assert one("32T NT", LIECHTENSTEIN).score == 1.0 and one("18S UJ").score == 1.0
    assert one("12 SVE 34", LIECHTENSTEIN).score == FAR_SCORE
    assert one("12 SVE 34", LIECHTENSTEIN).reason == "outside_region"


# ---- UTM


@pytest.mark.parametrize(
    "text",
    [
        "32T 539429 5220853",
        "32N 539429 5220853",
        "32 T 539429E 5220853N",
        "32T 539429mE 5220853mN",
        "UTM 32T 539429.0, 5220853.0",
        "zone 32N 539429 5220853",
    ],
)
def test_utm_as_people_write_it(text: str) -> None:
    found = one(text)
    assert (round(found.lat, 4), round(found.lon, 4), found.source, found.score) == (47.14, 9.52, "utm", 1.0)


def test_s_is_a_band_or_a_hemisphere() -> None:
    north, south = sorted(read("33S 400000 4000000"), key=lambda answer: -answer.lat)
    assert (north.reason, south.reason) == ("utm_band", "utm_south")
    assert north.lat == pytest.approx(36.14, abs=0.01) and south.lat == pytest.approx(-54.14, abs=0.01)
    assert read("33S 400000 4000000", Around(near=LonLat(13.9, 36.1)))[0] == read("33S 400000 4000000", Around(near=LonLat(13.9, 36.1)))[0]
    assert read("33S 400000 4000000", Around(near=LonLat(13.9, 36.1)))[0].reason == "utm_band"
    assert one("19S 300000 6700000").lat < -29, "in no band S: the hemisphere"
    assert one("31N 500000 400000").lat == pytest.approx(3.62, abs=0.01)


def test_without_a_letter_both_hemispheres() -> None:
    assert {answer.reason for answer in read("32 539429 5220853")} == {"utm_north", "utm_south"}


@pytest.mark.parametrize(
    "text", ["32T 539429 1000000", "61T 539429 5220853", "32X 500000 8500000", "32T 539429 99999999", "0N 500000 1", "32U 539429 5220853"]
)
def test_utm_that_contradicts_itself(text: str) -> None:
    reading = read_coordinates(text)
    assert (reading.candidates, reading.note) == ((), "utm_invalid")


def test_norway_and_svalbard() -> None:
    assert [zone_bounds(zone, "V") for zone in (31, 32)] == [(0.0, 56.0, 3.0, 64.0), (3.0, 56.0, 12.0, 64.0)]
    assert [zone_bounds(zone, "X") for zone in range(31, 38)] == [
        (0.0, 72.0, 9.0, 84.0), None, (9.0, 72.0, 21.0, 84.0), None, (21.0, 72.0, 33.0, 84.0), None, (33.0, 72.0, 42.0, 84.0)
    ]  # fmt: skip
    for place in (LonLat(5.32, 60.39), LonLat(15.63, 78.22), LonLat(3.0, 60.0), LonLat(9.0, 72.0), LonLat(33.0, 75.0), LonLat(41.99, 80.0)):
        names = grid_names(place)
        for text in (names["mgrs"], names["utm"]):
            found = one(text)
            assert distance_m(start=place, end=LonLat(found.lon, found.lat)) <= 1.01
    assert (utm_name(LonLat(5.32, 60.39)) or "").startswith("32V") and mgrs_name(LonLat(15.63, 78.22)).startswith("33X")


def test_zones_cover_the_earth_once() -> None:
    for band in BANDS:
        bounds = sorted(found for zone in range(1, 61) if (found := zone_bounds(zone, band)))
        assert bounds[0][0] == -180.0 and bounds[-1][2] == 180.0
        assert all(left[2] == right[0] for left, right in pairwise(bounds))


# ---- there and back

anywhere = st.builds(LonLat, st.floats(-180, 180), st.floats(-90, 90))


@settings(max_examples=300)
@given(place=anywhere)
def test_every_name_of_a_place_leads_back_to_it(place: LonLat) -> None:
    names = grid_names(place)
    assert ("utm" in names) == (-80 <= place.lat <= 84)
    for name, text in names.items():
        found = read(text)
        assert found, (name, text)
        gap_m = min(distance_m(start=place, end=LonLat(answer.lon, answer.lat)) for answer in found)
        # Tenths of seconds hold 2.2 m; squares of a metre are floored by one library and cut by another: a metre more.
        assert gap_m <= found[0].uncertainty_m + 1.5, (name, text)


@settings(max_examples=150)
@given(place=st.builds(LonLat, st.floats(-180, 179.99), st.floats(-79.9, 83.9)), kept=st.integers(0, 5))
def test_a_square_of_any_width_holds_the_place(place: LonLat, kept: int) -> None:
    zone, square, east, north = mgrs_name(place).split()
    found = one(f"{zone}{square}{east[:kept]}{north[:kept]}")
    assert distance_m(start=place, end=LonLat(found.lon, found.lat)) <= found.uncertainty_m + 1.5
