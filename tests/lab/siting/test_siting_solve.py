"""Siting on small cases against every choice there is, and on what must hold whatever the case."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.base.faults import BadInput
from tocsin.lab.siting.cover_all import cover_all
from tocsin.lab.siting.goals import cover_of, merged, survival
from tocsin.lab.siting.marginal import losses
from tocsin.lab.siting.question import GOALS, NO_WAY_MS, Fixed, Question, Sought
from tocsin.lab.siting.relaxed import relaxed
from tocsin.lab.siting.solve import quick, solve

FEW = settings(max_examples=60)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Up to 9 points, 7 sites, ties and missing ways on purpose; some sites kept, some forbidden."""
    points, sites = draw(st.integers(1, 9)), draw(st.integers(2, 7))
    minutes = st.sampled_from([NO_WAY_MS, 0, 60_000, 120_000, 240_000, 300_000, 420_000, 600_000])
    drive_ms = np.array(draw(st.lists(st.lists(minutes, min_size=sites, max_size=sites), min_size=points, max_size=points)), dtype=np.int32)
    weights = np.array(draw(st.lists(st.integers(0, 5), min_size=points, max_size=points)), dtype=np.float64)
    weights[draw(st.integers(0, points - 1))] += 1
    order = draw(st.permutations(range(sites)))
    shut = draw(st.integers(0, sites - 2))
    stations = draw(st.integers(1, sites - shut))
    kept = draw(st.integers(0, min(2, stations)))
    return Question(weights, drive_ms, stations, keep=tuple(order[shut : shut + kept]), forbid=tuple(order[:shut]))


def soughts() -> st.SearchStrategy[Sought]:
    return st.builds(
        Sought, st.sampled_from(GOALS), reach_ms=st.sampled_from([60_000, 300_000]), busy=st.sampled_from([0.0, 0.3, 0.7]),
        units_each=st.integers(1, 2), before_ms=st.sampled_from([0, 90_000]),
    )  # fmt: skip


def by_hand(question: Question, sought: Sought, sites: tuple[int, ...]) -> float:
    """The goal written out point by point."""
    total = 0.0
    longest = int(question.drive_ms[question.weights > 0].max(initial=0))
    for weight, row in zip(question.weights, question.drive_ms, strict=True):
        drives = [int(row[site]) for site in sites if row[site] != NO_WAY_MS]
        near = sum(1 for drive in drives if drive <= sought.reach_ms)
        match sought.goal:
            case "mclp":
                worth = float(near > 0)
            case "mexclp":
                worth = 1 - sought.busy ** (near * sought.units_each)
            case "survival":
                worth = 1 / (1 + np.exp(0.679 + 0.262 * (min(drives) + sought.before_ms) / 60_000)) if drives else 0.0
            case "p-median":
                worth = min(drives, default=2 * longest) if len(drives) == len(sites) else min([*drives, 2 * longest])
        total += weight * worth
    return float(total / question.weights.sum())


def every_choice(question: Question) -> list[tuple[int, ...]]:
    free = [site for site in range(question.sites) if site not in question.forbid]
    return [one for one in combinations(free, question.stations) if set(question.keep) <= set(one)]


@FEW
@given(questions(), soughts())
def test_no_choice_is_better_than_the_proved_one(question: Question, sought: Sought) -> None:
    sited = solve(question, sought)
    values = [by_hand(question, sought, choice) for choice in every_choice(question)]
    best = min(values) if sought.goal == "p-median" else max(values)
    assert sited.value == pytest.approx(best, rel=1e-6, abs=1e-9)
    assert sited.value == pytest.approx(by_hand(question, sought, sited.sites), rel=1e-9, abs=1e-9)
    assert sited.is_proven and sited.sites in every_choice(question)


@FEW
@given(questions(), soughts())
def test_without_time_the_bound_still_holds(question: Question, sought: Sought) -> None:
    sited = solve(question, sought, limit_s=0)
    values = [by_hand(question, sought, choice) for choice in every_choice(question)]
    assert sited.sites in every_choice(question)
    if sought.goal == "p-median":
        assert sited.bound <= min(values) + 1e-6
        assert sited.bound <= sited.value + 1e-6
    else:
        assert sited.bound >= max(values) - 1e-6
        assert sited.bound >= sited.value - 1e-9
    assert sited.is_proven == (sited.gap <= 1e-6)


