"""Cuts vector tiles out of a region: one at a time for a server, or all of them for the region file.

Both go the same way: find what lies in the tile, clip it with a margin, leave out points that nobody could see, round, encode. The same
region gives the same bytes.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from tocsin.maps.areas import NO_AREAS, Areas
from tocsin.maps.ground import LAYERS, MOST_ZOOM, WORLD, Source, sources_of
from tocsin.maps.mercator import Tile
from tocsin.maps.pmtiles import pack
from tocsin.maps.vector_tile import EXTENT, Feature, Geometry, layer_bytes
from tocsin.roads.region import Region
from tocsin.roads.streets import Progress, no_progress

MARGIN: Final = 64
"""Units that lines and outlines run on beyond the tile's side, so that no seam is seen."""

SLACK: Final = 2.0
"""Units (a quarter of a pixel of a 512-pixel tile) by which a line may be off; half of it at the deepest zoom, which is magnified."""


class TileCutter:
    """Tiles of one region. Made in about a second for a city; a tile takes milliseconds. Never changed: threads may share it."""

    def __init__(self, region: Region, areas: Areas = NO_AREAS) -> None:
        self.sources = sources_of(region, areas)

    def cut(self, z: int, x: int, y: int) -> bytes | None:
        """A tile as vector-tile bytes, zoom 0 to 14; None where there is nothing to show."""
        tile = Tile(z, x, y)
        body = b"".join(self._layer(name, tile) for name in LAYERS)
        return body or None

    def holding(self, z: int) -> Iterator[Tile]:
        """Tiles of a zoom, in the order of their ids at no zoom in particular, in which anything lies at all."""
        waiting = [Tile(0, 0, 0)]
        while waiting:
            tile = waiting.pop()
            if not any(len(source.tree.query(_box(tile))) for source in self.sources):
                continue
            if tile.z == z:
                yield tile
            else:
                waiting += [Tile(tile.z + 1, 2 * tile.x + right, 2 * tile.y + low) for low in (1, 0) for right in (1, 0)]

    def _layer(self, name: str, tile: Tile) -> bytes:
        features: list[Feature] = []
        parts: list[Geometry] = []
        count = 0
        for source in self.sources:
            if source.layer == name and tile.z <= source.most_zoom:
                drawn = _drawn(source, tile)
                for row, first, last in _runs(drawn.tag_row):
                    features.append(Feature(source.tags[row], source.shape, count + first, count + last))
                count += len(drawn.tag_row)
                parts.append(drawn.geometry)
        return layer_bytes(name, features, _joined(parts)) if features else b""


def tiles(region: Region, areas: Areas = NO_AREAS, progress: Progress = no_progress, *, most_zoom: int = MOST_ZOOM) -> bytes:
    """All tiles of a region as a PMTiles archive; stages told to ``progress``: tiles."""
    cutter = TileCutter(region, areas)
    wanted = [tile for z in range(most_zoom + 1) for tile in cutter.holding(z)]
    cut: dict[Tile, bytes] = {}
    for done, tile in enumerate(wanted):
        progress(done, len(wanted), "tiles")
        body = cutter.cut(*tile)
        if body is not None:
            cut[tile] = body
    progress(len(wanted), len(wanted), "tiles")
    return pack(cut, bounds_e7=_bounds_e7(region), metadata=_about(region, cutter))


def _bounds_e7(region: Region) -> tuple[int, int, int, int]:
    lon, lat = region.point_lon_e7, region.point_lat_e7
    return int(lon.min()), int(lat.min()), int(lon.max()), int(lat.max())


def _about(region: Region, cutter: TileCutter) -> dict[str, Any]:
    """The metadata that PMTiles asks for (spec 5), and which map this is."""
    has = {source.layer: set().union(*source.tags) for source in cutter.sources}
    fields = {name: {key: "Number" if key == "oneway" else "String" for key in sorted(keys)} for name, keys in has.items()}
    return {
        "name": region.header.name,
        "attribution": " ".join(region.header.attribution),
        "licence": region.header.licence,
        "map_hash": region.map_hash,
        "vector_layers": [{"id": name, "fields": fields[name]} for name in LAYERS if name in fields],
    }


