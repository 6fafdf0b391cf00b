"""Policies: how a unit's way to the incident counts. Named and versioned, because the name stands in every receipt.

A policy never filters by capability and never fills slots; ``recommend.py`` does that the same way for all of them.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

from tocsin.base.quantities import Millis
from tocsin.core.messages.facts import UnitRoad
from tocsin.core.messages.refusal import Refused

STRAIGHT_M_PER_S = 8.9
"""20 mph: the speed that straight-line systems commonly assume when they turn a length into a time. Only differences matter here."""


Preserving = Literal["nobody", "not_urgent", "everybody"]
"""For which incidents cover counts before travel among the units that are in time."""

Returning = Literal["home", "dmexclp", "compliance", "look-ahead"]
"""Where a unit that has become free goes: to its own station; where it adds most cover; where the compliance table wants one; the best of
the few where it adds most cover, by short futures that the lab plays. At a desk, where none are played, the last advises by cover."""


WHOLE_PERMILLE = 1000
SURE_PERMILLE = 500
"""Of what is left of the target: a unit that is there within it is in time even when much goes slower than reckoned. Found by simulation
(decision 0020): nearly all that sparing cover wins for urgent calls stays, and what it made late of the others does not."""

UNSPARED_PPB = 1 << 35
"""More than all models together can lose: what a unit counts as losing that would be in time, but not surely enough to spare cover."""


class Policy(NamedTuple):
    """``travel_ms`` gives the time that a unit's way counts for; None = it cannot be ranked."""

    name: str
    version: str
    travel_ms: Callable[[UnitRoad], Millis | None]
    may_divert: bool
    is_by_road: bool = True
    """Whether ``travel_ms`` is the road time: only then does what was learned beside it belong to the ETA."""
    preserves: Preserving = "nobody"
    returns: Returning = "home"
    sure_permille: int = WHOLE_PERMILLE
    """Share of what is left of the target within which a unit must be there to be sent in the place of a nearer one."""
    is_explained: bool = True
    """Whether receipts give reasons. Those that were written before there were reasons must stay as they are, byte for byte."""

    def is_about_cover(self) -> bool:
        """Whether it weighs cover anywhere: then receipts say what happens to it."""
        return self.preserves != "nobody" or self.returns in ("dmexclp", "look-ahead")

    def weighs_cover(self, *, is_urgent: bool) -> bool:
        """Whether cover lost counts before travel, for an incident of this urgency."""
        return self.preserves == "everybody" or (self.preserves == "not_urgent" and not is_urgent)

    def sure_ms(self, target_ms: int | None) -> Millis | None:
        """The same in milliseconds; None without a target."""
        return None if target_ms is None else Millis(target_ms * self.sure_permille // WHOLE_PERMILLE)


class Weight(NamedTuple):
    """How an option compares with others; the least wins. Late before cover lost before travel."""

    is_late: bool
    loss_ppb: int
    travel_ms: int


def weigh(travel_ms: int, loss_ppb: int, target_ms: int | None, *, sure_ms: int | None) -> Weight:
    """One unit's weight for one incident. Cover is spared only by units that are surely in time, among the others the nearest goes;
    without a target nobody is known to be in time. ``sure_ms``: travel up to which one is; None = cover is not weighed."""
    if target_ms is None:
        return Weight(False, 0, travel_ms)
    if sure_ms is None or travel_ms > target_ms:
        return Weight(travel_ms > target_ms, 0, travel_ms)
    return Weight(False, loss_ppb if travel_ms <= sure_ms else UNSPARED_PPB, travel_ms)


def _by_road(road: UnitRoad) -> Millis | None:
    return road.road_ms


def _by_crow(road: UnitRoad) -> Millis | None:
    return Millis(round(road.straight_m / STRAIGHT_M_PER_S * 1000))


ROAD_TIME = "road-time"
"""The default."""

POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(ROAD_TIME, "1", _by_road, may_divert=True, is_explained=False),
        # The same without the divert table: what the table is worth is the difference between these two.
        Policy("road-time-no-divert", "1", _by_road, may_divert=False, is_explained=False),
        # How systems without a road network rank; here so that it can be compared, not as advice.
        Policy("straight-line", "1", _by_crow, may_divert=False, is_by_road=False, is_explained=False),
        # The baseline of every comparison: nearest by road time, nobody diverted, everybody goes home.
        Policy("closest", "1", _by_road, may_divert=False),
        Policy("preserve", "1", _by_road, may_divert=True, preserves="not_urgent", sure_permille=SURE_PERMILLE),
        Policy("move-up", "1", _by_road, may_divert=True, returns="dmexclp"),
        Policy("compliance", "1", _by_road, may_divert=True, preserves="not_urgent", returns="compliance", sure_permille=SURE_PERMILLE),
        # As it was published: whoever is in time by the mean may be sent in the place of the nearest.
        Policy("dmexclp", "1", _by_road, may_divert=True, preserves="everybody", returns="dmexclp"),
        # Advised where a centre's cover is known: urgent ones get the nearest, the others one that is surely in time and missed least.
        Policy("default", "1", _by_road, may_divert=True, preserves="not_urgent", returns="dmexclp", sure_permille=SURE_PERMILLE),
        Policy("look-ahead", "1", _by_road, may_divert=True, preserves="not_urgent", returns="look-ahead", sure_permille=SURE_PERMILLE),
    )
}


def get_policy(name: str) -> Policy:
    """Raises Refused PolicyUnknown."""
    policy = POLICIES.get(name)
    if policy is None:
        raise Refused("PolicyUnknown", "policy", policy=name, known=", ".join(POLICIES))
    return policy
