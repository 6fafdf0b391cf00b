"""The script that makes the demo's streets, on a wheel of the same build with a handful of streets."""

import io
import sqlite3
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tocsin.edge.street_files import read_streets
from tocsin.roads.build import build_region

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "coquimbo_roads.py"
A, B, C = (-71.25, -29.90), (-71.249, -29.90), (-71.249, -29.899)


def line(*points: tuple[float, float], order: str = "<") -> bytes:
    """A line as SpatiaLite keeps it."""
    lon, lat = [x for x, _ in points], [y for _, y in points]
    head = struct.pack(order + "i4d", 4326, min(lon), min(lat), max(lon), max(lat))
    numbers = b"".join(struct.pack(order + "2d", *point) for point in points)
    return b"\x00" + (b"\x01" if order == "<" else b"\x00") + head + b"\x7c" + struct.pack(order + "ii", 2, len(points)) + numbers + b"\xfe"


ROWS = [
    # number, nodes, direction, modes, kind, name, speeds, line
    (3, 1, 3, 1, "ct", "primary", "Balmaceda", 50, None, line(A, (-71.2495, -29.8999995), B)),
    (1, 3, 4, 0, "ct", "residential", None, 30, 40, line(B, C, order=">")),
    (2, 4, 1, -1, "cwbt", "tertiary", "Ñuñoa", None, 60, line(C, A)),
    (4, 1, 4, 0, "ct", "centroid_connector", None, None, None, line(A, C)),
    (5, 1, 4, 0, "t", "residential", "only buses", None, None, line(A, C)),
    (6, 1, 4, 0, "w", "footway", None, None, None, line(A, C)),
]


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    database = tmp_path / "project_database.sqlite"
    with sqlite3.connect(database) as connection:
        columns = "link_id, a_node, b_node, direction, modes, link_type, name, speed_ab, speed_ba, geometry"
        connection.execute(f"CREATE TABLE links ({columns})")
        connection.executemany(f"INSERT INTO links VALUES ({','.join('?' * 10)})", ROWS)
    connection.close()
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.write(database, "coquimbo/project_database.sqlite")
    path = tmp_path / "aequilibrae-1.7.2-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("aequilibrae/reference_files/coquimbo.zip", inner.getvalue())
    return path


def made(wheel: Path, name: str) -> Path:
    out = wheel.with_name(name)
    subprocess.run([sys.executable, str(SCRIPT), str(wheel), str(out)], check=True, capture_output=True)
    return out


def test_streets_for_cars_are_kept_and_read_by_our_own_reader(wheel: Path) -> None:
    region = build_region(read_streets(made(wheel, "streets.geojson.gz")), name="Coquimbo")
    assert (region.streets, region.nodes, region.edges) == (3, 3, 4)
    assert [region.name_of(edge) for edge in range(4)] == [None, None, "Ñuñoa", "Balmaceda"]
    assert region.edge_speed_dkmh.tolist() == [300, 400, 600, 500]
    assert region.edge_twin.tolist() == [1, 0, -1, -1]
    # the middle point of Balmaceda runs within the slack and is left out
    assert region.street_start.tolist() == [0, 2, 4, 6]
    # against its line: Ñuñoa is driven from A to C
    assert region.node_place(int(region.edge_tail[2])).lon == pytest.approx(A[0])
    # nothing leads back to A
    assert int(region.node_is_strong.sum()) == 2
    assert region.header.licence == "ODbL-1.0"


def test_the_same_wheel_gives_the_same_bytes(wheel: Path) -> None:
    assert made(wheel, "one.geojson.gz").read_bytes() == made(wheel, "other.geojson.gz").read_bytes()
