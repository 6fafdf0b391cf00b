"""Sealed words, opened for somebody who has said why. The look is in the journal before a word is read."""

from collections.abc import Iterator
from typing import Final

import msgspec
from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CallId, CommandId, IncidentId, MessageId
from tocsin.base.instants import Instant
from tocsin.core.messages.call import CallReceived
from tocsin.core.messages.incident import LookAtPersonalData
from tocsin.core.messages.message import MessageSent, ReadMessage
from tocsin.core.messages.note import NoteAdded
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Record
from tocsin.core.messages.sealed import Sealed, bound_to
from tocsin.web.answers import Answered, Said, ask_desk
from tocsin.web.asked import Asked
from tocsin.web.audiences import audience_of, is_addressed
from tocsin.web.commands import answered
from tocsin.web.off_loop import find_command, in_thread, read_stream
from tocsin.web.problems import json_answer
from tocsin.web.texts import MOST_REASON, check_id, check_length

MOST_LINES: Final = 5_000
LEAST_REASON: Final = 3
_UNDER_WAY: Final[set[tuple[str, str]]] = set()
"""Journal and key of looks that are being asked."""


class LookBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why somebody looks."""

    id: CommandId
    reason: str


class ReadBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key of the reading."""

    id: CommandId


class CallWords(msgspec.Struct, frozen=True):
    """What a caller said; None where nothing was said, or nothing is left."""

    call: CallId
    caller_name: str | None
    caller_number: str | None
    caller_place: str | None
    words: str | None


class NoteWords(msgspec.Struct, frozen=True):
    """A note."""

    at: Instant
    actor: str
    words: str | None


class PersonalWords(msgspec.Struct, frozen=True):
    """All sealed words of one incident."""

    calls: tuple[CallWords, ...]
    notes: tuple[NoteWords, ...]
    is_erased: bool
    """Some or all of them were erased: their keys are gone."""


class MessageWords(msgspec.Struct, frozen=True):
    """What a message says; None once it was erased."""

    words: str | None


class _Boxes:
    """Opens boxes and remembers whether one stayed shut."""

    def __init__(self, asked: Asked) -> None:
        self._vault, self._journal = asked.parts.vault, asked.parts.journal.journal_id
        self.is_erased = False

    def open(self, record: Record, field: str) -> str | None:
        box = getattr(record.says, field)
        if not isinstance(box, Sealed):
            return None
        binding = bound_to(journal_id=self._journal, cmd=record.cmd, field=field)
        words = self._vault.open(box, bound_to=binding) if box.box else None
        self.is_erased = self.is_erased or words is None
        return words


async def post_personal(asked: Asked) -> Response:
    """PersonalWords; 409 Answered where the look is refused."""
    body: LookBody = asked.body
    check_id(body.id, "id")
    check_length(body.reason, MOST_REASON, "reason")
    if len(body.reason.strip()) < LEAST_REASON:
        raise BadInput("reason_short", field="reason", least=LEAST_REASON)
    incident = IncidentId(asked.named("id"))
    told = await _ask_once(asked, Said(id=body.id, command=LookAtPersonalData(incident, body.reason)))
    if told.refusal is not None:
        return answered(told)
    calls = await asked.parts.desk.look(lambda board: list(board.get_incident(incident).calls))
    lines = await read_stream(asked.parts, f"incident:{incident}", last=MOST_LINES)
    for call in calls:
        lines += await read_stream(asked.parts, f"call:{call}", last=50)
    records = [record for _, record in lines if record.n]
    return json_answer(await in_thread(lambda: _opened(_Boxes(asked), records)))


async def _ask_once(asked: Asked, said: Said, *, is_let: bool = False) -> Answered:
    """Words are shown for a line that this very request has put into the journal: the same key again opens nothing.

    Raises BadInput ``look_again``, and as ``ask_desk`` does.
    """
    journal = asked.parts.journal
    key = (journal.journal_id, said.id)
    if key in _UNDER_WAY:
        raise BadInput("look_again", field="id")
    _UNDER_WAY.add(key)
    try:
        if await find_command(asked.parts, said.id):
            raise BadInput("look_again", field="id")
        _, told = await ask_desk(asked, said, is_let=is_let)
    finally:
        _UNDER_WAY.discard(key)
    return told


def _opened(boxes: _Boxes, records: list[Record]) -> PersonalWords:
    calls = tuple(_call_words(boxes, records))
    notes = tuple(NoteWords(one.at, one.actor, boxes.open(one, "words")) for one in records if isinstance(one.says, NoteAdded))
    return PersonalWords(calls, notes, boxes.is_erased)


def _call_words(boxes: _Boxes, records: list[Record]) -> Iterator[CallWords]:
    for record in records:
        if isinstance(record.says, CallReceived):
            fields = ("caller_name", "caller_number", "caller_place", "words")
            yield CallWords(record.says.call, **{field: boxes.open(record, field) for field in fields})


async def post_message_words(asked: Asked) -> Response:
    """MessageWords; reading it is in the journal. Raises Refused MessageUnknown, also for a crew that it is not for."""
    body: ReadBody = asked.body
    check_id(body.id, "id")
    message = MessageId(asked.named("id"))
    lines = await read_stream(asked.parts, f"message:{message}", last=MOST_LINES)
    sent = next((record for _, record in lines if isinstance(record.says, MessageSent)), None)
    if sent is None or not is_addressed(audience_of(asked.signed_in), sent.says, sent.actor):  # type: ignore[arg-type]  # a MessageSent
        raise Refused("MessageUnknown", "message", message=message)
    # The route is granted and the message is for this audience: a crew reads what it is sent, and takes note of nothing else.
    told = await _ask_once(asked, Said(id=body.id, command=ReadMessage(message)), is_let=True)
    if told.refusal is not None and told.refusal.code != "NothingToChange":
        return answered(told)
    return json_answer(MessageWords(await in_thread(lambda: _Boxes(asked).open(sent, "words"))))
