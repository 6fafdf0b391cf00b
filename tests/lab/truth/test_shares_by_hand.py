"""A city's hypercube worked out by hand: one unit is M/M/1; agreements and hours change what they should."""

from math import exp

import numpy as np
import pytest
from msgspec.structs import replace

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import HOURS_PER_WEEK, CallKind, City, CrewedUnit, HospitalSite, PriorityClass, Span, StationSite
from tocsin.lab.city.square import LIGHTS_STEP_MS, NORMAL_STEP_MS, square_city
from tocsin.lab.queueing.city_shares import hypercube_of
from tocsin.lab.queueing.hypercube import exact

HOUR_MS = 3_600_000
CITY = square_city(10, 6, stations=4, calls_per_hour=3.0)


def one_unit(side: int, *, per_hour: float, service_ms: int, target_ms: int) -> City:
    """Everybody is served by the one unit at place 0, nobody is driven anywhere."""
    kind = CallKind("urgent", 0, (per_hour,) * HOURS_PER_WEEK, on_scene=Span(service_ms, "exponential"))
    city = square_city(side, 1, stations=1)
    return city._replace(
        kinds=(kind,), priorities=(PriorityClass("urgent", target_ms),), turnouts=(), call_taking=Span(0), stations=(StationSite("S", 0),)
    )


@pytest.mark.parametrize("busy", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("target_ms", [600_000, 1_800_000])
def test_one_unit_on_the_spot_is_late_as_often_as_an_m_m_1_queue_is_long(busy: float, target_ms: int) -> None:
    """P(wait > t) = rho e^(-(1 - rho) t / s): Kleinrock, Queueing Systems I (1975), eq. 5.117 ff."""
    service_ms = 1_200_000
    city = one_unit(1, per_hour=busy * HOUR_MS / service_ms, service_ms=service_ms, target_ms=target_ms)
    told = hypercube_of(city)
    assert told.workloads.tolist() == pytest.approx([busy])
    assert told.waits == pytest.approx(busy)
    assert told.mean_wait_ms == pytest.approx(busy * service_ms / (1 - busy))
    assert told.all_late_share == pytest.approx(busy * exp(-(1 - busy) * target_ms / service_ms))
    assert told.late_share.tolist() == pytest.approx([told.all_late_share])


@pytest.mark.parametrize("hour", [5, 100])
def test_the_hour_s_pace_holds_for_every_drive(hour: int) -> None:
    """Mean steps from the corner of a square of three are 2, to the hospital beside the corner as the table says."""
    city = one_unit(3, per_hour=0.5, service_ms=600_000, target_ms=480_000)
    kind = replace(city.kinds[0], transport_ppm=500_000, handover=Span(240_000))
    ppm = tuple(2_000_000 if nth == 5 else 1_000_000 for nth in range(HOURS_PER_WEEK))
    city = city._replace(kinds=(kind,), hospitals=(HospitalSite("H", 0),), travel_ppm=ppm)
    factor = 2 if hour == 5 else 1
    service_ms = 2 * LIGHTS_STEP_MS * factor + 600_000 + 0.5 * (2 * NORMAL_STEP_MS * factor + 240_000)
    assert hypercube_of(city, hour=hour).workloads.tolist() == pytest.approx([0.5 * service_ms / HOUR_MS])
    assert hypercube_of(city, hour=hour).travel_ms.tolist() == pytest.approx([2 * LIGHTS_STEP_MS * factor])


def with_first(**changes: object) -> City:
    return CITY._replace(units=(replace(CITY.units[0], is_outside=True, **changes), *CITY.units[1:]))


def test_who_costs_more_is_asked_last_and_drives_no_slower() -> None:
    """Units 0 and 4 stand at the same station: of equal ones the first is asked first."""
    own, dear = hypercube_of(CITY), hypercube_of(with_first(cost_ms=HOUR_MS))
    assert own.workloads[0] > 2 * own.workloads[4]
    assert dear.workloads[0] == min(dear.workloads) < 0.2 * own.workloads[0]
    assert dear.workloads[4] > 2 * own.workloads[4]
    assert hypercube_of(with_first(cost_ms=0)).workloads == pytest.approx(own.workloads)


@pytest.mark.parametrize("offset_ms", [0, 300_000])
def test_what_an_agreement_adds_before_rolling_is_time_at_work(offset_ms: int) -> None:
    city = one_unit(1, per_hour=1.0, service_ms=600_000, target_ms=480_000)
    city = city._replace(units=(replace(city.units[0], is_outside=True, offset_ms=offset_ms),))
    told = hypercube_of(city)
    assert told.workloads.tolist() == pytest.approx([(600_000 + offset_ms) / HOUR_MS])
    never = city._replace(units=(replace(city.units[0], offset_ms=480_001), CrewedUnit("own", 0)))
    assert hypercube_of(never).workloads.argmax() == 1, "who rolls at once is asked first"


@pytest.mark.parametrize("demand", [2.0, 2.5])
def test_a_line_that_never_ends_is_refused_already_where_it_only_just_would_not(demand: float) -> None:
    rates, prefer, service = np.array([demand]), np.array([[0, 1]], np.int16), np.array([1.0, 1.0])
    with pytest.raises(BadInput, match="queueing_load"):
        exact(rates, prefer, service)
    lost = exact(rates, prefer, service, line="none")
    assert lost.waits == pytest.approx(demand**2 / 2 / (1 + demand + demand**2 / 2)), "Erlang's B of two"
    assert exact(rates * 0.999999 * 2 / demand, prefer, service).waits == pytest.approx(1.0, abs=1e-5)


def test_units_of_one_crew_have_one_unit_s_calls() -> None:
    crew = (CrewedUnit("A", 0, crew="C"), CrewedUnit("B", 0, crew="C"))
    both, one = (hypercube_of(CITY._replace(units=(*first, *CITY.units[1:4]))) for first in (crew, crew[:1]))
    assert both.workloads == pytest.approx(one.workloads)
    assert len(both.units) == len(one.units) == 4
