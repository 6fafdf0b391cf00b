"""The driver of the benchmarks: gates hold what they say, a figure that is missing misses its gate, the history is one line per run."""

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from source import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

import run as driver

sys.path.remove(str(ROOT / "benchmarks"))  # benchmarks/roads.py is not what tests mean by ``roads``


def bench(**parts: object) -> ModuleType:
    """A benchmark that was never written."""
    module = ModuleType("bench")
    vars(module).update(parts)
    return module


@pytest.mark.parametrize(
    ("sense", "reached", "is_met"),
    [("at_least", 8.0, True), ("at_least", 7.9, False), ("at_most", 2.5, True), ("at_most", 2.6, False), ("at_least", None, False)],
)
def test_a_gate_is_met_or_missed(sense: driver.Sense, reached: float | None, is_met: bool) -> None:
    assert driver.Gate("ratio", sense, 8.0 if sense == "at_least" else 2.5, reached).is_met is is_met


def test_a_gate_whose_figure_was_not_measured_is_missed() -> None:
    gates = driver.gates_of(bench(GATES={"a": ("at_least", 1.0), "b": ("at_most", 2.0)}), {"a": 3.0})
    assert [gate.is_met for gate in gates] == [True, False]


def test_a_benchmark_that_needs_data_is_given_the_folder() -> None:
    def with_data(shared: Path) -> dict[str, float]:
        return {"length": float(len(shared.parts))}

    assert driver.figures_of(bench(run=with_data), Path("a/b")) == {"length": 2.0}
    assert driver.figures_of(bench(run=lambda: {"one": 1.0}), Path("a/b")) == {"one": 1.0}


def test_a_line_of_the_history_says_when_what_and_where() -> None:
    line = driver.history_line("2026-03-01", {"b": 2.0, "a": 1.0}, [driver.Gate("a", "at_least", 2.0, 1.0)])
    assert json.loads(json.dumps(line)) == line
    assert (line["date"], line["figures"], line["missed"]) == ("2026-03-01", {"a": 1.0, "b": 2.0}, ["a"])
    assert str(line["commit"]).isalnum()
