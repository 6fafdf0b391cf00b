"""One hour for ever: the city that a closed form of that hour is held against."""

import pytest
from msgspec.structs import replace

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.model import City, CrewedUnit, Happening, Surge, Window
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.queueing.city_shares import hypercube_of
from tocsin.lab.queueing.lasting_hour import lasting_hour
from tocsin.lab.run import run

DAY = 1_440


def uneven() -> City:
    """Three units by day, one more in the night; four times the calls from 8 to 20."""
    city = square_city(9, 4, stations=4)
    nights = tuple(Window((day * DAY + 22 * 60) % (7 * DAY), (day * DAY + 30 * 60) % (7 * DAY)) for day in range(7))
    per_hour = tuple(2.0 if 8 <= hour % 24 < 20 else 0.5 for hour in range(168))
    return city._replace(
        units=(*city.units[:3], CrewedUnit("night", 3, shifts=nights, breaks=(Window(1_380, 1_410),))),
        kinds=tuple(replace(kind, per_hour=per_hour) for kind in city.kinds),
        travel_ppm=tuple(1_000_000 + 1_000 * hour for hour in range(168)),
        happenings=(Happening("slower", 0, 1 << 50, 2_000_000),),
        surges=(Surge(0, 60_000, 0, 30, 5),),
    )


@pytest.mark.parametrize(("hour", "units", "per_hour"), [(12, 3, 2.0), (23, 4, 0.5), (5, 4, 0.5), (7, 3, 0.5), (0, 4, 0.5)])
def test_calls_drives_and_units_are_those_of_the_hour(hour: int, units: int, per_hour: float) -> None:
    city = lasting_hour(uneven(), hour)
    assert len(city.units) == units == len(hypercube_of(uneven(), hour=hour).units)
    assert {rate for kind in city.kinds for rate in kind.per_hour} == {per_hour}
    assert set(city.travel_ppm) == {1_000_000 + 1_000 * hour}
    assert not any(unit.shifts or unit.breaks for unit in city.units) and city.happenings == () and city.surges == ()


def test_it_is_another_city_with_a_digest_of_its_own() -> None:
    city = uneven()
    digests = {lasting_hour(city, hour).digest for hour in (3, 12, 23)}
    assert len(digests) == 3 and all(len(digest) == 64 for digest in digests)
    assert lasting_hour(city, 12).digest == lasting_hour(city, 12).digest


@pytest.mark.parametrize("hour", [12, 23])
def test_the_closed_form_of_the_hour_agrees_with_the_engine_on_it(hour: int) -> None:
    """Independent of each other: equations against events. Units on their way home are what the closed form does not know."""
    city = lasting_hour(uneven(), hour)
    told = hypercube_of(uneven(), hour=hour)
    outcome = run(city, draw_calls(city, seed=1, replication=0, days=90), POLICIES["closest"])
    lived = outcome.busy_ms / outcome.ended_ms
    assert told.workloads.mean() == pytest.approx(float(lived.mean()), rel=0.04)
    assert abs(told.workloads - lived).max() < 0.05


def test_a_week_of_hours_is_told_to_be_one_mean_hour() -> None:
    city = uneven()
    assert {"queueing_hours", "queueing_happens"} <= set(hypercube_of(city).remarks)
    assert "queueing_hours" not in hypercube_of(city, hour=12).remarks
    assert "queueing_bays" not in hypercube_of(city).remarks
    held = city._replace(hospitals=tuple(replace(site, bays=1) for site in city.hospitals))
    assert "queueing_bays" in hypercube_of(held).remarks
