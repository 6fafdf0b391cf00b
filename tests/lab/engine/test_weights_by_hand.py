"""What decides between two units, and what becomes of calls for several: on a line, by hand. 30 s a step with lights, 40 s without.

A unit at place 0 is sent at 1 s to a call without lights at place 10. At 301 s it has driven seven steps and a half: it is at place 8, from
which the 80 s that are left to place 10 are no more than the 100 s that are left of its drive.
"""

import numpy as np
import pytest
from msgspec.structs import replace
from on_a_line import LINE, joined, one_call, two_units

from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import Slot
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit, Divert, Happening, PriorityClass, Roads, Span, StationSite, Turnout, Window
from tocsin.lab.city.square import LIGHTS_STEP_MS, NORMAL_STEP_MS
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import find_kernel, has_twin, run

DIVERTS = POLICIES["road-time"]
TOLD_MS, MIDWAY_MS = 1_000, 301_000
FAR, NEAR = 10, 4
OPENS_MS = 20_000_000


def lived(city: City, calls: Calls) -> Outcome:
    """By both engines where both can."""
    outcome = run(city, calls, DIVERTS, engine="plain")
    if has_twin(city, DIVERTS) and find_kernel() is not None:
        for one, other in zip(run(city, calls, DIVERTS, engine="compiled"), outcome, strict=True):
            assert np.array_equal(one, other)
    return outcome


def known_late(place: int, at_ms: int, *, ready_ms: int = MIDWAY_MS) -> Calls:
    """An urgent call that took its time at the call-taker's."""
    return one_call(place, at_ms=at_ms)._replace(ready_ms=np.array([ready_ms], np.int64))


# ---- what is left of a target, and what a divert must win


@pytest.mark.parametrize(("asked_ms", "is_diverted"), [(300_000, True), (300_001, False), (270_000, False), (10_000, False)])
def test_the_clock_of_a_target_began_with_the_call(asked_ms: int, is_diverted: bool) -> None:
    """480 s less 300 s leave 180 s: six steps for the one that must be diverted, seven for the other, which alone would be late. With a
    millisecond less both are late, with half a minute more neither is: then the 30 s that are won are too few. V is there from 300 s on."""
    city = two_units(second=9)
    city = city._replace(units=(city.units[0], replace(city.units[1], shifts=(Window(5, 10_080),))))
    outcome = lived(city, joined(one_call(FAR, priority=1), known_late(2, MIDWAY_MS - asked_ms)))
    assert outcome.diverted == is_diverted
    assert outcome.first_unit.tolist() == ([1, 0] if is_diverted else [0, 1])
    assert outcome.on_scene_ms[1] == MIDWAY_MS + (6 if is_diverted else 7) * LIGHTS_STEP_MS


@pytest.mark.parametrize(("cost_ms", "is_diverted"), [(0, True), (29_999, True), (30_000, True), (30_001, False)])
def test_who_is_lent_costs_as_much_when_it_is_diverted(cost_ms: int, is_diverted: bool) -> None:
    """Four steps against nine: 150 s are won, of which the divert itself wants 120 s. V comes on duty at the fifth minute."""
    city = two_units(second=9 + 4 * 11)
    units = (replace(city.units[0], is_outside=True, cost_ms=cost_ms), replace(city.units[1], shifts=(Window(5, 10_080),)))
    city = city._replace(units=units, priorities=(PriorityClass("urgent", 3_600_000), city.priorities[1]))
    outcome = lived(city, joined(one_call(FAR, priority=1), known_late(NEAR, MIDWAY_MS - 1_000)))
    assert outcome.diverted == is_diverted
    assert outcome.on_scene_ms[1] == MIDWAY_MS + (4 if is_diverted else 9) * LIGHTS_STEP_MS


@pytest.mark.parametrize("rule", [Divert(0, 1, 0, 0), Divert(0, 0, 0, 0), Divert(1, 1, 0, 0)])
def test_nobody_is_taken_from_what_is_as_urgent_or_more(rule: Divert) -> None:
    city = LINE._replace(diverts=(rule,))
    first, second = (0, 1) if rule.lower == 0 else (1, 1)
    calls = joined(one_call(FAR, priority=first), one_call(1, at_ms=60_000, priority=rule.higher if rule.higher else second - 1))
    outcome = lived(city, calls)
    assert outcome.diverted == 0 and outcome.longest_queue == 1
    assert outcome.on_scene_ms[0] < outcome.on_scene_ms[1]


# ---- roads that close between being told and rolling


def test_who_was_sent_before_a_road_closed_goes_the_way_it_was_sent_by() -> None:
    shut = LINE.roads.lights_ms.copy()
    shut[:, FAR] = -1
    closed = Roads(shut, LINE.roads.normal_ms, LINE.roads.lights_via, LINE.roads.normal_via)
    city = LINE._replace(
        turnouts=(Turnout("*", Span(60_000), Span(0)),),
        other_roads=(closed,),
        happenings=(Happening("other_roads", 30_000, OPENS_MS),),
    )
    calls = joined(one_call(FAR), one_call(FAR, at_ms=5_000_000))._replace(turnout_ms=np.full((2, 1, 2), 60_000, np.int64))
    outcome = lived(city, calls)
    told = [TOLD_MS, OPENS_MS]  # the second must wait for the road
    assert outcome.on_scene_ms.tolist() == [ms + 60_000 + FAR * LIGHTS_STEP_MS for ms in told]


