"""What the web server is handed by wiring, and the ports behind it: accounts, positions, roads. No adapter is named here."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.base.seats import Role
from tocsin.clocks.live import LiveDesk
from tocsin.core.board.board import Board
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Command
from tocsin.core.ports import Journal, Vault
from tocsin.formats.line.tongue import Tongue
from tocsin.formats.position import Reported
from tocsin.maps.archive import TileArchive
from tocsin.places.locate import Locator
from tocsin.views.situation import Fix
from tocsin.views.situation_rows import Rows

if TYPE_CHECKING:
    from starlette.requests import Request

    from tocsin.web.asked import Route
    from tocsin.web.hub import Hub


class Seat(NamedTuple):
    """Who asks: an account that is signed in, or a unit's own device."""

    name: str
    """``actor`` in the journal: the account's name, ``unit:E1`` for a device."""
    role: Role
    unit: UnitId | None
    """The unit that a crew is bound to."""
    language: str | None
    """None = as the browser asks."""
    session: str
    """Names the session without opening it."""


class Access(Protocol):
    """Who may do what (``web/access.py``). All of it is told once per request, before anything is read of the body."""

    async def admit(self, request: "Request", route: "Route") -> Seat | None:
        """The seat that asks; None on a route without sign-in where nobody is signed in.

        Raises BadInput ``not_signed_in`` (401), ``not_granted``, ``csrf``, ``other_origin`` (403), ``too_many_tries`` (429).
        """
        ...

    def may(self, seat: Seat, command: Command) -> bool:
        """Whether this seat may say that: an allow-list by role, and a crew only of its own unit."""
        ...

    async def is_signed_in(self, seat: Seat) -> bool:
        """Whether the session still holds; streams ask every few seconds."""
        ...

    async def find_unit(self, request: "Request") -> UnitId | None:
        """The unit whose device token the request carries: Bearer, Basic password, or ``?key=``."""
        ...


class PositionBook(Protocol):
    """Last positions in memory, all of them in the position store. Safe for threads."""

    def take(self, unit: UnitId, positions: Sequence[Reported], received: Instant) -> int:
        """Take up what a unit's device said; how many were kept."""
        ...

    def fixes(self) -> list[Fix]:
        """The last of every unit."""
        ...

    def find(self, unit: UnitId) -> Fix | None:
        """The last of one unit."""
        ...


class UnitRoute(msgspec.Struct, frozen=True):
    """The way of a unit to an incident."""

    unit: UnitId
    line: tuple[LonLat, ...]
    eta_ms: Millis | None
    is_under_way: bool
    """False = recommended, not sent."""


class MapAnswers(Protocol):
    """What needs the roads. Called in a thread, never in the event loop, and never with a board that the desk goes on changing:
    ``copy`` of what it needs is taken by ``ask`` in the desk's thread."""

    @property
    def is_ready(self) -> bool:
        """False while the roads are being prepared."""
        ...

    def routes_asked(self, board: Board, incident: IncidentId, now: Instant) -> Any:
        """In the desk's thread, quickly: what ``routes`` needs of the board. Raises Refused IncidentUnknown."""
        ...

    def routes(self, asked: Any) -> Sequence[UnitRoute]:
        """In any thread."""
        ...

    def reach_asked(self, board: Board, now: Instant) -> Any:
        """In the desk's thread, quickly: where the free units are."""
        ...

    def reach(self, asked: Any, minutes: Sequence[int]) -> dict[str, Any]:
        """GeoJSON, largest area first. In any thread."""
        ...


class ClockTold(msgspec.Struct, frozen=True):
    """The clock that the screens count by."""

    now: Instant
    mode: str
    """``live``, ``demo``, ``exercise``, ``replay`` or ``simulation``."""
    speed: float  # times the wall clock's
    is_paused: bool
    zone: str


class PlayedClock(Protocol):
    """A clock that can be told to go on faster, slower or not at all (demo and replay)."""

    def set_speed(self, speed_factor: float) -> None:
        """Times the wall clock's."""
        ...

    def pause(self, *, is_paused: bool) -> None:
        """Stand still, or go on."""
        ...


class MapPart(NamedTuple):
    """The map of the centre's region."""

    archive: TileArchive
    map_hash: str
    attribution: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    """West, south, east, north."""


class Parts(NamedTuple):
    """All that the server needs. Wiring makes it; tests make it of fakes."""

    desk: LiveDesk
    journal: Journal
    vault: Vault
    hub: "Hub"
    rows: Rows
    """Touched in the desk's thread only."""
    access: Access
    positions: PositionBook
    clock: Callable[[], ClockTold]
    locator: Locator
    map: MapPart | None = None
    roads: MapAnswers | None = None
    played: PlayedClock | None = None
    console: Path | None = None
    """Folder of the built console."""
    language: str = "en"
    """Where neither account nor browser names one."""
    tongue: Callable[[str], Tongue] | None = None
    """The command line's language with the centre's own status codes; None = without such codes."""
    seats: Callable[[], Sequence[str]] = tuple
    """Names of accounts that a message can be sent to. May read a file: called in a thread."""
    named_places: Sequence[tuple[str, Place]] = ()
    """Places that the centre knows by name besides its stations: hospitals."""
    extra: Sequence["Route"] = ()
    """Routes of other parts: accounts and sessions, the description."""
