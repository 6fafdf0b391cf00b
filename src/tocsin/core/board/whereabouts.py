"""Where a unit is, by what it says of its status. Called by the fold only."""

from collections.abc import Callable

from tocsin.base.geometry import LonLat
from tocsin.base.instants import Instant
from tocsin.core.board.board import Board
from tocsin.core.board.unit import UnitState
from tocsin.core.messages.unit import Phase


def _at_station(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    order = board.move_ups.get(unit.unit)
    if order is not None:  # a unit that covers says so of the station that it covers
        unit.stand_at(said or board.find_station_place(order.station), at)
        return
    home = board.find_station_place(unit.station)
    unit.stand_at(said or home, at)
    unit.is_at_station = said is None and home is not None


def _at_scene(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.stand_at(said or _scene(board, unit), at)


def _where_it_says(_: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.stand_at(said, at)


def _out_of_service(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    # Where a unit without a home was before says nothing about where it will come back.
    unit.place = None
    unit.stand_at(said or board.find_station_place(unit.station), at)


def _not_yet_rolling(_: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.halt(at)


def _to_scene(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.roll_to(said or _scene(board, unit), at)


def _to_cover(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    order = board.move_ups.get(unit.unit)
    unit.roll_to(board.find_station_place(order.station) if order is not None else said, at)


def _homewards(board: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    # Free somewhere is on the way home until it says otherwise.
    if said is not None:
        unit.stand_at(said, at)
    unit.roll_to(board.find_station_place(unit.station), at)


def _where_it_drives(_: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.roll_to(said, at)
    unit.is_astray = said is None


def _at_hospital(_: Board, unit: UnitState, said: LonLat | None, at: Instant) -> None:
    unit.is_astray = True  # unless it says which
    unit.stand_at(said, at)


WHEREABOUTS: dict[Phase, Callable[[Board, UnitState, LonLat | None, Instant], None]] = {
    "off": _out_of_service,
    "at_station": _at_station,
    "on_radio": _homewards,
    "returning": _homewards,
    "moving_up": _to_cover,
    "dispatched": _not_yet_rolling,
    "acknowledged": _not_yet_rolling,
    "en_route": _to_scene,
    "staging": _where_it_says,
    "on_scene": _at_scene,
    "at_patient": _at_scene,
    "transporting": _where_it_drives,
    "at_hospital": _at_hospital,
}
"""What a status says of the unit's place; the place that the report itself names, if any, is the third argument."""


def _scene(board: Board, unit: UnitState) -> LonLat | None:
    incident = board.incidents.get(unit.incident) if unit.incident is not None else None
    return incident.place.at if incident is not None else None
