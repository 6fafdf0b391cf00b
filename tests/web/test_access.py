"""Who may come in and what they may do there: every route and every command as every role and as nobody, against tables in plain words."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import httpx
import pytest
from starlette.requests import Request

from served import PASSWORD, Served, long_ago, problem_of, served
from tocsin.base.seats import ROLES
from tocsin.clocks.live import WallClock
from tocsin.core.messages.said import Command
from tocsin.web.access import COOKIE, cookie_of, token_of
from tocsin.web.asked import Route
from tocsin.web.grants import may_say
from tocsin.web.routes import CONSOLE_FILES, ROUTES

NOBODY = "nobody"
DESKS = "call_taker commander dispatcher supervisor"
ALL = f"{DESKS} crew wall"

WHO_MAY_COME = {
    "POST /api/session": f"{ALL} nobody",
    "GET /api/session": ALL,
    "DELETE /api/session": ALL,
    "POST /api/session/password": f"{DESKS} crew",
    "GET /api/openapi.json": f"{ALL} nobody",
    "GET /health": f"{ALL} nobody",
    "GET /": f"{ALL} nobody",
    "GET /wall": f"{ALL} nobody",
    "GET /unit-board": f"{ALL} nobody",
    "GET /lab": f"{ALL} nobody",
    "GET /assets/{path:path}": f"{ALL} nobody",
    "GET /{name}": f"{ALL} nobody",
    "GET /api/situation": ALL,
    "GET /api/stream": ALL,
    "GET /api/map": ALL,
    "GET /api/tiles/{map_hash}/{z:int}/{x:int}/{y:int}": ALL,
    "POST /api/commands": f"{DESKS} crew",
    "POST /api/undo": f"{DESKS} crew",
    "GET /api/incidents/{id}": f"{DESKS} crew",
    "POST /api/line": DESKS,
    "POST /api/calls": "call_taker dispatcher supervisor",
    "POST /api/incidents/{id}/personal": "dispatcher supervisor",
    "POST /api/messages/{id}/words": f"{DESKS} crew",
    "GET /api/seats": DESKS,
    "POST /api/duplicates": DESKS,
    "POST /api/places": DESKS,
    "GET /api/places/at": DESKS,
    "GET /api/routes": DESKS,
    "GET /api/reach": DESKS,
    "POST /api/clock": "dispatcher supervisor",
    "GET /api/outbox": "supervisor",
    "GET /api/lab": "commander supervisor",
    "POST /api/lab/runs": "commander supervisor",
    "GET /api/lab/runs/{id}": "commander supervisor",
    "POST /api/lab/runs/{id}/cancel": "commander supervisor",
    "DELETE /api/lab/runs/{id}": "commander supervisor",
    "GET /api/positions": "only units' devices, by their own tokens",
    "POST /api/positions": "only units' devices, by their own tokens",
}

WHO_MAY_SAY = {
    "TakeCall": "call_taker dispatcher supervisor",
    "AttachCall": "call_taker dispatcher supervisor",
    "OpenIncident": "call_taker dispatcher supervisor",
    "ReclassifyIncident": "call_taker dispatcher supervisor",
    "RelocateIncident": "call_taker dispatcher supervisor",
    "HoldIncident": "dispatcher supervisor",
    "CloseIncident": "dispatcher supervisor",
    "CancelIncident": "dispatcher supervisor",
    "ReopenIncident": "dispatcher supervisor",
    "RaiseAlarm": "commander dispatcher supervisor",
    "MarkIncident": "commander dispatcher supervisor",
    "AddNote": DESKS,
    "SendMessage": DESKS,
    "ReadMessage": DESKS,
    "LookAtPersonalData": "dispatcher supervisor",
    "ErasePersonalData": "supervisor",
    "RecommendUnits": "dispatcher supervisor",
    "DispatchUnits": "dispatcher supervisor",
    "UnassignUnit": "dispatcher supervisor",
    "CorrectStamp": "dispatcher supervisor",
    "AdviseMoveUps": "dispatcher supervisor",
    "OrderMoveUp": "dispatcher supervisor",
    "EndMoveUp": "dispatcher supervisor",
    "ReportUnitStatus": "dispatcher supervisor crew",
    "UndoStatus": "dispatcher supervisor crew",
    "AcknowledgeMoveUp": "dispatcher supervisor crew",
    "ConfirmWelfare": "commander dispatcher supervisor crew",
    "SetWelfareCheck": "commander dispatcher supervisor",
    "AcknowledgeAlarm": "dispatcher supervisor",
    "ShelveAlarm": "dispatcher supervisor",
    "CloseRoad": "commander dispatcher supervisor",
    "ExtendClosure": "commander dispatcher supervisor",
    "ReopenRoad": "commander dispatcher supervisor",
    "OpenStation": "dispatcher supervisor",
    "CloseStation": "dispatcher supervisor",
    "EnrolUnit": "dispatcher supervisor",
    "WithdrawUnit": "dispatcher supervisor",
    "AdoptPlan": "supervisor",
    "OpenCentre": "no seat at all",
    "RecordImport": "no seat at all",
    "NoteOverdue": "no seat at all",
    "LapseClosure": "no seat at all",
    "DropPositions": "no seat at all",
    "AdoptCover": "no seat at all",
}
COMMANDS = {kind.__name__: kind for kind in get_args(Command)}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One served centre for the whole file."""
    with served(tmp_path_factory.mktemp("access"), "desk.example") as one:
        yield one


