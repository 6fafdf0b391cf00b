"""Cities on squared paper: places on a grid, the same milliseconds for every step. For tests, truths and benchmarks."""

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.city.model import (
    HOURS_PER_WEEK,
    CallKind,
    City,
    CrewedUnit,
    Divert,
    HospitalSite,
    PriorityClass,
    Roads,
    Span,
    StationSite,
    Turnout,
)

LIGHTS_STEP_MS, NORMAL_STEP_MS = 30_000, 40_000
"""From one place to the next along a side of the grid."""
STEP_DEG = 0.005


def square_city(
    side: int, units: int, *, stations: int = 4, hospitals: int = 1, calls_per_hour: float = 4.0, is_straight: bool = False
) -> City:
    """A square of ``side`` × ``side`` places, number y · side + x.

    Two priorities with one kind of call each (``urgent``: a third of the calls, target 8 min; ``other``: target 20 min), equally likely
    at every place, stations and hospitals spread evenly, unit n at station n modulo ``stations``. Drives follow the grid, or with
    ``is_straight`` the straight line. Take ``city._replace(...)`` for another one.
    """
    places = side * side
    x, y = np.arange(places) % side, np.arange(places) // side
    sites = spread(side, stations)
    steps = np.abs(x[:, None] - x[sites]) + np.abs(y[:, None] - y[sites])
    return City(
        name=f"square-{side}",
        timezone="UTC",
        place_lon=(x * STEP_DEG).astype(np.float64),
        place_lat=(y * STEP_DEG).astype(np.float64),
        place_area=np.argmin(steps, axis=1).astype(np.int16),
        areas=tuple(f"S{nth:02d}" for nth in range(stations)),
        roads=grid_roads(side, is_straight=is_straight),
        place_weights=np.full((1, places), 1 / places),
        priorities=(PriorityClass("urgent", 480_000), PriorityClass("other", 1_200_000, is_urgent=False)),
        kinds=(_kind("urgent", 0, calls_per_hour / 3), _kind("other", 1, calls_per_hour * 2 / 3)),
        stations=tuple(StationSite(f"S{nth:02d}", site) for nth, site in enumerate(sites)),
        hospitals=tuple(HospitalSite(f"H{nth}", site) for nth, site in enumerate(spread(side, hospitals))),
        units=tuple(CrewedUnit(f"U{nth:02d}", nth % stations) for nth in range(units)),
        turnouts=(Turnout("*", Span(60_000, "lognormal", 0.3), Span(10_000)),),
        diverts=(Divert(1, 0),),
        call_taking=Span(90_000, "gamma", 4.0),
    )


def _kind(name: str, priority: int, per_hour: float) -> CallKind:
    return CallKind(
        name,
        priority,
        (per_hour,) * HOURS_PER_WEEK,
        on_scene=Span(720_000, "exponential"),
        transport_ppm=700_000,
        handover=Span(900_000, "lognormal", 0.4),
    )


def spread(side: int, sites: int) -> list[int]:
    """Places of ``sites`` sites, evenly over the grid, row by row."""
    across = max(1, int(np.ceil(np.sqrt(sites))))
    down = -(-sites // across)
    return [(2 * (nth // across) + 1) * side // (2 * down) * side + (2 * (nth % across) + 1) * side // (2 * across) for nth in range(sites)]


def grid_roads(
    side: int, *, lights_step_ms: int = LIGHTS_STEP_MS, normal_step_ms: int = NORMAL_STEP_MS, is_straight: bool = False
) -> Roads:
    """Drives on the grid: first along x, then along y; with ``is_straight`` as the crow flies, over the grid's places on the line."""
    places = side * side
    at = np.arange(places)
    x, y = at % side, at // side
    dx, dy = x[None, :] - x[:, None], y[None, :] - y[:, None]
    if is_straight:
        steps: NDArray[np.float64] = np.hypot(dx, dy)
        apart = np.maximum(np.gcd(np.abs(dx), np.abs(dy)), 1)
        via = at[:, None] + dy // apart * side + dx // apart
    else:
        steps = np.abs(dx) + np.abs(dy).astype(np.float64)
        via = at[:, None] + np.where(dx != 0, np.sign(dx), np.sign(dy) * side)
    lights_ms, normal_ms = (np.rint(steps * step_ms).astype(np.int32) for step_ms in (lights_step_ms, normal_step_ms))
    return Roads(lights_ms, normal_ms, via.astype(np.int16), via.astype(np.int16))
