"""``tocsin serve`` after a SIGKILL: from the start of the process to the first 200 of ``/health``, and to the first whole situation.

The demo city with a journal of 50,000 lines: reports of status, calls, cancelled incidents. Before each round an idle server is killed,
so that SQLite finds the log of a writer that did not close, and reads the file through as it must. ``cold_of_it`` are seconds of the same
start inside one process, step by step; ``imports`` is what Python takes to load the program before it does anything.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, TypeVar

from served_centre import make_centre
from tocsin.base.identifiers import CallId, CommandId, IncidentId, UnitId
from tocsin.base.instants import Instant, after
from tocsin.base.quantities import Millis
from tocsin.clocks.desk import Desk, fold_journal
from tocsin.clocks.live import WallClock
from tocsin.core.messages.call import TakeCall
from tocsin.core.messages.incident import CancelIncident, OpenIncident
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Ask, Command
from tocsin.core.messages.unit import STATUS, ReportUnitStatus
from tocsin.edge.accounts import open_or_create_accounts
from tocsin.edge.centre_folder import read_centre_folder
from tocsin.edge.gather_roads import GatherRoads
from tocsin.edge.journal_sqlite import SqliteJournal
from tocsin.edge.vault_file import open_or_create_vault
from tocsin.formats.centre import opening_commands
from tocsin.web.access import cookie_of
from tocsin.wiring.roads import open_roads
from tocsin.wiring.serve import ready_roads
from tocsin.wiring.serving import rows_ready

ROOT = Path(__file__).resolve().parents[1]
LINES: Final = 50_000
ROUNDS: Final = 4
STEP_MS: Final = Millis(900)
"""Between two questions: 50,000 lines are some five hours of a busy day."""
BATCH: Final = 500

T = TypeVar("T")


def questions(nth: int, at: Instant) -> list[Command]:
    """The nth handful: reports of eight units, and now and then a call that becomes an incident and is cancelled."""
    said: list[Command] = [ReportUnitStatus(UnitId(f"E{unit}1"), STATUS["on_radio" if nth % 2 else "at_station"]) for unit in range(1, 9)]
    if nth % 8 == 0:
        call, incident = CallId(f"bench-c{nth}"), IncidentId(f"bench-i{nth}")
        place = Place(at=None, text="Avenida del Mar 1200")
        said += [TakeCall(call, at, at, "voice"), OpenIncident(incident, "sick", "green", place, (call,)), CancelIncident(incident)]
    return said


def fill(folder: Path, now: Instant) -> None:
    """The journal, as a served desk would have written it."""
    centre = read_centre_folder(folder)
    with (
        closing(SqliteJournal.open_or_create(folder / "centre.journal")) as journal,
        closing(open_or_create_vault(folder / "centre.keys")) as vault,
    ):
        desk = Desk(journal, GatherRoads(open_roads(folder / "coquimbo.region")), vault)
        at = after(now, Millis(-6 * 3_600_000))
        asks = [Ask(CommandId(f"opening:{nth}"), "tocsin", at, one) for nth, one in enumerate(opening_commands(centre))]
        nth = 0
        while journal.head().pos < LINES:
            while len(asks) < BATCH:
                nth += 1
                at = after(at, STEP_MS)
                asks += [Ask(CommandId(f"b{nth}-{turn}"), "bench", at, one) for turn, one in enumerate(questions(nth, at))]
            desk.answer(asks, at)
            asks = []


def start(folder: Path) -> tuple["subprocess.Popen[str]", dict[str, float]]:
    """A server that is up, and what it took."""
    started = perf_counter()
    command = [sys.executable, "-m", "tocsin", "serve", str(folder), "--port=0", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    text = ""
    while "}" not in text and process.stdout is not None:
        text += process.stdout.readline()
    found = {"ready_s": perf_counter() - started}
    while text.count("{") > text.count("}") and process.stdout is not None:
        text += process.stdout.readline()
    told = json.loads(text)
    host = told["address"].removeprefix("http://").rstrip("/")
    with closing(open_or_create_accounts(folder / "accounts.db")) as accounts:
        token = accounts.start_session("supervisor", WallClock().now())
    with closing(http.client.HTTPConnection(host)) as client:
        get(client, "/health", "")
        found["health_s"] = perf_counter() - started
        get(client, "/api/situation", f"{cookie_of(told['journal'])}={token}")
        found["situation_s"] = perf_counter() - started
    usage = Path(f"/proc/{process.pid}/stat")
    if usage.exists():
        found["cpu_s"] = sum(int(one) for one in usage.read_text().rpartition(")")[2].split()[11:13]) / os.sysconf("SC_CLK_TCK")
    return process, found


def get(client: http.client.HTTPConnection, path: str, cookie: str) -> bytes:
    """Read it; anything else than 200 is a failure of the benchmark."""
    client.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    answer = client.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise AssertionError((path, answer.status, body[:200]))
    return body


def took(figures: dict[str, float], name: str, do: Callable[[], T]) -> T:
    """What it gives; how long it took is noted, the best of the rounds."""
    started = perf_counter()
    given = do()
    figures[name] = min(figures.get(name, float("inf")), perf_counter() - started)
    return given


def steps(folder: Path, figures: dict[str, float]) -> None:
    """The same start, step by step."""
    command = [sys.executable, "-c", "import tocsin.cli"]
    took(figures, "cold_of_it_imports_s", lambda: subprocess.run(command, check=True))
    centre = took(figures, "cold_of_it_centre_s", lambda: read_centre_folder(folder))
    took(figures, "cold_of_it_open_roads_s", lambda: open_roads(folder / "coquimbo.region"))
    took(figures, "cold_of_it_roads_s", lambda: ready_roads(folder, centre, lambda *_: None))
    with closing(took(figures, "cold_of_it_journal_s", lambda: SqliteJournal.open_or_create(folder / "centre.journal"))) as journal:
        board = took(figures, "cold_of_it_fold_s", lambda: fold_journal(journal))
        took(figures, "cold_of_it_rows_s", lambda: rows_ready(journal, board))


def run() -> dict[str, float]:
    """Best of the rounds. Beside the project: a temporary folder may be memory."""
    figures: dict[str, float] = {}
    with TemporaryDirectory(dir=ROOT, prefix=".bench-") as name:
        folder = Path(name) / "centre"
        make_centre(folder)
        fill(folder, WallClock().now())
        for turn in range(ROUNDS):
            process, found = start(folder)
            process.send_signal(signal.SIGKILL)
            process.wait()
            if turn:  # the first makes caches and accounts
                for one, seconds in found.items():
                    figures[f"cold_{one}"] = min(figures.get(f"cold_{one}", float("inf")), seconds)
            steps(folder, figures)
    return figures


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:40} {value:12,.3f}")
