"""Crews: they roll when they are told to, work, drive patients to hospitals, and go home when nobody wants them."""

from collections import deque
from collections.abc import Callable

from tocsin.base.identifiers import StationId, UnitId
from tocsin.core.messages.assignment import UnassignUnit
from tocsin.core.messages.moveup import AcknowledgeMoveUp, AdviseMoveUps, EndMoveUp
from tocsin.core.messages.place import Place
from tocsin.core.messages.recommendation import RecommendUnits
from tocsin.core.messages.said import Command
from tocsin.core.messages.unit import STATUS, Phase, ReportUnitStatus
from tocsin.lab.city.model import NO_WAY_MS, HospitalSite
from tocsin.lab.desked.ground import TURNS_OUT_AT_STATION, TURNS_OUT_ON_ROAD, Ground, Vehicle
from tocsin.lab.desked.kinds import AT_HOSPITAL, AT_STATION, BREAK_OVER, FREE, LEAVES, ON_SCENE, ROLLS
from tocsin.lab.desked.opening import enrolment, station_ids
from tocsin.lab.desked.tally import Tally
from tocsin.lab.plain.duty import break_ms

CREW, DISPATCHER = "crew", "dispatcher"

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
        self._on_way_to = [0] * calls.size
        self.lacking: set[int] = set()
        """Calls for which somebody is wanted who could not be found."""
        self.jobs = 0
        """Units that have one."""
        self._at_bays = [0] * len(ground.city.hospitals)
        self._queues: list[deque[Vehicle]] = [deque() for _ in ground.city.hospitals]
        self._can_transport_any = not any("transport" in (one.kind, *one.capabilities) for one in ground.city.units)
        self._stations = {name: nth for nth, name in enumerate(station_ids(ground.city))}
        self.freed: deque[Vehicle] = deque()
        """Those that have just ended a job; where they go is decided once nobody who waits wants them."""
        self.leaving: deque[Vehicle] = deque()
        """Those whose station has just been closed: each goes elsewhere knowing where the one before it went."""
        self.by_kind: dict[int, Callable[[Vehicle], None]] = {
            ROLLS: self._roll,
            ON_SCENE: self._arrive,
            LEAVES: self._leave_scene,
            AT_HOSPITAL: self._reach_hospital,
            FREE: self._free,
            AT_STATION: self._reach_station,
            BREAK_OVER: self._end_rest,
        }

    # ---- told by the dispatcher

    def be_diverted(self, unit: UnitId) -> None:
        """Told to leave what it was driving to; the next order follows at once."""
        vehicle = self._ground.by_name[unit]
        self._on_way_to[_job(vehicle)] -= 1
        self._tally.diverted += 1

    def be_sent(self, units: tuple[UnitId, ...], call: int) -> None:
        """Told to go to a call."""
        now_ms = self._ground.now_ms
        for name in units:
            vehicle = self._ground.by_name[name]
            is_at_station = vehicle.is_at_station(now_ms)
            if vehicle.job is None:
                self._end_return(vehicle)
                vehicle.busy_since_ms = now_ms
                self.jobs += 1
            vehicle.halt(now_ms)
            vehicle.is_resting = False
            vehicle.job, vehicle.is_on_way, vehicle.was_at_station, vehicle.is_covering = call, True, is_at_station, False
            for mate in vehicle.mates:
                if mate.is_crewed:
                    self._end_return(mate)
                    mate.halt(now_ms)
                    mate.is_crewed = mate.is_resting = False
                    self._report(mate, "off")
            self._tally.sent[call] += 1
            self._on_way_to[call] += 1
            self._report(vehicle, "acknowledged")
            self._set_out_for(vehicle, call)

    def _set_out_for(self, vehicle: Vehicle, call: int) -> None:
        ground, calls = self._ground, self._ground.calls
        turnout_ms = (
            int(calls.turnout_ms[call, vehicle.turnout, TURNS_OUT_AT_STATION if vehicle.was_at_station else TURNS_OUT_ON_ROAD])
            if vehicle.turnout is not None
            else 0
        )
        rolls_ms = ground.now_ms + turnout_ms + vehicle.unit.offset_ms
        is_lights, call_ppm = ground.is_urgent[ground.told[call]], int(calls.travel_ppm[call])
        trip = ground.drives.find_trip(vehicle.place, ground.place_of[call], rolls_ms, is_lights=is_lights, call_ppm=call_ppm)
        if trip is None:
            raise AssertionError("nobody is recommended who cannot get there")
        vehicle.trip, vehicle.known_place = trip, None
        self._plan(rolls_ms, ROLLS, vehicle.index, vehicle.errand)
        self._plan(trip.arrives_ms, ON_SCENE, vehicle.index, vehicle.errand)

    # ---- a job

    def _roll(self, vehicle: Vehicle) -> None:
        self._report(vehicle, "en_route")

    def _arrive(self, vehicle: Vehicle) -> None:
        """There. What follows is certain from here on, but for a bay at the hospital."""
        call, now_ms, tally = _job(vehicle), self._ground.now_ms, self._tally
        vehicle.place, vehicle.trip, vehicle.is_on_way = self._ground.place_of[call], None, False
        nth = self._arrived[call]
        self._arrived[call] += 1
        self._on_way_to[call] -= 1
        if nth == 0:
            tally.first_unit[call], tally.on_scene_ms[call] = vehicle.index, now_ms
        if call not in self.lacking and not self._on_way_to[call]:
            tally.full_ms[call] = now_ms
        self._report(vehicle, "on_scene")
        on_scene_ms = self._ground.calls.on_scene_ms
        leaves_ms = now_ms + int(on_scene_ms[call, min(nth, on_scene_ms.shape[1] - 1)])
        hospital = None
        if self._is_transport[call] and (self._can_transport_any or vehicle.can_transport):
            self._is_transport[call] = False
            hospital = self._find_hospital(vehicle.place, leaves_ms)
        if hospital is None:
            self._plan(leaves_ms, FREE, vehicle.index, vehicle.errand)
        else:
            self._drive_patient(vehicle, hospital, leaves_ms)

    def _drive_patient(self, vehicle: Vehicle, hospital: int, leaves_ms: int) -> None:
        ground, call = self._ground, _job(vehicle)
        site = ground.city.hospitals[hospital]
        vehicle.hospital = hospital
        call_ppm = int(ground.calls.travel_ppm[call])
        trip = ground.drives.find_trip(vehicle.place, site.place, leaves_ms, is_lights=False, call_ppm=call_ppm)
        if trip is None:
            raise AssertionError("found by its drive")
        self._plan(leaves_ms, LEAVES, vehicle.index, vehicle.errand)
        self._plan(trip.arrives_ms, AT_HOSPITAL, vehicle.index, vehicle.errand)
        if not site.bays:
            self._plan(trip.arrives_ms + self._handover_ms[call], FREE, vehicle.index, vehicle.errand)

    def _find_hospital(self, place: int, leaves_ms: int) -> int | None:
        """The one that is reached soonest without lights; None where none is."""
        ms = self._ground.drives.tables(leaves_ms, is_lights=False).ms
        reached = [(ms[place, one.place], nth) for nth, one in enumerate(self._ground.city.hospitals) if ms[place, one.place] != NO_WAY_MS]
        return min(reached)[1] if reached else None

    def _leave_scene(self, vehicle: Vehicle) -> None:
        self._report(vehicle, "transporting", self._hospital(vehicle).place)

    def _reach_hospital(self, vehicle: Vehicle) -> None:
        hospital = self._hospital(vehicle)
        vehicle.place = hospital.place
        self._report(vehicle, "at_hospital", hospital.place)
        if hospital.bays and self._at_bays[vehicle.hospital or 0] >= hospital.bays:
            self._queues[vehicle.hospital or 0].append(vehicle)
        elif hospital.bays:
            self._begin_handover(vehicle)

    def _hospital(self, vehicle: Vehicle) -> HospitalSite:
        if vehicle.hospital is None:
            raise AssertionError("asked of those with a patient only")
        return self._ground.city.hospitals[vehicle.hospital]

    def _begin_handover(self, vehicle: Vehicle) -> None:
        self._at_bays[vehicle.hospital or 0] += 1
        self._plan(self._ground.now_ms + self._handover_ms[_job(vehicle)], FREE, vehicle.index, vehicle.errand)

    def _free(self, vehicle: Vehicle) -> None:
        """Its job is done, at the scene or at a hospital."""
        if vehicle.hospital is not None and self._hospital(vehicle).bays:
            self._at_bays[vehicle.hospital] -= 1
            if self._queues[vehicle.hospital]:
                self._begin_handover(self._queues[vehicle.hospital].popleft())
        vehicle.hospital = None
        self._end_job(vehicle)
        self.note_overrun(vehicle)
        if vehicle.is_on_shift and not vehicle.is_lost:
            self._take_home(vehicle)
            self._report(vehicle, "returning")
            self.freed.append(vehicle)
        else:
            vehicle.is_on_duty = False
            self._report(vehicle, "off")
            self.free_mates(vehicle)

    def _end_job(self, vehicle: Vehicle) -> None:
        vehicle.job, vehicle.is_on_way, vehicle.is_home = None, False, False
        self.jobs -= 1
        self._tally.busy_ms[vehicle.index] += self._ground.now_ms - vehicle.busy_since_ms

    def note_overrun(self, vehicle: Vehicle) -> None:
        """It was at work when its shift ended; now it is free, or on shift again."""
        if vehicle.shift_ended_ms is not None:
            self._tally.overrun_ms[vehicle.index] += self._ground.now_ms - vehicle.shift_ended_ms
            vehicle.shift_ended_ms = None

    def free_mates(self, vehicle: Vehicle) -> None:
        """The crew is back, or off: its other units can be sent again."""
        for mate in vehicle.mates:
            if mate.is_on_duty and mate.job is None and not mate.is_crewed:
                self.stand_ready(mate)

    # ---- on and off duty

    def stand_ready(self, vehicle: Vehicle) -> None:
        """At its station, with its crew."""
        vehicle.is_crewed = vehicle.is_home = True
        self._take_home(vehicle)
        vehicle.heads_for, vehicle.trip = vehicle.home, None
        vehicle.place = self._ground.city.stations[vehicle.home].place
        vehicle.errand += 1
        self._report(vehicle, "at_station")

    def go_off(self, vehicle: Vehicle) -> None:
        """Out of service where it is; it was free, or its crew was away with another unit."""
        vehicle.is_on_duty = vehicle.is_resting = False
        self._end_return(vehicle)
        if vehicle.is_crewed:
            vehicle.halt(self._ground.now_ms)
            vehicle.is_home = False
            self._end_cover(vehicle)
            self._report(vehicle, "off")
        vehicle.is_crewed = False

    def _end_cover(self, vehicle: Vehicle) -> None:
        """Who cannot cover any more is not counted on."""
        if vehicle.is_covering:
            vehicle.is_covering = False
            self._say(DISPATCHER, EndMoveUp(vehicle.name, "lost"))

    def break_down(self, vehicle: Vehicle) -> None:
        """On its way to a call, and it will not get there."""
        call = _job(vehicle)
        self._on_way_to[call] -= 1
        self._end_job(vehicle)
        vehicle.halt(self._ground.now_ms)
        vehicle.is_on_duty = vehicle.is_crewed = False
        # Called off first: a unit that goes off by itself has ended its job, and with the last one's leaving the incident ends.
        incident = self._ground.incident_of(call)
        self._say(DISPATCHER, UnassignUnit(incident, vehicle.name, "lost"))
        self._report(vehicle, "off")
        self._say(DISPATCHER, RecommendUnits(incident))
        self.free_mates(vehicle)

    def _take_home(self, vehicle: Vehicle) -> None:
        """Which station is its own is stated anew where that has been closed, or opened again."""
        home = self._ground.find_stand_in(vehicle.unit.station)
        if home != vehicle.home and self._ground.is_open[home]:
            vehicle.home = home
            self._say(DISPATCHER, enrolment(self._ground.city, vehicle.index, home))

    # ---- between jobs

    def go_home(self, vehicle: Vehicle) -> None:
        """To its own station, unless it has been told to go elsewhere."""
        if vehicle.job is None and vehicle.is_on_duty and vehicle.trip is None:
            self._drive_to(vehicle, vehicle.home)

    def cover(self, unit: UnitId, station: StationId) -> None:
        """Told to cover at another station."""
        vehicle = self._ground.by_name[unit]
        vehicle.is_covering = True
        self._tally.moves[vehicle.index] += 1
        self._end_return(vehicle)
        self._say(CREW, AcknowledgeMoveUp(unit))
        self._report(vehicle, "moving_up")
        self._drive_to(vehicle, self._stations[station])

    def leave_station(self, vehicle: Vehicle) -> None:
        """The station where it stands, or to which it drives, is closed: it goes to another one."""
        if vehicle.job is not None or not vehicle.is_crewed or not vehicle.is_on_duty:
            return  # in the meantime it has got a job, or gone off
        now_ms = self._ground.now_ms
        is_home = vehicle.is_at_station(now_ms)
        if vehicle.is_resting:  # it goes on resting where it comes to stand
            vehicle.is_resting, vehicle.is_break_due = False, True
        self._end_return(vehicle)
        vehicle.halt(now_ms)
        vehicle.is_home = False
        self._end_cover(vehicle)
        self._take_home(vehicle)
        self._report(vehicle, "on_radio" if is_home else "returning")
        if self._ground.is_moving:
            self._say(DISPATCHER, AdviseMoveUps(vehicle.name))
        self.freed.append(vehicle)

    def _drive_to(self, vehicle: Vehicle, station: int) -> None:
        ground = self._ground
        vehicle.halt(ground.now_ms)
        vehicle.heads_for, vehicle.is_home, vehicle.known_place = station, False, None
        vehicle.trip = ground.drives.find_trip(vehicle.place, ground.city.stations[station].place, ground.now_ms, is_lights=False)
        if vehicle.trip is not None:  # else it stands where it is, and can be sent from there
            self._plan(vehicle.trip.arrives_ms, AT_STATION, vehicle.index, vehicle.errand)

    def _reach_station(self, vehicle: Vehicle) -> None:
        self._end_return(vehicle)
        vehicle.is_home = True
        vehicle.place, vehicle.trip = self._ground.city.stations[vehicle.heads_for].place, None
        self.rest_if_due(vehicle)
        self._report(vehicle, "at_station")
        self.free_mates(vehicle)

    # ---- meals and rest

    def rest_if_due(self, vehicle: Vehicle) -> None:
        """Begin the break that is due."""
        if vehicle.is_break_due:
            vehicle.is_break_due, vehicle.is_resting = False, True
            vehicle.errand += 1
            self._plan(self._ground.now_ms + break_ms(vehicle.unit), BREAK_OVER, vehicle.index, vehicle.errand)

    def _end_rest(self, vehicle: Vehicle) -> None:
        """Back to work: it says so, and whoever waits is looked at once more."""
        vehicle.is_resting = False
        self._report(vehicle, "at_station")

    # ---- on the road without a job

    def _end_return(self, vehicle: Vehicle) -> None:
        """Whether it is there or was sent elsewhere on the way."""
        if vehicle.trip is not None:
            self._tally.return_ms[vehicle.index] += min(self._ground.now_ms, vehicle.trip.arrives_ms) - vehicle.trip.sets_out_ms

    def end(self) -> None:
        """The run is over: what is under way counts as far as it has come."""
        for vehicle in self._ground.vehicles:
            if vehicle.job is not None:
                self._tally.busy_ms[vehicle.index] += self._ground.now_ms - vehicle.busy_since_ms
            else:
                self._end_return(vehicle)

    def _report(self, vehicle: Vehicle, phase: Phase, place: int | None = None) -> None:
        where = Place(self._ground.lon_lat[place]) if place is not None else None
        self._say(CREW, ReportUnitStatus(vehicle.name, STATUS[phase], place=where))


def _job(vehicle: Vehicle) -> int:
    if vehicle.job is None:
        raise AssertionError("asked of units at work only")
    return vehicle.job
