"""The figures of one replication: whole numbers only, so that a row is the same on every machine that computes it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, Ints, Longs
from tocsin.lab.experiment.floor import DAY_MS, HOUR_MS, MINUTE_MS, duty_ms, high_priorities, out_of_reach
from tocsin.lab.outcome import Outcome

MINUTES_SHOWN = 60
_RESPONSE_BITS = 40  # 34 years in milliseconds


class Tally(NamedTuple):
    """Calls that belong together."""

    n: int
    """Reached, or late without having been reached."""
    late: int
    reached: int
    sum_ms: int
    """Of the responses of those that were reached."""
    p90_ms: int
    """-1 = none was reached."""

    @property
    def late_share(self) -> float | None:
        """None where there is no call."""
        return self.late / self.n if self.n else None

    @property
    def mean_s(self) -> float | None:
        """None where none was reached."""
        return self.sum_ms / self.reached / 1000 if self.reached else None

    @property
    def p90_s(self) -> float | None:
        """None where none was reached."""
        return self.p90_ms / 1000 if self.reached else None


class Row(NamedTuple):
    """One replication of one arm."""

    replication: int
    calls: int
    every: Tally
    high: Tally
    low: Tally
    high_out_of_reach: int
    """High ones that a unit at every open station would not have reached in time (``floor.out_of_reach``)."""
    areas: tuple[Tally, ...]
    """High ones, by area."""
    priorities: tuple[Tally, ...]
    high_by_minute: tuple[int, ...]
    hours_n: tuple[int, ...]
    hours_late: tuple[int, ...]
    busy_ms: tuple[int, ...]
    """By unit, as the three that follow; the warm-up is in them."""
    return_ms: tuple[int, ...]
    moves: tuple[int, ...]
    overrun_ms: tuple[int, ...]
    duty_ms: tuple[int, ...]
    """Until the end of the days; of a unit that a queue keeps at work long after them, no less than its work."""
    all_calls: int
    """Those of the warm-up too."""
    unreached: int
    longest_queue: int
    diverted: int
    ended_ms: int
    """End of the days that were run, or when the run was stopped."""
    waiting: int
    """Calls of all days that nobody had reached at the end."""
    is_overloaded: bool

    @property
    def floor(self) -> float | None:
        """Share of the high calls that were out of reach; None where there is none."""
        return self.high_out_of_reach / self.high.n if self.high.n else None

    @property
    def avoidable(self) -> float | None:
        """Late share of the high calls above that; less than 0 where units on the road reached some that no station does."""
        return (self.high.late - self.high_out_of_reach) / self.high.n if self.high.n else None


class Span(NamedTuple):
    """What part of a run is measured."""

    warm_up_ms: int
    until_ms: int
    """End of the days in which calls come."""


def measure(city: City, calls: Calls, outcome: Outcome, span: Span, replication: int) -> Row:
    """One run in small. Calls of the warm-up are left out, but of a run that was stopped within it; so are those that were neither reached
    nor late when the run ended."""
    ended_ms = min(outcome.ended_ms, span.until_ms) if outcome.is_overloaded else span.until_ms
    if ended_ms <= span.warm_up_ms:
        span = span._replace(warm_up_ms=0)
    told = _told(city, calls, outcome, span)
    high = high_priorities(city)[told.priority]
    area = city.place_area[told.place].astype(np.int64)
    hours = told.at_ms // HOUR_MS % 24
    minutes = np.minimum(told.response_ms[high & told.is_reached] // MINUTE_MS, MINUTES_SHOWN)
    happened = calls.at_ms <= ended_ms
    return Row(
        replication=replication,
        calls=int(told.at_ms.size),
        every=_tallies(told, np.zeros(told.at_ms.size, dtype=np.int64), 1)[0],
        **dict(zip(("low", "high"), _tallies(told, high.astype(np.int64), 2), strict=True)),
        high_out_of_reach=int((high & told.is_out_of_reach).sum()),
        areas=_tallies(told.only(high), area[high], len(city.areas)),
        priorities=_tallies(told, told.priority.astype(np.int64), len(city.priorities)),
        high_by_minute=_counts(minutes, MINUTES_SHOWN + 1),
        hours_n=_counts(hours[high], 24),
        hours_late=_counts(hours[high & told.is_late], 24),
        busy_ms=_whole(outcome.busy_ms),
        return_ms=_whole(outcome.return_ms),
        moves=_whole(outcome.moves),
        overrun_ms=_whole(outcome.overrun_ms),
        duty_ms=_whole(np.maximum(duty_ms(city, ended_ms), outcome.busy_ms - outcome.overrun_ms)),
        all_calls=int(happened.sum()),
        unreached=int((happened & (outcome.on_scene_ms < 0) & (calls.at_ms >= span.warm_up_ms)).sum()),
        longest_queue=outcome.longest_queue,
        diverted=outcome.diverted,
        ended_ms=ended_ms,
        waiting=int((happened & (outcome.on_scene_ms < 0)).sum()),
        is_overloaded=outcome.is_overloaded,
    )


class _Told(NamedTuple):
    """The calls that count, with what came of them."""

    at_ms: Longs
    priority: Longs
    place: Ints
    response_ms: Longs
    is_reached: NDArray[np.bool_]
    is_late: NDArray[np.bool_]
    is_out_of_reach: NDArray[np.bool_]

    def only(self, where: NDArray[np.bool_]) -> "_Told":
        return _Told._make(part[where] for part in self)


def _told(city: City, calls: Calls, outcome: Outcome, span: Span) -> _Told:
    priority = calls.priority.astype(np.int64)
    target_ms = np.array([one.target_ms for one in city.priorities], dtype=np.int64)[priority]
    on_scene_ms = outcome.on_scene_ms.astype(np.int64)
    is_reached = on_scene_ms >= 0
    waited_ms = np.where(is_reached, on_scene_ms, outcome.ended_ms) - calls.at_ms
    is_late = (waited_ms > target_ms) | (~is_reached & (not outcome.is_overloaded))  # whom a whole run did not reach, nobody ever reaches
    measured = (calls.at_ms >= span.warm_up_ms) & (calls.at_ms < span.until_ms)
    counts = measured & (is_reached | is_late)
    far = out_of_reach(city, calls)
    return _Told._make(part[counts] for part in (calls.at_ms, priority, calls.place, waited_ms, is_reached, is_late, far))


def _tallies(told: _Told, key: Longs, size: int) -> tuple[Tally, ...]:
    """One for each of ``size`` groups; ``key`` says to which a call belongs."""
    n, late = np.bincount(key, minlength=size), np.bincount(key[told.is_late], minlength=size)
    of, response_ms = key[told.is_reached], told.response_ms[told.is_reached]
    both = of.astype(np.int64) << _RESPONSE_BITS | response_ms  # group, then time: one number is sorted sooner than two
    sorted_ms = np.sort(both) & ((1 << _RESPONSE_BITS) - 1)
    sums = np.concatenate(([0], np.cumsum(sorted_ms)))
    until = np.cumsum(np.bincount(of, minlength=size))
    made, begin = [], 0
    for group in range(size):
        end = int(until[group])
        count = end - begin
        p90_ms = int(sorted_ms[begin + (9 * count + 9) // 10 - 1]) if count else -1
        made.append(Tally(int(n[group]), int(late[group]), count, int(sums[end] - sums[begin]), p90_ms))
        begin = end
    return tuple(made)


def _counts(keys: Longs, size: int) -> tuple[int, ...]:
    return _whole(np.bincount(keys, minlength=size))


def _whole(values: Longs | Ints) -> tuple[int, ...]:
    return tuple(int(value) for value in values)


def default_warm_up_days(days: float) -> float:
    """The first day, in runs of two days and more."""
    return 1.0 if days >= 2 else 0.0


def span_of(days: float, warm_up_days: float) -> Span:
    """In milliseconds."""
    return Span(round(warm_up_days * DAY_MS), round(days * DAY_MS))
