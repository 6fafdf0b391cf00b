"""A log lived again, as people ask for it."""

import re
from pathlib import Path

import pytest

from command_line import Fortnight, tocsin, untranslated
from tocsin.lab.draws import draw_calls
from tocsin.wiring.cities import open_city
from tocsin.wiring.heard import hear_journal, with_journal


@pytest.fixture(scope="module")
def journal(demo: Path) -> Path:
    """Two hours of the demo."""
    return demo / "demo" / "demo.journal"


def test_a_change_that_changes_nothing_changes_no_call(journal: Path) -> None:
    own = hear_journal(journal, progress=lambda *_: None)[0].plan
    assert own is not None
    answer = tocsin("whatif", journal, "--policy", own.policy, "--json").json
    assert answer["better"] == answer["worse"] == 0 and answer["best"] == answer["worst"] == []
    assert answer["every"]["base"] == answer["every"]["changed"] and answer["every"]["mean_s"]["mean"] == 0
    assert answer["policy_base"] == answer["policy_changed"] == own.policy
    assert answer["stations"] == {} and all(one["mean_s"]["mean"] == 0 for one in answer["areas"].values())


def test_first_it_says_how_far_it_can_be_trusted(journal: Path) -> None:
    run = tocsin("whatif", journal, "--remove-unit", "M1", "--language", "en")
    assert run.status == 0, run.err
    assert run.out.index("How far to trust it") < run.out.index("Around the stations that change")
    answer = tocsin("whatif", journal, "--remove-unit", "M1", "--json").json
    assert set(answer["fit"]) >= {"all"} and answer["fit"]["all"]["n"] == answer["measured"] == answer["every"]["n"]
    assert answer["measured"] <= answer["calls"] <= answer["incidents"]
    assert {one["code"] for one in answer["remarks"]} >= {"roads", "not_fitted", "weeks", "people"}
    assert answer["kinds"]["ambulance"]["units_changed"] == answer["kinds"]["ambulance"]["units_base"] - 1


def test_a_seed_gives_the_same_answer_again_and_another_another(journal: Path) -> None:
    words = ("whatif", journal, "--close-station", "A1", "--replications", "2", "--json")
    first, second, other = tocsin(*words), tocsin(*words), tocsin(*words, "--seed", "2")
    assert first.status == 0 and first.out == second.out and first.out != other.out


