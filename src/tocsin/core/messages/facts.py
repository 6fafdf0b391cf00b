"""Facts: everything uncertain that had to be looked up to answer. Gathered before deciding, written down with the question."""

from typing import Literal

import msgspec

from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import StationId, UnitId
from tocsin.base.quantities import Metres, Millis

PositionSource = Literal["station", "scene", "on_route", "reported", "last_known"]
"""How a unit's place was known: at its station; at its incident; reckoned along a road from the last sure place; said by it; stale."""


class UnitRoad(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One unit's way to the incident."""

    source: PositionSource
    place: LonLat
    """The place that was used."""
    age_ms: Millis
    """How old the last sure place is."""
    road_ms: Millis | None
    """Road time to the incident; None = unreachable."""
    straight_m: Metres
    """Length as the crow flies, to the metre: what a system without roads would sort by."""
    onward_ms: Millis | None = None
    """For a unit on its way to another incident: the road time that is left to that one."""


class Learned(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What learned speeds add to one unit's road time. A row of its own: where nothing was learned, no fact grows by a byte."""

    constant_ms: Millis
    """What is not driving, from now until on scene; in the place of the plan's turnout. ETA = ``UnitRoad.road_ms`` + this."""
    low_ms: Millis | None = None
    """Four times out of five the unit arrives between this and ``high_ms``; None = not known."""
    high_ms: Millis | None = None


class Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was known when a question was answered."""

    metric: str = ""
    """Id of the road network and speeds behind every road time; the same id gives the same milliseconds for ever."""
    fleet: int = 0
    """Count of events, on the board that was looked at, that change which unit is how far: those of units and of closures. Another count
    on the board that decides means stale facts."""
    target: LonLat | None = None
    """The incident's place that the times lead to."""
    local_minute_of_week: int | None = None
    """0 = Monday 00:00 on the centre's wall."""
    snap_m: Metres | None = None
    """How far the incident lies from the road that the times lead to."""
    roads: dict[UnitId, UnitRoad] = {}
    """Units whose place is known; one that is missing here has no known place."""
    metrics: dict[str, str] = {}
    """Kind of unit → its metric where that is another one than ``metric``: some closures hold for some kinds only."""
    learned: dict[UnitId, Learned] = {}
    """Units that can get there and of whose kind the centre's learned speeds know more than the drive."""
    closes: int | None = None
    """With the closing of a road: how many directed edges of that network the drawn shape closes. 0 = it meets no street: a slip."""

    call_age_ms: Millis | None = None
    """How long ago the first call about the incident arrived, where the target of a card counts from that (``Card.is_from_call``)."""
    drives_ms: dict[UnitId, dict[StationId, Millis]] = {}
    """With advice on cover: from where each of these units is to each of these stations; one that is missing cannot be reached."""


NO_FACTS = Facts()
