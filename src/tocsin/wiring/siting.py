"""Where stations should stand in a city, how sure that is, and what a simulation says to it."""

from math import isfinite
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.edge.centre_folder import read_centre_folder, region_path
from tocsin.edge.whole_file import write_whole
from tocsin.formats.centre_files import CENTRE
from tocsin.lab.city.cover import cover_models, urgent_weights, with_areas
from tocsin.lab.city.model import City, Floats, Longs
from tocsin.lab.experiment.experiment import Experiment, compared, remarks
from tocsin.lab.experiment.figures import default_warm_up_days
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.siting.marginal import losses
from tocsin.lab.siting.on_city import Sites, drives_to, own_stations, question_of, reached_shares, sites_of, sought_of, with_stations
from tocsin.lab.siting.outline import outline
from tocsin.lab.siting.question import GOALS, Goal, Question, Sited, Sought
from tocsin.lab.siting.solve import solve, value_of
from tocsin.pages.siting import render
from tocsin.views.experiment_answer import CompareAnswer, Partial, Pin, Remark
from tocsin.views.siting_answer import ChosenStation, Reach, SiteAnswer, SiteMap, Spot
from tocsin.wiring.cities import open_city
from tocsin.wiring.experiments import ExperimentAsked, Opened, cover_rules_of, move_rule, perform, policy_named, weighs_cover
from tocsin.wiring.places import open_locator
from tocsin.wiring.stages import Progress
from tocsin.wiring.stopping import until_stopped

MINUTES = 20
LEAST_LOSS = 1e-9


class SiteAsked(NamedTuple):
    """Options as they were given."""

    centre: Path
    stations: int
    goal: str = "mclp"
    keep: tuple[str, ...] = ()
    candidates: int = 100
    busy: float = 0.3
    limit_s: float = 60.0
    policy: str = "default"
    days: float = 7.0
    replications: int = 8
    """0 = no simulation."""
    seed: int = 1
    region: Path | None = None
    """Road file to look up the nearest street in, if not the centre's own."""


class Chosen(NamedTuple):
    """The answer, and the map for its page."""

    answer: SiteAnswer
    map: SiteMap


class _Found(NamedTuple):
    city: City
    sites: Sites
    question: Question
    sought: Sought
    sited: Sited
    moved: City
    """With the chosen stations."""
    is_stopped: bool
    """By a person, before the search had come to its end."""


def site(asked: SiteAsked, *, progress: Progress) -> Chosen:
    """Raises BadInput ``siting_…`` and those of the city, the policy and the road file; KeyboardInterrupt before anything is known."""
    _check(asked)
    city = open_city(asked.centre, progress=progress)
    try:
        found = _found(city, asked, progress)
    except BadInput as fault:
        raise fault.at(file=str(asked.centre)) from None
    simulated, partial = _effect(found, asked, progress)
    return Chosen(_answer(found, asked, simulated, partial), _map(found))


def _effect(found: _Found, asked: SiteAsked, progress: Progress) -> tuple[CompareAnswer | None, Partial | None]:
    """What a simulation says, and why that is not all. Where a person stops it what was found so far stands."""
    if found.is_stopped:
        return None, Partial("cancelled", {"at": "proof"})
    if not asked.replications:
        return None, None
    try:
        simulated = _simulated(found, asked, progress)
    except KeyboardInterrupt:
        return None, Partial("cancelled", {"at": "simulation"})
    partial = simulated.partial
    return simulated, Partial("cancelled", {"at": "simulation"}) if partial is not None and partial.code == "cancelled" else partial


def write_site_page(chosen: Chosen, path: Path, *, language: str) -> None:
    """Raises BadInput ``file_write``."""
    try:
        write_whole(path, render(chosen.answer, chosen.map, language=language))
    except OSError as error:
        raise BadInput("file_write", file=str(path), why=error.strerror or error) from None


def _check(asked: SiteAsked) -> None:
    if asked.goal not in GOALS:
        raise BadInput("siting_goal", field="--objective", value=asked.goal, known=", ".join(GOALS))
    if not (isfinite(asked.days) and asked.days > 0):
        raise BadInput("lab_number", field="--days", value=asked.days, least="0")
    for field, value in (("--replications", asked.replications), ("--limit", asked.limit_s)):
        if not (isfinite(value) and value >= 0):
            raise BadInput("lab_not_negative", field=field, value=value)
    policy_named(asked.policy)


