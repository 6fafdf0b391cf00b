"""Counting cover: how many free units reach each row of a model, and what one more or one fewer at a station is worth.

Whole parts per billion, added in a fixed order: live, replay, the plain engine and the compiled one agree to the last unit.
"""

from collections import Counter
from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from itertools import chain
from operator import add

from tocsin.core.messages.cover import CoverModel

MOST_COUNTED = 64
"""More units in reach of one place are worth nothing more: 0.3^64 of it."""


@lru_cache(maxsize=1 << 12)
def worth_ppb(weight_ppb: int, busy_ppm: int) -> tuple[int, ...]:
    """What the first, second … unit in reach is worth: weight · (1 - q) · q^k, each rounded down; the last entry is 0."""
    worths, busy = [], 1_000_000
    for _ in range(MOST_COUNTED):
        worths.append(weight_ppb * (1_000_000 - busy_ppm) * busy // 1_000_000_000_000)
        busy = busy * busy_ppm // 1_000_000
    return (*worths, 0)


class Cover:
    """Units counted at the stations of one model. Free units count where they stand or where they are heading.

    Rows that the same stations reach have the same count: they are one ring, and what they are worth is added up beforehand.
    """

    def __init__(self, model: CoverModel) -> None:
        self.model = model
        rings = {stations: nth for nth, stations in enumerate(dict.fromkeys(row.stations for row in model.rows))}
        worths = [worth_ppb(row.weight_ppb, model.busy_ppm) for row in model.rows]
        self._by_row = [(rings[row.stations], row.area, worth) for row, worth in zip(model.rows, worths, strict=True)]
        self._rows: list[list[int]] = [[] for _ in model.stations]
        self._rings: list[list[int]] = [[] for _ in model.stations]
        self._stations = list(rings)
        for stations, ring in rings.items():
            for station in stations:
                self._rings[station].append(ring)
        self._ring_worth = [(0,) * (MOST_COUNTED + 1) for _ in rings]
        for nth, (ring, _, worth) in enumerate(self._by_row):
            self._ring_worth[ring] = tuple(map(add, self._ring_worth[ring], worth))
            for station in self._stations[ring]:
                self._rows[station].append(nth)
        self._steps = [_steps(worth) for worth in self._ring_worth]
        self._counts = [0] * len(rings)
        """By ring: units in reach."""
        self.gain_ppb = [sum(self._ring_worth[ring][0] for ring in near) for near in self._rings]
        """By station: what one more unit there would add."""
        self.loss_ppb = [0] * len(model.stations)
        """By station: what is lost if one of the units there goes; meaningless where there is none."""

    def put(self, station: int) -> None:
        """One more unit counts there."""
        gain_ppb, loss_ppb, counts = self.gain_ppb, self.loss_ppb, self._counts
        for ring in self._rings[station]:
            before, steps = counts[ring], self._steps[ring]
            counts[ring] = before + 1
            if before < len(steps):
                gained, lost = steps[before]
                for other in self._stations[ring]:
                    gain_ppb[other] += gained
                    loss_ppb[other] += lost

    def take(self, station: int) -> None:
        """One unit fewer counts there."""
        gain_ppb, loss_ppb, counts = self.gain_ppb, self.loss_ppb, self._counts
        for ring in self._rings[station]:
            after, steps = counts[ring] - 1, self._steps[ring]
            counts[ring] = after
            if after < len(steps):
                gained, lost = steps[after]
                for other in self._stations[ring]:
                    gain_ppb[other] -= gained
                    loss_ppb[other] -= lost

    def copy(self) -> "Cover":
        """To try something on; what follows from the model alone is shared."""
        twin = copy(self)
        twin._counts, twin.gain_ppb, twin.loss_ppb = self._counts.copy(), self.gain_ppb.copy(), self.loss_ppb.copy()
        return twin

    @property
    def counts(self) -> list[int]:
        """Units in reach, by row."""
        return [self._counts[ring] for ring, _, _ in self._by_row]

    def lost_by_area(self, stations: Sequence[int]) -> dict[str, int]:
        """What is lost, in ppb of all demand by area, if one unit goes from each of these stations; one named twice loses two."""
        fewer = Counter(chain.from_iterable(self._rows[station] for station in stations))
        lost: dict[str, int] = {}
        for row, gone in fewer.items():
            ring, area, worth = self._by_row[row]
            count = self._counts[ring]
            lost_ppb = sum(worth[count - gone : count])
            if lost_ppb:
                lost[area] = lost.get(area, 0) + lost_ppb
        return lost

    def covered_ppb(self) -> int:
        """Expected share of demand that is reached in time."""
        return sum(sum(worth[:count]) for worth, count in zip(self._ring_worth, self._counts, strict=True))

    def gained_by_area(self, station: int) -> dict[str, int]:
        """What one more unit at a station would add, in ppb of all demand, by area; areas that gain nothing are left out."""
        gained: dict[str, int] = {}
        for row in self._rows[station]:
            ring, area, worth = self._by_row[row]
            gained_ppb = worth[min(self._counts[ring], MOST_COUNTED)]
            if gained_ppb:
                gained[area] = gained.get(area, 0) + gained_ppb
        return gained


def _steps(worth: Sequence[int]) -> list[tuple[int, int]]:
    """By how many units are in reach: how gain and loss change when one more comes. It ends where nothing changes any more."""
    steps = [(after - now, now - before) for before, now, after in zip((0, *worth), worth, (*worth[1:], 0), strict=False)]
    while steps and steps[-1] == (0, 0):
        steps.pop()
    return steps


def counted(model: CoverModel, at: Sequence[int]) -> Cover:
    """Cover of units that count at these stations."""
    cover = Cover(model)
    for station in at:
        cover.put(station)
    return cover
