"""Road files: built, opened, asked."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tocsin.base.geometry import LonLat
from tocsin.edge.region_bounds import check_near
from tocsin.edge.street_files import read_streets
from tocsin.edge.whole_file import check_place
from tocsin.roads.build import build_region
from tocsin.roads.dijkstra import DijkstraRouter
from tocsin.roads.info import RegionInfo, RouteRow, info, route_rows
from tocsin.roads.region import Region
from tocsin.roads.region_file import MAGIC, open_region, write_region
from tocsin.roads.snapping import Snapper
from tocsin.wiring.stages import Progress

TREES_KEPT = 256
"""Shortest-path trees that a replay keeps: most places of a fortnight come back within a day."""


class Roads(NamedTuple):
    """A region with what answers questions about it."""

    region: Region
    snapper: Snapper
    router: DijkstraRouter


def open_roads(path: Path) -> Roads:
    """Raises the BadInput of an unreadable region."""
    region = open_region(path)
    return Roads(region, Snapper(region), DijkstraRouter(region, trees_kept=TREES_KEPT))


def make_region(source: Path, out: Path, *, mapping: Path | None, name: str | None, progress: Progress) -> RegionInfo:
    """Build a region file from OpenStreetMap, GeoJSON or tables."""
    check_place(out, begins=MAGIC)
    region = build_region(read_streets(source, mapping, progress=progress), name=name or out.stem, progress=progress)
    write_region(region, out)
    return info(region)


def show_region(path: Path) -> RegionInfo:
    """What a region file holds."""
    return info(open_region(path))


def show_routes(path: Path, froms: Sequence[LonLat], to: LonLat, *, has_geometry: bool) -> list[RouteRow]:
    """Quickest ways from each place to one."""
    roads = open_roads(path)
    check_near(roads.snapper, [*froms, to], path)
    return route_rows(roads.router, roads.snapper, froms, to, has_geometry=has_geometry)
