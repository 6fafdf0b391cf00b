"""What ``lab.toml`` can lay over a city: crews' hours, lent units, rates by hour, what goes wrong, and when. One struct for each table."""

from typing import Final, Literal

import msgspec

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Numbers = tuple[float, ...]
Names = tuple[str, ...]
Point = tuple[float, float]


class Lasts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long something takes."""

    mean_s: float
    law: Literal["fixed", "exponential", "lognormal", "gamma", "observed"] = "fixed"
    spread: float = 0.0
    """lognormal: sigma of the logarithm; gamma: shape."""
    values_s: Numbers = ()
    """observed: one of these, with equal chances."""


class Shift(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours in which units are on duty; several of them add up. Units that no shift names are always on duty."""

    units: Names
    begins: int
    until: int
    days: tuple[Day, ...] = DAYS


class Break(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Meals and rest."""

    units: Names
    begins: int
    until: int
    days: tuple[Day, ...] = DAYS
    minutes: int = 0
    """0 = the whole window."""


class UnitLaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One more unit, or other qualities of one that there is."""

    name: str
    station: str = ""
    kind: str = ""
    capabilities: Names | None = None
    crew: str | None = None
    """Units of one crew have one job among them."""


class MutualAid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Units that belong to others."""

    units: Names
    offset_s: float = 0.0
    cost_s: float = 0.0


class Bays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many patients a hospital takes over at the same time."""

    hospital: str
    bays: int


class TurnoutLaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From being told to rolling."""

    kind: str = "*"
    at_station: Lasts = Lasts(0.0)
    on_road: Lasts = Lasts(0.0)


class PriorityLaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another target, or other driving."""

    name: str
    target_s: float | None = None
    is_urgent: bool | None = None


class CallsLaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of call: one that there is, or one more."""

    name: str
    priority: str = ""
    per_day: float | None = None
    per_hour: Numbers | None = None
    """24 numbers, or 168 from Monday 00:00 on."""
    needs: tuple[Names, ...] | None = None
    """Units wanted, each by what it must be able to do."""
    on_scene: Lasts | None = None
    transport: float | None = None
    handover: Lasts | None = None
    second_report: float | None = None
    areas: dict[str, float] = {}
    """Times as many calls of this kind from the places of an area."""


class AreaLaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Times as many calls of every kind from one area."""

    name: str
    times: float


class SurgeLaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many calls at once around one place."""

    calls: int
    kind: str
    day: int = 1
    at: int = 0
    within_min: float = 10.0
    station: str = ""
    point: Point | None = None


What = Literal["station_lost", "unit_lost", "radio_lost", "slower", "closed_road"]


class HappeningLaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something goes wrong."""

    what: What
    day: int = 1
    at: int = 0
    hours: float | None = None
    """None = for good."""
    station: str = ""
    unit: str = ""
    times: float = 0.0
    """slower: 1.3 = drives take 30 % longer."""
    line: tuple[Point, ...] = ()
    """closed_road: every street that it crosses."""
    points: tuple[Point, ...] = ()
    """closed_road: the street nearest to each."""


class PostingLaid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where units should wait while so many are free."""

    free: int
    stations: Names


class Compliance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For the policy of that name."""

    table: tuple[PostingLaid, ...]
    needs: str = ""


class LabFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that can be laid over a city."""

    sources: Names = ()
    """Whose data the city is made of, in the place of what is known of it."""
    data_to: str = ""
    """Up to when they were gathered."""
    call_takers: int | None = None
    call_taking: Lasts | None = None
    travel_spread: float | None = None
    travel_times: Numbers | None = None
    """Times as long as drives take by hour: 24 numbers, or 168 from Monday 00:00 on."""
    wrong_priority: float | None = None
    unit: tuple[UnitLaid, ...] = ()
    shift: tuple[Shift, ...] = ()
    rest: tuple[Break, ...] = ()
    mutual_aid: tuple[MutualAid, ...] = ()
    hospital_bays: tuple[Bays, ...] = ()
    turnout: tuple[TurnoutLaid, ...] = ()
    priority: tuple[PriorityLaid, ...] = ()
    calls: tuple[CallsLaid, ...] = ()
    area: tuple[AreaLaid, ...] = ()
    surge: tuple[SurgeLaid, ...] = ()
    happening: tuple[HappeningLaid, ...] = ()
    compliance: Compliance | None = None


NOTHING_LAID = LabFile()
