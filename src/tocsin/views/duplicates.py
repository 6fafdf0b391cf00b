"""Is somebody telling of an incident that is known already? Candidates with reasons; whether they are the same a person decides."""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import IncidentId
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.core.board.incident import IncidentState

NEAR_M: Final = Metres(150.0)
"""A street block: two callers at one fire name two doors."""
SAME_TYPE_M: Final = Metres(400.0)
"""Smoke is seen, and a crash is heard, from farther away."""
RECENT_MS: Final = Millis(30 * 60_000)
MOST: Final = 8
MOST_UNCERTAIN_M: Final = Metres(2_000.0)
"""A cell's radius makes everything near everything: beyond this it says nothing."""

Why = Literal["near", "recent", "same_type"]


class Duplicate(msgspec.Struct, frozen=True):
    """An open incident that a call may be about."""

    incident: IncidentId
    distance_m: Metres
    opened: Instant
    incident_type: str
    why: tuple[Why, ...]


class Told(msgspec.Struct, frozen=True):
    """What is known of the call."""

    place: LonLat
    uncertainty_m: Metres
    incident_type: str
    """Empty = not known yet."""
    at: Instant


def duplicates(told: Told, open_incidents: Iterable[IncidentState]) -> list[Duplicate]:
    """Near and recent ones, and those of the same type a little farther off; most reasons first, then the nearest."""
    found = [one for one in (_compared(told, state) for state in open_incidents) if one is not None]
    return sorted(found, key=lambda one: (-len(one.why), one.distance_m, one.incident))[:MOST]


def _compared(told: Told, state: IncidentState) -> Duplicate | None:
    if state.place.at is None:
        return None
    away_m = flat_distance_m(start=told.place, end=state.place.at)
    near_m = max(NEAR_M, min(MOST_UNCERTAIN_M, told.uncertainty_m + (state.place.uncertainty_m or 0.0)))
    is_near = away_m <= near_m
    is_recent = abs(span_ms(start=state.opened, end=told.at)) <= RECENT_MS
    is_same = bool(told.incident_type) and told.incident_type == state.incident_type
    if not ((is_near and is_recent) or (is_same and away_m <= max(SAME_TYPE_M, near_m))):
        return None
    reasons: tuple[tuple[Why, bool], ...] = (("near", is_near), ("recent", is_recent), ("same_type", is_same))
    why = tuple(name for name, holds in reasons if holds)
    return Duplicate(state.incident, Metres(round(away_m, 1)), state.opened, state.incident_type, why)
