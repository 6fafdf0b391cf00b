"""The live desk: many ask at once, one order; each gets its own answer, and a lost asker loses nothing."""

import asyncio
from itertools import count

import pytest

from shift_page import asks_of, drawn_from
from tocsin.base.faults import Broken
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.live import LiveDesk, WallClock
from tocsin.core.board.board import Board
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.line import decode
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

ASKERS = 200


class Ticking:
    """A clock that goes on by a millisecond whenever it is read."""

    def __init__(self) -> None:
        self.ticks = count(1_586_246_400_000)

    def now(self) -> Instant:
        return Instant(next(self.ticks))


def page(askers: int) -> str:
    units = "\n".join(f"unit E{nth} engine can pump" for nth in range(askers))
    roads = "\n".join(f"road E{nth} -> I{nth} 90s" for nth in range(askers))
    opened = "\n".join(f"08:00 open I{nth} fire" for nth in range(askers))
    return f"card fire: engine needs pump\n{units}\n{roads}\n{opened}"


def staged(text: str, gather: object = None) -> tuple[Desk, MemoryJournal, list[Ask]]:
    roads, asks = asks_of(text)
    journal = MemoryJournal("page")
    desk = Desk(journal, gather or GatherTable(roads), MemoryVault(drawn_from("page")))
    desk.answer([ask for _, ask in asks if ask.id.startswith("stage")], asks[0][0])
    return desk, journal, [ask for _, ask in asks if not ask.id.startswith("stage")]


def test_two_hundred_at_once_get_each_their_own_answer() -> None:
    desk, journal, asks = staged(page(20))
    opened = {ask.command.incident: ask for ask in asks}
    sends = [ask for _, ask in asks_of("\n".join(f"08:01 send I{nth % 20} E{nth % 20} #send{nth}" for nth in range(ASKERS)))[1]][2:]

    async def shift() -> list[Answer]:
        async with LiveDesk(desk, Ticking()) as live:
            await asyncio.gather(*(live.ask(ask) for ask in asks))
            return await asyncio.gather(*(live.ask(ask) for ask in sends))

    answers = asyncio.run(shift())
    assert len(sends) == ASKERS
    assert [answer.cmd for answer in answers] == [ask.id for ask in sends]
    for ask, answer in zip(sends, answers, strict=True):
        assert answer.records[0].says == ask.command
    won = [answer for answer in answers if any(isinstance(event, UnitsDispatched) for event in answer.events)]
    assert {answer.records[0].says.incident for answer in won} == set(opened)
    assert len(won) == 20  # each unit was taken by one asker, the others were told that it has a job
    assert {answer.refusal.code for answer in answers if answer.refusal} == {"UnitHasJob"}
    assert {decode(stored.body).cmd for stored in journal.read()} >= {ask.id for ask in sends}


def test_an_asker_who_leaves_does_not_lose_the_answer() -> None:
    desk, journal, asks = staged(page(1))

    async def shift() -> Answer:
        async with LiveDesk(desk, Ticking()) as live:
            leaving = asyncio.create_task(live.ask(asks[0]))
            await asyncio.sleep(0)  # it has been put into the queue
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
            return await live.ask(asks[0])

    answer = asyncio.run(shift())
    assert answer.events
    assert len(journal.find_command(asks[0].id)) == len(answer.records)


def test_leaving_answers_what_has_queued_and_then_nobody_waits_for_ever() -> None:
    desk, _, asks = staged(page(5))

    async def shift() -> list[Answer]:
        live = LiveDesk(desk, Ticking())
        with pytest.raises(Broken):
            await live.ask(asks[0])
        async with live:
            asked = [asyncio.create_task(live.ask(ask)) for ask in asks]
            await asyncio.sleep(0)
        with pytest.raises(Broken) as caught:
            await live.ask(asks[0])
        assert caught.value.code == "desk_closed"
        return await asyncio.gather(*asked)

    assert [answer.cmd for answer in asyncio.run(shift())] == [ask.id for ask in asks]


class Stumbling:
    """Gathers facts, but falls over something unforeseen the first time."""

    def __init__(self) -> None:
        self.is_first = True

    def facts(self, ask: Ask, board: Board) -> Facts:
        if not isinstance(ask.command, RecommendUnits):
            return Facts()
        if self.is_first:
            self.is_first = False
            raise ZeroDivisionError("unforeseen")
        return Facts(fleet=board.fleet, target=board.incidents[ask.command.incident].place.at)


def test_something_unforeseen_is_told_to_the_asker_and_the_desk_goes_on() -> None:
    desk, journal, asks = staged(page(2), Stumbling())
    head = journal.head()

    async def shift() -> Answer:
        async with LiveDesk(desk, Ticking()) as live:
            with pytest.raises(ZeroDivisionError):
                await live.ask(asks[0])
            assert journal.head() == head
            return await asyncio.wait_for(live.ask(asks[1]), timeout=10)

    assert asyncio.run(shift()).refusal is None


def test_one_question_that_cannot_be_answered_takes_no_other_with_it() -> None:
    desk, _, asks = staged(page(5))
    cannot = Ask("odd", "page", Instant(10**18), RecommendUnits("I0"))  # a year that no calendar has

    async def shift() -> list[Answer | BaseException]:
        async with LiveDesk(desk, Ticking()) as live:
            return await asyncio.gather(*(live.ask(ask) for ask in [*asks[:3], cannot, *asks[3:]]), return_exceptions=True)

    answers = asyncio.run(shift())
    assert isinstance(answers.pop(3), OverflowError)
    assert [answer.cmd for answer in answers] == [ask.id for ask in asks]


def test_the_wall_clock_tells_utc_milliseconds() -> None:
    first, second = WallClock().now(), WallClock().now()
    assert 1_600_000_000_000 < first <= second


def test_a_look_sees_the_board_between_batches_and_its_fault_is_its_own() -> None:
    desk, _, asks = staged(page(3))

    def fails(_board: Board) -> int:
        raise ValueError("mine")

    async def shift() -> tuple[list[object], list[int]]:
        async with LiveDesk(desk, Ticking()) as live:
            told = await asyncio.gather(*(live.ask(ask) for ask in asks), live.look(fails), return_exceptions=True)
            return list(told), await asyncio.gather(*(live.look(lambda board: len(board.incidents)) for _ in range(3)))

    told, counted = asyncio.run(shift())
    assert isinstance(told[-1], ValueError)
    assert all(isinstance(answer, Answer) for answer in told[:-1])
    assert counted == [3, 3, 3]


def test_nobody_looks_at_a_desk_that_was_left() -> None:
    desk, _, _ = staged(page(1))

    async def shift() -> None:
        async with LiveDesk(desk, Ticking()) as live:
            pass
        with pytest.raises(Broken, match="desk_closed"):
            await live.look(lambda board: board.fleet)

    asyncio.run(shift())
