"""Shifts, meals and rest, and what goes wrong: everything about units that no call asks for."""

from collections.abc import Iterator
from typing import Protocol

from tocsin.lab.city.model import WEEK_MS, City, CrewedUnit, Window
from tocsin.lab.plain.fleet import Fleet
from tocsin.lab.plain.kinds import BREAK_DUE, BREAK_OVER, DUTY, HAPPENING
from tocsin.lab.plain.unit import NOWHERE, Unit

MINUTE_MS, WEEK_MINUTES = 60_000, 10_080
TAIL_MS = 2 * WEEK_MS
"""So long after the last call shifts go on beginning and ending, for calls that wait for somebody to come on duty."""


class Running(Protocol):
    """What duty needs of the run that it belongs to."""

    city: City
    fleet: Fleet
    now_ms: int
    queue: list[tuple[int, int, int]]

    def schedule(self, at_ms: int, kind: int, subject: int, errand: int = ...) -> None:
        """Something happens then."""

    def serve_waiting(self) -> None:
        """Send whoever is free to those that wait."""

    def send_back(self, unit: Unit) -> None:
        """To a station."""

    def take_off_its_call(self, unit: Unit) -> None:
        """The unit cannot go on; its call is thought of again."""


class Duty:
    """Who is on duty, and what happens to units and stations."""

    def __init__(self, run: Running, *, last_ms: int) -> None:
        self.run, self.fleet = run, run.fleet
        self._horizon_ms = last_ms + TAIL_MS
        self._happenings = run.city.happenings

    def open(self) -> None:
        """Everybody whose shift it is stands at the station, and what is known to happen is expected."""
        for unit in self.fleet.units:
            unit.is_on_shift = is_within(unit.crewed.shifts, 0)
            if unit.is_on_shift:
                self._begin(unit)
            for minute in boundaries(unit.crewed.shifts):
                self._schedule_weekly(minute * MINUTE_MS, DUTY, unit.index)
            for window in unit.crewed.breaks:
                self._schedule_weekly(window.begins % WEEK_MINUTES * MINUTE_MS, BREAK_DUE, unit.index)
        for moment in sorted({moment for one in self._happenings for moment in (one.begins_ms, one.until_ms)}):
            self.run.schedule(moment, HAPPENING, 0)

    def _schedule_weekly(self, at_ms: int, kind: int, subject: int) -> None:
        if at_ms <= self._horizon_ms:
            self.run.schedule(at_ms, kind, subject)

    # ---- shifts ------------------------------------------------------------------------------------------------------------------

    def boundary(self, subject: int) -> None:
        """A shift of the unit begins or ends."""
        run, unit = self.run, self.fleet.units[subject]
        self._schedule_weekly(run.now_ms + WEEK_MS, DUTY, subject)
        is_on_shift = is_within(unit.crewed.shifts, run.now_ms)
        if is_on_shift == unit.is_on_shift:
            return
        unit.is_on_shift = is_on_shift
        if not is_on_shift:
            unit.is_break_due = False
            if unit.call >= 0:
                unit.shift_ended_ms = run.now_ms
            elif unit.is_on_duty:
                self._end(unit)
        elif unit.call >= 0:
            self._note_overrun(unit)
        elif not unit.is_lost:
            self._begin(unit)
            run.serve_waiting()

    def _begin(self, unit: Unit) -> None:
        unit.is_on_duty = True
        if any(_is_away(mate, self.run.now_ms) for mate in unit.mates):
            return  # its crew is out with another unit
        self.fleet.make_idle(unit, self.run.now_ms)

    def _end(self, unit: Unit) -> None:
        """Off duty where it is."""
        unit.is_on_duty = False
        if unit in self.fleet.free or unit in self.fleet.resting:
            self.fleet.note_return(unit, self.run.now_ms)
            was_counted = unit.counts_at >= 0
            (self.fleet.resting if unit.is_resting else self.fleet.free).remove(unit)
            unit.is_resting = False
            unit.errand += 1
            if was_counted:
                self.fleet.uncount(unit)
            self._count_mate(unit)
        else:
            self.fleet.note_return(unit, self.run.now_ms)

    def _count_mate(self, unit: Unit) -> None:
        """Other units of its crew count in its place."""
        waiting = [mate for mate in unit.mates if mate in self.fleet.free]
        if waiting:
            self.fleet.uncount(unit)
        for mate in waiting:
            self.fleet.count_beside(mate)

    def _note_overrun(self, unit: Unit) -> None:
        if unit.shift_ended_ms >= 0:
            self.fleet.overrun_ms[unit.index] += self.run.now_ms - unit.shift_ended_ms
            unit.shift_ended_ms = NOWHERE

    def is_done(self, unit: Unit) -> bool:
        """Whether a unit that has become free goes off duty: its shift is over, or it is broken."""
        self._note_overrun(unit)
        if unit.is_on_shift and not unit.is_lost:
            return False
        unit.is_on_duty = False
        self.free_mates(unit)
        return True

    def free_mates(self, unit: Unit) -> None:
        """The crew is back, or off: its other units that are on duty can be sent again."""
        for mate in unit.mates:
            if mate.is_on_duty and mate.call < 0 and mate not in self.fleet.free and mate not in self.fleet.resting:
                self.fleet.make_idle(mate, self.run.now_ms)

    # ---- meals and rest ----------------------------------------------------------------------------------------------------------

    def break_due(self, subject: int) -> None:
        """Now if it stands at a station, else when it next does."""
        unit = self.fleet.units[subject]
        self._schedule_weekly(self.run.now_ms + WEEK_MS, BREAK_DUE, subject)
        if unit.is_on_duty and unit.is_on_shift:
            unit.is_break_due = True
            if unit in self.fleet.free and unit.until_ms <= self.run.now_ms:
                self.rest_if_due(unit)

    def rest_if_due(self, unit: Unit) -> None:
        """Begin the break that is due."""
        if not unit.is_break_due:
            return
        unit.is_break_due, unit.is_resting = False, True
        self.fleet.free.remove(unit)
        self.fleet.resting.append(unit)
        unit.errand += 1
        self.run.schedule(self.run.now_ms + break_ms(unit.crewed), BREAK_OVER, unit.index, unit.errand)

    def break_over(self, subject: int) -> None:
        """Back to work."""
        unit = self.fleet.units[subject]
        unit.is_resting = False
        self.fleet.resting.remove(unit)
        self.fleet.free.append(unit)
        self.run.serve_waiting()

    # ---- what goes wrong ---------------------------------------------------------------------------------------------------------

    def happening(self, _: int) -> None:
        """Something begins or ends: look anew at what is so now."""
        now_ms = self.run.now_ms
        so = {(one.what, one.subject) for one in self._happenings if one.begins_ms <= now_ms < one.until_ms}
        was_lost, self.fleet.is_radio_lost = self.fleet.is_radio_lost, any(what == "radio_lost" for what, _ in so)
        if self.fleet.is_radio_lost and not was_lost:
            for unit in (*self.fleet.free, *self.fleet.on_way):
                unit.place_at(now_ms)  # its last report
        self._stations({subject for what, subject in so if what == "station_lost"})
        lost = {subject for what, subject in so if what == "unit_lost"}
        for unit in self.fleet.units:
            if unit.is_lost != (unit.index in lost):
                self._lose(unit) if unit.index in lost else self._find(unit)
        self.run.serve_waiting()

    def _stations(self, lost: set[int]) -> None:
        sites = self.run.city.stations
        is_open = [site.is_open and nth not in lost for nth, site in enumerate(sites)]
        if is_open == self.fleet.is_open:
            return
        self.fleet.is_open = is_open
        # As on the board: from this moment nobody counts at a closed station, and they are sent elsewhere one by one.
        leaving = [one for one in (*self.fleet.free, *self.fleet.resting) if not is_open[one.heads_for]]
        for unit in leaving:
            self.fleet.uncount(unit)
        for unit in sorted(leaving, key=lambda one: one.index):
            if unit.is_resting:
                self.fleet.resting.remove(unit)
                self.fleet.free.append(unit)
                unit.is_resting, unit.is_break_due = False, True
            self.fleet.note_return(unit, self.run.now_ms)
            self.run.send_back(unit)

    def _lose(self, unit: Unit) -> None:
        """Out of service: at once, but for one that is with a patient."""
        unit.is_lost = True
        if unit in self.fleet.on_way:
            self.run.take_off_its_call(unit)
            unit.is_on_duty = False
            self.free_mates(unit)
        elif unit.call < 0 and unit.is_on_duty:
            self._end(unit)

    def _find(self, unit: Unit) -> None:
        """Repaired: at its station, if its shift goes on."""
        unit.is_lost = False
        if unit.is_on_shift and unit.call < 0:
            self._begin(unit)


def is_within(windows: tuple[Window, ...], at_ms: int) -> bool:
    """Whether an instant of the run lies in one of these parts of the week; always where there are none."""
    minute = at_ms // MINUTE_MS % WEEK_MINUTES
    return not windows or any(_holds(window, minute) for window in windows)


def _holds(window: Window, minute: int) -> bool:
    begins, until = window.begins % WEEK_MINUTES, window.until % WEEK_MINUTES
    if begins < until:
        return begins <= minute < until
    return minute >= begins or minute < until


def boundaries(windows: tuple[Window, ...]) -> Iterator[int]:
    """Minutes of the week at which a shift begins or ends."""
    yield from sorted({minute % WEEK_MINUTES for window in windows for minute in (window.begins, window.until)})


def break_ms(unit: CrewedUnit) -> int:
    """How long its breaks last."""
    window = unit.breaks[0]
    return unit.break_ms or (window.until - window.begins) % WEEK_MINUTES * MINUTE_MS


def _is_away(mate: Unit, now_ms: int) -> bool:
    """Whether a unit has its crew with it."""
    return mate.call >= 0 or (mate.is_on_duty and mate.until_ms > now_ms)
