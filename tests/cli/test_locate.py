"""``tocsin locate``: what it answers for machines and for people, with and without a gazetteer; slips are told with a remedy."""

import json
from pathlib import Path
from typing import Any

import pytest

from command_line import LANGUAGES, Run, misfits, tocsin, untranslated
from tocsin.base.geometry import LonLat, distance_m
from tocsin.places.rows import House, Named, Row
from tocsin.places.store import build_gazetteer
from tocsin.roads.region import Region
from tocsin.roads.region_file import open_region, write_region
from tocsin.wiring.places import SECTION

TOWN = LonLat(7.4246, 43.7311)
NAMES: list[Row] = [
    House("Rue Grimaldi", "12", LonLat(7.4190, 43.7330)),
    House("Rue Grimaldi", "14", LonLat(7.4193, 43.7333)),
    House("רחוב הרצל", "5", LonLat(7.4200, 43.7340)),
    Named(("Monaco-Ville",), "locality", TOWN),
    Named(("Café [bold]Rascasse[/bold]",), "landmark", LonLat(7.4210, 43.7335), category="cafe"),
]
SECTORS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"name": name, "ref": ref},
            "geometry": {"type": "Polygon", "coordinates": [[[w, 43.7], [e, 43.7], [e, 43.8], [w, 43.8], [w, 43.7]]]},
        }
        for name, ref, w, e in (("West", "W1", 7.40, 7.42), ("East", "E1", 7.42, 7.45), ("מזרח", "M1", 7.41, 7.43))
    ],
}


@pytest.fixture(scope="module")
def monaco(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Monaco's roads twice: ``bare.region`` without a gazetteer, ``named.region`` with a small one; and three sectors."""
    folder = tmp_path_factory.mktemp("monaco")
    built = folder / "built.region"
    done = tocsin("region", "build", shared / "data/roads/monaco/monaco.osm.pbf", "--out", built)
    assert done.status == 0, done.err
    region = open_region(built)
    others = {name: section for name, section in region.sections.items() if name != SECTION}
    bare = Region(dict(region.items()), region.header, map_hash=region.map_hash, sections=others)
    write_region(bare, folder / "bare.region")
    write_region(bare.with_sections({SECTION: build_gazetteer(NAMES, source="streets")}), folder / "named.region")
    (folder / "sectors.geojson").write_text(json.dumps(SECTORS), "utf-8")
    return folder


def answered(schema: str, *words: object) -> Any:
    """The answer for machines, held against its schema."""
    run = tocsin("locate", *words, "--json")
    assert run.status == 0, run.err
    assert misfits(schema, run.json) == []
    return run.json


def first(*words: object) -> Any:
    return answered("locate_answer", *words)["candidates"][0]


def test_the_answer_has_exactly_what_was_promised(monaco: Path) -> None:
    answer = answered("locate_answer", monaco / "named.region", "43.7330, 7.4190")
    assert set(answer) == {"candidates", "notes"}
    promised = {"text", "kind", "lon", "lat", "uncertainty_m", "score", "source", "reason", "area", "areas"}
    assert all(set(one) == promised for one in answer["candidates"])
    assert [(one["lat"], one["lon"], one["reason"]) for one in answer["candidates"]] == [
        (43.733, 7.419, "lat_lon"),
        (7.419, 43.733, "lon_lat"),
    ]


def test_names_coordinates_and_codes_through_one_door(monaco: Path) -> None:
    region = monaco / "named.region"
    assert first(region, "12 Rue Grimaldi")["kind"] == "address"
    assert first(region, "-43.5, -7.4")["lat"] == -43.5
    assert first(region, "32T LP 72809 43619")["source"] == "mgrs"
    code = first(region, "PCMC+V6 Monaco-Ville")
    assert (code["text"], code["reason"], code["area"]) == ("8FM9PCMC+V6", "short_code_locality", "Monaco-Ville")
    assert first(region, "PCMC+V6", "--near", "7.42,43.73")["text"] == "8FM9PCMC+V6"
    assert first(region, "MC+V6", "--near", "7.42,43.73")["reason"] == "short_code_near"


def test_a_region_without_a_gazetteer_answers_coordinates_and_says_so(monaco: Path) -> None:
    told = tocsin("locate", monaco / "bare.region", "Rue Grimaldi", "--json")
    assert told.status == 0 and told.json == {"candidates": [], "notes": ["no_gazetteer"]}
    assert "gazetteer" in told.err
    fine = tocsin("locate", monaco / "bare.region", "43.7330 N 7.4190 E", "--json")
    assert len(fine.json["candidates"]) == 1 and fine.err == ""


def test_a_place_is_told_by_what_is_near_its_areas_and_its_grids(monaco: Path) -> None:
    answer = answered("place_answer", monaco / "named.region", "--at", "7.4190,43.7330", "--areas", monaco / "sectors.geojson")
    assert set(answer) == {"nearest", "areas", "grids", "notes"}
    assert answer["nearest"][0]["text"].startswith("Rue Grimaldi") and answer["nearest"][0]["kind"] == "address"
    assert answer["areas"] == [{"layer": "sectors", "name": "West"}, {"layer": "sectors", "name": "מזרח"}]
    back = first(monaco / "named.region", answer["grids"]["mgrs"])
    assert distance_m(start=LonLat(back["lon"], back["lat"]), end=LonLat(7.419, 43.733)) < 1.01


def test_a_place_on_a_border_is_in_both_and_names_can_be_chosen(monaco: Path) -> None:
    words = ("--at", "7.42,43.73", "--areas", monaco / "sectors.geojson", "--name", "ref")
    answer = answered("place_answer", monaco / "bare.region", *words)
    assert [one["name"] for one in answer["areas"]] == ["W1", "E1", "M1"]


def test_the_limit(monaco: Path) -> None:
    assert len(answered("locate_answer", monaco / "named.region", "43.73, 7.42", "--limit", "1")["candidates"]) == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "words",
    [
        ("bare.region", "43.73, 7.42"), ("named.region", "Rue Grimaldi 12"), ("named.region", "--at", "7.42,43.73"),
        ("bare.region", "geo:43.73,7.42,30"), ("named.region", "nowhere at all xyzzy"), ("bare.region", "95, 200"),
        ("bare.region", "MC+V6"), ("bare.region", "43.73 N 7.42 O"), ("bare.region", "31S 400000 4000000"),
    ],
)  # fmt: skip
def test_everything_is_said_in_four_languages(monaco: Path, language: str, words: tuple[str, ...]) -> None:
    run = tocsin("locate", monaco / words[0], *words[1:], "--areas", monaco / "sectors.geojson", "--language", language)
    assert run.status == 0, run.err
    assert untranslated(run.out + run.err) == [] and "locate." not in run.out + run.err
    assert run.out.strip()


