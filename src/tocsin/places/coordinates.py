"""Text to places, where the text is coordinates in any usual form. A text that is none gives nothing; one that can be read in two ways
gives both, the one that lies near the region first.

The readers: ``degrees.py`` (decimal, minutes, seconds), ``links.py`` (geo:, map links), ``plus_code.py``, ``mgrs_cell.py``,
``utm_zones.py``. Every one is quick on any text, and none raises.
"""

import re
import unicodedata
from typing import Final

from tocsin.base.geometry import LonLat
from tocsin.places import degrees
from tocsin.places.around import NOWHERE, Around
from tocsin.places.candidate import Candidate
from tocsin.places.links import LONGEST, pair_inside, read_geo, read_link
from tocsin.places.mgrs_cell import read_mgrs
from tocsin.places.plus_code import full_code_inside, read_plus_code
from tocsin.places.reading import UNUSUAL, Reading, Typed, half_place, point
from tocsin.places.utm_zones import read_utm

FAR = 0.5
"""What a reading far from the region is worth beside one that is near, when both are possible."""

SETTLED = 0.9
"""Of the one reading that is near, be it the custom or not."""

_MARKS: Final = str.maketrans(
    {
        **dict.fromkeys("º˚ᵒ⁰", "°"),
        **dict.fromkeys("′’‘´`ʹʼˊ‛＇", "'"),
        **dict.fromkeys("″”“„ʺ˝〃＂", '"'),
        **dict.fromkeys("−–—‐‑", "-"),
        **dict.fromkeys("،、，", ","),
        **dict.fromkeys("؛；", ";"),
        "٫": ".",
        "=": ":",
    }
)
_BRACKETS: Final = re.compile(r"[(\[](.*)[)\]]")
_WKT: Final = re.compile(
    r"(?:SRID=4326;)?\s*POINT\s*Z?\s*\(\s*([-+]?\d{1,3}(?:\.\d{1,20})?)\s+([-+]?\d{1,3}(?:\.\d{1,20})?)(?:\s[^()]*)?\)", re.IGNORECASE
)
"""Well-known text (ISO 19125): longitude first."""
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Marks of writing direction and joiners: copied along from right-to-left texts."""
_WORDS: Final = (
    (re.compile(r"(?<=\d)\s*(?:DEGREES?|DEG|GRAD|GRAUS?|GRADOS?|DEGRÉS?)(?![^\W\d_])\.?"), "°"),
    (re.compile(r"(?<=\d)\s*(?:MINUTES?|MINUTOS?|MINUTEN|MIN)(?![^\W\d_])\.?"), "'"),
    (re.compile(r"(?<=\d)\s*(?:SECONDS?|SECONDES?|SEGUNDOS?|SEKUNDEN|SEC|SEG|SEK)(?![^\W\d_])\.?"), '"'),
)
_LEAD = re.compile(r"^(?:GPS|WGS\s?84|COORD(?:INATE|ENADA|ONNÉE)S?|KOORDINATEN|POSITION|POS|UTM|MGRS|USNG)\.?\s*:?\s+")


def read_coordinates(text: str, around: Around = NOWHERE) -> Reading:
    """Every way in which a text is a place by itself, best first; none and perhaps a note where it is not. Never raises, never waits."""
    if len(text) > LONGEST:
        return Reading()
    seen = _UNSEEN.sub("", text).strip()
    for reading in (read_geo(seen), read_link(seen), _read_wkt(seen)):
        if reading.candidates or reading.note:
            return _ranked(reading, around)
    plain = plain_text(seen)
    notes = []
    for reading in (read_plus_code(plain, around), read_mgrs(plain, around), read_utm(plain), _read_degrees(plain)):
        if reading.candidates:
            return _ranked(reading, around)
        notes.append(reading.note)
    inside = _inside(plain)
    return _ranked(inside, around) if inside.candidates else Reading((), next((note for note in notes if note), ""))


def plain_text(text: str) -> str:
    """Upper case, with one sign for each mark, ASCII digits, and no invisible marks."""
    plain = _UNSEEN.sub("", text).translate(_MARKS)
    plain = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in plain)
    plain = plain.upper().replace("''", '"')
    plain = _LEAD.sub("", plain.strip())
    bracketed = _BRACKETS.fullmatch(plain)
    return " ".join((bracketed[1] if bracketed else plain).split())


def _read_wkt(text: str) -> Reading:
    match = _WKT.fullmatch(text)
    if match is None:
        return Reading()
    lon, lat = match.groups()
    return _on_earth([Typed(lat=float(lat), lon=float(lon), half_lat=half_place(lat), half_lon=half_place(lon))])


def _read_degrees(plain: str) -> Reading:
    if len(plain) > degrees.LONGEST:
        return Reading()
    spelt = re.sub(r"(?<=\d)-(?=\d)", ":", plain)  # 47-08-29 N: a dash between digits is no minus
    for word, mark in _WORDS:
        spelt = word.sub(mark, spelt)
    typed = degrees.read_iso(plain) or degrees.read(spelt)
    return _on_earth(typed)


def _on_earth(typed: list[Typed]) -> Reading:
    found = [one for one in typed if one.is_on_earth()]
    if typed and not found:
        return Reading((), "off_earth")
    if len(found) == 1 and found[0].reason in ("lat_lon", "lon_lat"):
        reason = "" if found[0].reason == "lat_lon" else "lon_lat_only"
        return Reading((_point(found[0], reason, 1.0),))
    return Reading(tuple(_point(one, one.reason, one.score) for one in found))


def _point(typed: Typed, reason: str, score: float) -> Candidate:
    # Whole degrees are as likely two house numbers: they are an answer, but not the only one.
    is_whole = typed.half_lat >= 0.5 and typed.half_lon >= 0.5
    return point(
        Typed(
            lat=typed.lat,
            lon=typed.lon,
            half_lat=typed.half_lat,
            half_lon=typed.half_lon,
            reason=reason,
            score=min(score, UNUSUAL) if is_whole else score,
        )
    )


def _inside(plain: str) -> Reading:
    """Coordinates within a longer text."""
    code = full_code_inside(plain)
    if code:
        return Reading((code,))
    pair = pair_inside(plain)
    if pair is None:
        return Reading()
    found = _on_earth(degrees.read(f"{pair[0]}, {pair[1]}"))
    told = [one if one.reason else _with(one, "inside_text", one.score) for one in found.candidates]
    return Reading(tuple(told), found.note)


def _ranked(reading: Reading, around: Around) -> Reading:
    """Readings near the region first; one that lies far away says so. A lone reading stays what it is: the text fits."""
    found = list(reading.candidates)
    near = [around.has_near(LonLat(one.lon, one.lat)) for one in found]
    if not around.is_open():
        is_alone, is_settled = len(found) == 1, sum(near) == 1
        found = [_placed(one, is_near=there, is_alone=is_alone, is_settled=is_settled) for one, there in zip(found, near, strict=True)]
    return Reading(tuple(sorted(found, key=lambda one: -one.score)), reading.note)


def _placed(one: Candidate, *, is_near: bool, is_alone: bool, is_settled: bool) -> Candidate:
    """``is_settled``: of several readings exactly one lies near."""
    if not is_near:
        return _with(one, one.reason or "outside_region", one.score if is_alone else one.score * FAR)
    return _with(one, one.reason, max(one.score, SETTLED)) if is_settled and not is_alone else one


def _with(one: Candidate, reason: str, score: float) -> Candidate:
    return Candidate(
        text=one.text,
        kind=one.kind,
        lon=one.lon,
        lat=one.lat,
        uncertainty_m=one.uncertainty_m,
        score=score,
        source=one.source,
        reason=reason,
        area=one.area,
    )
