"""The board: everything known at one position of the journal. Readers ask; only ``fold.py`` writes."""

from collections.abc import Iterable
from typing import NamedTuple

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import AlarmId, CallId, ClosureId, CrewId, IncidentId, KeyName, MessageId, StationId, UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Millis
from tocsin.core.board.alarm import AlarmState
from tocsin.core.board.call import CallState
from tocsin.core.board.closure import ClosureState
from tocsin.core.board.cover import CoverState
from tocsin.core.board.incident import IncidentState
from tocsin.core.board.message import MessageState
from tocsin.core.board.station import MoveAdvice, MoveUpState, StationState
from tocsin.core.board.unit import UnitState
from tocsin.core.messages.centre import CentreOpened, LogImported
from tocsin.core.messages.plan import DEFAULT_SPANS, ResponsePlan, Spans
from tocsin.core.messages.refusal import Refused


class PlanInForce(NamedTuple):
    """The adopted plan and its version."""

    plan: ResponsePlan
    version: str


class Board:
    """Fold of the events. ``get_…`` refuses what is not there, ``find_…`` may give None."""

    def __init__(self) -> None:
        self.centre: CentreOpened | None = None
        self.imports: list[LogImported] = []
        self.plan: PlanInForce | None = None
        self.stations: dict[StationId, StationState] = {}
        self.units: dict[UnitId, UnitState] = {}
        self.crews: dict[CrewId, list[UnitId]] = {}
        self.calls: dict[CallId, CallState] = {}
        self.loose_calls: dict[CallId, CallState] = {}
        """Calls that belong to no incident, and that nobody has said need none."""
        self.incidents: dict[IncidentId, IncidentState] = {}
        self.open_incidents: dict[IncidentId, IncidentState] = {}
        self.move_ups: dict[UnitId, MoveUpState] = {}
        self.move_advice: dict[UnitId, MoveAdvice] = {}
        self.cover: CoverState | None = None
        """What the free crews cover; None while no models are adopted."""
        self.closures: dict[ClosureId, ClosureState] = {}
        self.running_closures: dict[ClosureId, ClosureState] = {}
        """Of all closures those that may still change by themselves or be changed: what the clock looks at. Some may have lapsed lately."""
        self.alarms: dict[AlarmId, AlarmState] = {}
        """Active ones, shelved ones included."""
        self.messages: dict[MessageId, MessageState] = {}
        self.erased_keys: set[KeyName] = set()
        """Keys that an erasure named: what was sealed under them is gone, and nothing more is taken up under them."""
        self.advised_anew = Instant(0)
        """When a recommendation that was out of date was made anew last: the clock asks for a few of them at a time."""
        self.fleet = 0
        """Count of events that change which unit is how far, those of units and of closures: facts that name another count are stale."""
        self.versions: dict[str, int] = {}
        """Subject → its version."""

    def get_incident(self, incident: IncidentId) -> IncidentState:
        """Raises Refused IncidentUnknown."""
        state = self.incidents.get(incident)
        if state is None:
            raise Refused("IncidentUnknown", "incident", incident=incident)
        return state

    def get_open_incident(self, incident: IncidentId) -> IncidentState:
        """Raises Refused IncidentUnknown or IncidentNotOpen."""
        state = self.get_incident(incident)
        if not state.is_open():
            raise Refused("IncidentNotOpen", "incident", incident=incident, life=state.life)
        return state

    def get_unit(self, unit: UnitId, field: str = "unit") -> UnitState:
        """Raises Refused UnitUnknown, pointing at ``field``."""
        state = self.units.get(unit)
        if state is None:
            raise Refused("UnitUnknown", field, unit=unit)
        return state

    def find_crew_mate_with_job(self, unit: UnitState) -> UnitState | None:
        """Another unit of the same crew that has a job: one crew has one job."""
        for mate in self.crews.get(unit.crew, ()):
            if mate != unit.unit and self.units[mate].incident is not None:
                return self.units[mate]
        return None

    def find_crew_mate_out(self, unit: UnitState) -> UnitState | None:
        """The unit of the same crew that the crew is on the road with, without a job: this one stands without anybody until it is back."""
        mates = self.crews.get(unit.crew, ())
        if len(mates) == 1:
            return None
        out = [one for one in map(self.units.__getitem__, mates) if one.is_out() or (one.unit in self.move_ups and not one.is_at_station)]
        latest = max(out, key=lambda one: (one.since, one.unit), default=None)
        return latest if latest is not None and latest.unit != unit.unit else None

    def find_station_place(self, station: StationId | None) -> LonLat | None:
        """Where a station stands, if that is known."""
        state = self.stations.get(station) if station is not None else None
        return state.place.at if state is not None else None

    def closures_in_force(self, at: Instant, vehicle: str) -> list[ClosureState]:
        """Closures that hold at that moment for a kind or class of unit, in the order in which they were stated."""
        return [closure for closure in self.closures.values() if closure.is_in_force(at) and closure.holds_for(vehicle)]

    def spans(self) -> Spans:
        """After how long something is overdue: the plan's, or the defaults without one."""
        return self.plan.plan.spans if self.plan is not None else DEFAULT_SPANS

    def by_urgency(self, incidents: Iterable[IncidentState]) -> list[IncidentState]:
        """By priority, then by how long they have waited."""
        urgency = {priority: rank for rank, priority in enumerate(self.plan.plan.priorities)} if self.plan is not None else {}
        return sorted(incidents, key=lambda one: (urgency.get(one.priority, len(urgency)), one.opened, one.incident))

    def can_ask_for(self, incident: IncidentState) -> bool:
        """Whether the engine can be asked whom to send: it is open, its place is known and a plan is in force."""
        return self.plan is not None and incident.is_open() and incident.place.at is not None

    def find_call_age_ms(self, incident: IncidentState, at: Instant) -> Millis | None:
        """How long before ``at`` the first call about it arrived; None where no card's target counts from that, or no call is known."""
        if self.plan is None or not any(card.is_from_call for card in self.plan.plan.cards):
            return None
        return max((span_ms(start=self.calls[call].arrived, end=at) for call in incident.calls), default=None)

    def is_known_type(self, incident_type: str) -> bool:
        """Whether the plan in force lists the code."""
        return self.plan is not None and any(entry.code == incident_type for entry in self.plan.plan.incident_types)
