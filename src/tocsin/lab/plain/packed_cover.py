"""Cover as ``core/engine/cover.Cover`` counts it, to the last unit, for runs that change it twice a call and ask for it once.

Nothing is kept up for all stations at each change: when somebody asks, each row adds one number, in which every station that reaches it has
64 bits of its own.
"""

from operator import getitem
from struct import Struct

import numpy as np

from tocsin.core.engine.cover import MOST_COUNTED, Cover, worth_ppb
from tocsin.core.messages.cover import CoverModel

FIELD_BITS, FIELD_BYTES = 64, 8
MOST_ROWS = 400
"""From more than this on it is quicker to add up in arrays."""
MOST_BYTES = 32_000_000
"""More than this is not made beforehand."""


class PackedCover:
    """The part of ``Cover`` that a run needs."""

    def __init__(self, model: CoverModel, units: int) -> None:
        self.model = model
        self._counts = [0] * len(model.rows)
        self._rows = [[nth for nth, row in enumerate(model.rows) if station in row.stations] for station in range(len(model.stations))]
        self._fields = Struct(f"<{len(model.stations)}Q")
        self._gains: list[list[int]] = []
        self._losses: list[list[int]] = []
        for row in model.rows:
            fields = sum(1 << FIELD_BITS * station for station in row.stations)
            worth = worth_ppb(row.weight_ppb, model.busy_ppm)
            self._gains.append([fields * worth[count] for count in range(units + 1)])
            self._losses.append([0, *(fields * worth[count] for count in range(units))])
        self._gain_ppb: list[int] | None = None
        self._loss_ppb: list[int] | None = None

    def put(self, station: int) -> None:
        """One more unit counts there."""
        counts = self._counts
        for row in self._rows[station]:
            counts[row] += 1
        self._gain_ppb = self._loss_ppb = None

    def take(self, station: int) -> None:
        """One unit fewer counts there."""
        counts = self._counts
        for row in self._rows[station]:
            counts[row] -= 1
        self._gain_ppb = self._loss_ppb = None

    @property
    def gain_ppb(self) -> list[int]:
        """By station: what one more unit there would add."""
        if self._gain_ppb is None:
            self._gain_ppb = self._unpacked(self._gains)
        return self._gain_ppb

    @property
    def loss_ppb(self) -> list[int]:
        """By station: what is lost if one of the units there goes; meaningless where there is none."""
        if self._loss_ppb is None:
            self._loss_ppb = self._unpacked(self._losses)
        return self._loss_ppb

    def _unpacked(self, packed: list[list[int]]) -> list[int]:
        return list(self._fields.unpack(sum(map(getitem, packed, self._counts)).to_bytes(self._fields.size, "little")))


class WideCover:
    """The same of a large model: everything is added up for all stations at once when somebody asks."""

    def __init__(self, model: CoverModel, units: int) -> None:
        self.model = model
        reach = np.zeros((len(model.rows), len(model.stations)), np.int64)
        for nth, row in enumerate(model.rows):
            reach[nth, list(row.stations)] = 1
        self._reach, self._rows = reach, [np.flatnonzero(column) for column in reach.T]
        kinds, self._kind = np.unique(np.array([row.weight_ppb for row in model.rows], np.int64), return_inverse=True)
        self._worth = np.array([[0, *worth_ppb(weight, model.busy_ppm)] for weight in kinds.tolist()], np.int64).reshape(
            -1, MOST_COUNTED + 2
        )
        """By weight, then by count: what one fewer loses; one further on, what one more gains."""
        self._counts = np.zeros(len(model.rows), np.int64)
        self._gain_ppb: list[int] | None = None
        self._loss_ppb: list[int] | None = None

    def put(self, station: int) -> None:
        """One more unit counts there."""
        self._counts[self._rows[station]] += 1
        self._gain_ppb = self._loss_ppb = None

    def take(self, station: int) -> None:
        """One unit fewer counts there."""
        self._counts[self._rows[station]] -= 1
        self._gain_ppb = self._loss_ppb = None

    @property
    def gain_ppb(self) -> list[int]:
        """By station: what one more unit there would add."""
        if self._gain_ppb is None:
            self._gain_ppb = self._added(1)
        return self._gain_ppb

    @property
    def loss_ppb(self) -> list[int]:
        """By station: what is lost if one of the units there goes; meaningless where there is none."""
        if self._loss_ppb is None:
            self._loss_ppb = self._added(0)
        return self._loss_ppb

    def _added(self, further: int) -> list[int]:
        at = np.minimum(self._counts + further, MOST_COUNTED + 1)
        added: list[int] = (self._worth[self._kind, at] @ self._reach).tolist()
        return added


def cover_for(model: CoverModel, units: int) -> Cover | PackedCover | WideCover:
    """The quicker one that fits."""
    if len(model.rows) > MOST_ROWS:
        return WideCover(model, units)
    size = 2 * len(model.rows) * (units + 1) * len(model.stations) * FIELD_BYTES
    return PackedCover(model, units) if units < MOST_COUNTED and size <= MOST_BYTES else Cover(model)
