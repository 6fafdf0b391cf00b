"""Makes ``src/tocsin/data/coquimbo/streets.geojson.gz``: the streets of La Serena and Coquimbo, Chile, that a car may drive.

They are facts of OpenStreetMap (ODbL 1.0), taken by way of the road tables in the Coquimbo example of the AequilibraE software.

    python scripts/coquimbo_roads.py [WHEEL] [OUT]

WHEEL is a wheel of ``aequilibrae`` 1.7.2; without one, pip downloads it. The same wheel gives the same bytes.
"""

import gzip
import io
import json
import sqlite3
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "aequilibrae==1.7.2"
EXAMPLE = "aequilibrae/reference_files/coquimbo.zip"
DATABASE = "project_database.sqlite"
OUT = Path(__file__).resolve().parents[1] / "src/tocsin/data/coquimbo/streets.geojson.gz"
DECIMALS = 5
"""Of degrees: about one metre."""
SLACK_DEG = 1.5e-5
"""How far a line may run beside the street to save points: about a metre and a half."""

CLASSES = {"motorway", "trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street", "service"}
DIRECTIONS = {0: "both", 1: "along", -1: "against"}
QUERY = "SELECT link_id, a_node, b_node, direction, modes, link_type, name, speed_ab, speed_ba, geometry FROM links ORDER BY link_id"

Point = tuple[float, float]


def line_of(blob: bytes) -> list[Point]:
    """Points of a SpatiaLite line: 0, byte order, SRID, four corners, 0x7C, kind 2, count, then pairs of doubles."""
    order = "<" if blob[1] == 1 else ">"
    kind, count = struct.unpack_from(order + "ii", blob, 39)
    if blob[38] != 0x7C or kind != 2:
        raise ValueError(f"not a plain line: kind {kind}")
    numbers = struct.unpack_from(f"{order}{2 * count}d", blob, 47)
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def thinned(line: list[Point]) -> list[Point]:
    """The line with as few points as keep it within the slack (Douglas and Peucker, 1973)."""
    if len(line) < 3:
        return line
    (x0, y0), (x1, y1) = line[0], line[-1]
    chord = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
    off = [
        abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / chord if chord else ((x - x0) ** 2 + (y - y0) ** 2) ** 0.5 for x, y in line[1:-1]
    ]
    far = max(range(len(off)), key=off.__getitem__)
    if off[far] <= SLACK_DEG:
        return [line[0], line[-1]]
    return thinned(line[: far + 2])[:-1] + thinned(line[far + 1 :])


def feature(row: tuple[int, int, int, int, str, str, str | None, float | None, float | None, bytes]) -> dict[str, object] | None:
    """One street as GeoJSON; None for what a car does not drive and for virtual connectors."""
    _, _, _, direction, modes, kind, name, speed_ab, speed_ba, blob = row
    if "c" not in modes or kind not in CLASSES:
        return None
    told: dict[str, object] = {"class": kind, "direction": DIRECTIONS[direction]}
    if name:
        told["name"] = name
    speed, against = speed_ab or speed_ba, speed_ba or speed_ab
    if speed:
        told["speed_kmh"] = round(speed)
    if against and direction == 0 and against != speed:
        told["speed_against_kmh"] = round(against)
    points = [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in thinned(line_of(blob))]
    return {"type": "Feature", "properties": told, "geometry": {"type": "LineString", "coordinates": points}}


def collection(wheel: Path) -> dict[str, object]:
    """All streets, in the order of the example's link numbers."""
    with (
        zipfile.ZipFile(wheel) as outer,
        zipfile.ZipFile(io.BytesIO(outer.read(EXAMPLE))) as inner,
        tempfile.TemporaryDirectory() as folder,
    ):
        inside = next(name for name in inner.namelist() if name.endswith(DATABASE))
        database = Path(inner.extract(inside, folder))
        with sqlite3.connect(database) as connection:
            rows = connection.execute(QUERY).fetchall()
        connection.close()
    return {
        "type": "FeatureCollection",
        "attribution": ["© OpenStreetMap contributors"],
        "licence": "ODbL-1.0",
        "features": [street for row in rows if (street := feature(row))],
    }


def downloaded(folder: str) -> Path:
    """The wheel from the package index."""
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, PACKAGE], check=True)
    return next(Path(folder).glob("aequilibrae-*.whl"))


def main() -> None:
    """Write the file."""
    out = Path(sys.argv[2]) if len(sys.argv) > 2 else OUT
    with tempfile.TemporaryDirectory() as folder:
        streets = collection(Path(sys.argv[1]) if len(sys.argv) > 1 else downloaded(folder))
    text = json.dumps(streets, ensure_ascii=False, separators=(",", ":")).encode()
    out.write_bytes(gzip.compress(text, compresslevel=9, mtime=0))
    sys.stdout.write(f"{out}: {len(streets['features'])} streets, {out.stat().st_size} bytes\n")  # type: ignore[arg-type]  # a list


if __name__ == "__main__":
    main()
