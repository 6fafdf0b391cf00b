"""Stations that are lost, radios that are silent and meals that fell out: on a line, by hand. 30 s a step with lights, 40 s without."""

import numpy as np
import pytest
from msgspec.structs import replace
from on_a_line import LINE, joined, one_call, two_units

from tocsin.base.identifiers import StationId
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.cover import PPB, CoverModel, CoverRow
from tocsin.lab.city.model import CrewedUnit, Happening, Window
from tocsin.lab.city.square import LIGHTS_STEP_MS, NORMAL_STEP_MS
from tocsin.lab.plain.drives import Drives
from tocsin.lab.plain.fleet import Fleet
from tocsin.lab.run import run

MINUTE, FOREVER = 60_000, 1 << 50
CLOSEST, MOVES = POLICIES["closest"], POLICIES["move-up"]
ALL_AT_B = CoverModel("", (StationId("A"), StationId("B")), (CoverRow("all", (1,), PPB),))


@pytest.mark.parametrize(("lost_from_ms", "lost_until_ms", "moves"), [(0, FOREVER, 0), (FOREVER, 2 * FOREVER, 1), (0, 100_000, 1)])
def test_nobody_is_moved_to_a_station_that_is_lost(lost_from_ms: int, lost_until_ms: int, moves: int) -> None:
    """All demand is B's, and U alone could be there: but not while B is lost."""
    city = two_units(second=10)._replace(units=LINE.units, happenings=(Happening("station_lost", lost_from_ms, lost_until_ms, 1),))
    calls = joined(one_call(5), one_call(0, at_ms=20 * MINUTE))
    outcome = run(city, calls, MOVES, cover=ALL_AT_B, engine="plain")
    assert outcome.moves.tolist()[0] >= moves and (outcome.moves[0] > 0) == (moves > 0)
    steps = 10 if moves else 0
    assert outcome.on_scene_ms[1] == 20 * MINUTE + 1_000 + steps * LIGHTS_STEP_MS


@pytest.mark.parametrize(("lost_ms", "first"), [(FOREVER, 1), (1_101_000, 1), (901_001, 0), (941_000, 0)])
def test_without_radio_a_unit_is_where_it_was_when_it_fell_silent(lost_ms: int, first: int) -> None:
    """On its way back from place 10 since 901 s, U is at place 5 at 1,101 s, farther than V's four steps, and at 9 at 941 s: nearer."""
    city = two_units(second=10 + 4 * 11)
    city = city._replace(
        units=(city.units[0], replace(city.units[1], shifts=(Window(16, 10_080),))),
        happenings=(Happening("radio_lost", lost_ms, 2 * FOREVER),),
    )
    outcome = run(city, joined(one_call(10), one_call(10, at_ms=1_150_000)), CLOSEST, engine="plain")
    assert outcome.first_unit.tolist() == [0, first]


@pytest.mark.parametrize(("shift_ends", "is_served_now"), [(60, True), (10_080, False)])
def test_a_meal_that_fell_into_a_job_at_the_shift_s_end_is_not_made_up_for_in_the_next(shift_ends: int, is_served_now: bool) -> None:
    """Due at the 50th minute, in the midst of a job that lasts till the 66th. Who stays on duty eats when it is back."""
    shifts = (Window(0, shift_ends),) if shift_ends == 10_080 else (Window(0, shift_ends), Window(120, 10_080))
    unit = replace(LINE.units[0], shifts=shifts, breaks=(Window(50, 80),))
    city = LINE._replace(units=(unit,))
    job = one_call(0, at_ms=45 * MINUTE, scene_ms=21 * MINUTE)
    second = one_call(0, at_ms=121 * MINUTE, priority=1, scene_ms=MINUTE)
    third = one_call(1, at_ms=(70 if shift_ends == 10_080 else 125) * MINUTE, priority=1)
    outcome = run(city, joined(job, second, third) if is_served_now else joined(job, third), CLOSEST, engine="plain")
    at_once = int(third.ready_ms[0]) + NORMAL_STEP_MS
    assert (outcome.on_scene_ms[-1] == at_once) == is_served_now
    if not is_served_now:
        assert outcome.on_scene_ms[-1] == 96 * MINUTE + 1_000 + NORMAL_STEP_MS, "half an hour after it was free"
    assert outcome.busy_ms[0] >= 21 * MINUTE
    assert np.all(outcome.sent == 1)


def test_a_crew_of_two_units_is_counted_once() -> None:
    """One job among them: the second of a crew adds no cover where it waits, and takes none away when the first is sent."""
    city = two_units()._replace(units=(CrewedUnit("A", 1, crew="C"), CrewedUnit("B", 1, crew="C"), CrewedUnit("D", 1)))
    fleet = Fleet(city, Drives(city), MOVES, ALL_AT_B, MoveUpRule())
    counts = []
    for unit in fleet.units:
        fleet.make_idle(unit, 0)
        counts.append(fleet.cover.counts[0] if fleet.cover is not None else -1)
    assert counts == [1, 1, 2]
    fleet.take(fleet.units[1], 0)
    assert fleet.cover is not None and fleet.cover.counts == [1]
    assert [unit.name for unit in fleet.free] == ["00002"]
