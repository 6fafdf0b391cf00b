"""Rules for closures. Which streets a shape closes is the roads' affair; here it is only made sure that it can be drawn."""

from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.closure import ClosureState
from tocsin.core.messages.closure import (
    LEAST_PLACES,
    MOST_PLACES,
    CloseRoad,
    ClosureExtended,
    ClosureLapsed,
    ExtendClosure,
    LapseClosure,
    ReopenRoad,
    RoadClosed,
    RoadReopened,
    Shape,
)
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Ask, Event


def close_road(board: Board, ask: CloseRoad, question: Ask) -> list[Event]:
    """A closure has an id of its own for ever, so that nobody's closure is replaced unseen by another of the same name."""
    if ask.closure in board.closures:
        raise Refused("ClosureAlreadyStated", "closure", closure=ask.closure)
    _check_shape(ask.shape)
    if ask.heading_deg is not None and not 0.0 <= ask.heading_deg <= 360.0:  # false for NaN as well
        raise Refused("HeadingUnusable", "heading_deg", heading=ask.heading_deg)
    since = ask.since if ask.since is not None else question.at
    _check_window(since, ask.until, question.at)
    if ask.incident is not None:
        board.get_incident(ask.incident)
    heading_deg = None if ask.heading_deg is None else float(ask.heading_deg)
    vehicles = tuple(sorted(set(ask.vehicles)))
    return [RoadClosed(ask.closure, ask.shape, since, heading_deg, ask.until, vehicles, ask.reason, ask.incident)]


def extend_closure(board: Board, ask: ExtendClosure, question: Ask) -> list[Event]:
    """While it has not ended. What has lapsed was open in between: that is a new closure."""
    state = _get_lasting(board, ask, question.at)
    if ask.until == state.until:
        raise Refused("NothingToChange", "until", closure=ask.closure)
    _check_window(state.since, ask.until, question.at)
    return [ClosureExtended(ask.closure, ask.until, ask.reason)]


def reopen_road(board: Board, ask: ReopenRoad, question: Ask) -> list[Event]:
    """From the moment that the question speaks of; one that has not begun is called off."""
    _get_lasting(board, ask, question.at)
    return [RoadReopened(ask.closure, ask.reason)]


def lapse_closure(board: Board, ask: LapseClosure, question: Ask) -> list[Event]:
    """Noted once, when its window is over by the question's clock."""
    state = board.closures.get(ask.closure)
    if state is None:
        raise Refused("ClosureUnknown", "closure", closure=ask.closure)
    if state.is_reopened or state.is_lapsed:
        raise Refused("ClosureEnded", "closure", closure=ask.closure)
    if not state.is_ended(question.at):
        raise Refused("NotOverdue", "closure", alarm=ask.closure)
    return [ClosureLapsed(ask.closure)]


def _get_lasting(board: Board, ask: ExtendClosure | ReopenRoad, at: Instant) -> ClosureState:
    state = board.closures.get(ask.closure)
    if state is None:
        raise Refused("ClosureUnknown", "closure", closure=ask.closure)
    if state.is_ended(at):
        raise Refused("ClosureEnded", "closure", closure=ask.closure)
    return state


def _check_window(since: Instant, until: Instant | None, at: Instant) -> None:
    """A window that is over before it begins, or before it is stated, is a slip of the hand: the road would stay open."""
    if until is not None and until <= max(since, at):
        raise Refused("ClosureNeverInForce", "until")


def _check_shape(shape: Shape) -> None:
    if len(shape.places) > MOST_PLACES:
        raise Refused("ShapeTooLarge", "shape", count=len(shape.places), most=MOST_PLACES)
    for place in shape.places:
        if not place.is_on_earth():
            raise Refused("ShapeOffEarth", "shape", lon=place.lon, lat=place.lat)
    if len(set(shape.places)) < LEAST_PLACES[shape.kind]:
        raise Refused("ShapeTooSmall", "shape")
