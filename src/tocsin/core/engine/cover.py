"""Counting cover: how many free units reach each row of a model, and what one more or one fewer at a station is worth.

Whole parts per billion, added in a fixed order: live, replay, the plain engine and the compiled one agree to the last unit.
"""

from collections import Counter
from collections.abc import Sequence

from tocsin.core.messages.cover import CoverModel

MOST_COUNTED = 64
"""More units in reach of one place are worth nothing more: 0.3^64 of it."""


def worth_ppb(weight_ppb: int, busy_ppm: int) -> tuple[int, ...]:
    """What the first, second … unit in reach is worth: weight · (1 - q) · q^k, each rounded down; the last entry is 0."""
    worths, busy = [], 1_000_000
    for _ in range(MOST_COUNTED):
        worths.append(weight_ppb * (1_000_000 - busy_ppm) * busy // 1_000_000_000_000)
        busy = busy * busy_ppm // 1_000_000
    return (*worths, 0)


class Cover:
    """Units counted at the stations of one model. Free units count where they stand or where they are heading."""

    def __init__(self, model: CoverModel) -> None:
        self.model = model
        self.counts = [0] * len(model.rows)
        """Units in reach, by row."""
        self._worth = [worth_ppb(row.weight_ppb, model.busy_ppm) for row in model.rows]
        self._stations = [row.stations for row in model.rows]
        self._rows: list[list[int]] = [[] for _ in model.stations]
        self.gain_ppb = [0] * len(model.stations)
        """By station: what one more unit there would add."""
        self.loss_ppb = [0] * len(model.stations)
        """By station: what is lost if one of the units there goes; meaningless where there is none."""
        for row, stations in enumerate(self._stations):
            for station in stations:
                self._rows[station].append(row)
                self.gain_ppb[station] += self._worth[row][0]

    def put(self, station: int) -> None:
        """One more unit counts there."""
        gain_ppb, loss_ppb, counts = self.gain_ppb, self.loss_ppb, self.counts
        for row in self._rows[station]:
            before, worth = counts[row], self._worth[row]
            counts[row] = before + 1
            at = min(before, MOST_COUNTED)
            gained = worth[min(before + 1, MOST_COUNTED)] - worth[at]
            lost = worth[at] - (worth[min(before - 1, MOST_COUNTED)] if before else 0)
            for other in self._stations[row]:
                gain_ppb[other] += gained
                loss_ppb[other] += lost

    def take(self, station: int) -> None:
        """One unit fewer counts there."""
        gain_ppb, loss_ppb, counts = self.gain_ppb, self.loss_ppb, self.counts
        for row in self._rows[station]:
            after, worth = counts[row] - 1, self._worth[row]
            counts[row] = after
            at = min(after, MOST_COUNTED)
            gained = worth[at] - worth[min(after + 1, MOST_COUNTED)]
            lost = (worth[min(after - 1, MOST_COUNTED)] if after else 0) - worth[at]
            for other in self._stations[row]:
                gain_ppb[other] += gained
                loss_ppb[other] += lost

    def copy(self) -> "Cover":
        """To try something on; what follows from the model alone is shared."""
        twin = object.__new__(Cover)
        twin.model, twin._worth, twin._stations, twin._rows = self.model, self._worth, self._stations, self._rows
        twin.counts, twin.gain_ppb, twin.loss_ppb = self.counts.copy(), self.gain_ppb.copy(), self.loss_ppb.copy()
        return twin

    def lost_by_area(self, stations: Sequence[int]) -> dict[str, int]:
        """What is lost, in ppb of all demand by area, if one unit goes from each of these stations; one named twice loses two."""
        fewer = Counter(row for station in stations for row in self._rows[station])
        lost: dict[str, int] = {}
        for row, gone in fewer.items():
            count, worth = self.counts[row], self._worth[row]
            lost_ppb = sum(worth[min(kth, MOST_COUNTED)] for kth in range(count - gone, count))
            if lost_ppb:
                area = self.model.rows[row].area
                lost[area] = lost.get(area, 0) + lost_ppb
        return lost

    def covered_ppb(self) -> int:
        """Expected share of demand that is reached in time."""
        return sum(sum(worth[:count]) for worth, count in zip(self._worth, self.counts, strict=True))

    def change_by_area(self, station: int, by: int) -> dict[str, int]:
        """What one unit more (``by`` = 1) or fewer (-1) at a station changes, in ppb of all demand, by area; others are left out."""
        changes: dict[str, int] = {}
        for row in self._rows[station]:
            count = self.counts[row]
            changed = self._worth[row][min(count, MOST_COUNTED)] if by > 0 else -self._worth[row][min(count - 1, MOST_COUNTED)]
            if changed:
                area = self.model.rows[row].area
                changes[area] = changes.get(area, 0) + changed
        return changes


def counted(model: CoverModel, at: Sequence[int]) -> Cover:
    """Cover of units that count at these stations."""
    cover = Cover(model)
    for station in at:
        cover.put(station)
    return cover
