"""Accounts, one-time keys, devices and sessions in one SQLite file that only its owner reads. A new file is empty: nobody has a default.

Nothing in it opens anything: passwords stand as Argon2id, keys, device tokens and session tokens as SHA-256. Sessions are kept so that a
server that was killed keeps people signed in. Nothing is cached: what another process disables is disabled at the next question.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.base.seats import Account, KeptSession, checked_name, checked_password, checked_role, name_key
from tocsin.edge import sqlite_file
from tocsin.edge.password_hash import Passwords, draw_token, token_hash

KIND: Final = sqlite_file.Kind(
    name="accounts",
    application_id=0x544F4341,  # "TOCA"
    format=1,
    tables=(
        "CREATE TABLE account(key TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, unit TEXT, language TEXT, password TEXT,"
        " is_disabled INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE one_time_key(hash BLOB PRIMARY KEY, account TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE device(hash BLOB PRIMARY KEY, unit TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE session(hash BLOB PRIMARY KEY, account TEXT NOT NULL, created INTEGER NOT NULL, seen INTEGER NOT NULL) WITHOUT ROWID",
    ),
    mode=0o600,
)

IDLE_MS, MOST_MS, WALL_MS = 12 * 3_600_000, 24 * 3_600_000, 30 * 24 * 3_600_000
"""A session ends after a shift without a question, and after a day in any case; a wall's, which only shows, after thirty days."""

_MOST = f"CASE role WHEN 'wall' THEN {WALL_MS} ELSE {MOST_MS} END"

_ACCOUNT = "name, role, unit, language, password IS NOT NULL, is_disabled"


