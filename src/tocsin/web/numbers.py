"""The day's running numbers of calls and incidents: ``20261123-0042``. Drawn in the desk's thread, from the board and never twice."""

from collections.abc import Collection

from tocsin.base.instants import Instant, local_parts
from tocsin.core.board.board import Board


class Numbers:
    """What was drawn. Its memory is the board: after a restart it goes on behind what stands there."""

    def __init__(self) -> None:
        self._day = ""
        self._last: dict[str, int] = {}

    def draw_call(self, board: Board, now: Instant) -> str:
        """The next call's id. In the desk's thread only."""
        return self._draw("call", board.calls, now, _zone(board))

    def draw_incident(self, board: Board, now: Instant) -> str:
        """The next incident's id. In the desk's thread only."""
        return self._draw("incident", board.incidents, now, _zone(board))

    def _draw(self, kind: str, taken: Collection[str], now: Instant, zone: str) -> str:
        day = local_parts(now, zone).date.replace("-", "")
        if day != self._day:  # a clock that is set back over midnight finds its old numbers on the board again
            self._day, self._last = day, {}
        if kind not in self._last:
            self._last[kind] = max((_number(name, day) for name in taken), default=0)
        self._last[kind] += 1
        while (drawn := f"{day}-{self._last[kind]:04d}") in taken:
            self._last[kind] += 1
        return drawn


def _number(name: str, day: str) -> int:
    head, _, tail = name.partition("-")
    return int(tail) if head == day and tail.isascii() and tail.isdigit() and len(tail) <= 6 else 0


def _zone(board: Board) -> str:
    return board.centre.timezone if board.centre is not None else "UTC"
