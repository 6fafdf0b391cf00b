"""Numbers of ``lab.toml`` held to what can be: every finding with its line. Pure."""

from collections.abc import Iterator
from math import isfinite
from typing import Final

from tocsin.base.faults import BadInput
from tocsin.base.instants import MINUTES_PER_DAY
from tocsin.formats.cover_checks import slip
from tocsin.formats.lab_laid import Break, HappeningLaid, LabFile, Lasts, Numbers, Point, Shift
from tocsin.formats.toml_lines import Path, TomlText

MOST_S: Final = 7 * 86_400.0
MOST_RATE: Final = 100_000.0
MOST_SPREAD: Final[dict[str, float]] = {"lognormal": 3.0}
"""Sigma of a logarithm: beyond it nearly all draws are nothing and the mean is made by a few that never come."""
LAST_DAY: Final = 3_660


class Bounds:
    """Every number that types alone do not hold."""

    def __init__(self, laid: LabFile, source: TomlText) -> None:
        self._laid, self._source = laid, source

    def findings(self) -> Iterator[BadInput]:
        """With their lines."""
        laid = self._laid
        yield from self._number(laid.call_takers, 0, 10_000, "call_takers")
        yield from self._number(laid.travel_spread, 0, 2, "travel_spread")
        yield from self._number(laid.wrong_priority, 0, 1, "wrong_priority")
        yield from self._lasts(laid.call_taking, "call_taking")
        yield from self._hours(laid.travel_times, 0.05, 20, "travel_times")
        yield from self._crews()
        yield from self._care()
        yield from self._calls()
        yield from self._wrong()

    def _crews(self) -> Iterator[BadInput]:
        told: tuple[tuple[str, tuple[Shift | Break, ...]], ...] = (("shift", self._laid.shift), ("break", self._laid.rest))
        for name, windows in told:
            for nth, one in enumerate(windows):
                if one.begins == one.until:
                    yield slip("window_empty", self._source, name, nth, "until")
                for field in ("units", "days"):
                    if not getattr(one, field):
                        yield slip("lab_list_empty", self._source, name, nth, field)
        for nth, pause in enumerate(self._laid.rest):
            yield from self._number(pause.minutes, 0, MINUTES_PER_DAY, "break", nth, "minutes")
        for nth, aid in enumerate(self._laid.mutual_aid):
            for field in ("offset_s", "cost_s"):
                yield from self._number(getattr(aid, field), 0, 86_400, "mutual_aid", nth, field)

    def _care(self) -> Iterator[BadInput]:
        for nth, one in enumerate(self._laid.hospital_bays):
            yield from self._number(one.bays, 0, 10_000, "hospital_bays", nth, "bays")
        for nth, turnout in enumerate(self._laid.turnout):
            yield from self._lasts(turnout.at_station, "turnout", nth, "at_station")
            yield from self._lasts(turnout.on_road, "turnout", nth, "on_road")
        for nth, rank in enumerate(self._laid.priority):
            yield from self._number(rank.target_s, 1, MOST_S, "priority", nth, "target_s")

    def _calls(self) -> Iterator[BadInput]:
        for nth, one in enumerate(self._laid.calls):
            at: Path = ("calls", nth)
            yield from self._number(one.per_day, 0, MOST_RATE, *at, "per_day")
            yield from self._hours(one.per_hour, 0, MOST_RATE, *at, "per_hour")
            yield from self._number(one.transport, 0, 1, *at, "transport")
            yield from self._number(one.second_report, 0, 0.95, *at, "second_report")
            yield from self._lasts(one.on_scene, *at, "on_scene")
            yield from self._lasts(one.handover, *at, "handover")
            for times in one.areas.values():
                yield from self._number(times, 0, 1_000, *at, "areas")
        for nth, area in enumerate(self._laid.area):
            yield from self._number(area.times, 0, 1_000, "area", nth, "times")

    def _wrong(self) -> Iterator[BadInput]:
        for nth, surge in enumerate(self._laid.surge):
            at: Path = ("surge", nth)
            yield from self._number(surge.calls, 1, 100_000, *at, "calls")
            yield from self._number(surge.day, 1, LAST_DAY, *at, "day")
            yield from self._number(surge.within_min, 0, MINUTES_PER_DAY, *at, "within_min")
            if bool(surge.station) == (surge.point is not None):
                yield self._lacks("station / point", "surge", *at)
            yield from self._points((surge.point,) if surge.point else (), *at, "point")
        for nth, one in enumerate(self._laid.happening):
            yield from self._happening(one, nth)
        for nth, row in enumerate(self._laid.compliance.table if self._laid.compliance else ()):
            yield from self._number(row.free, 1, 65_536, "compliance", "table", nth, "free")

    def _happening(self, one: HappeningLaid, nth: int) -> Iterator[BadInput]:
        at: Path = ("happening", nth)
        yield from self._number(one.day, 1, LAST_DAY, *at, "day")
        yield from self._number(one.hours, 1 / 60, 24 * LAST_DAY, *at, "hours")
        wanted = {"station_lost": "station", "unit_lost": "unit", "slower": "times"}.get(one.what)
        if wanted and not getattr(one, wanted):
            yield self._lacks(wanted, one.what, *at)
        if one.what == "slower" and one.times:
            yield from self._number(one.times, 0.05, 20, *at, "times")
        if one.what == "closed_road" and len(one.line) < 2 and not one.points:
            yield self._lacks("line / points", one.what, *at)
        yield from self._points(one.line, *at, "line")
        yield from self._points(one.points, *at, "points")

    def _points(self, points: tuple[Point, ...], *at: str | int) -> Iterator[BadInput]:
        for lon, lat in points:
            yield from self._number(lon, -180, 180, *at)
            yield from self._number(lat, -90, 90, *at)

    def _lasts(self, one: Lasts | None, *at: str | int) -> Iterator[BadInput]:
        if one is None:
            return
        for value in (one.mean_s, *one.values_s):
            yield from self._number(value, 0, MOST_S, *at)
        yield from self._number(one.spread, 0, MOST_SPREAD.get(one.law, 1_000), *at)
        if (one.law == "observed") != bool(one.values_s):
            yield self._lacks("values_s", "observed", *at)
        if one.law == "gamma" and not one.spread:
            yield self._lacks("spread", "gamma", *at)

    def _hours(self, numbers: Numbers | None, least: float, most: float, *at: str | int) -> Iterator[BadInput]:
        if numbers is None:
            return
        if len(numbers) not in (24, 168):
            yield slip("lab_hours", self._source, *at, found=len(numbers))
        for number in numbers:
            yield from self._number(number, least, most, *at)

    def _lacks(self, field: str, what: str, *at: str | int) -> BadInput:
        return BadInput("lab_lacks", file=self._source.file, line=self._source.line(*at), field=field, what=what)

    def _number(self, number: float | None, least: float, most: float, *at: str | int) -> Iterator[BadInput]:
        if number is None:
            return
        if not (isfinite(number) and number >= least):
            yield slip("number_small", self._source, *at, found=number, least=f"{least:g}")
        elif number > most:
            yield slip("number_large", self._source, *at, found=number, most=f"{most:g}")
