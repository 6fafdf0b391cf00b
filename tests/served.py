"""A desk that is really served, for tests: real journal, vault, accounts, hub and app, behind a real HTTP server on a port of its own."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import uvicorn
from argon2 import PasswordHasher

from shift_page import asks_of
from tocsin.base.instants import Instant
from tocsin.base.seats import ROLES
from tocsin.clocks.desk import Desk
from tocsin.clocks.live import LiveDesk, WallClock
from tocsin.edge.accounts import AccountsFile, open_or_create_accounts
from tocsin.edge.duty_roll import DutyRoll
from tocsin.edge.gather_table import GatherTable
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.password_hash import Passwords
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.vault_file import create_vault
from tocsin.places.locate import Locator
from tocsin.views.situation_rows import Rows
from tocsin.web.access import Gate
from tocsin.web.app import create_app
from tocsin.web.headers import Guarded
from tocsin.web.hub import Hub
from tocsin.web.ports import ClockTold, Parts
from tocsin.web.sessions import SignInDesk

PAGE = """
card fire: engine needs pump
unit E1 engine can pump
unit E2 engine can pump
road E1 -> I1 90s
road E2 -> I1 240s
08:00 open I1 fire
08:01 send I1 E1
"""
PASSWORD = "four words apart"
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""Real Argon2id at its smallest."""


class Served(NamedTuple):
    """What tests hold of it."""

    url: str
    journal: SqliteJournal
    accounts: AccountsFile
    parts: Parts

    def client(self, **headers: str) -> httpx.Client:
        """Somebody who is not signed in."""
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)

    def signed_in(self, name: str) -> httpx.Client:
        """Somebody who is, and says so with every request."""
        with self.client() as door:
            told = door.post("/api/session", json={"name": name, "password": PASSWORD})
        assert told.status_code == 200, told.text
        client = self.client(**{"X-Tocsin-Csrf": told.json()["csrf"]})
        client.cookies.update(told.cookies)
        return client

    def raw(self, data: bytes) -> bytes:
        """What the server answers to these bytes, and then to nothing more."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65_536), b""))


def parts_of(folder: Path, until: ExitStack, clock: WallClock) -> tuple[Parts, SqliteJournal, AccountsFile]:
    """The parts of a small centre: two engines, one fire; an account of every role, named after it."""
    journal = until.enter_context(closing(SqliteJournal.create(folder / "a.journal")))
    vault = until.enter_context(closing(create_vault(folder / "a.keys")))
    accounts = until.enter_context(closing(open_or_create_accounts(folder / "accounts.db", CHEAP)))
    for role in ROLES:
        accounts.add(role, role, unit="E1" if role == "crew" else None, password=PASSWORD)
    roads, asks = asks_of(PAGE)
    desk, rows, roll = Desk(journal, GatherTable(roads), vault), Rows(), DutyRoll()
    desk.listen(lambda answer: rows.change_of(answer.records, answer.pos, desk.board))
    for now, ask in asks:
        desk.answer([ask], now)
    roll.look(desk.board, clock.now())
    book = PositionsBook(roll.since)

    def told() -> ClockTold:
        return ClockTold(clock.now(), "live", 1.0, is_paused=False, zone="UTC")

    hub = Hub(journal=journal.journal_id, pos=journal.head().pos, clock=told, fixes=book.fixes)
    sign_in = SignInDesk(accounts, clock.now)
    until.callback(sign_in.close)
    parts = Parts(
        LiveDesk(desk, clock), journal, vault, hub, rows, Gate(accounts, clock.now), book, told, Locator(None),
        extra=sign_in.routes(),
    )  # fmt: skip
    return parts, journal, accounts


@contextmanager
def served(folder: Path, *names: str, **more: Any) -> Iterator[Served]:
    """Serve a small centre from a folder; ``names``: further names of the server; ``more``: other parts."""
    with ExitStack() as until:
        listening = until.enter_context(socket.create_server(("127.0.0.1", 0)))
        parts, journal, accounts = parts_of(folder, until, WallClock())
        parts = parts._replace(**more)
        config = uvicorn.Config(Guarded(create_app(parts), names), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        server, up = uvicorn.Server(config), threading.Event()

        async def run() -> None:
            async with parts.desk, parts.hub:
                up.set()
                await server.serve(sockets=[listening])

        thread = threading.Thread(target=asyncio.run, args=(run(),), daemon=True)
        thread.start()
        assert up.wait(20)
        try:
            yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", journal, accounts, parts)
        finally:
            server.should_exit = True
            thread.join(10)


def long_ago(now: Instant, hours: float) -> Instant:
    """So many hours before."""
    return Instant(now - int(hours * 3_600_000))


def problem_of(answer: httpx.Response) -> Any:
    """The told problem of an answer that is none, or the test fails."""
    assert answer.headers["content-type"] == "application/json", answer.text[:300]
    told = answer.json()
    assert {"code", "what", "do"} <= set(told), told
    assert told["what"] and "Traceback" not in answer.text
    return told
