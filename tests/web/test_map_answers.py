"""Tiles, ways, reach, places, devices, the played clock and the console's files."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import IncidentId, UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Millis
from tocsin.clocks.played import PlayedClock
from tocsin.core.board.board import Board
from tocsin.maps.archive import TileArchive
from tocsin.maps.mercator import Tile
from tocsin.maps.pmtiles import pack
from tocsin.web.console_files import files_of
from tocsin.web.ports import MapPart, UnitRoute
from web_stage import Hand, Stage, opened

Shift = Callable[[Stage, httpx.AsyncClient], Awaitable[Any]]


def played(folder: Path, shift: Shift, seat: str = "ana", **more: Any) -> Any:
    async def run() -> Any:
        async with opened(folder, **more) as stage, stage.client(seat) as client:
            return await shift(stage, client)

    return asyncio.run(run())


def small_map() -> MapPart:
    packed = pack({Tile(0, 0, 0): b"world", Tile(1, 1, 0): b"east"}, bounds_e7=(0, 0, 10_000_000, 10_000_000),
                  metadata={"vector_layers": [{"id": "streets"}]})  # fmt: skip
    return MapPart(TileArchive(packed), "abc123", ("© OpenStreetMap",), (0.0, 0.0, 1.0, 1.0))


class Roads:
    """Straight lines at a metre a millisecond: what the port promises, without a road file."""

    def __init__(self) -> None:
        self.is_ready = True

    def routes_asked(self, board: Board, incident: IncidentId, now: Instant) -> Any:
        state = board.get_incident(incident)
        return [(one.unit, state.place.at) for one in state.assignments if one.is_active]

    def routes(self, asked: Any) -> Sequence[UnitRoute]:
        return [UnitRoute(unit, (LonLat(0, 0), end), Millis(90_000), True) for unit, end in asked]

    def reach_asked(self, board: Board, now: Instant) -> Any:
        return [unit.place for unit in board.units.values() if unit.is_free()]

    def reach(self, asked: Any, minutes: Sequence[int]) -> dict[str, Any]:
        return {"type": "FeatureCollection", "features": [{"minutes": one, "from": len(asked)} for one in minutes]}


def test_tiles_come_packed_as_they_are_stored_and_are_kept(tmp_path: Path) -> None:
    async def shift(_: Stage, wall: httpx.AsyncClient) -> None:
        told = (await wall.get("/api/map")).json()
        assert told == {
            "bounds": [0, 0, 1, 1], "min_zoom": 0, "max_zoom": 1, "attribution": ["© OpenStreetMap"], "map_hash": "abc123",
            "layers": ["streets"],
        }  # fmt: skip
        tile = await wall.get("/api/tiles/abc123/1/1/0")
        assert (tile.content, tile.headers["content-encoding"]) == (b"east", "gzip")  # unpacked by the client
        assert "immutable" in tile.headers["cache-control"]
        empty = await wall.get("/api/tiles/abc123/1/0/0")
        assert (empty.status_code, empty.content) == (204, b"")
        for path in ("abc124/0/0/0", "abc123/-1/0/0", "abc123/0/0/x", "abc123/../../etc"):
            assert (await wall.get(f"/api/tiles/{path}")).status_code == 404, path
        assert (await wall.get(f"/api/tiles/abc123/{10**30}/0/0")).status_code == 204

    played(tmp_path, shift, "wall", map=small_map())


def test_a_centre_without_a_map_says_so(tmp_path: Path) -> None:
    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        assert [(await ana.get("/api/map")).json()["code"], (await ana.get("/api/reach")).json()["code"]] == ["no_map", "roads_warming"]

    played(tmp_path, shift)


def test_ways_and_reach_are_asked_in_two_steps(tmp_path: Path) -> None:
    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        body = {"id": "k", "command": {"type": "DispatchUnits", "incident": "I1", "units": ["E1"]}}
        await ana.post("/api/commands", json=body)
        routes = (await ana.get("/api/routes?incident=I1")).json()["routes"]
        assert routes == [{"unit": "E1", "line": [[0.0, 0.0], [0.001, 0.001]], "eta_ms": 90_000, "is_under_way": True}]
        assert (await ana.get("/api/incidents/I1")).json()["eta_left_ms"] == {"E1": 90_000}
        assert (await ana.get("/api/routes?incident=none")).status_code == 404
        reach = (await ana.get("/api/reach?minutes=8,4")).json()
        assert reach["features"] == [{"minutes": 4, "from": 1}, {"minutes": 8, "from": 1}]
        for minutes in ("", "0", "61", "1,2,3,4,5", "x", "-4", "999999999999"):
            told = await ana.get(f"/api/reach?minutes={minutes}")
            assert (told.status_code, told.json()["code"]) == (400, "minutes_unfit"), minutes

    played(tmp_path, shift, roads=Roads())


def test_places_by_words_and_by_point(tmp_path: Path) -> None:
    async def shift(_: Stage, ana: httpx.AsyncClient) -> None:
        found = (await ana.post("/api/places", json={"q": "-29.95, -71.34"})).json()
        assert (round(found["candidates"][0]["lon"], 2), round(found["candidates"][0]["lat"], 2)) == (-71.34, -29.95)
        assert "no_gazetteer" in (await ana.post("/api/places", json={"q": "Aldunate 5", "lon": 0, "lat": 0})).json()["notes"]
        assert "mgrs" in (await ana.get("/api/places/at?lon=-71.34&lat=-29.95")).json()["grids"]
        assert (await ana.get("/api/places/at?lon=-71.34&lat=-99")).json()["code"] == "off_earth"
        assert (await ana.post("/api/places", json={"q": "x" * 201})).json()["code"] == "text_long"

    played(tmp_path, shift)


def test_devices_say_where_their_unit_is_and_nothing_else(tmp_path: Path) -> None:
    async def shift(stage: Stage, nobody: httpx.AsyncClient) -> None:
        assert (await nobody.get("/api/positions?lat=1&lon=2")).status_code == 401
        at = stage.clock.at // 1000
        assert (await nobody.get(f"/api/positions?key=device&lat=1&lon=2&timestamp={at}&id=other")).status_code == 204
        assert stage.parts.positions.find(UnitId("E1")).lat == 1.0  # type: ignore[union-attr]  # it was put there
        stage.clock.at += 5000
        location = {"_type": "location", "lat": 1.5, "lon": 2.5, "tst": stage.clock.at // 1000, "tid": "xx"}
        told = await nobody.post("/api/positions?key=device", json=location, headers={"X-Limit-U": "e1"})
        assert (told.status_code, told.json()) == (200, [])
        stage.clock.at += 5000
        form = {"lat": "1.75", "lon": "2.75", "timestamp": str(stage.clock.at // 1000)}
        assert (await nobody.post("/api/positions?key=device", data=form)).status_code == 204
        assert stage.parts.positions.find(UnitId("E1")).lon == 2.75  # type: ignore[union-attr]  # it was put there
        assert (await nobody.get("/api/positions?key=device&lat=91&lon=2")).status_code == 400
        assert (await nobody.get("/api/positions?key=device&lat=x&lon=2")).status_code == 400
        assert (await nobody.post("/api/positions?key=device", content=b"\xff" * 70_000)).status_code == 413

    played(tmp_path, shift, "nobody")


def test_only_a_played_clock_is_told_how_to_go(tmp_path: Path) -> None:
    clock = PlayedClock(Hand(), Instant(0))

    async def shift(stage: Stage, ana: httpx.AsyncClient) -> None:
        assert (await ana.post("/api/clock", json={"speed": 10, "is_paused": True})).status_code == 200
        assert (clock.speed_factor, clock.is_paused) == (10, True)
        assert (await ana.post("/api/clock", json={"speed": -1})).status_code == 400
        async with stage.client("taker") as taker:
            assert (await taker.post("/api/clock", json={"speed": 2})).status_code == 403

    async def refused(_: Stage, ana: httpx.AsyncClient) -> None:
        assert (await ana.post("/api/clock", json={"speed": 10})).json()["code"] == "clock_is_the_walls"

    played(tmp_path, shift, played=clock)
    played(tmp_path, refused)


@pytest.fixture
def console(tmp_path: Path) -> Path:
    """As the build leaves it, with a secret beside it and a link to that."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Tocsin</title>")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "index-abc.js").write_text("export const a = 1;\n" * 200)
    (tmp_path / "secret").write_text("key")
    (folder / "assets" / "link").symlink_to(tmp_path / "secret")
    return folder


