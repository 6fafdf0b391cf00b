"""What somebody sends who means no good, or whose program is broken: refused in plain words, and nothing of it in the journal."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from served import Served, problem_of, served
from tocsin.web.commands import MOST_BYTES
from tocsin.web.openapi import description
from tocsin.web.routes import ROUTES
from tocsin.web.sessions import SignInDesk

API = description([*ROUTES, *SignInDesk(None, None).routes()])
SCHEMAS = API["components"]["schemas"]
COMMANDS = list(SCHEMAS["CommandBody"]["properties"]["command"]["discriminator"]["mapping"])

HOSTILE = {
    "nothing": "",
    "long": "x" * 20_000,
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "right to left": "\u202egnp.exe\u2066\u200f",
    "emoji": "🚒👩‍🚒🏴‍☠️",
    "nul": "a\0b",
    "controls": "\x1b[2J\x07\r\n\x7f",
    "half a pair": "\ud800",
    "sql": "'; DROP TABLE line; --",
    "path": "../../../etc/passwd",
    "template": "{0.__class__} %s %n ${7*7}",
}
RIGHT = {"type": "AddNote", "incident": "I1", "words": {"as": "plain", "text": "all quiet"}}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One served centre for the whole file."""
    with served(tmp_path_factory.mktemp("hostile")) as one:
        yield one


@pytest.fixture(scope="module")
def supervisor(desk: Served) -> Iterator[httpx.Client]:
    """Somebody who may do everything."""
    with desk.signed_in("supervisor") as one:
        yield one


