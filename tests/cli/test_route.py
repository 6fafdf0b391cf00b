"""``tocsin route``: closures, what to do on the way, and a machine on which the compiled kernel does not run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import tocsin
from tocsin.edge.osm import read_osm
from tocsin.roads.build import build_region
from tocsin.roads.region_file import write_region

VADUZ, SCHAAN, MAUREN = "9.5209,47.1410", "9.5087,47.1650", "9.5445,47.2180"
WITHOUT_NUMBA = "import sys; sys.modules['numba'] = None; from tocsin.cli import main; main(sys.argv[1:])"
"""A None in ``sys.modules`` makes the import fail, as where Numba is not to be had."""


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Path:
    """Liechtenstein's streets alone."""
    path = tmp_path_factory.mktemp("route") / "li.region"
    write_region(build_region(read_osm(shared / "data/roads/liechtenstein/liechtenstein.osm.pbf"), name="li"), path)
    return path


def test_a_closed_road_is_gone_round(region: Path) -> None:
    open_ = tocsin("route", region, "--from", VADUZ, "--to", SCHAAN, "--geometry", "--json").json[0]
    middle = open_["geometry"][len(open_["geometry"]) // 2]
    place = f"{middle[0] if isinstance(middle, list) else middle['lon']},{middle[1] if isinstance(middle, list) else middle['lat']}"
    round_ = tocsin("route", region, "--from", VADUZ, "--to", SCHAAN, "--close", place, "--json").json[0]
    assert round_["time_ms"] > open_["time_ms"]
    assert open_["metric"].endswith(".open") and not round_["metric"].endswith(".open")
    assert open_["metric"].split(".")[:5] == round_["metric"].split(".")[:5]


def test_the_steps_add_up_to_the_way(region: Path) -> None:
    row = tocsin("route", region, "--from", VADUZ, "--to", MAUREN, "--steps", "--json").json[0]
    assert row["time_ms"] > 0 and row["steps"][0]["turn"] == "depart"
    assert sum(step["time_ms"] for step in row["steps"]) == row["time_ms"]


def test_a_point_in_the_lake_closes_nothing_and_says_so(region: Path) -> None:
    run = tocsin("route", region, "--from", VADUZ, "--to", SCHAAN, "--close", "9.6,47.09", "--json")
    assert run.status == 2 and run.json["error"]["code"] == "closes_nothing" and run.json["error"]["field"] == "--close"


@pytest.mark.parametrize("hour", ["-1", "168", "1000000"])
def test_an_hour_that_is_none_is_told(region: Path, hour: str) -> None:
    run = tocsin("route", region, "--from", VADUZ, "--to", SCHAAN, f"--hour={hour}", "--json")
    assert run.status == 2 and run.json["error"]["code"] == "hour_of_week"


def test_an_hour_without_learned_speeds_would_change_nothing_and_is_told(region: Path) -> None:
    run = tocsin("route", region, "--from", VADUZ, "--to", SCHAAN, "--hour", "5", "--json")
    assert run.status == 2 and run.json["error"]["code"] == "hour_without_speeds"


@pytest.mark.parametrize(("asked", "status"), [("", 0), ("kernel", 0), ("scipy", 0), ("Scipy", 2), ("1", 2)])
def test_a_router_that_nobody_knows_is_told(region: Path, monkeypatch: pytest.MonkeyPatch, asked: str, status: int) -> None:
    monkeypatch.setenv("TOCSIN_ROUTER", asked)
    run = tocsin("route", region, "--from", VADUZ, "--to", SCHAAN, "--json")
    assert run.status == status
    assert status == 0 or (run.json["error"]["code"], run.json["error"]["field"]) == ("router_unknown", "TOCSIN_ROUTER")


def test_the_text_says_which_streets_are_closed(region: Path) -> None:
    words = ("route", region, "--from", VADUZ, "--to", SCHAAN, "--close", "9.5230,47.1660")
    assert "Closed: Duxgass" in tocsin(*words).out
    assert "Fermées : Duxgass" in tocsin(*words, "--language", "fr").out
    assert "Closed" not in tocsin(*words[:-2]).out


def test_codes_in_a_name_are_neither_colours_nor_pictures() -> None:
    assert "[red]:fire:.region" in tocsin("route", "[red]:fire:.region", "--from", VADUZ, "--to", SCHAAN).err


def test_without_lights_it_takes_longer_or_as_long(region: Path) -> None:
    lights, plain = (tocsin("route", region, "--from", VADUZ, "--to", MAUREN, *more, "--json").json[0] for more in ((), ("--plain",)))
    assert lights["time_ms"] < plain["time_ms"]
    assert (lights["metric"].split(".")[3], plain["metric"].split(".")[3]) == ("lights", "plain")


def test_the_text_says_what_to_do_and_that_the_time_is_unsure(region: Path) -> None:
    run = tocsin("route", region, "--from", VADUZ, "--to", SCHAAN, "--steps")
    assert run.status == 0 and "Set out" in run.out and "Arrive" in run.out and "tocsin roads fit" in run.out.replace("\n", " ")


def test_where_numba_cannot_be_had_scipy_answers_the_same_and_says_so(region: Path) -> None:
    words = ["route", str(region), "--from", VADUZ, MAUREN, "--to", SCHAAN, "--close", "9.5230,47.1660", "--json"]
    slow = subprocess.run([sys.executable, "-c", WITHOUT_NUMBA, *words], capture_output=True, text=True, check=True)
    assert "SciPy answers instead" in slow.stderr.replace("\n", " ")
    quick = tocsin(*words)
    assert json.loads(slow.stdout) == quick.json
    assert quick.err == "" or os.environ.get("TOCSIN_ROUTER") == "scipy"


def test_the_kernel_can_be_declined(region: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("route", region, "--from", VADUZ, "--to", SCHAAN, "--json")
    quick = tocsin(*words)
    monkeypatch.setenv("TOCSIN_ROUTER", "scipy")
    slow = tocsin(*words)
    assert slow.json == quick.json and "SciPy answers instead" in slow.err.replace("\n", " ")
