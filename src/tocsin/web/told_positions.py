"""``/api/positions``: where units are, as their devices say. The device's token says whose it is; nothing else of the device is kept."""

from typing import Final

from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.formats.osmand import MOST_FIELDS, decode_form, decode_json
from tocsin.formats.owntracks import decode
from tocsin.formats.position import Heard
from tocsin.web.asked import Asked
from tocsin.web.bodies import MOST_QUERY, read_bytes

MOST_BYTES: Final = 16_384

_LIST: Final = b"[]"
"""OwnTracks for Android reads every answer as a list of messages and, from 2.5 on, sends again and again what was answered otherwise."""


async def take_positions(asked: Asked) -> Response:
    """204 whether it was kept or dropped (200 and an empty list for OwnTracks): what a device is refused, it only sends again, before
    anything newer. A receiver without a fix is no mistake of the sender either.

    Raises BadInput ``not_signed_in`` for a token that is nobody's, ``query_long``, ``body_too_big``, and what the formats raise.
    """
    unit = await asked.parts.access.find_unit(asked.request)
    if unit is None:
        raise BadInput("not_signed_in")
    body = await read_bytes(asked.request, MOST_BYTES) if asked.request.method == "POST" else b""
    is_owntracks = asked.request.method == "POST" and _is_owntracks(asked, body)
    try:
        heard = _heard(asked, body, is_owntracks=is_owntracks)
    except BadInput as fault:
        if fault.code != "position_null_island":
            raise
        heard = Heard(no_fix=1)
    asked.parts.positions.pass_over(fields=heard.ignored, without_fix=heard.no_fix)
    asked.parts.positions.take(unit, heard.positions, asked.parts.clock().now)
    answer = Response(_LIST, media_type="application/json") if is_owntracks else Response(status_code=204)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _heard(asked: Asked, body: bytes, *, is_owntracks: bool) -> Heard:
    received, query = asked.parts.clock().now, asked.request.url.query
    if is_owntracks:
        return decode(body, received)
    if body.lstrip()[:1] in (b"{", b"["):
        return decode_json(body, received)
    if len(query) > MOST_QUERY:
        raise BadInput("query_long", most=MOST_QUERY)
    try:
        return decode_form(body.decode() or query, received)
    except UnicodeDecodeError:
        raise BadInput("position_fields", most=MOST_FIELDS) from None


def _is_owntracks(asked: Asked, body: bytes) -> bool:
    """By what it says, or by its headers where it says nothing (a friend who was deleted)."""
    return b'"_type"' in body or (not body and "x-limit-u" in asked.request.headers)