def test_without_roads_drives_are_straight_and_that_is_said(journal: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.journal"
    alone.write_bytes(journal.read_bytes())
    answer = tocsin("whatif", alone, "--close-station", "A1", "--json").json
    assert answer["remarks"][0]["code"] == "straight"
    assert (
        tocsin("whatif", alone, "--close-station", "A1", "--centre", journal.parent / "centre", "--json").json["remarks"][0]["code"]
        == "roads"
    )


def test_changes_may_be_given_together(journal: Path) -> None:
    words = ("--close-station", "A1", "--close-station", "A2", "--add-unit", "X1:ambulance:B1", "--move", "E11:B1", "--policy", "default")
    answer = tocsin("whatif", journal, *words, "--target", "red=480", "--json").json
    assert [one["code"] for one in answer["changes"]] == ["add", "move", "close", "close", "policy", "rehomed"]
    assert answer["targets_s"]["red"] == 480 and answer["policy_changed"] == "default"
    assert answer["kinds"]["ambulance"]["units_changed"] == answer["kinds"]["ambulance"]["units_base"] + 1


def test_another_plan_is_lived_with(journal: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    text = (journal.parent / "centre" / "plan.toml").read_text("utf-8")
    plan.write_text(re.sub(r"^policy = .*", 'policy = "straight-line"', text, count=1, flags=re.MULTILINE), "utf-8")
    answer = tocsin("whatif", journal, "--plan", plan, "--json").json
    assert answer["changes"][0]["code"] == "plan" and answer["policy_changed"] == "straight-line" != answer["policy_base"]
    by_policy = tocsin("whatif", journal, "--policy", "straight-line", "--json").json
    assert answer["every"] == by_policy["every"], "the plan differs in nothing else"
    assert answer["every"]["base"] != answer["every"]["changed"], "and it is what the calls are served by"
    plan.write_text(text.replace("[[card]]", "[[cord]]", 1), "utf-8")
    broken = tocsin("whatif", journal, "--plan", plan, "--json")
    assert broken.status == 2 and broken.json["error"]["file"] == str(plan) and broken.json["error"]["line"]


@pytest.mark.parametrize("language", ["en", "pt", "fr", "es"])
def test_the_page_and_the_table_speak(journal: Path, tmp_path: Path, language: str) -> None:
    page = tmp_path / "page.html"
    run = tocsin("whatif", journal, "--close-station", "A1", "--html", page, "--language", language)
    text = page.read_text("utf-8")
    assert run.status == 0 and untranslated(run.out) == [] and untranslated(text) == []
    assert f'<html lang="{language}">' in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert text.lower().startswith("<!doctype html")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "whatif_nothing"),
        (("--close-station", "Z"), "whatif_station"),
        (("--remove-unit", "Z"), "whatif_unit"),
        (("--add-unit", "X:engine"), "whatif_spec"),
        (("--move", "E11"), "whatif_spec"),
        (("--policy", "best"), "policy_unknown"),
        (("--close-station", "A1", "--target", "red"), "whatif_spec"),
        (("--close-station", "A1", "--target", "blue=60"), "whatif_priority"),
        (("--close-station", "A1", "--replications", "0"), "whatif_replications"),
        (("--plan", "nowhere.toml"), "centre_file_unreadable"),
    ],
)
def test_slips_are_told_with_the_remedy(journal: Path, words: tuple[str, ...], code: str) -> None:
    run = tocsin("whatif", journal, *words, "--json")
    assert run.status == 2 and run.json["error"]["code"] == code and "\n" in run.json["error"]["text"]
    assert untranslated(run.err) == []


def test_a_page_is_not_put_over_something_else(journal: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.html"
    kept.write_text("mine")
    assert tocsin("whatif", journal, "--close-station", "A1", "--html", kept).status == 2
    assert kept.read_text() == "mine"


def test_the_real_fortnight_lived_again_is_near_to_the_real_one(fortnight: Fortnight) -> None:
    answer = tocsin("whatif", fortnight.journal, "--close-station", "07", "--replications", "1", "--json").json
    assert answer["calls"] == 5290 and answer["measured"] > 5000 and answer["resampled"] == "days"
    assert answer["fit"]["3"]["verdict"] == "good" and answer["fit"]["all"]["verdict"] in ("good", "fair")
    own = answer["areas"]["07"]["mean_s"]
    assert own["mean"] > 0 and own["is_shown"], "its own area waits longer"
    assert answer["priorities"]["3"]["mean_s"]["mean"] < own["mean"]


def test_a_city_may_have_a_journal_s_calls(journal: Path) -> None:
    own = open_city(journal.parent / "centre", is_kept=False)
    city = with_journal(own, journal, progress=lambda *_: None)
    heard, _ = hear_journal(journal, progress=lambda *_: None)
    hours = (heard.rows[-1].arrived - heard.rows[0].arrived) / 3_600_000
    calls = draw_calls(city, seed=1, replication=0, days=14)
    assert calls.size / (14 * 24) == pytest.approx(len(heard.rows) / max(hours, 1), rel=0.35)
    assert city.digest != own.digest and city.places == own.places and city.units == own.units
    assert {one.name.split()[0] for one in city.kinds} == {row.incident_type for row in heard.rows if row.sent}
    assert ("demand_of_log" in {code for code, _ in city.remarks}) and city.place_weights.sum(axis=1) == pytest.approx(1)
    assert len(city.hospitals) == len(heard.hospitals)
