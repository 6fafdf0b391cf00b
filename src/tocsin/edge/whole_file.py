"""A text file that is there whole or not at all."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tocsin.base.faults import BadInput


@contextmanager
def writing_whole(path: Path) -> Iterator[TextIO]:
    """Write UTF-8 beside the place; when the block has ended well, make it durable and rename. What was there stays until then.

    Raises OSError.
    """
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def write_whole(path: Path, text: str) -> None:
    """The same for a text that is there already. Raises OSError."""
    with writing_whole(path) as file:
        file.write(text)


def check_place(path: Path, *, begins: bytes = b"") -> None:
    """Whether a file of this name may be put there: asked before the work, so that nobody waits for what cannot be kept.

    What is there is replaced only when it is a file of the same kind, told by how it ``begins``: a slip of the hand costs no journal.
    Raises BadInput ``file_write``, ``file_kept``.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if path.exists():
            with path.open("rb") as file:
                found = file.read(max(1, len(begins)))
            if found and (not begins or found.lower() != begins.lower()):
                raise BadInput("file_kept", file=str(path))
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise BadInput("file_write", file=str(path), why=error.strerror or error) from None
