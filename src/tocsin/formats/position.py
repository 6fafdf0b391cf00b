"""A position as a device reports it, whatever it speaks: the numbers that a dispatch needs, checked, and nothing else of the device.

What else stands in a report (battery, network, names of networks, ids of the phone or of who carries it) is dropped here: it never gets
a field. Whose position it is, the device's token says, not the report.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant, parse_iso, span_ms
from tocsin.base.quantities import Metres

AHEAD_MS: Final = 2_000
"""More than that ahead of its receipt, a stamp is marked as of a clock that runs ahead."""

NULL_ISLAND_DEG: Final = 0.001
"""This near to 0/0 no unit works: a receiver without a fix says so."""

FASTEST_MPS: Final = 300.0
SECONDS_UNTIL: Final = 100_000_000_000
"""A number stamp below is in seconds (until the year 5138), else in milliseconds (from 1973 on)."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?([eE][+-]?[0-9]{1,3})?")
_LOCAL_STAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?")


class Reported(msgspec.Struct, frozen=True):
    """One position."""

    place: LonLat
    at: Instant
    """Never later than its receipt."""
    heading_deg: float | None = None
    """0 = north, clockwise, below 360."""
    speed_mps: float | None = None
    uncertainty_m: Metres | None = None
    is_clock_ahead: bool = False
    """The device's clock said more than ``AHEAD_MS`` later than it was; ``at`` is the receipt then."""


class Heard(msgspec.Struct, frozen=True):
    """What one request said."""

    positions: tuple[Reported, ...] = ()
    ignored: int = 0
    """Fields that were passed over."""
    no_fix: int = 0
    """Reports without a position, and messages of other kinds."""


def reported(place: LonLat, at: Instant, received: Instant, moving: Mapping[str, float | None]) -> Reported:
    """Put together. ``moving``: ``heading_deg``, ``speed_mps``, ``uncertainty_m``; numbers that devices send for "unknown" become None.

    Raises BadInput ``position_range`` for a place off the earth, ``position_null_island`` for 0/0.
    """
    if not place.is_on_earth():
        raise BadInput("position_range", lon=place.lon, lat=place.lat)
    if abs(place.lon) < NULL_ISLAND_DEG and abs(place.lat) < NULL_ISLAND_DEG:
        raise BadInput("position_null_island", lon=place.lon, lat=place.lat)
    heading_deg, speed_mps, uncertainty_m = (moving.get(name) for name in ("heading_deg", "speed_mps", "uncertainty_m"))
    return Reported(
        LonLat(round(place.lon, 7), round(place.lat, 7)),
        min(at, received),
        heading_deg % 360.0 if heading_deg is not None and 0.0 <= heading_deg <= 360.0 else None,
        speed_mps if speed_mps is not None and 0.0 <= speed_mps <= FASTEST_MPS else None,
        Metres(uncertainty_m) if uncertainty_m is not None and uncertainty_m > 0.0 else None,  # 0 is what devices send that do not know
        span_ms(start=received, end=at) > AHEAD_MS,
    )


def place_of(lon: float | None, lat: float | None) -> LonLat:
    """Raises BadInput ``position_missing`` where one of them is."""
    for field, value in (("lon", lon), ("lat", lat)):
        if value is None:
            raise BadInput("position_missing", field=field)
    return LonLat(lon or 0.0, lat or 0.0)


def number_of(value: Any, field: str) -> float | None:
    """A number, or the text of one; None for nothing or an empty text. Raises BadInput ``position_number``, also for NaN and infinity."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        if _NUMBER.fullmatch(value) is None:
            raise BadInput("position_number", field=field, value=value[:40])
        value = float(value)  # 1e999 is infinite
    try:
        found = math.nan if isinstance(value, bool) or not isinstance(value, int | float) else float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise BadInput("position_number", field=field, value=str(value)[:40])
    return found


def stamp_of(value: Any, received: Instant, field: str) -> Instant:
    """Seconds or milliseconds since 1970, or ISO 8601 (UTC where it names no offset); the receipt for nothing.

    Raises BadInput ``position_stamp``.
    """
    if value is None or value == "":
        return received
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
        try:
            return parse_iso(value + "Z" if _LOCAL_STAMP.fullmatch(value) else value)
        except (BadInput, OverflowError):
            raise BadInput("position_stamp", field=field, value=value[:40]) from None
    stamp = number_of(value, field) or 0.0
    if abs(stamp) >= SECONDS_UNTIL * 1000:
        raise BadInput("position_stamp", field=field, value=str(value)[:40])
    return Instant(round(stamp * 1000 if abs(stamp) < SECONDS_UNTIL else stamp))


def json_of(body: bytes) -> Any:
    """Raises BadInput ``position_json``."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput("position_json", why=error) from None
