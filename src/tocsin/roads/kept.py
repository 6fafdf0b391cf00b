"""Sources that are kept by a router in rows, so that one target after the other can be asked about."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.roads.position import OnRoad
from tocsin.roads.positions import Flags, Longs

Rows = NDArray[np.int32]


class Timed(Protocol):
    """What a router must do for plain kept sources."""

    def times_from(self, target: OnRoad, edges: Longs, along_ppm: Longs, is_headed: Flags) -> Longs:
        """See ``drives.DriveRouter``."""
        ...

    def keep_sources(self, room: int) -> "KeptSources":
        """See ``router.Router``."""
        ...


class KeptSources:
    """Positions in rows. A router that prepares something for each of them keeps more (``kernel_router.KeptLabels``)."""

    def __init__(self, router: Timed, room: int) -> None:
        self._router = router
        self.edges, self.along_ppm, self.is_headed = np.zeros(room, np.int64), np.zeros(room, np.int64), np.zeros(room, np.bool_)

    @property
    def room(self) -> int:
        """How many rows there are."""
        return len(self.edges)

    def put(self, rows: Rows, edges: Longs, along_ppm: Longs, is_headed: Flags) -> None:
        """Positions (k) into these rows."""
        self.edges[rows], self.along_ppm[rows], self.is_headed[rows] = edges, along_ppm, is_headed

    def times_to(self, target: OnRoad, count: int) -> Longs:
        """Milliseconds from each of the first rows; -1 where there is no way."""
        return self._router.times_from(target, self.edges[:count], self.along_ppm[:count], self.is_headed[:count])

    def copied_to(self, router: Timed, room: int, count: int) -> "KeptSources":
        """The first rows kept by another router, or with more room."""
        other = router.keep_sources(room)
        other.put(np.arange(count, dtype=np.int32), self.edges[:count], self.along_ppm[:count], self.is_headed[:count])
        return other
