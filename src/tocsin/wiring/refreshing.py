"""Recommendations that nobody has acted on are asked for again when the units that matter have moved."""

from collections.abc import Mapping

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer
from tocsin.clocks.live import LiveDesk
from tocsin.core.board.board import Board
from tocsin.core.engine.refresh import Basis, LastPlace, basis_of, should_ask_again
from tocsin.core.messages.recommendation import RecommendUnits, UnitsRecommended
from tocsin.core.ports import Clock
from tocsin.edge.positions_book import PositionsBook
from tocsin.wiring.opening import ask_as_tocsin

EVERY_S = 5.0

A_ROUND = 5
"""Incidents that are asked for again in one round: each asking times the whole fleet and is written down with all that it saw."""


class Refreshing:
    """Remembers what each waiting recommendation rests on. ``hear`` and ``stale`` in the desk's thread."""

    def __init__(self, book: PositionsBook, clock: Clock) -> None:
        self._book, self._clock = book, clock
        self._bases: dict[IncidentId, Basis] = {}

    def hear(self, answer: Answer) -> None:
        """The desk's listener."""
        question = answer.records[0]
        for event in answer.events:
            if isinstance(event, UnitsRecommended):
                self._bases[event.incident] = basis_of(event.receipt, question.facts, question.at)

    def stale(self, board: Board, last: Mapping[UnitId, LastPlace], now: Instant) -> list[IncidentId]:
        """Incidents to ask about again, the most urgent few; those that are served or over are forgotten.

        What an older recommendation rested on is not known after a restart: that incident is asked for once.
        """
        self._bases = {name: basis for name, basis in self._bases.items() if board.incidents[name].is_waiting()}
        found = [name for name, basis in self._bases.items() if should_ask_again(basis, last, now)]
        found += [
            one.incident for one in board.open_incidents.values() if one.receipts and one.is_waiting() and one.incident not in self._bases
        ]
        askable = (board.incidents[name] for name in found if board.can_ask_for(board.incidents[name]))
        return [one.incident for one in board.by_urgency(askable)[:A_ROUND]]

    async def ask(self, live: LiveDesk) -> None:
        """Once in a while."""
        now = self._clock.now()
        last = {fix.unit: LastPlace(LonLat(fix.lon, fix.lat), fix.at) for fix in self._book.fixes()}
        if not last:
            return
        for incident in await live.look(lambda board: self.stale(board, last, now)):
            await live.ask(ask_as_tocsin(f"refresh:{now}:{incident}", now, RecommendUnits(incident), "server"))
