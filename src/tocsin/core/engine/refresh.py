"""When a recommendation that nobody has acted on is worth asking for again because units have moved since."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.recommendation import Candidate, Receipt

LEAST_APART_MS: Final = Millis(20_000)
"""Between two recommendations of one incident: a list that changes under the eyes is no help."""

FEW: Final = 6
"""Candidates beside the chosen that are looked at: one who was far behind does not come first by 200 m."""

MOVED_M: Final = Metres(200.0)
STALE_MS: Final = Millis(600_000)
"""Older, a reported position is no ground for a recommendation (console note, rule 16)."""


class LastPlace(NamedTuple):
    """Where a unit last said that it was."""

    place: LonLat
    at: Instant


class Basis(NamedTuple):
    """What a recommendation rested on."""

    at: Instant
    """When it was asked for."""
    places: dict[UnitId, LonLat]
    """Of the chosen and of the few next best: where they were taken to be."""
    reporting: frozenset[UnitId]
    """Those of them that were where they said they were."""


def basis_of(receipt: Receipt, facts: Facts, at: Instant) -> Basis:
    """The basis of a recommendation, from its receipt and the facts that were recorded with the question."""
    near = sorted((one for one in receipt.candidates if _may_be_chosen(one)), key=lambda one: (one.eta_ms or 0, one.unit))
    chosen = [pick.unit for pick in receipt.picks]
    behind = [one.unit for one in near if one.unit not in chosen]
    looked_at = [unit for unit in dict.fromkeys((*chosen, *behind[:FEW])) if unit in facts.roads]
    places = {unit: facts.roads[unit].place for unit in looked_at}
    return Basis(at, places, frozenset(unit for unit in looked_at if facts.roads[unit].source == "reported"))


def _may_be_chosen(one: Candidate) -> bool:
    return one.eta_ms is not None and one.standing in ("free", "returning", "divertible")


def should_ask_again(basis: Basis, last: Mapping[UnitId, LastPlace], now: Instant) -> bool:
    """Whether some unit that matters has moved by more than ``MOVED_M``, or has fallen silent. For incidents that wait for a decision.

    ``last``: the last reported place of whoever reports.
    """
    if span_ms(start=basis.at, end=now) < LEAST_APART_MS:
        return False
    return any(_is_elsewhere(place, last.get(unit), now, was_told=unit in basis.reporting) for unit, place in basis.places.items())


def _is_elsewhere(place: LonLat, told: LastPlace | None, now: Instant, *, was_told: bool) -> bool:
    if told is None or span_ms(start=told.at, end=now) > STALE_MS:
        return was_told
    return flat_distance_m(start=place, end=told.place) > MOVED_M
