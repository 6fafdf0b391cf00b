"""Lines of a street map, cut into streets where they meet. Shared by the readers of OpenStreetMap and of GeoJSON."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Ints32 = NDArray[np.int32]
Ints64 = NDArray[np.int64]


@dataclass
class Lines:
    """Lines being collected. A point's ``key`` says which place it is: equal keys are one place, whatever their coordinates."""

    key: "array[int]" = field(default_factory=lambda: array("q"))
    lon_e7: "array[int]" = field(default_factory=lambda: array("i"))
    lat_e7: "array[int]" = field(default_factory=lambda: array("i"))
    start: "array[int]" = field(default_factory=lambda: array("q", [0]))
    owner: "array[int]" = field(default_factory=lambda: array("q"))
    """What the line belongs to (the row of its way)."""

    @classmethod
    def of_arrays(cls, key: Ints64, lon_e7: Ints32, lat_e7: Ints32, start: Ints64, owner: Ints64) -> "Lines":
        """Lines that are whole already: no point repeats the one before, none has fewer than two."""
        lines = cls(start=array("q"))
        for kept, values in zip(
            (lines.key, lines.lon_e7, lines.lat_e7, lines.start, lines.owner), (key, lon_e7, lat_e7, start, owner), strict=True
        ):
            kept.frombytes(np.ascontiguousarray(values, dtype=kept.typecode).tobytes())
        return lines

    def add(self, owner: int, points: Iterable[tuple[int, int, int]]) -> bool:
        """Add one line of (key, lon, lat). A point that repeats the one before is left out; a line of one point is not added."""
        begin, last = len(self.key), None
        for key, lon_e7, lat_e7 in points:
            if key != last:
                self.key.append(key)
                self.lon_e7.append(lon_e7)
                self.lat_e7.append(lat_e7)
                last = key
        if len(self.key) - begin < 2:
            del self.key[begin:], self.lon_e7[begin:], self.lat_e7[begin:]
            return False
        self.start.append(len(self.key))
        self.owner.append(owner)
        return True


@dataclass(frozen=True)
class Cut:
    """Streets between junctions, with the nodes at their ends numbered by rising key."""

    node_key: Ints64
    node_lon_e7: Ints32
    node_lat_e7: Ints32
    tail: Ints32
    head: Ints32
    start: Ints64
    point_key: Ints64
    point_lon_e7: Ints32
    point_lat_e7: Ints32
    owner: Ints64


def cut_at_junctions(lines: Lines, *, is_met_within: bool) -> Cut:
    """Cut lines at their ends and, where ``is_met_within``, at every inner point that occurs once more on any line."""
    key = np.frombuffer(lines.key, dtype=np.int64) if lines.key else np.zeros(0, dtype=np.int64)
    lon = np.array(lines.lon_e7, dtype=np.int32)
    lat = np.array(lines.lat_e7, dtype=np.int32)
    start = np.array(lines.start, dtype=np.int64)
    is_junction = np.zeros(len(key), dtype=bool)
    is_junction[start[:-1]] = is_junction[start[1:] - 1] = True
    if is_met_within:
        _, place, uses = np.unique(key, return_inverse=True, return_counts=True)
        is_junction |= uses[place] > 1
    line = np.repeat(np.arange(len(start) - 1), np.diff(start))
    at = np.flatnonzero(is_junction)
    is_street = line[at[:-1]] == line[at[1:]]
    first, last = at[:-1][is_street], at[1:][is_street]
    sizes = last - first + 1
    street_start = np.concatenate([[0], np.cumsum(sizes)])
    points = np.arange(street_start[-1]) + np.repeat(first - street_start[:-1], sizes)
    node_key, one_point, node = np.unique(key[at], return_index=True, return_inverse=True)
    node_at = np.zeros(len(key), dtype=np.int32)
    node_at[at] = node
    return Cut(
        node_key=node_key,
        node_lon_e7=lon[at][one_point],
        node_lat_e7=lat[at][one_point],
        tail=node_at[first],
        head=node_at[last],
        start=street_start,
        point_key=key[points],
        point_lon_e7=lon[points],
        point_lat_e7=lat[points],
        owner=np.array(lines.owner, dtype=np.int64)[line[first]],
    )
