"""Results of the lab on the disk: what outlives the server, what does not, for how long, and what a file never says."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_lab import wait_until

import lab_works
from served import problem_of, served
from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.formats.centre import Centre
from tocsin.views.experiment_answer import Partial
from tocsin.web.lab_told import DemandOf, LabChange, LabWish, LabWorked
from tocsin.web.ports import LabRun
from tocsin.wiring.lab_kept import DAY_MS, DAYS_KEPT, KeptResults, is_too_old
from tocsin.wiring.lab_runs import ENDED, MOST_KEPT, LabGround, LabRuns

NOW = Instant(1_790_000_000_000)
WISH = LabWish("nights", ("closest", "default"), replications=4)
WORKED = LabWorked(lab_works.ANSWER, DemandOf(Instant(5), Instant(9), 300))


@pytest.fixture(scope="module")
def centre() -> Centre:
    with as_file(files("tocsin").joinpath("data").joinpath("coquimbo").joinpath("centre")) as folder:
        return read_centre_folder(Path(folder))


def run_of(
    name: str, asked_at: int = NOW, *, state: str = "done", ended_at: int | None = None, worked: LabWorked | None = WORKED
) -> LabRun:
    ended = Instant(asked_at + 1_000 if ended_at is None else ended_at)
    return LabRun(name, WISH, "sofia", Instant(asked_at), state, done=4, of=4, ended_at=ended, worked=worked)  # type: ignore[arg-type]


class Time:
    """That is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> Instant:
        return self.now


@contextmanager
def lab_in(folder: Path, centre: Centre, now: Time | None = None, kept: Path | None = None) -> Iterator[LabRuns]:
    """A lab that keeps its results beside the centre, until the server ends."""
    ground = LabGround(folder, centre, None, kept or folder / "experiments")
    with closing(LabRuns(ground, now or Time(), work=lab_works.WORK)) as lab:
        yield lab


def done(lab: LabRuns, name: str = "quick") -> str:
    """An experiment that has ended."""
    run = lab.start(msgspec.structs.replace(WISH, name=name), "sofia").id
    wait_until(lambda: lab.find(run).state in ENDED)
    return run


# ---- through a restart


def test_a_result_is_there_after_a_restart_and_who_asked_is_not(tmp_path: Path, centre: Centre) -> None:
    with lab_in(tmp_path, centre) as lab:
        run = done(lab)
        wait_until(lambda: lab.find(run).is_kept)
        before = lab.find(run)
    text = (tmp_path / "experiments" / f"{run}.json").read_text("utf-8")
    assert before.by == "sofia" and "sofia" not in text
    later = Time()
    later.now = Instant(NOW + 60_000)
    with lab_in(tmp_path, centre, later) as lab:
        (after,) = lab.runs()
        assert after == before._replace(by="", stage="", done=after.done, of=after.of)
        assert lab.tell(after, "en").remarks == lab.tell(before, "en").remarks
        assert lab.days_kept == DAYS_KEPT
        fresh = lab.start(WISH, "ben").id
        assert fresh != run, "a new server gives no old name again"


@pytest.mark.parametrize("name", ["stumbles", "refused", "dies"])
def test_what_has_no_result_is_not_written(tmp_path: Path, centre: Centre, name: str) -> None:
    with lab_in(tmp_path, centre) as lab:
        run = done(lab, name)
        assert lab.find(run).state == "failed" and not lab.find(run).is_kept
    assert not list(tmp_path.glob("experiments/*"))


