"""``tocsin serve`` and the live demo as processes: started, signed in to, killed, started again; nothing lost, nothing doubled."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from typing import Any

import httpx
import pytest

from tocsin.wiring.roads import make_region
from tocsin.wiring.stages import Progress

START_S = 60.0
"""For a process on a busy machine to be ready."""


def quiet(*_: object) -> None:
    """Nobody looks on."""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's centre as somebody's own, live one, with its road file."""
    folder = tmp_path_factory.mktemp("served") / "centre"
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    with as_file(data.joinpath("centre")) as shipped:
        copytree(shipped, folder)
    with as_file(data.joinpath("streets.geojson.gz")) as streets:
        progress: Progress = quiet
        make_region(streets, folder / "coquimbo.region", mapping=None, name="coquimbo", progress=progress)
    told = (folder / "centre.toml").read_text("utf-8").replace('footing = "demo"', 'footing = "live"')
    (folder / "centre.toml").write_text(told, "utf-8")
    return folder


@pytest.fixture
def centre(city: Path, tmp_path: Path) -> Path:
    """A copy of it, to be written to."""
    copytree(city, tmp_path / "centre")
    return tmp_path / "centre"


class Served:
    """A server in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", told: dict[str, Any]) -> None:
        self.process, self.told = process, told
        self.address: str = told["address"]

    def kill(self) -> None:
        """As when somebody pulls the plug."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def served(*words: object) -> Iterator[Served]:
    """Started, and its first answer read."""
    command = [sys.executable, "-m", "tocsin", *map(str, words)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TOCSIN_LANGUAGE": "en"}
    )
    try:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if line.rstrip() == "}":
                break
        assert text, process.communicate(timeout=START_S)[1]
        yield Served(process, json.loads(text))
    finally:
        process.kill()
        process.communicate()


class Person:
    """Somebody who is signed in."""

    def __init__(self, address: str) -> None:
        self.http = httpx.Client(base_url=address, timeout=30)
        self.said = 0
        self.bodies: dict[str, dict[str, Any]] = {}

    def enter(self, key: str) -> "Person":
        session = self.http.post("/api/session", json={"key": key})
        assert session.status_code == 200, session.text
        self.http.headers["X-Tocsin-Csrf"] = session.json()["csrf"]
        return self

    def at(self, address: str) -> "Person":
        """The same browser at a server that was started anew."""
        self.http.base_url = httpx.URL(address)
        return self

    def situation(self) -> dict[str, Any]:
        answer = self.http.get("/api/situation")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def calls(self, incident_type: str, lon: float, lat: float, key: str = "") -> dict[str, Any]:
        self.said += 1
        now = self.http.get("/health").json()["now"]
        place = {"at": [lon, lat], "text": "Plaza"}
        body = {"id": key or f"call-{self.said}", "arrived": now, "answered": now, "place": place, "incident_type": incident_type,
                "priority": "red", "caller_number": "+56 51 555 0101", "words": "Hay humo"}  # fmt: skip
        answer = self.http.post("/api/calls", json=self.bodies.setdefault(str(body["id"]), body))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def says(self, **command: Any) -> httpx.Response:
        self.said += 1
        return self.http.post("/api/commands", json={"id": f"said-{self.said}", "command": command})

    def follows(self, journal: str, after: int, until: int) -> list[dict[str, Any]]:
        """Changes behind a position until one is reached."""
        found: list[dict[str, Any]] = []
        headers = {"Last-Event-ID": str(after)}
        with self.http.stream("GET", "/api/stream", params={"journal": journal, "from": after}, headers=headers) as stream:
            event = ""
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                elif line.startswith("data: ") and event == "change":
                    found.append(json.loads(line.removeprefix("data: ")))
                    if found[-1]["pos"] >= until:
                        return found
        return found


