"""A shift worked out by hand, and what must hold of every log that is lived again."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from relived_town import LINE, Told, began, one_week, past_of_town, service
from tocsin.core.engine.policies import get_policy
from tocsin.lab.city.model import Longs
from tocsin.lab.relived.past import Past
from tocsin.lab.relived.serving import Service, add_unit, close_station, move_unit, rehomed, remove_unit
from tocsin.lab.relived.whatif import Dice, answer, live_twice, remarks_of
from tocsin.lab.relived.whatif import Told as Said
from tocsin.lab.run import run
from tocsin.views.whatif_answer import WhatifAnswer

TWO = {"E1": ("engine", "A"), "E2": ("engine", "B")}
CENTI_MS = 125_055
"""A hundredth of a degree at 8.9 m/s, to a tenth of a percent."""

# E1 waits at A (0), E2 at B (5). Closest, then home.
SHIFT = (
    Told(600, 1.0, "E1"),  # from A: 1 along
    Told(700, 2.0, "E1"),  # E1 has a job until it is free again: E2 from B, 3 along
    Told(4000, 4.0, "E2", area="east"),  # everybody is home: E2, 1 along
    Told(9000, 0.0, "E1"),  # at A's own door: no way at all
)


def lived(past: Past, one: Service, seed: int = 1) -> Longs:
    """Responses of the calls, milliseconds."""
    (week,) = one_week(past, one, seed=seed)
    outcome = run(week.city, week.calls, get_policy(one.policy), engine="plain")
    return np.asarray(outcome.on_scene_ms - week.calls.at_ms)


def test_a_shift_worked_out_by_hand() -> None:
    past = past_of_town(SHIFT, TWO)
    own = service(past)
    (week,) = one_week(past, own)
    calls, outcome = week.calls, run(week.city, week.calls, get_policy("closest"), engine="plain")
    assert [week.city.units[unit].name for unit in outcome.first_unit.tolist()] == ["E1", "E2", "E2", "E1"]
    ways = [1, 3, 1, 0]
    for nth, way in enumerate(ways):
        rolled = 60_000 + 50_000  # sent a minute after the call, fifty seconds to roll: the log's own
        drive = way * CENTI_MS * int(calls.travel_ppm[nth]) // 1_000_000
        response = int(outcome.on_scene_ms[nth] - calls.at_ms[nth])
        assert abs(response - rolled - drive) <= 0.002 * drive + 2, nth
    for nth, one in enumerate(SHIFT):
        assert calls.at_ms[nth] == 2 * 86_400_000 + one.at_s * 1000, "Wednesday of the week"
        assert past.rows[nth].arrived == began() + one.at_s * 1000
    busy = {unit.name: int(ms) for unit, ms in zip(week.city.units, outcome.busy_ms, strict=True)}
    works = 2 * 600_000
    assert (
        busy["E1"] > works
        and busy["E2"] > works
        and sum(busy.values()) == sum(int(outcome.on_scene_ms[nth]) + 600_000 - int(calls.ready_ms[nth]) for nth in range(4))
    ), "from being sent until free, and nothing else"


def test_the_second_call_waits_where_there_is_one_engine() -> None:
    past = past_of_town(SHIFT, TWO)
    alone = remove_unit(service(past), "E2")
    (week,) = one_week(past, alone)
    outcome = run(week.city, week.calls, get_policy("closest"), engine="plain")
    free_ms = int(outcome.on_scene_ms[0]) + 600_000
    from_there = CENTI_MS * int(week.calls.travel_ppm[1]) // 1_000_000  # from 1 to 2
    on_road = int(outcome.on_scene_ms[1]) - free_ms - from_there
    assert abs(on_road - 50_000) < 1_000, "it is sent the moment it is free, from where it is"
    assert outcome.sent.sum() == 4


def told_of(past: Past, base: Service, changed: Service, replications: int = 2) -> WhatifAnswer:
    changed, _ = rehomed(changed, past.ground)
    dice = Dice(1, replications)
    return answer(past, (base, changed), dice, live_twice(past, (base, changed), dice), Said("head", (), ()))


def test_the_answer_of_the_shift_adds_up() -> None:
    past = past_of_town(SHIFT, TWO, asked_s={"P1": 200})
    base = service(past)
    changed = close_station(base, "B")  # E2 goes to A or C: both are as far, the first is taken
    found = told_of(past, base, changed)
    assert found.calls == found.measured == found.incidents == 4 and found.resampled == ""
    assert found.targets_s == {"P1": 200.0} and found.targets_source == {"P1": "asked"}
    assert list(found.stations) == ["A", "B"] and found.stations["B"].is_closed and not found.stations["A"].is_closed
    assert found.stations["B"].units_base == ("E2",) and found.stations["B"].units_changed == ()
    assert found.stations["A"].units_changed == ("E1", "E2")
    around_b = found.stations["B"].around
    assert around_b is not None and around_b.n == 1 and found.stations["B"].areas == ("east",)
    assert around_b.mean_s.mean > 0, "four along in the place of one"
    west, east = found.areas["west"], found.areas["east"]
    assert list(found.areas) == ["east", "west"], "what loses stands first"
    whole = (3 * west.mean_s.mean + east.mean_s.mean) / 4
    assert abs(found.every.mean_s.mean - whole) < 0.011
    for before_or_after in ("base", "changed"):
        late = [getattr(one, before_or_after).late_share * one.n for one in (west, east, found.every)]
        assert abs(late[0] + late[1] - late[2]) < 1e-4
    assert found.every.mean_s.is_few and not found.every.mean_s.is_shown, "four calls on one day show nothing"
    assert found.fit["all"].verdict == "few" and found.fit["all"].real_mean_s == 360.0


def test_what_is_late_is_counted_by_hand() -> None:
    past = past_of_town(SHIFT, TWO, asked_s={"P1": 300})
    base = service(past)
    responses = lived(past, base)
    found = told_of(past, base, base, replications=1)
    assert found.every.base.late_share == round(float((responses > 300_000).mean()), 5) > 0
    assert found.every.base.mean_s == round(float(responses.mean()) / 1000, 1)
    assert found.every.late_share.mean == 0 and found.every.mean_s.mean == 0 and found.better == found.worse == 0


def test_whom_nobody_reaches_any_more_is_told_by_area() -> None:
    calls = (*SHIFT, Told(12_000, 5.0, "L1", area="east", kind="roof"), Told(15_000, 0.5, "L1", area="west", kind="roof"))
    past = past_of_town(calls, {**TWO, "L1": ("ladder", "B")})
    base = service(past)
    assert told_of(past, base, base).newly_unreached == {}
    found = told_of(past, base, remove_unit(base, "L1"))
    assert found.newly_unreached == {"east": 1, "west": 1}
    assert found.measured == 4 and found.unreached_base == 0 and found.unreached_changed == 2
    assert found.every.mean_s.mean == 0, "of those that somebody still reaches"
    without = remove_unit(base, "L1")
    counts = {one.code: one.values.get("count") for one in remarks_of(past, base, without)}
    assert counts["short"] == "2" and "short" not in {one.code for one in remarks_of(past, base, base)}


# ---- what holds of every log

spots = st.integers(0, 24).map(lambda nth: nth / 2)
homes = st.sampled_from(sorted(LINE))


@st.composite
def logs(draw: st.DrawFn, *, apart_s: tuple[int, int] = (60, 2_000), most: int = 8) -> tuple[list[Told], dict[str, tuple[str, str]]]:
    units = {f"E{nth}": ("engine", home) for nth, home in enumerate(draw(st.lists(homes, min_size=1, max_size=4)), start=1)}
    second, calls = 600, []
    for _ in range(draw(st.integers(1, most))):
        calls.append(Told(second, draw(spots), draw(st.sampled_from(sorted(units))), area=draw(st.sampled_from(["west", "east"]))))
        second += draw(st.integers(*apart_s))
    return calls, units


@settings(max_examples=25)
@given(logs())
def test_names_of_units_change_nothing(drawn: tuple[list[Told], dict[str, tuple[str, str]]]) -> None:
    calls, units = drawn
    past = past_of_town(calls, units)
    own = service(past)
    renamed = own._replace(units=tuple(unit._replace(name=f"Z{nth:02d}-{unit.name}") for nth, unit in enumerate(own.units)))
    assert (lived(past, own) == lived(past, renamed)).all()


@settings(max_examples=25)
@given(logs(apart_s=(9_000, 9_500), most=5), homes)
def test_where_nobody_is_busy_another_unit_makes_no_call_later(drawn: tuple[list[Told], dict[str, tuple[str, str]]], home: str) -> None:
    """Where calls overlap it may: the unit that is spared stands elsewhere later. Here everybody is home again before the next call."""
    calls, units = drawn
    past = past_of_town(calls, units)
    own = service(past)
    more = add_unit(own, f"X:engine:{home}")
    before, after = lived(past, own), lived(past, more)
    assert (after <= before).all()
    if any(home == where for _, where in units.values()):
        assert (after == before).all(), "a second one at the same station is not needed"


@settings(max_examples=25)
@given(logs())
def test_a_station_where_nobody_waits_may_be_closed(drawn: tuple[list[Told], dict[str, tuple[str, str]]]) -> None:
    calls, units = drawn
    past = past_of_town(calls, units)
    own = service(past)
    empty = [name for name in LINE if name not in {home for _, home in units.values()}]
    for name in empty[:2]:
        closed, moved = rehomed(close_station(own, name), past.ground)
        assert moved == () and (lived(past, own) == lived(past, closed)).all()


@settings(max_examples=15)
@given(logs(), homes)
def test_there_and_back_is_where_it_was(drawn: tuple[list[Told], dict[str, tuple[str, str]]], home: str) -> None:
    calls, units = drawn
    past = past_of_town(calls, units)
    own = service(past)
    away = move_unit(own, f"E1:{home}")
    assert move_unit(away, f"E1:{units['E1'][1]}") == own
    assert remove_unit(add_unit(own, f"X:engine:{home}"), "X") == own


@settings(max_examples=15)
@given(logs())
def test_nobody_is_lost_and_nobody_arrives_before_being_sent(drawn: tuple[list[Told], dict[str, tuple[str, str]]]) -> None:
    calls, units = drawn
    past = past_of_town(calls, units)
    (week,) = one_week(past, service(past))
    outcome = run(week.city, week.calls, get_policy("closest"), engine="plain")
    assert (outcome.on_scene_ms >= week.calls.ready_ms + 50_000).all(), "sent, rolled after fifty seconds, driven"
    assert outcome.sent.sum() == len(calls) and (outcome.busy_ms <= outcome.ended_ms).all()


def test_both_lives_have_the_same_dice_and_other_seeds_have_others() -> None:
    past = past_of_town(SHIFT, TWO)
    own = service(past)
    one, two = one_week(past, own, move_unit(own, "E2:C"))
    assert all((mine == other).all() for mine, other in zip(one.calls, two.calls, strict=True))
    assert (lived(past, own, 1) != lived(past, own, 2)).any()
