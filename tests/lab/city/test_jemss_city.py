"""JEMSS cities as they are: against the raw road graph, against what JEMSS says of them, and spoilt in every way."""

import csv
import io
import zipfile
from importlib.resources import files
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from jemss_folder import scenario, texts, written
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from tocsin.base.faults import BadInput
from tocsin.formats.jemss import read_ranks
from tocsin.formats.jemss_calls import read_call_config, read_scenario
from tocsin.lab.city.cover import cover_model, floor_ppb, signatures
from tocsin.lab.city.model import City
from tocsin.wiring.cities import open_city
from tocsin.words import languages, say, tell


def raw(folder: Path, name: str) -> np.ndarray:
    """A road table's numbers, read in a way of their own."""
    with zipfile.ZipFile(folder / "roads.zip") as archive:
        lines = archive.read(f"{name}.csv").decode("utf-8-sig").splitlines()
    first = next(nth for nth, line in enumerate(lines) if line.split(",")[0] == name)
    rows = takewhile(any, csv.reader(io.StringIO("\n".join(lines[first + 1 :]))))
    header = next(rows)
    wanted = [header.index(one) for one in (("x", "y", "offRoadAccess") if name == "nodes" else ("fromNode", "toNode", "mode_1", "mode_2"))]
    return np.array([[float(cells[nth]) for nth in wanted] for cells in rows])


@pytest.mark.parametrize(
    ("city_name", "speeds", "scale"), [("auckland", (1128, 792), (88.99, 111.32)), ("manhattan", (352, 264), (84.28, 111.32))]
)
def test_drives_are_dijkstras_on_the_raw_graph(
    request: pytest.FixtureRequest, shared: Path, city_name: str, speeds: tuple[int, int], scale: tuple[float, float]
) -> None:
    """Random pairs of demand points, stations and hospitals, both modes, to the millisecond; off the road at both ends."""
    city: City = request.getfixturevalue(city_name)
    folder = shared / "data" / "jemss" / city_name
    nodes, arcs = raw(folder, "nodes"), raw(folder, "arcs")
    joined = np.flatnonzero(nodes[:, 2])
    dice = np.random.default_rng(20260801)
    named = city.hospitals[-1].place + 1  # way points come after these
    chosen = dice.choice(named, 120, replace=False)
    node, off_km = [], []
    for place in chosen:
        km = np.hypot((nodes[joined, 0] - city.place_lon[place]) * scale[0], (nodes[joined, 1] - city.place_lat[place]) * scale[1])
        node.append(joined[km.argmin()])
        off_km.append(km.min())
    for mode, table in enumerate((city.roads.lights_ms, city.roads.normal_ms)):
        weights = np.maximum(1, np.floor(arcs[:, 2 + mode] * 86_400_000 + 0.5))
        order = np.argsort(-weights, kind="stable")  # of parallel arcs the quickest is written last, and stays
        pairs = dict(zip(zip(arcs[order, 0].astype(int) - 1, arcs[order, 1].astype(int) - 1, strict=True), weights[order], strict=True))
        tail, head = np.array(list(pairs)).T
        graph = csr_array((np.array(list(pairs.values())), (tail, head)), shape=(len(nodes), len(nodes)))
        off_ms = np.floor(np.array(off_km) / speeds[mode] * 86_400_000 + 0.5)
        for row in range(0, 120, 15):
            road_ms = dijkstra(graph, indices=node[row])[node]
            expected = road_ms + off_ms[row] + off_ms
            expected[row] = 0
            np.testing.assert_array_equal(table[chosen[row], chosen], expected)


