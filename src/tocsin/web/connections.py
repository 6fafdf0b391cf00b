"""Who may hold a connection, and for how long without asking anything whole: half requests lock nobody out.

What is not a whole request after ``REQUEST_S`` is let go. Where there are too many connections, of one address or in all, the oldest that
has not asked anything whole yet makes room; one that has is kept.
"""

import asyncio
import ipaddress
from collections import Counter
from typing import Any, ClassVar, Final, NamedTuple

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from tocsin.web.brake import network_of

REQUEST_S: Final = 15.0
"""From the first sign of a request to its last: a quarter of a megabyte over a slow radio link."""


class Limits(NamedTuple):
    """Connections at once."""

    of_address: int = 200
    """A browser holds up to seven; a room behind one address has thirty."""
    of_loopback: int = 4_000
    """What speaks TLS for us may stand there, and everybody comes through it."""
    in_all: int = 8_000
    request_s: float = REQUEST_S


class Connections:
    """All of one server. In its event loop only."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._of: Counter[str] = Counter()
        self._half: dict[Held, None] = {}
        """Those that have asked nothing whole yet, the oldest first."""

    def enter(self, one: "Held") -> bool:
        """Whether it may stay; an older one may have had to go for it."""
        most = self.limits.of_loopback if _is_loopback(one.address) else self.limits.of_address
        if self._of[one.address] >= most and not self._make_room(one.address):
            return False
        if self._of.total() >= self.limits.in_all and not self._make_room(None):
            return False
        self._of[one.address] += 1
        self._half[one] = None
        return True

    def _make_room(self, address: str | None) -> bool:
        oldest = next((one for one in self._half if address is None or one.address == address), None)
        if oldest is None:
            return False
        self.leave(oldest)
        oldest.drop()
        return True

    def asks(self, one: "Held", *, is_whole: bool) -> None:
        """It has asked something whole; or begins to ask."""
        if is_whole:
            self._half.pop(one, None)
        elif one.is_counted:
            self._half.setdefault(one)

    def leave(self, one: "Held") -> None:
        """It is gone."""
        if one.is_counted:
            one.is_counted = False
            self._half.pop(one, None)
            self._of[one.address] -= 1
            if not self._of[one.address]:
                del self._of[one.address]


class Held(H11Protocol):
    """uvicorn's connection with a deadline. Use ``held``."""

    doorkeeper: ClassVar[Connections]

    def connection_made(self, transport: Any) -> None:
        """Somebody comes."""
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self.address = network_of(peer[0]) if peer else "-"
        self._deadline: asyncio.TimerHandle | None = None
        self.is_counted = self.doorkeeper.enter(self)
        if not self.is_counted:
            transport.abort()
            return
        self._set_deadline()

    def data_received(self, data: bytes) -> None:
        """Something of a request, or the whole of it."""
        super().data_received(data)
        is_whole = self.conn.their_state not in (h11.IDLE, h11.SEND_BODY) or self.transport.is_closing()
        self.doorkeeper.asks(self, is_whole=is_whole)
        if is_whole and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        elif not is_whole and self._deadline is None:
            self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has gone."""
        if self._deadline is not None:
            self._deadline.cancel()
        self.doorkeeper.leave(self)
        super().connection_lost(exc)

    def drop(self) -> None:
        """Let it go at once: closing would wait for the other side."""
        self.transport.abort()

    def _set_deadline(self) -> None:
        self._deadline = self.loop.call_later(self.doorkeeper.limits.request_s, self.drop)


def held(limits: Limits) -> type[Held]:
    """The protocol of one server, for ``uvicorn.Config(http=…)``."""
    return type("HeldHere", (Held,), {"doorkeeper": Connections(limits)})


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_network(address).is_loopback
    except ValueError:
        return False
