"""Shifts, and what goes wrong: what happens to units and stations that no call asks for."""

from tocsin.core.messages.place import Place
from tocsin.core.messages.station import CloseStation, OpenStation
from tocsin.lab.city.model import WEEK_MS
from tocsin.lab.desked.crews import DISPATCHER, Crews, Plan, Say
from tocsin.lab.desked.ground import Ground, Vehicle
from tocsin.lab.desked.kinds import BREAK_DUE, DUTY, HAPPENING
from tocsin.lab.desked.opening import station_ids
from tocsin.lab.plain.duty import TAIL_MS, WEEK_MINUTES, boundaries, is_within

MINUTE_MS = 60_000


class Duty:
    """Who is in service."""

    def __init__(self, ground: Ground, crews: Crews, say: Say, plan: Plan) -> None:
        self._ground, self._crews, self._say, self._plan = ground, crews, say, plan
        self._stations = station_ids(ground.city)
        last_ms = int(ground.calls.ready_ms.max()) if ground.calls.size else 0
        self._horizon_ms = last_ms + TAIL_MS

    def open(self) -> None:
        """Whose shift it is not goes off, and what is known to happen is expected."""
        for vehicle in self._ground.vehicles:
            if not is_within(vehicle.unit.shifts, 0):
                vehicle.is_on_shift = False
                self._crews.go_off(vehicle)
            for minute in boundaries(vehicle.unit.shifts):
                self._plan_weekly(minute * MINUTE_MS, DUTY, vehicle)
            for window in vehicle.unit.breaks:
                self._plan_weekly(window.begins % WEEK_MINUTES * MINUTE_MS, BREAK_DUE, vehicle)
        happenings = self._ground.city.happenings
        for moment in sorted({moment for one in happenings for moment in (one.begins_ms, one.until_ms)}):
            self._plan(moment, HAPPENING, 0, 0)

    def _plan_weekly(self, at_ms: int, kind: int, vehicle: Vehicle) -> None:
        if at_ms <= self._horizon_ms:
            self._plan(at_ms, kind, vehicle.index, 0)

    def boundary(self, unit: int) -> None:
        """A shift of the unit begins or ends."""
        vehicle, now_ms = self._ground.vehicles[unit], self._ground.now_ms
        self._plan_weekly(now_ms + WEEK_MS, DUTY, vehicle)
        is_on_shift = is_within(vehicle.unit.shifts, now_ms)
        if is_on_shift == vehicle.is_on_shift:
            return
        vehicle.is_on_shift = is_on_shift
        if not is_on_shift:
            vehicle.is_break_due = False
            if vehicle.job is not None:
                vehicle.shift_ended_ms = now_ms
            elif vehicle.is_on_duty:
                self._crews.go_off(vehicle)
        elif vehicle.job is not None:
            self._crews.note_overrun(vehicle)
        elif not vehicle.is_lost:
            self._begin(vehicle)

    def break_due(self, unit: int) -> None:
        """Now if it stands at a station, else when it next does."""
        vehicle, now_ms = self._ground.vehicles[unit], self._ground.now_ms
        self._plan_weekly(now_ms + WEEK_MS, BREAK_DUE, vehicle)
        if vehicle.is_on_duty and vehicle.is_on_shift:
            vehicle.is_break_due = True
            if vehicle.job is None and vehicle.is_crewed and vehicle.is_at_station(now_ms):
                self._crews.rest_if_due(vehicle)

    def _begin(self, vehicle: Vehicle) -> None:
        vehicle.is_on_duty = True
        if not any(self._is_away(mate) for mate in vehicle.mates):
            self._crews.stand_ready(vehicle)

    def _is_away(self, mate: Vehicle) -> bool:
        """Whether a unit has its crew with it."""
        return mate.job is not None or (mate.is_on_duty and mate.is_crewed and not mate.is_at_station(self._ground.now_ms))

    # ---- what goes wrong

    def happening(self, _: int) -> None:
        """Something begins or ends: look anew at what is so now."""
        ground = self._ground
        so = {(one.what, one.subject) for one in ground.city.happenings if one.begins_ms <= ground.now_ms < one.until_ms}
        self._radio(is_lost=any(what == "radio_lost" for what, _ in so))
        self._close({subject for what, subject in so if what == "station_lost"})
        lost = {subject for what, subject in so if what == "unit_lost"}
        for vehicle in ground.vehicles:
            if vehicle.is_lost != (vehicle.index in lost):
                vehicle.is_lost = not vehicle.is_lost
                (self._lose if vehicle.is_lost else self._find)(vehicle)

    def _radio(self, *, is_lost: bool) -> None:
        if is_lost and not self._ground.is_radio_lost:
            for vehicle in self._ground.vehicles:
                vehicle.known_place = vehicle.place_at(self._ground.now_ms)
        self._ground.is_radio_lost = is_lost

    def _close(self, lost: set[int]) -> None:
        """Stations are closed, or opened again; who stands at a closed one, or drives there, goes elsewhere."""
        ground, sites = self._ground, self._ground.city.stations
        was_open, ground.is_open = ground.is_open, [site.is_open and nth not in lost for nth, site in enumerate(sites)]
        for nth, (was, now) in enumerate(zip(was_open, ground.is_open, strict=True)):
            if now and not was:
                self._say(DISPATCHER, OpenStation(self._stations[nth], sites[nth].name, Place(ground.lon_lat[sites[nth].place])))
            elif was and not now:
                self._say(DISPATCHER, CloseStation(self._stations[nth], "lost"))
        if was_open == ground.is_open:
            return
        for vehicle in ground.vehicles:
            if vehicle.job is None and vehicle.is_crewed and vehicle.is_on_duty and not ground.is_open[vehicle.heads_for]:
                self._crews.leaving.append(vehicle)

    def _lose(self, vehicle: Vehicle) -> None:
        """Out of service: at once, but for one that is with a patient."""
        if vehicle.job is not None and vehicle.is_on_way:
            self._crews.break_down(vehicle)
        elif vehicle.job is None and vehicle.is_on_duty:
            self._crews.go_off(vehicle)

    def _find(self, vehicle: Vehicle) -> None:
        """Repaired: at its station, if its shift goes on."""
        if vehicle.is_on_shift and vehicle.job is None:
            self._begin(vehicle)