# ---- from geometries to the numbers of a tile


class _Drawn(NamedTuple):
    """What a tile shows of a source."""

    geometry: Geometry
    tag_row: NDArray[np.int64]
    """Of each part."""


def _box(tile: Tile, margin: float = 0.0) -> Any:
    return shapely.box(*_rectangle(tile, margin))


def _rectangle(tile: Tile, margin: float) -> tuple[float, float, float, float]:
    """West, north, east, south in world units; the margin in units of the tile."""
    side = WORLD / (1 << tile.z)
    wide = side * margin / EXTENT
    return tile.x * side - wide, tile.y * side - wide, (tile.x + 1) * side + wide, (tile.y + 1) * side + wide


def _drawn(source: Source, tile: Tile) -> _Drawn:
    if source.shape == "point":
        return _points(source, tile)
    frame = _rectangle(tile, MARGIN)
    rows = np.sort(source.tree.query(shapely.box(*frame)))
    rows = rows[source.least_zoom[rows] <= tile.z]
    found = source.geometry[rows]
    bounds = source.bounds[rows]
    is_cut = (bounds[:, :2] < frame[:2]).any(axis=1) | (bounds[:, 2:] > frame[2:]).any(axis=1)
    if is_cut.any():
        found[is_cut] = shapely.clip_by_rect(found[is_cut], *frame)
    parts, of = shapely.get_parts(found, return_index=True)
    if source.shape == "outline":
        is_polygon = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
        lines, outer, of = *_rings(parts[is_polygon]), of[is_polygon]
        of = of[outer]
    else:
        is_line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
        lines, outer, of = parts[is_line], None, of[is_line]
    geometry, kept = _rounded(lines, tile, outer)
    return _Drawn(geometry, source.tag_row[rows[of[kept]]])


