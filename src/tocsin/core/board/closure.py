"""What is known of a closure, and when it holds."""

import msgspec

from tocsin.base.identifiers import ClosureId, IncidentId
from tocsin.base.instants import Instant
from tocsin.core.messages.closure import Shape


class ClosureState(msgspec.Struct):
    """One closure, ended ones included: their ids are not used again."""

    closure: ClosureId
    shape: Shape
    heading_deg: float | None
    since: Instant
    until: Instant | None
    """First moment at which it holds no longer, by its window or because the road was reopened; None = no end is known."""
    vehicles: tuple[str, ...]
    reason: str
    incident: IncidentId | None
    is_reopened: bool = False
    is_lapsed: bool = False
    """It was noted that its window is over."""

    def reopen(self, at: Instant) -> None:
        """Ends then, if it would not have ended before."""
        self.until = at if self.until is None else min(self.until, at)
        self.is_reopened = True

    def is_ended(self, at: Instant) -> bool:
        """Reopened or noted as over, whenever that was, or past its window at that moment."""
        return self.is_reopened or self.is_lapsed or (self.until is not None and self.until <= at)

    def is_in_force(self, at: Instant) -> bool:
        """Whether it holds at that moment: from the first one of its window, the last one excluded."""
        return self.since <= at and (self.until is None or at < self.until)

    def holds_for(self, vehicle: str) -> bool:
        """Whether it names this kind or class of unit, or none."""
        return not self.vehicles or vehicle in self.vehicles
