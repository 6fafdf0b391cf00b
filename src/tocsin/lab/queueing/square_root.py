"""How far the nearest unit is when nothing is known but the area and how many units are free: the square-root law."""

from math import pi, sqrt
from typing import Literal

from tocsin.base.faults import BadInput

Layout = Literal["anywhere", "grid", "diamonds"]
"""Units at random places; stations on a square grid; stations on a grid turned by 45° (the best there is for right-angle streets)."""

Metric = Literal["straight", "right_angle"]

CONSTANTS: dict[tuple[Layout, Metric], float] = {
    # A Poisson field of n/A units: P(nearest beyond r) = exp(-n/A · area of the ball); the ball is pi·r² or, right-angled, 2·r².
    ("anywhere", "straight"): 0.5,
    ("anywhere", "right_angle"): sqrt(pi / 8),
    # Mean distance from the middle of a square of area 1: (sqrt 2 + ln(1 + sqrt 2)) / 6, and 1/2 along the streets.
    ("grid", "straight"): 0.3825978582,
    ("grid", "right_angle"): 0.5,
    # A square turned by 45°: the same in a straight line; 2/3 of its right-angle radius sqrt(1/2).
    ("diamonds", "straight"): 0.3825978582,
    ("diamonds", "right_angle"): sqrt(2) / 3,
}
"""c of mean distance = c·sqrt(area / units). Larson & Odoni, Urban Operations Research (1981), sections 3.5 to 3.7."""


def mean_distance_m(area_m2: float, free_units: float, *, layout: Layout = "anywhere", metric: Metric = "right_angle") -> float:
    """Mean distance to the nearest of ``free_units`` (their mean number may be a fraction) over ``area_m2``, in metres.

    Source: P. Kolesar and E. H. Blum, "Square root laws for fire engine response distances", Management Science 19 (1973) 1368-1378.
    Raises BadInput ``queueing_area`` where area or units are not above 0.
    """
    if not area_m2 > 0 or not free_units > 0:
        raise BadInput("queueing_area", field="area_m2", value=area_m2, units=free_units)
    return CONSTANTS[(layout, metric)] * sqrt(area_m2 / free_units)


def mean_free(units: int, offered: float) -> float:
    """Mean number of free units where calls wait: those that the mean load leaves; 0 where it leaves none."""
    return max(units - offered, 0.0)


def travel_s(distance_m: float, *, cruise_m_per_s: float, pull_m_per_s2: float) -> float:
    """Seconds for a drive that gathers speed evenly, cruises, and slows down again; short drives never reach cruising speed.

    Source: P. Kolesar, W. Walker and J. Hausner, "Determining the relation between fire engine travel times and travel distances in New
    York City", Operations Research 23 (1975) 614-627: 2·sqrt(D/a) up to D = v²/a, beyond it v/a + D/v. Raises BadInput ``queueing_speed``.
    """
    if not cruise_m_per_s > 0 or not pull_m_per_s2 > 0 or not distance_m >= 0:
        raise BadInput("queueing_speed", field="cruise_m_per_s", value=cruise_m_per_s, pull=pull_m_per_s2, distance=distance_m)
    if distance_m <= cruise_m_per_s**2 / pull_m_per_s2:
        return 2 * sqrt(distance_m / pull_m_per_s2)
    return cruise_m_per_s / pull_m_per_s2 + distance_m / cruise_m_per_s
