"""Work for workers of every kind, among it work that kills the one that does it."""

import os
import signal
from pathlib import Path
from typing import NamedTuple


class Numbers(NamedTuple):
    """What workers hold."""

    add: int
    killed: Path
    """Made by the job that kills its worker, so that it does so once."""


def added(ground: Numbers, job: int) -> int:
    """Plain work."""
    return ground.add + job


def added_or_killed(ground: Numbers, job: int) -> int:
    """Job 7 kills its worker, the first time."""
    if job == 7 and not ground.killed.exists():
        ground.killed.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return ground.add + job


def always_killed(ground: Numbers, job: int) -> int:
    """Job 3 kills whoever tries it."""
    if job == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return ground.add + job


def refused(ground: Numbers, job: int) -> int:
    """Job 5 cannot be done."""
    if job == 5:
        raise LookupError(str(ground.add))
    return ground.add + job
