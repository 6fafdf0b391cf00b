"""Stamps: the fast reader says what ``strptime`` and the zone table say."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.base.instants import from_local, iso
from tocsin.formats.log_stamps import StampReader

ZONE = "America/Los_Angeles"
FIRST, LAST = datetime(1971, 1, 1), datetime(2037, 12, 31)  # noqa: DTZ001 - local times are what is read


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("04/07/2020 11:53:08 PM", "2020-04-08T06:53:08.000Z"),
        ("4/7/2020 1:05:00 am", "2020-04-07T08:05:00.000Z"),
        ("04/08/2020 12:00:00 AM", "2020-04-08T07:00:00.000Z"),
        ("04/08/2020 12:30:00 PM", "2020-04-08T19:30:00.000Z"),
        ("04/08/2020 23:30:00", "2020-04-09T06:30:00.000Z"),
        ("2020-04-07T23:53:08.000", "2020-04-08T06:53:08.000Z"),
        ("2020-04-07 23:53:08", "2020-04-08T06:53:08.000Z"),
        ("2020-04-07T23:53:08.25", "2020-04-08T06:53:08.250Z"),
        ("2020-04-07T23:53:08Z", "2020-04-07T23:53:08.000Z"),
        ("2020-04-07T23:53:08+02:00", "2020-04-07T21:53:08.000Z"),
    ],
)
def test_layouts(text: str, utc: str) -> None:
    assert iso(StampReader(ZONE).read(text)) == utc


def test_hour_that_the_clocks_repeat_counts_the_first_time_and_a_skipped_one_is_moved() -> None:
    stamps = StampReader(ZONE)
    assert iso(stamps.read("11/01/2020 01:30:00 AM")) == "2020-11-01T08:30:00.000Z"
    assert iso(stamps.read("03/08/2020 02:30:00 AM")) == "2020-03-08T10:30:00.000Z"


def test_offset_that_changes_within_an_hour_is_read_exactly() -> None:
    # Lord Howe Island moves by half an hour, at 02:00; Newfoundland once moved one minute past midnight.
    for zone, text in (
        ("Australia/Lord_Howe", "2020-04-05T01:45:00"),
        ("America/St_Johns", "2006-04-02T00:00:30"),
        ("America/St_Johns", "2006-04-02T00:30:00"),
    ):
        assert StampReader(zone).read(text) == from_local(text, layout="%Y-%m-%dT%H:%M:%S", zone=zone)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "13/01/2020 01:00:00 PM",
        "02/30/2020 01:00:00 PM",
        "04/07/2020 13:00:00 PM",
        "04/07/2020 00:10:00 AM",
        "04/07/2020 01:60:00 AM",
        "04/07/2020 01:00:61 AM",
        "2020-04-07",
        "2020-04-07T24:00:00",
        "0000-01-01T00:00:00",
        "٠٤/07/2020 01:00:00 AM",
        "2020-04-07T10:00:00+99:00",
    ],
)
def test_what_is_no_stamp_is_refused_by_name(text: str) -> None:
    with pytest.raises(BadInput) as told:
        StampReader(ZONE).read(text)
    assert told.value.code == "stamp" and told.value.values["value"] == text


def test_unknown_zone_is_told_at_once() -> None:
    with pytest.raises(BadInput, match="timezone"):
        StampReader("America/Atlantis")


@given(
    st.datetimes(min_value=FIRST, max_value=LAST),
    st.sampled_from([ZONE, "Asia/Kathmandu", "Europe/Lisbon", "UTC"]),
)
def test_agrees_with_the_zone_table(moment: datetime, zone: str) -> None:
    moment = moment.replace(microsecond=0)
    expected = int(moment.replace(tzinfo=ZoneInfo(zone)).timestamp()) * 1000
    assert StampReader(zone).read(moment.strftime("%m/%d/%Y %I:%M:%S %p")) == expected
    assert StampReader(zone).read(moment.isoformat(sep="T")) == expected
