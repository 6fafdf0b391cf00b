"""Work at the side: behind everything else, told sparsely, and never without its parent."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.base.faults import BadInput, Broken
from tocsin.edge import side_process
from tocsin.edge.side_process import STEPS, SideProcess
from tocsin.web.lab_told import LabWish
from tocsin.wiring.lab_asked import LabAsked

TESTS = Path(__file__).resolve().parents[1]


def asked(name: str, folder: Path) -> LabAsked:
    return LabAsked(folder, None, LabWish(name, ("closest", "default")))


def test_it_gives_back_what_came_and_says_sparsely_how_far_it_is() -> None:
    heard: list[int] = []
    assert SideProcess("lab_works:doubled", 21).follow(lambda done, of, stage: heard.append(done)) == 42
    assert len(heard) == STEPS and heard == sorted(heard)


def test_faults_come_back_as_they_were_raised_and_a_slip_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        SideProcess("lab_works:work", asked("refused", tmp_path)).follow(lambda *_: None)
    assert (refused.value.code, refused.value.field, refused.value.file) == ("city_stations_none", "stations", str(tmp_path))
    with pytest.raises(Broken, match="side_failed") as slip:
        SideProcess("lab_works:work", asked("stumbles", tmp_path)).follow(lambda *_: None)
    assert slip.value.values == {"cause": "LookupError('nowhere')"}


def test_a_process_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="side_died") as gone:
        SideProcess("lab_works:work", asked("dies", tmp_path)).follow(lambda *_: None)
    assert gone.value.values == {"status": "-9"}


def test_it_stands_behind_everything_else_and_stops_when_asked(tmp_path: Path) -> None:
    process = SideProcess("lab_works:work", asked("long", tmp_path))
    stages: list[str] = []

    def told(done: int, of: int | None, stage: str) -> None:
        stages.append(stage)
        os.sched_yield()
        process.stop()

    assert process.follow(told) is None, "nothing was whole"
    assert stages == ["replications"] and not is_alive(process.pid)


def test_one_that_does_not_listen_is_ended_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_process, "GRACE_S", 0.3)
    process = SideProcess("lab_works:work", asked("deaf", tmp_path))

    def told(*_: object) -> None:
        wait_for(tmp_path / "pid")
        process.stop()

    with pytest.raises(Broken, match="side_died"):
        process.follow(told)
    assert (tmp_path / "pid").read_text("utf-8").split() == [str(process.pid), "19"]


PARENT = """
import sys
from pathlib import Path
from test_side_process import asked
from tocsin.edge.side_process import SideProcess

if __name__ == "__main__":
    process = SideProcess("lab_works:work", asked("deaf", Path(sys.argv[1])))
    print(process.pid, flush=True)
    process.follow(lambda *_: None)
"""


def test_it_ends_with_its_parent_however_that_ended(tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT, "utf-8")
    paths = os.pathsep.join((str(TESTS), str(TESTS / "edge")))
    parent = subprocess.Popen(
        [sys.executable, str(tmp_path / "parent.py"), str(tmp_path)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    wait_for(tmp_path / "pid")
    parent.kill()
    parent.wait(10)
    parent.stdout.read()  # held open by the process until its end
    wait_until(lambda: not is_alive(pid))


def wait_for(path: Path) -> None:
    """Until somebody has written it."""
    wait_until(lambda: path.is_file() and path.stat().st_size > 0)


def wait_until(is_so: Callable[[], bool]) -> None:
    """At most for half a minute."""
    last = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < last
        os.sched_yield()


def is_alive(pid: int) -> bool:
    """A process that nobody has buried counts as gone."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")
