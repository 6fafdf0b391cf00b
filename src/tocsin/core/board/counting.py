"""Who counts where for cover, as the fold keeps it.

A crew counts at the station where it waits, heads for or was ordered to cover; with a job it counts nowhere.
"""

from collections import Counter

from tocsin.base.identifiers import CrewId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.cover import CoverState
from tocsin.core.board.station import MoveAdvice, MoveUpState
from tocsin.core.board.unit import UnitState
from tocsin.core.messages.cover import CoverAdopted
from tocsin.core.messages.moveup import MoveUpAdvised, MoveUpOrdered
from tocsin.core.messages.said import Event
from tocsin.core.messages.station import StationClosed, StationOpened

HOUR_MS = 3_600_000


def counts_at(board: Board, unit: UnitState) -> StationId | None:
    """The station at which a unit counts: of its order to cover, else its own; None with a job, and where that station is closed."""
    if not unit.is_free() or board.find_crew_mate_with_job(unit) is not None:
        return None
    order = board.move_ups.get(unit.unit)
    name = order.station if order is not None else unit.station
    station = board.stations.get(name) if name is not None else None
    return name if station is not None and station.is_open else None


def crews_by_station(board: Board, needs: str) -> Counter[StationId]:
    """How many free crews count at each station, of those that can do what is needed."""
    at: dict[CrewId, StationId] = {}
    for unit in board.units.values():
        if not needs or needs in unit.capabilities:
            station = counts_at(board, unit)
            if station is not None:
                at.setdefault(unit.crew, station)
    return Counter(at.values())


def moves_within_hour(unit: UnitState, at: Instant) -> int:
    """How many orders to cover it has had."""
    return sum(moment > at - HOUR_MS for moment in unit.moves)


def adopt(board: Board, event: CoverAdopted) -> None:
    """Other models: everybody is counted anew. Called by the fold only, as all that follows."""
    board.cover = CoverState(event.models, event.version) if event.models else None
    recount(board)


def recount(board: Board) -> None:
    """Everybody anew: after other models, and after a plan that says otherwise who lends units."""
    for crew in board.crews:
        count_anew(board, crew)


def order(board: Board, event: MoveUpOrdered, at: Instant) -> None:
    """The unit counts at the other station from now on; the advice, if there was any, is taken."""
    unit = board.units[event.unit]
    board.move_ups[event.unit] = MoveUpState(event.unit, event.station, at, event.until)
    board.move_advice.pop(event.unit, None)
    unit.last_report = None
    unit.moves = (*(moment for moment in unit.moves if moment > at - HOUR_MS), at)


def advise(board: Board, event: MoveUpAdvised, at: Instant) -> None:
    """Stands until somebody orders it or it is overtaken."""
    board.move_advice[event.unit] = MoveAdvice(event, at, crews_by_station(board, "")[event.station])


def count_anew(board: Board, crew: CrewId) -> None:
    """This crew may count elsewhere than before. What another agency lends is nobody's cover here: it may be called home any time."""
    if board.cover is not None:
        lending = {aid.agency for aid in board.plan.plan.aids} if board.plan is not None else set()
        mates = [unit for unit in (board.units[name] for name in board.crews.get(crew, ())) if unit.agency not in lending]
        board.cover.follow(crew, [(unit.capabilities, at) for unit in mates if (at := counts_at(board, unit)) is not None])


def follow(board: Board, event: Event) -> None:
    """After an event: who counts where, and which advice it has overtaken."""
    if isinstance(event, (StationOpened, StationClosed)):
        crews = set(board.crews)
    else:
        one: UnitId | None = getattr(event, "unit", None)
        names: tuple[UnitId, ...] = (one,) if one is not None else getattr(event, "units", ())
        crews = {board.units[name].crew for name in names if name in board.units}
    for crew in sorted(crews):
        count_anew(board, crew)
    for name in [name for name in board.move_advice if _is_overtaken(board, name)]:
        del board.move_advice[name]


def _is_overtaken(board: Board, name: UnitId) -> bool:
    """The unit is busy or counts elsewhere by now, or others have come to the station that it was to cover."""
    state = board.move_advice[name]
    unit, advice = board.units.get(name), state.advice
    if unit is None or counts_at(board, unit) != advice.instead_of:
        return True
    return not board.stations[advice.station].is_open or crews_by_station(board, "")[advice.station] > state.there
