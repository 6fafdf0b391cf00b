"""A fleet: where vehicles stand, kept in the form in which "how long would each of them take?" is answered at once."""

from collections.abc import Hashable, Mapping
from typing import Final, Generic, TypeVar

import numpy as np

from tocsin.base.quantities import Millis
from tocsin.roads.drives import DriveRouter, as_arrays
from tocsin.roads.position import OnRoad

Name = TypeVar("Name", bound=Hashable)

ROOM: Final = 64
"""Rows at first; doubled when they are full."""


class Fleet(Generic[Name]):
    """Positions by name, under one router at a time. Not to be shared between threads without a lock."""

    def __init__(self, router: DriveRouter) -> None:
        self.router = router
        self._row: dict[Name, int] = {}
        self._names: list[Name] = []
        self._kept = router.keep_sources(ROOM)

    def __len__(self) -> int:
        return len(self._row)

    def put(self, places: Mapping[Name, OnRoad]) -> None:
        """These vehicles stand here now; new names join the fleet."""
        count = len(self._row)
        for name in places:
            if self._row.setdefault(name, len(self._row)) == len(self._names):
                self._names.append(name)
        if len(self._row) > self._kept.room:
            self._kept = self._kept.copied_to(self.router, max(len(self._row), 2 * self._kept.room), count)
        rows = np.fromiter((self._row[name] for name in places), np.int32, len(places))
        self._kept.put(rows, *as_arrays(list(places.values())))

    def remove(self, name: Name) -> None:
        """It is no part of the fleet any more; the last one takes its row. Raises KeyError for a name that is none."""
        row, moved = self._row.pop(name), self._names.pop()
        last = len(self._row)
        if row != last:
            self._row[moved], self._names[row] = row, moved
            kept, one = self._kept, slice(last, last + 1)
            kept.put(np.array([row], np.int32), kept.edges[one].copy(), kept.along_ppm[one].copy(), kept.is_headed[one].copy())

    def use(self, router: DriveRouter) -> None:
        """Go over to another metric: everything is prepared anew before the old is let go, so an answer is by one or by the other."""
        self._kept = self._kept.copied_to(router, self._kept.room, len(self._row))
        self.router = router

    def times_to(self, target: OnRoad) -> dict[Name, Millis | None]:
        """Road time of every vehicle to a target; None where there is no way."""
        times_ms = self._kept.times_to(target, len(self._row))
        told: dict[Name, Millis | None] = dict(self._row)  # type: ignore[arg-type]  # has the names: quicker than to make one
        told.update(zip(self._names, times_ms.tolist(), strict=True))
        for row in np.flatnonzero(times_ms < 0).tolist():
            told[self._names[row]] = None
        return told
