"""What is known of a unit: its status, its job, and the last place where it surely was."""

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CrewId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.unit import FREE, STATUS, Phase, Status, UnitEnrolled


class Leg(msgspec.Struct, frozen=True):
    """Driving towards a place from ``since`` on; until further notice while ``until`` is None."""

    towards: LonLat
    since: Instant
    until: Instant | None = None


class UnitState(msgspec.Struct):
    """One unit. ``place`` is the last sure one; where it is now is that place followed along the legs (a fact, reckoned by gather)."""

    unit: UnitId
    kind: str
    capabilities: frozenset[str]
    station: StationId | None
    crew: CrewId
    agency: str
    status: Status
    phase: Phase
    since: Instant
    incident: IncidentId | None = None
    place: LonLat | None = None
    place_at: Instant = Instant(0)
    is_at_station: bool = False
    """Whether ``place`` is its own station, so that turnout counts from quarters."""
    legs: tuple[Leg, ...] = ()
    is_astray: bool = False
    """Whether it has been somewhere unnamed since ``place`` (a hospital): a way reckoned from there is less sure than others."""

    def is_free(self) -> bool:
        """No job in hand and in service."""
        return self.phase in FREE

    def stand_at(self, place: LonLat | None, at: Instant) -> None:
        """A sure place. Without one, the last sure place stays and grows old."""
        self.is_at_station = False
        if place is None:
            self.halt(at)
        else:
            self.place, self.place_at, self.legs, self.is_astray = place, at, (), False

    def roll_to(self, towards: LonLat | None, at: Instant) -> None:
        """Leaves for a place; for an unknown one it is only known to have left."""
        self.is_at_station = False
        self.halt(at)
        if towards is not None and self.place is not None:
            self.legs = (*self.legs, Leg(towards, at))

    def halt(self, at: Instant) -> None:
        """Stops going where it was going."""
        if self.legs:
            self.legs = tuple([leg if leg.until is not None else Leg(leg.towards, leg.since, at) for leg in self.legs])

    def take_status(self, status: Status, phase: Phase, at: Instant) -> None:
        """The status from ``at`` on."""
        self.status, self.phase, self.since = status, phase, at


def enrolled(event: UnitEnrolled, at: Instant, home: LonLat | None) -> UnitState:
    """A unit as it joins the fleet: at its station, or free on the radio when it has none."""
    phase: Phase = "on_radio" if event.station is None else "at_station"
    return UnitState(
        unit=event.unit,
        kind=event.kind,
        capabilities=frozenset((event.kind, *event.capabilities)),  # a card may simply ask for the kind
        station=event.station,
        crew=event.crew or CrewId(event.unit),
        agency=event.agency,
        status=STATUS[phase],
        phase=phase,
        since=at,
        place=home,
        place_at=at,
        is_at_station=home is not None,
    )
