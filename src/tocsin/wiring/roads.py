"""Road files: built, opened, asked."""

import os
from collections.abc import Sequence
from pathlib import Path

from tocsin.base.geometry import LonLat
from tocsin.edge.region_bounds import check_near
from tocsin.edge.street_files import read_streets
from tocsin.edge.whole_file import check_place
from tocsin.roads.build import build_region
from tocsin.roads.info import RegionInfo, RouteRow, info, route_rows
from tocsin.roads.network import RoadNetwork, order_section
from tocsin.roads.region_file import MAGIC, open_region, write_region
from tocsin.roads.speeds import NO_SPEEDS, Speeds
from tocsin.wiring.stages import Progress

ROUTER = "TOCSIN_ROUTER"
"""Set to ``scipy``: do without the compiled kernel, as where it cannot run."""


def open_roads(path: Path, speeds: Path | None = None) -> RoadNetwork:
    """Raises the BadInput of an unreadable region or of speeds that are not its own."""
    region = open_region(path)
    learned = Speeds.load(speeds, region) if speeds is not None else NO_SPEEDS
    return RoadNetwork(region, learned, is_compiled=os.environ.get(ROUTER) != "scipy")


def make_region(source: Path, out: Path, *, mapping: Path | None, name: str | None, progress: Progress) -> RegionInfo:
    """Build a region file from OpenStreetMap, GeoJSON or tables."""
    check_place(out, begins=MAGIC)
    region = build_region(read_streets(source, mapping, progress=progress), name=name or out.stem, progress=progress)
    progress(0, None, "order")
    region = region.with_sections(order_section(region))
    write_region(region, out)
    return info(region)


def show_region(path: Path) -> RegionInfo:
    """What a region file holds."""
    return info(open_region(path))


def show_routes(path: Path, froms: Sequence[LonLat], to: LonLat, *, has_geometry: bool) -> list[RouteRow]:
    """Quickest ways from each place to one."""
    network = open_roads(path)
    check_near(network.snapper, [*froms, to], path)
    return route_rows(network.router(), network.snapper, froms, to, has_geometry=has_geometry)
