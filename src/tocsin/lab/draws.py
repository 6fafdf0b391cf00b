"""The dice of the lab: what chance decides is drawn here, before any engine runs.

One stream per distribution, kind of call and replication: a change of stations, units or policy leaves every call as it is.
"""

import hashlib
from collections.abc import Callable
from heapq import heapreplace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import HOURS_PER_WEEK, CallKind, City, Floats, Longs, Shorts, Span, Surge

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
PPM = 1_000_000
FURTHER_REPORT_MS = 60_000.0
"""Mean time from an event's first report to each further one. Assumed: no source."""
_MOST_REPORTS = 1000

Dice = Callable[[str], np.random.Generator]


class Streams(NamedTuple):
    """All streams of one replication, by name."""

    seed: int
    replication: int

    def named(self, *name: object) -> np.random.Generator:
        """Philox, keyed by the SHA-256 of seed, replication and name: no stream knows of another."""
        told = "/".join(map(str, (self.seed, self.replication, *name)))
        key = int.from_bytes(hashlib.sha256(told.encode()).digest()[:16], "little")
        return np.random.Generator(np.random.Philox(key=key))


def draw_calls(city: City, *, seed: int, replication: int, days: float, load: float = 1.0) -> Calls:
    """The calls of one replication, in the order of their arrival.

    ``load`` multiplies the arrival rates, not the surges. Raises BadInput draw_not_positive.
    """
    for field, value in (("days", days), ("load", load)):
        if not 0 < value < float("inf"):
            raise BadInput("draw_not_positive", field=field, value=value)
    streams, until_ms = Streams(seed, replication), round(days * DAY_MS)
    blocks = [_block(city, streams, nth, _arrivals(kind, streams, until_ms, load)) for nth, kind in enumerate(city.kinds)]
    blocks += [_surge(city, streams, nth, surge) for nth, surge in enumerate(city.surges) if surge.begins_ms < until_ms]
    if not blocks:
        raise BadInput("draw_no_kinds", field="kinds")
    merged = Calls._make(np.concatenate(columns) for columns in zip(*blocks, strict=True))
    order = np.argsort(merged.at_ms, kind="stable")
    return _answered(city, streams, Calls._make(column[order] for column in merged))


