"""Half requests lock nobody out: they are let go in time, and make room for whoever asks something whole."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Any

import uvicorn

from tocsin.web.connections import Limits, held

HALF = b"GET / HTTP/1.1\r\nHost: x\r\n"
WHOLE = HALF + b"\r\n"


async def answers(scope: Any, receive: Any, send: Any) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"3")]})
    await send({"type": "http.response.body", "body": b"ok\n"})


@asynccontextmanager
async def listening(limits: Limits) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(answers, http=held(limits), log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]  # pytest keeps its own
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, 10)


async def asked(port: int, data: bytes = WHOLE) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        async with asyncio.timeout(5):
            return await reader.readline()
    finally:
        writer.transport.abort()


def test_more_half_requests_than_there_is_room_for_lock_nobody_out() -> None:
    async def shift() -> None:
        with ExitStack() as until:
            async with listening(Limits(of_address=20, of_loopback=20, in_all=20)) as port:
                for _ in range(60):
                    one = until.enter_context(socket.create_connection(("127.0.0.1", port)))
                    one.sendall(HALF)
                await asyncio.sleep(0.1)
                assert await asked(port) == b"HTTP/1.1 200 OK\r\n"

    asyncio.run(shift())


def test_who_has_asked_is_kept_and_who_comes_too_much_is_not_let_in() -> None:
    async def shift() -> None:
        async with listening(Limits(of_address=3, of_loopback=3, in_all=10)) as port:
            kept = []
            for _ in range(3):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(WHOLE)
                assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
                kept.append((reader, writer))
            try:
                told = await asked(port)
            except ConnectionError:
                told = b""
            assert told == b""
            for reader, writer in kept:
                writer.write(WHOLE)
                async with asyncio.timeout(5):
                    while await reader.readline() != b"HTTP/1.1 200 OK\r\n":
                        pass
                writer.transport.abort()
            await asyncio.sleep(0.05)
            assert await asked(port) == b"HTTP/1.1 200 OK\r\n"

    asyncio.run(shift())


def test_what_is_not_whole_in_time_is_let_go() -> None:
    async def shift() -> None:
        async with listening(Limits(request_s=0.2)) as port:
            for beginning in (b"", HALF, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"):
                with suppress(ConnectionError):
                    assert await asked(port, beginning) == b""
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for _ in range(4):  # in time, again and again, on one connection
                writer.write(HALF)
                await asyncio.sleep(0.1)
                writer.write(b"\r\n")
                async with asyncio.timeout(5):
                    while await reader.readline() != b"HTTP/1.1 200 OK\r\n":
                        pass
            writer.transport.abort()

    asyncio.run(shift())
