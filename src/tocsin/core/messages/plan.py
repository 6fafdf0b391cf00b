"""Response plans (run cards): from type, priority, area, time and alarm level to slots with capability needs."""

from typing import Literal

import msgspec

from tocsin.base.canonical import digest
from tocsin.base.identifiers import CardName, StationId

Mode = Literal["road_time", "station_order", "own_agency_first"]


class IncidentType(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One entry of the agency's list of incident codes."""

    code: str
    name: str
    discipline: str = ""


class Alternative(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What may fill a slot when its first wish cannot."""

    needs: tuple[str, ...]
    worth_s: int | None = None
    """How many seconds longer the wish before it may take before this one is sent; None = only when nobody fills the wish."""


class Slot(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One or more units that can do all of ``needs``."""

    name: str
    needs: tuple[str, ...]
    count: int = 1
    alternatives: tuple[Alternative, ...] = ()
    is_required: bool = True
    doubles_with: str = ""
    """Name of another slot of the card whose unit may fill this one too, if it can do both."""


class Card(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A rule of the plan. An empty selector means any; the most specific card wins, ties by the order in the file."""

    name: CardName
    slots: tuple[Slot, ...]
    incident_types: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    """ISO: 1 = Monday … 7 = Sunday; the day on which the window begins."""
    from_minute: int | None = None
    """Local minute of the day at which the window opens; it may run over midnight."""
    to_minute: int | None = None
    alarm_level: int = 1
    """Level n is additional to n-1."""
    mode: Mode = "road_time"
    target_s: int | None = None
    """Time from dispatch to arrival beyond which a unit counts as late."""
    is_from_call: bool = False
    """``target_s`` counts from the call's arrival instead: what has gone by since is not left when somebody is sent."""
    is_sent_at_once: bool = False
    """The recommendation is acted on without a person, where it fills every required slot with free units. Off unless a centre says so."""


class DivertRule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A unit on its way to ``from_priority`` may be taken for ``to_priority``."""

    from_priority: str
    to_priority: str
    min_gain_s: int = 120
    """It must arrive at least this much sooner than the best unit that need not be diverted (simulation note, policy 2)."""
    not_within_s: int = 60
    """Never when it is this near to its first call."""


class Turnout(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Mean time from being told to rolling, of one kind of unit; ``*`` stands for every kind not listed."""

    kind: str
    at_station_s: int
    on_road_s: int = 0


class StationOrder(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Fixed order of stations for an area, for cards of mode ``station_order``."""

    area: str
    stations: tuple[StationId, ...]


class Spans(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """After how long something is overdue. None = never. Defaults are the console note's, quoted from no standard."""

    nobody_sent_s: int | None = 120
    """From the recommendation that could be acted on."""
    acknowledge_s: int | None = 60
    en_route_s: int | None = 120
    """From dispatch to rolling."""
    arrive_over_eta_s: int | None = 180
    """Past the time that the recommendation promised."""
    welfare_min: int | None = None
    """Every unit on scene is asked how it is this often; None = only where somebody sets it."""
    closure_ends_min: int | None = 10
    """Before a closure lapses by itself."""
    slot_empty_s: int | None = 300
    """Units have been sent and a required slot stays empty."""
    call_unattached_s: int | None = 120
    """From a call's taking, while it belongs to no incident."""


LONGEST_SPAN_S = 86_400
"""A day: whatever is overdue later than that is not waited for at a desk."""


DEFAULT_SPANS = Spans()


class Aid(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Mutual aid: what it means to ask for a unit of another agency. Its units are never asked to cover at other stations."""

    agency: str
    offset_s: int = 0
    """What being asked adds before it rolls: to its time of arrival."""
    cost_s: int = 0
    """How much sooner than one's own it must be to be asked. Not a part of its time of arrival."""


class Posting(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A row of a compliance table: where units should wait while this many crews are free."""

    free: int
    stations: tuple[StationId, ...]
    """A station that stands here twice should have two. The row with the most ``free`` that are free holds."""


AT_REST_GAIN_PPM = 10_000
"""One call in a hundred that is reached in time because of the move."""

PRICE_PPM_PER_MIN = 600
"""Keeps nearly all of the gain and saves a tenth to a fifth of the driving, in every city that was tried."""


class CoverRules(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """When a unit is advised to cover at another station. Only policies that send units elsewhere than home ask at all."""

    least_gain_ppm: int = 0
    """Share of all demand that a unit which has just become free must cover more there than at its own station."""
    price_ppm_per_min: int = PRICE_PPM_PER_MIN
    """What a minute's longer drive than that to its own station must add."""
    at_rest_gain_ppm: int | None = AT_REST_GAIN_PPM
    """The same for a unit that stands at a station, looked at after every dispatch; None = who stands is left in peace."""
    moves_per_hour: int = 1
    """Most orders to cover that one unit is advised within an hour."""
    stay_min: int = 20
    """A unit that stands is left there this long at least."""
    rest_from_minute: int | None = None
    """Local minute of the day from which nobody who stands at a station is woken to move; it may run over midnight."""
    rest_to_minute: int | None = None
    needs: str = ""
    """Capability that a crew must have to count in the compliance table; empty = all count."""
    table: tuple[Posting, ...] = ()
    """For the policy ``compliance``."""
    area_permille: dict[str, int] = {}
    """How much an area's demand counts for cover, by the station that is first due there; 1,000 where nothing is said."""

    def __post_init__(self) -> None:
        # As of a plan: a default must be the one object that the encoder knows.
        if self.at_rest_gain_ppm == AT_REST_GAIN_PPM:
            msgspec.structs.force_setattr(self, "at_rest_gain_ppm", AT_REST_GAIN_PPM)
        if self.price_ppm_per_min == PRICE_PPM_PER_MIN:
            msgspec.structs.force_setattr(self, "price_ppm_per_min", PRICE_PPM_PER_MIN)


DEFAULT_COVER = CoverRules()

ROAD_TIME_POLICY = "road-time"


class ResponsePlan(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All rules of one centre."""

    name: str
    priorities: tuple[str, ...]
    """Most urgent first."""
    incident_types: tuple[IncidentType, ...]
    cards: tuple[Card, ...]
    diverts: tuple[DivertRule, ...] = ()
    turnouts: tuple[Turnout, ...] = ()
    station_orders: tuple[StationOrder, ...] = ()
    own_agency: str = ""
    policy: str = ROAD_TIME_POLICY
    """How the engine ranks for this centre; one of ``core/engine/policies.py``."""
    spans: Spans = DEFAULT_SPANS
    urgent: tuple[str, ...] = ()
    """Priorities that are driven to with lights. They get the nearest; cover is spared only by answers to the others. Empty = all are."""
    cover: CoverRules = DEFAULT_COVER
    aids: tuple[Aid, ...] = ()

    def __post_init__(self) -> None:
        # The encoder knows a default by identity, not by value. Equal plans must have equal bytes, hence one version.
        if self.policy == ROAD_TIME_POLICY:
            msgspec.structs.force_setattr(self, "policy", ROAD_TIME_POLICY)
        if self.spans == DEFAULT_SPANS:
            msgspec.structs.force_setattr(self, "spans", DEFAULT_SPANS)
        if self.cover == DEFAULT_COVER:
            msgspec.structs.force_setattr(self, "cover", DEFAULT_COVER)

    def is_urgent(self, priority: str) -> bool:
        """Whether an incident of this priority gets the nearest, whatever that does to the cover of others."""
        return not self.urgent or priority in self.urgent

    def version(self) -> str:
        """First twelve hexadecimal digits of the SHA-256 of the plan's canonical bytes."""
        return digest(self)[:12]


class AdoptPlan(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, forbid_unknown_fields=True):
    """Put a response plan into force."""

    plan: ResponsePlan


class PlanAdopted(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The plan is in force."""

    plan: ResponsePlan
    version: str
