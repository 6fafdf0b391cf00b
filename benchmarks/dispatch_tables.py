"""Every table of docs/dispatch-figures.md, from nothing: policies on two published cities and on cities that nobody could tune to.

    make bench-dispatch                     all of it, some minutes on two cores
    python benchmarks/dispatch_tables.py --shared ../shared --quick     fewer days, to see that it runs

Cities: Auckland and Manhattan as JEMSS publishes them (``../shared/data/jemss``), read as they are; and forty drawn from seeds: squares of
other sizes, with people in clusters, other numbers of stations and units, other targets, at the load that keeps units at work a third of
their time. Nothing is fitted to any of them. With ``--logs FOLDER`` the calls and outcomes of the first replication of each published city
and policy are written as CSV, so that others can check their own engine against ours call by call.
"""

import argparse
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dispatch_cities import drawn_city, write_logs
from dispatch_page import Page, change, command, number, relative, share, signed
from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.cover import cover_model
from tocsin.lab.draws import draw_calls
from tocsin.lab.experiment.experiment import Experiment, Rows, compared
from tocsin.lab.experiment.figures import Row
from tocsin.lab.experiment.intervals import half_width, mean
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.lab.experiment.tuning import Limits
from tocsin.views.experiment_answer import Against, CompareAnswer, InWorld
from tocsin.wiring.cities import open_city
from tocsin.wiring.compare import compare
from tocsin.wiring.experiments import ExperimentAsked, Opened, executor_of, open_experiment, perform, perform_by
from tocsin.wiring.tune import TuneAsked, tune

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "dispatch-figures.md"
PUBLISHED = ("auckland", "manhattan")
LOADS = (0.35, 0.6, 1.0)
BASES = ("closest", "road-time")
NAMES = (*BASES, "preserve", "move-up", "default", "dmexclp")
CHOSEN_LOAD = 0.6
GUARDS, CAPS = (0.5, 1.0, 2.0, 4.0), (0.0, 0.1, 0.25, 0.4)
SEED = 1
PAIRS = 8
DRAWN = 40
AVOIDABLE = "high_avoidable_late_share"


class Size(NamedTuple):
    """Days that are run, by table; the quick ones are for seeing that it runs."""

    days: float
    replications: int
    tuned_days: float
    ahead_days: float
    drawn_days: float


WHOLE, QUICK = Size(150.0, PAIRS, 60.0, 20.0, 60.0), Size(4.0, 3, 2.0, 1.5, 3.0)


class Both(NamedTuple):
    """The same rows against both bases."""

    closest: CompareAnswer
    road_time: CompareAnswer

    def against(self, policy: str) -> tuple[Against | None, Against | None]:
        """None for a base against itself."""
        return _of(self.closest, policy), _of(self.road_time, policy)


def _of(answer: CompareAnswer, policy: str) -> Against | None:
    return next((one for one in answer.differences if one.policy == policy), None)


class Bench:
    """Runs what the commands run, and writes the page."""

    def __init__(self, shared: Path, size: Size, workers: int) -> None:
        self.shared, self.size, self.workers, self.page = shared, size, workers, Page()
        self._seen: dict[tuple[str, float], Both] = {}

    def asked(self, name: str, policies: Sequence[str], load: float, days: float, guard_points: float | None = None) -> ExperimentAsked:
        """As ``tocsin compare`` asks."""
        folder = self.shared / "data" / "jemss" / name
        return ExperimentAsked(folder, tuple(policies), days, load, SEED, self.size.replications, self.workers, None, guard_points)

    def told(self, name: str, load: float) -> Both:
        """All policies on a published city, run once."""
        if (name, load) not in self._seen:
            asked = self.asked(name, NAMES, load, self.size.days)
            opened = open_experiment(asked, quiet)
            self._seen[name, load] = both(opened, perform(opened, asked, quiet).by_arm)
        return self._seen[name, load]

    def drawn(self, number: int) -> Both:
        """A drawn city at its own load."""
        city = drawn_city(number)
        arms = tuple(Arm(name, city.digest, POLICIES[name]) for name in (*BASES, "default"))
        one = Experiment(arms, self.size.drawn_days, 1.0, SEED, self.size.replications, 1.0)
        opened = Opened(city, one, Ground({city.digest: city}, {city.digest: cover_model(city)}))
        asked = ExperimentAsked(Path(city.name), (), workers=self.workers)
        return both(opened, perform_by(executor_of(opened, asked), opened, quiet).by_arm)


