"""Plus Codes (Open Location Code), full and short, by the reference library.

The library's ``encode`` loops for ever on infinite longitudes and gives codes that its own ``isFull`` refuses a hair west of 180° and
south of 90°; its checks take any length. Lengths and places are checked here.
"""

import re
from collections.abc import Iterator
from itertools import product
from math import ceil
from typing import Final

from openlocationcode import openlocationcode as olc

from tocsin.base.geometry import LonLat, distance_m
from tocsin.base.quantities import Metres
from tocsin.places.around import Around
from tocsin.places.candidate import Candidate
from tocsin.places.reading import FINEST_M, UNUSUAL, Reading

_CODE = re.compile(r"(?P<code>[23456789CFGHJMPQRVWX0]{0,8}\+[23456789CFGHJMPQRVWX]{0,12})(?:[\s,]+(?P<locality>\S.*))?", re.DOTALL)
_LONE = re.compile(r"\+[23456789CFGHJMPQRVWX]{2,3}")
"""All eight digits before the plus left out. Longer ones are telephone numbers: +4235551."""
_INSIDE = re.compile(r"(?<![0-9A-Z])[23456789CFGHJMPQRV][23456789CFGHJMPQRVWX]{7}\+[23456789CFGHJMPQRVWX]{2,7}(?![0-9A-Z])")
_FULL_DIGITS: Final = 8
_HAIR: Final = 1e-9
"""Degrees: a tenth of a millimetre."""
MOST_CELLS = 6
"""Answers to a short code that fits several times into the region."""
MOST_TIMES = 400
"""A short code that comes again more often than this in the region says nothing without a place."""


def split_code(text: str) -> tuple[str, str]:
    """A Plus Code and the words behind it (``9G8F+6X Vaduz``); two empty texts for anything else. ``text`` is upper case."""
    match = _CODE.fullmatch(text)
    if match is None or (match["code"].startswith("+") and not _LONE.fullmatch(text)):
        return "", ""
    return match["code"], (match["locality"] or "").strip()


def read_plus_code(text: str, around: Around) -> Reading:
    """A full code as one answer; a short one for what lies around, the nearest first. ``text`` is upper case."""
    code, _ = split_code(text)
    if not code:
        return Reading()
    if olc.isFull(code):
        return Reading((_answer(code),))
    if not olc.isShort(code):
        return Reading((), "plus_code_invalid")
    if around.reference is None or _times_in(code, around) > MOST_TIMES:
        return Reading((), "plus_code_needs_place")
    return Reading(tuple(_recovered(code, around)))


def full_code_inside(text: str) -> Candidate | None:
    """The first full code within a longer text; None without one."""
    match = _INSIDE.search(text)
    return _answer(match[0], reason="inside_text") if match and olc.isFull(match[0]) else None


def plus_code_name(place: LonLat) -> str:
    """The code of ten digits, about 14 m wide, that holds a place. Raises ValueError off the earth, where the library would not end."""
    if not place.is_on_earth():
        raise ValueError(place)
    lat = min(place.lat, 90.0 - _HAIR)
    return str(olc.encode(lat, -180.0 if place.lon > 180.0 - _HAIR else place.lon))


def _recovered(code: str, around: Around) -> Iterator[Candidate]:
    """A short code beside a named place is the one nearest to it. In a region it may fit several times: each is an answer."""
    reference = around.reference
    if reference is None:
        return
    nearest = olc.recoverNearest(code, reference.lat, reference.lon)
    if around.near is not None or around.bbox is None:
        yield _answer(nearest, reason="short_code_near")
        return
    found = sorted({nearest, *_cells_in(code, around)}, key=lambda full: distance_m(start=reference, end=_middle(full)))[:MOST_CELLS]
    for full in found:
        is_alone = len(found) == 1
        yield _answer(full, reason="short_code_region" if is_alone else "short_code_several", score=1.0 if is_alone else UNUSUAL)


def _grid(code: str, around: Around) -> tuple[float, int, int]:
    """Degrees after which a short code comes again, and how often it does northward and eastward; no times where it is near a place."""
    if around.near is not None or around.bbox is None:
        return 0.0, 0, 0
    west, south, east, north = around.bbox
    step = 20.0 ** (2 - (_FULL_DIGITS - code.index("+")) / 2)
    return step, ceil((north - south) / step) + 1, ceil((east - west) / step) + 1


def _times_in(code: str, around: Around) -> int:
    _, rows, columns = _grid(code, around)
    return rows * columns


def _cells_in(code: str, around: Around) -> Iterator[str]:
    """Full codes of a short one whose cells have their middle in the region's bounds."""
    if around.bbox is None:
        return
    west, south, east, north = around.bbox
    step, rows, columns = _grid(code, around)
    for row, column in product(range(rows), range(columns)):
        full = olc.recoverNearest(code, min(90.0, south + row * step), min(180.0, west + column * step))
        middle = _middle(full)
        if west <= middle.lon <= east and south <= middle.lat <= north:
            yield full


def _middle(code: str) -> LonLat:
    area = olc.decode(code)
    return LonLat(float(area.longitudeCenter), float(area.latitudeCenter))


def _answer(code: str, *, reason: str = "", score: float = 1.0) -> Candidate:
    area, middle = olc.decode(code), _middle(code)
    corners = [LonLat(float(area.longitudeLo), float(lat)) for lat in (area.latitudeLo, area.latitudeHi)]
    return Candidate(
        text=code,
        kind="grid_cell",
        lon=middle.lon,
        lat=middle.lat,
        uncertainty_m=Metres(max(FINEST_M, round(max(distance_m(start=middle, end=corner) for corner in corners), 2))),
        score=score,
        source="plus-code",
        reason=reason,
    )
