"""The server as one ASGI app: the table of routes, and beside it the stream, which is too hot for a framework."""

from typing import Any, Final, NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from tocsin.base.faults import BadInput, Broken, Fault
from tocsin.core.messages.refusal import Refused
from tocsin.web.asked import Asked, Route
from tocsin.web.bodies import read_body, read_query
from tocsin.web.numbers import Numbers
from tocsin.web.ports import Parts
from tocsin.web.problems import json_answer, language_of, problem_answer, refused_answer
from tocsin.web.routes import CONSOLE_FILES, ROUTES
from tocsin.web.stream import PATH as STREAM_PATH
from tocsin.web.stream import Streams

_CODES: Final = {404: "not_found", 405: "method"}


def create_app(parts: Parts) -> ASGIApp:
    """The app. ``parts.hub`` runs in the same event loop; leave both to the server's life span (``wiring/serve.py``)."""
    routes, numbers = (*ROUTES, *parts.extra, CONSOLE_FILES), Numbers()

    async def failed(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        language = language_of(None, request, parts.language)
        return problem_answer(BadInput(_CODES.get(status, "not_found"), path=request.url.path[:200], method=request.method), language)

    async def broken(request: Request, error: Exception) -> Response:
        return problem_answer(Broken("failed", cause=type(error).__name__), language_of(None, request, parts.language))

    served = Starlette(
        routes=[_starlette(route, Frame(parts, routes, numbers)) for route in routes if route.path != STREAM_PATH],
        exception_handlers={404: failed, 405: failed, Exception: broken},
    )
    streams = Streams(parts)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        is_stream = scope["type"] == "http" and scope["path"] == STREAM_PATH
        await (streams if is_stream else served)(scope, receive, send)

    return app


class Frame(NamedTuple):
    """What every request of one app shares."""

    parts: Parts
    routes: tuple[Route, ...]
    numbers: Numbers


def _starlette(route: Route, frame: Frame) -> StarletteRoute:
    async def endpoint(request: Request) -> Response:
        return await answer(route, request, frame)

    return StarletteRoute(route.path, endpoint, methods=[route.method])


async def answer(route: Route, request: Request, frame: Frame) -> Response:
    """One request from its headers to its answer: admit, read, do, write. Faults and refusals are answers too."""
    parts, seat = frame.parts, None
    try:
        seat = await parts.access.admit(request, route)
        language = language_of(seat.language if seat else None, request, parts.language)
        body = await read_body(request, route) if route.body is not None else None
        query = read_query(request, route.query) if route.query is not None else None
        told = await route.handler(Asked(parts, request, seat, language, body, query, frame.routes, frame.numbers))
    except Fault as fault:
        return problem_answer(fault, language_of(seat.language if seat else None, request, parts.language))
    except Refused as refused:
        return refused_answer(refused, language_of(seat.language if seat else None, request, parts.language))
    return _written(told)


def _written(told: Any) -> Response:
    if isinstance(told, Response):
        return told
    return Response(status_code=204, headers={"Cache-Control": "no-store"}) if told is None else json_answer(told)
