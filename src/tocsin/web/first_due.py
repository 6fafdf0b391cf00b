"""Whose station answers first at a place: filled in where a person has said where, but not in whose area that is."""

from typing import Final

import msgspec

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.core.board.board import Board
from tocsin.core.messages.incident import OpenIncident, RelocateIncident
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Command
from tocsin.web.asked import Asked

LAYER: Final = "first_due"
"""Layer of areas (``first_due.geojson``) that is asked before the distance is."""


async def with_area(asked: Asked, command: Command) -> Command:
    """The command with its place's station area, if the place has a point and no area yet: of the centre's own layer, else the nearest
    open station as the crow flies, which is how station areas are commonly drawn."""
    if not isinstance(command, OpenIncident | RelocateIncident):
        return command
    place = command.place
    at = place.at
    if at is None or place.area or not at.is_on_earth():
        return command
    area = asked.parts.locator.area_in(LAYER, at) or await asked.parts.desk.look(lambda board: nearest_station(board, at))
    return msgspec.structs.replace(command, place=msgspec.structs.replace(place, area=area)) if area else command


def nearest_station(board: Board, at: LonLat) -> str:
    """Id of the open station that is nearest by a straight line; of two as near the first by name. Empty where no station has a place."""
    known = [
        (flat_distance_m(start=station.place.at, end=at), station.station)
        for station in board.stations.values()
        if station.is_open and station.place.at is not None
    ]
    return min(known)[1] if known else ""


def is_same_place(new: Place, recorded: Place) -> bool:
    """Whether the journal's place is the one that is asked now: an area that was filled in then is none that was asked for."""
    return new == recorded or (not new.area and new == msgspec.structs.replace(recorded, area=""))
