"""``--scenario`` and ``--stress`` as people type them, and the demo's own centre simulated with the demo's own calls."""

from pathlib import Path

import pytest

from command_line import tocsin

POINTS = [(x, y) for y in range(5) for x in range(5)]
SHIFT = '[[shift]]\nunits = ["A1", "A2"]\nfrom = "07:00"\nuntil = "19:00"\n'


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty-five places, two stations, three units, two priorities; no roads."""
    folder = tmp_path_factory.mktemp("town")
    places = (f"P{x}{y},{-71.3 + x * 0.008:.4f},{-29.95 + y * 0.008:.4f},1" for x, y in POINTS)
    (folder / "demand.csv").write_text("\n".join(("place,lon,lat,weight", *places)) + "\n", "utf-8")
    (folder / "stations.csv").write_text("station,name,lon,lat\nS1,North,-71.28,-29.915\nS2,South,-71.288,-29.945\n", "utf-8")
    units = "A1,ambulance,transport,S1\nA2,ambulance,transport,S2\nA3,ambulance,transport,S2\n"
    (folder / "units.csv").write_text(f"unit,kind,capabilities,station\n{units}", "utf-8")
    rest = '[[calls]]\nname = "call"\nper_day = 12\n[[calls]]\nname = "later"\npriority = "urgent"\nper_day = 8\n'
    (folder / "lab.toml").write_text(rest, "utf-8")
    return folder


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("command", ["simulate", "compare", "tune"])
def test_a_scenario_is_read_by_every_command_that_lives_through_days(town: Path, tmp_path: Path, command: str) -> None:
    slip = tmp_path / "slip.toml"
    slip.write_text(SHIFT.replace("A2", "A9"), "utf-8")
    words = {"simulate": [], "compare": ["--policies", "closest,default"], "tune": ["--guard", "1"]}[command]
    run = tocsin(command, town, *words, "--days", 2, "--replications", 2, "--scenario", slip)
    assert run.status == 2 and f"{slip}:2" in run.err and "A1, A2, A3" in run.err
    slip.write_text(SHIFT, "utf-8")
    run = tocsin(command, town, *words, "--days", 2, "--replications", 2, "--scenario", slip, "--json")
    assert run.status == 0, run.err


def test_shifts_show_in_the_figures_and_on_the_page(town: Path, tmp_path: Path) -> None:
    scenario, page = tmp_path / "night.toml", tmp_path / "page.html"
    scenario.write_text(f'sources = ["Calls © the town"]\ndata_to = "2026-05"\n{SHIFT}', "utf-8")
    plain = tocsin("simulate", town, "--days", 8, "--json").json["figures"]
    told = tocsin("simulate", town, "--days", 8, "--scenario", scenario, "--html", page, "--json").json["figures"]
    assert told["units"]["A1"]["utilisation"] != plain["units"]["A1"]["utilisation"]
    text = page.read_text("utf-8")
    assert "Calls © the town" in text and "2026-05" in text and f"--scenario {scenario}" in text


def test_what_remains_of_a_gain_elsewhere(town: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    words = ["compare", town, "--policies", "closest,default,compliance", "--days", 2, "--replications", 3, "--stress"]
    told = tocsin(*words, "--html", page, "--json").json
    worlds = told["stress"]["worlds"]
    assert [one["world"] for one in worlds] == ["as_is", *["demand"] * 2, *["drives"] * 2, *["station_closed"] * 2, "radio_lost"]
    assert all(set(one["changes"]) == {"default", "compliance"} for one in worlds)
    assert [one["policy"] for one in told["stress"]["spreads"]] == ["default", "compliance"]
    text = page.read_text("utf-8")
    assert "default against closest, were the city otherwise" in text and "S2 closed" in text and "--stress" in text
    assert tocsin(*words[:-1], "--json").json.get("stress") is None


@pytest.mark.parametrize("language", ["en", "pt", "fr", "es"])
def test_the_panel_fits_and_every_word_is_translated(town: Path, language: str) -> None:
    words = ["--policies", "closest,compliance", "--days", 1, "--replications", 2, "--stress", "--language", language]
    run = tocsin("compare", town, *words)
    assert run.status == 0, run.err
    assert "lab." not in run.out.replace("lab.toml", "")
    assert max(len(line.rstrip()) for line in run.out.splitlines()) <= 80


def test_the_demos_centre_is_simulated_with_the_demos_calls(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    assert tocsin("demo", "--headless", "--hours", 0.1, "--out", folder).status == 0
    told = tocsin("simulate", folder / "centre", "--days", 1, "--policy", "closest", "--json").json
    assert "demand_invented" not in {one["code"] for one in told["remarks"]}
    assert all(one["n"] > 10 for one in told["figures"]["priorities"].values()) and len(told["figures"]["priorities"]) == 3
    (folder / "centre" / "lab.toml").write_text("# mine\n", "utf-8")
    assert tocsin("demo", "--headless", "--hours", 0.1, "--out", folder).status == 0
    assert (folder / "centre" / "lab.toml").read_text("utf-8") == "# mine\n", "a file that is there stays"
    told = tocsin("simulate", folder / "centre", "--days", 1, "--policy", "closest", "--json").json
    assert "demand_invented" in {one["code"] for one in told["remarks"]}
    assert all(one["n"] > 10 for one in told["figures"]["priorities"].values())