@FEW
@given(questions(), soughts())
def test_what_a_station_is_worth_is_what_is_lost_without_it(question: Question, sought: Sought) -> None:
    sites = quick(question, sought)
    lost = losses(question, sought, sites)
    if len(sites) == 1:
        assert lost == (None,)
        return
    whole = by_hand(question, sought, sites)
    for site, worth in zip(sites, lost, strict=True):
        without = by_hand(question, sought, tuple(other for other in sites if other != site))
        assert worth == pytest.approx(abs(without - whole), abs=1e-6)


@FEW
@given(questions())
def test_prices_never_shut_out_what_is_best(question: Question) -> None:
    """Sites that the relaxation opens or shuts, and how dear it lets a row be, leave every strictly better choice."""
    costs = question.weights[:, None] * np.where(question.drive_ms < 0, 1e6, question.drive_ms)
    kept, shut = np.zeros(question.sites, bool), np.zeros(question.sites, bool)
    kept[list(question.keep)], shut[list(question.forbid)] = True, True
    sums = {choice: float(costs[:, choice].min(axis=1).sum()) for choice in every_choice(question)}
    known = max(sums.values())  # a poor one: much is better
    found = relaxed(costs, question.stations, Fixed(kept, shut), known)
    assert found.bound <= min(sums.values()) * (1 + 1e-9) + 1e-6
    for choice, total in sums.items():
        if total < known * (1 - 1e-9) - 1e-6:
            assert set(np.flatnonzero(found.is_open)) <= set(choice)
            assert not set(np.flatnonzero(found.is_shut)) & set(choice)
            assert np.all(costs[:, choice].min(axis=1) <= found.dearest + 1e-6)


def test_points_that_the_same_sites_reach_become_one() -> None:
    reaches = np.array([[1, 0, 1], [1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 0, 1]], dtype=np.bool_)
    weights, rows = merged(np.array([1.0, 2.0, 4.0, 8.0, 16.0]), reaches)
    assert {tuple(row): weight for row, weight in zip(rows.tolist(), weights.tolist(), strict=True)} == {
        (True, False, True): 19.0,
        (False, True, False): 8.0,
    }


def test_a_point_that_nobody_reaches_counts_among_all_demand() -> None:
    drive_ms = np.array([[100, 900], [900, 900]], dtype=np.int32)
    sited = solve(Question(np.array([3.0, 1.0]), drive_ms, 1), Sought("mclp", reach_ms=500))
    assert (sited.sites, sited.value, sited.bound, sited.gap, sited.is_proven) == ((0,), 0.75, 0.75, 0.0, True)


def test_the_second_unit_in_reach_counts_where_units_are_busy() -> None:
    """Where units are often busy, a second station in the larger town is worth more than the first in the smaller one."""
    drive_ms = np.array([[0, 0, 900], [900, 900, 0]], dtype=np.int32)
    question = Question(np.array([0.55, 0.45]), drive_ms, 2)
    assert solve(question, Sought("mclp", reach_ms=100)).value == pytest.approx(1.0)
    busy = solve(question, Sought("mexclp", reach_ms=100, busy=0.7))
    assert busy.sites == (0, 2) and busy.value == pytest.approx(0.3)
    uneven = question._replace(weights=np.array([0.6, 0.4]))
    assert solve(uneven, Sought("mexclp", reach_ms=100, busy=0.7)).sites == (0, 1)


def test_two_units_at_a_station_are_less_often_both_out() -> None:
    question = Question(np.ones(1), np.zeros((1, 1), np.int32), 1)
    assert solve(question, Sought("mexclp", busy=0.5, units_each=2)).value == pytest.approx(0.75)


def test_survival_falls_with_every_minute() -> None:
    chances = survival(np.arange(0, 20) * 60_000)
    assert chances[0] == pytest.approx(1 / (1 + np.exp(0.679)))
    assert np.all(np.diff(chances) < 0)


