"""What is known of a station, and of a unit that covers at another one."""

import msgspec

from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.moveup import MoveUpAdvised
from tocsin.core.messages.place import Place


class StationState(msgspec.Struct):
    """One station."""

    station: StationId
    name: str
    place: Place
    is_open: bool = True


class MoveUpState(msgspec.Struct):
    """One unit told to cover elsewhere."""

    unit: UnitId
    station: StationId
    ordered: Instant
    until: Instant | None
    is_acknowledged: bool = False


class MoveAdvice(msgspec.Struct, frozen=True):
    """Advice that nobody has acted on, and nothing has overtaken."""

    advice: MoveUpAdvised
    at: Instant
    there: int
    """Crews that counted at the station then."""
