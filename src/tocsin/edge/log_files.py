"""Other systems' logs as text, plain or gzipped; and the side file of rows that could not be used."""

import gzip
import zlib
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tocsin.base.faults import BadInput
from tocsin.edge.whole_file import write_whole
from tocsin.formats.delimited import lines_of, write_table
from tocsin.formats.sf_fire_rows import Unusable

_GZIP = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20


class LogText(NamedTuple):
    """A log's whole text, and the digest of the file as it lies on the disk."""

    file: str
    text: str
    sha256: str

    def lines(self) -> Iterator[str]:
        """Lines for a reader, ends kept."""
        return lines_of(self.text)


def read_log(path: Path) -> LogText:
    """Read a log to its end, unpacking gzip, or not at all.

    Raises BadInput ``log_file_unreadable``, ``log_file_truncated`` and ``log_file_damaged`` (naming the last whole row),
    ``log_file_encoding`` (naming the line).
    """
    file = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput("log_file_unreadable", file=file, why=error.strerror or error) from None
    data = _unpack(path, file) if raw.startswith(_GZIP) else raw
    return LogText(file, _decode(data, file), sha256(raw).hexdigest())


def _unpack(path: Path, file: str) -> bytes:
    data = bytearray()
    try:
        with gzip.open(path) as stream:
            while chunk := stream.read1(_CHUNK_BYTES):
                data += chunk
    except EOFError:
        raise BadInput("log_file_truncated", file=file, line=data.count(b"\n"), rows=_rows(data)) from None
    except (OSError, zlib.error) as error:
        raise BadInput("log_file_damaged", file=file, line=data.count(b"\n"), rows=_rows(data), why=error) from None
    return bytes(data)


def _rows(data: bytearray) -> int:
    """Whole lines below the header."""
    return max(0, data.count(b"\n") - 1)


def _decode(data: bytes, file: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInput("log_file_encoding", file=file, line=line, byte=f"0x{data[error.start]:02X}") from None


def write_unusable(path: Path, header: Sequence[str], unusable: Iterable[Unusable]) -> None:
    """Write rows that could not be used as they were, with their line and reason in front. Whole or not at all.

    Raises BadInput ``unusable_write``.
    """
    rows = [(str(row.line), row.reason, *row.row) for row in unusable]
    try:
        write_whole(path, write_table(("line", "reason", *header), rows))
    except OSError as error:
        raise BadInput("unusable_write", file=str(path), why=error.strerror or error) from None
