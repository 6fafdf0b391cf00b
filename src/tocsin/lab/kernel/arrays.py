"""The arrays of the compiled loop, with names for their rows.

Who changes them changes ``loop.py`` too: its cache notices changes of its own file only.
"""

from typing import Any, NamedTuple

from numba import types

PPM = 1_000_000
HOUR_MS = 3_600_000
NOWHERE = -1
FOREVER_MS = 1 << 60
MOST_COUNTED = 64
LIGHTS, NORMAL, STANDS = 0, 1, 2
ON_SCENE, AT_HOSPITAL, FREE = 2, 3, 4
"""Kinds of events as in ``plain/kinds.py``; happenings and shifts (0, 1) stand in the timeline."""

# rows of u: what a unit is
(HOME, TURNOUT, AT_STATION_MS, ON_ROAD_MS, OFFSET_MS, COST_MS, IS_COUNTED) = range(7)
# where it is
(PLACE, AT, UNTIL_MS, MODE, DEST, HOUR_PPM, CALL_PPM) = range(7, 14)
# what it does
(CALL, HOSPITAL, IS_FREE, IS_ON_WAY, ROLLS_MS, WAS_AT_STATION, COUNTS_AT, IS_ON_SHIFT, SHIFT_ENDED_MS) = range(14, 23)
(EVENT_MS, EVENT_KIND, EVENT_SEQUENCE) = range(23, 26)
# what came of it
(BUSY_SINCE_MS, RETURNS_SINCE_MS, BUSY_MS, RETURN_MS, MOVES, OVERRUN_MS) = range(26, 32)
CAN_TRANSPORT = 32
UNIT_ROWS = 33

# rows of c
(C_AT_MS, C_READY_MS, C_TOLD, C_PLACE, C_SCENE_MS, C_IS_TRANSPORT, C_HANDOVER_MS, C_PPM, C_RANK) = range(9)
(C_FIRST, C_ON_SCENE_MS, C_FULL_MS, C_SENT) = range(9, 13)
CALL_ROWS = 13

# places of s
(NOW_MS, SEQUENCE, JOBS, QUEUED, LONGEST, DIVERTED, IS_OVERLOADED) = range(7)
# places of World.settings
(MAY_DIVERT, IS_DMEXCLP, HAS_COVER, LEAST_GAIN_PPB, PRICE_PPB_PER_S, MOST_QUEUED, SURE_PERMILLE) = range(7)

_I32S = types.int32[:, ::1]
_I16S = types.int16[:, ::1]
_ONES = types.int64[::1]
_ROWS = types.int64[:, ::1]


class World(NamedTuple):
    """Everything that a run reads and never writes."""

    lights_ms: Any
    """Tables by (to, from)."""
    normal_ms: Any
    lights_via: Any
    normal_via: Any
    station_place: Any
    is_open: Any
    station_row: Any
    """By station: its index in the cover model; -1 = none."""
    hospital_place: Any
    bays: Any
    nearest_hospital: Any
    hours: Any
    slower: Any
    """(happenings, 3): from, until, parts per million."""
    priorities: Any
    """(priorities, 3): whether urgent, target, whether cover is weighed."""
    divert_gain_ms: Any
    """(told, told of the call it is on); -1 = not allowed."""
    divert_within_ms: Any
    timeline: Any
    """(events, 3): when, unit, whether its shift begins (1), ends (0), or something else happens (-1)."""
    order: Any
    """Calls by (ready, index)."""
    by_rank: Any
    """Calls by (told priority, ready, index)."""
    turnout_ms: Any
    """(calls, 2 · turnouts)."""
    settings: Any
    rows_from: Any
    """Rows of the cover model by station, one after the other."""
    rows: Any
    stations_from: Any
    """Stations by row, likewise."""
    stations: Any
    worth: Any


WORLD = types.NamedTuple(
    (_I32S, _I32S, _I16S, _I16S, *[_ONES] * 7, _ROWS, _ROWS, _ROWS, _ROWS, _ROWS, _ONES, _ONES, _ROWS, *[_ONES] * 5, _ROWS), World
)


class State(NamedTuple):
    """Everything that a run writes."""

    u: Any
    c: Any
    s: Any
    queue: Any
    """Ranks of the calls that wait, rising."""
    in_bay: Any
    before_bay: Any
    """(hospitals, units): who waits for a bay."""
    before: Any
    """How many do, by hospital."""
    counts: Any
    gain_ppb: Any
    loss_ppb: Any


STATE = types.NamedTuple((_ROWS, _ROWS, _ONES, _ONES, _ONES, _ROWS, _ONES, _ONES, _ONES, _ONES), State)
I = types.int64  # noqa: E741 - one letter for the type of every number
