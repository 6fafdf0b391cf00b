"""Robustness: the same comparison in worlds that differ from the city in one thing each. Chance is the same in all, as far as it can be:
dice come from seed, replication and name, so that a call of one world is the call of another unless its rate, kind or place is changed."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
import numpy as np

from tocsin.lab.city.cover import urgent_weights
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.edit import close_station
from tocsin.lab.city.model import HOURS_PER_WEEK, City, Happening
from tocsin.views.experiment_answer import CompareAnswer, InWorld, Partial, Spread, Stress

DEMAND: Final = (20, -20)
"""Per cent."""
DRIVES: Final = (15, -15)
WRONG_PERCENT: Final = 10
MOST_CLOSED: Final = 3
"""Stations that are closed, one at a time: those with the most urgent demand of their own."""
PPM: Final = 1_000_000
FOR_GOOD_MS: Final = 1 << 52
HEADLINE: Final[str] = "high_late_share"
SHOWN: Final[tuple[str, ...]] = (HEADLINE, "high_avoidable_late_share", "high_mean_s")
AS_IS: Final = "as_is"


class World(NamedTuple):
    """The city, with one thing otherwise."""

    code: str
    values: dict[str, str]
    city: City
    is_known: bool = False
    """Whether the dispatcher knows it, and cover is counted anew: a closed station. Else policies go by what they took the city for."""


def worlds_of(city: City) -> Iterator[World]:
    """All but the city as it is."""
    for percent in DEMAND:
        yield World("demand", {"percent": f"{percent:+d}"}, _with_demand(city, percent))
    for percent in DRIVES:
        yield World("drives", {"percent": f"{percent:+d}"}, _with_drives(city, percent))
    for name in busiest(city):
        yield World("station_closed", {"station": name}, close_station(city, name), is_known=True)
    deaf = Happening("radio_lost", 0, FOR_GOOD_MS)
    yield World("radio_lost", {}, sealed(city._replace(happenings=(*city.happenings, deaf))))
    if len(city.priorities) > 1:
        wrong_ppm = max(city.wrong_priority_ppm, PPM * WRONG_PERCENT // 100)
        yield World("wrong_priorities", {"percent": f"{wrong_ppm // 10_000}"}, sealed(city._replace(wrong_priority_ppm=wrong_ppm)))


def busiest(city: City) -> list[str]:
    """Open stations with units of their own and the most urgent calls in their area; never the last one that is open."""
    weights = urgent_weights(city)
    demand = np.bincount(city.place_area.astype(np.int64), weights=weights, minlength=len(city.areas))
    by_area = dict(zip(city.areas, demand.tolist(), strict=True))
    homes = {unit.station for unit in city.units}
    is_open = [one.name for nth, one in enumerate(city.stations) if one.is_open and nth in homes]
    if sum(one.is_open for one in city.stations) < 2:
        return []
    return sorted(is_open, key=lambda name: (-by_area.get(name, 0.0), name))[:MOST_CLOSED]


def _with_demand(city: City, percent: int) -> City:
    kinds = tuple(
        msgspec.structs.replace(kind, per_hour=tuple(rate * (100 + percent) / 100 for rate in kind.per_hour)) for kind in city.kinds
    )
    return sealed(city._replace(kinds=kinds))


def _with_drives(city: City, percent: int) -> City:
    hours = city.travel_ppm or (PPM,) * HOURS_PER_WEEK
    return sealed(city._replace(travel_ppm=tuple(ppm * (100 + percent) // 100 for ppm in hours)))


def in_world(code: str, values: dict[str, str], told: CompareAnswer) -> InWorld:
    """What is kept of one world's comparison."""
    changes = {one.policy: {name: one.measures[name] for name in SHOWN if name in one.measures} for one in told.differences}
    return InWorld(code, told.replications, told.policies[told.base].high.late_share, changes, values, told.partial)


def without_figures(world: World, partial: Partial) -> InWorld:
    """A world in which not even one replication came to its end."""
    return InWorld(world.code, 0, values=world.values, partial=partial)


def stress_of(policies: list[str], worlds: list[InWorld]) -> Stress:
    """``policies``: all but the base. Worlds without figures count in no spread."""
    return Stress(tuple(worlds), tuple(one for policy in policies if (one := _spread(policy, worlds)) is not None))


def _spread(policy: str, worlds: list[InWorld]) -> Spread | None:
    found = {
        nth: one.changes[policy]["high_late_share"] for nth, one in enumerate(worlds) if "high_late_share" in one.changes.get(policy, {})
    }
    if not found:
        return None
    worst = max(found, key=lambda nth: (found[nth].mean, -nth))
    shown = [one.mean for one in found.values() if one.is_shown]
    return Spread(
        policy, min(one.mean for one in found.values()), found[worst].mean, worst,
        sum(mean < 0 for mean in shown), sum(mean > 0 for mean in shown), len(found),
    )  # fmt: skip
