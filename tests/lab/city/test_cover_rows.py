"""Cover of a city: its rows against every place by itself, and weights that add up to the last part per billion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.core.engine.cover import counted
from tocsin.core.messages.cover import PPB
from tocsin.lab.city.cover import cover_model, floor_ppb, most_units_kind, reach_of, shared_out, signatures, urgent_weights
from tocsin.lab.city.model import City, CrewedUnit, PriorityClass, Span, Turnout
from tocsin.lab.city.square import square_city


@st.composite
def some_cities(draw: st.DrawFn) -> City:
    side, stations = draw(st.integers(3, 8)), draw(st.integers(1, 5))
    city = square_city(side, 4, stations=stations, is_straight=draw(st.booleans()))
    dice = np.random.default_rng(draw(st.integers(0, 999)))
    weights = dice.random(city.places) * (dice.random(city.places) < 0.7)
    weights[0] += 0.01
    shut = draw(st.integers(0, 2 * stations))
    return city._replace(
        place_weights=(weights / weights.sum())[None, :],
        stations=tuple(replace(site, is_open=nth != shut) for nth, site in enumerate(city.stations)),
        priorities=(PriorityClass("urgent", draw(st.integers(160_000, 480_000))), city.priorities[1]),
    )


def brute(city: City, reach_ms: int) -> dict[tuple[str, tuple[int, ...]], float]:
    rows: dict[tuple[str, tuple[int, ...]], float] = {}
    for place in range(city.places):
        near = tuple(
            nth for nth, site in enumerate(city.stations) if site.is_open and 0 <= city.roads.lights_ms[site.place, place] <= reach_ms
        )
        key = (city.areas[city.place_area[place]], near)
        rows[key] = rows.get(key, 0.0) + float(city.place_weights[0, place])
    return rows


@given(some_cities())
@settings(max_examples=50)
def test_every_place_is_in_the_row_of_its_area_and_its_stations(city: City) -> None:
    model = cover_model(city)
    reach_ms = city.priorities[0].target_ms - 90_000 - 60_000
    assert model.reach_ms == reach_of(city, "ambulance") == reach_ms
    expected = brute(city, reach_ms)
    told = {(row.area, row.stations): row.weight_ppb for row in model.rows}
    assert len(told) == len(model.rows), "each row once"
    assert sum(told.values()) == PPB
    for key, weight in expected.items():
        assert told.get(key, 0) == pytest.approx(weight * PPB, abs=1.5)
    assert set(told) <= set(expected)
    assert floor_ppb(city) == sum(weight for (_, near), weight in told.items() if not near)
    assert signatures(city) == len({near for _, near in told})


@given(some_cities(), st.lists(st.integers(0, 4), max_size=4), st.sampled_from([0, 300_000, 900_000]))
@settings(max_examples=30)
def test_expected_cover_is_the_sum_over_places(city: City, at: list[int], busy_ppm: int) -> None:
    """Daskin's: a place with k units in reach is covered with probability 1 - q^k."""
    units = [station for station in at if station < len(city.stations)]
    cover = counted(cover_model(city, busy_ppm=busy_ppm), units)
    reach_ms, busy = cover.model.reach_ms, busy_ppm / 1e6
    expected = 0.0
    for place in range(city.places):
        near = sum(city.stations[one].is_open and 0 <= city.roads.lights_ms[city.stations[one].place, place] <= reach_ms for one in units)
        expected += float(city.place_weights[0, place]) * (1 - busy**near)
    assert cover.covered_ppb() / PPB == pytest.approx(expected, abs=1e-6)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda weights: sum(weights) > 1e-3), st.integers(1, PPB))
def test_whole_parts_add_up_and_are_nearest(weights: list[float], whole: int) -> None:
    parts = shared_out(np.array(weights), whole)
    assert sum(parts) == whole and min(parts) >= 0
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - weight / sum(weights) * whole) <= 1 + 1e-6 * whole


def test_demand_is_of_urgent_kinds_and_of_all_where_none_is() -> None:
    city = square_city(5, 2)
    two = city._replace(place_weights=np.stack([np.eye(25)[3], np.eye(25)[7]]), kinds=(city.kinds[0], replace(city.kinds[1], places=1)))
    assert np.flatnonzero(urgent_weights(two)).tolist() == [3]
    calm = two._replace(priorities=tuple(replace(one, is_urgent=False) for one in two.priorities))
    assert np.flatnonzero(urgent_weights(calm)).tolist() == [3, 7]
    quiet = two._replace(kinds=(replace(two.kinds[0], per_hour=(0.0,) * 168), two.kinds[1]))
    assert np.flatnonzero(urgent_weights(quiet)).tolist() == [7], "nobody calls for what is urgent"


def test_the_kind_that_counts_is_the_one_that_most_units_are_of() -> None:
    units = tuple(CrewedUnit(f"U{nth}", 0, kind) for nth, kind in enumerate(("engine", "car", "engine", "car", "boat")))
    assert most_units_kind(square_city(3, 1)._replace(units=units)) == "car", "of equally many the first in the alphabet"
    able = (*units[:4], replace(units[4], capabilities=("als",)))
    city = square_city(3, 1)._replace(units=able)
    assert most_units_kind(city, "als") == "boat" and most_units_kind(city, "nothing") == "*"


def test_turnout_is_that_of_the_kind_that_counts() -> None:
    city = square_city(5, 2)._replace(turnouts=(Turnout("ambulance", Span(120_000), Span(0)), Turnout("*", Span(10_000), Span(0))))
    assert reach_of(city, "ambulance") == 480_000 - 90_000 - 120_000
    engines = city._replace(units=tuple(replace(unit, kind="engine") for unit in city.units))
    assert reach_of(engines, "engine") == 480_000 - 90_000 - 10_000
    assert cover_model(engines).needs == "engine" and cover_model(city, needs="als").needs == "als"
