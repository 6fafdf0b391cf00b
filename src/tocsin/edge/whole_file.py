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


def check_place(path: Path) -> None:
    """Whether a file of this name could be put there: asked before the work, so that nobody waits for what cannot be kept.

    Raises BadInput ``file_write``.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise BadInput("file_write", file=str(path), why=error.strerror or error) from None
