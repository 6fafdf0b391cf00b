"""What simulate and compare share: the city, the policies by name, who does the work, and how far it is."""

import os
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tocsin.base.faults import BadInput, Broken
from tocsin.core.engine.move_up import MoveUpRule, rule_of
from tocsin.core.engine.policies import POLICIES, Policy
from tocsin.core.messages.plan import DEFAULT_COVER, CoverRules
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.workers_dask import DaskCluster
from tocsin.edge.workers_process import Processes
from tocsin.formats.centre_files import CENTRE
from tocsin.lab.city.cover import cover_model, cover_models, with_areas
from tocsin.lab.city.model import HOURS_PER_WEEK, City
from tocsin.lab.city.postings import with_postings
from tocsin.lab.experiment.executor import Executor, InProcess
from tocsin.lab.experiment.experiment import Experiment, Rows, gather
from tocsin.lab.experiment.figures import default_warm_up_days
from tocsin.lab.experiment.floor import DAY_MS
from tocsin.lab.experiment.job import Arm, Ground, prepare
from tocsin.lab.run import has_twin
from tocsin.views.experiment_answer import CityMap, Dot, Pin
from tocsin.wiring.cities import open_city
from tocsin.wiring.heard import with_journal
from tocsin.wiring.stages import Progress

COMPILED_S, PLAIN_S, AHEAD_S = 2.5e-6, 4e-5, 3e-3
"""What a call takes, about, in the compiled engine, in the plain one, and where futures are played for it."""
WORTH_PROCESSES_S = 4.0
"""Work from which it pays to start processes: each takes a second or two before it begins."""


class ExperimentAsked(NamedTuple):
    """Options as they were given."""

    centre: Path
    policies: tuple[str, ...]
    days: float = 7.0
    load: float = 1.0
    seed: int = 1
    replications: int = 1
    workers: int | None = None
    """None = as many as pay."""
    warm_up_days: float | None = None
    """None = the first day, in runs of two and more."""
    guard_points: float | None = None
    cluster: str | None = None
    """Address of a Dask scheduler."""
    scenario: Path | None = None
    """Text that stands in the place of the folder's ``lab.toml``."""
    demand: Path | None = None
    """Journal whose calls are taken in the place of the city's."""


class Opened(NamedTuple):
    """An experiment that can begin."""

    city: City
    experiment: Experiment
    ground: Ground


def open_experiment(asked: ExperimentAsked, progress: Progress) -> Opened:
    """Raises BadInput of the options and of the city."""
    _check(asked)
    field = "--policy" if len(asked.policies) == 1 else "--policies"
    policies = [policy_named(name, field) for name in asked.policies]
    city = open_city(asked.centre, lab=asked.scenario, progress=progress)
    if asked.demand is not None:
        city = with_journal(city, asked.demand, progress=progress)
    if any(policy.returns == "compliance" for policy in policies):
        city = with_postings(city, cover_model(city))
    _check_demand(city, asked)
    warm_up_days = default_warm_up_days(asked.days) if asked.warm_up_days is None else asked.warm_up_days
    rules = cover_rules_of(asked.centre)
    arms = tuple(Arm(policy.name, city.digest, policy, move_rule(rules)) for policy in policies)
    experiment = Experiment(arms, asked.days, asked.load, asked.seed, asked.replications, warm_up_days, asked.guard_points)
    covers = {city.digest: with_areas(cover_models(city), rules.area_permille)} if any(weighs_cover(policy) for policy in policies) else {}
    return Opened(city, experiment, Ground({city.digest: city}, covers))


def cover_rules_of(folder: Path) -> CoverRules:
    """What a centre's plan says of cover; the usual of a folder that is none."""
    return read_centre_folder(folder).plan.cover if (folder / CENTRE).is_file() else DEFAULT_COVER


def move_rule(rules: CoverRules) -> MoveUpRule:
    """For units that have become free."""
    return rule_of(rules.least_gain_ppm, rules.price_ppm_per_min)


def weighs_cover(policy: Policy) -> bool:
    """Whether it cannot be run without a cover model."""
    return policy.preserves != "nobody" or policy.returns in ("dmexclp", "look-ahead")


def policy_named(name: str, field: str = "--policy") -> Policy:
    """Raises BadInput ``policy_unknown`` with those that are known."""
    policy = POLICIES.get(name)
    if policy is None:
        raise BadInput("policy_unknown", field=field, value=name, known=", ".join(POLICIES))
    return policy


def perform(opened: Opened, asked: ExperimentAsked, progress: Progress) -> Rows:
    """Do it. Where not even the first replication came to an end there is nothing to keep: KeyboardInterrupt, or what went wrong."""
    return perform_by(executor_of(opened, asked), opened, progress)


