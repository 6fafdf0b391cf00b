"""The least total cost of filling slots, found by trying everything: the oracle of ``recommend``. Shares no code with the engine.

Cost of an answer, most significant first: required slots empty, optional slots empty, strict choices given up, rank, late, travel.
Every filled slot counts its unit; a unit that does two slots counts twice.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.core.engine.recommend import Contender, Ranking
from tocsin.core.messages.plan import Slot

Cost = tuple[int, int, int, int, int, int]
NOTHING: Cost = (0, 0, 0, 0, 0, 0)


class Position(NamedTuple):
    """One unit wanted."""

    slot: int
    nth: int


def plus(one: Cost, other: Cost) -> Cost:
    """Field by field."""
    return tuple(a + b for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


def empty(slot: Slot) -> Cost:
    """Nobody there."""
    return (1, 0, 0, 0, 0, 0) if slot.is_required else (0, 1, 0, 0, 0, 0)


def filled(slot: Slot, unit: Contender, choice: int, target_ms: int | None) -> Cost:
    """This unit there, by this wish of the slot."""
    strict = sum(alternative.worth_s is None for alternative in slot.alternatives[:choice])
    worth_ms = sum((alternative.worth_s or 0) * 1000 for alternative in slot.alternatives[:choice])
    is_late = target_ms is not None and unit.eta_ms > target_ms
    return (0, 0, strict, unit.rank, int(is_late), unit.eta_ms + unit.handicap_ms + worth_ms)


def wishes(slot: Slot) -> list[frozenset[str]]:
    """The slot's own wish and its alternatives."""
    return [frozenset(slot.needs), *(frozenset(alternative.needs) for alternative in slot.alternatives)]


def may_double(slots: Sequence[Slot], one: int, other: int) -> bool:
    """Whether one unit may do both."""
    return slots[one].doubles_with == slots[other].name or slots[other].doubles_with == slots[one].name


class Search:
    """Tries every unit in every position, with every wish that it can do, and leaving it empty."""

    def __init__(self, slots: Sequence[Slot], fleet: Sequence[Contender], target_ms: int | None) -> None:
        self.slots, self.target_ms = slots, target_ms
        self.fleet = [one for one in fleet if one.ruled_out is None and one.eta_ms is not None]
        self.positions = [Position(at, nth) for at, slot in enumerate(slots) for nth in range(slot.count)]
        self.best: Cost | None = None

    def least(self) -> Cost:
        """The least cost of any answer."""
        self._place(0, NOTHING, {}, frozenset())
        assert self.best is not None
        return self.best

    def _place(self, at: int, cost: Cost, placed: dict[str, tuple[Contender, int, int]], doubled: frozenset[int]) -> None:
        if self.best is not None and cost >= self.best:
            return
        if at == len(self.positions):
            self.best = cost
            return
        here = self.positions[at].slot
        slot = self.slots[here]
        for unit in self.fleet:
            for choice, needs in enumerate(wishes(slot)):
                if needs <= unit.capabilities:
                    self._try(at, plus(cost, filled(slot, unit, choice, self.target_ms)), placed, doubled, (unit, here, choice))
        self._place(at + 1, plus(cost, empty(slot)), placed, doubled)

    def _try(
        self,
        at: int,
        cost: Cost,
        placed: dict[str, tuple[Contender, int, int]],
        doubled: frozenset[int],
        one: tuple[Contender, int, int],
    ) -> None:
        unit, here, choice = one
        before = placed.get(unit.crew)
        if before is None:
            self._place(at + 1, cost, {**placed, unit.crew: one}, doubled)
        else:
            other, there, other_choice = before
            is_both = other.unit == unit.unit and choice == other_choice == 0 and may_double(self.slots, here, there)
            if is_both and here != there and not {here, there} & doubled:
                self._place(at + 1, cost, placed, doubled | {here, there})


def cost_of(ranking: Ranking, slots: Sequence[Slot], fleet: Sequence[Contender], target_ms: int | None) -> Cost:
    """What the engine's answer costs."""
    by_name, by_unit = {slot.name: slot for slot in slots}, {one.unit: one for one in fleet}
    total = NOTHING
    for pick in ranking.picks:
        total = plus(total, filled(by_name[pick.slot], by_unit[pick.unit], pick.choice, target_ms))
    for short in ranking.shortfalls:
        total = plus(total, empty(by_name[short.slot]))
    return total
