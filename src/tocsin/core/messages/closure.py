"""Closures: roads that must not be driven through, who says so, why and until when.

A closure is kept as it was drawn, not as edges of a map: a new map changes which streets it closes, not what was said.
"""

from typing import Literal

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import ClosureId, IncidentId
from tocsin.base.instants import Instant

ShapeKind = Literal["points", "line", "polygon"]
"""``points`` close the street that is nearest to each; a ``line`` every street that it crosses or touches; a ``polygon`` every street
that enters or touches it."""

LEAST_PLACES: dict[ShapeKind, int] = {"points": 1, "line": 2, "polygon": 3}
"""How many different places a shape needs."""

MOST_PLACES = 10_000
"""What a shape may hold; a border of a district has a few hundred."""


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was drawn on the map."""

    kind: ShapeKind
    places: tuple[LonLat, ...]
    """In the order in which they were drawn. A polygon's ring closes itself; where it crosses itself, inside is what an odd number of its
    lines parts from the outside (even-odd rule)."""


class CloseRoad(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Close roads to all or some vehicles. Who closes them is who asks."""

    closure: ClosureId
    shape: Shape
    heading_deg: float | None = None
    """Clockwise from north, 0 to 360: only driving within 90 degrees of it is closed. None = both directions."""
    since: Instant | None = None
    """None = from the moment that the question speaks of."""
    until: Instant | None = None
    """When it lapses by itself; None = until the road is reopened."""
    vehicles: tuple[str, ...] = ()
    """Kinds or classes of unit that it holds for; empty = all."""
    reason: str = ""
    incident: IncidentId | None = None
    """What it is for."""


class RoadClosed(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """What was drawn is closed in this window."""

    closure: ClosureId
    shape: Shape
    since: Instant
    heading_deg: float | None = None
    until: Instant | None = None
    vehicles: tuple[str, ...] = ()
    """Sorted, each once."""
    reason: str = ""
    incident: IncidentId | None = None


class ExtendClosure(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """State anew when a closure that has not ended lapses: later, earlier, or not by itself."""

    closure: ClosureId
    until: Instant | None = None
    """None = until the road is reopened."""
    reason: str = ""


class ClosureExtended(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The closure lapses then."""

    closure: ClosureId
    until: Instant | None = None
    reason: str = ""


class LapseClosure(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Asked by the clock when a closure's window is over; refused when it is not, or when the closure has ended already."""

    closure: ClosureId


class ClosureLapsed(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The closure's window is over: it holds no longer. A closure past its window holds no longer with this said or without it."""

    closure: ClosureId


class ReopenRoad(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """End a closure now, or call off one that has not begun. To close the road again, close it under a new id."""

    closure: ClosureId
    reason: str = ""


class RoadReopened(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The closure holds no longer."""

    closure: ClosureId
    reason: str = ""
