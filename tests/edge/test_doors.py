"""Links that let in once are never all used up: one that was used is followed by another."""

import asyncio
from contextlib import closing
from pathlib import Path

from tocsin.base.instants import Instant, after
from tocsin.edge.accounts import open_or_create_accounts
from tocsin.wiring.doors import KEY_MS, Doors

NAMES = {"dispatcher": "demo-dispatcher", "wall": "demo-wall"}


class Day:
    """A clock that is set by hand."""

    at = Instant(1_780_000_000_000)

    def now(self) -> Instant:
        return self.at


def test_a_used_key_is_followed_by_another_and_only_that_one(tmp_path: Path) -> None:
    with closing(open_or_create_accounts(tmp_path / "accounts.db")) as accounts:
        day, told = Day(), list[tuple[str, str]]()
        doors = Doors(accounts, NAMES, day.now)
        doors.listen(lambda role, key: told.append((role, key)))
        first = dict(doors.keys)
        asyncio.run(doors.look())
        assert told == [] and doors.keys == first
        entered = accounts.redeem_key(first["dispatcher"], day.at)
        assert entered is not None and (entered.name, entered.role) == ("demo-dispatcher", "dispatcher")
        asyncio.run(doors.look())
        assert told == [("dispatcher", doors.keys["dispatcher"])]
        assert doors.keys["wall"] == first["wall"] and doors.keys["dispatcher"] != first["dispatcher"]
        assert accounts.redeem_key(first["dispatcher"], day.at) is None
        assert accounts.redeem_key(doors.keys["dispatcher"], day.at) is not None


def test_a_key_that_has_grown_old_is_replaced(tmp_path: Path) -> None:
    with closing(open_or_create_accounts(tmp_path / "accounts.db")) as accounts:
        day = Day()
        doors = Doors(accounts, NAMES, day.now)
        first = dict(doors.keys)
        day.at = after(day.at, KEY_MS)
        asyncio.run(doors.look())
        assert set(doors.keys.values()).isdisjoint(first.values())
        assert all(accounts.is_key_open(key, day.at) for key in doors.keys.values())


def test_a_second_start_keeps_accounts_and_sessions(tmp_path: Path) -> None:
    with closing(open_or_create_accounts(tmp_path / "accounts.db")) as accounts:
        day = Day()
        Doors(accounts, NAMES, day.now)
        session = accounts.start_session("demo-dispatcher", day.at)
    with closing(open_or_create_accounts(tmp_path / "accounts.db")) as accounts:
        Doors(accounts, NAMES, day.now)
        found = accounts.find_session(session, day.at)
        assert found is not None and found.account.name == "demo-dispatcher"
        assert [one.name for one in accounts.list_accounts()] == ["demo-dispatcher", "demo-wall"]
