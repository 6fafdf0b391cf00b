"""``tocsin site`` as people run it, on a small city of its own."""

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from command_line import LANGUAGES, in_english, tocsin
from lab.city.jemss_folder import texts, written

QUICK = ("--replications", "0", "--candidates", "10")


@pytest.fixture(scope="module", autouse=True)
def as_people_run_it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with in_english(tmp_path_factory.mktemp("cache")):
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("siting") / "square", texts())


def test_the_answer_for_machines(folder: Path) -> None:
    run = tocsin("site", folder, "--stations", 3, *QUICK, "--json")
    assert run.status == 0, run.err
    answer = run.json
    assert {"stations", "objective", "bound", "gap"} <= set(answer)
    assert len(answer["stations"]) == 3
    assert answer["is_proven"] and answer["gap"] <= 1e-6
    assert answer["objective"] == pytest.approx(answer["bound"], rel=1e-6)
    assert answer["goal"] == "mclp" and 0 < answer["today"] <= answer["objective"] <= 1
    assert all(169 < one["lon"] < 171 and -38 < one["lat"] < -36 for one in answer["stations"])
    assert all(one["loss"] >= 0 for one in answer["stations"])
    assert len(answer["reach"]["today"]) == len(answer["reach"]["chosen"]) == 20
    assert "simulated" not in answer


@pytest.mark.parametrize("goal", ["mclp", "mexclp", "p-median", "survival"])
def test_more_stations_are_never_worse(folder: Path, goal: str) -> None:
    values = [tocsin("site", folder, "--stations", count, "--objective", goal, *QUICK, "--json").json["objective"] for count in (1, 2, 4)]
    assert values == sorted(values, reverse=goal == "p-median")


def test_a_station_that_is_kept_is_among_them(folder: Path) -> None:
    answer = tocsin("site", folder, "--stations", 2, "--keep", "North", "South", *QUICK, "--json").json
    assert [(one["name"], one["is_kept"]) for one in answer["stations"]] == [("North", True), ("South", True)]
    assert answer["objective"] == pytest.approx(answer["today"]) and answer["closed"] == []
    one = tocsin("site", folder, "--stations", 1, "--keep", "South", *QUICK, "--json").json
    assert [station["name"] for station in one["stations"]] == ["South"]
    assert one["closed"] == ["North"] and one["stations"][0]["loss"] is None and one["stations"][0]["units"] == 2


def test_the_simulated_effect_stands_beside_the_covered_one(folder: Path) -> None:
    words = ("site", folder, "--stations", 2, "--candidates", 10, "--days", 2, "--replications", 3, "--json")
    answer = tocsin(*words).json
    simulated = answer["simulated"]
    assert set(simulated["policies"]) == {"today", "chosen"} and answer["policy"] == "default"
    assert simulated["replications"] == 3
    assert simulated["policies"]["today"]["calls"] == simulated["policies"]["chosen"]["calls"], "the same calls"
    assert simulated["differences"][0]["measures"]["high_mean_s"]["half_width"] is not None
    assert tocsin(*words).json == answer, "the same to the last digit"


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_read_it_in_their_language(folder: Path, language: str, tmp_path: Path) -> None:
    page = tmp_path / "site.html"
    words = ("site", folder, "--stations", 3, "--candidates", 10, "--days", 1, "--replications", 2, "--objective", "survival")
    run = tocsin(*words, "--html", page, "--language", language)
    assert run.status == 0, run.err
    assert "new-1" in run.out and str(page) in run.out.replace("\n", "")
    for text in (run.out, page.read_text("utf-8")):
        assert not re.search(r"lab\.(siting|remark|experiment)\.", text)
    assert f'<html lang="{language}">' in page.read_text("utf-8")


