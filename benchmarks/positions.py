"""Positions on their way to disk against what the disk itself can do: write + fdatasync of the same bytes, in the same run.

5,000 units say once a second for 180 s where they are: courses along streets with the noise of a receiver (3 m, 5°, 0.4 m/s),
stamped in whole seconds. Each second's frame is stored durably; each minute is packed. ``ingest`` is the frame alone, as in
the journal note (section 14); ``packed`` has the packing in it. Rounds take turns, best counts.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant
from tocsin.base.quantities import Metres
from tocsin.edge.positions_book import PositionsBook
from tocsin.edge.positions_file import MINUTE_MS, PositionsFile
from tocsin.edge.positions_frame import ROW, Frame
from tocsin.formats.position import Reported

ROOT = Path(__file__).resolve().parents[1]
UNITS, SECONDS, ROUNDS = 5_000, 180, 5
START = Instant(1_790_000_000_000 - 1_790_000_000_000 % MINUTE_MS)
NAMES = tuple(UnitId(f"U{nth:04d}") for nth in range(UNITS))

GATES = {
    "positions_ingest_per_fdatasync": ("at_most", 1.3),
    "positions_bytes_each": ("at_most", 8.0),
}


def frames() -> list[Frame]:
    """Made up, from a seed."""
    dice = np.random.default_rng(7)
    lon, lat = -71.3 + dice.random(UNITS) * 0.4, -29.9 + dice.random(UNITS) * 0.4
    heading, speed = dice.random(UNITS) * 360, np.where(dice.random(UNITS) < 0.5, 0.0, 5 + 12 * dice.random(UNITS))
    made = []
    for second in range(SECONDS):
        turns = dice.random(UNITS) < 0.02
        heading = np.where(turns, dice.random(UNITS) * 360, heading)
        east, north = np.sin(np.radians(heading)) * speed, np.cos(np.radians(heading)) * speed
        lon, lat = lon + east / (111_320 * np.cos(np.radians(lat))), lat + north / 111_320
        rows = np.zeros(UNITS, ROW)
        rows["unit"], rows["at"] = np.arange(UNITS), 0
        rows["lon"] = np.round((lon + dice.normal(0, 3 / 96_500, UNITS)) * 1e7)
        rows["lat"] = np.round((lat + dice.normal(0, 3 / 111_320, UNITS)) * 1e7)
        rows["heading"] = np.round((heading + dice.normal(0, 5, UNITS)) % 360 * 10) % 3600
        rows["speed"] = np.round(np.abs(speed + dice.normal(0, 0.4, UNITS)) * 100)
        rows["uncertainty"] = np.round(dice.choice([30, 40, 50, 60, 80], UNITS))
        made.append(Frame(Instant(START + second * 1000), NAMES, dice.permutation(rows).tobytes()))
    return made


def rounds(made: list[Frame]) -> Iterator[dict[str, float]]:
    """One after the other. Beside the project: a temporary folder may be memory."""
    with TemporaryDirectory(dir=ROOT, prefix=".bench-") as name:
        for nth in range(ROUNDS):
            figures = {"raw_s": raw_s(Path(name) / f"{nth}.raw", made)}
            file = PositionsFile.create(Path(name) / f"{nth}.positions")
            started = perf_counter()
            packing_s = 0.0
            for nth_second, frame in enumerate(made, 1):
                file.add(frame)
                if nth_second % 60 == 0:
                    packing_from = perf_counter()
                    file.pack()
                    packing_s += perf_counter() - packing_from
            figures["ingest_s"] = perf_counter() - started - packing_s
            figures["packing_s"] = packing_s
            figures["bytes_each"] = packed_bytes(file) / (UNITS * SECONDS)
            started = perf_counter()
            found = file.track(NAMES[4321], START, Instant(START + SECONDS * 1000))
            figures["track_ms"] = (perf_counter() - started) * 1e3
            if len(found) != SECONDS:
                raise AssertionError(len(found))
            file.close()
            yield figures


def raw_s(path: Path, made: list[Frame]) -> float:
    """Seconds of write + fdatasync of every frame's bytes."""
    started = perf_counter()
    with path.open("ab", buffering=0) as file:
        for frame in made:
            file.write(frame.body)
            getattr(os, "fdatasync", os.fsync)(file.fileno())
    return perf_counter() - started


def packed_bytes(file: PositionsFile) -> int:
    """Bytes of what is packed, with what tells the pieces apart, before SQLite's pages."""
    return int(file._connection.execute("SELECT sum(length(body) + 40) FROM minutes").fetchone()[0])


def taking_us() -> float:
    """Microseconds for one position from the codec's answer to memory and into the frame."""
    book = PositionsBook(lambda unit: START)
    said = [(name, [Reported(LonLat(-71.0, -29.0), START, 90.0, 12.0, Metres(5.0))]) for name in NAMES]
    started = perf_counter()
    for name, one in said:
        book.take(name, one, START)
    return (perf_counter() - started) / UNITS * 1e6


def run() -> dict[str, float]:
    """Best of the rounds, and the ratios."""
    made = frames()
    seen = list(rounds(made))
    best = {name: min(one[name] for one in seen) for name in seen[0]}
    return {
        "positions_ingest_per_fdatasync": best["ingest_s"] / best["raw_s"],
        "positions_packed_per_fdatasync": (best["ingest_s"] + best["packing_s"]) / best["raw_s"],
        "positions_ingest_us_each": best["ingest_s"] / (UNITS * SECONDS) * 1e6,
        "positions_packing_us_each": best["packing_s"] / (UNITS * SECONDS) * 1e6,
        "positions_bytes_each": best["bytes_each"],
        "positions_track_3_min_ms": best["track_ms"],
        "positions_taking_us_each": min(taking_us() for _ in range(ROUNDS)),
    }


if __name__ == "__main__":
    for key, value in run().items():
        print(f"{key:40} {value:12,.3f}")
