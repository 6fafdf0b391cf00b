"""What nobody has acted on is asked again when the units that matter have moved; what is served is left alone."""

import asyncio

from shift_page import asks_of, drawn_from
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import CommandId, UnitId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.live import LiveDesk
from tocsin.core.messages.assignment import DispatchUnits
from tocsin.core.messages.said import Ask
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.position import Reported
from tocsin.wiring.refreshing import A_ROUND, Refreshing

PAGE = """
card fire: engine needs pump
unit E1 engine can pump
unit E2 engine can pump
road E1 -> I1 90s
road E2 -> I1 240s
08:00 open I1 fire
"""


class Hand:
    """A clock that the test moves."""

    def __init__(self, at: Instant) -> None:
        self.at = at

    def now(self) -> Instant:
        return self.at


def test_it_is_asked_again_for_who_waits_and_for_nobody_else() -> None:
    roads, asks = asks_of(PAGE)
    desk = Desk(MemoryJournal("page"), GatherTable(roads), MemoryVault(drawn_from("page")))
    clock = Hand(asks[-1][0])
    book = PositionsBook(lambda unit: Instant(0))
    refreshing = Refreshing(book, clock)
    heard: list[Answer] = []
    desk.listen(refreshing.hear)
    for at, ask in asks:
        desk.answer([ask], at)
    desk.listen(heard.append)

    def moves(lon: float) -> None:
        clock.at = Instant(clock.at + 30_000)
        book.take(UnitId("E1"), [Reported(LonLat(lon, 46.9), clock.at)], clock.at)

    async def shift() -> None:
        async with LiveDesk(desk, clock) as live:
            await refreshing.ask(live)
            assert heard == []  # nobody reports: nothing has moved
            moves(7.9)
            await refreshing.ask(live)
            assert [type(answer.records[0].says).__name__ for answer in heard] == ["RecommendUnits"]
            await live.ask(Ask(CommandId("send"), "ana", clock.now(), DispatchUnits(asks[-1][1].command.incident, (UnitId("E1"),))))
            heard.clear()
            moves(8.9)
            await refreshing.ask(live)
            assert heard == []

    asyncio.run(shift())


def test_a_round_asks_for_few_and_a_desk_that_began_anew_once_for_each() -> None:
    """Which units a recommendation rested on is forgotten with the process."""
    many = 12
    opened = "".join(f"08:00 open I{nth} fire\n" for nth in range(many))
    roads, asks = asks_of("card fire: engine needs pump\nunit E1 engine can pump\n" + opened)
    journal = MemoryJournal("page")
    desk = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("page")))
    for at, ask in asks:
        desk.answer([ask], at)
    desk = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("page")))
    clock = Hand(asks[-1][0])
    book = PositionsBook(lambda unit: Instant(0))
    refreshing = Refreshing(book, clock)
    heard: list[Answer] = []
    desk.listen(refreshing.hear)
    desk.listen(heard.append)
    book.take(UnitId("E1"), [Reported(LonLat(7.9, 46.9), clock.at)], clock.at)

    async def rounds() -> list[int]:
        counts = []
        async with LiveDesk(desk, clock) as live:
            for _ in range(4):
                before = len(heard)
                clock.at = Instant(clock.at + 5_000)
                await refreshing.ask(live)
                counts.append(len(heard) - before)
        return counts

    assert asyncio.run(rounds()) == [A_ROUND, A_ROUND, many - 2 * A_ROUND, 0]
