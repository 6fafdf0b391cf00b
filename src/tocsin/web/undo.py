"""``POST /api/undo``: a slip of the hand is taken back by commands that undo it. Nothing is ever removed from the journal."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant, span_ms
from tocsin.core.messages.assignment import UnassignUnit, UnitsDispatched
from tocsin.core.messages.line import decode
from tocsin.core.messages.moveup import EndMoveUp, OrderMoveUp
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Command, Record
from tocsin.core.messages.unit import UNDO_WITHIN_MS, ReportUnitStatus, UndoStatus
from tocsin.core.ports import Journal
from tocsin.web.answers import Answered, Happened, RefusalTold, Said, ask_desk
from tocsin.web.asked import Asked
from tocsin.web.off_loop import in_thread
from tocsin.web.problems import json_answer
from tocsin.web.texts import check_id

MOST_LINES: Final = 2_000
"""Of the journal's end that are looked through: a minute of the busiest hour."""
REASON: Final = "undo"


class UndoBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The key of the undoing, and the command that is meant; None = the latest of this seat that can be undone."""

    id: CommandId
    cmd: CommandId | None = None


class Undone(msgspec.Struct, frozen=True):
    """What came of all that was asked to undo it, read like one answer."""

    cmd: CommandId
    pos: int
    events: tuple[Happened, ...]
    refusal: RefusalTold | None
    """The first one."""
    undone: CommandId
    """The command that is undone."""
    answers: tuple[Answered, ...]


class _Act(msgspec.Struct, frozen=True):
    cmd: CommandId
    commands: tuple[Command, ...]


async def post_undo(asked: Asked) -> Response:
    """Undone; 409 where a part of it was refused. Raises BadInput ``nothing_to_undo``."""
    body: UndoBody = asked.body
    check_id(body.id, "id")
    if body.cmd is not None:
        check_id(body.cmd, "cmd")
    journal, seat, now = asked.parts.journal, asked.signed_in.name, asked.parts.clock().now
    act = await in_thread(lambda: _asked_before(journal, body.id) or find_act(journal, seat, now, body.cmd))
    if act is None:
        raise BadInput("nothing_to_undo", seconds=UNDO_WITHIN_MS // 1000)
    answers = [
        (await ask_desk(asked, Said(id=CommandId(f"{body.id}/undo/{nth}/{act.cmd}"), command=command)))[1]
        for nth, command in enumerate(act.commands)
    ]
    refusal = next((told.refusal for told in answers if told.refusal is not None), None)
    events = tuple(event for told in answers for event in told.events)
    undone = Undone(body.id, max(told.pos for told in answers), events, refusal, act.cmd, tuple(answers))
    return json_answer(undone, 200 if refusal is None else 409)


def _asked_before(journal: Journal, key: CommandId) -> _Act | None:
    """The same undoing again: the commands that it was then. Their keys name what they undo."""
    tail = _tail(journal)
    mine = [record for record in tail if record.n == 0 and record.cmd.startswith(f"{key}/undo/")]
    if not mine:
        return None
    return _Act(CommandId(mine[0].cmd.split("/", 3)[3]), tuple(record.says for record in mine))  # type: ignore[misc]  # n = 0: commands


def _tail(journal: Journal) -> list[Record]:
    return [decode(stored.body) for stored in journal.read(from_pos=max(1, journal.head().pos - MOST_LINES + 1))]


def find_act(journal: Journal, seat: str, now: Instant, wanted: CommandId | None) -> _Act | None:
    """The latest act of a seat within a minute that can be undone and has not been, with the commands that undo it."""
    lines: dict[CommandId, list[Record]] = {}
    for record in _tail(journal):
        lines.setdefault(record.cmd, []).append(record)
    undone: list[Command] = []
    for cmd, records in reversed(lines.items()):
        is_mine = records[0].actor == seat and records[0].cause is None and span_ms(start=records[0].recorded, end=now) <= UNDO_WITHIN_MS
        if not is_mine or any(isinstance(record.says, CommandRefused) for record in records):
            continue
        commands = [command for command in _undoing(records) if not _strike(undone, command)]
        if isinstance(records[0].says, UndoStatus | UnassignUnit | EndMoveUp):
            undone.append(records[0].says)
        elif commands and wanted in (None, cmd):
            return _Act(cmd, tuple(commands))
    return None


def _undoing(records: Sequence[Record]) -> Iterator[Command]:
    first = records[0].says
    if isinstance(first, ReportUnitStatus):
        yield UndoStatus(first.unit)
    elif isinstance(first, OrderMoveUp):
        yield EndMoveUp(first.unit, REASON)
    for record in records:
        if isinstance(record.says, UnitsDispatched):
            yield from (UnassignUnit(record.says.incident, unit, REASON) for unit in record.says.units)


def _strike(undone: list[Command], command: Command) -> bool:
    """Whether that was done already; each undoing counts for one act."""
    if command not in undone:
        return False
    undone.remove(command)
    return True
