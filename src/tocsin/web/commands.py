"""``POST /api/commands``: one question to the desk."""

from typing import Final, Literal

import msgspec
from starlette.responses import Response

from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.core.messages.said import Command
from tocsin.web.answers import Answered, Said, ask_desk
from tocsin.web.asked import Asked
from tocsin.web.problems import json_answer
from tocsin.web.texts import check_id, check_texts

MOST_BYTES: Final = 256_000
"""A drawn closure or a plan."""


class CommandBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command of the catalogue (``docs/generated``), with its key."""

    id: CommandId
    """Drawn by the client: the same key twice is answered once."""
    command: Command
    at: Instant | None = None
    """When it happened; None = now."""
    clock: Literal["server", "device", "paper"] = "server"
    """Who stamped ``at``."""
    expected: int | None = None
    """Version of the row that the person saw."""


async def post_command(asked: Asked) -> Response:
    """Answered; 409 when it was refused."""
    body: CommandBody = asked.body
    check_id(body.id, "id")
    check_texts(body.command, "command")
    _, told = await ask_desk(asked, Said(id=body.id, command=body.command, at=body.at, clock=body.clock, expected=body.expected))
    return answered(told)


def answered(told: Answered) -> Response:
    """With the status that goes with it."""
    return json_answer(told, 200 if told.refusal is None else 409)
