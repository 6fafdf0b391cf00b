"""The server as one ASGI app: the table of routes, and beside it the stream, which is too hot for a framework."""

from typing import Any, Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp

from tocsin.base.faults import BadInput, Fault
from tocsin.core.messages.refusal import Refused
from tocsin.web.asked import Asked, Route
from tocsin.web.bodies import read_body, read_query
from tocsin.web.ports import Parts
from tocsin.web.problems import json_answer, language_of, problem_answer, refused_answer
from tocsin.web.routes import ROUTES

_CODES: Final = {404: "not_found", 405: "method"}


def create_app(parts: Parts) -> ASGIApp:
    """The app. ``parts.hub`` runs in the same event loop; leave both to the server's life span (``wiring/serve.py``)."""
    routes = (*ROUTES, *parts.extra)

    async def failed(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        language = language_of(None, request, parts.language)
        return problem_answer(BadInput(_CODES.get(status, "not_found"), path=request.url.path[:200], method=request.method), language)

    return Starlette(
        routes=[_starlette(route, parts, routes) for route in routes],
        exception_handlers={404: failed, 405: failed},
    )


def _starlette(route: Route, parts: Parts, routes: tuple[Route, ...]) -> StarletteRoute:
    async def endpoint(request: Request) -> Response:
        return await answer(route, request, parts, routes)

    return StarletteRoute(route.path, endpoint, methods=[route.method])


async def answer(route: Route, request: Request, parts: Parts, routes: tuple[Route, ...]) -> Response:
    """One request from its headers to its answer: admit, read, do, write. Faults and refusals are answers too."""
    seat = None
    try:
        seat = await parts.access.admit(request, route)
        language = language_of(seat.language if seat else None, request, parts.language)
        body = await read_body(request, route) if route.body is not None else None
        query = read_query(request, route.query) if route.query is not None else None
        told = await route.handler(Asked(parts, request, seat, language, body, query, routes))
    except Fault as fault:
        return problem_answer(fault, language_of(seat.language if seat else None, request, parts.language))
    except Refused as refused:
        return refused_answer(refused, language_of(seat.language if seat else None, request, parts.language))
    return _written(told)


def _written(told: Any) -> Response:
    if isinstance(told, Response):
        return told
    return Response(status_code=204, headers={"Cache-Control": "no-store"}) if told is None else json_answer(told)
