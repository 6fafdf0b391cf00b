"""The lab over HTTP, on a real server with real processes at its side: started, watched, stopped, read, forgotten; bad wishes told."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import msgspec
import pytest

import lab_works
from served import Served, problem_of, served
from tocsin.base.instants import Instant
from tocsin.base.seats import ROLES
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.plan import Posting
from tocsin.edge import side_process
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.formats.centre import Centre
from tocsin.web.lab_told import LabWish
from tocsin.wiring import lab_runs
from tocsin.wiring.lab_runs import MOST_KEPT, MOST_WAITING, LabGround, LabRuns, choices_of
from tocsin.words import catalogue, languages

TABLES = {
    "demand.csv": "place,lon,lat,weight\n" + "".join(f"P{nth},{10 + nth % 8 / 100},{50 + nth // 8 / 100},1\n" for nth in range(64)),
    "stations.csv": "station,name,lon,lat\nA,North,10.01,50.06\nB,South,10.06,50.01\n",
    "units.csv": "unit,kind,capabilities,station\nM1,ambulance,transport,A\nM2,ambulance,transport,B\n",
}
WISH = {"name": "quick", "policies": ["closest", "default"], "days": 2, "replications": 3}
ENDED = ("done", "cancelled", "failed")


class Staged(NamedTuple):
    """A server with a lab whose work does what the name of an experiment says."""

    desk: Served
    lab: LabRuns
    folder: Path
    sofia: httpx.Client

    def asks(self, name: str, **more: Any) -> str:
        """The id of a new experiment."""
        answer = self.sofia.post("/api/lab/runs", json={**WISH, "name": name, **more})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def run(self, run: str, language: str = "en") -> dict[str, Any]:
        """As it stands."""
        return dict(next(one for one in self.sofia.get(f"/api/lab?language={language}").json()["runs"] if one["id"] == run))

    def until(self, run: str, *states: str) -> dict[str, Any]:
        """As it stands when it has come so far."""
        wait_until(lambda: self.run(run)["state"] in states)
        return self.run(run)

    def resting(self) -> int:
        """The process that rests."""
        pid = self.folder / "pid"
        wait_until(lambda: pid.is_file() and " " in pid.read_text("utf-8"))
        number = int(pid.read_text("utf-8").split()[0])
        pid.unlink()
        return number


def wait_until(is_so: Callable[[], bool]) -> None:
    """At most for half a minute."""
    last = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < last
        os.sched_yield()


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return True


@pytest.fixture(scope="module")
def centre() -> Centre:
    with as_file(files("tocsin").joinpath("data").joinpath("coquimbo").joinpath("centre")) as folder:
        return read_centre_folder(Path(folder))


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory, centre: Centre) -> Iterator[Staged]:
    folder = tmp_path_factory.mktemp("lab")
    ground = LabGround(folder, centre, None)
    with closing(LabRuns(ground, lambda: Instant(1_790_000_000_000), work=lab_works.WORK)) as lab, served(folder, lab=lab) as desk:
        yield Staged(desk, lab, folder, desk.signed_in("supervisor"))


@pytest.fixture(autouse=True)
def empty(staged: Staged) -> Iterator[None]:
    """Every test begins and ends without experiments."""
    yield
    for run in staged.lab.runs():
        staged.lab.forget(run.id)
    (staged.folder / "pid").unlink(missing_ok=True)


def test_what_can_be_picked_is_what_the_centre_has(staged: Staged, centre: Centre) -> None:
    told = staged.sofia.get("/api/lab").json()
    assert [one["unit"] for one in told["choices"]["units"]] == [one.unit for one in centre.units]
    assert [one["station"] for one in told["choices"]["stations"]] == [one.station for one in centre.stations]
    assert {"closest", "default"} < set(told["choices"]["policies"]) and "compliance" not in told["choices"]["policies"]
    assert (told["since"], told["most_kept"], told["runs"]) == (1_790_000_000_000, MOST_KEPT, [])


@pytest.mark.parametrize("language", languages())
def test_every_policy_has_its_line(staged: Staged, language: str) -> None:
    named = {f"console.lab.policy.{name}" for name in staged.lab.choices.policies}
    assert named <= set(catalogue(language))


def test_an_experiment_from_its_start_to_its_being_forgotten(staged: Staged) -> None:
    run = staged.asks("quick")
    told = staged.until(run, *ENDED)
    assert (told["state"], told["by"], told["has_result"], told["problem"], told["stage"]) == ("done", "supervisor", True, None, "")
    result = staged.sofia.get(f"/api/lab/runs/{run}").json()
    assert (result["arms"], result["answer"]["base"], result["partial"]) == ("policies", "closest", "")
    with staged.desk.signed_in("commander") as other:
        assert other.get(f"/api/lab/runs/{run}").json() == result, "whoever may look sees the same"
    assert staged.sofia.delete(f"/api/lab/runs/{run}").status_code == 204
    assert problem_of(staged.sofia.get(f"/api/lab/runs/{run}"))["code"] == "lab_run_unknown"
    assert staged.sofia.get("/api/lab").json()["runs"] == []


def test_one_runs_the_others_wait_and_the_desk_goes_on(staged: Staged) -> None:
    first, second = staged.asks("long"), staged.asks("quick")
    pid = staged.resting()
    assert [staged.run(one)["state"] for one in (first, second)] == ["running", "waiting"]
    told = staged.run(first, "fr")
    assert (told["done"], told["of"], told["stage"]) == (0, 3, "Simulation")
    assert problem_of(staged.sofia.get(f"/api/lab/runs/{first}"))["code"] == "lab_no_result"
    assert staged.sofia.get("/api/situation").status_code == 200
    assert staged.sofia.post(f"/api/lab/runs/{first}/cancel").json()["state"] == "stopping"
    ended = staged.until(first, *ENDED)
    assert (ended["state"], ended["has_result"], ended["problem"]) == ("cancelled", False, None)
    assert is_gone(pid)
    assert staged.until(second, *ENDED)["state"] == "done"


def test_what_was_whole_when_it_was_cancelled_is_kept_and_marked(staged: Staged) -> None:
    run = staged.asks("kept")
    staged.resting()
    staged.sofia.post(f"/api/lab/runs/{run}/cancel")
    assert staged.until(run, *ENDED)["has_result"]
    told = staged.sofia.get(f"/api/lab/runs/{run}?language=es").json()
    assert told["run"]["state"] == "cancelled" and told["partial"].startswith("PARCIAL")


def test_one_that_waits_is_cancelled_at_once_and_one_that_has_ended_stays(staged: Staged) -> None:
    first, second = staged.asks("long"), staged.asks("quick")
    assert staged.sofia.post(f"/api/lab/runs/{second}/cancel").json()["state"] == "cancelled"
    pid = staged.resting()
    assert staged.sofia.delete(f"/api/lab/runs/{first}").status_code == 204
    wait_until(lambda: is_gone(pid))
    third = staged.asks("quick")
    staged.until(third, "done")
    assert staged.sofia.post(f"/api/lab/runs/{third}/cancel").json()["state"] == "done"


def test_one_that_does_not_listen_is_ended(staged: Staged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_process, "GRACE_S", 0.3)
    run = staged.asks("deaf")
    pid = staged.resting()
    staged.sofia.post(f"/api/lab/runs/{run}/cancel")
    assert staged.until(run, *ENDED)["state"] == "cancelled" and is_gone(pid)


@pytest.mark.parametrize(
    ("name", "code", "word"),
    [("dies", "lab_run_died", "-9"), ("stumbles", "lab_run_failed", "LookupError"), ("refused", "city_stations_none", "station")],
)
def test_what_goes_wrong_at_the_side_is_told_and_the_next_one_runs(staged: Staged, name: str, code: str, word: str) -> None:
    run = staged.asks(name)
    told = staged.until(run, *ENDED)
    assert (told["state"], told["problem"]["code"], told["has_result"]) == ("failed", code, False)
    assert word in told["problem"]["what"] and told["problem"]["do"]
    assert staged.run(run, "pt")["problem"]["what"] != told["problem"]["what"]
    assert staged.until(staged.asks("quick"), *ENDED)["state"] == "done"


CHANGE = {"what": "close_station", "subject": "A1"}


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        ({"policies": ["nearest"]}, "policy_unknown", "policies[0]"),
        ({"policies": ["closest"]}, "lab_policies", "policies"),
        ({"policies": []}, "lab_policies", "policies"),
        ({"policies": ["closest", "closest"]}, "lab_policy_twice", "policies"),
        ({"changes": [CHANGE]}, "lab_policies", "policies"),
        ({"policies": ["closest"], "changes": [{**CHANGE, "subject": "Z9"}]}, "lab_unknown", "changes[0].subject"),
        ({"policies": ["closest"], "changes": [CHANGE, {"what": "move_unit", "subject": "E11"}]}, "lab_unknown", "changes[1].station"),
        ({"policies": ["closest"], "changes": [{"what": "add_unit", "subject": "E11", "station": "A1"}]}, "lab_unit_there",
         "changes[0].subject"),
        ({"policies": ["closest"], "changes": [{"what": "add_unit", "subject": "X", "station": "A1", "like": "Q"}]}, "lab_unknown",
         "changes[0].like"),
        ({"policies": ["closest"], "changes": [{"what": "remove_unit", "subject": "E11"}] * 2}, "lab_unknown", "changes[1].subject"),
        ({"policies": ["closest"], "changes": [{"what": "add_unit", "subject": " ", "station": "A1"}]}, "id_unfit", "changes[0].subject"),
        ({"policies": ["closest"], "changes": [CHANGE] * 21}, "field_unfit", "changes"),
        ({"days": 0}, "field_unfit", "days"),
        ({"days": 1e9}, "field_unfit", "days"),
        ({"load": -1}, "field_unfit", "load"),
        ({"replications": 0}, "field_unfit", "replications"),
        ({"replications": 1.5}, "field_unfit", "replications"),
        ({"seed": 2**60}, "field_unfit", "seed"),
        ({"name": "x" * 81}, "field_unfit", "name"),
        ({"name": "a\u202eb"}, "text_control", "name"),
        ({"workers": 64}, "field_unfit", "body"),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_is_told_with_its_field(staged: Staged, wish: dict[str, Any], code: str, field: str) -> None:
    answer = staged.sofia.post("/api/lab/runs", json={**WISH, **wish})
    assert answer.status_code == 400
    told = problem_of(answer)
    assert (told["code"], told["field"]) == (code, field)
    assert staged.lab.runs() == []


# ---- who may, and what


ASKED: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
    ("GET", "/api/lab", None),
    ("POST", "/api/lab/runs", WISH),
    ("GET", "/api/lab/runs/1", None),
    ("POST", "/api/lab/runs/1/cancel", None),
    ("DELETE", "/api/lab/runs/1", None),
)


@pytest.mark.parametrize("role", [role for role in ROLES if role not in ("supervisor", "commander")])
def test_other_roles_may_nothing(staged: Staged, role: str) -> None:
    with staged.desk.signed_in(role) as other:
        for method, path, body in ASKED:
            answer = other.request(method, path, json=body)
            assert (answer.status_code, problem_of(answer)["code"]) == (403, "not_granted"), (method, path)
    assert staged.lab.runs() == []


def test_whoever_is_not_signed_in_or_asks_from_another_page_may_nothing(staged: Staged) -> None:
    with staged.desk.client() as nobody:
        for method, path, body in ASKED:
            assert nobody.request(method, path, json=body).status_code == 401, (method, path)
    with staged.desk.signed_in("supervisor") as sofia:
        del sofia.headers["X-Tocsin-Csrf"]
        for method, path, body in ASKED:
            if method != "GET":
                assert sofia.request(method, path, json=body).status_code == 403, (method, path)
    assert staged.lab.runs() == []


def test_a_commander_may_all_that_a_supervisor_may_also_with_another_s(staged: Staged) -> None:
    run = staged.asks("long")
    staged.resting()
    with staged.desk.signed_in("commander") as cora:
        own = cora.post("/api/lab/runs", json=WISH).json()
        assert (own["by"], own["state"]) == ("commander", "waiting")
        assert {one["by"] for one in cora.get("/api/lab").json()["runs"]} == {"supervisor", "commander"}
        assert cora.post(f"/api/lab/runs/{run}/cancel").json()["state"] in ("stopping", "cancelled")
        staged.until(run, *ENDED)
        assert cora.delete(f"/api/lab/runs/{run}").status_code == 204
    assert staged.until(str(own["id"]), *ENDED)["state"] == "done"


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b'{"name": "x"}', b'{"policies": 1, "name": "x"}', b"\xff\xfe"])
def test_a_body_that_is_no_wish_is_told(staged: Staged, body: bytes) -> None:
    answer = staged.sofia.post("/api/lab/runs", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and problem_of(answer)["do"]
    assert staged.lab.runs() == []


@pytest.mark.parametrize("run", ["0", "x" * 200, "..%2f..%2faccounts.db", "%00", "a%20b"])
def test_a_run_that_is_none_is_told_and_no_file_is_touched(staged: Staged, run: str) -> None:
    before = sorted(path.name for path in staged.folder.iterdir())
    for method, path in (("GET", ""), ("POST", "/cancel"), ("DELETE", "")):
        answer = staged.sofia.request(method, f"/api/lab/runs/{run}{path}")
        assert answer.status_code in (400, 404), (method, answer.text)
    assert sorted(path.name for path in staged.folder.iterdir()) == before


# ---- a log of its own


@pytest.fixture(scope="module")
def with_log(tmp_path_factory: pytest.TempPathFactory, centre: Centre) -> Iterator[Staged]:
    """A centre that has a journal."""
    folder = tmp_path_factory.mktemp("logged")
    ground = LabGround(folder, centre, folder / "centre.journal")
    with closing(LabRuns(ground, lambda: Instant(1), work=lab_works.WORK)) as lab, served(folder, lab=lab) as desk:
        yield Staged(desk, lab, folder, desk.signed_in("supervisor"))


def test_whether_there_is_a_log_is_said_and_one_that_is_not_cannot_be_lived(staged: Staged, with_log: Staged) -> None:
    assert [one.sofia.get("/api/lab").json()["choices"]["has_log"] for one in (staged, with_log)] == [False, True]
    answer = staged.sofia.post("/api/lab/runs", json={**WISH, "calls": "log"})
    told = problem_of(answer)
    assert (answer.status_code, told["code"], told["field"]) == (400, "lab_log_absent", "calls")
    assert with_log.until(with_log.asks("quick", calls="log"), *ENDED)["state"] == "done"


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        ({"calls": "log", "policies": ["closest", "default", "preserve"]}, "lab_log_two", "policies"),
        ({"calls": "log", "guard_points": 1}, "lab_log_guard", "guard_points"),
        ({"calls": "log", "policies": ["closest"]}, "lab_policies", "policies"),
        ({"calls": "mine"}, "field_unfit", "calls"),
        ({"guard_points": -0.1}, "field_unfit", "guard_points"),
        ({"guard_points": 101}, "field_unfit", "guard_points"),
        ({"guard_points": "1"}, "field_unfit", "guard_points"),
    ],
)
def test_what_a_log_and_a_guard_cannot_be(with_log: Staged, wish: dict[str, Any], code: str, field: str) -> None:
    told = problem_of(with_log.sofia.post("/api/lab/runs", json={**WISH, **wish}))
    assert (told["code"], told["field"]) == (code, field)


def test_the_policies_offered_have_the_table_only_where_the_plan_has_one(centre: Centre) -> None:
    assert "compliance" not in choices_of(centre).policies
    table = (Posting(1, (centre.stations[0].station,)),)
    plan = msgspec.structs.replace(centre.plan, cover=msgspec.structs.replace(centre.plan.cover, table=table))
    offered = choices_of(msgspec.structs.replace(centre, plan=plan)).policies
    assert set(offered) - set(choices_of(centre).policies) == {"compliance"}
    assert offered == tuple(name for name in POLICIES if name in offered), "always in the same order"


def test_stations_without_a_place_and_who_waits_there_cannot_be_picked(centre: Centre) -> None:
    gone = centre.stations[0]
    nowhere = msgspec.structs.replace(gone, place=msgspec.structs.replace(gone.place, at=None))
    told = choices_of(msgspec.structs.replace(centre, stations=(nowhere, *centre.stations[1:])))
    assert gone.station not in {one.station for one in told.stations}
    assert len(told.units) == sum(unit.station != gone.station for unit in centre.units) < len(centre.units)
    empty = choices_of(msgspec.structs.replace(centre, stations=()))
    assert empty.stations == () == empty.units and empty.policies


def test_the_queue_has_an_end_and_the_oldest_make_room(staged: Staged) -> None:
    staged.asks("long")
    staged.resting()
    waiting = [staged.asks(f"{nth}") for nth in range(MOST_WAITING)]
    answer = staged.sofia.post("/api/lab/runs", json=WISH)
    assert (answer.status_code, problem_of(answer)["code"]) == (409, "lab_full")
    for run in waiting:
        staged.sofia.post(f"/api/lab/runs/{run}/cancel")
    kept: list[str] = []
    while len(kept) < MOST_KEPT:
        kept.append(staged.lab.start(LabWish("x", ("closest", "default")), "sofia").id)
        staged.lab.cancel(kept[-1])
    there = [one.id for one in staged.lab.runs()]
    assert len(there) == MOST_KEPT and not set(waiting) & set(there) and kept[-1] in there
    assert staged.lab.runs()[0].state == "running", "what runs is never dropped"


def test_what_runs_ends_with_the_server(centre: Centre, tmp_path: Path) -> None:
    lab = LabRuns(LabGround(tmp_path, centre, None), lambda: Instant(1), work=lab_works.WORK)
    lab.start(LabWish("long", ("closest", "default")), "sofia")
    wait_until(lambda: (tmp_path / "pid").is_file() and " " in (tmp_path / "pid").read_text("utf-8"))
    lab.close()
    assert is_gone(int((tmp_path / "pid").read_text("utf-8").split()[0]))


def test_the_real_work_told_in_every_language(centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name, text in TABLES.items():
        (tmp_path / name).write_text(text, "utf-8")
    with closing(LabRuns(LabGround(tmp_path, centre, tmp_path / "none.journal"), lambda: Instant(1))) as lab:
        run = lab.start(LabWish("x", ("closest", "default"), days=2.0, replications=2), "sofia").id
        wait_until(lambda: lab.find(run).state in lab_runs.ENDED)
        ended = lab.find(run)
        assert ended.state == "done" and ended.worked is not None, ended.fault
        assert (ended.done, ended.of) == (2, 2)
        told = {language: lab.tell(ended, language) for language in languages()}
    assert len({words.verdicts[0].text for words in told.values()}) == len(languages())
    assert all(len(words.remarks) >= 2 and words.partial == "" for words in told.values())
    assert told["en"].verdicts[0].arm == "default" and "closest" in told["en"].verdicts[0].text


def test_a_server_without_a_city_says_so(tmp_path: Path) -> None:
    with served(tmp_path) as desk, desk.signed_in("supervisor") as sofia:
        for method, path in (
            ("GET", "/api/lab"),
            ("GET", "/api/lab/runs/1"),
            ("DELETE", "/api/lab/runs/1"),
            ("POST", "/api/lab/runs/1/cancel"),
        ):
            answer = sofia.request(method, path)
            assert (answer.status_code, problem_of(answer)["code"]) == (404, "lab_absent")
        assert problem_of(sofia.post("/api/lab/runs", json=WISH))["code"] == "lab_absent"