class AccountsFile:
    """Port ``Accounts`` of the web. Threads may share one; several processes may use one file."""

    def __init__(self, path: Path, passwords: Passwords | None = None) -> None:
        """Use ``open_accounts`` or ``open_or_create_accounts``; this expects a file that they have examined."""
        self._path = path
        self._passwords = passwords or Passwords()
        self._using, self._looking = threading.Lock(), threading.Lock()
        self._store = sqlite_file.connect(path, "write")
        self._store.execute("PRAGMA secure_delete=ON")
        self._seen = sqlite_file.connect(path, "read")  # its own: a question in an event loop never waits for somebody's write

    # Accounts.

    def add(self, name: str, role: str, *, unit: str | None = None, language: str | None = None, password: str | None = None) -> Account:
        """A new account; without a password it is entered with a one-time key.

        Raises BadInput ``account_name``, ``account_role``, ``account_unit``, ``account_exists`` or as ``checked_password`` does.
        """
        plain = checked_name(name)
        row = (name_key(plain), plain, checked_role(role, unit), unit, language, self._hash(password))
        with self._writing() as store:
            if store.execute("SELECT 1 FROM account WHERE key=?", row[:1]).fetchone():
                raise BadInput("account_exists", field="name", name=plain)
            store.execute("INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, 0)", row)
        return self.get(plain)

    def list_accounts(self) -> list[Account]:
        """All of them, by name."""
        return [_account(row) for row in self._rows(f"SELECT {_ACCOUNT} FROM account ORDER BY key")]

    def get(self, name: str) -> Account:
        """One of them. Raises BadInput ``account_absent``."""
        for row in self._rows(f"SELECT {_ACCOUNT} FROM account WHERE key=?", name_key(name)):
            return _account(row)
        raise BadInput("account_absent", field="name", name=ascii(name))

    def set_disabled(self, name: str, *, is_disabled: bool) -> Account:
        """Let nobody in by this account, end its sessions and void its keys; or let it in again. Raises BadInput ``account_absent``."""
        self.get(name)
        with self._writing() as store:
            store.execute("UPDATE account SET is_disabled=? WHERE key=?", (int(is_disabled), name_key(name)))
            if is_disabled:
                store.execute("DELETE FROM session WHERE account=?", (name_key(name),))
                store.execute("DELETE FROM one_time_key WHERE account=?", (name_key(name),))
        return self.get(name)

    def set_password(self, name: str, password: str, *, but: str | None = None) -> Account:
        """A new password; all sessions end but the one of this id, and keys that wait are void.

        Raises BadInput ``account_absent`` or as ``checked_password`` does. Takes as long as a hash.
        """
        self.get(name)
        hashed = self._hash(password)
        with self._writing() as store:
            store.execute("UPDATE account SET password=? WHERE key=?", (hashed, name_key(name)))
            store.execute("DELETE FROM session WHERE account=? AND hash<>?", (name_key(name), bytes.fromhex(but or "")))
            store.execute("DELETE FROM one_time_key WHERE account=?", (name_key(name),))
        return self.get(name)

    def find_by_password(self, name: str, password: str) -> Account | None:
        """The account that this opens; None for a wrong name, a wrong password and a disabled account alike. Takes as long as a hash."""
        key = name_key(name[:1_000])
        rows = self._rows(f"SELECT {_ACCOUNT}, password FROM account WHERE key=?", key)
        kept = rows[0][-1] if rows else None
        if not self._passwords.is_right(kept, password) or kept is None:
            return None
        if self._passwords.is_outdated(kept):
            with self._writing() as store:
                renewed = self._passwords.hash(checked_password(password))
                store.execute("UPDATE account SET password=? WHERE key=? AND password=?", (renewed, key, kept))
        found = _account(rows[0][:-1])
        return None if found.is_disabled else found

    # One-time keys.

    def draw_key(self, name: str, *, expires: Instant) -> str:
        """A key that lets in once, until then. Raises BadInput ``account_absent``."""
        self.get(name)
        key = draw_token()
        with self._writing() as store:
            store.execute("INSERT INTO one_time_key VALUES (?, ?, ?)", (token_hash(key), name_key(name), expires))
        return key

    def is_key_open(self, key: str, now: Instant) -> bool:
        """Would it let in now? Reads only."""
        return bool(self._rows("SELECT 1 FROM one_time_key WHERE hash=? AND expires>?", token_hash(key), now))

    def redeem_key(self, key: str, now: Instant) -> Account | None:
        """The account that a key lets into, and the key is spent; None for a wrong, a spent and a late one alike."""
        with self._writing() as store:
            store.execute("DELETE FROM one_time_key WHERE expires<=?", (now,))
            row = store.execute("DELETE FROM one_time_key WHERE hash=? RETURNING account", (token_hash(key),)).fetchone()
        rows = self._rows(f"SELECT {_ACCOUNT} FROM account WHERE key=? AND NOT is_disabled", row[0]) if row else []
        return _account(rows[0]) if rows else None

    # Sessions.

    def start_session(self, name: str, now: Instant) -> str:
        """Sign in: the new session's token, which is told once. Raises BadInput ``account_absent``: disabled meanwhile, too."""
        token = draw_token()
        with self._writing() as store:
            store.execute("DELETE FROM session WHERE seen<=? OR created<=?", (now - IDLE_MS, now - WALL_MS))
            started = "INSERT INTO session SELECT ?, key, ?, ? FROM account WHERE key=? AND NOT is_disabled"
            if not store.execute(started, (token_hash(token), now, now, name_key(name))).rowcount:
                raise BadInput("account_absent", field="name", name=ascii(name))
        return token

    def find_session(self, token: str, now: Instant) -> KeptSession | None:
        """Who is signed in by a token; None when nobody (any more). Reads only, in microseconds."""
        return self._find_session(token_hash(token), now)

    def touch_session(self, session: str, now: Instant) -> None:
        """Write down that something was asked: the session lives on."""
        with self._writing() as store:
            store.execute("UPDATE session SET seen=? WHERE hash=? AND seen<?", (now, bytes.fromhex(session), now))

    def is_session(self, session: str, now: Instant) -> bool:
        """Does the session of this id still stand?"""
        return self._find_session(bytes.fromhex(session), now) is not None

    def end_session(self, session: str) -> None:
        """Sign out; again is harmless."""
        with self._writing() as store:
            store.execute("DELETE FROM session WHERE hash=?", (bytes.fromhex(session),))

    def _find_session(self, hashed: bytes, now: Instant) -> KeptSession | None:
        rows = self._rows(
            f"SELECT {_ACCOUNT}, created, seen, {_MOST} FROM session JOIN account ON account.key=session.account"
            f" WHERE hash=? AND NOT is_disabled AND seen>? AND created>?-{_MOST}",
            hashed,
            now - IDLE_MS,
            now,
        )
        if not rows:
            return None
        *account, created, seen, most_ms = rows[0]
        return KeptSession(hashed.hex(), _account(account), seen, Instant(min(seen + IDLE_MS, created + most_ms)))

    # Devices.

    def draw_device(self, unit: str, now: Instant, *, is_further: bool = False) -> str:
        """A token for a unit's device; older ones of the unit are void unless this is a further device."""
        token = draw_token()
        with self._writing() as store:
            if not is_further:
                store.execute("DELETE FROM device WHERE unit=?", (unit,))
            store.execute("INSERT INTO device VALUES (?, ?, ?)", (token_hash(token), unit, now))
        return token

    def end_devices(self, unit: str) -> int:
        """Void all tokens of a unit; how many there were."""
        with self._writing() as store:
            return store.execute("DELETE FROM device WHERE unit=?", (unit,)).rowcount

    def find_unit(self, token: str) -> UnitId | None:
        """The unit whose device this is."""
        rows = self._rows("SELECT unit FROM device WHERE hash=?", token_hash(token))
        return UnitId(rows[0][0]) if rows else None

    def close(self) -> None:
        """Let go of files."""
        with self._using, self._looking:
            self._store.close()
            self._seen.close()

    def _hash(self, password: str | None) -> str | None:
        return None if password is None else self._passwords.hash(checked_password(password))

    def _rows(self, query: str, *values: object) -> list[Any]:
        with self._looking:
            try:
                return self._seen.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise Broken("accounts_unreadable", file=str(self._path), why=error) from None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._using:
            try:
                self._store.execute("BEGIN IMMEDIATE")
                try:
                    yield self._store
                    self._store.execute("COMMIT")
                finally:
                    if self._store.in_transaction:
                        self._store.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise Broken("accounts_write", file=str(self._path), why=error) from None


