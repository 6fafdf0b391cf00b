"""A scenario is a text that people edit: what does not fit is told with file, field and remedy."""

import pytest

from tocsin.base.faults import BadInput
from tocsin.lab.scenario import Scenario, read_scenario
from tocsin.words import tell

RATES = "[3, 2, 2, 2, 2, 2, 3, 4, 6, 7, 8, 8, 8, 8, 7, 7, 8, 9, 10, 10, 9, 7, 6, 4]"
BROKEN = {
    "no TOML": ("hours = 24", "hours = ", "scenario_unreadable", None),
    "unknown field": ("decide_s = 18", "decision_s = 18", "scenario_value", None),
    "text for a number": ("hours = 24", 'hours = "all day"', "scenario_value", None),
    "hours below nothing": ("hours = 24", "hours = -1", "scenario_value", "hours"),
    "hours without end": ("hours = 24", "hours = inf", "scenario_value", "hours"),
    "a day of 23 hours": ("[3, 2, 2,", "[3, 2,", "scenario_value", "calls_per_hour"),
    "negative calls": ("[3, 2, 2,", "[-3, 2, 2,", "scenario_value", "calls_per_hour"),
    "nobody ever calls": (RATES, f"{[0] * 24}", "scenario_value", "calls_per_hour"),
    "an interview of no time": ("interview_s = 65", "interview_s = 0", "scenario_value", "interview_s"),
    "a turnout that is no number": ("engine = 70", "engine = nan", "scenario_value", "turnout_s.engine"),
    "a spread below nothing": ("travel_spread = 0.18", "travel_spread = -1", "scenario_value", "travel_spread"),
    "a share below nothing": ("share = 34", "share = -34", "scenario_value", "kinds.share"),
    "work of no time": ("on_scene_s = 1100", "on_scene_s = 0", "scenario_value", "kinds.on_scene_s"),
    "more than certain": ("transport_probability = 0.6", "transport_probability = 1.6", "scenario_value", "kinds.transport_probability"),
    "a course nobody knows": ('course = "transport"', 'course = "helicopter"', "scenario_value", None),
    "a hospital off the earth": ("lat = -29.9060", "lat = -129.9060", "scenario_value", "hospitals"),
    "no stamp": ('begins = "2026-07-18T08:00:00-04:00"', 'begins = "Saturday"', "stamp", "begins"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_fit_is_told_with_file_field_and_remedy(scenario_text: str, name: str) -> None:
    good, bad, code, field = BROKEN[name]
    assert good in scenario_text
    with pytest.raises(BadInput) as raised:
        read_scenario(scenario_text.replace(good, bad, 1), file="mine.toml")
    assert (raised.value.code, raised.value.file, raised.value.field) == (code, "mine.toml", field)
    for language in ("en", "pt", "fr", "es"):
        what, remedy = tell(raised.value, language).splitlines()[:2]
        assert what.startswith("mine.toml") and remedy.strip()


def test_a_scenario_needs_kinds_and_hospitals(scenario_text: str) -> None:
    for table in ("kinds", "hospitals"):
        head = scenario_text.partition("[[kinds]]")[0] if table == "kinds" else scenario_text.partition("[[hospitals]]")[0]
        with pytest.raises(BadInput) as raised:
            read_scenario(head, file="mine.toml")
        assert raised.value.code == "scenario_value"


def test_an_unreadable_scenario_names_its_line(scenario_text: str) -> None:
    with pytest.raises(BadInput, match="line 4"):
        read_scenario(scenario_text.replace("hours = 24", "hours = ", 1), file="mine.toml")


@pytest.mark.parametrize("hours", [0.0, -2.0, float("nan"), float("inf"), 1e9])
def test_a_shift_lasts_more_than_nothing_and_less_than_a_year(scenario: Scenario, hours: float) -> None:
    with pytest.raises(BadInput) as raised:
        scenario.lasting(hours)
    assert raised.value.code == "scenario_hours"


def test_the_shipped_scenario_speaks_the_plan_s_words(scenario: Scenario, centre: object) -> None:
    plan = centre.plan  # type: ignore[attr-defined]  # a Centre
    types, priorities = {entry.code for entry in plan.incident_types}, set(plan.priorities)
    assert all(kind.incident_type in types and kind.priority in priorities for kind in scenario.kinds)
    assert scenario.lasting(2.0).lasts_ms() == 7_200_000
