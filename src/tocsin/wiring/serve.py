"""A centre, live: its files opened, its desk put together with everything around it."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput, Fault
from tocsin.base.instants import Instant, after, iso
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer, Desk
from tocsin.clocks.live import LiveDesk, Timers, WallClock
from tocsin.core.board.timers import due, next_due
from tocsin.core.messages.centre import DropPositions
from tocsin.edge.accounts import AccountsFile, open_or_create_accounts
from tocsin.edge.area_files import read_areas
from tocsin.edge.centre_folder import read_centre_folder, region_path, speeds_path
from tocsin.edge.duty_roll import DutyRoll
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.positions_store import PositionsStore
from tocsin.edge.road_map import RoadMap
from tocsin.edge.vault_file import open_or_create_vault
from tocsin.formats.centre import Centre
from tocsin.places.areas import NO_AREAS
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.locate import Locator
from tocsin.roads.info import info
from tocsin.roads.network import RoadNetwork
from tocsin.web.access import Gate
from tocsin.web.hub import Hub
from tocsin.web.ports import ClockTold, Parts
from tocsin.web.sessions import SignInDesk
from tocsin.wiring.opening import ask_as_tocsin, tell_changes
from tocsin.wiring.places import SECTION
from tocsin.wiring.refreshing import EVERY_S, Refreshing
from tocsin.wiring.roads import open_roads
from tocsin.wiring.serving import Stand, console_folder, every, map_part, rows_ready, tell_screens
from tocsin.wiring.stages import Progress

FIRST_KEY_MS = Millis(30 * 60_000)
"""How long the first sign-in waits for somebody."""

POSITIONS_KEPT_DAYS = 30


class CentreFiles(NamedTuple):
    """Where a served centre keeps what it writes."""

    journal: Path
    keys: Path
    accounts: Path
    positions: Path

    @classmethod
    def of(cls, folder: Path, journal: Path | None = None) -> "CentreFiles":
        """Beside the centre's own files unless stated otherwise."""
        return cls(journal or folder / "centre.journal", folder / "centre.keys", folder / "accounts.db", folder / "positions")


class Opened(NamedTuple):
    """A centre that is ready to be served."""

    stand: Stand
    centre: Centre
    first_key: str | None
    """One-time key of the first supervisor, where nobody has an account yet."""


def open_centre(
    folder: Path, *, journal: Path | None, areas: list[Path], progress: Progress, until: ExitStack, faults: Callable[[Fault], None]
) -> Opened:
    """Raises the BadInput of unreadable files, ``region_missing``, ``journal_in_use``, ``centre_other``."""
    centre = read_centre_folder(folder)
    files = CentreFiles.of(folder, journal)
    clock = WallClock()
    network = ready_roads(folder, centre, progress)
    kept = until.enter_context(closing(SqliteJournal.open_or_create(files.journal)))
    vault = until.enter_context(closing(open_or_create_vault(files.keys)))
    accounts = until.enter_context(closing(open_or_create_accounts(files.accounts)))
    roll = DutyRoll()
    book, store = PositionsBook(roll.since), until.enter_context(closing(PositionsStore(files.positions)))
    gather = GatherRoads(network, book)
    desk = Desk(kept, gather, vault)
    tell_changes(desk, centre, clock.now())
    roll.look(desk.board, clock.now())
    live = LiveDesk(desk, clock, Timers(due, next_due, clock.wall_s_until))

    def told() -> ClockTold:
        return ClockTold(clock.now(), "exercise" if centre.footing == "exercise" else "live", 1.0, is_paused=False, zone=centre.timezone)

    rows = rows_ready(kept, desk.board)
    hub = Hub(journal=kept.journal_id, pos=kept.head().pos, clock=told, fixes=book.fixes)
    desk.listen(lambda _: roll.look(desk.board, clock.now()))
    refreshing = Refreshing(book, clock)
    desk.listen(refreshing.hear)
    desk.listen(tell_screens(hub, rows, lambda: desk.board))
    gate = Gate(accounts, clock.now)
    signing = until.enter_context(closing(SignInDesk(accounts, clock.now)))
    parts = Parts(
        desk=live, journal=kept, vault=vault, hub=hub, rows=rows, access=gate, positions=book, clock=told,
        locator=locator(network, areas), map=map_part(network), roads=RoadMap(network, gather),
        console=console_folder(), language=centre.language, extra=signing.routes(), seats=lambda: seats_of(accounts),
    )  # fmt: skip

    async def keep_up() -> None:
        await live.look(lambda board: gather.keep_up(board, clock.now()))

    tasks = [
        every(1.0, keep_up, faults),
        every(EVERY_S, lambda: refreshing.ask(live), faults),
        every(1.0, lambda: _store(book, store), faults),
        every(3600.0, lambda: _drop_old(store, live, clock.now()), faults),
    ]
    return Opened(Stand(parts, (live, hub), tasks), centre, first_key(accounts, clock.now()))


def ready_roads(folder: Path, centre: Centre, progress: Progress) -> RoadNetwork:
    """The centre's roads, warm. Raises BadInput ``region_missing`` where the centre names none or it is not there."""
    path = region_path(folder, centre)
    if path is None or not path.exists():
        raise BadInput("region_missing", file=str(folder / "centre.toml"), field="region", value=centre.region)
    progress(0, None, "roads")
    network = open_roads(path, speeds_path(folder, centre))
    network.prepare()
    return network


def locator(network: RoadNetwork, areas: list[Path]) -> Locator:
    """Answers where something is, from the region that is open already."""
    section = network.region.sections.get(SECTION)
    gazetteer = Gazetteer.open(section) if section is not None else None
    return Locator(gazetteer, areas=read_areas(areas) if areas else NO_AREAS, bbox=info(network.region).bbox)


def first_key(accounts: AccountsFile, now: Instant) -> str | None:
    """Where nobody has an account: one for the first supervisor, and the key that lets in once. There is no password to guess."""
    if accounts.list_accounts():
        return None
    accounts.add("supervisor", "supervisor")
    return accounts.draw_key("supervisor", expires=after(now, FIRST_KEY_MS))


def seats_of(accounts: AccountsFile) -> list[str]:
    """Who can be written to."""
    return [account.name for account in accounts.list_accounts() if not account.is_disabled]


async def _store(book: PositionsBook, store: PositionsStore) -> None:
    await asyncio.to_thread(store.write, book.take_frame())


async def _drop_old(store: PositionsStore, live: LiveDesk, now: Instant) -> None:
    """Days whose span of keeping is over: their hash enters the journal, then they are deleted."""
    before = iso(after(now, Millis(-POSITIONS_KEPT_DAYS * 86_400_000)))[:10]
    for gone in await asyncio.to_thread(store.expired, before):
        asked = ask_as_tocsin(
            f"drop-positions:{gone.path.name}:{gone.sha256[:16]}", now, DropPositions(gone.day, gone.sha256, gone.positions), "server"
        )
        answer: Answer = await live.ask(asked)
        if answer.refusal is None:
            await asyncio.to_thread(store.drop, gone)
