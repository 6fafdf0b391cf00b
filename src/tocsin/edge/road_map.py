"""What the map asks of the roads: the ways of units to an incident, and how far help gets from where the free units are."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.core.board.board import Board
from tocsin.edge.gather_roads import GatherRoads, Standing
from tocsin.maps.layers import collection, isochrones
from tocsin.maps.reached import UNREACHABLE, at_nodes
from tocsin.roads.network import RoadNetwork
from tocsin.views.situation import UnitRoute

UNDER_WAY = ("dispatched", "acknowledged", "en_route")


class WaysAsked(NamedTuple):
    """What ways are reckoned from, taken off the board at one moment."""

    target: LonLat | None
    units: Sequence[Standing]
    promised_ms: dict[UnitId, Millis]
    """Of units that are recommended and not sent."""


class RoadMap:
    """Port ``MapAnswers``. ``…_asked`` in the desk's thread, the rest in any."""

    def __init__(self, network: RoadNetwork, gather: GatherRoads) -> None:
        self._network, self._gather = network, gather

    @property
    def is_ready(self) -> bool:
        """Always: roads are made ready before anybody can come."""
        return True

    def routes_asked(self, board: Board, incident: IncidentId, now: Instant) -> WaysAsked:
        """Raises Refused IncidentUnknown."""
        state = board.get_incident(incident)
        under_way = [one.unit for one in state.active() if one.unit in board.units and board.units[one.unit].phase in UNDER_WAY]
        picks = state.receipt.picks if state.receipt is not None and state.is_open() else ()
        sent = {one.unit for one in state.active()}
        promised_ms = {pick.unit: pick.eta_ms for pick in picks if pick.unit not in sent and pick.unit in board.units}
        return WaysAsked(state.place.at, self._gather.where_are(board, [*under_way, *promised_ms], now), promised_ms)

    def routes(self, asked: WaysAsked) -> list[UnitRoute]:
        """One for each unit that can get there by road."""
        if asked.target is None:
            return []
        target = self._network.snapper.snap([asked.target])[0].on
        found: list[UnitRoute] = []
        for one in asked.units:
            route = one.router.route(one.on, target) if one.on is not None else None
            if route is None or one.on is None:
                continue
            promised_ms = asked.promised_ms.get(one.unit)
            eta_ms = one.router.times_to(target, [one.on])[0] if promised_ms is None else promised_ms
            found.append(UnitRoute(one.unit, tuple(route.coordinates), eta_ms, promised_ms is None))
        return found

    def reach_asked(self, board: Board, now: Instant) -> list[Standing]:
        """Where the free units are."""
        return list(self._gather.where_are(board, [name for name, unit in board.units.items() if unit.is_free()], now))

    def reach(self, asked: Sequence[Standing], minutes: Sequence[int]) -> dict[str, Any]:
        """Areas that the first of them reaches within so many minutes of driving, the largest first."""
        starts = [one.on for one in asked if one.on is not None]
        if not starts or not minutes:
            return collection(())
        router, region = asked[0].router, self._network.region
        node_ms = at_nodes(region, self._network.graph, router.node_times_from(starts))
        edge_ms = np.where(router.costs.is_closed, UNREACHABLE, router.costs.drive_ms)
        return isochrones(region, node_ms, minutes, edge_ms)