def _found(city: City, asked: SiteAsked, progress: Progress) -> _Found:
    sites = sites_of(city, asked.candidates)
    question = question_of(city, sites, asked.stations, _kept(city, sites, asked.keep))
    sought = sought_of(city, Sought(_goal(asked.goal), busy=asked.busy))
    with until_stopped() as is_wanted:
        sited = solve(question, sought, limit_s=asked.limit_s, progress=lambda done, of: progress(done, of, "siting"), is_wanted=is_wanted)
        is_stopped = not is_wanted()
    new = sum(1 for one in sited.sites if one >= len(sites.today))
    moved = with_stations(city, sites, sited.sites, tuple(_new_name(city, nth) for nth in range(1, new + 1)))
    return _Found(city, sites, question, sought, sited, moved, is_stopped)


def _goal(text: str) -> Goal:
    return next(one for one in GOALS if one == text)


def _kept(city: City, sites: Sites, names: tuple[str, ...]) -> tuple[int, ...]:
    """Raises BadInput ``siting_keep_unknown``."""
    known = [city.stations[nth].name for nth in sites.today]
    for name in names:
        if name not in known:
            raise BadInput("siting_keep_unknown", field="--keep", value=name, known="; ".join(known))
    return tuple(sorted({known.index(name) for name in names}))


def _new_name(city: City, nth: int) -> str:
    """``new-1``, unless a station is called that already."""
    taken = {one.name for one in city.stations}
    name = f"new-{nth}"
    while name in taken:
        name += "+"
    return name


def _simulated(found: _Found, asked: SiteAsked, progress: Progress) -> CompareAnswer:
    """The same calls, dice and policy on both cities."""
    policy = policy_named(asked.policy)
    rules = cover_rules_of(asked.centre)
    rule = move_rule(rules)
    arms = (Arm("today", found.city.digest, policy, rule), Arm("chosen", found.moved.digest, policy, rule))
    experiment = Experiment(arms, asked.days, 1.0, asked.seed, asked.replications, default_warm_up_days(asked.days))
    cities = {one.digest: one for one in (found.city, found.moved)}
    ground = Ground(
        cities,
        {digest: with_areas(cover_models(one), rules.area_permille) for digest, one in cities.items()} if weighs_cover(policy) else {},
    )
    wish = ExperimentAsked(asked.centre, (policy.name,), asked.days, 1.0, asked.seed, asked.replications)
    return compared(experiment, ground, perform(Opened(found.city, experiment, ground), wish, progress))


def _answer(found: _Found, asked: SiteAsked, simulated: CompareAnswer | None, partial: Partial | None) -> SiteAnswer:
    city, sites, sited = found.city, found.sites, found.sited
    scale = 0.001 if found.sought.goal == "p-median" else 1.0
    today = value_of(found.question, found.sought, tuple(range(len(sites.today)))) if sites.today else None
    chosen_today = {sites.today[one] for one in sited.sites if one < len(sites.today)}
    return SiteAnswer(
        stations=_stations(found, asked, scale),
        goal=found.sought.goal,
        objective=sited.value * scale,
        bound=sited.bound * scale,
        gap=sited.gap if isfinite(sited.gap) else None,
        is_proven=sited.is_proven,
        way=sited.way,
        today=None if today is None else today * scale,
        today_stations=len(sites.today),
        closed=tuple(city.stations[nth].name for nth in sites.today if nth not in chosen_today),
        candidates=len(sites.places),
        points=int((found.question.weights > 0).sum()),
        reach_s=found.sought.reach_ms / 1000,
        reach=_reach(found),
        city=city.name,
        city_digest=city.digest,
        is_worse_than_today=today is not None and _is_worse(found.sought.goal, sited.value, today),
        busy=found.sought.busy if found.sought.goal == "mexclp" else None,
        policy=asked.policy if simulated is not None else None,
        simulated=simulated,
        remarks=(*_own_remarks(found, asked), *remarks(city)),
        partial=partial,
    )


def _is_worse(goal: str, value: float, today: float) -> bool:
    """By more than sums can err."""
    return (value - today if goal == "p-median" else today - value) > LEAST_LOSS * abs(today)


