"""Squared paper: the city that truths are told on."""

import numpy as np
import pytest

from tocsin.lab.city.square import NORMAL_STEP_MS, grid_roads, spread, square_city


def test_every_part_of_a_square_city_fits_the_others() -> None:
    city = square_city(9, 5, stations=4, hospitals=2)
    assert city.places == 81 and city.roads.lights_ms.shape == (81, 81)
    assert [unit.station for unit in city.units] == [0, 1, 2, 3, 0]
    assert {city.place_area[site.place] for site in city.stations} == {0, 1, 2, 3}
    assert len({site.place for site in city.stations}) == 4


@pytest.mark.parametrize("is_straight", [False, True])
def test_the_way_by_the_table_of_next_places_ends_and_takes_what_the_drive_takes(is_straight: bool) -> None:
    roads = grid_roads(7, is_straight=is_straight)
    for start in range(49):
        for end in range(49):
            at, ms, steps = start, 0, 0
            while at != end:
                nearer = int(roads.normal_via[at, end])
                ms += int(roads.normal_ms[at, nearer])
                at, steps = nearer, steps + 1
                assert steps < 20
            assert abs(ms - int(roads.normal_ms[start, end])) <= steps
    assert roads.normal_ms[0, 1] == NORMAL_STEP_MS
    assert np.array_equal(roads.normal_ms, roads.normal_ms.T)


@pytest.mark.parametrize("sites", [1, 2, 5, 14])
def test_sites_lie_apart(sites: int) -> None:
    places = spread(17, sites)
    assert len(set(places)) == sites and max(places) < 17 * 17
