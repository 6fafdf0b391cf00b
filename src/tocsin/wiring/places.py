"""Where is it? A region's gazetteer, its bounds, and layers of areas, put together."""

from collections.abc import Sequence
from pathlib import Path

from tocsin.edge.area_files import read_areas
from tocsin.places.areas import NO_AREAS
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.locate import Locator
from tocsin.roads.info import info
from tocsin.roads.region_file import open_region

SECTION = "places"
"""Of the region file, where its gazetteer lies."""


def open_locator(region: Path, areas: Sequence[Path] = (), *, name_key: str | None = None) -> Locator:
    """A region without a gazetteer still answers coordinates. Raises the BadInput of an unreadable region or layer."""
    opened = open_region(region)
    section = opened.sections.get(SECTION)
    gazetteer = Gazetteer.open(section) if section is not None else None
    layers = read_areas(areas, name_key=name_key) if areas else NO_AREAS
    return Locator(gazetteer, areas=layers, bbox=info(opened).bbox)
