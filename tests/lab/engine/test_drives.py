"""Drives and true places: the plain engine, the desk's world and a walk step by step must say the same at every moment."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.lab.city.model import City, Happening, HospitalSite, Window
from tocsin.lab.city.square import grid_roads, square_city
from tocsin.lab.desked import drives as desked
from tocsin.lab.plain.drives import Drives, nearest_of, scaled_ms
from tocsin.lab.plain.duty import boundaries, is_within
from tocsin.lab.plain.unit import Unit

SIDE = 7
PLACES = SIDE * SIDE
factors = st.integers(300_000, 3_000_000)
places = st.integers(0, PLACES - 1)


def city_of(*, is_straight: bool = False, hours: tuple[int, ...] = (), happenings: tuple[Happening, ...] = ()) -> City:
    city = square_city(SIDE, 1, stations=3, hospitals=2, is_straight=is_straight)
    others = (grid_roads(SIDE, lights_step_ms=41_000, normal_step_ms=77_000), grid_roads(SIDE, normal_step_ms=99_999, is_straight=True))
    return city._replace(travel_ppm=hours, happenings=happenings, other_roads=others)


@given(places, places, st.tuples(st.booleans(), st.booleans()), factors, factors, st.lists(st.floats(0, 1), min_size=1, max_size=6))
@settings(max_examples=200)
def test_where_a_unit_is_under_way(
    start: int, end: int, roads: tuple[bool, bool], hour_ppm: int, call_ppm: int, moments: list[float]
) -> None:
    """``place_at`` of the plain engine remembers how far it has come; asked in the order of time it must not matter."""
    is_straight, is_lights = roads
    city = city_of(is_straight=is_straight, hours=(hour_ppm,) * 168)
    ms, via = (city.roads.lights_ms, city.roads.lights_via) if is_lights else (city.roads.normal_ms, city.roads.normal_via)
    whole_ms = scaled_ms(int(ms[start, end]), hour_ppm, call_ppm)
    unit = Unit(0, city.units[0], city, ())
    drives = Drives(city)
    unit.at, unit.place, unit.way = start, end, (drives.lights_way if is_lights else drives.normal_way)(end, 0)
    unit.until_ms, unit.hour_ppm, unit.call_ppm = 1_000 + whole_ms, hour_ppm, call_ppm
    trip = desked.Drives(city).find_trip(start, end, 1_000, is_lights=is_lights, call_ppm=call_ppm)
    assert trip is not None and trip.arrives_ms == unit.until_ms
    way = [start]
    while way[-1] != end:
        way.append(int(via[way[-1], end]))
    for now_ms in sorted(1_000 + int(share * whole_ms) for share in moments):
        left_ms = unit.until_ms - now_ms
        expected = next(at for at in way if scaled_ms(int(ms[at, end]), hour_ppm, call_ppm) <= left_ms)
        assert unit.place_at(now_ms) == trip.place_at(now_ms) == expected
    assert unit.place_at(unit.until_ms) == trip.place_at(unit.until_ms) == end


@given(st.integers(0, 2 * 604_800_000), st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500), factors), max_size=3))
@settings(max_examples=100)
def test_factors_at_every_moment(at_ms: int, slower: list[tuple[int, int, int]]) -> None:
    hours = tuple(800_000 + 3_001 * hour for hour in range(168))
    happenings = tuple(Happening("slower", begins * 3_600_000, until * 3_600_000, ppm) for begins, until, ppm in slower)
    city = city_of(hours=hours, happenings=happenings)
    expected = hours[at_ms % 604_800_000 // 3_600_000]
    for begins, until, ppm in slower:
        if begins * 3_600_000 <= at_ms < until * 3_600_000:
            expected = expected * ppm // 1_000_000
    assert Drives(city).ppm_at(at_ms) == desked.Drives(city).ppm_at(at_ms) == expected


@pytest.mark.parametrize(("at_ms", "held"), [(0, 0), (999, 0), (1_000, 1), (1_999, 1), (2_000, 2), (2_500, 2), (3_000, 2), (3_001, 0)])
def test_of_several_closures_the_last_in_the_list_holds(at_ms: int, held: int) -> None:
    city = city_of(happenings=(Happening("other_roads", 1_000, 3_000, 0), Happening("other_roads", 2_000, 3_001, 1)))
    roads = (city.roads, *city.other_roads)[held]
    plain, desk = Drives(city), desked.Drives(city)
    assert not plain.is_steady
    for is_lights, ms, via in ((True, roads.lights_ms, roads.lights_via), (False, roads.normal_ms, roads.normal_via)):
        way = (plain.lights_way if is_lights else plain.normal_way)(30, at_ms)
        assert list(way.ms) == ms[:, 30].tolist() and list(way.via) == via[:, 30].tolist()
        assert np.array_equal(np.asarray(desk.tables(at_ms, is_lights=is_lights).ms), ms)
    assert plain.to_stations_ms(11, at_ms) == [int(roads.normal_ms[11, site.place]) for site in city.stations]


@given(st.lists(places, min_size=1, max_size=4), st.sets(places, max_size=20))
@settings(max_examples=60)
def test_the_hospital_reached_soonest(sites: list[int], lost: set[int]) -> None:
    normal = grid_roads(SIDE).normal_ms.copy()
    normal[:, sorted(lost)] = -1
    city = city_of()._replace(hospitals=tuple(HospitalSite(f"H{nth}", place) for nth, place in enumerate(sites)))
    city = city._replace(roads=city.roads._replace(normal_ms=normal))
    drives = Drives(city)
    for place in range(PLACES):
        reached = [(int(normal[place, at]), nth) for nth, at in enumerate(sites) if normal[place, at] >= 0]
        ms, nearest = min(reached, default=(-1, -1))
        assert drives.to_hospital(place, 0) == (nearest, ms)
    assert nearest_of(city.roads, []) == [-1] * PLACES


def test_a_steady_city_is_one_in_which_nothing_changes_drives() -> None:
    assert Drives(city_of()).is_steady
    assert Drives(city_of(happenings=(Happening("unit_lost", 0, 1), Happening("radio_lost", 0, 1)))).is_steady
    assert not Drives(city_of(hours=(1_000_000,) * 168)).is_steady
    assert not Drives(city_of(happenings=(Happening("slower", 0, 1, 1_000_000),))).is_steady


@given(st.lists(st.tuples(st.integers(0, 10_079), st.integers(1, 10_079)), max_size=4), st.integers(0, 20_160))
def test_on_duty_in_a_part_of_the_week(windows: list[tuple[int, int]], minute: int) -> None:
    shifts = tuple(Window(begins, (begins + long) % 10_080) for begins, long in windows)
    expected = not windows or any((minute - begins) % 10_080 < long for begins, long in windows)
    assert is_within(shifts, minute * 60_000) == is_within(shifts, minute * 60_000 + 59_999) == expected
    if shifts and is_within(shifts, minute * 60_000) != is_within(shifts, (minute + 1) * 60_000):
        assert (minute + 1) % 10_080 in set(boundaries(shifts)), "it changes at a boundary only"


def test_units_know_their_turnout_by_kind_and_else_by_the_star() -> None:
    city = city_of()
    star = city.turnouts[0]
    both = city._replace(turnouts=(replace(star, kind="car"), star))
    for turnouts, kind, column in ((both.turnouts, "car", 0), (both.turnouts, "boat", 1), (both.turnouts[:1], "boat", -1), ((), "car", -1)):
        unit = Unit(0, replace(city.units[0], kind=kind, offset_ms=7), city._replace(turnouts=turnouts), ())
        assert unit.turnout == column
        assert unit.at_station_ms == (star.at_station.mean_ms if column >= 0 else 0) + 7
