"""The dice: one stream for each thing, so that a change of the city changes what it is about and nothing else."""

import numpy as np
import pytest
from msgspec import structs

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import HOURS_PER_WEEK, City, CrewedUnit, Span, StationSite, Surge
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls

CITY = square_city(12, 4, calls_per_hour=12.0)


def same(one: object, other: object) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))  # type: ignore[call-overload]


def kinds(city: City, **changes: object) -> City:
    return city._replace(kinds=tuple(structs.replace(kind, **changes) for kind in city.kinds))


def test_one_seed_and_replication_is_one_run_of_calls() -> None:
    calls = draw_calls(CITY, seed=3, replication=1, days=5)
    assert same(calls, draw_calls(CITY, seed=3, replication=1, days=5))
    for seed, replication in ((3, 2), (4, 1)):
        assert not same(calls[:1], draw_calls(CITY, seed=seed, replication=replication, days=5)[:1])


def test_stations_units_and_hospitals_leave_the_calls_as_they_are() -> None:
    other = CITY._replace(
        stations=(StationSite("far", 0),), units=(CrewedUnit("A", 0), CrewedUnit("B", 0)), hospitals=(), diverts=(), travel_ppm=(1_200_000,)
    )
    assert same(draw_calls(CITY, seed=1, replication=0, days=3), draw_calls(other, seed=1, replication=0, days=3))


def test_one_distribution_leaves_the_others_as_they_are() -> None:
    calls = draw_calls(CITY, seed=1, replication=0, days=3)
    other = draw_calls(kinds(CITY, on_scene=Span(1_000, "gamma", 2.0)), seed=1, replication=0, days=3)
    assert not np.array_equal(calls.on_scene_ms, other.on_scene_ms)
    assert same(calls._replace(on_scene_ms=calls.at_ms), other._replace(on_scene_ms=other.at_ms))


def test_means_are_those_asked_for() -> None:
    calls = draw_calls(CITY._replace(travel_spread=0.3), seed=1, replication=0, days=120)
    assert calls.size == pytest.approx(120 * 24 * 12, rel=0.02)
    assert draw_calls(CITY, seed=1, replication=0, days=120, load=0.5).size == pytest.approx(120 * 24 * 6, rel=0.02)
    for drawn, mean in (
        (calls.on_scene_ms, 720_000),
        (calls.handover_ms, 900_000),
        (calls.ready_ms - calls.at_ms, 90_000),
        (calls.turnout_ms[:, 0, 0], 60_000),
        (calls.turnout_ms[:, 0, 1], 10_000),
        (calls.travel_ppm, 1_000_000),
        (calls.is_transport, 0.7),
        (calls.priority, 2 / 3),
    ):
        assert float(np.mean(drawn)) == pytest.approx(mean, rel=0.03)
    assert np.all(np.diff(calls.at_ms) >= 0)


def test_quiet_hours_stay_quiet_and_weights_hold() -> None:
    hours = tuple(6.0 if hour % 24 >= 8 else 0.0 for hour in range(HOURS_PER_WEEK))
    weights = np.zeros((1, 144))
    weights[0, [5, 70]] = 0.25, 0.75
    calls = draw_calls(kinds(CITY, per_hour=hours)._replace(place_weights=weights), seed=1, replication=0, days=28.5)
    assert np.all(calls.at_ms % 86_400_000 >= 8 * 3_600_000)
    assert calls.at_ms[-1] < 28.5 * 86_400_000
    assert set(calls.place.tolist()) == {5, 70}
    assert float(np.mean(calls.place == 70)) == pytest.approx(0.75, abs=0.03)


def test_observed_durations_are_drawn_from_what_was_seen() -> None:
    calls = draw_calls(kinds(CITY, handover=Span(0, "observed", values_ms=(7, 11))), seed=1, replication=0, days=3)
    assert set(calls.handover_ms.tolist()) == {7, 11}


def test_the_wrong_priority_is_a_neighbour_and_as_often_as_said() -> None:
    three = CITY._replace(priorities=(*CITY.priorities, CITY.priorities[1]), wrong_priority_ppm=100_000)
    calls = draw_calls(three, seed=1, replication=0, days=60)
    wrong = calls.priority != calls.told_priority
    assert float(np.mean(wrong)) == pytest.approx(0.1, abs=0.01)
    assert np.all(np.abs(calls.priority - calls.told_priority)[wrong] == 1)
    assert set(calls.told_priority.tolist()) == {0, 1, 2}


def test_call_takers_serve_every_report_in_the_order_of_coming() -> None:
    """Against Erlang C (M/M/c): the mean wait for one of two call-takers."""
    city = kinds(CITY, second_report_ppm=0)._replace(call_taking=Span(300_000, "exponential"), call_takers=2)
    calls = draw_calls(city, seed=5, replication=0, days=700)
    rho = 12 / 3600 * 300 / 2
    waited_ms = float(np.mean(calls.ready_ms - calls.at_ms)) - 300_000
    p_wait = 2 * rho**2 / (1 + rho)
    assert waited_ms == pytest.approx(p_wait * 300_000 / (2 * (1 - rho)), rel=0.05)
    busier = draw_calls(kinds(city, second_report_ppm=300_000), seed=5, replication=0, days=20)
    assert float(np.mean(busier.reports)) == pytest.approx(1 / 0.7, rel=0.03)
    assert float(np.mean(busier.ready_ms - busier.at_ms)) > float(np.mean((calls.ready_ms - calls.at_ms)[: busier.size]))


def test_a_surge_comes_on_top_and_changes_no_other_call() -> None:
    surge = Surge(begins_ms=86_400_000, within_ms=600_000, kind=0, calls=40, place=77)
    usual, surged = (draw_calls(city, seed=2, replication=0, days=4) for city in (CITY, CITY._replace(surges=(surge,))))
    assert surged.size == usual.size + 40
    added = (surged.place == 77) & (surged.at_ms >= 86_400_000) & (surged.at_ms < 87_000_000)
    assert added.sum() >= 40
    assert set(usual.ready_ms.tolist()) < set(surged.ready_ms.tolist())
    assert draw_calls(CITY._replace(surges=(surge,)), seed=2, replication=0, days=0.5).size < usual.size


@pytest.mark.parametrize(
    ("days", "load", "field"), [(0.0, 1.0, "days"), (-1.0, 1.0, "days"), (1.0, 0.0, "load"), (1.0, float("nan"), "load")]
)
def test_what_cannot_be_drawn_is_said(days: float, load: float, field: str) -> None:
    with pytest.raises(BadInput, match="draw_not_positive") as fault:
        draw_calls(CITY, seed=1, replication=0, days=days, load=load)
    assert fault.value.field == field
