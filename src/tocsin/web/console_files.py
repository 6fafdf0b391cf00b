"""The console as it was built: a page and its files. What is served is what the folder held when the server began; no path is followed."""

import gzip
import mimetypes
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.web.asked import Asked
from tocsin.web.off_loop import in_thread
from tocsin.words import say

INDEX: Final = "index.html"
KEPT: Final = "public, max-age=31536000, immutable"
PACKED: Final = frozenset({".js", ".css", ".html", ".svg", ".json", ".webmanifest", ".map"})
LEAST_PACKED: Final = 1_000
MOST_BYTES: Final = 50_000_000
"""Of one folder: a slip in its name must not take a disk into memory."""


class File(NamedTuple):
    """One file in memory."""

    kind: str
    body: bytes
    packed: bytes | None
    is_hashed: bool
    """Its name carries its content: it never changes."""


@lru_cache(maxsize=4)
def files_of(folder: Path) -> dict[str, File]:
    """Path below the folder → file. Links that lead out of the folder are left out. Blocks."""
    found: dict[str, File] = {}
    size, root = 0, folder.resolve()
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() and path.resolve().is_relative_to(root) and size < MOST_BYTES:
            body = path.read_bytes()
            size += len(body)
            name = path.relative_to(folder).as_posix()
            kind = "text/javascript" if path.suffix in (".js", ".mjs") else mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            is_packed = path.suffix in PACKED and len(body) >= LEAST_PACKED
            found[name] = File(kind, body, gzip.compress(body, 6, mtime=0) if is_packed else None, name.startswith("assets/"))
    return found


async def get_page(asked: Asked) -> Response:
    """The console's page, whichever of its ways was opened; without one, a page that says how to build it (503)."""
    file = (await _files(asked)).get(INDEX)
    return _sent(asked, file) if file is not None else _absent(asked.language)


async def get_asset(asked: Asked) -> Response:
    """Raises BadInput ``not_found``."""
    return await _named(asked, f"assets/{asked.named('path')}")


async def get_file(asked: Asked) -> Response:
    """A file beside the page: its icon, its manifest. Raises BadInput ``not_found``."""
    return await _named(asked, asked.named("name"))


async def _named(asked: Asked, name: str) -> Response:
    file = (await _files(asked)).get(name)
    if file is None:
        raise BadInput("not_found", path=asked.request.url.path[:200], method="GET")
    return _sent(asked, file)


async def _files(asked: Asked) -> dict[str, File]:
    folder = asked.parts.console
    return await in_thread(lambda: files_of(folder)) if folder is not None else {}


def _sent(asked: Asked, file: File) -> Response:
    headers = {"Cache-Control": KEPT if file.is_hashed else "no-cache", "Vary": "Accept-Encoding"}
    if file.packed is not None and "gzip" in asked.request.headers.get("accept-encoding", ""):
        return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type=file.kind)
    return Response(file.body, headers=headers, media_type=file.kind)


def _absent(language: str) -> Response:
    title, what, remedy = (escape(say(f"web.absent.{part}", language)) for part in ("title", "what", "do"))
    page = (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><h1>{title}</h1><p>{what}</p><p>{remedy}</p></html>"
    )
    return Response(page, 503, {"Cache-Control": "no-store"}, media_type="text/html")
