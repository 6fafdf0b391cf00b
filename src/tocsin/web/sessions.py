"""Signing in and out, and changing one's password."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Final, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.base.seats import Account, KeptSession, Role, name_key
from tocsin.web.access import COOKIE, Accounts, csrf_of, token_of
from tocsin.web.asked import Asked, Route
from tocsin.web.brake import SignInBrake, network_of
from tocsin.web.problems import json_answer, problem_answer

T = TypeVar("T")

HASHES_AT_ONCE: Final = 2
"""Each takes 64 MiB and a core."""
MOST_WAITING: Final = 40
DAY_S: Final = 86_400
WALL_DAYS: Final = 30
"""Nobody sits in front of a wall to sign it in anew each day; it says nothing and reads no words."""

Secret = Annotated[str, msgspec.Meta(max_length=1_000)]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name and its password, or a one-time key."""

    name: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    password: Secret | None = None
    key: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class NewPassword(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``old`` is left out by whoever came in by a one-time key and has none yet."""

    new: Secret
    old: Secret | None = None


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """Who is signed in."""

    name: str
    role: Role
    csrf: str
    """To be sent as ``X-Tocsin-Csrf`` with whatever changes anything."""
    expires_at: Instant
    """If nothing more is asked."""
    has_password: bool
    """False after a first sign-in by one-time key: a password is to be set."""
    unit: UnitId | None = None
    language: str | None = None


class SignInDesk:
    """The handlers, and what they share: the brake, and the two threads that hash."""

    def __init__(self, accounts: Accounts, now: Callable[[], Instant], cookie: str = COOKIE) -> None:
        self._accounts, self._now, self._cookie = accounts, now, cookie
        self._brake = SignInBrake()
        self._hashing = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="hashing")
        self._writing = ThreadPoolExecutor(1, thread_name_prefix="accounts")  # a locked file holds up who signs in, and nobody else
        self._waiting = 0

    def routes(self) -> tuple[Route, ...]:
        """For ``Parts.extra``."""
        return (
            Route("POST", "/api/session", self.sign_in, None, body=SignIn, answer=Session, most_bytes=16_384),
            Route("GET", "/api/session", self.tell_session, "session", answer=Session),
            Route("DELETE", "/api/session", self.sign_out, "session"),
            Route("POST", "/api/session/password", self.change_password, "password", body=NewPassword, answer=Session, most_bytes=16_384),
        )

    def close(self) -> None:
        """Let the threads go."""
        self._hashing.shutdown(wait=False, cancel_futures=True)
        self._writing.shutdown(wait=False, cancel_futures=True)

    async def sign_in(self, asked: Asked) -> Response:
        """Sign in by name and password, or by a one-time key. A session that the browser had before ends."""
        body, now, address = asked.body, self._now(), network_of(asked.request.client.host if asked.request.client else "-")
        is_by_key = body.key is not None
        if is_by_key == (body.password is not None) or (body.name is None) != is_by_key:
            raise BadInput("sign_in_form", field="key" if is_by_key else "name")
        try:
            self._brake.enter(None if is_by_key else name_key(body.name), address, now)
            account = await self._find(body, now)
        except BadInput as fault:
            return _told_to_wait(fault, asked)
        if account is None:
            raise BadInput("sign_in_failed")
        self._brake.forgive(name_key(account.name), address)
        before = self._session(asked.request)
        if before is not None:
            await self._written(self._accounts.end_session, before.id)
            asked.parts.hub.close_session(before.id)
        token = await self._written(self._accounts.start_session, account.name, now)
        session = self._accounts.find_session(token, now)
        if session is None:  # disabled between the two
            raise BadInput("sign_in_failed")
        answer = json_answer(_told(session, token))
        self._set_cookie(answer, asked.request, token, account.role)
        return answer

    async def tell_session(self, asked: Asked) -> Session:
        """Who is signed in here."""
        token = token_of(asked.request, self._cookie)
        session = self._session(asked.request)
        if session is None:
            raise BadInput("not_signed_in")
        return _told(session, token)

    async def sign_out(self, asked: Asked) -> Response:
        """Sign out: the session and its streams end at once."""
        seat = asked.signed_in
        await self._written(self._accounts.end_session, seat.session)
        asked.parts.hub.close_session(seat.session)
        answer = Response(status_code=204, headers={"Cache-Control": "no-store"})
        self._set_cookie(answer, asked.request, "", seat.role)
        return answer

    async def change_password(self, asked: Asked) -> Response:
        """Set one's own password. All other sessions of the account end."""
        seat, token, now = asked.signed_in, token_of(asked.request, self._cookie), self._now()
        session = self._session(asked.request)
        if session is None:
            raise BadInput("not_signed_in")
        if session.account.has_password:
            address = network_of(asked.request.client.host if asked.request.client else "-")
            try:
                self._brake.enter(name_key(seat.name), address, now)
                is_right = await self._hashed(self._accounts.find_by_password, seat.name, asked.body.old or "")
            except BadInput as fault:
                return _told_to_wait(fault, asked)
            if is_right is None:
                raise BadInput("password_wrong", field="old")
            self._brake.forgive(name_key(seat.name), address)
        account = await self._hashed(lambda: self._accounts.set_password(seat.name, asked.body.new, but=seat.session))
        return json_answer(_told(session._replace(account=account), token))

    def _session(self, request: Request) -> KeptSession | None:
        token = token_of(request, self._cookie)
        return self._accounts.find_session(token, self._now()) if token else None

    async def _find(self, body: SignIn, now: Instant) -> Account | None:
        if body.key is not None:
            return await self._written(self._accounts.redeem_key, body.key, now)
        return await self._hashed(self._accounts.find_by_password, body.name or "", body.password or "")

    async def _written(self, work: Callable[..., T], *values: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writing, work, *values)

    async def _hashed(self, work: Callable[..., T], *values: str) -> T:
        if self._waiting >= MOST_WAITING:
            raise BadInput("too_many_tries", seconds=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hashing, work, *values)
        finally:
            self._waiting -= 1

    def _set_cookie(self, answer: Response, request: Request, token: str, role: Role) -> None:
        answer.set_cookie(
            self._cookie,
            token,
            max_age=(WALL_DAYS if role == "wall" else 1) * DAY_S if token else 0,
            path="/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )


def _told(session: KeptSession, token: str) -> Session:
    account = session.account
    return Session(account.name, account.role, csrf_of(token), session.expires, account.has_password, account.unit, account.language)


def _told_to_wait(fault: BadInput, asked: Asked) -> Response:
    answer = problem_answer(fault, asked.language)
    if "seconds" in fault.values:
        answer.headers["Retry-After"] = fault.values["seconds"]
    return answer
