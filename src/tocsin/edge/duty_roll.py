"""Who is on duty, and since when: plain values beside the board, so that any thread may ask while the desk goes on."""

from typing import Final

from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.core.board.board import Board

LONGEST_MS: Final = 86_400_000
"""A unit that has said nothing of its status for a day may have gone home without a word: its device is not listened to until it does."""


class DutyRoll:
    """Written in the desk's thread, read in any."""

    def __init__(self) -> None:
        self._since: dict[UnitId, Instant] = {}

    def look(self, board: Board, now: Instant) -> None:
        """Take over what the board says: after every batch of the desk, at the start, and now and then when nothing happens.

        A unit that was on duty already when first looked at counts from its present status on: later than the truth, never earlier.
        """
        on_duty = {
            name: unit.since
            for name, unit in board.units.items()
            if unit.phase != "off" and span_ms(start=unit.since, end=now) <= LONGEST_MS
        }
        self._since = {name: self._since.get(name, since) for name, since in on_duty.items()}  # in one step: others are reading

    def since(self, unit: UnitId) -> Instant | None:
        """None for a unit that is off duty, and for whoever is no unit."""
        return self._since.get(unit)
