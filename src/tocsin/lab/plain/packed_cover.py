"""Cover as ``core/engine/cover.Cover`` counts it, to the last unit, for runs that change it twice a call and ask for it once.

Nothing is kept up for all stations at each change: when somebody asks, each row adds one number, in which every station that reaches it has
64 bits of its own.
"""

from operator import getitem
from struct import Struct

from tocsin.core.engine.cover import MOST_COUNTED, Cover, worth_ppb
from tocsin.core.messages.cover import CoverModel

FIELD_BITS, FIELD_BYTES = 64, 8
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


def cover_for(model: CoverModel, units: int) -> Cover | PackedCover:
    """The quicker one that fits."""
    size = 2 * len(model.rows) * (units + 1) * len(model.stations) * FIELD_BYTES
    return PackedCover(model, units) if units < MOST_COUNTED and size <= MOST_BYTES else Cover(model)
