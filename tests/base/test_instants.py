"""Instants: read, printed, put on a wall."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.base.instants import after, check_zone, from_local, is_zone, iso, local_parts, local_text, parse_iso, span_ms

ZONES = st.sampled_from(["UTC", "Europe/Lisbon", "America/Santiago", "Asia/Kathmandu", "Pacific/Chatham"])


@settings(max_examples=200)
@given(st.integers(-(10**12), 10**13))
def test_what_is_printed_is_read_back(at: int) -> None:
    assert parse_iso(iso(at)) == at


@pytest.mark.parametrize(
    ("text", "millis"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1970-01-01T00:00:00.250Z", 250),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2020-04-07T15:00:00Z", 1_586_271_600_000),
    ],
)
def test_stamps_that_name_their_offset(text: str, millis: int) -> None:
    assert parse_iso(text) == millis


@pytest.mark.parametrize("text", ["", "yesterday", "2020-04-07T15:00:00", "2020-13-01T00:00:00Z", "2020-04-07T25:00:00Z"])
def test_others_are_the_senders_fault(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_iso(text)
    assert caught.value.code == "stamp"
    assert caught.value.values["value"] == text


def test_spans() -> None:
    assert span_ms(start=1000, end=250) == -750
    assert after(1000, span_ms(start=1000, end=4000)) == 4000


def test_the_hour_that_comes_twice_is_taken_the_first_time_and_the_skipped_one_is_moved() -> None:
    layout, zone = "%Y-%m-%d %H:%M", "Europe/Lisbon"
    first = from_local("2020-10-25 01:30", layout=layout, zone=zone)
    assert iso(first) == "2020-10-25T00:30:00.000Z"
    skipped = from_local("2020-03-29 01:30", layout=layout, zone=zone)
    assert local_text(skipped, zone) == "2020-03-29 02:30:00"


def test_local_stamps_that_cannot_be_read() -> None:
    with pytest.raises(BadInput) as caught:
        from_local("7/4/2020", layout="%Y-%m-%d", zone="UTC")
    assert caught.value.values["layout"] == "%Y-%m-%d"
    with pytest.raises(BadInput) as caught:
        from_local("2020-04-07", layout="%Y-%m-%d", zone="Mars/Olympus")
    assert caught.value.code == "timezone"


@settings(max_examples=200)
@given(st.integers(0, 4 * 10**12), ZONES)
def test_the_parts_are_those_of_the_text(at: int, zone: str) -> None:
    parts, text = local_parts(at, zone), local_text(at, zone)
    assert text.startswith(f"{parts.date} {parts.hour:02d}:{parts.minute:02d}:")
    assert 0 <= parts.minute_of_week < 7 * 1440
    assert from_local(parts.date + " 12:00", layout="%Y-%m-%d %H:%M", zone=zone) - at < 86_400_000 + 3_600_000
    assert parts.minute_of_week == parts.weekday * 1440 + parts.hour * 60 + parts.minute


def test_weekdays_begin_with_monday() -> None:
    assert [local_parts(parse_iso(f"2020-04-{day:02d}T12:00:00Z"), "UTC").weekday for day in range(6, 13)] == list(range(7))


def test_zones() -> None:
    assert check_zone("America/Santiago") == "America/Santiago"
    assert is_zone("UTC")
    for name in ("Mars/Olympus", "", "../etc/passwd", "/etc/passwd"):
        assert not is_zone(name)
        with pytest.raises(BadInput):
            check_zone(name)
