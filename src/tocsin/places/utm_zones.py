"""UTM: zones, bands and coordinates (NGA.SIG.0012), by the ``utm`` library, which raises and drifts outside of its zone: kept in here."""

import re
from typing import Final

import msgspec
import utm

from tocsin.base.geometry import LonLat
from tocsin.base.quantities import Metres
from tocsin.places.around import Bbox
from tocsin.places.candidate import Candidate
from tocsin.places.reading import FINEST_M, UNUSUAL, Reading, half_place

BANDS: Final = "CDEFGHJKLMNPQRSTUVWX"
_SOUTHERN, _NORTHERN = -80.0, 84.0
_X_SOUTH = 72.0
_ODD_ZONES: Final[dict[tuple[int, str], tuple[float, float] | None]] = {
    # Norway and Svalbard: west and east of the zones that are not 6 degrees wide; three zones are not there at all
    (31, "V"): (0.0, 3.0), (32, "V"): (3.0, 12.0),
    (31, "X"): (0.0, 9.0), (33, "X"): (9.0, 21.0), (35, "X"): (21.0, 33.0), (37, "X"): (33.0, 42.0),
    (32, "X"): None, (34, "X"): None, (36, "X"): None,
}  # fmt: skip
_EDGE_DEGREES = 0.01
"""So far beyond its band a letter is still taken: people read the letter of one device and the numbers of another."""
_FARTHEST_DEGREES = 7.0
"""From the middle of a zone; beyond, the series of the library drifts and nobody means it."""

_UTM = re.compile(
    r"(?:ZONE\s+|UTM\s*)?(?P<zone>\d{1,2})\s*(?P<letter>[C-HJ-NP-X]?)[\s,]+(?P<easting>\d{6}(?:\.\d{1,9})?)\s*(?:ME?)?\s*E?"
    r"[\s,]+(?P<northing>\d{1,8}(?:\.\d{1,9})?)\s*(?:MN?)?\s*N?"
)


def zone_bounds(zone: int, band: str) -> Bbox | None:
    """West, south, east, north of a grid zone; None for one that does not exist."""
    if not 1 <= zone <= 60 or band not in BANDS or len(band) != 1:
        return None
    south = _SOUTHERN + 8.0 * BANDS.index(band)
    north = _NORTHERN if band == "X" else south + 8.0
    odd = _ODD_ZONES.get((zone, band), (6.0 * zone - 186.0, 6.0 * zone - 180.0))
    return None if odd is None else (odd[0], south, odd[1], north)


def middle_meridian(zone: int) -> float:
    """Degrees east."""
    return 6.0 * zone - 183.0


def to_place(zone: int, easting_m: float, northing_m: float, *, is_north: bool) -> LonLat | None:
    """A point in degrees; None where zone or numbers are out of range or too far from the zone to mean it."""
    try:
        lat, lon = utm.to_latlon(easting_m, northing_m, zone, northern=is_north)
    except utm.OutOfRangeError:
        return None
    place = LonLat(float(lon), float(lat))
    off_degrees = abs((place.lon - middle_meridian(zone) + 180.0) % 360.0 - 180.0)
    is_in_reach = _SOUTHERN - _EDGE_DEGREES <= place.lat <= _NORTHERN + _EDGE_DEGREES
    return place if is_in_reach and off_degrees <= _FARTHEST_DEGREES else None


def utm_name(place: LonLat) -> str | None:
    """``32T 539429 5220853``, to the metre; None beyond 80° S and 84° N, where UTM ends."""
    if not _SOUTHERN <= place.lat <= _NORTHERN:
        return None
    easting_m, northing_m, zone, letter = utm.from_latlon(place.lat, place.lon)
    return f"{zone:02d}{letter} {round(float(easting_m)):06d} {round(float(northing_m)):07d}"


class _Sense(msgspec.Struct, frozen=True):
    is_north: bool
    reason: str


def read_utm(text: str) -> Reading:
    """``32T 537000 5220000``. N and S may be a band or a hemisphere: where both fit both are answers. ``text`` is upper case."""
    match = _UTM.fullmatch(text)
    if match is None:
        return Reading()
    zone, letter = int(match["zone"]), match["letter"]
    found: dict[LonLat, str] = {}
    for sense in _senses(letter):
        place = to_place(zone, float(match["easting"]), float(match["northing"]), is_north=sense.is_north)
        if place is not None and (sense.reason != "utm_band" or _is_in_band(place, zone, letter)):
            found.setdefault(place, sense.reason)
    half_m = max(half_place(match["easting"]), half_place(match["northing"]))
    rows = [(place, reason if len(found) > 1 else "") for place, reason in found.items()]
    return Reading(tuple(_answer(match, row, half_m) for row in rows), "" if rows else "utm_invalid")


def _senses(letter: str) -> list[_Sense]:
    band = [_Sense(letter >= "N", "utm_band")] if letter else []
    if letter in ("N", "S", ""):
        band += [_Sense(is_north, "utm_north" if is_north else "utm_south") for is_north in (True, False) if letter in ("", "SN"[is_north])]
    return band


def _is_in_band(place: LonLat, zone: int, letter: str) -> bool:
    bounds = zone_bounds(zone, letter)
    return bounds is not None and bounds[1] - _EDGE_DEGREES <= place.lat <= bounds[3] + _EDGE_DEGREES


def _answer(match: re.Match[str], row: tuple[LonLat, str], half_m: float) -> Candidate:
    place, reason = row
    band = "" if reason in ("utm_north", "utm_south") and not match["letter"] else match["letter"]
    return Candidate(
        text=f"{int(match['zone']):02d}{band} {match['easting']} {match['northing']}",
        kind="coordinates",
        lon=place.lon,
        lat=place.lat,
        uncertainty_m=Metres(max(FINEST_M, half_m * 2**0.5)),
        score=UNUSUAL if reason else 1.0,
        source="utm",
        reason=reason,
    )
