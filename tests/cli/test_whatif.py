"""A log lived again, as people ask for it."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from command_line import Fortnight, tocsin, untranslated
from tocsin.lab.draws import draw_calls
from tocsin.wiring.cities import open_city
from tocsin.wiring.heard import hear_journal, with_journal
from tocsin.wiring.stages import Progress


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
        (("--target", "red=480"), "whatif_nothing"),
        (("--add-unit", "X:engin:A1"), "whatif_kind"),
        (("--add-unit", "E11:engine:A1"), "whatif_unit_taken"),
        (("--move", "E11:A9"), "whatif_station"),
        (("--close-station", "A1", "--target", "red=0"), "whatif_spec"),
        (("--close-station", "A1", "--target", "red=-5"), "whatif_spec"),
        (("--close-station", "A1", "--replications", "1001"), "whatif_replications"),
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


@pytest.mark.parametrize("language", ["en", "pt", "fr", "es"])
def test_the_area_of_a_closed_station_is_told_in_text_page_and_json(journal: Path, tmp_path: Path, language: str) -> None:
    page = tmp_path / "page.html"
    words = ("whatif", journal, "--close-station", "A1", "--move", "E61:A2")
    run = tocsin(*words, "--html", page, "--language", language)
    assert run.status == 0, run.err
    answer = tocsin(*words, "--json").json
    assert unsaid(answer) == []
    assert set(answer["stations"]) >= {"A1", "A2", "B1"}, "closed, moved to, moved from"
    assert answer["stations"]["A1"]["is_closed"] and answer["stations"]["A1"]["units_changed"] == []
    assert not answer["areas"]["A1"]["mean_s"]["is_shown"], "two hours show nothing, and yet it stands there"
    text = page.read_text("utf-8")
    for name in {area for one in answer["stations"].values() for area in one["areas"]} & set(answer["areas"]):
        assert f"◆ {name}" in run.out and f"◆ {name}" in text
    for one in answer["stations"].values():
        assert one["around"] is None or one["around"]["n"] <= answer["measured"]
    assert sum(one["around"]["n"] for one in answer["stations"].values() if one["around"]) <= answer["measured"], "each call near one only"


def unsaid(answer: Any) -> list[str]:
    """Changes that do not say whether they are shown, or whether they are of too few calls."""
    groups = [answer["every"], *answer["priorities"].values(), *answer["areas"].values()]
    return [str(one) for group in groups for one in (group["mean_s"], group["late_share"]) if {"is_shown", "is_few"} - set(one)]


def test_every_target_is_told_with_who_set_it(journal: Path, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    shutil.copytree(journal.parent, folder)
    lab = folder / "centre" / "lab.toml"
    lab.write_text(lab.read_text("utf-8") + '\n[[priority]]\nname = "yellow"\ntarget_s = 777\n', "utf-8")
    words = ("whatif", folder / "demo.journal", "--close-station", "A1")
    answer = tocsin(*words, "--target", "green=1200", "--json").json
    assert answer["targets_source"] == {"red": "plan", "yellow": "lab", "green": "asked"}
    assert answer["targets_s"]["yellow"] == 777 and answer["targets_s"]["green"] == 1200
    told = tocsin(*words, "--target", "green=1200", "--language", "en").out
    assert "yellow  12:57  the centre’s lab.toml" in told and "green   20:00  asked for with --target" in told
    assert "the plan’s cards" in told
    lab.write_text("[[priority]]\nname = 3\n", "utf-8")
    broken = tocsin(*words, "--json")
    assert broken.status == 2 and broken.json["error"]["file"] == str(lab)


def test_as_it_was_is_the_same_whatever_it_is_held_against(journal: Path) -> None:
    plan = journal.parent / "centre" / "plan.toml"
    changes = (("--close-station", "A1"), ("--policy", "closest"), ("--remove-unit", "M1"), ("--plan", plan))
    answers = [tocsin("whatif", journal, *words, "--replications", "2", "--json").json for words in changes]
    assert len({str(one["every"]["base"]) for one in answers}) == 1 and len({str(one["fit"]) for one in answers}) == 1
    assert len({str(one["every"]["changed"]) for one in answers}) > 1


def stopping(at_stage: str, at: int) -> Callable[[str], AbstractContextManager[Progress]]:
    """In the place of the bar: somebody who presses Ctrl-C when it has come so far."""

    @contextmanager
    def bar(_: str) -> Iterator[Progress]:
        def draw(done: int, total: int | None, stage: str) -> None:
            if stage == at_stage and done >= at:
                raise KeyboardInterrupt

        yield draw

    return bar


def test_stopped_by_hand_what_was_whole_is_kept_and_marked(journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("whatif", journal, "--close-station", "A1", "--json")
    two = tocsin(*words, "--replications", "2").json
    monkeypatch.setattr("tocsin.cli.whatif.progress_bar", stopping("relive", 2))
    page = tmp_path / "page.html"
    run = tocsin(*words, "--replications", "50", "--html", page)
    assert run.status == 130 and "Traceback" not in run.err
    answer = run.json
    assert answer["partial"]["code"] == "cancelled" and (answer["replications"], answer["replications_asked"]) == (2, 50)
    assert {name: value for name, value in answer.items() if name not in ("partial", "replications_asked")} == {
        name: value for name, value in two.items() if name not in ("partial", "replications_asked")
    }, "just what two would have said"
    assert "PARTIAL: 2 of 50" in page.read_text("utf-8")
    text = tocsin(*words[:-1], "--replications", "50")
    assert text.status == 130 and "PARTIAL: 2 of 50" in text.out


def test_stopped_while_reading_is_told_in_a_sentence(journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "page.html"
    monkeypatch.setattr("tocsin.cli.whatif.progress_bar", stopping("relive", 1))
    monkeypatch.setattr("tocsin.wiring.whatif.hear_journal", _pressed)
    run = tocsin("whatif", journal, "--close-station", "A1", "--html", page, "--json")
    assert run.status == 130 and run.json["error"]["code"] == "cancelled"
    assert run.json["error"]["text"].split("\n")[0] in run.err, "in a sentence beside the JSON"
    assert not page.exists() and "Traceback" not in run.err


def _pressed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


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
