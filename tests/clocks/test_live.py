"""The live desk: many ask at once, one order; each gets its own answer, and a lost asker loses nothing."""

import asyncio
import sqlite3
import threading
from itertools import count
from pathlib import Path

import pytest

from shift_page import asks_of, drawn_from
from tocsin.base.faults import Broken, Fault
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.live import LiveDesk, Timers, WallClock
from tocsin.core.board.board import Board
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.facts import Facts
from tocsin.core.messages.line import decode
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Ask
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.journal_sqlite import SqliteJournal
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


def test_what_timers_fall_over_is_told_and_the_desk_goes_on() -> None:
    desk, _, asks = staged(page(2))
    faults: list[Fault] = []

    def falls(board: Board, now: Instant) -> list[RecommendUnits]:
        raise sqlite3.OperationalError("disk I/O error")

    async def shift() -> Answer:
        async with LiveDesk(desk, Ticking(), Timers(falls, lambda board, now: now, lambda at: 0.0), faults.append) as live:
            await live.look(lambda board: None)
            return await asyncio.wait_for(live.ask(asks[0]), 10)

    assert asyncio.run(shift()).events
    assert {fault.code for fault in faults} == {"timer_failed"}


def test_one_timer_that_cannot_be_answered_holds_up_no_other() -> None:
    desk, _, asks = staged(page(2))
    faults: list[Fault] = []
    cannot, can = RecommendUnits("I1"), asks[0].command
    real = desk.answer

    def answer(batch: list[Ask], now: Instant) -> list[Answer]:
        if any(ask.command == cannot for ask in batch):
            raise ZeroDivisionError("unforeseen")
        return real(batch, now)

    desk.answer = answer  # type: ignore[method-assign]

    async def shift() -> int:
        async with LiveDesk(
            desk, Ticking(), Timers(lambda board, now: [cannot, can], lambda board, now: now, lambda at: 0.0), faults.append
        ) as live:
            await live.wake()
            await asyncio.sleep(0.05)
            return await live.look(lambda board: len(board.incidents))

    assert asyncio.run(shift()) == 1
    assert {fault.code for fault in faults} == {"timer_failed"}


def test_a_desk_that_dies_tells_everybody_who_waits_and_everybody_who_comes() -> None:
    desk, _, asks = staged(page(2))

    def dies(batch: list[Ask], now: Instant) -> list[Answer]:
        raise GeneratorExit("the thread is gone")  # no Exception: nothing in the worker's way may catch it

    desk.answer = dies  # type: ignore[method-assign]

    async def shift() -> list[object]:
        async with LiveDesk(desk, Ticking()) as live:
            assert live.is_live
            waiting = [asyncio.create_task(live.ask(asks[0])), asyncio.create_task(live.look(lambda board: 1))]
            told = list(await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 10))
            assert not live.is_live
            told += await asyncio.gather(live.ask(asks[1]), live.look(lambda board: 1), live.watch(), return_exceptions=True)
            return told

    assert [getattr(one, "code", one) for one in asyncio.run(shift())] == ["desk_dead"] * 5


def test_a_journal_that_cannot_be_read_once_is_told_and_no_worker_ends(tmp_path: Path) -> None:
    roads, asked = asks_of(page(1))
    journal = SqliteJournal.create(tmp_path / "a.journal")
    desk = Desk(journal, GatherTable(roads), MemoryVault(drawn_from("page")))
    desk.answer([ask for _, ask in asked[:-1]], asked[0][0])

    async def shift() -> Answer:
        async with LiveDesk(desk, Ticking()) as live:
            kept = journal._reader
            journal._reader = sqlite3.connect(":memory:", check_same_thread=False)
            with pytest.raises(Broken, match=r"journal_(un)?read"):
                await asyncio.wait_for(live.ask(asked[-1][1]), 10)
            journal._reader.close()
            journal._reader = kept
            return await asyncio.wait_for(live.ask(asked[-1][1]), 10)

    assert asyncio.run(shift()).events
    journal.close()


def test_who_asks_is_told_before_the_timers_have_their_say() -> None:
    desk, _, asks = staged(page(1))
    held, is_held = threading.Event(), threading.Event()

    def waits(board: Board, now: Instant) -> list[RecommendUnits]:
        if board.incidents:
            is_held.set()
            held.wait(10)
        return []

    async def shift() -> bool:
        async with LiveDesk(desk, Ticking(), Timers(waits, lambda board, now: now, lambda at: 0.0)) as live:
            answer = await asyncio.wait_for(live.ask(asks[0]), 10)
            is_told_before = not held.is_set()
            held.set()
            return is_told_before and bool(answer.events)

    assert asyncio.run(shift())


def test_threads_that_wait_for_a_file_do_not_hold_up_the_desk() -> None:
    desk, _, asks = staged(page(1))
    lock = threading.Event()

    async def shift() -> Answer:
        waiting = [asyncio.create_task(asyncio.to_thread(lock.wait, 10)) for _ in range(64)]
        await asyncio.sleep(0.01)
        async with LiveDesk(desk, Ticking()) as live:
            answer = await asyncio.wait_for(live.ask(asks[0]), 5)
        lock.set()
        await asyncio.gather(*waiting)
        return answer

    assert asyncio.run(shift()).events


class Machine:
    """A machine's two clocks, to be set by hand."""

    def __init__(self) -> None:
        self.wall_s, self.elapsed_s = 1_000.0, 5.0
        self.faults: list[Fault] = []

    def go(self, seconds: float, *, set_by: float = 0.0) -> None:
        self.wall_s, self.elapsed_s = self.wall_s + seconds + set_by, self.elapsed_s + seconds

    def clock(self, not_before_s: float = 0.0) -> WallClock:
        return WallClock(
            not_before=Instant(int(not_before_s * 1000)),
            faults=self.faults.append,
            wall_ns=lambda: int(self.wall_s * 1e9),
            elapsed_ns=lambda: int(self.elapsed_s * 1e9),
        )


def test_a_clock_that_is_set_back_goes_on_and_says_so_once() -> None:
    machine = Machine()
    clock = machine.clock()
    assert clock.now() == 1_000_000
    machine.go(10, set_by=-3_600)
    assert [clock.now(), clock.now()] == [1_010_000, 1_010_000]
    assert clock.ahead_ms() == 3_600_000
    machine.go(5)
    assert clock.now() == 1_015_000
    assert [fault.code for fault in machine.faults] == ["clock_back"]


def test_a_clock_that_is_set_forward_is_followed() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.go(1, set_by=7_200)
    assert clock.now() == 8_201_000
    assert clock.ahead_ms() == 0
    machine.go(1, set_by=-7_200)
    machine.go(7_200)
    assert clock.now() == 8_202_000 + 7_200_000
    machine.go(0, set_by=7_200)
    assert clock.ahead_ms() == 0
    assert clock.now() == 8_202_000 + 7_200_000
    assert len(machine.faults) == 1


def test_a_clock_never_stands_before_what_was_written_last() -> None:
    machine = Machine()
    clock = machine.clock(not_before_s=5_000)
    assert clock.now() == 5_000_000
    machine.go(2)
    assert clock.now() == 5_002_000
    assert [fault.code for fault in machine.faults] == ["clock_back"]
