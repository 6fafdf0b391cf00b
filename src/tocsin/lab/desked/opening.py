"""A centre made of a city: its stations, units and a plan that says what the city says."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec import structs

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CardName, CrewId, StationId, UnitId
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import get_policy
from tocsin.core.messages.centre import OpenCentre
from tocsin.core.messages.cover import AdoptCover
from tocsin.core.messages.place import Place
from tocsin.core.messages.plan import AdoptPlan, Aid, Card, CoverRules, DivertRule, IncidentType, Posting, ResponsePlan, Slot, Turnout
from tocsin.core.messages.said import Command
from tocsin.core.messages.station import CloseStation, OpenStation
from tocsin.core.messages.unit import EnrolUnit
from tocsin.lab.city.cover import Covering, cover_models, models_of
from tocsin.lab.city.model import CallKind, City, CrewedUnit, Divert

ANY_UNIT = (Slot("unit", ()),)
"""What a kind of call without slots asks for: one unit of any kind."""

PPB_PER_PPM = 1_000
MOVES_PER_HOUR = 3600
"""No bound: experiments put bounds on moves by their own rule."""

OWN, OUTSIDE = "own", "outside"
"""Agencies: of the city's own units, and of those that agreements lend."""

CENTRE = "lab"


class Conduct(NamedTuple):
    """How a centre decides."""

    policy: str
    cover: Covering = None
    """What it counts cover by; None where the policy asks for none."""
    rule: MoveUpRule = MoveUpRule()
    """When another station than its own is worth the drive to one that has become free."""


def conduct_of(city: City, policy: str) -> Conduct:
    """The policy with the cover of the city's own demand, where it weighs any. Raises Refused ``PolicyUnknown``."""
    return Conduct(policy, cover_models(city) if get_policy(policy).is_about_cover() else None)


def opening(city: City, conduct: Conduct, homes: Sequence[int]) -> list[Command]:
    """What the desk is told before the first call. The plan's spans are whole seconds: parts of one are rounded down.

    ``homes``: by unit, index of the station that it waits at: its own, or an open one that stands in for it.
    """
    stations = station_ids(city)
    places = [LonLat(float(lon), float(lat)) for lon, lat in zip(city.place_lon, city.place_lat, strict=True)]
    said: list[Command] = [OpenCentre(CENTRE, city.name, city.timezone, "demo")]
    said += [OpenStation(stations[nth], one.name, Place(places[one.place])) for nth, one in enumerate(city.stations)]
    said += [CloseStation(stations[nth]) for nth, one in enumerate(city.stations) if not one.is_open]
    said += [enrolment(city, nth, homes[nth]) for nth in range(len(city.units))]
    models = models_of(conduct.cover)
    if models:
        ids = {one.name: name for one, name in zip(city.stations, stations, strict=True)}
        named = [structs.replace(model, stations=tuple(ids.get(name, name) for name in model.stations)) for model in models]
        said.append(AdoptCover(tuple(named)))
    return [*said, AdoptPlan(plan_of(city, conduct))]


def enrolment(city: City, index: int, home: int) -> EnrolUnit:
    """One unit as it is stated to the desk, at home at that station."""
    unit = city.units[index]
    crew = CrewId(f"crew {unit.crew}") if unit.crew else None
    return EnrolUnit(unit_ids(city)[index], unit.kind, unit.capabilities, station_ids(city)[home], crew, _agency(unit))


def plan_of(city: City, conduct: Conduct) -> ResponsePlan:
    """The city's priorities, kinds of calls, diverts, turnouts and targets as a response plan."""
    names = [one.name for one in city.priorities]
    agencies = sorted({_agency(unit) for unit in city.units} - {OWN})
    return ResponsePlan(
        name=city.name,
        priorities=tuple(names),
        incident_types=tuple(IncidentType(kind.name, kind.name) for kind in city.kinds),
        cards=tuple(_card(city, kind, priority) for kind in city.kinds for priority in _told(city, kind)),
        diverts=tuple(_divert(names, one) for one in city.diverts if one.higher < one.lower),
        turnouts=tuple(Turnout(one.kind, one.at_station.mean_ms // 1000, one.on_road.mean_ms // 1000) for one in city.turnouts),
        own_agency=OWN,
        policy=conduct.policy,
        urgent=tuple(one.name for one in city.priorities if one.is_urgent),
        cover=_cover_rules(city, conduct.rule),
        aids=tuple(Aid(agency, *map(int, agency.split()[1:])) for agency in agencies),
    )


def _told(city: City, kind: CallKind) -> Sequence[int]:
    """Priorities that a call of this kind may be told with."""
    return range(len(city.priorities)) if city.wrong_priority_ppm else (kind.priority,)


def _card(city: City, kind: CallKind, priority: int) -> Card:
    told = city.priorities[priority]
    slots = kind.slots or ANY_UNIT
    return Card(CardName(f"{kind.name} {told.name}"), slots, (kind.name,), (told.name,), target_s=told.target_ms // 1000, is_from_call=True)


def _divert(names: Sequence[str], one: Divert) -> DivertRule:
    return DivertRule(names[one.lower], names[one.higher], one.least_gain_ms // 1000, one.not_within_ms // 1000)


def _cover_rules(city: City, rule: MoveUpRule) -> CoverRules:
    ids = dict(zip([one.name for one in city.stations], station_ids(city), strict=True))
    return CoverRules(
        least_gain_ppm=rule.least_gain_ppb // PPB_PER_PPM,
        price_ppm_per_min=rule.price_ppb_per_s * 60 // PPB_PER_PPM,
        at_rest_gain_ppm=None,
        moves_per_hour=MOVES_PER_HOUR,
        needs=city.posting_needs,
        table=tuple(Posting(row.free, tuple(ids[str(name)] for name in row.stations if str(name) in ids)) for row in city.postings),
    )


def station_ids(city: City) -> list[StationId]:
    """By index: the name where no other station has it, else with its number."""
    return [StationId(name) for name in _told_apart([one.name for one in city.stations])]


def unit_ids(city: City) -> list[UnitId]:
    """By index. Of equal units the lower id is taken, which must be the lower index: names that do not sort so get their number first."""
    names = [one.name for one in city.units]
    is_in_order = all(first < second for first, second in pairwise(names))
    width = len(str(len(names)))
    return [UnitId(name if is_in_order else f"{nth:0{width}d} {name}") for nth, name in enumerate(names)]


def _agency(unit: CrewedUnit) -> str:
    """Units that are lent by one agreement are of one agency: as a plan states what asking for them means."""
    return f"{OUTSIDE} {unit.offset_ms // 1000} {unit.cost_ms // 1000}" if unit.is_outside or unit.cost_ms or unit.offset_ms else OWN


def _told_apart(names: list[str]) -> list[str]:
    return names if len(set(names)) == len(names) else [f"{nth} {name}" for nth, name in enumerate(names)]
