"""An experiment that was set up on the console, done: runs in a process of its own (``edge/side_process.py``)."""

from pathlib import Path

import msgspec

from tocsin.base.faults import BadInput
from tocsin.base.quantities import Millis
from tocsin.core.engine.policies import Policy
from tocsin.core.messages.plan import DEFAULT_COVER, CoverRules
from tocsin.lab.city.cover import Covering, cover_models, with_areas
from tocsin.lab.city.edit import add_unit, close_station, move_unit, remove_unit
from tocsin.lab.city.model import City
from tocsin.lab.experiment.executor import InProcess
from tocsin.lab.experiment.experiment import Experiment, compared
from tocsin.lab.experiment.figures import default_warm_up_days
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.journal.rows import Heard
from tocsin.lab.relived.on_city import city_of_log
from tocsin.views.experiment_answer import CompareAnswer
from tocsin.web.lab_told import AS_IT_IS, CHANGED, DemandOf, LabChange, LabWish, LabWorked
from tocsin.wiring.cities import open_city
from tocsin.wiring.experiments import Opened, calls_expected, city_map, cover_rules_of, move_rule, perform_by, policy_named
from tocsin.wiring.heard import drives_of_journal, hear_journal
from tocsin.wiring.lab_asked import LabAsked
from tocsin.wiring.lab_relive import relived
from tocsin.wiring.stages import Progress

LEAST_DAYS, LEAST_CALLS = 14, 200
"""A journal with less does not say how many people call at which hour."""
DAY_MS = Millis(86_400_000)


class OneByOne(InProcess):
    """Work cut as for many, and done here: whoever stops it loses one replication, and sees each one come."""

    workers = 1_000


def work(asked: LabAsked, progress: Progress) -> LabWorked:
    """Do it. Raises BadInput of the city and of changes that it does not allow; KeyboardInterrupt where nothing was whole when stopped."""
    progress(0, None, "lab_begins")
    wish = asked.wish
    if wish.calls == "log":
        if asked.journal is None or not asked.journal.is_file():
            raise BadInput("lab_log_absent", field="calls")
        told, span = relived(asked.journal, asked.folder, wish, progress)
        return LabWorked(None, span, told)
    city, demand = _city(asked, progress)
    if not calls_expected(city, wish.days, wish.load):
        raise BadInput("lab_no_calls", file=str(asked.folder))
    progress(0, None, "lab_cover")
    opened = opened_for(city, wish, cover_rules_of(asked.folder))
    rows = perform_by(OneByOne(), opened, progress)
    answer = compared(opened.experiment, opened.ground, rows)
    return LabWorked(_without_floor(answer) if wish.changes else answer, demand, map=city_map(city))


def _without_floor(answer: CompareAnswer) -> CompareAnswer:
    """Another city has another floor: what was late above it cannot be set against what was late above the base's."""
    without = tuple(
        msgspec.structs.replace(one, measures={name: told for name, told in one.measures.items() if name != "high_avoidable_late_share"})
        for one in answer.differences
    )
    return msgspec.structs.replace(answer, differences=without)


def opened_for(city: City, wish: LabWish, rules: CoverRules = DEFAULT_COVER) -> Opened:
    """Its arms: policies on the city; or the city and the changed one, under one policy and with the same draws."""
    policies, rule = [policy_named(name) for name in wish.policies], move_rule(rules)
    if wish.changes:
        other = changed(city, wish.changes)
        arms: tuple[Arm, ...] = (Arm(AS_IT_IS, city.digest, policies[0], rule), Arm(CHANGED, other.digest, policies[0], rule))
        cities = {city.digest: city, other.digest: other}
    else:
        arms = tuple(Arm(policy.name, city.digest, policy, rule) for policy in policies)
        cities = {city.digest: city}
    warm_up_days = default_warm_up_days(wish.days)
    experiment = Experiment(arms, wish.days, wish.load, wish.seed, wish.replications, warm_up_days, wish.guard_points)
    return Opened(city, experiment, Ground(cities, _covers(cities, policies, rules)))


def _covers(cities: dict[str, City], policies: list[Policy], rules: CoverRules) -> dict[str, Covering]:
    return (
        {digest: with_areas(cover_models(city), rules.area_permille) for digest, city in cities.items()}
        if any(one.is_about_cover() for one in policies)
        else {}
    )


def changed(city: City, changes: tuple[LabChange, ...]) -> City:
    """The city with all changes, one after the other. Raises BadInput ``city_…``."""
    for nth, change in enumerate(changes):
        try:
            city = _changed(city, change)
        except BadInput as fault:
            fault.field = f"changes[{nth}]"  # the option or file that it names is not what was asked here
            raise
    return city


def _changed(city: City, change: LabChange) -> City:
    match change.what:
        case "close_station":
            return close_station(city, change.subject)
        case "add_unit":
            return add_unit(city, change.subject, change.station, like=change.like or None)
        case "move_unit":
            return move_unit(city, change.subject, change.station)
        case "remove_unit":
            return remove_unit(city, change.subject)


def _city(asked: LabAsked, progress: Progress) -> tuple[City, DemandOf]:
    """The centre's, with the calls of its own journal where that has enough days."""
    city = open_city(asked.folder, progress=progress)
    heard = _heard(asked.journal, progress)
    if heard is None or asked.journal is None:
        return city, DemandOf()
    demand = demand_of(heard)
    if demand.calls is None:
        return city, demand
    return city_of_log(city, heard, drives_of_journal(asked.journal, progress=progress)), demand


def _heard(journal: Path | None, progress: Progress) -> Heard | None:
    if journal is None or not journal.is_file():
        return None
    try:
        return hear_journal(journal, progress=progress)[0]
    except BadInput as fault:
        if fault.code != "journal_without_calls":
            raise
        return None


def demand_of(heard: Heard) -> DemandOf:
    """From when to when a journal has calls to learn from; nothing where these are too few."""
    at = [row.arrived for row in heard.rows if row.place is not None and row.sent]
    if len(at) < LEAST_CALLS or max(at) - min(at) < LEAST_DAYS * DAY_MS:
        return DemandOf()
    return DemandOf(min(at), max(at), len(at))
