"""A log as plain rows: one per incident, with what each unit that was sent did. Places, types and times; nothing of persons."""

from collections import Counter
from typing import NamedTuple

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, StationId, UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Millis
from tocsin.core.messages.plan import ResponsePlan
from tocsin.core.messages.station import StationOpened
from tocsin.core.messages.unit import UnitEnrolled
from tocsin.views.dossiers import Ending


class SentRow(NamedTuple):
    """One unit, sent once to one incident. None = the log has no such stamp."""

    unit: UnitId
    kind: str
    dispatched: Instant
    rolled: Instant | None
    on_scene: Instant | None
    transporting: Instant | None
    at_hospital: Instant | None
    hospital: str
    """Name of the hospital that it reported; empty where it named none."""
    ended: Instant | None
    ending: Ending

    @property
    def turnout_ms(self) -> Millis | None:
        """From being told to rolling."""
        return _span(self.dispatched, self.rolled)

    @property
    def on_scene_ms(self) -> Millis | None:
        """From arrival to leaving with a patient, else to being free."""
        return _span(self.on_scene, self.transporting if self.transporting is not None else self.ended)

    @property
    def stay_ms(self) -> Millis | None:
        """From arrival to being free, whatever lay between."""
        return _span(self.on_scene, self.ended)

    @property
    def handover_ms(self) -> Millis | None:
        """From the hospital's door to being free."""
        return _span(self.at_hospital, self.ended)

    @property
    def busy_ms(self) -> Millis | None:
        """From being told to being free."""
        return _span(self.dispatched, self.ended)


def _span(start: Instant | None, end: Instant | None) -> Millis | None:
    if start is None or end is None or end < start:
        return None
    return span_ms(start=start, end=end)


class IncidentRow(NamedTuple):
    """One incident as it was told last, and what was sent to it in the order of dispatch."""

    incident: IncidentId
    incident_type: str
    priority: str
    told_priority: str
    """What was known when the first unit was sent."""
    alarm_level: int
    place: LonLat | None
    area: str
    arrived: Instant
    """Of its first call; of its opening where no call is joined to it."""
    opened: Instant
    sent: tuple[SentRow, ...]
    reports: int
    """Calls about it; at least 1."""

    @property
    def first_sent(self) -> Instant | None:
        """When somebody was sent first."""
        return min((one.dispatched for one in self.sent), default=None)

    @property
    def on_scene(self) -> Instant | None:
        """When the first unit was there."""
        return min((one.on_scene for one in self.sent if one.on_scene is not None), default=None)

    @property
    def response_ms(self) -> Millis | None:
        """From the call's arrival to the first unit on scene."""
        return _span(self.arrived, self.on_scene)


class OffDuty(NamedTuple):
    """A span in which a unit was out of service."""

    begins: Instant
    until: Instant | None
    """None = for the rest of the log."""


class HospitalSeen(NamedTuple):
    """A hospital that crews named."""

    name: str
    place: LonLat
    visits: int


class Heard(NamedTuple):
    """What one pass over a journal keeps."""

    centre: str
    name: str
    timezone: str
    attribution: tuple[str, ...]
    plan: ResponsePlan | None
    """The last one in force."""
    stations: dict[StationId, StationOpened]
    """Those that were in use at the end."""
    units: dict[UnitId, UnitEnrolled]
    rows: tuple[IncidentRow, ...]
    """In the order of arrival."""
    off_duty: dict[UnitId, tuple[OffDuty, ...]]
    hospitals: tuple[HospitalSeen, ...]
    defects: Counter[str]
    """What was odd, by code ``lab_journal.defect.<code>``: counted, never silently dropped."""
    left_out: int
    """Incidents of another footing: exercises never mix with what was real."""

    @property
    def first(self) -> Instant:
        """Arrival of the first incident. Raises ValueError where there is none."""
        return min(row.arrived for row in self.rows)

    @property
    def last(self) -> Instant:
        """Last thing that any incident saw. Raises ValueError where there is none."""
        return max(one for row in self.rows for one in (row.arrived, *(sent.ended or sent.dispatched for sent in row.sent)))
