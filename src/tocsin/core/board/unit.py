"""What is known of a unit: its status, its job, and the last place where it surely was."""

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CrewId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import Stamp
from tocsin.core.messages.unit import FREE, STATUS, Phase, Status, UnitEnrolled

MINUTE_MS = 60_000


class Leg(msgspec.Struct, frozen=True):
    """Driving towards a place from ``since`` on; until further notice while ``until`` is None."""

    towards: LonLat
    since: Instant
    until: Instant | None = None


class WelfareCheck(msgspec.Struct, frozen=True):
    """The crew is to be asked how it is."""

    every_min: int
    due: Instant
    """When it is to be asked next."""

    def since(self) -> Instant:
        """When this span began."""
        return Instant(self.due - self.every_min * MINUTE_MS)

    def confirmed(self, at: Instant) -> "WelfareCheck":
        """The next span; a confirmation that is told late does not bring the next one forward."""
        return WelfareCheck(self.every_min, max(self.due, Instant(at + self.every_min * MINUTE_MS)))


def welfare_check(every_min: int, at: Instant) -> WelfareCheck:
    """A check that counts from ``at``."""
    return WelfareCheck(every_min, Instant(at + every_min * MINUTE_MS))


class LastReport(msgspec.Struct, frozen=True):
    """How the unit stood before its last report, so that a slip can be taken back. Gone as soon as anything is built on the report."""

    at: Instant
    """The report's own moment, which is earlier than its writing when it came from paper."""
    job: IncidentId | None
    """What the report spoke of."""
    stamps: dict[Stamp, Instant] | None
    """Of the job's assignment before the report; None when there was none."""
    status: Status
    phase: Phase
    since: Instant
    incident: IncidentId | None
    place: LonLat | None
    place_at: Instant
    is_at_station: bool
    legs: tuple[Leg, ...]
    is_astray: bool
    welfare: WelfareCheck | None
    version: int = 0
    """Of the unit, with the report."""


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
    welfare: WelfareCheck | None = None
    last_report: LastReport | None = None
    moves: tuple[Instant, ...] = ()
    """Orders to cover elsewhere within the last hour before the latest of them."""

    def is_free(self) -> bool:
        """No job in hand and in service."""
        return self.phase in FREE

    def is_out(self) -> bool:
        """Free, and on the road with its crew: on the way back, covering, or on the radio away from its station."""
        return self.phase in ("returning", "moving_up") or (self.phase == "on_radio" and self.station is not None)

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

    def remember(self, at: Instant, job: IncidentId | None, stamps: dict[Stamp, Instant] | None, version: int) -> None:
        """How it stands before a report of that moment and job."""
        self.last_report = LastReport(
            at,
            job,
            None if stamps is None else dict(stamps),
            self.status,
            self.phase,
            self.since,
            self.incident,
            self.place,
            self.place_at,
            self.is_at_station,
            self.legs,
            self.is_astray,
            self.welfare,
            version,
        )

    def restore(self, before: LastReport) -> None:
        """Stands as before that report."""
        self.status, self.phase, self.since, self.incident = before.status, before.phase, before.since, before.incident
        self.place, self.place_at, self.is_at_station = before.place, before.place_at, before.is_at_station
        self.legs, self.is_astray, self.welfare = before.legs, before.is_astray, before.welfare
        self.last_report = None

    def take_welfare(self, welfare: WelfareCheck | None) -> None:
        """Set or answered by people: taking back a report does not change it."""
        self.welfare = welfare
        if self.last_report is not None:
            self.last_report = msgspec.structs.replace(self.last_report, welfare=welfare)

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
