"""The real desk and the plain engine: the same calls, the same rules, the same milliseconds."""

import numpy as np
import pytest
from desk_cities import cities
from desk_stage import calls_of, run

from promises.checkers import check_board, check_journal
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.moveup import MoveUpOrdered
from tocsin.core.messages.refusal import CommandRefused
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.model import City
from tocsin.lab.city.square import square_city
from tocsin.lab.desked.opening import Conduct, conduct_of
from tocsin.lab.outcome import Outcome
from tocsin.lab.plain.engine import run_plain

CITIES = dict(cities())


def differing(one: Outcome, other: Outcome) -> list[str]:
    return [name for name in one._fields if not np.array_equal(getattr(one, name), getattr(other, name))]


def on_both(city: City, conduct: Conduct, *, seed: int = 1, days: float = 0.6) -> list[str]:
    calls = calls_of(city, days=days, seed=seed)
    plain = run_plain(city, calls, POLICIES[conduct.policy], conduct.cover, conduct.rule)
    desk = run(city, calls, conduct)
    check_journal(desk.journal, desk.board())
    check_board(desk.board())
    return differing(plain, desk.outcome)


@pytest.mark.parametrize("policy", ["closest", "road-time", "default"])
@pytest.mark.parametrize("name", CITIES)
def test_both_say_the_same_of_everything(name: str, policy: str) -> None:
    city = CITIES[name]
    assert on_both(city, conduct_of(city, policy)) == []


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize("name", ["several units", "outside", "station_lost"])
def test_where_they_once_differed(name: str, seed: int) -> None:
    """Two units diverted at once, units that are lent, and two that leave a lost station together."""
    city = CITIES[name]
    assert on_both(city, conduct_of(city, "default"), seed=seed) == []


@pytest.mark.parametrize("policy", ["preserve", "move-up", "dmexclp", "road-time-no-divert", "straight-line"])
@pytest.mark.parametrize("seed", [1, 2])
def test_by_every_policy(policy: str, seed: int) -> None:
    city = CITIES["plain"]
    assert on_both(city, conduct_of(city, policy), seed=seed) == []


@pytest.mark.parametrize("seed", range(4))
def test_on_cities_of_chance(seed: int) -> None:
    dice = np.random.default_rng(seed)
    side, units, stations = int(dice.integers(5, 14)), int(dice.integers(2, 12)), int(dice.integers(1, 7))
    city = square_city(side, units, stations=stations, calls_per_hour=float(dice.uniform(0.4, 1.2) * units), is_straight=bool(seed % 2))
    assert on_both(city, conduct_of(city, ("default", "dmexclp")[seed % 2]), seed=seed, days=0.4) == []


def test_a_move_that_must_be_worth_its_drive() -> None:
    city = CITIES["plain"]
    rule = MoveUpRule(least_gain_ppb=1_000_000, price_ppb_per_s=10_000)
    conduct = Conduct("default", cover_model(city), rule)
    assert on_both(city, conduct) == []
    free = run(city, calls_of(city, days=1), "default").outcome.moves.sum()
    assert 0 < run(city, calls_of(city, days=1), conduct).outcome.moves.sum() < free


def test_moves_are_ordered_by_the_dispatcher() -> None:
    told = run(CITIES["plain"], calls_of(CITIES["plain"], days=1), "default")
    assert len(told.said(MoveUpOrdered)) == told.outcome.moves.sum() > 0
    assert told.said(CommandRefused) == []


def test_two_units_of_one_crew_are_never_at_work_at_once() -> None:
    city = CITIES["shared crews"]
    assert run(city, calls_of(city)).said(CommandRefused) == []


def test_a_unit_that_breaks_down_on_its_way_is_replaced() -> None:
    city = CITIES["unit_lost"]
    told = run(city, calls_of(city))
    assert (told.outcome.on_scene_ms >= 0).all()
    assert told.outcome.sent.sum() > len(told.outcome.sent)