def test_the_cities_are_what_jemss_says(auckland: City, manhattan: City) -> None:
    assert [(len(one.stations), len(one.hospitals), len(one.units)) for one in (auckland, manhattan)] == [(14, 4, 16), (8, 10, 12)]
    assert round(sum(sum(kind.per_hour) for kind in auckland.kinds) / 7, 6) == 280.0
    assert round(sum(sum(kind.per_hour) for kind in manhattan.kinds) / 7, 6) == 451.2
    assert [(one.name, one.target_ms, one.is_urgent) for one in auckland.priorities] == [
        ("high", 480_000, True), ("medium", 480_000, True), ("low", 1_200_000, False),
    ]  # fmt: skip
    assert [one.name for one in manhattan.kinds] == ["high", "low"]  # nobody calls at medium there
    assert [(one.lower, one.higher) for one in auckland.diverts] == [(2, 0), (1, 0)]
    assert (auckland.call_taking.mean_ms, manhattan.call_taking.mean_ms) == (50_000, 150_000)
    assert [unit.station for unit in auckland.units].count(2) == 2
    for city in (auckland, manhattan):
        assert city.places <= 3_400 and len(city.areas) == len(city.stations)
        assert city.areas[city.place_area[city.stations[3].place]] == city.stations[3].name
        assert city.place_weights.shape == (1, city.places) and abs(city.place_weights.sum() - 1) < 1e-9
        assert (city.roads.lights_ms >= 0).all() and not np.diagonal(city.roads.lights_ms).any()


def test_the_floor_is_what_the_design_measured(auckland: City, manhattan: City) -> None:
    """The simulation note: 14.6 % and 9.0 % of the urgent demand; 42 and 22 sets of stations, areas put aside (a prototype's)."""
    assert abs(floor_ppb(auckland) / 1e7 - 14.6) < 0.3 and abs(floor_ppb(manhattan) / 1e7 - 9.0) < 0.3
    assert abs(signatures(auckland) - 42) <= 2 and abs(signatures(manhattan) - 22) <= 2
    model = cover_model(auckland)
    assert sum(row.weight_ppb for row in model.rows) == 1_000_000_000 and model.reach_ms == 430_000
    assert {row.area for row in model.rows} == set(auckland.areas) and len(model.rows) < 120


@pytest.mark.parametrize("city_name", ["auckland", "manhattan"])
@pytest.mark.parametrize("mode", ["lights", "normal"])
def test_next_places_lead_there_and_are_near_the_way(request: pytest.FixtureRequest, city_name: str, mode: str) -> None:
    """Less is left at each; nobody jumps far; and going by the next place is hardly ever much of a detour."""
    city: City = request.getfixturevalue(city_name)
    ms, via = getattr(city.roads, f"{mode}_ms"), getattr(city.roads, f"{mode}_via")
    dice = np.random.default_rng(7)
    start, end = dice.integers(city.places, size=(2, 4_000))
    here, longest = start.copy(), np.zeros(len(start), np.int64)
    detour = ms[start, via[start, end]] + ms[via[start, end], end] - ms[start, end]
    for _ in range(city.places):
        live = np.flatnonzero(here != end)
        if not len(live):
            break
        onward = via[here[live], end[live]]
        fall = ms[here[live], end[live]] - ms[onward, end[live]]
        assert (fall > 0).all()
        longest[live] = np.maximum(longest[live], fall)
        here[live] = onward
    assert (here == end).all()
    assert np.percentile(longest, 50) < 130_000 and np.percentile(longest, 90) < 240_000
    assert (detour >= 0).all() and np.percentile(detour, 50) < 90_000 and np.percentile(detour, 90) < 300_000


def test_the_originals_say_the_same_as_the_derived_file(shared: Path) -> None:
    for name in ("auckland", "manhattan"):
        folder = shared / "data" / "jemss" / name
        ranks, derived = read_scenario((folder / "scenario.json").read_text("utf-8"), file="scenario.json")
        original = read_call_config((folder / "call_gen_config_test.xml").read_text("utf-8"), file="calls.xml")
        assert original._replace(calls_per_day=derived.calls_per_day) == derived
        assert abs(original.calls_per_day - derived.calls_per_day) < 1e-9
        told = read_ranks((folder / "priorities.csv").read_text("utf-8"), file="priorities.csv")
        assert [rank.target_ms for rank in told] == [rank.target_ms for rank in ranks]