def test_what_was_under_way_is_gone_and_what_was_whole_when_cancelled_stays(tmp_path: Path, centre: Centre) -> None:
    with lab_in(tmp_path, centre) as lab:
        run = lab.start(msgspec.structs.replace(WISH, name="kept"), "sofia").id
        wait_until(lambda: (tmp_path / "pid").is_file() and " " in (tmp_path / "pid").read_text("utf-8"))
        lab.cancel(run)
        wait_until(lambda: lab.find(run).is_kept)
        (tmp_path / "pid").unlink()
        lab.start(msgspec.structs.replace(WISH, name="long"), "sofia")
        wait_until((tmp_path / "pid").is_file)
    with lab_in(tmp_path, centre) as lab:
        (after,) = lab.runs()
        assert (after.id, after.state) == (run, "cancelled")
        assert lab.tell(after, "en").partial.startswith("PARTIAL")


def test_forgotten_is_forgotten_on_the_disk_too(tmp_path: Path, centre: Centre) -> None:
    with lab_in(tmp_path, centre) as lab:
        run = done(lab)
        wait_until(lambda: lab.find(run).is_kept)
        lab.forget(run)
        assert not list(tmp_path.glob("experiments/*"))
        with pytest.raises(BadInput) as told:
            lab.find(run)
        assert told.value.code == "lab_run_unknown"
    with lab_in(tmp_path, centre) as lab:
        assert lab.runs() == []


def test_the_oldest_make_room_on_the_disk_too(tmp_path: Path, centre: Centre) -> None:
    kept = KeptResults(tmp_path / "experiments")
    assert all(kept.keep(run_of(f"r{nth:02d}", NOW - 1_000_000 + nth)) for nth in range(MOST_KEPT))
    with lab_in(tmp_path, centre) as lab:
        assert [one.id for one in lab.runs()] == [f"r{nth:02d}" for nth in range(MOST_KEPT)]
        done(lab)
        assert "r00" not in [one.id for one in lab.runs()] and len(lab.runs()) == MOST_KEPT
        assert not (tmp_path / "experiments" / "r00.json").exists() and (tmp_path / "experiments" / "r01.json").exists()


def test_a_result_stands_its_time_and_not_a_moment_longer(tmp_path: Path, centre: Centre) -> None:
    now = Time()
    with lab_in(tmp_path, centre, now) as lab:
        run = done(lab)
        wait_until(lambda: lab.find(run).is_kept)
        now.now = Instant(NOW + DAYS_KEPT * DAY_MS)
        assert [one.id for one in lab.runs()] == [run], "to the day"
        now.now = Instant(now.now + 1)
        assert lab.runs() == [] and not list(tmp_path.glob("experiments/*"))


def test_without_a_folder_nothing_is_written_and_the_page_is_told(tmp_path: Path, centre: Centre) -> None:
    with closing(LabRuns(LabGround(tmp_path, centre, None), Time(), work=lab_works.WORK)) as lab:
        run = done(lab)
        assert lab.days_kept is None and not lab.find(run).is_kept
    assert not (tmp_path / "experiments").exists()


def test_where_it_cannot_be_written_the_result_is_still_there_and_it_is_told(tmp_path: Path, centre: Centre) -> None:
    (tmp_path / "experiments").write_text("somebody's file", "utf-8")
    with lab_in(tmp_path, centre) as lab, served(tmp_path, lab=lab) as desk, desk.signed_in("supervisor") as sofia:
        run = done(lab)
        told = sofia.get("/api/lab").json()
        assert (told["days_kept"], told["runs"][0]["is_kept"], told["runs"][0]["has_result"]) == (DAYS_KEPT, False, True)
        assert sofia.get(f"/api/lab/runs/{run}").status_code == 200
        assert sofia.delete(f"/api/lab/runs/{run}").status_code == 204
    assert (tmp_path / "experiments").read_text("utf-8") == "somebody's file"


