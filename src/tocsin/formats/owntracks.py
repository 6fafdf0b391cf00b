"""Positions as OwnTracks sends them over HTTP: JSON messages told apart by ``_type``; only ``location`` is read.

Source: owntracks.org/booklet/tech/json. ``vel`` is in kilometres an hour, ``tst`` in seconds. An empty body is a message that the app
publishes to delete a friend: it says nothing.
"""

from typing import Any, Final

from tocsin.base.faults import BadInput
from tocsin.base.instants import Instant
from tocsin.formats.position import Heard, Reported, json_of, number_of, place_of, reported, stamp_of

KMH_MPS: Final = 1.0 / 3.6

USED: Final = frozenset({"_type", "lat", "lon", "tst", "vel", "cog", "acc"})
"""Of a location. Everything else (battery, network, the tracker's initials, regions, points of interest) is dropped and counted."""


def decode(body: bytes, received: Instant) -> Heard:
    """One message or a list of them. Messages of other types are accepted and dropped: an app that is refused sends them again.

    Raises BadInput ``position_json``, ``position_layout``, ``position_missing``, ``position_number``, ``position_range``,
    ``position_null_island``, ``position_stamp``.
    """
    if not body.strip():
        return Heard(no_fix=1)
    said = json_of(body)
    positions, ignored, no_fix = [], 0, 0
    for nth, message in enumerate(said if isinstance(said, list) else [said]):
        if not isinstance(message, dict) or not isinstance(message.get("_type"), str):
            raise BadInput("position_layout", field=f"[{nth}]._type" if isinstance(said, list) else "_type")
        if message["_type"] == "location":
            ignored += len(message.keys() - USED)
            positions.append(_located(message, received))
        else:
            no_fix += 1
    return Heard(tuple(positions), ignored, no_fix)


def _located(message: dict[str, Any], received: Instant) -> Reported:
    speed_kmh = number_of(message.get("vel"), "vel")
    moving = {
        "heading_deg": number_of(message.get("cog"), "cog"),
        "speed_mps": speed_kmh * KMH_MPS if speed_kmh is not None else None,
        "uncertainty_m": number_of(message.get("acc"), "acc"),
    }
    place = place_of(number_of(message.get("lon"), "lon"), number_of(message.get("lat"), "lat"))
    return reported(place, stamp_of(message.get("tst"), received, "tst"), received, moving)
