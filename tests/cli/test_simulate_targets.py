"""Targets and whose they are, calls from a journal, and the same bytes from any number of workers: through the command line."""

import json
from pathlib import Path

import pytest

from command_line import LANGUAGES, misfits, tocsin, untranslated
from small_town import write_town

QUICK = ("--days", 2, "--replications", 2)
LAB = """
[[priority]]
name = "urgent"
target_s = 600
"""


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def targets(*words: object) -> list[dict[str, object]]:
    run = tocsin(*words, *QUICK, "--json")
    assert run.status == 0, run.err
    return list(run.json["targets"])


def test_a_plain_town_has_the_default_and_says_so(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    wanted = [{"priority": "urgent", "target_s": 480.0, "is_high": True, "source": "default"}]
    assert targets("simulate", folder) == targets("compare", folder, "--policies", "closest,default") == wanted


def test_lab_toml_and_what_stands_in_its_place_are_named(tmp_path: Path) -> None:
    folder, other = write_town(tmp_path / "town", lab=LAB), tmp_path / "other.toml"
    other.write_text(LAB.replace("600", "90.5"), "utf-8")
    assert [(one["target_s"], one["source"]) for one in targets("simulate", folder)] == [(600.0, "lab")]
    assert [(one["target_s"], one["source"]) for one in targets("simulate", folder, "--scenario", other)] == [(90.5, "lab")]
    calm = tmp_path / "calm.toml"
    calm.write_text('[[priority]]\nname = "urgent"\nis_urgent = false\n', "utf-8")
    told = targets("simulate", folder, "--scenario", calm)
    assert [(one["target_s"], one["source"], one["is_high"]) for one in told] == [(480.0, "default", True)], (
        "all are high where none is urgent"
    )


def test_another_target_is_another_city_and_its_source_is_not(tmp_path: Path) -> None:
    """The digest is of what decides. That a target was written down changes nothing as long as it is the same."""
    folder = write_town(tmp_path / "town")
    digests = []
    for target_s in (None, 480, 600):
        lab = tmp_path / f"{target_s}.toml"
        lab.write_text("" if target_s is None else LAB.replace("600", str(target_s)), "utf-8")
        digests.append(tocsin("simulate", folder, "--scenario", lab, "--days", 1, "--json").json["asked"]["city_digest"])
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_stand_in_text_and_on_the_page(tmp_path: Path, language: str) -> None:
    folder, page = write_town(tmp_path / "town", lab=LAB), tmp_path / "page.html"
    for words in (("simulate", folder), ("compare", folder, "--policies", "closest,default")):
        run = tocsin(*words, *QUICK, "--html", page, "--language", language)
        assert run.status == 0 and untranslated(run.out.replace("lab.toml", "")) == []
        flat = " ".join(run.out.split())
        assert "urgent 10:00 (lab.toml" in flat
        assert "urgent 10:00 (lab.toml" in page.read_text("utf-8")


def test_a_kept_city_remembers_whose_its_targets_are(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    first, second = (targets("simulate", folder) for _ in range(2))
    assert first == second and len(list((tmp_path / "cache").rglob("*.city"))) == 1


# ---- calls of a journal


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week of a town with twice the calls."""
    folder = tmp_path_factory.mktemp("kept")
    file = folder / "kept.journal"
    run = tocsin("simulate", write_town(folder / "busy"), "--days", 7, "--load", 2, "--policy", "closest", "--journal", file, "--json")
    assert run.status == 0, run.err
    return file


def test_rates_come_from_a_journal(tmp_path: Path, journal: Path) -> None:
    folder, page = write_town(tmp_path / "town"), tmp_path / "page.html"
    words = ("simulate", folder, "--days", 5, "--policy", "closest")
    own, told = tocsin(*words, "--json").json, tocsin(*words, "--demand", journal, "--html", page, "--json").json
    assert misfits("simulate_answer", told) == []
    assert told["calls"] == pytest.approx(2 * own["calls"], rel=0.25), "as many as the journal has"
    assert told["asked"]["city_digest"] != own["asked"]["city_digest"]
    codes = {one["code"]: one["values"] for one in told["remarks"]}
    assert codes["demand_of_log"]["kinds"] == "1" and int(codes["demand_of_log"]["calls"]) > 380
    assert [(one["priority"], one["target_s"], one["source"]) for one in told["targets"]] == [("urgent", 480.0, "default")]
    assert f"--demand {journal}" in page.read_text("utf-8"), "what to type to get it again"


def test_a_comparison_on_a_journals_calls_is_the_same_twice(tmp_path: Path, journal: Path) -> None:
    folder = write_town(tmp_path / "town")
    words = ("compare", folder, "--policies", "closest,default", "--demand", journal, *QUICK)
    one, two = (tocsin(*words, "--workers", workers, "--json") for workers in (1, 2))
    assert one.status == 0, one.err
    assert one.out == two.out and "demand_of_log" in one.out
    text = tocsin(*words, "--language", "es")
    assert text.status == 0 and untranslated(text.out) == []


# ---- workers


def test_simulate_gives_the_same_bytes_from_one_worker_and_two(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    words = ("simulate", folder, "--days", 3, "--replications", 5, "--load", 1.5, "--json")
    one, two = (tocsin(*words, "--workers", workers) for workers in (1, 2))
    assert one.out == two.out and one.status == two.status == 0
    assert json.loads(one.out)["figures"]["half_widths"].keys() >= {"avoidable_late_share", "floor_late_share", "spread"}


def test_an_overload_gives_the_same_bytes_from_one_worker_and_two(tmp_path: Path) -> None:
    folder = write_town(tmp_path / "town")
    words = ("compare", folder, "--policies", "closest,road-time", "--load", 8, "--days", 6, "--replications", 4, "--json")
    one, two = (tocsin(*words, "--workers", workers) for workers in (1, 2))
    assert one.out == two.out and one.status == two.status == 1
