"""``/api/positions``: where units are, as their devices say. The device's token says whose it is; nothing else of the device is kept."""

from typing import Final

from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.formats.osmand import decode_form, decode_json
from tocsin.formats.owntracks import decode
from tocsin.formats.position import Heard
from tocsin.web.asked import Asked
from tocsin.web.bodies import MOST_QUERY, read_bytes

MOST_BYTES: Final = 65_536


async def take_positions(asked: Asked) -> Response:
    """204 whether it was kept or dropped: a device that is refused for being off duty would only send it again.

    Raises BadInput ``not_signed_in`` for a token that is nobody's, ``query_long``, ``body_too_big``, and what the formats raise.
    """
    unit = await asked.parts.access.find_unit(asked.request)
    if unit is None:
        raise BadInput("not_signed_in")
    received = asked.parts.clock().now
    heard = await _heard(asked)
    asked.parts.positions.take(unit, heard.positions, received)
    is_owntracks = _kind(asked) == "application/json" and "x-limit-u" in asked.request.headers
    # OwnTracks reads a list of answers; the others look at the status alone.
    return Response(b"[]", media_type="application/json") if is_owntracks else Response(status_code=204)


async def _heard(asked: Asked) -> Heard:
    received = asked.parts.clock().now
    query = asked.request.url.query
    if len(query) > MOST_QUERY:
        raise BadInput("query_long", most=MOST_QUERY)
    if asked.request.method == "GET":
        return decode_form(query, received)
    body = await read_bytes(asked.request, MOST_BYTES)
    if _kind(asked) == "application/json":
        return decode(body, received) if b'"_type"' in body else decode_json(body, received)
    try:
        return decode_form(body.decode() or query, received)
    except UnicodeDecodeError:
        raise BadInput("body_unreadable", why="UTF-8") from None


def _kind(asked: Asked) -> str:
    return asked.request.headers.get("content-type", "").partition(";")[0].strip().lower()
