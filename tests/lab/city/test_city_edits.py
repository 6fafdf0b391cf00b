"""What-if edits, cover and digests, on a city on squared paper."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.lab.city import edit
from tocsin.lab.city.checks import check_city
from tocsin.lab.city.cover import PPB, cover_model, floor_ppb, reach_of, shared_out, signatures, urgent_weights
from tocsin.lab.city.digest import packed, sealed, unpacked
from tocsin.lab.city.model import City, Happening, HospitalSite, Roads, Span, Turnout, Window
from tocsin.lab.city.square import square_city
from tocsin.words import tell


@pytest.fixture(scope="module")
def city() -> City:
    return sealed(square_city(12, 6))


def test_a_closed_station_sends_its_units_to_the_nearest_open_one(city: City) -> None:
    after = edit.close_station(city, "S01")
    assert [one.is_open for one in after.stations] == [True, False, True, True]
    drives = [int(city.roads.normal_ms[city.stations[1].place, one.place]) for one in after.stations]
    nearest = min((ms, nth) for nth, ms in enumerate(drives) if nth != 1)[1]
    assert [one.station for one in city.units] == [0, 1, 2, 3, 0, 1]
    assert [one.station for one in after.units] == [0, nearest, 2, 3, 0, nearest]
    assert after.areas == city.areas and after.digest != city.digest and city.stations[1].is_open
    assert floor_ppb(after) >= floor_ppb(city)
    again = edit.open_station(after, "S01", after.stations[1].place)
    assert [one.is_open for one in again.stations] == [True] * 4 and again.units == after.units


def test_a_new_station_a_new_unit_and_a_moved_one(city: City) -> None:
    place, away_m = edit.place_near(city, 0.0, 0.0)
    assert (place, away_m) == (0, 0.0)
    more = edit.open_station(city, "Corner", place)
    assert more.stations[-1].name == "Corner" and len(city.stations) == 4
    shift = (Window(420, 1_140),)
    more = edit.add_unit(more, "U99", "Corner", shifts=shift)
    assert (more.units[-1].station, more.units[-1].shifts, more.units[-1].kind) == (4, shift, "ambulance")
    moved = edit.move_unit(more, "U00", "Corner")
    assert moved.units[0].station == 4 and moved.units[0].shifts == ()
    assert edit.move_unit(moved, "U99", "S02", shifts=()).units[-1].shifts == ()
    fewer = edit.remove_unit(moved, "U99")
    assert [one.name for one in fewer.units] == [f"U{nth:02d}" for nth in range(6)]
    assert check_city(moved) is moved
    assert floor_ppb(more) <= floor_ppb(city)


@pytest.mark.parametrize(
    ("asked", "code", "value"),
    [
        (lambda city: edit.close_station(city, "S9"), "city_unknown", "S00, S01, S02, S03"),
        (lambda city: edit.remove_unit(city, "X"), "city_unknown", "U00, U01, U02, U03, U04, U05"),
        (lambda city: edit.move_unit(city, "U00", "S9"), "city_unknown", "S00, S01, S02, S03"),
        (lambda city: edit.add_unit(city, "U9", "S00", like="X"), "city_unknown", "U00, U01, U02, U03, U04, U05"),
        (lambda city: edit.add_unit(city, "U00", "S00"), "city_doubled", None),
        (lambda city: edit.open_station(city, "S00", 3), "city_doubled", None),
        (lambda city: edit.open_station(city, "New", 144), "city_index", None),
        (lambda city: edit.add_unit(edit.close_station(city, "S00"), "U9", "S00"), "city_station_closed", None),
        (lambda city: edit.add_unit(city, "U9", "S00", shifts=(Window(9, 9),)), "city_window", None),
        (
            lambda city: edit.close_station(city._replace(stations=city.stations[:1], units=city.units[:1]), "S00"),
            "city_stations_none",
            None,
        ),
        (lambda city: edit.remove_unit(city._replace(units=city.units[:1]), "U00"), "city_units_none", None),
        (lambda city: edit.with_demand(city, city.kinds, np.ones(5)), "city_weights", None),
        (lambda city: edit.with_demand(city, city.kinds, np.zeros(144)), "city_weights", None),
    ],
)
def test_what_cannot_be_is_told_with_what_is_known(city: City, asked: object, code: str, value: str | None) -> None:
    with pytest.raises(BadInput) as caught:
        asked(city)  # type: ignore[operator]
    assert caught.value.code == code
    if value is not None:
        assert caught.value.values["known"] == value
    assert "{" not in tell(caught.value)


def test_other_demand_replaces_kinds_weights_and_what_was_said_of_them(city: City) -> None:
    told = city._replace(remarks=(("demand_invented", (("per_day", 1),)), ("turnout_none", ())))
    weights = np.zeros((2, 144))
    weights[0, 5], weights[1, 7] = 3.0, 2.0
    kinds = tuple(msgspec.structs.replace(kind, places=nth) for nth, kind in enumerate(city.kinds))
    after = edit.with_demand(told, kinds, weights, [("calls_plain", ())])
    assert after.place_weights[0, 5] == 1.0 and after.place_weights[1, 7] == 1.0
    assert [code for code, _ in after.remarks] == ["turnout_none", "calls_plain"]
    assert urgent_weights(after)[5] > 0 and urgent_weights(after)[7] == 0


SPOILT = {
    "hospitals": (lambda city: city._replace(hospitals=()), "city_hospitals_none"),
    "no rate": (
        lambda city: city._replace(kinds=tuple(msgspec.structs.replace(one, per_hour=(0.0,) * 168) for one in city.kinds)),
        "city_demand_none",
    ),
    "a day of rates": (lambda city: city._replace(kinds=(msgspec.structs.replace(city.kinds[0], per_hour=(1.0,) * 24),)), "city_rates"),
    "a negative rate": (lambda city: city._replace(kinds=(msgspec.structs.replace(city.kinds[0], per_hour=(-1.0,) * 168),)), "city_rates"),
    "a negative span": (lambda city: city._replace(call_taking=Span(-1)), "city_span"),
    "an observed span without values": (lambda city: city._replace(call_taking=Span(5, "observed")), "city_span"),
    "no target": (
        lambda city: city._replace(priorities=(msgspec.structs.replace(city.priorities[0], target_ms=0), *city.priorities[1:])),
        "city_span",
    ),
    "a unit of no station": (lambda city: city._replace(units=(msgspec.structs.replace(city.units[0], station=9),)), "city_index"),
    "a hospital nowhere": (lambda city: city._replace(hospitals=(HospitalSite("H", 999),)), "city_index"),
    "a weight too much": (lambda city: city._replace(place_weights=city.place_weights * 2), "city_weights"),
    "nowhere to go": (
        lambda city: city._replace(roads=city.roads._replace(lights_ms=np.full_like(city.roads.lights_ms, -1))),
        "city_station_cut_off",
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_city_that_cannot_be_run_says_why(city: City, how: str) -> None:
    spoil, code = SPOILT[how]
    with pytest.raises(BadInput) as caught:
        check_city(spoil(city), file="somewhere")
    assert caught.value.code == code and caught.value.file == "somewhere" and caught.value.field
    assert "{" not in tell(caught.value)


def test_cover_rows_are_places_that_the_same_open_stations_reach(city: City) -> None:
    model = cover_model(city)
    assert model.needs == "ambulance" and model.stations == tuple(one.name for one in city.stations)
    assert model.reach_ms == reach_of(city, "ambulance") == 480_000 - 90_000 - 60_000
    assert sum(row.weight_ppb for row in model.rows) == PPB
    weights, drives = urgent_weights(city), city.roads.lights_ms
    for row in model.rows:
        exact = sum(
            weights[place]
            for place in range(city.places)
            if city.areas[city.place_area[place]] == row.area
            and tuple(nth for nth, one in enumerate(city.stations) if drives[one.place, place] <= model.reach_ms) == row.stations
        )
        assert abs(row.weight_ppb - exact / weights.sum() * PPB) <= 1
    assert signatures(city) == len({row.stations for row in model.rows}) and cover_model(city, busy_ppm=1).busy_ppm == 1
    shut = cover_model(edit.close_station(city, "S00"))
    assert not any(0 in row.stations for row in shut.rows)


def test_the_turnout_is_that_of_the_units_that_count(city: City) -> None:
    engine = msgspec.structs.replace(city.units[0], kind="engine", capabilities=("pump",))
    mixed = city._replace(units=(engine, *city.units[1:]), turnouts=(Turnout("engine", Span(100_000)), *city.turnouts))
    assert reach_of(mixed, "pump") == reach_of(mixed, "engine") == 480_000 - 90_000 - 100_000
    assert reach_of(mixed, "ambulance") == reach_of(mixed, "nobody") == 480_000 - 90_000 - 60_000
    assert cover_model(mixed, needs="pump").needs == "pump" and cover_model(mixed).needs == "ambulance"
    assert floor_ppb(mixed, "pump") >= floor_ppb(mixed)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60).filter(lambda some: sum(some) > 1e-6), st.integers(1, PPB))
def test_shares_add_up_and_are_within_one_of_their_part(weights: list[float], whole: int) -> None:
    parts = shared_out(np.array(weights), whole)
    exact = np.array(weights) / sum(weights) * whole
    assert sum(parts) == whole and (np.abs(np.array(parts) - exact) < 1 + 1e-6).all()


def test_a_packed_city_is_the_same_and_damage_is_seen(city: City) -> None:
    rich = sealed(
        city._replace(
            other_roads=(Roads(*(array + 1 for array in city.roads)),),
            happenings=(Happening("slower", 0, 5, 1_300_000),),
            remarks=(("demand_thinned", (("points", 9), ("kept", 3), ("cell_m", 4.5))),),
        )
    )
    data = b"".join(packed(rich))
    back = unpacked(bytearray(data))
    assert back is not None and sealed(back).digest == back.digest == rich.digest != city.digest
    assert back.units == rich.units and back.kinds == rich.kinds and back.remarks == rich.remarks and back.happenings == rich.happenings
    np.testing.assert_array_equal(back.other_roads[0].normal_via, rich.other_roads[0].normal_via)
    assert back.roads.lights_ms.flags.writeable
    for spoilt in (data[:-1], data + b"x", b"", data[:40], data.replace(b"ambulance", b"ambulants", 1)):
        assert unpacked(spoilt) is None
