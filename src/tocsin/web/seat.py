"""Who asks."""

from typing import NamedTuple

import msgspec

from tocsin.base.identifiers import UnitId
from tocsin.base.seats import Role


class Seat(NamedTuple):
    """Who asks: an account that is signed in, or a unit's own device."""

    name: str
    """``actor`` in the journal: the account's name, ``unit:E1`` for a device."""
    role: Role
    unit: UnitId | None
    """The unit that a crew is bound to."""
    language: str | None
    """None = as the browser asks."""
    session: str
    """Names the session without opening it."""


class SeatTold(msgspec.Struct, frozen=True):
    """An account that is not disabled: somebody that a message can be sent to."""

    name: str
    role: Role
