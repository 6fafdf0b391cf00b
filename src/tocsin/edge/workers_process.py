"""Processes of this machine that do jobs: concurrent.futures. A killed one breaks the whole pool; a new pool does what was left."""

import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, Generic, TypeVar

from tocsin.base.faults import Broken

G = TypeVar("G")
J = TypeVar("J")
D = TypeVar("D")

MOST_LOST = 3
"""Pools lost one after the other without a single result between them."""

_ground: Any = None  # of this worker process, from its birth to its end


def _begin(ground: object) -> None:
    global _ground  # noqa: PLW0603 - a pool's worker has no other place of its own
    _ground = ground


def _do(work: Callable[[G, J], D], job: J) -> D:
    return work(_ground, job)


def _is_alone() -> bool:
    """Whether this process may be forked: on Linux, while no other thread runs Python here. A fork of one that holds a lock may hang."""
    return sys.platform == "linux" and len(sys._current_frames()) == 1  # ``threading`` does not know all of them


class Processes:
    """``workers`` processes for each call of ``each``: forked from this one where that is safe, else started anew.

    Forked ones are there at once, and what ``ready`` makes of the ground here, tables or compiled code, is in memory once for all.
    """

    def __init__(self, workers: int, ready: Callable[[Any], None] | None = None) -> None:
        self.workers, self._ready = workers, ready

    def each(self, work: Callable[[G, J], D], ground: G, jobs: Sequence[J]) -> Iterator[tuple[int, D]]:
        """As they come. Raises Broken ``workers_lost``, and what ``work`` raises."""
        if self._ready is not None and _is_alone():
            self._ready(ground)
        left = set(range(len(jobs)))
        lost = 0
        while left:
            before = len(left)
            try:
                with _Pool(self.workers, ground) as pool:
                    for index, done in pool.each(work, jobs, sorted(left)):
                        left.discard(index)
                        yield index, done
            except BrokenProcessPool:
                lost = 1 if len(left) < before else lost + 1
                if lost >= MOST_LOST:
                    raise Broken("workers_lost", times=lost, left=len(left)) from None


class _Pool(Generic[G]):
    """One pool's life; leaving it cancels what has not begun."""

    def __init__(self, workers: int, ground: G) -> None:
        context = multiprocessing.get_context("fork" if _is_alone() else "spawn")
        self._pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(ground,))

    def __enter__(self) -> "_Pool[G]":
        return self

    def __exit__(self, *why: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def each(self, work: Callable[[G, J], D], jobs: Sequence[J], wanted: Sequence[int]) -> Iterator[tuple[int, D]]:
        """As they come. Raises BrokenProcessPool once everything that came before is given."""
        with _deaf_to_interrupts():
            futures: dict[Future[D], int] = {self._pool.submit(_do, work, jobs[index]): index for index in wanted}
        waiting = set(futures)
        while waiting:
            came, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            broken: BrokenProcessPool | None = None
            for future in sorted(came, key=futures.__getitem__):
                try:
                    done = future.result()
                except BrokenProcessPool as why:
                    broken = why
                    continue
                yield futures[future], done
            if broken is not None:
                raise broken


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes born within leave Ctrl-C to their parent, which decides what is kept; it hears a press of meanwhile right after."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield
        return
    resource_tracker.ensure_running()  # it lifts any block as it starts: so it starts before
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
