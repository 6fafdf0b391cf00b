"""Bodies and queries of requests, read strictly: what a type does not name is refused, and nothing is read beyond its measure."""

import re
from itertools import accumulate
from typing import Any, Final

import msgspec
from starlette.requests import ClientDisconnect, Request

from tocsin.base.faults import BadInput
from tocsin.web.asked import Route

MOST_DEPTH: Final = 24
"""Brackets inside of brackets: no message has a dozen."""
MOST_QUERY: Final = 4_000

_TEXT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""A text of JSON, or the beginning of one that has no end: in one go, however hostile."""
_NO_BRACKET: Final = re.compile(rb"[^][{}]++")
_STEP: Final = bytes.maketrans(b"[{]}", b"\x02\x02\x00\x00")
"""Brackets as steps in and out, one up from -1 and +1: bytes have no sign."""


async def read_body(request: Request, route: Route) -> Any:
    """The body as the route's type. Raises BadInput ``not_json``, ``body_too_big``, ``body_unreadable``, ``body_nested``, ``field``."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadInput("not_json", kind=kind or "-")
    return decoded(await read_bytes(request, route.most_bytes), route.body)


async def read_bytes(request: Request, most: int) -> bytes:
    """The body as it came, no more than ``most`` bytes of it."""
    stated = request.headers.get("content-length", "")
    if stated.isascii() and stated.isdigit() and int(stated[:20]) > most:
        raise BadInput("body_too_big", most=most)
    taken = bytearray()
    try:
        async for part in request.stream():
            taken += part
            if len(taken) > most:
                raise BadInput("body_too_big", most=most)
    except ClientDisconnect:
        raise BadInput("body_unreadable", why="-") from None
    return bytes(taken)


def decoded(body: bytes, kind: Any) -> Any:
    """JSON bytes as a type, checked. Raises BadInput ``body_nested``, ``body_unreadable``, ``field``."""
    if _depth(body) > MOST_DEPTH:
        raise BadInput("body_nested", most=MOST_DEPTH)
    try:
        body.decode("utf-8")
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise field_fault(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput("body_unreadable", why=str(error)[:200]) from None


def field_fault(error: msgspec.ValidationError) -> BadInput:
    """What does not fit a type, and where: msgspec tells the path behind `` - at ``."""
    why, _, path = str(error).partition(" - at ")
    return BadInput("field_unfit", field=path.strip("`").removeprefix("$.") or "body", why=why[:300])


def _depth(body: bytes) -> int:
    """How deep brackets stand in brackets; 0 where there are too few to matter."""
    if body.count(b"[") + body.count(b"{") <= MOST_DEPTH:
        return 0
    steps = _NO_BRACKET.sub(b"", _TEXT.sub(b"", body)).translate(_STEP)
    return max(accumulate((sign - 1 for sign in steps), initial=0))


def read_query(request: Request, kind: Any) -> Any:
    """The query as a struct: each name once. Raises BadInput ``field_unfit``, ``query_long``."""
    if len(request.url.query) > MOST_QUERY:
        raise BadInput("query_long", most=MOST_QUERY)
    try:
        return msgspec.convert(dict(request.query_params), kind, strict=False)
    except msgspec.ValidationError as error:
        raise field_fault(error) from None
