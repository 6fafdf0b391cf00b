"""What an experiment answers: the same structs for JSON, the terminal and the page.

Counts (``n``, ``late``, ``calls``) are sums over all replications. Shares, means and percentiles are means of the replications' own
figures, and ``half_widths`` holds the half-widths of their 95 % intervals (Student t) under the same names; None where one replication
gives none. "High" are calls of urgent priorities; of all priorities in a city that has none that is urgent. Shares are of 1, times in
seconds.
"""

import msgspec

Halves = dict[str, float]
"""Figure's name → half-width of its 95 % interval."""


class Group(msgspec.Struct, frozen=True, omit_defaults=True):
    """Calls that belong together: an area, a priority, all that are high."""

    n: int
    """Calls that were reached, or that were late when the run ended."""
    late: int
    """How many of them were later than their priority's target: a count."""
    late_share: float | None = None
    """The same as a share; None where there was no call."""
    mean_s: float | None = None
    """Mean response, from the call's arrival to the first unit on scene."""
    p90_s: float | None = None
    """Nine of ten responses took no longer."""
    half_widths: Halves | None = None


class UnitLoad(msgspec.Struct, frozen=True, omit_defaults=True):
    """One unit, mean of a replication; the warm-up is in it."""

    utilisation: float
    """Share of its hours on duty with a job in hand."""
    return_h: float
    """Hours of driving without a job."""
    moves: float
    """Times sent to another station than its own."""
    overrun_h: float = 0.0
    """Hours at work after its shift's end."""


class Remark(msgspec.Struct, frozen=True):
    """What was assumed: the sentence is ``lab.remark.<code>`` with these values."""

    code: str
    values: dict[str, str] = {}


