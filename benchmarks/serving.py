"""The served desk: what an answer that is durable costs, what a new incident costs, and what it costs to tell it to hundreds of screens.

Everything is the real server in a process of its own (``served_centre.py``: uvicorn, session, CSRF, the centre of the demo city on its real
roads); clients are raw sockets in this one. Costs are CPU time of the server's process alone: neighbours on the machine move them
little. Rounds take turns, best counts.

``durable`` is a report of status answered from SQLite, against the same server with its journal in memory. That leaves out SQLite's
rows and log, fdatasync, and looking a key up on disk; it keeps HTTP, session, the desk, encoding, the hash chain and the rows for screens.

``incident`` is ``POST /api/calls`` with place and type: the call is taken, the incident opened, units are recommended, all in two answers
of the desk. TicketsCAD's 10.6 ms are from the design note (its server measured there; not measured here).

``fanout`` is what 500 screens add to the CPU time of a server that answers 50 reports a second, by delivery, against
``transport.write`` of the same bytes at the same pace to 500 sockets (``plain_write.py``). Its lag is from making the bytes (writing them,
in the plain one) to the arrival at each screen. ``event_20`` is from the durable append to each of 20 screens, with the rest between
two flushes in it.
"""

import asyncio
import base64
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import count, product
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import numpy as np

from served_centre import add_units, make_centre, many_files
from serving_load import MOST_OF_SESSION, PATIENCE_S, Caller, Process, Screen, call, listen, never_read, post, report, status
from tocsin.roads.region_file import open_region

ROOT = Path(__file__).resolve().parents[1]
ROUNDS: Final = 5
ASKED: Final = {1: 300, 64: 1_500}
INCIDENTS, INCIDENT_ROUNDS = 30, 4
FURTHER_UNITS: Final = 478
SCREENS, FEW, SLOW = 500, 20, 1_000
PER_S, FANOUT_S, FANOUT_ROUNDS = 50.0, 3.0, 3
SLOW_S: Final = 20.0
"""Long enough that the buffers of those who never read are full and they are let go."""
TICKETSCAD_MS: Final = 10.6
TYPES: Final = (("structure-fire", "red"), ("crash", "yellow"), ("cardiac", "red"), ("sick", "green"))

GATES = {
    "durable_cpu_per_memory": ("at_most", 2.5),
    "fanout_500_cpu_per_write": ("at_most", 2.5),
    "slow_lag_p99_per_readers": ("at_most", 3.0),
}

_keys = count()


def key() -> str:
    """Of a question: never the same twice."""
    return f"bench-{next(_keys):08d}"


def at(values_s: Sequence[float], percent: int) -> float:
    """A percentile, in milliseconds."""
    return (median(values_s) if percent == 50 else quantiles(values_s, n=100)[percent - 1]) * 1e3


# ---- a question and its answer


