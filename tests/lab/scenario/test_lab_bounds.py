"""Every number of ``lab.toml`` has its bounds: what lies on them is taken, what lies beyond is told with line, field and bound."""

import pytest
from lab_texts import SQUARE, laid, told
from msgspec.structs import replace

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import City

SHIFT = '[[shift]]\nunits = ["U00"]\nfrom = "07:00"\nuntil = "19:00"\n'
BREAK = '[[break]]\nunits = ["U00"]\nfrom = "12:00"\nuntil = "13:00"\nminutes = {}\n'
SURGE = '[[surge]]\nkind = "urgent"\nstation = "S00"\n'

BOUNDS: dict[str, tuple[str, float, float, int]] = {
    "call_takers": ("call_takers = {}\n", 0, 10_000, 1),
    "travel_spread": ("travel_spread = {}\n", 0, 2, 1),
    "wrong_priority": ("wrong_priority = {}\n", 0, 1, 1),
    "call_taking": ("call_taking = {{ mean_s = {} }}\n", 0, 604_800, 1),
    "minutes": (BREAK, 0, 1_440, 5),
    "offset_s": ('[[mutual_aid]]\nunits = ["U01"]\noffset_s = {}\n', 0, 86_400, 3),
    "cost_s": ('[[mutual_aid]]\nunits = ["U01"]\ncost_s = {}\n', 0, 86_400, 3),
    "bays": ('[[hospital_bays]]\nhospital = "H0"\nbays = {}\n', 0, 10_000, 3),
    "at_station": ("[[turnout]]\nat_station = {{ mean_s = {} }}\n", 0, 604_800, 2),
    "on_road": ('[[turnout]]\nkind = "car"\non_road = {{ mean_s = {} }}\n', 0, 604_800, 3),
    "target_s": ('[[priority]]\nname = "urgent"\ntarget_s = {}\n', 1, 604_800, 3),
    "per_day": ('[[calls]]\nname = "urgent"\nper_day = {}\n', 0, 100_000, 3),
    "transport": ('[[calls]]\nname = "urgent"\ntransport = {}\n', 0, 1, 3),
    "second_report": ('[[calls]]\nname = "urgent"\nsecond_report = {}\n', 0, 0.95, 3),
    "on_scene": ('[[calls]]\nname = "urgent"\non_scene = {{ mean_s = {} }}\n', 0, 604_800, 3),
    "handover": ('[[calls]]\nname = "urgent"\nhandover = {{ mean_s = {} }}\n', 0, 604_800, 3),
    "areas": ('[[calls]]\nname = "urgent"\nareas = {{ "S01" = {} }}\n', 0, 1_000, 3),
    "times of an area": ('[[area]]\nname = "S01"\ntimes = {}\n', 0, 1_000, 3),
    "calls of a surge": (SURGE + "calls = {}\n", 1, 100_000, 4),
    "day of a surge": (SURGE + "calls = 3\nday = {}\n", 1, 3_660, 5),
    "within_min": (SURGE + "calls = 3\nwithin_min = {}\n", 0, 1_440, 5),
    "day": ('[[happening]]\nwhat = "radio_lost"\nday = {}\n', 1, 3_660, 3),
    "hours": ('[[happening]]\nwhat = "radio_lost"\nhours = {}\n', 1 / 60, 87_840, 3),
    "times": ('[[happening]]\nwhat = "slower"\ntimes = {}\n', 0.05, 20, 3),
    "free": ('[compliance]\ntable = [{{ free = {}, stations = ["S01"] }}]\n', 1, 65_536, 2),
}
"""Text, least, most, line of the number."""

WHOLE = {"call_takers", "minutes", "bays", "calls of a surge", "day of a surge", "day", "free"}


