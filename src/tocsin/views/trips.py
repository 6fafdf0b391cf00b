"""Drives to scenes as the journal's stamps tell them: who drove from where to where, when, and how long it took. Pure.

One row per unit and incident that was reached. Where a unit set out is what the board knew at that moment: its last sure place and the
legs that it has driven since. Where such legs have led is for whoever has the roads (``edge/trip_roads.py``).
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, get_args

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant, local_parts, span_ms
from tocsin.base.quantities import Millis
from tocsin.core import kernel
from tocsin.core.board.board import Board
from tocsin.core.board.unit import Leg, UnitState
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.said import Record
from tocsin.core.messages.unit import StatusUndone, UnitStatusChanged, phase_of

StartSource = Literal["station", "scene", "hospital", "on_route", "last_known"]
"""How the place where a drive began was known: at its station; where it was last freed, be it a scene or a hospital that was named;
reckoned along the road from such a place; or the last sure place of a unit that has since been elsewhere (an unnamed hospital)."""

Unfit = Literal[
    "never_rolled", "never_arrived", "place_unknown", "start_unknown", "start_stale", "stamps_out_of_order", "too_short", "too_long"
]
"""Why a sending gives no drive to learn from."""

SHORTEST_MS, LONGEST_MS = Millis(10_000), Millis(2_400_000)
"""A drive of less than 10 s is two buttons pressed at once; one of more than 40 min was interrupted or never closed."""

STALEST_MS = Millis(14_400_000)
"""Four hours: what a unit without a station did since is not known at all."""


class Trip(NamedTuple):
    """One drive. Nothing of it is reckoned along roads yet."""

    incident: IncidentId
    unit: UnitId
    kind: str
    priority: str
    dispatched: Instant
    rolled: Instant
    arrived: Instant
    hour_of_week: int
    """Of the moment of rolling, on the centre's wall: 0 = Monday 00:00 to 01:00."""
    source: StartSource
    place: LonLat
    """The last sure place before it rolled."""
    age_ms: Millis
    """How old that was."""
    legs: tuple[Leg, ...]
    """Driven since then."""
    home: LonLat | None
    """Its station."""
    target: LonLat

    @property
    def drive_ms(self) -> Millis:
        """Rolling to on scene."""
        return span_ms(start=self.rolled, end=self.arrived)

    @property
    def response_ms(self) -> Millis:
        """Dispatched to on scene."""
        return span_ms(start=self.dispatched, end=self.arrived)


class Trips(NamedTuple):
    """All drives of a journal in the order of their arrivals, and what gave none."""

    trips: list[Trip]
    sendings: int
    """Units sent, each time."""
    left_out: dict[Unfit, int]
    """Reason → how many of them."""


class _Sent:
    """A sending that is not at its scene yet."""

    __slots__ = ("dispatched", "rolled", "start")

    def __init__(self, dispatched: Instant) -> None:
        self.dispatched = dispatched
        self.rolled: Instant | None = None
        self.start: _Start | None = None


class _Start(NamedTuple):
    source: StartSource
    place: LonLat
    age_ms: Millis
    legs: tuple[Leg, ...]


def gather_trips(records: Iterable[Record], *, until: Instant | None = None, on_record: Callable[[], None] = lambda: None) -> Trips:
    """Fold a journal once. ``until``: nothing that occurred at that moment or later is looked at.

    Memory: one row per drive and the board. Raises BadInput ``timezone``.
    """
    folded = _Fold()
    for record in records:
        on_record()
        if until is not None and record.at >= until:
            continue
        folded.take(record)
    return folded.trips()


class _Before(NamedTuple):
    """How a drive stood before a unit's last report, should the report be taken back."""

    incident: IncidentId | None
    sent: _Sent | None
    rolled: Instant | None
    start: _Start | None
    left: StartSource | None
    found: Trip | Unfit | None = None
    """What the report made of the drive."""


