"""Traffic signals, stop and give-way signs of OpenStreetMap: which directions of which streets meet them. Source: the wiki's tag pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tocsin.edge.street_lines import Cut, Ints64

SIGNALS: Final = "traffic_signals"
SIGNS: Final = ("stop", "give_way")

_FACINGS: Final[Mapping[str, tuple[bool, bool]]] = {"forward": (True, False), "backward": (False, True), "both": (True, True)}

Flags = NDArray[np.bool_]
Counts = NDArray[np.uint8]


@dataclass
class Signs:
    """Nodes with a signal or a sign."""

    facing: dict[int, tuple[bool, bool] | None] = field(default_factory=dict)
    """Node id → whether it is for who drives along and against the line; None where that is not said."""
    signals: set[int] = field(default_factory=set)
    """Those that are signals."""

    def read(self, node: int, tags: Any) -> None:
        """Keep the node if it has one."""
        kind = tags.get("highway")
        if kind == SIGNALS:
            self.signals.add(node)
            self.facing[node] = _FACINGS.get(tags.get("traffic_signals:direction") or tags.get("direction") or "both", (True, True))
        elif kind in SIGNS:
            self.facing[node] = _FACINGS.get(tags.get("direction") or "")


def signs_met(signs: Signs, cut: Cut) -> tuple[Counts, Counts]:
    """(streets, 2) signals, and (streets, 2) signs, met when driven along and against the line, the end included, the beginning not.

    One at a crossing of three or more streets is for all that come there, whatever its direction says: it has several lines to be read by.
    A sign in mid-street that says no direction is for who drives towards the nearer end. Each counts once for a street and direction.
    """
    key = np.array(sorted(signs.facing), dtype=np.int64)
    row, sign = _points_with(key, cut)
    street = np.searchsorted(cut.start, row, side="right") - 1
    facing = [signs.facing[one] for one in key.tolist()]
    said = np.array([one or (True, True) for one in facing], dtype=bool).reshape(-1, 2)[sign]
    is_silent = np.array([one is None for one in facing], dtype=bool)[sign]
    meets = _meets(cut, row, street, said, is_silent)
    is_signal = np.isin(key, np.array(sorted(signs.signals), dtype=np.int64))[sign]
    return _counted(cut, street, meets & is_signal[:, None]), _counted(cut, street, meets & ~is_signal[:, None])


def _points_with(key: Ints64, cut: Cut) -> tuple[Ints64, Ints64]:
    """Rows of points that have a sign, and rows of their signs."""
    if not len(key):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    sign = np.minimum(np.searchsorted(key, cut.point_key), len(key) - 1)
    row = np.flatnonzero(key[sign] == cut.point_key)
    return row, sign[row]


def _meets(cut: Cut, row: Ints64, street: Ints64, said: Flags, is_silent: Flags) -> Flags:
    """(points, 2) whether the sign at a point is met along and against its street."""
    first, last = cut.start[street], cut.start[street + 1] - 1
    ends = np.bincount(np.append(cut.tail, cut.head), minlength=len(cut.node_key))
    is_crossing = np.stack([ends[cut.head[street]], ends[cut.tail[street]]], axis=1) > 2
    is_end: Flags = np.stack([row == last, row == first], axis=1)
    is_inner: Flags = np.logical_not(is_end.any(axis=1))
    is_to_head = _is_nearer_head(cut, row, first, last)
    towards = np.where((is_silent & is_inner)[:, None], np.stack([is_to_head, ~is_to_head], axis=1), said)
    meets: Flags = np.where(is_inner[:, None], towards, is_end & (said | is_crossing))
    return meets


def _is_nearer_head(cut: Cut, row: Ints64, first: Ints64, last: Ints64) -> Flags:
    lon, lat = np.radians(cut.point_lon_e7 / 1e7), np.radians(cut.point_lat_e7 / 1e7)
    behind = np.append(0.0, np.cumsum(np.hypot(np.diff(lon) * np.cos(lat[1:]), np.diff(lat))))
    nearer: Flags = behind[last] - behind[row] <= behind[row] - behind[first]
    return nearer


def _counted(cut: Cut, street: Ints64, meets: Flags) -> Counts:
    count: NDArray[Any] = np.stack([np.bincount(street[meets[:, way]], minlength=len(cut.tail)) for way in (0, 1)], axis=1)
    met: Counts = np.minimum(count, 255).astype(np.uint8)
    return met
