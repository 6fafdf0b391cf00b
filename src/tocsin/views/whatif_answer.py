"""What ``tocsin whatif`` answers: the same structs for JSON, the terminal and the page. Shares are of 1, times in seconds."""

from typing import Literal

import msgspec

from tocsin.views.experiment_answer import Partial

Verdict = Literal["good", "fair", "poor", "few"]
TargetSource = Literal["asked", "lab", "plan", "log", "default"]
"""Asked for on the command line; the centre's ``lab.toml``; the plan's cards; what nine of ten calls of the log had; nobody: 20 minutes."""


class Remark(msgspec.Struct, frozen=True):
    """What was assumed: the sentence is ``lab.whatif.remark.<code>`` with these values."""

    code: str
    values: dict[str, str] = {}


class Between(msgspec.Struct, frozen=True):
    """Changed less as it was, call by call."""

    mean: float
    low: float | None = None
    """95 % of the resampled logs lie above; None where the log is too short to resample."""
    high: float | None = None
    is_shown: bool = False
    """0 lies outside. False = no difference shown."""
    is_few: bool = False
    """Too few calls, or on too few days, to say between what; the figures of the interval mean nothing then."""


class Side(msgspec.Struct, frozen=True):
    """One way of living the log."""

    mean_s: float
    p50_s: float
    p90_s: float
    late_share: float


class Group(msgspec.Struct, frozen=True):
    """Calls that belong together."""

    n: int
    base: Side
    changed: Side
    mean_s: Between
    late_share: Between
    p90_s: Between | None = None
    """For all calls and by priority."""


class Fit(msgspec.Struct, frozen=True):
    """The log as it was, beside the log as it is lived again without a change."""

    n: int
    real_mean_s: float
    relived_mean_s: float
    real_p50_s: float
    relived_p50_s: float
    real_p90_s: float
    relived_p90_s: float
    correlation: float | None
    """Of the calls' responses, real and lived again."""
    verdict: Verdict
    """By the greater of the errors of median and 90th percentile: up to 10 % good, up to 25 % fair. ``few``: too few calls to judge by."""


class KindLoad(msgspec.Struct, frozen=True):
    """Share of the hours on duty with a job in hand, of one kind of unit."""

    units_base: int
    units_changed: int
    base: float
    changed: float


class CallTold(msgspec.Struct, frozen=True):
    """One call that fares otherwise. The mean of all replications."""

    incident: str
    at: str
    """Local time."""
    incident_type: str
    priority: str
    area: str
    base_s: float
    changed_s: float


class StationTold(msgspec.Struct, frozen=True):
    """A station that is closed, or at which other units wait than before."""

    is_closed: bool
    units_base: tuple[str, ...]
    units_changed: tuple[str, ...]
    posted: tuple[str, ...]
    """Units without a station of their own that wait near it, before and after."""
    areas: tuple[str, ...]
    """Those that it serves: as it was it is the nearest staffed station to a third of their calls and more, or to most of its own."""
    around: Group | None
    """Measured calls that it was the nearest staffed station to; None where there is none."""


class WhatifAnswer(msgspec.Struct, frozen=True):
    """A log lived twice."""

    centre: str
    journal_head: str
    policy_base: str
    policy_changed: str
    changes: tuple[Remark, ...]
    """Sentences ``lab.whatif.change.<code>``."""
    seed: int
    replications: int
    """Those that are in the figures."""
    replications_asked: int
    calls: int
    """Lived again, of ``incidents``."""
    incidents: int
    measured: int
    """Calls that somebody reached in the log and in every run: the figures are theirs."""
    resampled: str
    """``days``, ``hours`` or empty: what was drawn again for the intervals."""
    targets_s: dict[str, float]
    """By priority, from the call's arrival."""
    targets_source: dict[str, TargetSource]
    """By priority: where its target is from."""
    fit: dict[str, Fit]
    """``all`` and by priority."""
    every: Group
    priorities: dict[str, Group]
    areas: dict[str, Group]
    """Those that lose beyond chance first, then by what they lose; those that gain beyond chance last."""
    stations: dict[str, StationTold]
    """Stations that the changes touch."""
    kinds: dict[str, KindLoad]
    unreached_base: int
    """Mean of the replications: calls that nobody ever reached."""
    unreached_changed: int
    newly_unreached: dict[str, int]
    """By area: calls that somebody reached as it was and nobody reaches with the changes, in a replication at least: in no figure."""
    better: int
    """Calls more than a minute sooner."""
    worse: int
    best: tuple[CallTold, ...]
    worst: tuple[CallTold, ...]
    remarks: tuple[Remark, ...] = ()
    is_overloaded: bool = False
    """A queue grew without end: what came after is missing."""
    partial: Partial | None = None
    """Stopped by a person: the figures are of the replications that were whole by then."""
