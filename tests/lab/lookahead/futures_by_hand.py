"""The futures of ``lab/kernel/futures.py`` once more, in plain Python with units and calls as objects: the oracle of the compiled ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tocsin.core.engine.move_up import MoveUpRule, best_station
from tocsin.core.engine.policies import UNSPARED_PPB
from tocsin.lab.kernel import future_arrays as rows

ALL_64 = (1 << 64) - 1
NOBODY = 1 << 60


class Dice:
    """SplitMix64 by its published constants, on unsigned numbers."""

    def __init__(self, key: int, nth: int) -> None:
        self.key, self.nth = key & ALL_64, nth

    def peek(self, nth: int, bits: int) -> int:
        x = (self.key + nth * 0x9E3779B97F4A7C15) & ALL_64
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & ALL_64
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & ALL_64
        return (x ^ (x >> 31)) >> (64 - bits)

    def draw(self, bits: int) -> int:
        self.nth += 1
        return self.peek(self.nth - 1, bits)


@dataclass
class Unit:
    """One row of the board, turned round."""

    index: int
    home: int
    turnouts: tuple[int, int]
    cost_ms: int
    is_counted: bool
    can_transport: bool
    off_ms: int
    phase: int
    at: int
    place: int
    until_ms: int
    hour_ppm: int
    counts_at: int
    kind: int
    call_place: int
    free_ms: int = NOBODY
    free_place: int = -1


@dataclass(frozen=True)
class Call:
    at_ms: int
    kind: int
    scene_ms: int
    is_transport: bool
    handover_ms: int
    places: tuple[int, ...]


@dataclass
class Score:
    late: int = 0
    response_ms: int = 0

    def note(self, response_ms: int, left_ms: int, looks: int) -> None:
        self.late += looks * (response_ms > left_ms)
        self.response_ms += looks * response_ms


class Board:
    """The ground and the units, and what a future needs of both."""

    def __init__(self, ground: rows.Ground, u: NDArray[np.int64], decision: Sequence[int]) -> None:
        self.g: Any = ground
        self.kinds = ground.kinds.tolist()
        (self.least_ppb, self.price_ppb, self.horizon_ms, self.looks, self.ppm) = ground.settings.tolist()
        (self.now_ms, self.key, self.chosen, self.futures, _) = decision
        self.units = [unit_of(nth, column.tolist()) for nth, column in enumerate(u.T)]
        self.stations = ground.station_place.tolist()

    # ---- what is drawn

    def drawn(self, future: int) -> tuple[list[Unit], list[Call]]:
        dice = Dice(self.key, future << 20)
        units = [self.with_end(unit, dice) for unit in self.units]
        return units, self.calls(dice)

    def with_end(self, unit: Unit, dice: Dice) -> Unit:
        if unit.phase <= rows.OFF:
            return replace(unit)
        quantile, chance, other = dice.draw(10), dice.peek(dice.nth, 30), dice.peek(dice.nth + 1, 10)
        dice.nth += 2
        ms, place = max(unit.until_ms, self.now_ms), unit.call_place
        kind = self.kinds[unit.kind]
        memoryless = int(self.g.gaps[quantile])
        scene, handover = self.g.spans[2 * unit.kind], self.g.spans[2 * unit.kind + 1]
        if unit.phase == rows.COMES_ON:
            place = self.stations[unit.home]
        elif unit.phase == rows.TO_HOSPITAL:
            ms += int(handover[quantile])
        elif unit.phase == rows.HANDING_OVER:
            ms += memoryless * kind[rows.K_HANDOVER_MS] // 1_000_000
        elif unit.phase in (rows.ON_WAY, rows.ON_SCENE):
            ms += int(scene[quantile]) if unit.phase == rows.ON_WAY else memoryless * kind[rows.K_SCENE_MS] // 1_000_000
            nearest = int(self.g.nearest_hospital[place])
            if unit.can_transport and nearest >= 0 and chance * 1_000_000 >> 30 < kind[rows.K_TRANSPORT_PPM]:
                hospital = int(self.g.hospital_place[nearest])
                ms += int(self.g.normal_ms[hospital, place]) + int(handover[other])
                place = hospital
        return replace(unit, free_ms=ms, free_place=place)

    def calls(self, dice: Dice) -> list[Call]:
        found: list[Call] = []
        at_ms, end_ms = self.now_ms, self.now_ms + self.horizon_ms
        while len(found) < rows.MOST_CALLS:
            hour = at_ms // 3_600_000
            next_ms = at_ms + int(self.g.gap_ms[hour % 168]) * int(self.g.gaps[dice.draw(10)]) // 1_000_000
            at_ms = min(next_ms, (hour + 1) * 3_600_000)
            if at_ms >= end_ms:
                break
            if next_ms < (hour + 1) * 3_600_000:
                found.append(self.call(at_ms, hour % 168, dice))
        return found

    def call(self, at_ms: int, hour: int, dice: Dice) -> Call:
        chance = dice.draw(30)
        until = self.g.kind_until[hour].tolist()
        kind = next((nth for nth, most in enumerate(until[:-1]) if chance < most), len(until) - 1)
        scene, handover = self.g.spans[2 * kind], self.g.spans[2 * kind + 1]
        scene_ms, transport, handover_ms = int(scene[dice.draw(10)]), dice.draw(30), int(handover[dice.draw(10)])
        looks = self.looks if self.kinds[kind][rows.K_IS_URGENT] else 1
        places = tuple(int(self.g.places[self.kinds[kind][rows.K_PLACES], dice.draw(16)]) for _ in range(looks))
        return Call(at_ms, kind, scene_ms, transport * 1_000_000 >> 30 < self.kinds[kind][rows.K_TRANSPORT_PPM], handover_ms, places)

    # ---- what is played

    def play(self, drawn: list[Unit], calls: list[Call], station: int) -> Score:
        """One future."""
        units, score, waiting = [replace(unit) for unit in drawn], Score(), []
        chosen = units[self.chosen]
        chosen.free_ms = NOBODY
        self.set_out(chosen, station, self.now_ms)
        end_ms, left = self.now_ms + self.horizon_ms, list(calls)
        while True:
            soonest = min(((one.free_ms, one.index) for one in units if one.phase > rows.OFF), default=(NOBODY, -1))
            ends_ms = min(soonest[0], end_ms)
            if left and left[0].at_ms < ends_ms:
                self.come(left.pop(0), units, waiting, score)
            elif soonest[0] < end_ms:
                self.become_free(units[soonest[1]], soonest[0], units, waiting, score)
            else:
                break
        for call in waiting:
            if self.kinds[call.kind][rows.K_IS_URGENT]:
                score.note(end_ms - call.at_ms, self.kinds[call.kind][rows.K_LEFT_MS], self.looks)
        return score

    def come(self, call: Call, units: list[Unit], waiting: list[Call], score: Score) -> None:
        kind = self.kinds[call.kind]
        free = [one for one in units if one.phase == rows.FREE and one.off_ms > call.at_ms]
        reach = {one.index: self.eta_ms(one, call.places[0], kind[rows.K_IS_URGENT], call.at_ms) for one in free}
        counts = self.counts(units)
        weights = []
        for one in free:
            eta_ms = reach[one.index]
            if eta_ms is None:
                continue
            is_late = eta_ms > kind[rows.K_LEFT_MS]
            lost = 0
            if kind[rows.K_WEIGHS] and not is_late:
                lost = self.lost_ppb(one, counts) if eta_ms <= kind[rows.K_SURE_MS] else UNSPARED_PPB
            weights.append((is_late, lost, eta_ms + one.cost_ms, one.index))
        if not weights:
            waiting.append(call)
            waiting.sort(key=lambda one: self.kinds[one.kind][rows.K_PRIORITY])
            return
        if kind[rows.K_IS_URGENT]:
            for place in call.places:
                etas = [eta for one in free if (eta := self.eta_ms(one, place, 1, call.at_ms)) is not None]
                if etas:
                    score.note(min(etas), kind[rows.K_LEFT_MS], 1)
        self.send(units[min(weights)[3]], call, call.at_ms)

    def become_free(self, unit: Unit, now_ms: int, units: list[Unit], waiting: list[Call], score: Score) -> None:
        unit.free_ms, unit.at = NOBODY, unit.free_place
        if unit.off_ms <= now_ms:
            unit.phase = rows.OFF
            return
        unit.phase, unit.place, unit.until_ms = rows.FREE, -1, NOBODY
        for call in waiting:
            kind = self.kinds[call.kind]
            eta_ms = self.eta_ms(unit, call.places[0], kind[rows.K_IS_URGENT], now_ms)
            if eta_ms is not None:
                if kind[rows.K_IS_URGENT]:
                    score.note(now_ms - call.at_ms + eta_ms, kind[rows.K_LEFT_MS], self.looks)
                waiting.remove(call)
                self.send(unit, call, now_ms)
                return
        unit.counts_at = -1
        self.set_out(unit, self.most_useful(unit, units), now_ms)

    def send(self, unit: Unit, call: Call, now_ms: int) -> None:
        eta_ms = self.eta_ms(unit, call.places[0], self.kinds[call.kind][rows.K_IS_URGENT], now_ms)
        assert eta_ms is not None
        unit.phase, unit.counts_at = rows.ON_WAY, -1
        unit.free_ms, unit.free_place = now_ms + eta_ms + call.scene_ms, call.places[0]
        nearest = int(self.g.nearest_hospital[call.places[0]])
        if call.is_transport and unit.can_transport and nearest >= 0:
            unit.free_place = int(self.g.hospital_place[nearest])
            unit.free_ms += int(self.g.normal_ms[unit.free_place, call.places[0]]) * self.ppm // 1_000_000 + call.handover_ms

    def set_out(self, unit: Unit, station: int, now_ms: int) -> None:
        ms = int(self.g.normal_ms[self.stations[station], unit.at])
        unit.phase, unit.hour_ppm = rows.FREE, self.ppm
        unit.place, unit.until_ms = (self.stations[station], now_ms + ms * self.ppm // 1_000_000) if ms >= 0 else (-1, NOBODY)
        unit.counts_at = int(self.g.station_row[station]) if unit.is_counted else -1

    # ---- what is reckoned

    def place_of(self, unit: Unit, now_ms: int) -> int:
        """From where it set out along its way, until the rest takes at most what is left."""
        if unit.until_ms <= now_ms:
            return unit.place
        at = unit.at
        while unit.place >= 0 and int(self.g.normal_ms[unit.place, at]) * unit.hour_ppm // 1_000_000 > unit.until_ms - now_ms:
            at = int(self.g.normal_via[unit.place, at])
        return at

    def eta_ms(self, unit: Unit, place: int, is_urgent: int, now_ms: int) -> int | None:
        table = self.g.lights_ms if is_urgent else self.g.normal_ms
        ms = int(table[place, self.place_of(unit, now_ms)])
        return None if ms < 0 else unit.turnouts[unit.until_ms > now_ms] + ms * self.ppm // 1_000_000

    def counts(self, units: list[Unit]) -> list[int]:
        """Units in reach, by row of the model: counted anew each time."""
        counts = [0] * len(self.g.worth)
        for one in units:
            if one.phase == rows.FREE and one.is_counted and one.counts_at >= 0:
                for row in self.rows_of(one.counts_at):
                    counts[row] += 1
        return counts

    def rows_of(self, station: int) -> list[int]:
        return [int(row) for row in self.g.rows[self.g.rows_from[station] : self.g.rows_from[station + 1]]]

    def lost_ppb(self, unit: Unit, counts: list[int]) -> int:
        return sum(int(self.g.worth[row, counts[row] - 1]) for row in self.rows_of(unit.counts_at)) if unit.counts_at >= 0 else 0

    def most_useful(self, unit: Unit, units: list[Unit]) -> int:
        if not unit.is_counted:
            return unit.home
        counts = self.counts(units)
        gains = [sum(int(self.g.worth[row, counts[row]]) for row in self.rows_of(nth)) if nth >= 0 else 0 for nth in self.g.station_row]
        ways = zip(self.stations, self.g.is_open, strict=True)
        drives = [int(self.g.normal_ms[place, unit.at]) if is_open else -1 for place, is_open in ways]
        return best_station(gains, drives, unit.home, MoveUpRule(self.least_ppb, self.price_ppb))


def unit_of(nth: int, column: list[int]) -> Unit:
    return Unit(
        nth,
        column[rows.HOME],
        (column[rows.AT_STATION_MS], column[rows.ON_ROAD_MS]),
        column[rows.COST_MS],
        bool(column[rows.IS_COUNTED]),
        bool(column[rows.CAN_TRANSPORT]),
        column[rows.OFF_MS],
        column[rows.PHASE],
        column[rows.AT],
        column[rows.PLACE],
        column[rows.UNTIL_MS],
        column[rows.HOUR_PPM],
        column[rows.COUNTS_AT],
        column[rows.KIND],
        column[rows.CALL_PLACE],
    )


def look_by_hand(ground: rows.Ground, u: NDArray[np.int64], decision: Sequence[int], candidates: Sequence[int]) -> list[list[int]]:
    """What ``futures.look`` tells, where nobody is given up."""
    board = Board(ground, u, decision)
    late, response_ms, squares = ([0] * len(candidates) for _ in range(3))
    for future in range(board.futures):
        units, calls = board.drawn(future)
        scores = [board.play(units, calls, station) for station in candidates]
        for nth, score in enumerate(scores):
            late[nth] += score.late
            response_ms[nth] += score.response_ms
            squares[nth] += (score.late - scores[0].late) ** 2
    return [late, response_ms, squares, [board.futures] * len(candidates)]
