"""Points on the earth in degrees (WGS 84), great-circle lengths in metres."""

from math import asin, cos, hypot, radians, sin, sqrt

import msgspec

from tocsin.base.quantities import Metres

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the WGS 84 ellipsoid (IUGG 2015)."""


class LonLat(msgspec.Struct, frozen=True, array_like=True):
    """A point: degrees east, degrees north, as RFC 7946 orders them."""

    lon: float
    lat: float

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