def _rings(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Rings as lines, outer before inner, and the polygon of each."""
    if not len(polygons):
        return np.empty(0, dtype=object), np.zeros(0, dtype=np.int64)
    _, points, (ring_start, polygon_start) = shapely.to_ragged_array(polygons)
    lines = shapely.from_ragged_array(shapely.GeometryType.LINESTRING, points, (ring_start,))
    return np.asarray(lines, dtype=object), np.repeat(np.arange(len(polygons)), np.diff(polygon_start))


def _rounded(lines: NDArray[np.object_], tile: Tile, polygon: NDArray[np.int64] | None) -> tuple[Geometry, NDArray[np.int64]]:
    """Lines (or rings, with their polygons) in whole tile units, and which of them are left."""
    if not len(lines):
        return NOTHING, np.zeros(0, dtype=np.int64)
    per_unit = float(1 << MOST_ZOOM - tile.z)
    slack = SLACK / 2 if tile.z == MOST_ZOOM else SLACK
    _, points, (start,) = shapely.to_ragged_array(shapely.simplify(lines, slack * per_unit, preserve_topology=False))
    x = np.rint(points[:, 0] / per_unit).astype(np.int64) - tile.x * EXTENT
    y = np.rint(points[:, 1] / per_unit).astype(np.int64) - tile.y * EXTENT
    geometry = _without_repeats(x, y, start.astype(np.int64))
    if polygon is None:
        kept = np.flatnonzero(np.diff(geometry.start) >= 2)
        return _only(geometry, kept), kept
    return _oriented(geometry, polygon)


def _without_repeats(x: NDArray[np.int64], y: NDArray[np.int64], start: NDArray[np.int64]) -> Geometry:
    is_new = np.ones(len(x), dtype=bool)
    is_new[1:] = (x[1:] != x[:-1]) | (y[1:] != y[:-1])
    is_new[start[:-1][start[:-1] < len(x)]] = True
    at = np.concatenate([[0], np.cumsum(is_new)])
    return Geometry(x[is_new], y[is_new], at[start])


def _oriented(geometry: Geometry, polygon: NDArray[np.int64]) -> tuple[Geometry, NDArray[np.int64]]:
    """Rings open, outer ones of positive area, inner ones of negative (4.3.4.4). A polygon whose outer ring is gone is gone."""
    is_outer = np.ones(len(polygon), dtype=bool)
    is_outer[1:] = polygon[1:] != polygon[:-1]
    x, y, start = geometry
    # of a closed ring: the cross products of neighbours, summed; those between one ring and the next are left out
    cross = np.zeros(len(x), dtype=np.int64)
    cross[:-1] = x[:-1] * y[1:] - x[1:] * y[:-1]
    cross[start[1:] - 1] = 0
    area = np.add.reduceat(cross, start[:-1])
    is_kept = (area != 0) & (np.diff(start) >= 4)
    is_kept &= is_kept[np.flatnonzero(is_outer)][np.cumsum(is_outer) - 1]
    ring = np.repeat(np.arange(len(polygon)), np.diff(start))
    is_turned = (area > 0) != is_outer
    place = np.arange(len(x))
    place = np.where(is_turned[ring], start[ring] + start[ring + 1] - 1 - place, place)
    kept = np.flatnonzero(is_kept)
    is_point = is_kept[ring]
    is_point[start[1:] - 1] = False  # the closing point
    sizes = np.diff(start)[kept] - 1
    return Geometry(x[place][is_point], y[place][is_point], np.concatenate([[0], np.cumsum(sizes)])), kept


def _only(geometry: Geometry, kept: NDArray[np.int64]) -> Geometry:
    sizes = np.diff(geometry.start)
    is_kept = np.zeros(len(sizes), dtype=bool)
    is_kept[kept] = True
    is_point = np.repeat(is_kept, sizes)
    return Geometry(geometry.x[is_point], geometry.y[is_point], np.concatenate([[0], np.cumsum(sizes[kept])]))


def _points(source: Source, tile: Tile) -> _Drawn:
    """A point belongs to one tile alone: its sign is not drawn twice."""
    rows = np.sort(source.tree.query(_box(tile)))
    rows = rows[source.least_zoom[rows] <= tile.z]
    per_unit = float(1 << MOST_ZOOM - tile.z)
    x = np.floor(shapely.get_x(source.geometry[rows]) / per_unit).astype(np.int64) - tile.x * EXTENT
    y = np.floor(shapely.get_y(source.geometry[rows]) / per_unit).astype(np.int64) - tile.y * EXTENT
    is_in = (x >= 0) & (x < EXTENT) & (y >= 0) & (y < EXTENT)
    # one part for each set of tags, as the format wants points of one feature
    row = source.tag_row[rows[is_in]]
    tag_row, sizes = np.unique(row, return_counts=True)
    return _Drawn(Geometry(x[is_in], y[is_in], np.concatenate([[0], np.cumsum(sizes)])), tag_row)


NOTHING: Final = Geometry(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64))


def _joined(parts: list[Geometry]) -> Geometry:
    if len(parts) == 1:
        return parts[0]
    moved = [part.start[1:] + offset for part, offset in zip(parts, np.cumsum([0, *(len(part.x) for part in parts)]), strict=False)]
    return Geometry(np.concatenate([part.x for part in parts]), np.concatenate([part.y for part in parts]), np.concatenate([[0], *moved]))


def _runs(rows: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """Value, first and end of each run of equal rows."""
    if not len(rows):
        return
    first = np.flatnonzero(np.diff(rows, prepend=rows[0] - 1))
    yield from zip(rows[first].tolist(), first.tolist(), [*first[1:].tolist(), len(rows)], strict=True)
