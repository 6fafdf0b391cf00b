"""The vault in one SQLite file, apart from the journal: a key per key name, wrapped by a master key that lies elsewhere.

The journal's chain covers ciphertext, so destroying a key erases what was sealed under it and the chain still verifies. Backups of
this file must live shorter than the journal's, and after restoring one the journal's ``PersonalDataErased`` are destroyed again.
"""

import os
import sqlite3
import threading
from collections.abc import Iterable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Final

from tocsin.base.faults import BadInput, Broken
from tocsin.base.identifiers import KeyName
from tocsin.core.messages.sealed import Sealed
from tocsin.edge import master_key, sqlite_file
from tocsin.edge.vault_box import KEY_BYTES, lock, open_text, seal_text, unlock

KIND: Final = sqlite_file.Kind(
    name="vault",
    application_id=0x544F4356,  # "TOCV"
    format=1,
    tables=(
        "CREATE TABLE key(name TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE destroyed(name TEXT PRIMARY KEY) WITHOUT ROWID",
        "CREATE TABLE meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    ),
    mode=0o600,
)

_PROOF = b"tocsin vault"
"""Boxed under the master key when the vault is made: who can open it holds the right one."""


class FileVault:
    """Port ``Vault``. Threads may share one; several processes may use one file. Nothing is cached: a destroyed key is gone at once."""

    def __init__(self, path: Path, master: bytes) -> None:
        """Use ``create_vault``, ``open_vault`` or ``open_or_create_vault``; this expects a file that they have examined."""
        self._path = path
        self._master = master
        self._using = threading.Lock()
        self._store = _connect(path)

    def seal(self, text: str, *, key: KeyName, bound_to: str) -> Sealed:
        """Seal under a key, made now if it is new and on disk before this returns.

        Raises Broken ``key_destroyed``, ``seal_broken`` (the key itself was tampered with), ``vault_write``.
        """
        with self._using:
            try:
                wrapped = self._find(key) or self._make(key)
            except sqlite3.Error as error:
                self._reopen()
                raise Broken("vault_write", file=str(self._path), why=error) from None
            return seal_text(text, key, self._unwrap(key, wrapped), bound_to=bound_to, draw=os.urandom)

    def open(self, sealed: Sealed, *, bound_to: str) -> str | None:
        """The words; None when the key was destroyed.

        Raises Broken ``seal_broken``, or ``key_missing`` for a key that this vault never had: a restored or a foreign key store.
        """
        with self._using:
            try:
                wrapped = self._find(sealed.key)
                is_destroyed = wrapped is None and self._is_destroyed(sealed.key)
            except sqlite3.Error as error:
                raise Broken("vault_unreadable", file=str(self._path), why=error) from None
        if is_destroyed:
            return None
        if wrapped is None:
            raise Broken("key_missing", file=str(self._path), key=sealed.key)
        return open_text(sealed, self._unwrap(sealed.key, wrapped), bound_to=bound_to)

    def destroy(self, keys: Iterable[KeyName]) -> None:
        """Make these keys unrecoverable; unknown ones are remembered as destroyed. May be asked again when it failed.

        Deleted and overwritten (``secure_delete``), then the file is written anew (``VACUUM``) and its log cut to nothing, so that no
        copy stays on a page that was moved. Raises Broken ``vault_write``; ``key_lingers`` when another process held the log.
        """
        names = [(key,) for key in keys]
        if not names:
            return
        with self._using:
            try:
                self._store.execute("BEGIN IMMEDIATE")
                self._store.executemany("DELETE FROM key WHERE name=?", names)
                self._store.executemany("INSERT OR IGNORE INTO destroyed VALUES (?)", names)
                self._store.execute("COMMIT")
                self._store.execute("VACUUM")
                is_held = self._store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.Error as error:
                self._reopen()
                raise Broken("vault_write", file=str(self._path), why=error) from None
        if is_held:
            raise Broken("key_lingers", file=str(self._path))

    def close(self) -> None:
        """Let go of files."""
        with self._using:
            self._store.close()

    def _find(self, key: KeyName) -> bytes | None:
        row = self._store.execute("SELECT wrapped FROM key WHERE name=?", (key,)).fetchone()
        return row[0] if row else None

    def _is_destroyed(self, key: KeyName) -> bool:
        return self._store.execute("SELECT 1 FROM destroyed WHERE name=?", (key,)).fetchone() is not None

    def _make(self, key: KeyName) -> bytes:
        self._store.execute("BEGIN IMMEDIATE")
        wrapped = self._find(key)  # another process may have made it meanwhile
        if wrapped is None:
            if self._is_destroyed(key):
                self._store.execute("ROLLBACK")
                raise Broken("key_destroyed", file=str(self._path), key=key)
            wrapped = lock(os.urandom(KEY_BYTES), self._master, bound_to=_wrapping(key), draw=os.urandom)
            self._store.execute("INSERT INTO key VALUES (?, ?)", (key, wrapped))
        self._store.execute("COMMIT")
        return wrapped

    def _unwrap(self, key: KeyName, wrapped: bytes) -> bytes:
        found = unlock(wrapped, self._master, bound_to=_wrapping(key))
        if found is None:
            raise Broken("seal_broken", file=str(self._path), key=key, bound_to=key)
        return found

    def _reopen(self) -> None:
        # As in the journal: nothing is tried again on a handle whose commit failed.
        with suppress(sqlite3.Error):
            self._store.close()
            self._store = _connect(self._path)


def create_vault(path: Path, *, master_file: Path | None = None) -> FileVault:
    """Make an empty vault, and its master key when there is none yet.

    The master key is TOCSIN_MASTER_KEY, else stands in ``master_file``, else beside the vault with ``.master`` added to its name.
    Raises BadInput ``vault_exists``, ``vault_unwritable``, ``master_key_form`` or ``master_key_open``.
    """
    if path.exists():
        raise BadInput("vault_exists", file=str(path))
    master = master_key.load_or_draw(_master_file(path, master_file))
    sqlite_file.make(path, KIND, partial(_fill, master=master))
    return open_vault(path, master_file=master_file)


def open_vault(path: Path, *, master_file: Path | None = None) -> FileVault:
    """Open a vault.

    Raises BadInput ``vault_absent``, ``vault_foreign``, ``vault_newer``, ``vault_torn``, ``master_key_absent``, ``master_key_form``,
    ``master_key_open`` or ``master_key_wrong``, and then has changed nothing.
    """
    sqlite_file.identify(path, KIND)
    sqlite_file.examine(path, KIND)
    master = master_key.load(_master_file(path, master_file))
    try:
        with closing(sqlite_file.connect(path, "read" if sqlite_file.has_log(path) else "peek")) as connection:
            row = connection.execute("SELECT value FROM meta WHERE name='proof'").fetchone()
        if row is None or unlock(row[0], master, bound_to=_PROOF) != _PROOF:
            raise BadInput("master_key_wrong", file=str(path))
        return FileVault(path, master)
    except sqlite3.Error as error:
        raise BadInput("vault_torn", file=str(path), why=error) from None


def open_or_create_vault(path: Path, *, master_file: Path | None = None) -> FileVault:
    """Open; make it first when there is no file."""
    return (open_vault if path.exists() else create_vault)(path, master_file=master_file)


def _master_file(path: Path, given: Path | None) -> Path:
    return given or path.with_name(path.name + ".master")


def _connect(path: Path) -> sqlite3.Connection:
    store = sqlite_file.connect(path, "write")
    store.execute("PRAGMA secure_delete=ON")
    store.execute("PRAGMA temp_store=MEMORY")  # a vacuum's copy must not lie in a temporary folder
    return store


def _fill(connection: sqlite3.Connection, *, master: bytes) -> None:
    proof = lock(_PROOF, master, bound_to=_PROOF, draw=os.urandom)
    connection.execute("INSERT INTO meta VALUES ('proof', ?)", (proof,))


def _wrapping(key: KeyName) -> bytes:
    return b"key " + key.encode()