class Elements(HTMLParser):
    """Tags that were opened and not closed, and addresses that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "br", "img", "input"):
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "action") and not (value or "").startswith("#"):
                self.fetched.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing is left open."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_needs_nothing_else_and_trusts_no_name(tmp_path: Path) -> None:
    files = texts() | {"stations.csv": "stations,,\nindex,x,y,capacity,NAME\n1,170.0001,-37.0,5,<b>North</b>\n2,170.0501,-36.95,5,South\n"}
    folder, page = written(tmp_path / "city", files), tmp_path / "site.html"
    run = tocsin("site", folder, "--stations", 2, "--keep", "<b>North</b>", *QUICK, "--html", page)
    assert run.status == 0, run.err
    text = page.read_text("utf-8")
    read = Elements()
    read.feed(text)
    assert read.open == [] and read.fetched == []
    assert len(read.ids) == len(set(read.ids))
    assert "<b>North" not in text and "&lt;b&gt;North" in text
    assert text.count('class="plot plot-map"') == 2 and "reach-line" in text
    assert "<script" not in text


def test_without_time_the_gap_is_told(folder: Path) -> None:
    run = tocsin("site", folder, "--stations", 2, "--limit", 0, *QUICK, "--json")
    assert run.status == 0
    answer = run.json
    assert answer["bound"] >= answer["objective"]
    assert answer["is_proven"] or any(one["code"] == "siting_open" for one in answer["remarks"])


@pytest.mark.parametrize(
    ("words", "code", "needle"),
    [
        (("--stations", 99), "siting_stations", "99"),
        (("--stations", 0), "siting_stations", "0"),
        (("--stations", 1, "--keep", "North", "South"), "siting_kept", "2"),
        (("--stations", 2, "--keep", "Nowhere"), "siting_keep_unknown", "North; South"),
        (("--stations", 2, "--objective", "best"), "siting_goal", "mexclp"),
        (("--stations", 2, "--candidates", -1), "siting_candidates", "-1"),
        (("--stations", 2, "--objective", "mexclp", "--busy", 1), "siting_figures", "--busy"),
        (("--stations", 2, "--policy", "wild"), "policy_unknown", "wild"),
        (("--stations", 2, "--days", 0), "lab_number", "--days"),
        (("--stations", 2, "--limit", -1), "lab_not_negative", "--limit"),
        (("--stations", 2, "--replications", -1), "lab_not_negative", "--replications"),
    ],
)
def test_bad_options_are_told_with_their_remedy(folder: Path, tmp_path: Path, words: tuple[object, ...], code: str, needle: str) -> None:
    page = tmp_path / "site.html"
    both = ("site", folder, "--candidates", 5, *words) if "--candidates" not in words else ("site", folder, *words)
    run = tocsin(*both, "--html", page, "--json")
    assert run.status == 2
    assert run.json["error"]["code"] == code
    assert needle in run.err
    assert not page.exists() and list(tmp_path.iterdir()) == []


def test_a_page_that_cannot_be_written_is_told(folder: Path, tmp_path: Path) -> None:
    run = tocsin("site", folder, "--stations", 2, *QUICK, "--html", tmp_path / "nowhere" / "site.html")
    assert run.status == 2 and "nowhere" in run.err.replace("\n", "")


def test_a_city_in_which_nobody_calls_is_told(tmp_path: Path) -> None:
    files = texts()
    files["demand_points.csv"] = re.sub(r",\d+\n", ",0\n", files["demand_points.csv"])
    run = tocsin("site", written(tmp_path / "city", files), "--stations", 2, *QUICK)
    assert run.status == 2 and run.err.strip()


def test_a_centre_names_the_nearest_streets(tmp_path: Path) -> None:
    """The shipped town, as its centre's folder with its own road file."""
    folder = tmp_path / "centre"
    with as_file(files("tocsin").joinpath("data").joinpath("coquimbo")) as data:
        shutil.copytree(data / "centre", folder)
        shutil.copy(data / "scenario.toml", folder)
        assert tocsin("region", "build", data / "streets.geojson.gz", "--out", folder / "coquimbo.region").status == 0
    run = tocsin("site", folder, "--stations", 3, "--keep", "A1", "--replications", 0, "--candidates", 30, "--json")
    assert run.status == 0, run.err
    answer = run.json
    assert answer["is_proven"] and answer["stations"][0]["name"] == "A1" and answer["stations"][0]["is_kept"]
    assert all(one["street"] for one in answer["stations"])
    assert sum(one["units"] for one in answer["stations"]) == 22, "all of its own units"
    assert answer["today_stations"] == 8 and len(answer["closed"]) >= 5
