"""What is known of an alarm: that something is overdue, and who takes care of it."""

import msgspec

from tocsin.base.identifiers import AlarmId, CallId, ClosureId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.alarm import AlarmKind


class AlarmState(msgspec.Struct):
    """One alarm whose cause stands. When the cause ends, it is gone from the board."""

    alarm: AlarmId
    kind: AlarmKind
    sounded: Instant
    """The last time, after a shelving."""
    incident: IncidentId | None
    unit: UnitId | None
    closure: ClosureId | None
    call: CallId | None = None
    owner: str = ""
    """Who acknowledged or shelved it; empty = nobody yet."""
    shelved_until: Instant | None = None

    def is_silent(self, at: Instant) -> bool:
        """Acknowledged, or put aside until after that moment."""
        return self.shelved_until > at if self.shelved_until is not None else bool(self.owner)