def test_a_site_that_is_kept_is_worth_its_price() -> None:
    """Keeping the worst site costs value, and the answer says by how much no choice that keeps it can be better."""
    drive_ms = np.array([[0, 500, 900], [500, 0, 900], [900, 900, 0]], dtype=np.int32)
    question = Question(np.array([5.0, 4.0, 0.5]), drive_ms, 1)
    free, held = solve(question, Sought("p-median")), solve(question._replace(keep=(2,)), Sought("p-median"))
    assert free.sites == (0,) and held.sites == (2,)
    assert free.value < held.value == held.bound


def test_a_shorter_way_that_no_site_has_is_told() -> None:
    with pytest.raises(BadInput, match="siting_unreached rows=1"):
        cover_all(np.array([[True, False], [False, False]]), np.ones(2))


def test_who_is_stopped_tells_what_is_known() -> None:
    rng = np.random.Generator(np.random.Philox(3))
    question = Question(np.ones(40), rng.integers(1, 900_000, (40, 30)).astype(np.int32), 5)
    asked: list[int] = []

    def is_wanted() -> bool:
        asked.append(1)
        return len(asked) < 4

    stopped, whole = solve(question, Sought("p-median"), is_wanted=is_wanted), solve(question, Sought("p-median"))
    assert stopped.way == "swap" and not stopped.is_proven and stopped.bound <= whole.value <= stopped.value
    assert whole.is_proven


def test_progress_ends_where_it_said() -> None:
    steps: list[tuple[int, int]] = []
    question = Question(np.ones(4), np.arange(16, dtype=np.int32).reshape(4, 4), 2)
    solve(question, Sought("p-median"), progress=lambda done, of: steps.append((done, of)))
    assert steps[0] == (0, 3) and steps[-1] == (3, 3) and steps == sorted(steps)


def test_the_same_question_has_the_same_answer() -> None:
    rng = np.random.Generator(np.random.Philox(8))
    question = Question(rng.random(40), rng.integers(1, 900_000, (40, 15)).astype(np.int32), 4)
    for goal in GOALS:
        assert solve(question, Sought(goal)) == solve(question, Sought(goal))


GOOD = Question(np.ones(3), np.ones((3, 4), np.int32), 2)


@pytest.mark.parametrize(
    ("question", "sought", "code"),
    [
        (GOOD._replace(stations=5), Sought(), "siting_stations"),
        (GOOD._replace(stations=0), Sought(), "siting_stations"),
        (GOOD._replace(stations=3, forbid=(0, 1)), Sought(), "siting_stations"),
        (GOOD._replace(stations=1, keep=(0, 1)), Sought(), "siting_kept"),
        (GOOD._replace(keep=(1,), forbid=(1,)), Sought(), "siting_sites"),
        (GOOD._replace(keep=(9,)), Sought(), "siting_sites"),
        (GOOD._replace(weights=np.zeros(3)), Sought(), "siting_no_demand"),
        (GOOD._replace(weights=np.array([1.0, np.nan, 1.0])), Sought(), "siting_weights"),
        (GOOD._replace(weights=np.array([1.0, -1.0, 1.0])), Sought(), "siting_weights"),
        (GOOD, Sought(reach_ms=0), "siting_figures"),
        (GOOD, Sought("mexclp", busy=1.0), "siting_figures"),
    ],
)
def test_what_cannot_be_answered_is_told(question: Question, sought: Sought, code: str) -> None:
    with pytest.raises(BadInput) as told:
        solve(question, sought)
    assert told.value.code == code


def test_rows_of_cover_add_up_to_what_can_be_reached() -> None:
    rng = np.random.Generator(np.random.Philox(2))
    drive_ms = rng.integers(0, 900, (200, 12)).astype(np.int32)
    weights = rng.random(200)
    cover = cover_of(Question(weights, drive_ms, 3), Sought(reach_ms=50))
    assert cover.weights.sum() == pytest.approx(weights[(drive_ms <= 50).any(axis=1)].sum() / weights.sum())
    assert len(np.unique(cover.reaches, axis=0)) == len(cover.reaches)
