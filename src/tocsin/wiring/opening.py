"""What a desk is told first: who it is; and when it begins anew, what its folder says otherwise than the last time.

The journal knows what the folder said: its questions have keys of their own. What people did at the desk since stands as they left it,
until somebody changes the folder.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.board.board import Board
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Ask, ClockSource, Command
from tocsin.core.messages.station import CloseStation, OpenStation
from tocsin.core.messages.unit import EnrolUnit, WithdrawUnit
from tocsin.core.ports import Journal
from tocsin.formats.centre import Centre, opening_commands

KEY: Final = "opening:"
"""How the keys of the folder's questions begin."""

Said = Mapping[str, Command]
"""Kind of question and subject → what the folder said of it last."""


def tell_opening(desk: Desk, centre: Centre, at: Instant, *, clock: ClockSource) -> list[Answer]:
    """Tell the desk who it is. Raises BadInput ``opening_refused`` if it will not have it."""
    return _tell(desk, KEY.rstrip(":"), opening_commands(centre), at, clock)


def tell_changes(desk: Desk, journal: Journal, centre: Centre, at: Instant) -> list[Answer]:
    """Tell a desk that has a journal what stands otherwise in the centre's folder than the folder said last; all if the journal is empty.

    Raises BadInput ``centre_other`` (the journal is another centre's), ``opening_refused``.
    """
    known = desk.board.centre
    if known is None:
        return tell_opening(desk, centre, at, clock="server")
    if known.centre != centre.id:
        raise BadInput("centre_other", centre=centre.id, journal=known.centre)
    return _tell(desk, f"{KEY}{at}", list(_differences(desk.board, _said(journal), centre)), at, "server")


def _differences(board: Board, said: Said, centre: Centre) -> Iterator[Command]:
    """What the folder says otherwise than the last time. Stations before the units that need them, and after those that leave them."""
    for command in opening_commands(centre):
        if said.get(_about(command)) != command and not _is_at_work_elsewhere(board, command):
            yield command
    units, stations = {one.unit for one in centre.units}, {one.station for one in centre.stations}
    for unit, state in board.units.items():
        # What people enrolled at the desk the folder has no word about; one at work stays until the next time.
        if unit not in units and state.incident is None and f"EnrolUnit {unit}" in said:
            yield WithdrawUnit(unit)
    for station, one in board.stations.items():
        if one.is_open and station not in stations and f"OpenStation {station}" in said:
            yield CloseStation(station)


def _is_at_work_elsewhere(board: Board, command: Command) -> bool:
    """The crew of a unit at work is not taken apart: it is told the next time."""
    unit = board.units.get(command.unit) if isinstance(command, EnrolUnit) else None
    return unit is not None and unit.incident is not None and (command.crew or command.unit) != unit.crew  # type: ignore[union-attr]  # EnrolUnit


def _said(journal: Journal) -> Said:
    """What the folder said last of each thing, by the keys of its questions."""
    found: dict[str, Command] = {}
    for stored in journal.read_commands(KEY):
        record = decode(stored.body)
        if not record.n:
            command: Command = record.says  # type: ignore[assignment]  # n = 0 carries a question
            if isinstance(command, WithdrawUnit):
                found.pop(f"EnrolUnit {command.unit}", None)
            elif isinstance(command, CloseStation):
                found.pop(f"OpenStation {command.station}", None)
            else:
                found[_about(command)] = command
    return found


def _about(command: Command) -> str:
    match command:
        case EnrolUnit():
            return f"EnrolUnit {command.unit}"
        case OpenStation():
            return f"OpenStation {command.station}"
        case _:
            return type(command).__name__


def _tell(desk: Desk, name: str, commands: list[Command], at: Instant, clock: ClockSource) -> list[Answer]:
    answers = desk.answer([ask_as_tocsin(f"{name}:{nth}", at, one, clock) for nth, one in enumerate(commands)], at)
    for answer in answers:
        if answer.refusal is not None:
            raise BadInput("opening_refused", refusal=answer.refusal.code, values=answer.refusal.values)
    return answers


def ask_as_tocsin(name: str, at: Instant, command: Command, clock: ClockSource) -> Ask:
    """A question that the program asks on its own account."""
    return Ask(CommandId(name), "tocsin", at, command, clock=clock)
