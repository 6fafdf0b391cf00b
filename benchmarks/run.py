"""Runs the benchmarks, prints their figures, holds the ratios against their gates, adds one line to ``history.ndjson``.

    python benchmarks/run.py [NAME …] [--date 2026-03-01] [--shared ../shared] [--dry]

A benchmark is a module beside this one with ``run()`` or ``run(shared)`` that gives figures by name, and may state ``GATES``: figure →
(``"at_least"`` or ``"at_most"``, bound). Gates are ratios taken inside one run, never bare times: machines differ. Exit status 1 when one
is missed. The date is an argument, or the commit's: nothing here reads the time of day.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Literal, NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
HISTORY = HERE / "history.ndjson"

Sense = Literal["at_least", "at_most"]


class Gate(NamedTuple):
    """A figure held against its bound."""

    figure: str
    sense: Sense
    bound: float
    reached: float | None

    @property
    def is_met(self) -> bool:
        """False also for a figure that was not measured: a gate is not passed by looking away."""
        if self.reached is None:
            return False
        return self.reached >= self.bound if self.sense == "at_least" else self.reached <= self.bound


def benchmarks(names: list[str]) -> Iterator[tuple[str, ModuleType]]:
    """The modules beside this one that can be run, in the order of their names; those named, if any are."""
    found = sorted(path.stem for path in HERE.glob("*.py") if path != Path(__file__).resolve())
    for name in names or found:
        module = import_module(name)
        if hasattr(module, "run"):
            yield name, module


def wants_data(module: ModuleType) -> bool:
    """Whether a benchmark measures on real data."""
    return "shared" in signature(module.run).parameters


def figures_of(module: ModuleType, shared: Path) -> dict[str, float]:
    """What a benchmark measured. One that needs the real data is given the folder."""
    return dict(module.run(shared) if wants_data(module) else module.run())


def gates_of(module: ModuleType, figures: Mapping[str, float]) -> list[Gate]:
    """The module's gates with what was reached."""
    stated: dict[str, tuple[Sense, float]] = getattr(module, "GATES", {})
    return [Gate(name, sense, bound, figures.get(name)) for name, (sense, bound) in stated.items()]


def git(*words: str) -> str:
    """What git says about this tree."""
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def history_line(date: str | None, figures: Mapping[str, float], gates: list[Gate]) -> dict[str, object]:
    """One line: when, which code, what machine, what figures, which gates were missed."""
    return {
        "date": date or git("log", "-1", "--format=%cs"),
        "commit": git("rev-parse", "--short=12", "HEAD"),
        "is_clean": not git("status", "--porcelain", "--", "src"),
        "cores": os.cpu_count(),
        "machine": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "figures": {name: round(value, 4) for name, value in sorted(figures.items())},
        "missed": [gate.figure for gate in gates if not gate.is_met],
    }


def show(figures: Mapping[str, float], gates: list[Gate]) -> None:
    """A table of figures and one of gates."""
    width = max((len(name) for name in figures), default=0)
    for name, value in figures.items():
        print(f"  {name:<{width}}  {value:>14,.3f}")
    for gate in gates:
        sign = "≥" if gate.sense == "at_least" else "≤"
        reached = "not measured" if gate.reached is None else f"{gate.reached:,.3f}"
        print(f"  {'met   ' if gate.is_met else 'MISSED'}  {gate.figure} {sign} {gate.bound:g}: {reached}")


def main(arguments: list[str]) -> int:
    """Run, show, write; the exit status."""
    parser = argparse.ArgumentParser(description="Run the benchmarks.")
    parser.add_argument("names", nargs="*", help="which; all without")
    parser.add_argument("--date", help="date of the line in the history; the commit's without")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("TOCSIN_SHARED") or ROOT.parent / "shared"))
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args(arguments)
    sys.path.insert(0, str(HERE))
    figures: dict[str, float] = {}
    gates: list[Gate] = []
    for name, module in benchmarks(given.names):
        print(f"{name}:", flush=True)
        if wants_data(module) and not (given.shared / "data").is_dir():
            print(f"  passed over: no real data at {given.shared}")
            continue
        measured = figures_of(module, given.shared)
        held = gates_of(module, measured)
        show(measured, held)
        figures |= measured
        gates += held
    if not given.dry:
        with HISTORY.open("a", encoding="utf-8") as history:
            history.write(json.dumps(history_line(given.date, figures, gates), ensure_ascii=False) + "\n")
    return 0 if all(gate.is_met for gate in gates) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
