"""Every table of docs/dispatch-figures.md, from nothing: policies on two published cities and on cities that nobody could tune to.

    make bench-dispatch                     all of it, some minutes on two cores
    python benchmarks/dispatch_tables.py --shared ../shared --quick     fewer days, to see that it runs

Cities: Auckland and Manhattan as JEMSS publishes them (``../shared/data/jemss``), read as they are; and forty drawn from seeds: squares of
other sizes, with people in clusters, other numbers of stations and units, other targets, at the load that keeps units at work a third of
their time. Nothing is fitted to any of them. With ``--logs FOLDER`` the calls and outcomes of the first replication of each published city
and policy are written as CSV, so that others can check their own engine against ours call by call.
"""

import argparse
import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tocsin.core.engine.policies import POLICIES
from tocsin.edge.workers_process import Processes
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import HOURS_PER_WEEK, City, PriorityClass, Span
from tocsin.lab.city.square import spread, square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.executor import Executor, InProcess
from tocsin.lab.experiment.experiment import Experiment, compared, gather
from tocsin.lab.experiment.intervals import half_width, mean
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.experiment.tuning import Limits
from tocsin.lab.run import run as run_city
from tocsin.views.experiment_answer import CompareAnswer, Difference
from tocsin.wiring.cities import open_city
from tocsin.wiring.experiments import ExperimentAsked
from tocsin.wiring.tune import TuneAsked, TunedAnswer, tune

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "dispatch-figures.md"
PUBLISHED = ("auckland", "manhattan")
LOADS = (0.35, 0.6, 1.0)
NAMES = ("closest", "road-time", "preserve", "move-up", "default", "dmexclp")
CHOSEN_LOAD = 0.6
SEED = 1
DRAWN = 40


class Size(NamedTuple):
    """How much is run."""

    days: float
    replications: int
    drawn_days: float


WHOLE, QUICK = Size(150.0, 8, 60.0), Size(4.0, 3, 3.0)


