"""An experiment on several workers: how much sooner two processes are done than one, and whether anything but time depends on them.

``workers_2_over_1``: 1,000 replications of Auckland under the default policy, in this process and on two others; their start, the city
sent to them and the answer put together are in it. It is a figure of an idle machine: ``workers_load`` says how busy this one was before,
and ``workers_cpu_over_1`` what two processes take together as a multiple of one, in processor time, which neighbours hardly touch: 1.11 is
what 1.8 can bear.
``workers_start_s``: until two processes have done three days of two replications, nearly all of it their start.
``workers_bytes_equal``: 1.0 where the answer of a smaller experiment is the same to the last byte in this process, on one, two and three
processes, on a local Dask cluster, and with a worker killed in the middle.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from distributed import LocalCluster

from tocsin.core.engine.policies import POLICIES
from tocsin.edge.workers_dask import DaskCluster
from tocsin.edge.workers_process import Processes
from tocsin.lab.city.cover import cover_model
from tocsin.lab.experiment.executor import InProcess
from tocsin.lab.experiment.experiment import Experiment, compared, gather
from tocsin.lab.experiment.job import Arm, Done, Ground, Job, prepare, work
from tocsin.wiring.cities import open_city

REPLICATIONS, DAYS = 1_000, 100.0
FEW, FEW_DAYS = 40, 3.0

GATES = {
    "workers_2_over_1": ("at_least", 1.8),
    "workers_bytes_equal": ("at_least", 1.0),
}


class Deadly(NamedTuple):
    """Ground, and where it is kept that a worker was killed."""

    ground: Ground
    killed: Path


def work_or_killed(deadly: Deadly, job: Job) -> Done:
    """The worker that takes up replication 10 dies, once."""
    if job.first <= 10 < job.first + job.replications and not deadly.killed.exists():
        deadly.killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return work(deadly.ground, job)


class Killing(NamedTuple):
    """Processes that lose one of them."""

    inner: Processes
    killed: Path

    @property
    def workers(self) -> int:
        """Of the inner ones."""
        return self.inner.workers

    def each(self, _work: Any, ground: Ground, jobs: Sequence[Job]) -> Iterator[tuple[int, Done]]:
        """With deadly work."""
        return self.inner.each(work_or_killed, Deadly(ground, self.killed), jobs)


def told(one: Experiment, ground: Ground, executor: Any) -> bytes:
    """The answer as JSON."""
    return msgspec.json.encode(compared(one, ground, gather(one, ground, executor, lambda done, of: None)))


class Took(NamedTuple):
    """A whole experiment's time."""

    wall_s: float
    cpu_s: float
    """Of this process and of those that it started."""


def cpu_s() -> float:
    """So far."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def timed(one: Experiment, ground: Ground, executor: Any) -> Took:
    """Wall time too: two processes cannot be measured by the time of one."""
    begun, spent_s = time.perf_counter(), cpu_s()
    told(one, ground, executor)
    return Took(time.perf_counter() - begun, cpu_s() - spent_s)


def all_answers(one: Experiment, ground: Ground) -> Iterator[bytes]:
    """Of every kind of worker."""
    yield told(one, ground, InProcess())
    for workers in (1, 2, 3):
        yield told(one, ground, Processes(workers, prepare))
    with TemporaryDirectory() as folder:
        yield told(one, ground, Killing(Processes(2), Path(folder) / "killed"))
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None) as cluster:
        yield told(one, ground, DaskCluster(cluster.scheduler_address))


def run(shared: Path) -> dict[str, float]:
    """Figures by name."""
    city = open_city(shared / "data" / "jemss" / "auckland")
    ground = Ground({city.digest: city}, {city.digest: cover_model(city)})
    arms = tuple(Arm(name, city.digest, POLICIES[name]) for name in ("closest", "default"))
    few = Experiment(arms, FEW_DAYS, 0.6, 1, FEW, 1.0)
    load = os.getloadavg()[0]
    told(few, ground, InProcess())  # before the clock: nothing is compiled while it runs
    many = Experiment(arms[1:], DAYS, 1.0, 1, REPLICATIONS, 1.0)
    start = timed(few._replace(replications=2), ground, Processes(2, prepare))
    one, two = timed(many, ground, InProcess()), timed(many, ground, Processes(2, prepare))
    answers = set(all_answers(few, ground))  # after it: a cluster leaves threads behind, and then nothing is forked
    return {
        "workers_2_over_1": one.wall_s / two.wall_s,
        "workers_cpu_over_1": two.cpu_s / one.cpu_s,
        "workers_start_s": start.wall_s,
        "workers_bytes_equal": float(len(answers) == 1),
        "workers_1_s": one.wall_s,
        "workers_2_s": two.wall_s,
        "workers_load": load,
    }