def test_uncertainty_and_reason_stand_in_words(monaco: Path) -> None:
    run = tocsin("locate", monaco / "bare.region", "43.7, 7.4")
    assert "within 6.9 km" in run.out and "as is the custom" in run.out


def test_right_to_left_names_are_isolated_and_brackets_stay(monaco: Path) -> None:
    herzl = tocsin("locate", monaco / "named.region", "רחוב הרצל 5", "--areas", monaco / "sectors.geojson").out
    assert "\u2068" in herzl and herzl.count("\u2068") == herzl.count("\u2069")
    assert "\u2068מזרח\u2069" in herzl
    assert "[bold]Rascasse[/bold]" in tocsin("locate", monaco / "named.region", "Rascasse").out


def problem(run: Run) -> str:
    """The code of what went wrong; nothing was answered."""
    assert run.status == 2
    assert "candidates" not in run.out and "Traceback" not in run.err and len(run.err.splitlines()) >= 2
    return str(run.json["error"]["code"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), "locate_what"), (("Rue Grimaldi", "--at", "7.4,43.7"), "locate_what"), (("--at", "somewhere"), "lon_lat"),
        (("--at", "7.4,97"), "lon_lat"), (("a", "--near", "1"), "lon_lat"), (("a", "--limit", "0"), "locate_limit"),
        (("a", "--limit", "many"), "usage"), (("a", "--areas", "gone.geojson"), "file_missing"),
    ],
)  # fmt: skip
def test_slips(monaco: Path, words: tuple[str, ...], code: str) -> None:
    assert problem(tocsin("locate", monaco / "bare.region", *words, "--json")) == code


def test_a_layer_that_cannot_be_used_names_file_and_feature(monaco: Path, tmp_path: Path) -> None:
    shape = {"type": "Polygon", "coordinates": [[[370000, 5e6], [370001, 5e6], [370001, 5000001], [370000, 5e6]]]}
    layer = tmp_path / "projected.geojson"
    layer.write_text(json.dumps({"type": "Feature", "properties": {"name": "A"}, "geometry": shape}), "utf-8")
    run = tocsin("locate", monaco / "bare.region", "--at", "7.4,43.7", "--areas", layer)
    assert run.status == 2
    assert "projected.geojson" in " ".join(run.err.split()) and "feature 1" in " ".join(run.err.split())


def test_a_million_characters_and_odd_signs_end(monaco: Path) -> None:
    for text in ("Rue " * 250_000, "47.1," * 200_000, "\0", "\u202e12 eur", "\ud800", "'; DROP TABLE house; --", '* OR "', "(" * 5_000):
        run = tocsin("locate", monaco / "named.region", text, "--json")
        assert run.status == 0, run.err[:300]
        assert len(run.json["candidates"]) <= 8


def test_a_place_outside_of_the_region_is_told_so(monaco: Path) -> None:
    run = tocsin("locate", monaco / "named.region", "--at", "151,-33", "--json")
    assert run.status == 0 and run.json["notes"] == ["outside_region"] and run.json["nearest"] == []
    assert "outside" in run.err
