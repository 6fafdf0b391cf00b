"""Slips of the hand: the wrong file as target, another city's roads, a name that nothing has, a centre that somebody edited."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import tocsin


@pytest.fixture(scope="module")
def shift(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shift") / "demo"
    assert tocsin("demo", "--out", folder, "--hours", 2, "--json").status == 0
    return folder


@pytest.fixture
def own(shift: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    shutil.copytree(shift, tmp_path / "demo")
    return tmp_path / "demo"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("target", ["demo.journal", "demo.keys", "centre/coquimbo.region", "centre/plan.toml"])
@pytest.mark.parametrize("option", ["--html", "--receipts"])
def test_an_output_never_replaces_a_file_of_another_kind(own: Path, target: str, option: str) -> None:
    before = digest(own / target)
    command = ("report", own / "demo.journal") if option == "--html" else ("replay", own / "demo.journal", "--centre", own / "centre")
    run = tocsin(*command, option, own / target)
    assert run.status == 2
    assert "stays as it is" in run.err
    assert digest(own / target) == before
    assert tocsin("verify", own / "demo.journal").status == 0


def test_a_region_is_not_built_onto_a_journal_or_its_own_source(own: Path) -> None:
    streets = Path(__file__).resolve().parents[2] / "src/tocsin/data/coquimbo/streets.geojson.gz"
    source = own / "s.geojson.gz"
    shutil.copy(streets, source)
    for target in (own / "demo.journal", source):
        before = digest(target)
        assert tocsin("region", "build", source, "--out", target).status == 2
        assert digest(target) == before
    assert tocsin("region", "build", source, "--out", own / "centre" / "coquimbo.region").status == 0


def test_an_older_page_and_older_receipts_are_replaced(own: Path) -> None:
    for _ in range(2):
        assert tocsin("report", own / "demo.journal", "--html", own / "page.html").status == 0
        assert tocsin("replay", own / "demo.journal", "--receipts", own / "r.ndjson").status == 0


def test_a_region_with_one_changed_byte_is_told(own: Path) -> None:
    region = own / "centre" / "coquimbo.region"
    data = bytearray(region.read_bytes())
    data[len(data) // 2] ^= 1
    region.write_bytes(data)
    for command in (
        ("region", "info", region),
        ("replay", own / "demo.journal", "--centre", own / "centre"),
        ("check", own / "centre"),
    ):
        assert tocsin(*command).status == 2


def test_a_place_far_from_every_road_is_not_routed(own: Path) -> None:
    region = own / "centre" / "coquimbo.region"
    run = tocsin("route", region, "--from", "10,50", "--to", "-71.25,-29.90", "--json")
    assert (run.status, run.json["error"]["code"]) == (2, "outside_region")


def test_another_citys_roads_are_refused(own: Path, city: Path) -> None:
    run = tocsin("replay", own / "demo.journal", "--region", city / "sf.region", "--json")
    assert (run.status, run.json["error"]["code"]) == (2, "region_elsewhere")


def test_a_station_in_another_place_is_found(own: Path) -> None:
    stations = own / "centre" / "stations.csv"
    text = stations.read_text("utf-8")
    assert "-71.2510,-29.9040" in text
    stations.write_text(text.replace("-71.2510,-29.9040", "-70.2510,-29.9040"), "utf-8")
    run = tocsin("check", own / "centre", "--json")
    assert run.status == 2
    assert [(one["code"], one["field"]) for one in run.json["problems"]] == [("station_outside_region", "A1")]


@pytest.mark.parametrize(("option", "known"), [("--priority", "green, red, yellow"), ("--unit-kind", "ambulance, chief")])
def test_a_selection_of_nothing_is_no_report(own: Path, option: str, known: str) -> None:
    run = tocsin("report", own / "demo.journal", option, "zeppelin")
    assert run.status == 2
    assert "zeppelin" in run.err
    assert known in run.err


def test_a_demo_keeps_what_somebody_edited(own: Path) -> None:
    plan = own / "centre" / "plan.toml"
    plan.write_text(plan.read_text("utf-8").replace('name = "coquimbo-demo"', 'name = "my cards"', 1), "utf-8")
    assert tocsin("demo", "--out", own, "--hours", 1, "--json").status == 0
    assert 'name = "my cards"' in plan.read_text("utf-8")
    replayed = tocsin("replay", own / "demo.journal", "--json").json
    assert replayed["policy"]["plan"] == "my cards"


def test_what_a_demo_says_to_try_can_be_typed_as_it_stands(tmp_path: Path) -> None:
    """In the folder of the project, where nobody has put ``tocsin`` on the path."""
    program = Path(sys.executable).with_name("tocsin")
    told = subprocess.run([program, "demo", "--hours", "1"], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=True)
    said = told.stdout.decode().split("Then try:")[1]
    commands = [line.split() for line in said.splitlines() if line.strip()]
    assert len(commands) == 3
    for words in commands:
        assert words[0] == str(program)
        subprocess.run(words, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=True)
