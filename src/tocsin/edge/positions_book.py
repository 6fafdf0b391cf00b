"""Where the units on duty last said that they are. Anything else that is heard is dropped here and counted; nobody else has a position.

Time comes with what is told: nothing here reads a clock. Safe for threads: requests put in, the desk and the streams look up, and once a
second what came in is taken out for the store.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from struct import Struct
from threading import Lock
from typing import Final, NamedTuple

from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.edge.positions_frame import ROW, Frame, row_of
from tocsin.formats.position import Reported
from tocsin.views.situation import Fix

PER_SECOND: Final = 5
BURST: Final = 300
"""One device in a row, as after minutes without network; then ``PER_SECOND`` again."""

LATEST_MS: Final = 3_600_000
"""What a device held back for longer is of no use to a dispatch, and a phone is not searched for where its bearer was."""

MOST_WAITING: Final = 500_000
"""Rows that wait for the store: 12 MB. While the disk refuses, the oldest make room."""

OnDutySince = Callable[[UnitId], Instant | None]
"""Since when an enrolled unit has been on duty; None for one that is off duty, and for whoever is no unit."""

_ROW: Final = Struct("<IiiiHHHH")


class _Device:
    """How much one unit may still say just now."""

    __slots__ = ("allowed", "at")

    def __init__(self, at: Instant) -> None:
        self.allowed, self.at = float(BURST), at

    def may_say(self, received: Instant) -> bool:
        gone_s = max(0.0, span_ms(start=self.at, end=received) / 1000)
        self.allowed, self.at = min(float(BURST), self.allowed + gone_s * PER_SECOND), received
        if self.allowed < 1.0:
            return False
        self.allowed -= 1.0
        return True


class Moved(NamedTuple):
    """The last positions of units that have said something since."""

    upto: int
    """To ask with the next time."""
    fixes: list[Fix]


class PositionsBook:
    """Last position per unit, and what waits to be stored."""

    def __init__(self, on_duty_since: OnDutySince) -> None:
        """``on_duty_since`` is called in whatever thread asks, so it must be quick and look at plain values only."""
        self._on_duty_since = on_duty_since
        self._lock = Lock()
        self._last: dict[UnitId, tuple[int, Fix]] = {}
        """With the running number at which it was taken up."""
        self._count = 0
        self._devices: dict[UnitId, _Device] = {}
        self._numbers: dict[UnitId, int] = {}
        self._base = Instant(0)
        self._waiting = bytearray()
        self.dropped: Counter[str] = Counter()
        """Why → how many: ``off_duty``, ``before_duty``, ``too_late``, ``too_often``, ``repeated``, ``overflow``;
        ``without_fix``, and ``fields`` that devices send and nobody here wants."""

    def take(self, unit: UnitId, positions: Sequence[Reported], received: Instant) -> int:
        """Take up what a unit's device said; how many were kept. An older one than the last is stored and changes no place."""
        since = self._on_duty_since(unit)
        with self._lock:
            if since is None:
                self.dropped["off_duty"] += len(positions)
                self._last.pop(unit, None)
                return 0
            return sum([self._take(unit, one, received, since) for one in positions])

    def _take(self, unit: UnitId, one: Reported, received: Instant, since: Instant) -> bool:
        fix = Fix(unit, one.place.lon, one.place.lat, min(one.at, received), one.heading_deg, one.speed_mps, one.uncertainty_m)
        last = self._last.get(unit)
        why_not = self._why_not(fix, last[1] if last is not None else None, received, since)
        if why_not is not None:
            self.dropped[why_not] += 1
            return False
        if last is None or fix.at > last[1].at:
            self._count += 1
            self._last[unit] = self._count, fix
        self._keep(fix, received)
        return True

    def _why_not(self, fix: Fix, last: Fix | None, received: Instant, since: Instant) -> str | None:
        if fix.at < since:  # where its bearer was before is nobody's business, however late it is told
            return "before_duty"
        if span_ms(start=fix.at, end=received) > LATEST_MS:
            return "too_late"
        if last is not None and (fix.at, fix.lon, fix.lat) == (last.at, last.lon, last.lat):
            return "repeated"
        if not self._devices.setdefault(fix.unit, _Device(received)).may_say(received):
            return "too_often"
        return None

    def _keep(self, fix: Fix, received: Instant) -> None:
        if not self._waiting:
            self._base = received
        if len(self._waiting) >= MOST_WAITING * ROW.itemsize:
            del self._waiting[: MOST_WAITING // 10 * ROW.itemsize]
            self.dropped["overflow"] += MOST_WAITING // 10
        self._waiting += _ROW.pack(*row_of(self._numbers.setdefault(fix.unit, len(self._numbers)), fix, self._base))

    def pass_over(self, *, fields: int, without_fix: int) -> None:
        """Count what was said and not even looked at."""
        with self._lock:
            self.dropped.update({name: count for name, count in (("fields", fields), ("without_fix", without_fix)) if count})

    def find(self, unit: UnitId) -> Fix | None:
        """The last position of a unit, however old; None while it is off duty, and without one of this tour of duty."""
        last = self._last.get(unit)
        if last is None:
            return None
        since = self._on_duty_since(unit)
        return last[1] if since is not None and last[1].at >= since else None

    def fixes(self) -> list[Fix]:
        """The last of every unit on duty, in the order of unit ids."""
        return self.moved(0).fixes

    def moved(self, since: int) -> Moved:
        """The last of every unit on duty that has got a new one since ``Moved.upto`` of an earlier answer; 0 = all."""
        with self._lock:
            upto = self._count
            units = sorted(unit for unit, (number, _) in self._last.items() if number > since)
        return Moved(upto, [fix for fix in map(self.find, units) if fix is not None])

    def take_frame(self) -> Frame | None:
        """What came in since the last time, for the store; None for nothing. Forgets whoever has gone off duty."""
        with self._lock:
            for unit in [unit for unit in self._last if self._on_duty_since(unit) is None]:
                del self._last[unit]
                self._devices.pop(unit, None)
            if not self._waiting:
                return None
            frame = Frame(self._base, tuple(self._numbers), bytes(self._waiting))
            self._waiting.clear()
            return frame
