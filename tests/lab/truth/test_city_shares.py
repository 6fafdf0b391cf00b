"""A city's hypercube: what it takes from the city, and what it refuses."""

import msgspec
import numpy as np
import pytest

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import NO_WAY_MS, CrewedUnit, StationSite, Window
from tocsin.lab.city.square import square_city
from tocsin.lab.queueing.city_shares import hypercube_of

CITY = square_city(10, 6, stations=4, calls_per_hour=3.0)


def test_shares_and_workloads_belong_together() -> None:
    told = hypercube_of(CITY)
    assert told.method == "exact" and told.units == tuple(range(6))
    assert told.served.sum(axis=1) == pytest.approx(1.0)
    assert ((told.late_share >= 0) & (told.late_share <= 1)).all()
    assert told.late_share.min() <= told.all_late_share <= told.late_share.max()
    assert 0 < told.waits < 0.1 and told.mean_wait_ms > 0
    assert set(told.remarks) == {"queueing_home", "queueing_no_diverts"}


def test_exact_and_approximate_meet() -> None:
    """Twelve units are solved exactly; three more of no use at all make the approximation answer."""
    few = square_city(10, 12, stations=12, calls_per_hour=5.0)
    truth = hypercube_of(few)
    lost = few.roads.lights_ms.copy()
    lost[0, 1:] = NO_WAY_MS
    stations = (*few.stations, StationSite("far", 0))
    idle = tuple(CrewedUnit(f"far{nth}", 12) for nth in range(3))
    roads = few.roads._replace(lights_ms=lost, normal_ms=np.where(lost == NO_WAY_MS, NO_WAY_MS, few.roads.normal_ms))
    many = hypercube_of(few._replace(stations=stations, units=(*few.units, *idle), roads=roads))
    assert many.method == "approximate" and "queueing_approximate" in many.remarks
    assert many.workloads[:12].mean() == pytest.approx(truth.workloads.mean(), rel=0.1)
    assert many.workloads[12:].max() < many.workloads[:12].min()


def test_twice_the_calls_wait_longer_and_come_later() -> None:
    once, twice = hypercube_of(CITY), hypercube_of(CITY, load=1.7)
    assert twice.waits > once.waits and twice.mean_wait_ms > once.mean_wait_ms and twice.all_late_share > once.all_late_share


def test_an_hour_has_its_own_units_calls_and_roads() -> None:
    night = CrewedUnit("night", 1, shifts=(Window(22 * 60, 30 * 60),))
    city = CITY._replace(units=(*CITY.units[:5], night), travel_ppm=(1_000_000,) * 12 + (1_500_000,) * 156)
    noon, late, week = hypercube_of(city, hour=12), hypercube_of(city, hour=23), hypercube_of(city)
    assert len(noon.units) == 5 and len(late.units) == len(week.units) == 6
    assert np.nanmean(late.travel_ms) > np.nanmean(week.travel_ms)


def test_closed_stations_and_shared_crews_have_no_units_of_their_own() -> None:
    shut = CITY._replace(stations=(msgspec.structs.replace(CITY.stations[0], is_open=False), *CITY.stations[1:]))
    assert hypercube_of(shut).units == (1, 2, 3, 5)
    shared = CITY._replace(units=tuple(msgspec.structs.replace(unit, crew="one" if nth < 2 else "") for nth, unit in enumerate(CITY.units)))
    assert hypercube_of(shared).units == (0, 2, 3, 4, 5)


def test_refusals() -> None:
    with pytest.raises(BadInput, match="queueing_load"):
        hypercube_of(CITY, load=30.0)
    with pytest.raises(BadInput, match="queueing_load"):
        hypercube_of(CITY, load=0.0)
    with pytest.raises(BadInput, match="queueing_units"):
        hypercube_of(CITY._replace(units=()))
