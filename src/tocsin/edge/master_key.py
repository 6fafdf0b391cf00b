"""The master key that wraps all others: 64 hexadecimal digits in a file that only its owner reads, or in the environment."""

import os
from contextlib import suppress
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.edge.vault_box import KEY_BYTES

VARIABLE = "TOCSIN_MASTER_KEY"
"""Holds the key itself, for systems that hand out secrets in the environment; goes before any file."""


def load(path: Path) -> bytes:
    """The master key. Raises BadInput ``master_key_absent``, ``master_key_form`` or ``master_key_open`` (others may read the file)."""
    given = os.environ.get(VARIABLE)
    if given is not None:
        return _parse(given, where=VARIABLE)
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise BadInput("master_key_open", file=str(path), mode=oct(path.stat().st_mode & 0o777))
        return _parse(path.read_text("ascii", errors="replace"), where=str(path))
    except OSError as error:
        raise BadInput("master_key_absent", file=str(path), variable=VARIABLE, why=error) from None


def load_or_draw(path: Path) -> bytes:
    """The master key; drawn and written, mode 0600 and on disk, when there is none yet. Raises BadInput as ``load`` does."""
    if VARIABLE not in os.environ:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return load(path)
        except OSError as error:
            raise BadInput("vault_unwritable", file=str(path), why=error) from None
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(os.urandom(KEY_BYTES).hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                path.unlink()
            raise BadInput("vault_unwritable", file=str(path), why=error) from None
    return load(path)


def _parse(text: str, *, where: str) -> bytes:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise BadInput("master_key_form", file=where, digits=2 * KEY_BYTES)
    return key
