"""A journal watched on the live screens, at any speed. Read only: nothing is asked and nothing is written."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput, Fault
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.clocks.live import WallClock
from tocsin.clocks.past import PastDesk, first_at
from tocsin.clocks.played import PlayedClock
from tocsin.edge.accounts import open_or_create_accounts
from tocsin.edge.journal_places import journal_to_read
from tocsin.edge.vault_memory import MemoryVault
from tocsin.formats.position import Reported
from tocsin.places.areas import NO_AREAS
from tocsin.places.locate import Locator
from tocsin.views.situation import Fix
from tocsin.views.situation_rows import Rows
from tocsin.web.access import Gate, cookie_of
from tocsin.web.hub import Hub
from tocsin.web.ports import ClockTold, Parts
from tocsin.web.sessions import SignInDesk
from tocsin.wiring.doors import Doors
from tocsin.wiring.roads import open_roads
from tocsin.wiring.serve import locator
from tocsin.wiring.serve_demo import DOORS_S
from tocsin.wiring.serving import Stand, console_folder, every, map_part, tell_screens


class PastAsked(NamedTuple):
    """What is to be watched."""

    journal: Path
    folder: Path
    """For the accounts of those who watch."""
    region: Path | None = None
    speed_factor: float = 60.0
    begin: Instant | None = None
    """None = at its first call."""


class PastOpened(NamedTuple):
    """A journal that is ready to be watched."""

    stand: Stand
    doors: Doors


def open_past(asked: PastAsked, *, until: ExitStack, faults: Callable[[Fault], None]) -> PastOpened:
    """Raises BadInput of an unreadable journal, ``journal_empty``, ``speed``."""
    wall = WallClock()
    journal = until.enter_context(journal_to_read(asked.journal))
    begin = asked.begin if asked.begin is not None else first_at(journal)
    if begin is None:
        raise BadInput("journal_empty", file=str(asked.journal))
    clock = PlayedClock(wall, begin, asked.speed_factor)
    past, rows = PastDesk(journal, clock), Rows()
    past.listen(lambda answer: rows.take(enumerate(answer.records, start=answer.pos - len(answer.records) + 1)))
    past.tell_until(begin)
    past.forget_listeners()
    zone = past.board.centre.timezone if past.board.centre is not None else "UTC"

    def told() -> ClockTold:
        return ClockTold(clock.now(), "replay", clock.speed_factor, clock.is_paused, zone)

    hub = Hub(journal=journal.journal_id, pos=past.journal.head().pos, clock=told, fixes=list)
    past.listen(tell_screens(hub, rows, lambda: past.board))
    asked.folder.mkdir(parents=True, exist_ok=True)
    accounts = until.enter_context(closing(open_or_create_accounts(asked.folder / "accounts.db")))
    network = open_roads(asked.region) if asked.region is not None else None
    cookie = cookie_of(journal.journal_id)
    signing = until.enter_context(closing(SignInDesk(accounts, wall.now, cookie)))
    parts = Parts(
        desk=past, journal=past.journal, vault=MemoryVault(), hub=hub, rows=rows, access=Gate(accounts, wall.now, cookie),
        positions=NoPositions(), clock=told, locator=locator(network, []) if network is not None else Locator(None, areas=NO_AREAS),
        map=map_part(network) if network is not None else None, roads=None, played=clock, console=console_folder(), extra=signing.routes(),
    )  # fmt: skip
    doors = Doors(accounts, {"dispatcher": "watcher"}, wall.now)
    return PastOpened(Stand(parts, (hub,), [past.play, every(DOORS_S, doors.look, faults)]), doors)


class NoPositions:
    """Positions are kept apart from journals and for days only: the past has none."""

    def take(self, unit: UnitId, positions: Sequence[Reported], received: Instant) -> int:
        """Takes nothing."""
        return 0

    def pass_over(self, *, fields: int, without_fix: int) -> None:
        """Nothing is counted."""

    def fixes(self) -> list[Fix]:
        """None."""
        return []

    def find(self, unit: UnitId) -> Fix | None:
        """None."""
        return None