def quiet(_done: int, _of: int | None, _stage: str) -> None:
    """Progress that nobody is shown."""


def both(opened: Opened, by_arm: Sequence[tuple[Row, ...]]) -> Both:
    """The first two arms are the bases."""
    arms = opened.experiment.arms
    turned = opened.experiment._replace(arms=(arms[1], arms[0], *arms[2:]))
    return Both(
        compared(opened.experiment, opened.ground, Rows(tuple(by_arm), None)),
        compared(turned, opened.ground, Rows((by_arm[1], by_arm[0], *by_arm[2:]), None)),
    )


def policies(bench: Bench) -> None:
    """Every policy, both cities, three loads, both bases."""
    page = bench.page
    page.say(
        "## Policies on published cities", "",
        "Areas worse: those whose late share rose by half a point and more, on the mean. Return driving is what a call costs in minutes "
        "of driving without a job.", "",
    )  # fmt: skip
    head = (
        "Policy", "High late", "Avoidably late", "…against `closest`", "…against `road-time`", "High mean", "…against `closest`",
        "…against `road-time`", "Low mean against `closest`", "Return driving", "Areas worse than under `closest`, `road-time`",
    )  # fmt: skip
    for name in PUBLISHED:
        for load in LOADS:
            page.say(f"### {name.capitalize()}, load {load:g}", "", made(bench, name, NAMES, load, days=bench.size.days), "")
            page.table(head, (policy_row(bench.told(name, load), policy) for policy in NAMES))


def policy_row(told: Both, policy: str) -> Sequence[str]:
    """One policy on one city."""
    seen, ones = told.closest.policies[policy], told.against(policy)
    by = [{} if one is None else one.measures for one in ones]
    return (
        f"`{policy}`", share(seen.high.late_share), share(seen.avoidable_late_share), relative(by[0].get(AVOIDABLE)),
        relative(by[1].get(AVOIDABLE)), number(seen.high.mean_s, "s"), change(by[0].get("high_mean_s"), "s"),
        change(by[1].get("high_mean_s"), "s"), change(by[0].get("low_mean_s"), "s"), number(seen.return_min_per_call, "min", 1),
        ", ".join("–" if one is None else str(len(one.fairness.worse)) for one in ones),
    )  # fmt: skip


def made(bench: Bench, name: str, names: Sequence[str], load: float, **more: object) -> str:
    """The command that gives the same figures; ``more``: its days, and what else it says."""
    return command(
        "compare", name, policies=",".join(names), load=load, replications=bench.size.replications, seed=SEED, **more
    )  # fmt: skip


def fairness(bench: Bench) -> None:
    """Who gains and who pays, by area."""
    page = bench.page
    page.say("## By area", "", f"The same runs at load {CHOSEN_LOAD:g}: late share of high calls by first-due station.", "")
    head = ("Area", "High calls", "`closest`", "`road-time`", "`default`", "…against `closest`", "…against `road-time`")
    for name in PUBLISHED:
        told = bench.told(name, CHOSEN_LOAD)
        page.say(f"### {name.capitalize()} by area", "", *spread_of(told), "")
        page.table(head, area_rows(told))


def area_rows(told: Both) -> Iterator[Sequence[str]]:
    """Those first that lose most against ``closest``."""
    figures, ones = told.closest.policies, told.against("default")
    areas = [one.fairness.areas if one is not None else {} for one in ones]
    for area in sorted(areas[0], key=lambda name: (-areas[0][name].mean, name)):
        seen = [figures[policy].areas[area].late_share for policy in (*BASES, "default")]
        yield (area, str(figures["closest"].areas[area].n), *map(share, seen), *(change(one.get(area), "pt", 100) for one in areas))


