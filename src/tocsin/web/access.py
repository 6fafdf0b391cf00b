"""Who asks, and may they? Looked at once per request, before anything of its body is read.

A browser's session is a cookie that scripts cannot read. Whatever changes anything must also carry the session's ``X-Tocsin-Csrf`` and
come from our own pages: three fences, each of which would do.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from starlette.requests import Request

from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.base.seats import Account, KeptSession
from tocsin.core.messages.said import Command
from tocsin.web.asked import Route
from tocsin.web.grants import is_granted, may_say
from tocsin.web.ports import Seat

COOKIE: Final = "tocsin_session"
"""Begins the cookie's name, see ``cookie_of``."""
CSRF_HEADER: Final = "X-Tocsin-Csrf"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
TOUCH_MS: Final = 60_000
"""A session's last question is written down at most this often."""
MOST_TOKEN: Final = 200
MOST_TOUCHED: Final = 10_000
FAR_BACK: Final = Instant(-TOUCH_MS)


class Accounts(Protocol):
    """Port: accounts, keys, devices, sessions. Safe for threads; its contract suite is ``tests/edge/test_accounts.py``.

    What opens something is told once and kept as a hash. ``find…`` by session or device reads only and takes microseconds; whatever
    takes a password costs a hash. All raise Broken when the store cannot be read or written.
    """

    def find_by_password(self, name: str, password: str) -> Account | None:
        """None for a wrong name, a wrong password and a disabled account alike, after the same time."""
        ...

    def redeem_key(self, key: str, now: Instant) -> Account | None:
        """A one-time key lets in once."""
        ...

    def set_password(self, name: str, password: str, *, but: str | None = None) -> Account:
        """All sessions end but this one. Raises BadInput when the password cannot be one."""
        ...

    def start_session(self, name: str, now: Instant) -> str:
        """The new session's token. Raises BadInput ``account_absent``."""
        ...

    def find_session(self, token: str, now: Instant) -> KeptSession | None:
        """Who is signed in by a token."""
        ...

    def touch_session(self, session: str, now: Instant) -> None:
        """The session lives on."""
        ...

    def is_session(self, session: str, now: Instant) -> bool:
        """Does the session of this id still stand?"""
        ...

    def end_session(self, session: str) -> None:
        """Sign out."""
        ...

    def find_unit(self, token: str) -> UnitId | None:
        """The unit whose device this is."""
        ...


class Gate:
    """``Access`` of the server. ``now`` is the wall's, whatever clock the desk runs on: a demo at tenfold speed signs nobody out."""

    def __init__(self, accounts: Accounts, now: Callable[[], Instant], cookie: str = COOKIE) -> None:
        self._accounts, self._now, self._cookie = accounts, now, cookie
        self._touched: dict[str, Instant] = {}
        """Session → when it was put down last, the latest at the end."""
        self._waiting: dict[str, Instant] = {}
        self._toucher: asyncio.Task[None] | None = None

    async def admit(self, request: Request, route: Route) -> Seat | None:
        """The seat that asks; None on a route without sign-in where nobody is signed in.

        Raises BadInput ``not_signed_in``, ``not_granted``, ``csrf``, ``other_origin``.
        """
        if route.grant is not None or request.method not in SAFE:
            check_origin(request)
        token = token_of(request, self._cookie)
        session = self._accounts.find_session(token, self._now()) if token else None
        if session is None:
            if route.grant is None:
                return None
            raise BadInput("not_signed_in")
        self._touch(session.id)
        if route.grant is not None:
            if not is_granted(session.account.role, route.grant):
                raise BadInput("not_granted", role=session.account.role)
            if request.method not in SAFE:
                check_csrf(request, token)
        return seat_of(session)

    def may(self, seat: Seat, command: Command) -> bool:
        """Whether this seat may say that: an allow-list by role, and a crew only of its own unit."""
        return may_say(seat.role, seat.unit, command)

    async def is_signed_in(self, seat: Seat) -> bool:
        """Whether the session still holds; a stream that asks is a sign of life like any other question: a wall only streams."""
        if not self._accounts.is_session(seat.session, self._now()):
            return False
        self._touch(seat.session)
        return True

    async def find_unit(self, request: Request) -> UnitId | None:
        """The unit whose device token the request carries: Bearer, Basic password, or ``?key=``."""
        token = device_token_of(request)
        return self._accounts.find_unit(token) if token else None

    def _touch(self, session: str) -> None:
        """Nobody waits for it, and however many sessions wait, one thread at most does."""
        now = self._now()
        if now - self._touched.get(session, FAR_BACK) < TOUCH_MS:
            return
        self._touched.pop(session, None)
        self._touched[session] = self._waiting[session] = now
        if len(self._touched) > MOST_TOUCHED:
            del self._touched[next(iter(self._touched))]
        if self._toucher is None or self._toucher.done():
            self._toucher = asyncio.create_task(self._put_down())

    async def _put_down(self) -> None:
        while self._waiting:
            session = next(iter(self._waiting))
            at = self._waiting.pop(session)
            with suppress(Broken):  # a disk that refuses shortens the session; it must not take the screens away
                await asyncio.to_thread(self._accounts.touch_session, session, at)


def seat_of(session: KeptSession) -> Seat:
    """Who sits there."""
    account = session.account
    return Seat(account.name, account.role, account.unit, account.language, session.id)


def cookie_of(journal: str) -> str:
    """The cookie's name: cookies know no ports, and a demo beside a desk must not sign its people out."""
    return f"{COOKIE}_{journal[:8]}"


def token_of(request: Request, cookie: str = COOKIE) -> str:
    """The session's token, or nothing. Two cookies of the name are nobody's: one of them was slipped in."""
    header = "; ".join(request.headers.getlist("cookie"))
    found = [value.strip() for name, _, value in (part.partition("=") for part in header.split(";")) if name.strip() == cookie]
    return found[0] if len(found) == 1 and len(found[0]) <= MOST_TOKEN else ""


def csrf_of(token: str) -> str:
    """What scripts of ours send along: follows from the token, and does not lead back to it."""
    return hmac.new(token.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()


def check_csrf(request: Request, token: str) -> None:
    """Raises BadInput ``csrf``."""
    stated = request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(stated.encode("latin-1", "replace"), csrf_of(token).encode()):
        raise BadInput("csrf", header=CSRF_HEADER)


def check_origin(request: Request) -> None:
    """Was this asked by a page of ours, as far as the browser states? Programs state nothing. Raises BadInput ``other_origin``."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    ours = (f"http://{request.headers.get('host', '')}".lower(), f"https://{request.headers.get('host', '')}".lower())
    # Both schemes, because what speaks TLS may stand in front of us. The host itself is checked in ``headers.py``.
    if (site is not None and site not in ("same-origin", "none")) or (origin is not None and origin.lower() not in ours):
        raise BadInput("other_origin", origin=(origin or site or "")[:200])


def device_token_of(request: Request) -> str:
    """The token as OsmAnd, OwnTracks and others can send it."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    match scheme.lower():
        case "bearer":
            token = given.strip()
        case "basic":
            try:
                token = base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
            except ValueError:  # no base64, no ASCII, no UTF-8
                token = ""
        case _:
            token = request.query_params.get("key", "")
    return token if len(token) <= MOST_TOKEN else ""
