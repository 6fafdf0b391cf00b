"""The board as a dispatcher sees it, for the futures: what each unit does and where. Never how long a job will take."""

from bisect import bisect_right
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.city.model import WEEK_MS, City, CrewedUnit
from tocsin.lab.kernel import future_arrays as arrays
from tocsin.lab.plain.drives import Drives
from tocsin.lab.plain.duty import MINUTE_MS, boundaries
from tocsin.lab.plain.engine import transporting
from tocsin.lab.plain.fleet import Fleet
from tocsin.lab.plain.unit import FOREVER_MS, Unit


class Played(Protocol):
    """What is read of a run."""

    city: City
    drives: Drives
    fleet: Fleet
    now_ms: int
    kind: list[int]
    place: list[int]
    on_scene_ms: list[int]
    scene_ms: list[list[int]]
    is_transport: list[bool]


class Snapshots:
    """Writes the board of one run into the futures' room, again and again."""

    def __init__(self, run: Played) -> None:
        self._units = run.fleet.units
        self._fixed = np.zeros((arrays.UNIT_ROWS, len(self._units)), np.int64)
        fixed, can = self._fixed, transporting(self._units)
        for unit in self._units:
            column = fixed[:, unit.index]
            column[arrays.HOME], column[arrays.COST_MS], column[arrays.IS_COUNTED] = run.fleet.home_of(unit), unit.cost_ms, unit.is_counted
            column[arrays.AT_STATION_MS], column[arrays.ON_ROAD_MS] = unit.at_station_ms, unit.on_road_ms
            column[arrays.CAN_TRANSPORT] = can[unit.index]
        fixed[[arrays.OFF_MS, arrays.UNTIL_MS]] = arrays.FOREVER_MS
        fixed[[arrays.PLACE, arrays.COUNTS_AT]] = arrays.NOWHERE
        fixed[arrays.PHASE] = arrays.OFF
        self._shifts = {unit.index: _boundaries_ms(unit.crewed) for unit in self._units if unit.crewed.shifts}

    def take(self, run: Played, chosen: Unit, u: NDArray[np.int64]) -> None:
        """As it is now; ``chosen`` is the unit that is to be sent somewhere."""
        u[:] = self._fixed
        now_ms = run.now_ms
        for unit in run.fleet.free:
            self._put_free(unit, u[:, unit.index], now_ms)
        for unit in run.fleet.units:
            if unit.call >= 0:
                put_busy(run, unit, u[:, unit.index])
        u[arrays.PHASE, chosen.index] = arrays.WAITS
        u[arrays.AT, chosen.index] = chosen.place_at(now_ms)
        for index, boundaries_ms in self._shifts.items():
            self._put_shift(u[:, index], _next_ms(boundaries_ms, now_ms), is_on=run.fleet.units[index].is_on_shift)

    def _put_free(self, unit: Unit, column: NDArray[np.int64], now_ms: int) -> None:
        column[arrays.PHASE], column[arrays.AT], column[arrays.HOUR_PPM] = arrays.FREE, unit.place_at(now_ms), unit.hour_ppm
        column[arrays.COUNTS_AT] = unit.counts_at
        if unit.until_ms < FOREVER_MS:
            column[arrays.PLACE], column[arrays.UNTIL_MS] = unit.place, unit.until_ms

    def _put_shift(self, column: NDArray[np.int64], next_ms: int, *, is_on: bool) -> None:
        if is_on:
            column[arrays.OFF_MS] = next_ms
        elif column[arrays.PHASE] == arrays.OFF:
            column[arrays.PHASE], column[arrays.UNTIL_MS] = arrays.COMES_ON, next_ms


def put_busy(run: Played, unit: Unit, column: NDArray[np.int64]) -> None:
    """What a unit with a job is at, and until when where that is a drive: reckoned with means, as the dispatcher does."""
    call, now_ms, drives = unit.call, run.now_ms, run.drives
    place = run.place[call]
    column[arrays.KIND], column[arrays.CALL_PLACE] = run.kind[call], place
    if unit in run.fleet.on_way:
        rolls_ms = now_ms if now_ms >= unit.rolls_ms else now_ms + (unit.at_station_ms if unit.was_at_station else unit.on_road_ms)
        onward_ms = 0 if unit.way is None else unit.way.ms[run.fleet.seen_at(unit, now_ms)] * drives.ppm_at(now_ms) // arrays.PPM
        column[arrays.PHASE], column[arrays.UNTIL_MS] = arrays.ON_WAY, rolls_ms + onward_ms
        return
    leaves_ms = run.on_scene_ms[call] + run.scene_ms[0][call]
    if unit.hospital < 0 or now_ms < leaves_ms:
        column[arrays.PHASE], column[arrays.UNTIL_MS] = arrays.ON_SCENE, now_ms
        return
    drive_ms = drives.to_hospital(place, leaves_ms)[1] * drives.ppm_at(leaves_ms) // arrays.PPM
    is_driving = now_ms < leaves_ms + drive_ms
    column[arrays.PHASE] = arrays.TO_HOSPITAL if is_driving else arrays.HANDING_OVER
    column[arrays.UNTIL_MS] = leaves_ms + drive_ms if is_driving else now_ms
    column[arrays.CALL_PLACE] = run.city.hospitals[unit.hospital].place


def _boundaries_ms(crewed: CrewedUnit) -> list[int]:
    return [minute * MINUTE_MS for minute in boundaries(crewed.shifts)]


def _next_ms(boundaries_ms: list[int], now_ms: int) -> int:
    """The first of these moments of every week after now."""
    week_ms, within_ms = now_ms - now_ms % WEEK_MS, now_ms % WEEK_MS
    nth = bisect_right(boundaries_ms, within_ms)
    return week_ms + (boundaries_ms[nth] if nth < len(boundaries_ms) else boundaries_ms[0] + WEEK_MS)
