"""One piece of an experiment: some replications of all its arms. Small to send, small to answer, and the same wherever it is done."""

from collections.abc import Mapping
from typing import NamedTuple

from tocsin.base.faults import BadInput, Broken
from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import Policy
from tocsin.lab.calls import Calls
from tocsin.lab.city.cover import Covering
from tocsin.lab.city.model import City
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.figures import Row, Span, measure
from tocsin.lab.lookahead.ahead import Ahead
from tocsin.lab.lookahead.run_ahead import run_ahead
from tocsin.lab.outcome import Outcome
from tocsin.lab.run import find_kernel, run
from tocsin.lab.turned import turned


class Arm(NamedTuple):
    """What is tried: a policy, on a city."""

    name: str
    city: str
    """Digest of it."""
    policy: Policy
    rule: MoveUpRule = MoveUpRule()
    cover: str = ""
    """Which of ``Ground.covers``; empty = the city's."""


class Ground(NamedTuple):
    """What workers need once: too large to be sent with every job."""

    cities: Mapping[str, City]
    """By digest."""
    covers: Mapping[str, Covering] = {}
    """By the digest of the city, where a policy weighs cover: a model for each service; other names for models that only some arms have."""
    calls: Calls | None = None
    """Calls that were made, in the place of drawn ones: a log re-lived. Then every replication is the same one."""


class Job(NamedTuple):
    """``replications`` from ``first`` on, of every arm. Dice come from (seed, replication) alone, never from the worker."""

    arms: tuple[Arm, ...]
    seed: int
    days: float
    load: float
    span: Span
    first: int
    replications: int


class Failed(NamedTuple):
    """An arm's run raised: a policy that breaks is told, not hidden."""

    replication: int
    arm: str
    why: str


Done = tuple["tuple[Row, ...] | Failed", ...]
"""By replication: a row for each arm, or what went wrong."""


def prepare(ground: Ground) -> None:
    """Make in this process what every worker would make for itself: those that are forked from it have it then."""
    find_kernel()
    for city in ground.cities.values():
        for roads in (city.roads, *city.other_roads):
            turned(roads)


def work(ground: Ground, job: Job) -> Done:
    """Do one job. Raises BadInput where the city cannot be run at all."""
    return tuple(_replicate(ground, job, replication) for replication in range(job.first, job.first + job.replications))


def _replicate(ground: Ground, job: Job, replication: int) -> tuple[Row, ...] | Failed:
    drawn: dict[str, Calls] = {}
    rows = []
    for arm in job.arms:
        city = ground.cities.get(arm.city)
        if city is None:
            raise Broken("lab_worker_city", digest=arm.city)
        if arm.city not in drawn:
            drawn[arm.city] = ground.calls or draw_calls(city, seed=job.seed, replication=replication, days=job.days, load=job.load)
        try:
            outcome = _run(job, replication, arm, city, drawn[arm.city], ground.covers.get(arm.cover or arm.city))
        except BadInput as fault:
            if fault.code != "policy_failed":
                raise
            return Failed(replication, arm.name, fault.values.get("why", ""))
        rows.append(measure(city, drawn[arm.city], outcome, job.span, replication))
    return tuple(rows)


def _run(job: Job, replication: int, arm: Arm, city: City, calls: Calls, cover: Covering) -> Outcome:
    """Who looks ahead knows how busy the days are, and has dice of its own for each replication."""
    if arm.policy.returns == "look-ahead":
        return run_ahead(city, calls, arm.policy, cover, arm.rule, Ahead(job.seed, replication, job.load))
    return run(city, calls, arm.policy, cover=cover, rule=arm.rule)
