"""Facts from a table of road times: for tests and for a centre without a road file. Units stand at their last sure place."""

from collections.abc import Mapping

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, local_parts, span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.core.board.board import Board
from tocsin.core.board.movable import asked_drives
from tocsin.core.messages.facts import NO_FACTS, Facts, Learned, PositionSource, UnitRoad
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask

NOWHERE = LonLat(0.0, 0.0)


class GatherTable:
    """``times_ms[unit, incident]`` is the road time; a pair that is missing is a unit whose place is unknown, None is unreachable."""

    def __init__(
        self,
        times_ms: Mapping[tuple[UnitId, IncidentId], Millis | None],
        *,
        learned: Mapping[tuple[UnitId, IncidentId], Learned] | None = None,
        stations_ms: Mapping[tuple[UnitId, StationId], Millis | None] | None = None,
        metric: str = "table",
    ) -> None:
        """``stations_ms[unit, station]``: drives for advice on cover; a pair that is missing has no way."""
        self._times_ms, self._learned, self._stations_ms, self._metric = times_ms, learned or {}, stations_ms or {}, metric

    def facts(self, ask: Ask, board: Board) -> Facts:
        """Facts for a recommendation, and for advice on cover; none for anything else."""
        if isinstance(ask.command, AdviseMoveUps):
            return self._for_cover(ask.command, board, ask.at)
        if not isinstance(ask.command, RecommendUnits):
            return NO_FACTS
        incident = board.incidents.get(ask.command.incident)
        target = incident.place.at if incident is not None else None
        minute = local_parts(ask.at, board.centre.timezone).minute_of_week if board.centre is not None else None
        roads: dict[UnitId, UnitRoad] = {}
        for name, unit in sorted(board.units.items()):
            pair = (name, ask.command.incident)
            if pair in self._times_ms:
                place = unit.place or NOWHERE
                straight_m = Metres(float(round(flat_distance_m(start=place, end=target or NOWHERE))))
                age_ms = span_ms(start=unit.place_at, end=ask.at)
                onward_ms = self._times_ms.get((name, unit.incident)) if unit.incident is not None else None
                source: PositionSource = "station" if unit.is_at_station else "last_known"
                roads[name] = UnitRoad(source, place, age_ms, self._times_ms[pair], straight_m, onward_ms)
        learned = {name: self._learned[name, ask.command.incident] for name in roads if (name, ask.command.incident) in self._learned}
        call_age_ms = board.find_call_age_ms(incident, ask.at) if incident is not None else None
        return Facts(self._metric, board.fleet, target, minute, None, roads, learned=learned, call_age_ms=call_age_ms)

    def _for_cover(self, command: AdviseMoveUps, board: Board, at: Instant) -> Facts:
        minute = local_parts(at, board.centre.timezone).minute_of_week if board.centre is not None else None
        drives_ms: dict[UnitId, dict[StationId, Millis]] = {}
        for unit, stations in asked_drives(board, command, at, minute).items():
            known = ((name, self._stations_ms.get((unit, name))) for name in stations)
            drives_ms[unit] = {name: ms for name, ms in known if ms is not None}
        return Facts(self._metric, board.fleet, local_minute_of_week=minute, drives_ms=drives_ms)
