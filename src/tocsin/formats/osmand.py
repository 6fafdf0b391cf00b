"""Positions as Traccar Client and OsmAnd send them: a query or form (OsmAnd, Traccar Client up to 8), or JSON (Traccar Client from 9).

Source: traccar.org/osmand and Traccar's own decoder. The form's ``speed`` is in knots, the JSON's in metres a second. The device's id,
though Traccar demands one, is dropped: with us the token says whose device it is.
"""

from typing import Any, Final
from urllib.parse import parse_qsl

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant
from tocsin.formats.position import Heard, Reported, json_of, number_of, place_of, reported, stamp_of

KNOT_MPS: Final = 1852.0 / 3600.0
MOST_FIELDS: Final = 100

USED: Final = frozenset({"lat", "lon", "location", "timestamp", "speed", "bearing", "heading", "accuracy", "hacc", "valid"})
"""Of the form. Everything else is dropped and counted."""

USED_COORDS: Final = frozenset({"latitude", "longitude", "accuracy", "speed", "heading"})


def decode_form(form: str, received: Instant) -> Heard:
    """One report as a query string or a form's body. Without a position (cells and networks only, ``valid=false``) there is none.

    Raises BadInput ``position_missing``, ``position_number``, ``position_range``, ``position_null_island``, ``position_stamp``,
    ``position_fields`` (too many, or not UTF-8).
    """
    try:
        fields = dict(parse_qsl(form, max_num_fields=MOST_FIELDS, errors="strict", keep_blank_values=True))
    except ValueError:  # UnicodeDecodeError is one
        raise BadInput("position_fields", most=MOST_FIELDS) from None
    ignored = len(fields.keys() - USED)
    lon, lat = _lon_lat(fields)
    if fields.get("valid", "1").lower() not in ("1", "true") or (lon is None and lat is None):
        return Heard(ignored=ignored, no_fix=1)
    speed_kn = number_of(fields.get("speed"), "speed")
    moving = {
        "heading_deg": number_of(fields.get("bearing") or fields.get("heading"), "bearing"),
        "speed_mps": speed_kn * KNOT_MPS if speed_kn is not None else None,
        "uncertainty_m": number_of(fields.get("accuracy") or fields.get("hacc"), "accuracy"),
    }
    at = stamp_of(fields.get("timestamp"), received, "timestamp")
    return Heard((reported(place_of(lon, lat), at, received, moving),), ignored)


def _lon_lat(fields: dict[str, str]) -> tuple[float | None, float | None]:
    if "location" in fields:
        lat, _, lon = fields["location"].partition(",")
        return number_of(lon.strip(), "location"), number_of(lat.strip(), "location")
    return number_of(fields.get("lon"), "lon"), number_of(fields.get("lat"), "lat")


def decode_json(body: bytes, received: Instant) -> Heard:
    """``{"location": {"timestamp", "coords": {…}}, "device_id"}``; ``location`` may be a list.

    Raises BadInput ``position_json``, ``position_layout`` and what ``decode_form`` raises.
    """
    said = json_of(body)
    locations = said.get("location") if isinstance(said, dict) else None
    if isinstance(locations, dict):
        locations = [locations]
    if not isinstance(locations, list):
        raise BadInput("position_layout", field="location")
    ignored = len(said.keys() - {"location"})
    found = []
    for nth, one in enumerate(locations):
        coords = one.get("coords") if isinstance(one, dict) else None
        if not isinstance(coords, dict):
            raise BadInput("position_layout", field=f"location[{nth}].coords")
        ignored += len(one.keys() - {"timestamp", "coords"}) + len(coords.keys() - USED_COORDS)
        found.append(_located(one, coords, received))
    return Heard(tuple(found), ignored)


def _located(one: dict[str, Any], coords: dict[str, Any], received: Instant) -> Reported:
    moving = {
        "heading_deg": number_of(coords.get("heading"), "heading"),
        "speed_mps": number_of(coords.get("speed"), "speed"),
        "uncertainty_m": number_of(coords.get("accuracy"), "accuracy"),
    }
    place = place_of(number_of(coords.get("longitude"), "longitude"), number_of(coords.get("latitude"), "latitude"))
    return reported(place, stamp_of(one.get("timestamp"), received, "timestamp"), received, moving)
