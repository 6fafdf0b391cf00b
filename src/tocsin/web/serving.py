"""The app on a port: uvicorn, told to end streams first when it goes, and to let go of clients that take nothing."""

from collections.abc import Callable
from socket import socket
from typing import Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from tocsin.web.hub import Hub

ABORT: Final = "tocsin.abort"


class Server(uvicorn.Server):
    """Ends the streams before it waits for requests to end: a stream never would by itself."""

    def __init__(self, config: uvicorn.Config, hub: Hub) -> None:
        super().__init__(config)
        self._hub = hub

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Streams first."""
        self._hub.end()
        await super().shutdown(sockets)


def reaching(app: ASGIApp) -> ASGIApp:
    """The app with a way to drop its connection (``scope["tocsin.abort"]``): ASGI knows none, and closing waits for the other side."""

    async def reached(scope: Scope, receive: Receive, send: Send) -> None:
        abort: Callable[[], None] | None = getattr(getattr(getattr(send, "__self__", None), "transport", None), "abort", None)
        await app({**scope, ABORT: abort} if abort is not None else scope, receive, send)

    return reached
