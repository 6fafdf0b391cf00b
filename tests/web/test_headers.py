"""What every answer carries, whatever it is; and names that are not ours."""

from collections.abc import Iterator

import pytest

from served import Served, problem_of, served
from tocsin.web.headers import HEADERS, POLICY, Guarded, _name_of


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One served centre for the whole file."""
    with served(tmp_path_factory.mktemp("headers"), "desk.example") as one:
        yield one


def test_every_answer_carries_the_fences(desk: Served) -> None:
    with desk.signed_in("dispatcher") as client:
        for path in ("/", "/health", "/api/session", "/api/nothing", "/assets/none.js", "/favicon.ico", "/api/openapi.json", "/%00"):
            answer = client.get(path)
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
            assert "strict-transport-security" not in answer.headers
        with client.stream("GET", "/api/stream") as stream:
            assert stream.headers["content-security-policy"] == POLICY


def test_the_policy_allows_our_own_files_and_nothing_inline() -> None:
    parts = dict(part.strip().split(" ", 1) for part in POLICY.split(";"))
    assert parts["default-src"] == parts["frame-ancestors"] == parts["base-uri"] == "'none'"
    assert parts["script-src"] == parts["style-src"] == parts["connect-src"] == "'self'"
    assert "unsafe" not in POLICY and "http" not in POLICY and "*" not in POLICY


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:1",
        "127.0.0.1",
        "127.0.0.1:80",
        "[::1]",
        "[::1]:8042",
        "192.168.1.7:8042",
        "desk.example",
        "Desk.Example.:443",
    ],
)
def test_our_names_and_numbers_are_answered(desk: Served, host: str) -> None:
    with desk.client() as client:
        assert client.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "desk.example.evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "",
        "desk.example@evil.example",
        "[::1",
        "[evil]",
        "desk.example:80:80",
        "desk.example:x",
    ],
)
def test_a_name_that_was_pointed_at_us_is_not(desk: Served, host: str) -> None:
    with desk.client() as client:
        answer = client.get("/api/session", headers={"host": host})
        assert (answer.status_code, problem_of(answer)["code"]) == (400, "host")
        assert answer.headers["content-security-policy"] == POLICY


def test_two_names_in_one_request_are_refused(desk: Served) -> None:
    assert (
        b" 400 "
        in desk.raw(b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n").split(b"\r\n")[0]
    )


def test_https_is_asked_for_where_it_is_spoken() -> None:
    sent = []

    async def app(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: dict[str, object]) -> None:
        sent.append(dict(message["headers"]))

    waiting = Guarded(app)({"type": "http", "scheme": "https", "headers": [(b"host", b"localhost")]}, None, send)
    with pytest.raises(StopIteration):
        waiting.send(None)
    assert sent[0][b"strict-transport-security"] == b"max-age=31536000"


def test_a_host_is_taken_apart_as_it_stands() -> None:
    assert _name_of("a.example:80") == ("a.example", "a.example")
    assert _name_of("[::1]:80") == ("[::1]:80", "::1")
    assert _name_of("a:b") == ("", None)
