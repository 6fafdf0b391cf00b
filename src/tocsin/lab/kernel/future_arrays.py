"""The arrays of the compiled futures, with names for their rows.

Who changes them changes ``futures.py`` too: its cache notices changes of its own file only.
"""

from typing import Any, NamedTuple

from numba import types

PPM = 1_000_000
HOUR_MS = 3_600_000
NOWHERE = -1
FOREVER_MS = 1 << 60
SELDOM_MS = 10**12
"""Mean time from call to call where nobody ever calls: any quantile of it is a whole number of 64 bits."""
MOST_COUNTED = 64
MOST_CALLS = 256
"""A future with more calls than this ends with the last of them."""
MOST_LOOKS = 16
QUANTILE_BITS = 10
PLACE_BITS = 16
KIND_BITS = 30

FREE, OFF, ON_WAY, ON_SCENE, TO_HOSPITAL, HANDING_OVER, COMES_ON, WAITS = range(8)
"""What a unit does, as the dispatcher knows it. ``WAITS``: it is the one that is to be sent somewhere."""

# rows of u: what a unit is
(HOME, AT_STATION_MS, ON_ROAD_MS, COST_MS, IS_COUNTED, CAN_TRANSPORT, OFF_MS) = range(7)
# where it is
(PHASE, AT, PLACE, UNTIL_MS, HOUR_PPM, COUNTS_AT) = range(7, 13)
# the call that it is on
(KIND, CALL_PLACE) = range(13, 15)
# drawn for each future: when and where it will be free
(FREE_MS, FREE_PLACE) = range(15, 17)
UNIT_ROWS = 17

# rows of f, a future's calls; places that are tried follow from C_PLACE on
(C_MS, C_KIND, C_SCENE_MS, C_IS_TRANSPORT, C_HANDOVER_MS, C_PLACE) = range(6)
FUTURE_ROWS = C_PLACE + MOST_LOOKS

# columns of World.kinds
(K_IS_URGENT, K_LEFT_MS, K_WEIGHS, K_PLACES, K_TRANSPORT_PPM, K_PRIORITY, K_SCENE_MS, K_HANDOVER_MS, K_SURE_MS) = range(9)
# places of World.settings
(LEAST_GAIN_PPB, PRICE_PPB_PER_S, HORIZON_MS, LOOKS, NOW_PPM) = range(5)
# places of a decision
(D_NOW_MS, D_KEY, D_UNIT, D_FUTURES, D_MARGIN) = range(5)
# rows of the answer, by candidate
(LATE, RESPONSE_MS, SQUARES, PLAYED) = range(4)
GIVEN_UP = -1
"""In the place of the futures played, of a candidate that fell behind."""
BETWEEN_CHECKS = 100
"""Futures after which candidates that fell behind are given up."""

_ONES = types.int64[::1]
ROWS = types.int64[:, ::1]
_I32S = types.int32[:, ::1]
_I16S = types.int16[:, ::1]
I = types.int64  # noqa: E741 - one letter for the type of every number
ONES = _ONES


class Ground(NamedTuple):
    """Everything that futures read and never write. ``is_open`` and ``NOW_PPM`` are those of the moment."""

    lights_ms: Any
    """Tables by (to, from)."""
    normal_ms: Any
    normal_via: Any
    station_place: Any
    is_open: Any
    station_row: Any
    """By station: its index in the cover model; -1 = none."""
    hospital_place: Any
    nearest_hospital: Any
    gap_ms: Any
    """By hour of the week: mean time from call to call."""
    kind_until: Any
    """(hours, kinds): cumulated chances of 2^30."""
    kinds: Any
    spans: Any
    """(2 · kinds, 1024): quantiles of the time on scene and of the handover, kind by kind."""
    gaps: Any
    """1024 quantiles of an exponential of mean 1,000,000."""
    places: Any
    """(rows, 65,536): by even chances, where people call from."""
    settings: Any
    rows_from: Any
    """Rows of the cover model by station, one after the other."""
    rows: Any
    worth: Any


GROUND = types.NamedTuple((_I32S, _I32S, _I16S, *[_ONES] * 6, ROWS, ROWS, ROWS, _ONES, _I16S, *[_ONES] * 3, ROWS), Ground)


class Room(NamedTuple):
    """Where futures are played."""

    u: Any
    """The board, with what is drawn for the future."""
    v: Any
    """The board as the future goes on."""
    f: Any
    counts: Any
    """Units in reach, by row of the cover model."""
    queue: Any
    """Calls of the future that wait for a unit, in order."""
    score: Any
    """Of one future: late looks, sum of responses, looks; and how many calls wait."""


ROOM = types.NamedTuple((ROWS, ROWS, ROWS, _ONES, _ONES, _ONES), Room)
