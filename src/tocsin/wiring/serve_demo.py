"""The demo, live: an invented shift that is under way when somebody looks, on the same desk, journal and screens as a real one."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

import msgspec

from tocsin.base.faults import Fault
from tocsin.base.identifiers import IncidentId
from tocsin.base.instants import Instant, after
from tocsin.base.quantities import Metres, Millis
from tocsin.clocks.desk import Desk
from tocsin.clocks.live import LiveDesk, Timers, WallClock
from tocsin.clocks.played import PlayedClock, Player
from tocsin.core.board.timers import due, next_due
from tocsin.core.messages.place import Place
from tocsin.edge.accounts import AccountsFile, open_or_create_accounts
from tocsin.edge.demo_folder import copy_centre, make_room
from tocsin.edge.duty_roll import DutyRoll
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.road_map import RoadMap
from tocsin.edge.vault_file import open_or_create_vault
from tocsin.formats.position import Reported
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import Scenario, read_scenario
from tocsin.lab.shared_city import SharedCity
from tocsin.roads.network import RoadNetwork
from tocsin.web.access import Gate
from tocsin.web.hub import Hub
from tocsin.web.numbers import Numbers
from tocsin.web.ports import ClockTold, Parts
from tocsin.web.sessions import SignInDesk
from tocsin.wiring.opening import tell_opening
from tocsin.wiring.refreshing import EVERY_S, Refreshing
from tocsin.wiring.roads import make_region, open_roads
from tocsin.wiring.serve import locator, seats_of
from tocsin.wiring.serving import Stand, console_folder, every, map_part, rows_ready, tell_screens
from tocsin.wiring.stages import Progress

BEGINS = "T17:20:00-04:00"
"""A busy hour of the shipped scenario's day."""

UNDER_WAY_MS = Millis(50 * 60_000)
"""What has happened already when somebody looks."""

KEY_MS = Millis(24 * 3_600_000)

SEATS = (("demo-dispatcher", "dispatcher"), ("demo-call-taker", "call_taker"), ("demo-wall", "wall"))

FIX_S = 1.0
PARKED_EVERY = 10
"""Who stands says so every tenth time."""


class DemoOpened(NamedTuple):
    """A demo that is ready to be served, and one-time keys by role."""

    stand: Stand
    keys: dict[str, str]
    journal: Path


class DemoAsked(NamedTuple):
    """What somebody wants of the demo."""

    folder: Path
    seed: int = 1
    speed: float = 4.0


def open_demo(asked: DemoAsked, *, progress: Progress, until: ExitStack, faults: Callable[[Fault], None]) -> DemoOpened:
    """Raises BadInput ``folder_exists``, ``journal_exists``, ``speed``, and what an unreadable centre raises."""
    folder = asked.folder
    region_file, journal_file, keys = folder / "centre" / "coquimbo.region", folder / "live.journal", folder / "live.keys"
    wall = WallClock()
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    scenario = _evening(read_scenario(data.joinpath("scenario.toml").read_text("utf-8"), file="scenario.toml"))
    clock = PlayedClock(wall, after(scenario.begin_at(), UNDER_WAY_MS), asked.speed)
    clock.pause(is_paused=True)
    make_room(folder, journal_file, keys)
    if not region_file.exists():
        with as_file(data.joinpath("streets.geojson.gz")) as streets:
            make_region(streets, region_file, mapping=None, name="coquimbo", progress=progress)
    centre = copy_centre(data.joinpath("centre"), folder / "centre")
    network = open_roads(region_file)
    progress(0, None, "roads")
    network.prepare()
    journal = until.enter_context(closing(SqliteJournal.create(journal_file)))
    vault = until.enter_context(closing(open_or_create_vault(keys)))
    accounts = until.enter_context(closing(open_or_create_accounts(folder / "accounts.db")))
    roll = DutyRoll()
    book = PositionsBook(roll.since)
    gather = GatherRoads(network, book)
    desk = Desk(journal, gather, vault)
    desk.listen(lambda _: roll.look(desk.board, clock.now()))
    city = _city(scenario, network, desk, seed=asked.seed, timezone=centre.timezone)
    begin = scenario.begin_at()
    for answer in tell_opening(desk, centre, begin, clock="simulated"):
        list(city.hear(answer, begin))
    live = LiveDesk(desk, clock, Timers(due, next_due, clock.wall_s_until))
    player = Player(live, desk, city, clock)
    progress(0, None, "simulate")
    player.begin(desk, after(begin, UNDER_WAY_MS))

    def told() -> ClockTold:
        return ClockTold(clock.now(), "demo", clock.speed, clock.is_paused, centre.timezone)

    rows = rows_ready(journal, desk.board)
    hub = Hub(journal=journal.journal_id, pos=journal.head().pos, clock=told, fixes=book.fixes)
    refreshing = Refreshing(book, clock)
    desk.listen(refreshing.hear)
    desk.listen(tell_screens(hub, rows, lambda: desk.board))
    signing = until.enter_context(closing(SignInDesk(accounts, wall.now)))
    parts = Parts(
        desk=live, journal=journal, vault=vault, hub=hub, rows=rows, access=Gate(accounts, wall.now), positions=book, clock=told,
        locator=locator(network, []), map=map_part(network), roads=RoadMap(network, gather), played=clock,
        console=console_folder(), language=centre.language, extra=signing.routes(),
        seats=lambda: seats_of(accounts), named_places=[(one.name, Place(at=one.place, text=one.name)) for one in scenario.hospitals],
    )  # fmt: skip

    async def play() -> None:
        clock.pause(is_paused=False)
        await live.wake()
        await player.play()

    async def keep_up() -> None:
        await live.look(lambda board: gather.keep_up(board, clock.now()))

    tasks = [
        play,
        every(1.0, keep_up, faults),
        every(EVERY_S, lambda: refreshing.ask(live), faults),
        every(FIX_S, _feeder(city, book, clock), faults),
    ]
    return DemoOpened(Stand(parts, (live, hub), tasks), dict(_seats(accounts, wall.now())), journal_file)


def _evening(scenario: Scenario) -> Scenario:
    return msgspec.structs.replace(scenario, begins=scenario.begins.partition("T")[0] + BEGINS, hours=48.0)


def _city(scenario: Scenario, network: RoadNetwork, desk: Desk, *, seed: int, timezone: str) -> SharedCity:
    numbers = Numbers()
    city = SharedCity(scenario, StreetDemand(network.region), Drive(network), seed=seed, timezone=timezone)
    return city.share(lambda at: IncidentId(numbers.draw_incident(desk.board, at)))


def _seats(accounts: AccountsFile, now: Instant) -> Iterator[tuple[str, str]]:
    there = {account.name for account in accounts.list_accounts()}
    for name, role in SEATS:
        if name not in there:
            accounts.add(name, role)
        yield role, accounts.draw_key(name, expires=after(now, KEY_MS))


def _feeder(city: SharedCity, book: PositionsBook, clock: PlayedClock) -> Callable[[], Awaitable[None]]:
    """Crews say where they are as real ones would."""
    rounds = 0

    async def feed() -> None:
        nonlocal rounds
        rounds += 1
        now = clock.now()
        for seen in city.whereabouts(now):
            if seen.heading_deg is not None or rounds % PARKED_EVERY == 1:
                book.take(seen.unit, [Reported(seen.place, now, seen.heading_deg, None, Metres(8.0))], now)

    return feed
