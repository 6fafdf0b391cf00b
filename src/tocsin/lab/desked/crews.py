"""Crews: they roll when they are told to, work, drive patients to hospitals, and go home when nobody wants them."""

from collections import deque
from collections.abc import Callable
from typing import Final

from tocsin.base.identifiers import UnitId
from tocsin.core.messages.place import Place
from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import STATUS, Phase, ReportUnitStatus
from tocsin.lab.city.model import NO_WAY_MS
from tocsin.lab.desked.ground import Ground, Vehicle
from tocsin.lab.desked.tally import Tally

# What happens at one moment happens in this order; see ``town.py`` for what people do who are no crew.
TAKEN: Final = 0
ROLLS: Final = 1
ON_SCENE: Final = 2
SCENE_DONE: Final = 3
AT_HOSPITAL: Final = 4
HANDED_OVER: Final = 5
AT_STATION: Final = 6
READY: Final = 7
TOLD_AGAIN: Final = 8

CREW = "crew"

Say = Callable[[str, Command], None]
Plan = Callable[[int, int, int, int], None]
"""At which moment, which kind of thing, of which unit, on which errand."""


class Crews:
    """All units of a city."""

    def __init__(self, ground: Ground, tally: Tally, say: Say, plan: Plan) -> None:
        self._ground, self._tally, self._say, self._plan = ground, tally, say, plan
        calls = ground.calls
        self._is_transport: list[bool] = calls.is_transport.tolist()
        self._handover_ms: list[int] = calls.handover_ms.tolist()
        self._arrived = [0] * calls.size
        """By call: units that have been on scene."""
        self._wanted = [sum(slot.count for slot in kind.slots) or 1 for kind in ground.city.kinds]
        self._at_bays = [0] * len(ground.city.hospitals)
        self._queues: list[deque[Vehicle]] = [deque() for _ in ground.city.hospitals]
        self._can_transport_any = not any("transport" in (one.kind, *one.capabilities) for one in ground.city.units)
        self.freed: deque[Vehicle] = deque()
        """Those that have just ended a job; where they go is decided once nobody who waits wants them."""
        self.by_kind: dict[int, Callable[[Vehicle], None]] = {
            ROLLS: self._roll,
            ON_SCENE: self._arrive,
            SCENE_DONE: self._leave_scene,
            AT_HOSPITAL: self._reach_hospital,
            HANDED_OVER: self._hand_over,
            AT_STATION: self._reach_station,
        }

    # ---- told by the dispatcher

    def be_diverted(self, unit: UnitId) -> None:
        """Told to leave what it was driving to; the next order follows at once."""
        self._ground.by_name[unit].halt(self._ground.now_ms)
        self._tally.diverted += 1

    def be_sent(self, units: tuple[UnitId, ...], call: int) -> None:
        """Told to go to a call."""
        for name in units:
            vehicle = self._ground.by_name[name]
            if vehicle.job is None:
                self._end_return(vehicle)
                vehicle.busy_since_ms = self._ground.now_ms
            vehicle.halt(self._ground.now_ms)
            vehicle.job, vehicle.is_on_way = call, True
            self._tally.sent[call] += 1
            self._report(vehicle, "acknowledged")
            self._set_out_for(vehicle, call)

    def _set_out_for(self, vehicle: Vehicle, call: int) -> None:
        ground, calls = self._ground, self._ground.calls
        turnout_ms = int(calls.turnout_ms[call, vehicle.turnout, vehicle.turnout_column()]) if vehicle.turnout is not None else 0
        rolls_ms = ground.now_ms + turnout_ms + vehicle.unit.offset_ms
        tables = ground.drives.lights if ground.is_urgent[ground.told[call]] else ground.drives.normal
        vehicle.trip = ground.drives.trip(tables, vehicle.place, ground.place_of[call], rolls_ms, int(calls.travel_ppm[call]))
        self._plan(rolls_ms, ROLLS, vehicle.index, vehicle.errand)
        self._plan(vehicle.trip.arrives_ms, ON_SCENE, vehicle.index, vehicle.errand)

    # ---- a job

    def _roll(self, vehicle: Vehicle) -> None:
        vehicle.stands_at = None
        self._report(vehicle, "en_route")

    def _arrive(self, vehicle: Vehicle) -> None:
        call, now_ms, tally = _job(vehicle), self._ground.now_ms, self._tally
        vehicle.place, vehicle.trip, vehicle.is_on_way = self._ground.place_of[call], None, False
        nth = self._arrived[call]
        self._arrived[call] += 1
        if nth == 0:
            tally.first_unit[call], tally.on_scene_ms[call] = vehicle.index, now_ms
        if nth + 1 == self._wanted[self._ground.calls.kind[call]]:
            tally.full_ms[call] = now_ms
        self._report(vehicle, "on_scene")
        on_scene_ms = self._ground.calls.on_scene_ms
        self._plan(now_ms + int(on_scene_ms[call, min(nth, on_scene_ms.shape[1] - 1)]), SCENE_DONE, vehicle.index, vehicle.errand)
        if self._is_transport[call] and (self._can_transport_any or vehicle.can_transport):
            self._is_transport[call], vehicle.has_patient = False, True

    def _leave_scene(self, vehicle: Vehicle) -> None:
        hospital = self._nearest_hospital(vehicle.place) if vehicle.has_patient else None
        if hospital is None:
            self._free(vehicle)
            return
        ground = self._ground
        place = ground.city.hospitals[hospital].place
        vehicle.hospital = hospital
        call_ppm = int(ground.calls.travel_ppm[_job(vehicle)])
        vehicle.trip = ground.drives.trip(ground.drives.normal, vehicle.place, place, ground.now_ms, call_ppm)
        self._report(vehicle, "transporting", place)
        self._plan(vehicle.trip.arrives_ms, AT_HOSPITAL, vehicle.index, vehicle.errand)

    def _nearest_hospital(self, place: int) -> int | None:
        """The one that is reached soonest without lights; None where none is."""
        ms = self._ground.drives.normal.ms
        reached = [(ms[place, one.place], nth) for nth, one in enumerate(self._ground.city.hospitals) if ms[place, one.place] != NO_WAY_MS]
        return min(reached)[1] if reached else None

    def _reach_hospital(self, vehicle: Vehicle) -> None:
        hospital = self._ground.city.hospitals[vehicle.hospital]
        vehicle.place, vehicle.trip = hospital.place, None
        self._report(vehicle, "at_hospital", hospital.place)
        if hospital.bays and self._at_bays[vehicle.hospital] >= hospital.bays:
            self._queues[vehicle.hospital].append(vehicle)
        else:
            self._begin_handover(vehicle)

    def _begin_handover(self, vehicle: Vehicle) -> None:
        self._at_bays[vehicle.hospital] += 1
        self._plan(self._ground.now_ms + self._handover_ms[_job(vehicle)], HANDED_OVER, vehicle.index, vehicle.errand)

    def _hand_over(self, vehicle: Vehicle) -> None:
        self._at_bays[vehicle.hospital] -= 1
        if self._queues[vehicle.hospital]:
            self._begin_handover(self._queues[vehicle.hospital].popleft())
        self._free(vehicle)

    def _free(self, vehicle: Vehicle) -> None:
        vehicle.job, vehicle.has_patient = None, False
        self._tally.busy_ms[vehicle.index] += self._ground.now_ms - vehicle.busy_since_ms
        self._report(vehicle, "returning")
        self.freed.append(vehicle)

    # ---- between jobs

    def go_home(self, vehicle: Vehicle) -> None:
        """To its own station."""
        self._drive_to(vehicle, vehicle.unit.station)

    def _drive_to(self, vehicle: Vehicle, station: int) -> None:
        ground = self._ground
        vehicle.halt(ground.now_ms)
        vehicle.heads_for = station
        vehicle.trip = ground.drives.trip(ground.drives.normal, vehicle.place, ground.city.stations[station].place, ground.now_ms)
        self._plan(vehicle.trip.arrives_ms, AT_STATION, vehicle.index, vehicle.errand)

    def _reach_station(self, vehicle: Vehicle) -> None:
        self._end_return(vehicle)
        vehicle.stands_at = vehicle.heads_for
        vehicle.place, vehicle.trip = self._ground.city.stations[vehicle.heads_for].place, None
        self._report(vehicle, "at_station")

    def _end_return(self, vehicle: Vehicle) -> None:
        """Whether it is there or was sent elsewhere on the way."""
        if vehicle.trip is not None:
            self._tally.return_ms[vehicle.index] += self._ground.now_ms - vehicle.trip.sets_out_ms

    def _report(self, vehicle: Vehicle, phase: Phase, place: int | None = None) -> None:
        where = Place(self._ground.lon_lat[place]) if place is not None else None
        self._say(CREW, ReportUnitStatus(vehicle.name, STATUS[phase], place=where))


def _job(vehicle: Vehicle) -> int:
    if vehicle.job is None:
        raise AssertionError("asked of units at work only")
    return vehicle.job
