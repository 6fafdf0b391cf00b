"""``lab.toml`` in a city's folder, and ``--scenario`` in its place: the example of the documentation, word for word."""

import re
import shutil
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from lab_texts import lived

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import City
from tocsin.roads.region import Region
from tocsin.roads.region_file import write_region
from tocsin.wiring import cities
from tocsin.wiring.cities import open_city
from tocsin.wiring.experiments import ExperimentAsked, open_experiment

DOCS = Path(__file__).parents[3] / "docs" / "cities.md"
POINTS = [(x, y) for y in range(6) for x in range(6)]
WHOLE, CLOSED = re.findall(r"```toml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    folder = tmp_path / "town"
    folder.mkdir()
    places = (f"P{x}{y},{-71.3 + x * 0.008:.4f},{-29.95 + y * 0.008:.4f},1" for x, y in POINTS)
    texts = {
        "demand.csv": "\n".join(("place,lon,lat,calls_per_day", *places)),
        "stations.csv": "station,name,lon,lat\nS1,North,-71.28,-29.915\nS2,South,-71.288,-29.945",
        "units.csv": "unit,kind,capabilities,station\nA1,ambulance,transport,S1\nA2,ambulance,transport,S2\nA3,ambulance,transport,S2",
        "hospitals.csv": "hospital,lon,lat\nH1,-71.284,-29.93",
    }
    for name, text in texts.items():
        (folder / name).write_text(f"{text}\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def centre_folder(tmp_path_factory: pytest.TempPathFactory, region: Region) -> Path:
    folder = tmp_path_factory.mktemp("told") / "centre"
    with as_file(files("tocsin").joinpath("data").joinpath("coquimbo").joinpath("centre")) as shipped:
        shutil.copytree(shipped, folder)
    write_region(region, folder / "coquimbo.region")
    return folder


def nobody(done: int, total: int | None, stage: str) -> None:
    """Looks on."""


def said(city: City) -> set[str]:
    return {code for code, _ in city.remarks}


def test_the_documented_example_is_read_and_lived(town: Path) -> None:
    plain = open_city(town, is_kept=False)
    (town / "lab.toml").write_text(WHOLE, "utf-8")
    city = open_city(town, is_kept=False)
    assert [unit.name for unit in city.units] == ["A1", "A2", "A3", "N1"] and city.units[3].is_outside and city.units[1].crew == "south"
    assert (len(city.units[0].shifts), city.units[0].breaks[0].begins, city.units[0].break_ms) == (12, 660, 1_800_000)
    assert (city.hospitals[0].bays, city.call_takers, city.wrong_priority_ppm, city.travel_ppm[8]) == (2, 2, 100_000, 1_300_000)
    assert [kind.name for kind in city.kinds] == ["call", "two at once"] and len(city.kinds[1].slots) == 2
    assert city.priorities[0].target_ms == 600_000 and city.surges[0].calls == 12 and len(city.happenings) == 2
    assert (city.sources, city.data_to) == (("Streets © OpenStreetMap contributors, ODbL 1.0",), "2026-05")
    for policy in ("closest", "default", "compliance"):
        calls, outcome = lived(city, days=5, policy=policy)
        assert (outcome.on_scene_ms >= 0).all() and calls.size > 150 and not outcome.is_overloaded
    assert plain.digest != city.digest


def test_a_scenario_stands_in_the_place_of_the_folders_text(town: Path, tmp_path: Path) -> None:
    (town / "lab.toml").write_text("call_takers = 2\n", "utf-8")
    other = tmp_path / "other.toml"
    other.write_text("wrong_priority = 0.2\n", "utf-8")
    city = open_city(town, lab=other, is_kept=False)
    assert (city.call_takers, city.wrong_priority_ppm) == (0, 200_000)
    assert open_city(town, is_kept=False).call_takers == 2
    with pytest.raises(BadInput) as caught:
        open_city(town, lab=tmp_path / "nowhere.toml", is_kept=False)
    assert caught.value.code == "file_unreadable"


def test_what_is_laid_over_a_city_leaves_no_trace_in_the_cache(town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    plain = open_city(town)
    (town / "lab.toml").write_text("call_takers = 2\n", "utf-8")
    made: list[Path] = []
    monkeypatch.setattr(cities, "_made", lambda *args: made.append(args[0]))
    assert open_city(town).call_takers == 2 and made == []
    (town / "lab.toml").unlink()
    assert open_city(town).digest == plain.digest and made == []


def test_a_centre_with_its_demand_and_more_in_one_text(centre_folder: Path, scenario_text: str) -> None:
    (centre_folder / "lab.toml").write_text(
        f'call_takers = 3\n{scenario_text}\n{CLOSED}\n[[break]]\nunits = ["M1"]\nfrom = "12:00"\nuntil = "13:00"\n'
    )
    city = open_city(centre_folder, is_kept=False)
    assert city.call_takers == 3 and city.travel_spread == 0.18 and "demand_invented" not in said(city)
    assert {one.priority for one in city.kinds} == {0, 1, 2}
    (closed,) = city.happenings
    assert (closed.what, closed.begins_ms, closed.until_ms) == ("other_roads", 25_200_000, 61_200_000) and len(city.other_roads) == 1
    assert next(unit for unit in city.units if unit.name == "M1").breaks
    assert any("OpenStreetMap" in one for one in city.sources) and city.data_to == ""


def test_slips_in_either_part_are_told(centre_folder: Path, scenario_text: str) -> None:
    for text, code in (
        (scenario_text.replace("[[kinds]]", "[[kids]]", 1), "setting_unknown"),
        (scenario_text.replace("share = 34", "share = -34"), "scenario_value"),
        (scenario_text + '\n[[shift]]\nunits = ["M99"]\nfrom = "07:00"\nuntil = "19:00"\n', "city_unknown"),
    ):
        (centre_folder / "lab.toml").write_text(text, "utf-8")
        with pytest.raises(BadInput) as caught:
            open_city(centre_folder, is_kept=False)
        assert caught.value.code == code and str(caught.value.file).endswith("lab.toml")


def test_compliance_makes_a_table_where_there_is_none_and_says_so(town: Path) -> None:
    asked = ExperimentAsked(town, ("closest", "compliance"), days=2)
    opened = open_experiment(asked, nobody)
    assert dict(opened.city.remarks)["postings_made"] and opened.city.postings
    (town / "lab.toml").write_text(WHOLE, "utf-8")
    told = open_experiment(asked, nobody).city
    assert "postings_made" not in said(told) and [row.free for row in told.postings] == [1, 2]
