"""Alarms: something is overdue and somebody can do something about it (ISA-18.2: an alarm needs a response). And welfare checks.

Alarm *levels* of an incident are another thing: ``messages/incident.py``.
"""

from typing import Literal

import msgspec

from tocsin.base.identifiers import AlarmId, CallId, ClosureId, IncidentId, UnitId
from tocsin.base.instants import Instant

AlarmKind = Literal[
    "nobody_sent",
    "not_acknowledged",
    "not_en_route",
    "not_arrived",
    "place_changed",
    "slot_empty",
    "welfare_due",
    "call_unattached",
    "cover_not_acknowledged",
    "closure_ends",
]
"""The cause. Each names one action: send units; call the unit; ask why it does not roll; ask where it is; tell the crew; send
who is lacking; ask how they are; open an incident for the call or attach it; call the unit; extend or reopen."""

RANK: dict[AlarmKind, int] = {
    "welfare_due": 1,
    "nobody_sent": 1,
    "place_changed": 1,
    "not_acknowledged": 2,
    "not_en_route": 2,
    "not_arrived": 2,
    "slot_empty": 2,
    "call_unattached": 2,
    "cover_not_acknowledged": 3,
    "closure_ends": 3,
}
"""1 high, 2 medium, 3 low."""

DONE_WHEN_TAKEN: frozenset[AlarmKind] = frozenset({"place_changed", "call_unattached"})
"""Their cause ends when somebody acknowledges them: the crew was told by voice; the call needs no incident."""


SHELVE_AT_MOST_MS = 3_600_000
"""How long an alarm can be put aside: an hour."""

WELFARE_AT_MOST_MIN = 240
"""Rarer than every four hours is no check."""


def alarm_id(kind: AlarmKind, subject: str, since: Instant) -> AlarmId:
    """Kind, subject and the moment that it counts from."""
    return AlarmId(f"{kind}:{subject}:{since}")


class NoteOverdue(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Asked by the clock when a span of the plan is over; refused when it is not, or no longer (``NotOverdue``)."""

    alarm: AlarmId
    """Kind, subject and the moment that it counts from: the same thing is never overdue twice."""
    kind: AlarmKind
    incident: IncidentId | None = None
    unit: UnitId | None = None
    closure: ClosureId | None = None
    call: CallId | None = None


class AlarmSounded(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """It is overdue. The alarm ends by itself with its cause."""

    alarm: AlarmId
    kind: AlarmKind
    incident: IncidentId | None = None
    unit: UnitId | None = None
    closure: ClosureId | None = None
    call: CallId | None = None


class AcknowledgeAlarm(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Somebody takes care of it: silent from now on, shown until its cause ends."""

    alarm: AlarmId


class AlarmAcknowledged(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Somebody takes care of it."""

    alarm: AlarmId
    owner: str
    """Who asked."""


class ShelveAlarm(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Put it aside until then, an hour at most; it sounds again if its cause still stands."""

    alarm: AlarmId
    until: Instant
    reason: str


class AlarmShelved(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """It is put aside."""

    alarm: AlarmId
    until: Instant
    reason: str
    owner: str


class SetWelfareCheck(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Ask how the crew is every so many minutes while it is at work (PAR); None ends it. Setting it anew counts from now."""

    unit: UnitId
    every_min: int | None = None


class WelfareCheckSet(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The next check is due ``every_min`` from now, and again after each confirmation, until the unit's job ends."""

    unit: UnitId
    every_min: int | None = None


class ConfirmWelfare(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """The crew has answered that it is well."""

    unit: UnitId


class WelfareConfirmed(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The crew is well; the span begins anew."""

    unit: UnitId
