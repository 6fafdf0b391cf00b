"""One run of a city: calls come, units are sent, treat, transport, come back. Follow one call from ``_call_ready`` downwards.

Events happen in the order of (time, kind, sequence); nothing here draws dice, and every number is whole.
"""

from bisect import insort
from collections import deque
from collections.abc import Callable
from functools import partial
from heapq import heappop, heappush
from typing import Final, Protocol

import numpy as np
from msgspec.structs import replace

from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import Policy
from tocsin.core.engine.recommend import left_empty
from tocsin.core.messages.plan import Slot
from tocsin.lab.calls import Calls
from tocsin.lab.city.cover import Covering
from tocsin.lab.city.model import City
from tocsin.lab.outcome import NOT_YET_MS, Outcome
from tocsin.lab.plain.dispatcher import Dispatcher
from tocsin.lab.plain.drives import PPM, Drives, scaled_ms
from tocsin.lab.plain.duty import Duty
from tocsin.lab.plain.fleet import Fleet
from tocsin.lab.plain.kinds import AT_HOSPITAL, BACK, BREAK_DUE, BREAK_OVER, DUTY, FREE, HAPPENING, ON_SCENE, STANDING
from tocsin.lab.plain.unit import AT_STATION, NOWHERE, ON_ROAD, Unit

LEAST_OVERLOAD, OVERLOAD_PER_UNIT = 200, 20


class Advisor(Protocol):
    """Looks at a run and says to which station a unit goes that has become free: from the drives to all and its own station."""

    def __call__(self, run: "_Run", unit: Unit, drives_ms: list[int], home: int) -> int:
        """Index of the station."""
        ...


def run_plain(city: City, calls: Calls, policy: Policy, cover: Covering, rule: MoveUpRule, advisor: Advisor | None = None) -> Outcome:
    """Run all calls to their end. ``advisor``: for policies that look further than cover."""
    run = _Run(city, calls, policy, cover, rule)
    if advisor is not None:
        run.fleet.advise = partial(advisor, run)
    return run.outcome()


def most_queued(units: int) -> int:
    """More calls than this wait at once: the queue grows without end."""
    return max(LEAST_OVERLOAD, OVERLOAD_PER_UNIT * units)


def transporting(units: list[Unit]) -> list[bool]:
    """By unit: whether it drives patients: those with the capability, or all where none has it."""
    can = ["transport" in unit.capabilities for unit in units]
    return can if any(can) else [True] * len(units)


class _Case:
    """A call that wants several units, or some that can do a certain thing."""

    def __init__(self, slots: tuple[Slot, ...]) -> None:
        self.slots = slots
        self.at_work: list[Unit] = []
        """Sent, and neither diverted away nor free again."""
        self.has_left: list[frozenset[str]] = []
        """What those could do that were on scene and are free again."""
        self.lacks = 0
        """Required units that nobody could be found for yet."""

    def wanted(self) -> tuple[Slot, ...]:
        """The slots that are not filled by those who are or were at work."""
        could = [unit.capabilities for unit in self.at_work] + self.has_left
        if not could:
            return self.slots
        lacking = zip(self.slots, left_empty(self.slots, could), strict=True)
        return tuple(replace(slot, count=count) for slot, count in lacking if count)


