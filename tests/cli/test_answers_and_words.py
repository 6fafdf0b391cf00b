"""Every command: its answer for machines by its published schema, and its answer for people in four languages and two widths."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from command_line import LANGUAGES, listing, misfits, tocsin, untranslated
from tocsin import __version__
from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.cli import terminal
from tocsin.roads.info import RouteRow
from tocsin.shown import figures

KEYS: dict[str, set[str]] = {  # as the issue that asked for them lists them
    "import_answer": {"rows_read", "rows_used", "rows_excluded", "incidents", "units", "events", "head"},
    "replay_answer": {"incidents", "decisions", "agreement", "regret_s", "policy", "head", "assumptions"},
    "report_answer": {"targets", "clock_start", "rows", "intervals"},
    "verify_answer": {"ok", "events", "head", "first_bad"},
    "region_info": {"name", "bbox", "nodes", "directed_edges", "strong_nodes", "named", "dropped", "version"},
    "check_answer": {"ok", "problems"},
    "demo_answer": {"journal", "report_page", "head", "counts", "report"},
}
INTERVALS = {"answering", "processing", "turnout", "travel", "total_response"}
FIGURES = {"n", "mean_s", "p50_s", "p90_s", "target_s", "within_target"}


def answered(schema: str, *words: object) -> Any:
    """The answer for machines, held against its schema and the keys that were promised."""
    run = tocsin(*words, "--json")
    assert run.status == 0, run.err
    assert misfits(schema, run.json) == []
    assert KEYS.get(schema, set()) <= set(run.json if isinstance(run.json, dict) else {})
    return run.json


# ---- roads


def test_a_region_is_built_and_told_about(city: Path) -> None:
    built = json.loads((city / "built.json").read_text("utf-8"))
    assert misfits("region_info", built) == []
    found = answered("region_info", "region", "info", city / "sf.region")
    assert found == built and KEYS["region_info"] <= set(found)
    west, south, east, north = found["bbox"]
    assert -122.6 < west < east < -122.3 and 37.6 < south < north < 37.9
    assert found["name"] == "san-francisco"
    assert 0 < found["strong_nodes"] <= found["nodes"] < found["directed_edges"]


def test_a_region_takes_its_name_from_its_file_without_one(shared: Path, tmp_path: Path) -> None:
    run = tocsin("region", "build", shared / "data/roads/monaco/monaco.osm.pbf", "--out", tmp_path / "rock.region", "--json")
    assert run.status == 0 and misfits("region_info", run.json) == []
    assert run.json["name"] == "rock" and run.json["dropped"] and run.json["licence"] == "ODbL-1.0"
    for language in LANGUAGES:
        assert untranslated(tocsin("region", "info", tmp_path / "rock.region", "--language", language).out) == []


FERRY, MARKET = "-122.3937,37.7955", "-122.4194,37.7749"


def test_times_from_many_places_to_one(city: Path) -> None:
    rows = answered("route_rows", "route", city / "sf.region", "--from", FERRY, MARKET, "--from", "-122.45,37.76", "--to", MARKET)
    assert [row["from"] for row in rows] == [[-122.3937, 37.7955], [-122.4194, 37.7749], [-122.45, 37.76]]
    assert {"from", "to", "time_ms", "distance_m", "snap_m"} <= set(rows[0])
    assert rows[0]["time_ms"] > 60_000 and rows[0]["distance_m"] > 2000 and rows[1]["time_ms"] == 0
    one_by_one = [answered("route_rows", "route", city / "sf.region", f"--from={at}", f"--to={MARKET}")[0] for at in (FERRY, MARKET)]
    assert rows[:2] == one_by_one, "a place that begins with a minus is no option"


def test_a_way_has_its_line_when_asked_for(city: Path) -> None:
    plain, drawn = (
        answered("route_rows", "route", city / "sf.region", "--from", FERRY, "--to", MARKET, *more) for more in ((), ("--geometry",))
    )
    assert "geometry" not in plain[0] and len(drawn[0]["geometry"]) > 10
    assert {key: value for key, value in drawn[0].items() if key != "geometry"} == plain[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_no_road_leads_is_null_and_said(capsys: pytest.CaptureFixture[str], language: str) -> None:
    """Places are joined to roads from which one gets everywhere and back; a closure may still cut one off some day."""
    row = RouteRow(from_=LonLat(-71.2, -29.9), to=LonLat(-71.3, -29.8), time_ms=None, distance_m=None, snap_m=Metres(12.0))
    terminal.print_json([row])
    told = json.loads(capsys.readouterr().out)
    assert misfits("route_rows", told) == [] and told[0]["time_ms"] is None and told[0]["distance_m"] is None
    figures.routes(Console(width=80), [row], [], language)
    assert {"en": "unreachable", "pt": "inacessível", "fr": "inaccessible", "es": "inaccesible"}[language] in capsys.readouterr().out


def test_a_network_of_no_streets_is_no_region(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "nodes.csv").write_text("index,lat,lon,offRoadAccess\n1,-29.90,-71.25,1\n2,-29.91,-71.25,1\n")
    (tmp_path / "source" / "arcs.csv").write_text("index,fromNode,toNode,distance_km,medium,high,roadType\n")
    run = tocsin("region", "build", tmp_path / "source", "--out", tmp_path / "x.region", "--json")
    assert run.status == 2 and misfits("error_answer", run.json) == []
    assert not (tmp_path / "x.region").exists()


# ---- centre, journal, report


def test_the_journal_s_answers(folder: Path) -> None:
    told = answered("verify_answer", "verify", "sf.journal")
    assert told["ok"] and told["first_bad"] is None
    assert answered("check_answer", "check", "centre") == {"ok": True, "problems": []}
    before = listing(folder)
    replayed = answered("replay_answer", "replay", "sf.journal", "--centre", "centre")
    assert replayed["head"] == told["head"] and replayed["incidents"] == 40 and replayed["decisions"] > 40
    assert set(replayed["agreement"]) == {"first_unit", "all_units"} and {"p50", "p90"} <= set(replayed["regret_s"])
    assert {"name", "version"} <= set(replayed["policy"]) and replayed["assumptions"]
    report = answered("report_answer", "report", "sf.journal", "--targets", "nfpa-1710")
    assert set(report["intervals"]) == INTERVALS and all(set(one) >= FIGURES for one in report["intervals"].values())
    assert set(report["rows"]) >= {"read", "used", "excluded"} and report["targets"] == "nfpa-1710"
    assert listing(folder) == before, "looking changes nothing"


def test_an_import_is_the_same_twice(folder: Path) -> None:
    words = ("import", "sf-fire", "log.csv", "--region", "sf.region")
    first, second = (answered("import_answer", *words, "--centre", name, "--journal", f"{name}.journal") for name in ("one", "two"))
    assert first["head"] == second["head"]
    assert {path.name: path.read_text() for path in Path("one").iterdir()} == {
        path.name: path.read_text() for path in Path("two").iterdir()
    }
    again = answered("import_answer", *words, "--centre", "one", "--journal", "three.journal")
    assert again["head"] == first["head"] and "centre_kept" in {one["code"] for one in again["assumptions"]}


def test_replay_with_another_policy_and_another_region(folder: Path) -> None:
    by_road = answered("replay_answer", "replay", "sf.journal", "--region", "sf.region")
    by_crow = answered("replay_answer", "replay", "sf.journal", "--centre", "centre", "--policy", "straight-line")
    assert by_road["policy"]["name"] == "road-time" and by_crow["policy"]["name"] == "straight-line"
    assert by_crow["recommended_eta_s"]["mean"] >= by_road["recommended_eta_s"]["mean"], "roads know more than crows"
    assert by_crow["chosen_eta_s"] == by_road["chosen_eta_s"], "what was done is told in road time whatever the policy"


def test_replay_of_an_imported_journal_without_roads_says_what_it_could_not_ask(folder: Path) -> None:
    answer = answered("replay_answer", "replay", "sf.journal")
    assert answer["decisions"] == 0 and answer["policy"] is None and answer["passed_over"]["no_facts"] > 40
    assert answer["redecided"]["questions"] > 400 and answer["redecided"]["differing"] == 0
    assert "no road times: give a road file" in tocsin("replay", "sf.journal").out


def test_replay_of_a_live_journal_needs_no_roads(demo: Path) -> None:
    answer = answered("replay_answer", "replay", demo / "demo" / "demo.journal")
    assert answer["decisions"] > 10 and not answer["passed_over"] and answer["redecided"]["differing"] == 0
    assert answer["agreement_same_kinds"]["first_unit"] > 0.9, "the demo's dispatcher follows the recommendation"
    with_roads = answered("replay_answer", "replay", demo / "demo" / "demo.journal", "--centre", demo / "demo" / "centre")
    assert with_roads["decisions"] == answer["decisions"]


def test_receipts_are_one_line_each_and_whole(folder: Path) -> None:
    answer = answered("replay_answer", "replay", "sf.journal", "--centre", "centre", "--receipts", "receipts.ndjson")
    receipts = [json.loads(line) for line in Path("receipts.ndjson").read_text("utf-8").splitlines()]
    assert len(receipts) == answer["decisions"]
    assert all(misfits("receipt", one["receipt"]) == misfits("receipt", one["like"]) == [] for one in receipts[:20])
    assert [one["pos"] for one in receipts] == sorted(one["pos"] for one in receipts)


def test_one_flipped_byte_is_found(folder: Path) -> None:
    good = tocsin("verify", "sf.journal", "--json").json
    data = bytearray(Path("sf.journal").read_bytes())
    middle = data.index(b"IncidentOpened", len(data) // 2)
    data[middle] ^= 1
    Path("sf.journal").write_bytes(data)
    run = tocsin("verify", "sf.journal", "--json")
    assert run.status == 1 and misfits("verify_answer", run.json) == []
    assert not run.json["ok"] and 1 <= run.json["first_bad"] <= good["events"] and run.json["events"] == run.json["first_bad"] - 1
    told = tocsin("verify", "sf.journal")
    assert told.status == 1 and f"{run.json['first_bad']:,}" in told.out


def test_a_broken_centre_is_told_line_by_line(folder: Path) -> None:
    plan = Path("centre/plan.toml")
    plan.write_text(plan.read_text("utf-8").replace('needs = ["', 'needs = ["flying", "'), "utf-8")
    run = tocsin("check", "centre", "--json")
    assert run.status == 2 and misfits("check_answer", run.json) == []
    assert len(run.json["problems"]) > 1
    for problem in run.json["problems"]:
        line = plan.read_text("utf-8").splitlines()[problem["line"] - 1]
        assert problem["file"] == "centre/plan.toml" and "flying" in line and "flying" in problem["text"]
    shown = tocsin("check", "centre")
    assert shown.status == 2 and all(f"centre/plan.toml:{problem['line']}" in shown.out for problem in run.json["problems"])


# ---- pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_needs_no_network_and_leaves_nothing_unsaid(folder: Path, language: str) -> None:
    words = ("report", "sf.journal", "--targets", "nfpa-1710", "--html", "page.html", "--region", "sf.region", "--language", language)
    run = tocsin(*words)
    assert run.status == 0, run.err
    page = Path("page.html").read_text("utf-8")
    assert page.lstrip().startswith("<!doctype html>") or page.lstrip().startswith("<!DOCTYPE html>")
    assert f'lang="{language}"' in page and page.count("<svg") >= 3
    loaded = re.findall(r"""(?:src|href)=["'](?!#|data:)([^"']+)|url\((?!["']?(?:data:|#))([^)]*)\)|@import""", page)
    links = {link for pair in loaded for link in pair if link}
    assert not re.search(r"<(?:script|img|link|iframe)[^>]*(?:src|href)=[\"']https?:", page), links
    text = re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    assert untranslated(re.sub(r"<[^>]+>", " ", text)) == []


# ---- the demo


def test_the_demo_answers_by_its_schema(demo: Path) -> None:
    answer = json.loads((demo / "answer.json").read_text("utf-8"))
    assert misfits("demo_answer", answer) == [] and set(answer) == KEYS["demo_answer"]
    counts = answer["counts"]
    assert counts["IncidentOpened"] == counts["IncidentClosed"] > 5 and counts["UnitsRecommended"] >= counts["IncidentOpened"]
    assert answer["report"]["centre"]["footing"] == "demo"
    assert tocsin("verify", demo / "demo" / "demo.journal", "--json").json["head"] == answer["head"]
    assert sorted(path.name for path in (demo / "demo").iterdir() if not path.name.startswith("demo.keys")) == [
        "centre",
        "demo.journal",
        "report.html",
    ]


def test_the_whole_demo_runs_from_nothing(tmp_path: Path) -> None:
    """In a process of its own, with nothing but its own files, inside the minute that was promised."""
    command = [sys.executable, "-m", "tocsin", "demo", "--headless"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    assert (tmp_path / "tocsin-demo" / "report.html").stat().st_size > 50_000
    assert "tocsin-demo/demo.journal" in run.stdout and str(tmp_path / "tocsin-demo" / "report.html") in run.stdout
    verified = tocsin("verify", tmp_path / "tocsin-demo" / "demo.journal", "--json").json
    assert verified["ok"] and verified["events"] > 3000


def test_a_demo_makes_room_for_the_next_and_for_nothing_else(demo: Path, tmp_path: Path, folder: Path) -> None:
    shutil.copytree(demo / "demo", "again")
    first = tocsin("demo", "--hours", "0.5", "--out", "again", "--seed", "3", "--json")
    second = tocsin("demo", "--hours", "0.5", "--out", "again", "--seed", "3", "--json")
    assert first.status == second.status == 0 and first.json["counts"] == second.json["counts"]
    shutil.copytree("centre", "mine/centre")
    before = listing(folder)
    refused = tocsin("demo", "--hours", "0.5", "--out", "mine", "--json")
    assert (refused.status, refused.json["error"]["code"]) == (2, "folder_exists")
    shutil.copy("sf.journal", "mine/demo.journal")
    shutil.rmtree("mine/centre")
    refused = tocsin("demo", "--hours", "0.5", "--out", "mine", "--json")
    assert (refused.status, refused.json["error"]["code"]) == (2, "journal_exists")
    assert Path("mine/demo.journal").read_bytes() == Path("sf.journal").read_bytes()
    assert set(listing(folder)) <= set(before) | {"mine/demo.journal"}


# ---- words and widths

SHOWN: dict[str, tuple[str, ...]] = {
    "region": ("region", "info", "sf.region"),
    "route": ("route", "sf.region", "--from", FERRY, MARKET, "--to", MARKET),
    "import": ("import", "sf-fire", "odd.csv", "--centre", "new", "--journal", "new.journal", "--region", "sf.region"),
    "replay": ("replay", "sf.journal", "--centre", "centre"),
    "replay without roads": ("replay", "sf.journal"),
    "report": ("report", "sf.journal", "--targets", "nfpa-1710"),
    "report of means": ("report", "sf.journal", "--targets", "england-arp-c1"),
    "verify": ("verify", "sf.journal"),
    "check": ("check", "centre"),
    "demo": ("demo", "--hours", "0.5"),
    "error": ("report", "nobody.journal"),
    "usage": ("report", "sf.journal", "--nonsense"),
}


@pytest.fixture
def odd_log(folder: Path) -> None:
    """A log with rows that cannot be used, and a column less."""
    text = (folder / "log.csv").read_text("utf-8").splitlines()
    (folder / "odd.csv").write_text(
        "\n".join([*text, text[1], text[2] + ",more", text[3].replace("04/07/2020", "02/31/2020")]) + "\n", "utf-8"
    )


@pytest.mark.usefixtures("odd_log")
@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_is_said_in_every_language(name: str, language: str) -> None:
    run = tocsin(*SHOWN[name], "--language", language)
    text = run.out + run.err
    assert run.status == (2 if name in ("error", "usage") else 0), run.err
    assert untranslated(text) == []
    assert "{" not in text and "}" not in text and "None" not in text


@pytest.mark.usefixtures("odd_log")
@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("width", [80, 120])
def test_lines_fit_the_terminal_and_words_stay_whole(name: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in (terminal.out, terminal.err):
        monkeypatch.setattr(stream, "width", width)
    run = tocsin(*SHOWN[name], "--language", "fr" if width == 80 else "en")
    for line in (run.out + run.err).splitlines():
        assert len(line.rstrip()) <= width or len(line.split()) == 1 or "/" in line, f"{len(line)}: {line}"
    if name != "demo":  # its street names may be cut, and say so
        assert "…" not in run.out.replace(" … ", ""), "a word was cut"


def test_the_version_and_the_help_are_told() -> None:
    assert tocsin("--version").out.strip() == __version__
    assert "replay" in tocsin("--help").out
    assert tocsin("--help").status == tocsin("replay", "--help").status == 0
