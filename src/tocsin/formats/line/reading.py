"""What a line was read as: steps that are ready to be asked, or what is wrong, where, and what could stand there."""

from typing import Literal

import msgspec

from tocsin.base.identifiers import IncidentId, MessageId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.message import SendMessage
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import ClockSource, Command

Doing = Literal["select", "open", "help", "show", "undo", "pick_place", "search", "close_road", "radio"]
"""What a screen does itself: select something; open the intake; show help or a recommendation; take back the seat's latest act; ask the
gazetteer for a place; list what was found; begin to draw a closure; note a call on the radio that is no status."""

CandidateKind = Literal[
    "verb", "unit", "incident", "station", "place", "type", "priority", "mark", "recipient", "alarm", "time", "code", "key", "form",
]  # fmt: skip


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """A code and its values; the sentence is the language's (``told.py``)."""

    code: str
    values: dict[str, str] = {}


class Candidate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What could stand at ``start`` to ``end`` of the line instead."""

    text: str
    label: str
    """For people: ``E1  engine, Central, available``."""
    kind: CandidateKind
    start: int
    end: int


class Act(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something for the screen, not for the desk."""

    do: Doing
    incident: IncidentId | None = None
    unit: UnitId | None = None
    verb: str = ""
    """Verb that help is wanted for; empty = all."""
    text: str = ""
    """What was searched for, the words of a place, or a radio event."""
    place: Place | None = None
    incident_type: str = ""
    priority: str = ""
    incidents: tuple[IncidentId, ...] = ()
    """What a search found, open ones first."""


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One link of the chain."""

    verb: str
    preview: Told
    commands: tuple[Command, ...] = ()
    """In the order in which they are to be asked; the caller draws the keys, and the id of a message (``with_message_id``)."""
    act: Act | None = None
    notes: tuple[Told, ...] = ()
    """What whoever presses Enter should know: a unit is diverted, an incident still has units."""
    at: Instant | None = None
    """When it happened, if that was said; None = now."""
    clock: ClockSource | None = None
    """``paper`` for what is entered late; None = the caller's own."""
    plain: str = ""
    """The same step in full words of the grammar: reads as the same commands while the board stands as it does."""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why nothing follows from the line, and where that stands in it."""

    code: str
    start: int
    end: int
    values: dict[str, str] = {}


class Reading(msgspec.Struct, frozen=True, omit_defaults=True):
    """Either steps or a problem; never both, so that nothing is asked of half a line."""

    steps: tuple[Step, ...] = ()
    problem: Problem | None = None
    candidates: tuple[Candidate, ...] = ()
    """What could stand where the problem is."""
    is_complete: bool = False
    """Ready for Enter."""
    cursor: int = 0
    """Where typing goes on."""


def with_message_id(command: Command, message: MessageId) -> Command:
    """A message as it was read has no id; any other command is returned as it is."""
    if isinstance(command, SendMessage) and not command.message:
        return msgspec.structs.replace(command, message=message)
    return command