class _Fold:
    def __init__(self) -> None:
        self._board = Board()
        self._sent: dict[tuple[UnitId, IncidentId], _Sent] = {}
        self._trips: list[Trip] = []
        self._left_out: Counter[Unfit] = Counter()
        self._sendings = 0
        self._left: dict[UnitId, StartSource] = {}
        self._before: dict[UnitId, _Before] = {}

    def take(self, record: Record) -> None:
        says = record.says
        if record.n > 0 and isinstance(says, UnitStatusChanged):
            self._remember(says)
        elif record.n > 0 and isinstance(says, StatusUndone):
            self._undo(says.unit)
        if record.n > 0 and isinstance(says, UnitStatusChanged) and says.incident is not None:
            self._status(says, says.incident, record.at)
        kernel.fold(self._board, record)
        if record.n > 0 and isinstance(says, UnitStatusChanged):
            self._seen(says)
        if record.n > 0 and isinstance(says, UnitsDispatched):
            for unit in says.units:
                self._dispatch(unit, says.incident, record.at)

    def trips(self) -> Trips:
        for sent in self._sent.values():
            self._left_out["never_arrived" if sent.rolled is not None else "never_rolled"] += 1
        order: tuple[Unfit, ...] = get_args(Unfit)
        return Trips(self._trips, self._sendings, {why: self._left_out[why] for why in order if self._left_out[why]})

    def _dispatch(self, unit: UnitId, incident: IncidentId, at: Instant) -> None:
        before = self._sent.pop((unit, incident), None)
        if before is not None:  # sent again before it arrived
            self._left_out["never_arrived" if before.rolled is not None else "never_rolled"] += 1
        self._sent[unit, incident] = _Sent(at)
        self._sendings += 1

    def _remember(self, says: UnitStatusChanged) -> None:
        sent = None if says.incident is None else self._sent.get((says.unit, says.incident))
        rolled, start = (sent.rolled, sent.start) if sent is not None else (None, None)
        self._before[says.unit] = _Before(says.incident, sent, rolled, start, self._left.get(says.unit))

    def _undo(self, unit: UnitId) -> None:
        """The drive goes on as it was before the report: a scene that was reached by a slip was not reached."""
        before = self._before.pop(unit, None)
        if before is None:
            return
        if before.sent is not None and before.incident is not None:
            before.sent.rolled, before.sent.start = before.rolled, before.start
            self._sent[unit, before.incident] = before.sent
        if isinstance(before.found, Trip):
            self._trips = [trip for trip in self._trips if trip is not before.found]
        elif before.found is not None:
            self._left_out[before.found] -= 1
        if before.left is not None:
            self._left[unit] = before.left
        else:
            self._left.pop(unit, None)

    def _seen(self, says: UnitStatusChanged) -> None:
        """What the last sure place of a unit is worth."""
        phase, is_said = phase_of(says.status), says.place is not None and says.place.at is not None
        if phase in ("on_scene", "at_patient"):
            self._left[says.unit] = "scene"
        elif phase == "at_hospital" and is_said:
            self._left[says.unit] = "hospital"
        elif phase in ("transporting", "at_hospital"):
            self._left[says.unit] = "last_known"

    def _status(self, says: UnitStatusChanged, incident: IncidentId, at: Instant) -> None:
        sent = self._sent.get((says.unit, incident))
        if sent is None:
            return
        phase = phase_of(says.status)
        if phase == "en_route" and sent.rolled is None:
            sent.rolled, sent.start = at, self._start(self._board.units[says.unit], at)
        elif phase in ("on_scene", "at_patient"):
            del self._sent[says.unit, incident]
            found = self._trip(says.unit, incident, sent, at)
            self._before[says.unit] = self._before[says.unit]._replace(found=found)
            if isinstance(found, Trip):
                self._trips.append(found)
            else:
                self._left_out[found] += 1

    def _start(self, unit: UnitState, at: Instant) -> _Start | None:
        if unit.place is None:
            return None
        source = self._left.get(unit.unit, "last_known")
        if unit.is_at_station:
            source = "station"
        elif unit.legs and source != "last_known":
            source = "on_route"
        return _Start(source, unit.place, span_ms(start=unit.place_at, end=at), unit.legs)

    def _trip(self, name: UnitId, incident: IncidentId, sent: _Sent, arrived: Instant) -> "Trip | Unfit":
        unit, scene, zone = self._board.units[name], self._board.incidents[incident], self._board.centre
        start, target = sent.start, scene.place.at
        if sent.rolled is None:
            return "never_rolled"
        if target is None or zone is None:
            return "place_unknown"
        if start is None:
            return "start_unknown"
        drive_ms = span_ms(start=sent.rolled, end=arrived)
        unfit = _unfit(sent, start, drive_ms)
        if unfit is not None:
            return unfit
        hour = local_parts(sent.rolled, zone.timezone).minute_of_week // 60
        home = self._board.find_station_place(unit.station)
        return Trip(incident, name, unit.kind, scene.priority, sent.dispatched, sent.rolled, arrived, hour, *start, home, target)


def _unfit(sent: _Sent, start: _Start, drive_ms: Millis) -> Unfit | None:
    if drive_ms < 0 or sent.rolled is None or sent.rolled < sent.dispatched:
        return "stamps_out_of_order"
    if start.source in ("scene", "hospital", "last_known") and not start.legs and start.age_ms > STALEST_MS:
        return "start_stale"
    if drive_ms < SHORTEST_MS:
        return "too_short"
    return "too_long" if drive_ms > LONGEST_MS else None
