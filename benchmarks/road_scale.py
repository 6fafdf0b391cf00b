"""How the road kernel's costs grow: New York, and nine of it stitched into a stand-in for a country. Not run by ``run.py``.

    python benchmarks/road_scale.py SHARED [SIDE …]      1 = New York, 3 = three by three of it

Prints one JSON object by side. Building and asking are processes of their own; memory is what each holds above its libraries.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from new_york import new_york
from road_import import peak_mb
from road_networks import Network, each_us, median_ms, spent_s
from tocsin.roads.build import build_region
from tocsin.roads.kernel.customising import customise
from tocsin.roads.kernel.sweeping import WIDE, sweep, sweep_wide
from tocsin.roads.kernel_router import hierarchy_of
from tocsin.roads.network import ORDER, order_section
from tocsin.roads.region_file import open_region, write_region
from tocsin.roads.streets import Streets
from tocsin.roads.turns import graph_of

Figures = dict[str, float]


def grown(shared: Path, side: int) -> Figures:
    """Of one square of copies."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scale.region"
        streets = Path(folder) / "streets.npz"
        _in_own_process("--streets", str(shared), str(side), str(streets))
        return _in_own_process("--build", str(streets), str(file)) | _in_own_process("--ask", str(file))


def _in_own_process(*words: str) -> Figures:
    ended = subprocess.run([sys.executable, __file__, *words], check=True, stdout=subprocess.PIPE, text=True)
    figures: Figures = json.loads(ended.stdout)
    return figures


def build(source: Path, file: Path) -> Figures:
    """From streets to a region file with its order. The streets are in memory already, and counted."""
    libraries_mb = _now_mb()
    with np.load(source) as arrays:
        streets = Streets(**dict(arrays), names=())
    streets_mb = _now_mb() - libraries_mb
    stages: Figures = {"streets_mb": streets_mb}
    made: dict[str, Any] = {}
    stages["build_s"] = spent_s(lambda: made.update(region=build_region(streets, name="New York")))
    stages["build_peak_mb"] = peak_mb() - libraries_mb
    stages["order_s"] = spent_s(lambda: made.update(region=made["region"].with_sections(order_section(made["region"]))))
    stages["order_peak_mb"] = peak_mb() - libraries_mb
    stages["write_s"] = spent_s(lambda: made.update(bytes=write_region(made["region"], file)))
    stages["peak_mb"] = peak_mb() - libraries_mb
    stages["region_mb"] = made["bytes"] / 1e6
    stages["peak_vs_region"] = stages["peak_mb"] * 1.048576 / stages["region_mb"]
    return stages


def _now_mb() -> float:
    return int(Path("/proc/self/status").read_text("ascii").split("VmRSS:")[1].split()[0]) / 1024


def ask(file: Path) -> Figures:
    """Opening, customising, and how questions grow with units and closures."""
    made: dict[str, Any] = {}
    figures: Figures = {
        "verified_open_s": spent_s(lambda: open_region(file)),
        "open_s": spent_s(lambda: made.update(region=open_region(file, is_verified=False))),
    }
    region = made["region"]
    graph = graph_of(region)
    figures["hierarchy_s"] = spent_s(lambda: made.update(hierarchy=hierarchy_of(graph, region.sections[ORDER])))
    network = Network(region, graph, made["hierarchy"], 0.0, figures["hierarchy_s"], np.random.default_rng(9))
    hierarchy, weights = network.hierarchy, network.router.weights
    doors = [network.router.doors_of(target) for target in network.places(WIDE * 4)]
    wide_ms = median_ms(lambda: sweep_wide(hierarchy, weights, doors[:WIDE]), 5)
    figures |= {
        "states": graph.states,
        "arcs": graph.arcs,
        "upward_arcs": hierarchy.arcs,
        "depth_mean": hierarchy.mean_depth,
        "depth_max": hierarchy.most_depth,
        "customise_ms": median_ms(lambda: customise(hierarchy, weights.arc_ms), 7),
        "metric_mb": (weights.up.nbytes + weights.down.nbytes + weights.arc_ms.nbytes) / 1e6,
        "hierarchy_mb": sum(array.nbytes for array in vars(hierarchy).values()) / 1e6,
        "sweep_ms": float(np.median(each_us(lambda one: sweep(hierarchy, weights, one), doors[:16]))) / 1e3,
        "wide_sweep_per_tree_ms": wide_ms / WIDE,
    }
    return figures | by_units(network) | by_closures(network) | {"asking_peak_mb": peak_mb()}


def by_units(network: Network) -> Figures:
    """One question to more and more units, and their labels made anew."""
    figures: Figures = {}
    for count in (10, 30, 100, 300, 1_000, 3_000, 10_000):
        fleet, targets = network.fleet(count), network.places(300)
        each_us(fleet.times_to, targets[:20])
        kept = fleet._kept
        figures[f"query_{count}_us"] = float(
            np.median(each_us(lambda target, kept=kept, count=count: kept.times_to(target, count), targets))
        )
        figures[f"relabel_{count}_ms"] = median_ms(lambda fleet=fleet: fleet.use(network.router), 3)
    return figures


def by_closures(network: Network) -> Figures:
    """Another router with more and more edges closed."""
    figures: Figures = {}
    for count in (1, 10, 100, 1_000, 5_000):
        sets = [network.metric(network.dice.integers(0, network.region.edges, count)) for _ in range(5)]
        figures[f"closing_{count}_ms"] = float(np.median(each_us(network.router.under, sets))) / 1e3
    return figures


def main(words: list[str]) -> None:
    """All of it, or the part that a process of ours was started for."""
    if words[0] == "--streets":
        streets = new_york(Path(words[1]), int(words[2]))
        np.savez(words[3], **{name: value for name, value in vars(streets).items() if isinstance(value, np.ndarray)})
        print("{}")
    elif words[0] == "--build":
        print(json.dumps(build(Path(words[1]), Path(words[2]))))
    elif words[0] == "--ask":
        print(json.dumps(ask(Path(words[1]))))
    else:
        told = {
            side: {name: round(value, 3) for name, value in grown(Path(words[0]), int(side)).items()} for side in words[1:] or ["1", "3"]
        }
        print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
