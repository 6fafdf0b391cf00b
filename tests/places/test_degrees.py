"""Coordinates as people type them: what is read, how sure it is, what is ambiguous."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from math import cos, hypot, radians

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.geometry import LonLat, distance_m
from tocsin.places.around import NOWHERE, Around
from tocsin.places.candidate import Candidate
from tocsin.places.coordinates import read_coordinates
from tocsin.places.reading import FINEST_M, METRES_PER_DEGREE

VADUZ = Around(bbox=(9.47, 47.05, 9.64, 47.27))
COQUIMBO = Around(bbox=(-71.4, -30.1, -71.1, -29.8))


@contextmanager
def cpu_at_most(seconds: float) -> Iterator[None]:
    """Fails where the block works longer than this, however busy the machine is with other things."""

    def stop(*_: object) -> None:
        raise AssertionError("too slow")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def read(text: str, around: Around = NOWHERE) -> list[Candidate]:
    return list(read_coordinates(text, around).candidates)


def places(text: str, around: Around = NOWHERE) -> list[tuple[float, float]]:
    """Latitude and longitude of each answer, to a metre or so."""
    return [(round(one.lat, 5), round(one.lon, 5)) for one in read(text, around)]


HERE = (47.14139, 9.52139)


@pytest.mark.parametrize(
    "text",
    [
        "47°08'29\" N 9°31'17\" E",
        "47° 8′ 29″ N, 9° 31′ 17″ E",
        "47º08’29” N 9º31’17” E",
        "47˚ 08´ 29'' N 9˚ 31´ 17'' E",
        "N 47 08 29 E 9 31 17",
        "47 08 29 N 9 31 17 E",
        "47:08:29N, 009:31:17E",
        "47-08-29N 009-31-17E",
        "470829N0093117E",
        "470829N 0093117E",
        "N470829E0093117",
        "E 9°31'17\" N 47°08'29\"",
        "47 deg 8 min 29 sec N, 9 deg 31 min 17 sec E",
        "47 grados 8 min 29 seg norte 9 grados 31 min 17 seg este",
        "Latitude: 47°08'29\" Longitude: 9°31'17\"",
        "lon 9 31 17 lat 47 08 29",
        "gps: 47°8'29\"n 9°31'17\"e",
        "47°8'29\"N9°31'17\"E",
    ],
)
def test_minutes_and_seconds_in_any_usual_manner(text: str) -> None:
    (found,) = read(text)
    assert (round(found.lat, 5), round(found.lon, 5)) == HERE
    assert found.kind == "coordinates"
    half_m = METRES_PER_DEGREE * 0.5 / 3600
    assert found.uncertainty_m == pytest.approx(hypot(half_m, half_m * cos(radians(47.14139))), abs=0.01)


@pytest.mark.parametrize(
    ("text", "lat", "lon"),
    [
        ("47°08.490' N 9°31.290' E", 47.1415, 9.5215),
        ("47º 8.490' N, 9º 31,290' E", 47.1415, 9.5215),
        ("47 08,490 N 9 31,290 E", 47.1415, 9.5215),
        ("47.1415 N 9.5215 E", 47.1415, 9.5215),
        ("N47.1415 E9.5215", 47.1415, 9.5215),
        ("47,1415° Norte, 9,5215° Leste", 47.1415, 9.5215),
        ("29.9S 71.25W", -29.9, -71.25),
        ("29,9 sul 71,25 oeste", -29.9, -71.25),
        ("29.9 sud, 71.25 ouest", -29.9, -71.25),
        ("29.9 Süd 71.25 Ost", -29.9, 71.25),
        ("59.91 N 10.75 Ø", 59.91, 10.75),
        ("55.75 С 37.62 В", 55.75, 37.62),
        ("-29.9° S? ".replace(" S? ", ", -71.25°"), -29.9, -71.25),
        ("\u221229.9, \u221271.25", -29.9, -71.25),
    ],
)
def test_letters_words_and_decimal_minutes(text: str, lat: float, lon: float) -> None:
    assert (lat, lon) in [(round(one.lat, 6), round(one.lon, 6)) for one in read(text)][:1]


@pytest.mark.parametrize(
    "text", ["47.1415, 9.5215", "47,1415 9,5215", "47,1415, 9,5215", "47.1415 9.5215", "47.1415/9.5215", "47,1415;9,5215"]
)
def test_points_and_commas_and_both_orders(text: str) -> None:
    custom, other = read(text)
    assert (custom.lat, custom.lon, custom.reason) == (47.1415, 9.5215, "lat_lon")
    assert (other.lat, other.lon, other.reason) == (9.5215, 47.1415, "lon_lat")
    assert custom.score > other.score


def test_the_order_that_lies_in_the_region_comes_first() -> None:
    assert places("9.5215, 47.1415", VADUZ)[0] == (47.1415, 9.5215)
    assert places("-71.25 -29.9", COQUIMBO) == [(-29.9, -71.25), (-71.25, -29.9)]
    assert places("9.5215, 47.1415")[0] == (9.5215, 47.1415), "by custom where nothing is known"


def test_longitude_first_where_nothing_else_is_possible() -> None:
    (found,) = read("-122.4194, 37.7749")
    assert (found.lat, found.lon, found.reason) == (37.7749, -122.4194, "lon_lat_only")


def test_o_is_west_or_east_and_the_region_decides_the_order() -> None:
    chile, germany = read("29.9 S 71.25 O", COQUIMBO), read("47.14 N 9.52 O", VADUZ)
    assert [(one.lon, one.reason) for one in chile] == [(-71.25, "letter_o_west"), (71.25, "letter_o_east")]
    assert [(one.lon, one.reason) for one in germany] == [(9.52, "letter_o_east"), (-9.52, "letter_o_west")]
    assert len({one.score for one in read("47.14 N 9.52 O")}) == 1, "nobody knows: neither is better"
    assert [one.lon for one in read("Breite 47,14 N Länge 9,52 O")] == [9.52]
    assert [one.lon for one in read("latitud 29.9 S longitud 71.25 O")] == [-71.25]


def test_a_minus_beside_its_letter_is_not_turned_round() -> None:
    (found,) = read("-29.9 S, -71.25 W")
    assert (found.lat, found.lon, found.reason) == (-29.9, -71.25, "sign_and_letter")


def test_what_was_typed_says_how_sure_it_is() -> None:
    coarse, fine = read("47.1 N 9.5 E")[0], read("47.14151234567 N 9.52151234567 E")[0]
    assert coarse.uncertainty_m == pytest.approx(hypot(5560, 5560 * cos(radians(47.1))), rel=0.001)
    assert fine.uncertainty_m == FINEST_M
    assert coarse.text == "47.1° N, 9.5° E"


def test_right_to_left_digits_and_marks() -> None:
    assert places("\u200f٤٧٫١٤١٥، ٩٫٥٢١٥\u200e", VADUZ)[0] == (47.1415, 9.5215)
    assert places("\u206747.1415, 9.5215\u2069")[0] == (47.1415, 9.5215)


@pytest.mark.parametrize(
    "text",
    ["", "47", "47 9", "Kirchstrasse 12", "12 Main St", "12 34", "1.2.3", "47° N", "47 60 N 9 10 E", "47 N 9 N", "N 47 S 9",
     "47.5 30 N 9 10 E", "lat 9 E lon 47 N", "+41 79 123 45 67", "٤٧", "47.14, 9.52, 450, 3", "800 block of Geary St", "A / B",
     "2024-11-23", "Rue 47, 9"],
)  # fmt: skip
def test_what_is_no_pair_gives_nothing(text: str) -> None:
    assert read(text, VADUZ) == []


def test_off_the_earth_is_said() -> None:
    assert read_coordinates("95.5, 200.1").note == "off_earth"
    assert read_coordinates("97 N 9 E").note == "off_earth"


def test_whole_degrees_are_no_certainty() -> None:
    assert all(one.score < 0.9 for one in read("12, 5"))


def test_far_away_is_said() -> None:
    (found,) = read("29.9000 S 71.2500 W", VADUZ)
    assert found.reason == "outside_region" and found.score == 1.0


@given(lat=st.floats(-90, 90), lon=st.floats(-180, 180), digits=st.integers(0, 9), comma=st.booleans(), sign=st.booleans())
def test_a_typed_place_holds_where_it_was_read(lat: float, lon: float, digits: int, comma: bool, sign: bool) -> None:
    shown = [f"{abs(value):.{digits}f}" for value in (lat, lon)]
    text = f"{shown[0]}° {'S' if lat < 0 else 'N'}; {shown[1]}° {'W' if lon < 0 else 'E'}"
    if sign:
        text = f"lat {'-' if lat < 0 else ''}{shown[0]} lon {'-' if lon < 0 else ''}{shown[1]}"
    found = read(text.replace(".", ",") if comma else text)[0]
    assert distance_m(start=LonLat(lon, lat), end=LonLat(found.lon, found.lat)) <= found.uncertainty_m * 1.01 + 0.01


@given(lat=st.floats(-89.9, 89.9), lon=st.floats(-179.9, 179.9), places=st.integers(0, 3))
def test_seconds_come_back(lat: float, lon: float, places: int) -> None:
    def dms(value: float) -> str:
        units = round(abs(value) * 3600 * 10**places)
        minutes, rest = divmod(units, 60 * 10**places)
        return f"{minutes // 60}°{minutes % 60}'{rest / 10**places:.{places}f}\""

    (found,) = read(f"{dms(lat)}{'S' if lat < 0 else 'N'} {dms(lon)}{'W' if lon < 0 else 'E'}")
    assert distance_m(start=LonLat(lon, lat), end=LonLat(found.lon, found.lat)) <= found.uncertainty_m * 1.01 + 0.01


ALPHABET = st.sampled_from(
    [
        *"0123456789.,;:/ -+°'\"NSEWOLnsewo#?&=@!",
        "geo:",
        "http://",
        "lat",
        "lon",
        "32T",
        "NT",
        "8FVC",
        "+",
        "′",
        "٤",
        "²",
        "Ⅷ",
        "ß",
        "\u200f",
        "\0",
        "é",
        "１",
    ]
)


@settings(max_examples=400)
@given(st.lists(ALPHABET, max_size=40).map("".join) | st.text(max_size=60))
def test_no_text_ever_breaks_it(text: str) -> None:
    for around in (NOWHERE, VADUZ, Around(near=LonLat(180.0, 90.0))):
        for one in read(text, around):
            assert LonLat(one.lon, one.lat).is_on_earth()
            assert one.uncertainty_m >= 0 and 0 < one.score <= 1 and one.text


@pytest.mark.parametrize(
    "piece",
    ["1", "4 ", "47.1415,", "N", "°", " ", "8FVC9G8F+", "geo:1,2;a=", "http://a?q=1,", "!3d4", "-", "'", "\u200f", "32T NT 1", "1.1234 "],
)
def test_a_million_characters_are_quick(piece: str) -> None:
    for length in (100, 4_000, 1_000_000):
        with cpu_at_most(1.0):
            read((piece * length)[:length], VADUZ)


@pytest.mark.parametrize(
    "text",
    [
        "4708.4834N 00931.2834E",
        "4708.4834N,00931.2834E",
        "N4708.4834E00931.2834",
        "+47.14139+009.52139/",
        "+47.14139+009.52139",
        "+4708.4834+00931.2834/",
        "+470829+0093117/",
        "+47.14139+009.52139+455.5CRSWGS_84/",
        "POINT(9.52139 47.14139)",
        "POINT (9.52139 47.14139)",
        "point z (9.52139 47.14139 455)",
        "SRID=4326;POINT(9.52139 47.14139)",
    ],
)
def test_forms_of_devices_and_databases_are_read_in_one_way(text: str) -> None:
    (found,) = read(text)
    assert (found.lat, found.lon) == pytest.approx(HERE, abs=2e-5)
    assert (found.reason, found.score) == ("", 1.0)


@pytest.mark.parametrize("text", ["(47.14139, 9.52139)", "[47.14139, 9.52139]", "[9.52139, 47.14139]", "(9.52139 47.14139)"])
def test_pairs_in_brackets_are_read_as_without(text: str) -> None:
    assert read(text, VADUZ) == read(text[1:-1], VADUZ)
    assert places(text, VADUZ)[0] == HERE


def test_iso_6709_is_latitude_first_by_its_own_rule() -> None:
    assert places("-33.86+151.20/") == [(-33.86, 151.20)]
    assert places("+40-074/") == [(40.0, -74.0)]


@pytest.mark.parametrize(
    "text", ["()", "[]", "POINT()", "POINT(9.5)", "POINT(500 47)", "+4799+00931/", "+47+9/x", "4799.4N 00931.2E", "(" * 4000]
)
def test_what_only_looks_like_a_form_is_none(text: str) -> None:
    with cpu_at_most(1.0):
        assert read(text) == []
