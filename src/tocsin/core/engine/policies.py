"""Policies: how a unit's way to the incident counts. Named and versioned, because the name stands in every receipt.

A policy never filters by capability and never fills slots; ``recommend.py`` does that the same way for all of them.
"""

from collections.abc import Callable
from typing import NamedTuple

from tocsin.base.quantities import Millis
from tocsin.core.messages.facts import UnitRoad
from tocsin.core.messages.refusal import Refused

STRAIGHT_M_PER_S = 8.9
"""20 mph: the speed that straight-line systems commonly assume when they turn a length into a time. Only differences matter here."""


class Policy(NamedTuple):
    """``travel_ms`` gives the time that a unit's way counts for; None = it cannot be ranked."""

    name: str
    version: str
    travel_ms: Callable[[UnitRoad], Millis | None]
    may_divert: bool
    is_by_road: bool = True
    """Whether ``travel_ms`` is the road time: only then does what was learned beside it belong to the ETA."""


def _by_road(road: UnitRoad) -> Millis | None:
    return road.road_ms


def _by_crow(road: UnitRoad) -> Millis | None:
    return Millis(round(road.straight_m / STRAIGHT_M_PER_S * 1000))


ROAD_TIME = "road-time"
"""The default."""

POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        Policy(ROAD_TIME, "1", _by_road, may_divert=True),
        # The same without the divert table: what the table is worth is the difference between these two.
        Policy("road-time-no-divert", "1", _by_road, may_divert=False),
        # How systems without a road network rank; here so that it can be compared, not as advice.
        Policy("straight-line", "1", _by_crow, may_divert=False, is_by_road=False),
    )
}


def get_policy(name: str) -> Policy:
    """Raises Refused PolicyUnknown."""
    policy = POLICIES.get(name)
    if policy is None:
        raise Refused("PolicyUnknown", "policy", policy=name, known=", ".join(POLICIES))
    return policy
