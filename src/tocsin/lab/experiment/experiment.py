"""The experiment: jobs out, rows back, figures from rows in the order of replications. Who did the jobs leaves no trace in the answer."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tocsin.base.faults import Broken
from tocsin.lab.city.model import City
from tocsin.lab.experiment.executor import Executor
from tocsin.lab.experiment.figures import Row, span_of
from tocsin.lab.experiment.floor import DAY_MS, high_priorities
from tocsin.lab.experiment.job import Arm, Done, Failed, Ground, Job, work
from tocsin.lab.experiment.summary import against, figures
from tocsin.views.experiment_answer import Asked, CompareAnswer, Figures, Partial, Remark, Target

Heard = Callable[[int, int], None]
"""Replications that are done, of how many."""

MOST_IN_JOB = 16
JOBS_PER_WORKER = 8
BEARABLE = 0.85
"""Share of their hours that units can be at work before queues become long."""


class Experiment(NamedTuple):
    """Enough to do it again to the last byte."""

    arms: tuple[Arm, ...]
    """At least one; the first is the base of comparisons."""
    days: float
    load: float
    seed: int
    replications: int
    warm_up_days: float
    guard_points: float | None = None


class Rows(NamedTuple):
    """What came back: for each arm its rows, replication 1 first, every arm as many."""

    by_arm: tuple[tuple[Row, ...], ...]
    partial: Partial | None

    @property
    def replications(self) -> int:
        """How many are whole, or cut short where there is no whole one."""
        return len(self.by_arm[0])


def jobs_of(one: Experiment, workers: int) -> list[Job]:
    """Few replications in each, so that every worker is busy to the end and little is lost with one."""
    size = max(1, min(MOST_IN_JOB, one.replications // (JOBS_PER_WORKER * workers)))
    span = span_of(one.days, one.warm_up_days)
    return [
        Job(one.arms, one.seed, one.days, one.load, span, first, min(size, one.replications + 1 - first))
        for first in range(1, one.replications + 1, size)
    ]


def gather(one: Experiment, ground: Ground, executor: Executor, heard: Heard) -> Rows:
    """Do the jobs. What is kept are the replications from the first on that have all their rows: the same experiment with fewer.

    Stops at an overloaded replication, at a policy that raises, when workers are lost for good, and on KeyboardInterrupt: ``partial`` says
    which. Raises what cannot be helped by fewer replications (BadInput of a city).
    """
    come: dict[int, tuple[Row, ...]] = {}
    partial: Partial | None = None
    jobs = jobs_of(one, executor.workers)
    results = executor.each(work, ground, jobs)
    try:
        partial = _take(results, jobs, come, lambda: heard(len(come), one.replications))
    except KeyboardInterrupt:
        partial = Partial("cancelled")
    except Broken as fault:
        if fault.code != "workers_lost":
            raise
        partial = Partial("workers_lost", fault.values)
    finally:
        close = getattr(results, "close", None)
        if close is not None:
            close()
    return _kept(one, ground, come, partial)


def _take(
    results: Iterator[tuple[int, Done]], jobs: Sequence[Job], come: dict[int, tuple[Row, ...]], heard: Callable[[], None]
) -> Partial | None:
    """Until all are there, or until a replication ended badly and all before it are there: then those after it do not matter."""
    failed: dict[int, Failed] = {}
    bad: set[int] = set()
    for index, done in results:
        for replication, rows in enumerate(done, start=jobs[index].first):
            if isinstance(rows, Failed):
                failed[replication] = rows
                bad.add(replication)
                continue
            come[replication] = rows
            if any(row.is_overloaded for row in rows):
                bad.add(replication)
        heard()
        first = min(bad, default=0)
        if first and all(earlier in come for earlier in range(1, first)):
            break
    if bad and (first := min(bad)) in failed:
        told = failed[first]
        return Partial("policy_failed", {"policy": told.arm, "replication": str(told.replication), "why": told.why})
    return None


def _kept(one: Experiment, ground: Ground, come: dict[int, tuple[Row, ...]], partial: Partial | None) -> Rows:
    """The unbroken row of replications from the first; one that was cut short only if it is all there is."""
    kept: list[tuple[Row, ...]] = []
    while len(kept) < one.replications and (rows := come.get(len(kept) + 1)) is not None:
        cut = next((row for row in rows if row.is_overloaded), None)
        if cut is not None:
            arm = one.arms[rows.index(cut)]
            partial = _overload(ground.cities[arm.city], arm, cut, one.load)
            if not kept:
                kept.append(rows)
            break
        kept.append(rows)
    by_arm = tuple(tuple(rows[nth] for rows in kept) for nth in range(len(one.arms)))
    return Rows(by_arm, partial)


def _overload(city: City, arm: Arm, row: Row, load: float) -> Partial:
    reached = row.all_calls - row.waiting
    values = {
        "policy": arm.name,
        "replication": str(row.replication),
        "at_day": f"{row.ended_ms / DAY_MS:.1f}",
        "waiting": str(row.waiting),
    }
    wanted_ms = sum(row.busy_ms) / reached * row.all_calls if reached else 0.0
    if wanted_ms:
        bearable = load * BEARABLE * sum(row.duty_ms) / wanted_ms
        values["bearable_load"] = f"{bearable:.2g}"
    return Partial("overload", values)


def asked(one: Experiment, city: City) -> Asked:
    """For the answer."""
    return Asked(city.name, city.digest, one.days, one.load, one.seed, one.replications, one.warm_up_days)


def remarks(city: City, told: Iterable[Figures] = ()) -> tuple[Remark, ...]:
    """What was assumed in making it, and what is strange in the figures."""
    assumed = tuple(Remark(code, {name: str(value) for name, value in values}) for code, values in city.remarks)
    below = [one.policy for one in told if one.avoidable_late_share is not None and one.avoidable_late_share < 0]
    return (*assumed, Remark("below_floor", {"policies": ", ".join(below)})) if below else assumed


def targets(city: City) -> tuple[Target, ...]:
    """What responses are held against, and who says so."""
    sources = city.target_from or ("city",) * len(city.priorities)
    high = high_priorities(city).tolist()
    told = zip(city.priorities, high, sources, strict=True)
    return tuple(Target(one.name, one.target_ms / 1000, is_high, source) for one, is_high, source in told)


def simulated(one: Experiment, ground: Ground, rows: Rows) -> Figures:
    """The first arm's figures, of at least one replication."""
    arm = one.arms[0]
    return figures(ground.cities[arm.city], arm, rows.by_arm[0])


def compared(one: Experiment, ground: Ground, rows: Rows) -> CompareAnswer:
    """Every arm against the first, of at least one replication."""
    base, others = one.arms[0], one.arms[1:]
    city = ground.cities[base.city]
    told = {arm.name: figures(ground.cities[arm.city], arm, of) for arm, of in zip(one.arms, rows.by_arm, strict=True)}
    return CompareAnswer(
        base=base.name,
        replications=rows.replications,
        policies=told,
        differences=tuple(
            against(city, rows.by_arm[0], arm, of, one.guard_points) for arm, of in zip(others, rows.by_arm[1:], strict=True)
        ),
        asked=asked(one, city),
        remarks=remarks(city, told.values()),
        partial=rows.partial,
        targets=targets(city),
    )
