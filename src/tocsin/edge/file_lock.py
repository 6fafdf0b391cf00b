"""One writer per file, across processes: a lock on a file beside it, which the system lets go when the process dies."""

import os
import sys
from contextlib import suppress
from pathlib import Path


class FileLock:
    """Held from making it until ``release``. The lock's file stays: taking it away would let two processes hold two of them."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises BlockingIOError when somebody else holds it, other OSErrors when the file cannot be made."""
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(self._handle)
        except OSError:
            os.close(self._handle)
            raise

    def release(self) -> None:
        """Let go; again is harmless."""
        if self._handle >= 0:
            with suppress(OSError):
                os.close(self._handle)
            self._handle = -1


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            raise BlockingIOError from None

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
