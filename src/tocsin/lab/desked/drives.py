"""Drives over the tables of a city: how long one takes, and where on the way somebody is."""

from typing import NamedTuple

from tocsin.lab.city.model import HOURS_PER_WEEK, NO_WAY_MS, City, Roads

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
    """The drives of a city as they are now."""

    def __init__(self, city: City) -> None:
        self._travel_ppm = city.travel_ppm
        self.use(city.roads)

    def use(self, roads: Roads) -> None:
        """Other roads from now on; who is under way drives on as begun."""
        self.lights = Tables(roads.lights_ms.data, roads.lights_via.data)
        self.normal = Tables(roads.normal_ms.data, roads.normal_via.data)

    def hour_ppm(self, now_ms: int) -> int:
        """How long drives take in this hour of the week against the tables."""
        return self._travel_ppm[now_ms // HOUR_MS % HOURS_PER_WEEK] if self._travel_ppm else PPM

    def trip(self, tables: Tables, start: int, end: int, sets_out_ms: int, call_ppm: int = PPM) -> Trip:
        """A drive that is begun then. Asked only where there is a way."""
        table_ms = tables.ms[start, end]
        if table_ms == NO_WAY_MS:
            raise AssertionError("nobody is sent where no way leads")
        hour_ppm = self.hour_ppm(sets_out_ms)
        return Trip(tables, start, end, sets_out_ms, sets_out_ms + scaled(table_ms, hour_ppm, call_ppm), hour_ppm, call_ppm)
