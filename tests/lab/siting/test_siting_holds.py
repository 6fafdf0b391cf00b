"""What must hold of any siting answer, whatever the case; and what a person who stops it is left with."""

import threading
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.lab.siting import exact
from tocsin.lab.siting.cover_all import cover_all
from tocsin.lab.siting.goals import chosen_mask, cost_of, cover_of, covered, spent, survival
from tocsin.lab.siting.marginal import losses
from tocsin.lab.siting.question import GOALS, NO_WAY_MS, Fixed, Goal, Question, Sought
from tocsin.lab.siting.relaxed import relaxed
from tocsin.lab.siting.solve import quick, solve, value_of
from tocsin.lab.siting.stoppable import stoppable

SOME = settings(max_examples=15)
FEW = settings(max_examples=5)


def drawn(seed: int, points: int = 12, sites: int = 6, stations: int = 2) -> Question:
    """Whole minutes, so that ties are frequent; one way in ten is missing."""
    dice = np.random.Generator(np.random.Philox(seed))
    drive_ms = (dice.integers(1, 15, (points, sites)) * 60_000).astype(np.int32)
    drive_ms[dice.random((points, sites)) < 0.1] = NO_WAY_MS
    return Question(dice.integers(1, 6, points).astype(np.float64), drive_ms, stations)


def is_better(goal: Goal, one: float, other: float) -> bool:
    """Or as good, but for sums' noise."""
    return one <= other + 1e-6 * abs(other) + 1e-9 if goal == "p-median" else one >= other - 1e-6 * abs(other) - 1e-9


goals = pytest.mark.parametrize("goal", GOALS)


@goals
@SOME
@given(seed=st.integers(0, 10_000))
def test_one_station_more_is_never_worse(goal: Goal, seed: int) -> None:
    question = drawn(seed)
    values = [solve(question._replace(stations=count), Sought(goal)).value for count in (1, 2, 3, 6)]
    assert all(is_better(goal, more, fewer) for fewer, more in pairwise(values))


@goals
@FEW
@given(seed=st.integers(0, 10_000))
def test_freedom_is_never_worse_and_a_ban_on_others_changes_nothing(goal: Goal, seed: int) -> None:
    question = drawn(seed)
    free = solve(question, Sought(goal))
    for site in range(question.sites):
        kept = solve(question._replace(keep=(site,)), Sought(goal))
        assert site in kept.sites and is_better(goal, free.value, kept.value)
        if site not in free.sites:
            banned = solve(question._replace(forbid=(site,)), Sought(goal))
            assert site not in banned.sites and banned.value == pytest.approx(free.value, rel=1e-6)
        else:
            assert kept.value == pytest.approx(free.value, rel=1e-6)


@goals
@SOME
@given(seed=st.integers(0, 10_000), factor=st.sampled_from([1e-3, 7.0, 1e6]))
def test_names_of_sites_and_the_size_of_demand_change_nothing(goal: Goal, seed: int, factor: float) -> None:
    question, order = drawn(seed), np.random.Generator(np.random.Philox(seed + 1)).permutation(6)
    plain = solve(question, Sought(goal))
    turned = solve(question._replace(drive_ms=question.drive_ms[:, order]), Sought(goal))
    scaled = solve(question._replace(weights=question.weights * factor), Sought(goal))
    assert turned.value == pytest.approx(plain.value, rel=1e-6) and scaled.value == pytest.approx(plain.value, rel=1e-6)
    as_before = tuple(sorted(int(order[site]) for site in turned.sites))
    assert value_of(question, Sought(goal), as_before) == pytest.approx(plain.value, rel=1e-6)


@goals
@SOME
@given(seed=st.integers(0, 10_000))
def test_a_point_told_twice_counts_as_one_of_double_weight(goal: Goal, seed: int) -> None:
    question = drawn(seed)
    doubled = Question(question.weights * np.array([2] + [1] * 11), question.drive_ms, 2)
    twice = Question(np.append(question.weights, question.weights[0]), np.vstack([question.drive_ms, question.drive_ms[:1]]), 2)
    assert solve(twice, Sought(goal)).value == pytest.approx(solve(doubled, Sought(goal)).value, rel=1e-6)


