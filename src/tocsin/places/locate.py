"""The one front for "where is it?": a text to places, and a place to what is near it. Coordinates first, then the gazetteer."""

from collections.abc import Iterable

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.places.areas import NO_AREAS, AreaName, Areas
from tocsin.places.around import Around, Bbox
from tocsin.places.candidate import Candidate
from tocsin.places.coordinates import plain_text, read_coordinates
from tocsin.places.gazetteer import Gazetteer
from tocsin.places.grids import grid_names
from tocsin.places.links import LONGEST
from tocsin.places.plus_code import read_plus_code, split_code

CERTAIN = 0.9
"""Coordinates that fit this well are what was meant; names are not searched for them too."""
PLACES_NAMED = 3
"""Localities of one name that a short code is read beside."""
NAMED_WELL = 0.8
ALWAYS_TOLD = ("plus_code_invalid", "plus_code_needs_place", "geo_invalid", "crs_unknown", "link_without_place")
"""Notes on texts that are nothing but a code or a link; others may be addresses that look alike: told only where nothing is found."""


class AreaTold(msgspec.Struct, frozen=True):
    """An area that holds a place, and the layer that it belongs to."""

    layer: str
    name: str


class Found(Candidate, frozen=True, kw_only=True):
    """A candidate with the areas that hold it."""

    areas: tuple[AreaTold, ...] = ()


class Located(msgspec.Struct, frozen=True):
    """Candidates, best first, and codes for what the reader must know (``no_gazetteer``, ``mgrs_invalid`` …; words ``locate.note``)."""

    candidates: tuple[Found, ...]
    notes: tuple[str, ...] = ()


class Described(msgspec.Struct, frozen=True):
    """A place: nearest address and crossing, areas that hold it, its names in the grids."""

    nearest: tuple[Candidate, ...]
    areas: tuple[AreaTold, ...]
    grids: dict[str, str]
    notes: tuple[str, ...] = ()


class Locator:
    """Answers for one region. What it is made of may be missing, and then it says so."""

    def __init__(self, gazetteer: Gazetteer | None, *, areas: Areas = NO_AREAS, bbox: Bbox | None = None) -> None:
        self._gazetteer = gazetteer
        self._areas = areas
        self._bbox = bbox

    def find(self, text: str, *, limit: int = 8, near: LonLat | None = None) -> Located:
        """Every place that a text may mean, best first and no more than ``limit``; nothing fitting gives none."""
        around = Around(bbox=self._bbox, near=near)
        found, notes = self._beside_name(text, near)
        if not found:
            reading = read_coordinates(text, around)
            found, note = list(reading.candidates), reading.note
            if not any(one.score >= CERTAIN for one in found):
                names = self._gazetteer.find(text, limit=limit, near=near) if self._gazetteer else []
                found = sorted([*found, *names], key=lambda one: -one.score)
                notes += () if self._gazetteer else ("no_gazetteer",)
                notes += (note,) if note and (not found or note in ALWAYS_TOLD) else ()
        return Located(tuple(self._in_areas(one) for one in found[: max(1, limit)]), notes)

    def describe(self, place: LonLat) -> Described:
        """What a place is called. ``place`` is on the earth."""
        nearest = tuple(self._gazetteer.nearest(place)) if self._gazetteer else ()
        notes: tuple[str, ...] = () if self._gazetteer else ("no_gazetteer",)
        notes += ("outside_region",) if self._bbox is not None and not _is_inside(place, self._bbox) else ()
        return Described(nearest, _told(self._areas.of(place)), grid_names(place), notes)

    def area_in(self, layer: str, place: LonLat) -> str:
        """Name of the area of one layer that holds a place; empty where no such layer was given, or none of it is there."""
        return next((name.name for name in self._areas.of(place) if name.layer == layer), "")

    def _beside_name(self, text: str, near: LonLat | None) -> tuple[list[Candidate], tuple[str, ...]]:
        """``9G8F+6X Vaduz``: the short code nearest to each locality of that name."""
        code, name = split_code(plain_text(text)) if len(text) <= LONGEST else ("", "")
        if not name or read_plus_code(code, Around()).note != "plus_code_needs_place":
            return [], ()
        named = self._gazetteer.find(name, limit=PLACES_NAMED, near=near) if self._gazetteer else []
        found: dict[str, Candidate] = {}
        for place in named:
            if place.score >= NAMED_WELL:
                for one in read_plus_code(code, Around(near=LonLat(place.lon, place.lat))).candidates:
                    found.setdefault(one.text, msgspec.structs.replace(one, reason="short_code_locality", area=place.text))
        return list(found.values()), () if found else ("locality_unknown",)

    def _in_areas(self, one: Candidate) -> Found:
        return Found(**msgspec.structs.asdict(one.told()), areas=_told(self._areas.of(LonLat(one.lon, one.lat))))


def _is_inside(place: LonLat, bbox: Bbox) -> bool:
    west, south, east, north = bbox
    return west <= place.lon <= east and south <= place.lat <= north


def _told(names: Iterable[AreaName]) -> tuple[AreaTold, ...]:
    return tuple(AreaTold(name.layer, name.name) for name in names)
