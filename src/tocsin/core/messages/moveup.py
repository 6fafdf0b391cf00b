"""Move-ups: a unit sent to fill a hole in the coverage (EIDO CoveringAlternateArea)."""

import msgspec

from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.core.messages.recommendation import Reason


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


class AdviseMoveUps(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Ask whether somebody should cover elsewhere: this unit, which has just become free; None = one of those that stand at stations."""

    unit: UnitId | None = None


class Elsewhere(msgspec.Struct, frozen=True, omit_defaults=True):
    """Another station that was looked at."""

    station: StationId
    gain_ppb: int
    drive_ms: Millis


class MoveUpAdvised(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The unit would be of more use at ``station``. A person orders it, or does not; it lapses when it is overtaken."""

    unit: UnitId
    station: StationId
    instead_of: StationId
    """Where it counts now: its own station, or the one that it stands at."""
    policy: str
    policy_version: str
    drive_ms: Millis
    gain_ppb: int = 0
    """What it adds there more than where it counts now, as a share of all demand."""
    change_ppb: dict[str, int] = {}
    """By area, if it moves."""
    reasons: tuple[Reason, ...] = ()
    others: tuple[Elsewhere, ...] = ()
    """Up to two, the best first."""


class StayAdvised(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """No move is worth it: the unit goes home, or everybody stays where they stand."""

    unit: UnitId | None = None
