"""MGRS and USNG: a name of a square, 100 km to 1 m wide. Squares on the edge of a zone are cut off there, and their middle moves.

GEOTRANS (the ``mgrs`` library) takes squares that are not in their zone, reads three letters as squares near a pole, and gave corners
in one version and middles in another: squares are floored and cut here, whatever it gives.
"""

import re
import warnings
from functools import lru_cache
from math import floor
from typing import Any

import mgrs
import numpy as np
import shapely
import utm

from tocsin.base.geometry import LonLat, distance_m
from tocsin.base.quantities import Metres
from tocsin.places.around import Around
from tocsin.places.candidate import Candidate
from tocsin.places.reading import Reading
from tocsin.places.utm_zones import middle_meridian, zone_bounds

_GRID = mgrs.MGRS()
_MGRS = re.compile(r"(?P<zone>\d{1,2})\s*(?P<band>[C-HJ-NP-X])\s*(?P<square>[A-HJ-NP-Z]\s?[A-HJ-NP-V])(?P<digits>(?:\s*\d){0,10})")
_POLAR = re.compile(r"(?P<band>[ABYZ])\s*(?P<square>[A-HJ-NP-Z]\s?[A-HJ-NP-Z])(?P<digits>(?:\s*\d){4,10})")
"""Near a pole; with digits to the kilometre at least, for ``BAR 12`` is no square of the Antarctic to anybody."""
FAR_SCORE = 0.5
"""Of a square far away: ``12 RUE`` is a square in Arizona, and the beginning of an address."""


def read_mgrs(text: str, around: Around) -> Reading:
    """A square as one answer; with a note where the letters or digits name none. ``text`` is upper case.

    Without digits only a square around here counts: ``10 SCH`` is the beginning of an address before it is 100 km of California.
    """
    match = _MGRS.fullmatch(text) or _POLAR.fullmatch(text)
    if match is None:
        return Reading()
    groups = match["digits"].split()
    digits = "".join(groups)
    if len(digits) % 2 or (len(groups) == 2 and len(groups[0]) != len(groups[1])):
        return Reading((), "mgrs_invalid")
    zone = int(match.groupdict().get("zone") or 0)
    found = _cell(zone, match["band"], "".join(match["square"].split()), digits)
    if not digits and (found is None or not around.has_near(found.middle)):
        return Reading()
    return Reading((_answer(found, around),)) if found else Reading((), "mgrs_invalid")


def mgrs_name(place: LonLat) -> str:
    """``32T NT 39429 20853``: the metre that holds a place."""
    # the library names squares that do not exist for what lies less than a tenth of a millimetre south of the equator
    lat = min(place.lat, -1e-7) if place.lat < 0 else place.lat
    name = str(_GRID.toMGRS(lat, place.lon))
    head, tail = name[:-10], name[-10:]
    return f"{head[:-2]} {head[-2:]} {tail[:5]} {tail[5:]}".strip()


class Cell:
    """A square, cut off at the edges of its zone: name, outline (longitude, latitude), middle."""

    def __init__(self, name: str, outline: Any, middle: LonLat, *, is_outside: bool = False) -> None:
        self.name = name
        self.outline = outline
        self.middle = middle
        self.is_outside = is_outside

    def radius_m(self) -> Metres:
        """From the middle to the farthest corner."""
        return Metres(max(distance_m(start=self.middle, end=LonLat(lon, lat)) for lon, lat in self.outline))


@lru_cache(maxsize=1024)
def _cell(zone: int, band: str, square: str, digits: str) -> Cell | None:
    """The cell of a name; None where there is no such square."""
    if zone == 0:
        return _polar_cell(band, square, digits)
    bounds = zone_bounds(zone, band)
    if bounds is None:
        return None
    box = shapely.box(*bounds)
    whole = _ring(f"{zone}{band}{square}", zone, 0)
    ring = _ring(f"{zone}{band}{square}{digits}", zone, len(digits) // 2)
    if whole is None or ring is None or not shapely.intersects(box, shapely.Polygon(whole[0])):
        return None
    name = " ".join(part for part in (f"{zone:02d}{band}", square, digits[: len(digits) // 2], digits[len(digits) // 2 :]) if part)
    return _cut(name, box, *ring)


def _ring(name: str, zone: int, places: int) -> tuple[Any, LonLat] | None:
    """Outline and middle of the whole square; longitudes run on past ±180 rather than jump."""
    try:
        with warnings.catch_warnings():  # it prints one for squares beyond their band, which are cut or left out here
            warnings.simplefilter("ignore", RuntimeWarning)
            _, hemisphere, easting_m, northing_m = _GRID.MGRSToUTM(name)
    except mgrs.core.MGRSError:
        return None
    size_m = 10 ** (5 - places)
    west_m, south_m = (floor((value + 0.01) / size_m) * size_m for value in (easting_m, northing_m))
    # Edges of squares are no straight lines in degrees: 32 chords keep the bend of 100 km below a metre.
    steps = np.linspace(0.0, size_m, 33 if size_m >= 10_000 else 3)[:-1]
    flat = np.zeros_like(steps)
    eastings = west_m + np.concatenate([steps, flat + size_m, size_m - steps, flat, [size_m / 2]])
    northings = south_m + np.concatenate([flat, steps, flat + size_m, size_m - steps, [size_m / 2]])
    lat, lon = utm.to_latlon(eastings, northings, zone, northern=hemisphere == "N", strict=False)
    middle = middle_meridian(zone)
    points = np.column_stack([middle + (lon - middle + 180.0) % 360.0 - 180.0, lat])
    return points[:-1], LonLat(float(points[-1][0]), float(points[-1][1]))


def _cut(name: str, box: Any, ring: Any, middle: LonLat) -> Cell:
    """What of a square lies in its zone. One that lies beyond it altogether is where it says, with a remark."""
    square = shapely.Polygon(ring)
    part = shapely.intersection(square, box)
    if part.is_empty or part.geom_type != "Polygon":
        return Cell(name, ring, _wrapped(middle), is_outside=True)
    if part.area < square.area * (1 - 1e-9):
        middle = LonLat(part.centroid.x, part.centroid.y)
    return Cell(name, shapely.get_coordinates(part)[:-1], _wrapped(middle))


def _wrapped(place: LonLat) -> LonLat:
    return LonLat((place.lon + 180.0) % 360.0 - 180.0, place.lat)


def _polar_cell(band: str, square: str, digits: str) -> Cell | None:
    """Near the poles (UPS): the square as it is, not cut. Its corners are half a diagonal away."""
    try:
        lat, lon = _GRID.toLatLon(f"{band}{square}{digits}")
    except mgrs.core.MGRSError:
        return None
    if not (lat >= 84.0 if band in "YZ" else lat <= -80.0):
        return None
    size_m = 10 ** (5 - len(digits) // 2)
    reach_degrees = size_m / 2**0.5 / 111_195
    name = f"{band} {square} {digits[: len(digits) // 2]} {digits[len(digits) // 2 :]}"
    middle = LonLat(float(lon), float(lat))
    return Cell(name, [(middle.lon, middle.lat - reach_degrees if band in "YZ" else middle.lat + reach_degrees)], middle)


def _answer(cell: Cell, around: Around) -> Candidate:
    return Candidate(
        text=cell.name,
        kind="grid_cell",
        lon=cell.middle.lon,
        lat=cell.middle.lat,
        uncertainty_m=Metres(round(cell.radius_m(), 2)),
        score=1.0 if around.has_near(cell.middle) else FAR_SCORE,
        source="mgrs",
        reason="outside_zone" if cell.is_outside else "",
    )
