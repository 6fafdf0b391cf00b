"""Calls and crews to be expected, as people ask for them."""

from pathlib import Path
from typing import Any

import pytest

from command_line import Fortnight, tocsin, untranslated
from tocsin.pages.numerals import Numerals
from tocsin.words import say


@pytest.fixture(scope="module")
def answer(fortnight: Fortnight) -> Any:
    run = tocsin("forecast", fortnight.journal, "--json")
    assert run.status == 0, run.err
    return run.json


def test_the_fortnight_s_forecast(answer: Any) -> None:
    assert answer["calls_learned"] == 5292 and answer["hours_learned"] == 336
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


@pytest.mark.parametrize("language", ["en", "pt", "fr", "es"])
def test_what_was_held_out_what_it_means_and_what_follows_is_said(fortnight: Fortnight, answer: Any, language: str) -> None:
    run, numerals = tocsin("forecast", fortnight.journal, "--language", language), Numerals(language)
    assert run.status == 0 and untranslated(run.out) == [] and "█" in run.out
    text = " ".join(run.out.split())
    assert say("cli.forecast.judged", language, hours=numerals.count(168)) in text
    assert say("cli.forecast.judged_about", language) in text and say("cli.forecast.crews_about", language) in text
    used = next(one for one in answer["judged"] if one["method"] == answer["method"] and one["level"] == "whole")
    busiest = answer["by_hour_of_week"].index(max(answer["by_hour_of_week"]))
    values = {"mae": numerals.decimal(used["mae"])} | {key: numerals.decimal(answer[key][busiest], 0) for key in ("low", "high")}
    method = say(f"cli.forecast.method_{answer['method']}", language)
    assert say("cli.forecast.verdict", language, method=method, **values) in text
    days = say("cli.forecast.days", language).split()
    for one in answer["crews"]:
        gaps = [needed - had if had else 0 for needed, had in zip(one["needed"], one["on_duty"], strict=True)]
        assert (max(gaps) > 0) == (one["hours_short"] > 0)
        if one["hours_short"]:
            hour = gaps.index(max(gaps))
            had, needed = numerals.decimal(one["on_duty"][hour]), one["needed"][hour]
            when = {"day": days[hour // 24], "hour": f"{hour % 24:02d}:00"}
            assert say("cli.forecast.shortest", language, kind=one["kind"], had=had, needed=needed, **when) in text


def test_no_journal_is_told(tmp_path: Path) -> None:
    for run in (tocsin("forecast", tmp_path / "no.journal"), tocsin("forecast", tmp_path / "no.journal", "--json")):
        assert run.status == 2 and "no.journal" in run.err.replace("\n", "")
    assert tocsin("forecast", tmp_path / "no.journal", "--json").json["error"]["file"].endswith("no.journal")