def test_the_console_is_served_from_its_folder_and_from_nowhere_else(tmp_path: Path, console: Path) -> None:
    async def shift(_: Stage, nobody: httpx.AsyncClient) -> None:
        for path in ("/", "/wall", "/unit-board"):
            page = await nobody.get(path)
            assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
            assert "Tocsin" in page.text
        asset = await nobody.get("/assets/index-abc.js")
        assert asset.headers["content-type"].startswith("text/javascript") and "immutable" in asset.headers["cache-control"]
        assert asset.headers["content-encoding"] == "gzip"
        bare = await nobody.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in bare.headers and bare.content == asset.content
        assert (await nobody.get("/icon.svg")).headers["content-type"] == "image/svg+xml"
        for path in (
            "/assets/link",
            "/assets/../../secret",
            "/assets/%2e%2e/%2e%2e/secret",
            "/..%2fsecret",
            "/assets//etc/passwd",
            "/assets/%00",
            "/none",
        ):
            assert (await nobody.get(path)).status_code == 404, path

    played(tmp_path, shift, "nobody", console=console)
    assert gzip.decompress(files_of(console)["assets/index-abc.js"].packed or b"").startswith(b"export")


def test_without_a_console_a_page_says_how_to_build_it(tmp_path: Path) -> None:
    async def shift(_: Stage, nobody: httpx.AsyncClient) -> None:
        for language, word in (("pt-BR,pt;q=0.9", "construído"), ("xx;q=oops, fr", "construite"), ("", "built")):
            page = await nobody.get("/", headers={"Accept-Language": language})
            assert page.status_code == 503 and word in page.text and page.headers["content-type"].startswith("text/html")

    played(tmp_path, shift, "nobody")
