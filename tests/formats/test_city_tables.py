"""Tables of a city as spreadsheets write them: every column, every default, every slip with its line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.formats.city_tables import read_demand, read_hospitals, read_times
from tocsin.words import languages, tell

KNOWN = ("A", "B", "P1")


def fault_of(read: object, text: str, **more: object) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(text, file="table.csv", **more)  # type: ignore[operator]
    return caught.value


def test_demand_by_weight_and_by_calls_a_day() -> None:
    by_weight = read_demand("place,lon,lat,weight\nmarket,10.5,50.25,3\nhill,10.6,50.3,0\n", file="d.csv")
    assert [(one.name, one.at.lon, one.at.lat, one.weight, one.per_day) for one in by_weight] == [
        ("market", 10.5, 50.25, 3.0, None), ("hill", 10.6, 50.3, 0.0, None),
    ]  # fmt: skip
    by_day = read_demand("lon,lat,calls_per_day,weight\n10,50,4.5,99\n", file="d.csv")
    assert [(one.name, one.weight, one.per_day) for one in by_day] == [("P1", 4.5, 4.5)], "calls a day say more than a weight"


def test_columns_stand_in_any_order_and_in_any_case() -> None:
    one = read_demand("Weight,LAT,Lon,Remark\n2,50,10,quiet\n", file="d.csv")
    other = read_demand("lon,lat,weight\n10,50,2\n", file="d.csv")
    assert one == other


def test_places_without_a_name_are_numbered() -> None:
    rows = read_demand("place,lon,lat,weight\n,10,50,1\nX,10,51,1\n,10,52,1\n", file="d.csv")
    assert [one.name for one in rows] == ["P1", "X", "P3"]


def test_a_number_that_is_a_name_already_is_doubled() -> None:
    fault = fault_of(read_demand, "place,lon,lat,weight\nP2,10,50,1\n,10,51,1\n")
    assert (fault.code, fault.line, fault.field, fault.values["name"]) == ("city_doubled", 3, "place", "P2")


def test_hospitals_with_and_without_bays() -> None:
    rows = read_hospitals("name,lon,lat,bays\nNorth,10,50,3\n,10,51,\n", file="h.csv")
    assert [(one.name, one.bays, one.line) for one in rows] == [("North", 3, 2), ("hospital 2", 0, 3)]
    assert read_hospitals("hospital,name,lon,lat\nH,other,10,50\n", file="h.csv")[0].name == "H"
    assert read_hospitals("hospital,lon,lat\n", file="h.csv") == []


def test_drives_without_lights_take_longer_where_nothing_is_said() -> None:
    drives = read_times("from,to,lights_s,normal_s\nA,B,100,\nB,A,90.5,120\nA,P1,0,0\n", file="t.csv", known=KNOWN)
    assert [tuple(one) for one in drives] == [("A", "B", 100_000, 130_000), ("B", "A", 90_500, 120_000), ("A", "P1", 0, 0)]


def test_what_is_not_known_is_told_with_some_that_are() -> None:
    many = tuple(f"S{nth:02d}" for nth in range(40))
    fault = fault_of(read_times, "from,to,lights_s\nS01,S02,5\nS01,Z,5\n", known=many)
    assert (fault.code, fault.line, fault.field, fault.values["name"]) == ("city_unknown", 3, "to", "Z")
    assert str(fault.values["known"]).split(", ") == list(many[:12])


SLIPS = {
    "no longitude": (read_demand, "lat,weight\n50,1\n", "city_column_missing", 1, "lon"),
    "neither weight nor calls": (read_demand, "lon,lat\n10,50\n", "city_column_missing", 1, "weight"),
    "a weight in words": (read_demand, "lon,lat,weight\n10,50,1\n10,51,many\n", "city_number", 3, "weight"),
    "an empty weight": (read_demand, "lon,lat,weight\n10,50,\n", "city_number", 2, "weight"),
    "no finite weight": (read_demand, "lon,lat,weight\n10,50,inf\n", "city_number", 2, "weight"),
    "calls fewer than none": (read_demand, "lon,lat,calls_per_day\n10,50,-0.5\n", "city_number", 2, "calls_per_day"),
    "nobody calls": (read_demand, "lon,lat,weight\n10,50,0\n10,51,0\n", "city_demand_none", None, "weight"),
    "a table of no rows": (read_demand, "lon,lat,weight\n", "city_demand_none", None, "weight"),
    "a hospital twice": (read_hospitals, "hospital,lon,lat\nH,10,50\nG,10,51\nH,10,52\n", "city_doubled", 4, "hospital"),
    "half a bay": (read_hospitals, "hospital,lon,lat,bays\nH,10,50,2.5\n", "city_number", 2, "bays"),
    "bays without number": (read_hospitals, "hospital,lon,lat,bays\nH,10,50,1e9\n", "city_number", 2, "bays"),
    "negative bays": (read_hospitals, "hospital,lon,lat,bays\nH,10,50,-1\n", "city_number", 2, "bays"),
    "a drive longer than a week": (read_times, "from,to,lights_s\nA,B,604801\n", "city_number", 2, "lights_s"),
    "a drive longer than a week without lights": (read_times, "from,to,lights_s,normal_s\nA,B,5,1e10\n", "city_number", 2, "normal_s"),
    "a drive that takes less than no time": (read_times, "from,to,lights_s\nA,B,-1\n", "city_number", 2, "lights_s"),
    "no time": (read_times, "from,to\nA,B\n", "city_column_missing", 1, "lights_s"),
    "from nowhere": (read_times, "from,to,lights_s\n,B,5\n", "city_unknown", 2, "from"),
}


@pytest.mark.parametrize("how", SLIPS)
def test_slips_are_told_with_file_line_and_column_in_every_language(how: str) -> None:
    read, text, code, line, field = SLIPS[how]
    fault = fault_of(read, text, **({"known": KNOWN} if read is read_times else {}))
    assert (fault.code, fault.file, fault.line, fault.field) == (code, "table.csv", line, field)
    for language in languages():
        assert len(tell(fault, language).splitlines()) == 2


@given(st.lists(st.tuples(st.floats(-179, 179), st.floats(-89, 89), st.floats(0.001, 1e6)), min_size=1, max_size=8))
@settings(max_examples=50)
def test_what_was_written_is_read(rows: list[tuple[float, float, float]]) -> None:
    text = "lon,lat,weight\n" + "".join(f"{lon!r},{lat!r},{weight!r}\n" for lon, lat, weight in rows)
    assert [(one.at.lon, one.at.lat, one.weight) for one in read_demand(text, file="d.csv")] == rows


@given(st.lists(st.tuples(st.sampled_from(KNOWN), st.sampled_from(KNOWN), st.integers(0, 604_800)), min_size=1, max_size=8))
@settings(max_examples=50)
def test_every_drive_is_there_in_whole_milliseconds(rows: list[tuple[str, str, int]]) -> None:
    text = "from,to,lights_s,normal_s\n" + "".join(f"{start},{end},{lights_s},{lights_s}\n" for start, end, lights_s in rows)
    drives = read_times(text, file="t.csv", known=KNOWN)
    assert [(one.start, one.end, one.lights_ms, one.normal_ms) for one in drives] == [(a, b, 1000 * s, 1000 * s) for a, b, s in rows]
