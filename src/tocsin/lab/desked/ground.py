"""What is so in a city while it is run: where every unit is, what it does, and where the calls are. The world's own knowledge."""

from collections.abc import Sequence

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.core.engine.policies import get_policy
from tocsin.core.messages.plan import Turnout
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import NO_WAY_MS, City, CrewedUnit
from tocsin.lab.desked.drives import Drives, Trip
from tocsin.lab.desked.opening import Conduct, plan_of, station_ids, unit_ids

TURNS_OUT_AT_STATION, TURNS_OUT_ON_ROAD = 0, 1
"""Columns of ``Calls.turnout_ms``."""


class Vehicle:
    """One unit as it really is."""

    def __init__(self, index: int, name: UnitId, unit: CrewedUnit, home: int, turnout: int | None) -> None:
        self.index, self.name, self.unit, self.turnout = index, name, unit, turnout
        self.can_transport = "transport" in (unit.kind, *unit.capabilities)
        self.place = home
        """Where it stands, or stood when it set out."""
        self.trip: Trip | None = None
        self.job: int | None = None
        """Index of the call that it is on."""
        self.is_home = True
        """Stands at a station; while it drives to one, ``trip`` says when it is there."""
        self.is_on_way = False
        """Told, and not on scene yet: it may still be diverted."""
        self.was_at_station = True
        """When it was told: until it rolls it turns out from there."""
        self.heads_for = unit.station
        """Index of the station that it waits at or drives to."""
        self.home = unit.station
        """Index of the station that it goes home to: its own, or the one that stands in for it while that is closed."""
        self.mates: list[Vehicle] = []
        """The other units of its crew."""
        self.is_on_shift = self.is_on_duty = self.is_crewed = True
        """Its shift is now; it is in service; and its crew is not away with another unit."""
        self.is_lost = self.is_covering = False
        """Broken down; told to cover at another station."""
        self.is_resting = self.is_break_due = False
        """At a meal or at rest: only for something urgent is it disturbed. Or it will be as soon as it stands at a station."""
        self.shift_ended_ms: int | None = None
        self.hospital: int | None = None
        """Index of the one that it drives a patient to, or stands at with one."""
        self.busy_since_ms = 0
        self.errand = 0
        """Moves on with every new order: what was planned for an older one does not happen any more."""
        self.known_place: int | None = None
        """Where it was heard of last before radio was lost, or set out since."""

    def place_at(self, now_ms: int) -> int:
        """Where it is."""
        return self.place if self.trip is None else self.trip.place_at(now_ms)

    def halt(self, now_ms: int) -> None:
        """Stops where it is; whatever it was to do next it does not."""
        self.place, self.trip = self.place_at(now_ms), None
        self.errand += 1

    def is_at_station(self, now_ms: int) -> bool:
        """Whether it turns out from a station: also one that was told there and has not rolled."""
        if self.job is not None:
            return self.was_at_station and self.trip is not None and now_ms < self.trip.sets_out_ms
        return self.is_home if self.trip is None else self.trip.arrives_ms <= now_ms


class Ground:
    """A city and one replication's calls, with the units as they are."""

    def __init__(self, city: City, calls: Calls, conduct: Conduct, start: int) -> None:
        self.city, self.calls, self.start = city, calls, start
        self.plan = plan_of(city, conduct)
        self.drives = Drives(city)
        self.is_moving = get_policy(conduct.policy).returns != "home"
        """Whether units are sent to other stations than their own."""
        self.lon_lat = [LonLat(float(lon), float(lat)) for lon, lat in zip(city.place_lon, city.place_lat, strict=True)]
        self.now_ms = 0
        kinds = [one.kind for one in city.turnouts]
        self.vehicles = [
            Vehicle(nth, name, unit, city.stations[unit.station].place, _turnout_of(kinds, unit.kind))
            for nth, (name, unit) in enumerate(zip(unit_ids(city), city.units, strict=True))
        ]
        self.place_of_station = {name: one.place for name, one in zip(station_ids(city), city.stations, strict=True)}
        self.by_name = {one.name: one for one in self.vehicles}
        self.place_of: list[int] = calls.place.tolist()
        self.arrived_ms: list[int] = calls.at_ms.tolist()
        self.told: list[int] = calls.told_priority.tolist()
        self.is_urgent = [one.is_urgent for one in city.priorities]
        self.divertible = [tuple(one.lower for one in city.diverts if one.higher == high) for high in range(len(city.priorities))]
        """By told priority: those that a unit may be taken from."""
        self.is_open = [one.is_open for one in city.stations]
        self.is_radio_lost = False
        for one in self.vehicles:
            one.home = one.heads_for = self.find_stand_in(one.unit.station)
            one.place = city.stations[one.home].place
            one.mates = [mate for mate in self.vehicles if mate is not one and mate.unit.crew and mate.unit.crew == one.unit.crew]
        self.call_of: dict[IncidentId, int] = {}

    @staticmethod
    def incident_of(call: int) -> IncidentId:
        """Each call is an incident of its own."""
        return IncidentId(f"inc-{call:06d}")

    def seen_at(self, vehicle: Vehicle) -> int:
        """Where the dispatcher takes it to be."""
        trip = vehicle.trip
        if self.is_radio_lost and trip is not None and trip.arrives_ms > self.now_ms:
            return vehicle.place if vehicle.known_place is None else vehicle.known_place
        return vehicle.place_at(self.now_ms)

    def find_stand_in(self, station: int) -> int:
        """The open station that is nearest to a closed one; itself where it is open, or where none is."""
        sites = self.city.stations
        if self.is_open[station]:
            return station
        ms = self.city.roads.normal_ms[sites[station].place]
        open_ones = [(int(ms[one.place]), nth) for nth, one in enumerate(sites) if self.is_open[nth] and ms[one.place] != NO_WAY_MS]
        return min(open_ones)[1] if open_ones else station

    def mean_turnout_ms(self, vehicle: Vehicle) -> int:
        """What the dispatcher knows of its turnout now."""
        if vehicle.turnout is None:
            return 0
        turnout = self.city.turnouts[vehicle.turnout]
        return (turnout.at_station if vehicle.is_at_station(self.now_ms) else turnout.on_road).mean_ms

    def planned_turnout_ms(self, vehicle: Vehicle, *, is_at_home: bool) -> int:
        """What the plan says of it, which knows whole seconds and nothing of agreements."""
        turnout: Turnout | None = self.plan.turnouts[vehicle.turnout] if vehicle.turnout is not None else None
        return 0 if turnout is None else (turnout.at_station_s if is_at_home else turnout.on_road_s) * 1000


def _turnout_of(kinds: Sequence[str], kind: str) -> int | None:
    """Index of the turnout that holds for a kind of unit; None where none does."""
    for wanted in (kind, "*"):
        if wanted in kinds:
            return kinds.index(wanted)
    return None