class _Run:
    """The state of one run."""

    def __init__(self, city: City, calls: Calls, policy: Policy, cover: Covering, rule: MoveUpRule) -> None:
        self.city = city
        self.drives = Drives(city)
        self.fleet = Fleet(city, self.drives, policy, cover, rule)
        self.dispatcher = Dispatcher(city, calls, policy, self.fleet, self.drives)
        self._may_divert = policy.may_divert
        # the calls, as Python's own numbers
        self.ready_ms: list[int] = calls.ready_ms.tolist()
        self.told: list[int] = calls.told_priority.tolist()
        self.place: list[int] = calls.place.tolist()
        self.scene_ms: list[list[int]] = [column.tolist() for column in calls.on_scene_ms.T]
        """By nth unit on scene, then call: a few long lists are read and swept sooner than many short ones."""
        self.is_transport: list[bool] = calls.is_transport.tolist()
        self.handover_ms: list[int] = calls.handover_ms.tolist()
        self.turnout_ms: list[list[list[int]]] = [
            [both.T[when].tolist() for when in (0, 1)] for both in calls.turnout_ms.transpose(1, 0, 2)
        ]
        """By turnout, whether on the road, then call."""
        self.travel_ppm: list[int] = calls.travel_ppm.tolist()
        self.kind: list[int] = calls.kind.tolist()
        self._order: list[int] = np.lexsort((np.arange(calls.size), calls.ready_ms)).tolist()
        # what comes of them
        self.first_unit, self.on_scene_ms, self.full_ms = ([NOT_YET_MS] * calls.size for _ in range(3))
        self.sent, self.arrived, self.transporter = [0] * calls.size, [0] * calls.size, [NOWHERE] * calls.size
        self.cases: dict[int, _Case] = {}
        self.queue: list[tuple[int, int, int]] = []
        """Calls that wait for a unit: (told priority, ready, index), sorted."""
        self.longest_queue = self.diverted = self.jobs = 0
        self.is_overloaded = False
        self._transports: Final = transporting(self.fleet.units)
        self._most_queued: Final = most_queued(len(self.fleet.units))
        self.in_bay = [0] * len(city.hospitals)
        self.before_bay: list[deque[Unit]] = [deque() for _ in city.hospitals]
        # events
        self.now_ms = 0
        self._sequence = 0
        self._heap: list[tuple[int, int, int, int, int]] = []
        self.duty = Duty(self, last_ms=self.ready_ms[self._order[-1]] if self._order else 0)
        self._happen: dict[int, Callable[[int], None]] = {
            HAPPENING: self.duty.happening,
            DUTY: self.duty.boundary,
            ON_SCENE: self._on_scene,
            AT_HOSPITAL: self._at_hospital,
            FREE: self._free,
            BACK: self._back,
            BREAK_DUE: self.duty.break_due,
            BREAK_OVER: self.duty.break_over,
        }

    def schedule(self, at_ms: int, kind: int, subject: int, errand: int = STANDING) -> None:
        """Something happens then, unless the unit ``subject`` has other orders by then."""
        self._sequence += 1
        heappush(self._heap, (at_ms, kind, self._sequence, subject, errand))

    def outcome(self) -> Outcome:
        """Let everything happen. Calls come after whatever else happens in the same millisecond."""
        self.duty.open()
        heap, units, happen, order = self._heap, self.fleet.units, self._happen, self._order
        coming_ms = [self.ready_ms[call] for call in order]
        come = self._call_ready if any(kind.slots for kind in self.city.kinds) else self._serve_or_wait
        nth, size = 0, len(order)
        while not self.is_overloaded:
            if nth < size and (not heap or coming_ms[nth] < heap[0][0]):
                self.now_ms = coming_ms[nth]
                come(order[nth])
                nth += 1
            elif heap and (nth < size or self.jobs or self.queue):
                at_ms, kind, _, subject, errand = heappop(heap)
                if errand < 0 or errand == units[subject].errand:
                    self.now_ms = at_ms
                    happen[kind](subject)
            else:
                break
        return self._told_outcome()

    # ---- one call, from its being known to the unit's being back --------------------------------------------------------------------

    def _call_ready(self, call: int) -> None:
        """The dispatcher may send; in a city that sends one unit to each call, ``_serve_or_wait`` is all there is to it."""
        slots = self.city.kinds[self.kind[call]].slots
        if slots:
            self.cases[call] = _Case(slots)
        self._serve_or_wait(call)

    def _serve_or_wait(self, call: int) -> None:
        if not self._serve(call, may_divert=self._may_divert):
            insort(self.queue, (self.told[call], self.ready_ms[call], call))
            self.longest_queue = max(self.longest_queue, len(self.queue))
            self.is_overloaded = len(self.queue) > self._most_queued

    def _serve(self, call: int, *, may_divert: bool) -> bool:
        """Send whom the policy wants; whether nobody is lacking any more."""
        if self.cases and call in self.cases:
            return self._serve_case(call, self.cases[call], may_divert=may_divert)
        choose = self.dispatcher.choose_or_divert if may_divert else self.dispatcher.choose
        unit = choose(call, self.now_ms)
        if unit is None:
            return False
        if unit.call >= 0:
            self._divert(unit, call)
        else:
            self.fleet.take(unit, self.now_ms)
            self._send(unit, call)
        return True

    def _serve_case(self, call: int, case: _Case, *, may_divert: bool) -> bool:
        units, case.lacks = self.dispatcher.fill(case.wanted(), call, self.now_ms, may_divert=may_divert)
        case.at_work += units
        bumped = []
        for unit in units:  # all of them first: a bumped call is served at once, and by none of these
            if unit.call >= 0:
                bumped.append(unit.call)
                self.diverted += 1
                self._give_up(unit, unit.call)
            else:
                self.fleet.take(unit, self.now_ms)
            self._send(unit, call)
        for other in dict.fromkeys(bumped):
            self._reopen(other)
        return case.lacks == 0

    def _divert(self, unit: Unit, call: int) -> None:
        """From one call to another; who is bumped is thought of again in the same moment."""
        self.diverted += 1
        bumped = unit.call
        self._give_up(unit, bumped)
        self._send(unit, call)
        self._reopen(bumped)

    def _give_up(self, unit: Unit, call: int) -> None:
        """The unit is not on its way to that call any more."""
        self.fleet.on_way.remove(unit)
        self.jobs -= 1
        if call in self.cases:
            self.cases[call].at_work.remove(unit)

    def take_off_its_call(self, unit: Unit) -> None:
        """The unit cannot go on; its call is thought of again."""
        call = unit.call
        self._give_up(unit, call)
        self.fleet.busy_ms[unit.index] += self.now_ms - unit.busy_since_ms
        unit.call = NOWHERE
        unit.errand += 1
        unit.stand(unit.place_at(self.now_ms))
        self._reopen(call)

    def _reopen(self, call: int) -> None:
        """It lacks a unit again; one that waits already goes on waiting."""
        if (self.told[call], self.ready_ms[call], call) not in self.queue:
            self._serve_or_wait(call)

    def _send(self, unit: Unit, call: int) -> None:
        """Turnout, then the drive; its time is fixed now."""
        now_ms, fleet, drives = self.now_ms, self.fleet, self.drives
        is_there = unit.until_ms <= now_ms
        is_at_station = is_there if unit.call < 0 else fleet.is_at_station(unit, now_ms)
        start = unit.place if is_there else unit.place_at(now_ms)
        rolls_ms = now_ms + unit.offset_ms
        if unit.turnout >= 0:
            rolls_ms += self.turnout_ms[unit.turnout][AT_STATION if is_at_station else ON_ROAD][call]
        place = self.place[call]
        find_way = self.dispatcher.ways[self.told[call]]
        unit.way = way = find_way(place, rolls_ms)
        if way.ms[start] < 0:  # closed by the time it rolls: it goes the way that it was sent by
            unit.way = way = find_way(place, now_ms)
        unit.hour_ppm, unit.call_ppm = PPM if drives.is_steady else drives.ppm_at(rolls_ms), self.travel_ppm[call]
        unit.at, unit.place, unit.rolls_ms, unit.was_at_station = start, place, rolls_ms, is_at_station
        drive_ms = way.ms[start]
        is_plain = unit.hour_ppm == PPM == unit.call_ppm
        unit.until_ms = rolls_ms + (drive_ms if is_plain else scaled_ms(drive_ms, unit.hour_ppm, unit.call_ppm))
        if unit.call < 0:
            unit.busy_since_ms = now_ms
        unit.call = call
        unit.errand += 1
        self.jobs += 1
        self.sent[call] += 1
        fleet.on_way.append(unit)
        self.schedule(unit.until_ms, ON_SCENE, unit.index, unit.errand)

    def _on_scene(self, subject: int) -> None:
        """There. What follows is certain from here on, but for a bay at the hospital."""
        unit, now_ms = self.fleet.units[subject], self.now_ms
        call = unit.call
        self.fleet.on_way.remove(unit)
        nth = self.arrived[call]
        self.arrived[call] = nth + 1
        if nth == 0:
            self.first_unit[call], self.on_scene_ms[call] = subject, now_ms
        if not self.cases or self._is_full(call):
            self.full_ms[call] = now_ms
        leaves_ms = now_ms + self.scene_ms[nth if nth < len(self.scene_ms) else -1][call]
        if self.is_transport[call] and self.transporter[call] < 0 and self._transports[subject]:
            self.transporter[call] = subject
            self._to_hospital(unit, call, leaves_ms)
        else:
            self.schedule(leaves_ms, FREE, subject, unit.errand)

    def _is_full(self, call: int) -> bool:
        """Whether all that were wanted are there."""
        case = self.cases.get(call)
        return case is None or (case.lacks == 0 and not any(unit.call == call for unit in self.fleet.on_way))

    def _to_hospital(self, unit: Unit, call: int, leaves_ms: int) -> None:
        """The nearest by time; there is nobody to hand over to where none can be reached."""
        place = self.place[call]
        nearest, drive_ms = self.drives.to_hospital(place, leaves_ms)
        if nearest < 0:
            self.schedule(leaves_ms, FREE, unit.index, unit.errand)
            return
        unit.hospital = nearest
        site = self.city.hospitals[nearest]
        hour_ppm = PPM if self.drives.is_steady else self.drives.ppm_at(leaves_ms)
        there_ms = leaves_ms + scaled_ms(drive_ms, hour_ppm, self.travel_ppm[call])
        if site.bays:
            self.schedule(there_ms, AT_HOSPITAL, unit.index, unit.errand)
        else:
            self.schedule(there_ms + self.handover_ms[call], FREE, unit.index, unit.errand)

    def _at_hospital(self, subject: int) -> None:
        """At a hospital with so many bays: into one, or behind those that wait."""
        unit = self.fleet.units[subject]
        if self.in_bay[unit.hospital] < self.city.hospitals[unit.hospital].bays:
            self._hand_over(unit)
        else:
            self.before_bay[unit.hospital].append(unit)

    def _hand_over(self, unit: Unit) -> None:
        self.in_bay[unit.hospital] += 1
        self.schedule(self.now_ms + self.handover_ms[unit.call], FREE, unit.index, unit.errand)

    def _free(self, subject: int) -> None:
        """Its job is done, at the scene or at a hospital. First whoever waits, then back."""
        unit = self.fleet.units[subject]
        call, hospital = unit.call, unit.hospital
        unit.stand(self.place[call] if hospital < 0 else self.city.hospitals[hospital].place)
        self.jobs -= 1
        self.fleet.busy_ms[subject] += self.now_ms - unit.busy_since_ms
        unit.call = unit.hospital = NOWHERE
        if hospital >= 0 and self.city.hospitals[hospital].bays:
            self.in_bay[hospital] -= 1
            if self.before_bay[hospital]:
                self._hand_over(self.before_bay[hospital].popleft())
        if self.cases and call in self.cases:
            self._leave_case(unit, call)
        if self.duty.is_done(unit):
            return
        self.fleet.free.append(unit)
        if self.queue:
            self.serve_waiting()
        if unit.call < 0:
            self.send_back(unit)

    def _leave_case(self, unit: Unit, call: int) -> None:
        """When the last has left, nobody more is wanted."""
        case = self.cases[call]
        case.at_work.remove(unit)
        case.has_left.append(unit.capabilities)
        key = (self.told[call], self.ready_ms[call], call)
        if not case.at_work and key in self.queue:
            self.queue.remove(key)

    def serve_waiting(self) -> None:
        """The first waiting call that somebody can go to, again and again while anybody is free."""
        for key in list(self.queue):
            if not self.fleet.free and not self.fleet.resting:
                return
            if self._serve(key[2], may_divert=False):
                self.queue.remove(key)

    def send_back(self, unit: Unit) -> None:
        """To a station, and told of being there only where something depends on it."""
        self.fleet.send_back(unit, self.now_ms)
        unit.errand += 1
        if unit.has_back and unit.way is not None:
            self.schedule(unit.until_ms, BACK, unit.index, unit.errand)

    def _back(self, subject: int) -> None:
        """At a station: its crew's other units can be sent again, and a meal that was due is taken."""
        unit = self.fleet.units[subject]
        self.duty.free_mates(unit)
        self.duty.rest_if_due(unit)
        if self.queue:
            self.serve_waiting()

    # ---- the end -----------------------------------------------------------------------------------------------------------------

    def _told_outcome(self) -> Outcome:
        fleet, now_ms = self.fleet, self.now_ms
        for unit in fleet.units:
            if unit.call >= 0:
                fleet.busy_ms[unit.index] += now_ms - unit.busy_since_ms
            else:
                fleet.note_return(unit, now_ms)
        return Outcome(
            first_unit=np.array(self.first_unit, np.int32),
            on_scene_ms=np.array(self.on_scene_ms, np.int64),
            full_ms=np.array(self.full_ms, np.int64),
            sent=np.array(self.sent, np.int32),
            busy_ms=np.array(fleet.busy_ms, np.int64),
            return_ms=np.array(fleet.return_ms, np.int64),
            moves=np.array(fleet.moves, np.int32),
            overrun_ms=np.array(fleet.overrun_ms, np.int64),
            diverted=self.diverted,
            longest_queue=self.longest_queue,
            ended_ms=now_ms,
            is_overloaded=self.is_overloaded,
        )
