"""``GET /api/openapi.json``: the server's description (OpenAPI 3.1), made of the table of routes and the types that it names.

What is written here is what the code reads and answers: nothing is stated twice. Summaries are the first lines of the handlers.
"""

import inspect
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final, get_args

import msgspec
from starlette.responses import Response

import tocsin
from tocsin.core.messages.said import Command
from tocsin.web.access import COOKIE, CSRF_HEADER, SAFE, cookie_of
from tocsin.web.asked import Asked, Route
from tocsin.web.commands import CommandBody
from tocsin.web.grants import COMMAND_GRANT
from tocsin.web.problems import Problem

REFS: Final = "#/components/schemas/{name}"
ONLY_JSON: Final = "application/json"
NAMED: Final = f"{COOKIE}_<the first 8 signs of the journal's id>"
JSON_PATH: Final = "/api/openapi.json"

TOLD: Final = {
    "200": "Done", "204": "Done; nothing to tell", "400": "Malformed", "401": "Not signed in", "403": "Not granted",
    "404": "Unknown", "405": "Another method", "409": "Refused", "413": "Too big", "415": "Not JSON", "429": "Too many tries",
    "503": "Not able to, for now",
}  # fmt: skip

BINARY: Final = {
    "/api/stream": ("text/event-stream",),
    "/api/tiles/{map_hash}/{z:int}/{x:int}/{y:int}": ("application/vnd.mapbox-vector-tile",),
    "/api/positions": (ONLY_JSON,),
    "/": ("text/html",), "/wall": ("text/html",), "/unit-board": ("text/html",), "/lab": ("text/html",),
}  # fmt: skip
"""Answers that no type describes: path → media types."""


async def get_openapi(asked: Asked) -> Response:
    """This description."""
    return Response(
        described(asked.routes, cookie_of(asked.parts.journal.journal_id)), headers={"Cache-Control": "no-store"}, media_type=ONLY_JSON
    )


OPENAPI: Final = Route("GET", JSON_PATH, get_openapi, None)
"""Its line in ``ROUTES``."""


def described(routes: Sequence[Route], cookie: str = NAMED) -> bytes:
    """The description, deterministic."""
    return (json.dumps(description(routes, cookie), indent=2, ensure_ascii=False) + "\n").encode()


def description(routes: Sequence[Route], cookie: str = NAMED) -> dict[str, Any]:
    """The description of these routes; ``cookie``: the name of the session's."""
    kinds = list(dict.fromkeys(str(one) for route in routes for one in (route.body, route.answer, route.query) if one is not None))
    types = {str(one): one for route in routes for one in (route.body, route.answer, route.query) if one is not None}
    schemas, components = msgspec.json.schema_components([*(types[kind] for kind in kinds), Problem], ref_template=REFS)
    found = dict(zip([*kinds, "problem"], schemas, strict=True))
    _close_commands(components)
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        if route.path.startswith("/api/") or route.path == "/health":
            paths.setdefault(_path(route), {})[route.method.lower()] = _operation(route, found, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tocsin", "version": tocsin.__version__, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": cookie},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
                "device": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _close_commands(components: dict[str, Any]) -> None:
    """Commands that nobody may ask over HTTP are not described as if somebody could."""
    body = components[CommandBody.__name__]["properties"]["command"]
    asked = sorted(kind.__name__ for kind in get_args(Command) if kind in COMMAND_GRANT)
    body["anyOf"] = [{"$ref": REFS.format(name=name)} for name in asked]
    body["discriminator"] = {"propertyName": "type", "mapping": {name: REFS.format(name=name) for name in asked}}


def _operation(route: Route, found: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    first = inspect.cleandoc(route.handler.__doc__ or route.handler.__name__).splitlines()[0]
    is_shared = route.path == "/api/positions"
    told: dict[str, Any] = {
        "operationId": f"{route.handler.__name__}_{route.method.lower()}" if is_shared else route.handler.__name__,
        "summary": first,
        "security": _security(route),
        "responses": _responses(route, found),
    }
    if route.grant is not None:
        told["x-grant"] = route.grant
    parameters = [*_in_path(route), *_in_query(route, found, components)]
    if parameters:
        told["parameters"] = parameters
    if route.body is not None:
        told["requestBody"] = {"required": True, "content": {ONLY_JSON: {"schema": found[str(route.body)]}}}
    return told


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.path == "/api/positions":
        return [{"device": []}]
    if route.grant is None:
        return []
    return [{"session": []}] if route.method in SAFE else [{"session": [], "csrf": []}]


def _responses(route: Route, found: dict[str, Any]) -> dict[str, Any]:
    """Every status that this route can answer with."""
    responses: dict[str, Any] = {}
    for status in _statuses(route):
        content: dict[str, Any] = {ONLY_JSON: {"schema": found["problem"]}}
        if status == "200":
            described_by = found.get(str(route.answer), {}) if route.answer is not None else {}
            content = {kind: {"schema": described_by} for kind in BINARY.get(route.path, (ONLY_JSON,))}
        elif status == "409" and route.answer is not None:  # a refusal is an answer, and some routes answer with all that was asked
            content = {ONLY_JSON: {"schema": {"anyOf": [*_refused(route, found), found["problem"]]}}}
        responses[status] = {"description": TOLD[status], **({} if status == "204" else {"content": content})}
    return responses


def _refused(route: Route, found: dict[str, Any]) -> Iterable[dict[str, Any]]:
    yield found[str(route.answer)]
    yield {"$ref": REFS.format(name="Answered")}


def _statuses(route: Route) -> list[str]:
    statuses = {"400", "404", "503"}
    statuses |= {"204"} if route.answer is None and route.path not in (JSON_PATH, "/api/stream") else {"200"}
    if route.path in ("/api/positions", "/api/tiles/{map_hash}/{z:int}/{x:int}/{y:int}"):
        statuses |= {"200"}
    if route.grant is not None or route.path in ("/api/session", "/api/positions"):
        statuses |= {"401", "403"}
    if route.method not in SAFE:
        statuses |= {"403", "409", "413", "415"}
    if route.path in ("/api/session", "/api/session/password", "/api/stream"):
        statuses |= {"429"}
    return sorted(statuses)


def _path(route: Route) -> str:
    return re.sub(r":\w+}", "}", route.path)


def _in_path(route: Route) -> list[dict[str, Any]]:
    named = re.findall(r"{(\w+)(?::(\w+))?}", route.path)
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0} if kind == "int" else {"type": "string"}}
        for name, kind in named
    ]


def _in_query(route: Route, found: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    struct = components[found[str(route.query)]["$ref"].rpartition("/")[2]]
    needed = struct.get("required", [])
    return [{"name": name, "in": "query", "required": name in needed, "schema": kind} for name, kind in struct["properties"].items()]
