"""Facts from the roads: where each unit is by its last sure place and the road it has driven since, and how long it would take."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from msgspec import structs

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.instants import Instant, local_parts, span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.core.board.board import Board
from tocsin.core.board.movable import asked_drives
from tocsin.core.board.unit import Leg, UnitState
from tocsin.core.messages.closure import CloseRoad
from tocsin.core.messages.facts import NO_FACTS, Facts, Learned, PositionSource, UnitRoad
from tocsin.core.messages.moveup import AdviseMoveUps
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask
from tocsin.edge.gather_fixes import FixPlace, FixPlaces, PositionsPort
from tocsin.edge.region_bounds import FAR_M
from tocsin.edge.roads_now import RoadsNow
from tocsin.roads.drives import DriveRouter
from tocsin.roads.fleet import Fleet
from tocsin.roads.network import RoadNetwork
from tocsin.roads.position import OnRoad
from tocsin.roads.shapes import place_of
from tocsin.roads.speeds import NO_SPEEDS, Since
from tocsin.views.trips import StartSource

_ON_SCENE = ("on_scene", "at_patient")
SNAPS_KEPT = 50_000
"""Places that stay snapped: stations and scenes come again; a process that lives for years must not keep them all."""

HOME_M = 200.0
"""A unit that says it is this near to its station starts as from there."""

_DIVERTIBLE = ("dispatched", "acknowledged", "en_route")


PLACES_KEPT = 8192
"""Places reckoned along roads that are kept: most units are parked where they were asked about before."""


FLEETS_KEPT = 4
"""Metrics under which every unit's label is kept: one for most questions, more where closures hold for some kinds of unit only."""


class _Whereabouts(NamedTuple):
    unit: UnitState
    router: DriveRouter
    source: PositionSource
    place: LonLat
    on: OnRoad | None
    """None = far from every road of the region."""
    age_ms: Millis


class _Parked(NamedTuple):
    """A unit that had driven all of its legs by ``by``: it stands there until it gets another one."""

    place: LonLat
    legs: tuple[Leg, ...]
    metrics: tuple[str, ...]
    """Of each leg."""
    by: Instant
    on: OnRoad


class Standing(NamedTuple):
    """Where a unit is on the roads that hold for it."""

    unit: UnitId
    router: DriveRouter
    place: LonLat
    on: OnRoad | None
    """None = far from every road."""