def spread_of(told: Both) -> Iterator[str]:
    """The worst area and how far the best is from it."""
    for policy in (*BASES, "default"):
        one = told.closest.policies[policy]
        half = (one.half_widths or {}).get("spread")
        yield (
            f"- `{policy}`: worst area {one.worst_area}, {share(one.worst_area_late_share)} late; from the best to the worst area "
            f"{share(one.spread)[:-2]}{'' if half is None else f' ± {half * 100:.1f}'} points"
        )


def limits(bench: Bench) -> None:
    """The guard's frontier, and the cap on driving."""
    page, days = bench.page, bench.size.tuned_days
    page.say(
        "## What stays under limits", "",
        f"`tocsin tune` looks for weights of areas and a price of driving on other calls (seed {SEED} + 1,000,000) than those that judge "
        f"them here (seed {SEED}). Base: `closest`; what is tuned: `default`. A guard says by how many points the late share of any area "
        "may rise; a cap, by how much return driving may. Gain: late high calls fewer than under `closest`, as a part of what `default` "
        "without limits wins. Held: on the calls that it was tuned on.", "",
    )  # fmt: skip
    head = ("Limit", "Gain that stays", "Avoidably late against `closest`", "High mean", "Worst area", "Return driving", "Held")
    for name in PUBLISHED:
        page.say(f"### {name.capitalize()} under limits", "")
        told = command(
            "tune", name, load=CHOSEN_LOAD, days=days, replications=bench.size.replications, seed=SEED, guard=1, most_driving=25
        )  # fmt: skip
        page.say(f"{told}, with either limit or both", "")
        page.table(head, limit_rows(bench, name))


def limit_rows(bench: Bench, name: str) -> Iterator[Sequence[str]]:
    """No limit first, then ever less of it."""
    asked = bench.asked(name, ("closest", "default"), CHOSEN_LOAD, bench.size.tuned_days)._replace(workers=1)  # each try is too short
    free = compare(asked, progress=quiet).answer.differences[0]
    yield limit_row("none", "100 %", free, "–")
    wanted = [(f"guard {guard:g} pt", Limits(guard, None)) for guard in reversed(GUARDS)]
    wanted += [(f"driving at most {cap * 100:+.0f} %", Limits(None, cap)) for cap in reversed(CAPS)]
    wanted.append(("guard 1 pt and driving at most +25 %", Limits(1.0, 0.25)))
    for text, one in wanted:
        answer = tune(TuneAsked(asked._replace(guard_points=one.guard_points), one, None, "en"), progress=quiet).answer
        kept = "–" if answer.kept is None else f"{answer.kept * 100:.0f} %".replace("-", "−")
        if answer.judged is None:
            raise ValueError(f"nothing judged {text}")
        yield limit_row(text, kept, answer.judged.differences[-1], "yes" if answer.holds else "no")


def limit_row(text: str, kept: str, told: Against, held: str) -> Sequence[str]:
    """What one setting did to fresh calls."""
    area, worst = max(told.fairness.areas.items(), key=lambda one: one[1].mean)
    return (
        text, kept, relative(told.measures[AVOIDABLE]), change(told.measures["high_mean_s"], "s"), f"{area} {change(worst, 'pt', 100)}",
        relative(told.measures["return_min_per_call"]), held,
    )  # fmt: skip


