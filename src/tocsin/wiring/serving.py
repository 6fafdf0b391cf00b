"""A desk that is served: its parts put together, what is done beside it once a second and once a day, and the server itself."""

import asyncio
import signal
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn

import tocsin.web as web_package
from tocsin.base.faults import BadInput, Broken, Fault
from tocsin.clocks.desk import Answer
from tocsin.core.board.board import Board
from tocsin.core.messages.line import decode_noted
from tocsin.core.ports import Journal
from tocsin.edge.open_files import raise_open_files
from tocsin.maps import archive
from tocsin.maps.archive import TileArchive
from tocsin.roads.info import info
from tocsin.roads.network import RoadNetwork
from tocsin.views.situation_rows import LOG_KEPT, Rows
from tocsin.web.app import create_app
from tocsin.web.connections import Limits, held
from tocsin.web.headers import Guarded
from tocsin.web.hub import Hub
from tocsin.web.ports import MapPart, Parts
from tocsin.web.serving import Server, reaching

FIRST_PORT = 8042
TAKEN_UP = 40
"""Lines of each open incident's own stream that rows are made ready from."""


class Address(NamedTuple):
    """Where the server listens."""

    host: str = "127.0.0.1"
    port: int = FIRST_PORT
    """0 = any free one."""
    names: tuple[str, ...] = ()
    """Further names that browsers reach it by."""
    certificate: Path | None = None
    key: Path | None = None


Task = Callable[[], Coroutine[Any, Any, None]]
Ready = Callable[[str], Awaitable[None] | None]
"""Told the address once people can come."""


class Stand(NamedTuple):
    """What is served, and what runs beside it."""

    parts: Parts
    contexts: Sequence[Any] = ()
    """Asynchronous contexts, entered in order: the live desk, the hub."""
    tasks: Sequence[Task] = ()
    """Run until the server ends; one that fails ends the server: the desk's watch, and the player of a demo. See ``every``."""


def console_folder() -> Path | None:
    """Where the built console lies in the package; None when it was not built."""
    folder = Path(web_package.__file__).parent / "console"
    return folder if (folder / "index.html").exists() else None


def rows_ready(journal: Journal, board: Board) -> Rows:
    """Rows as they would be had they followed the journal from its beginning, for all that is still shown."""
    rows = Rows()
    head = journal.head().pos
    found = {stored.pos: decode_noted(stored.body) for stored in journal.read(from_pos=max(1, head - LOG_KEPT * 4))}
    streams = [f"incident:{name}" for name in board.open_incidents] + [
        f"call:{name}" for name, one in board.calls.items() if not one.incidents
    ]
    for stream in streams:
        found |= {stored.pos: decode_noted(stored.body) for stored in journal.read_stream(stream, last=TAKEN_UP)}
    # What rows count from the beginning, however long ago it was: notes, and who sent what.
    found |= {stored.pos: decode_noted(stored.body) for stored in journal.read_types("NoteAdded", "MessageSent")}
    rows.take(sorted(found.items()))
    return rows


def tell_screens(hub: Hub, rows: Rows, board_of: Callable[[], Board]) -> Callable[[Answer], None]:
    """The desk's listener that feeds all screens."""

    def hear(answer: Answer) -> None:
        hub.tell(rows.change_of(answer.records, answer.pos, board_of()))

    return hear


def map_part(network: RoadNetwork) -> MapPart | None:
    """The map of the region; None where its file holds no tiles."""
    region = network.region
    section = region.sections.get(archive.SECTION)
    if section is None:
        return None
    header = region.header
    named = tuple(dict.fromkeys(one for one in (*header.attribution, header.licence) if one))
    return MapPart(TileArchive(section), region.map_hash, named, info(region).bbox)


async def serve(stand: Stand, address: Address, ready: Ready) -> None:
    """Until somebody stops it (SIGINT, SIGTERM). Raises BadInput ``port_taken``, ``host_unknown``, ``certificate``."""
    listening = _listen(address)
    port = listening.getsockname()[1]
    app = Guarded(create_app(stand.parts), address.names, language=stand.parts.language)
    server = Server(_config(reaching(app), address), stand.parts.hub)
    async with AsyncExitStack() as contexts:
        for one in stand.contexts:
            await contexts.enter_async_context(one)
        async with _beside(stand.tasks, server):
            scheme = "https" if address.certificate is not None else "http"
            told = ready(f"{scheme}://{_shown(address.host)}:{port}/")
            if told is not None:
                await told
            with _ended_in_order():
                await server.serve(sockets=[listening])


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """uvicorn raises SIGTERM once more when it has stopped, which would end the process before what stands around it is closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _config(app: Any, address: Address) -> uvicorn.Config:
    try:
        config = uvicorn.Config(
            app,
            http=held(Limits(in_all=raise_open_files())),
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=3,
            h11_max_incomplete_event_size=65_536,
            ssl_certfile=address.certificate,
            ssl_keyfile=address.key,
        )
        config.load()
    except OSError as error:  # an SSLError is one
        raise BadInput("certificate", file=str(address.certificate), why=error) from None
    return config


@asynccontextmanager
async def _beside(tasks: Sequence[Task], server: uvicorn.Server) -> AsyncIterator[None]:
    running = [asyncio.create_task(task()) for task in tasks]
    failed: list[BaseException] = []

    def ended(task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and task.exception() is not None:
            failed.append(task.exception())  # type: ignore[arg-type]  # it is not None, one line above
            server.should_exit = True

    for task in running:
        task.add_done_callback(ended)
    try:
        yield
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    if failed:
        raise failed[0]


def _listen(address: Address) -> socket.socket:
    try:
        family = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0][0]
        # With its protocol named, or asyncio leaves Nagle's algorithm on: 40 ms on every small answer.
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.host, address.port))
        listening.listen(2048)  # who comes before the server is quite up waits in the queue
    except socket.gaierror as error:
        raise BadInput("host_unknown", field="--host", value=address.host, why=error) from None
    except (OSError, OverflowError) as error:
        raise BadInput("port_taken", field="--port", value=address.port, host=address.host, why=error) from None
    return listening


def _shown(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)


def every(seconds: float, do: Callable[[], Awaitable[None]], faults: Callable[[Fault], None]) -> Task:
    """Do something again and again. What it falls over is told, whatever it is, and tried again: housekeeping never stops a desk."""

    async def run() -> None:
        while True:
            try:
                await do()
            except Fault as fault:
                faults(fault)
            except Exception as fault:  # noqa: BLE001 - not swallowed: it is told, and the desk goes on
                faults(Broken("beside_failed", cause=repr(fault)[:200]))
            await asyncio.sleep(seconds)

    return run