class GatherRoads:
    """Road facts for recommendations; no facts for anything else."""

    def __init__(self, network: RoadNetwork, positions: PositionsPort | None = None) -> None:
        """Without ``positions`` units are where their reports of status and the roads say."""
        self._network = network
        self._fixes = FixPlaces(network.snapper, positions) if positions is not None else None
        self._on_road: dict[LonLat, OnRoad | None] = {}
        """None = far from every road of the region."""
        self._parked: dict[UnitId, _Parked] = {}
        self._fleets: OrderedDict[str, _KeptFleet] = OrderedDict()
        self._now = RoadsNow(network)
        self._place_of = lru_cache(maxsize=PLACES_KEPT)(lambda on: place_of(network.region, on))

    def facts(self, ask: Ask, board: Board) -> Facts:
        """Road times of every unit whose place is known, at the moment the question speaks of."""
        if isinstance(ask.command, CloseRoad):
            return self._closing(ask.command, board)
        if isinstance(ask.command, AdviseMoveUps):
            return self._for_cover(ask.command, board, ask.at)
        if not isinstance(ask.command, RecommendUnits):
            return NO_FACTS
        incident = board.incidents.get(ask.command.incident)
        facts = self.for_place(board, incident.place.at if incident is not None else None, ask.at)
        age_ms = board.find_call_age_ms(incident, ask.at) if incident is not None else None
        return facts if age_ms is None else structs.replace(facts, call_age_ms=age_ms)

    def keep_up(self, board: Board, at: Instant) -> None:
        """Follow the units that report positions, so that the next question need not: once a second, where questions are asked."""
        fixes = self._fixes.of(list(board.units.values()), at) if self._fixes is not None else {}
        if fixes:
            routers = self._now.by_kind(board, at)
            known = [_by_report(board.units[name], routers, fixes[name]) for name in sorted(fixes)]
            for fleet, units in self._fleets_of(known):
                fleet.stand(units)

    def _closing(self, command: CloseRoad, board: Board) -> Facts:
        """How much would be closed; nothing of a shape that the rule will refuse."""
        try:
            closes = self._now.closes((command.shape, command.heading_deg))
        except BadInput:
            return NO_FACTS
        return Facts(self._network.region.metric, board.fleet, closes=len(closes))

    def _for_cover(self, command: AdviseMoveUps, board: Board, at: Instant) -> Facts:
        """Drives of the units that may be asked to cover elsewhere, to the stations that are weighed."""
        minute = local_parts(at, board.centre.timezone).minute_of_week if board.centre is not None else None
        wanted = asked_drives(board, command, at, minute)
        drives_ms: dict[UnitId, dict[StationId, Millis]] = {}
        if not wanted:
            return Facts(self._network.region.metric, board.fleet, local_minute_of_week=minute)
        for one in self.where_are(board, wanted, at):
            places = {name: place for name in wanted[one.unit] if (place := board.find_station_place(name)) is not None}
            self._snap_new(list(places.values()))
            ends = {name: on for name, place in places.items() if (on := self._on_road[place]) is not None}
            if one.on is not None and ends:
                row = one.router.times_between([one.on], list(ends.values()))[0].tolist()
                drives_ms[one.unit] = {name: Millis(ms) for name, ms in zip(ends, row, strict=True) if ms >= 0}
        usual, others = _metrics(self._now.by_kind(board, at))
        return Facts(usual, board.fleet, local_minute_of_week=minute, metrics=others, drives_ms=drives_ms)

    def for_place(self, board: Board, target: LonLat | None, at: Instant) -> Facts:
        """The same for a place, for replay, which asks about dispatches that nobody asked the engine about."""
        minute = local_parts(at, board.centre.timezone).minute_of_week if board.centre is not None else None
        if target is None:
            return Facts(fleet=board.fleet, local_minute_of_week=minute)
        snap = self._network.snapper.snap([target])[0]
        routers = self._now.by_kind(board, at)
        known = self._whereabouts(board, at, routers)
        # what lies far from every road is in no way reached by road: a time to the nearest one would be a lie
        times_ms = self._times_to(snap.on if snap.distance_m <= FAR_M else None, known)
        roads: dict[UnitId, UnitRoad] = {}
        for one in known:
            straight_m = Metres(float(round(flat_distance_m(start=one.place, end=target))))
            road_ms, onward_ms = times_ms[one.unit.unit], self._onward_ms(board, one)
            roads[one.unit.unit] = UnitRoad(one.source, one.place, one.age_ms, road_ms, straight_m, onward_ms)
        usual, others = _metrics(routers)
        learned = self._all_learned(board, known, times_ms)
        return Facts(usual, board.fleet, target, minute, Metres(round(snap.distance_m, 1)), roads, others, learned)

    def where_are(self, board: Board, units: Iterable[UnitId], at: Instant) -> list[Standing]:
        """Where these units are, as a recommendation would see it; those without a known place are left out. In the desk's thread."""
        routers = self._now.by_kind(board, at)
        wanted = set(units)
        known = self._whereabouts(board, at, routers)
        return [Standing(one.unit.unit, one.router, one.place, one.on) for one in known if one.unit.unit in wanted]

    def _all_learned(self, board: Board, known: Sequence[_Whereabouts], times_ms: dict[UnitId, Millis | None]) -> dict[UnitId, Learned]:
        found: dict[UnitId, Learned] = {}
        for one in known if self._network.speeds is not NO_SPEEDS else ():
            road_ms = times_ms[one.unit.unit]
            learned = self._learned(board, one, road_ms) if road_ms is not None else None
            if learned is not None:
                found[one.unit.unit] = learned
        return found

    def _learned(self, board: Board, one: _Whereabouts, road_ms: Millis) -> Learned | None:
        """What the speeds know of a unit beside its drive; they see its start as the drives that they were learned from were seen."""
        source = self._start(board, one)
        since: Since = "rolled" if one.unit.phase == "en_route" else "told"
        speeds = self._network.speeds
        constant_ms = speeds.constant_ms(one.unit.kind, is_at_station=source == "station", since=since)
        if constant_ms is None:
            return None
        between = speeds.interval_ms(Millis(road_ms + constant_ms), source=source, since=since)
        return Learned(constant_ms, *(between or ()))

    def _start(self, board: Board, one: _Whereabouts) -> StartSource:
        """Who has driven home is at its station whether it said so or not (``trip_roads.py``)."""
        unit = one.unit
        home = board.find_station_place(unit.station)
        if one.source == "reported":
            is_home = home is not None and flat_distance_m(start=one.place, end=home) <= HOME_M
            return "station" if is_home else "on_route" if unit.legs else "scene"
        is_homewards = not unit.legs or unit.legs[-1].towards == home
        if unit.is_at_station or (home is not None and is_homewards and one.on == self._on_road.get(home)):
            return "station"
        if unit.is_astray:
            return "last_known"
        return "on_route" if unit.legs else "scene"

    def _times_to(self, target: OnRoad | None, known: Sequence[_Whereabouts]) -> dict[UnitId, Millis | None]:
        """Road times by unit, each by the roads of its kind; None without a way, and for who or what is on no road."""
        times_ms: dict[UnitId, Millis | None] = dict.fromkeys(one.unit.unit for one in known)
        if target is None:
            return times_ms
        for fleet, units in self._fleets_of(known):
            times_ms |= fleet.times_to(target, units)
        return times_ms

    def _fleets_of(self, known: Sequence[_Whereabouts]) -> Iterator[tuple["_KeptFleet", list[_Whereabouts]]]:
        """Those who are on a road, by metric."""
        by_metric: dict[str, list[_Whereabouts]] = {}
        for one in known:
            if one.on is not None:
                by_metric.setdefault(one.router.metric, []).append(one)
        for metric, units in by_metric.items():
            fleet = self._fleets.get(metric)
            if fleet is None or fleet.router is not units[0].router:  # a router that was made anew leaves no labels of the old one
                fleet = self._fleets[metric] = _KeptFleet(units[0].router)
            self._fleets.move_to_end(metric)
            yield fleet, units
        while len(self._fleets) > FLEETS_KEPT:
            self._fleets.popitem(last=False)

    def _whereabouts(self, board: Board, at: Instant, routers: dict[str, DriveRouter]) -> list[_Whereabouts]:
        units = [board.units[name] for name in sorted(board.units)]
        fixes = self._fixes.of(units, at) if self._fixes is not None else {}
        placed = [unit for unit in units if unit.place is not None and unit.unit not in fixes]
        self._snap_new([place for unit in placed for place in _places(unit)])
        reckoned = {unit.unit: self._where(board, unit, routers.get(unit.kind, routers[""]), at) for unit in placed}
        reported = {name: _by_report(board.units[name], routers, fix) for name, fix in fixes.items()}
        known = reckoned | reported
        return [known[unit.unit] for unit in units if unit.unit in known]

    def _snap_new(self, places: Sequence[LonLat]) -> None:
        new = list(dict.fromkeys(place for place in places if place not in self._on_road))
        if new:
            if len(self._on_road) > SNAPS_KEPT:
                self._on_road = {place: self._on_road[place] for place in places if place in self._on_road}
            for place, snap in zip(new, self._network.snapper.snap(new), strict=True):
                self._on_road[place] = snap.on if snap.distance_m <= FAR_M else None

    def _where(self, board: Board, unit: UnitState, router: DriveRouter, at: Instant) -> _Whereabouts:
        place = unit.place
        if place is None:
            raise AssertionError("only placed units are asked for")
        age_ms = span_ms(start=unit.place_at, end=at)
        on = self._on_road[place]
        if on is None or not unit.legs:
            source: PositionSource = "station" if unit.is_at_station else "scene" if unit.phase in _ON_SCENE else "last_known"
            return _Whereabouts(unit, router, source, place, on, age_ms)
        driven = self._driven(board, unit, on, at)
        return _Whereabouts(unit, router, "on_route", self._place_of(driven), driven, age_ms)

    def _driven(self, board: Board, unit: UnitState, start: OnRoad, at: Instant) -> OnRoad:
        """Where the legs have led to by now: each by the roads as they were when it was begun. A road that is closed later does not move
        who is under way; it counts from where they are."""
        routers = [self._now.of_kind(board, leg.since, unit.kind) for leg in unit.legs]
        place, metrics = unit.place, tuple(router.metric for router in routers)
        parked = self._parked.get(unit.unit)
        if parked is not None and at >= parked.by and parked[:3] == (place, unit.legs, metrics):
            return parked.on
        on = start
        for leg, router in zip(unit.legs, routers, strict=True):
            towards = self._on_road[leg.towards]
            driven_ms = span_ms(start=leg.since, end=at if leg.until is None else min(leg.until, at))
            on = router.along(on, towards, Millis(max(0, driven_ms))) or on if towards is not None else on
        last = unit.legs[-1]
        is_over = at >= last.until if last.until is not None else on == self._on_road[last.towards]
        if at >= last.since and is_over and place is not None:  # a question about an earlier moment settles nothing
            self._parked[unit.unit] = _Parked(place, unit.legs, metrics, at, on)
        return on

    def _onward_ms(self, board: Board, one: _Whereabouts) -> Millis | None:
        """What is left to the call in hand, for a unit that the divert table might take from it."""
        if one.unit.incident is None or one.unit.phase not in _DIVERTIBLE or board.plan is None or not board.plan.plan.diverts:
            return None
        towards = board.incidents[one.unit.incident].place.at
        if towards is None:
            return None
        self._snap_new([towards])
        on = self._on_road[towards]
        return one.router.times_to(on, [one.on])[0] if on is not None and one.on is not None else None


