"""Areas that are worse off, the worst one, and the guard: against the definitions, on rows made by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.fairness import NOTICED_POINTS, extremes, fairness, guard_of
from tocsin.lab.experiment.figures import Row, Tally, measure, span_of
from tocsin.lab.experiment.job import Arm
from tocsin.lab.experiment.summary import against, figures, group, moves_per_unit_h, return_min_per_call, utilisation
from tocsin.lab.run import run
from tocsin.views.experiment_answer import Difference

CITY = square_city(6, 4, calls_per_hour=3.0)
ARM = Arm("closest", "", POLICIES["closest"])


def row(replication: int = 1, policy: str = "closest", load: float = 1.0) -> Row:
    calls = draw_calls(CITY, seed=4, replication=replication, days=4, load=load)
    return measure(CITY, calls, run(CITY, calls, POLICIES[policy], engine="plain"), span_of(4, 1), replication)


ROW = row()


def tally(late: int, n: int = 100) -> Tally:
    return Tally(n, late, n, n * 300_000, 400_000)


def with_areas(*late: int, n: int = 100) -> Row:
    return ROW._replace(areas=tuple(tally(one, n) for one in late))


shares = st.lists(st.integers(0, 100), min_size=4, max_size=4)


@given(st.lists(st.tuples(shares, shares), min_size=2, max_size=6), st.floats(0, 5))
def test_every_area_stands_where_its_mean_puts_it(pairs: list[tuple[list[int], list[int]]], points: float) -> None:
    base, other = [with_areas(*before) for before, _ in pairs], [with_areas(*after) for _, after in pairs]
    told = fairness(CITY.areas, base, other, points)
    changes = {area: [after[nth] - before[nth] for before, after in pairs] for nth, area in enumerate(CITY.areas)}
    means = {area: sum(of) / len(of) for area, of in changes.items()}
    for area, one in told.areas.items():
        assert one.mean * 100 == pytest.approx(means[area], abs=1e-9) and one.pairs == len(pairs)
    sure = 1e-9
    assert all(means[area] >= NOTICED_POINTS - sure for area in told.worse)
    assert all(means[area] <= -NOTICED_POINTS + sure for area in told.better)
    assert all(abs(means[area]) < NOTICED_POINTS + sure for area in CITY.areas if area not in (*told.worse, *told.better))
    assert [means[area] for area in told.worse] == sorted((means[area] for area in told.worse), reverse=True)
    assert told.guard is not None
    assert told.guard.is_kept == (not told.guard.broken_by)
    assert all(means[area] > points - sure for area in told.guard.broken_by)
    assert all(means[area] <= points + sure for area in CITY.areas if area not in told.guard.broken_by)


def test_the_worst_area_is_judged_over_all_replications_together() -> None:
    rows = [with_areas(50, 10, 0, 0), with_areas(0, 45, 0, 0)]
    told = extremes(rows)
    assert told is not None and told.worst == 1
    assert told.late_shares == pytest.approx([0.1, 0.45]), "the mean of the worst of each would be 0.475"
    assert told.spreads == pytest.approx([0.1, 0.45]) and figures(CITY, ARM, rows).spread == pytest.approx(0.275)
    alike = extremes([with_areas(7, 7, 7, 7)])
    assert alike is not None and (alike.worst, alike.spreads) == (0, [0.0]), "of equal ones the first"
    assert extremes([with_areas(0, 0, 0, 0, n=0)]) is None


@given(st.lists(st.lists(st.tuples(st.integers(1, 60), st.floats(0, 1)), min_size=4, max_size=4), min_size=1, max_size=6))
def test_spread_is_that_of_the_calls_of_all_replications_together(table: list[list[tuple[int, float]]]) -> None:
    """Whatever the numbers of calls: the mean of the linear parts is the pooled share itself."""
    rows = [ROW._replace(areas=tuple(tally(round(n * share), n) for n, share in line)) for line in table]
    pooled = [sum(row.areas[nth].late for row in rows) / sum(row.areas[nth].n for row in rows) for nth in range(4)]
    told = extremes(rows)
    assert told is not None
    assert pooled[told.worst] == max(pooled)
    assert np.mean(told.late_shares) == pytest.approx(max(pooled), abs=1e-12)
    assert np.mean(told.spreads) == pytest.approx(max(pooled) - min(pooled), abs=1e-12)


def test_areas_that_are_alike_have_hardly_any_spread() -> None:
    """Four areas with the same chance: each replication's own worst and best lie far apart by luck, all together do not."""
    dice = np.random.default_rng(5)
    rows = [with_areas(*dice.binomial(40, 0.3, 4).tolist(), n=40) for _ in range(40)]
    told = extremes(rows)
    own = [max(share) - min(share) for row in rows for share in [[one.late / one.n for one in row.areas]]]
    assert told is not None
    assert np.mean(told.spreads) < 0.35 * np.mean(own)


def test_an_area_that_nobody_calls_from_in_one_replication_leaves_its_part_at_the_mean() -> None:
    nothing = Tally(0, 0, 0, 0, -1)
    rows = [ROW._replace(areas=(tally(30), nothing)), ROW._replace(areas=(tally(50), tally(10)))]
    told = extremes(rows)
    assert told is not None and told.worst == 0
    assert told.late_shares == pytest.approx([0.3, 0.5]) and told.spreads == pytest.approx([0.3 - 0.1, 0.5 - 0.1])