def drawn_city(number: int) -> City:
    """A city from a seed: size, clusters, stations, units, care and targets are all drawn."""
    dice = np.random.default_rng(number)
    side = int(dice.integers(14, 31))
    stations = int(dice.integers(5, 15))
    units = stations + int(dice.integers(0, stations // 2 + 1))
    hospitals = int(dice.integers(1, 5))
    urgent = float(dice.uniform(0.3, 0.8))
    scene_ms, handover_ms = int(dice.integers(8, 25)) * 60_000, int(dice.integers(5, 25)) * 60_000
    work_h = (scene_ms + 0.7 * (handover_ms + side * 13_000)) / 3_600_000 + side * 0.4 * 30_000 / 3_600_000
    per_hour = units * 0.33 / work_h
    city = square_city(side, units, stations=stations, hospitals=hospitals)
    x, y = np.arange(side * side) % side, np.arange(side * side) // side
    weights = np.full(side * side, 0.15 / (side * side))
    for _ in range(int(dice.integers(1, 6))):
        cx, cy, width, share = dice.uniform(0, side), dice.uniform(0, side), dice.uniform(1.5, side / 3), dice.uniform(0.3, 1.0)
        bump = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
        weights += share * bump / bump.sum()
    sites = [int(np.clip(site + dice.integers(-2, 3) + side * dice.integers(-2, 3), 0, side * side - 1)) for site in spread(side, stations)]
    shares = (urgent, 1 - urgent)
    kinds = tuple(
        kind.__class__(
            kind.name,
            kind.priority,
            (per_hour * share,) * HOURS_PER_WEEK,
            on_scene=Span(scene_ms, "exponential"),
            transport_ppm=700_000,
            handover=Span(handover_ms, "exponential"),
        )
        for kind, share in zip(city.kinds, shares, strict=True)
    )
    steps = np.abs(x[:, None] - x[sites]) + np.abs(y[:, None] - y[sites])
    target_ms = int(np.quantile(np.repeat(steps.min(axis=1), np.maximum(1, (weights * 1e4).astype(int))), 0.85)) * 30_000 + 150_000
    return sealed(
        city._replace(
            name=f"drawn-{number:02d}",
            place_weights=(weights / weights.sum())[None, :],
            place_area=np.argmin(steps, axis=1).astype(np.int16),
            stations=tuple(station.__class__(station.name, site) for station, site in zip(city.stations, sites, strict=True)),
            kinds=kinds,
            priorities=(PriorityClass("urgent", target_ms), PriorityClass("other", max(1_200_000, 2 * target_ms), is_urgent=False)),
        )
    )


class Bench:
    """Runs comparisons and writes the page."""

    def __init__(self, shared: Path, size: Size, workers: int) -> None:
        self.shared, self.size = shared, size
        self.executor: Executor = Processes(workers) if workers > 1 else InProcess()
        self.lines: list[str] = []

    def compare(self, city: City, names: Sequence[str], load: float, days: float, seed: int = SEED) -> CompareAnswer:
        """The first name is the base."""
        arms = tuple(Arm(name, city.digest, POLICIES[name]) for name in names)
        one = Experiment(arms, days, load, seed, self.size.replications, 1.0, 1.0)
        ground = Ground({city.digest: city}, {city.digest: cover_model(city)})
        return compared(one, ground, gather(one, ground, self.executor, lambda _done, _of: None))

    def say(self, *lines: str) -> None:
        """Into the page, and to whoever waits."""
        self.lines += lines
        print(*lines, sep="\n", flush=True)

    def table(self, head: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
        """As Markdown."""
        self.say("| " + " | ".join(head) + " |", "|" + "---|" * len(head))
        for row in rows:
            self.say("| " + " | ".join(row) + " |")
        self.say("")


def whole(one: Difference, scale: float = 1.0, places: int = 1) -> str:
    """``−3.4 ± 0.2``, or that nothing is shown."""
    if one.half_width is None or not one.is_shown:
        return f"none shown ({one.mean * scale:+.{places}f})".replace("-", "−")
    return f"{one.mean * scale:+.{places}f} ± {one.half_width * scale:.{places}f}".replace("-", "−")


def relative(one: Difference) -> str:
    """In per cent of the base."""
    if one.relative is None or one.relative_half_width is None:
        return "–"
    text = f"{one.relative * 100:+.1f} ± {one.relative_half_width * 100:.1f} %".replace("-", "−")
    return text if one.is_shown else f"none shown ({one.relative * 100:+.1f} %)".replace("-", "−")


def policy_rows(bench: Bench, name: str, load: float) -> Iterator[Sequence[str]]:
    """Each policy against the first."""
    city = open_city(bench.shared / "data" / "jemss" / name)
    answer = bench.compare(city, NAMES, load, bench.size.days)
    base = answer.policies[NAMES[0]]
    yield (
        f"{name}, {load:g}", NAMES[0], f"{(base.high.late_share or 0) * 100:.1f} %", f"{(base.avoidable_late_share or 0) * 100:.1f} %",
        "", f"{base.high.mean_s or 0:.0f} s", "", f"{base.return_min_per_call or 0:.1f} min", "",
    )  # fmt: skip
    for one in answer.differences:
        seen, told = one.measures, answer.policies[one.policy]
        yield (
            "", one.policy, f"{(told.high.late_share or 0) * 100:.1f} %", f"{(told.avoidable_late_share or 0) * 100:.1f} %",
            relative(seen["high_avoidable_late_share"]), f"{whole(seen['high_mean_s'])} s",
            f"{whole(seen['low_mean_s'])} s" if "low_mean_s" in seen else "–", f"{whole(seen['return_min_per_call'])} min",
            str(len(one.fairness.worse)),
        )  # fmt: skip


def policies(bench: Bench) -> None:
    """Every policy, both cities, three loads."""
    bench.say("## Policies on published cities", "", told_of(bench.size), "")
    head = (
        "City, load",
        "Policy",
        "High late",
        "Avoidably",
        "Change of it",
        "High mean",
        "Low mean",
        "Return driving per call",
        "Areas ≥ ½ pt worse",
    )
    for name in PUBLISHED:
        for load in LOADS:
            bench.table(head, policy_rows(bench, name, load))


def told_of(size: Size) -> str:
    """What every table was made with."""
    return (
        f"{size.replications} pairs of {size.days:g} days with the same calls, first day not counted, seed {SEED}; ± is half of a 95 % "
        "interval. Changes are against `closest` (nearest by road, nobody diverted, everybody goes home). `road-time` diverts as the "
        "city's own rules allow; what lies between it and `default` is what cover alone is worth."
    )


def tuned(bench: Bench, name: str, limits: Limits) -> TunedAnswer:
    """Limits for one city."""
    wish = ExperimentAsked(
        bench.shared / "data" / "jemss" / name, ("closest", "default"), bench.size.days, CHOSEN_LOAD, SEED, bench.size.replications,
        1, None, limits.guard_points,
    )  # fmt: skip
    return tune(TuneAsked(wish, limits, None, "en"), progress=lambda _done, _of, _stage: None)


def limits_rows(bench: Bench) -> Iterator[Sequence[str]]:
    """What stays under a guard, a cap on driving, and both."""
    for name in PUBLISHED:
        for text, limits in (("guard 1 point", Limits(1.0, None)), ("driving +25 %", Limits(None, 0.25)), ("both", Limits(1.0, 0.25))):
            answer = tuned(bench, name, limits).answer
            last = answer.judged.differences[-1]
            worst = max(one.mean for one in last.fairness.areas.values())
            driving = last.measures["return_min_per_call"].relative or 0.0
            yield (
                name, text, "–" if answer.kept is None else f"{answer.kept * 100:.0f} %",
                relative(last.measures["high_avoidable_late_share"]),
                f"{worst * 100:+.1f}".replace("-", "−"), f"{driving * 100:+.0f} %".replace("-", "−"), "yes" if answer.holds else "no",
            )  # fmt: skip


def limits(bench: Bench) -> None:
    """The guard and the cap."""
    bench.say(
        "## What stays under limits", "",
        f"`tocsin tune`, load {CHOSEN_LOAD:g}. Settings are found on other calls than those that judge them here.", "",
    )  # fmt: skip
    head = ("City", "Limit", "Gain that stays", "Avoidably late", "Worst area, points", "Return driving", "Held where it was tuned")
    bench.table(head, limits_rows(bench))


def drawn(bench: Bench) -> None:
    """Cities from seeds."""
    changes, means, worse, rows = [], [], 0, []
    for number in range(1, DRAWN + 1):
        city = drawn_city(number)
        answer = bench.compare(city, ("closest", "default"), 1.0, bench.size.drawn_days)
        base, one = answer.policies["closest"], answer.differences[0].measures
        avoidable = one["high_avoidable_late_share"]
        changes.append(100 * (avoidable.relative or 0.0))
        means.append(one["high_mean_s"].mean)
        worse += avoidable.is_shown and avoidable.mean > 0
        rows.append(
            (
                city.name, f"{len(city.units)} / {len(city.stations)}", f"{base.utilisation * 100:.0f} %",
                f"{(base.avoidable_late_share or 0) * 100:.1f} %", relative(avoidable), f"{whole(one['high_mean_s'])} s",
            )
        )  # fmt: skip
    bench.say(
        "## Cities that nobody could tune to", "",
        f"Cities drawn from seeds 1 to {DRAWN} (`drawn_city` in `benchmarks/dispatch_tables.py`), {bench.size.replications} pairs of "
        f"{bench.size.drawn_days:g} days each, `default` against `closest`. Units stand spread over the "
        "stations, in no way optimised, which leaves more to gain than in the published cities, whose deployment was searched for. "
        "Avoidably late high calls: mean change over cities "
        f"{mean(changes):+.1f} ± {half_width(changes) or 0:.1f} %, middle {float(np.median(changes)):+.1f} %, best {min(changes):+.1f} %, "
        f"worst {max(changes):+.1f} %; shown to be worse in {worse} of {DRAWN}. High mean response: {mean(means):+.1f} ± "
        f"{half_width(means) or 0:.1f} s, higher in {sum(one > 0 for one in means)} of {DRAWN}.".replace("-", "−"),
        "",
    )  # fmt: skip
    bench.table(("City", "Units / stations", "At work", "Avoidably late", "Change", "High mean"), iter(rows))


def write_logs(bench: Bench, folder: Path) -> None:
    """Calls and outcomes of replication 1, as CSV: for whoever checks another engine against this one."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in PUBLISHED:
        city = open_city(bench.shared / "data" / "jemss" / name)
        calls = draw_calls(city, seed=SEED, replication=1, days=bench.size.days, load=CHOSEN_LOAD)
        for policy in NAMES:
            outcome = run_city(city, calls, POLICIES[policy], cover=cover_model(city))
            with (folder / f"{name}-{policy}.csv").open("w", newline="", encoding="utf-8") as file:
                rows = csv.writer(file)
                rows.writerow(("call", "at_ms", "ready_ms", "priority", "lon", "lat", "first_unit", "on_scene_ms"))
                for call in range(calls.size):
                    place = int(calls.place[call])
                    unit = int(outcome.first_unit[call])
                    rows.writerow(
                        (
                            call, int(calls.at_ms[call]), int(calls.ready_ms[call]), city.priorities[int(calls.priority[call])].name,
                            round(float(city.place_lon[place]), 6), round(float(city.place_lat[place]), 6),
                            city.units[unit].name if unit >= 0 else "", int(outcome.on_scene_ms[call]),
                        )
                    )  # fmt: skip
        print(f"logs of {name} in {folder}", flush=True)


HEAD = (
    "# Dispatch policies in figures",
    "",
    "Written by `make bench-dispatch`; not to be edited. What the words mean: [lab.md](lab.md). Cities: Auckland and Manhattan of JEMSS.jl "
    "(models Apache-2.0, © Samuel Ridler and contributors; roads © OpenStreetMap contributors, ODbL 1.0; Auckland's population: Census "
    "2013 by way of koordinates.com, CC BY 3.0 NZ; Manhattan's: US Census 2000 by way of CUGIR). They are city-like, not the cities.",
    "",
)


def main() -> None:
    """All tables."""
    parser = argparse.ArgumentParser(description="Rebuild the tables of docs/dispatch-figures.md.")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TOCSIN_SHARED") or ROOT.parent / "shared"))
    parser.add_argument("--quick", action="store_true", help="few days; writes no page")
    parser.add_argument("--logs", type=Path, help="folder for calls and outcomes as CSV")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    bench = Bench(given.shared, QUICK if given.quick else WHOLE, given.workers)
    bench.say(*HEAD)
    policies(bench)
    limits(bench)
    drawn(bench)
    if given.logs is not None:
        write_logs(bench, given.logs)
    if not given.quick:
        PAGE.write_text("\n".join(bench.lines).rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main()
