"""Ctrl-C as a wish to end with what is known by then."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread


@contextmanager
def until_stopped() -> Iterator[Callable[[], bool]]:
    """Gives ``is_wanted``: false once a person has pressed Ctrl-C. A second press is a KeyboardInterrupt as everywhere.

    Outside the main thread, where nobody hears signals, it is always true.
    """
    if current_thread() is not main_thread():
        yield lambda: True
        return
    pressed: list[bool] = []

    def hear(*_: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(True)

    before = signal.signal(signal.SIGINT, hear)
    try:
        yield lambda: not pressed
    finally:
        signal.signal(signal.SIGINT, before)
