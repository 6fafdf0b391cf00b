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
from tocsin.clocks.live import WallClock
from tocsin.clocks.played import PlayedClock, Player
from tocsin.core.messages.place import Place
from tocsin.edge.accounts import AccountsFile, open_or_create_accounts
from tocsin.edge.demo_folder import copy_centre, make_room
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.vault_file import open_or_create_vault
from tocsin.formats.position import Reported
from tocsin.lab.demand import Drive, StreetDemand
from tocsin.lab.scenario import Scenario, read_scenario
from tocsin.lab.shared_city import SharedCity
from tocsin.roads.network import RoadNetwork
from tocsin.web.numbers import Numbers
from tocsin.web.ports import ClockTold
from tocsin.wiring.around import Shown, around, parts_of, tasks_of
from tocsin.wiring.opening import tell_opening
from tocsin.wiring.roads import make_region, open_roads
from tocsin.wiring.serve import locator
from tocsin.wiring.serving import Stand, every
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
    speed_factor: float = 4.0


def open_demo(asked: DemoAsked, *, progress: Progress, until: ExitStack, faults: Callable[[Fault], None]) -> DemoOpened:
    """Raises BadInput ``folder_exists``, ``journal_exists``, ``speed``, and what an unreadable centre raises."""
    folder = asked.folder
    region_file, journal_file, keys = folder / "centre" / "coquimbo.region", folder / "live.journal", folder / "live.keys"
    wall = WallClock()
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    scenario = _evening(read_scenario(data.joinpath("scenario.toml").read_text("utf-8"), file="scenario.toml"))
    clock = PlayedClock(wall, after(scenario.begin_at(), UNDER_WAY_MS), asked.speed_factor)
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
    it = around(network, journal, vault, clock, clock.wall_s_until)
    city = _city(scenario, network, it.desk, seed=asked.seed, timezone=centre.timezone)
    begin = scenario.begin_at()
    for answer in tell_opening(it.desk, centre, begin, clock="simulated"):
        list(city.hear(answer, begin))
    player = Player(it.live, it.desk, city, clock)
    progress(0, None, "simulate")
    player.begin(it.desk, after(begin, UNDER_WAY_MS))

    def told() -> ClockTold:
        return ClockTold(clock.now(), "demo", clock.speed_factor, clock.is_paused, centre.timezone)

    hospitals = [(one.name, Place(at=one.place, text=one.name)) for one in scenario.hospitals]
    parts = parts_of(it, Shown(told, wall, accounts, locator(network, []), centre.language, hospitals, clock), until)

    async def play() -> None:
        clock.pause(is_paused=False)
        await it.live.wake()
        await player.play()

    tasks = [play, every(FIX_S, _feeder(city, it.book, clock), faults), *tasks_of(it, faults)]
    return DemoOpened(Stand(parts, (it.live, parts.hub), tasks), dict(_seats(accounts, wall.now())), journal_file)


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
