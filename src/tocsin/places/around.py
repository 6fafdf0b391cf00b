"""Where a question is asked from: what lies near is preferred, never taken silently."""

from math import cos, radians

import msgspec

from tocsin.base.geometry import LonLat, distance_m

Bbox = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

NEAR_KM = 50.0
"""So far beyond its bounds a region is still "near": mutual aid, and callers who stand just across the border."""
_KM_PER_DEGREE = 111.2


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """The region's bounds and the place that was named with the question; either may be missing."""

    bbox: Bbox | None = None
    near: LonLat | None = None

    @property
    def reference(self) -> LonLat | None:
        """What short codes refer to: the named place, else the middle of the region."""
        if self.near is not None or self.bbox is None:
            return self.near
        west, south, east, north = self.bbox
        return LonLat((west + east) / 2, (south + north) / 2)

    def is_open(self) -> bool:
        """Nothing is known: everything is as near as anything."""
        return self.bbox is None and self.near is None

    def has_near(self, place: LonLat) -> bool:
        """Within ``NEAR_KM`` of the region or the named place; true where neither is known."""
        if self.is_open():
            return True
        if self.near is not None and distance_m(start=self.near, end=place) <= NEAR_KM * 1000:
            return True
        return self.bbox is not None and self._is_in_bounds(place, self.bbox)

    def _is_in_bounds(self, place: LonLat, bbox: Bbox) -> bool:
        west, south, east, north = bbox
        margin_lat = NEAR_KM / _KM_PER_DEGREE
        margin_lon = margin_lat / max(0.01, cos(radians(place.lat)))
        return west - margin_lon <= place.lon <= east + margin_lon and south - margin_lat <= place.lat <= north + margin_lat


NOWHERE = Around()
"""Asked from nowhere in particular."""
