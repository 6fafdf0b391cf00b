"""Facts from the roads: where each unit is by its last sure place and the road it has driven since, and how long it would take."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, local_parts, span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.core.board.board import Board
from tocsin.core.board.unit import Leg, UnitState
from tocsin.core.messages.facts import NO_FACTS, Facts, PositionSource, UnitRoad
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.router import Router
from tocsin.roads.shapes import place_of
from tocsin.roads.snapping import Snapper

_ON_SCENE = ("on_scene", "at_patient")
SNAPS_KEPT = 50_000
"""Places that stay snapped: stations and scenes come again; a process that lives for years must not keep them all."""

_DIVERTIBLE = ("dispatched", "acknowledged", "en_route")


PLACES_KEPT = 8192
"""Places reckoned along roads that are kept: most units are parked where they were asked about before."""


class _Whereabouts(NamedTuple):
    unit: UnitState
    source: PositionSource
    place: LonLat
    on: OnRoad
    age_ms: Millis


class _Parked(NamedTuple):
    """A unit that had driven all of its legs by ``by``: it stands there until it gets another one."""

    place: LonLat
    legs: tuple[Leg, ...]
    by: Instant
    on: OnRoad


class GatherRoads:
    """Road facts for recommendations; no facts for anything else."""

    def __init__(self, region: Region, router: Router, snapper: Snapper) -> None:
        self._region, self._router, self._snapper = region, router, snapper
        self._on_road: dict[LonLat, OnRoad] = {}
        self._parked: dict[UnitId, _Parked] = {}
        self._place_of = lru_cache(maxsize=PLACES_KEPT)(lambda on: place_of(region, on))

    def facts(self, ask: Ask, board: Board) -> Facts:
        """Road times of every unit whose place is known, at the moment the question speaks of."""
        if not isinstance(ask.command, RecommendUnits):
            return NO_FACTS
        incident = board.incidents.get(ask.command.incident)
        return self.for_place(board, incident.place.at if incident is not None else None, ask.at)

    def for_place(self, board: Board, target: LonLat | None, at: Instant) -> Facts:
        """The same for a place, for replay, which asks about dispatches that nobody asked the engine about."""
        minute = local_parts(at, board.centre.timezone).minute_of_week if board.centre is not None else None
        if target is None:
            return Facts(fleet=board.fleet, local_minute_of_week=minute)
        snap = self._snapper.snap([target])[0]
        known = self._whereabouts(board, at)
        times_ms = self._router.times_to(snap.on, [one.on for one in known])
        roads: dict[UnitId, UnitRoad] = {}
        for one, road_ms in zip(known, times_ms, strict=True):
            straight_m = Metres(float(round(flat_distance_m(start=one.place, end=target))))
            onward_ms = self._onward_ms(board, one)
            roads[one.unit.unit] = UnitRoad(one.source, one.place, one.age_ms, road_ms, straight_m, onward_ms)
        return Facts(self._router.metric, board.fleet, target, minute, Metres(round(snap.distance_m, 1)), roads)

    def _whereabouts(self, board: Board, at: Instant) -> list[_Whereabouts]:
        placed = [board.units[name] for name in sorted(board.units) if board.units[name].place is not None]
        self._snap_new([place for unit in placed for place in _places(unit)])
        return [self._where(unit, at) for unit in placed]

    def _snap_new(self, places: Sequence[LonLat]) -> None:
        new = list(dict.fromkeys(place for place in places if place not in self._on_road))
        if new:
            if len(self._on_road) > SNAPS_KEPT:
                self._on_road = {place: self._on_road[place] for place in places if place in self._on_road}
            for place, snap in zip(new, self._snapper.snap(new), strict=True):
                self._on_road[place] = snap.on

    def _where(self, unit: UnitState, at: Instant) -> _Whereabouts:
        place = unit.place
        if place is None:
            raise AssertionError("only placed units are asked for")
        age_ms = span_ms(start=unit.place_at, end=at)
        on = self._on_road[place]
        if not unit.legs:
            source: PositionSource = "station" if unit.is_at_station else "scene" if unit.phase in _ON_SCENE else "last_known"
            return _Whereabouts(unit, source, place, on, age_ms)
        on = self._driven(unit, place, at)
        return _Whereabouts(unit, "on_route", self._place_of(on), on, age_ms)

    def _driven(self, unit: UnitState, place: LonLat, at: Instant) -> OnRoad:
        """Where the legs have led to by now."""
        parked = self._parked.get(unit.unit)
        if parked is not None and at >= parked.by and place == parked.place and unit.legs == parked.legs:
            return parked.on
        on = self._on_road[place]
        for leg in unit.legs:
            driven_ms = span_ms(start=leg.since, end=at if leg.until is None else min(leg.until, at))
            on = self._router.along(on, self._on_road[leg.towards], Millis(max(0, driven_ms))) or on
        last = unit.legs[-1]
        is_over = at >= last.until if last.until is not None else on == self._on_road[last.towards]
        if at >= last.since and is_over:  # a question about an earlier moment settles nothing
            self._parked[unit.unit] = _Parked(place, unit.legs, at, on)
        return on

    def _onward_ms(self, board: Board, one: _Whereabouts) -> Millis | None:
        """What is left to the call in hand, for a unit that the divert table might take from it."""
        if one.unit.incident is None or one.unit.phase not in _DIVERTIBLE or board.plan is None or not board.plan.plan.diverts:
            return None
        towards = board.incidents[one.unit.incident].place.at
        if towards is None:
            return None
        self._snap_new([towards])
        return self._router.times_to(self._on_road[towards], [one.on])[0]


def _places(unit: UnitState) -> list[LonLat]:
    return [place for place in (unit.place, *(leg.towards for leg in unit.legs)) if place is not None]
