"""The invented clock: in the order of time, then of who planned first; the world hears everything, reactions included."""

from collections.abc import Iterable

from shift_page import asks_of, drawn_from
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.simulate import Moment, simulate
from tocsin.core.messages.assignment import DispatchUnits, UnitsDispatched
from tocsin.core.messages.incident import IncidentClosed
from tocsin.core.messages.line import decode
from tocsin.core.messages.recommendation import UnitsRecommended
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.unit import STATUS, ReportUnitStatus
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

PAGE = """
unit E1 engine can pump
unit E2 engine can pump
card fire: engine needs pump
road E1 -> I1 90s
road E2 -> I2 60s
road E1 -> I2 70s
08:05 open I2 fire
08:00 open I1 fire
"""


class Town:
    """Sends whom the desk recommends, drives as long as it was told, works ten minutes."""

    def __init__(self, asks: list[tuple[Instant, Ask]]) -> None:
        self.asks, self.said = asks, 0

    def begin(self) -> Iterable[Moment[Ask]]:
        return [Moment(at, ask) for at, ask in self.asks]

    def act(self, moment: Moment[Ask]) -> Iterable[Ask]:
        yield moment.what

    def hear(self, answer: Answer, now: Instant) -> Iterable[Moment[Ask]]:
        for event in answer.events:
            if isinstance(event, UnitsRecommended) and event.receipt.picks:
                yield self._say(now + 30_000, DispatchUnits(event.incident, tuple(pick.unit for pick in event.receipt.picks)))
            if isinstance(event, UnitsDispatched):
                for unit in event.units:
                    yield self._say(now + 90_000, ReportUnitStatus(unit, STATUS["on_scene"]))
                    yield self._say(now + 690_000, ReportUnitStatus(unit, STATUS["on_radio"]))

    def _say(self, at: int, command: Command) -> Moment[Ask]:
        self.said += 1
        return Moment(Instant(at), Ask(f"town-{self.said}", "town", Instant(at), command, clock="simulated"))


def run() -> tuple[MemoryJournal, list[Answer], Instant | None]:
    roads, asks = asks_of(PAGE)
    journal, heard = MemoryJournal("town"), list[Answer]()
    desk = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("town")))
    last = simulate(desk, Town(asks), on_answer=lambda answer, _: heard.append(answer))
    return journal, heard, last


def test_a_town_runs_out_and_everybody_goes_home() -> None:
    journal, heard, last = run()
    closed = [event.incident for answer in heard for event in answer.events if isinstance(event, IncidentClosed)]
    assert closed == ["I1", "I2"]
    recorded = [decode(stored.body).recorded for stored in journal.read()]
    assert recorded == sorted(recorded)
    assert recorded[-1] == last
    assert [record.cmd for record in (decode(stored.body) for stored in journal.read()) if record.n == 0] == [one.cmd for one in heard]


def test_the_same_world_twice_gives_the_same_chain() -> None:
    assert run()[0].head() == run()[0].head()


def test_a_silent_world() -> None:
    desk = Desk(MemoryJournal("town"), GatherTable({}), MemoryVault())
    assert simulate(desk, Town([])) is None