@pytest.fixture(scope="module")
def seats(desk: Served) -> dict[str, httpx.Client]:
    """Somebody of every role, and nobody."""
    return {NOBODY: desk.client(), **{role: desk.signed_in(role) for role in ROLES}}


def line_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route) -> str:
    values = {"{id}": "I1", "{map_hash}": "x", "{z:int}": "1", "{x:int}": "0", "{y:int}": "0", "{path:path}": "a.js", "{name}": "a.ico"}
    path = route.path
    for name, value in values.items():
        path = path.replace(name, value)
    return path


def all_routes(desk: Served) -> list[Route]:
    return [*ROUTES, *desk.parts.extra, CONSOLE_FILES]


def test_every_route_has_its_line_and_every_line_its_route(desk: Served) -> None:
    routes = {line_of(route) for route in all_routes(desk)}
    assert routes - set(WHO_MAY_COME) == set(), "say who may come there"
    assert set(WHO_MAY_COME) - routes <= {"POST /api/line"}, "a line without a route"


@pytest.mark.parametrize("who", [NOBODY, *ROLES])
def test_every_route_lets_in_whom_it_should(desk: Served, seats: dict[str, httpx.Client], who: str) -> None:
    wrong = []
    for route in all_routes(desk):
        if line_of(route) == "DELETE /api/session":
            continue  # has a test of its own: it would end the others'
        with seats[who].stream(route.method, path_of(route)) as answer:
            is_in = answer.status_code not in (401, 403)
        if is_in != (who in WHO_MAY_COME[line_of(route)].split()):
            wrong.append((line_of(route), answer.status_code))
        if not is_in:
            assert answer.status_code == (401 if who == NOBODY or "positions" in route.path else 403)
    assert wrong == []


def test_every_command_has_its_line() -> None:
    assert set(WHO_MAY_SAY) == set(COMMANDS)


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_for_whom_it_should_be(who: str, name: str) -> None:
    fields = {field: "E1" if field == "unit" else None for field in COMMANDS[name].__struct_fields__}
    command = COMMANDS[name](**fields)
    assert may_say(who, "E1" if who == "crew" else None, command) == (who in WHO_MAY_SAY[name].split())
    if "unit" in fields:
        assert not may_say("crew", "E2", command), "a crew speaks for its own unit only"
    assert not may_say("crew", None, command)


@pytest.mark.parametrize("who", ROLES)
def test_what_is_not_granted_never_reaches_the_journal(desk: Served, seats: dict[str, httpx.Client], who: str) -> None:
    tries = {
        "NoteOverdue": {"alarm": "a", "kind": "nobody_sent"},
        "DropPositions": {"day": "2026-01-01", "sha256": "0" * 64, "positions": 1},
        "OpenCentre": {"centre": "x", "name": "x", "timezone": "UTC", "footing": "live"},
        "ErasePersonalData": {"incident": "I1"} if who != "supervisor" else None,
        "DispatchUnits": {"incident": "I1", "units": ["E2"]} if who not in ("dispatcher", "supervisor") else None,
        "ReportUnitStatus": {"unit": "E2", "status": ["Available"]} if who in ("crew", "wall", "call_taker", "commander") else None,
    }
    before = desk.journal.head()
    for name, fields in tries.items():
        if fields is not None:
            answer = seats[who].post("/api/commands", json={"id": f"{who}-{name}", "command": {"type": name, **fields}})
            assert (answer.status_code, problem_of(answer)["code"]) == (403, "not_granted"), (name, answer.text)
    assert desk.journal.head() == before


