"""The rules of a run once more, written for reading: nothing is kept up that can be worked out anew, every choice is a search of all.

An oracle for the two engines of the lab, on small cities: one unit for each call, shifts, outside units, bays, diverts, move-ups, hours of
the day and slower roads. It shares no code with them but the model of a city.
"""

from dataclasses import dataclass, field

import numpy as np

from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import Policy
from tocsin.core.messages.cover import CoverModel
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit
from tocsin.lab.outcome import Outcome

WEEK_MS = 7 * 24 * 3_600_000
HAPPENING, SHIFT, ON_SCENE, AT_HOSPITAL, FREE, CALL = range(6)


NOT_SURE_PPB = 10**15
"""More than anything can lose."""


@dataclass
class Trip:
    """A drive: where from, where to, by which table, when it is over."""

    start: int
    end: int
    ms: np.ndarray
    via: np.ndarray
    until_ms: int
    hour_ppm: int = 1_000_000
    call_ppm: int = 1_000_000

    def at(self, now_ms: int) -> int:
        """Walked from its start each time somebody asks."""
        if now_ms >= self.until_ms:
            return self.end
        at = self.start
        while int(self.ms[at, self.end]) * self.hour_ppm // 1_000_000 * self.call_ppm // 1_000_000 > self.until_ms - now_ms:
            at = int(self.via[at, self.end])
        return at


@dataclass
class One:
    """A unit."""

    nth: int
    crewed: CrewedUnit
    is_on_shift: bool = False
    is_on_duty: bool = False
    call: int = -1
    is_on_way: bool = False
    trip: Trip | None = None
    stands: int = -1
    is_at_station: bool = False
    rolls_ms: int = 0
    counts_at: int = -1
    busy_since_ms: int = -1
    returns_since_ms: int = -1
    ended_ms: int = -1
    hospital: int = -1
    tally: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("busy", "return", "moves", "overrun"), 0))

    def at(self, now_ms: int) -> int:
        return self.stands if self.trip is None else self.trip.at(now_ms)

    def waits_at_station(self, now_ms: int) -> bool:
        """Whether it would have to turn out from a station."""
        if self.call >= 0:
            return self.is_at_station and now_ms < self.rolls_ms
        return self.is_at_station if self.trip is None else now_ms >= self.trip.until_ms


