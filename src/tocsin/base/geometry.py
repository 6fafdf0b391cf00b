"""Points on the earth in degrees (WGS 84), great-circle lengths in metres."""

from math import asin, cos, hypot, radians, sin, sqrt

import msgspec

from tocsin.base.quantities import Metres

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS 84 ellipsoid (IUGG 2015)."""


class LonLat(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A point: degrees east, degrees north, as RFC 7946 orders them."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        # A whole number would be written as 1 and come back as 1.0: the same place, other bytes, another hash.
        if type(self.lon) is int or type(self.lat) is int:
            msgspec.structs.force_setattr(self, "lon", float(self.lon))
            msgspec.structs.force_setattr(self, "lat", float(self.lat))

    def is_on_earth(self) -> bool:
        """Within ±180° and ±90°; false for NaN."""
        return -180.0 <= self.lon <= 180.0 and -90.0 <= self.lat <= 90.0


def distance_m(*, start: LonLat, end: LonLat) -> Metres:
    """Great-circle length (haversine)."""
    lat1, lat2 = radians(start.lat), radians(end.lat)
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin(radians(end.lon - start.lon) / 2) ** 2
    return Metres(2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half))))


def flat_distance_m(*, start: LonLat, end: LonLat) -> Metres:
    """Length on a plane touching the earth halfway: within 0.1 % below 100 km, five times faster than the great circle."""
    mid = radians((start.lat + end.lat) / 2)
    return Metres(EARTH_RADIUS_M * hypot(radians(end.lon - start.lon) * cos(mid), radians(end.lat - start.lat)))
