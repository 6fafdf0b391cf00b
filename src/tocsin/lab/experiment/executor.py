"""Who does the jobs: this process, others on this machine, or a cluster. What comes out is the same."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

G = TypeVar("G")
J = TypeVar("J")
D = TypeVar("D")


class Executor(Protocol):
    """Does jobs in any order. A worker that is lost takes nothing with it: its job is done again by another."""

    @property
    def workers(self) -> int:
        """How many jobs are done at once."""
        ...

    def each(self, work: Callable[[G, J], D], ground: G, jobs: Sequence[J]) -> Iterator[tuple[int, D]]:
        """``(index of the job, what came of it)``, as they come.

        ``work`` is a module's function; ``ground`` is sent to each worker once. Closing the iterator cancels what has not begun. What
        ``work`` raises is raised here. Raises Broken ``workers_lost`` where workers die again and again without any result.
        """
        ...


class InProcess:
    """One after the other, here."""

    workers = 1

    def each(self, work: Callable[[G, J], D], ground: G, jobs: Sequence[J]) -> Iterator[tuple[int, D]]:
        """In the order of the jobs."""
        for index, job in enumerate(jobs):
            yield index, work(ground, job)
