"""The description: everything that is served stands in it, it refers to nothing that is not there, and it is kept."""

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from source import ROOT
from tocsin.core.messages.said import Command
from tocsin.web.grants import COMMAND_GRANT
from tocsin.web.openapi import description
from tocsin.web.problems import STATUS
from tocsin.web.routes import ROUTES
from tocsin.web.sessions import SignInDesk

ALL = [*ROUTES, *SignInDesk(None, None).routes()]
API = description(ALL)
OPERATIONS = [(path, method, one) for path, methods in API["paths"].items() for method, one in methods.items()]


def references(value: Any) -> set[str]:
    """Names that are referred to."""
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(value)))


def test_every_route_is_described_once() -> None:
    wanted = {(re.sub(r":\w+}", "}", one.path), one.method.lower()) for one in ALL if one.path.startswith("/api/") or one.path == "/health"}
    assert {(path, method) for path, method, _ in OPERATIONS} == wanted
    names = [one["operationId"] for _, _, one in OPERATIONS]
    assert len(names) == len(set(names))
    assert all(one["summary"] and len(one["summary"]) < 200 for _, _, one in OPERATIONS)


def test_nothing_is_referred_to_that_is_not_there() -> None:
    assert references(API) - set(API["components"]["schemas"]) == set()
    for schema in API["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_commands_are_told_apart_by_their_type_and_closed_ones_are_not_described() -> None:
    command = API["components"]["schemas"]["CommandBody"]["properties"]["command"]
    assert command["discriminator"]["propertyName"] == "type"
    assert set(command["discriminator"]["mapping"]) == {kind.__name__ for kind in COMMAND_GRANT}
    assert set(COMMAND_GRANT) <= set(Command.__args__)


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS, ids=lambda one: one if isinstance(one, str) else "")
def test_every_status_is_told(path: str, method: str, operation: dict[str, Any]) -> None:
    statuses = set(operation["responses"])
    assert statuses & {"200", "204"} and "503" in statuses
    assert bool(operation["security"]) <= ({"401", "403"} <= statuses)
    assert statuses <= {"200", "204", *(str(status) for status in STATUS.values()), "400"}
    names = re.findall(r"{(\w+)}", path)
    assert [one["name"] for one in operation.get("parameters", []) if one["in"] == "path"] == names


def test_the_kept_description_is_what_the_code_says() -> None:
    kept = (ROOT / "docs" / "generated" / "openapi.json").read_text("utf-8")
    assert kept == json.dumps(API, indent=2, ensure_ascii=False) + "\n", "run `make docs` and commit"
