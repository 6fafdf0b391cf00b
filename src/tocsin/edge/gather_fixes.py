"""Where units say that they are, put on the road: who stands still, or has hardly moved, is put there once."""

from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

from tocsin.base.geometry import LonLat, flat_distance_m
from tocsin.base.identifiers import UnitId
from tocsin.base.instants import Instant, span_ms
from tocsin.base.quantities import Metres, Millis
from tocsin.core.board.unit import UnitState
from tocsin.edge.region_bounds import FAR_M
from tocsin.roads.position import OnRoad
from tocsin.roads.snapping import Snapper
from tocsin.views.situation import Fix

OLDEST_MS: Final = Millis(600_000)
"""Older than that, a position is no ground for a recommendation (console note, rule 16)."""

FRESH_MS: Final = Millis(60_000)
"""Of a unit that has set out since: older than that, the road that it must have driven tells more than where it was before."""

AHEAD_MS: Final = Millis(10_000)
"""A position may come in between the asking and the gathering; a question about an earlier moment is not answered with later ones."""

LEAST_SURE_M: Final = Metres(500.0)
"""A position that may be farther off than that (a cell's, not a receiver's) does not beat a sure place."""

STILL_M: Final = Metres(25.0)
"""Who moved no farther is where it was: two or three seconds of driving, or a receiver's noise."""

TURNED_DEG: Final = 45.0
ROLLING_MPS: Final = 2.0
"""Slower, a heading is noise, or the zero that devices send with it."""

BESIDE_M: Final = Metres(250.0)
"""Who is farther off does not drive along that road, whatever its heading."""


class PositionsPort(Protocol):
    """Last positions that units on duty reported."""

    def find(self, unit: UnitId) -> Fix | None:
        """The last one of a unit that is on duty; None without."""
        ...


class FixPlace(NamedTuple):
    """Where a unit is by its own report."""

    place: LonLat
    on: OnRoad | None
    """None = far from every road of the region."""
    age_ms: Millis


class _Kept(NamedTuple):
    place: LonLat
    heading_deg: float | None
    on: OnRoad | None


class FixPlaces:
    """What it remembers are places that were reported, each on its road."""

    def __init__(self, snapper: Snapper, positions: PositionsPort) -> None:
        self._snapper, self._positions = snapper, positions
        self._kept: dict[UnitId, _Kept] = {}

    def of(self, units: Sequence[UnitState], at: Instant) -> dict[UnitId, FixPlace]:
        """Units whose own report is newer than their last sure place and good enough to recommend by."""
        told = {unit.unit: fix for unit in units if (fix := self._positions.find(unit.unit)) is not None and _counts(unit, fix, at)}
        moved = {name: fix for name, fix in told.items() if not self._is_still(fix)}
        if moved:
            self._snap(moved)
        found = {}
        for name, fix in told.items():
            kept = self._kept[name]
            found[name] = FixPlace(kept.place, kept.on, max(Millis(0), span_ms(start=fix.at, end=at)))
        return found

    def _is_still(self, fix: Fix) -> bool:
        kept = self._kept.get(fix.unit)
        if kept is None or flat_distance_m(start=kept.place, end=LonLat(fix.lon, fix.lat)) > STILL_M:
            return False
        heading_deg = _heading(fix)
        if heading_deg is None:  # stopped: it still stands on the carriageway on which it came
            return True
        return kept.heading_deg is not None and abs((heading_deg - kept.heading_deg + 180) % 360 - 180) <= TURNED_DEG

    def _snap(self, moved: dict[UnitId, Fix]) -> None:
        places = [LonLat(fix.lon, fix.lat) for fix in moved.values()]
        headings = [_heading(fix) for fix in moved.values()]
        snaps = self._snapper.snap(places, headings_deg=headings)
        for name, place, heading_deg, snap in zip(moved, places, headings, snaps, strict=True):
            on = snap.on
            if snap.distance_m > BESIDE_M and on.is_headed:
                on = OnRoad(on.edge, on.along_ppm)
            self._kept[name] = _Kept(place, heading_deg, on if snap.distance_m <= FAR_M else None)


def _heading(fix: Fix) -> float | None:
    """Whither it drives; None for who stands, and where nobody says how fast."""
    return fix.heading_deg if fix.speed_mps is not None and fix.speed_mps >= ROLLING_MPS else None


def _counts(unit: UnitState, fix: Fix, at: Instant) -> bool:
    """Does this report tell more of where the unit is than the board does?"""
    age_ms = span_ms(start=fix.at, end=at)
    if unit.phase == "off" or not -AHEAD_MS <= age_ms <= OLDEST_MS or (fix.uncertainty_m or 0.0) > LEAST_SURE_M:
        return False
    if unit.place is not None and fix.at <= unit.place_at:
        return False
    return age_ms <= FRESH_MS or not unit.legs or fix.at >= unit.legs[-1].since
