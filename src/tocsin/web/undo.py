"""``POST /api/undo``: a slip of the hand is taken back by commands that undo it. Nothing is ever removed from the journal."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant, span_ms
from tocsin.core.board.board import Board
from tocsin.core.messages.assignment import DispatchUnits, UnassignUnit, UnitDiverted, UnitsDispatched
from tocsin.core.messages.line import decode
from tocsin.core.messages.moveup import EndMoveUp, OrderMoveUp
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Command, Record
from tocsin.core.messages.unit import UNDO_WITHIN_MS, ReportUnitStatus, UndoStatus, UnitStatusChanged
from tocsin.core.ports import Journal
from tocsin.web.answers import Answered, Happened, RefusalTold, Said, ask_desk
from tocsin.web.asked import Asked
from tocsin.web.off_loop import in_thread
from tocsin.web.problems import json_answer
from tocsin.web.texts import check_id

CHUNK: Final = 500
"""Lines of the journal that are looked through at a time, from its end backwards until they are older than can be undone."""
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
    """What was done under one key: a command, or all commands of a line."""

    cmd: CommandId
    commands: tuple[Command, ...]
    """That undo it, the last thing first."""
    given_back: tuple[UnitDiverted, ...] = ()
    """Units that it took from another incident."""


async def post_undo(asked: Asked) -> Response:
    """Undone; 409 where a part of it was refused. Raises BadInput ``nothing_to_undo``."""
    body: UndoBody = asked.body
    check_id(body.id, "id")
    if body.cmd is not None:
        check_id(body.cmd, "cmd")
    journal, seat, now = asked.parts.journal, asked.signed_in.name, asked.parts.clock().now
    act = await in_thread(lambda: _asked_before(journal, seat, now, body.id))
    if act is None:
        found = await in_thread(lambda: find_act(journal, seat, now, body.cmd))
        act = await asked.parts.desk.look(lambda board: _giving_back(board, found)) if found is not None else None
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


def _asked_before(journal: Journal, seat: str, now: Instant, key: CommandId) -> _Act | None:
    """The same undoing again: the commands that it was then. Their keys name what they undo."""
    mine = [record for record in _lately(journal, seat, now) if record.n == 0 and record.cmd.startswith(f"{key}/undo/")]
    if not mine:
        return None
    return _Act(_undone_by(mine[0].cmd), tuple(record.says for record in mine))  # type: ignore[misc, arg-type]  # n = 0: commands


def _undone_by(cmd: CommandId) -> CommandId | None:
    """The act that an undoing names in its key, ``<key>/undo/<nth>/<act>``."""
    _, is_undoing, rest = cmd.partition("/undo/")
    return CommandId(rest.partition("/")[2]) if is_undoing else None


def _lately(journal: Journal, seat: str, now: Instant) -> list[Record]:
    """What this seat asked and what followed from it in the last minute, in order, however much others have asked meanwhile."""
    mark = b'"actor":' + msgspec.json.encode(seat)
    found: list[Record] = []
    end = journal.head().pos
    while end > 0:
        begin = max(1, end - CHUNK + 1)
        lines = list(journal.read(from_pos=begin, limit=end - begin + 1))
        found[:0] = [decode(stored.body) for stored in lines if mark in stored.body]
        if span_ms(start=decode(lines[0].body).recorded, end=now) > UNDO_WITHIN_MS:
            break
        end = begin - 1
    return [one for one in found if one.actor == seat and one.cause is None and span_ms(start=one.recorded, end=now) <= UNDO_WITHIN_MS]


def find_act(journal: Journal, seat: str, now: Instant, wanted: CommandId | None) -> _Act | None:
    """The latest act of a seat within a minute that can be undone and has not been, with the commands that undo it."""
    lines: dict[CommandId, list[Record]] = {}
    for record in _lately(journal, seat, now):
        lines.setdefault(record.cmd, []).append(record)
    acts: dict[CommandId, list[list[Record]]] = {}
    for cmd, records in reversed(lines.items()):
        if not any(isinstance(record.says, CommandRefused) for record in records):
            acts.setdefault(CommandId(cmd.partition("/line/")[0]), []).append(records)
    done = {_undone_by(cmd) for cmd in lines}
    undone: list[Command] = []
    for name, parts in acts.items():
        commands = [command for records in parts for command in _undoing(records) if not _strike(undone, command)]
        undone += [records[0].says for records in parts if isinstance(records[0].says, UndoStatus | UnassignUnit | EndMoveUp)]
        is_undoing = _undone_by(parts[0][0].cmd) is not None
        if commands and not is_undoing and name not in done and (wanted in (None, name) or any(wanted == one[0].cmd for one in parts)):
            taken = tuple(record.says for records in parts for record in records if isinstance(record.says, UnitDiverted))
            return _Act(name, tuple(commands), taken)
    return None


def _undoing(records: Sequence[Record]) -> Iterator[Command]:
    first = records[0].says
    if isinstance(first, ReportUnitStatus):
        yield UndoStatus(first.unit, next((one.ver for one in records if isinstance(one.says, UnitStatusChanged)), None))
    elif isinstance(first, OrderMoveUp):
        yield EndMoveUp(first.unit, REASON)
    for record in records:
        if isinstance(record.says, UnitsDispatched):
            yield from (UnassignUnit(record.says.incident, unit, REASON) for unit in record.says.units)


def _giving_back(board: Board, act: _Act) -> _Act:
    """A unit that was taken from another incident goes back there, if that is still open and the unit has not arrived elsewhere."""
    back = [
        DispatchUnits(one.left, (one.unit,), override=REASON)
        for one in act.given_back
        if one.left in board.open_incidents and one.unit in board.units and board.units[one.unit].phase in _ON_THE_WAY
    ]
    return _Act(act.cmd, (*act.commands, *back))


_ON_THE_WAY: Final = frozenset({"dispatched", "acknowledged", "en_route", "staging"})


def _strike(undone: list[Command], command: Command) -> bool:
    """Whether that was done already; each undoing counts for one act, and one that names no report for any."""
    known = [command, UndoStatus(command.unit)] if isinstance(command, UndoStatus) else [command]
    for one in known:
        if one in undone:
            undone.remove(one)
            return True
    return False