def create_accounts(path: Path) -> None:
    """Make an empty file, mode 0600. Raises BadInput ``accounts_exists`` or ``accounts_unwritable``."""
    sqlite_file.make(path, KIND, lambda _: None)


def open_accounts(path: Path, passwords: Passwords | None = None) -> AccountsFile:
    """Open a file of accounts.

    Raises BadInput ``accounts_absent``, ``accounts_foreign``, ``accounts_newer``, ``accounts_torn`` or ``accounts_open`` (others may read
    it), and then has changed nothing.
    """
    sqlite_file.identify(path, KIND)
    mode = path.stat().st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        raise BadInput("accounts_open", file=str(path), mode=oct(mode))
    sqlite_file.examine(path, KIND)
    try:
        return AccountsFile(path, passwords)
    except sqlite3.Error as error:
        raise BadInput("accounts_torn", file=str(path), why=error) from None


def open_or_create_accounts(path: Path, passwords: Passwords | None = None) -> AccountsFile:
    """Open; make an empty one first when there is no file. Raises as ``open_accounts`` and ``create_accounts`` do."""
    if not path.exists():
        create_accounts(path)
    return open_accounts(path, passwords)


def _account(row: Sequence[Any]) -> Account:
    name, role, unit, language, has_password, is_disabled = row
    return Account(name, checked_role(role, unit), None if unit is None else UnitId(unit), language, bool(has_password), bool(is_disabled))
