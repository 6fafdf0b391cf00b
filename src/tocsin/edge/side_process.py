"""One piece of work in a process of its own, that nothing else here ever waits for.

It is last in line for the processors and the first to go when memory is short; it leaves Ctrl-C to its parent, and ends when its parent
does, however that ended.
"""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Final

from tocsin.base.faults import Broken, Fault

Told = Callable[[int, int | None, str], None]
"""How far the work is: done, of how many, at which stage."""

GRACE_S: Final = 5.0
"""How long a process that was asked to stop may take to hand over what is whole."""
STEPS: Final = 200
"""So many messages about one stage at most, of work that says so itself a million times."""


class SideProcess:
    """Begins at once. ``work``: ``module:function``, called there with ``asked`` and a ``Told``; named rather than handed over, because
    whatever it imports is to be imported at low priority, too."""

    def __init__(self, work: str, asked: Any) -> None:
        context = multiprocessing.get_context("spawn")  # not forked: the caller has threads, and files that are nobody else's business
        self._ear, mouth = context.Pipe(duplex=False)
        self._process = context.Process(target=_live, args=(work, asked, mouth), daemon=True)
        self._process.start()
        mouth.close()  # so that its end is heard
        self._grace: threading.Timer | None = None

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid or 0

    def follow(self, told: Told) -> Any:
        """Until it ends; what ``work`` gave, or None where it was stopped before it had anything.

        Raises what ``work`` raised, if it is a Fault; Broken ``side_failed`` for any other, ``side_died`` if the process is gone.
        """
        try:
            while True:
                kind, what = self._ear.recv()
                if kind != "told":
                    break
                told(*what)
        except (EOFError, OSError):
            self._process.join()
            raise Broken("side_died", status=self._process.exitcode) from None
        finally:
            self.close()
        if kind == "fault":
            raise what
        return what

    def stop(self) -> None:
        """Ask it to end with what it has; after ``GRACE_S`` it is ended without."""
        if self._grace is None:
            self._process.terminate()
            self._grace = threading.Timer(GRACE_S, self._process.kill)
            self._grace.daemon = True
            self._grace.start()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self) -> None:
        """It has nothing more to say: wait until it is gone."""
        self._process.join(GRACE_S)
        if self._grace is not None:
            self._grace.cancel()
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _live(work: str, asked: Any, mouth: Connection) -> None:
    """All that happens in the process."""
    _step_back()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _interrupt)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        module, _, function = work.partition(":")
        answer = getattr(import_module(module), function)(asked, _teller(mouth))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # all is done: a stop that comes now comes too late
        mouth.send(("answer", answer))
    except KeyboardInterrupt:
        mouth.send(("answer", None))
    except Fault as fault:
        mouth.send(("fault", fault))
    except Exception as error:  # noqa: BLE001 - not swallowed: whoever follows is told
        mouth.send(("fault", Broken("side_failed", cause=repr(error)[:300])))


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _step_back() -> None:
    """Behind everything else that this machine does."""
    with suppress(OSError, AttributeError):  # where the system knows no such thing
        os.nice(19)
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("1000")


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _teller(mouth: Connection) -> Told:
    """Tells only what makes a difference to somebody who looks on."""
    last: tuple[object, ...] = ()

    def told(done: int, of: int | None, stage: str) -> None:
        nonlocal last
        now = (stage, of, done * STEPS // of if of else 0)
        if now != last:
            last = now
            mouth.send(("told", (done, of, stage)))

    return told