def test_a_shift_on_a_real_server(centre: Path) -> None:
    with served("serve", centre, "--port", 0, "--json") as server:
        assert set(server.told["keys"]) == {"supervisor"}
        ana = Person(server.address).enter(server.told["keys"]["supervisor"])
        opened = ana.calls("structure-fire", -71.2520, -29.9027)
        assert opened["number"] == 1
        detail = ana.http.get(f"/api/incidents/{opened['incident']}").json()
        picks = [pick["unit"] for pick in detail["incident"]["advice"]["picks"]]
        assert picks and all(pick["eta_ms"] > 0 for pick in detail["incident"]["advice"]["picks"])
        sent = ana.says(
            type="DispatchUnits",
            incident=opened["incident"],
            units=sorted(set(picks)),
            receipt=detail["incident"]["advice"]["receipt_sha256"],
        )
        assert sent.status_code == 200, sent.text
        routes = ana.http.get("/api/routes", params={"incident": opened["incident"]}).json()["routes"]
        assert {one["unit"] for one in routes} == set(picks) and all(len(one["line"]) > 1 for one in routes)
        reach = ana.http.get("/api/reach", params={"minutes": "4,8"}).json()
        assert [one["properties"]["minutes"] for one in reach["features"]] == [8, 4]
        assert Person(server.address).http.get("/api/situation").status_code == 401
        words = ana.http.post(f"/api/incidents/{opened['incident']}/personal", json={"id": "look-1", "reason": "call back"}).json()
        assert words["calls"][0]["caller_number"] == "+56 51 555 0101" and words["calls"][0]["words"] == "Hay humo"
    everything = b"".join(path.read_bytes() for path in centre.iterdir() if path.is_file())
    assert b"Hay humo" not in everything and b"555 0101" not in everything
    assert b"PersonalDataSeen" in (centre / "centre.journal").read_bytes() + (centre / "centre.journal-wal").read_bytes()


def test_a_server_that_was_killed_goes_on_where_it_stood(centre: Path) -> None:
    """Signed in still; every change since, once; the same question again is answered as it was; numbers go on."""
    with served("serve", centre, "--port", 0, "--json") as server:
        ana = Person(server.address).enter(server.told["keys"]["supervisor"])
        before = ana.situation()
        first = ana.calls("cardiac", -71.2520, -29.9027, key="the-call")
        server.kill()
    begun = time.monotonic()
    with served("serve", centre, "--port", 0, "--json") as again:
        ready_s = time.monotonic() - begun
        assert set(again.told["keys"]) <= {"supervisor"} and again.told["journal"] == before["journal"]
        ana.at(again.address)
        repeated = ana.calls("cardiac", -71.2520, -29.9027, key="the-call")
        assert (repeated["incident"], repeated["call"]) == (first["incident"], first["call"])
        second = ana.calls("fall", -71.2530, -29.9037)
        assert second["number"] == first["number"] + 1
        now = ana.situation()
        changes = ana.follows(before["journal"], before["pos"], now["pos"])
        rows = {row["incident"]: row for change in changes for row in change.get("incidents", ())}
        assert rows.keys() == {first["incident"], second["incident"]}
        told = [row["pos"] for change in changes for row in change.get("log", ())]
        assert told == sorted(set(told)) and {row["pos"] for row in now["log"] if row["pos"] > before["pos"]} == set(told)
    assert ready_s < START_S


def test_a_folder_that_was_changed_is_told_to_the_desk(centre: Path) -> None:
    with served("serve", centre, "--port", 0, "--json") as server:
        ana = Person(server.address).enter(server.told["keys"]["supervisor"])
        units = {row["unit"]: row for row in ana.situation()["units"]}
    lines = (centre / "units.csv").read_text("utf-8").splitlines()
    gone = lines.pop().split(",")[0]
    (centre / "units.csv").write_text("\n".join(lines) + "\n", "utf-8")
    with served("serve", centre, "--port", 0, "--json") as again:
        ana.at(again.address)
        after = ana.situation()
        assert {row["unit"] for row in after["units"]} == units.keys() - {gone}
        pos = after["pos"]
    with served("serve", centre, "--port", 0, "--json") as unchanged:
        ana.at(unchanged.address)
        assert ana.situation()["pos"] == pos  # what is as it was is not told again


def test_two_servers_on_one_journal_and_a_taken_port(centre: Path) -> None:
    with served("serve", centre, "--port", 0, "--json") as server:
        port = server.address.rstrip("/").rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "tocsin", "serve", str(centre), "--port", "0"],
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        assert second.returncode == 2 and "Traceback" not in second.stderr and second.stderr.strip()
        other = centre.with_name("other")
        copytree(centre, other, ignore=lambda *_: ["centre.journal", "centre.journal-wal", "centre.journal-shm", "centre.journal-lock"])
        taken = subprocess.run(
            [sys.executable, "-m", "tocsin", "serve", str(other), "--port", port],
            capture_output=True,
            text=True,
            timeout=START_S,
            check=False,
        )
        assert taken.returncode == 2 and port in taken.stderr


