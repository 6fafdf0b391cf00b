"""Degrees as people type them: decimal, degrees and minutes, degrees, minutes and seconds, with any marks and in several languages.

A text is cut into tokens, the tokens at every possible point into two halves, and each half is read as one axis. Only readings in which
both halves make sense count; where several do, all are given.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tocsin.places.reading import UNUSUAL, Typed, half_place

LONGEST = 120
"""Characters; no pair of coordinates is longer."""

UNKNOWN = 0
HEMISPHERES: Final[dict[str, tuple[str, int]]] = {
    **dict.fromkeys(("N", "NORTH", "NORTE", "NORD", "С"), ("lat", 1)),
    **dict.fromkeys(("S", "SOUTH", "SUR", "SUL", "SUD", "SÜD", "Ю"), ("lat", -1)),
    # L = leste (Portuguese), Ö and Ø = öst, øst
    **dict.fromkeys(("E", "L", "EAST", "ESTE", "EST", "LESTE", "OST", "Ö", "Ø", "В"), ("lon", 1)),
    # V = väst, vest
    **dict.fromkeys(("W", "V", "WEST", "OESTE", "OUEST", "З"), ("lon", -1)),
    "O": ("lon", UNKNOWN),  # oeste and ouest are west, Ost is east
}
LABELS: Final[dict[str, str]] = {
    **dict.fromkeys(("LAT", "LATITUDE", "LATITUD", "BREITE"), "lat"),
    **dict.fromkeys(("LON", "LONG", "LNG", "LONGITUDE", "LONGITUD", "LÄNGE"), "lon"),
}
O_BY_LABEL: Final = {"BREITE": 1, "LÄNGE": 1, "LATITUD": -1, "LONGITUD": -1}
"""What the letter O means beside a word of a language in which it means one thing only."""

_TOKEN = re.compile(r"(?P<n>\d{1,3}(?:\.\d{1,20})?)(?![\d.])|(?P<w>[^\W\d_]+)|(?P<m>[°'\":+,;/|-])|\s+")
_AXIS = re.compile(r"(?P<label>l?)c?(?P<before>h?)(?P<sign>-?)n(?:[dc]?n(?:[mc]?ns?|m?)|d?)(?P<after>h?)")
_KIND = {"°": "d", "'": "m", '"': "s", ":": "c", "+": "-", "-": "-"}
_PACKED = re.compile(
    r"(?P<a>[NS]?)(\d\d)([0-5]\d)([0-5]\d(?:\.\d+)?)?(?P<b>[NS]?)[\s,/]*(?P<c>[EWO]?)(\d{3})([0-5]\d)([0-5]\d(?:\.\d+)?)?(?P<d>[EWO]?)"
)
_LETTERED = re.compile(r"(?P<a>[NS]?)(\d\d)([0-5]\d\.\d{1,20})(?P<b>[NS]?)[\s,/]*(?P<c>[EWO]?)(\d{3})([0-5]\d\.\d{1,20})(?P<d>[EWO]?)")
"""``4708.4N 00931.2E``: degrees and minutes in one, as receivers write them (NMEA 0183)."""
_ISO = re.compile(
    r"(?P<lat>[+-])(?P<y>\d\d|\d{4}|\d{6})(?P<yf>\.\d{1,20})?(?P<lon>[+-])(?P<x>\d{3}|\d{5}|\d{7})(?P<xf>\.\d{1,20})?"
    r"(?:[+-]\d{1,6}(?:\.\d{1,9})?)?(?:CRS[A-Z0-9_]{1,20})?/?"
)
"""ISO 6709, annex H: signs, fixed widths, a height that is not used, a slash at the end."""


class _Token(NamedTuple):
    kind: str
    """n number, h hemisphere, l label, d m s c the marks, - a sign, x what stands between two axes."""
    text: str


class _Axis(NamedTuple):
    value: float
    half: float
    axis: str
    """lat, lon or empty."""
    sign: int
    """-1, 1, or UNKNOWN for the letter O."""
    parts: int
    is_marked: bool
    is_contradictory: bool
    """Both a minus and a letter; the letter counts."""


def read(text: str) -> list[Typed]:
    """Every reading of a whole text as a pair, the custom (latitude first) before others. ``text`` is upper case, marks made plain.

    The readings may lie off the earth: that is for the caller to notice.
    """
    if len(text) > LONGEST:
        return []
    found = _packed(text)
    if found:
        return found
    for spelt in _spellings(text):
        tokens = _tokens(spelt)
        for first, second in _halves(tokens):
            found += [typed for typed in _pair(first, second, tokens) if typed not in found]
    return found


def _spellings(text: str) -> Iterator[str]:
    """The text with points for decimals: as it is where commas only separate, and with the commas between digits made points."""
    if text.count(",") <= 1:
        yield text
    if "," in text:
        yield re.sub(r"(\d+),(\d+)", r"\1.\2", text)


def _tokens(text: str) -> list[_Token]:
    """Tokens without outer separators; none at all where a word or sign is strange."""
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return []
        at = match.end()
        kind = _kind(match)
        if kind == "?":
            return []
        if kind:
            tokens.append(_Token(kind, match[0]))
    while tokens and tokens[-1].kind == "x":
        tokens.pop()
    return tokens


def _kind(match: re.Match[str]) -> str:
    if match["n"]:
        return "n"
    if match["w"]:
        return "h" if match["w"] in HEMISPHERES else "l" if match["w"] in LABELS else "?"
    return _KIND.get(match["m"], "x") if match["m"] else ""


def _halves(tokens: list[_Token]) -> Iterator[tuple[_Axis, _Axis]]:
    """Every cut into two axes that fit together."""
    separators = [at for at, token in enumerate(tokens) if token.kind == "x"]
    if len(separators) > 1 or sum(token.kind == "n" for token in tokens) < 2:
        return
    for at in separators or range(1, len(tokens)):
        first = _axis(tokens[:at])
        second = _axis(tokens[at + 1 :] if separators else tokens[at:])
        if first and second and _are_alike(first, second, is_separated=bool(separators)):
            yield first, second


def _are_alike(first: _Axis, second: _Axis, *, is_separated: bool) -> bool:
    """Whether two axes were written in one manner. ``12 34`` alone could be anything: whole numbers need a comma, a mark or a letter."""
    is_told = (first.is_marked and second.is_marked) or bool(first.axis and second.axis)
    if first.parts != second.parts and not is_told:
        return False
    is_whole = first.half >= 0.5 and second.half >= 0.5
    return is_separated or not is_whole or is_told


def _axis(tokens: list[_Token]) -> _Axis | None:
    """One axis; None where the tokens are none."""
    match = _AXIS.fullmatch("".join(token.kind for token in tokens))
    letters = [token.text for token in tokens if token.kind == "h"]
    labels = [token.text for token in tokens if token.kind == "l"]
    if match is None or len(letters) > 1:
        return None
    numbers = [token.text for token in tokens if token.kind == "n"]
    if any("." in number for number in numbers[:-1]) or any(float(number) >= 60 for number in numbers[1:]):
        return None
    axis, sign = HEMISPHERES[letters[0]] if letters else (LABELS[labels[0]] if labels else "", 1)
    if letters and labels and LABELS[labels[0]] != axis:
        return None
    is_negative = any(token.text == "-" for token in tokens if token.kind == "-")
    unit = 60.0 ** (len(numbers) - 1)
    return _Axis(
        value=sum(float(number) / 60.0**nth for nth, number in enumerate(numbers)),
        half=half_place(numbers[-1]) / unit,
        axis=axis,
        sign=sign if letters else (-1 if is_negative else 1),
        parts=len(numbers),
        is_marked=any(token.kind == "d" for token in tokens),
        is_contradictory=bool(letters) and is_negative,
    )


def _pair(first: _Axis, second: _Axis, tokens: list[_Token]) -> Iterator[Typed]:
    """The readings of two axes: by their letters; without any by custom, latitude first, and the other way round."""
    if first.axis and first.axis == second.axis:
        return
    is_told = bool(first.axis or second.axis)
    is_lon_first = first.axis == "lon" or second.axis == "lat"
    if is_told:
        lat, lon = (second, first) if is_lon_first else (first, second)
        yield from _signed(lat, lon, tokens)
        return
    for (lat, lon), reason, score in (((first, second), "lat_lon", 1.0), ((second, first), "lon_lat", UNUSUAL)):
        yield from _typed(lat, lon, (lat.sign, lon.sign), reason=reason, score=score)


def _signed(lat: _Axis, lon: _Axis, tokens: list[_Token]) -> Iterator[Typed]:
    """With letters: one reading, or two where the letter O leaves east and west open."""
    told = next((O_BY_LABEL[token.text] for token in tokens if token.text in O_BY_LABEL), UNKNOWN)
    sign = lon.sign or told
    reason = "sign_and_letter" if lat.is_contradictory or lon.is_contradictory else ""
    if sign != UNKNOWN:
        yield from _typed(lat, lon, (lat.sign, sign), reason=reason)
        return
    yield from _typed(lat, lon, (lat.sign, -1), reason="letter_o_west", score=UNUSUAL)
    yield from _typed(lat, lon, (lat.sign, 1), reason="letter_o_east", score=UNUSUAL)


def _typed(lat: _Axis, lon: _Axis, signs: tuple[int, int], *, reason: str, score: float = 1.0) -> Iterator[Typed]:
    yield Typed(lat=signs[0] * lat.value, lon=signs[1] * lon.value, half_lat=lat.half, half_lon=lon.half, reason=reason, score=score)


def _packed(text: str) -> list[Typed]:
    """``470829N0093117E`` as in aviation: fixed widths and letters."""
    match = _PACKED.fullmatch(text) or _LETTERED.fullmatch(text)
    if match is None:
        return []
    letters = [match[name] for name in "abcd"]
    if bool(letters[0]) == bool(letters[1]) or bool(letters[2]) == bool(letters[3]):
        return []
    # what is no letter is a part of a number: of latitude, then of longitude
    half = match.lastindex // 2 if match.lastindex else 0
    lat = _fixed(match.groups()[1 : half - 1])
    lon = _fixed(match.groups()[half + 1 : -1])
    north, east = HEMISPHERES[letters[0] or letters[1]][1], HEMISPHERES[letters[2] or letters[3]][1]
    easts = [(east, "", 1.0)] if east else [(-1, "letter_o_west", UNUSUAL), (1, "letter_o_east", UNUSUAL)]
    return [
        Typed(lat=north * lat[0], lon=sign * lon[0], half_lat=lat[1], half_lon=lon[1], reason=reason, score=score)
        for sign, reason, score in easts
    ]


def read_iso(text: str) -> list[Typed]:
    """``+47.14+009.52/``: latitude first. ``text`` is upper case, its dashes as they were typed."""
    match = _ISO.fullmatch(text)
    if match is None or len(match["x"]) != len(match["y"]) + 1:
        return []
    y = [*(match["y"][at : at + 2] for at in range(0, len(match["y"]), 2))]
    x = [match["x"][:3], *(match["x"][at : at + 2] for at in range(3, len(match["x"]), 2))]
    if any(int(part) >= 60 for part in (*y[1:], *x[1:])):
        return []
    lat, lon = _fixed((*y[:-1], y[-1] + (match["yf"] or ""))), _fixed((*x[:-1], x[-1] + (match["xf"] or "")))
    signs = [-1 if match[axis] == "-" else 1 for axis in ("lat", "lon")]
    return [Typed(lat=signs[0] * lat[0], lon=signs[1] * lon[0], half_lat=lat[1], half_lon=lon[1])]


def _fixed(parts: tuple[str | None, ...]) -> tuple[float, float]:
    """Degrees and half of the last place."""
    numbers = [part for part in parts if part]
    return sum(float(number) / 60.0**nth for nth, number in enumerate(numbers)), half_place(numbers[-1]) / 60.0 ** (len(numbers) - 1)
