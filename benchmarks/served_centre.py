"""A served centre in a process of its own, for benchmarks: everything as ``tocsin serve`` has it, on the real roads of the demo city.

    python served_centre.py FOLDER [--in-memory] [--sessions N] [--parts]

Says on its first line where it is (JSON: address, tokens of supervisors' sessions, process), then answers each line that it is sent with
its figures so far (JSON), until its input ends. ``--in-memory`` leaves out of the same server what makes an answer durable: SQLite's rows,
pages and log, fdatasync, and the look-up of a key on disk. What a line costs before that stays in: encoding, hash chain, folding.
``--parts`` counts the CPU time of the steps of an answer as well.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from importlib.resources import as_file, files
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any, Final

import tocsin.clocks.desk as desk_module
import tocsin.web.hub as hub_module
from tocsin.clocks.live import WallClock
from tocsin.core import kernel
from tocsin.edge.accounts import open_or_create_accounts
from tocsin.edge.demo_folder import copy_centre
from tocsin.edge.duty_roll import DutyRoll
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_memory import MemoryJournal
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.vault_file import FileVault
from tocsin.views.situation import Change
from tocsin.views.situation_rows import Rows
from tocsin.web.access import Gate, cookie_of, csrf_of
from tocsin.wiring import around, serve, serving
from tocsin.wiring.roads import make_region

FILES: Final = 20_000
"""Open files: a socket for each client."""


def many_files() -> None:
    """As many as this machine lets us, up to ``FILES``."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


def make_centre(folder: Path, *, further_units: int = 0) -> None:
    """The demo's centre and region; ``further_units`` engines are shared out among its stations."""
    data = files("tocsin").joinpath("data").joinpath("coquimbo")
    folder.mkdir(parents=True, exist_ok=True)
    copy_centre(data.joinpath("centre"), folder)
    with as_file(data.joinpath("streets.geojson.gz")) as streets:
        make_region(streets, folder / "coquimbo.region", mapping=None, name="coquimbo", progress=lambda *_: None)
    add_units(folder, further_units)


def add_units(folder: Path, further_units: int) -> None:
    """Engines, in turn at every station."""
    stations = [line.partition(",")[0] for line in (folder / "stations.csv").read_text("utf-8").splitlines()[1:]]
    with (folder / "units.csv").open("a", encoding="utf-8") as units:
        units.writelines(f"X{nth:03d},engine,pump,{stations[nth % len(stations)]},,fire\n" for nth in range(further_units))


class InMemory(MemoryJournal):
    """In the place of the file."""

    @classmethod
    def open_or_create(cls, _: Path) -> "InMemory":
        """Empty."""
        return cls()


class Noted:
    """Moments of changes, by position: when they were durable, and when their bytes were made."""

    def __init__(self) -> None:
        self.durable: dict[int, float] = {}
        self.framed: dict[int, float] = {}

    def listen(self, hub: hub_module.Hub) -> None:
        """Put between the hub and whoever speaks with it."""
        tell, make = hub.tell, hub_module.change_frame

        def told(change: Change) -> None:
            self.durable[change.pos] = perf_counter()
            tell(change)

        def made(change: Change) -> bytes:
            self.framed.setdefault(change.pos, perf_counter())
            return make(change)

        vars(hub)["tell"] = told
        vars(hub_module)["change_frame"] = made


class Spent:
    """CPU seconds by step, without those of the steps inside."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside = threading.local()

    def count(self, owner: Any, name: str, step: str) -> None:
        """From now on this function's CPU time is counted."""
        do: Callable[..., Any] = getattr(owner, name)

        def counted(*given: Any, **named: Any) -> Any:
            outer, self._inside.seconds = getattr(self._inside, "seconds", 0.0), 0.0
            started = thread_time()
            try:
                return do(*given, **named)
            finally:
                spent = thread_time() - started
                self.seconds[step] += spent - self._inside.seconds
                self._inside.seconds = outer + spent

        setattr(owner, name, counted)

    def count_all(self) -> None:
        """The steps of the desk and of the server."""
        self.count(Gate, "admit", "admit")  # begins a coroutine only: what is awaited counts as HTTP
        for owner, name, step in (
            (SqliteJournal, "append", "append"),
            (SqliteJournal, "find_command", "known"),
            (FileVault, "seal", "seal"),
            (GatherRoads, "facts", "gather"),
            (kernel, "decide", "decide"),
            (kernel, "fold", "fold"),
            (desk_module, "encode", "encode"),
            (Rows, "change_of", "rows"),
            (DutyRoll, "hear", "roll"),
            (around, "next_due", "timers"),
            (around, "due", "timers"),
            (hub_module, "change_frame", "frames"),
        ):
            self.count(owner, name, step)


def figures(noted: Noted, spent: Spent, opened: serve.Opened) -> dict[str, Any]:
    """So far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
    return {
        "cpu_s": used.ru_utime + used.ru_stime,
        "resident_mb": pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "streams": len(opened.stand.parts.hub),
        "now": WallClock().now(),
        "pos": opened.stand.parts.journal.head().pos,
        "durable": list(noted.durable.items()),
        "framed": list(noted.framed.items()),
        "steps": dict(spent.seconds),
    }


def answer_lines(told: Callable[[], dict[str, Any]]) -> None:
    """Until nobody asks any more; then the process is over."""
    for _ in sys.stdin:
        print(json.dumps(told()), flush=True)
    os._exit(0)


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description="Serve a centre for a benchmark.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--journal", type=Path)
    parser.add_argument("--in-memory", action="store_true")
    parser.add_argument("--sessions", type=int, default=1)
    parser.add_argument("--parts", action="store_true")
    given = parser.parse_args()
    many_files()
    spent, noted = Spent(), Noted()
    if given.parts:
        spent.count_all()
    if given.in_memory:
        vars(serve)["SqliteJournal"] = InMemory
    with ExitStack() as until:
        opened = serve.open_centre(
            given.folder,
            journal=given.journal,
            areas=[],
            progress=lambda *_: None,
            until=until,
            faults=lambda fault: print(fault, file=sys.stderr),
        )
        noted.listen(opened.stand.parts.hub)
        with closing(open_or_create_accounts(given.folder / "accounts.db")) as accounts:
            tokens = [accounts.start_session("supervisor", WallClock().now()) for _ in range(given.sessions)]

        def ready(address: str) -> None:
            print(
                json.dumps(
                    {
                        "address": address,
                        "sessions": [(token, csrf_of(token)) for token in tokens],
                        "pid": os.getpid(),
                        "cookie": cookie_of(opened.stand.parts.journal.journal_id),
                    }
                ),
                flush=True,
            )
            threading.Thread(target=answer_lines, args=(lambda: figures(noted, spent, opened),), daemon=True).start()

        asyncio.run(serving.serve(opened.stand, serving.Address(port=0), ready))


if __name__ == "__main__":
    main()
