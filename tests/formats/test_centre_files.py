"""The centre folder's texts: what is read, that writing and reading agree, and every error on its exact line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from centre_texts import CENTRE, PLAN, STATIONS, UNITS, line_of, texts
from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.core.messages.centre import OpenCentre
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import (
    AdoptPlan,
    Alternative,
    Card,
    DivertRule,
    IncidentType,
    ResponsePlan,
    Slot,
    Spans,
    StationOrder,
    Turnout,
)
from tocsin.core.messages.station import OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.formats.centre import Centre, opening_commands
from tocsin.formats.centre_files import FILES, Remarks, check, read_centre, write_centre
from tocsin.formats.toml_lines import read_toml
from tocsin.words import languages, tell


def test_everything_is_read() -> None:
    centre = read_centre(texts())
    assert (centre.id, centre.timezone, centre.footing, centre.language, centre.attribution) == (
        "bay", "Africa/Maputo", "exercise", "pt", ("nobody",),
    )  # fmt: skip
    assert centre.stations[0] == OpenStation("S1", "One", Place(LonLat(32.57, -25.96), area="A1"))
    assert centre.units[0] == EnrolUnit("E1", "engine", ("pump", "rescue"), "S1", "K1", "city")
    assert centre.units[3].capabilities == ("transport", "als") and centre.units[2].crew is None
    fire, night, second = centre.plan.cards
    assert fire.slots[1] == Slot("ladder", ("ladder",), is_required=False, doubles_with="pump")
    assert (night.from_minute, night.to_minute, night.weekdays) == (22 * 60, 6 * 60 + 30, (6, 7))
    assert night.slots[1].alternatives == (Alternative(("pump",), 60), Alternative(("ladder",)))
    assert second.alarm_level == 2 and second.mode == "own_agency_first"


def test_spans_are_read_never_is_a_span_and_those_of_the_default_are_no_change() -> None:
    before = read_centre(texts()).plan
    named = '[spans]\nnobody_sent_s = "never"\nwelfare_min = 20\n\n[[turnout]]'
    assert read_centre(texts(plan=PLAN.replace("[[turnout]]", named, 1))).plan.spans == Spans(nobody_sent_s=None, welfare_min=20)
    same = read_centre(texts(plan=PLAN.replace("[[turnout]]", "[spans]\nacknowledge_s = 60\n\n[[turnout]]", 1))).plan
    assert same.version() == before.version()
    assert "spans" not in write_centre(read_centre(texts()))["plan.toml"]


def test_opening_commands_name_homes_before_units_and_the_plan_last() -> None:
    centre = read_centre(texts())
    said = opening_commands(centre)
    assert [type(one).__name__ for one in said] == ["OpenCentre", *["OpenStation"] * 3, *["EnrolUnit"] * 4, "AdoptPlan"]
    assert said[0] == OpenCentre("bay", "Bay", "Africa/Maputo", "exercise", ("nobody",)) and said[-1] == AdoptPlan(centre.plan)


def test_spreadsheets_may_write_it_their_way() -> None:
    stations = "\ufeff" + STATIONS.replace(",", ";").replace(".", ",").replace("\n", "\r\n") + "\r\n;;;;\r\n"
    units = UNITS.replace(",", "\t").replace("\n", "\r") + "# a remark\r"
    changed = texts(stations=stations, units=units, plan="\ufeff" + PLAN.replace("\n", "\r\n"))
    assert read_centre(changed) == read_centre(texts())


def test_columns_in_another_order_and_with_other_words_are_found() -> None:
    stations = "Latitude,Longitude,Station,Area\n-25.96,32.57,S1,A1\n-25.95,32.60,S2,A2\n-25.94,32.58,S3,A3\n"
    assert [station.place for station in read_centre(texts(stations=stations)).stations] == [
        station.place for station in read_centre(texts()).stations
    ]


def test_written_files_explain_themselves_and_read_back_the_same() -> None:
    centre = read_centre(texts())
    written = write_centre(centre, Remarks("who we are\nand where", "the rules", {"fire": "12 calls"}))
    assert written["centre.toml"].startswith("# who we are\n# and where\nid = ")
    assert written["plan.toml"].startswith("# the rules\nname = ")
    assert '# 12 calls\n[[card]]\nname = "fire"\n' in written["plan.toml"]
    assert 'from = "22:00"\nto = "06:30"' in written["plan.toml"]
    assert written["stations.csv"].startswith("station,name,lon,lat,area\nS1,One,32.57,-25.96,A1\n")
    assert read_centre(written) == centre
    assert write_centre(read_centre(written)) == write_centre(centre), "stable"


def test_radio_codes_are_named_and_written_back() -> None:
    named = read_centre(texts(centre=CENTRE.replace('"bay.region"', '"bay.region"\nstatus_codes = "de-fms"')))
    assert named.status_codes == "de-fms"
    assert read_centre(write_centre(named)) == named


def test_learned_speeds_are_named_beside_the_region() -> None:
    named = read_centre(texts(centre=CENTRE.replace('"bay.region"', '"bay.region"\nspeeds = "../bay.speeds"')))
    assert (named.region, named.speeds) == ("bay.region", "../bay.speeds")
    written = write_centre(named)
    assert 'region = "bay.region"\nspeeds = "../bay.speeds"\n' in written["centre.toml"] and read_centre(written) == named
    without = write_centre(read_centre(texts()))
    assert "speeds" not in without["centre.toml"], "who names none has no line of it"


# Every error, on its line. The line is that of `where` in the changed text.

CASES = [
    # centre.toml
    ("centre", 'timezone = "Africa/Maputo"', 'timezone = "Africa/Maptuo"', "timezone", "timezone"),
    ("centre", 'footing = "exercise"', 'footing = "exercize"', "value_choice", "footing"),
    ("centre", 'name = "Bay"', "name = 7", "value_kind", "name = 7"),
    ("centre", 'name = "Bay"', 'name = " "', "value_empty", "name ="),
    ("centre", 'name = "Bay"', "", "setting_missing", "# our centre"),
    ("centre", 'language = "pt"', 'langauge = "pt"', "setting_unknown", "langauge"),
    ("centre", 'attribution = ["nobody"]', 'attribution = "nobody"', "value_kind", "attribution"),
    ("centre", 'id = "bay"', "id = bay", "toml_syntax", "id = bay"),
    ("centre", 'attribution = ["nobody"]', 'attribution = ["nobody"', "toml_syntax", "attribution"),
    ("centre", 'region = "bay.region"', 'speeds = "bay.speeds"', "speeds_without_region", "speeds"),
    ("centre", 'region = "bay.region"', 'region = "bay.region"\nspeeds = 7', "value_kind", "speeds"),
    # stations.csv
    ("stations", "S2,Two", "S1,Two", "doubled", "S1,Two"),
    ("stations", "32.60,-25.95", "-25.95,32.60", "coordinates_swapped", "S2"),
    ("stations", "32.60,-25.95", "32.60,-125.95", "coordinates_swapped", "S2"),
    ("stations", "32.60,-25.95", "232.60,-225.95", "coordinate_range", "S2"),
    ("stations", "32.60,-25.95", "32.60,25°57'", "coordinate_number", "S2"),
    ("stations", "32.60,-25.95", "32.60,nan", "coordinate_number", "S2"),
    ("stations", "32.60,-25.95", "32.60,", "value_empty", "S2"),
    ("stations", "S2,Two", ",Two", "value_empty", ",Two"),
    ("stations", "A2", "A2,x", "table_row_length", "S2"),
    ("stations", "station,name", "station,nmae", "table_column_unknown", "nmae"),
    ("stations", "station,name", "station,area", "table_column_doubled", "station"),
    ("stations", "lon,lat", "lon,address", "table_column_missing", "lon"),
    ("stations", STATIONS, "", "table_empty", ""),
    # units.csv
    ("units", "L1,truck,ladder,S2", "L1,truck,ladder,S9", "station_unknown", "L1"),
    ("units", "L1,truck", "E1,truck", "doubled", "E1,truck"),
    ("units", "L1,truck,", "L1,,", "value_empty", "L1"),
    ("units", "truck,ladder,", "truck,,", "value_empty", "L1"),
    # plan.toml: settings
    ("plan", 'code = "sick"', 'cdoe = "sick"', "setting_unknown", "cdoe"),
    ("plan", "count = 1", 'count = "one"', "value_kind", "count"),
    ("plan", "count = 1", "count = true", "value_kind", "count"),
    ("plan", 'needs = ["ladder"]\ndoubles', 'needs = "ladder"\ndoubles', "value_kind", 'needs = "ladder"'),
    ("plan", 'mode = "station_order"', 'mode = "station-order"', "value_choice", "mode ="),
    ("plan", 'from = "22:00"', 'from = "10pm"', "value_kind", "from = "),
    ("plan", 'to = "06:30"', 'to = "24:30"', "value_kind", "to = "),
    ("plan", "worth_s = 60", "worth_s = 1.5", "value_kind", '{ name = "water"'),
    ("plan", "worth_s = 60", "worht_s = 60", "setting_unknown", '{ name = "water"'),
    ("plan", 'name = "more"\n', "", "setting_missing", '[[card.slot]]\nneeds = ["pump"]\n'),
    ("plan", 'to_priority = "red"\n', "", "setting_missing", "[[divert]]"),
    ("plan", "[[turnout]]", "[turnout]", "value_kind", "[turnout]"),
    ("plan", 'needs = ["ladder"]\ndoubles', 'needs = ["ladder]\ndoubles', "toml_syntax", 'needs = ["ladder]'),
    ("plan", "[[turnout]]", "[[spans]]\nwelfare_min = 20\n[[turnout]]", "value_kind", "[[spans]]"),
    ("plan", "[[turnout]]", "[spans]\nwelfare = 20\n[[turnout]]", "setting_unknown", "welfare = 20"),
    ("plan", "[[turnout]]", "[spans]\nwelfare_min = true\n[[turnout]]", "value_kind", "welfare_min"),
    ("plan", "[[turnout]]", '[spans]\nen_route_s = "soon"\n[[turnout]]', "value_kind", "en_route_s"),
    ("plan", "[[turnout]]", "[spans]\nacknowledge_s = 0\n[[turnout]]", "number_small", "acknowledge_s"),
    ("plan", "[[turnout]]", "[spans]\nnobody_sent_s = -1\n[[turnout]]", "number_small", "nobody_sent_s"),
    ("plan", "[[turnout]]", "[spans]\nnobody_sent_s = 86401\n[[turnout]]", "number_large", "nobody_sent_s"),
    ("plan", "[[turnout]]", "[spans]\nclosure_ends_min = 1441\n[[turnout]]", "number_large", "closure_ends_min"),
    ("plan", 'mode = "station_order"', 'mode = "station_order"\nis_sent_at_once = "yes"', "value_kind", "is_sent_at_once"),
    # plan.toml: what it refers to
    ("plan", 'incident_types = ["fire"]\nmode', 'incident_types = ["fier"]\nmode', "type_unknown", "incident_types"),
    ("plan", 'needs = ["ladder"]\ndoubles', 'needs = ["laddre"]\ndoubles', "capability_unknown", 'needs = ["laddre"]'),
    ("plan", 'needs = ["transport", "als"]', 'needs = ["transport", "pump"]', "capability_mix", '{ name = "transport"'),
    ("plan", 'needs = ["pump"], worth_s', 'needs = ["pmup"], worth_s', "capability_unknown", '{ name = "water"'),
    ("plan", 'needs = ["transport", "als"]', "needs = []", "list_empty", '{ name = "transport"'),
    ("plan", 'doubles_with = "pump"', 'doubles_with = "pmup"', "doubles_unknown", "doubles_with"),
    ("plan", 'doubles_with = "pump"', 'doubles_with = "ladder"', "doubles_unknown", "doubles_with"),
    ("plan", 'priorities = ["red"]\nweek', 'priorities = ["rde"]\nweek', "priority_unknown", 'priorities = ["rde"]'),
    ("plan", 'areas = ["A1"]', 'areas = ["A9"]', "area_unknown", "areas"),
    ("plan", "weekdays = [6, 7]", "weekdays = [0, 7]", "weekday", "weekdays"),
    ("plan", 'to = "06:30"', 'to = "22:00"', "window_empty", "to = "),
    ("plan", 'from = "22:00"\n', "", "window_open", "to = "),
    ("plan", "alarm_level = 2", "alarm_level = 3", "alarm_gap", "alarm_level"),
    ("plan", "alarm_level = 2", "alarm_level = 0", "number_small", "alarm_level"),
    ("plan", "count = 1", "count = 0", "number_small", "count"),
    ("plan", "at_station_s = 80", "at_station_s = -1", "number_small", "at_station_s"),
    ("plan", 'kind = "engine"', 'kind = "engin"', "kind_unknown", "kind ="),
    ("plan", 'to_priority = "red"', 'to_priority = "green"', "divert_upwards", "to_priority"),
    (
        "plan",
        'from_priority = "green"\nto_priority = "red"',
        'from_priority = "red"\nto_priority = "green"',
        "divert_upwards",
        "to_priority",
    ),
    ("plan", 'to_priority = "red"', 'to_priority = "blue"', "priority_unknown", "to_priority"),
    ("plan", 'stations = ["S1", "S2"]', 'stations = ["S1", "S9"]', "station_unknown", "stations ="),
    ("plan", 'area = "A1"', 'area = "A7"', "area_unknown", "area ="),
    ("plan", 'area = "A1"', 'area = "A2"', "order_missing", "mode ="),
    ("plan", 'own_agency = "city"', "", "agency_missing", 'mode = "own_agency_first"'),
    ("plan", 'own_agency = "city"', 'own_agency = "ctiy"', "agency_unknown", "own_agency"),
    ("plan", 'own_agency = "city"', 'policy = "nearest"', "plan_policy_unknown", "policy"),
    ("plan", 'name = "night"', 'name = "fire"', "doubled", 'name = "fire"\npriorities'),
    ("plan", 'name = "ladder"', 'name = "pump"', "doubled", 'name = "pump"\nneeds = ["ladder"]'),
    ("plan", 'code = "sick"', 'code = "fire"', "doubled", 'code = "fire"\nname = "Sick"'),
    ("plan", '["red", "green"]', '["red", "green", "red"]', "doubled", "priorities"),
    ("plan", '["red", "green"]', "[]", "list_empty", "priorities"),
]


@pytest.mark.parametrize(("part", "old", "new", "code", "where"), CASES)
def test_error_is_told_with_its_line(part: str, old: str, new: str, code: str, where: str) -> None:
    right = {"centre": CENTRE, "stations": STATIONS, "units": UNITS, "plan": PLAN}[part]
    assert right.count(old) >= 1
    wrong = right.replace(old, new, 1)
    problems = check(texts(**{part: wrong}), folder="dir")
    assert code in [one.code for one in problems]
    found = next(one for one in problems if one.code == code)
    name = f"dir/{part}.{'toml' if part in ('centre', 'plan') else 'csv'}"
    assert found.file == name
    assert (found.line or 1) == (line_of(wrong, where) if where else 1)
    with pytest.raises(BadInput) as raised:
        read_centre(texts(**{part: wrong}), folder="dir")
    assert raised.value.code == problems[0].code
    for language in languages():
        sentence = tell(found, language)
        assert name in sentence and "{" not in sentence.replace("{ ", "") and "faults." not in sentence


def test_all_errors_are_found_at_once_in_the_order_of_files_and_lines() -> None:
    stations = STATIONS.replace("32.60,-25.95", "32.60,x").replace("A3", "A3,y")
    plan = PLAN.replace("count = 1", 'count = "one"').replace('code = "sick"', "code = 1")
    problems = check(texts(stations=stations, plan=plan, centre=CENTRE.replace('id = "bay"', "")))
    assert [(one.code, one.file, one.line) for one in problems] == [
        ("setting_missing", "centre.toml", 1),
        ("coordinate_number", "stations.csv", 3),
        ("table_row_length", "stations.csv", 4),
        ("value_kind", "plan.toml", line_of(plan, "code = 1")),
        ("value_kind", "plan.toml", line_of(plan, "count = ")),
    ]


@pytest.mark.parametrize("name", FILES)
def test_missing_file_is_named(name: str) -> None:
    given_texts = texts()
    del given_texts[name]
    with pytest.raises(BadInput) as raised:
        read_centre(given_texts, folder="dir")
    assert (raised.value.code, raised.value.file) == ("centre_file_missing", f"dir/{name}")


def test_suggestions_are_near() -> None:
    [problem] = check(texts(plan=PLAN.replace('needs = ["ladder"]\ndoubles', 'needs = ["Lader"]\ndoubles')))
    assert problem.values["slot"] == "ladder" and problem.values["card"] == "fire" and problem.values["nearest"].startswith("ladder")
    [problem] = check(texts(centre=CENTRE.replace("footing", "footnig")))
    assert problem.values["nearest"] == "footing"


def test_lines_are_found_in_every_way_of_writing_toml() -> None:
    lines = [
        'a = """', "x = 1", '"""', '"b" = [1, # [', "  2]", "[ t ]", "c = { d = 1, e = [", ' { f = "}" },', " { f = 2 } ] }",
        "[[l]]", "[[l.m]]", 'g = "["', "[[l]]", "[[l.m]]", "[[l.m]]", "g = 3",
    ]  # fmt: skip
    text = "\n".join(lines)
    source = read_toml(text, file="x")
    at = {
        path: source.line(*path)
        for path in [("b",), ("t", "c", "e", 1, "f"), ("l", 0, "m", 0, "g"), ("l", 1, "m", 1, "g"), ("l", 1, "m", 1, "z")]
    }
    assert list(at.values()) == [4, 9, 12, 16, 15]


# Any centre reads back as it was written.

WORD = st.text(alphabet="abcdeé-_9", min_size=1, max_size=5)
TEXT = (
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda text: text and not text.startswith(("#", "\ufeff")))
)
SECONDS = st.integers(0, 900)


@st.composite
def centres(draw: st.DrawFn) -> Centre:
    """A centre that makes sense, with texts of any letters."""
    station_ids = draw(st.lists(TEXT, min_size=1, max_size=4, unique=True))
    stations = tuple(
        OpenStation(
            name,
            draw(TEXT),
            Place(
                LonLat(draw(st.floats(7, 9)), draw(st.floats(46, 48))),
                draw(st.one_of(st.just(""), TEXT)),
                f"a{nth}",
                uncertainty_m=draw(st.one_of(st.none(), st.floats(0, 1e4).map(Metres))),
            ),
        )
        for nth, name in enumerate(station_ids)
    )
    capabilities = draw(st.lists(WORD, min_size=1, max_size=4, unique=True))
    units = tuple(
        EnrolUnit(
            name, draw(WORD), tuple(capabilities), draw(st.sampled_from([*station_ids, None])), draw(st.one_of(st.none(), TEXT)), "city"
        )
        for name in draw(st.lists(TEXT, min_size=1, max_size=4, unique=True))
    )
    priorities = tuple(draw(st.lists(TEXT, min_size=2, max_size=3, unique=True)))
    types = tuple(IncidentType(code, draw(TEXT)) for code in draw(st.lists(TEXT, min_size=1, max_size=3, unique=True)))
    slot = st.builds(
        Slot,
        st.just("s"),
        st.lists(st.sampled_from(capabilities), min_size=1, max_size=2).map(tuple),
        st.integers(1, 9),
        st.lists(st.builds(Alternative, st.just((capabilities[0],)), st.one_of(st.none(), SECONDS)), max_size=2).map(tuple),
        st.booleans(),
    )
    cards = tuple(
        Card(
            name,
            (draw(slot),),
            draw(st.sampled_from([(), (types[0].code,)])),
            draw(st.sampled_from([(), priorities[:1]])),
            draw(st.sampled_from([(), ("a0",)])),
            draw(st.sampled_from([(), (1, 7)])),
            *draw(st.sampled_from([(None, None), (0, 1440), (1439, 1)])),
            target_s=draw(st.one_of(st.none(), st.integers(1, 900))),
            is_sent_at_once=draw(st.booleans()),
        )
        for name in draw(st.lists(TEXT, min_size=1, max_size=3, unique=True))
    )
    plan = ResponsePlan(
        draw(TEXT),
        priorities,
        types,
        cards,
        (DivertRule(priorities[1], priorities[0], draw(SECONDS)),),
        (Turnout("*", draw(SECONDS), draw(SECONDS)),),
        (StationOrder("a0", tuple(station_ids)),),
        "city",
        "straight-line",
        draw(st.builds(Spans, *[st.none() | st.integers(1, 1440)] * 6)),
    )
    return Centre(draw(TEXT), draw(TEXT), "Europe/Zurich", plan, "demo", draw(TEXT), "fr", (draw(TEXT),), stations, units)


@settings(max_examples=60)
@given(centres(), TEXT)
def test_any_centre_reads_back_as_it_was_written(centre: Centre, remark: str) -> None:
    cards = {str(card.name): remark for card in centre.plan.cards}
    assert read_centre(write_centre(centre, Remarks(remark, remark, cards))) == centre


@settings(max_examples=150)
@given(st.sampled_from(["centre", "stations", "units", "plan"]), st.data())
def test_no_edit_makes_it_fail_but_by_bad_input(part: str, data: st.DataObject) -> None:
    right = {"centre": CENTRE, "stations": STATIONS, "units": UNITS, "plan": PLAN}[part]
    start = data.draw(st.integers(0, len(right)))
    end = data.draw(st.integers(start, min(len(right), start + 30)))
    wrong = right[:start] + data.draw(st.text(alphabet="[]{}=\"'#,.;\n\\ 0-aé\x00\r", max_size=8)) + right[end:]
    problems = check(texts(**{part: wrong}))
    for problem in problems:
        text = texts(**{part: wrong})[problem.file or ""]
        assert problem.line is None or 1 <= problem.line <= text.count("\n") + text.count("\r") + 1
        assert "faults." not in tell(problem)
    if not problems:
        assert read_centre(write_centre(read_centre(texts(**{part: wrong})))) == read_centre(texts(**{part: wrong}))
