"""Reads polygon layers from files: .geojson, .json, either gzipped."""

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.places.areas import Areas

_ENDINGS = (".gz", ".geojson", ".json")


def read_areas(paths: Sequence[Path], *, name_key: str | None = None) -> Areas:
    """The layers of several files as one, each called as its file without the endings.

    Raises BadInput ``file_missing``, ``file_unreadable``, ``gz_unreadable``, and what ``Areas.read`` raises.
    """
    return Areas.joined(Areas.read(_bytes(path), layer=_layer(path), file=str(path), name_key=name_key) for path in paths)


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except FileNotFoundError:
        raise BadInput("file_missing", file=str(path)) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
        raise BadInput("gz_unreadable", file=str(path), reason=problem) from None
    except OSError as problem:
        raise BadInput("file_unreadable", file=str(path), reason=problem.strerror) from None


def _layer(path: Path) -> str:
    name = path.name
    for ending in _ENDINGS:
        name = name.removesuffix(ending)
    return name or path.name
