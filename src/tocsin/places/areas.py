"""Areas: station areas, districts, any polygons of a GeoJSON file (RFC 7946). Which of them hold a place?

An area's border belongs to it: a place on a shared border is in both. What could be mistaken is refused with the number of its feature;
what is merely no area is left out and counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from math import inf
from typing import Any, Final, NamedTuple

import msgspec
import shapely
from shapely.geometry.base import BaseGeometry

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat

USUAL_NAMES: Final = ("name", "NAME", "Name", "area", "district", "station", "label", "title", "id", "code")
"""Properties that are looked for, in this order, where no other is asked for."""

_WGS84: Final = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326")
"""What an old file may say its coordinates are; RFC 7946 knows no other and no such member."""

_WIDEST_DEGREES = 180.0
_NO_DEGREES = 10**12
"""Whole numbers of JSON may be longer than a float can hold."""
_GEOMETRIES: Final = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")


class AreaName(NamedTuple):
    """An area that holds a place."""

    layer: str
    name: str


class Layer(msgspec.Struct, frozen=True):
    """What was read of one file."""

    name: str
    areas: int
    mended: int
    """Outlines that crossed themselves and were made valid."""
    dropped: Mapping[str, int]
    """Reason → features that are no areas: ``not_a_polygon``, ``no_geometry``, ``nothing_left``."""


class Areas:
    """Polygons of any number of layers behind one spatial index. Never changed after it is made."""

    def __init__(self, shapes: Iterable[tuple[AreaName, BaseGeometry]], layers: Iterable[Layer]) -> None:
        rows = list(shapes)
        self.layers = tuple(layers)
        self._names = [name for name, _ in rows]
        self._tree = shapely.STRtree([shape for _, shape in rows])

    @classmethod
    def read(cls, data: bytes, *, layer: str, file: str = "", name_key: str | None = None) -> "Areas":
        """The areas of a GeoJSON file's bytes: a FeatureCollection, one Feature, or a bare geometry.

        Raises BadInput ``areas_unreadable`` (no GeoJSON), ``areas_crs`` (not in WGS 84 degrees), ``areas_shape`` (a ring that is none),
        ``areas_off_earth``, ``areas_too_wide`` (spans more than 180°: across the antimeridian or round a pole), ``areas_name`` (no name
        by the asked or any usual property), ``areas_none`` (no polygon at all). ``line`` is not known; ``field`` is the feature's number.
        """
        collection = _decode(data, file)
        shapes: list[tuple[AreaName, BaseGeometry]] = []
        dropped: Counter[str] = Counter()
        mended = 0
        for number, feature in enumerate(_features(collection, file), 1):
            read = _Feature(feature, number, file)
            why = read.why_dropped()
            if why:
                dropped[why] += 1
                continue
            shape, is_mended = read.shape()
            if shape is None:
                dropped["nothing_left"] += 1
                continue
            mended += is_mended
            shapes.append((AreaName(layer, read.name(name_key)), shape))
        if not shapes:
            raise BadInput("areas_none", file=file)
        return cls(shapes, [Layer(layer, len(shapes), mended, dict(sorted(dropped.items())))])

    @classmethod
    def joined(cls, several: Iterable["Areas"]) -> "Areas":
        """Several as one, in their order."""
        parts = list(several)
        rows = [row for part in parts for row in zip(part._names, part._tree.geometries, strict=True)]
        return cls(rows, [layer for part in parts for layer in part.layers])

    def of(self, place: LonLat) -> list[AreaName]:
        """Every area that holds a place, borders included, layer by layer as they were read; none where there is none."""
        if not place.is_on_earth():
            return []
        rows = self._tree.query(shapely.Point(place.lon, place.lat), predicate="intersects")
        found: dict[AreaName, None] = {}
        for row in sorted(int(row) for row in rows):
            found.setdefault(self._names[row])
        return list(found)


NO_AREAS = Areas((), ())
"""Where no layer was given."""


def _decode(data: bytes, file: str) -> dict[str, Any]:
    try:
        collection = msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise BadInput("areas_unreadable", file=file, reason=problem) from None
    if not isinstance(collection, dict):
        raise BadInput("areas_unreadable", file=file, reason="{…}")
    crs = collection.get("crs")
    if crs is not None and _crs_name(crs) not in _WGS84:
        raise BadInput("areas_crs", file=file, value=_crs_name(crs))
    return collection


def _crs_name(crs: object) -> str:
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name", crs)) if isinstance(properties, dict) else str(crs)


def _features(collection: dict[str, Any], file: str) -> Iterator[Any]:
    kind = collection.get("type")
    if kind == "FeatureCollection" and isinstance(collection.get("features"), list):
        yield from collection["features"]
    elif kind == "Feature":
        yield collection
    elif kind in _GEOMETRIES:
        yield {"type": "Feature", "geometry": collection, "properties": None}
    else:
        raise BadInput("areas_unreadable", file=file, reason=f"type: {kind}")


class _Feature:
    """One feature, told by its number in whatever is wrong with it."""

    def __init__(self, feature: Any, number: int, file: str) -> None:
        self._number = str(number)
        self._file = file
        self._feature: dict[str, Any] = feature if isinstance(feature, dict) else {}
        if self._feature.get("type") != "Feature" or "geometry" not in self._feature:
            raise self._no_shape()
        geometry = self._feature["geometry"]
        if geometry is not None and (not isinstance(geometry, dict) or geometry.get("type") not in _GEOMETRIES):
            raise self._no_shape()
        self._geometry: dict[str, Any] | None = geometry

    def _no_shape(self) -> BadInput:
        return BadInput("areas_shape", file=self._file, field=self._number)

    def why_dropped(self) -> str:
        """Empty for a polygon."""
        if self._geometry is None:
            return "no_geometry"
        return "" if self._geometry["type"] in ("Polygon", "MultiPolygon") else "not_a_polygon"

    def name(self, key: str | None) -> str:
        """By the property that was asked for, else the usual ones, else the feature's id."""
        properties = self._feature.get("properties")
        told: dict[str, Any] = properties if isinstance(properties, dict) else {}
        candidates = [told.get(key)] if key else [*(told.get(usual) for usual in USUAL_NAMES), self._feature.get("id")]
        for value in candidates:
            if isinstance(value, str | int | float) and str(value).strip():
                return str(value).strip()
        raise BadInput(
            "areas_name",
            file=self._file,
            field=self._number,
            value=key or ", ".join(USUAL_NAMES),
            known=", ".join(sorted(map(str, told))) or "–",
        )

    def shape(self) -> tuple[BaseGeometry | None, bool]:
        """The polygon, made valid, and whether it had to be; None where nothing of any width is left."""
        geometry = self._geometry or {}
        polygons = geometry.get("coordinates")
        polygons = [polygons] if geometry.get("type") == "Polygon" else polygons
        if not isinstance(polygons, list) or not polygons:
            raise self._no_shape()
        shape: BaseGeometry = shapely.MultiPolygon([self._polygon(rings) for rings in polygons])
        if shape.is_valid:
            return shape, False
        # Rings that cross themselves keep every part that they go round; lines that have no width fall away.
        mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
        return (mended if mended.area > 0 else None), True

    def _polygon(self, rings: Any) -> BaseGeometry:
        if not isinstance(rings, list) or not rings:
            raise self._no_shape()
        outer, *holes = [self._ring(ring) for ring in rings]
        lons = [lon for lon, _ in outer]
        if max(lons) - min(lons) > _WIDEST_DEGREES:
            raise BadInput("areas_too_wide", file=self._file, field=self._number, degrees=f"{max(lons) - min(lons):.0f}")
        return shapely.Polygon(outer, holes)

    def _ring(self, ring: Any) -> list[tuple[float, float]]:
        if not isinstance(ring, list) or len(ring) < 4:
            raise self._no_shape()
        return [self._point(point) for point in ring]

    def _point(self, point: Any) -> tuple[float, float]:
        if not isinstance(point, list) or len(point) < 2 or not all(type(part) in (int, float) for part in point[:2]):
            raise self._no_shape()
        lon, lat = (float(part) if abs(part) < _NO_DEGREES else inf for part in point[:2])
        if not LonLat(lon, lat).is_on_earth():
            raise BadInput("areas_off_earth", file=self._file, field=self._number, lon=lon, lat=lat)
        return lon, lat