def fault_of(text: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        told(text)
    return caught.value


@pytest.mark.parametrize("name", BOUNDS)
def test_on_the_bounds_it_is_taken(name: str) -> None:
    text, least, most, _ = BOUNDS[name]
    for number in (least, most):
        assert told(text.format(number)).laid is not None


@pytest.mark.parametrize("name", BOUNDS)
def test_below_and_above_it_is_told_with_line_field_and_bound(name: str) -> None:
    text, least, most, line = BOUNDS[name]
    step = 1 if name in WHOLE else least / 2 or 0.001
    low, high = fault_of(text.format(least - step)), fault_of(text.format(most + (1 if name in WHOLE else 0.001)))
    assert (low.code, low.line, low.file, high.code, high.line) == ("number_small", line, "lab.toml", "number_large", line)
    assert low.field == high.field == name.partition(" of ")[0]
    assert (low.values["least"], high.values["most"]) == (
        f"{least:g}",
        f"{most:g}",
    )


@pytest.mark.parametrize("name", [name for name in BOUNDS if name not in WHOLE])
@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_what_is_no_number_is_none(name: str, number: str) -> None:
    text, _, _, line = BOUNDS[name]
    fault = fault_of(text.format(number))
    assert fault.code in ("number_small", "number_large", "value_kind") and fault.line == line


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_what_is_counted_is_whole(name: str) -> None:
    fault = fault_of(BOUNDS[name][0].format(1.5))
    assert (fault.code, fault.line) == ("value_kind", BOUNDS[name][3])


@pytest.mark.parametrize(
    ("text", "is_taken"),
    [
        ("[1.0]", False), ("[" + "1.0, " * 23 + "]", False), ("[" + "1.0, " * 24 + "]", True), ("[" + "1.0, " * 25 + "]", False),
        ("[" + "1.0, " * 168 + "]", True), ("[]", False), ("[" + "1.0, " * 23 + "0.049]", False), ("[" + "1.0, " * 23 + "20.1]", False),
        ("[" + "0.05, " * 12 + "20, " * 12 + "]", True),
    ],
)  # fmt: skip
def test_hours_are_of_a_day_or_a_week_and_each_is_held_to_its_bounds(text: str, is_taken: bool) -> None:
    if is_taken:
        assert len(told(f"travel_times = {text}\n").laid.travel_times or ()) in (24, 168)
    else:
        fault = fault_of(f"# drives\ntravel_times = {text}\n")
        assert fault.code in ("lab_hours", "number_small", "number_large") and (fault.line, fault.field) == (2, "travel_times")


@pytest.mark.parametrize(
    ("span", "code"),
    [
        ('{ mean_s = 60, law = "lognormal", spread = 3 }', None), ('{ mean_s = 60, law = "lognormal", spread = 3.1 }', "number_large"),
        ('{ mean_s = 60, law = "gamma", spread = 0.5 }', None), ('{ mean_s = 60, law = "gamma", spread = 0 }', "lab_lacks"),
        ('{ mean_s = 60, law = "gamma", spread = -1 }', "number_small"), ('{ mean_s = 60, law = "gamma", spread = 1001 }', "number_large"),
        ('{ mean_s = 60, law = "observed", values_s = [30, 90] }', None), ('{ mean_s = 60, law = "observed" }', "lab_lacks"),
        ('{ mean_s = 60, values_s = [30, 90] }', "lab_lacks"), ('{ mean_s = 60, law = "observed", values_s = [-1] }', "number_small"),
        ('{ mean_s = 60, law = "observed", values_s = [604801] }', "number_large"), ('{ law = "fixed" }', "setting_missing"),
        ('{ mean_s = "60" }', "value_kind"), ('60', "value_kind"), ('{ mean_s = 60, sigma = 2 }', "setting_unknown"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["call_taking = ", "[[turnout]]\non_road = ", '[[calls]]\nname = "other"\nhandover = '])
def test_how_long_something_takes(key: str, span: str, code: str | None) -> None:
    if code is None:
        assert laid(key + span).digest != SQUARE.digest
    else:
        fault = fault_of(key + span)
        assert (fault.code, fault.line) == (code, key.count("\n") + 1)


@pytest.mark.parametrize("point", ["[181, 0]", "[-181, 0]", "[0, 91]", "[0, -91]", "[nan, 0]"])
def test_points_are_on_the_earth(point: str) -> None:
    for text in (
        f'[[surge]]\nkind = "urgent"\ncalls = 2\npoint = {point}\n',
        f'[[happening]]\nwhat = "closed_road"\n\npoints = [[0, 0], {point}]\n',
        f'[[happening]]\nwhat = "closed_road"\n\nline = [{point}, [0, 0]]\n',
    ):
        fault = fault_of(text)
        assert fault.code in ("number_small", "number_large") and fault.line == 4


@pytest.mark.parametrize(
    "where", ["", 'station = "S00"\npoint = [0.01, 0.01]\n'], ids=["nowhere", "at two places"]
)  # fmt: skip
def test_a_surge_is_at_one_place(where: str) -> None:
    fault = fault_of(f'[[surge]]\nkind = "urgent"\ncalls = 4\n{where}')
    assert (fault.code, fault.field) == ("lab_lacks", "station / point")


@pytest.mark.parametrize(
    ("what", "lacks"),
    [("station_lost", "station"), ("unit_lost", "unit"), ("slower", "times"), ("closed_road", "line / points"), ("radio_lost", None)],
)
def test_what_happens_happens_to_something(what: str, lacks: str | None) -> None:
    text = f'call_takers = 2\n\n[[happening]]\nwhat = "{what}"\n'
    if lacks is None:
        assert told(text).laid.happening[0].what == what
    else:
        fault = fault_of(text)
        assert (fault.code, fault.field, fault.line) == ("lab_lacks", lacks, 3)


def test_a_line_of_one_point_closes_nothing() -> None:
    assert fault_of('[[happening]]\nwhat = "closed_road"\nline = [[0, 0]]\n').code == "lab_lacks"
    assert told('[[happening]]\nwhat = "closed_road"\nline = [[0, 0], [1, 1]]\n').laid.happening[0].line == ((0.0, 0.0), (1.0, 1.0))


@pytest.mark.parametrize(
    ("clock", "minute"), [("00:00", 0), ("0:00", 0), ("7:05", 425), ("07:05", 425), ("23:59", 1_439), ("24:00", 1_440)]
)  # fmt: skip
def test_hours_of_the_day_that_there_are(clock: str, minute: int) -> None:
    assert told(f'[[happening]]\nwhat = "radio_lost"\nat = "{clock}"\n').laid.happening[0].at == minute


@pytest.mark.parametrize("clock", ['"24:01"', '"25:00"', '"07:60"', '"7"', '"7:5"', '"07:00:00"', '"-1:00"', '"noon"', "7", "7.5", '""'])
def test_hours_of_the_day_that_there_are_not(clock: str) -> None:
    fault = fault_of(f'[[happening]]\nwhat = "radio_lost"\nat = {clock}\n')
    assert (fault.code, fault.line, fault.field) == ("value_kind", 3, "at")


@pytest.mark.parametrize("table", ["shift", "break"])
@pytest.mark.parametrize(("old", "new", "code", "line"), [
    ('until = "19:00"', 'until = "07:00"', "window_empty", 4), ('["U00"]', "[]", "lab_list_empty", 2),
    ('until = "19:00"', 'until = "19:00"\ndays = []', "lab_list_empty", 5), ('["U00"]', '["U77"]', "city_unknown", 2),
    ('units = ["U00"]', 'units = "U00"', "value_kind", 2),
])  # fmt: skip
def test_hours_of_crews(table: str, old: str, new: str, code: str, line: int) -> None:
    text = SHIFT.replace("[[shift]]", f"[[{table}]]").replace(old, new)
    with pytest.raises(BadInput) as caught:
        laid(text)
    assert (caught.value.code, caught.value.line, caught.value.file) == (code, line, "lab.toml")


def shut(city: City = SQUARE) -> City:
    return city._replace(stations=(replace(city.stations[0], is_open=False), *city.stations[1:]))


def test_no_unit_is_put_at_a_station_that_is_closed() -> None:
    with pytest.raises(BadInput) as caught:
        laid('[[unit]]\nname = "N1"\nkind = "car"\nstation = "S00"\n', shut())
    fault = caught.value
    assert (fault.code, fault.line, fault.field, fault.values["name"]) == ("city_station_closed", 4, "station", "S00")


@pytest.mark.parametrize(
    ("text", "line", "field", "name"),
    [
        ('\n[[mutual_aid]]\nunits = ["U00", "X"]\n', 3, "units", "X"),
        ('[[calls]]\nname = "urgent"\npriority = "pink"\n', 3, "priority", "pink"),
        ('[[calls]]\nname = "urgent"\nareas = { "S00" = 1, "north" = 2 }\n', 3, "areas", "north"),
        ('[[surge]]\ncalls = 2\nkind = "flood"\nstation = "S00"\n', 3, "kind", "flood"),
        ('[[surge]]\ncalls = 2\nkind = "urgent"\nstation = "S77"\n', 4, "station", "S77"),
        ('[[happening]]\nwhat = "unit_lost"\nunit = "X"\n', 3, "unit", "X"),
        ('[[happening]]\nwhat = "station_lost"\nstation = "X"\n', 3, "station", "X"),
        ('[[area]]\nname = "S00"\ntimes = 2\n[[area]]\nname = "S99"\ntimes = 2\n', 5, "name", "S99"),
    ],
)
def test_a_name_that_nobody_bears_is_told_with_those_that_there_are(text: str, line: int, field: str, name: str) -> None:
    with pytest.raises(BadInput) as caught:
        laid(text)
    fault = caught.value
    assert (fault.code, fault.line, fault.field, fault.values["name"]) == ("city_unknown", line, field, name)
    assert name not in str(fault.values["known"]).split(", ") and fault.values["known"]


def test_of_many_slips_that_which_stands_first_is_told() -> None:
    slips = ["wrong_priority = 2\n", "call_takers = -1\n", "travel_spread = 9\n"]
    for order in (slips, slips[::-1], slips[1:] + slips[:1]):
        fault = fault_of("# three\n" + "".join(order))
        assert fault.line == 2 and fault.field == order[0].partition(" ")[0]
