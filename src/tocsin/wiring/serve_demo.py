"""The demo, live: an invented shift that is under way when somebody looks, on the same desk, journal and screens as a real one."""

from collections.abc import Awaitable, Callable
from contextlib import ExitStack, closing
from importlib.resources import as_file, files
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import Fault
from tocsin.base.identifiers import ClosureId, CommandId, IncidentId
from tocsin.base.instants import Instant, after, span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.clocks.desk import Desk
from tocsin.clocks.live import WallClock
from tocsin.clocks.played import PlayedClock, Player
from tocsin.core.messages.closure import CloseRoad
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Ask
from tocsin.edge.accounts import open_or_create_accounts
from tocsin.edge.demo_folder import copy_centre, copy_once, make_room
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
from tocsin.wiring.around import Kept, Shown, around, parts_of, tasks_of
from tocsin.wiring.cities import LAB
from tocsin.wiring.cover import adopt_cover, cover_of
from tocsin.wiring.doors import Doors
from tocsin.wiring.lab_runs import LabGround
from tocsin.wiring.opening import tell_opening
from tocsin.wiring.roads import make_region, open_roads
from tocsin.wiring.serve import locator
from tocsin.wiring.serving import Stand, every
from tocsin.wiring.stages import Progress

UNDER_WAY_MS = Millis(60 * 60_000)
"""What has happened already when somebody looks."""

LEFT_WALL_S, OWN_WALL_S = 120.0, 300.0
"""How long persons may take, on the wall and whatever the speed: over an incident that is left to them, and over one of their own."""

SEATS = {"dispatcher": "demo-dispatcher", "call_taker": "demo-call-taker", "wall": "demo-wall", "supervisor": "demo-supervisor"}
"""Role → account."""

DOORS_S = 1.0

FIX_S = 1.0
PARKED_MS = Millis(30_000)
"""Who stands says so twice a minute by the town's clock."""


class DemoOpened(NamedTuple):
    """A demo that is ready to be served, and how one gets in."""

    stand: Stand
    doors: Doors
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
    wall = WallClock(faults=faults)
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    scenario = read_scenario(data.joinpath("live.toml").read_text("utf-8"), file="live.toml")
    clock = PlayedClock(wall, after(scenario.begin_at(), UNDER_WAY_MS), asked.speed_factor)
    clock.pause(is_paused=True)
    make_room(folder, journal_file, keys)
    if not region_file.exists():
        with as_file(data.joinpath("streets.geojson.gz")) as streets:
            make_region(streets, region_file, mapping=None, name="coquimbo", progress=progress)
    centre = copy_centre(data.joinpath("centre"), folder / "centre")
    copy_once(data.joinpath("scenario.toml"), folder / "centre" / LAB)  # so that this centre is simulated with the demo's own calls
    network = open_roads(region_file)
    progress(0, None, "roads")
    network.prepare()
    journal = until.enter_context(closing(SqliteJournal.create(journal_file)))
    vault = until.enter_context(closing(open_or_create_vault(keys)))
    accounts = until.enter_context(closing(open_or_create_accounts(folder / "accounts.db")))
    it = around(network, Kept(journal, vault), clock, clock.wall_s_until, faults)
    city = _city(scenario, network, it.desk, asked, timezone=centre.timezone)
    begin = scenario.begin_at()
    for answer in (*tell_opening(it.desk, centre, begin, clock="simulated"), *it.desk.answer(_road_works(scenario, begin), begin)):
        list(city.hear(answer, begin))
    adopt_cover(it.desk, cover_of(folder / "centre", centre, progress), begin, "simulated")
    player = Player(it.live, it.desk, city, clock)
    progress(0, None, "simulate")
    player.begin(it.desk, after(begin, UNDER_WAY_MS))

    def told() -> ClockTold:
        return ClockTold(clock.now(), "demo", clock.speed_factor, clock.is_paused, centre.timezone)

    hospitals = [(one.name, Place(at=one.place, text=one.name)) for one in scenario.hospitals]
    shown = Shown(told, wall, accounts, locator(network, []), centre.language, hospitals, clock)
    # Without its journal: that is an invented shift.
    parts = parts_of(it, shown._replace(lab=LabGround(folder / "centre", centre, None)), until)

    async def play() -> None:
        clock.pause(is_paused=False)
        await it.live.wake()
        await player.play()

    doors = Doors(accounts, SEATS, wall.now)
    tasks = [play, every(FIX_S, _feeder(city, it.book, clock), faults), every(DOORS_S, doors.look, faults), *tasks_of(it, faults)]
    return DemoOpened(Stand(parts, (it.live, parts.hub), tasks), doors, journal_file)


def _road_works(scenario: Scenario, begin: Instant) -> list[Ask]:
    """Streets that are closed from the beginning, so that closures are seen."""
    closures = [CloseRoad(ClosureId(f"road-works-{nth}"), one.shape(), reason=one.reason) for nth, one in enumerate(scenario.road_works)]
    return [Ask(CommandId(f"opening:{one.closure}"), SEATS["dispatcher"], begin, one, clock="simulated") for one in closures]


def _city(scenario: Scenario, network: RoadNetwork, desk: Desk, asked: DemoAsked, *, timezone: str) -> SharedCity:
    numbers = Numbers()
    city = SharedCity(scenario, StreetDemand(network.region, is_named=True), Drive(network), seed=asked.seed, timezone=timezone)
    patience_s, own_patience_s = LEFT_WALL_S * asked.speed_factor, OWN_WALL_S * asked.speed_factor

    def draw(at: Instant) -> IncidentId:
        return IncidentId(numbers.draw_incident(desk.board, at))

    return city.share(draw, patience_s=patience_s, own_patience_s=own_patience_s)


def _feeder(city: SharedCity, book: PositionsBook, clock: PlayedClock) -> Callable[[], Awaitable[None]]:
    """Crews say where they are as real ones would."""
    parked_at = Instant(0)

    async def feed() -> None:
        nonlocal parked_at
        now = clock.now()
        if is_parked_due := span_ms(start=parked_at, end=now) >= PARKED_MS:
            parked_at = now
        for seen in city.whereabouts(now):
            if seen.heading_deg is not None or is_parked_due:
                book.take(seen.unit, [Reported(seen.place, now, seen.heading_deg, None, Metres(8.0))], now)

    return feed
