"""What a log's own drives say of the roads' times, and of what comes before a unit rolls."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tocsin.base.geometry import LonLat
from tocsin.base.instants import span_ms
from tocsin.lab.city.model import NO_WAY_MS, Floats, Longs, Roads, Span, Turnout
from tocsin.lab.journal.rows import Heard
from tocsin.lab.relived.ground import Ground
from tocsin.views.trips import Trip

FEWEST = 30
"""Fewer drives than these are not fitted to: what is known of the other way of driving serves, or the table as it is."""

ROUNDS = 40
FRESH_MS = 1_800_000
"""A unit that was freed longer ago may be anywhere."""

HOME_AFTER_MS = 900_000
"""Who set out for home so long ago is there."""

LONGEST_TURNOUT_MS = 600_000
"""A longer one is a forgotten button."""

LEAST_SPREAD, MOST_SPREAD = 0.05, 0.8
MOST_VALUES = 2_000
"""Of a span that is drawn from what was observed: so many, evenly chosen, are enough."""


class Fitted(NamedTuple):
    """Drive = ``constant_ms`` + ``factor`` x table, times a log-normal factor of mean 1."""

    constant_ms: int
    factor: float
    spread: float
    drives: int


AS_IS = Fitted(0, 1.0, 0.25, 0)


class FittedDrives(NamedTuple):
    """Both ways of driving."""

    lights: Fitted
    normal: Fitted

    def roads(self, roads: Roads) -> Roads:
        """The tables as the log's drives have them."""
        tables = []
        for ms, one in ((roads.lights_ms, self.lights), (roads.normal_ms, self.normal)):
            tables.append(np.where(ms >= 0, np.rint(ms * one.factor), NO_WAY_MS).astype(np.int32))
        return roads._replace(lights_ms=tables[0], normal_ms=tables[1])


def fit_drives(trips: Sequence[Trip], ground: Ground, urgent: frozenset[str]) -> FittedDrives:
    """By drives whose beginning is known: from a station, or from a scene or hospital left within half an hour."""
    sure = [(trip, place) for trip in trips if (place := start_of(trip)) is not None]
    if not sure:
        return FittedDrives(AS_IS, AS_IS)
    start, end = ground.nearest([place for _, place in sure]), ground.nearest([trip.target for trip, _ in sure])
    driven_ms = np.array([trip.drive_ms for trip, _ in sure], np.float64)
    is_lights = np.array([trip.priority in urgent for trip, _ in sure])
    stands_for = _stands_for(trips, [trip for trip, _ in sure], urgent)
    found = []
    for chosen, table in ((is_lights, ground.roads.lights_ms), (~is_lights, ground.roads.normal_ms)):
        ms = table[start, end]
        good = chosen & (ms > 0)
        found.append(_fit(ms[good].astype(np.float64), driven_ms[good], stands_for[good]) if good.sum() >= FEWEST else None)
    lights, normal = found
    return FittedDrives(lights or normal or AS_IS, normal or lights or AS_IS)


def _stands_for(trips: Sequence[Trip], sure: Sequence[Trip], urgent: frozenset[str]) -> Floats:
    """How many drives each of these stands for: units whose beginnings are rarely known would else have little to say."""
    every = Counter((trip.kind, trip.priority in urgent) for trip in trips)
    known = Counter((trip.kind, trip.priority in urgent) for trip in sure)
    return np.array([every[key] / known[key] for trip in sure for key in [(trip.kind, trip.priority in urgent)]])


def start_of(trip: Trip) -> LonLat | None:
    """Where a drive began, if that is sure: who has been on the way home for a quarter of an hour is there."""
    if trip.legs:
        last = trip.legs[-1]
        is_home = trip.home is not None and last.towards == trip.home and span_ms(start=last.since, end=trip.rolled) >= HOME_AFTER_MS
        return trip.home if is_home else None
    if trip.source == "station" or (trip.source in ("scene", "hospital") and trip.age_ms <= FRESH_MS):
        return trip.place
    return None


def _fit(table_ms: Floats, driven_ms: Floats, stands_for: Floats) -> Fitted:
    """Least absolute deviations by reweighting (Schlossmacher 1973), then scaled so that the means are the same."""
    weights = stands_for
    constant, factor = 0.0, 1.0
    for _ in range(ROUNDS):
        constant, factor = _weighted(table_ms, driven_ms, weights)
        weights = stands_for / np.maximum(np.abs(driven_ms - constant - factor * table_ms), 1_000.0)
    told = np.maximum(constant + factor * table_ms, 1_000.0)
    off = np.log(driven_ms / told)
    spread = float(np.median(np.abs(off - np.median(off)))) * 1.4826
    scale = float((driven_ms * stands_for).sum() / (told * stands_for).sum())
    return Fitted(round(constant * scale), factor * scale, min(max(spread, LEAST_SPREAD), MOST_SPREAD), len(table_ms))


def _weighted(x: Floats, y: Floats, weights: Floats) -> tuple[float, float]:
    """Line through the points; through the origin where it would cut below it."""
    total = weights.sum()
    middle_x, middle_y = float((weights * x).sum() / total), float((weights * y).sum() / total)
    slope_of = float((weights * (x - middle_x) ** 2).sum())
    factor = float((weights * (x - middle_x) * (y - middle_y)).sum() / slope_of) if slope_of > 0 else 1.0
    factor = max(factor, 0.05)
    constant = middle_y - factor * middle_x
    return (constant, factor) if constant >= 0 else (0.0, middle_y / max(middle_x, 1.0))


def turnouts_of(heard: Heard, trips: Sequence[Trip], constant_ms: int) -> tuple[Turnout, ...]:
    """By kind, as observed, with what a drive takes beside driving. Those on the road are taken with those in quarters where few."""
    quarters: defaultdict[str, list[int]] = defaultdict(list)
    road: defaultdict[str, list[int]] = defaultdict(list)
    for trip in trips:
        turnout_ms = trip.rolled - trip.dispatched
        if turnout_ms <= LONGEST_TURNOUT_MS:
            (quarters if trip.source == "station" else road)[trip.kind].append(turnout_ms)
    every = [ms for seen in (quarters, road) for one in seen.values() for ms in one] or [0]
    kinds = sorted({unit.kind for unit in heard.units.values()})
    found = []
    for kind in (*kinds, "*"):
        both = quarters[kind] + road[kind]
        fallback = both if len(both) >= FEWEST else every
        at_station, on_road = (seen if len(seen) >= FEWEST else fallback for seen in (quarters[kind], road[kind]))
        found.append(Turnout(kind, observed(at_station, constant_ms), observed(on_road, constant_ms)))
    return tuple(found)


def observed(values_ms: Sequence[int], more_ms: int = 0) -> Span:
    """A span that is drawn from what happened."""
    ordered = np.sort(np.asarray(values_ms, np.int64)) + more_ms
    if len(ordered) > MOST_VALUES:
        ordered = ordered[np.linspace(0, len(ordered) - 1, MOST_VALUES).round().astype(np.int64)]
    return Span(round(float(ordered.mean())), "observed", values_ms=tuple(ordered.tolist()))


def drawn(span: Span, dice: np.random.Generator, size: int) -> Longs:
    """From an observed span."""
    return np.asarray(span.values_ms, np.int64)[dice.integers(0, len(span.values_ms), size)]
