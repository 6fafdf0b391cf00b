"""A city from a centre's folder: drives are those of the live desk's routers, calls those of the plan and the scenario."""

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import msgspec
import numpy as np
import pytest

from learned import learned_speeds
from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.formats.centre import Centre
from tocsin.lab.city.centre import CentreFiles, Hospital, centre_city, hours_ppm, street_spots
from tocsin.lab.city.model import City
from tocsin.lab.city.region_roads import anchored, routers_of
from tocsin.lab.scenario import Scenario
from tocsin.roads.network import RoadNetwork
from tocsin.roads.region import Region
from tocsin.roads.region_file import write_region
from tocsin.roads.speeds import Speeds
from tocsin.wiring.cities import open_city
from tocsin.words import languages, say, tell


def nobody(done: int, total: int | None, stage: str) -> None:
    """Looks on."""


@pytest.fixture(scope="module")
def network(region: Region) -> RoadNetwork:
    return RoadNetwork(region)


@pytest.fixture(scope="module")
def city(centre: Centre, scenario: Scenario, network: RoadNetwork) -> City:
    return centre_city(centre, network, CentreFiles("folder", scenario, "folder/scenario.toml"), nobody)


def test_drives_are_those_of_the_live_desk(city: City, network: RoadNetwork) -> None:
    """Random places, both ways of driving, snapped as the desk snaps them: to the millisecond."""
    named = city.hospitals[-1].place + 1
    chosen = np.random.default_rng(11).choice(named, 60, replace=False)
    places = [LonLat(float(city.place_lon[nth]), float(city.place_lat[nth])) for nth in chosen]
    routers = routers_of(network)
    anchors, off_m = anchored(network, routers, places)
    assert off_m.max() < 2_000
    for router, table in ((routers.lights, city.roads.lights_ms), (routers.normal, city.roads.normal_ms)):
        np.testing.assert_array_equal(table[np.ix_(chosen, chosen)], router.times_between(anchors.on, anchors.on))


def test_signals_are_waited_at_as_the_desk_holds_it(centre: Centre, region: Region) -> None:
    """The shipped streets know no signal: here every fifth edge ends at one."""
    signals = {"edge_signals": (np.arange(region.edges) % 5 == 0).astype(np.uint8)}
    network = RoadNetwork(Region({**dict(region.items()), **signals}, region.header))
    city = centre_city(centre, network, CentreFiles("folder"), nobody)
    assert "lights_no_quicker" not in dict(city.remarks)
    chosen = np.random.default_rng(4).choice(city.stations[-1].place, 40, replace=False)
    routers = routers_of(network)
    anchors, _ = anchored(network, routers, [LonLat(float(city.place_lon[nth]), float(city.place_lat[nth])) for nth in chosen])
    for router, table in ((routers.lights, city.roads.lights_ms), (routers.normal, city.roads.normal_ms)):
        np.testing.assert_array_equal(table[np.ix_(chosen, chosen)], router.times_between(anchors.on, anchors.on))
    assert (city.roads.normal_ms >= city.roads.lights_ms).all() and (city.roads.normal_ms > city.roads.lights_ms).mean() > 0.9


def test_way_points_stand_at_nodes_and_chains_end(city: City, region: Region) -> None:
    named = city.hospitals[-1].place + 1
    assert 0 < city.places - named < 400
    nodes = {(int(lon), int(lat)) for lon, lat in zip(region.node_lon_e7, region.node_lat_e7, strict=True)}
    assert {(round(lon * 1e7), round(lat * 1e7)) for lon, lat in zip(city.place_lon[named:], city.place_lat[named:], strict=True)} <= nodes
    dice = np.random.default_rng(2)
    here, end = dice.integers(city.places, size=(2, 2_000))
    for _ in range(city.places):
        live = np.flatnonzero(here != end)
        onward = city.roads.lights_via[here[live], end[live]]
        left = city.roads.lights_ms[onward, end[live]]
        assert (left < city.roads.lights_ms[here[live], end[live]]).all()
        here[live] = onward
    assert (here == end).all()


