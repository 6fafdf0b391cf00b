"""Which stations a change touches, and whose areas these are."""

import numpy as np
import pytest

from relived_town import Told, past_of_town, service
from tocsin.lab.relived.past import Past
from tocsin.lab.relived.serving import Service, add_unit, close_station, move_unit, rehomed, remove_unit
from tocsin.lab.relived.touched import Around, touched

UNITS = {"E1": ("engine", "A"), "E2": ("engine", "B"), "M1": ("ambulance", "A")}
CALLS = (
    Told(600, 0.5, "E1", area="harbour"),
    Told(4_000, 1.0, "E1", area="harbour"),
    Told(8_000, 4.5, "E2", area="hill"),
    Told(12_000, 5.5, "E2", area="hill"),
    Told(16_000, 9.0, "E2", area="mill"),
    Told(20_000, 2.0, "E1", area="hill"),
)


@pytest.fixture(scope="module")
def past() -> Past:
    return past_of_town(CALLS, UNITS)


def around(past: Past, changed: Service) -> dict[str, Around]:
    base = service(past)
    changed, _ = rehomed(changed, past.ground)
    return {one.station: one for one in touched(past, base, changed)}


def calls_of(one: Around) -> list[int]:
    return np.flatnonzero(one.is_nearest).tolist()


def test_nothing_changed_touches_nothing(past: Past) -> None:
    assert around(past, service(past)) == {}
    assert around(past, service(past, "preserve")) == {}, "nor does another policy"


def test_a_closed_station_is_told_with_its_calls_and_with_where_its_units_go(past: Past) -> None:
    found = around(past, close_station(service(past), "A"))
    assert list(found) == ["A", "B"]
    assert found["A"].is_closed and found["A"].before == ("E1", "M1") and found["A"].after == ()
    assert calls_of(found["A"]) == [0, 1, 5] and found["A"].areas == ("harbour", "hill")
    assert not found["B"].is_closed and found["B"].after == ("E1", "E2", "M1")
    assert calls_of(found["B"]) == [2, 3, 4], "C is nearer to the fifth, but nobody waits there"
    assert found["B"].areas == ("hill", "mill")


def test_an_area_in_which_it_is_the_nearest_to_less_than_a_third_is_not_served() -> None:
    calls = [
        Told(600 + nth * 3_000, east, "E1", area=area) for nth, (east, area) in enumerate([(0.5, "a"), (1, "a"), (2, "b")] + [(5, "b")] * 3)
    ]
    past = past_of_town(calls, UNITS)
    assert around(past, close_station(service(past), "A"))["A"].areas == ("a",)


def test_a_station_that_gets_its_first_unit_counts_as_if_it_had_been_there(past: Past) -> None:
    found = around(past, add_unit(service(past), "X:engine:C"))
    assert list(found) == ["C"] and found["C"].before == () and found["C"].after == ("X",)
    assert calls_of(found["C"]) == [4] and found["C"].areas == ("mill",)


def test_a_move_touches_both_ends_and_a_unit_that_goes_one(past: Past) -> None:
    found = around(past, move_unit(service(past), "M1:B"))
    assert {name: one.after for name, one in found.items()} == {"A": ("E1",), "B": ("E2", "M1")}
    found = around(past, remove_unit(service(past), "E2"))
    assert list(found) == ["B"] and found["B"].before == ("E2",) and not found["B"].is_closed


def test_a_closed_station_without_units_and_calls_still_says_whose_it_would_be(past: Past) -> None:
    stations = {"A": 0.0, "B": 5.0, "C": 30.0}
    far = past_of_town(CALLS, UNITS, stations=stations)
    found = around(far, close_station(service(far), "C"))
    assert list(found) == ["C"] and calls_of(found["C"]) == [] and found["C"].areas == ("mill",), "the call that is least far"
    assert found["C"].before == found["C"].after == ()


def test_a_station_s_own_name_as_an_area_is_always_its() -> None:
    calls = [Told(600, 0.5, "E1", area="x"), Told(4_000, 5.1, "E2", area="A"), Told(8_000, 4.9, "E2", area="A")]
    past = past_of_town(calls, UNITS)
    assert around(past, close_station(service(past), "A"))["A"].areas == ("x", "A"), "whoever reads the area's name looks for it"


def test_units_without_a_station_of_their_own_stay_at_their_post_and_that_is_told() -> None:
    calls = [*CALLS, Told(30_000, 0.6, "R9", area="harbour", kind="fall")]
    past = past_of_town(calls, {**UNITS, "R9": ("rescue", "nowhere")})
    base = service(past)
    (post,) = [one for one in base.stations if one.name.startswith("~")]
    here = post.name.removeprefix("~")
    found = around(past, close_station(base, here))[here]
    assert found.posted == ("R9",) and "R9" in found.before and found.after == ("R9",), "its closing does not move it"
    moved = around(past, move_unit(base, "R9:C"))
    assert set(moved) == {here, "C"} and moved[here].posted == () and moved["C"].after == ("R9",)


def test_calls_without_an_area_are_an_area_of_their_own() -> None:
    past = past_of_town([one._replace(area="town") if nth else one for nth, one in enumerate(CALLS)], UNITS)
    rows = tuple(row._replace(area="") for row in past.rows)
    assert around(past._replace(rows=rows), close_station(service(past), "A"))["A"].areas == ("",)
