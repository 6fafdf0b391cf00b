"""Durable appends to the journal against what the disk itself can do: a loop of write + fdatasync of the same bytes, in the same run.

1, 10 and 100 clients each store one line at a time and wait until it is on disk. They share one queue and one thread that writes:
whatever has queued while a transaction was on its way goes into the next (as in ``clocks/live.py``), with no timer. Disks differ and
so do their neighbours, so only ratios of the same run are held against gates (journal note, section 14); short rounds take turns, best
counts.

``append_100`` begins with an empty journal each round, as the note's figures did; ``held`` goes on in one that holds 100,000 lines, where
each line of a batch touches a page of its own in the index of subjects. Command ids begin with the time, as UUIDv7 (RFC 9562, 5.7) do, so
that neighbours in time are neighbours in the other index; ``scattered`` is ``held`` with ids in any order (UUIDv4).
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter

from tocsin.base.identifiers import CommandId, UnitId
from tocsin.base.instants import Instant
from tocsin.clocks.desk import MAX_BATCH
from tocsin.core.messages.line import Line, encode
from tocsin.core.messages.said import Record
from tocsin.core.messages.unit import STATUS, UnitStatusChanged
from tocsin.core.ports import Journal
from tocsin.edge.journal_sqlite import SqliteJournal

ROOT = Path(__file__).resolve().parents[1]
CLIENTS, ROUNDS, ROUND_S = (1, 10, 100), 10, 0.3
HELD_LINES = 100_000
LINES = {1: 4_000, 10: 1_600, 100: 300}
"""Lines of each client: more than a round takes, mostly."""
LINE_BYTES = 277

GATES = {
    "append_100_per_fdatasync": ("at_least", 8.0),
    "append_1_per_fdatasync": ("at_least", 0.4),
    "append_100_p99_per_fdatasync_p50": ("at_most", 50.0),
}

Queue = asyncio.Queue[tuple[Line, asyncio.Future[int]]]


def status_line(client: int, ver: int, *, is_scattered: bool = False) -> Line:
    """One status of one unit, of the size that the journal note measured with."""
    cmd = f"{ver:08d}-{client:03d}"
    says = UnitStatusChanged(UnitId(f"E{client:03d}"), STATUS["on_scene"], said="K2 in attendance, crew of four, hydrant found, ok")
    at = Instant(1_586_246_400_000 + ver)
    return encode(Record(f"unit:E{client:03d}", ver, at, Instant(at + 40), "radio", CommandId(cmd[::-1] if is_scattered else cmd), 1, says))


async def write(journal: Journal, queue: Queue) -> None:
    """Whatever has queued, in one transaction; then tell each client its position."""
    while True:
        batch = [await queue.get()]
        while len(batch) < MAX_BATCH and not queue.empty():
            batch.append(queue.get_nowait())
        before = journal.head().pos
        await asyncio.to_thread(journal.append, [line for line, _ in batch], expected=before)
        for pos, (_, told) in enumerate(batch, before + 1):
            told.set_result(pos)


async def store(lines: list[Line], queue: Queue, until_s: float) -> list[float]:
    """One line after the other, until they or the time are at an end; seconds that each took."""
    waited_s: list[float] = []
    for line in lines:
        asked = perf_counter()
        if asked >= until_s:
            break
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        queue.put_nowait((line, told))
        await told
        waited_s.append(perf_counter() - asked)
    return waited_s


class Shift:
    """A journal, and clients that go on writing to it."""

    def __init__(self, path: Path, clients: int, *, held_lines: int = 0, is_scattered: bool = False) -> None:
        self.clients, self.is_scattered, self.ver = clients, is_scattered, 0
        self.journal = SqliteJournal.create(path)
        for _ in range(held_lines // 1000):
            head = self.journal.head()
            self.journal.append([line for lines in self.next_lines(1000 // clients) for line in lines], expected=head.pos)

    def next_lines(self, each: int) -> list[list[Line]]:
        """So many further lines of each client. Encoded beforehand: the raw loop writes ready bytes as well."""
        vers = range(self.ver + 1, self.ver + each + 1)
        self.ver += each
        return [[status_line(client, ver, is_scattered=self.is_scattered) for ver in vers] for client in range(self.clients)]

    async def go_on(self) -> tuple[float, list[float]]:
        """One round: lines a second, and the seconds that each line took."""
        ready, queue, before = self.next_lines(LINES[self.clients]), Queue(), self.journal.head().pos
        writer = asyncio.create_task(write(self.journal, queue))
        started = perf_counter()
        waits = await asyncio.gather(*(store(lines, queue, started + ROUND_S) for lines in ready))
        spent_s = perf_counter() - started
        writer.cancel()
        waited_s = [one for each in waits for one in each]
        if self.journal.head().pos != before + len(waited_s):
            raise AssertionError(self.journal.head())
        return len(waited_s) / spent_s, waited_s


def fdatasyncs(path: Path) -> list[float]:
    """Seconds of each write + fdatasync of one line's bytes."""
    body, took_s = bytes(LINE_BYTES), []
    with path.open("ab", buffering=0) as file:
        until = perf_counter() + ROUND_S
        while (started := perf_counter()) < until:
            file.write(body)
            getattr(os, "fdatasync", os.fsync)(file.fileno())
            took_s.append(perf_counter() - started)
    return took_s


def rounds() -> Iterator[dict[str, float]]:
    """One round after the other, each with everything in it. Beside the project: a temporary folder may be memory."""
    with TemporaryDirectory(dir=ROOT, prefix=".bench-") as name, ExitStack() as held_open:
        held = {
            "100_held": Shift(Path(name) / "held", 100, held_lines=HELD_LINES),
            "100_scattered": Shift(Path(name) / "scattered", 100, held_lines=HELD_LINES, is_scattered=True),
        }
        for shift in held.values():
            held_open.callback(shift.journal.close)
        for nth in range(ROUNDS):
            raw_s = fdatasyncs(Path(name) / "raw")
            figures = {"fdatasync_per_s": len(raw_s) / sum(raw_s), "fdatasync_p50_ms": median(raw_s) * 1e3}
            fresh = {str(clients): Shift(Path(name) / f"{nth}-{clients}", clients) for clients in CLIENTS}
            for label, shift in (fresh | held).items():
                rate, waited_s = asyncio.run(shift.go_on())
                figures[f"append_{label}_per_s"] = rate
                figures[f"append_{label}_p99_ms"] = quantiles(waited_s, n=100)[-1] * 1e3
            for shift in fresh.values():
                shift.journal.close()
            yield figures


def run() -> dict[str, float]:
    """Best rates and waits of all rounds, and their ratios to the disk's own; ``median`` is that of the rounds' ratios."""
    seen = list(rounds())
    best = {name: (max if name.endswith("_per_s") else min)(one[name] for one in seen) for name in seen[0]}
    for label in ("1", "10", "100", "100_held", "100_scattered"):
        best[f"append_{label}_per_fdatasync"] = best[f"append_{label}_per_s"] / best["fdatasync_per_s"]
        best[f"append_{label}_per_fdatasync_median"] = median(one[f"append_{label}_per_s"] / one["fdatasync_per_s"] for one in seen)
    best["append_100_p99_per_fdatasync_p50"] = best["append_100_p99_ms"] / best["fdatasync_p50_ms"]
    best["append_line_bytes"] = float(len(status_line(1, 1).body))
    return best


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:40} {value:12,.3f}")
