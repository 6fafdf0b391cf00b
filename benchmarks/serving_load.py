"""Clients of a served desk, for benchmarks: those who ask, those who listen, and those who never read. Raw sockets: what a client costs
is not the server's."""

import asyncio
import json
import re
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

HERE = Path(__file__).resolve().parent
MOST_OF_SESSION = 16
PATIENCE_S = 60.0
"""After which a server that does not do what it should is a failure of the benchmark."""
_POSITION = re.compile(rb"id: (\d+)\n")
_EVENT = re.compile(rb"\ndata: ")


class Process:
    """A server in a process of its own that says where it is and answers each line with its figures."""

    def __init__(self, script: str, *words: str) -> None:
        command = [sys.executable, str(HERE / script), *words]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.said = self._read()
        host, _, port = self.said["address"].removeprefix("http://").rstrip("/").partition(":")
        self.address = (host, int(port))

    def ask(self, line: object = None) -> dict[str, Any]:
        """Its figures."""
        if self._process.stdin is None:
            raise AssertionError("it was started with a pipe")
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        if self._process.stdout is None:
            raise AssertionError("it was started with a pipe")
        read: dict[str, Any] = json.loads(self._process.stdout.readline())
        return read

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(20)

    @property
    def cookie(self) -> str:
        """Name of the cookie that a session of this server is in."""
        return str(self.said["cookie"])

    def session(self, nth: int) -> tuple[str, str]:
        """Token and CSRF word of the session that the nth stream uses."""
        token, csrf = self.said["sessions"][nth // MOST_OF_SESSION]
        return token, csrf


class Caller(asyncio.Protocol):
    """One kept connection that asks one thing after the other."""

    def __init__(self) -> None:
        self._transport: Any = None
        self._read = bytearray()
        self._waiting: deque[asyncio.Future[tuple[int, bytes]]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._read[:end]).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            if len(self._read) < end + 4 + length:
                return
            body = bytes(self._read[end + 4 : end + 4 + length])
            del self._read[: end + 4 + length]
            self._waiting.popleft().set_result((int(head[9:12]), body))

    async def ask(self, request: bytes) -> bytes:
        """The answer's body. Raises AssertionError for any other answer than 200."""
        told: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._waiting.append(told)
        self._transport.write(request)
        status, body = await told
        if status != 200:
            raise AssertionError((status, body))
        return body

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


async def call(process: Process) -> Caller:
    """A connection to a server."""
    _, caller = await asyncio.get_running_loop().create_connection(Caller, *process.address)
    return caller


def post(process: Process, path: str, body: object) -> bytes:
    """A request of the first session."""
    data, (token, csrf) = json.dumps(body).encode(), process.session(0)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {process.cookie}={token}\r\nX-Tocsin-Csrf: {csrf}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


def status(process: Process, key: str, *, is_home: bool, unit: str = "E11") -> bytes:
    """A cheap question that is never refused: a unit says that it is free, at its station or on the road."""
    said = ["Available", ["Station"] if is_home else []]
    return post(process, "/api/commands", {"id": key, "command": {"type": "ReportUnitStatus", "unit": unit, "status": said}})


def stream_request(process: Process, nth: int) -> bytes:
    """The nth screen's stream."""
    return f"GET /api/stream HTTP/1.1\r\nHost: localhost\r\nCookie: {process.cookie}={process.session(nth)[0]}\r\n\r\n".encode()


class Screen(asyncio.Protocol):
    """Listens, and remembers when it saw which position; the first of them also what it was sent."""

    def __init__(self, request: bytes, *, keeps: bool = False) -> None:
        self._request, self._keeps = request, keeps
        self._transport: Any = None
        self.seen: list[tuple[int, float]] = []
        self.kept: list[tuple[float, bytes]] = []
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        if self._request:
            self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = perf_counter()
        self.bytes += len(data)
        self.seen += [(int(found[1]), now) for found in _POSITION.finditer(data)]
        if self._keeps:
            self.kept.append((now, data))

    def forget(self) -> None:
        """Begin anew: a round is over."""
        self.seen.clear()
        self.kept.clear()
        self.bytes = 0

    def events(self) -> int:
        """How many were kept."""
        return sum(len(_EVENT.findall(data)) for _, data in self.kept)

    def close(self) -> None:
        """Hang up."""
        self._transport.abort()


async def listen(process: Process, screens: int, *, first: int = 0, is_plain: bool = False) -> list[Screen]:
    """So many screens; ``is_plain``: of a server that asks for nothing."""
    loop, made = asyncio.get_running_loop(), []
    for nth in range(first, first + screens):
        request = b"" if is_plain else stream_request(process, nth)
        _, screen = await loop.create_connection(lambda request=request, nth=nth: Screen(request, keeps=nth == 0), *process.address)
        made.append(screen)
    async with asyncio.timeout(PATIENCE_S):
        while not is_plain and not all(screen.bytes for screen in made):
            await asyncio.sleep(0.05)
    return made


def never_read(process: Process, first: int, screens: int) -> list[socket.socket]:
    """Screens that ask for their stream and take nothing of it; the machine's own buffers are made small."""
    made = []
    for nth in range(first, first + screens):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.connect(process.address)
        one.sendall(stream_request(process, nth))
        made.append(one)
    return made


async def report(process: Process, callers: Sequence[Caller], key: str, *, per_s: float, lasts_s: float) -> int:
    """Reports of status at an even pace, whatever the answers take; how many."""
    asked, started = [], perf_counter()
    for nth in range(int(per_s * lasts_s)):
        await asyncio.sleep(max(0.0, started + nth / per_s - perf_counter()))
        request = status(process, f"{key}-{nth}", is_home=nth % 2 == 0)
        asked.append(asyncio.create_task(callers[nth % len(callers)].ask(request)))
    await asyncio.gather(*asked)
    return len(asked)
