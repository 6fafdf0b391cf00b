"""A city's question, and the city with its stations elsewhere."""

import msgspec
import numpy as np
import pytest
import shapely

from tocsin.base.faults import BadInput
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.model import City, CrewedUnit, PriorityClass, StationSite
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.siting.on_city import drives_to, own_stations, question_of, reached_shares, sites_of, sought_of, with_stations
from tocsin.lab.siting.outline import outline
from tocsin.lab.siting.question import Question, Sought
from tocsin.lab.siting.solve import solve, value_of


@pytest.fixture(scope="module")
def city() -> City:
    return square_city(9, 6, stations=4)


def test_sites_are_todays_stations_and_other_places_with_demand(city: City) -> None:
    sites = sites_of(city, 10)
    assert sites.places[:4] == tuple(one.place for one in city.stations)
    assert sites.today == (0, 1, 2, 3)
    assert len(set(sites.places)) == 14
    assert [sites.name(city, nth) for nth in (0, 3, 4)] == ["S00", "S03", None]


def test_places_without_demand_are_no_sites(city: City) -> None:
    weights = np.zeros((1, city.places))
    weights[0, [0, 1, 2, 80]] = 0.25
    sites = sites_of(city._replace(place_weights=weights), 50)
    assert set(sites.places[4:]) <= {0, 1, 2, 80}
    assert sites.places[4] in (0, 80), "where most driving is left"


def test_further_sites_bring_everybody_nearer(city: City) -> None:
    means = []
    for most in (0, 5, 20, 60):
        sites = sites_of(city, most)
        means.append(solve(question_of(city, sites, 4), Sought("p-median")).value)
    assert means == sorted(means, reverse=True)
    assert means[-1] < means[0] or means[0] == value_of(question_of(city, sites_of(city, 0), 4), Sought("p-median"), (0, 1, 2, 3))


def test_a_question_takes_urgent_demand_and_drives_with_lights(city: City) -> None:
    question = question_of(city, sites_of(city, 3), 4, (1,))
    assert question.weights.sum() == pytest.approx(sum(city.kinds[0].per_hour))
    assert question.drive_ms.shape == (81, 7)
    assert question.drive_ms[city.stations[2].place, 2] == 0
    assert question.keep == (1,)
    place = 40
    assert question.drive_ms[place, 0] == city.roads.lights_ms[city.stations[0].place, place]


def test_the_reach_is_what_the_target_leaves(city: City) -> None:
    sought = sought_of(city, Sought("survival"))
    assert sought.reach_ms == 480_000 - 90_000 - 60_000 == cover_model(city).reach_ms
    assert sought.before_ms == 150_000


def test_a_target_that_leaves_nothing_is_told(city: City) -> None:
    hurried = city._replace(priorities=(PriorityClass("urgent", 120_000), city.priorities[1]))
    with pytest.raises(BadInput, match="siting_reach over_s=30"):
        sought_of(hurried, Sought())


def test_fewer_than_no_candidates_are_refused(city: City) -> None:
    with pytest.raises(BadInput, match="siting_candidates"):
        sites_of(city, -1)


def test_closed_stations_and_those_of_neighbours_are_not_todays(city: City) -> None:
    stations = (*city.stations[:3], msgspec.structs.replace(city.stations[3], is_open=False), StationSite("neighbour", 0))
    aid = CrewedUnit("aid", 4, is_outside=True)
    units = tuple(one for one in city.units if one.station != 3)
    changed = city._replace(stations=stations, units=(*units, aid))
    assert own_stations(changed) == (0, 1, 2)
    sites = sites_of(changed, 2)
    moved = with_stations(changed, sites, (0, 3, 4), ("new-1", "new-2"))
    assert moved.stations[4].is_open and moved.units[-1] == aid, "they stay where they are"


def test_stations_move_and_nothing_else(city: City) -> None:
    sites = sites_of(city, 8)
    moved = with_stations(city, sites, (1, 5, 6), ("new-1", "new-2"))
    assert [one.is_open for one in moved.stations] == [False, True, False, False, True, True]
    assert [(one.name, one.place) for one in moved.stations[4:]] == [("new-1", sites.places[5]), ("new-2", sites.places[6])]
    assert moved.digest and moved.digest != city.digest
    homes = [one.station for one in moved.units]
    assert set(homes) == {1, 4, 5} and len(homes) == len(city.units)
    assert [one.name for one in moved.units] == [one.name for one in city.units]
    assert all(one.station == 1 for one, before in zip(moved.units, city.units, strict=True) if before.station == 1), "who can stay stays"
    assert moved.areas == city.areas and np.array_equal(moved.place_area, city.place_area)


def test_the_same_calls_come_to_both_cities(city: City) -> None:
    moved = with_stations(city, sites_of(city, 8), (1, 5), ("new-1",))
    for before, after in zip(
        draw_calls(city, seed=3, replication=2, days=2), draw_calls(moved, seed=3, replication=2, days=2), strict=True
    ):
        assert np.array_equal(before, after)


def test_with_fewer_units_than_stations_the_best_ones_are_staffed(city: City) -> None:
    few = city._replace(units=city.units[:2])
    moved = with_stations(few, sites_of(few, 8), (0, 1, 2, 3), ())
    assert len({one.station for one in moved.units}) == 2


def test_shares_within_minutes_rise_to_all(city: City) -> None:
    weights = np.ones(city.places)
    drives = drives_to(city, tuple(one.place for one in city.stations))
    shares = reached_shares(weights, drives, 20)
    assert list(shares) == sorted(shares) and shares[-1] == 1.0
    assert shares[0] == pytest.approx((drives <= 60_000).mean())


def test_where_no_way_leads_nobody_is_reached(city: City) -> None:
    lights = city.roads.lights_ms.copy()
    lights[:, 7] = -1
    cut = city._replace(roads=city.roads._replace(lights_ms=lights))
    assert drives_to(cut, (0, 4))[7] == -1
    question = question_of(cut, sites_of(cut, 3), 4)
    assert isinstance(question, Question) and (question.drive_ms[7] == -1).all()


def test_an_outline_holds_what_is_reached_and_not_what_is_far() -> None:
    lon, lat = (one.ravel().astype(np.float64) / 100 for one in np.meshgrid(np.arange(20), np.arange(20)))
    is_reached = np.hypot(lon - 0.05, lat - 0.05) < 0.04
    rings = outline(lon, lat, is_reached)
    area = shapely.unary_union([shapely.Polygon(ring) for ring in rings])
    inside = shapely.contains_xy(area, lon, lat)
    assert np.array_equal(inside, is_reached)
    assert all(ring[0] == ring[-1] for ring in rings)
    assert outline(lon, lat, np.zeros(400, bool)) == ()
