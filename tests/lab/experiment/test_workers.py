"""Jobs are done, each once, whoever does them and whoever dies of them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from distributed import LocalCluster
from worked import Numbers, added, added_or_killed, always_killed, refused

from tocsin.base.faults import BadInput, Broken
from tocsin.edge import workers_dask
from tocsin.edge.workers_dask import DaskCluster
from tocsin.edge.workers_process import Processes
from tocsin.lab.experiment.executor import InProcess

WANTED = [(job, 100 + job) for job in range(20)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None) as made:
        yield made.scheduler_address


def test_in_process_does_them_in_order() -> None:
    assert list(InProcess().each(added, Numbers(100, Path()), range(20))) == WANTED


def test_processes_do_each_once() -> None:
    assert sorted(Processes(2).each(added, Numbers(100, Path()), range(20))) == WANTED


def test_a_killed_process_loses_nothing(tmp_path: Path) -> None:
    ground = Numbers(100, tmp_path / "killed")
    assert sorted(Processes(2).each(added_or_killed, ground, range(20))) == WANTED
    assert ground.killed.exists()


ALONE = """
import multiprocessing, sys, threading
from pathlib import Path
from worked import Numbers, added, added_or_killed
from tocsin.edge import workers_process
from tocsin.edge.workers_process import Processes

if __name__ == "__main__":
    ready, ways, get_context = [], [], multiprocessing.get_context
    workers_process.multiprocessing.get_context = lambda way: ways.append(way) or get_context(way)
    ground = Numbers(100, Path(sys.argv[1]))
    done = [sorted(Processes(2, ready.append).each(added_or_killed, ground, range(20)))]
    enough = threading.Event()
    threading.Thread(target=enough.wait).start()
    done.append(sorted(Processes(2, ready.append).each(added, ground, range(20))))
    enough.set()
    print(ways, [one == [(job, 100 + job) for job in range(20)] for one in done], len(ready))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
def test_who_is_alone_forks_and_who_has_threads_does_not(tmp_path: Path) -> None:
    """A killed process is replaced by another way of the same kind; what is made ready is made where it is of use."""
    (tmp_path / "alone.py").write_text(ALONE, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "alone.py", str(tmp_path / "killed")],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(Path(__file__).parent)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.stdout == "['fork', 'fork', 'spawn'] [True, True] 1\n", told.stderr


def test_work_that_kills_every_process_is_given_up() -> None:
    came = []
    with pytest.raises(Broken) as told:
        for one in Processes(2).each(always_killed, Numbers(100, Path()), range(6)):
            came.append(one)
    assert told.value.code == "workers_lost"
    assert len(came) == len(dict(came)) <= 5
    assert 3 not in dict(came)


def test_what_work_raises_is_raised_here() -> None:
    with pytest.raises(LookupError, match="100"):
        list(Processes(1).each(refused, Numbers(100, Path()), range(8)))


def test_closing_cancels_what_has_not_begun() -> None:
    each = Processes(1).each(added, Numbers(100, Path()), range(1000))
    assert list(islice(each, 2)) == WANTED[:2]
    each.close()
    assert list(each) == []


def test_a_cluster_does_each_once(cluster: str) -> None:
    executor = DaskCluster(cluster)
    assert executor.workers == 2
    assert sorted(executor.each(added, Numbers(100, Path()), range(20))) == WANTED


def test_what_work_raises_on_a_cluster_is_raised_here(cluster: str) -> None:
    with pytest.raises(LookupError, match="100"):
        list(DaskCluster(cluster).each(refused, Numbers(100, Path()), range(8)))


def test_a_killed_worker_of_a_cluster_loses_nothing(cluster: str, tmp_path: Path) -> None:
    ground = Numbers(100, tmp_path / "killed")
    assert sorted(DaskCluster(cluster).each(added_or_killed, ground, range(20))) == WANTED
    assert ground.killed.exists()


def test_a_cluster_that_is_not_there_is_told() -> None:
    with pytest.raises(BadInput) as told:
        DaskCluster("nowhere")
    assert told.value.code == "cluster_unreachable"


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(BadInput) as told:
        DaskCluster("127.0.0.1:8786")
    assert told.value.code == "cluster_missing"
    assert workers_dask.MOST_LOST == 3
