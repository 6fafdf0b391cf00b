"""The clock, as screens are told it."""

import msgspec

from tocsin.base.instants import Instant


class ClockTold(msgspec.Struct, frozen=True):
    """The clock that the screens count by."""

    now: Instant
    mode: str
    """``live``, ``demo``, ``exercise``, ``replay`` or ``simulation``."""
    speed_factor: float = msgspec.field(name="speed")
    """Times the wall clock's."""
    is_paused: bool
    zone: str
