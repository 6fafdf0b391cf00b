"""A city run on a desk of its own, in memory."""

from dataclasses import dataclass
from random import Random

from tocsin.clocks.desk import fold_journal
from tocsin.core.board.board import Board
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Record
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City
from tocsin.lab.desk_run import run_on_desk
from tocsin.lab.desked.opening import Conduct
from tocsin.lab.desked.town import OnAnswer
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import Outcome


@dataclass
class Run:
    """What came of it, and the journal of it."""

    calls: Calls
    outcome: Outcome
    journal: MemoryJournal

    def board(self) -> Board:
        return fold_journal(self.journal)

    def head(self) -> str:
        return self.journal.head().hash.hex()

    def records(self) -> list[Record]:
        return [decode(stored.body) for stored in self.journal.read()]

    def said(self, what: type) -> list[Record]:
        return [record for record in self.records() if isinstance(record.says, what)]


def run(city: City, calls: Calls, conduct: Conduct | str = "closest", *, on_answer: OnAnswer | None = None) -> Run:
    journal = MemoryJournal("lab")
    vault = MemoryVault(Random(1).randbytes)
    return Run(calls, run_on_desk(city, calls, conduct, journal=journal, vault=vault, on_answer=on_answer), journal)


def calls_of(city: City, *, days: float = 2, seed: int = 1) -> Calls:
    return draw_calls(city, seed=seed, replication=0, days=days)