class Partial(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why an experiment ended before its end. ``code``: cancelled, overload, policy_failed, workers_lost."""

    code: str
    values: dict[str, str] = {}
    """overload: ``at_day``, ``waiting``, ``bearable_load``; policy_failed: ``policy``, ``replication``, ``why``."""


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one policy did on one city."""

    policy: str
    policy_version: str
    replications: int
    """Those that are in the figures."""
    calls: int
    """Calls within the measured days, over all replications."""
    mean_response_s: float | None
    high: Group
    floor_late_share: float
    """Share of the high calls that came which would have been late with a unit waiting at every open station."""
    avoidable_late_share: float | None
    """Late share of the high ones above that floor; below 0 (with the remark ``below_floor``) where units that were on the road reached
    calls in time that no station does."""
    areas: dict[str, Group]
    """High calls by area (first-due station)."""
    priorities: dict[str, Group]
    """All calls by true priority."""
    low: Group
    """Calls that are not high: what sparing cover costs, they pay."""
    utilisation: float
    """Share of all units' hours on duty with a job in hand; the warm-up is in it, as in what follows."""
    return_min_per_call: float | None
    """Driving without a job, minutes per call: the price of moving up."""
    moves_per_unit_h: float
    """Times that a unit was sent to another station than its own, per hour on duty."""
    diverted_per_day: float
    unreached: int
    """Calls that nobody had reached when the run ended."""
    longest_queue: int
    """Most calls that waited at once, in any replication."""
    worst_area: str | None
    """Area with the greatest late share, over all replications together."""
    worst_area_late_share: float | None
    spread: float | None
    """Late share of the worst area less that of the best, of the calls of all replications together."""
    high_by_minute: tuple[int, ...] = ()
    """High calls by whole minutes of response, 0 … 59 and all longer ones."""
    hours_n: tuple[int, ...] = ()
    """High calls by hour of the day (24)."""
    hours_late: tuple[int, ...] = ()
    """Of them late."""
    units: dict[str, UnitLoad] = {}
    half_widths: Halves | None = None
    """mean_response_s, avoidable_late_share, floor_late_share, utilisation, return_min_per_call, moves_per_unit_h, spread."""
    overloaded: tuple[int, ...] = ()
    """Replications in these figures that were stopped because the queue grew without end: times are of the calls that were reached until
    then, late are those reached too late and those that had waited beyond their target."""


class Target(msgspec.Struct, frozen=True):
    """What a priority's responses are held against."""

    priority: str
    target_s: float
    """From the call's arrival to the first unit on scene; later is late."""
    is_high: bool
    """Whether its calls are counted as high."""
    source: str
    """plan (the shortest of its cards), lab (lab.toml or --scenario), city (parameters that came with the city), log (nine of ten
    responses of the journal), default (nobody stated one)."""


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """The experiment: enough to run it again to the last byte."""

    city: str
    city_digest: str
    days: float
    load: float
    seed: int
    replications: int
    warm_up_days: float
    """Calls of these first days are in no figure."""


class SimulateAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``tocsin simulate``: the issue's fields stand at the top, everything else beside them."""

    calls: int
    replications: int
    policy: str
    seed: int
    mean_response_s: float | None
    high: Group
    areas: dict[str, Group]
    utilisation: float
    journal_head: str | None
    """Hash of the last entry of replication 1's journal; None = no journal was made of it, ``journal_remark`` says why."""
    figures: Figures
    asked: Asked
    half_widths: Halves | None = None
    journal_remark: Remark | None = None
    journal_agrees: bool | None = None
    """Whether the real desk, which wrote that journal, reached every call in the millisecond in which the engine of the figures did."""
    journal: str | None = None
    """File of the journal, if one was wanted."""
    remarks: tuple[Remark, ...] = ()
    partial: Partial | None = None
    targets: tuple[Target, ...] = ()


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """A policy less the base, over pairs of replications that had the same calls."""

    mean: float
    half_width: float | None
    """None with one pair."""
    is_shown: bool
    """0 lies outside the interval. False = no difference shown."""
    relative: float | None = None
    """``mean`` as a share of the base's mean; None where that is not above 0."""
    relative_half_width: float | None = None
    pairs: int = 0


class Guard(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether no area became worse than it may."""

    points: float
    """An area's late share may rise by so many percentage points."""
    is_kept: bool
    """On the means: no area is worse by more."""
    broken_by: tuple[str, ...] = ()
    """Areas that are."""
    open_areas: tuple[str, ...] = ()
    """Areas whose interval reaches beyond the guard though their mean does not: more replications would tell."""


class Fairness(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a policy does to areas, against the base."""

    areas: dict[str, Difference]
    """Late share of high calls by area."""
    p90_s: dict[str, Difference]
    worse: tuple[str, ...]
    """Areas at least ``points`` percentage points worse, the worst first."""
    better: tuple[str, ...]
    worst_area: str | None
    worst_area_change: Difference | None
    """The worst area's late share here less the worst area's there: perhaps two areas."""
    spread_change: Difference | None
    points: float = 0.5
    guard: Guard | None = None


class Against(msgspec.Struct, frozen=True, omit_defaults=True):
    """One policy against the base."""

    policy: str
    measures: dict[str, Difference]
    """high_late_share, high_avoidable_late_share, high_mean_s, high_p90_s, mean_response_s, low_mean_s, low_late_share, utilisation,
    return_min_per_call, moves_per_unit_h, spread; without those that there is nothing of."""
    fairness: Fairness


class InWorld(msgspec.Struct, frozen=True, omit_defaults=True):
    """The same comparison where something is otherwise than in the city as it is."""

    world: str
    """as_is, demand, drives, station_closed, radio_lost, wrong_priorities."""
    replications: int
    """Pairs in the figures; 0 = not even one was lived through, ``partial`` says why."""
    late_share: float | None = None
    """High calls that the base has late there."""
    changes: dict[str, dict[str, Difference]] = {}
    """By policy other than the base: high_late_share, high_avoidable_late_share, high_mean_s."""
    values: dict[str, str] = {}
    """demand, drives: ``percent``, with its sign; station_closed: ``station``; wrong_priorities: ``percent``."""
    partial: Partial | None = None


class Spread(msgspec.Struct, frozen=True, omit_defaults=True):
    """How much the gain of one policy hangs on the world: the change of its late share of high calls against the base."""

    policy: str
    most: float
    """Of the world where it gains most: the least mean change."""
    least: float
    """Of the worst world."""
    worst: int
    """Index of that one in ``Stress.worlds``."""
    gains: int
    """Worlds in which fewer are shown to be late."""
    loses: int
    """Worlds in which more are."""
    of: int
    """Worlds that have figures."""


class Stress(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a gain stands when the city is not quite what it is taken for."""

    worlds: tuple[InWorld, ...]
    """The first is the city as it is."""
    spreads: tuple[Spread, ...]
    """Of every policy but the base."""


class CompareAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """``tocsin compare``: each policy against the first."""

    base: str
    replications: int
    """Pairs that are in the figures."""
    policies: dict[str, Figures]
    """In the order asked for; the first is the base."""
    differences: tuple[Against, ...]
    """All but the base."""
    asked: Asked
    remarks: tuple[Remark, ...] = ()
    partial: Partial | None = None
    stress: Stress | None = None
    """Where it was asked for."""
    targets: tuple[Target, ...] = ()
    """By priority, the most urgent first."""


class Dot(msgspec.Struct, frozen=True, array_like=True):
    """Somewhere on the map."""

    lon: float
    lat: float
    area: int
    """Index into ``CityMap.areas``."""
    weight: float = 0.0
    """Share of all demand."""


class Pin(msgspec.Struct, frozen=True):
    """A station or a hospital."""

    name: str
    lon: float
    lat: float
    is_open: bool = True
    units: int = 0


class CityMap(msgspec.Struct, frozen=True):
    """Where everything is: for the page, not part of the JSON answer."""

    name: str
    areas: tuple[str, ...]
    places: tuple[Dot, ...]
    stations: tuple[Pin, ...]
    hospitals: tuple[Pin, ...]
