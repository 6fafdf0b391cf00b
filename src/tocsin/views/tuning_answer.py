"""What tuning answers: settings of move-ups for one city, what was tried for them, and how they do on calls that nobody tuned on."""

from typing import Literal

import msgspec

from tocsin.views.experiment_answer import CompareAnswer, Partial

Verdict = Literal["kept", "not_settled", "no_gain", "not_judged"]


class Try(msgspec.Struct, frozen=True, omit_defaults=True):
    """One setting on the calls that are tuned on."""

    price_ppm_per_min: int
    gain_points: float
    """Fewer high calls late than with the base, in percentage points."""
    worst_points: float
    """Rise of the late share in the area that became worst; negative = every area became better."""
    driving_more: float
    """Return driving less the base's, as a share of it."""
    holds: bool
    """Neither guard nor cap is broken."""


class TuneAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The settings, and their judgement."""

    price_ppm_per_min: int
    """For ``cover.price_ppm_per_min`` of a response plan."""
    area_permille: dict[str, int]
    """For ``cover.area_permille``: how much an area's demand counts for cover; those at 1,000 are left out."""
    holds: bool
    """On the calls tuned on. False = nothing that was tried keeps guard and cap; these settings come nearest."""
    guard_points: float | None
    driving_cap: float | None
    tries: tuple[Try, ...]
    """In the order in which they were tried: the frontier between gain, worst area and driving."""
    verdict: Verdict
    """``no_gain``: on fresh calls no gain of the untuned policy is shown, so there is nothing to keep. ``not_settled``: none of the tuned
    one is, or there is but one replication: how much stays is open. ``not_judged``: stopped before."""
    kept: float | None
    """Share of the untuned policy's gain in high lateness that stays, on fresh calls; None unless ``verdict`` is ``kept``."""
    kept_half_width: float | None
    """Of its 95 % interval."""
    judged: CompareAnswer | None
    """The base, ``default`` as it is, and ``tuned``, on fresh calls; None = stopped before."""
    city: str
    file: str | None = None
    """Where the settings were written; never where a person stopped it."""
    partial: Partial | None = None
    """``cancelled`` with ``at``: tuning, judging; or why judging ended before its end."""
