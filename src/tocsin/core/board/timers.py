"""What the clock asks by itself: what is ``due`` now, and when to look again. Pure; the desk answers it as it answers anyone.

Looks at open incidents, units at work, orders to cover and closures that still run; never at the whole history. Whatever is asked here
takes away its own reason when it is answered, so that asking again at the same moment asks nothing.
"""

from collections.abc import Iterator

from tocsin.base.instants import Instant
from tocsin.core.board import advice
from tocsin.core.board.board import Board
from tocsin.core.board.closure import ClosureState
from tocsin.core.board.incident import IncidentState
from tocsin.core.board.overdue import Cause, causes
from tocsin.core.messages.alarm import RANK, NoteOverdue
from tocsin.core.messages.closure import LapseClosure
from tocsin.core.messages.incident import HoldIncident
from tocsin.core.messages.moveup import EndMoveUp
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Command


def due(board: Board, at: Instant) -> list[Command]:
    """Everything that must be asked at that moment, the most pressing first: alarms by rank, then what has ended, then old advice."""
    alarms = sorted(
        (cause for cause in causes(board) if _is_to_sound(board, cause, at)), key=lambda one: (RANK[one.kind], one.due, one.alarm)
    )
    asked: list[Command] = [NoteOverdue(one.alarm, one.kind, one.incident, one.unit, one.closure, one.call) for one in alarms]
    asked += [HoldIncident(one.incident) for one in _held(board) if one.held_until is not None and one.held_until <= at]
    asked += [EndMoveUp(order.unit) for order in board.move_ups.values() if order.until is not None and order.until <= at]
    lapsed = [LapseClosure(one.closure) for one in board.running_closures.values() if _is_over(one, at)]
    asked += lapsed
    # Where a closure ends now, its end asks for the most urgent by itself.
    asked += [] if lapsed else [RecommendUnits(one.incident) for one in advice.a_round(board, at)]
    return asked


def next_due(board: Board, after: Instant) -> Instant | None:
    """The first moment after ``after`` at which ``due`` asks something; None = not until something happens.

    The very next millisecond where something is due already: a report from paper, or one that was taken back, may make it so at once.
    """
    if due(board, after):
        return Instant(after + 1)
    return min((moment for moment in _moments(board, after) if moment > after), default=None)


def _moments(board: Board, after: Instant) -> Iterator[Instant]:
    for cause in causes(board):
        known = board.alarms.get(cause.alarm)
        if known is None:
            yield cause.due
        elif known.shelved_until is not None:
            yield max(cause.due, known.shelved_until)
    for incident in _held(board):
        if incident.held_until is not None:
            yield incident.held_until
    for order in board.move_ups.values():
        if order.until is not None:
            yield order.until
    yield from (one.until for one in board.running_closures.values() if one.until is not None)
    rested = Instant(board.advised_anew + advice.ROUND_MS)
    if rested > after and advice.stale(board, rested):
        yield rested
    begins = {one.since for one in board.running_closures.values() if one.since > after}
    # A clock that was set back is not woken for what was asked when the closure was drawn.
    yield from (since for since in begins if advice.a_round(board, since))


def _is_over(closure: ClosureState, at: Instant) -> bool:
    return closure.until is not None and closure.until <= at


def _is_to_sound(board: Board, cause: Cause, at: Instant) -> bool:
    if at < cause.due or (cause.closure is not None and board.running_closures[cause.closure].is_ended(at)):
        return False
    known = board.alarms.get(cause.alarm)
    return known is None or (known.shelved_until is not None and known.shelved_until <= at)


def _held(board: Board) -> Iterator[IncidentState]:
    """Held ones that nobody is on: a hold is over with the first unit."""
    return (one for one in board.open_incidents.values() if one.held_until is not None and one.is_waiting())
