"""The square-root law against points thrown on a plane, and the drive that gathers speed."""

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest

from tocsin.base.faults import BadInput
from tocsin.lab.queueing.square_root import CONSTANTS, Layout, Metric, mean_distance_m, mean_free, travel_s

NORTH_EAST = np.array([[1.0, 1.0], [-1.0, 1.0]]) / sqrt(2)


def apart(ends: np.ndarray, starts: np.ndarray, metric: Metric) -> np.ndarray:
    """Distances on a torus of side 1, so that no unit stands at an edge."""
    gap = np.abs(ends[:, None] - starts)
    gap = np.minimum(gap, 1 - gap)
    return gap.sum(axis=2) if metric == "right_angle" else np.hypot(gap[..., 0], gap[..., 1])


@pytest.mark.parametrize("metric", ["straight", "right_angle"])
def test_units_anywhere(metric: Metric) -> None:
    """Nearest of a Poisson field, within 3 standard errors over independent fields."""
    rng = np.random.default_rng(5)
    means = [apart(rng.random((400, 2)), rng.random((max(rng.poisson(100), 1), 2)), metric).min(axis=1).mean() for _ in range(80)]
    wanted = mean_distance_m(1.0, 100, metric=metric)
    assert abs(np.mean(means) - wanted) < 3 * np.std(means) / sqrt(len(means))


@pytest.mark.parametrize(("layout", "metric"), [key for key in CONSTANTS if key[0] != "anywhere"])
def test_stations_in_order(layout: Layout, metric: Metric) -> None:
    """Mean over the cell of one station of area 1, by the middles of a fine grid."""
    ticks = (np.arange(400) + 0.5) / 400 - 0.5
    cell = np.stack(np.meshgrid(ticks, ticks), axis=-1).reshape(-1, 2)
    cell = cell @ NORTH_EAST if layout == "diamonds" else cell
    mean = np.abs(cell).sum(axis=1).mean() if metric == "right_angle" else np.hypot(*cell.T).mean()
    assert mean_distance_m(1.0, 1.0, layout=layout, metric=metric) == pytest.approx(mean, rel=1e-4)


def test_four_times_the_units_halve_the_way() -> None:
    assert mean_distance_m(8e7, 12) == pytest.approx(2 * mean_distance_m(8e7, 48))
    assert mean_free(10, 4.5) == 5.5 and mean_free(3, 9.0) == 0


def test_a_drive_that_gathers_speed() -> None:
    def drive_s(metres: float) -> float:
        return travel_s(metres, cruise_m_per_s=15.0, pull_m_per_s2=0.5)

    assert drive_s(450.0) == pytest.approx(60.0), "both formulas meet where cruising speed is just reached"
    assert drive_s(450.0 + 1500.0) == pytest.approx(160.0) and drive_s(0.0) == 0
    steps = [drive_s(metres) for metres in range(0, 3000, 10)]
    assert all(late > early for early, late in pairwise(steps))


def test_bad_questions_are_told() -> None:
    for area_m2, units in ((0.0, 3.0), (5.0, 0.0), (float("nan"), 1.0)):
        with pytest.raises(BadInput, match="queueing_area"):
            mean_distance_m(area_m2, units)
    with pytest.raises(BadInput, match="queueing_speed"):
        travel_s(10.0, cruise_m_per_s=0.0, pull_m_per_s2=1.0)
