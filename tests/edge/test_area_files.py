"""Layers of areas from files: plain and gzipped, several as one, and files that cannot be read."""

import gzip
import json
from pathlib import Path

import pytest

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.edge.area_files import read_areas

RING = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


def layer(name: str) -> bytes:
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [RING]}}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_several_files_are_layers_that_are_called_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "stations.geojson").write_bytes(layer("S 4"))
    (tmp_path / "districts.json.gz").write_bytes(gzip.compress(layer("Mitte")))
    areas = read_areas([tmp_path / "districts.json.gz", tmp_path / "stations.geojson"])
    assert areas.of(LonLat(0.5, 0.5)) == [("districts", "Mitte"), ("stations", "S 4")]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("gone.geojson", None, "file_missing"),
        ("cut.geojson.gz", gzip.compress(layer("A") * 50, mtime=0)[:60], "gz_unreadable"),
        ("text.geojson", b"name,lon,lat\n", "areas_unreadable"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, data: bytes | None, code: str) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as told:
        read_areas([tmp_path / name])
    assert told.value.code == code and told.value.file == str(tmp_path / name)


def test_a_folder_is_no_layer(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as told:
        read_areas([tmp_path])
    assert told.value.code == "file_unreadable"
