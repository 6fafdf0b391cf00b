"""The frames of the minute that is running: one after the other at the end of a plain file, each with its length and checksum.

Beside a database because a page store writes such bytes twice, and here nothing is looked up. Whoever is killed in the middle of a frame
loses that frame: it is cut off when the tail is opened to be written to.
"""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple

from tocsin.base.instants import Instant

_HEAD: Final = Struct("<4sIIqq")
"""Mark, checksum of what follows it, length of the body, number of the frame, base."""
_MARK: Final = b"TCP1"
_SUMMED: Final = 8
_sync = getattr(os, "fdatasync", os.fsync)


class Kept(NamedTuple):
    """One frame as it stands in the file."""

    nth: int
    base: Instant
    body: bytes


class Tail:
    """Open to be written to."""

    def __init__(self, path: Path) -> None:
        """Makes the file if there is none; cuts off what is no whole frame. Raises OSError."""
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        self.damaged_bytes = 0
        """Cut off though it is not merely an unfinished frame at the end."""
        try:
            said = path.read_bytes()
            self.frames = list(frames_in(said))
            self._end = sum(_HEAD.size + len(frame.body) for frame in self.frames)
            if self._end < len(said):
                self.damaged_bytes = 0 if _is_unfinished(said[self._end :]) else len(said) - self._end
                os.ftruncate(self._fd, self._end)
                _sync(self._fd)
        except OSError:
            os.close(self._fd)
            raise

    def add(self, nth: int, base: Instant, body: bytes) -> None:
        """Durable when this returns. Raises OSError; then the file is as it was."""
        head = _HEAD.pack(_MARK, 0, len(body), nth, base)
        checksum = zlib.crc32(body, zlib.crc32(head[_SUMMED:]))
        head = _HEAD.pack(_MARK, checksum, len(body), nth, base)
        try:
            os.lseek(self._fd, self._end, os.SEEK_SET)
            if _write(self._fd, head, body) != len(head) + len(body):
                raise OSError("short write")
            _sync(self._fd)
        except OSError:
            os.ftruncate(self._fd, self._end)
            raise
        self._end += len(head) + len(body)
        self.frames.append(Kept(nth, base, body))

    def clear(self) -> None:
        """Everything in it stands elsewhere now. Raises OSError."""
        os.ftruncate(self._fd, 0)
        self._end = 0
        self.frames.clear()

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._fd)


def _write(fd: int, head: bytes, body: bytes) -> int:
    if hasattr(os, "writev"):
        return os.writev(fd, (head, body))
    return os.write(fd, head + body)


def frames_in(said: bytes) -> Iterator[Kept]:
    """The whole frames at the beginning of a tail's bytes, up to the first that is none."""
    start = 0
    while start + _HEAD.size <= len(said):
        mark, checksum, length, nth, base = _HEAD.unpack_from(said, start)
        end = start + _HEAD.size + length
        if mark != _MARK or end > len(said) or zlib.crc32(memoryview(said)[start + _SUMMED : end]) != checksum:
            return
        yield Kept(nth, Instant(base), said[start + _HEAD.size : end])
        start = end


def _is_unfinished(rest: bytes) -> bool:
    """Is it a frame that somebody was killed while writing?"""
    if len(rest) < _HEAD.size:
        return rest[: len(_MARK)] == _MARK[: len(rest)]
    mark, _, length, _, _ = _HEAD.unpack_from(rest)
    return bool(mark == _MARK and len(rest) < _HEAD.size + length)
