"""A run's figures against the same computed one call at a time, and what is counted and what is not."""

from math import ceil

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit, PriorityClass, Span, StationSite, Turnout, Window
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.figures import Row, Tally, default_warm_up_days, measure, span_of
from tocsin.lab.experiment.floor import DAY_MS, duty_ms, high_priorities, out_of_reach
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import run

CITY = square_city(6, 4, calls_per_hour=3.0)


def slow_tally(rows: list[tuple[int, int]]) -> Tally:
    """``rows``: response (-1 = never reached), target."""
    reached = sorted(response for response, _ in rows if response >= 0)
    late = sum(1 for response, target in rows if response < 0 or response > target)
    p90 = reached[ceil(0.9 * len(reached)) - 1] if reached else -1
    return Tally(len(rows), late, len(reached), sum(reached), p90)


def check(city: City, calls: Calls, outcome: Outcome, row: Row, warm_up_ms: int, until_ms: int) -> None:
    kept = []
    for nth in range(calls.size):
        at, target = int(calls.at_ms[nth]), city.priorities[calls.priority[nth]].target_ms
        on_scene = int(outcome.on_scene_ms[nth])
        if not warm_up_ms <= at < until_ms or (outcome.is_overloaded and on_scene < 0 and outcome.ended_ms - at <= target):
            continue
        kept.append((int(calls.priority[nth]), int(city.place_area[calls.place[nth]]), on_scene - at if on_scene >= 0 else -1, target))
    assert row.calls == len(kept)
    assert row.every == slow_tally([one[2:] for one in kept])
    high = [one for one in kept if city.priorities[one[0]].is_urgent]
    assert row.high == slow_tally([one[2:] for one in high])
    assert row.low == slow_tally([one[2:] for one in kept if one not in high])
    assert row.areas == tuple(slow_tally([one[2:] for one in high if one[1] == area]) for area in range(len(city.areas)))
    assert row.priorities == tuple(slow_tally([one[2:] for one in kept if one[0] == nth]) for nth in range(len(city.priorities)))
    assert sum(row.high_by_minute) == row.high.reached
    assert (sum(row.hours_n), sum(row.hours_late)) == (row.high.n, row.high.late)


@settings(max_examples=15)
@given(seed=st.integers(0, 99), warm_up=st.sampled_from([0.0, 0.5, 1.0]), unreached=st.integers(0, 20))
def test_figures_are_those_of_every_call_by_itself(seed: int, warm_up: float, unreached: int) -> None:
    calls = draw_calls(CITY, seed=seed, replication=1, days=2.0)
    outcome = run(CITY, calls, POLICIES["closest"], engine="plain")
    on_scene_ms = outcome.on_scene_ms.copy()
    on_scene_ms[:: max(1, calls.size // (unreached + 1))] = -1
    outcome = outcome._replace(on_scene_ms=on_scene_ms)
    span = span_of(2.0, warm_up)
    check(CITY, calls, outcome, measure(CITY, calls, outcome, span, 1), span.warm_up_ms, span.until_ms)


def test_a_run_cut_short_counts_what_happened_before() -> None:
    calls = draw_calls(CITY, seed=1, replication=1, days=4.0)
    outcome = run(CITY, calls, POLICIES["closest"], engine="plain")
    stop_ms = 2 * DAY_MS
    cut = outcome._replace(
        on_scene_ms=np.where(outcome.on_scene_ms > stop_ms, -1, outcome.on_scene_ms), ended_ms=stop_ms, is_overloaded=True
    )
    row = measure(CITY, calls, cut, span_of(4.0, 0.0), 1)
    assert row.is_overloaded
    assert row.ended_ms == stop_ms
    assert row.all_calls == int((calls.at_ms <= stop_ms).sum())
    assert row.calls <= row.all_calls
    assert row.duty_ms == (stop_ms,) * 4


def test_the_first_day_is_left_out_of_runs_of_two_days() -> None:
    assert [default_warm_up_days(days) for days in (0.5, 1.9, 2.0, 7.0)] == [0.0, 0.0, 1.0, 1.0]


def test_all_are_high_where_none_is_urgent() -> None:
    calm = CITY._replace(priorities=tuple(PriorityClass(one.name, one.target_ms, False) for one in CITY.priorities))
    assert high_priorities(calm).tolist() == [True, True]
    assert high_priorities(CITY).tolist() == [True, False]


def test_the_floor_is_what_no_station_reaches() -> None:
    """480 s less 90 s of call taking and 60 s of turnout are 11 steps of 30 s: in a square of 6 everything is within 11 of a station."""
    sure = CITY._replace(call_taking=Span(90_000), turnouts=(Turnout(at_station=Span(60_000), on_road=Span(60_000)),), travel_spread=0.0)
    calls = draw_calls(sure, seed=1, replication=1, days=2.0)
    urgent = calls.priority == 0
    assert not out_of_reach(sure, calls)[urgent].any()
    one = sure._replace(stations=(StationSite("corner", 0),))
    tight = one._replace(priorities=(PriorityClass("urgent", 330_000), CITY.priorities[1]))
    steps = calls.place // 6 + calls.place % 6
    assert out_of_reach(tight, calls)[urgent].tolist() == (steps > 6)[urgent].tolist()
    assert out_of_reach(one._replace(stations=(StationSite("corner", 0, is_open=False),)), calls).all()


def test_hours_on_duty_go_round_the_week() -> None:
    day, night, always = Window(480, 1200), Window(10_020, 60), ()
    units = (CrewedUnit("D", 0, shifts=(day,)), CrewedUnit("N", 0, shifts=(night,)), CrewedUnit("A", 0, shifts=always))
    hours = duty_ms(CITY._replace(units=units), 8 * DAY_MS) / 3_600_000
    assert hours.tolist() == [24.0, 1.0 + 1.0 + 1.0, 192.0]