def worlds(bench: Bench) -> None:
    """Does the gain stand where the city is not what it is taken for?"""
    page, days = bench.page, bench.size.days
    page.say(
        "## In other worlds", "",
        "The same comparison with one thing otherwise. Cover is counted for the city as it is taken to be, but for a closed station, which "
        "a centre knows of. Late: high calls. Changes: of avoidably late high calls under `default`.", "",
    )  # fmt: skip
    head = ("World", "Late under `closest`", "Under `road-time`", "`default` against `closest`", "Against `road-time`")
    for name in PUBLISHED:
        page.say(f"### {name.capitalize()} in other worlds", "")
        texts = [made(bench, name, (base, "default"), CHOSEN_LOAD, days=days, stress="") for base in BASES]
        page.say(" and ".join(texts), "")
        asked = [bench.asked(name, (base, "default"), CHOSEN_LOAD, days) for base in BASES]
        found = [compare(one, is_stressed=True, progress=quiet).answer.stress for one in asked]
        page.table(head, [world_row(*pair) for pair in zip(*(one.worlds for one in found if one is not None), strict=True)])


def world_row(closest: InWorld, road_time: InWorld) -> Sequence[str]:
    """One world, against both bases."""
    values = closest.values
    text = {
        "as_is": "as it is", "demand": f"calls {values.get('percent')} %", "drives": f"drives {values.get('percent')} %",
        "station_closed": f"{values.get('station')} closed", "radio_lost": "no positions between stations",
        "wrong_priorities": f"{values.get('percent')} % of priorities wrong",
    }[closest.world]  # fmt: skip
    return (
        text.replace("-", "−") if closest.world in ("demand", "drives") else text, share(closest.late_share), share(road_time.late_share),
        *(relative(one.changes.get("default", {}).get(AVOIDABLE)) for one in (closest, road_time)),
    )  # fmt: skip


def ahead(bench: Bench) -> None:
    """Where short futures help, and where not."""
    page, days = bench.page, bench.size.ahead_days
    page.say(
        "## Looking ahead", "",
        "`look-ahead` plays short futures before it sends a free unit somewhere ([how](decisions/0019-look-ahead.md)). Base here: "
        f"`default`, which it would replace. {made(bench, 'CITY', ('default', 'look-ahead'), CHOSEN_LOAD, days=days)}, at each load.", "",
    )  # fmt: skip
    head = ("City, load", "High late under `default`", "Late", "Avoidably late", "High mean", "Low mean", "Return driving")
    page.table(head, (ahead_row(bench, name, load) for name in PUBLISHED for load in LOADS))


def ahead_row(bench: Bench, name: str, load: float) -> Sequence[str]:
    """One city at one load."""
    answer = compare(bench.asked(name, ("default", "look-ahead"), load, bench.size.ahead_days), progress=quiet).answer
    seen = answer.differences[0].measures
    return (
        f"{name.capitalize()}, {load:g}", share(answer.policies["default"].high.late_share), relative(seen.get("high_late_share")),
        relative(seen.get(AVOIDABLE)), change(seen.get("high_mean_s"), "s"), change(seen.get("low_mean_s"), "s"),
        change(seen.get("return_min_per_call"), "min", places=2),
    )  # fmt: skip


def drawn(bench: Bench) -> None:
    """Cities from seeds."""
    rows: list[Sequence[str]] = []
    found: list[tuple[Against, Against]] = []
    for seed in range(1, DRAWN + 1):
        told = bench.drawn(seed)
        base = told.closest.policies["closest"]
        pair = (told.closest.differences[-1], told.road_time.differences[-1])
        found.append(pair)
        by = [one.measures for one in pair]
        units, stations = len(base.units), len(base.areas)
        rows.append(
            (
                f"{seed}", f"{units} / {stations}", share(base.utilisation), share(base.avoidable_late_share), relative(by[0][AVOIDABLE]),
                relative(by[1][AVOIDABLE]), change(by[0]["high_mean_s"], "s"), change(by[1]["high_mean_s"], "s"),
            )
        )  # fmt: skip
    bench.page.say(
        "## Cities that nobody could tune to", "",
        f"Cities drawn from seeds 1 to {DRAWN} (`drawn_city` in `benchmarks/dispatch_cities.py`, run by `make bench-dispatch`), "
        f"{bench.size.replications} pairs of {bench.size.drawn_days:g} days each, `default` against both bases. Units stand spread over "
        "the stations, in no way optimised, which leaves more to gain than in the published cities, whose deployment was searched for.", "",
        *(over_cities(f"`{base}`", [pair[nth] for pair in found]) for nth, base in enumerate(BASES)), "",
    )  # fmt: skip
    head = (
        "City", "Units / areas", "At work", "Avoidably late", "…against `closest`", "…against `road-time`", "High mean against `closest`",
        "…against `road-time`",
    )  # fmt: skip
    bench.page.table(head, rows)


