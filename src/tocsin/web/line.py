"""``POST /api/line``: what somebody typed, read by the grammar in ``formats/line``; previewed, or asked in its order."""

from hashlib import sha256
from typing import Any, Final

import msgspec
from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId, IncidentId, MessageId
from tocsin.core.board.board import Board
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Command
from tocsin.core.ports import Journal
from tocsin.formats.line.board_view import BoardView
from tocsin.formats.line.complete import complete
from tocsin.formats.line.read import read_line
from tocsin.formats.line.reading import Act, Candidate, Reading, Step, with_message_id
from tocsin.formats.line.told import tell_problem, tell_step
from tocsin.formats.line.tongue import Tongue
from tocsin.web.answers import Answered, Said, ask_desk
from tocsin.web.asked import Asked
from tocsin.web.off_loop import in_thread
from tocsin.web.problems import json_answer
from tocsin.web.texts import MOST_ID, MOST_WORDS, check_id, check_length, check_texts
from tocsin.words import languages, sentences_of
from tocsin.words.line import tongue_of

LEAST_INSTANT_MS: Final = 100_000_000_000
"""1973: numbers of a command that are larger are instants."""
MOST_COMMANDS: Final = 64
"""Of one line."""


class LineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line as it was typed."""

    text: str
    is_preview: bool
    id: CommandId | None = None
    """Key of the asking; a preview needs none."""
    selected: IncidentId | None = None
    """The incident that the seat works on."""
    language: str | None = None
    digest: str | None = None
    """Of the preview that the person has seen: nothing is asked when the line would do something else by now. Programs need none."""
    cursor: int | None = None
    """Where the caret stands; None = at the end."""


class Preview(msgspec.Struct, frozen=True):
    """One step in words, and what it will ask."""

    told: str
    commands: tuple[Command, ...]


class LineProblem(msgspec.Struct, frozen=True):
    """What is wrong with the line, and where."""

    code: str
    what: str
    do: str
    at: int
    end: int


class LineTold(msgspec.Struct, frozen=True):
    """What the line means, or what came of it."""

    is_complete: bool
    preview: tuple[Preview, ...]
    problem: LineProblem | None
    candidates: tuple[Candidate, ...]
    acts: tuple[Act, ...]
    """For the screen to do."""
    answers: tuple[Answered, ...]
    digest: str = ""
    """Names what the line would do, see ``LineBody.digest``."""


async def post_line(asked: Asked) -> LineTold | Response:
    """A line with a problem is told so with 200: typing on is the remedy. The chain ends at its first refusal.

    409 LineTold with the problem ``preview_changed`` where the line would do something else than was shown.
    """
    body: LineBody = asked.body
    check_length(body.text, MOST_WORDS, "text")
    if body.selected is not None:
        check_id(body.selected, "selected")
    tongue = _tongue(asked, body.language)
    if body.is_preview:
        reading, found = await _read(asked, body, tongue)
        return _told(reading, tongue, found)
    if body.id is None:
        raise BadInput("field_unfit", field="id", why="-")
    check_id(body.id, "id")
    journal, key = asked.parts.journal, body.id
    before = await in_thread(lambda: _asked_before(journal, key))
    if before:  # the same line again: the board has moved on since, and may read it otherwise
        return LineTold(True, (), None, (), (), tuple(await _ask_all(asked, before)))
    reading, _ = await _read(asked, body, tongue)
    told = _told(reading, tongue, [])
    if body.digest is not None and reading.problem is None and body.digest != told.digest:
        return json_answer(msgspec.structs.replace(told, problem=_changed(asked, body.text)), 409)
    return msgspec.structs.replace(told, answers=tuple(await _ask_all(asked, _said(key, reading.steps))))


def _tongue(asked: Asked, wanted: str | None) -> Tongue:
    language = wanted if wanted in languages() else asked.language
    return asked.parts.tongue(language) if asked.parts.tongue is not None else tongue_of(language)


async def _read(asked: Asked, body: LineBody, tongue: Tongue) -> tuple[Reading, list[Candidate]]:
    parts, now = asked.parts, asked.parts.clock().now
    seats, places = [seat.name for seat in await in_thread(parts.seats)], parts.named_places
    cursor = len(body.text) if body.cursor is None else max(0, min(body.cursor, len(body.text)))

    def read(board: Board) -> tuple[Reading, list[Candidate]]:
        view = BoardView(board, now, body.selected if body.selected in board.incidents else None, seats=seats, places=places)
        return read_line(body.text, view, tongue), complete(body.text, cursor, view, tongue) if body.is_preview else []

    return await parts.desk.look(read)


def _told(reading: Reading, tongue: Tongue, found: list[Candidate]) -> LineTold:
    problem = None
    if reading.problem is not None:
        what, remedy = tell_problem(reading.problem, tongue)
        problem = LineProblem(reading.problem.code, what, remedy, reading.problem.start, reading.problem.end)
    preview = tuple(Preview(tell_step(step, tongue), step.commands) for step in reading.steps)
    acts = tuple(step.act for step in reading.steps if step.act is not None)
    return LineTold(reading.is_complete, preview, problem, reading.candidates or tuple(found), acts, (), _digest(reading.steps))


def _digest(steps: tuple[Step, ...]) -> str:
    """What is asked and of whom; not when: a moment that is reckoned from now is another one at each reading."""
    commands = [_timeless(msgspec.to_builtins(command)) for step in steps for command in step.commands]
    return sha256(msgspec.json.encode(commands, order="deterministic")).hexdigest()[:16]


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _timeless(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_timeless(one) for one in value]
    return None if isinstance(value, int) and value >= LEAST_INSTANT_MS else value


def _changed(asked: Asked, text: str) -> LineProblem:
    what, remedy = sentences_of(BadInput("preview_changed"), asked.language)
    return LineProblem("preview_changed", what, remedy, 0, len(text))


def _said(key: CommandId, steps: tuple[Step, ...]) -> list[Said]:
    said: list[Said] = []
    for step in steps:
        for command in step.commands:
            cmd = CommandId(f"{key}/line/{len(said)}")
            named = with_message_id(command, MessageId(f"{key[: MOST_ID - 3]}.{len(said)}"))
            check_texts(named, "text")
            said.append(Said(id=cmd, command=named, at=step.at, clock=step.clock or "server"))
    return said


async def _ask_all(asked: Asked, steps: list[Said]) -> list[Answered]:
    answers: list[Answered] = []
    for said in steps[:MOST_COMMANDS]:
        _, told = await ask_desk(asked, said)
        answers.append(told)
        if told.refusal is not None:
            break
    return answers


def _asked_before(journal: Journal, key: CommandId) -> list[Said]:
    """What the journal has of a key: the commands that the line was read as then."""
    said: list[Said] = []
    while len(said) < MOST_COMMANDS and (known := journal.find_command(CommandId(f"{key}/line/{len(said)}"))):
        first = decode(known[0].body)
        said.append(Said(id=first.cmd, command=first.says, at=first.at, clock=first.clock))  # type: ignore[arg-type]  # n = 0: a command
    return said