def test_a_crew_reports_its_own_unit(desk: Served, seats: dict[str, httpx.Client]) -> None:
    told = {"type": "ReportUnitStatus", "unit": "E1", "status": ["NotAvailable", ["Assigned", "EnRoute"]]}
    answer = seats["crew"].post("/api/commands", json={"id": "crew-rolls", "command": told})
    assert answer.status_code == 200, answer.text
    assert [event["type"] for event in answer.json()["events"]] == ["UnitStatusChanged"]


def test_a_wall_and_a_crew_read_less(seats: dict[str, httpx.Client]) -> None:
    crew, wall = seats["crew"].get("/api/situation").json(), seats["wall"].get("/api/situation").json()
    assert [row["unit"] for row in crew["units"]] == ["E1"]
    assert [row["incident"] for row in crew["incidents"]] == ["I1"]
    assert crew["calls"] == wall["calls"] == wall["messages"] == []
    assert {row["unit"] for row in wall["units"]} == {"E1", "E2"}


# Signing in and out.


def test_signing_in_gives_a_cookie_that_scripts_cannot_read(desk: Served) -> None:
    with desk.client() as client:
        answer = client.post("/api/session", json={"name": "Dispatcher", "password": PASSWORD})
        parts = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/"} <= parts
        assert "secure" not in parts, "this server speaks http"
        assert answer.headers["cache-control"] == "no-store"
        told = answer.json()
        assert (told["name"], told["role"], told["has_password"]) == ("dispatcher", "dispatcher", True)
        assert client.get("/api/session").json() == told
        assert client.cookies[COOKIE] not in answer.text


def test_signing_in_anew_ends_the_session_before_and_none_can_be_fixed(desk: Served) -> None:
    with desk.signed_in("dispatcher") as client, desk.client() as thief:
        first = client.cookies[COOKIE]
        again = client.post("/api/session", json={"name": "dispatcher", "password": PASSWORD})
        second = again.cookies[COOKIE]
        assert first != second
        assert thief.get("/api/session", headers={"cookie": f"{COOKIE}={first}"}).status_code == 401
        planted = thief.post("/api/session", json={"name": "wall", "password": PASSWORD}, headers={"cookie": f"{COOKIE}=planted"})
        assert planted.cookies[COOKIE] != "planted"
        both = thief.get("/api/session", headers={"cookie": f"{COOKIE}={second}; {COOKIE}={planted.cookies[COOKIE]}"})
        assert both.status_code == 401, "two cookies of the name: one of them was slipped in"


def test_signing_out_ends_session_and_streams_at_once(desk: Served) -> None:
    with desk.signed_in("dispatcher") as client:
        cookie = client.cookies[COOKIE]
        with client.stream("GET", "/api/stream") as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("retry")
            answer = client.delete("/api/session")
            assert (answer.status_code, answer.content) == (204, b"")
            start = time.perf_counter()
            rest = "\n".join(lines)
        assert "signed_out" in rest
        assert time.perf_counter() - start < 5
        assert client.get("/api/session", headers={"cookie": f"{COOKIE}={cookie}"}).status_code == 401


def test_a_disabled_account_is_out_with_its_next_question(desk: Served) -> None:
    desk.accounts.add("Leaver", "supervisor", password=PASSWORD)
    with desk.signed_in("leaver") as client:
        assert client.get("/api/situation").status_code == 200
        desk.accounts.set_disabled("Leaver", is_disabled=True)
        assert client.get("/api/situation").status_code == 401
        assert problem_of(client.post("/api/session", json={"name": "Leaver", "password": PASSWORD}))["code"] == "sign_in_failed"


