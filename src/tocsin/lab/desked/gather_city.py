"""Facts from the tables of a city: what a dispatcher with perfect positions and the city's road times would know."""

from functools import lru_cache

from tocsin.base.geometry import flat_distance_m
from tocsin.base.identifiers import UnitId
from tocsin.base.quantities import Metres, Millis
from tocsin.core.board.board import Board
from tocsin.core.board.movable import asked_drives
from tocsin.core.messages.facts import NO_FACTS, Facts, Learned, PositionSource, UnitRoad
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask
from tocsin.lab.city.model import NO_WAY_MS
from tocsin.lab.desked.drives import PPM, Tables
from tocsin.lab.desked.ground import Ground, Vehicle

MINUTE_MS = 60_000
MINUTES_PER_WEEK = 10_080


class GatherCity:
    """Port ``Gather``. Units that nobody could take (off duty, at work) are not timed: the rules rule them out by their status.

    The rules know no rest: a crew that rests is not timed either unless the call is urgent, and so it is not sent.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._metric = f"lab:{ground.city.digest[:12]}"
        self._straight_m = lru_cache(maxsize=1 << 16)(self._length_m)

    def facts(self, ask: Ask, board: Board) -> Facts:
        """Facts for a recommendation, and for advice on cover; none for anything else."""
        if isinstance(ask.command, AdviseMoveUps):
            return self._for_cover(ask.command, ask, board)
        if not isinstance(ask.command, RecommendUnits):
            return NO_FACTS
        ground = self._ground
        call = ground.call_of[ask.command.incident]
        told, target = ground.told[call], ground.place_of[call]
        drives = ground.drives
        tables = drives.tables(ground.now_ms, is_lights=ground.is_urgent[told])
        hour_ppm = drives.ppm_at(ground.now_ms)
        roads: dict[UnitId, UnitRoad] = {}
        learned: dict[UnitId, Learned] = {}
        for vehicle in ground.vehicles:
            if vehicle.is_resting and not ground.is_urgent[told]:
                continue
            if vehicle.is_crewed and (vehicle.job is None or (vehicle.is_on_way and ground.told[vehicle.job] in ground.divertible[told])):
                roads[vehicle.name] = self._road(vehicle, tables, target, hour_ppm)
                constant_ms = ground.mean_turnout_ms(vehicle) + vehicle.unit.offset_ms % 1000
                if constant_ms != ground.planned_turnout_ms(vehicle, is_at_home=board.units[vehicle.name].is_at_station):
                    learned[vehicle.name] = Learned(Millis(constant_ms))
        minute = ground.now_ms // MINUTE_MS % MINUTES_PER_WEEK
        age_ms = Millis(ground.now_ms - ground.arrived_ms[call])
        return Facts(self._metric, board.fleet, ground.lon_lat[target], minute, None, roads, learned=learned, call_age_ms=age_ms)

    def _for_cover(self, command: AdviseMoveUps, ask: Ask, board: Board) -> Facts:
        """Drives of those who may be asked to cover elsewhere."""
        ground, minute = self._ground, self._ground.now_ms // MINUTE_MS % MINUTES_PER_WEEK
        table = ground.drives.tables(ground.now_ms, is_lights=False).ms
        drives_ms = {}
        for unit, stations in asked_drives(board, command, ask.at, minute).items():
            place = ground.by_name[unit].place_at(ground.now_ms)
            known = ((name, table[place, ground.place_of_station[name]]) for name in stations)
            drives_ms[unit] = {name: Millis(ms) for name, ms in known if ms != NO_WAY_MS}
        return Facts(self._metric, board.fleet, local_minute_of_week=minute, drives_ms=drives_ms)

    def _road(self, vehicle: Vehicle, tables: Tables, target: int, hour_ppm: int) -> UnitRoad:
        ground = self._ground
        now_ms, trip = ground.now_ms, vehicle.trip
        place = ground.seen_at(vehicle)
        table_ms = tables.ms[place, target]
        source: PositionSource = "station" if vehicle.is_at_station(now_ms) else "on_route" if trip is not None else "scene"
        onward_ms = None
        if trip is not None and vehicle.job is not None:  # as the dispatcher reckons it, who knows neither turnout nor factor of that call
            onward_ms = Millis(trip.tables.ms[place, trip.end] * hour_ppm // PPM)
        road_ms = None if table_ms == NO_WAY_MS else Millis(table_ms * hour_ppm // PPM)
        return UnitRoad(source, ground.lon_lat[place], Millis(0), road_ms, self._straight_m(place, target), onward_ms)

    def _length_m(self, place: int, target: int) -> Metres:
        lon_lat = self._ground.lon_lat
        return Metres(float(round(flat_distance_m(start=lon_lat[place], end=lon_lat[target]))))
