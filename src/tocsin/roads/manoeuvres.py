"""What to do on the way: the streets of a route in driving order, and how each is turned into."""

from collections.abc import Iterator
from typing import Final, Literal

import msgspec
import numpy as np

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres, Millis
from tocsin.roads.position import Route
from tocsin.roads.region import Region
from tocsin.roads.shapes import street_line

Turn = Literal[
    "depart", "straight_on", "slight_left", "left", "sharp_left", "slight_right", "right", "sharp_right", "turn_round", "arrive"
]  # fmt: skip

SLIGHT_DEG: Final = 20.0
PLAIN_DEG: Final = 55.0
SHARP_DEG: Final = 125.0
ROUND_DEG: Final = 165.0


class Manoeuvre(msgspec.Struct, frozen=True):
    """One thing to do, and the stretch that follows it."""

    turn: Turn
    street: str | None
    """None where it has no name."""
    place: LonLat
    """Where it is done."""
    distance_m: Metres
    """Along the street until the next one."""
    time_ms: Millis


def manoeuvres(region: Region, route: Route) -> list[Manoeuvre]:
    """From setting out to arriving. A new one where the name changes, or where one turns by more than ``PLAIN_DEG`` at a junction.

    Roundabouts are told as the turns that they consist of: the region does not know them apart. Times contain the waiting on the stretch.
    """
    if not route.edges:
        return [Manoeuvre("arrive", None, route.coordinates[-1], Metres(0.0), Millis(0))]
    starts = [0, *_starts(region, route)]
    told = []
    for start, end in zip(starts, [*starts[1:], len(route.edges)], strict=True):
        edge = route.edges[start]
        turn: Turn = "depart" if start == 0 else turn_of(_turned_deg(region, route.edges[start - 1], edge))
        place = route.coordinates[0] if start == 0 else region.node_place(int(region.edge_tail[edge]))
        length_m = Metres(round(sum(route.edge_m[start:end]), 1))
        told.append(Manoeuvre(turn, region.name_of(edge), place, length_m, Millis(sum(route.edge_ms[start:end]))))
    return [*told, Manoeuvre("arrive", told[-1].street, route.coordinates[-1], Metres(0.0), Millis(0))]


def _starts(region: Region, route: Route) -> Iterator[int]:
    for row in range(1, len(route.edges)):
        before, edge = route.edges[row - 1], route.edges[row]
        is_junction = region.node_degree[int(region.edge_tail[edge])] > 2
        if region.edge_name[before] != region.edge_name[edge] or (
            is_junction and abs(_turned_deg(region, before, edge)) > PLAIN_DEG
        ) or region.edge_twin[before] == edge:  # fmt: skip
            yield row


def turn_of(turned_deg: float) -> Turn:
    """The word for an angle: 0 = straight on, to the right is positive."""
    size = abs(turned_deg)
    if size < SLIGHT_DEG:
        return "straight_on"
    if size > ROUND_DEG:
        return "turn_round"
    if size < PLAIN_DEG:
        return "slight_right" if turned_deg > 0 else "slight_left"
    if size < SHARP_DEG:
        return "right" if turned_deg > 0 else "left"
    return "sharp_right" if turned_deg > 0 else "sharp_left"


def _turned_deg(region: Region, before: int, edge: int) -> float:
    """Between how one edge ends and the next begins, -180 to 180; to the right is positive."""
    return (_bearing_deg(region, edge, is_end=False) - _bearing_deg(region, before, is_end=True) + 180.0) % 360.0 - 180.0


def _bearing_deg(region: Region, edge: int, *, is_end: bool) -> float:
    """Clockwise from north, of an edge's first or last piece that has a length; 0 for an edge without any."""
    lon, lat, _ = street_line(region, int(region.edge_street[edge]))
    if region.edge_is_against[edge]:
        lon, lat = lon[::-1], lat[::-1]
    east, north = np.diff(lon) * np.cos(np.radians(lat[0])), np.diff(lat)
    rows = np.flatnonzero((east != 0) | (north != 0))
    if not len(rows):
        return 0.0
    row = int(rows[-1 if is_end else 0])
    return float(np.degrees(np.arctan2(east[row], north[row])))
