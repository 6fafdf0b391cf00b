"""``POST /api/undo``: a slip of the hand is taken back by commands that undo it. Nothing is ever removed from the journal."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId, UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.core.board.board import Board
from tocsin.core.kernel import decide
from tocsin.core.messages.assignment import DispatchUnits, UnassignUnit, UnitDiverted, UnitsDispatched
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.line import decode
from tocsin.core.messages.moveup import EndMoveUp, OrderMoveUp
from tocsin.core.messages.refusal import CommandRefused
from tocsin.core.messages.said import Ask, ClockSource, Command, Record
from tocsin.core.messages.unit import UNDO_WITHIN_MS, ReportUnitStatus, UndoStatus, UnitStatusChanged, phase_of
from tocsin.core.ports import Journal
from tocsin.formats.line.board_view import number_of
from tocsin.web.answers import Answered, Happened, RefusalTold, Said, ask_desk
from tocsin.web.asked import Asked
from tocsin.web.off_loop import in_thread
from tocsin.web.problems import json_answer
from tocsin.web.texts import check_id
from tocsin.words import say

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
    told: str
    """What that was: its units, and what was said of them."""
    answers: tuple[Answered, ...]


class _Step(msgspec.Struct, frozen=True):
    """A command that undoes. A report from earlier is undone as far back, so that its minute counts from when it was entered."""

    command: Command
    at: Instant | None = None
    clock: ClockSource = "server"


class _Act(msgspec.Struct, frozen=True):
    """What was done under one key: a command, or all commands of a line."""

    cmd: CommandId
    steps: tuple[_Step, ...]
    """That undo it, the last thing first."""
    done: tuple[Record, ...] = ()
    """What it was."""
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
        found = await in_thread(lambda: find_acts(journal, seat, now, body.cmd))
        act = await asked.parts.desk.look(lambda board: _giving_back(board, _latest_of(board, found, now))) if found else None
    if act is None:
        raise BadInput("nothing_to_undo", seconds=UNDO_WITHIN_MS // 1000)
    answers = [(await ask_desk(asked, _said(CommandId(f"{body.id}/undo/{nth}/{act.cmd}"), step)))[1] for nth, step in enumerate(act.steps)]
    refusal = next((told.refusal for told in answers if told.refusal is not None), None)
    events = tuple(event for told in answers for event in told.events)
    undone = Undone(body.id, max(told.pos for told in answers), events, refusal, act.cmd, _told(act, asked.language), tuple(answers))
    return json_answer(undone, 200 if refusal is None else 409)


def _said(key: CommandId, step: _Step) -> Said:
    return Said(id=key, command=step.command, at=step.at, clock=step.clock)


def _told(act: _Act, language: str) -> str:
    """``M3 on scene``, ``E1, E2 → 20261123-0042``."""
    told: list[str] = []
    for record in act.done:
        said = record.says
        if isinstance(said, ReportUnitStatus):
            told.append(f"{said.unit} {say(f'codes.phase.{phase_of(said.status)}', language)}")
        elif isinstance(said, UnitsDispatched):
            told.append(f"{', '.join(said.units)} → {number_of(said.incident) or said.incident}")
        elif isinstance(said, OrderMoveUp):
            told.append(f"{said.unit} → {said.station}")
    return "; ".join(told)


def _asked_before(journal: Journal, seat: str, now: Instant, key: CommandId) -> _Act | None:
    """The same undoing again: the commands that it was then. Their keys name what they undo."""
    mine = [record for record in _lately(journal, seat, now) if record.n == 0 and record.cmd.startswith(f"{key}/undo/")]
    if not mine:
        return None
    undone = _undone_by(mine[0].cmd)
    steps = tuple(_Step(record.says, record.at, record.clock) for record in mine)  # type: ignore[arg-type]  # n = 0: commands
    done = [record for record in _lately(journal, seat, now) if record.cmd.partition("/line/")[0] == undone]
    return _Act(CommandId(undone or ""), steps, tuple(done))


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


def find_acts(journal: Journal, seat: str, now: Instant, wanted: CommandId | None) -> list[_Act]:
    """Acts of a seat within a minute that are of a kind to be undone and have not been, latest first, with the commands that undo them."""
    lines: dict[CommandId, list[Record]] = {}
    for record in _lately(journal, seat, now):
        lines.setdefault(record.cmd, []).append(record)
    acts: dict[CommandId, list[list[Record]]] = {}
    for cmd, records in reversed(lines.items()):
        if not any(isinstance(record.says, CommandRefused) for record in records):
            acts.setdefault(CommandId(cmd.partition("/line/")[0]), []).append(records)
    done = {_undone_by(cmd) for cmd in lines}
    undone: list[Command] = []
    found: list[_Act] = []
    for name, parts in acts.items():
        steps = [step for records in parts for step in _undoing(records, now) if not _strike(undone, step.command)]
        undone += [records[0].says for records in parts if isinstance(records[0].says, UndoStatus | UnassignUnit | EndMoveUp)]
        is_undoing = _undone_by(parts[0][0].cmd) is not None
        if steps and not is_undoing and name not in done and (wanted in (None, name) or any(wanted == one[0].cmd for one in parts)):
            taken = tuple(record.says for records in parts for record in records if isinstance(record.says, UnitDiverted))
            found.append(_Act(name, tuple(steps), tuple(record for records in reversed(parts) for record in records), taken))
    return found


def _latest_of(board: Board, acts: Sequence[_Act], now: Instant) -> _Act:
    """The latest that the rules let undo. One that they do not bars those before it that speak of its units, and no others.

    Where there is none, the latest: its refusal says what to do.
    """
    barred: set[UnitId] = set()
    for act in acts:
        units = {step.command.unit for step in act.steps if isinstance(step.command, UndoStatus | EndMoveUp | UnassignUnit)}
        if not units & barred and any(_is_taken(board, step, now) for step in act.steps):
            return act
        barred |= units
    return acts[0]


def _is_taken(board: Board, step: _Step, now: Instant) -> bool:
    question = Ask(CommandId("-"), "-", now if step.at is None else step.at, step.command, step.clock)
    return not any(isinstance(event, CommandRefused) for event in decide(board, question, Facts()))


def _undoing(records: Sequence[Record], now: Instant) -> Iterator[_Step]:
    first = records[0]
    if isinstance(first.says, ReportUnitStatus):
        command = UndoStatus(first.says.unit, next((one.ver for one in records if isinstance(one.says, UnitStatusChanged)), None))
        is_from_earlier = first.at < first.recorded
        yield _Step(command, Instant(first.at + now - first.recorded), first.clock) if is_from_earlier else _Step(command)
    elif isinstance(first.says, OrderMoveUp):
        yield _Step(EndMoveUp(first.says.unit, REASON))
    for record in records:
        if isinstance(record.says, UnitsDispatched):
            yield from (_Step(UnassignUnit(record.says.incident, unit, REASON)) for unit in record.says.units)


def _giving_back(board: Board, act: _Act) -> _Act:
    """A unit that was taken from another incident goes back there, if that is still open and the unit has not arrived elsewhere."""
    back = [
        _Step(DispatchUnits(one.left, (one.unit,), override=REASON))
        for one in act.given_back
        if one.left in board.open_incidents and one.unit in board.units and board.units[one.unit].phase in _ON_THE_WAY
    ]
    return msgspec.structs.replace(act, steps=(*act.steps, *back))


_ON_THE_WAY: Final = frozenset({"dispatched", "acknowledged", "en_route", "staging"})


def _strike(undone: list[Command], command: Command) -> bool:
    """Whether that was done already; each undoing counts for one act, and one that names no report for any."""
    known = [command, UndoStatus(command.unit)] if isinstance(command, UndoStatus) else [command]
    for one in known:
        if one in undone:
            undone.remove(one)
            return True
    return False
