"""The played clock: a shift at another speed, persons beside an invented city, and the past on the same screens."""

import asyncio

import pytest

from shift_page import asks_of, drawn_from
from tocsin.base.faults import BadInput, Broken
from tocsin.base.instants import Instant, after
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.live import LiveDesk, WallClock
from tocsin.clocks.past import PastDesk, first_at
from tocsin.clocks.played import PlayedClock, Player
from tocsin.clocks.simulate import Moment
from tocsin.core.messages.incident import IncidentOpened
from tocsin.core.messages.said import Ask
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.vault_memory import MemoryVault

NOON = Instant(1_586_260_800_000)


class Wall:
    """A wall clock that the test moves."""

    def __init__(self) -> None:
        self.at = Instant(1_000_000)

    def now(self) -> Instant:
        return self.at

    def goes_on(self, wall_ms: int) -> None:
        self.at = after(self.at, Millis(wall_ms))


def test_the_clock_runs_at_its_speed_and_keeps_its_place_when_that_changes() -> None:
    wall = Wall()
    clock = PlayedClock(wall, NOON, 4.0)
    wall.goes_on(1000)
    assert clock.now() == NOON + 4000
    assert clock.wall_s_until(Instant(NOON + 12_000)) == 2.0
    clock.set_speed(60.0)
    assert clock.now() == NOON + 4000
    wall.goes_on(500)
    assert clock.now() == NOON + 34_000
    clock.pause(is_paused=True)
    wall.goes_on(90_000)
    assert clock.now() == NOON + 34_000
    clock.pause(is_paused=False)
    wall.goes_on(100)
    assert clock.now() == NOON + 40_000


@pytest.mark.parametrize("speed", [0.0, -1.0, 601.0, float("nan"), float("inf")])
def test_a_speed_that_nobody_can_watch_is_told_so(speed: float) -> None:
    with pytest.raises(BadInput) as caught:
        PlayedClock(Wall(), NOON, speed)
    assert caught.value.code == "speed"
    clock = PlayedClock(Wall(), NOON)
    with pytest.raises(BadInput):
        clock.set_speed(speed)
    assert clock.speed_factor == 1.0


PAGE = """
card fire: engine needs pump
unit E1 engine can pump
road E1 -> I1 90s
08:00 open I1 fire
08:01 send I1 E1
08:02 E1 en_route
08:04 E1 on_scene
08:30 E1 on_radio
"""


def played(page: str) -> tuple[MemoryJournal, Desk, list[tuple[Instant, Ask]]]:
    roads, asks = asks_of(page)
    journal = MemoryJournal("page")
    return journal, Desk(journal, GatherTable(roads), MemoryVault(drawn_from("page"))), asks


class Script:
    """A world that says what a page says, and hears."""

    def __init__(self, asks: list[tuple[Instant, Ask]]) -> None:
        self.asks, self.heard = asks, []  # type: ignore[var-annotated]

    def begin(self) -> list[Moment[Ask]]:
        return [Moment(at, ask) for at, ask in self.asks]

    def act(self, moment: Moment[Ask]) -> list[Ask]:
        return [moment.what]

    def hear(self, answer: Answer, now: Instant) -> list[Moment[Ask]]:
        self.heard.append(answer.cmd)
        return []


def test_what_came_before_is_played_at_once_and_the_rest_as_its_time_comes() -> None:
    journal, desk, asks = played(PAGE)
    world, wall = Script(asks), Wall()
    clock = PlayedClock(wall, asks[-1][0], 1.0)
    clock.pause(is_paused=True)
    half = next(at for at, ask in asks if "EnRoute" in repr(ask.command))

    async def shift() -> None:
        async with LiveDesk(desk, clock) as live:
            player = Player(live, desk, world, clock)
            player.begin(desk, half)
            assert desk.board.units["E1"].phase == "en_route"
            task = asyncio.create_task(player.play())
            async with asyncio.timeout(5):
                while desk.board.units["E1"].phase != "on_radio":
                    await asyncio.sleep(0.005)
            task.cancel()

    asyncio.run(shift())
    assert {ask.id for _, ask in asks} <= set(world.heard)
    assert journal.head().pos == len(list(journal.read()))


def test_the_past_is_told_as_it_was_and_ends_where_it_has_come_to() -> None:
    journal, desk, asks = played(PAGE)
    for at, ask in asks:
        desk.answer([ask], at)
    wall = Wall()
    begin = first_at(journal)
    assert begin is not None
    past = PastDesk(journal, PlayedClock(wall, begin, 60.0))
    told: list[Answer] = []
    past.listen(told.append)
    past.tell_until(begin, quietly=True)
    assert told == [] and "I1" in past.board.incidents and past.board.units["E1"].is_free()
    shown = past.journal.head().pos
    assert [stored.pos for stored in past.journal.read()] == list(range(1, shown + 1))
    past.tell_until(asks[-1][0])
    assert past.is_over and past.journal.head() == journal.head()
    assert past.board.units["E1"].phase == desk.board.units["E1"].phase
    assert past.board.versions == desk.board.versions
    assert not any(isinstance(event, IncidentOpened) for answer in told for event in answer.events)  # that was told before

    with pytest.raises(Broken):
        past.journal.append([], expected=0)
    with pytest.raises(BadInput) as caught:
        asyncio.run(past.ask(asks[-1][1]))
    assert caught.value.code == "past_is_past"


def test_a_clock_that_is_told_to_go_otherwise_wakes_who_waits_for_it() -> None:
    clock, woken = PlayedClock(WallClock(), Instant(0)), []
    clock.on_wake(lambda: woken.append(clock.speed_factor))
    clock.set_speed(60.0)
    clock.wake()
    assert woken == [60.0]
