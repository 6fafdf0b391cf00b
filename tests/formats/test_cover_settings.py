"""Urgency, mutual aid, move-ups and the compliance table in ``plan.toml``: read, written, and every slip told."""

import pytest

from centre_texts import CENTRE, PLAN, STATIONS, UNITS
from tocsin.core.messages.plan import Aid, CoverRules, Posting
from tocsin.formats.centre_files import check, read_centre, write_centre
from tocsin.words import tell

SETTINGS = """
[[aid]]
agency = "red-cross"
offset_s = 60
cost_s = 180

[cover]
least_gain_ppm = 2000
price_ppm_per_min = 100
at_rest_gain_ppm = "never"
moves_per_hour = 2
stay_min = 30
rest_from = "22:00"
rest_to = "06:30"
needs = "pump"
table = [{ free = 1, stations = ["S1"] }, { free = 3, stations = ["S1", "S2", "S2"] }]
area_permille = { S1 = 1500, S2 = 800 }
"""
TOP = 'policy = "default"\nurgent = ["red"]\n'


def texts(plan: str) -> dict[str, str]:
    return {"centre.toml": CENTRE, "stations.csv": STATIONS, "units.csv": UNITS, "plan.toml": plan}


def test_what_is_written_is_read() -> None:
    centre = read_centre(texts(TOP + PLAN + SETTINGS))
    plan = centre.plan
    assert (plan.policy, plan.urgent, plan.aids) == ("default", ("red",), (Aid("red-cross", 60, 180),))
    assert plan.cover == CoverRules(
        2000, 100, None, 2, 30, 1320, 390, "pump", (Posting(1, ("S1",)), Posting(3, ("S1", "S2", "S2"))), {"S1": 1500, "S2": 800}
    )
    assert (plan.is_urgent("red"), plan.is_urgent("green")) == (True, False)
    again = read_centre(write_centre(centre))
    assert again.plan == plan
    assert again.plan.version() == plan.version()


def test_a_plan_that_says_nothing_of_it_has_the_version_that_it_had() -> None:
    plain = read_centre(texts(PLAN)).plan
    said = read_centre(
        texts(PLAN + "\n[cover]\nat_rest_gain_ppm = 10000\nstay_min = 20\nprice_ppm_per_min = 600\narea_permille = {}\n")
    ).plan
    assert said.version() == plain.version(), "defaults that are written out change nothing"
    assert plain.is_urgent("green"), "where nothing is said, everything is"


@pytest.mark.parametrize(
    ("top", "settings", "code"),
    [
        ('policy = "default"\n', "", "urgent_missing"),
        ('policy = "preserve"\n', "", "urgent_missing"),
        ('urgent = ["blue"]\n', "", "priority_unknown"),
        ('urgent = ["red", "red"]\n', "", "doubled"),
        ('policy = "compliance"\nurgent = ["red"]\n', "", "posting_missing"),
        ("", '[[aid]]\nagency = "blue-cross"\n', "agency_unknown"),
        ("", '[[aid]]\nagency = "city"\ncost_s = -1\n', "number_small"),
        ("", '[[aid]]\nagency = "city"\n[[aid]]\nagency = "city"\n', "doubled"),
        ("", "[cover]\nmoves_per_hour = 0\n", "number_small"),
        ("", "[cover]\nleast_gain_ppm = 1000001\n", "number_large"),
        ("", '[cover]\nrest_from = "22:00"\n', "window_half"),
        ("", '[cover]\nrest_from = "22:00"\nrest_to = "22:00"\n', "window_empty"),
        ("", "[cover]\narea_permille = { S9 = 1500 }\n", "station_unknown"),
        ("", "[cover]\narea_permille = { S1 = -1 }\n", "number_small"),
        ("", "[cover]\narea_permille = { S1 = 1000001 }\n", "number_large"),
        ("", '[cover]\narea_permille = { S1 = "more" }\n', "value_kind"),
        ("", '[cover]\nneeds = "submarine"\n', "capability_unnamed"),
        ("", '[cover]\ntable = [{ free = 1, stations = ["S9"] }]\n', "station_unknown"),
        ("", '[cover]\ntable = [{ free = 1, stations = ["S1", "S2"] }]\n', "table_row_long"),
        ("", '[cover]\ntable = [{ free = 1, stations = ["S1"] }, { free = 1, stations = ["S2"] }]\n', "doubled"),
        ("", '[cover]\nat_rest_gain_ppm = "seldom"\n', "value_kind"),
        ("", "[cover]\nleast_gain = 3\n", "setting_unknown"),
    ],
)
def test_every_slip_is_told_with_its_line(top: str, settings: str, code: str) -> None:
    problems = check(texts(top + PLAN + "\n" + settings))
    assert [problem.code for problem in problems] == [code]
    assert problems[0].file == "plan.toml"
    assert problems[0].line is not None
    for language in ("en", "pt", "fr", "es"):
        assert "{" not in tell(problems[0], language).replace("{ free", "").replace("{ ", ""), language