def test_wrong_names_and_wrong_passwords_are_told_alike(desk: Served) -> None:
    with desk.client() as client:
        told = [client.post("/api/session", json=body) for body in (
            {"name": "dispatcher", "password": "a wrong password"}, {"name": "no such name", "password": "a wrong password"},
            {"key": "x" * 43}, {"name": "\u202e<script>", "password": "\0" * 20},
        )]  # fmt: skip
        assert {(answer.status_code, answer.text) for answer in told} == {(401, told[0].text)}
        for body in ({}, {"name": "dispatcher"}, {"password": PASSWORD}, {"key": "x", "password": "y"}, {"key": "x", "name": "y"}):
            assert problem_of(client.post("/api/session", json=body))["code"] == "sign_in_form"
    with desk.signed_in("dispatcher") as client:
        assert client.get("/api/session").status_code == 200


def test_a_one_time_key_lets_in_once_and_a_password_is_then_set(desk: Served) -> None:
    desk.accounts.add("Newcomer", "dispatcher")
    now = WallClock().now()
    key = desk.accounts.draw_key("Newcomer", expires=long_ago(now, -1))
    with desk.client() as client, desk.client() as second:
        told = client.post("/api/session", json={"key": key}).json()
        assert (told["name"], told["has_password"]) == ("Newcomer", False)
        assert second.post("/api/session", json={"key": key}).status_code == 401
        client.headers["X-Tocsin-Csrf"] = told["csrf"]
        assert problem_of(client.post("/api/session/password", json={"new": "short"}))["code"] == "password_short"
        assert client.post("/api/session/password", json={"new": PASSWORD}).json()["has_password"] is True
        assert second.post("/api/session", json={"name": "newcomer", "password": PASSWORD}).status_code == 200


def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(desk: Served) -> None:
    desk.accounts.add("Changer", "dispatcher", password=PASSWORD)
    with desk.signed_in("Changer") as mine, desk.signed_in("Changer") as other:
        for body in ({"new": "another phrase"}, {"new": "another phrase", "old": "wrong"}):
            assert problem_of(mine.post("/api/session/password", json=body))["code"] == "password_wrong"
        assert other.get("/api/session").status_code == 200
        assert mine.post("/api/session/password", json={"new": "another phrase", "old": PASSWORD}).status_code == 200
        assert mine.get("/api/session").status_code == 200
        assert other.get("/api/session").status_code == 401


def test_guessing_is_slowed_down_and_told_for_how_long(desk: Served) -> None:
    desk.accounts.add("Target", "dispatcher", password=PASSWORD)
    with desk.client() as client:
        tries = [client.post("/api/session", json={"name": "Target", "password": f"guess number {nth}"}) for nth in range(8)]
    braked = [answer for answer in tries if answer.status_code == 429]
    assert len(tries) - len(braked) == 5
    assert problem_of(braked[0])["values"]["seconds"] == braked[0].headers["retry-after"] == "1"


# Stolen, expired, forged, foreign.


def test_no_cookie_but_a_living_one_of_this_server_lets_in(desk: Served, tmp_path: Path) -> None:
    now = WallClock().now()
    idle = desk.accounts.start_session("dispatcher", long_ago(now, 12.01))
    old = desk.accounts.start_session("dispatcher", long_ago(now, 24.01))
    living = desk.accounts.start_session("dispatcher", long_ago(now, 11.9))
    with served(tmp_path) as other:
        foreign = other.accounts.start_session("dispatcher", now)
        tokens = [idle, old, foreign, living[:-1], living + "A", living.swapcase(), "", "é", "x" * 5_000, '"' + living + '"', "a\tb"]
        with desk.client() as client:
            for token in tokens:
                answer = client.get("/api/session", headers=[(b"cookie", f"{COOKIE}={token}".encode())])
                assert (answer.status_code, problem_of(answer)["code"]) == (401, "not_signed_in"), token
            assert client.get("/api/session", headers={"cookie": f"{COOKIE}={living}"}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x-tocsin-csrf": ""}, "csrf"),
        ({"x-tocsin-csrf": "0" * 64}, "csrf"),
        ({"origin": "https://evil.example"}, "other_origin"),
        ({"origin": "null"}, "other_origin"),
        ({"origin": "http://127.0.0.1:1"}, "other_origin"),
        ({"sec-fetch-site": "cross-site"}, "other_origin"),
        ({"sec-fetch-site": "same-site"}, "other_origin"),
    ],
)
def test_a_stolen_click_changes_nothing(desk: Served, seats: dict[str, httpx.Client], headers: dict[str, str], code: str) -> None:
    before = desk.journal.head()
    body = {"id": "stolen", "command": {"type": "RaiseAlarm", "incident": "I1", "level": 2}}
    answer = seats["supervisor"].post("/api/commands", json=body, headers=headers)
    assert (answer.status_code, problem_of(answer)["code"]) == (403, code)
    if code == "other_origin":
        with desk.client() as client:  # nor can somebody be signed in unawares
            forced = client.post("/api/session", json={"name": "wall", "password": PASSWORD}, headers=headers)
            assert forced.status_code == 403 and COOKIE not in forced.cookies
    assert desk.journal.head() == before


