"""The city that experiments run on. Everything random is drawn from it, nothing random is in it.

Places are a few hundred to a few thousand points of the road network: where people call from, stations, hospitals, and points between, so
that a unit under way is always near one. Instants are whole milliseconds since the run's first instant (a Monday, 00:00 local time).
"""

from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.core.messages.plan import Posting, Slot

Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
Shorts = NDArray[np.int16]
Floats = NDArray[np.float64]

HOURS_PER_WEEK = 168
WEEK_MS = 604_800_000
NO_WAY_MS = -1


class Roads(NamedTuple):
    """Drives between all places (from, to). ``…_via``: the next place on the way there; the end itself where none lies between."""

    lights_ms: Ints
    """With lights and sirens; -1 = no way."""
    normal_ms: Ints
    lights_via: Shorts
    normal_via: Shorts


class Span(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long something takes: a distribution with its mean."""

    mean_ms: int
    law: Literal["fixed", "exponential", "lognormal", "gamma", "observed"] = "fixed"
    spread: float = 0.0
    """lognormal: sigma of the logarithm; gamma: shape."""
    values_ms: tuple[int, ...] = ()
    """observed: drawn from these with equal chances."""


class PriorityClass(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One priority, in the order of urgency."""

    name: str
    target_ms: int
    """From the call to the first unit on scene; later is late."""
    is_urgent: bool = True
    """Driven to with lights, counted as high, never served by a unit that was chosen to spare cover."""


class CallKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people call about: how often, where, and what it takes."""

    name: str
    priority: int
    """Index into ``City.priorities``."""
    per_hour: tuple[float, ...]
    """Mean calls by hour of the week, 168 numbers from Monday 00:00 local time."""
    places: int = 0
    """Row of ``City.place_weights`` that its calls are drawn from."""
    slots: tuple[Slot, ...] = ()
    """Units wanted; none = one unit of any kind."""
    on_scene: Span = Span(900_000, "exponential")
    """Of each unit."""
    transport_ppm: int = 0
    """Chance that a patient is driven to a hospital, by the first unit that can (capability ``transport``, or any where none has it)."""
    handover: Span = Span(0)
    """At the hospital, once there is a bay."""
    second_report_ppm: int = 0
    """Chance that somebody else reports the same thing (chain of further reports: again with the same chance)."""


class StationSite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where units wait."""

    name: str
    place: int
    is_open: bool = True


class HospitalSite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where patients are driven."""

    name: str
    place: int
    bays: int = 0
    """Handovers at the same time; 0 = no limit. Those beyond wait, first come first served."""


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of every week, in minutes from Monday 00:00 local time; over the week's end where ``until`` is less than ``begins``."""

    begins: int
    until: int


class CrewedUnit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One unit. Units that share a crew have one job among them."""

    name: str
    station: int
    """Index into ``City.stations``."""
    kind: str = "ambulance"
    capabilities: tuple[str, ...] = ()
    """Beside its kind."""
    crew: str = ""
    """Empty = its own."""
    shifts: tuple[Window, ...] = ()
    """When it is on duty; none = always. A job in hand is finished: the overrun is counted."""
    breaks: tuple[Window, ...] = ()
    """Meals and rest: taken at a station, late if a job is in hand, and given up only for an urgent call."""
    break_ms: int = 0
    """How long a break lasts; 0 = the whole window."""
    is_outside: bool = False
    """Mutual aid: sent only where an agreement lets it be, and released first."""
    offset_ms: int = 0
    """What its agreement adds before it rolls."""
    cost_ms: int = 0
    """How many milliseconds sooner it must be than one's own."""


class Turnout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From being told to rolling, of one kind of unit. The dispatcher knows the means only."""

    kind: str = "*"
    at_station: Span = Span(0)
    on_road: Span = Span(0)


class Divert(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A unit driving to priority ``lower`` may be taken for ``higher`` (indices)."""

    lower: int
    higher: int
    least_gain_ms: int = 120_000
    not_within_ms: int = 60_000


class Happening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that goes wrong for a while, or for good."""

    what: Literal["station_lost", "unit_lost", "radio_lost", "other_roads", "slower"]
    """``radio_lost``: units under way stand, for the dispatcher, where they reported last. ``other_roads``: closures, as tables."""
    begins_ms: int
    until_ms: int
    subject: int = 0
    """Index of the station, the unit or of ``City.other_roads``; ``slower``: parts per million of the drives (1,300,000 = 30 % longer)."""


class Surge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many calls at once around one place: a forty-casualty crash."""

    begins_ms: int
    within_ms: int
    kind: int
    calls: int
    place: int


class City(NamedTuple):
    """Everything that is known before a run."""

    name: str
    timezone: str
    place_lon: Floats
    place_lat: Floats
    place_area: Shorts
    """Index into ``areas``: of the station that is first due."""
    areas: tuple[str, ...]
    roads: Roads
    place_weights: Floats
    """Rows of weights by place, each adding up to 1."""
    priorities: tuple[PriorityClass, ...]
    kinds: tuple[CallKind, ...]
    stations: tuple[StationSite, ...]
    hospitals: tuple[HospitalSite, ...]
    units: tuple[CrewedUnit, ...]
    turnouts: tuple[Turnout, ...] = ()
    diverts: tuple[Divert, ...] = ()
    call_taking: Span = Span(0)
    """From the call's arrival at a free call-taker to units being told: JEMSS's dispatch delay."""
    call_takers: int = 0
    """0 = nobody ever waits for one."""
    travel_spread: float = 0.0
    """Sigma of the log-normal factor on each call's drives, of mean 1; the dispatcher does not know it."""
    travel_ppm: tuple[int, ...] = ()
    """By hour of the week: how long drives take against ``roads``; empty = always 1,000,000."""
    other_roads: tuple[Roads, ...] = ()
    happenings: tuple[Happening, ...] = ()
    surges: tuple[Surge, ...] = ()
    wrong_priority_ppm: int = 0
    """Chance that the dispatcher is told the next priority above or below the true one."""
    postings: tuple[Posting, ...] = ()
    """Compliance table, by the stations' names: where units should wait while so many are free. For policies that go by one."""
    posting_needs: str = ""
    """Capability (or kind) that a unit must have to count in that table; empty = all count."""
    target_from: tuple[str, ...] = ()
    """By priority, where its target is from: ``plan`` (its cards), ``lab`` (lab.toml, or what stands in its place), ``city`` (parameters
    that came with it), ``log`` (as responses were), ``default``. Empty = ``city`` for all."""
    sources: tuple[str, ...] = ()
    """Whose data it is made of: attributions and licences, to be shown with every result."""
    data_to: str = ""
    """Up to when they were gathered, as their files say; empty = they do not."""
    remarks: tuple[tuple[str, tuple[tuple[str, object], ...]], ...] = ()
    """What was assumed or left out in making it: codes ``lab.remark.<code>`` with their values, to be said with every result."""
    digest: str = ""
    """SHA-256 of its content: experiments quote it."""

    @property
    def places(self) -> int:
        """How many places."""
        return len(self.place_lon)
