"""A desk with its server, for tests of the web: real journal in a file, real desk, real hub; who comes in is a header's word."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import uvicorn
from starlette.requests import Request

from shift_page import asks_of, drawn_from
from tocsin.base.faults import BadInput
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, parse_iso
from tocsin.clocks.desk import Desk
from tocsin.clocks.live import LiveDesk
from tocsin.core.messages.line import decode
from tocsin.core.messages.said import Command
from tocsin.core.ports import Vault
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.vault_memory import MemoryVault
from tocsin.places.locate import Locator
from tocsin.views.situation_rows import Rows
from tocsin.web.app import create_app
from tocsin.web.grants import is_granted, may_say
from tocsin.web.hub import Hub
from tocsin.web.ports import ClockTold, Parts, Route, Seat
from tocsin.web.serving import Server, reaching

PAGE = """
centre page "Page" zone America/Santiago
station S1 at 0.0 0.0
unit E1 engine can pump at S1
unit E2 engine can pump at S1
card fire: engine needs pump
road E1 -> I1 90s
road E2 -> I1 240s
08:00 open I1 fire at 0.001 0.001
"""

SEATS = {
    "ana": Seat("ana", "dispatcher", None, "en", "s-ana"),
    "bia": Seat("bia", "dispatcher", None, "pt", "s-bia"),
    "sup": Seat("sup", "supervisor", None, None, "s-sup"),
    "taker": Seat("taker", "call_taker", None, "en", "s-taker"),
    "wall": Seat("wall", "wall", None, "en", "s-wall"),
    "crew": Seat("crew", "crew", UnitId("E1"), "en", "s-crew"),
}


class Hand:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.at = parse_iso("2020-04-07T12:00:00Z")

    def now(self) -> Instant:
        return self.at

    def told(self) -> ClockTold:
        return ClockTold(self.at, "live", 1.0, False, "America/Santiago")


class Doors:
    """Lets in whoever the header ``X-Seat`` names (``ana#2``: in another session), with the real grants."""

    def __init__(self) -> None:
        self.gone: set[str] = set()

    async def admit(self, request: Request, route: Route) -> Seat | None:
        name, _, nth = request.headers.get("x-seat", "").partition("#")
        seat = SEATS.get(name)
        seat = seat._replace(session=f"{seat.session}{nth}") if seat is not None else None
        if route.grant is None:
            return seat
        if seat is None:
            raise BadInput("not_signed_in")
        if not is_granted(seat.role, route.grant):
            raise BadInput("not_granted", role=seat.role)
        return seat

    def may(self, seat: Seat, command: Command) -> bool:
        return may_say(seat.role, seat.unit, command)

    async def is_signed_in(self, seat: Seat) -> bool:
        return seat.session not in self.gone

    async def find_unit(self, request: Request) -> UnitId | None:
        return UnitId("E1") if request.query_params.get("key") == "device" else None


class Stage(NamedTuple):
    """What tests hold."""

    parts: Parts
    app: Any
    clock: Hand
    doors: Doors
    desk: Desk

    def client(self, seat: str = "ana", **headers: str) -> httpx.AsyncClient:
        """A program in front of the app, without a network."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://desk", headers={"X-Seat": seat, **headers})

    def recorded(self) -> list[Any]:
        """Everything that the journal holds."""
        return [decode(stored.body) for stored in self.parts.journal.read()]


@asynccontextmanager
async def opened(folder: Path, *, vault: Vault | None = None, page: str = PAGE, **more: Any) -> AsyncIterator[Stage]:
    """The desk of a folder; its journal is made and the page played where there is none."""
    roads, asks = asks_of(page)
    journal = SqliteJournal.open_or_create(folder / "a.journal")
    clock, doors, rows = Hand(), Doors(), Rows()
    desk = Desk(journal, GatherTable(roads), vault or MemoryVault(drawn_from("web")))
    if journal.head().pos == 0:
        for now, ask in asks:
            desk.answer([ask], now)
    rows.take((stored.pos, decode(stored.body)) for stored in journal.read())
    book = PositionsBook(lambda _: Instant(0))
    hub = Hub(journal=journal.journal_id, pos=journal.head().pos, clock=clock.told, fixes=book.fixes)
    desk.listen(lambda answer: hub.tell(rows.change_of(answer.records, answer.pos, desk.board)))
    live = LiveDesk(desk, clock)
    parts = Parts(live, journal, desk._vault, hub, rows, doors, book, clock.told, Locator(None), **more)
    try:
        async with live, hub:
            yield Stage(parts, create_app(parts), clock, doors, desk)
    finally:
        journal.close()


@asynccontextmanager
async def listening(stage: Stage) -> AsyncIterator[int]:
    """The app on a port of its own, served by uvicorn in this loop."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(reaching(stage.app), log_level="critical", lifespan="off", timeout_graceful_shutdown=5)
    server = Server(config, stage.parts.hub)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # pytest keeps its own
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        async with asyncio.timeout(10):
            await task


class Event(NamedTuple):
    """One event of a stream."""

    name: str
    id: str
    data: Any


class Reader:
    """A browser's end of a stream, as bare bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.status = 0
        self.raw: list[bytes] = []
        self._left = b""

    async def next(self, *names: str) -> Event:
        """The next event of one of these names, or of any but beats. Raises EOFError at the end."""
        async with asyncio.timeout(10):
            while True:
                event = await self._event()
                if event.name in names or (not names and event.name not in ("beat", "retry")):
                    return event

    async def _event(self) -> Event:
        while b"\n\n" not in self._left:
            size = int((await self.reader.readline()).strip() or b"0", 16)
            if size == 0:
                raise EOFError
            self._left += await self.reader.readexactly(size)
            await self.reader.readline()
        block, _, self._left = self._left.partition(b"\n\n")
        fields = dict(line.partition(": ")[::2] for line in block.decode().split("\n"))
        if fields.get("event") == "change":
            self.raw.append(block)
        return Event(fields.get("event", "retry"), fields.get("id", ""), json.loads(fields.get("data", "null")))

    def close(self) -> None:
        """Gone without a word."""
        self.writer.transport.abort()


async def stream(port: int, query: str = "", seat: str = "ana", **headers: str) -> Reader:
    """Open a stream as a browser does."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = [f"GET /api/stream?{query} HTTP/1.1", "Host: desk", f"X-Seat: {seat}", *(f"{name}: {one}" for name, one in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    opened_stream = Reader(reader, writer)
    async with asyncio.timeout(10):
        opened_stream.status = int((await reader.readline()).split()[1])
        while (await reader.readline()).strip():
            pass
    return opened_stream


@asynccontextmanager
async def served(folder: Path, **more: Any) -> AsyncIterator[tuple[Stage, int]]:
    """Opened and listening."""
    async with AsyncExitStack() as until:
        stage = await until.enter_async_context(opened(folder, **more))
        yield stage, await until.enter_async_context(listening(stage))