@goals
@SOME
@given(seed=st.integers(0, 10_000))
def test_nobody_who_calls_changes_nothing(goal: Goal, seed: int) -> None:
    """A place without demand, however badly it lies, is in no sum."""
    question = drawn(seed)
    lonely = Question(np.append(question.weights, 0.0), np.vstack([question.drive_ms, np.full((1, 6), NO_WAY_MS, np.int32)]), 2)
    assert solve(lonely, Sought(goal)).value == pytest.approx(solve(question, Sought(goal)).value, rel=1e-6)


@goals
@SOME
@given(seed=st.integers(0, 10_000), stations=st.integers(2, 4))
def test_what_is_lost_without_a_station_is_what_solving_without_it_says(goal: Goal, seed: int, stations: int) -> None:
    """Marginal values against a solver that may open the other chosen sites only."""
    question = drawn(seed, stations=stations)
    sited = solve(question, Sought(goal))
    for site, loss in zip(sited.sites, losses(question, Sought(goal), sited.sites), strict=True):
        rest = tuple(other for other in sited.sites if other != site)
        others = tuple(other for other in range(6) if other not in rest)
        again = solve(question._replace(stations=stations - 1, forbid=others), Sought(goal))
        assert again.sites == rest
        assert loss is not None and loss == pytest.approx(abs(again.value - sited.value), rel=1e-6, abs=1e-6)
        assert is_better(goal, sited.value, again.value)


@goals
@pytest.mark.parametrize("limit_s", [0, None])
@SOME
@given(seed=st.integers(0, 10_000))
def test_the_gap_is_the_way_from_value_to_bound(goal: Goal, limit_s: float | None, seed: int) -> None:
    sited = solve(drawn(seed, points=20, sites=8, stations=3), Sought(goal), limit_s=limit_s)
    assert is_better(goal, sited.bound, sited.value), "no choice is better than the bound"
    if sited.value:
        assert sited.gap == pytest.approx(abs(sited.bound - sited.value) / abs(sited.value), abs=1e-12)
    assert limit_s == 0 or sited.is_proven


@SOME
@given(seed=st.integers(0, 10_000), reach=st.integers(1, 14))
def test_units_that_are_never_busy_make_the_two_covers_one(seed: int, reach: int) -> None:
    question, reach_ms = drawn(seed), reach * 60_000
    plain = solve(question, Sought("mclp", reach_ms=reach_ms))
    expected = solve(question, Sought("mexclp", reach_ms=reach_ms, busy=0.0))
    assert expected.value == pytest.approx(plain.value, abs=1e-9)
    busier = [solve(question, Sought("mexclp", reach_ms=reach_ms, busy=busy)).value for busy in (0.2, 0.5, 0.9)]
    assert all(more <= less + 1e-12 for less, more in pairwise([plain.value, *busier]))


@SOME
@given(seed=st.integers(0, 10_000))
def test_a_longer_reach_covers_no_less(seed: int) -> None:
    values = [solve(drawn(seed), Sought("mclp", reach_ms=minutes * 60_000)).value for minutes in (1, 4, 8, 14)]
    assert all(far >= near - 1e-12 for near, far in pairwise(values))


def test_survival_is_the_published_curve_by_hand() -> None:
    """1 / (1 + e^(0.679 + 0.262 t)): 33.65 % at once, 12.06 % after five minutes, 3.57 % after ten (reckoned by hand)."""
    chances = survival(np.array([0, 300_000, 600_000]))
    assert chances == pytest.approx([0.336510, 0.120354, 0.035574], abs=2e-4)


def test_minutes_before_rolling_count_for_survival_only() -> None:
    question = drawn(3)
    soon, late = (solve(question, Sought("survival", before_ms=before)).value for before in (0, 240_000))
    assert late < soon
    assert solve(question, Sought("p-median", before_ms=240_000)) == solve(question, Sought("p-median"))


def test_a_mean_drive_is_a_weighted_mean_in_milliseconds() -> None:
    drive_ms = np.array([[100_000, 400_000], [300_000, 200_000]], dtype=np.int32)
    assert value_of(Question(np.array([3.0, 1.0]), drive_ms, 1), Sought("p-median"), (0,)) == pytest.approx(150_000)
    assert value_of(Question(np.array([3.0, 1.0]), drive_ms, 1), Sought("p-median"), (0, 1)) == pytest.approx(125_000)


