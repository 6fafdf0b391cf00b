"""What the tests of the outbox share: events, couriers that do as they are told, and pretend receivers."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from journal_lines import NOON_MS
from tocsin.base.identifiers import CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.core.messages.assignment import UnitsDispatched
from tocsin.core.messages.incident import MarkIncident
from tocsin.core.messages.line import Line, encode
from tocsin.core.messages.said import Event, Record
from tocsin.edge.outbox import Waits
from tocsin.formats.outbox_event import Sender

SENDER = Sender("j0", "bay", "exercise")
EVENTS = frozenset({"UnitsDispatched"})
QUICK = Waits(0.001, 0.01, 1.0)
SECRET = b"a secret that nobody guesses"


def record_of(event: Event, pos: int = 1) -> Record:
    """A line that carries it."""
    at = Instant(NOON_MS + pos * 1000)
    return Record(f"incident:I{pos}", 1, at, Instant(at + 40), "ana", CommandId(f"c{pos}"), 1, event)


def dispatches(count: int, *, start: int = 0) -> list[Line]:
    """Each two lines: a question and the dispatch that follows; dispatch n stands at position 2n + 2."""
    found = []
    for nth in range(start, start + count):
        at, incident = Instant(NOON_MS + nth * 1000), IncidentId(f"I{nth}")
        says = (MarkIncident(incident, "water_on_fire"), UnitsDispatched(incident, (UnitId("E1"),)))
        found += [encode(Record(f"incident:{incident}", n + 1, at, at, "ana", CommandId(f"c{nth}"), n, says[n])) for n in (0, 1)]
    return found


class Told:
    """A courier that does what its script says with each try, then always delivers; remembers what it brought."""

    def __init__(self, name: str = "told", script: Sequence[Exception | None] = ()) -> None:
        self.name = name
        self.script = list(script)
        self.brought: list[int] = []
        self.tried: list[int] = []

    def wants(self, record: Record) -> bool:
        return type(record.says).__name__ in EVENTS

    def carry(self, pos: int, record: Record) -> None:
        self.tried.append(pos)
        outcome = self.script.pop(0) if self.script else None
        if outcome is not None:
            raise outcome
        self.brought.append(pos)


class Hanging(Told):
    """Hangs in its first event until it is let go."""

    def __init__(self) -> None:
        super().__init__("hanging")
        self.is_there, self.go = threading.Event(), threading.Event()

    def carry(self, pos: int, record: Record) -> None:
        self.is_there.set()
        self.go.wait()
        super().carry(pos, record)


def soon(is_so: Callable[[], bool], within_s: float = 20.0) -> bool:
    """Whether it comes about before the time is up."""
    tick = threading.Event()
    for _ in range(int(within_s / 0.005)):
        if is_so():
            return True
        tick.wait(0.005)
    return is_so()


class Receiver:
    """The other side of a webhook: answers by its script of statuses, then 204; 0 = hangs up without a word."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.script: list[int] = []
        self.posts: list[tuple[str, dict[str, str], bytes]] = []
        self.taken: list[dict[str, Any]] = []


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Listening on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.posts.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
            status = told.script.pop(0) if told.script else 204
            if status == 0:
                self.connection.close()
                return
            if 200 <= status < 300:
                told.taken.append(json.loads(body))
            self.send_response(status)
            self.send_header("Location", f"{told.url}elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Receiver(f"http://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def files_in(folder: Path) -> list[dict[str, Any]]:
    """What lies in a courier's folder, in the order of names."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]
