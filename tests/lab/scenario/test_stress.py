"""The robustness panel: the same comparison in worlds that differ from the city in one thing each."""

import json

import msgspec
import numpy as np
import pytest
from lab_texts import SQUARE, laid

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.edit import close_station
from tocsin.lab.city.model import City, PriorityClass
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.executor import InProcess
from tocsin.lab.experiment.experiment import Experiment, compared, gather
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.experiment.stress import AS_IS, busiest, stress_of, worlds_of
from tocsin.views.experiment_answer import CompareAnswer, Difference, InWorld, Partial
from tocsin.wiring.experiments import ExperimentAsked, Opened
from tocsin.wiring.stress import stressed

ASKED = ExperimentAsked(centre=None, policies=("closest", "default"), workers=1)  # type: ignore[arg-type]  # its folder is not opened here


def opened(city: City, *, days: float = 3, replications: int = 4) -> Opened:
    arms = tuple(Arm(name, city.digest, POLICIES[name]) for name in ASKED.policies)
    experiment = Experiment(arms, days, 1.0, 1, replications, 1.0)
    return Opened(city, experiment, Ground({city.digest: city}, {city.digest: cover_model(city)}))


def nobody(done: int, total: int | None, stage: str) -> None:
    """Looks on."""


def told_of(one: Opened) -> CompareAnswer:
    return compared(one.experiment, one.ground, gather(one.experiment, one.ground, InProcess(), lambda _done, _of: None))


def changed_by(mean: float, *, half: float = 0.01) -> dict[str, dict[str, Difference]]:
    return {"default": {"high_late_share": Difference(mean, half, abs(mean) > half)}}


def test_each_world_differs_in_one_thing() -> None:
    worlds = {(one.code, *one.values.values()): one.city for one in worlds_of(SQUARE)}
    closed = [name for code, *values in worlds for name in values if code == "station_closed"]
    assert [code for code, *_ in worlds] == ["demand"] * 2 + ["drives"] * 2 + ["station_closed"] * 3 + ["radio_lost", "wrong_priorities"]
    assert closed == busiest(SQUARE) and len({city.digest for city in worlds.values()} | {SQUARE.digest}) == 10
    rates = sum(sum(kind.per_hour) for kind in worlds["demand", "+20"].kinds) / sum(sum(kind.per_hour) for kind in SQUARE.kinds)
    assert rates == pytest.approx(1.2)
    assert set(worlds["drives", "-15"].travel_ppm) == {850_000} and worlds["wrong_priorities", "10"].wrong_priority_ppm == 100_000
    for name in closed:
        assert not next(one for one in worlds["station_closed", name].stations if one.name == name).is_open
    assert all(city.roads is SQUARE.roads for city in worlds.values()), "no table of drives is made twice"


def test_calls_are_the_same_where_they_can_be() -> None:
    usual = draw_calls(SQUARE, seed=5, replication=2, days=2)
    for world in worlds_of(SQUARE):
        calls = draw_calls(world.city, seed=5, replication=2, days=2)
        if world.code != "demand":
            assert np.array_equal(calls.at_ms, usual.at_ms) and np.array_equal(calls.place, usual.place)
        if world.code == "wrong_priorities":
            assert np.array_equal(calls.priority, usual.priority) and not np.array_equal(calls.told_priority, usual.told_priority)


def test_what_the_city_has_already_is_kept_in_every_world() -> None:
    rush = ", ".join(["1.1"] * 24)
    city = laid(f'travel_times = [{rush}]\nwrong_priority = 0.3\n[[happening]]\nwhat = "slower"\ntimes = 1.2\n')
    worlds = {(one.code, *one.values.values()): one.city for one in worlds_of(city)}
    assert set(worlds["drives", "+15"].travel_ppm) == {1_265_000}
    assert worlds["wrong_priorities", "30"].wrong_priority_ppm == 300_000
    assert [one.what for one in worlds["radio_lost",].happenings] == ["slower", "radio_lost"]


def test_cities_too_small_for_some_worlds() -> None:
    one_priority = SQUARE._replace(priorities=(PriorityClass("all", 480_000),), kinds=(SQUARE.kinds[0],))
    assert "wrong_priorities" not in {one.code for one in worlds_of(one_priority)}
    alone = close_station(close_station(close_station(SQUARE, "S00"), "S01"), "S02")
    assert busiest(alone) == []


def test_the_panel_tells_every_world_and_the_worst_of_them() -> None:
    one = opened(SQUARE)
    answer = stressed(told_of(one), one, ASKED, nobody)
    assert answer.stress is not None and answer.stress.worlds[0].world == AS_IS
    usual, *others = answer.stress.worlds
    assert usual.changes["default"]["high_late_share"] == answer.differences[0].measures["high_late_share"]
    late = {(world.world, *world.values.values()): world.late_share for world in others}
    assert late["demand", "+20"] > usual.late_share > late["demand", "-20"]  # type: ignore[operator]  # each has calls
    assert late["drives", "+15"] > usual.late_share > late["drives", "-15"]  # type: ignore[operator]  # likewise
    assert late["station_closed", busiest(SQUARE)[0]] > usual.late_share  # type: ignore[operator]  # likewise
    (spread,) = answer.stress.spreads
    changes = [world.changes["default"]["high_late_share"].mean for world in answer.stress.worlds]
    assert (spread.most, spread.least, spread.worst) == (min(changes), max(changes), changes.index(max(changes)))
    assert spread.of == 10 >= spread.gains + spread.loses
    assert json.loads(msgspec.json.encode(answer))["stress"]["worlds"][1]["values"] == {"percent": "+20"}


def test_a_world_that_nothing_came_of_is_told_and_counts_in_no_spread() -> None:
    worlds = [
        InWorld(AS_IS, 8, 0.3, changed_by(-0.05)),
        InWorld("demand", 8, 0.5, changed_by(-0.002), {"percent": "+20"}),
        InWorld("drives", 0, partial=Partial("overload")),
        InWorld("radio_lost", 8, 0.4, changed_by(0.02)),
    ]
    (spread,) = stress_of(["default"], worlds).spreads
    assert (spread.most, spread.least, spread.worst, spread.gains, spread.loses, spread.of) == (-0.05, 0.02, 3, 1, 1, 3)
    assert stress_of(["default"], [InWorld(AS_IS, 0)]).spreads == ()


def test_an_overloaded_world_is_marked() -> None:
    text = "\n".join(f'[[calls]]\nname = "{name}"\nper_day = 145' for name in ("urgent", "other"))
    one = opened(laid(text), days=40, replications=1)
    answer = told_of(one)
    told = stressed(answer, one, ASKED, nobody).stress
    assert answer.partial is None and told is not None
    worlds = {(world.world, *world.values.values()): world for world in told.worlds}
    assert worlds["demand", "+20"].partial is not None and worlds["demand", "+20"].partial.code == "overload"
    assert worlds["demand", "-20"].partial is None and worlds[AS_IS,].partial is None