def _own_remarks(found: _Found, asked: SiteAsked) -> list[Remark]:
    told = []
    units = sum(1 for one in found.city.units if not one.is_outside)
    if units < len(found.sited.sites):
        told.append(Remark("siting_few_units", {"units": str(units), "stations": str(len(found.sited.sites))}))
    if found.sought.goal == "survival":
        told.append(Remark("siting_survival"))
    if not found.sited.is_proven and not found.is_stopped:
        told.append(Remark("siting_open", {"seconds": f"{asked.limit_s:g}"}))
    return told


def _stations(found: _Found, asked: SiteAsked, scale: float) -> tuple[ChosenStation, ...]:
    city, sites, sited = found.city, found.sites, found.sited
    homes = [one.station for one in found.moved.units if not one.is_outside]
    lost = losses(found.question, found.sought, sited.sites)
    streets = _streets(asked, [_lon_lat(city, sites.places[one]) for one in sited.sites])
    told, opened = [], len(city.stations)
    for nth, one in enumerate(sited.sites):
        is_new = one >= len(sites.today)
        station = opened if is_new else sites.today[one]
        opened += is_new
        loss = lost[nth]
        at = _lon_lat(city, sites.places[one])
        told.append(ChosenStation(
            found.moved.stations[station].name, at.lon, at.lat, homes.count(station), None if loss is None else loss * scale,
            is_new, one in found.question.keep, streets[nth],
        ))  # fmt: skip
    return tuple(told)


def _lon_lat(city: City, place: int) -> LonLat:
    return LonLat(round(float(city.place_lon[place]), 6), round(float(city.place_lat[place]), 6))


def _streets(asked: SiteAsked, places: list[LonLat]) -> list[str | None]:
    """The nearest address or crossing of each, where there is a road file to look in: the one given, or the centre's own."""
    region = asked.region
    if region is None and (asked.centre / CENTRE).is_file():
        region = region_path(asked.centre, read_centre_folder(asked.centre))
    if region is None:
        return [None] * len(places)
    locator = open_locator(region)
    return [next((one.text for one in locator.describe(place).nearest), None) for place in places]


def _reach(found: _Found) -> Reach:
    weights = urgent_weights(found.city)
    before, after = _drives(found)
    return Reach(
        reached_shares(weights, before, MINUTES), reached_shares(weights, after, MINUTES), _mean_s(weights, before), _mean_s(weights, after)
    )


def _drives(found: _Found) -> tuple[Longs, Longs]:
    today = tuple(found.city.stations[nth].place for nth in own_stations(found.city))
    return drives_to(found.city, today), drives_to(found.city, tuple(found.sites.places[one] for one in found.sited.sites))


def _mean_s(weights: Floats, drive_ms: Longs) -> float | None:
    reached = weights * (drive_ms >= 0)
    return float(reached @ drive_ms) / float(reached.sum()) / 1000 if reached.sum() > 0 else None


def _map(found: _Found) -> SiteMap:
    city, sites = found.city, found.sites
    weights, (before, after) = found.question.weights, _drives(found)
    wanted = np.flatnonzero(weights > 0)
    share = weights / weights.sum()
    lon, lat = city.place_lon.round(6).tolist(), city.place_lat.round(6).tolist()
    spots = tuple(Spot(lon[at], lat[at], round(float(share[at]), 6), int(before[at]), int(after[at])) for at in wanted.tolist())
    homes = [one.station for one in city.units]
    today = tuple(_pin(city, city.stations[nth].place, city.stations[nth].name, homes.count(nth)) for nth in sites.today)
    names = {station.place: station.name for station in found.moved.stations[len(city.stations) :]}
    chosen = tuple(_pin(city, sites.places[one], sites.name(city, one) or names[sites.places[one]], 0) for one in found.sited.sites)
    others = tuple(
        (at.lon, at.lat) for nth, place in enumerate(sites.places) if nth not in found.sited.sites for at in [_lon_lat(city, place)]
    )
    where = city.place_lon[wanted], city.place_lat[wanted]
    outlines = tuple(outline(*where, (one[wanted] >= 0) & (one[wanted] <= found.sought.reach_ms)) for one in (before, after))
    return SiteMap(spots, today, chosen, others, outlines[0], outlines[1])


def _pin(city: City, place: int, name: str, units: int) -> Pin:
    at = _lon_lat(city, place)
    return Pin(name, at.lon, at.lat, units=units)
