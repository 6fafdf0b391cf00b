"""Rules for move-ups. Which unit should cover where is a later engine's affair; here a person orders it."""

from tocsin.core.board.board import Board
from tocsin.core.board.station import MoveUpState
from tocsin.core.messages.moveup import (
    AcknowledgeMoveUp,
    EndMoveUp,
    MoveUpAcknowledged,
    MoveUpEnded,
    MoveUpOrdered,
    OrderMoveUp,
)
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Event


def order_move_up(board: Board, ask: OrderMoveUp) -> list[Event]:
    """Only a free unit covers; a new order replaces the old one."""
    unit = board.get_unit(ask.unit)
    if not unit.is_free() or board.find_crew_mate_with_job(unit) is not None:
        raise Refused("UnitNotFree", "unit", unit=ask.unit, phase=unit.phase)
    station = board.stations.get(ask.station)
    if station is None or not station.is_open:
        raise Refused("StationUnknown", "station", station=ask.station)
    return [MoveUpOrdered(ask.unit, ask.station, ask.until)]


def acknowledge_move_up(board: Board, ask: AcknowledgeMoveUp) -> list[Event]:
    """The crew has understood."""
    if _get_move_up(board, ask).is_acknowledged:
        raise Refused("NothingToChange", "unit", unit=ask.unit)
    return [MoveUpAcknowledged(ask.unit)]


def end_move_up(board: Board, ask: EndMoveUp) -> list[Event]:
    """Back to its own area."""
    _get_move_up(board, ask)
    return [MoveUpEnded(ask.unit, ask.reason)]


def _get_move_up(board: Board, ask: AcknowledgeMoveUp | EndMoveUp) -> MoveUpState:
    order = board.move_ups.get(ask.unit)
    if order is None:
        raise Refused("MoveUpMissing", "unit", unit=ask.unit)
    return order
