"""A served centre tells others and puts itself on paper: one process, from its configuration to its end."""

import json
import signal
from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import pytest
from test_serve import Person, quiet, served

from command_line import tocsin
from outbox_stage import Receiver, receiver, soon
from tocsin.wiring.roads import make_region


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """The demo's centre with its road file, as an exercise of somebody's own."""
    folder = tmp_path / "centre"
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    with as_file(data.joinpath("centre")) as shipped:
        copytree(shipped, folder)
    with as_file(data.joinpath("streets.geojson.gz")) as streets:
        make_region(streets, folder / "coquimbo.region", mapping=None, name="coquimbo", progress=quiet)
    told = (folder / "centre.toml").read_text("utf-8").replace('footing = "demo"', 'footing = "exercise"')
    (folder / "centre.toml").write_text(told, "utf-8")
    return folder


def name_couriers(centre: Path, other: Receiver) -> None:
    """A printer and a pager, whose secret and folder are not there yet."""
    with (centre / "centre.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[courier]]\nname = "printer"\nkind = "folder"\nfolder = "printer"\nevents = ["IncidentOpened"]\n')
        file.write(f'\n[[courier]]\nname = "pager"\nkind = "webhook"\nurl = "{other.url}"\nsecret_file = "pager.secret"\n')
        file.write('events = ["IncidentOpened", "CallReceived"]\n')


def test_a_served_centre_tells_others_and_prints_itself(centre: Path) -> None:
    with receiver() as other:
        name_couriers(centre, other)
        found = tocsin("check", centre, "--json")
        assert found.status == 2 and [one["code"] for one in found.json["problems"]] == ["courier_folder", "courier_secret_absent"]
        refused = tocsin("serve", centre, "--port", "0", "--json")
        assert refused.status == 2 and refused.json["error"]["code"] == "courier_secret_absent"
        (centre / "printer").mkdir()
        (centre / "pager.secret").write_text("thirty-two random letters, or so")
        (centre / "pager.secret").chmod(0o600)
        assert tocsin("check", centre).status == 0
        with served("serve", centre, "--port", "0", "--json") as server:
            person = Person(server.address).enter(server.told["keys"]["supervisor"])
            opened = person.calls("structure-fire", -71.2513, -29.9041)
            assert soon(lambda: len(other.taken) == 2 and any((centre / "printer").glob("*.json")))
            assert soon(lambda: all(one["behind"] == 0 for one in person.http.get("/api/outbox").json()["couriers"]))
            rows = person.http.get("/api/outbox").json()["couriers"]
            assert [(one["name"], one["is_at_work"], one["carried"], one["why"]) for one in rows] == [
                ("printer", True, 1, ""),
                ("pager", True, 2, ""),
            ]
            assert soon((centre / "paper" / "board.html").exists)
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) == 0
    printed = json.loads(next((centre / "printer").glob("*.json")).read_text("utf-8"))
    assert printed["event"]["incident"] == opened["incident"] and printed["footing"] == "exercise"
    everything = json.dumps(other.taken) + json.dumps(printed) + (centre / "paper" / "board.html").read_text("utf-8")
    assert "Hay humo" not in everything and "555 0101" not in everything and "sealed" not in everything
    last = (centre / "paper" / "board.html").read_text("utf-8")
    assert f"<small>{opened['incident'][:8]}-0002</small>" in last and "EXERCISE" in last and "NOBODY SENT" in last