def _arrivals(kind: CallKind, streams: Streams, until_ms: int, load: float) -> Longs:
    """A Poisson process whose rate changes by the hour of the week: so many in each hour, anywhere in it."""
    dice = streams.named("arrivals", kind.name)
    hours = -(-until_ms // HOUR_MS)
    counts = dice.poisson(np.asarray(kind.per_hour)[np.arange(hours) % HOURS_PER_WEEK] * load)
    at_ms = np.repeat(np.arange(hours) * HOUR_MS, counts) + dice.integers(0, HOUR_MS, int(counts.sum()))
    return np.sort(at_ms[at_ms < until_ms])


def _block(city: City, streams: Streams, nth: int, at_ms: Longs, name: str = "") -> Calls:
    """Calls of one kind with everything but the answering, which needs all of them."""
    kind, n = city.kinds[nth], len(at_ms)

    def dice(what: str) -> np.random.Generator:
        return streams.named(what, kind.name, name) if name else streams.named(what, kind.name)

    cumulated = np.cumsum(city.place_weights[kind.places])
    place = np.searchsorted(cumulated, dice("places").random(n) * cumulated[-1], side="right")
    told = np.full(n, kind.priority, np.int16)
    return Calls(
        at_ms=at_ms,
        ready_ms=at_ms + _spans(city.call_taking, dice("call_taking"), n),
        kind=np.full(n, nth, np.int16),
        priority=told,
        told_priority=_told(city, told, dice("told_priority")),
        place=np.minimum(place, city.places - 1).astype(np.int32),
        on_scene_ms=_on_scene(city, kind, dice, n),
        is_transport=dice("transport").integers(0, PPM, n) < kind.transport_ppm,
        handover_ms=_spans(kind.handover, dice("handover"), n),
        turnout_ms=_turnouts(city, dice, n),
        travel_ppm=_factors(city.travel_spread, dice("travel"), n),
        reports=_reports(kind, dice("reports"), n),
    )


def _surge(city: City, streams: Streams, nth: int, surge: Surge) -> Calls:
    dice = streams.named("surge", nth)
    at_ms = surge.begins_ms + np.sort(dice.integers(0, max(surge.within_ms, 1), surge.calls))
    block = _block(city, streams, surge.kind, at_ms, f"surge{nth}")
    return block._replace(place=np.full(surge.calls, surge.place, np.int32))


def _most_units(city: City) -> int:
    return max(1, *(sum(slot.count for slot in kind.slots) for kind in city.kinds)) if city.kinds else 1


def _on_scene(city: City, kind: CallKind, dice: Dice, n: int) -> Longs:
    """A column for each unit: a card that wants more units leaves the time of those that it wanted before."""
    columns = [_spans(kind.on_scene, dice(f"on_scene_{nth}" if nth else "on_scene"), n) for nth in range(_most_units(city))]
    return np.stack(columns, axis=1)


def _spans(span: Span, dice: np.random.Generator, size: int) -> Longs:
    """Durations in whole milliseconds, none below 0."""
    return np.maximum(np.rint(_drawn_ms(span, dice, size)), 0).astype(np.int64)


def _drawn_ms(span: Span, dice: np.random.Generator, size: int) -> Floats:
    match span.law:
        case "fixed":
            return np.full(size, float(span.mean_ms))
        case "exponential":
            return dice.standard_exponential(size) * span.mean_ms
        case "lognormal":
            return np.exp(dice.standard_normal(size) * span.spread - span.spread**2 / 2) * span.mean_ms
        case "gamma":
            return dice.standard_gamma(span.spread, size) * (span.mean_ms / span.spread)
        case "observed":
            return np.asarray(span.values_ms, np.float64)[dice.integers(0, len(span.values_ms), size)]


def _turnouts(city: City, dice: Dice, n: int) -> Longs:
    columns = np.zeros((n, len(city.turnouts), 2), np.int64)
    for nth, turnout in enumerate(city.turnouts):
        columns[:, nth, 0] = _spans(turnout.at_station, dice(f"turnout_{turnout.kind}_at_station"), n)
        columns[:, nth, 1] = _spans(turnout.on_road, dice(f"turnout_{turnout.kind}_on_road"), n)
    return columns


def _factors(sigma: float, dice: np.random.Generator, n: int) -> NDArray[np.int32]:
    """Log-normal with mean 1, in parts per million."""
    if sigma == 0:
        return np.full(n, PPM, np.int32)
    factors: Floats = np.exp(dice.standard_normal(n) * sigma - sigma**2 / 2)
    return np.maximum(np.rint(factors * PPM), 1).astype(np.int32)


def _told(city: City, true: Shorts, dice: np.random.Generator) -> Shorts:
    """What the dispatcher is told: now and then the priority above or below."""
    last = len(city.priorities) - 1
    if city.wrong_priority_ppm == 0 or last == 0:
        return true
    is_wrong = dice.integers(0, PPM, len(true)) < city.wrong_priority_ppm
    step = np.where(dice.integers(0, 2, len(true)) == 1, 1, -1)
    step = np.where(true == 0, 1, np.where(true == last, -1, step))
    return np.where(is_wrong, true + step, true).astype(np.int16)


def _reports(kind: CallKind, dice: np.random.Generator, n: int) -> Shorts:
    if kind.second_report_ppm == 0:
        return np.ones(n, np.int16)
    return np.minimum(dice.geometric(max(1 - kind.second_report_ppm / PPM, 1e-3), n), _MOST_REPORTS).astype(np.int16)


def _answered(city: City, streams: Streams, calls: Calls) -> Calls:
    """With ``ready_ms`` as a few call-takers make it: every report waits for one, first come first served; the first report counts."""
    if city.call_takers == 0 or calls.size == 0:
        return calls
    call = np.repeat(np.arange(calls.size), calls.reports)
    is_first = np.ones(len(call), np.bool_)
    is_first[1:] = call[1:] != call[:-1]
    later_ms = np.where(is_first, 0.0, streams.named("further_reports").standard_exponential(len(call)) * FURTHER_REPORT_MS)
    at_ms = calls.at_ms[call] + np.rint(later_ms).astype(np.int64)
    span_ms = _spans(city.call_taking, streams.named("further_call_taking"), len(call))
    span_ms[is_first] = calls.ready_ms - calls.at_ms
    order = np.argsort(at_ms, kind="stable")
    ready_ms = np.empty(len(call), np.int64)
    ready_ms[order] = _served(at_ms[order].tolist(), span_ms[order].tolist(), city.call_takers)
    return calls._replace(ready_ms=ready_ms[is_first])


def _served(at_ms: list[int], span_ms: list[int], servers: int) -> list[int]:
    """When each is done, served in the order of coming by so many."""
    free_ms, done_ms = [0] * servers, []
    for at, span in zip(at_ms, span_ms, strict=True):
        done = max(at, free_ms[0]) + span
        heapreplace(free_ms, done)
        done_ms.append(done)
    return done_ms