def perform_by(executor: Executor, opened: Opened, progress: Progress) -> Rows:
    """The same, by whom one wants."""
    progress(0, opened.experiment.replications, "replications")
    rows = gather(opened.experiment, opened.ground, executor, lambda done, of: progress(done, of, "replications"))
    if rows.replications:
        return rows
    partial = rows.partial
    if partial is None or partial.code == "cancelled":
        raise KeyboardInterrupt
    told = partial.values
    if partial.code == "policy_failed":
        raise BadInput("lab_policy_failed", policy=told["policy"], replication=told["replication"], why=told["why"])
    raise Broken("workers_lost", times=told["times"], left=told["left"])


def executor_of(opened: Opened, asked: ExperimentAsked) -> Executor:
    """Who does the work: a cluster, processes, or this one."""
    if asked.cluster is not None:
        return DaskCluster(asked.cluster)
    workers = asked.workers if asked.workers is not None else _workers_that_pay(opened)
    return Processes(workers, prepare) if workers > 1 else InProcess()


def _workers_that_pay(opened: Opened) -> int:
    one = opened.experiment
    calls = calls_expected(opened.city, one.days, one.load) * one.replications
    took_s = sum(calls * _call_s(opened.city, arm.policy) for arm in one.arms)
    return min(os.cpu_count() or 1, one.replications) if took_s >= WORTH_PROCESSES_S else 1


def _call_s(city: City, policy: Policy) -> float:
    if policy.returns == "look-ahead":
        return AHEAD_S
    return COMPILED_S if has_twin(city, policy) else PLAIN_S


def calls_expected(city: City, days: float, load: float) -> float:
    """Of one replication."""
    per_week = sum(sum(kind.per_hour) for kind in city.kinds)
    surges = sum(surge.calls for surge in city.surges if surge.begins_ms < days * DAY_MS)
    return per_week / (HOURS_PER_WEEK / 24) * days * load + surges


def _check(asked: ExperimentAsked) -> None:
    for field, value in (("--days", asked.days), ("--load", asked.load)):
        if not (isfinite(value) and value > 0):
            raise BadInput("lab_number", field=field, value=value, least="0")
    for field, count in (("--replications", asked.replications), ("--workers", asked.workers)):
        if count is not None and count < 1:
            raise BadInput("lab_count", field=field, value=count)
    for field, value in (("--warm-up-days", asked.warm_up_days or 0.0), ("--guard", asked.guard_points or 0.0)):
        if not (isfinite(value) and value >= 0):
            raise BadInput("lab_not_negative", field=field, value=value)
    if asked.warm_up_days is not None and asked.warm_up_days >= asked.days:
        raise BadInput("lab_warm_up", field="--warm-up-days", value=asked.warm_up_days, days=asked.days)
    doubled = sorted({name for name in asked.policies if asked.policies.count(name) > 1})
    if doubled:
        raise BadInput("lab_policy_twice", field="--policies", value=", ".join(doubled))


def _check_demand(city: City, asked: ExperimentAsked) -> None:
    if not calls_expected(city, asked.days, asked.load):
        raise BadInput("lab_no_calls", file=str(asked.centre))


def city_map(city: City) -> CityMap:
    """For the page. Demand that is a log's is told by area alone: a dot where one person called from would say who it was."""
    rates = [sum(kind.per_hour) for kind in city.kinds]
    parts = [rate * city.place_weights[kind.places] for rate, kind in zip(rates, city.kinds, strict=True)]
    weights = np.sum(parts, axis=0) / (sum(rates) or 1.0)
    if any(code == "demand_of_log" for code, _ in city.remarks):
        by_area, dots = np.bincount(city.place_area, weights), np.bincount(city.place_area)
        weights = (by_area / np.maximum(dots, 1))[city.place_area]
    lon, lat, areas = city.place_lon.tolist(), city.place_lat.tolist(), city.place_area.tolist()
    places = tuple(Dot(*one) for one in zip(lon, lat, areas, weights.tolist(), strict=True))
    based = [unit.station for unit in city.units]

    def pin(name: str, place: int, is_open: bool = True, units: int = 0) -> Pin:
        return Pin(name, lon[place], lat[place], is_open, units)

    stations = tuple(pin(one.name, one.place, one.is_open, based.count(nth)) for nth, one in enumerate(city.stations))
    return CityMap(city.name, city.areas, places, stations, tuple(pin(one.name, one.place) for one in city.hospitals))


def names_of(text: str | Sequence[str]) -> tuple[str, ...]:
    """``a,b,c`` as three names."""
    given = [text] if isinstance(text, str) else text
    return tuple(name.strip() for part in given for name in part.split(",") if name.strip())
