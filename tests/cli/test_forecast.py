"""Calls and crews to be expected, as people ask for them."""

from pathlib import Path

import pytest

from command_line import Fortnight, tocsin, untranslated


def test_the_fortnight_s_forecast(fortnight: Fortnight) -> None:
    run = tocsin("forecast", fortnight.journal, "--json")
    answer = run.json
    assert run.status == 0 and answer["calls_learned"] == 5292 and answer["hours_learned"] == 336
    assert sum(answer["by_hour_of_week"]) == pytest.approx(5292 / 2, rel=0.01)
    assert sum(one["per_week"] for one in answer["areas"]) == pytest.approx(5292 / 2, rel=0.01)
    assert all(low <= mean <= high for low, mean, high in zip(answer["low"], answer["by_hour_of_week"], answer["high"], strict=True))
    deviance = {one["method"]: one["deviance"] for one in answer["judged"] if one["level"] == "whole"}
    assert answer["method"] == min(deviance, key=lambda name: deviance[name])
    assert {code for code, _ in answer["remarks"]} == {"few_weeks", "no_distance"}
    medic = next(one for one in answer["crews"] if one["kind"] == "medic")
    assert max(medic["needed"]) > min(medic["needed"]) > 0 and medic["hours_short"] < 168


def test_a_week_of_it_is_not_judged(fortnight: Fortnight) -> None:
    answer = tocsin("forecast", fortnight.journal, "--weeks", "1", "--json").json
    assert answer["hours_learned"] == 168 and answer["judged"] == []
    assert "not_judged" in {code for code, _ in answer["remarks"]}


def test_more_patience_asks_for_fewer_crews(fortnight: Fortnight) -> None:
    needed = []
    for words in (("--target", "0.01"), ("--target", "0.2", "--waited", "300")):
        crews = tocsin("forecast", fortnight.journal, *words, "--json").json["crews"]
        needed.append(sum(sum(one["needed"]) for one in crews))
    assert needed[0] > needed[1]


@pytest.mark.parametrize("language", ["en", "pt", "fr", "es"])
def test_the_table_speaks(fortnight: Fortnight, language: str) -> None:
    run = tocsin("forecast", fortnight.journal, "--language", language)
    assert run.status == 0 and untranslated(run.out) == [] and "█" in run.out


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--weeks", "0"), "forecast_option"), (("--target", "1"), "forecast_option"), (("--waited", "-1"), "forecast_option")],
)
def test_slips_are_told(fortnight: Fortnight, words: tuple[str, ...], code: str) -> None:
    run = tocsin("forecast", fortnight.journal, *words, "--json")
    assert run.status == 2 and run.json["error"]["code"] == code


def test_two_hours_are_no_forecast(demo: Path) -> None:
    run = tocsin("forecast", demo / "demo" / "demo.journal", "--json")
    assert run.status == 2 and run.json["error"]["code"] == "forecast_short"
