"""Reading streets from an OpenStreetMap file beside pyrosm: seconds and peak memory above the libraries, each in a process of its own.

    python benchmarks/road_import.py ours|pyrosm FILE

Prints one JSON object. Run by ``roads.py``.
"""

import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

REPEATS = 3


def measured(reader: str, file: Path) -> dict[str, float]:
    """The quickest of some runs; of memory the most."""
    runs = []
    for _ in range(REPEATS):
        ended = subprocess.run([sys.executable, __file__, reader, str(file)], check=True, capture_output=True, text=True)
        runs.append(json.loads(ended.stdout.splitlines()[-1]))
    return {"s": min(run["s"] for run in runs), "mb": max(run["mb"] for run in runs)}


def has_pyrosm() -> bool:
    """Whether the peer is installed."""
    return find_spec("pyrosm") is not None


def peak_mb() -> float:
    """Of this process. Not ``ru_maxrss``, which begins with what the process had that started this one."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _read(reader: str, file: Path) -> dict[str, float]:
    if reader == "ours":
        from tocsin.edge.street_files import read_streets  # noqa: PLC0415 - only what is measured is loaded

        libraries_mb, start = peak_mb(), time.perf_counter()
        read_streets(file)
    else:
        from pyrosm import OSM  # noqa: PLC0415 - an optional peer

        libraries_mb, start = peak_mb(), time.perf_counter()
        OSM(str(file)).get_network(network_type="driving")
    return {"s": time.perf_counter() - start, "mb": peak_mb() - libraries_mb}


if __name__ == "__main__":
    print(json.dumps(_read(sys.argv[1], Path(sys.argv[2]))))
