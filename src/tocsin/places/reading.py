"""What a reader of coordinates makes of a text, and how wide a place is that was typed with so many digits."""

from math import cos, hypot, radians

import msgspec

from tocsin.base.geometry import EARTH_RADIUS_M
from tocsin.base.quantities import Metres
from tocsin.places.candidate import Candidate

FINEST_M = Metres(1.0)
"""No device that people read from knows better; digits beyond say nothing, and datums differ by more."""

METRES_PER_DEGREE = EARTH_RADIUS_M * radians(1.0)

UNUSUAL = 0.6
"""Score of a reading that is possible but not the custom: longitude first, the view of a map link, the other hemisphere."""


class Reading(msgspec.Struct, frozen=True):
    """Candidates; or a code for why a text that looks like coordinates is none (``off_earth``, ``mgrs_invalid`` …)."""

    candidates: tuple[Candidate, ...] = ()
    note: str = ""


class Typed(msgspec.Struct, frozen=True, kw_only=True):
    """One way to read a pair of numbers, with half of the last place of each."""

    lat: float
    lon: float
    half_lat: float
    half_lon: float
    reason: str = ""
    score: float = 1.0

    def is_on_earth(self) -> bool:
        """Within ±90° and ±180°."""
        return abs(self.lat) <= 90.0 and abs(self.lon) <= 180.0

    def radius_m(self) -> Metres:
        """Half the diagonal of the cell that rounds to these digits."""
        north_m = self.half_lat * METRES_PER_DEGREE
        east_m = self.half_lon * METRES_PER_DEGREE * cos(radians(self.lat))
        return Metres(max(FINEST_M, round(hypot(north_m, east_m), 2)))

    def text(self) -> str:
        """``47.1415° N, 9.5215° E``, with as many digits as are known."""
        lat, lon = _degrees(self.lat, self.half_lat), _degrees(self.lon, self.half_lon)
        return f"{lat} {'S' if self.lat < 0 else 'N'}, {lon} {'W' if self.lon < 0 else 'E'}"


def _degrees(value: float, half: float) -> str:
    digits = next((count for count in range(7) if 10.0**-count <= 2.001 * half), 7)
    return f"{abs(value):.{digits}f}°"


def half_place(number: str) -> float:
    """Half of the last place of a number as it is written: 0.05 for ``47.1``, 0.5 for ``47``."""
    return float(0.5 * 10.0 ** -len(number.partition(".")[2]))


def point(typed: Typed, *, source: str = "typed") -> Candidate:
    """A typed pair as an answer."""
    return Candidate(
        text=typed.text(),
        kind="coordinates",
        lon=typed.lon + 0.0,
        lat=typed.lat + 0.0,
        uncertainty_m=typed.radius_m(),
        score=typed.score,
        source=source,
        reason=typed.reason,
    )