def test_the_csrf_mark_of_another_session_does_not_serve(desk: Served, seats: dict[str, httpx.Client]) -> None:
    with desk.signed_in("supervisor") as other:
        other.headers["X-Tocsin-Csrf"] = seats["supervisor"].headers["X-Tocsin-Csrf"]
        assert problem_of(other.post("/api/undo", json={"id": "u"}))["code"] == "csrf"


def test_a_page_of_our_own_is_let_through(desk: Served, seats: dict[str, httpx.Client]) -> None:
    headers = {"origin": desk.url, "sec-fetch-site": "same-origin"}
    assert seats["dispatcher"].post("/api/undo", json={"id": "nothing"}, headers=headers).status_code == 409


# Devices.


def test_a_device_speaks_by_its_own_token_only(desk: Served, seats: dict[str, httpx.Client]) -> None:
    token = desk.accounts.draw_device("E1", WallClock().now())
    query = {"lat": "-29.9", "lon": "-71.2", "timestamp": str(WallClock().now() // 1000)}
    with desk.client() as device:
        ways = [
            device.get("/api/positions", params=query, headers={"authorization": f"Bearer {token}"}),
            device.get("/api/positions", params=query, auth=("anybody", token)),
            device.get("/api/positions", params={**query, "key": token}),
        ]
        assert [answer.status_code for answer in ways] == [204, 204, 204]
        bad = ["Bearer", "Bearer x", "Basic !!!", "Basic eDp4", "Basic \u00e9", f"Digest {token}", "Bearer " + "x" * 9_000]
        for header in bad:
            answer = device.get("/api/positions", params=query, headers=[(b"authorization", header.encode())])
            assert answer.status_code == 401, header
        assert device.get("/api/situation", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert seats["supervisor"].get("/api/positions", params=query).status_code == 401
    desk.accounts.end_devices("E1")
    with desk.client() as device:
        assert device.get("/api/positions", params={**query, "key": token}).status_code == 401


def test_a_locked_file_of_accounts_holds_up_no_question(desk: Served) -> None:
    """A backup, or an account added in another shell: the session is put down later, and nobody waits for it."""
    clients = [desk.signed_in("dispatcher") for _ in range(8)]
    locking = sqlite3.connect(desk.accounts._path, isolation_level=None)
    locking.execute("UPDATE session SET seen=seen-100000")
    desk.parts.access._touched.clear()
    locking.execute("BEGIN IMMEDIATE")
    try:
        start = time.perf_counter()
        for nth, client in enumerate(clients):
            asked = {"id": f"locked-{nth}", "command": {"type": "ReportUnitStatus", "unit": "E2", "status": ["Available", []]}}
            assert client.post("/api/commands", json=asked).status_code in (200, 409)
        assert time.perf_counter() - start < 2
    finally:
        locking.execute("ROLLBACK")
        locking.close()
        for client in clients:
            client.close()


def test_a_demo_beside_a_desk_signs_nobody_out(tmp_path: Path) -> None:
    """Cookies know no ports: their names tell journals apart."""
    first, second = cookie_of("aaaaaaaa11"), cookie_of("bbbbbbbb22")
    assert first != second
    request = Request({"type": "http", "headers": [(b"cookie", f"{first}=one; {second}=two".encode())]})
    assert [token_of(request, first), token_of(request, second)] == ["one", "two"]
