"""geo: links (RFC 5870), map links and longer texts: coordinates inside are read, nothing is fetched."""

import pytest

from tocsin.places.around import NOWHERE, Around
from tocsin.places.coordinates import read_coordinates

VADUZ = Around(bbox=(9.47, 47.05, 9.64, 47.27))


def first(text: str) -> tuple[float, float, float, str]:
    """Latitude, longitude, uncertainty, reason."""
    found = read_coordinates(text, NOWHERE).candidates[0]
    return found.lat, found.lon, round(found.uncertainty_m), found.reason


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("geo:13.4125,103.8667", (13.4125, 103.8667, 8, "")),  # the examples of RFC 5870, 6
        ("geo:48.2010,16.3695,183", (48.2010, 16.3695, 7, "altitude_ignored")),
        ("geo:48.198634,16.371648;crs=wgs84;u=40", (48.198634, 16.371648, 40, "uncertainty_stated")),
        ("GEO:66,30;u=6.500;FOo=this%2dthat", (66.0, 30.0, 6, "uncertainty_stated")),
        ("geo:90,-22.43;crs=WGS84", (90.0, 0.0, 55_598, "")),  # 3.4.2: at the poles longitude is 0
        ("geo:22.300,-118.44", (22.3, -118.44, 521, "")),
        ("geo:0,0?q=47.1415,9.5215(Vaduz)", (47.1415, 9.5215, 7, "")),
        ("geo:47.14,9.52?z=15", (47.14, 9.52, 672, "")),
    ],
)
def test_geo_links(text: str, wanted: tuple[float, float, float, str]) -> None:
    found = first(text)
    assert found[:2] == wanted[:2] and found[3] == wanted[3]
    assert found[2] == pytest.approx(wanted[2], rel=0.08, abs=1)


def test_the_altitude_is_kept_in_the_text() -> None:
    assert "183 m" in read_coordinates("geo:48.2010,16.3695,183").candidates[0].text


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("geo:47.1,9.5;crs=nad27", "crs_unknown"), ("geo:91,0", "off_earth"), ("geo:0,181", "off_earth"), ("geo:47.1", "geo_invalid"),
        ("geo:47.1,9.5;u=-3", "geo_invalid"), ("geo:0,0?q=Vaduz", "geo_invalid"), ("geo:", "geo_invalid"), ("geo:a,b", "geo_invalid"),
        ("https://maps.app.goo.gl/xyz", "link_without_place"), ("https://what3words.com/filled.count.soap", "link_without_place"),
        ("https://www.google.com/maps/@147.1415,9.5215,15z", "link_without_place"),
    ],
)  # fmt: skip
def test_links_that_are_no_place_say_why(text: str, note: str) -> None:
    reading = read_coordinates(text, VADUZ)
    assert (reading.candidates, reading.note) == ((), note)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.google.com/maps?q=47.1415,9.5215",
        "https://www.google.com/maps/search/?api=1&query=47.1415%2C9.5215",
        "https://www.google.com/maps/place/47.1415,9.5215/@47.2,9.6,15z",
        "https://www.google.com/maps/place/Vaduz/@47.1,9.5,17z/data=!3m1!4b1!8m2!3d47.1415!4d9.5215",
        "https://www.google.com/maps/dir/?api=1&destination=47.1415,9.5215",
        "https://www.openstreetmap.org/?mlat=47.1415&mlon=9.5215#map=17/47.2/9.6",
        "https://maps.apple.com/?q=47.1415,9.5215&ll=47.2,9.6",
        "Look: https://maps.google.com/?q=loc:47.1415,9.5215 hurry",
        "https://yandex.com/maps/?ll=9.5215,47.1415&z=15",
    ],
)
def test_the_pin_of_a_map_link(text: str) -> None:
    found = first(text)
    assert (found[0], found[1], found[3]) == (47.1415, 9.5215, "inside_link")


@pytest.mark.parametrize(
    "text",
    [
        "https://www.google.com/maps/@47.1415,9.5215,15z",
        "https://www.openstreetmap.org/#map=17/47.1415/9.5215",
        "https://www.bing.com/maps?cp=47.1415~9.5215&lvl=15",
        "https://maps.apple.com/?ll=47.1415,9.5215&z=12",
    ],
)
def test_the_view_of_a_map_link_is_no_certainty(text: str) -> None:
    (found,) = read_coordinates(text).candidates
    assert (found.lat, found.lon, found.reason) == (47.1415, 9.5215, "map_view") and found.score < 0.9


def test_a_pair_inside_a_sentence() -> None:
    found = read_coordinates("my phone says 47.14151, 9.52151 I think", VADUZ).candidates
    assert (found[0].lat, found[0].lon) == (47.14151, 9.52151)
    assert read_coordinates("3.50, 4.20 and 12 eggs").candidates == ()
