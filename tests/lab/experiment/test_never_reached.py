"""Those that nobody reaches are late, and nobody is at work for more than the hours there are, however long a queue takes to drain."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit, Roads, Window
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.figures import Row, measure, span_of
from tocsin.lab.experiment.floor import DAY_MS
from tocsin.lab.experiment.job import Arm
from tocsin.lab.experiment.summary import figures, utilisation
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import run

CLOSEST = POLICIES["closest"]
CITY = square_city(6, 4, calls_per_hour=2.0)


def rowed(city: City, calls: Calls, *, days: float, warm_up: float = 0.0) -> tuple[Row, Outcome]:
    outcome = run(city, calls, CLOSEST, engine="plain")
    return measure(city, calls, outcome, span_of(days, warm_up), 1), outcome


def cut_off(city: City, place: int) -> City:
    """Nobody gets to that place."""
    lights, normal = city.roads.lights_ms.copy(), city.roads.normal_ms.copy()
    for table in (lights, normal):
        table[:, place] = np.where(np.arange(city.places) == place, 0, -1)
    return city._replace(roads=Roads(lights, normal, city.roads.lights_via, city.roads.normal_via))


def test_a_call_that_nobody_can_reach_is_late_though_it_came_last() -> None:
    """The run ends with the last unit's work, here before the call's target has passed."""
    city = cut_off(CITY, 0)
    calls = draw_calls(city, seed=3, replication=1, days=1.0)
    place = calls.place.copy()
    place[place == 0] = 1
    place[-1] = 0
    calls = calls._replace(place=place)
    row, outcome = rowed(city, calls, days=1.0)
    assert outcome.on_scene_ms[-1] == -1 and not outcome.is_overloaded
    served, _ = rowed(city, calls._replace(place=np.where(place == 0, 1, place)), days=1.0)
    assert row.unreached == 1 and row.calls == served.calls == calls.size
    assert row.every.late == served.every.late + 1 and row.every.reached == served.every.reached - 1
    early = measure(city, calls, outcome._replace(ended_ms=int(calls.at_ms[-1]) + 1), span_of(1.0, 0.0), 1)
    assert early.every == row.every, "nothing more happens in a whole run"


def test_only_what_still_waited_in_a_run_that_was_stopped_is_left_out() -> None:
    calls = draw_calls(CITY, seed=3, replication=1, days=1.0)
    outcome = run(CITY, calls, CLOSEST, engine="plain")
    last = int(calls.at_ms[-1])
    target_ms = CITY.priorities[calls.priority[-1]].target_ms
    on_scene_ms = outcome.on_scene_ms.copy()
    on_scene_ms[-1] = -1
    for ended_ms, counted in ((last + target_ms, 0), (last + target_ms + 1, 1)):
        stopped = outcome._replace(on_scene_ms=on_scene_ms, ended_ms=ended_ms, is_overloaded=True)
        row = measure(CITY, calls, stopped, span_of(1.0, 0.0), 1)
        assert row.calls == calls.size - 1 + counted


@settings(max_examples=8)
@given(seed=st.integers(0, 99), load=st.sampled_from([1.0, 4.0, 9.0]), has_shifts=st.booleans())
def test_nobody_is_busier_than_always(seed: int, load: float, has_shifts: bool) -> None:
    units = tuple(CrewedUnit(f"U{nth}", nth, shifts=(Window(480, 1200),) if has_shifts and nth else ()) for nth in range(4))
    city = CITY._replace(units=units)
    calls = draw_calls(city, seed=seed, replication=1, days=0.5, load=load)
    if not calls.size:
        return
    row, outcome = rowed(city, calls, days=0.5)
    for busy, duty, overrun in zip(row.busy_ms, row.duty_ms, row.overrun_ms, strict=True):
        assert busy <= duty + overrun
    assert 0 <= utilisation(row) <= 1
    told = figures(city, Arm("closest", city.digest, CLOSEST), [row])
    assert all(0 <= one.utilisation <= 1 for one in told.units.values())
    assert row.all_calls == calls.size or outcome.is_overloaded


def test_hours_on_duty_are_the_days_where_no_queue_is_left() -> None:
    calls = draw_calls(CITY, seed=1, replication=1, days=3.0, load=0.3)
    row, _ = rowed(CITY, calls, days=3.0)
    assert row.duty_ms == (3 * DAY_MS,) * 4


def test_a_queue_that_drains_for_hours_is_full_work_and_no_more() -> None:
    calls = draw_calls(CITY, seed=1, replication=1, days=1.0, load=6.0)
    row, outcome = rowed(CITY, calls, days=1.0)
    assert not outcome.is_overloaded and outcome.ended_ms > 1.2 * DAY_MS
    assert sum(row.busy_ms) > 4 * DAY_MS, "more than the day has"
    assert utilisation(row) == pytest.approx(1.0, abs=0.01)