def _by_report(unit: UnitState, routers: dict[str, DriveRouter], fix: FixPlace) -> _Whereabouts:
    return _Whereabouts(unit, routers.get(unit.kind, routers[""]), "reported", fix.place, fix.on, fix.age_ms)


def _places(unit: UnitState) -> list[LonLat]:
    return [place for place in (unit.place, *(leg.towards for leg in unit.legs)) if place is not None]


class _KeptFleet:
    """Units under one metric: a label is made only for those that stand elsewhere than when they were asked about last."""

    def __init__(self, router: DriveRouter) -> None:
        self.router = router
        self._fleet: Fleet[UnitId] = Fleet(router)
        self._at: dict[UnitId, OnRoad] = {}

    def stand(self, units: Sequence[_Whereabouts]) -> None:
        """They are there now."""
        moved = {one.unit.unit: one.on for one in units if one.on is not None and self._at.get(one.unit.unit) != one.on}
        if moved:
            self._fleet.put(moved)
            self._at |= moved

    def times_to(self, target: OnRoad, units: Sequence[_Whereabouts]) -> dict[UnitId, Millis | None]:
        """How long each of them takes from where it is."""
        self.stand(units)
        times_ms = self._fleet.times_to(target)
        return {one.unit.unit: times_ms[one.unit.unit] for one in units}


def _metrics(routers: dict[str, DriveRouter]) -> tuple[str, dict[str, str]]:
    """The metric of most kinds of unit, and that of kinds for which it is another one."""
    usual = routers[""].metric
    return usual, {kind: router.metric for kind, router in routers.items() if router.metric != usual}
