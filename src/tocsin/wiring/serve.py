"""A centre, live: its files opened, its desk put together with everything around it."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput, Fault
from tocsin.base.instants import Instant, after, iso
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Answer
from tocsin.clocks.live import LiveDesk, WallClock
from tocsin.core.messages.centre import DropPositions
from tocsin.core.messages.line import decode
from tocsin.core.ports import Journal
from tocsin.edge import status_tables
from tocsin.edge.accounts import AccountsFile, open_or_create_accounts
from tocsin.edge.area_files import read_areas
from tocsin.edge.centre_folder import read_centre_folder, region_path, speeds_path
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.positions_store import PositionsStore
from tocsin.edge.vault_file import open_or_create_vault
from tocsin.formats.centre import Centre
from tocsin.places.areas import NO_AREAS
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.locate import Locator
from tocsin.roads.info import info
from tocsin.roads.network import RoadNetwork
from tocsin.web.ports import ClockTold
from tocsin.wiring.around import Kept, Shown, around, parts_of, tasks_of
from tocsin.wiring.couriers import open_outbox
from tocsin.wiring.cover import tell_cover
from tocsin.wiring.lab_kept import FOLDER as RESULTS
from tocsin.wiring.lab_runs import LabGround
from tocsin.wiring.opening import ask_as_tocsin, tell_changes
from tocsin.wiring.paper import EVERY_S, Paper
from tocsin.wiring.places import SECTION
from tocsin.wiring.roads import open_roads
from tocsin.wiring.serving import Stand, every
from tocsin.wiring.stages import Progress

FIRST = "supervisor"
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
    network = ready_roads(folder, centre, progress)
    kept = until.enter_context(closing(SqliteJournal.open_or_create(files.journal)))
    vault = until.enter_context(closing(open_or_create_vault(files.keys)))
    accounts = until.enter_context(closing(open_or_create_accounts(files.accounts)))
    store = until.enter_context(closing(PositionsStore(files.positions)))
    clock = WallClock(not_before=last_recorded(kept), faults=faults)
    it = around(network, Kept(kept, vault), clock, clock.wall_s_until, faults)
    tell_changes(it.desk, kept, centre, clock.now())
    tell_cover(it.desk, folder, centre, clock.now(), progress, faults)

    def told() -> ClockTold:
        return ClockTold(clock.now(), "exercise" if centre.footing == "exercise" else "live", 1.0, is_paused=False, zone=centre.timezone)

    statuses = status_tables.load(centre.status_codes, folder) if centre.status_codes else None
    shown = Shown(told, clock, accounts, locator(network, areas), centre.language, statuses=statuses)
    parts = parts_of(it, shown._replace(lab=LabGround(folder, centre, files.journal, folder / RESULTS)), until)
    parts = parts._replace(outbox=open_outbox(folder, centre, kept, until=until, faults=faults))
    paper = Paper(folder / "paper", parts, faults)
    tasks = [
        *tasks_of(it, faults),
        every(EVERY_S, paper.write, faults),
        every(1.0, lambda: _store(it.book, store), faults),
        every(3600.0, lambda: _drop_old(store, it.live, clock.now()), faults),
    ]
    return Opened(Stand(parts, (it.live, parts.hub, paper), tasks), centre, first_key(accounts, clock.now()))


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


def last_recorded(journal: Journal) -> Instant:
    """When the journal's last line was written down: a desk's time never stands before it."""
    head = journal.head().pos
    return next((decode(stored.body).recorded for stored in journal.read(from_pos=head)), Instant(0)) if head else Instant(0)


def first_key(accounts: AccountsFile, now: Instant) -> str | None:
    """Where nobody has a password yet: an account for the first supervisor, and a key that lets in once. There is no password to guess."""
    there = accounts.list_accounts()
    if any(account.has_password or account.role != "supervisor" for account in there):
        return None
    if not there:
        accounts.add(FIRST, "supervisor")
    return accounts.draw_key(there[0].name if there else FIRST, expires=after(now, FIRST_KEY_MS))


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
