"""The cities of ``dispatch_tables.py`` that nobody could tune to, drawn from seeds; and calls and outcomes as CSV."""

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.calls import Calls
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import HOURS_PER_WEEK, City, PriorityClass, Span
from tocsin.lab.city.square import spread, square_city
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import run as run_city


def drawn_city(number: int) -> City:
    """A city from a seed: size, clusters, stations, units, care and targets are all drawn."""
    dice = np.random.default_rng(number)
    side = int(dice.integers(14, 31))
    stations = int(dice.integers(5, 15))
    units = stations + int(dice.integers(0, stations // 2 + 1))
    hospitals = int(dice.integers(1, 5))
    urgent = float(dice.uniform(0.3, 0.8))
    scene_ms, handover_ms = int(dice.integers(8, 25)) * 60_000, int(dice.integers(5, 25)) * 60_000
    work_h = (scene_ms + 0.7 * (handover_ms + side * 13_000)) / 3_600_000 + side * 0.4 * 30_000 / 3_600_000
    per_hour = units * 0.33 / work_h
    city = square_city(side, units, stations=stations, hospitals=hospitals)
    x, y = np.arange(side * side) % side, np.arange(side * side) // side
    weights = np.full(side * side, 0.15 / (side * side))
    for _ in range(int(dice.integers(1, 6))):
        cx, cy, width, share = dice.uniform(0, side), dice.uniform(0, side), dice.uniform(1.5, side / 3), dice.uniform(0.3, 1.0)
        bump = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
        weights += share * bump / bump.sum()
    sites = [int(np.clip(site + dice.integers(-2, 3) + side * dice.integers(-2, 3), 0, side * side - 1)) for site in spread(side, stations)]
    shares = (urgent, 1 - urgent)
    kinds = tuple(
        kind.__class__(
            kind.name,
            kind.priority,
            (per_hour * share,) * HOURS_PER_WEEK,
            on_scene=Span(scene_ms, "exponential"),
            transport_ppm=700_000,
            handover=Span(handover_ms, "exponential"),
        )
        for kind, share in zip(city.kinds, shares, strict=True)
    )
    steps = np.abs(x[:, None] - x[sites]) + np.abs(y[:, None] - y[sites])
    target_ms = int(np.quantile(np.repeat(steps.min(axis=1), np.maximum(1, (weights * 1e4).astype(int))), 0.85)) * 30_000 + 150_000
    return sealed(
        city._replace(
            name=f"drawn-{number:02d}",
            place_weights=(weights / weights.sum())[None, :],
            place_area=np.argmin(steps, axis=1).astype(np.int16),
            stations=tuple(station.__class__(station.name, site) for station, site in zip(city.stations, sites, strict=True)),
            kinds=kinds,
            priorities=(PriorityClass("urgent", target_ms), PriorityClass("other", max(1_200_000, 2 * target_ms), is_urgent=False)),
        )
    )


def write_logs(folder: Path, city: City, calls: Calls, policies: Iterable[str]) -> None:
    """One file for each policy: for whoever checks another engine against this one, call by call."""
    folder.mkdir(parents=True, exist_ok=True)
    model = cover_model(city)
    for policy in policies:
        outcome = run_city(city, calls, POLICIES[policy], cover=model)
        with (folder / f"{city.name}-{policy}.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(("call", "at_ms", "ready_ms", "priority", "lon", "lat", "first_unit", "on_scene_ms"))
            rows.writerows(_row(city, calls, outcome, call) for call in range(calls.size))


def _row(city: City, calls: Calls, outcome: Outcome, call: int) -> tuple[object, ...]:
    place, unit = int(calls.place[call]), int(outcome.first_unit[call])
    return (
        call, int(calls.at_ms[call]), int(calls.ready_ms[call]), city.priorities[int(calls.priority[call])].name,
        round(float(city.place_lon[place]), 6), round(float(city.place_lat[place]), 6),
        city.units[unit].name if unit >= 0 else "", int(outcome.on_scene_ms[call]),
    )  # fmt: skip
