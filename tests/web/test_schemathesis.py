"""The server asked by its own description: whatever that allows is answered as it says, and what it does not allow is never a mishap."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from served import PASSWORD, Served, served
from tocsin.web.openapi import description
from tocsin.web.routes import ROUTES
from tocsin.web.sessions import SignInDesk

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 20
LEFT_OUT = {
    "delete /api/session": "would sign the tester out",
    "get /api/stream": "does not end; tests/web has its own tests of it",
}
LENIENT = {
    "post /api/positions": "programs of others; what they send beside a position is passed over",
    "get /api/positions": "the same",
}
"""Where data that the description does not allow may be accepted."""
NOT_ABLE = {"get /api/routes", "get /api/reach", "get /api/positions"}
"""This centre has no roads: 503 is the right answer there, and not_a_server_error would not know it."""


def operations() -> list[str]:
    """Method and path of everything that is described."""
    paths = description([*ROUTES, *SignInDesk(None, None).routes()])["paths"]
    return [f"{method} {path}" for path, methods in paths.items() for method in methods]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One served centre for the whole file."""
    with served(tmp_path_factory.mktemp("described")) as one:
        yield one


@pytest.fixture(scope="module")
def schema(desk: Served) -> Any:
    """What the server says of itself; who may come is not played with here: ``test_access.py`` walks that whole table."""
    with desk.client() as client:
        told = client.get("/api/openapi.json").json()
    del told["components"]["securitySchemes"]
    for methods in told["paths"].values():
        for operation in methods.values():
            del operation["security"]
    return schemathesis.openapi.from_dict(told)


@pytest.fixture(scope="module")
def session(desk: Served) -> Iterator[requests.Session]:
    """A supervisor."""
    with requests.Session() as one:
        told = one.post(f"{desk.url}/api/session", json={"name": "supervisor", "password": PASSWORD})
        one.headers["X-Tocsin-Csrf"] = told.json()["csrf"]
        yield one


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", [one for one in operations() if one not in LEFT_OUT])
def test_the_server_does_what_it_says(desk: Served, schema: Any, session: requests.Session, operation: str, mode: GenerationMode) -> None:
    method, _, path = operation.partition(" ")
    checks = [check for check in CHECKS if operation not in NOT_ABLE or check is not not_a_server_error]
    if mode is GenerationMode.NEGATIVE and operation not in LENIENT:
        checks.append(negative_data_rejection)

    @settings(
        max_examples=EXAMPLES, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=schema[path][method].as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        answer = case.call(base_url=desk.url, session=session, timeout=10)
        assert b"Traceback" not in answer.content
        case.validate_response(answer, checks=checks)

    if mode is GenerationMode.POSITIVE or schema[path][method].body or schema[path][method].query:
        ask()


def test_the_session_has_lasted_and_the_journal_is_whole(desk: Served, session: requests.Session) -> None:
    assert session.get(f"{desk.url}/api/session").json()["name"] == "supervisor"
    positions = [stored.pos for stored in desk.journal.read()]
    assert positions == list(range(1, desk.journal.head().pos + 1))