def test_calls_are_the_scenarios_and_slots_the_plans(city: City, centre: Centre, scenario: Scenario) -> None:
    whole = sum(scenario.calls_per_hour) * 7
    assert abs(sum(sum(kind.per_hour) for kind in city.kinds) - whole) < 1e-9
    by_name = {kind.name: kind for kind in city.kinds}
    fire = by_name["structure-fire"]
    assert city.priorities[fire.priority].name == "red" and len(fire.slots) >= 3 and fire.transport_ppm == 0
    assert by_name["cardiac"].transport_ppm == 800_000 and by_name["crash"].second_report_ppm == 500_000
    assert fire.per_hour[24 + 18] == scenario.calls_per_hour[18] * 4 / sum(kind.share for kind in scenario.kinds)
    assert [(one.kind, one.at_station.mean_ms, one.on_road.mean_ms) for one in city.turnouts] == [
        ("engine", 75_000, 10_000), ("ambulance", 55_000, 10_000), ("*", 70_000, 10_000),
    ]  # fmt: skip
    divert = city.diverts[0]
    assert (divert.lower, divert.higher, divert.least_gain_ms, divert.not_within_ms) == (2, 0, 120_000, 60_000)
    urgent = centre.plan.urgent or ("red", "yellow")
    assert [one.is_urgent for one in city.priorities] == [name in urgent for name in ("red", "yellow", "green")]
    assert {one.name for one in city.stations} == {str(one.station) for one in centre.stations}
    assert city.timezone == centre.timezone and len(city.units) == len(centre.units)
    assert city.areas[city.place_area[city.stations[2].place]] == city.stations[2].name
    assumed = [] if centre.plan.urgent else ["urgent_assumed"]
    assert [code for code, _ in city.remarks] == [*assumed, "targets_assumed", "demand_by_streets", "lights_no_quicker"]


def test_a_plan_that_says_what_is_urgent_is_taken_at_its_word(centre: Centre, scenario: Scenario, network: RoadNetwork) -> None:
    for urgent, expected in ((("red",), [True, False, False]), ((), [True, True, False])):
        plan = msgspec.structs.replace(centre.plan, urgent=urgent)
        one = centre_city(msgspec.structs.replace(centre, plan=plan), network, CentreFiles("folder", scenario, "folder/lab.toml"), nobody)
        assert [rank.is_urgent for rank in one.priorities] == expected
        assert ("urgent_assumed" in dict(one.remarks)) == (not urgent)


def test_points_lie_where_people_live(region: Region, city: City) -> None:
    spots = street_spots(region, 300)
    assert 100 < spots.size <= 300
    lived_in = [nth for nth, name in enumerate(region.header.classes) if name in ("residential", "living_street")]
    assert np.isin(region.edge_class, lived_in).any() and (spots.weights > 0).all()
    assert city.place_weights[0, city.stations[0].place :].sum() == 0


def test_without_a_scenario_the_demand_is_invented_and_says_so(centre: Centre, network: RoadNetwork) -> None:
    hospital = Hospital("General", LonLat(-71.25, -29.91), 2)
    city = centre_city(centre, network, CentreFiles("folder", region_hospitals=(hospital,)), nobody)
    said = dict(city.remarks)
    assert dict(said["demand_invented"]) == {"per_day": 4 * len(city.units), "units": len(city.units)}
    assert dict(said["hospitals_of_map"]) == {"hospitals": 1} and city.hospitals[0].bays == 2
    assert {kind.name.split()[0] for kind in city.kinds} == {one.code for one in centre.plan.incident_types}
    assert len({kind.name for kind in city.kinds}) == len(city.kinds), "chance hangs on the name"
    per_day = [sum(sum(kind.per_hour) for kind in city.kinds if kind.priority == nth) / 7 for nth in range(3)]
    assert sum(per_day) == pytest.approx(4 * len(city.units)) and min(per_day) > 0.2 * sum(per_day)
    assert any(kind.transport_ppm for kind in city.kinds) and all(kind.slots for kind in city.kinds)
    for code, values in city.remarks:
        for language in languages():
            assert (
                "{" not in say(f"lab.remark.{code}", language, **dict(values))
                and say(f"lab.remark.{code}", language) != f"lab.remark.{code}"
            )


