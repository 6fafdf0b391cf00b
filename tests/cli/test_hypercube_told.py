"""``tocsin hypercube`` as people run it: a first look without dice, and how far it is from the simulation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from command_line import LANGUAGES, in_english, tocsin
from lab.city.jemss_folder import texts, written


@pytest.fixture(scope="module", autouse=True)
def as_people_run_it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with in_english(tmp_path_factory.mktemp("cache")):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("hypercube") / "square", texts())


def test_the_answer_for_machines(folder: Path) -> None:
    run = tocsin("hypercube", folder, "--json")
    assert run.status == 0, run.err
    answer = run.json
    assert answer["method"] == "exact" and answer["hour"] is None and answer["load"] == 1.0
    assert answer["utilisation"] == pytest.approx(sum(one["workload"] for one in answer["units"]) / len(answer["units"]), abs=1e-6)
    assert sum(one["share"] for one in answer["areas"].values()) == pytest.approx(1.0, abs=1e-5)
    assert all(0 <= one["late_share"] <= 1 and 0 <= one["own"] <= 1 for one in answer["areas"].values())
    assert 0 <= answer["waits"] < 1 and answer["mean_wait_s"] >= 0 and 0 <= answer["late_share"] <= 1
    assert "queueing_home" in [one["code"] for one in answer["remarks"]]
    assert "simulated" not in answer and all("simulated" not in one for one in answer["units"])


def test_more_calls_mean_more_work_more_waiting_and_more_lateness(folder: Path) -> None:
    once, twice = (tocsin("hypercube", folder, "--load", load, "--json").json for load in (1, 2))
    assert twice["calls_per_hour"] == pytest.approx(2 * once["calls_per_hour"], abs=1e-5)
    assert all(two["workload"] > one["workload"] for one, two in zip(once["units"], twice["units"], strict=True))
    assert twice["waits"] > once["waits"] and twice["late_share"] > once["late_share"]


def test_the_simulation_stands_beside_it_and_is_near(folder: Path) -> None:
    words = ("hypercube", folder, "--against-simulation", "--days", 40, "--replications", 3, "--json")
    answer = tocsin(*words).json
    beside = answer["simulated"]
    assert beside["replications"] == 3 and beside["days"] == 40 and beside["calls"] > 100 and beside["half_width"] > 0
    assert beside["late_off"] == pytest.approx(answer["late_share"] - beside["late_share"], abs=1e-5)
    assert beside["utilisation_off"] == pytest.approx(answer["utilisation"] - beside["utilisation"], abs=1e-5)
    assert abs(beside["utilisation_off"]) < 0.04 and beside["workload_off"] < 0.05
    assert beside["workload_off"] >= abs(beside["utilisation_off"]) - 1e-6
    assert all(0 <= one["simulated"] <= 1 for one in answer["units"])
    assert tocsin(*words).json == answer, "the same dice"
    assert tocsin(*words, "--seed", 2).json["simulated"]["late_share"] != beside["late_share"]


def test_an_hour_of_the_week_is_compared_with_a_city_where_it_goes_on_for_ever(folder: Path) -> None:
    words = ("hypercube", folder, "--hour", 42, "--against-simulation", "--days", 20, "--replications", 2)
    answer = tocsin(*words, "--json").json
    assert answer["hour"] == 42 and abs(answer["simulated"]["utilisation_off"]) < 0.06
    assert "queueing_hours" not in [one["code"] for one in answer["remarks"]]
    assert "Tue 18:00" in tocsin(*words).out


def test_what_people_read(folder: Path) -> None:
    out = tocsin("hypercube", folder).out
    assert "hypercube, exact" in out and "mean of the week" in out and "Left out or assumed:" in out
    assert "simulated" not in out.partition("Left out")[0]
    assert max(map(len, out.splitlines()[:-2])) <= 80
    beside = tocsin("hypercube", folder, "--against-simulation", "--days", 5, "--replications", 1).out
    assert "Reckoned less simulated, late" in beside and "Simulated" in beside


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_of_it(folder: Path, language: str) -> None:
    run = tocsin("hypercube", folder, "--against-simulation", "--days", 3, "--replications", 2, "--language", language)
    assert run.status == 0, run.err
    assert "cli.hypercube" not in run.out and "lab.remark" not in run.out and "{" not in run.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--hour", "168"), "hypercube_hour"),
        (("--hour", "-1"), "hypercube_hour"),
        (("--load", "0"), "lab_number"),
        (("--load", "nan"), "lab_number"),
        (("--days", "-1"), "lab_number"),
        (("--replications", "0"), "lab_count"),
        (("--load", "900"), "hypercube_load"),
    ],
)
def test_bad_input_is_told_with_its_option(folder: Path, words: tuple[str, str], code: str) -> None:
    run = tocsin("hypercube", folder, *words, "--json")
    assert run.status == 2
    assert run.json["error"]["code"] == code
    assert run.json["error"]["field"] == words[0]
    for language in LANGUAGES:
        told = tocsin("hypercube", folder, *words, "--language", language)
        assert told.status == 2 and not told.out.strip() and len(told.err.strip().splitlines()) >= 2


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    assert tocsin("hypercube", tmp_path / "nowhere", "--json").json["error"]["code"] == "folder_missing"
    assert tocsin("hypercube", tmp_path, "--json").json["error"]["code"] == "city_folder"