def sample(schema: dict[str, Any]) -> Any:  # noqa: PLR0911 - one arm per kind of schema
    """A value that a schema allows, with all optional fields in it."""
    if "$ref" in schema:
        return sample(SCHEMAS[schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return sample(next(one for one in schema["anyOf"] if one.get("type") != "null"))
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            more = schema.get("additionalProperties")
            fields = {name: sample(one) for name, one in schema.get("properties", {}).items()}
            return fields | ({"a": sample(more)} if isinstance(more, dict) else {})
        case "array":
            named = schema.get("prefixItems", [])
            items = schema.get("items")
            return [sample(one) for one in named] + ([sample(items)] if isinstance(items, dict) and not named else [])
        case "string":
            return "a"
        case "boolean":
            return False
        case _:
            return 1


def leaves(value: Any, kinds: tuple[type, ...], path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all texts or numbers inside of a value, tags aside."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name not in ("type", "as"):
                yield from leaves(one, kinds, (*path, name))
    elif isinstance(value, list):
        for nth, one in enumerate(value):
            yield from leaves(one, kinds, (*path, nth))
    elif isinstance(value, kinds) and not isinstance(value, bool):
        yield path


def with_leaf(value: Any, path: tuple[Any, ...], leaf: object) -> Any:
    """The value with another leaf."""
    changed = copy.deepcopy(value)
    below = changed
    for step in path[:-1]:
        below = below[step]
    below[path[-1]] = leaf
    return changed


def some_of(kinds: list[Any], nth: int) -> list[Any]:
    """All of them for the first fields of a message; of one with many fields, three for each further, in turn."""
    return kinds if nth < 3 else [kinds[(3 * nth + step) % len(kinds)] for step in range(3)]


def asked(client: httpx.Client, body: bytes | str, path: str = "/api/commands", **headers: str) -> httpx.Response:
    """What is answered to these bytes."""
    answer = client.post(path, content=body, headers={"content-type": "application/json", **headers})
    assert answer.status_code < 500, answer.text
    assert "Traceback" not in answer.text and ".py" not in answer.text
    return answer


def test_every_command_is_here() -> None:
    assert len(COMMANDS) >= 37
    assert {"OpenCentre", "RecordImport", "NoteOverdue", "DropPositions"} & set(COMMANDS) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_text_of_every_command_bears_anything(desk: Served, supervisor: httpx.Client, name: str) -> None:
    command = sample(SCHEMAS[name])
    for nth, path in enumerate(leaves(command, (str,))):
        for what, text in some_of(list(HOSTILE.items()), nth):
            before = desk.journal.head()
            body = {"id": f"{name}-{nth}-{what.replace(' ', '-')}", "command": with_leaf(command, path, text)}
            answer = asked(supervisor, json.dumps(body))
            assert answer.status_code in (200, 400, 409), (path, what, answer.text)
            if answer.status_code == 400:
                assert desk.journal.head() == before, (path, what)
                problem_of(answer)


NUMBERS = [
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e400", "1" + "0" * 400, str(2**63), str(-(2**63)), str(2**64)),
    *("0x10", "01", "1.", "-0.0", '"1"', "null"),
]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_number_of_every_command_bears_anything(desk: Served, supervisor: httpx.Client, name: str) -> None:
    command = sample(SCHEMAS[name])
    for nth, path in enumerate(leaves(command, (int, float))):
        for number in some_of(NUMBERS, nth):
            before = desk.journal.head()
            body = json.dumps({"id": f"{name}-n{nth}-{NUMBERS.index(number)}", "command": with_leaf(command, path, "HERE")})
            answer = asked(supervisor, body.replace('"HERE"', number))
            assert answer.status_code in (200, 400, 409), (path, number, answer.text)
            if answer.status_code == 400:
                assert desk.journal.head() == before


@pytest.mark.parametrize("what", HOSTILE)
def test_every_body_of_every_route_bears_anything(desk: Served, supervisor: httpx.Client, what: str) -> None:
    for path, methods in API["paths"].items():
        body = methods.get("post", {}).get("requestBody")
        if body is None or path in ("/api/session", "/api/commands"):
            continue
        good = sample(body["content"]["application/json"]["schema"])
        for leaf in leaves(good, (str,)):
            answer = asked(supervisor, json.dumps(with_leaf(good, leaf, HOSTILE[what])), path.replace("{id}", "I1"))
            assert answer.status_code in (200, 400, 401, 403, 404, 409, 413, 429), (path, leaf, answer.text)


@pytest.mark.parametrize("what", [what for what in HOSTILE if what not in ("half a pair", "nothing")])
def test_paths_and_queries_bear_anything(desk: Served, supervisor: httpx.Client, what: str) -> None:
    before = desk.journal.head()
    for path in ("/api/incidents/{}", "/api/incidents/{}/personal", "/api/messages/{}/words", "/api/tiles/{}/1/0/0", "/assets/{}", "/{}"):
        answer = supervisor.get(path.format(httpx.URL("http://a", params={"q": HOSTILE[what][:3_000]}).query.decode()[2:]))
        assert answer.status_code in (400, 404, 405), (path, answer.text)
        problem_of(answer)
    for path in ("/api/places/at", "/api/routes", "/api/reach", "/api/stream", "/api/positions"):
        params = dict.fromkeys(("q", "lon", "lat", "incident", "minutes", "type", "journal", "from", "key"), HOSTILE[what][:300])
        with supervisor.stream("GET", path, params=params) as answer:
            assert answer.status_code in (200, 400, 401, 404, 503), (path, answer.status_code)
    assert desk.journal.head() == before


SEALED = {"as": "sealed", "key": "incident:I1", "box": "AAAA"}
BODIES = {
    "nothing": b"",
    "bytes": bytes(range(256)) * 4,
    "half a sign": b'{"id":"a","command":{"type":"ReopenRoad","closure":"\xc3"}}',
    "utf-16": json.dumps({"id": "a", "command": RIGHT}).encode("utf-16"),
    "a list": b"[]",
    "a number": b"1",
    "cut off": json.dumps({"id": "a", "command": RIGHT}).encode()[:-1],
    "two values": json.dumps({"id": "a", "command": RIGHT}).encode() * 2,
    "deep lists": b"[" * 60_000,
    "deep fields": b'{"a":' * 20_000,
    "deep and closed": b'{"id":"a","command":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "unknown field": json.dumps({"id": "a", "command": RIGHT, "actor": "somebody else"}).encode(),
    "unknown field inside": json.dumps({"id": "a", "command": {**RIGHT, "actor": "somebody else"}}).encode(),
    "unknown command": json.dumps({"id": "a", "command": {"type": "DropTable"}}).encode(),
    "an event": json.dumps({"id": "a", "command": {"type": "IncidentClosed", "incident": "I1"}}).encode(),
    "no command": b'{"id":"a"}',
    "a sealed box of one's own": json.dumps({"id": "a", "command": {**RIGHT, "words": SEALED}}).encode(),
    "from the future": json.dumps({"id": "a", "command": RIGHT, "at": 9_999_999_999_999}).encode(),
    "an invented clock": json.dumps({"id": "a", "command": RIGHT, "clock": "simulated"}).encode(),
    "a key of another kind": json.dumps({"id": "a/b\n", "command": RIGHT}).encode(),
    "a very long key": json.dumps({"id": "a" * 10_000, "command": RIGHT}).encode(),
}


@pytest.mark.parametrize("what", BODIES)
def test_a_body_that_is_no_command_leaves_no_trace(desk: Served, supervisor: httpx.Client, what: str) -> None:
    before = desk.journal.head()
    answer = asked(supervisor, BODIES[what])
    assert answer.status_code == 400, answer.text
    problem_of(answer)
    assert desk.journal.head() == before


def test_of_two_equal_fields_none_is_smuggled_past_the_check(desk: Served, supervisor: httpx.Client) -> None:
    before = desk.journal.head().pos
    words = '"words":{"as":"plain","text":"a"}'
    twice = f'{{"id":"twice","command":{{"type":"NoteOverdue","type":"AddNote","incident":"I1","incident":"nowhere",{words}}}}}'
    answer = asked(supervisor, twice)
    assert answer.status_code in (400, 403, 409)
    assert desk.journal.head().pos == before or answer.json()["refusal"]["code"] == "IncidentUnknown"


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", "*/*", "\u00e9"]
)
def test_only_json_is_read(desk: Served, supervisor: httpx.Client, kind: str) -> None:
    before = desk.journal.head()
    headers = [(b"content-type", kind.encode())] if kind else []
    answer = supervisor.post("/api/commands", content=json.dumps({"id": "form", "command": RIGHT}), headers=headers)
    assert (answer.status_code, problem_of(answer)["code"]) == (415, "not_json")
    assert desk.journal.head() == before


def test_a_body_that_is_too_big_is_not_read(desk: Served, supervisor: httpx.Client) -> None:
    before = desk.journal.head()
    answer = asked(supervisor, b" " * (MOST_BYTES + 1))
    assert (answer.status_code, problem_of(answer)["code"]) == (413, "body_too_big")

    def endless() -> Iterator[bytes]:
        for _ in range(MOST_BYTES // 1_000 + 50):
            yield b" " * 1_000

    answer = supervisor.post("/api/commands", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert desk.journal.head() == before


def head_of(supervisor: httpx.Client, *lines: str) -> bytes:
    """A request's beginning, signed in."""
    cookie = "; ".join(f"{name}={value}" for name, value in supervisor.cookies.items())
    mine = [
        f"Cookie: {cookie}",
        f"X-Tocsin-Csrf: {supervisor.headers['x-tocsin-csrf']}",
        "Content-Type: application/json",
        "Host: localhost",
    ]
    return "\r\n".join(["POST /api/commands HTTP/1.1", *mine, "Connection: close", *lines, "", ""]).encode()


def test_a_length_that_lies_gains_nothing(desk: Served, supervisor: httpx.Client) -> None:
    before, body = desk.journal.head(), json.dumps({"id": "lie", "command": RIGHT}).encode()
    lies = {
        "more than comes": head_of(supervisor, f"Content-Length: {len(body) + 10}") + body,
        "less than comes": head_of(supervisor, f"Content-Length: {len(body) - 10}") + body,
        "huge": head_of(supervisor, "Content-Length: 99999999999999999999") + body,
        "negative": head_of(supervisor, "Content-Length: -1") + body,
        "no number": head_of(supervisor, "Content-Length: ten") + body,
        "two lengths": head_of(supervisor, f"Content-Length: {len(body)}", "Content-Length: 5") + body,
        "chunks cut off": head_of(supervisor, "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n" % (len(body), body),
        "a chunk that lies": head_of(supervisor, "Transfer-Encoding: chunked") + b"ffffffffff\r\n" + body,
        "no request": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" * 40,
        "a header without end": head_of(supervisor)[:-4] + b"\r\nX-Long: " + b"x" * 200_000,
    }
    for what, data in lies.items():
        try:
            answer = desk.raw(data)
        except (ConnectionResetError, BrokenPipeError):  # the server hung up while we were still talking
            answer = b""
        assert not answer.startswith(b"HTTP/1.1 2"), (what, answer)
        assert b" 500 " not in answer.split(b"\r\n")[0] and b"Traceback" not in answer, (what, answer)
        assert desk.journal.head() == before, what
    assert supervisor.get("/health").status_code == 200


def test_methods_that_nobody_has_are_refused(supervisor: httpx.Client) -> None:
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        for path in ("/api/commands", "/api/situation", "/api/stream", "/health", "/"):
            answer = supervisor.request(method, path)
            assert answer.status_code == 405, (method, path, answer.status_code)
            assert "access-control-allow-origin" not in answer.headers


def test_after_all_of_it_the_journal_is_whole_and_the_desk_works(desk: Served, supervisor: httpx.Client) -> None:
    assert [stored.pos for stored in desk.journal.read()] == list(range(1, desk.journal.head().pos + 1))
    answer = asked(supervisor, json.dumps({"id": "after-all", "command": RIGHT}))
    assert answer.status_code == 200, answer.text
    assert supervisor.get("/api/situation").status_code == 200