def over_cities(base: str, found: Sequence[Against]) -> str:
    """All of them in one sentence; the interval is over cities."""
    changes = [100 * (one.measures[AVOIDABLE].relative or 0.0) for one in found]
    means = [one.measures["high_mean_s"].mean for one in found]
    worse = sum(one.measures[AVOIDABLE].is_shown and one.measures[AVOIDABLE].mean > 0 for one in found)
    return (
        f"- Against {base}: avoidably late high calls {signed(mean(changes), '')} ± {half_width(changes) or 0:.1f} % (mean over cities), "
        f"middle {signed(float(np.median(changes)), '%')}, best {signed(min(changes), '%')}, worst {signed(max(changes), '%')}; shown "
        f"to be worse in {worse} of {len(found)}. High mean {signed(mean(means), '')} ± {half_width(means) or 0:.1f} s, higher in "
        f"{sum(one > 0 for one in means)} of {len(found)}."
    )


def head_of(size: Size) -> tuple[str, ...]:
    """What every table was made with."""
    return (
        "# Dispatch policies in figures", "",
        "Written by `make bench-dispatch`; not to be edited. What the words mean: [lab.md](lab.md). Cities: Auckland and Manhattan of "
        "JEMSS.jl (models Apache-2.0, © Samuel Ridler and contributors; roads © OpenStreetMap contributors, ODbL 1.0; Auckland's "
        "population: Census 2013 by way of koordinates.com, CC BY 3.0 NZ; Manhattan's: US Census 2000 by way of CUGIR). They are "
        "city-like, not the cities.", "",
        f"Under each heading stands the command that gives its figures. Everywhere: {size.replications} pairs with the same calls, first "
        f"day not counted, seed {SEED}; ± is half of a 95 % interval (Student) of the paired difference. In brackets: no difference "
        "shown, the interval holds 0. *High* are calls driven with lights; *avoidably late* is what is late above the floor: what is "
        "late even if a unit waits at every open station. A unit on the road can be nearer than any station; so a change can exceed "
        "−100 %.", "",
        "Two bases. `closest`: nearest by road, nobody is diverted, everybody goes home. `road-time`: the same, but units on their way to "
        "less urgent calls are diverted as the city's own rules allow. What lies between `road-time` and `default` is what cover alone is "
        "worth.", "",
    )  # fmt: skip


TABLES = {"policies": policies, "areas": fairness, "limits": limits, "worlds": worlds, "ahead": ahead, "drawn": drawn}


def main() -> None:
    """All tables, or those that are named; only the whole page is written."""
    parser = argparse.ArgumentParser(description="Rebuild the tables of docs/dispatch-figures.md.")
    parser.add_argument("tables", nargs="*", choices=[[], *TABLES], help="only these, and no page is written")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TOCSIN_SHARED") or ROOT.parent / "shared"))
    parser.add_argument("--quick", action="store_true", help="few days; writes no page")
    parser.add_argument("--logs", type=Path, help="folder for calls and outcomes as CSV")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    bench = Bench(given.shared, QUICK if given.quick else WHOLE, given.workers)
    bench.page.say(*head_of(bench.size))
    for name in given.tables or TABLES:
        TABLES[name](bench)
    for name in PUBLISHED if given.logs is not None else ():
        city = open_city(given.shared / "data" / "jemss" / name)
        calls = draw_calls(city, seed=SEED, replication=1, days=bench.size.days, load=CHOSEN_LOAD)
        write_logs(given.logs, city, calls, NAMES)
    if not given.quick and not given.tables:
        PAGE.write_text(bench.page.text, "utf-8")


if __name__ == "__main__":
    main()
