"""An experiment's work, done by workers of whom one is killed."""

import os
import signal
from pathlib import Path
from typing import Any, NamedTuple

from tocsin.lab.experiment.job import Done, Ground, Job, work


class Deadly(NamedTuple):
    """Ground of an experiment, with where it is kept that a worker was killed."""

    ground: Ground
    killed: Path


def work_or_killed(deadly: Deadly, job: Job) -> Done:
    """The real work; the worker that begins with replication 3 dies, once."""
    if job.first == 3 and not deadly.killed.exists():
        deadly.killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return work(deadly.ground, job)


class Killing(NamedTuple):
    """An executor that loses a worker in the middle."""

    inner: Any
    killed: Path

    @property
    def workers(self) -> int:
        """Of the one inside."""
        return int(self.inner.workers)

    def each(self, _work: Any, ground: Ground, jobs: Any) -> Any:
        """As the one inside, with deadly work."""
        return self.inner.each(work_or_killed, Deadly(ground, self.killed), jobs)
