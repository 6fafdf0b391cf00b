"""What the grammar asks of the board: names, who is free, what was recommended. Never anything of a person."""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from tocsin.base.identifiers import AlarmId, ClosureId, IncidentId, StationId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.alarm import AlarmKind
from tocsin.core.messages.place import Place
from tocsin.core.messages.unit import Phase
from tocsin.formats.line.names import Names


class UnitSeen(msgspec.Struct, frozen=True):
    """A unit as the line needs it."""

    unit: UnitId
    kind: str
    station: str
    """Name of its home; empty = none."""
    phase: Phase
    incident: IncidentId | None
    is_free: bool
    covers: StationId | None = None
    is_cover_acknowledged: bool = True
    crew_mate: UnitId | None = None
    """Another unit of the same crew that has a job: one crew has one job."""


class IncidentSeen(msgspec.Struct, frozen=True):
    """An incident as the line needs it."""

    incident: IncidentId
    number: int | None
    incident_type: str
    type_name: str
    priority: str
    where: str
    is_open: bool
    is_held: bool
    alarm_level: int
    units: tuple[UnitId, ...]
    """Units that are on it now."""
    picks: tuple[UnitId, ...]
    """Of the latest recommendation, each once."""
    receipt_sha256: str
    """Of that recommendation; empty = there is none."""
    is_sent_to: bool = True
    """Whether anybody was ever sent to it."""


class AlarmSeen(msgspec.Struct, frozen=True):
    """An active alarm."""

    alarm: AlarmId
    kind: AlarmKind
    incident: IncidentId | None
    unit: UnitId | None
    closure: ClosureId | None
    is_owned: bool


class LineView(Protocol):
    """One moment. ``get_…`` raises KeyError for what is not there."""

    @property
    def now(self) -> Instant:
        """The moment of asking."""
        ...

    @property
    def zone(self) -> str:
        """IANA zone of the centre's wall clock."""
        ...

    @property
    def selected(self) -> IncidentId | None:
        """The incident that the seat works on."""
        ...

    @property
    def units(self) -> Names:
        """All units by name."""
        ...

    @property
    def stations(self) -> Names:
        """Ids and names of open stations."""
        ...

    @property
    def places(self) -> Names:
        """Stations and other places that are known by name."""
        ...

    @property
    def seats(self) -> Names:
        """Accounts that a message can be sent to."""
        ...

    @property
    def priorities(self) -> Sequence[str]:
        """Of the plan in force, most urgent first."""
        ...

    @property
    def incident_types(self) -> Sequence[tuple[str, str]]:
        """Codes and names of the plan in force."""
        ...

    def get_unit(self, unit: UnitId) -> UnitSeen:
        """One unit."""
        ...

    def is_free(self, unit: UnitId) -> bool:
        """In service without a job."""
        ...

    def get_incident(self, incident: IncidentId) -> IncidentSeen:
        """One incident."""
        ...

    def is_incident(self, incident: IncidentId) -> bool:
        """Whether there is one of that id."""
        ...

    def numbered(self, number: int) -> list[IncidentId]:
        """Today's incident of that number, and open ones of other days that carry it."""
        ...

    def open_incidents(self, begin: str = "") -> Iterable[IncidentSeen]:
        """By urgency, oldest first; only those whose number begins so."""
        ...

    def ended_incidents(self, begin: str = "") -> Iterable[IncidentSeen]:
        """Latest first; only those whose number begins so."""
        ...

    def station_named(self, name: str) -> tuple[StationId, ...]:
        """Stations that an entry of ``stations`` stands for; several share a name at times."""
        ...

    def alarms(self) -> Sequence[AlarmSeen]:
        """Active ones, most urgent first."""
        ...

    def may_divert(self, *, unit: UnitId, to: IncidentId) -> bool:
        """Whether the plan lets this unit be taken from its job for that incident."""
        ...

    def find_places(self, text: str) -> Sequence[tuple[str, Place]]:
        """Known places that these words name: a station, a hospital. Several = ambiguous; none = the words are all that is known."""
        ...

    def search(self, text: str) -> Sequence[IncidentId]:
        """Incidents by number, type or street. Open ones first."""
        ...
