"""The map: what it shows, its tiles as they lie in the road file, ways of units, and how far the free ones get."""

from typing import Any, Final

import msgspec
from starlette.responses import Response

from tocsin.base.faults import BadInput
from tocsin.base.identifiers import IncidentId
from tocsin.places.locate import Described, Located
from tocsin.web.asked import Asked
from tocsin.web.audiences import audience_of
from tocsin.web.off_loop import in_thread
from tocsin.web.ports import MapAnswers, MapPart, UnitRoute
from tocsin.web.reading import on_earth
from tocsin.web.texts import MOST_NAME, check_length

MOST_MINUTES, MOST_BANDS = 60, 4
KEPT: Final = "public, max-age=31536000, immutable"
"""A tile's address names the map that it was cut from: it never changes."""


class MapTold(msgspec.Struct, frozen=True):
    """What the map shows."""

    bounds: tuple[float, float, float, float]
    """West, south, east, north."""
    min_zoom: int
    max_zoom: int
    attribution: tuple[str, ...]
    map_hash: str
    layers: list[str]


class Routes(msgspec.Struct, frozen=True):
    """Ways to an incident: of units that are sent there, and of those that are recommended."""

    routes: tuple[UnitRoute, ...]


class RoutesQuery(msgspec.Struct, frozen=True):
    """Which incident."""

    incident: IncidentId


class ReachQuery(msgspec.Struct, frozen=True):
    """Minutes, separated by commas."""

    minutes: str = "4,8"


class PlacesQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was said of a place, and near where it is meant. A body: addresses are written into logs."""

    q: str
    lon: float | None = None
    lat: float | None = None


class AtQuery(msgspec.Struct, frozen=True):
    """A place."""

    lon: float
    lat: float


async def get_map(asked: Asked) -> MapTold:
    """Raises BadInput ``no_map``."""
    part = _map_of(asked)
    header = part.archive.header
    told = await in_thread(part.archive.metadata)
    layers = [str(layer.get("id", "")) for layer in told.get("vector_layers", []) if isinstance(layer, dict)]
    return MapTold(part.bounds, header.least_zoom, header.most_zoom, part.attribution, part.map_hash, layers)


async def get_tile(asked: Asked) -> Response:
    """A vector tile, packed as it is stored; 204 where the map is empty. Raises BadInput ``no_map``, ``not_found``."""
    part = _map_of(asked)
    if asked.named("map_hash") != part.map_hash:
        raise BadInput("not_found", path=asked.request.url.path[:MOST_NAME], method="GET")
    z, x, y = (asked.request.path_params[name] for name in ("z", "x", "y"))
    tile = part.archive.find_gzipped(z, x, y) if z <= part.archive.header.most_zoom else None
    headers = {"Cache-Control": KEPT, "ETag": f'"{part.map_hash}/{z}/{x}/{y}"'}
    if tile is None:
        return Response(status_code=204, headers=headers)
    return Response(tile, headers={**headers, "Content-Encoding": "gzip"}, media_type="application/vnd.mapbox-vector-tile")


def _map_of(asked: Asked) -> MapPart:
    if asked.parts.map is None:
        raise BadInput("no_map")
    return asked.parts.map


async def get_routes(asked: Asked) -> Routes:
    """Raises BadInput ``roads_warming``, Refused IncidentUnknown."""
    query: RoutesQuery = asked.query
    roads, now = _roads_of(asked), asked.parts.clock().now
    wanted = await asked.parts.desk.look(lambda board: roads.routes_asked(board, query.incident, now))
    routes = await in_thread(lambda: tuple(roads.routes(wanted)))
    audience = audience_of(asked.signed_in)
    return Routes(tuple(route for route in routes if audience.kind != "crew" or route.unit == audience.unit))


async def get_reach(asked: Asked) -> dict[str, Any]:
    """How far the free units get, as GeoJSON. Raises BadInput ``minutes_unfit``, ``roads_warming``."""
    query: ReachQuery = asked.query
    minutes = sorted({int(part) for part in query.minutes.split(",") if part.isascii() and part.isdigit() and len(part) <= 3})
    if not 0 < len(minutes) <= MOST_BANDS or not 0 < minutes[0] <= minutes[-1] <= MOST_MINUTES:
        raise BadInput("minutes_unfit", field="minutes", bands=MOST_BANDS, most=MOST_MINUTES)
    roads, now = _roads_of(asked), asked.parts.clock().now
    wanted = await asked.parts.desk.look(lambda board: roads.reach_asked(board, now))
    return await in_thread(lambda: roads.reach(wanted, minutes))


def _roads_of(asked: Asked) -> MapAnswers:
    roads = asked.parts.roads
    if roads is None or not roads.is_ready:
        raise BadInput("roads_warming")
    return roads


async def post_places(asked: Asked) -> Located:
    """Every place that the words may mean, best first."""
    query: PlacesQuery = asked.body
    check_length(query.q, MOST_NAME, "q")
    near = on_earth(query.lon, query.lat) if query.lon is not None and query.lat is not None else None
    return await in_thread(lambda: asked.parts.locator.find(query.q, near=near))


async def get_place_at(asked: Asked) -> Described:
    """What is near a place, and what it is called."""
    query: AtQuery = asked.query
    place = on_earth(query.lon, query.lat)
    return await in_thread(lambda: asked.parts.locator.describe(place))
