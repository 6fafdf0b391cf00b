"""``POST /api/calls``: a call is taken and, when enough is known, becomes an incident or joins one. The server draws the numbers."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import CallId, CommandId, IncidentId
from tocsin.base.instants import Instant
from tocsin.core.messages.call import AttachCall, Channel, TakeCall
from tocsin.core.messages.incident import OpenIncident
from tocsin.core.messages.line import decode
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Command
from tocsin.core.messages.sealed import Plain
from tocsin.views.log_rows import number_of
from tocsin.web.answers import MOST_AHEAD_MS, MOST_BACK_MS, Answered, Said, ask_desk
from tocsin.web.asked import Asked
from tocsin.web.off_loop import find_command
from tocsin.web.problems import json_answer
from tocsin.web.texts import check_id, check_texts

TRIES: Final = 3
"""A number that somebody else took between its drawing and its use is drawn again."""
_TAKEN: Final = ("CallAlreadyTaken", "IncidentAlreadyOpen")


class Intake(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a call taker has of a call. Personal words are plain here and sealed before anything is written."""

    id: CommandId
    arrived: Instant
    answered: Instant | None = None
    channel: Channel = "voice"
    call: CallId | None = None
    """A call that was taken already."""
    caller_name: str | None = None
    caller_number: str | None = None
    caller_place: str | None = None
    words: str | None = None
    place: Place | None = None
    incident_type: str | None = None
    priority: str | None = None
    attach_to: IncidentId | None = None
    """The incident that it is about; else a new one is opened once a type is known."""


class CallTaken(msgspec.Struct, frozen=True):
    """What came of it."""

    call: CallId
    incident: IncidentId | None
    number: int | None
    """What people say: 42."""
    answers: tuple[Answered, ...]
    notes: tuple[str, ...] = ()
    """Codes: ``words_not_kept`` = the call is taken, but the store of keys refused its personal words; write them down."""


async def post_call(asked: Asked) -> Response:
    """CallTaken; 409 when one of its questions was refused. The same ``id`` again is answered as it was."""
    body: Intake = asked.body
    _check(body, asked.parts.clock().now)
    answers: list[Answered] = []
    call, is_kept = body.call, True
    if call is None:
        took, told, is_kept = await _take_call(asked, body)
        call = took.call
        answers.append(told)
    incident = body.attach_to
    if not any(told.refusal for told in answers):
        if incident is not None:
            _, told = await ask_desk(asked, Said(id=CommandId(f"{body.id}/incident"), command=AttachCall(call, incident)))
            answers.append(told)
        elif body.incident_type is not None:
            opened, told = await _ask(asked, f"{body.id}/incident", "incident", lambda name: _open(body, call, IncidentId(name)))
            incident = opened.incident if told.refusal is None else None
            answers.append(told)
    number = number_of(incident) if incident is not None else None
    notes = () if is_kept else ("words_not_kept",)
    return json_answer(CallTaken(call, incident, number, tuple(answers), notes), 409 if any(told.refusal for told in answers) else 200)


def _check(body: Intake, now: Instant) -> None:
    check_id(body.id, "id")
    for field in ("call", "attach_to"):
        if (name := getattr(body, field)) is not None:
            check_id(name, field)
    check_texts([body.incident_type or "", body.priority or ""], "incident_type")
    for name in ("caller_name", "caller_number", "caller_place", "words"):
        check_texts(Plain(getattr(body, name) or ""), name)
    if body.place is not None:
        check_texts(body.place, "place")
    for field in ("arrived", "answered"):
        at = getattr(body, field)
        if at is not None and at > now + MOST_AHEAD_MS:
            raise BadInput("at_ahead", field=field)
        if at is not None and at < now - MOST_BACK_MS:
            raise BadInput("at_far_back", field=field, hours=MOST_BACK_MS // 3_600_000)
    if body.incident_type is not None and body.attach_to is None and not body.priority:
        raise BadInput("priority_missing", field="priority")


async def _take_call(asked: Asked, body: Intake) -> tuple[Any, Answered, bool]:
    """And whether its words are kept: help must not wait for a disk that refuses to seal them."""
    try:
        return *await _ask(asked, f"{body.id}/call", "call", lambda name: _take(body, CallId(name))), True
    except (Broken, BadInput) as fault:
        if not fault.code.startswith("vault") and fault.code != "KeyUsedOtherwise":  # the latter: asked again, and it was taken so then
            raise
    silent = msgspec.structs.replace(body, caller_name=None, caller_number=None, caller_place=None, words=None)
    return *await _ask(asked, f"{body.id}/call", "call", lambda name: _take(silent, CallId(name))), False


async def _ask(asked: Asked, key: str, kind: str, command_of: Any) -> tuple[Any, Answered]:
    """Ask under a number of our own. A key that was used before gets the number that it got then."""
    for nth in range(TRIES):
        cmd = CommandId(key if nth == 0 else f"{key}/{nth + 1}")
        name = await _number_for(asked, cmd, kind)
        command: Command = command_of(name)
        _, told = await ask_desk(asked, Said(id=cmd, command=command))
        if told.refusal is None or told.refusal.code not in _TAKEN:
            break
    return command, told


async def _number_for(asked: Asked, cmd: CommandId, kind: str) -> str:
    known = await find_command(asked.parts, cmd)
    if known:
        return str(getattr(decode(known[0].body).says, kind, ""))
    now, numbers = asked.parts.clock().now, asked.numbers
    draw = numbers.draw_call if kind == "call" else numbers.draw_incident
    return await asked.parts.desk.look(lambda board: draw(board, now))


def _take(body: Intake, call: CallId) -> TakeCall:
    return TakeCall(
        call,
        body.arrived,
        body.answered,
        body.channel,
        caller_place=_plain(body.caller_place),
        caller_name=_plain(body.caller_name),
        caller_number=_plain(body.caller_number),
        words=_plain(body.words),
    )


def _open(body: Intake, call: CallId, incident: IncidentId) -> OpenIncident:
    return OpenIncident(incident, body.incident_type or "", body.priority or "", body.place or Place(), (call,))


def _plain(text: str | None) -> Plain | None:
    return Plain(text) if text else None
