"""``POST /api/clock``: how fast a told shift goes (demo and replay)."""

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId
from tocsin.web.asked import Asked
from tocsin.web.ports import ClockTold


class ClockBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is not given stays."""

    id: CommandId | None = None
    """Screens send one with everything; setting a clock twice is setting it once."""
    speed_factor: float | None = msgspec.field(name="speed", default=None)
    """Times the wall clock's."""
    is_paused: bool | None = None


async def post_clock(asked: Asked) -> ClockTold:
    """The clock as it goes now. Raises BadInput ``clock_is_the_walls`` where time cannot be told, ``speed``."""
    body: ClockBody = asked.body
    played = asked.parts.played
    if played is None:
        raise BadInput("clock_is_the_walls")
    if body.speed_factor is not None:
        played.set_speed(body.speed_factor)
    if body.is_paused is not None:
        played.pause(is_paused=body.is_paused)
    played.wake()
    await asked.parts.desk.wake()  # its timers were reckoned by the clock as it went before
    return asked.parts.clock()
