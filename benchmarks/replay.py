"""What the real fortnight costs: taking it in and replaying it, each by the command itself in a process of its own.

    python benchmarks/replay.py SHARED

Prints one JSON object. Memory is the whole process, interpreter and libraries included.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LOG = "data/incidents/sf_fire_calls_2020-04-07_2020-04-20.csv.gz"
STREETS = "data/roads/san-francisco/sf_streets.geojson.gz"
STATIONS = "data/roads/san-francisco/sf_fire_stations.csv"

GATES = {"replay_again_differing": ("at_most", 0.0)}


def run(shared: Path) -> dict[str, float]:
    """Figures by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        region, centre, journal = folder / "sf.region", folder / "centre", folder / "sf.journal"
        _tocsin("region", "build", shared / STREETS, "--out", region)
        given = ("--region", region, "--stations", shared / STATIONS)
        imported, import_s, import_mb = _tocsin("import", "sf-fire", shared / LOG, "--centre", centre, "--journal", journal, *given)
        replayed, replay_s, replay_mb = _tocsin("replay", journal, "--centre", centre)
        journal_mb = journal.stat().st_size / 1e6
    return {
        "import_s": import_s,
        "import_peak_mb": import_mb,
        "import_rows_per_s": round(imported["rows_read"] / import_s),
        "replay_s": replay_s,
        "replay_peak_mb": replay_mb,
        "replay_decisions": replayed["decisions"],
        "replay_decisions_per_s": round(replayed["decisions"] / replay_s, 1),
        "replay_again_differing": replayed["redecided"]["differing"],
        "replay_journal_mb": round(journal_mb, 1),
    }


def _tocsin(*words: object) -> tuple[dict, float, float]:  # type: ignore[type-arg]  # the answer's JSON
    """One command by a process that has no other child, so that the peak is its own: its answer, seconds, megabytes."""
    ended = subprocess.run([sys.executable, __file__, "--one", *map(str, words)], check=True, capture_output=True, text=True)
    answer, seconds, peak_mb = json.loads(ended.stdout)
    return answer, seconds, peak_mb


def measure(words: list[str]) -> tuple[object, float, float]:
    """Run one command and look at it from outside."""
    start = time.perf_counter()
    ended = subprocess.run([sys.executable, "-m", "tocsin", *words, "--json"], check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    return json.loads(ended.stdout), round(seconds, 2), round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)


def main() -> None:
    """One command when asked by ourselves, else all."""
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2:])))
        return
    print(json.dumps(run(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