# ---- calls for several units


def several(*slots: Slot, units: tuple[CrewedUnit, ...], second: int = 5) -> City:
    city = two_units(second=second)._replace(units=units)
    return city._replace(kinds=(replace(city.kinds[0], slots=slots), city.kinds[1]))


PAIR = (Slot("two", ("ambulance",), 2),)
U_AND_V = (CrewedUnit("U", 0), CrewedUnit("V", 1))


def test_the_second_on_scene_works_as_long_as_the_second_does() -> None:
    city = several(*PAIR, units=U_AND_V)
    calls = one_call(2)._replace(on_scene_ms=np.array([[600_000, 70_000]], np.int64))
    outcome = lived(city, calls)
    assert outcome.first_unit.tolist() == [0] and outcome.full_ms.tolist() == [TOLD_MS + 3 * LIGHTS_STEP_MS]
    assert outcome.busy_ms.tolist() == [2 * LIGHTS_STEP_MS + 600_000, 3 * LIGHTS_STEP_MS + 70_000]


@pytest.mark.parametrize("first", [0, 1])
def test_one_unit_takes_the_patient_and_the_first_that_can(first: int) -> None:
    """The hospital is in the middle: from place 2 three steps along and five across."""
    caps = ((), ("transport",)) if first else ((), ())
    units = tuple(replace(unit, capabilities=own) for unit, own in zip(U_AND_V, caps, strict=True))
    calls = one_call(2)._replace(
        on_scene_ms=np.full((1, 2), 600_000, np.int64), is_transport=np.array([True]), handover_ms=np.array([90_000])
    )
    outcome = lived(several(*PAIR, units=units), calls)
    carried = [8 * NORMAL_STEP_MS + 90_000 if nth == first else 0 for nth in (0, 1)]
    assert outcome.busy_ms.tolist() == [steps * LIGHTS_STEP_MS + 600_000 + more for steps, more in zip((2, 3), carried, strict=True)]


def test_when_the_last_has_left_nobody_is_sent_any_more() -> None:
    """The engine alone is on duty; the medic that was wanted too begins an hour later, when all is over."""
    units = (CrewedUnit("E", 0, "engine"), CrewedUnit("M", 1, "ambulance", ("als",), shifts=(Window(60, 10_080),)))
    city = several(Slot("engine", ("engine",)), Slot("als", ("als",)), units=units)
    calls = one_call(2)._replace(on_scene_ms=np.full((1, 2), 600_000, np.int64))
    outcome = lived(city, joined(calls, one_call(3, at_ms=3_700_000, priority=1)._replace(on_scene_ms=calls.on_scene_ms)))
    assert outcome.sent.tolist() == [1, 1] and outcome.full_ms[0] == -1
    assert outcome.busy_ms[0] == 2 * LIGHTS_STEP_MS + 600_000, "the engine had one job"


def test_who_comes_on_duty_in_time_joins_those_at_work() -> None:
    units = (CrewedUnit("E", 0, "engine"), CrewedUnit("M", 1, "ambulance", ("als",), shifts=(Window(5, 10_080),)))
    city = several(Slot("engine", ("engine",)), Slot("als", ("als",)), units=units)
    outcome = lived(city, one_call(2)._replace(on_scene_ms=np.full((1, 2), 600_000, np.int64)))
    assert outcome.sent.tolist() == [2] and outcome.full_ms.tolist() == [300_000 + 3 * LIGHTS_STEP_MS]


@pytest.mark.parametrize(("not_within_ms", "is_diverted"), [(0, True), (80_000, True), (80_001, False), (600_000, False)])
def test_who_is_nearly_there_is_left_alone_by_calls_for_several_too(not_within_ms: int, is_diverted: bool) -> None:
    city = several(Slot("one", ("ambulance",)), units=U_AND_V[:1])._replace(diverts=(Divert(1, 0, 120_000, not_within_ms),))
    outcome = lived(city, joined(one_call(FAR, priority=1), known_late(NEAR, MIDWAY_MS - 1_000)))
    assert outcome.diverted == is_diverted
    assert (outcome.on_scene_ms[1] == MIDWAY_MS + 4 * LIGHTS_STEP_MS) == is_diverted
    assert (outcome.on_scene_ms[0] < outcome.on_scene_ms[1]) != is_diverted


# ---- where units of a lost station go


@pytest.mark.parametrize(("stations", "chosen"), [((0, 9, 2), 2), ((0, 2, 9), 1), ((5, 9, 1), 1)])
def test_who_has_lost_its_station_stands_at_the_open_one_that_is_nearest(stations: tuple[int, ...], chosen: int) -> None:
    """By the drive, not by the order of the list; the third has both at four steps: the first."""
    sites = tuple(StationSite(f"S{nth}", place, is_open=nth > 0) for nth, place in enumerate(stations))
    outcome = lived(LINE._replace(stations=sites), one_call(stations[chosen]))
    assert outcome.on_scene_ms.tolist() == [TOLD_MS], "it is there already"
