"""A shift written as text, one line a moment, read into journal records. For tests: what is written is what happened.

08:00:00 call C1 answered 08:00:07      arrived now; "unanswered" for no stamp
08:00:20 open I1 fire P1 C1             type, priority, calls
08:01:00 send I1 E1 E2
08:01:50 E1 en_route I1                 any phase of a unit; "I1" may be left out
08:05:00 E1 clear I1 | off I1 | divert I1 I2 | undo
08:09:00 fix I1 E1 on_scene 08:04:00 was 08:05:00
08:10:00 close I1 | cancel I1 | reopen I1
08:11:00 type I1 ems P2 | place I1 -70.1 -30.2 A7 | footing exercise
"""

from collections.abc import Callable

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CallId, CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.core.messages.assignment import AssignmentCancelled, StampCorrected, UnitCleared, UnitDiverted, UnitsDispatched
from tocsin.core.messages.call import CallAttached, CallReceived
from tocsin.core.messages.centre import CentreOpened
from tocsin.core.messages.incident import (
    IncidentCancelled,
    IncidentClosed,
    IncidentOpened,
    IncidentReclassified,
    IncidentRelocated,
    IncidentReopened,
)
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Event, Record
from tocsin.core.messages.unit import STATUS, StatusUndone, UnitEnrolled, UnitStatusChanged

ZONE = "America/Santiago"  # UTC-4 on the day of these shifts (winter)


def moment(clock: str) -> Instant:
    """``08:00:00`` of 1 July 2026, UTC."""
    return parse_iso(f"2026-07-01T{clock}Z")


def _call(at: Instant, rest: list[str]) -> Event:
    return CallReceived(CallId(rest[0]), at, moment(rest[2]) if rest[1] == "answered" else None)


def _open(at: Instant, rest: list[str]) -> Event:
    return IncidentOpened(IncidentId(rest[0]), rest[1], rest[2], Place(), tuple(CallId(call) for call in rest[3:]))


def _fix(at: Instant, rest: list[str]) -> Event:
    was = moment(rest[5]) if len(rest) > 5 else None
    return StampCorrected(IncidentId(rest[0]), UnitId(rest[1]), rest[2], moment(rest[3]), was, "read back")


def _place(at: Instant, rest: list[str]) -> Event:
    return IncidentRelocated(IncidentId(rest[0]), Place(LonLat(float(rest[1]), float(rest[2])), area=rest[3]))


VERBS: dict[str, Callable[[Instant, list[str]], Event]] = {
    "call": _call,
    "open": _open,
    "fix": _fix,
    "place": _place,
    "attach": lambda at, rest: CallAttached(CallId(rest[0]), IncidentId(rest[1])),
    "send": lambda at, rest: UnitsDispatched(IncidentId(rest[0]), tuple(UnitId(unit) for unit in rest[1:])),
    "close": lambda at, rest: IncidentClosed(IncidentId(rest[0])),
    "cancel": lambda at, rest: IncidentCancelled(IncidentId(rest[0])),
    "reopen": lambda at, rest: IncidentReopened(IncidentId(rest[0])),
    "type": lambda at, rest: IncidentReclassified(IncidentId(rest[0]), rest[1], rest[2]),
    "unit": lambda at, rest: UnitEnrolled(UnitId(rest[0]), rest[1], ()),
    "footing": lambda at, rest: CentreOpened("test", "Test centre", ZONE, rest[0]),
}
UNIT_VERBS: dict[str, Callable[[UnitId, list[str]], Event]] = {
    "clear": lambda unit, rest: UnitCleared(IncidentId(rest[0]), unit),
    "off": lambda unit, rest: AssignmentCancelled(IncidentId(rest[0]), unit),
    "undo": lambda unit, _: StatusUndone(unit, STATUS["off"]),  # no view asks what it went back to: it knows
    "divert": lambda unit, rest: UnitDiverted(unit, IncidentId(rest[0]), IncidentId(rest[1])),
}


def event_of(line: str) -> tuple[Instant, Event]:
    clock, first, *rest = line.split()
    at = moment(clock)
    if first in VERBS:
        return at, VERBS[first](at, rest)
    unit, verb, rest = UnitId(first), rest[0], rest[1:]
    if verb in UNIT_VERBS:
        return at, UNIT_VERBS[verb](unit, rest)
    return at, UnitStatusChanged(unit, STATUS[verb], IncidentId(rest[0]) if rest else None)


def shift(text: str, footing: str = "live") -> list[Record]:
    """Records of a shift; a centre of the given footing stands at the head."""
    lines = [f"00:00:00 footing {footing}", *(line.strip() for line in text.strip().splitlines() if line.strip())]
    told = [event_of(line) for line in lines]
    return [Record("test", at, when, when, "test", CommandId(str(at)), 1, event) for at, (when, event) in enumerate(told, start=1)]
