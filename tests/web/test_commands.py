"""Commands from seats: what is asked, refused, and never let through."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tocsin.core.messages.assignment import UnitsDispatched
from web_stage import Stage, opened

Shift = Callable[[Stage, httpx.AsyncClient], Awaitable[Any]]


def played(folder: Path, shift: Shift, seat: str = "ana", **more: Any) -> Any:
    async def run() -> Any:
        async with opened(folder, **more) as stage, stage.client(seat) as client:
            return await shift(stage, client)

    return asyncio.run(run())


def send(unit: str, key: str = "k1", **more: Any) -> dict[str, Any]:
    return {"id": key, "command": {"type": "DispatchUnits", "incident": "I1", "units": [unit]}, **more}


def test_a_command_is_answered_once_and_a_refusal_is_told_in_the_seats_language(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        first = await ana.post("/api/commands", json=send("E1"))
        assert first.status_code == 200
        assert first.json()["cmd"] == "k1"
        assert {"type": "UnitsDispatched"} in first.json()["events"]
        again = await ana.post("/api/commands", json=send("E1"))
        assert again.json() == first.json()
        async with stage.client("bia") as bia:
            refused = await bia.post("/api/commands", json=send("E1", "k2"))
        assert refused.status_code == 409
        assert refused.json()["refusal"]["code"] == "UnitHasJob"
        assert "ocorrência" in refused.json()["refusal"]["told"]
        assert [record.actor for record in stage.recorded() if record.cmd == "k1" and record.n == 0] == ["ana"]

    played(tmp_path, shift)


def test_two_dispatchers_at_once_on_one_unit_exactly_one_is_refused(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        async with stage.client("bia") as bia:
            told = await asyncio.gather(ana.post("/api/commands", json=send("E1", "ka")), bia.post("/api/commands", json=send("E1", "kb")))
        assert sorted(one.status_code for one in told) == [200, 409]
        assert [one.json()["refusal"]["code"] for one in told if one.status_code == 409] == ["UnitHasJob"]
        assert sum(isinstance(record.says, UnitsDispatched) for record in stage.recorded()) == 1

    played(tmp_path, shift)


def test_a_key_stands_for_one_question_of_one_seat(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        note = {"id": "n1", "command": {"type": "AddNote", "incident": "I1", "words": {"as": "plain", "text": "gas bottle"}}}
        assert (await ana.post("/api/commands", json=note)).status_code == 200
        assert (await ana.post("/api/commands", json=note)).status_code == 200  # sealed in the journal, and still the same question
        other = await ana.post("/api/commands", json=send("E2", "n1"))
        async with stage.client("bia") as bia:
            others = await bia.post("/api/commands", json=note)
        for told in (other, others):
            assert (told.status_code, told.json()["code"]) == (409, "KeyUsedOtherwise")
        assert b"gas bottle" not in b"".join(stored.body for stored in stage.parts.journal.read())

    played(tmp_path, shift)


@pytest.mark.parametrize(
    ("seat", "command", "status"),
    [
        ("wall", {"type": "DispatchUnits", "incident": "I1", "units": ["E1"]}, 403),
        ("taker", {"type": "DispatchUnits", "incident": "I1", "units": ["E1"]}, 403),
        ("crew", {"type": "ReportUnitStatus", "unit": "E2", "status": "ResponseEnRoute"}, 400),
        ("sup", {"type": "OpenCentre", "centre": "x", "name": "x", "timezone": "UTC"}, 403),
        ("sup", {"type": "DropPositions", "day": "2020-04-07", "sha256": "x", "positions": 1}, 403),
    ],
)
def test_a_seat_says_only_what_it_is_granted(tmp_path: Path, seat: str, command: dict[str, Any], status: int) -> None:
    async def shift(stage: Stage, client: httpx.AsyncClient) -> None:
        before = stage.parts.journal.head()
        told = await client.post("/api/commands", json={"id": "k", "command": command})
        assert told.status_code == status, told.text
        assert stage.parts.journal.head() == before

    played(tmp_path, shift, seat)


NOON = 1_586_260_800_000


def closing(disposition: str = "", **more: int) -> bytes:
    return json.dumps({"id": "k", "command": {"type": "CloseIncident", "incident": "I1", "disposition": disposition}, **more}).encode()


def noting(text: str) -> bytes:
    return json.dumps({"id": "k", "command": {"type": "AddNote", "incident": "I1", "words": {"as": "plain", "text": text}}}).encode()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "body_unreadable"),
        (b"{", 400, "body_unreadable"),
        (b"\xff\xfe", 400, "body_unreadable"),
        (b"[" * 5000 + b"]" * 5000, 400, "body_nested"),
        (b'{"id":"k","command":{"type":"Nothing"}}', 400, "field_unfit"),
        (b'{"id":"k","command":{"type":"CloseIncident","incident":"I1","extra":1}}', 400, "field_unfit"),
        (b'{"id":"k","command":{"type":"CloseIncident","incident":"I1"},"extra":1}', 400, "field_unfit"),
        (b'{"id":"k/1","command":{"type":"CloseIncident","incident":"I1"}}', 400, "id_unfit"),
        (b'{"id":"k","command":{"type":"WithdrawUnit","unit":"E\\u0007"}}', 400, "id_unfit"),
        (b'{"id":"k","command":{"type":"WithdrawUnit","unit":""}}', 400, "id_unfit"),
        (b'{"id":"","command":{"type":"CloseIncident","incident":"I1"}}', 400, "id_unfit"),
        (b'{"id":"k","command":{"type":"CloseIncident","incident":"I1\\u0000"}}', 400, "id_unfit"),
        (b'{"id":"k","command":{"type":"CloseIncident","incident":"I1","disposition":"\\ud800"}}', 400, None),
        (closing("x" * 501), 400, "text_long"),
        (noting("x" * 4001), 400, "text_long"),
        (b'{"id":"k","command":{"type":"AddNote","incident":"I1","words":{"as":"sealed","key":"call:x","box":""}}}', 400, "sealed_sent"),
        (b'{"id":"k","command":{"type":"RelocateIncident","incident":"I1","place":{"at":[181,0]}}}', 400, "off_earth"),
        (b'{"id":"k","command":{"type":"HoldIncident","incident":"I1","until":9223372036854775807}}', 400, "number_far"),
        (closing(at=NOON + 2001), 400, "at_ahead"),
        (closing(at=NOON - 86_400_001), 400, "at_far_back"),
        (b" " * 256_001, 413, "body_too_big"),
    ],
)  # fmt: skip
def test_what_no_honest_client_sends_is_told_plainly_and_changes_nothing(
    tmp_path: Path, body: bytes, status: int, code: str | None
) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        before = stage.parts.journal.head()
        told = await ana.post("/api/commands", content=body, headers={"Content-Type": "application/json"})
        assert told.status_code == status, told.text
        assert code in (None, told.json()["code"])
        assert told.json()["what"] and not told.json()["what"].startswith("faults.")
        assert "{" not in told.json()["what"]
        assert told.headers["cache-control"] == "no-store"
        assert stage.parts.journal.head() == before

    played(tmp_path, shift)


def test_paper_may_be_entered_late_and_by_a_supervisor_later_still(tmp_path: Path) -> None:
    async def shift(stage: Stage, sup: httpx.AsyncClient) -> None:
        note = {"type": "MarkIncident", "incident": "I1", "mark": "water_on_fire"}
        told = await sup.post("/api/commands", json={"id": "k", "at": NOON - 90_000_000, "clock": "paper", "command": note})
        assert told.status_code == 200
        written = stage.recorded()[-1]
        assert (written.at, written.recorded, written.clock) == (NOON - 90_000_000, NOON, "paper")

    played(tmp_path, shift, "sup")


def test_units_are_called_as_their_centre_calls_them(tmp_path: Path) -> None:
    page = 'card fire: engine needs pump\nunit "Móvil 3" engine can pump\n08:00 open I1 fire'

    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        told = await ana.post("/api/commands", json=send("Móvil 3"))
        assert told.status_code == 200, told.text

    played(tmp_path, shift, page=page)


def test_a_version_that_has_moved_on_is_refused(tmp_path: Path) -> None:
    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        told = await ana.post("/api/commands", json=send("E1", expected=1))
        assert (told.status_code, told.json()["refusal"]["code"]) == (409, "ChangedMeanwhile")

    played(tmp_path, shift)


def test_addresses_and_methods_that_are_not_there_are_told_as_problems(tmp_path: Path) -> None:
    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        for method, path, status in (
            ("GET", "/api/nothing", 404),
            ("DELETE", "/api/situation", 405),
            ("POST", "/api/stream", 405),
            ("GET", "/x", 404),
        ):
            told = await ana.request(method, path)
            assert (told.status_code, set(told.json())) == (status, {"code", "what", "do", "values"}), path
        plain = await ana.post("/api/commands", content=b"{}", headers={"Content-Type": "text/plain"})
        assert (plain.status_code, plain.json()["code"]) == (415, "not_json")

    played(tmp_path, shift)


def test_a_moment_is_neither_before_1970_nor_ahead(tmp_path: Path) -> None:
    async def shift() -> None:
        async with opened(tmp_path) as stage, stage.client("sup") as sup:
            status = {"type": "ReportUnitStatus", "unit": "E2", "status": ["Available", []]}
            for nth, at in enumerate((-1, -(2**62), -(10**17), stage.clock.at + 2_001)):
                told = await sup.post("/api/commands", json={"id": f"far{nth}", "command": status, "at": at})
                assert (told.status_code, told.json()["code"]) == (400, "at_ahead" if at > 0 else "number_far")
            told = await sup.post("/api/commands", json={"id": "soon", "command": status, "at": stage.clock.at + 1_500})
            assert told.status_code == 200
            assert stage.recorded()[-1].at == stage.clock.at

    asyncio.run(shift())


@pytest.mark.parametrize("text", ["a\0b", "\x1b[2J", "12\u202ehgiH", "\u2066x", "a\rb", "\x85"])
def test_texts_that_all_see_hold_no_sign_that_nobody_sees(tmp_path: Path, text: str) -> None:
    async def shift() -> None:
        async with opened(tmp_path) as stage, stage.client() as ana:
            place = {"type": "RelocateIncident", "incident": "I1", "place": {"text": text}}
            told = await ana.post("/api/commands", json={"id": "k", "command": place})
            assert (told.status_code, told.json()["code"]) == (400, "text_control")
            note = {"type": "AddNote", "incident": "I1", "words": {"as": "plain", "text": text}}
            told = await ana.post("/api/commands", json={"id": "n", "command": note})
            assert told.status_code == (200 if set(text) & {"\u202e", "\u2066"} else 400)  # a caller's words run in any direction

    asyncio.run(shift())
