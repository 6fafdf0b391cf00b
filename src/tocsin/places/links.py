"""Coordinates inside links and longer texts. Nothing is fetched: a link that holds no coordinates says nothing.

``geo:`` is RFC 5870; map links are read by the habits of the usual makers: the pin first, the middle of the view after it.
"""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from tocsin.base.quantities import Metres
from tocsin.places.candidate import Candidate
from tocsin.places.reading import UNUSUAL, Reading, Typed, half_place, point

LONGEST = 4000
_NUMBER = r"-?\d{1,3}(?:\.\d{1,20})?"
_GEO = re.compile(
    rf"geo:({_NUMBER}),({_NUMBER})(?:,({_NUMBER.replace('1,3', '1,6')}))?((?:;[a-z0-9-]+(?:=[^;?#\s]*)?)*)(?:\?(\S.*)?)?", re.IGNORECASE
)
_PIN = (
    rf"!3d(?P<lat>{_NUMBER})!4d(?P<lon>{_NUMBER})",
    rf"[?&#]m?lat(?:itude)?=(?P<lat>{_NUMBER})&m?(?:lon|lng|longitude)=(?P<lon>{_NUMBER})",
    rf"[?&](?:q|query|daddr|destination)=(?:loc:)?(?P<lat>{_NUMBER})[,~+ ]+(?P<lon>{_NUMBER})",
    rf"/(?:place|search|dir/)/(?P<lat>{_NUMBER}),[+ ]*(?P<lon>{_NUMBER})",
)
_VIEW = (
    rf"[?&](?:ll|sll|center|cp)=(?P<lat>{_NUMBER})[,~](?P<lon>{_NUMBER})",
    rf"/@(?P<lat>{_NUMBER}),(?P<lon>{_NUMBER})",
    rf"#(?:map=)?\d{{1,2}}(?:\.\d+)?/(?P<lat>{_NUMBER})/(?P<lon>{_NUMBER})",
)
_LON_FIRST = re.compile(rf"[?&](?:ll|pt)=(?P<lon>{_NUMBER}),(?P<lat>{_NUMBER})")
_LINKS: Final = [(re.compile(form), is_pin) for forms, is_pin in ((_PIN, True), (_VIEW, False)) for form in forms]
_IS_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_PAIR = re.compile(r"(?<![\d.,])([-+]?\d{1,3}\.\d{4,20})\s*[,;/ ]\s*([-+]?\d{1,3}\.\d{4,20})(?![\d.])")
"""Four decimals on both: a price list is no place."""


def read_geo(text: str) -> Reading:
    """A ``geo:`` link (RFC 5870): latitude first, WGS 84 only, ``u`` is the uncertainty in metres; altitude is told, not used."""
    match = _GEO.fullmatch(text)
    if match is None:
        return Reading((), "geo_invalid" if text[:4].lower() == "geo:" else "")
    lat, lon, altitude, parameters, query = match.groups()
    told = dict(part.partition("=")[::2] for part in parameters.lower().split(";")[1:])
    if told.get("crs", "wgs84") != "wgs84":
        return Reading((), "crs_unknown")
    if float(lat) == 0 == float(lon) and query:
        return _asked(query)  # Android's way to ask for a name: geo:0,0?q=47.14,9.52(Label)
    typed = Typed(lat=float(lat), lon=0.0 if abs(float(lat)) == 90 else float(lon), half_lat=half_place(lat), half_lon=half_place(lon))
    if not typed.is_on_earth():
        return Reading((), "off_earth")
    uncertainty = re.fullmatch(r"\d{1,7}(?:\.\d{1,9})?", told.get("u", ""))
    if "u" in told and uncertainty is None:
        return Reading((), "geo_invalid")
    return Reading((_geo_answer(typed, altitude, float(told["u"]) if uncertainty else None),))


def _asked(query: str) -> Reading:
    match = re.search(rf"(?:^|&)q=({_NUMBER}),({_NUMBER})", unquote(query))
    if match is None:
        return Reading((), "geo_invalid")
    typed = Typed(lat=float(match[1]), lon=float(match[2]), half_lat=half_place(match[1]), half_lon=half_place(match[2]))
    return Reading((point(typed, source="geo-uri"),)) if typed.is_on_earth() else Reading((), "off_earth")


def _geo_answer(typed: Typed, altitude: str | None, stated_m: float | None) -> Candidate:
    found = point(typed, source="geo-uri")
    return Candidate(
        text=found.text if altitude is None else f"{found.text} ({altitude} m)",
        kind="coordinates",
        lon=found.lon,
        lat=found.lat,
        uncertainty_m=found.uncertainty_m if stated_m is None else Metres(stated_m),
        score=1.0,
        source="geo-uri",
        reason="altitude_ignored" if altitude is not None else "uncertainty_stated" if stated_m is not None else "",
    )


def read_link(text: str) -> Reading:
    """A map link within the text; pins before views. A link without coordinates gives none, and a note."""
    if not _IS_LINK.search(text):
        return Reading()
    link = unquote(text)
    found: dict[tuple[float, float], Candidate] = {}
    for typed in _in_link(link):
        if typed.is_on_earth():
            found.setdefault((typed.lon, typed.lat), point(typed, source="link"))
    return Reading(tuple(found.values()), "" if found else "link_without_place")


def _in_link(link: str) -> Iterator[Typed]:
    forms = [(_LON_FIRST, True)] if "yandex." in link.lower() else _LINKS  # the one maker who puts longitude first
    for form, is_pin in forms:
        for match in form.finditer(link):
            lat, lon = match["lat"], match["lon"]
            yield Typed(
                lat=float(lat),
                lon=float(lon),
                half_lat=half_place(lat),
                half_lon=half_place(lon),
                reason="inside_link" if is_pin else "map_view",
                score=1.0 if is_pin else UNUSUAL,
            )


def pair_inside(text: str) -> tuple[str, str] | None:
    """Two decimal numbers within a longer text, precise enough to be a place; None without them."""
    match = _PAIR.search(text)
    return (match[1], match[2]) if match else None
