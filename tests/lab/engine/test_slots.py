"""Calls for several units with skills: filled as the live engine fills a card."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import Slot
from tocsin.lab.city.model import City, CrewedUnit
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.run import run

SLOTS = (Slot("engine", ("engine",), 2), Slot("als", ("als",)), Slot("chief", ("chief",), is_required=False))


def fire_city(units: tuple[CrewedUnit, ...], calls_per_hour: float = 1.0) -> City:
    city = square_city(7, 1, stations=4, calls_per_hour=calls_per_hour)
    return city._replace(units=units, kinds=(replace(city.kinds[0], slots=SLOTS), city.kinds[1]))


ENGINES = tuple(CrewedUnit(f"E{nth}", nth, "engine", ("als",) if nth == 2 else ()) for nth in range(4))
MEDIC = CrewedUnit("M", 0, "ambulance", ("als", "transport"))


def test_every_wanted_unit_comes_and_only_those() -> None:
    city = fire_city((*ENGINES, MEDIC), 0.2)
    calls = draw_calls(city, seed=1, replication=0, days=6)
    outcome = run(city, calls, POLICIES["closest"])
    fires = calls.kind == 0
    assert np.all(outcome.sent[fires] == 3) and np.all(outcome.sent[~fires] == 1)
    assert np.all(outcome.full_ms[fires] >= outcome.on_scene_ms[fires]) and np.any(outcome.full_ms[fires] > outcome.on_scene_ms[fires])
    assert np.array_equal(outcome.full_ms[~fires], outcome.on_scene_ms[~fires])
    assert outcome.busy_ms.sum() > 0


def test_a_call_that_lacks_a_skill_waits_until_all_have_left() -> None:
    city = fire_city(ENGINES[:2], 0.2)
    calls = draw_calls(city, seed=1, replication=0, days=6)
    outcome = run(city, calls, POLICIES["closest"])
    fires = calls.kind == 0
    assert np.all(outcome.full_ms[fires] == -1) and np.all(outcome.on_scene_ms[fires] > 0)
    assert outcome.longest_queue >= 1 and outcome.ended_ms < 20 * 86_400_000


@given(st.integers(0, 99), st.sampled_from(["closest", "road-time"]), st.sampled_from([1.0, 3.0]))
@settings(max_examples=30)
def test_busy_services_come_to_their_end(seed: int, policy: str, calls_per_hour: float) -> None:
    city = fire_city((*ENGINES, MEDIC), calls_per_hour)
    calls = draw_calls(city, seed=seed, replication=0, days=2)
    outcome = run(city, calls, POLICIES[policy])
    assert outcome.is_overloaded or np.all(outcome.on_scene_ms >= calls.ready_ms)
    is_full = outcome.full_ms >= 0
    assert np.all(outcome.full_ms[is_full] >= outcome.on_scene_ms[is_full])
    assert np.all(outcome.busy_ms + outcome.return_ms <= outcome.ended_ms)
