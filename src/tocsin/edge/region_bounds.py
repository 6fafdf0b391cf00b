"""Whether places and a road file belong together: figures on another city's roads would look like any other."""

from collections.abc import Sequence
from pathlib import Path

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.core.board.board import Board
from tocsin.edge.centre_folder import read_centre_folder, region_path, speeds_path
from tocsin.roads.info import info
from tocsin.roads.region_file import open_region
from tocsin.roads.snapping import Snapper
from tocsin.roads.speeds import Speeds

FAR_M = 5_000.0
"""Farther from every road of the region, a place is not in it."""

FAR_DEGREES = 0.05
"""The same for the region's box: a station on the far shore is no mistake, a station in another country is."""

SAMPLE = 1000
"""Incidents whose places are compared before a replay."""


def check_near(snapper: Snapper, places: Sequence[LonLat], region: Path) -> None:
    """Raises BadInput ``outside_region`` for the first place that is farther than ``FAR_M`` from every road."""
    for place, snap in zip(places, snapper.snap(places), strict=True):
        if snap.distance_m > FAR_M:
            raise BadInput("outside_region", file=str(region), lon=place.lon, lat=place.lat, snap_km=round(snap.distance_m / 1000, 1))


def check_incidents(board: Board, region: Path) -> None:
    """Raises BadInput ``region_elsewhere`` when most of a journal's incidents lie outside the region."""
    placed = [incident.place.at for incident in board.incidents.values() if incident.place.at is not None][:SAMPLE]
    bbox = info(open_region(region)).bbox
    outside = sum(not _is_inside(place, bbox) for place in placed)
    if 2 * outside > len(placed):
        raise BadInput("region_elsewhere", file=str(region), outside=outside, places=len(placed))


def check_roads(folder: Path) -> list[BadInput]:
    """Every station of a centre that lies outside the centre's region. Raises what an unreadable folder or region raises, and what
    learned speeds raise that are unreadable or not that region's."""
    centre = read_centre_folder(folder)
    region = region_path(folder, centre)
    if region is None:
        return []
    roads = open_region(region)
    speeds = speeds_path(folder, centre)
    if speeds is not None:
        Speeds.load(speeds, roads)
    bbox = info(roads).bbox
    outside = [one for one in centre.stations if one.place.at is not None and not _is_inside(one.place.at, bbox)]
    return [BadInput("station_outside_region", file=str(folder / "stations.csv"), field=one.station, region=region) for one in outside]


def _is_inside(place: LonLat, bbox: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bbox
    return west - FAR_DEGREES <= place.lon <= east + FAR_DEGREES and south - FAR_DEGREES <= place.lat <= north + FAR_DEGREES