def test_what_a_centre_lacks_is_told(centre: Centre, scenario: Scenario, network: RoadNetwork) -> None:
    station = centre.stations[0]
    at_sea = msgspec.structs.replace(station, place=msgspec.structs.replace(station.place, at=LonLat(-75.0, -30.0)))
    nowhere = tuple(msgspec.structs.replace(one, place=msgspec.structs.replace(one.place, at=None)) for one in centre.stations)
    purple = msgspec.structs.replace(scenario.kinds[0], priority="purple")
    cases = [
        (msgspec.structs.replace(centre, stations=(at_sea, *centre.stations[1:])), scenario, "city_off_network"),
        (msgspec.structs.replace(centre, stations=nowhere), scenario, "city_stations_none"),
        (msgspec.structs.replace(centre, units=()), scenario, "city_units_none"),
        (centre, msgspec.structs.replace(scenario, kinds=(purple,)), "city_unknown"),
    ]
    for one, told, code in cases:
        with pytest.raises(BadInput) as caught:
            centre_city(one, network, CentreFiles("folder", told, "folder/scenario.toml"), nobody)
        assert caught.value.code == code and "folder" in (caught.value.file or "") and "{" not in tell(caught.value)


def test_a_folder_is_opened_with_its_scenario_and_its_hospitals(tmp_path: Path, region: Region, scenario_text: str) -> None:
    folder = tmp_path / "centre"
    with as_file(files("tocsin").joinpath("data").joinpath("coquimbo").joinpath("centre")) as shipped:
        shutil.copytree(shipped, folder)
    with pytest.raises(BadInput) as caught:
        open_city(folder, is_kept=False)  # its region is not built yet
    assert "coquimbo.region" in str(caught.value.file)
    write_region(region, folder / "coquimbo.region")
    (folder / "lab.toml").write_text(scenario_text.replace("hours = 24", "hours = 48"), "utf-8")
    (folder / "hospitals.csv").write_text("name,lon,lat,bays\nThird,-71.25,-29.92,4\n", "utf-8")
    city = open_city(folder, is_kept=False)
    assert [(one.name, one.bays) for one in city.hospitals] == [
        ("Third", 4), ("Hospital north (invented site)", 0), ("Hospital south (invented site)", 0),
    ]  # fmt: skip
    (folder / "hospitals.csv").write_text("name,lon,lat\nThird,-71.25,\n", "utf-8")
    with pytest.raises(BadInput) as caught:
        open_city(folder, is_kept=False)
    assert (caught.value.line, caught.value.field) == (2, "lat")
    (folder / "centre.toml").write_text((folder / "centre.toml").read_text("utf-8").replace('region = "coquimbo.region"\n', ""), "utf-8")
    with pytest.raises(BadInput) as caught:
        open_city(folder, is_kept=False)
    assert caught.value.code == "city_region_none"


def test_learned_speeds_say_how_much_slower_each_hour_is(region: Region, centre: Centre) -> None:
    """Twice as slow as on paper at no hour in particular, three times in the second bin: half as long again."""
    bins = tuple(int(hour % 24 in (8, 17)) for hour in range(168))
    plain, slow = (((factor,) * len(region.header.classes),) for factor in (2_000, 3_000))
    file = learned_speeds(region, bin_of_hour=bins, factors_permille=(plain, slow), any_hour_permille=plain)
    found = hours_ppm(RoadNetwork(region, Speeds(file)))
    assert len(found) == 168 and found[7] == 1_000_000 and abs(found[8] - 1_500_000) < 100 and found[8] == found[24 + 17]
    assert hours_ppm(RoadNetwork(region)) == ()