def test_a_journal_of_another_centre_is_not_taken(centre: Path) -> None:
    with served("serve", centre, "--port", 0, "--json"):
        pass
    told = (centre / "centre.toml").read_text("utf-8").replace('id = "coquimbo-demo"', 'id = "another"')
    (centre / "centre.toml").write_text(told, "utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "tocsin", "serve", str(centre), "--port", "0"], capture_output=True, text=True, timeout=START_S, check=False
    )
    assert run.returncode == 2 and "another" in run.stderr and "coquimbo-demo" in run.stderr


@contextmanager
def alive(*words: object) -> Iterator[tuple[str, dict[str, str]]]:
    """A demo that tells people where it is: its address, and the key behind each link, in the order told."""
    command = [sys.executable, "-m", "tocsin", "demo", *map(str, words)]
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")} | {"COLUMNS": "200"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment | {"TOCSIN_LANGUAGE": "en"}
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if "Ctrl+C" in line:
                break
        links = [line.rpartition("http://")[2].strip() for line in lines if "#key=" in line]
        assert links, "".join(lines) + process.communicate(timeout=START_S)[1]
        yield (
            "http://" + links[0].partition("#")[0],
            {role.split()[1]: line.rpartition("#key=")[2].strip() for role, line in pairwise(lines) if "#key=" in line},
        )
    finally:
        process.kill()
        process.communicate()


def test_the_demo_is_alive_and_marked(tmp_path: Path) -> None:
    with alive("--out", tmp_path / "demo", "--port", 0, "--speed", 60) as (address, keys):
        eva = Person(address).enter(keys["dispatcher"])
        first = eva.situation()
        assert first["clock"]["mode"] == "demo" and first["centre"]["footing"] == "demo" and first["clock"]["speed"] == 60.0
        assert len(first["incidents"]) > 5 and len(first["fixes"]) == len(first["units"])
        eva.http.post("/api/clock", json={"speed": 600})
        changes = eva.follows(first["journal"], first["pos"], first["pos"] + 40)
        assert {row["what"] for change in changes for row in change.get("log", ())} & {
            "UnitStatusChanged",
            "IncidentOpened",
            "CallReceived",
        }
        moved = {fix[0]: fix[1:3] for fix in first["fixes"]}
        until = time.monotonic() + 20
        while not any(moved.get(fix[0], fix[1:3]) != fix[1:3] for fix in eva.situation()["fixes"]):
            assert time.monotonic() < until, "no unit has moved"
            time.sleep(0.2)
        drawn = eva.calls("structure-fire", -71.2520, -29.9027)
        numbers = [row["number"] for row in eva.situation()["incidents"]]
        assert numbers.count(drawn["number"]) == 1 and drawn["number"] > max(row["number"] for row in first["incidents"])
        wall = Person(address).enter(keys["wall"])
        assert wall.http.post(f"/api/incidents/{drawn['incident']}/personal", json={"id": "w", "reason": "x"}).status_code == 403


def test_a_past_shift_is_watched_and_nothing_can_be_asked_of_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", "demo", "--hours", "2", "--out", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    journal, region = tmp_path / "demo" / "demo.journal", tmp_path / "demo" / "centre" / "coquimbo.region"
    bytes_before = journal.read_bytes()
    with alive("--replay", journal, "--region", region, "--out", tmp_path / "watch", "--port", 0, "--speed", 600) as (address, keys):
        eva = Person(address).enter(next(iter(keys.values())))
        first = eva.situation()
        assert first["clock"]["mode"] == "replay"
        changes = eva.follows(first["journal"], first["pos"], first["pos"] + 30)
        assert any(row["what"] == "UnitsDispatched" for change in changes for row in change.get("log", ()))
        refused = eva.says(type="CloseIncident", incident="inc-0001")
        assert refused.status_code == 400 and refused.json()["code"] == "past_is_past"
        assert eva.http.get("/api/map").status_code == 200
    assert journal.read_bytes() == bytes_before
