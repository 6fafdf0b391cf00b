"""What the web server is handed by wiring, and the ports behind it: accounts, positions, roads. No adapter is named here."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from starlette.requests import Request

from tocsin.base.faults import Fault
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import Answer
from tocsin.core.board.board import Board
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Ask, Command
from tocsin.core.ports import CourierTold, Journal, Vault
from tocsin.formats.line.tongue import Tongue
from tocsin.formats.position import Reported
from tocsin.maps.archive import TileArchive
from tocsin.places.locate import Locator
from tocsin.views.situation import Fix
from tocsin.views.situation import UnitRoute as UnitRoute  # noqa: PLC0414 - the alias says that it may be taken from here
from tocsin.views.situation_rows import Rows
from tocsin.web.clock_told import ClockTold as ClockTold  # noqa: PLC0414 - the aliases say that these may be taken from here
from tocsin.web.hub import Hub
from tocsin.web.lab_told import LabChoices, LabWish, LabWorked, State, VerdictTold
from tocsin.web.numbers import Numbers
from tocsin.web.seat import Seat as Seat  # noqa: PLC0414 - as above
from tocsin.web.seat import SeatTold as SeatTold  # noqa: PLC0414 - as above

T = TypeVar("T")


class DeskAsked(Protocol):
    """The desk behind the server: the live one, or one that tells the past and answers nobody."""

    async def ask(self, ask: Ask) -> Answer:
        """The answer, once it is durable."""
        ...

    async def look(self, fn: Callable[[Board], T]) -> T:
        """What ``fn`` reads off the board, in the desk's thread."""
        ...

    async def wake(self) -> None:
        """The clock goes otherwise than before."""
        ...

    @property
    def is_live(self) -> bool:
        """Whether it answers: False when it has stopped or is stuck."""
        ...


class Access(Protocol):
    """Who may do what (``web/access.py``). All of it is told once per request, before anything is read of the body."""

    async def admit(self, request: Request, route: "Route") -> Seat | None:
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

    async def find_unit(self, request: Request) -> UnitId | None:
        """The unit whose device token the request carries: Bearer, Basic password, or ``?key=``."""
        ...


class PositionBook(Protocol):
    """Last positions in memory, all of them in the position store. Safe for threads."""

    def take(self, unit: UnitId, positions: Sequence[Reported], received: Instant) -> int:
        """Take up what a unit's device said; how many were kept."""
        ...

    def pass_over(self, *, fields: int, without_fix: int) -> None:
        """Count what was said and not even looked at."""
        ...

    def fixes(self) -> list[Fix]:
        """The last of every unit."""
        ...

    def find(self, unit: UnitId) -> Fix | None:
        """The last of one unit."""
        ...


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


class PlayedClock(Protocol):
    """A clock that can be told to go on faster, slower or not at all (demo and replay)."""

    def set_speed(self, speed_factor: float) -> None:
        """Times the wall clock's."""
        ...

    def pause(self, *, is_paused: bool) -> None:
        """Stand still, or go on."""
        ...

    def wake(self) -> None:
        """Tell whoever waits for a moment of it that it goes otherwise."""
        ...


class LabRun(NamedTuple):
    """An experiment as the lab keeps it, at one moment."""

    id: str
    wish: LabWish
    by: str
    asked_at: Instant
    state: State
    stage: str = ""
    """Code of what it does just now: ``cli.stage.<code>``."""
    done: int = 0
    of: int | None = None
    ended_at: Instant | None = None
    worked: LabWorked | None = None
    fault: Fault | None = None
    is_kept: bool = False
    """Whether its result is there after the server has ended."""


class LabWords(NamedTuple):
    """Sentences that belong to a result, in one language."""

    changes: Sequence[str]
    verdicts: Sequence[VerdictTold]
    remarks: Sequence[str]
    partial: str
    trust: str = ""
    """Of a log: how near what is lived again comes to what was."""


class Lab(Protocol):
    """Experiments on the served centre, each in a process of its own that no desk ever waits for. Safe for threads."""

    @property
    def choices(self) -> LabChoices:
        """What can be picked."""
        ...

    @property
    def since(self) -> Instant:
        """Since when results are kept."""
        ...

    @property
    def most_kept(self) -> int:
        """How many are."""
        ...

    @property
    def days_kept(self) -> int | None:
        """For how long; None = until the server ends."""
        ...

    def runs(self) -> Sequence[LabRun]:
        """In the order of their asking."""
        ...

    def find(self, run: str) -> LabRun:
        """Raises BadInput ``lab_run_unknown``."""
        ...

    def start(self, wish: LabWish, by: str) -> LabRun:
        """Begin, or wait for those that run. Raises BadInput ``lab_full``."""
        ...

    def cancel(self, run: str) -> LabRun:
        """Stop what runs or waits; what has ended stays. Raises BadInput ``lab_run_unknown``."""
        ...

    def forget(self, run: str) -> None:
        """Stop it, and keep nothing of it. Raises BadInput ``lab_run_unknown``."""
        ...

    def tell(self, run: LabRun, language: str) -> LabWords:
        """The sentences of a run that has a result."""
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

    desk: DeskAsked
    journal: Journal
    vault: Vault
    hub: Hub
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
    seats: Callable[[], Sequence[SeatTold]] = tuple
    """Accounts that a message can be sent to. May read a file: called in a thread."""
    named_places: Sequence[tuple[str, Place]] = ()
    """Places that the centre knows by name besides its stations: hospitals."""
    outbox: Callable[[], Sequence[CourierTold]] = tuple
    """How far the couriers have come."""
    lab: Lab | None = None
    """None = there is none: a replay has no city."""
    extra: Sequence["Route"] = ()
    """Routes of other parts: accounts and sessions, the description."""


class Route(NamedTuple):
    """One line of the table of routes. The server's description (OpenAPI) is made of the same table."""

    method: str
    path: str
    handler: "Callable[[Asked], Awaitable[Any]]"
    """Gives a struct that is written as JSON, a Starlette response, or None (204)."""
    grant: str | None
    """What the seat must be granted, see ``web/grants.py``; None = no sign-in is needed."""
    body: Any = None
    """Type that the JSON body is read as, strictly; None = no body."""
    answer: Any = None
    query: Any = None
    """Struct that the query is read as; None = it is passed over."""
    most_bytes: int = 65_536
    """Of the body."""


class Asked(NamedTuple):
    """What a handler is given. Body and query have been checked against the route's types."""

    parts: Parts
    request: Request
    seat: Seat | None
    language: str
    body: Any
    query: Any
    routes: Sequence[Route]
    numbers: Numbers

    @property
    def signed_in(self) -> Seat:
        """The seat on a route that needs one."""
        if self.seat is None:
            raise AssertionError("a route with a grant has a seat")
        return self.seat

    def named(self, part: str) -> str:
        """A named part of the path."""
        return str(self.request.path_params[part])
