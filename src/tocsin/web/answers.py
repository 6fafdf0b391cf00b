"""What came of a command, as screens are told it, and the one way from a seat to the desk."""

from typing import Any

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Ask, ClockSource, Command
from tocsin.core.messages.sealed import Plain
from tocsin.web.asked import Asked
from tocsin.web.first_due import is_same_place, with_area
from tocsin.web.problems import refusal_told

MOST_AHEAD_MS = Millis(2_000)
MOST_BACK_MS = Millis(24 * 3_600_000)


class RefusalTold(msgspec.Struct, frozen=True):
    """Why nothing happened."""

    code: str
    field: str
    values: dict[str, str]
    told: str
    """In the language of the seat."""


class Happened(msgspec.Struct, frozen=True):
    """One event, by its name; what it changed comes as rows."""

    type: str


class Answered(msgspec.Struct, frozen=True):
    """What came of one command."""

    cmd: str
    pos: int
    """The journal's position: a screen whose stream is there shows it."""
    events: tuple[Happened, ...]
    refusal: RefusalTold | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A command as a handler puts it."""

    id: CommandId
    command: Command
    at: Instant | None = None
    clock: ClockSource = "server"
    expected: int | None = None


async def ask_desk(asked: Asked, said: Said, *, is_let: bool = False) -> tuple[Answer, Answered]:
    """Ask as the seat; ``is_let``: the handler has seen to it that this seat may. A place gets its station area (``web/first_due.py``).

    Raises BadInput ``not_granted``, ``at_ahead``, ``at_far_back``, ``KeyUsedOtherwise``; Broken as the desk does.
    """
    seat, parts = asked.signed_in, asked.parts
    if not (is_let or parts.access.may(seat, said.command)):
        raise BadInput("not_granted", role=seat.role, what=type(said.command).__name__)
    now = parts.clock().now
    at = now if said.at is None else min(said.at, now)  # clocks differ by a little: nothing happens ahead of the desk's
    if said.at is not None and said.at > now + MOST_AHEAD_MS:
        raise BadInput("at_ahead", field="at")
    if at < 0:
        raise BadInput("number_far", field="at")
    if at < now - MOST_BACK_MS and seat.role != "supervisor":
        raise BadInput("at_far_back", field="at", hours=MOST_BACK_MS // 3_600_000)
    command = await with_area(asked, said.command)
    answer = await parts.desk.ask(Ask(said.id, seat.name, Instant(at), command, said.clock, expected=said.expected))
    first = answer.records[0]
    if first.actor != seat.name or not is_same(said.command, first.says):
        raise BadInput("KeyUsedOtherwise", field="id", id=said.id)
    return answer, told_of(answer, asked.language)


def told_of(answer: Answer, language: str) -> Answered:
    """An answer, told."""
    refusal = answer.refusal
    told = None
    if refusal is not None:
        told = RefusalTold(refusal.code, refusal.field, dict(refusal.values), refusal_told(refusal, language))
    events = tuple(Happened(type(event).__name__) for event in answer.events) if refusal is None else ()
    return Answered(answer.cmd, answer.pos, events, told)


def is_same(asked: Any, recorded: Any) -> bool:
    """Whether the journal's question is the one that is asked now. Personal words are sealed there: that there are some is all one sees."""
    if type(asked) is not type(recorded):
        return False
    return all(_is_field_same(getattr(asked, field), getattr(recorded, field)) for field in asked.__struct_fields__)


def _is_field_same(new: Any, old: Any) -> bool:
    if isinstance(new, Plain):
        return old is not None
    if isinstance(new, Place) and isinstance(old, Place):
        return is_same_place(new, old)
    return bool(new == old)
