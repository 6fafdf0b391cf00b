"""The roads as they are at a moment: by the hour on the centre's wall, and with what is closed then for each kind of unit."""

import numpy as np

from tocsin.base.instants import Instant, local_parts
from tocsin.core.board.board import Board
from tocsin.core.board.closure import ClosureState
from tocsin.core.messages.closure import Shape
from tocsin.roads.closures import ClosedShape
from tocsin.roads.drives import DriveRouter
from tocsin.roads.network import NO_EDGES, Conditions, Edges, RoadNetwork

Drawn = tuple[Shape, float | None]
"""What was drawn, and the heading that is closed."""


class RoadsNow:
    """Hands out routers. What it keeps follows from what was drawn alone: it changes no answer."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._closed: dict[Drawn, Edges] = {}
        self._has_hours = network.speeds.bin_of(0) is not None

    def by_kind(self, board: Board, at: Instant) -> dict[str, DriveRouter]:
        """By kind of unit for which something of its own holds, and "" for every other."""
        in_force = [closure for closure in board.closures.values() if closure.is_in_force(at)]
        kinds = {unit.kind for unit in board.units.values()} if any(closure.vehicles for closure in in_force) else set()
        return {kind: self._router(board, at, kind, in_force) for kind in sorted(kinds | {""})}

    def of_kind(self, board: Board, at: Instant, kind: str) -> DriveRouter:
        """For one kind of unit."""
        return self._router(board, at, kind, [closure for closure in board.closures.values() if closure.is_in_force(at)])

    def closes(self, drawn: Drawn) -> Edges:
        """Directed edges that a drawn shape closes here; none where it meets no street."""
        if drawn not in self._closed:
            shape, heading_deg = drawn
            self._closed[drawn] = self._network.closures.closed_edges(ClosedShape(shape.kind, shape.places, heading_deg))
        return self._closed[drawn]

    def _router(self, board: Board, at: Instant, kind: str, in_force: list[ClosureState]) -> DriveRouter:
        hour = None
        if self._has_hours and board.centre is not None:
            hour = local_parts(at, board.centre.timezone).minute_of_week // 60
        closed = [self.closes((one.shape, one.heading_deg)) for one in in_force if one.holds_for(kind)]
        edges = np.unique(np.concatenate(closed)) if closed else NO_EDGES
        return self._network.router(Conditions(vehicle=kind or "any", hour_of_week=hour), edges)
