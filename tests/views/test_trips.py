"""Drives from stage times: where each began as far as the journal knows, and why a sending gave none."""

from collections import Counter

import pytest

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, CrewId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.core.messages.assignment import AssignmentCancelled, UnitCleared, UnitsDispatched
from tocsin.core.messages.centre import CentreOpened
from tocsin.core.messages.incident import IncidentOpened
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Event, Record
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import STATUS, Phase, StatusUndone, UnitEnrolled, UnitStatusChanged
from tocsin.views.trips import LONGEST_MS, SHORTEST_MS, STALEST_MS, Trip, Trips, gather_trips

START = parse_iso("2026-07-01T22:30:00Z")
HOME, SCENE, OTHER, HOSPITAL = LonLat(32.50, -25.90), LonLat(32.55, -25.95), LonLat(32.60, -25.90), LonLat(32.57, -25.97)
E1, M1 = UnitId("E1"), UnitId("M1")


class Told:
    """A journal as it grows."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self._versions: Counter[str] = Counter()
        self.tell(0, CentreOpened("test", "Test", "Africa/Maputo", "exercise", ()))
        self.tell(0, StationOpened(StationId("S"), "S", Place(HOME)))
        self.tell(0, UnitEnrolled(E1, "engine", (), StationId("S"), CrewId("")))
        self.tell(0, UnitEnrolled(M1, "medic", (), None, CrewId("")))

    def tell(self, at_s: float, says: Event) -> None:
        at = Instant(START + round(1000 * at_s))
        self._versions["x"] += 1
        self.records.append(Record("x", self._versions["x"], at, at, "test", CommandId(f"c{len(self.records)}"), 1, says))

    def opens(self, at_s: float, name: str, place: LonLat | None = SCENE) -> None:
        self.tell(at_s, IncidentOpened(IncidentId(name), "fire", "high", Place(place), ()))

    def sends(self, at_s: float, name: str, unit: UnitId = E1) -> None:
        self.tell(at_s, UnitsDispatched(IncidentId(name), (unit,), "", ""))

    def says(self, at_s: float, phase: Phase, name: str | None = None, unit: UnitId = E1, place: LonLat | None = None) -> None:
        incident = IncidentId(name) if name else None
        self.tell(at_s, UnitStatusChanged(unit, STATUS[phase], incident, Place(place) if place else None))

    def runs(self, at_s: float, name: str, unit: UnitId = E1, drive_s: float = 200, place: LonLat | None = SCENE) -> None:
        """Told at ``at_s``, rolling a minute later."""
        self.opens(at_s, name, place)
        self.sends(at_s, name, unit)
        self.says(at_s + 60, "en_route", name, unit)
        self.says(at_s + 60 + drive_s, "on_scene", name, unit)

    def frees(self, at_s: float, name: str, unit: UnitId = E1) -> None:
        self.tell(at_s, UnitCleared(IncidentId(name), unit))
        self.says(at_s, "on_radio", None, unit)

    def trips(self, **options: Instant) -> Trips:
        return gather_trips(self.records, **options)


def only(found: Trips) -> Trip:
    assert len(found.trips) == 1 and found.left_out == {}
    return found.trips[0]


def test_a_drive_from_quarters() -> None:
    told = Told()
    told.runs(0, "I1")
    trip = only(told.trips())
    assert (trip.source, trip.place, trip.home, trip.target, trip.legs) == ("station", HOME, HOME, SCENE, ())
    assert (trip.drive_ms, trip.response_ms, trip.kind, trip.priority) == (200_000, 260_000, "engine", "high")
    assert trip.hour_of_week == 3 * 24, "half past ten in the evening of Wednesday in London is Thursday in Maputo"


def test_a_drive_on_the_way_home_carries_the_way() -> None:
    told = Told()
    told.runs(0, "I1")
    told.frees(1000, "I1")
    told.runs(1100, "I2", place=OTHER)
    trip = told.trips().trips[1]
    assert (trip.source, trip.place, [leg.towards for leg in trip.legs]) == ("on_route", SCENE, [HOME])
    assert trip.legs[0].since == START + 1_000_000 and trip.legs[0].until == START + 1_100_000, "told to go, it stops going home"


def test_a_unit_without_a_home_starts_where_it_was_freed() -> None:
    told = Told()
    told.runs(0, "I1", M1)
    told.frees(1000, "I1", M1)
    told.runs(1500, "I2", M1, place=OTHER)
    found = told.trips()
    assert found.left_out == {"start_unknown": 1}, "of its first drive nobody knows the start"
    assert (only(found._replace(left_out={})).source, found.trips[0].place, found.trips[0].age_ms) == ("scene", SCENE, 1_300_000)


@pytest.mark.parametrize(("place", "source"), [(HOSPITAL, "hospital"), (None, "last_known")])
def test_a_hospital_counts_where_it_was_named(place: LonLat | None, source: str) -> None:
    told = Told()
    told.runs(0, "I1", M1)
    told.says(600, "transporting", "I1", M1)
    told.says(900, "at_hospital", "I1", M1, place)
    told.frees(1800, "I1", M1)
    told.runs(2000, "I2", M1, place=OTHER)
    trip = told.trips().trips[0]
    assert (trip.source, trip.place) == (source, place or SCENE)


def test_every_sending_is_a_drive_or_has_its_reason() -> None:
    told = Told()
    told.runs(0, "short", drive_s=SHORTEST_MS / 1000 - 1)
    told.frees(400, "short")
    told.runs(1000, "long", drive_s=LONGEST_MS / 1000 + 1)
    told.frees(4000, "long")
    told.runs(5000, "nowhere", place=None)
    told.frees(5600, "nowhere")
    told.opens(6000, "off")
    told.sends(6000, "off")
    told.tell(6030, AssignmentCancelled(IncidentId("off"), E1))
    told.opens(7000, "turned")
    told.sends(7000, "turned")
    told.says(7060, "en_route", "turned")
    told.tell(7100, AssignmentCancelled(IncidentId("turned"), E1))
    told.runs(8000, "first", M1)
    told.frees(8900, "first", M1)
    told.runs(8900 + STALEST_MS / 1000, "stale", M1)
    told.runs(30_000, "good")
    found = told.trips()
    assert [trip.incident for trip in found.trips] == ["good"]
    assert found.left_out == {
        "never_rolled": 1, "never_arrived": 1, "place_unknown": 1, "start_unknown": 1, "start_stale": 1, "too_short": 1, "too_long": 1,
    }  # fmt: skip
    assert found.sendings == len(found.trips) + sum(found.left_out.values())


def test_stamps_in_another_order_are_left_out() -> None:
    told = Told()
    told.opens(0, "I1")
    told.sends(100, "I1")
    told.says(90, "en_route", "I1")
    told.says(300, "on_scene", "I1")
    assert told.trips().left_out == {"stamps_out_of_order": 1}


def test_nothing_from_a_moment_on_is_looked_at() -> None:
    told = Told()
    told.runs(0, "I1")
    told.frees(500, "I1")
    told.runs(1000, "I2")
    found = told.trips(until=Instant(START + 1_100_000))
    assert [trip.incident for trip in found.trips] == ["I1"] and found.left_out == {"never_arrived": 1}


def test_a_scene_that_was_reached_by_a_slip_was_not_reached() -> None:
    plain, slipped = Told(), Told()
    for told in (plain, slipped):
        told.opens(0, "I1")
        told.sends(0, "I1")
        if told is slipped:
            told.says(20, "en_route", "I1")
            told.tell(30, StatusUndone(E1, STATUS["dispatched"], IncidentId("I1")))
        told.says(60, "en_route", "I1")
        if told is slipped:
            told.says(61, "on_scene", "I1")  # too short to be a drive
            told.tell(62, StatusUndone(E1, STATUS["en_route"], IncidentId("I1")))
            told.says(100, "on_scene", "I1")
            told.tell(110, StatusUndone(E1, STATUS["en_route"], IncidentId("I1")))
        told.says(260, "on_scene", "I1")
        told.frees(900, "I1")
        told.runs(1000, "I2")
    assert slipped.trips() == plain.trips()
    assert len(plain.trips().trips) == 2
