"""Drives over the tables of a city: how long one takes, and where on the way somebody is."""

from typing import NamedTuple

from tocsin.lab.city.model import HOURS_PER_WEEK, NO_WAY_MS, City

HOUR_MS = 3_600_000
PPM = 1_000_000


class Tables(NamedTuple):
    """One table of drives and its next places, as memory views: reading one number of a NumPy array costs five times as much."""

    ms: memoryview
    via: memoryview


class Trip(NamedTuple):
    """A drive that was begun. Its times were fixed when it set out."""

    tables: Tables
    start: int
    end: int
    sets_out_ms: int
    arrives_ms: int
    hour_ppm: int
    call_ppm: int

    def place_at(self, now_ms: int) -> int:
        """The first place on the way from which the rest of the drive is at most what is left of it; the start until it has set out."""
        at, left_ms = self.start, self.arrives_ms - now_ms
        if now_ms <= self.sets_out_ms:
            return at
        while at != self.end and scaled(self.tables.ms[at, self.end], self.hour_ppm, self.call_ppm) > left_ms:
            at = self.tables.via[at, self.end]
        return at


def scaled(table_ms: int, hour_ppm: int, call_ppm: int) -> int:
    """A drive of the table in an hour and for a call: one factor after the other, rounded down."""
    return table_ms * hour_ppm // PPM * call_ppm // PPM


class Drives:
    """The drives of a city at any time of a run. What closes roads or slows them changes nothing for who is under way."""

    def __init__(self, city: City) -> None:
        self._travel_ppm = city.travel_ppm
        self._slower = [one for one in city.happenings if one.what == "slower"]
        self._others = [one for one in city.happenings if one.what == "other_roads"]
        self._lights = [Tables(roads.lights_ms.data, roads.lights_via.data) for roads in (city.roads, *city.other_roads)]
        self._normal = [Tables(roads.normal_ms.data, roads.normal_via.data) for roads in (city.roads, *city.other_roads)]

    def tables(self, at_ms: int, *, is_lights: bool) -> Tables:
        """For drives that set out then; of several closures the last in the city's list holds."""
        held = 0
        for one in self._others:
            if one.begins_ms <= at_ms < one.until_ms:
                held = one.subject + 1
        return (self._lights if is_lights else self._normal)[held]

    def ppm_at(self, at_ms: int) -> int:
        """How long drives that set out then take against the tables."""
        ppm = self._travel_ppm[at_ms // HOUR_MS % HOURS_PER_WEEK] if self._travel_ppm else PPM
        for one in self._slower:
            if one.begins_ms <= at_ms < one.until_ms:
                ppm = ppm * one.subject // PPM
        return ppm

    def find_trip(self, start: int, end: int, sets_out_ms: int, *, is_lights: bool, call_ppm: int = PPM) -> Trip | None:
        """A drive that is begun then; None without a way."""
        tables = self.tables(sets_out_ms, is_lights=is_lights)
        table_ms = tables.ms[start, end]
        if table_ms == NO_WAY_MS:
            return None
        hour_ppm = self.ppm_at(sets_out_ms)
        return Trip(tables, start, end, sets_out_ms, sets_out_ms + scaled(table_ms, hour_ppm, call_ppm), hour_ppm, call_ppm)