def test_a_kept_one_is_read_and_forgotten_over_http_as_any_other(tmp_path: Path, centre: Centre) -> None:
    KeptResults(tmp_path / "experiments").keep(run_of("old", NOW - DAY_MS))
    with lab_in(tmp_path, centre) as lab, served(tmp_path, lab=lab) as desk, desk.signed_in("commander") as cora:
        (run,) = cora.get("/api/lab").json()["runs"]
        assert (run["id"], run["by"], run["is_kept"], run["done"], run["of"]) == ("old", "", True, 1, 4)
        told = cora.get("/api/lab/runs/old").json()
        assert told["demand"] == {"begins": 5, "until": 9, "calls": 300} and told["answer"]["base"] == "closest"
        assert cora.post("/api/lab/runs/old/cancel").json()["state"] == "done"
        assert cora.delete("/api/lab/runs/old").status_code == 204
        assert problem_of(cora.get("/api/lab/runs/old"))["code"] == "lab_run_unknown"


# ---- the files


def test_what_is_written_is_read_back_as_it_was(tmp_path: Path) -> None:
    kept = KeptResults(tmp_path / "experiments")
    whole = run_of("b", NOW + 5)
    partial = LabWorked(msgspec.structs.replace(lab_works.ANSWER, partial=Partial("cancelled")), DemandOf())
    assert kept.keep(whole) and kept.keep(run_of("a", NOW + 5, state="cancelled", worked=partial)) and kept.keep(run_of("z", NOW + 4))
    found = kept.load(NOW)
    assert [one.id for one in found] == ["z", "a", "b"], "in the order of their asking"
    assert (found[1].state, found[1].worked) == ("cancelled", partial)
    assert found[2].worked == whole.worked and found[2].wish == WISH and found[2].ended_at == whole.ended_at
    assert all(one.is_kept and one.by == "" for one in found)
    assert not list((tmp_path / "experiments").glob(".*")), "nothing half-written is left"


@pytest.mark.parametrize("state", ["waiting", "running", "stopping", "failed"])
def test_only_what_has_ended_with_a_result_is_written(tmp_path: Path, state: str) -> None:
    kept = KeptResults(tmp_path / "experiments")
    assert not kept.keep(run_of("a", state=state)) and not kept.keep(run_of("b", worked=None))
    assert kept.load(NOW) == [] and not (tmp_path / "experiments").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1, "id": "x"}', "\x00\xff"])
def test_a_file_that_is_none_of_ours_is_left_alone_until_it_is_old(tmp_path: Path, text: str) -> None:
    kept = KeptResults(tmp_path)
    (tmp_path / "x.json").write_text(text, "latin-1")
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    written = int((tmp_path / "x.json").stat().st_mtime * 1000)
    assert kept.load(Instant(written)) == [] and (tmp_path / "x.json").exists()
    assert kept.load(Instant(written + DAYS_KEPT * DAY_MS + 1)) == []
    assert not (tmp_path / "x.json").exists() and (tmp_path / "notes.txt").exists()


def test_a_file_under_another_name_is_no_result_of_ours(tmp_path: Path) -> None:
    kept = KeptResults(tmp_path)
    kept.keep(run_of("a"))
    os.rename(tmp_path / "a.json", tmp_path / "copy.json")
    assert kept.load(NOW) == []


@given(st.integers(0, 400), st.booleans())
def test_only_kept_ones_grow_too_old(days: int, is_kept: bool) -> None:
    run = run_of("a", ended_at=NOW)._replace(is_kept=is_kept)
    assert is_too_old(run, Instant(NOW + days * DAY_MS)) == (is_kept and days > DAYS_KEPT)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=80),
    st.lists(st.sampled_from(["close_station", "add_unit", "move_unit", "remove_unit"]), max_size=4),
    st.floats(0.1, 366),
    st.none() | st.floats(0, 100),
)
def test_any_wish_comes_back_as_it_was(tmp_path: Path, name: str, whats: list[str], days: float, guard: float | None) -> None:
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    changes = tuple(LabChange(what, "S", "T") for what in whats)  # type: ignore[arg-type]
    wish = LabWish(name, ("closest",), changes, days=days, guard_points=guard, calls="log")
    kept = KeptResults(tmp_path / "any")
    assert kept.keep(run_of("one")._replace(wish=wish))
    assert kept.load(NOW)[0].wish == wish