def test_a_small_city_with_and_without_the_derived_file(tmp_path: Path) -> None:
    files = texts()
    plain = open_city(written(tmp_path / "a" / "city", files), is_kept=False)
    derived = open_city(written(tmp_path / "b" / "city", {**files, "scenario.json": scenario()}), is_kept=False)
    assert plain.kinds == derived.kinds and plain.priorities == derived.priorities and plain.digest == derived.digest
    assert [(one.name, one.is_urgent) for one in plain.priorities] == [("high", True), ("low", False)]
    north, south = (one.place for one in plain.stations)
    assert plain.roads.lights_ms[north, south] == 10 * 43_200 + sum(
        round(float(np.hypot(0.0001 * 89, 0)) / 1000 * 86_400_000) for _ in range(2)
    )
    assert plain.roads.normal_ms[north, south] > plain.roads.lights_ms[north, south]
    assert [unit.station for unit in plain.units] == [0, 1]


def replaced(name: str, old: str, new: str) -> dict[str, str]:
    files = texts()
    assert old in files[name]
    return {**files, name: files[name].replace(old, new, 1)}


def without(*names: str) -> dict[str, str]:
    return {name: text for name, text in texts().items() if name not in names}


SPOILT = {
    "no demand points": (without("demand_points.csv"), "city_file_missing", "demand_points.csv", None, None),
    "no roads in the zip": (without("arcs.csv"), "city_file_missing", "arcs.csv", None, None),
    "no hospitals": (without("hospitals.csv"), "city_hospitals_none", "", None, "hospitals"),
    "neither scenario nor originals": (without("call_gen_config_test.xml"), "city_file_missing", "", None, None),
    "a station far away": (replaced("stations.csv", "170.0501", "174.0501"), "city_off_network", "stations.csv", 4, "x, y"),
    "a station's place is a word": (replaced("stations.csv", "170.0501", "east"), "city_number", "stations.csv", 4, "x"),
    "a station that is not there": (replaced("ambulances.csv", "2,2,1", "2,7,1"), "city_index", "ambulances.csv", 4, "stationIndex"),
    "half a station": (replaced("ambulances.csv", "2,2,1", "2,1.5,1"), "city_index", "ambulances.csv", 4, "stationIndex"),
    "an arc from nowhere": (replaced("arcs.csv", "1,1,2,0.0005", "1,99,2,0.0005"), "city_number", "arcs.csv", 7, "fromNode"),
    "a negative arc": (replaced("arcs.csv", "1,1,2,0.0005", "1,1,2,-0.0005"), "city_number", "arcs.csv", 7, "mode_1"),
    "an arc without a time": (replaced("arcs.csv", "1,1,2,0.0005,0.0008", "1,1,2,0.0005,"), "city_number", "arcs.csv", 7, "mode_2"),
    "a node that is a word": (replaced("nodes.csv", "1,170.0000", "1,here"), "city_number", "nodes.csv", 3, "x"),
    "no such table": (replaced("nodes.csv", "nodes,,,", "nods,,,"), "city_table_missing", "nodes.csv", None, None),
    "no such column": (replaced("arcs.csv", "mode_2", "mode_b"), "city_column_missing", "arcs.csv", 6, "mode_2"),
    "nobody calls": (
        {**texts(), "demand_points.csv": "index,lon,lat,weight\n1,170,-37,0\n"}, "city_demand_none", "demand_points.csv", None, "weight",
    ),
    "no weight": (replaced("demand_points.csv", ",-37.0000,1", ",-37.0000,many"), "city_number", "demand_points.csv", 2, "weight"),
    "a negative weight": (replaced("demand_points.csv", ",-37.0000,1", ",-37.0000,-1"), "city_number", "demand_points.csv", 2, "weight"),
    "one travel mode": (replaced("travel.csv", "2,500,\n", ""), "city_travel_modes", "travel.csv", None, "travelModes"),
    "no speed off the road": (replaced("travel.csv", "2,500,", "2,,"), "city_number", "travel.csv", 4, "offRoadSpeed"),
    "a priority nobody knows": (
        replaced("redispatch_lower_to_high.csv", "lowPriority,h", "none,h"), "city_unknown", "redispatch", None, "fromCallPriority",
    ),
    "a law nobody knows": (
        replaced("call_gen_config_test.xml", "Exponential(12/60/24)", "Weibull(1, 2)"), "city_xml", "call_gen", None, "onSceneDuration",
    ),
    "code in the place of a number": (
        replaced("call_gen_config_test.xml", "Bernoulli(0.5)", "Bernoulli(open('x'))"), "city_xml", "call_gen", None, "transport",
    ),
    "a negative duration": (
        replaced("call_gen_config_test.xml", "Exponential(10/60/24)", "Exponential(-10/60/24)"), "city_span", "call_gen", None,
        "handoverDuration",
    ),
    "a duration that is missing": (
        replaced("call_gen_config_test.xml", "<transport>Bernoulli(0.5)</transport>", ""), "city_xml", "call_gen", None, "transport",
    ),
    "calls that never come": (
        replaced("call_gen_config_test.xml", "Exponential(1/(2*24))", "Exponential(0)"), "city_demand_none", "call_gen", None,
        "interarrivalTime",
    ),
    "XML that is cut": (replaced("call_gen_config_test.xml", "</genConfig>", ""), "city_xml", "call_gen", 1, None),
    "JSON that is cut": ({**texts(), "scenario.json": scenario()[:-5]}, "city_json", "scenario.json", None, None),
    "a negative span in JSON": (
        {**texts(), "scenario.json": scenario().replace('"mean_min": 12', '"mean_min": -1')}, "city_span", "scenario.json", None,
        "on_scene.mean_min",
    ),
    "a chance of two": (
        {**texts(), "scenario.json": scenario().replace('"transport_probability": 0.5', '"transport_probability": 2')}, "city_share",
        "scenario.json", None, "transport_probability",
    ),
    "an unknown law in JSON": (
        {**texts(), "scenario.json": scenario().replace('"exponential"', '"weibull"', 1)}, "city_law", "scenario.json", None,
        "on_scene.dist",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
def test_bad_input_is_told_with_its_place_and_a_remedy(how: str, tmp_path: Path) -> None:
    files, code, file, line, field = SPOILT[how]
    with pytest.raises(BadInput) as caught:
        open_city(written(tmp_path / "city", files), is_kept=False)
    fault = caught.value
    assert (fault.code, fault.line, fault.field) == (code, line, field)
    assert file in (fault.file or "")
    for language in languages():
        assert len(tell(fault, language).splitlines()) == 2


def test_a_zip_that_is_none_and_a_folder_that_is_none(tmp_path: Path) -> None:
    folder = written(tmp_path / "city", texts())
    (folder / "roads.zip").write_bytes((folder / "roads.zip").read_bytes()[:200])
    for path, code in ((folder, "zip_unreadable"), (tmp_path / "nowhere", "folder_missing"), (tmp_path, "city_folder")):
        with pytest.raises(BadInput) as caught:
            open_city(path, is_kept=False)
        assert caught.value.code == code and str(path) in str(caught.value.file)


def test_every_remark_has_its_words(auckland: City, manhattan: City) -> None:
    for city in (auckland, manhattan):
        for code, values in city.remarks:
            for language in languages():
                said = say(f"lab.remark.{code}", language, **dict(values))
                assert said != f"lab.remark.{code}"


def test_a_jemss_city_says_whose_it_is_and_from_when_and_keeps_its_demand(tmp_path: Path) -> None:
    folder = written(tmp_path / "auckland", texts())
    city = open_city(folder, is_kept=False)
    assert [word for word in ("Apache-2.0", "ODbL", "CC BY") if not any(word in one for one in city.sources)] == []
    assert city.data_to == "", "the day on which a file was written is none of its data"
    (folder / "lab.toml").write_text('sources = ["mine"]\n[[calls]]\nname = "high"\nper_day = 7\n', "utf-8")
    told = open_city(folder, is_kept=False)
    assert told.sources == ("mine",) and sum(told.kinds[0].per_hour) == pytest.approx(49)
    demand = files("tocsin").joinpath("data").joinpath("coquimbo").joinpath("scenario.toml")
    (folder / "lab.toml").write_text(demand.read_text("utf-8"), "utf-8")
    with pytest.raises(BadInput) as caught:
        open_city(folder, is_kept=False)
    assert caught.value.code == "lab_demand_jemss" and "[[calls]]" in tell(caught.value)
