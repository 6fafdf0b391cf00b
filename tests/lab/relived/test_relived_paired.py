"""Two lives compared call by call: intervals, what is too few, the order of areas, and how far to trust it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relived_town import Told, past_of_town
from tocsin.lab.city.model import Longs
from tocsin.lab.draws import Streams
from tocsin.lab.journal.rows import IncidentRow
from tocsin.lab.relived.paired import Blocks, Lives, blocks_of, fit, group, side, tail, worst_first
from tocsin.views.whatif_answer import Between, Group, Side

DAY_MS = 86_400_000
UNITS = {"E1": ("engine", "A")}


def rows_on(days: int, each: int = 1) -> list[IncidentRow]:
    """Calls at noon of so many days."""
    (row,) = past_of_town([Told(43_200, 1.0, "E1")], UNITS).rows
    return [row._replace(arrived=row.arrived + day * DAY_MS) for day in range(days) for _ in range(each)]  # type: ignore[arg-type]


def blocks(days: int, each: int = 1) -> Blocks:
    return blocks_of(rows_on(days, each), "America/Santiago", Streams(1, 0))


def lives(base_s: list[float], changed_s: list[float]) -> Lives:
    return Lives(*(np.array([[round(one * 1000) for one in side]], np.int64) for side in (base_s, changed_s)))


def late_at(seconds: float, count: int) -> Longs:
    return np.full(count, round(seconds * 1000), np.int64)


def everybody(count: int) -> np.ndarray:
    return np.ones(count, np.bool_)


# ---- what is drawn again


@pytest.mark.parametrize(("days", "what", "size"), [(14, "days", 14), (5, "days", 5), (4, "", 0), (1, "", 0)])
def test_days_are_drawn_again_where_there_are_five(days: int, what: str, size: int) -> None:
    found = blocks(days)
    assert (found.what, found.size) == (what, size)
    assert len(found.draws) == (1000 if size else 0) and (found.draws.sum(axis=1) == size).all()


def test_parts_of_three_hours_are_drawn_in_a_short_log() -> None:
    (row,) = past_of_town([Told(0, 1.0, "E1")], UNITS).rows
    rows = [row._replace(arrived=row.arrived + hour * 3_600_000) for hour in range(13)]  # type: ignore[arg-type]
    found = blocks_of(rows, "America/Santiago", Streams(1, 0))
    assert found.what == "hours" and found.size == 5 and found.of_call.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3 + [4]
    assert blocks_of(rows[:12], "America/Santiago", Streams(1, 0)).what == ""


def test_days_are_those_of_the_centre_s_wall() -> None:
    """Midnight in Santiago is 04:00 UTC: 23:30 and 00:30 there are two days, though UTC has them on one."""
    rows = rows_on(5)
    late = [row._replace(arrived=row.arrived + 11 * 3_600_000 + 1_800_000) for row in rows]  # type: ignore[arg-type]  # 23:30
    early = [row._replace(arrived=row.arrived + 3_600_000) for row in late]  # type: ignore[arg-type]  # 00:30 of the next day
    found = blocks_of([*late, *early], "America/Santiago", Streams(1, 0))
    assert found.size == 6 and found.of_call[0] != found.of_call[5] and found.of_call[1] == found.of_call[5]


# ---- intervals


def test_the_same_change_of_every_call_has_an_interval_without_width() -> None:
    found = group(lives([300.0] * 20, [330.0] * 20), late_at(320, 20), blocks(20), everybody(20), has_p90=True)
    assert found.mean_s == Between(30.0, 30.0, 30.0, is_shown=True)
    assert found.late_share == Between(1.0, 1.0, 1.0, is_shown=True) and found.base.late_share == 0 and found.changed.late_share == 1
    assert found.p90_s == Between(30.0, 30.0, 30.0, is_shown=True)


def test_calls_of_one_day_show_nothing_however_many_they_are() -> None:
    """Drawn again and again, one day is the same day: its interval has no width, and would show anything."""
    two = [*rows_on(10), *rows_on(1, 30)]
    every = blocks_of(two, "America/Santiago", Streams(1, 0))
    chosen = np.array([False] * 10 + [True] * 30)
    found = group(lives([300.0] * 40, [330.0] * 40), late_at(320, 40), every, chosen, has_p90=True)
    assert found.n == 30 and found.mean_s.mean == 30.0 and found.mean_s.low == found.mean_s.high == 30.0, "the figures stay"
    for one in (found.mean_s, found.late_share, found.p90_s):
        assert one is not None and one.is_few and not one.is_shown


@pytest.mark.parametrize(("days", "is_few"), [(4, True), (5, False), (6, False)])
def test_five_days_with_calls_are_enough(days: int, is_few: bool) -> None:
    every = blocks_of(rows_on(14), "America/Santiago", Streams(1, 0))
    chosen = np.arange(14) < days
    found = group(lives([300.0] * 14, [330.0] * 14), late_at(320, 14), every, chosen, has_p90=False)
    assert found.mean_s.is_few is is_few and found.mean_s.is_shown is not is_few and found.p90_s is None


def test_an_interval_beyond_what_can_be_is_too_few() -> None:
    """One of fourteen was late and is not any more; drawn thrice, there would be three fewer than there were."""
    base = [400.0] + [300.0] * 13
    found = group(lives(base, [300.0] * 14), late_at(350, 14), blocks(14), everybody(14), has_p90=False)
    assert found.base.late_share + (found.late_share.low or 0) < 0
    assert found.late_share.is_few and not found.late_share.is_shown and found.late_share.mean == pytest.approx(-1 / 14, abs=1e-5)
    assert not found.mean_s.is_few, "no time is below 0"


def test_a_log_without_days_to_draw_has_no_interval_and_shows_nothing() -> None:
    found = group(lives([300.0] * 4, [330.0] * 4), late_at(320, 4), blocks(2, 2), everybody(4), has_p90=True)
    assert found.mean_s == Between(30.0, None, None, is_shown=False, is_few=True) and found.p90_s == Between(30.0, is_few=True)


@pytest.mark.parametrize(("days", "share"), [(5, 0.00096), (14, 0.0125), (1_000_000, 0.025)])
def test_few_days_reach_as_far_as_student_s_t_would(days: int, share: float) -> None:
    """t of 4 degrees is 2.776, of 13 2.160; times the root of n / (n - 1), as a share of the normal distribution."""
    assert tail(days) == pytest.approx(share, rel=0.01)


def test_intervals_hold_what_they_promise() -> None:
    """Fourteen days of changes without any effect: nineteen of twenty intervals have 0 in them."""
    dice, shown = np.random.default_rng(7), 0
    every = blocks(14)
    for _ in range(400):
        apart_s = dice.normal(0, 30, 14)
        found = group(lives([600.0] * 14, (600 + apart_s).tolist()), late_at(900, 14), every, everybody(14), has_p90=False)
        shown += found.mean_s.is_shown
    assert 0.02 <= shown / 400 <= 0.085


spans = st.lists(st.tuples(st.integers(10, 2_000), st.integers(-9, 600)), min_size=14, max_size=14)


@settings(max_examples=40)
@given(spans, st.integers(50, 900))
def test_the_mean_lies_in_its_interval_and_what_is_shown_lies_off_zero(drawn: list[tuple[int, int]], target: int) -> None:
    base = [float(one) for one, _ in drawn]
    changed = [float(one + more) for one, more in drawn]
    found = group(lives(base, changed), late_at(target, 14), blocks(14), everybody(14), has_p90=True)
    assert found.mean_s.mean == pytest.approx(np.mean(changed) - np.mean(base), abs=0.006)
    assert found.late_share.mean == pytest.approx(found.changed.late_share - found.base.late_share, abs=2e-5)
    for one in (found.mean_s, found.late_share, found.p90_s):
        assert one is not None and one.low is not None and one.high is not None and one.low <= one.high
        if one.is_shown:
            assert not one.is_few and (one.low > 0 or one.high < 0)
    assert found.mean_s.low is not None and found.mean_s.high is not None
    assert found.mean_s.low - 0.01 <= found.mean_s.mean <= found.mean_s.high + 0.01


@settings(max_examples=40)
@given(spans, st.integers(50, 900))
def test_the_other_way_round_everything_has_the_other_sign(drawn: list[tuple[int, int]], target: int) -> None:
    base, changed = [float(one) for one, _ in drawn], [float(one + more) for one, more in drawn]
    there = group(lives(base, changed), late_at(target, 14), blocks(14), everybody(14), has_p90=False)
    back = group(lives(changed, base), late_at(target, 14), blocks(14), everybody(14), has_p90=False)
    assert there.base == back.changed and there.changed == back.base
    assert there.mean_s.mean == -back.mean_s.mean
    assert there.mean_s.low == pytest.approx(-(back.mean_s.high or 0), abs=0.011)


def test_figures_are_means_over_the_replications() -> None:
    ms = np.array([[100_000, 200_000, 300_000, 400_000], [100_000, 200_000, 300_000, 800_000]], np.int64)
    found = side(ms, late_at(350, 4))
    assert found == Side(mean_s=300.0, p50_s=200.0, p90_s=600.0, late_share=0.25), "the second of four, the fourth of four"


def test_later_than_its_target_is_late_and_just_then_is_not() -> None:
    assert side(np.array([[300_000, 300_001]], np.int64), late_at(300, 2)).late_share == 0.5


# ---- the order of areas


def an_area(mean: float, *, is_shown: bool = False, late: float = 0.0, is_late_shown: bool = False) -> Group:
    one = Side(300.0, 300.0, 400.0, 0.1)
    return Group(9, one, one, Between(mean, mean - 1, mean + 1, is_shown), Between(late, late, late, is_late_shown))


def test_whoever_loses_stands_above_whoever_gains() -> None:
    areas = {
        "gains beyond chance": an_area(-40.0, is_shown=True),
        "gains perhaps": an_area(-60.0),
        "nothing": an_area(0.0),
        "loses perhaps": an_area(70.0),
        "loses beyond chance": an_area(5.0, is_shown=True),
        "loses more": an_area(9.0, is_shown=True),
        "later though sooner on the mean": an_area(-3.0, is_shown=True, late=0.04, is_late_shown=True),
    }
    assert list(worst_first(areas)) == [
        "loses more", "loses beyond chance", "later though sooner on the mean", "loses perhaps", "nothing", "gains perhaps",
        "gains beyond chance",
    ]  # fmt: skip


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.tuples(st.floats(-99, 99), st.booleans()), max_size=9))
def test_the_order_keeps_everybody_and_never_puts_a_sure_gain_above_a_loss(drawn: dict[str, tuple[float, bool]]) -> None:
    ordered = list(worst_first({name: an_area(mean, is_shown=is_shown) for name, (mean, is_shown) in drawn.items()}))
    assert sorted(ordered) == sorted(drawn)
    gains = [nth for nth, name in enumerate(ordered) if drawn[name][0] < 0 and drawn[name][1]]
    losses = [nth for nth, name in enumerate(ordered) if drawn[name][0] > 0]
    assert not gains or not losses or min(gains) > max(losses)


# ---- how far to trust it


@pytest.mark.parametrize(
    ("times", "count", "verdict"),
    [(1.0, 40, "good"), (1.09, 40, "good"), (1.2, 40, "fair"), (0.8, 40, "fair"), (1.4, 40, "poor"), (0.5, 40, "poor"),
     (1.0, 19, "few"), (1.0, 20, "good")],
)  # fmt: skip
def test_trust_goes_by_the_median_and_the_slow_ones(times: float, count: int, verdict: str) -> None:
    real = np.arange(1, count + 1) * 10_000
    found = fit(real, (real * times).astype(np.int64)[None, :])
    assert found.verdict == verdict and found.n == count
    assert found.correlation == 1.0 and found.relived_mean_s == pytest.approx(found.real_mean_s * times, rel=0.01)


def test_slow_ones_alone_may_spoil_trust() -> None:
    real = np.arange(1, 101) * 10_000
    slow = np.where(real > 850_000, real * 2, real)
    assert fit(real, slow[None, :]).verdict == "poor" and fit(real, slow[None, :]).relived_p50_s == fit(real, real[None, :]).real_p50_s


def test_calls_that_are_all_alike_have_no_correlation() -> None:
    assert fit(np.full(30, 60_000), np.full((2, 30), 60_000)).correlation is None
    assert fit(np.array([60_000, 70_000]), np.array([[60_000, 70_000]])).correlation is None
