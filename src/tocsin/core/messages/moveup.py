"""Move-ups: a unit sent to fill a hole in the coverage (EIDO CoveringAlternateArea)."""

import msgspec

from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.instants import Instant


class OrderMoveUp(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Send a free unit to cover at another station."""

    unit: UnitId
    station: StationId
    until: Instant | None = None
    """When the order lapses by itself."""


class MoveUpOrdered(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit was told to cover there."""

    unit: UnitId
    station: StationId
    until: Instant | None = None


class AcknowledgeMoveUp(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """The crew has understood."""

    unit: UnitId


class MoveUpAcknowledged(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The crew has understood the order."""

    unit: UnitId


class EndMoveUp(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Send the unit back to its own area."""

    unit: UnitId
    reason: str = ""


class MoveUpEnded(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit covers no longer."""

    unit: UnitId
    reason: str = ""
