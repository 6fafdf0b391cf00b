"""Experiments: the same bytes whoever does the work, whole replications only, and what is kept when something ends them."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from distributed import LocalCluster
from worked_runs import Killing

from tocsin.base.quantities import Millis
from tocsin.core.engine.policies import POLICIES, Policy
from tocsin.core.messages.facts import UnitRoad
from tocsin.edge.workers_dask import DaskCluster
from tocsin.edge.workers_process import Processes
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.square import square_city
from tocsin.lab.experiment.executor import Executor, InProcess
from tocsin.lab.experiment.experiment import Experiment, Rows, compared, gather, jobs_of, simulated
from tocsin.lab.experiment.fairness import guard_of
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.views.experiment_answer import Difference

CITY = sealed(square_city(6, 4, calls_per_hour=2.5))
GROUND = Ground({CITY.digest: CITY}, {CITY.digest: cover_model(CITY)})


def arms(*names: str) -> tuple[Arm, ...]:
    return tuple(Arm(name, CITY.digest, POLICIES[name]) for name in names)


ONE = Experiment(arms("closest", "default"), days=1.0, load=1.0, seed=3, replications=8, warm_up_days=0.0, guard_points=1.0)


def told(one: Experiment, executor: Executor | Killing, ground: Ground = GROUND) -> bytes:
    rows = gather(one, ground, executor, lambda done, of: None)
    assert rows.replications == one.replications
    return msgspec.json.encode(compared(one, ground, rows))


@pytest.fixture(scope="module")
def alone() -> bytes:
    return told(ONE, InProcess())


def test_one_two_and_three_workers_give_the_same_bytes(alone: bytes) -> None:
    assert told(ONE, Processes(2)) == alone
    assert told(ONE, Processes(3)) == alone


def test_a_worker_killed_in_the_middle_changes_no_byte(alone: bytes, tmp_path: Path) -> None:
    assert told(ONE, Killing(Processes(2), tmp_path / "killed")) == alone
    assert (tmp_path / "killed").exists()


def test_a_cluster_gives_the_same_bytes_and_loses_nothing_with_a_worker(alone: bytes, tmp_path: Path) -> None:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None) as cluster:
        executor = DaskCluster(cluster.scheduler_address)
        assert told(ONE, executor) == alone
        assert told(ONE, Killing(executor, tmp_path / "killed")) == alone
    assert (tmp_path / "killed").exists()


def test_jobs_hold_every_replication_once() -> None:
    for replications in (1, 7, 64, 1000):
        for workers in (1, 2, 7):
            jobs = jobs_of(ONE._replace(replications=replications), workers)
            held = [job.first + nth for job in jobs for nth in range(job.replications)]
            assert held == list(range(1, replications + 1))


def test_more_replications_begin_with_the_same_ones() -> None:
    def rows(of: Experiment) -> Rows:
        return gather(of, GROUND, InProcess(), lambda done, of: None)

    assert rows(ONE).by_arm[1][:3] == rows(ONE._replace(replications=3)).by_arm[1]


class Backwards:
    """Results in the worst order; a person's Ctrl-C after so many."""

    workers = 1

    def __init__(self, stop_after: int | None = None, order: Callable[[Sequence[Any]], Sequence[Any]] = lambda jobs: jobs[::-1]) -> None:
        self.stop_after = stop_after
        self.order = order

    def each(self, work: Any, ground: Any, jobs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        for nth, (index, job) in enumerate(self.order(list(enumerate(jobs)))):
            if nth == self.stop_after:
                raise KeyboardInterrupt
            yield index, work(ground, job)


def test_the_order_of_results_changes_no_byte(alone: bytes) -> None:
    assert told(ONE, Backwards()) == alone


def test_stopped_by_hand_keeps_an_experiment_with_fewer_replications(alone: bytes) -> None:
    def second_last(jobs: Sequence[Any]) -> Sequence[Any]:
        return [jobs[0], jobs[1], jobs[2], jobs[5], *jobs[3:5]]

    rows = gather(ONE, GROUND, Backwards(4, second_last), lambda done, of: None)
    assert rows.partial is not None
    assert rows.partial.code == "cancelled"
    three = ONE._replace(replications=3)
    assert rows.by_arm == gather(three, GROUND, InProcess(), lambda done, of: None).by_arm


def breaks(road: UnitRoad) -> Millis | None:
    raise ZeroDivisionError("half a policy")


def test_a_policy_that_raises_is_told_with_what_it_said() -> None:
    broken = Policy("half", "1", breaks, may_divert=False)
    one = ONE._replace(arms=(*arms("closest"), Arm("half", CITY.digest, broken)))
    rows = gather(one, GROUND, InProcess(), lambda done, of: None)
    assert rows.replications == 0
    assert rows.partial is not None
    assert rows.partial.code == "policy_failed"
    assert rows.partial.values["why"] == "ZeroDivisionError: half a policy"


def test_overload_stops_with_what_came_before_and_a_bearable_load() -> None:
    one = ONE._replace(arms=arms("closest"), load=12.0, days=20.0, replications=4)
    rows = gather(one, GROUND, InProcess(), lambda done, of: None)
    assert rows.partial is not None
    assert rows.partial.code == "overload"
    assert rows.replications == 1
    bearable = float(rows.partial.values["bearable_load"])
    assert 1.0 < bearable < 12.0
    again = gather(one._replace(load=bearable), GROUND, InProcess(), lambda done, of: None)
    assert again.partial is None
    assert simulated(one, GROUND, again).utilisation < 0.95


def test_comparing_a_policy_with_itself_shows_no_difference() -> None:
    twin = Arm("closest again", CITY.digest, POLICIES["closest"])
    one = ONE._replace(arms=(*arms("closest"), twin))
    answer = compared(one, GROUND, gather(one, GROUND, InProcess(), lambda done, of: None))
    (against,) = answer.differences
    assert {change.is_shown for change in against.measures.values()} == {False}
    assert against.fairness.worse == against.fairness.better == ()
    assert against.fairness.guard is not None
    assert against.fairness.guard.is_kept


def test_sums_over_areas_are_those_of_the_city() -> None:
    figures = simulated(ONE, GROUND, gather(ONE, GROUND, InProcess(), lambda done, of: None))
    assert sum(area.n for area in figures.areas.values()) == figures.high.n
    assert sum(area.late for area in figures.areas.values()) == figures.high.late
    assert sum(one.n for one in figures.priorities.values()) == figures.calls == figures.high.n + figures.low.n
    assert figures.half_widths is not None
    assert figures.half_widths["mean_response_s"] > 0


def test_the_guard_names_what_breaks_it_and_what_might() -> None:
    late = {
        "far": Difference(0.03, 0.01, True),
        "near": Difference(-0.02, 0.01, True),
        "doubtful": Difference(0.008, 0.01, False),
        "worst": Difference(0.05, 0.01, True),
    }
    guard = guard_of(late, 1.0)
    assert (guard.is_kept, guard.broken_by, guard.open_areas) == (False, ("worst", "far"), ("doubtful",))
    assert guard_of({"near": late["near"]}, 1.0).is_kept
