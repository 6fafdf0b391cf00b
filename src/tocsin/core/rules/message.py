"""Rules for messages between seats and crews."""

from tocsin.core.board.board import Board
from tocsin.core.messages.message import MessageRead, MessageSent, ReadMessage, SendMessage
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Ask, Event


def send_message(board: Board, ask: SendMessage) -> list[Event]:
    """To somebody; about an incident that there is, open or ended."""
    if ask.message in board.messages:
        raise Refused("MessageAlreadySent", "message", message=ask.message)
    if not ask.to or not all(ask.to):
        raise Refused("RecipientMissing", "to")
    if ask.about is not None:
        board.get_incident(ask.about)
    return [MessageSent(ask.message, tuple(sorted(set(ask.to))), ask.words, ask.about)]


def read_message(board: Board, ask: ReadMessage, question: Ask) -> list[Event]:
    """The first reading of each counts."""
    known = board.messages.get(ask.message)
    if known is None:
        raise Refused("MessageUnknown", "message", message=ask.message)
    if question.actor in known.read_by:
        raise Refused("NothingToChange", "message", message=ask.message)
    return [MessageRead(ask.message, question.actor)]
