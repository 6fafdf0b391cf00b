"""The app on a port: uvicorn, told to end streams first when it goes, and to let go of clients that take nothing."""

from collections.abc import Callable
from socket import socket
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from tocsin.web.hub import Hub

ABORT: Final = "tocsin.abort"
GOING_S: Final = 5
"""What is under way when the server goes may take so long."""
MOST_AT_ONCE: Final = 4_000
IDLE_S: Final = 75


class Server(uvicorn.Server):
    """Ends the streams before it waits for requests to end: a stream never would by itself."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Streams first."""
        self._hub.end()
        await super().shutdown(sockets)


def server_of(app: ASGIApp, hub: Hub, *, host: str, port: int, **more: Any) -> Server:
    """A server for the app; ``more`` goes to uvicorn's configuration (certificates, log)."""
    config = uvicorn.Config(
        reaching(app),
        host=host,
        port=port,
        lifespan="off",
        ws="none",
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=GOING_S,
        limit_concurrency=MOST_AT_ONCE,
        **more,
    )
    return Server(config, hub)


def reaching(app: ASGIApp) -> ASGIApp:
    """The app with a way to drop its connection (``scope["tocsin.abort"]``): ASGI knows none, and closing waits for the other side."""

    async def reached(scope: Scope, receive: Receive, send: Send) -> None:
        abort: Callable[[], None] | None = getattr(getattr(getattr(send, "__self__", None), "transport", None), "abort", None)
        await app({**scope, ABORT: abort} if abort is not None else scope, receive, send)

    return reached
