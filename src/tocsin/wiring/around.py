"""Around one desk: positions, roads, rows, the hub and the ports of the server. The same for a centre and for the demo."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from typing import NamedTuple

from tocsin.base.faults import Fault
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Desk
from tocsin.clocks.live import LiveDesk, Timers
from tocsin.core.board.board import Board
from tocsin.core.board.timers import due, next_due
from tocsin.core.messages.place import Place
from tocsin.core.ports import Clock, Journal, Vault
from tocsin.edge.accounts import AccountsFile
from tocsin.edge.duty_roll import DutyRoll
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.road_map import RoadMap
from tocsin.formats.status_codes import StatusTable
from tocsin.places.locate import Locator
from tocsin.roads.network import RoadNetwork
from tocsin.web.access import Gate, cookie_of
from tocsin.web.hub import Hub
from tocsin.web.ports import ClockTold, Parts, PlayedClock, SeatTold
from tocsin.web.sessions import SignInDesk
from tocsin.wiring.lab_runs import LabGround, LabRuns
from tocsin.wiring.refreshing import EVERY_S, Refreshing
from tocsin.wiring.serving import Task, console_folder, every, map_part, rows_ready, tell_screens
from tocsin.words.line import tongue_of

KEEP_UP_S = 1.0


class Around(NamedTuple):
    """A desk and what stands around it."""

    desk: Desk
    live: LiveDesk
    book: PositionsBook
    roll: DutyRoll
    gather: GatherRoads
    network: RoadNetwork
    journal: Journal
    vault: Vault
    clock: Clock


class Kept(NamedTuple):
    """What a desk is opened on."""

    journal: Journal
    vault: Vault


def around(
    network: RoadNetwork, kept: Kept, clock: Clock, wall_s_until: Callable[[Instant], float], faults: Callable[[Fault], None]
) -> Around:
    """A desk on these roads and this journal. What is told it next is followed by the roll of duty."""
    journal, vault = kept
    roll = DutyRoll()
    book = PositionsBook(roll.since)
    gather = GatherRoads(network, book)
    desk = Desk(journal, gather, vault)
    desk.listen(lambda answer: roll.hear(answer.events, desk.board, clock.now()))
    roll.look(desk.board, clock.now())
    live = LiveDesk(desk, clock, Timers(due, next_due, wall_s_until), faults)
    return Around(desk, live, book, roll, gather, network, journal, vault, clock)


class Shown(NamedTuple):
    """What differs between a centre and the demo."""

    told: Callable[[], ClockTold]
    wall: Clock
    """For sessions, whatever clock the desk runs on."""
    accounts: AccountsFile
    locator: Locator
    language: str
    named_places: Sequence[tuple[str, Place]] = ()
    played: PlayedClock | None = None
    statuses: StatusTable | None = None
    """Radio codes that the command line reads."""
    lab: LabGround | None = None
    """What experiments are made on."""


def parts_of(it: Around, shown: Shown, until: ExitStack) -> Parts:
    """The server's ports, fed from now on by every answer of the desk."""
    rows, cookie = rows_ready(it.journal, it.desk.board), cookie_of(it.journal.journal_id)
    hub = Hub(
        journal=it.journal.journal_id,
        pos=it.journal.head().pos,
        clock=shown.told,
        fixes=it.book.fixes,
        is_live=lambda: it.live.is_live,
    )
    it.desk.listen(tell_screens(hub, rows, lambda: it.desk.board))
    signing = until.enter_context(closing(SignInDesk(shown.accounts, shown.wall.now, cookie)))
    lab = None if shown.lab is None else until.enter_context(closing(LabRuns(shown.lab, lambda: shown.told().now)))
    return Parts(
        desk=it.live,
        journal=it.journal,
        vault=it.vault,
        hub=hub,
        rows=rows,
        access=Gate(shown.accounts, shown.wall.now, cookie),
        positions=it.book,
        clock=shown.told,
        locator=shown.locator,
        map=map_part(it.network),
        roads=RoadMap(it.network, it.gather),
        played=shown.played,
        console=console_folder(),
        language=shown.language,
        extra=signing.routes(),
        seats=lambda: [SeatTold(one.name, one.role) for one in shown.accounts.list_accounts() if not one.is_disabled],
        named_places=shown.named_places,
        tongue=lambda language: tongue_of(language, shown.statuses),
        lab=lab,
    )


def tasks_of(it: Around, faults: Callable[[Fault], None]) -> list[Task]:
    """What is done beside the desk: following the fleet, asking again where units have moved."""
    refreshing = Refreshing(it.book, it.clock)
    it.desk.listen(refreshing.hear)
    it.desk.tell_faults(faults)

    def follow(board: Board) -> None:
        it.roll.look(board, it.clock.now())
        it.gather.keep_up(board, it.clock.now())

    async def keep_up() -> None:
        await it.live.look(follow)

    return [it.live.watch, every(KEEP_UP_S, keep_up, faults), every(EVERY_S, lambda: refreshing.ask(it.live), faults)]