async def ask_in_turn(process: Process, callers: Sequence[Caller], asked: int) -> tuple[list[float], float]:
    """So many reports over these connections, each as soon as the one before is answered: seconds of each, and of all."""
    waited_s: list[float] = []

    async def one(caller: Caller, nth: int) -> None:
        for turn in range(asked // len(callers)):
            request, started = status(process, key(), is_home=turn % 2 == 0, unit=f"E{nth % 8 + 1}1"), perf_counter()
            await caller.ask(request)
            waited_s.append(perf_counter() - started)

    started = perf_counter()
    await asyncio.gather(*(one(caller, nth) for nth, caller in enumerate(callers)))
    return waited_s, perf_counter() - started


async def answers(durable: Process, memory: Process) -> dict[str, float]:
    """Both servers in turn, over one connection and over 64."""
    seen: dict[str, list[float]] = {}
    sides = {"durable": durable, "memory": memory}
    for _ in range(ROUNDS):
        for name, many in product(sides, ASKED):
            connections = [await call(sides[name]) for _ in range(many)]
            before = sides[name].ask()["cpu_s"]
            waited_s, all_s = await ask_in_turn(sides[name], connections, ASKED[many])
            spent_us = (sides[name].ask()["cpu_s"] - before) / len(waited_s) * 1e6
            hang_up_all(connections)
            label = f"{name}_{many}"
            for figure, value in (
                (f"{label}_cpu_us", spent_us), (f"{label}_p50_ms", at(waited_s, 50)), (f"{label}_p99_ms", at(waited_s, 99)),
                (f"{label}_per_s", len(waited_s) / all_s),
            ):  # fmt: skip
                seen.setdefault(figure, []).append(value)
    best = {name: (max if name.endswith("per_s") else min)(values) for name, values in seen.items()}
    best["durable_cpu_per_memory"] = best["durable_1_cpu_us"] / best["memory_1_cpu_us"]
    best["durable_cpu_per_memory_64"] = best["durable_64_cpu_us"] / best["memory_64_cpu_us"]
    return best


# ---- a new incident


def calls(process: Process, places: Sequence[tuple[float, float]], now: int) -> Iterator[bytes]:
    """Calls with a place and a type, made up from a seed."""
    for nth, (lon, lat) in enumerate(places):
        kind, priority = TYPES[nth % len(TYPES)]
        place = {"at": [lon, lat], "text": "Avenida del Mar 1200"}
        told = {
            "id": key(),
            "arrived": now,
            "answered": now,
            "caller_number": "+56 51 255 5012",
            "words": "Smoke from the roof",
            "place": place,
        }
        yield post(process, "/api/calls", {**told, "incident_type": kind, "priority": priority})


def places_of(region: Path, many: int) -> list[tuple[float, float]]:
    """Where streets meet, drawn from a seed."""
    roads, dice = open_region(region), np.random.default_rng(4)
    return [(at.lon, at.lat) for at in (roads.node_place(int(node)) for node in dice.integers(0, roads.nodes, many))]


async def incidents(process: Process, region: Path) -> tuple[float, float, dict[str, float]]:
    """CPU milliseconds and p50 of one, best round; and of its steps, where they are counted. Ended ones are cancelled between rounds."""
    caller, best_ms, best_p50_ms = await call(process), float("inf"), float("inf")
    steps: Counter[str] = Counter()
    for turn in range(INCIDENT_ROUNDS):
        now = int(process.ask()["now"])
        asked = list(calls(process, places_of(region, INCIDENTS * INCIDENT_ROUNDS)[turn * INCIDENTS : (turn + 1) * INCIDENTS], now))
        before, waited_s, opened = process.ask(), [], []
        for request in asked:
            started = perf_counter()
            opened.append(await caller.ask(request))
            waited_s.append(perf_counter() - started)
        after = process.ask()
        if turn:  # the first meets a cold cache
            best_ms = min(best_ms, (after["cpu_s"] - before["cpu_s"]) / INCIDENTS * 1e3)
            best_p50_ms = min(best_p50_ms, at(waited_s, 50))
            steps += Counter({name: seconds - before["steps"].get(name, 0.0) for name, seconds in after["steps"].items()})
            steps["all"] += after["cpu_s"] - before["cpu_s"]
        for body in opened:
            name = body.partition(b'"incident":"')[2].partition(b'"')[0].decode()
            await caller.ask(post(process, "/api/commands", {"id": key(), "command": {"type": "CancelIncident", "incident": name}}))
    each = {name: seconds / INCIDENTS / (INCIDENT_ROUNDS - 1) * 1e3 for name, seconds in steps.items()}
    return best_ms, best_p50_ms, each


def new_incidents(folder: Path) -> dict[str, float]:
    """With the demo's 22 units and with 500."""
    found: dict[str, float] = {}
    for units, words in ((22, ()), (22, ("--parts",)), (500, ()), (500, ("--parts",))):
        if units == 500 and not words:
            add_units(folder, FURTHER_UNITS)
        journal = f"--journal={folder / f'{units}{len(words)}.journal'}"
        with Process("served_centre.py", str(folder), journal, *words) as process:
            spent_ms, p50_ms, steps = asyncio.run(incidents(process, folder / "coquimbo.region"))
        if words:
            counted = sum(value for name, value in steps.items() if name != "all")
            found |= {f"incident_{units}_of_it_{name}_ms": value for name, value in sorted(steps.items()) if name != "all"}
            found[f"incident_{units}_of_it_http_and_waking_ms"] = steps["all"] - counted
        else:
            found[f"incident_{units}_cpu_ms"], found[f"incident_{units}_p50_ms"] = spent_ms, p50_ms
            found[f"incident_{units}_cpu_per_ticketscad"] = spent_ms / TICKETSCAD_MS
    return found


# ---- telling it to screens


def lags_s(seen: Iterable[Screen], moments: Sequence[tuple[int, float]]) -> list[float]:
    """Seconds from a moment of each position to its arrival at each screen."""
    since = dict(moments)
    return [then - since[pos] for screen in seen for pos, then in screen.seen if pos in since]


def event_lags_s(seen: Iterable[Screen], durable: Sequence[tuple[int, float]]) -> list[float]:
    """Seconds from each durable answer to the first bytes at each screen that hold it."""
    moments = sorted(durable)
    lags = []
    for screen in seen:
        told = iter(moments)
        pos, since = next(told, (None, 0.0))
        for reached, then in screen.seen:
            while pos is not None and pos <= reached:
                lags.append(then - since)
                pos, since = next(told, (None, 0.0))
    return lags


class Told:
    """One round of a server that tells screens."""

    def __init__(self, before: dict[str, Any], after: dict[str, Any], screens: Sequence[Screen]) -> None:
        self.cpu_s: float = after["cpu_s"] - before["cpu_s"]
        known = {pos for pos, _ in before["durable"]}
        self.event_s = event_lags_s(screens, [one for one in after["durable"] if one[0] not in known])
        self.lag_s = lags_s(screens, after["framed"])
        self.deliveries = screens[0].events() * len(screens) if screens else 0
        self.kept = list(screens[0].kept) if screens else []


async def tell(process: Process, screens: Sequence[Screen], lasts_s: float = FANOUT_S) -> Told:
    """Reports at 50 a second, and what that cost."""
    for screen in screens:
        screen.forget()
    callers = [await call(process) for _ in range(4)]  # the server lets go of connections that were quiet for 5 s
    before = process.ask()
    await report(process, callers, key(), per_s=PER_S, lasts_s=lasts_s)
    await asyncio.sleep(0.5)  # the last flush, and who is behind
    hang_up_all(callers)
    return Told(before, process.ask(), screens)


async def write_plain(process: Process, screens: Sequence[Screen], kept: Sequence[tuple[float, bytes]]) -> tuple[float, list[float]]:
    """The same bytes at the same pace: CPU seconds and lags."""
    for screen in screens:
        screen.forget()
    begun = kept[0][0]
    frames = [(then - begun, base64.b64encode(data).decode()) for then, data in kept]
    told = await asyncio.to_thread(process.ask, frames)
    await asyncio.sleep(0.5)
    if told["streams"] != len(screens):
        raise AssertionError(told["streams"])
    return told["cpu_s"], lags_s(screens, told["framed"])


async def fanout(process: Process, plain: Process) -> dict[str, float]:
    """20 screens, 500 screens and 500 plain sockets, in turn."""
    found, idle = {"memory_0_screens_mb": process.ask()["resident_mb"]}, []
    seen: dict[str, list[float]] = {}
    few = await listen(process, FEW)
    for _ in range(FANOUT_ROUNDS):
        told = await tell(process, few)
        note(
            seen,
            {"event_20_p50_ms": at(told.event_s, 50), "event_20_p95_ms": at(told.event_s, 95), "event_20_p99_ms": at(told.event_s, 99)},
        )
    await hang_up(process, few)
    sockets = await listen(plain, SCREENS, is_plain=True)
    for _ in range(FANOUT_ROUNDS):
        idle.append((await tell(process, [])).cpu_s)
        many = await listen(process, SCREENS)
        told = await tell(process, many)
        found["memory_500_screens_mb"] = process.ask()["resident_mb"]
        await hang_up(process, many)
        plain_s, plain_lag_s = await write_plain(plain, sockets, told.kept)
        note(seen, {
            "cpu": told.cpu_s / told.deliveries, "idle": idle[-1] / told.deliveries, "plain": plain_s / told.deliveries,
            "event_500_p50_ms": at(told.event_s, 50), "event_500_p99_ms": at(told.event_s, 99),
            "fanout_500_lag_p50_ms": at(told.lag_s, 50), "fanout_500_lag_p99_ms": at(told.lag_s, 99),
            "plain_500_lag_p50_ms": at(plain_lag_s, 50), "plain_500_lag_p99_ms": at(plain_lag_s, 99),
            "fanout_500_busy_share": told.cpu_s / FANOUT_S, "fanout_500_flushes_per_s": told.deliveries / SCREENS / FANOUT_S,
        })  # fmt: skip
    hang_up_all(sockets)
    best = {name: min(values) for name, values in seen.items()}
    whole, without, plain_each = (best.pop(name) for name in ("cpu", "idle", "plain"))
    return found | best | {
        "fanout_500_delivery_us": (whole - without) * 1e6,
        "plain_500_delivery_us": plain_each * 1e6,
        "fanout_500_cpu_per_write": (whole - without) / plain_each,
        "fanout_500_cpu_per_write_with_answers": whole / plain_each,
        "fanout_500_lag_p99_per_write": best["fanout_500_lag_p99_ms"] / best["plain_500_lag_p99_ms"],
        "memory_screen_kb": (found["memory_500_screens_mb"] - found["memory_0_screens_mb"]) / SCREENS * 1e3,
    }  # fmt: skip


def note(seen: dict[str, list[float]], figures: dict[str, float]) -> None:
    """Of one round."""
    for name, value in figures.items():
        seen.setdefault(name, []).append(value)


def hang_up_all(those: Iterable[Screen | Caller]) -> None:
    """All of them."""
    for one in those:
        one.close()


async def hang_up(process: Process, screens: Sequence[Screen]) -> None:
    """And wait until the server has noticed."""
    hang_up_all(screens)
    await until_left(process, 0)


async def until_left(process: Process, streams: int) -> None:
    """Until the server holds no more than so many streams. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE_S):
        while process.ask()["streams"] > streams:
            await asyncio.sleep(0.1)


async def slow_clients(process: Process) -> dict[str, float]:
    """20 who read: alone, among 1,000 who read, and among 1,000 who never do. Whether one reads is not seen before its buffers are full."""
    few = await listen(process, FEW)
    alone = await tell(process, few, 5.0)
    reading = await listen(process, SLOW, first=FEW)
    among = await tell(process, few, 5.0)
    hang_up_all(reading)
    await until_left(process, FEW)
    before_mb, most_mb = process.ask()["resident_mb"], 0.0
    sockets = await asyncio.to_thread(never_read, process, FEW, SLOW)
    lags: list[float] = []
    for _ in range(5):
        told = await tell(process, few, SLOW_S / 5)
        lags += told.lag_s
        most_mb = max(most_mb, process.ask()["resident_mb"])
    left = process.ask()["streams"]
    for one in sockets:
        one.close()
    hang_up_all(few)
    return {
        "slow_lag_p99_alone_ms": at(alone.lag_s, 99), "slow_lag_p50_among_readers_ms": at(among.lag_s, 50),
        "slow_lag_p99_among_readers_ms": at(among.lag_s, 99), "slow_lag_p50_ms": at(lags, 50), "slow_lag_p99_ms": at(lags, 99),
        "slow_lag_p50_per_readers": at(lags, 50) / at(among.lag_s, 50), "slow_lag_p99_per_readers": at(lags, 99) / at(among.lag_s, 99),
        "slow_1000_more_mb": most_mb - before_mb, "slow_1000_most_mb": most_mb, "slow_left_at_end": left,
    }  # fmt: skip


def run() -> dict[str, float]:
    """All figures. Beside the project: a temporary folder may be memory."""
    many_files()
    found: dict[str, float] = {}
    with TemporaryDirectory(dir=ROOT, prefix=".bench-") as name, ExitStack() as until:
        folder = Path(name) / "centre"
        make_centre(folder)
        sessions = f"--sessions={(FEW + SLOW) // MOST_OF_SESSION + 1}"
        durable = until.enter_context(Process("served_centre.py", str(folder), sessions))
        memory = until.enter_context(Process("served_centre.py", str(folder), "--in-memory"))
        found |= asyncio.run(answers(durable, memory))
        found |= asyncio.run(fanout(durable, until.enter_context(Process("plain_write.py"))))
        found |= asyncio.run(slow_clients(durable))
        found |= new_incidents(folder)
    return found


if __name__ == "__main__":
    for name, value in run().items():
        print(f"{name:45} {value:12,.3f}")
