"""What tags of OpenStreetMap mean for an emergency vehicle: may it drive here, which way, how fast. Source: the wiki's tag pages."""

from collections.abc import Mapping
from typing import Final

from tocsin.roads.streets import AGAINST, ALONG, BOTH

Tags = Mapping[str, str]

ROUNDABOUTS: Final = frozenset({"roundabout", "circular"})

BLOCKING: Final = frozenset({"block", "bollard", "jersey_barrier", "log", "debris", "fence", "wall"})
"""Barriers that stop a fire engine. Gates, chains and lift gates do not: crews open them."""

_CAR_KEYS: Final = ("emergency", "motorcar", "motor_vehicle", "vehicle", "access")
"""From the most particular to the most general; the first that is there decides (wiki: Access)."""

_CLOSED: Final = frozenset({"no", "agricultural", "forestry"})

_MPH_DKMH: Final = 16.09344
_KNOT_DKMH: Final = 18.52
_SPEED_UNITS: Final = {"": 10.0, "km/h": 10.0, "kmh": 10.0, "kph": 10.0, "mph": _MPH_DKMH, "knots": _KNOT_DKMH}
SLOWEST_DKMH: Final = 50
FASTEST_DKMH: Final = 1_300
"""No emergency vehicle is taken to drive faster, whatever is posted."""
BELIEVED_DKMH: Final = 1_500
"""The highest limits of the world's motorways are about this: what says more says something else."""


def why_not_drivable(tags: Tags) -> str | None:
    """Reason code why an emergency vehicle does not drive here, None where it does.

    ``private``, ``destination``, ``customers`` and the like are driven: an emergency may be anywhere. Roads closed to cars but open to
    buses are driven too. What is closed to motor vehicles stays closed unless ``emergency`` or ``motorcar`` says otherwise.
    """
    if tags.get("area") == "yes":
        return "area"
    for key in _CAR_KEYS:
        value = tags.get(key)
        if value is not None:
            is_bus_road = tags.get("bus") in ("yes", "designated") or tags.get("psv") in ("yes", "designated")
            return "access" if value in _CLOSED and not (is_bus_road and key != "emergency") else None
    return None


def direction(tags: Tags, klass: str) -> tuple[int, str | None]:
    """BOTH, ALONG or AGAINST, and the code of what had to be assumed, if anything.

    Without ``oneway``, roundabouts and motorways are one-way along their line (wiki: Key:oneway, implied).
    """
    value = tags.get("oneway")
    if value in ("yes", "true", "1"):
        return ALONG, None
    if value in ("-1", "reverse"):
        return AGAINST, None
    if value in ("no", "false", "0"):
        return BOTH, None
    if value is None and (klass == "motorway" or tags.get("junction") in ROUNDABOUTS):
        return ALONG, None
    # reversible and alternating streets change with the hour: a crew that looks may drive either way
    return BOTH, None if value is None else "oneway_unread"


def speed_dkmh(text: str | None) -> int | None:
    """Tenths of km/h of a ``maxspeed``; 0 when it is absent, None when it says no number (``none``, ``signals``, ``DE:urban``)."""
    said = _said_dkmh(text)
    return None if said is None else _drivable_dkmh(said)


def believed_dkmh(text: str | None, class_kmh: int) -> tuple[int, str | None]:
    """Tenths of km/h of a ``maxspeed``, 0 where its class's speed is to be taken, and the code of what had to be assumed, if anything.

    ``class_kmh``: speed of the street's class. More than 150 km/h is a slip of the hand (``maxspeed=500``), and so is what no emergency
    vehicle drives on a street where twice the class's speed is less.
    """
    said = _said_dkmh(text)
    if said is None:
        return 0, "speed_unread"
    if said > BELIEVED_DKMH or said > max(FASTEST_DKMH, 20 * class_kmh):
        return 0, "speed_absurd"
    return _drivable_dkmh(said), None


def _said_dkmh(text: str | None) -> float | None:
    if not text:
        return 0.0
    number = text.split(";")[0].strip().lower()
    unit = number.lstrip("0123456789.")
    digits = number[: len(number) - len(unit)]
    factor = _SPEED_UNITS.get(unit.strip())
    try:
        value = float(digits) * factor if factor else 0.0
    except ValueError:
        return None
    return value if value > 0 else None


def _drivable_dkmh(said: float) -> int:
    return round(min(FASTEST_DKMH, max(SLOWEST_DKMH, said))) if said else 0