@pytest.mark.parametrize("goal", GOALS)
def test_no_station_at_all_has_no_value(goal: Goal) -> None:
    with pytest.raises(BadInput, match="siting_stations"):
        value_of(drawn(1), Sought(goal), ())


@SOME
@given(seed=st.integers(0, 10_000))
def test_the_cheapest_cover_by_trying_all(seed: int) -> None:
    """Set cover, whole prices and ties, against every subset of seven columns."""
    dice = np.random.Generator(np.random.Philox(seed))
    reaches, prices = dice.random((9, 7)) < 0.35, dice.integers(1, 5, 7).astype(np.float64)
    reaches[:, 6] |= ~reaches.any(axis=1)
    choices = [one for size in range(1, 8) for one in combinations(range(7), size) if reaches[:, list(one)].any(axis=1).all()]
    found = cover_all(reaches, prices)
    assert found.value == min(prices[list(one)].sum() for one in choices)
    assert found.sites in choices and found.is_proven and found.bound <= found.value


@SOME
@given(seed=st.integers(0, 10_000))
def test_branch_and_bound_alone_finds_the_best_cost(seed: int) -> None:
    """The radius form without help: every choice tried, and cost = its sum less the worth."""
    question = drawn(seed, points=8, sites=6)
    cost = cost_of(question, Sought("p-median"))
    nothing = np.zeros(6, bool)
    sums = {choice: spent(cost, chosen_mask(6, choice)) for choice in combinations(range(6), 2)}
    rows, base = exact.rows_of_cost(cost, relaxed(cost.costs, 2, Fixed(nothing, nothing), max(sums.values()) * 2))
    found = exact.solve(rows, 2, Fixed(nothing, nothing), limit_s=None)
    assert found.is_finished and found.mask is not None
    assert spent(cost, found.mask) == pytest.approx(min(sums.values()), rel=1e-7)
    assert base - found.bound <= min(sums.values()) * (1 + 1e-6)


def big(goal: Goal) -> tuple[Question, Sought]:
    """Proved in a second or more; found in a few hundredths."""
    dice = np.random.Generator(np.random.Philox(9))
    where, sites = dice.random((700, 2)), dice.random((150, 2))
    drive_ms = (np.abs(where[:, None] - sites).sum(axis=2) * 1_500_000).astype(np.int32)
    return Question(dice.random(700), drive_ms, 25), Sought(goal, reach_ms=150_000)


@pytest.mark.parametrize("goal", ["mclp", "mexclp", "p-median"])
def test_who_stops_the_proof_keeps_what_was_found_and_a_bound_that_holds(goal: Goal) -> None:
    question, sought = big(goal)
    asked = [0]

    def is_wanted() -> bool:
        asked[0] += 1
        return asked[0] < 6

    sited = solve(question, sought, is_wanted=is_wanted)
    assert sited.way == "swap" and not sited.is_proven and len(sited.sites) == 25
    assert is_better(goal, sited.bound, sited.value)
    assert sited.value == pytest.approx(value_of(question, sought, sited.sites))


def test_branch_and_bound_that_nobody_wants_knows_nothing() -> None:
    question, sought = big("mclp")
    cover = cover_of(question, sought)
    rows, _ = exact.rows_of_cover(cover, 25)
    nothing = np.zeros(150, bool)
    found = exact.solve(rows, 25, Fixed(nothing, nothing), limit_s=20, is_wanted=lambda: False)
    assert found.mask is None and not found.is_finished
    assert found.bound >= covered(cover, chosen_mask(150, quick(question, sought)))


def test_work_is_done_given_up_or_fails_as_it_would_alone() -> None:
    assert stoppable(lambda: 7, lambda: True) == 7
    with pytest.raises(BadInput, match="siting_no_time"):
        stoppable(lambda: exec_raising("siting_no_time"), lambda: True)
    ended = threading.Event()
    assert stoppable(ended.wait, lambda: False) is None, "given up while it still waits"
    ended.set()


def exec_raising(code: str) -> None:
    """Fails with a fault of this code."""
    raise BadInput(code, seconds=1)
