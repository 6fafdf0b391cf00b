"""Real regions for the map's tests: made once, never changed."""

from pathlib import Path
from typing import NamedTuple

import pytest

from tocsin.edge.osm_areas import read_osm_areas
from tocsin.edge.street_files import read_streets
from tocsin.maps.areas import Areas
from tocsin.maps.tiles import tiles
from tocsin.roads.build import build_region
from tocsin.roads.region import Region

PLACES = {"liechtenstein": "liechtenstein/liechtenstein.osm.pbf", "monaco": "monaco/monaco.osm.pbf"}


class Ground(NamedTuple):
    """A region with everything that its source knows."""

    region: Region
    areas: Areas
    source: Path
    archive: bytes


def ground_of(shared: Path, name: str) -> Ground:
    source = shared / "data" / "roads" / PLACES[name]
    region, areas = build_region(read_streets(source, None), name=name), read_osm_areas(source)
    return Ground(region, areas, source, tiles(region, areas))


@pytest.fixture(scope="session")
def liechtenstein(shared: Path) -> Ground:
    return ground_of(shared, "liechtenstein")


@pytest.fixture(scope="session")
def monaco(shared: Path) -> Ground:
    return ground_of(shared, "monaco")
