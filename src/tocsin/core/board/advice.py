"""Which recommendations are out of date, and how many are asked for anew at once: a disaster must not become a storm of questions.

Each asking times the whole fleet and is written down with all that it saw. What changes many incidents at once (a dispatch that takes
what they had picked, a closed road) therefore asks for the most urgent few at once and marks the rest; the clock asks for those, at a pace.
"""

from collections.abc import Iterable
from typing import Final

from tocsin.base.identifiers import CrewId, IncidentId
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Millis
from tocsin.core.board.board import Board
from tocsin.core.board.incident import IncidentState

MOST_AT_ONCE: Final = 5
"""Incidents that one event asks for anew."""

A_ROUND: Final = 3
"""Incidents that the clock asks for anew, once in ``ROUND_MS``."""

ROUND_MS: Final = Millis(1_000)


def with_picks_of(board: Board, crews: set[CrewId], but: IncidentId | None) -> list[IncidentState]:
    """Those that nobody has been sent to and whose recommendation names units of these crews."""
    return [one for one in board.open_incidents.values() if one.incident != but and one.is_waiting() and _has_picked(board, one, crews)]


def _has_picked(board: Board, incident: IncidentState, crews: set[CrewId]) -> bool:
    picks = incident.receipt.picks if incident.receipt is not None else ()
    return any(pick.unit in board.units and board.units[pick.unit].crew in crews for pick in picks)


def in_need(board: Board) -> list[IncidentState]:
    """Those that nobody has been sent to, and those that lack units: other roads may serve them otherwise."""
    return [one for one in board.open_incidents.values() if _is_in_need(one)]


def _is_in_need(incident: IncidentState) -> bool:
    return incident.is_waiting() or (incident.receipt is not None and bool(incident.receipt.shortfalls))


def mark_stale(incidents: Iterable[IncidentState]) -> None:
    """What they were recommended rests on what is so no longer. Called by the fold only."""
    for one in incidents:
        one.is_advice_stale = True


def stale(board: Board, at: Instant) -> list[IncidentState]:
    """Those to ask for anew, the most urgent first: marked ones, and those for which a closure has begun by itself since."""
    begun = [one.since for one in board.running_closures.values() if one.is_in_force(at)]
    latest = max(begun, default=None)
    return board.by_urgency(
        one
        for one in board.open_incidents.values()
        if board.can_ask_for(one) and _is_in_need(one) and (one.is_advice_stale or is_before(one, latest))
    )


def is_before(incident: IncidentState, closure_began: Instant | None) -> bool:
    """Whether nobody has been sent and the recommendation is older than the beginning of a closure."""
    return closure_began is not None and incident.receipt is not None and incident.is_waiting() and incident.receipt_at < closure_began


def a_round(board: Board, at: Instant) -> list[IncidentState]:
    """What the clock asks for anew at that moment: a few, and none so soon after the last few."""
    is_rested = abs(span_ms(start=board.advised_anew, end=at)) >= ROUND_MS
    return stale(board, at)[:A_ROUND] if is_rested else []
