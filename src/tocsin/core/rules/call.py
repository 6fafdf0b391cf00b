"""Rules for calls."""

from tocsin.core.board.board import Board
from tocsin.core.messages.call import AttachCall, CallAttached, CallReceived, TakeCall
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Event


def take_call(board: Board, ask: TakeCall) -> list[Event]:
    """A call is noted once; what it says is the caller's, so nothing of it is refused."""
    if ask.call in board.calls:
        raise Refused("CallAlreadyTaken", "call", call=ask.call)
    return [CallReceived(ask.call, ask.arrived, ask.answered, ask.channel, ask.caller_place, ask.caller_name, ask.caller_number, ask.words)]


def attach_call(board: Board, ask: AttachCall) -> list[Event]:
    """A second call about the same thing joins it, even after it has ended."""
    call = board.calls.get(ask.call)
    if call is None:
        raise Refused("CallUnknown", "call", call=ask.call)
    board.get_incident(ask.incident)
    if ask.incident in call.incidents:
        raise Refused("NothingToChange", "incident", incident=ask.incident)
    return [CallAttached(ask.call, ask.incident)]
