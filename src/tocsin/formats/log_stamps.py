"""Stamps of another system's log: local text to instants, some twenty times faster than ``strptime``. Pure."""

import re

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant, from_local, parse_iso

LAYOUTS = "04/07/2020 11:53:08 PM, 2020-04-07T23:53:08.000"
"""The layouts that are read, for people."""

_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d):(\d\d)(?: ?([AP])M)?", re.ASCII | re.IGNORECASE)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,3})\d*)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_HOUR_MS = 3_600_000
_LAYOUT = "%Y-%m-%d %H:%M:%S"


class StampReader:
    """Reads local stamps of one zone. Each local hour is placed on the UTC line once, by ``base.instants``.

    An hour that the clocks repeat in autumn is taken the first time; one that they skip in spring is moved by the skip.
    """

    def __init__(self, zone: str) -> None:
        self._zone = zone
        self._hours: dict[str, Instant | None] = {}
        from_local("2000-01-01 00:00:00", layout=_LAYOUT, zone=zone)  # an unknown zone is told now, not at the first row

    def read(self, text: str) -> Instant:
        """The instant of a stamp. Raises BadInput ``stamp`` when it is in none of the layouts or no such moment exists."""
        found = _US.fullmatch(text)
        if found is not None:
            month, day, year, hour, minute, second, half = found.groups()
            hours = _hour_of_day(int(hour), half)
            return self._place(f"{year}-{month:0>2}-{day:0>2} {hours:02d}", minute, second, 0, text)
        found = _ISO.fullmatch(text)
        if found is None:
            raise BadInput("stamp", value=text, layout=LAYOUTS)
        year, month, day, hour, minute, second, part, offset = found.groups()
        if offset is not None:
            return parse_iso(text)
        return self._place(f"{year}-{month}-{day} {hour}", minute, second, int((part or "0").ljust(3, "0")), text)

    def _place(self, hour: str, minute: str, second: str, part_ms: int, text: str) -> Instant:
        if hour not in self._hours:
            self._hours[hour] = self._start_of(hour, text)
        start = self._hours[hour]
        if start is None or minute > "59" or second > "59":
            return Instant(self._exact(f"{hour}:{minute}:{second}", text) + part_ms)
        return Instant(start + int(minute) * 60_000 + int(second) * 1000 + part_ms)

    def _start_of(self, hour: str, text: str) -> Instant | None:
        """The hour's first instant; None for the rare hour inside which the offset changes."""
        start = self._exact(f"{hour}:00:00", text)
        return start if self._exact(f"{hour}:59:59", text) - start == _HOUR_MS - 1000 else None

    def _exact(self, stamp: str, text: str) -> Instant:
        try:
            return from_local(stamp, layout=_LAYOUT, zone=self._zone)
        except (BadInput, OverflowError):
            raise BadInput("stamp", value=text, layout=LAYOUTS) from None


def _hour_of_day(hour: int, half: str | None) -> int:
    """0 … 23 of a clock hour with AM or PM; 99, which no clock shows, when the two do not go together."""
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        return 99
    return hour % 12 + (12 if half in "Pp" else 0)