class Slow:
    """One run."""

    def __init__(self, city: City, calls: Calls, policy: Policy, model: CoverModel, rule: MoveUpRule) -> None:
        self.city, self.calls, self.policy, self.model, self.rule = city, calls, policy, model, rule
        self.units = [One(nth, crewed) for nth, crewed in enumerate(city.units)]
        self.queue: list[int] = []
        self.events: list[tuple[int, int, int, int]] = []
        self.written = self.diverted = self.longest = self.now_ms = 0
        self.first, self.scene_ms, self.sent = ([-1] * calls.size, [-1] * calls.size, [0] * calls.size)
        self.bays: list[list[int]] = [[] for _ in city.hospitals]
        self.before_bay: list[list[int]] = [[] for _ in city.hospitals]
        self.is_overloaded = False

    # ---- what can be worked out

    def ppm(self, at_ms: int) -> int:
        ppm = self.city.travel_ppm[at_ms // 3_600_000 % 168] if self.city.travel_ppm else 1_000_000
        for one in self.city.happenings:
            assert one.what == "slower"
            if one.begins_ms <= at_ms < one.until_ms:
                ppm = ppm * one.subject // 1_000_000
        return ppm

    def is_urgent(self, call: int) -> bool:
        return self.city.priorities[self.calls.told_priority[call]].is_urgent

    def tables(self, call: int) -> tuple[np.ndarray, np.ndarray]:
        roads = self.city.roads
        return (roads.lights_ms, roads.lights_via) if self.is_urgent(call) else (roads.normal_ms, roads.normal_via)

    def turnout(self, unit: One) -> int:
        kinds = [one.kind for one in self.city.turnouts]
        return kinds.index(unit.crewed.kind) if unit.crewed.kind in kinds else kinds.index("*") if "*" in kinds else -1

    def key(self, call: int) -> tuple[int, int, int]:
        return int(self.calls.told_priority[call]), int(self.calls.ready_ms[call]), call

    def worth(self, row: int, nth: int) -> int:
        """Of the nth unit (from 0) in reach of a row."""
        busy = 1_000_000
        for _ in range(nth):
            busy = busy * self.model.busy_ppm // 1_000_000
        return self.model.rows[row].weight_ppb * (1_000_000 - self.model.busy_ppm) * busy // 1_000_000_000_000

    def reach(self, station: int, more: int) -> int:
        """What one more unit at a station adds (0), or what is lost with one that is there (-1)."""
        total = 0
        for nth, row in enumerate(self.model.rows):
            if station in row.stations:
                total += self.worth(nth, sum(unit.counts_at in row.stations for unit in self.units) + more)
        return total

    def counts(self, unit: One) -> bool:
        needs = self.model.needs
        return not unit.crewed.is_outside and (not needs or needs in (unit.crewed.kind, *unit.crewed.capabilities))

    def home(self, unit: One) -> int:
        sites = self.city.stations
        if sites[unit.crewed.station].is_open:
            return unit.crewed.station
        drives = self.city.roads.normal_ms[sites[unit.crewed.station].place]
        near = [(int(drives[site.place]), nth) for nth, site in enumerate(sites) if site.is_open and drives[site.place] >= 0]
        return min(near)[1] if near else unit.crewed.station

    # ---- the dispatcher

    def weight(self, unit: One, call: int, loss_ppb: int, gain_ms: int | None = None) -> tuple[bool, int, int] | None:
        """``gain_ms``: of one that would have to be diverted, which loses what it is told to lose."""
        table, _ = self.tables(call)
        road_ms = int(table[unit.at(self.now_ms), self.calls.place[call]])
        if road_ms < 0:
            return None
        eta_ms = unit.crewed.offset_ms + road_ms * self.ppm(self.now_ms) // 1_000_000
        column = self.turnout(unit)
        if column >= 0:
            turnout = self.city.turnouts[column]
            eta_ms += (turnout.at_station if unit.waits_at_station(self.now_ms) else turnout.on_road).mean_ms
        target_ms = self.city.priorities[self.calls.told_priority[call]].target_ms - (self.now_ms - int(self.calls.at_ms[call]))
        is_late = eta_ms > target_ms
        if is_late or not self.policy.weighs_cover(is_urgent=self.is_urgent(call)):
            loss_ppb = 0
        elif gain_ms is None and eta_ms > target_ms * self.policy.sure_permille // 1000:
            loss_ppb = NOT_SURE_PPB
        return is_late, loss_ppb, eta_ms + unit.crewed.cost_ms + (gain_ms or 0)

    def loss(self, unit: One) -> int:
        return self.reach(unit.counts_at, -1) if unit.counts_at >= 0 else 0

    def best(self, call: int, *, may_divert: bool) -> One | None:
        free = [(weight, unit.nth) for unit in self.free() if (weight := self.weight(unit, call, self.loss(unit))) is not None]
        options = [min(free)] if free else []
        if may_divert:
            spared_ppb = options[0][0][1] if options else 0
            rules = {(one.lower, one.higher): one for one in self.city.diverts if one.higher < one.lower}
            for unit in [one for one in self.units if one.is_on_way]:
                rule = rules.get((int(self.calls.told_priority[unit.call]), int(self.calls.told_priority[call])))
                assert unit.trip is not None
                left = int(unit.trip.ms[unit.at(self.now_ms), unit.trip.end])
                if rule is None or left * self.ppm(self.now_ms) // 1_000_000 < rule.not_within_ms:
                    continue
                weight = self.weight(unit, call, spared_ppb, rule.least_gain_ms)
                options += [] if weight is None else [(weight, unit.nth)]
        return self.units[min(options)[1]] if options else None

    def free(self) -> list[One]:
        return [unit for unit in self.units if unit.is_on_duty and unit.call < 0]

    def serve(self, call: int, *, may_divert: bool) -> bool:
        unit = self.best(call, may_divert=may_divert)
        if unit is None:
            return False
        bumped = unit.call
        self.send(unit, call)
        if bumped >= 0:
            self.diverted += 1
            self.serve_or_wait(bumped)
        return True

    def serve_or_wait(self, call: int) -> None:
        if not self.serve(call, may_divert=self.policy.may_divert):
            self.queue.append(call)
            self.longest = max(self.longest, len(self.queue))
            self.is_overloaded = len(self.queue) > max(200, 20 * len(self.units))

    def serve_waiting(self) -> None:
        for call in sorted(self.queue, key=self.key):
            if self.serve(call, may_divert=False):
                self.queue.remove(call)

    # ---- the units

    def expect(self, at_ms: int, kind: int, subject: int) -> None:
        self.written += 1
        self.events.append((at_ms, kind, self.written, subject))

    def forget(self, unit: One) -> None:
        self.events = [one for one in self.events if one[3] != unit.nth or one[1] not in (ON_SCENE, AT_HOSPITAL, FREE)]

    def end_return(self, unit: One) -> None:
        if unit.returns_since_ms >= 0 and unit.trip is not None:
            unit.tally["return"] += max(0, min(self.now_ms, unit.trip.until_ms) - unit.returns_since_ms)
        unit.returns_since_ms = -1

    def send(self, unit: One, call: int) -> None:
        is_at_station, start = unit.waits_at_station(self.now_ms), unit.at(self.now_ms)
        if unit.call < 0:
            self.end_return(unit)
            unit.busy_since_ms, unit.counts_at = self.now_ms, -1
        self.forget(unit)
        column = self.turnout(unit)
        drawn_ms = int(self.calls.turnout_ms[call, column, 0 if is_at_station else 1]) if column >= 0 else 0
        unit.rolls_ms = self.now_ms + unit.crewed.offset_ms + drawn_ms
        (ms, via), end = self.tables(call), int(self.calls.place[call])
        hour_ppm, call_ppm = self.ppm(unit.rolls_ms), int(self.calls.travel_ppm[call])
        until_ms = unit.rolls_ms + int(ms[start, end]) * hour_ppm // 1_000_000 * call_ppm // 1_000_000
        unit.trip, unit.is_at_station = Trip(start, end, ms, via, until_ms, hour_ppm, call_ppm), is_at_station
        unit.call, unit.is_on_way = call, True
        self.sent[call] += 1
        self.expect(until_ms, ON_SCENE, unit.nth)

    def on_scene(self, unit: One) -> None:
        call, city = unit.call, self.city
        unit.is_on_way, self.first[call], self.scene_ms[call] = False, unit.nth, self.now_ms
        leaves_ms = self.now_ms + int(self.calls.on_scene_ms[call, 0])
        can = ["transport" in (one.kind, *one.capabilities) for one in city.units]
        place = int(self.calls.place[call])
        drives = [(int(city.roads.normal_ms[place, site.place]), nth) for nth, site in enumerate(city.hospitals)]
        drives = [one for one in drives if one[0] >= 0]
        if not self.calls.is_transport[call] or not (can[unit.nth] or not any(can)) or not drives:
            self.expect(leaves_ms, FREE, unit.nth)
            return
        drive_ms, unit.hospital = min(drives)
        there_ms = leaves_ms + drive_ms * self.ppm(leaves_ms) // 1_000_000 * int(self.calls.travel_ppm[call]) // 1_000_000
        if city.hospitals[unit.hospital].bays:
            self.expect(there_ms, AT_HOSPITAL, unit.nth)
        else:
            self.expect(there_ms + int(self.calls.handover_ms[call]), FREE, unit.nth)

    def fill_bays(self, hospital: int) -> None:
        while self.before_bay[hospital] and len(self.bays[hospital]) < self.city.hospitals[hospital].bays:
            nth = self.before_bay[hospital].pop(0)
            self.bays[hospital].append(nth)
            self.expect(self.now_ms + int(self.calls.handover_ms[self.units[nth].call]), FREE, nth)

    def make_free(self, unit: One) -> None:
        call, hospital = unit.call, unit.hospital
        unit.tally["busy"] += self.now_ms - unit.busy_since_ms
        unit.call = unit.hospital = -1
        unit.trip, unit.is_at_station = None, False
        unit.stands = int(self.calls.place[call]) if hospital < 0 else self.city.hospitals[hospital].place
        if hospital >= 0 and unit.nth in self.bays[hospital]:
            self.bays[hospital].remove(unit.nth)
            self.fill_bays(hospital)
        self.end_overrun(unit)
        if not unit.is_on_shift:
            unit.is_on_duty = False
            return
        self.serve_waiting()
        if unit.call < 0:
            self.send_back(unit)

    def send_back(self, unit: One) -> None:
        home, sites, at = self.home(unit), self.city.stations, unit.at(self.now_ms)
        drives = [int(self.city.roads.normal_ms[at, site.place]) for site in sites]
        station = home
        if self.policy.returns == "dmexclp" and self.counts(unit):
            options = [(-self.reach(home, 0) - self.rule.least_gain_ppb, 0, 0, home)] if drives[home] >= 0 else []
            for nth, ms in enumerate(drives):
                if nth != home and sites[nth].is_open and ms >= 0:
                    longer_ms = max(0, ms - drives[home]) if drives[home] >= 0 else 0
                    worth = self.reach(nth, 0) - self.rule.price_ppb_per_s * longer_ms // 1000
                    options.append((-worth, 1, ms, nth))
            station = min(options)[3] if options else home
        unit.tally["moves"] += station != home
        if drives[station] >= 0:
            hour_ppm = self.ppm(self.now_ms)
            until_ms = self.now_ms + drives[station] * hour_ppm // 1_000_000
            unit.trip = Trip(at, sites[station].place, self.city.roads.normal_ms, self.city.roads.normal_via, until_ms, hour_ppm)
            unit.returns_since_ms = self.now_ms
        if self.counts(unit):
            unit.counts_at = station

    # ---- shifts

    def is_on(self, unit: One, at_ms: int) -> bool:
        minute = at_ms // 60_000 % 10_080
        for one in unit.crewed.shifts:
            if one.begins <= minute < one.until or (one.until <= one.begins and (minute >= one.begins or minute < one.until)):
                return True
        return not unit.crewed.shifts

    def begin(self, unit: One) -> None:
        unit.is_on_duty, unit.is_at_station, unit.trip = True, True, None
        unit.stands = self.city.stations[self.home(unit)].place
        if self.counts(unit):
            unit.counts_at = self.home(unit)

    def end_overrun(self, unit: One) -> None:
        if unit.ended_ms >= 0:
            unit.tally["overrun"] += self.now_ms - unit.ended_ms
        unit.ended_ms = -1

    def shift(self, unit: One) -> None:
        is_on = self.is_on(unit, self.now_ms)
        if is_on == unit.is_on_shift:
            return
        unit.is_on_shift = is_on
        if is_on and unit.call >= 0:
            self.end_overrun(unit)
        elif is_on:
            self.begin(unit)
            self.serve_waiting()
        elif unit.call >= 0:
            unit.ended_ms = self.now_ms
        elif unit.is_on_duty:
            self.end_return(unit)
            unit.is_on_duty, unit.counts_at = False, -1

    # ---- the run

    def open(self) -> None:
        horizon_ms = int(self.calls.ready_ms.max(initial=0)) + 2 * WEEK_MS
        for unit in self.units:
            unit.is_on_shift = self.is_on(unit, 0)
            if unit.is_on_shift:
                self.begin(unit)
            for minute in {one for window in unit.crewed.shifts for one in (window.begins, window.until)}:
                for at_ms in range(minute * 60_000, horizon_ms + 1, WEEK_MS):
                    self.expect(at_ms, SHIFT, unit.nth)
        for moment in {moment for one in self.city.happenings for moment in (one.begins_ms, one.until_ms)}:
            self.expect(moment, HAPPENING, -1)
        for call in range(self.calls.size):
            self.events.append((int(self.calls.ready_ms[call]), CALL, call, call))

    def outcome(self) -> Outcome:
        self.open()
        while self.events and not self.is_overloaded:
            if not self.queue and all(unit.call < 0 for unit in self.units) and all(one[1] != CALL for one in self.events):
                break
            event = min(self.events)
            self.events.remove(event)
            self.now_ms, kind, _, subject = event
            self.happen(kind, subject)
        for unit in self.units:
            self.end_return(unit)
            unit.tally["busy"] += self.now_ms - unit.busy_since_ms if unit.call >= 0 else 0
        tallies = {name: [unit.tally[name] for unit in self.units] for name in ("busy", "return", "moves", "overrun")}
        return Outcome(
            *(np.array(one, kind) for one, kind in ((self.first, np.int32), (self.scene_ms, np.int64), (self.scene_ms, np.int64))),
            np.array(self.sent, np.int32),
            *(np.array(tallies[name], np.int64) for name in ("busy", "return")),
            np.array(tallies["moves"], np.int32),
            np.array(tallies["overrun"], np.int64),
            self.diverted,
            self.longest,
            self.now_ms,
            self.is_overloaded,
        )

    def happen(self, kind: int, subject: int) -> None:
        if kind == CALL:
            self.serve_or_wait(subject)
        elif kind == HAPPENING:
            self.serve_waiting()
        elif kind == SHIFT:
            self.shift(self.units[subject])
        elif kind == ON_SCENE:
            self.on_scene(self.units[subject])
        elif kind == AT_HOSPITAL:
            self.before_bay[self.units[subject].hospital].append(subject)
            self.fill_bays(self.units[subject].hospital)
        else:
            self.make_free(self.units[subject])


def run_slowly(city: City, calls: Calls, policy: Policy, model: CoverModel, rule: MoveUpRule) -> Outcome:
    """The whole run."""
    return Slow(city, calls, policy, model, rule).outcome()
