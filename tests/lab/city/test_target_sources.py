"""Whose a city's targets are: carried by every kind of city, kept with it, and no part of what it is."""

from pathlib import Path

import msgspec
import pytest
from jemss_folder import texts, written

from command_line import tocsin
from small_town import write_town
from tocsin.core.messages.plan import Card, IncidentType, ResponsePlan
from tocsin.lab.city.digest import packed, sealed, unpacked
from tocsin.lab.city.edit import close_station
from tocsin.lab.city.model import City, PriorityClass
from tocsin.lab.city.shift_calls import invented_calls, priorities_of
from tocsin.lab.city.square import square_city
from tocsin.lab.experiment.experiment import targets
from tocsin.wiring.cities import open_city

SQUARE = square_city(4, 2)


def told(city: City) -> list[tuple[str, float, bool, str]]:
    return [(one.priority, one.target_s, one.is_high, one.source) for one in targets(city)]


def test_a_jemss_city_brings_its_own(tmp_path: Path) -> None:
    city = open_city(written(tmp_path / "square", texts()), is_kept=False)
    assert told(city) == [("high", 480.0, True, "city"), ("low", 1200.0, False, "city")]


def test_lab_toml_over_a_jemss_city_owns_what_it_states_alone(tmp_path: Path) -> None:
    folder = written(tmp_path / "square", texts())
    (folder / "lab.toml").write_text('[[priority]]\nname = "low"\ntarget_s = 900\n[[priority]]\nname = "high"\nis_urgent = true\n', "utf-8")
    assert told(open_city(folder, is_kept=False)) == [("high", 480.0, True, "city"), ("low", 900.0, False, "lab")]


PLAN = ResponsePlan(
    "p", ("P1", "P2", "P3"), (IncidentType("fire", "Fire"),),
    (
        Card("near", (), ("fire",), ("P1",), target_s=300),
        Card("far", (), ("fire",), ("P1",), target_s=400),
        Card("plain", (), ("fire",), ("P2",)),
    ),
)  # fmt: skip


def test_a_plans_cards_are_the_shortest_and_the_rest_is_assumed() -> None:
    made, sources, remarks = priorities_of(PLAN, [("fire", "P1"), ("fire", "P2")])
    assert [(one.name, one.target_ms, source) for one, source in zip(made, sources, strict=True)] == [
        ("P1", 300_000, "plan"), ("P2", 480_000, "default"), ("P3", 1_200_000, "default"),
    ]  # fmt: skip
    assert [code for code, _ in remarks] == ["urgent_assumed", "targets_assumed"]
    assert dict(dict(remarks)["targets_assumed"])["priorities"] == "P2, P3"
    assert invented_calls(PLAN, 3, is_transport=False).target_from == ("plan", "default", "default")


def test_of_a_city_that_says_nothing_they_are_its_own() -> None:
    assert told(SQUARE) == [("urgent", 480.0, True, "city"), ("other", 1200.0, False, "city")]
    calm = SQUARE._replace(priorities=tuple(msgspec.structs.replace(one, is_urgent=False) for one in SQUARE.priorities))
    assert [one.is_high for one in targets(calm)] == [True, True], "all are high where none is driven to with lights"


def test_they_are_kept_and_decide_nothing() -> None:
    city = sealed(SQUARE._replace(target_from=("plan", "log")))
    assert city.digest == sealed(SQUARE).digest
    again = unpacked(b"".join(bytes(piece) for piece in packed(city)))
    assert again is not None and again.target_from == ("plan", "log") and told(again) == told(city)
    assert told(close_station(city, "S00")) == told(city), "an edited city keeps them"
    longer = city._replace(priorities=(PriorityClass("urgent", 481_000), city.priorities[1]))
    assert sealed(longer).digest != city.digest


@pytest.mark.parametrize("name", ["stations.csv", "hospitals.csv"])
def test_a_jemss_site_off_the_roads_is_told_with_its_line(tmp_path: Path, name: str) -> None:
    """Through the commands: text, JSON, and in each language another sentence."""
    files = texts()
    files[name] = files[name].replace("170.0501", "174.0501").replace("170.02,", "174.02,")
    folder = written(tmp_path / "square", files)
    machine = tocsin("simulate", folder, "--days", 1, "--json")
    error = machine.json["error"]
    assert (machine.status, error["code"], error["line"]) == (2, "city_off_network", 4 if name == "stations.csv" else 3)
    assert error["file"].endswith(name) and error["field"] == "x, y" and 350 < float(error["values"]["away_km"]) < 360
    sentences = {tocsin("compare", folder, "--policies", "closest,default", "--language", one).err for one in ("en", "pt", "fr", "es")}
    assert len(sentences) == 4 and all(name in one for one in sentences)


def test_a_far_site_of_tables_with_times_is_a_mistake_too(tmp_path: Path) -> None:
    """The map and the areas go by places even where drives are stated."""
    times = "from,to,lights_s\n" + "".join(f"S1,P{x}{y},60\nS2,P{x}{y},60\nH1,P{x}{y},60\n" for x in range(6) for y in range(6))
    near = write_town(tmp_path / "near", times=times)
    assert tocsin("simulate", near, "--days", 1, "--json").status == 0
    far = write_town(tmp_path / "far", times=times, hospitals="hospital,lon,lat\nH1,71.284,-29.93\n")
    error = tocsin("simulate", far, "--days", 1, "--json").json["error"]
    assert (error["code"], error["line"], error["values"]["name"]) == ("city_far_away", 2, "H1")
