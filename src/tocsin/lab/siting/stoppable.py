"""Work that lets nobody in while it lasts, done so that a person can stop it."""

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")

ASKED_EVERY_S = 0.05


def stoppable(work: Callable[[], T], is_wanted: Callable[[], bool]) -> T | None:
    """What ``work`` gives, or None once it is no longer wanted. Raises what it raises.

    It runs in a thread of its own, since a solver inside a compiled library neither hears signals nor asks anybody; one that is given up
    goes on by itself until its own limit of time, or until the program ends.
    """
    given: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            given.append(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where it is waited for
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive() and is_wanted():
        thread.join(ASKED_EVERY_S)
    if failed:
        raise failed[0]
    return given[0] if given else None
