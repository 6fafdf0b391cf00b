"""Who is on duty, and since when: plain values beside the board, so that any thread may ask while the desk goes on."""

from collections.abc import Iterable, Iterator
from typing import Final

from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.core.board.board import Board
from tocsin.core.messages.said import Event

LONGEST_MS: Final = 86_400_000
"""A unit that has said nothing of its status for a day may have gone home without a word: its device is not listened to until it does."""


class DutyRoll:
    """Written in the desk's thread, read in any."""

    def __init__(self) -> None:
        self._since: dict[UnitId, Instant] = {}

    def look(self, board: Board, now: Instant) -> None:
        """Take over what the board says of all units: at the start, and once in a while.

        A unit that was on duty already when first looked at counts from its present status on: later than the truth, never earlier.
        """
        on_duty = {name: since for name in board.units if (since := _on_duty_since(board, name, now)) is not None}
        self._since = {name: self._since.get(name, since) for name, since in on_duty.items()}  # in one step: others are reading

    def hear(self, events: Iterable[Event], board: Board, now: Instant) -> None:
        """The same of the units that these events name: after every answer, where a look at thousands would be most of its work."""
        for name in {name for event in events for name in _named(event)}:
            since = _on_duty_since(board, name, now)
            if since is None:
                self._since.pop(name, None)
            else:
                self._since.setdefault(name, since)

    def since(self, unit: UnitId) -> Instant | None:
        """None for a unit that is off duty, and for whoever is no unit."""
        return self._since.get(unit)


def _on_duty_since(board: Board, name: UnitId, now: Instant) -> Instant | None:
    unit = board.units.get(name)
    is_on_duty = unit is not None and unit.phase != "off" and span_ms(start=unit.since, end=now) <= LONGEST_MS
    return unit.since if unit is not None and is_on_duty else None


def _named(event: Event) -> Iterator[UnitId]:
    if (unit := getattr(event, "unit", None)) is not None:
        yield unit
    yield from getattr(event, "units", ())
