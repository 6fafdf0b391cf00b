"""Seconds and peak memory of building a region from OpenStreetMap files: whole path, file to file, each in a process of its own.

    python benchmarks/region_build.py SHARED

Prints one JSON object. Memory is the whole process, interpreter and libraries included.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from road_import import peak_mb
from tocsin.edge.street_files import read_streets
from tocsin.roads.build import build_region
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.position import OnRoad
from tocsin.roads.region_file import open_region, write_region

NETWORKS = {"columbus": "data/roads/columbus/columbus.osm.pbf", "porto": "data/roads/porto/porto_portugal.osm.pbf"}
REPEATS = 3
TREES = 20


def run(shared: Path) -> dict[str, float]:
    """Figures by name; of several runs the quickest, of memory the most."""
    figures: dict[str, float] = {}
    for name, file in NETWORKS.items():
        runs = [_in_own_process(shared / file) for _ in range(REPEATS)]
        for figure in runs[0]:
            pick = max if figure.endswith("_mb") else min
            figures[f"region_{name}_{figure}"] = pick(one[figure] for one in runs)
    return figures


def _in_own_process(source: Path) -> dict[str, float]:
    ended = subprocess.run([sys.executable, __file__, "--one", str(source)], check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(ended.stdout)
    return measured


def measure(source: Path) -> dict[str, float]:
    """One build, and what using the file costs."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "bench.region"
        start = time.perf_counter()
        streets = read_streets(source)
        read_s = time.perf_counter() - start
        file_bytes = write_region(build_region(streets, name=source.stem), out)
        build_s = time.perf_counter() - start
        peak_mb_now = peak_mb()
        start = time.perf_counter()
        region = open_region(out)
        open_s = time.perf_counter() - start
        router = DijkstraRouter(region)
        edges = range(0, region.edges, max(1, region.edges // TREES))
        sources = [OnRoad(edge, 500_000) for edge in range(0, region.edges, region.edges // 100)]
        start = time.perf_counter()
        for edge in edges:
            router.times_to(OnRoad(edge, 250_000), sources)
        tree_ms = (time.perf_counter() - start) / len(edges) * 1000
    return {
        "build_s": round(build_s, 3),
        "read_s": round(read_s, 3),
        "peak_mb": round(peak_mb_now, 1),
        "file_mb": round(file_bytes / 1e6, 2),
        "open_ms": round(open_s * 1000, 2),
        "hundred_to_one_ms": round(tree_ms, 3),
        "directed_edges": region.edges,
    }


def main() -> None:
    """One network when asked by ourselves, else all."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(Path(sys.argv[2]))))
        return
    print(json.dumps(run(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
