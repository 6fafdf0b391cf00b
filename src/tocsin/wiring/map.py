"""The map of a region with stations, closures and how far help comes."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.edge.log_files import read_log
from tocsin.edge.region_bounds import check_near
from tocsin.edge.whole_file import check_place, write_whole
from tocsin.formats.fleet_files import read_stations
from tocsin.maps.archive import SECTION, TileArchive
from tocsin.maps.ground import MOST_ZOOM
from tocsin.maps.layers import MOST_MINUTES as MOST_MINUTES  # noqa: PLC0414 - the alias says that it may be taken from here
from tocsin.maps.layers import StationPlace, closure_lines, collection, covered_share, isochrones
from tocsin.maps.pmtiles import tile_of
from tocsin.maps.reached import UNREACHABLE, at_nodes
from tocsin.maps.tiles import tiles
from tocsin.pages.map import AreaTold, MapShown, render
from tocsin.roads.info import info
from tocsin.roads.network import RoadNetwork
from tocsin.wiring.reports import PAGE_BEGIN
from tocsin.wiring.roads import closed_edges, open_roads, street_names
from tocsin.wiring.stages import Progress


class MapOptions(NamedTuple):
    """What to show above the streets."""

    stations: Path | None = None
    closed: Sequence[LonLat] = ()
    """Places on streets that are closed, both ways."""
    minutes: Sequence[int] = ()
    speeds: Path | None = None
    """Learned speeds for how far help comes; the map's own without."""


class ZoomTold(msgspec.Struct, frozen=True):
    """Tiles of one zoom."""

    zoom: int
    tiles: int
    bytes: int
    """As stored: gzipped."""


class AreaAnswer(msgspec.Struct, frozen=True):
    """How far help comes in some minutes."""

    minutes: int
    area_km2: float
    street_share: float
    """Of the streets' length, 0 to 1."""


class MapAnswer(msgspec.Struct, frozen=True):
    """The answer of ``tocsin map --json``."""

    name: str
    map_hash: str
    is_stored: bool
    """The tiles come from the road file; else they were cut from its streets just now."""
    layers: list[str]
    bytes: int
    """Of the tile archive."""
    zooms: list[ZoomTold]
    stations: int
    closed_streets: int
    areas: list[AreaAnswer]
    page: str | None = None
    """The HTML file, when one was asked for."""


class MapMade(NamedTuple):
    """The map ready to be drawn, whether its tiles were in the road file, and what is closed on it."""

    shown: MapShown
    is_stored: bool
    closed_streets: list[str | None]
    """Names, each once; None for streets without one."""


def make_map(path: Path, options: MapOptions, *, progress: Progress) -> MapMade:
    """Tiles and layers. Raises the BadInput of unreadable files, ``minutes``, ``minutes_without_stations``, ``outside_region``,
    ``closes_nothing``."""
    network = open_roads(path, options.speeds)
    region = network.region
    stations = _stations(options.stations) if options.stations is not None else []
    if options.minutes and not stations:
        raise BadInput("minutes_without_stations", field="--minutes")
    check_near(network.snapper, [*(one.at for one in stations), *options.closed], path)
    closed = closed_edges(network, options.closed)
    told, drawn = _coverage(network, stations, closed, options.minutes) if options.minutes else ((), collection(()))
    section = region.sections.get(SECTION)
    archive = TileArchive(section if section is not None else tiles(region, progress=progress))
    shown = _shown(network, closed, archive, stations, told)._replace(closures=closure_lines(region, closed), isochrones=drawn)
    return MapMade(shown, section is not None, street_names(region, closed))


def _stations(path: Path) -> list[StationPlace]:
    problems: list[BadInput] = []
    found, _ = read_stations(read_log(path).text, file=str(path), problems=problems)
    if problems:
        raise problems[0]
    return [StationPlace(str(one.station), one.name, one.place.at) for one in found if one.place.at is not None]


def _coverage(
    network: RoadNetwork, stations: Sequence[StationPlace], closed: NDArray[np.int64], minutes: Sequence[int]
) -> tuple[list[AreaTold], dict[str, object]]:  # fmt: skip
    region, router = network.region, network.router(closed=closed)
    starts = [snap.on for snap in network.snapper.snap([one.at for one in stations])]
    node_ms = at_nodes(region, network.graph, router.node_times_from(starts))
    edge_ms = np.where(router.costs.is_closed, UNREACHABLE, router.costs.drive_ms)
    drawn = isochrones(region, node_ms, minutes, edge_ms)
    areas = {one["properties"]["minutes"]: one["properties"]["area_km2"] for one in drawn["features"]}
    return [AreaTold(step, areas[step], covered_share(region, node_ms, step, edge_ms)) for step in sorted(areas)], drawn


def _shown(
    network: RoadNetwork, closed: NDArray[np.int64], archive: TileArchive, stations: Sequence[StationPlace], told: Sequence[AreaTold]
) -> MapShown:  # fmt: skip
    region = network.region
    header = region.header
    return MapShown(
        name=header.name,
        source=header.source,
        licence=header.licence,
        attribution=header.attribution,
        map_hash=region.map_hash,
        metric=network.router(closed=closed).metric,
        streets=region.streets,
        bounds=info(region).bbox,
        archive=archive,
        stations=stations,
        closures=collection(()),
        isochrones=collection(()),
        areas=told,
    )


def write_map(made: MapMade, out: Path, *, most_zoom: int, language: str) -> None:
    """The map as one file that needs no network. Raises BadInput ``map_page_large``, ``file_write``, ``file_kept``."""
    check_place(out, begins=PAGE_BEGIN)
    try:
        write_whole(out, render(made.shown, language=language, most_zoom=most_zoom))
    except OSError as error:
        raise BadInput("file_write", file=str(out), why=error.strerror or error) from None


def check_zoom(zoom: int) -> None:
    """Raises BadInput ``map_zoom``."""
    if not 0 <= zoom <= MOST_ZOOM:
        raise BadInput("map_zoom", field="--zoom", value=zoom, most=MOST_ZOOM)


def map_answer(made: MapMade, page: Path | None) -> MapAnswer:
    """What the map holds."""
    shown = made.shown
    counts: dict[int, tuple[int, int]] = {}
    for entry in shown.archive.entries():
        for number in range(entry.tile_id, entry.tile_id + entry.run):
            zoom = tile_of(number).z
            count, total = counts.get(zoom, (0, 0))
            counts[zoom] = (count + 1, total + entry.length)
    return MapAnswer(
        name=shown.name,
        map_hash=shown.map_hash,
        is_stored=made.is_stored,
        layers=[layer["id"] for layer in shown.archive.metadata().get("vector_layers", ())],
        bytes=len(shown.archive),
        zooms=[ZoomTold(zoom, *found) for zoom, found in sorted(counts.items())],
        stations=len(shown.stations),
        closed_streets=len(shown.closures["features"]),
        areas=[AreaAnswer(*one) for one in shown.areas],
        page=str(page) if page is not None else None,
    )
