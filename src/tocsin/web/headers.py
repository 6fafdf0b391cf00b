"""What every answer carries so that a browser runs nothing but our own files, and the fence against foreign host names."""

import ipaddress
from collections.abc import Iterable
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tocsin.base.faults import BadInput
from tocsin.web.problems import language_of, problem_answer

POLICY: Final = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data: blob:", "connect-src 'self'",
    "worker-src 'self' blob:", "font-src 'self'", "manifest-src 'self'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
))  # fmt: skip

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Crews report where they are from their own page; nothing else of a machine is ever asked for.
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), display-capture=(), payment=(), usb=()",
}
HSTS: Final = "max-age=31536000"
_RAW: Final = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_NAMES: Final = frozenset(name for name, _ in _RAW)
_RAW_HSTS: Final = (b"strict-transport-security", HSTS.encode())
LOOPBACK: Final = frozenset({"localhost"})


class Guarded:
    """Around the whole app. ``hosts``: names that the server is reached by, without port; numbers and loopback always are."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = (), *, language: str = "en") -> None:
        self._app, self._language = app, language
        self._hosts = LOOPBACK | {host.lower().rstrip(".") for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_https = scope.get("scheme") == "https"

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                stated = [header for header in message.get("headers", ()) if header[0].lower() not in _NAMES]
                message = {**message, "headers": [*stated, *_RAW, *([_RAW_HSTS] if is_https else ())]}
            await send(message)

        if self._is_ours(Headers(scope=scope).getlist("host")):
            await self._app(scope, receive, send_guarded)
            return
        told = problem_answer(
            BadInput("host", value=Headers(scope=scope).get("host", "-")[:200]), language_of(None, Request(scope), self._language)
        )
        await told(scope, receive, send_guarded)

    def _is_ours(self, stated: list[str]) -> bool:
        """A page of another name that has been pointed at our address (DNS rebinding) would speak as one of ours. Numbers cannot be."""
        if len(stated) != 1:
            return False
        host, number = _name_of(stated[0].lower())
        return host in self._hosts or (number is not None and _is_number(number))


def _name_of(stated: str) -> tuple[str, str | None]:
    """Name without port and without the root's dot; and what may be an address."""
    if stated.startswith("["):
        inner, closed, port = stated[1:].partition("]")
        return stated, inner if closed and (not port or _is_port(port)) else None
    name, colon, port = stated.partition(":")
    if colon and not _is_port(f":{port}"):
        return "", None
    return name.rstrip("."), name


def _is_port(text: str) -> bool:
    return text[:1] == ":" and text[1:].isascii() and text[1:].isdigit()


def _is_number(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
