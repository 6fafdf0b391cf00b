"""Positions over HTTP, as the programs on devices send them: what they are answered, so that none sends the same for ever."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tocsin.base.identifiers import UnitId
from tocsin.edge.positions_book import PositionsBook
from tocsin.views.situation import Fix
from web_stage import Stage, opened

E1 = UnitId("E1")
KEY = {"key": "device"}
Shift = Callable[[Stage, httpx.AsyncClient], Awaitable[Any]]


def reporting(folder: Path, shift: Shift) -> None:
    async def run() -> None:
        async with opened(folder) as stage, stage.client("nobody") as device:
            await shift(stage, device)

    asyncio.run(run())


def last(stage: Stage) -> Fix | None:
    return stage.parts.positions.find(E1)


def owntracks(stage: Stage, **more: Any) -> dict[str, Any]:
    return {"_type": "location", "lat": -29.9, "lon": -71.25, "tst": stage.clock.now() // 1000, "vel": 36, "cog": 90, "tid": "AN", **more}


def traccar(stage: Stage, lat: float = -29.9) -> dict[str, Any]:
    coords = {"latitude": lat, "longitude": -71.25, "speed": 10.0, "heading": 90.0, "accuracy": 4.0}
    return {"location": {"timestamp": stage.clock.now(), "coords": coords, "battery": {"level": 0.5}}, "device_id": "48241179"}


def test_each_program_is_answered_as_it_understands(tmp_path: Path) -> None:
    async def shift(stage: Stage, device: httpx.AsyncClient) -> None:
        stamp = str(stage.clock.now() // 1000)
        form = {"id": "phone", "lat": "-29.9", "lon": "-71.25", "timestamp": stamp, "speed": "20", "bearing": "90", "batt": "50"}
        for nth, (method, sent) in enumerate(
            [
                ("GET", {"params": KEY | form}),
                ("POST", {"params": KEY | form}),  # Traccar Client up to 8 posts a query without a body
                ("POST", {"params": KEY, "data": form}),
                ("POST", {"params": KEY, "json": traccar(stage)}),
                ("POST", {"params": KEY, "json": owntracks(stage)}),
                ("POST", {"params": KEY, "json": [owntracks(stage), owntracks(stage)]}),
            ]
        ):
            stage.clock.at += 60_000
            book: Any = stage.parts.positions
            book._last.clear()
            answer = await device.request(method, "/api/positions", **sent)  # type: ignore[arg-type]
            is_owntracks = nth >= 4
            assert (answer.status_code, answer.content) == ((200, b"[]") if is_owntracks else (204, b"")), nth
            assert answer.headers["cache-control"] == "no-store"
            fix = last(stage)
            assert fix is not None and (fix.lon, fix.lat, fix.heading_deg) == (-71.25, -29.9, 90.0), nth
            assert fix.speed_mps == pytest.approx(10.0 if nth >= 3 else 10.289, abs=1e-3), nth

    reporting(tmp_path, shift)


def test_what_owntracks_says_besides_is_answered_with_an_empty_list(tmp_path: Path) -> None:
    """Anything else it would send again for ever, before any newer position."""

    async def shift(stage: Stage, device: httpx.AsyncClient) -> None:
        for body in (b"", b'{"_type":"status"}', b'{"_type":"encrypted","data":"x"}', json.dumps(owntracks(stage, lat=0, lon=0)).encode()):
            headers = {"x-limit-u": "e1", "content-type": "application/json"}
            answer = await device.post("/api/positions", params=KEY, content=body, headers=headers)
            assert (answer.status_code, answer.content) == (200, b"[]")
        assert last(stage) is None

    reporting(tmp_path, shift)


def test_a_receiver_without_a_fix_holds_nothing_up(tmp_path: Path) -> None:
    async def shift(stage: Stage, device: httpx.AsyncClient) -> None:
        book: Any = stage.parts.positions
        for query in ({"lat": "0", "lon": "0.0"}, {"cell": "257,02,16,2224"}, {"lat": "1", "lon": "2", "valid": "false"}):
            assert (await device.get("/api/positions", params=KEY | query)).status_code == 204
        assert last(stage) is None and dict(book.dropped) == {"without_fix": 3, "fields": 3}

    reporting(tmp_path, shift)


@pytest.mark.parametrize(
    ("content", "code", "status"),
    [
        (b"lat=91&lon=2", "position_range", 400),
        (b"lat=1&lon=2&timestamp=soon", "position_stamp", 400),
        (b"{", "position_json", 400),
        (b'{"location":3}', "position_layout", 400),
        (b'{"_type":"location","lat":"x","lon":2}', "position_number", 400),
        (b"\xff\xfe", "position_fields", 400),
        (b"lat=1" + b" " * 16_384, "body_too_big", 413),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, content: bytes, code: str, status: int) -> None:
    async def shift(stage: Stage, device: httpx.AsyncClient) -> None:
        answer = await device.post("/api/positions", params=KEY, content=content, headers={"accept-language": "pt"})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["do"] and last(stage) is None

    reporting(tmp_path, shift)


def test_nobodys_device_is_not_heard(tmp_path: Path) -> None:
    async def shift(stage: Stage, device: httpx.AsyncClient) -> None:
        for params in ({}, {"key": "other"}):
            answer = await device.post("/api/positions", params=params, json=owntracks(stage))
            assert answer.status_code == 401
        assert last(stage) is None

    reporting(tmp_path, shift)


def test_off_duty_it_is_answered_the_same_and_nothing_is_kept(tmp_path: Path) -> None:
    async def shift(stage: Stage, device: httpx.AsyncClient) -> None:
        book = stage.parts.positions
        assert isinstance(book, PositionsBook)
        book._on_duty_since = lambda unit: None
        answer = await device.post("/api/positions", params=KEY, json=owntracks(stage))
        assert (answer.status_code, answer.content) == (200, b"[]")
        assert (book.fixes(), book.take_frame(), dict(book.dropped)) == ([], None, {"off_duty": 1, "fields": 1})

    reporting(tmp_path, shift)
