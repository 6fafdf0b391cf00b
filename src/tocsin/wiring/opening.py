"""What a desk is told first."""

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.messages.said import Ask, ClockSource, Command
from tocsin.formats.centre import Centre, opening_commands


def tell_opening(desk: Desk, centre: Centre, at: Instant, *, clock: ClockSource) -> list[Answer]:
    """Tell the desk who it is. Raises BadInput ``opening_refused`` if it will not have it."""
    answers = desk.answer([ask_as_tocsin(f"opening:{nth}", at, one, clock) for nth, one in enumerate(opening_commands(centre))], at)
    for answer in answers:
        if answer.refusal is not None:
            raise BadInput("opening_refused", refusal=answer.refusal.code, values=answer.refusal.values)
    return answers


def ask_as_tocsin(name: str, at: Instant, command: Command, clock: ClockSource) -> Ask:
    """A question that the program asks on its own account."""
    return Ask(CommandId(name), "tocsin", at, command, clock=clock)
