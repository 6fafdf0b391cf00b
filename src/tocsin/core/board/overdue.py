"""What is overdue, and from when on: the causes of alarms as the board stands. Rules, fold and timers all ask here, so that they agree.

A cause counts from a moment that stands on the board, never from now; its alarm bears that moment in its name. A new span (the unit is
sent anew, the closure extended, the crew has answered) is therefore another cause, and the alarm of the old one ends by itself.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tocsin.base.identifiers import AlarmId, CallId, ClosureId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.alarm import AlarmState
from tocsin.core.board.board import Board
from tocsin.core.board.call import CallState
from tocsin.core.board.closure import ClosureState
from tocsin.core.board.incident import AssignmentState, IncidentState
from tocsin.core.board.station import MoveUpState
from tocsin.core.board.unit import MINUTE_MS, UnitState
from tocsin.core.messages.alarm import AlarmKind, alarm_id
from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.plan import Slot


class Cause(NamedTuple):
    """Something that is or will be overdue if nothing happens."""

    alarm: AlarmId
    kind: AlarmKind
    due: Instant
    """First moment at which it is overdue."""
    incident: IncidentId | None = None
    unit: UnitId | None = None
    closure: ClosureId | None = None
    call: CallId | None = None


_ROLLED: frozenset[Stamp] = frozenset({"en_route", "staging", "on_scene", "at_patient", "transporting", "at_hospital"})
_ARRIVED = _ROLLED - {"en_route"}
"""Staging is where the unit was told to wait: it is not asked where it is."""


def find_cause(
    board: Board,
    kind: AlarmKind,
    *,
    incident: IncidentId | None = None,
    unit: UnitId | None = None,
    closure: ClosureId | None = None,
    call: CallId | None = None,
) -> Cause | None:
    """The cause of that kind that stands for this subject, overdue or not yet."""
    if kind in ("nobody_sent", "slot_empty"):
        waiting = board.open_incidents.get(incident) if incident is not None else None
        causes = _of_incident(board, waiting) if waiting is not None else iter(())
    elif kind == "call_unattached":
        loose = board.loose_calls.get(call) if call is not None else None
        causes = _of_call(board, loose) if loose is not None else iter(())
    elif kind == "closure_ends":
        running = board.closures.get(closure) if closure is not None else None
        causes = _of_closure(board, running) if running is not None else iter(())
    else:
        known = board.units.get(unit) if unit is not None else None
        causes = _of_unit(board, known) if known is not None else iter(())
    return next((cause for cause in causes if cause.kind == kind), None)


def causes(board: Board) -> Iterator[Cause]:
    """All that stand: of open incidents, of units at work, of units that cover, of closures that have not been reopened."""
    for incident in board.open_incidents.values():
        yield from _of_incident(board, incident)
        for assignment in incident.assignments:
            if assignment.is_active:
                yield from _of_job(board, board.units[assignment.unit], incident, assignment)
    for call in board.loose_calls.values():
        yield from _of_call(board, call)
    for order in board.move_ups.values():
        yield from _of_cover(board, order)
    for closure in board.running_closures.values():
        yield from _of_closure(board, closure)


def is_standing(board: Board, alarm: AlarmState, at: Instant) -> bool:
    """Whether the cause of an alarm has not ended. A closure that has lapsed ends its alarm with the next event."""
    cause = find_cause(board, alarm.kind, incident=alarm.incident, unit=alarm.unit, closure=alarm.closure, call=alarm.call)
    if cause is None or (cause.alarm, cause.incident) != (alarm.alarm, alarm.incident):
        return False
    return alarm.closure is None or not board.closures[alarm.closure].is_ended(at)


def is_short(board: Board, incident: IncidentState) -> bool:
    """Whether units are on it and a required slot of the latest recommendation is empty, counting whoever was sent since.

    Each unit is counted where it is of use; a slot that doubles another may be filled by the same unit. Who is off the list by now counts
    nowhere, as in a recommendation.
    """
    if incident.receipt is None or not incident.active():
        return False
    there = {one.unit for one in (*incident.active(), *incident.worked())}
    able = [board.units[name].capabilities for name in incident.sent if name in there and name in board.units]
    wanted = [slot for slot in incident.receipt.slots if slot.is_required]
    if any(slot.doubles_with and not any(could_fill(slot, one) for one in able) for slot in wanted):
        return True
    places = [slot for slot in wanted if not slot.doubles_with for _ in range(slot.count)]
    taken: dict[int, int] = {}
    return not all(_seat(nth, places, able, taken, set()) for nth in range(len(places)))


def _seat(nth: int, places: list[Slot], able: list[frozenset[str]], taken: dict[int, int], tried: set[int]) -> bool:
    """Whether a unit can be found for this place, moving others to other places where need be."""
    for unit, capabilities in enumerate(able):
        if unit not in tried and could_fill(places[nth], capabilities):
            tried.add(unit)
            if unit not in taken or _seat(taken[unit], places, able, taken, tried):
                taken[unit] = nth
                return True
    return False


def could_fill(slot: Slot, capabilities: frozenset[str]) -> bool:
    """As it wishes, or as one of its alternatives."""
    return any(capabilities.issuperset(needs) for needs in (slot.needs, *(alternative.needs for alternative in slot.alternatives)))


def _of_call(board: Board, call: CallState) -> Iterator[Cause]:
    span_s = board.spans().call_unattached_s
    if span_s is not None:
        name = alarm_id("call_unattached", call.call, call.taken)
        yield Cause(name, "call_unattached", _after_s(call.taken, span_s), call=call.call)


def _of_incident(board: Board, incident: IncidentState) -> Iterator[Cause]:
    yield from _of_waiting(board, incident)
    due = None if incident.short_since is None else _find_after_s(incident.short_since, board.spans().slot_empty_s)
    if due is not None and incident.short_since is not None:
        name = alarm_id("slot_empty", incident.incident, incident.short_since)
        yield Cause(name, "slot_empty", due, incident=incident.incident)


def _of_waiting(board: Board, incident: IncidentState) -> Iterator[Cause]:
    span_s = board.spans().nobody_sent_s
    if span_s is not None and incident.is_waiting():
        since = incident.waits_since if incident.held_until is None else max(incident.waits_since, incident.held_until)
        name = alarm_id("nobody_sent", incident.incident, since)
        yield Cause(name, "nobody_sent", _after_s(since, span_s), incident=incident.incident)


def _of_unit(board: Board, unit: UnitState) -> Iterator[Cause]:
    incident = board.incidents.get(unit.incident) if unit.incident is not None else None
    assignment = incident.find_assignment(unit.unit) if incident is not None else None
    if incident is not None and assignment is not None and assignment.is_active:
        yield from _of_job(board, unit, incident, assignment)
    order = board.move_ups.get(unit.unit)
    if order is not None:
        yield from _of_cover(board, order)


def _of_job(board: Board, unit: UnitState, incident: IncidentState, assignment: AssignmentState) -> Iterator[Cause]:
    spans, stamps, sent = board.spans(), assignment.stamps.keys(), assignment.stamps["dispatched"]
    over_s, eta_ms = spans.arrive_over_eta_s, assignment.eta_ms
    dues: tuple[tuple[AlarmKind, Instant | None, bool], ...] = (
        ("not_acknowledged", _find_after_s(sent, spans.acknowledge_s), "acknowledged" in stamps or bool(stamps & _ROLLED)),
        ("not_en_route", _find_after_s(sent, spans.en_route_s), bool(stamps & _ROLLED)),
        ("not_arrived", None if eta_ms is None else _find_after_s(Instant(sent + eta_ms), over_s), bool(stamps & _ARRIVED)),
    )
    for kind, due, is_done in dues:
        if due is not None and not is_done:
            yield Cause(alarm_id(kind, unit.unit, sent), kind, due, incident=incident.incident, unit=unit.unit)
    if assignment.place_changed is not None:
        name = alarm_id("place_changed", unit.unit, assignment.place_changed)
        yield Cause(name, "place_changed", assignment.place_changed, incident=incident.incident, unit=unit.unit)
    if unit.welfare is not None:
        name = alarm_id("welfare_due", unit.unit, unit.welfare.since())
        yield Cause(name, "welfare_due", unit.welfare.due, incident=incident.incident, unit=unit.unit)


def _of_cover(board: Board, order: MoveUpState) -> Iterator[Cause]:
    due, unit = _find_after_s(order.ordered, board.spans().acknowledge_s), board.units[order.unit]
    has_rolled = unit.phase == "moving_up" and unit.since >= order.ordered
    if due is not None and not order.is_acknowledged and not has_rolled:
        name = alarm_id("cover_not_acknowledged", order.unit, order.ordered)
        yield Cause(name, "cover_not_acknowledged", due, unit=order.unit)


def _of_closure(board: Board, closure: ClosureState) -> Iterator[Cause]:
    before_min = board.spans().closure_ends_min
    if before_min is not None and closure.until is not None and not closure.is_reopened and closure.since < closure.until:
        due = Instant(max(closure.since, closure.until - before_min * MINUTE_MS))
        name = alarm_id("closure_ends", closure.closure, closure.until)
        yield Cause(name, "closure_ends", due, closure=closure.closure)


def _after_s(since: Instant, span_s: int) -> Instant:
    return Instant(since + span_s * 1000)


def _find_after_s(since: Instant, span_s: int | None) -> Instant | None:
    return None if span_s is None else _after_s(since, span_s)
