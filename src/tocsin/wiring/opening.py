"""What a desk is told first: who it is; and when it begins anew, what its folder says otherwise than its journal."""

from collections.abc import Iterator

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import CommandId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.board.board import Board
from tocsin.core.messages.plan import AdoptPlan
from tocsin.core.messages.said import Ask, ClockSource, Command
from tocsin.core.messages.station import CloseStation
from tocsin.core.messages.unit import EnrolUnit, WithdrawUnit
from tocsin.formats.centre import Centre, opening_commands


def tell_opening(desk: Desk, centre: Centre, at: Instant, *, clock: ClockSource) -> list[Answer]:
    """Tell the desk who it is. Raises BadInput ``opening_refused`` if it will not have it."""
    return _tell(desk, "opening", opening_commands(centre), at, clock)


def tell_changes(desk: Desk, centre: Centre, at: Instant) -> list[Answer]:
    """Tell a desk that has a journal what stands otherwise in the centre's folder now; all of it if the journal is empty.

    Raises BadInput ``centre_other`` (the journal is another centre's), ``opening_refused``.
    """
    known = desk.board.centre
    if known is None:
        return tell_opening(desk, centre, at, clock="server")
    if known.centre != centre.id:
        raise BadInput("centre_other", centre=centre.id, journal=known.centre)
    return _tell(desk, f"opening:{at}", list(_differences(desk.board, centre)), at, "server")


def _differences(board: Board, centre: Centre) -> Iterator[Command]:
    for one in centre.stations:
        known = board.stations.get(one.station)
        if known is None or not known.is_open or (known.name, known.place) != (one.name, one.place):
            yield one
    for unit in centre.units:
        if _is_otherwise(board, unit):
            yield unit
    named = {unit.unit for unit in centre.units}
    for name, state in board.units.items():
        if name not in named and state.incident is None:  # one at work stays on the list until the next start
            yield WithdrawUnit(name)
    stations = {one.station for one in centre.stations}
    for station, there in board.stations.items():
        if station not in stations and there.is_open:
            yield CloseStation(station)
    if board.plan is None or board.plan.version != centre.plan.version():
        yield AdoptPlan(centre.plan)


def _is_otherwise(board: Board, unit: EnrolUnit) -> bool:
    known = board.units.get(unit.unit)
    if known is None:
        return True
    stated = (unit.kind, frozenset((unit.kind, *unit.capabilities)), unit.station, unit.crew or unit.unit, unit.agency)
    if stated == (known.kind, known.capabilities, known.station, known.crew, known.agency):
        return False
    return known.incident is None or stated[3] == known.crew  # the crew of one at work is not taken apart


def _tell(desk: Desk, name: str, commands: list[Command], at: Instant, clock: ClockSource) -> list[Answer]:
    answers = desk.answer([ask_as_tocsin(f"{name}:{nth}", at, one, clock) for nth, one in enumerate(commands)], at)
    for answer in answers:
        if answer.refusal is not None:
            raise BadInput("opening_refused", refusal=answer.refusal.code, values=answer.refusal.values)
    return answers


def ask_as_tocsin(name: str, at: Instant, command: Command, clock: ClockSource) -> Ask:
    """A question that the program asks on its own account."""
    return Ask(CommandId(name), "tocsin", at, command, clock=clock)
