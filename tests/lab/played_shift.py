"""A shift that was played on a desk of its own, and centres and scenarios with less in them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import msgspec

from promises.checkers import check_board
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.core.messages.said import Event
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.formats.centre import Centre
from tocsin.lab.scenario import Kind, Scenario
from tocsin.lab.world import City


def with_units(centre: Centre, *names: str) -> Centre:
    """The same centre with these units only."""
    return msgspec.structs.replace(centre, units=tuple(unit for unit in centre.units if unit.unit in names))


def only(scenario: Scenario, incident_type: str, **changes: object) -> Scenario:
    """The same scenario with one kind of incident, changed."""
    kind: Kind = next(kind for kind in scenario.kinds if kind.incident_type == incident_type)
    return msgspec.structs.replace(scenario, kinds=(msgspec.structs.replace(kind, **changes),))


@dataclass
class Shift:
    """One shift that was played to its end, with everything that was said and happened."""

    desk: Desk
    journal: MemoryJournal
    city: City
    answers: list[tuple[Instant, Answer]] = field(default_factory=list)

    def events(self, *kinds: type) -> Iterator[tuple[Instant, Event]]:
        """Events of these kinds in order."""
        return ((now, event) for now, answer in self.answers for event in answer.events if isinstance(event, kinds))

    def asks(self, *kinds: type) -> Iterator[tuple[Instant, object]]:
        """What was asked, of these kinds."""
        return ((now, answer.records[0].says) for now, answer in self.answers if isinstance(answer.records[0].says, kinds))

    def check(self, answer: Answer, now: Instant) -> None:
        """The promises, and that nobody waits without a next step: after each answer."""
        self.answers.append((now, answer))
        if answer.pos < self.journal.head().pos:
            return  # reactions stand behind it in the same transaction: the world has not heard them yet
        board = self.desk.board
        check_board(board)
        for incident in board.open_incidents.values():
            is_short = incident.receipt is not None and bool(incident.receipt.shortfalls)
            assert incident.active() or is_short or self.city.is_being_decided(incident.incident), (incident.incident, now)


Play = Callable[..., Shift]
