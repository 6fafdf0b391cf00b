"""``tocsin map``: what it answers, what it draws, and how it says no."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest

from command_line import LANGUAGES, misfits, tocsin, untranslated
from tocsin.edge.street_files import read_streets
from tocsin.maps.archive import SECTION, section_of
from tocsin.maps.tiles import tiles
from tocsin.roads.build import build_region
from tocsin.roads.region_file import open_region, write_region

DATA = files("tocsin").joinpath("data", "coquimbo")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the shipped streets as a road file without tiles and one with, and the shipped stations."""
    folder = tmp_path_factory.mktemp("map")
    with as_file(DATA.joinpath("streets.geojson.gz")) as path:
        region = build_region(read_streets(path, None), name="coquimbo")
    write_region(region, folder / "bare.region")
    write_region(region.with_sections({SECTION: section_of(tiles(region, most_zoom=12))}), folder / "tiled.region")
    (folder / "stations.csv").write_text(DATA.joinpath("centre", "stations.csv").read_text("utf-8"), "utf-8")
    return folder


def test_it_says_what_the_map_holds(place: Path) -> None:
    answer = tocsin("map", place / "bare.region", "--json").json
    assert misfits("map_answer", answer) == []
    assert answer["is_stored"] is False and answer["layers"] == ["streets"] and answer["page"] is None
    assert answer["zooms"][-1]["zoom"] == 14 and sum(zoom["bytes"] for zoom in answer["zooms"]) < answer["bytes"]


def test_tiles_of_the_road_file_are_used(place: Path) -> None:
    answer = tocsin("map", place / "tiled.region", "--json").json
    assert answer["is_stored"] is True and answer["zooms"][-1]["zoom"] == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_with_everything_in_every_language(place: Path, tmp_path: Path, language: str) -> None:
    page = tmp_path / "map.html"
    words = ("--stations", place / "stations.csv", "--minutes", "8,4", "--close", "-71.2510,-29.9040", "--close", "-71.338,-29.953")
    done = tocsin("map", place / "tiled.region", "--html", page, *words, "--language", language)
    assert done.status == 0, done.err
    assert untranslated(done.out) == []
    text = page.read_text("utf-8")
    assert text.lower().startswith("<!doctype html") and f'lang="{language}"' in text
    assert "Station A1 Centro (invented)" in text


def test_fewer_minutes_less_reached_and_closures_cost(place: Path) -> None:
    words = ("--stations", place / "stations.csv", "--minutes", "2,4,8", "--json")
    found = tocsin("map", place / "tiled.region", *words).json
    shares = [area["street_share"] for area in found["areas"]]
    assert [area["minutes"] for area in found["areas"]] == [2, 4, 8] and shares == sorted(shares) and 0.1 < shares[0] < shares[2] < 1
    shut = tocsin("map", place / "tiled.region", *words, "--close", "-71.2510,-29.9040").json
    assert shut["closed_streets"] == 1
    assert all(after["street_share"] <= before["street_share"] for after, before in zip(shut["areas"], found["areas"], strict=True))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--minutes", "4,8"), "minutes_without_stations"),
        (("--minutes", "soon", "--stations", "{stations}"), "minutes"),
        (("--minutes", "0", "--stations", "{stations}"), "minutes"),
        (("--zoom", "15"), "map_zoom"),
        (("--close", "2,48"), "outside_region"),
        (("--close", "here"), "lon_lat"),
        (("--close", "-71.3000,-29.9000"), "closes_nothing"),  # in the bay
        (("--stations", "nowhere.csv"), "log_file_unreadable"),
    ],
)
def test_bad_input_is_said_with_its_remedy(place: Path, tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    page = tmp_path / "map.html"
    filled = [word.format(stations=place / "stations.csv") for word in words]
    done = tocsin("map", place / "tiled.region", "--html", page, *filled, "--json")
    assert done.status == 2 and done.json["error"]["code"] == code
    assert not page.exists()


def test_damaged_tiles_are_said(place: Path, tmp_path: Path) -> None:

    region = open_region(place / "tiled.region")
    write_region(region.with_sections({SECTION: region.sections[SECTION][:500]}), tmp_path / "cut.region")
    done = tocsin("map", tmp_path / "cut.region", "--json")
    assert done.status == 2 and done.json["error"]["code"] == "tiles_damaged"


def test_the_text_names_what_is_closed(place: Path) -> None:
    run = tocsin("map", place / "tiled.region", "--close", "-71.2510,-29.9040")
    assert run.status == 0 and "Closed: " in run.out
    assert "Closed: " not in tocsin("map", place / "tiled.region").out


@pytest.mark.parametrize("kind", ["<f8", "<U2", "<i4,<i4"])
@pytest.mark.parametrize("words", [("map",), ("region", "info"), ("route", "--from", "-71.25,-29.90", "--to", "-71.34,-29.95")])
def test_sections_of_another_kind_are_said_or_made_again(place: Path, tmp_path: Path, kind: str, words: tuple[str, ...]) -> None:
    odd = np.zeros(64, dtype=kind)
    path = tmp_path / "odd.region"
    write_region(open_region(place / "bare.region").with_sections({SECTION: odd, "order": odd, "unheard_of": odd}), path)
    command = words[:1] if words[0] == "route" else words
    done = tocsin(*command, path, *words[len(command) :], "--json")
    assert (done.status, done.json["error"]["code"] if words == ("map",) else "") == (
        (2, "tiles_damaged") if words == ("map",) else (0, "")
    )


def test_another_file_is_not_written_over(place: Path, tmp_path: Path) -> None:
    kept = tmp_path / "journal"
    kept.write_text("not a page", "utf-8")
    done = tocsin("map", place / "tiled.region", "--html", kept, "--json")
    assert done.status == 2 and done.json["error"]["code"] == "file_kept"
    assert kept.read_text("utf-8") == "not a page"
