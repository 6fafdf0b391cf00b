"""How far the couriers have come that tell others what has happened."""

import msgspec

from tocsin.core.ports import CourierTold
from tocsin.web.asked import Asked


class OutboxTold(msgspec.Struct, frozen=True):
    """All couriers that the centre names."""

    couriers: list[CourierTold]


async def get_outbox(asked: Asked) -> OutboxTold:
    """Who is told of events outside, how far each has come, and why one does not get through."""
    return OutboxTold(list(asked.parts.outbox()))