def test_a_change_of_spread_is_paired() -> None:
    """The same calls under both: what they have in common in luck is in neither interval."""
    base = [with_areas(30 + nth, 10 + nth, 10, 10) for nth in (0, 7, 14, 21)]
    other = [with_areas(33 + nth, 10 + nth, 10, 10) for nth in (0, 7, 14, 21)]
    change = fairness(CITY.areas, base, other, None)
    assert change.spread_change is not None and change.worst_area_change is not None
    assert (change.spread_change.mean, change.worst_area_change.mean) == (pytest.approx(0.03), pytest.approx(0.03))
    assert change.spread_change.half_width == pytest.approx(0.0, abs=1e-12) and change.worst_area == CITY.areas[0]
    assert figures(CITY, ARM, base).half_widths is not None


def test_areas_without_calls_have_no_share_and_no_blame() -> None:
    base = [with_areas(10, 10, 10, 10)._replace(areas=(Tally(0, 0, 0, 0, -1), *with_areas(10, 10, 10).areas)) for _ in range(2)]
    told = fairness(CITY.areas, base, [with_areas(90, 10, 10, 10)] * 2, 1.0)
    assert CITY.areas[0] not in told.areas and told.guard is not None and told.guard.is_kept


@pytest.mark.parametrize(
    ("mean", "half", "broken", "doubtful"),
    [
        (0.011, 0.001, ("A",), ()),
        (0.0099, 0.0002, (), ("A",)),
        (0.0099, 0.00005, (), ()),
        (0.01, 0.0, (), ()),
        (0.005, None, (), ()),
        (-0.02, 0.05, (), ("A",)),
    ],
)
def test_the_guard_goes_by_the_mean_and_names_doubt(
    mean: float, half: float | None, broken: tuple[str, ...], doubtful: tuple[str, ...]
) -> None:
    guard = guard_of({"A": Difference(mean, half, False, None, None, 4)}, 1.0)
    assert (guard.broken_by, guard.open_areas, guard.is_kept) == (broken, doubtful, not broken)


def test_no_guard_is_asked_for_and_none_is_told() -> None:
    assert fairness(CITY.areas, [ROW, ROW], [ROW, ROW], None).guard is None


# ---- figures of several replications


def test_counts_are_sums_and_shares_means_of_the_replications() -> None:
    rows = [row(nth) for nth in (1, 2, 3)]
    told = figures(CITY, ARM, rows)
    assert told.calls == sum(one.calls for one in rows) and told.high.n == sum(one.high.n for one in rows)
    assert told.high.late_share == pytest.approx(np.mean([one.high.late / one.high.n for one in rows]))
    assert told.mean_response_s == pytest.approx(np.mean([one.every.sum_ms / one.every.reached / 1000 for one in rows]))
    assert sum(told.high_by_minute) == sum(one.high.reached for one in rows)
    assert sum(told.hours_n) == told.high.n and sum(told.hours_late) == told.high.late
    assert sum(one.n for one in told.areas.values()) == told.high.n
    assert sum(one.n for one in told.priorities.values()) == told.calls == told.high.n + told.low.n
    assert told.longest_queue == max(one.longest_queue for one in rows)
    assert told.half_widths is not None and told.half_widths["utilisation"] > 0


def test_what_units_did_adds_up() -> None:
    rows = [row(nth) for nth in (1, 2)]
    told = figures(CITY, ARM, rows)
    assert set(told.units) == {unit.name for unit in CITY.units}
    assert np.mean([one.utilisation for one in told.units.values()]) == pytest.approx(told.utilisation, rel=1e-6)
    for one in rows:
        assert 0 < utilisation(one) < 1 and moves_per_unit_h(one) == 0
        assert return_min_per_call(one) == pytest.approx(sum(one.return_ms) / one.all_calls / 60_000)
        assert utilisation(one) == pytest.approx(sum(one.busy_ms) / (len(CITY.units) * 4 * 86_400_000))


def test_one_replication_has_no_interval_and_is_not_compared_beyond_its_mean() -> None:
    told = figures(CITY, ARM, [ROW])
    assert told.half_widths is None and told.high.half_widths is None
    one = against(CITY, [ROW], ARM, [row(1, "road-time")], 1.0)
    assert all(change.half_width is None and not change.is_shown for change in one.measures.values())


def test_the_same_rows_differ_in_nothing() -> None:
    rows = [row(nth) for nth in (1, 2, 3)]
    one = against(CITY, rows, ARM, rows, 1.0)
    assert all(change.mean == 0 and not change.is_shown for change in one.measures.values())
    assert one.fairness.worse == one.fairness.better == () and one.fairness.guard is not None and one.fairness.guard.is_kept


def test_more_calls_are_worse_beyond_doubt() -> None:
    few, many = ([row(nth, load=load) for nth in (1, 2, 3, 4)] for load in (0.3, 1.8))
    change = against(CITY, few, ARM, many, None).measures
    assert change["utilisation"].is_shown and change["utilisation"].mean > 0
    assert change["mean_response_s"].is_shown and change["mean_response_s"].mean > 0


def test_groups_of_nothing_say_nothing() -> None:
    nothing = Tally(0, 0, 0, 0, -1)
    told = group([nothing, nothing])
    assert (told.n, told.late, told.late_share, told.mean_s, told.p90_s, told.half_widths) == (0, 0, None, None, None, None)
    half = group([nothing, tally(50)])
    assert half.late_share == 0.5 and half.n == 100 and half.half_widths is None
