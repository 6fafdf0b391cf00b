"""Positions as devices send them: the published samples, what each unit of measure becomes, what is refused and what is dropped."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant, parse_iso
from tocsin.formats import osmand, owntracks
from tocsin.formats.position import Heard, Reported
from tocsin.words import tell

NOW = parse_iso("2026-07-01T08:00:00Z")


def form(text: str) -> Reported:
    (one,) = osmand.decode_form(text, NOW).positions
    return one


def code_of(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        osmand.decode_form(text, NOW)
    assert tell(caught.value, "pt") != tell(caught.value, "en"), "told in words, with all of their values"
    return caught.value.code


def test_the_published_queries_mean_what_their_project_says(shared: Path) -> None:
    samples = json.loads((shared / "standards/avl/osmand_http_queries.json").read_text())
    assert len(samples) == 7
    for sample in samples:
        heard = osmand.decode_form(sample["request"].partition("?")[2], NOW)
        if sample["expect"] is None:  # no device id: with us the token says whose device it is, so it is a position like another
            assert heard.positions[0].place == LonLat(30.0, 60.0)
        elif sample["expect"]["lat"] is None:
            assert (heard.positions, heard.no_fix) == ((), 1)
        else:
            assert heard.positions[0].place == LonLat(sample["expect"]["lon"], sample["expect"]["lat"])
        assert b"902064" not in msgspec.json.encode(heard) and b"123456" not in msgspec.json.encode(heard)
        assert heard.ignored >= 1 or sample["expect"] is None


def test_the_published_messages_of_owntracks_do(shared: Path) -> None:
    samples: list[dict[str, Any]] = json.loads((shared / "standards/avl/owntracks_location.json").read_text())
    heard = owntracks.decode(json.dumps(samples).encode(), NOW)
    assert [(one.place.lon, one.place.lat) for one in heard.positions] == [(one["lon"], one["lat"]) for one in samples]
    assert [one.at for one in heard.positions] == [one["tst"] * 1000 for one in samples]
    first, second, third = heard.positions
    assert (first.speed_mps, first.uncertainty_m, first.heading_deg) == (0.0, 15.0, None)
    assert (second.speed_mps, second.uncertainty_m, second.heading_deg) == (None, None, None)
    assert third.speed_mps == pytest.approx(61 / 3.6) and (third.heading_deg, third.uncertainty_m) == (271.0, 5.0)
    assert heard.ignored == 6 + 1 + 5, "alt, batt, conn, t, tid, vac; tid; vac, alt, tid, t, batt"


def test_stamps_may_be_seconds_milliseconds_or_iso() -> None:
    for stamp in (
        "1782892799",
        "1782892799000",
        "1782892799.0",
        "2026-07-01T07:59:59Z",
        "2026-07-01T09:59:59%2B02:00",
        "2026-07-01+07:59:59",
    ):
        assert form(f"id=1&lat=1&lon=2&timestamp={stamp}").at == NOW - 1000, stamp
    assert form("id=1&lat=1&lon=2").at == NOW, "without a stamp it is of now"


def test_no_clock_of_a_device_runs_ahead_of_the_desk() -> None:
    for ahead_ms, is_marked in ((0, False), (2_000, False), (2_001, True), (86_400_000, True)):
        one = form(f"lat=1&lon=2&timestamp={NOW + ahead_ms}")
        assert (one.at, one.is_clock_ahead) == (NOW, is_marked)


def test_speeds_are_knots_in_the_form_and_metres_in_the_json_of_traccar() -> None:
    one = form("lat=1&lon=2&speed=36&bearing=90&accuracy=8")
    assert one.speed_mps == pytest.approx(18.52) and (one.heading_deg, one.uncertainty_m) == (90.0, 8.0)
    body = {
        "location": {
            "timestamp": "2026-07-01T07:59:58.500Z",
            "coords": {"latitude": -29.9, "longitude": -71.25, "accuracy": 5, "speed": 12.5, "heading": 271, "altitude": 30},
            "is_moving": True, "odometer": 71.3, "event": "motionchange",
            "battery": {"level": 0.5, "is_charging": False}, "activity": {"type": "in_vehicle"}, "extras": {},
        },
        "device_id": "48241179",
    }  # fmt: skip
    heard = osmand.decode_json(json.dumps(body).encode(), NOW)
    assert heard.positions == (Reported(LonLat(-71.25, -29.9), Instant(NOW - 1500), 271.0, 12.5, 5.0),)
    assert heard.ignored == 1 + 6 + 1 and b"48241179" not in msgspec.json.encode(heard)
    listed = osmand.decode_json(json.dumps({"location": [body["location"]] * 2}).encode(), NOW)
    assert listed.positions == heard.positions * 2


def test_what_devices_send_for_unknown_is_unknown() -> None:
    one = form("lat=1&lon=2&speed=-1&heading=-1&accuracy=0&hacc=0")
    assert (one.speed_mps, one.heading_deg, one.uncertainty_m) == (None, None, None)
    assert form("lat=1&lon=2&heading=360&speed=").heading_deg == 0.0
    assert form("lat=1&lon=2&heading=361&speed=9e9").speed_mps is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("lat=91&lon=2", "position_range"),
        ("lat=1&lon=-180.5", "position_range"),
        ("lat=0&lon=0", "position_null_island"),
        ("lat=0.0000&lon=-0.0000004", "position_null_island"),
        ("lat=nan&lon=2", "position_number"),
        ("lat=1&lon=inf", "position_number"),
        ("lat=1,5&lon=2", "position_number"),
        ("lat=1&lon=2&speed=fast", "position_number"),
        ("lat=٣&lon=2", "position_number"),
        ("lat=1", "position_missing"),
        ("location=60.0", "position_missing"),
        ("lat=1&lon=2&timestamp=yesterday", "position_stamp"),
        ("lat=1&lon=2&timestamp=1e99", "position_stamp"),
        ("&".join(f"a{nth}=1" for nth in range(101)), "position_fields"),
        ("lat=1&lon=2&name=%FF", "position_fields"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "position_json"), (b"\xff", "position_json"), (b"[" * 3000, "position_json"),
        (b"3", "position_layout"), (b"{}", "position_layout"), (b'[{"_type":"location"},3]', "position_missing"),
        (b'{"_type":"location","lat":true,"lon":2}', "position_number"), (b'{"_type":"location","lat":1e999,"lon":2}', "position_number"),
        (b'{"_type":"location","lat":1,"lon":2,"tst":"soon"}', "position_stamp"), (b'{"_type":7}', "position_layout"),
    ],
)  # fmt: skip
def test_so_is_json(body: bytes, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        owntracks.decode(body, NOW)
    assert caught.value.code in (code, "position_json")


def test_other_messages_of_owntracks_are_accepted_and_dropped() -> None:
    for kind in ("lwt", "transition", "waypoint", "card", "encrypted", "status", "steps"):
        body = json.dumps({"_type": kind, "lat": 1.5, "lon": 2.5, "data": "x"}).encode()
        assert owntracks.decode(body, NOW) == Heard((), 0, 1)
    assert owntracks.decode(b"", NOW) == Heard((), 0, 1), "what the app sends to delete a friend"


def test_nothing_of_a_phone_or_a_person_has_a_field() -> None:
    assert set(Reported.__struct_fields__) == {"place", "at", "heading_deg", "speed_mps", "uncertainty_m", "is_clock_ahead"}
    message = {
        "_type": "location", "lat": 1.5, "lon": 2.5, "tid": "AN", "SSID": "home", "BSSID": "00:11", "batt": 3, "topic": "a/ana",
        "inregions": ["home"], "poi": "Ana", "image": "aGk=", "imagename": "Ana",
    }  # fmt: skip
    heard = owntracks.decode(json.dumps(message).encode(), NOW)
    assert heard == Heard((Reported(LonLat(2.5, 1.5), NOW),), 9)


degrees = st.floats(-89.0, 89.0, allow_nan=False).filter(lambda value: abs(value) > 0.01)


@given(degrees, degrees, st.integers(0, 2_000_000_000), st.floats(0, 100), st.floats(0, 359.9), st.floats(0.1, 5000))
def test_what_is_written_is_read(lon: float, lat: float, at_s: int, speed: float, heading: float, acc: float) -> None:
    now = Instant(2_000_000_000_000)
    said = form_of(lat=lat, lon=lon, timestamp=at_s, speed=speed / osmand.KNOT_MPS, bearing=heading, accuracy=acc)
    message = {"_type": "location", "lat": lat, "lon": lon, "tst": at_s, "vel": speed * 3.6, "cog": heading, "acc": acc}
    coords = {"latitude": lat, "longitude": lon, "speed": speed, "heading": heading, "accuracy": acc}
    for heard in (
        osmand.decode_form(said, now),
        owntracks.decode(json.dumps(message).encode(), now),
        osmand.decode_json(json.dumps({"location": {"timestamp": at_s, "coords": coords}}).encode(), now),
    ):
        (one,) = heard.positions
        assert (one.place, one.at) == (LonLat(round(lon, 7), round(lat, 7)), at_s * 1000)
        assert (one.speed_mps, one.heading_deg, one.uncertainty_m) == (pytest.approx(speed), pytest.approx(heading), pytest.approx(acc))


def form_of(**fields: float) -> str:
    return "&".join(f"{name}={value!r}" for name, value in fields.items())


@given(st.binary(max_size=200))
def test_no_bytes_break_it(body: bytes) -> None:
    for decode in (osmand.decode_json, owntracks.decode, lambda body, now: osmand.decode_form(body.decode("latin-1"), now)):
        try:
            decode(body, NOW)
        except BadInput as fault:
            assert fault.code.startswith("position_")
