"""Instants (UTC, whole milliseconds since 1970) and spans; the only place that subtracts one instant from another.

The named exception of the import contracts: this file may use ``datetime`` and ``zoneinfo`` to read and print stamps. It never
reads the clock.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple, NewType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.base.faults import BadInput
from tocsin.base.quantities import Millis

Instant = NewType("Instant", int)
"""UTC milliseconds since 1970-01-01."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
MINUTES_PER_DAY = 24 * 60


class LocalParts(NamedTuple):
    """An instant as the clock on the centre's wall shows it."""

    date: str
    """ISO date, ``2020-04-07``."""
    weekday: int
    """0 = Monday … 6 = Sunday (ISO 8601)."""
    hour: int
    minute: int

    @property
    def minute_of_week(self) -> int:
        """0 = Monday 00:00 … 10,079."""
        return self.weekday * MINUTES_PER_DAY + self.hour * 60 + self.minute


def span_ms(*, start: Instant, end: Instant) -> Millis:
    """From start to end; negative when end comes first."""
    return Millis(end - start)


def after(start: Instant, span: Millis) -> Instant:
    """The instant a span later."""
    return Instant(start + span)


def _instant(moment: datetime) -> Instant:
    return Instant((moment - _EPOCH) // _MILLISECOND)


def _moment(at: Instant) -> datetime:
    return _EPOCH + at * _MILLISECOND


def iso(at: Instant) -> str:
    """ISO 8601 in UTC with milliseconds: ``2020-04-07T15:00:00.000Z``."""
    return _moment(at).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def parse_iso(text: str) -> Instant:
    """Read an ISO 8601 stamp that names its offset. Raises BadInput ``stamp`` otherwise."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInput("stamp", value=text, layout="2020-04-07T15:00:00Z") from None
    if moment.tzinfo is None:
        raise BadInput("stamp", value=text, layout="2020-04-07T15:00:00Z")
    return _instant(moment)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("timezone", value=name) from None


def check_zone(name: str) -> str:
    """The name of a time zone of the IANA table, unchanged. Raises BadInput ``timezone`` when there is none of that name."""
    _zone(name)
    return name


def is_zone(name: str) -> bool:
    """Whether the IANA table has a time zone of that name."""
    try:
        _zone(name)
    except BadInput:
        return False
    return True


def from_local(text: str, *, layout: str, zone: str) -> Instant:
    """A local stamp without offset, read by ``layout`` (strptime codes) in ``zone`` (IANA name).

    An hour that the clocks repeat in autumn is taken the first time; one that they skip in spring is moved by the skip (PEP 495).
    Raises BadInput ``stamp`` or ``timezone``.
    """
    try:
        moment = datetime.strptime(text, layout)  # noqa: DTZ007 - the zone is put on in the next line
    except ValueError:
        raise BadInput("stamp", value=text, layout=layout) from None
    return _instant(moment.replace(tzinfo=_zone(zone)))


def local_parts(at: Instant, zone: str) -> LocalParts:
    """Date, weekday, hour and minute of an instant in a zone (IANA name)."""
    moment = _moment(at).astimezone(_zone(zone))
    return LocalParts(moment.strftime("%Y-%m-%d"), moment.weekday(), moment.hour, moment.minute)


def local_text(at: Instant, zone: str) -> str:
    """``2020-04-07 08:00:00`` on the wall of a zone, for people."""
    return _moment(at).astimezone(_zone(zone)).strftime("%Y-%m-%d %H:%M:%S")
