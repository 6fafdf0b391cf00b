"""Rules for stations."""

from tocsin.core.board.board import Board
from tocsin.core.messages.refusal import Refused
from tocsin.core.messages.said import Event
from tocsin.core.messages.station import CloseStation, OpenStation, StationClosed, StationOpened


def open_station(ask: OpenStation) -> list[Event]:
    """A station may be stated anew at any time."""
    return [StationOpened(ask.station, ask.name, ask.place)]


def close_station(board: Board, ask: CloseStation) -> list[Event]:
    """Units stay enrolled; they wait on the radio until they are given another home."""
    station = board.stations.get(ask.station)
    if station is None or not station.is_open:
        raise Refused("StationUnknown", "station", station=ask.station)
    return [StationClosed(ask.station, ask.reason)]
