"""Road files: built, opened, asked."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.edge.osm_areas import read_osm_areas
from tocsin.edge.osm_places import read_osm_places
from tocsin.edge.region_bounds import check_near
from tocsin.edge.region_places import pieces
from tocsin.edge.street_files import is_geojson, is_osm, read_streets
from tocsin.edge.street_places import read_geojson_places
from tocsin.edge.whole_file import check_place
from tocsin.maps import archive
from tocsin.maps.areas import NO_AREAS
from tocsin.maps.tiles import tiles
from tocsin.places.rows import Row
from tocsin.places.seen import SeenBlock
from tocsin.places.store import build_gazetteer
from tocsin.roads.build import build_region
from tocsin.roads.closures import NEAR_M, ClosedShape
from tocsin.roads.info import NO_MORE, RegionInfo, RouteRow, Shown, info_with_search, route_rows
from tocsin.roads.network import NO_EDGES, Conditions, RoadNetwork, order_section
from tocsin.roads.region import Region
from tocsin.roads.region_file import MAGIC, open_region, write_region
from tocsin.roads.speeds import HOURS_PER_WEEK, NO_SPEEDS, Speeds
from tocsin.wiring import places
from tocsin.wiring.seen import blocks_of_journal
from tocsin.wiring.stages import Progress

ROUTER = "TOCSIN_ROUTER"
"""Set to ``scipy``: do without the compiled kernel, as where it cannot run. ``kernel`` or nothing: with it where it can."""

ROUTERS = ("kernel", "scipy")


class RoutesShown(NamedTuple):
    """Ways, whether the compiled kernel found them, and what they go round."""

    rows: list[RouteRow]
    is_compiled: bool
    closed_streets: list[str | None]
    """Names, each once; None for streets without one."""


def open_roads(path: Path, speeds: Path | None = None) -> RoadNetwork:
    """Raises BadInput ``router_unknown`` and that of an unreadable region or of speeds that are not its own."""
    asked = os.environ.get(ROUTER) or ROUTERS[0]
    if asked not in ROUTERS:
        raise BadInput("router_unknown", field=ROUTER, value=asked, known=", ".join(ROUTERS))
    region = open_region(path)
    learned = Speeds.load(speeds, region) if speeds is not None else NO_SPEEDS
    return RoadNetwork(region, learned, is_compiled=asked != "scipy")


def make_region(
    source: Path, out: Path, *, mapping: Path | None, name: str | None, progress: Progress, journal: Path | None = None
) -> RegionInfo:
    """Build a region file from OpenStreetMap, GeoJSON or tables. ``journal``: blocks of its incidents tell where their numbers are."""
    check_place(out, begins=MAGIC)
    seen = blocks_of_journal(journal) if journal is not None else []
    region = build_region(read_streets(source, mapping, progress=progress), name=name or out.stem, progress=progress)
    progress(0, None, "order")
    made: dict[str, NDArray[Any]] = dict(order_section(region))
    made[places.SECTION] = build_gazetteer(_place_rows(source, region, (mapping, seen), progress), source=_source_of(source))
    areas = read_osm_areas(source, progress=progress) if is_osm(source) else NO_AREAS
    made[archive.SECTION] = archive.section_of(tiles(region, areas, progress))
    region = region.with_sections(made)
    write_region(region, out)
    return info_with_search(RoadNetwork(region))


def _place_rows(source: Path, region: Region, told: tuple[Path | None, Sequence[SeenBlock]], progress: Progress) -> Iterator[Row]:
    """What can be looked up: the region's own streets and crossings, and what else the source and the mapping and blocks ``told`` know."""
    yield from pieces(region)
    if is_osm(source):
        yield from read_osm_places(source, progress=progress)
    elif is_geojson(source):
        mapping, seen = told
        yield from read_geojson_places(source, mapping, seen=seen)


def _source_of(source: Path) -> str:
    return "osm" if is_osm(source) else "streets"


def show_region(path: Path) -> RegionInfo:
    """What a region file holds."""
    return info_with_search(open_roads(path))


class RouteOptions(NamedTuple):
    """How to drive, and what to tell of it."""

    closed: Sequence[LonLat] = ()
    """Places on streets that are closed, both ways."""
    speeds: Path | None = None
    hour_of_week: int | None = None
    is_lights: bool = True
    shown: Shown = NO_MORE


def show_routes(path: Path, froms: Sequence[LonLat], to: LonLat, options: RouteOptions) -> RoutesShown:
    """Quickest ways from each place to one. Raises BadInput ``outside_region``, ``closes_nothing``, ``hour_of_week``,
    ``hour_without_speeds``."""
    _check_hour(options)
    network = open_roads(path, options.speeds)
    check_near(network.snapper, [*froms, to, *options.closed], path)
    closed = closed_edges(network, options.closed)
    router = network.router(Conditions(is_lights=options.is_lights, hour_of_week=options.hour_of_week), closed)
    rows = route_rows(network, froms, to, router=router, shown=options.shown)
    return RoutesShown(rows, network.is_compiled, street_names(network.region, closed))


def _check_hour(options: RouteOptions) -> None:
    hour = options.hour_of_week
    if hour is not None and not 0 <= hour < HOURS_PER_WEEK:
        raise BadInput("hour_of_week", field="--hour", value=hour)
    if hour is not None and options.speeds is None:
        raise BadInput("hour_without_speeds", field="--hour", value=hour)


def closed_edges(network: RoadNetwork, places: Sequence[LonLat]) -> NDArray[np.int64]:
    """Directed edges of the streets at these places, rising. Raises BadInput ``closes_nothing`` for a place with no street near."""
    return network.closures.all_closed([_point(network, place) for place in places]) if places else NO_EDGES


def _point(network: RoadNetwork, place: LonLat) -> ClosedShape:
    shape = ClosedShape("points", (place,))
    if not len(network.closures.closed_edges(shape)):
        raise BadInput("closes_nothing", field="--close", lon=place.lon, lat=place.lat, most_m=round(NEAR_M))
    return shape


def street_names(region: Region, edges: NDArray[np.int64]) -> list[str | None]:
    """Names of the streets that these edges follow, each once, in the order of the file; None for those without one."""
    return list(dict.fromkeys(region.name_of(int(edge)) for edge in edges))
