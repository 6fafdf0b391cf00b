"""Drives of a journal put on the road: where each began, by the last sure place and the road driven since, and where it ended."""

from collections.abc import Callable, Sequence

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.instants import span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.roads.learning.trips import Trip as RoadTrip
from tocsin.roads.position import OnRoad
from tocsin.roads.region import Region
from tocsin.roads.router import Router
from tocsin.roads.shapes import place_of
from tocsin.roads.snapping import Snapper
from tocsin.views.trips import Trip

FRESH_MS = Millis(1_800_000)
"""A unit without a station that was freed longer ago may be anywhere: its drive is timed, but no factor is learned from it."""

SNAP_LIMIT_M = Metres(500.0)
"""Farther from a road than this is outside the region."""


class TripRoads:
    """Puts drives on the road. A unit whose way home has ended by the router's times is at its station."""

    def __init__(self, region: Region, router: Router, snapper: Snapper) -> None:
        self._region, self._router, self._snapper = region, router, snapper
        self._on_road: dict[LonLat, OnRoad | None] = {}

    def place(
        self, trips: Sequence[Trip], plain: frozenset[str], *, on_trip: Callable[[int], None] = lambda done: None
    ) -> list[RoadTrip | None]:
        """Drives along roads; None where one end lies outside the region. ``plain``: priorities driven without lights and sirens."""
        self._snap([place for trip in trips for place in _places(trip)])
        placed = []
        for done, trip in enumerate(trips):
            placed.append(self._placed(trip, plain))
            on_trip(done)
        return placed

    def _snap(self, places: Sequence[LonLat]) -> None:
        new = list(dict.fromkeys(places))
        if new:
            for place, snap in zip(new, self._snapper.snap(new), strict=True):
                self._on_road[place] = snap.on if snap.distance_m <= SNAP_LIMIT_M else None

    def _placed(self, trip: Trip, plain: frozenset[str]) -> RoadTrip | None:
        start, end = self._on_road[trip.place], self._on_road[trip.target]
        if start is None or end is None:
            return None
        source, straight_from = str(trip.source), trip.place
        if trip.legs:
            start = self._driven(trip, start)
            straight_from = place_of(self._region, start)
        is_homewards = not trip.legs or trip.legs[-1].towards == trip.home
        if trip.home is not None and is_homewards and start == self._on_road.get(trip.home):
            source = "station"
        is_sure = source in ("station", "on_route") or (source in ("scene", "hospital") and trip.age_ms <= FRESH_MS)
        return RoadTrip(
            group=trip.incident,
            start=start,
            end=end,
            source=source,
            is_sure=is_sure,
            kind=trip.kind,
            is_lights=trip.priority not in plain,
            hour_of_week=trip.hour_of_week,
            drive_ms=trip.drive_ms,
            response_ms=trip.response_ms,
            straight_m=Metres(flat_distance_m(start=straight_from, end=trip.target)),
        )

    def _driven(self, trip: Trip, on: OnRoad) -> OnRoad:
        for leg in trip.legs:
            towards = self._on_road[leg.towards]
            driven_ms = span_ms(start=leg.since, end=trip.rolled if leg.until is None else min(leg.until, trip.rolled))
            if towards is not None:
                on = self._router.along(on, towards, Millis(max(0, driven_ms))) or on
        return on


def _places(trip: Trip) -> list[LonLat]:
    return [place for place in (trip.place, trip.target, trip.home, *(leg.towards for leg in trip.legs)) if place is not None]
