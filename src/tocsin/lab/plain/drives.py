"""How long drives take and where they lead, as the plain engine asks for it: towards one place, from anywhere."""

from array import array
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.lab.city.model import HOURS_PER_WEEK, NO_WAY_MS, City, Roads
from tocsin.lab.turned import turned

PPM = 1_000_000
HOUR_MS = 3_600_000


class Way(NamedTuple):
    """All drives to one place. Columns of the city's tables, taken out when first asked for."""

    ms: "array[int]"
    """By where one is; -1 = no way."""
    via: "array[int]"
    """By where one is: the next place."""


def scaled_ms(ms: int, hour_ppm: int, call_ppm: int) -> int:
    """A drive of the table as it is at that hour, for that call: one factor after the other, rounded down each time."""
    if hour_ppm == PPM == call_ppm:
        return ms
    return ms * hour_ppm // PPM * call_ppm // PPM


class Drives:
    """Every drive of a city at any time of a run. What closes roads or slows them is known beforehand, so times are a function of when."""

    def __init__(self, city: City) -> None:
        self._sets: tuple[Roads, ...] = (city.roads, *city.other_roads)
        self._turned = [turned(roads) for roads in self._sets]
        self._hours = city.travel_ppm
        self._slower = [one for one in city.happenings if one.what == "slower"]
        self._others = [one for one in city.happenings if one.what == "other_roads"]
        self.is_steady = not (self._hours or self._slower or self._others)
        """Whether a drive takes the same at all times."""
        empty: list[Way | None] = [None] * city.places
        self._lights = [list(empty) for _ in self._sets]
        self._normal = [list(empty) for _ in self._sets]
        self._hospitals = [one.place for one in city.hospitals]
        self._stations = [one.place for one in city.stations]
        self._nearest: list[list[tuple[int, int]] | None] = [None] * len(self._sets)
        self._to_stations: list[list[list[int] | None]] = [[None] * city.places for _ in self._sets]

    def ppm_at(self, at_ms: int) -> int:
        """Factor on all drives that set out then."""
        ppm = self._hours[at_ms // HOUR_MS % HOURS_PER_WEEK] if self._hours else PPM
        for one in self._slower:
            if one.begins_ms <= at_ms < one.until_ms:
                ppm = ppm * one.subject // PPM
        return ppm

    def _set_at(self, at_ms: int) -> int:
        """Which tables hold; of several happenings the last in the list."""
        held = 0
        for one in self._others:
            if one.begins_ms <= at_ms < one.until_ms:
                held = one.subject + 1
        return held

    def roads_at(self, at_ms: int) -> Roads:
        """The tables that hold then, by (from, to)."""
        return self._sets[self._set_at(at_ms) if self._others else 0]

    def lights_way(self, place: int, at_ms: int) -> Way:
        """The way there for those who set out then with lights."""
        nth = self._set_at(at_ms) if self._others else 0
        way = self._lights[nth][place]
        if way is None:
            roads = self._turned[nth]
            way = self._lights[nth][place] = Way(_column(roads.lights_ms, place), _column(roads.lights_via, place))
        return way

    def normal_way(self, place: int, at_ms: int) -> Way:
        """The way there for those who set out then without."""
        nth = self._set_at(at_ms) if self._others else 0
        way = self._normal[nth][place]
        if way is None:
            roads = self._turned[nth]
            way = self._normal[nth][place] = Way(_column(roads.normal_ms, place), _column(roads.normal_via, place))
        return way

    def to_hospital(self, place: int, at_ms: int) -> tuple[int, int]:
        """Index of the one that is reached soonest, the lower of equal ones, and the normal drive; (-1, -1) = none is."""
        nth = self._set_at(at_ms) if self._others else 0
        nearest = self._nearest[nth]
        if nearest is None:
            roads = self._sets[nth]
            found = nearest_of(roads, self._hospitals)
            nearest = [(-1, -1) if one < 0 else (one, int(roads.normal_ms[at, self._hospitals[one]])) for at, one in enumerate(found)]
            self._nearest[nth] = nearest
        return nearest[place]

    def to_stations_ms(self, place: int, at_ms: int) -> list[int]:
        """Normal drives from a place to every station; -1 = no way."""
        nth = self._set_at(at_ms) if self._others else 0
        drives = self._to_stations[nth][place]
        if drives is None:
            drives = self._to_stations[nth][place] = self._sets[nth].normal_ms[place, self._stations].tolist()
        return drives


def nearest_of(roads: Roads, ends: list[int]) -> list[int]:
    """By place: index of the end with the shortest normal drive, the lower of equal ones; -1 where there is no way to any."""
    if not ends:
        return [-1] * len(roads.normal_ms)
    drives = roads.normal_ms[:, ends].astype(np.int64)
    drives[drives == NO_WAY_MS] = np.iinfo(np.int64).max
    nearest = np.argmin(drives, axis=1)
    is_none = drives[np.arange(len(drives)), nearest] == np.iinfo(np.int64).max
    found: list[int] = np.where(is_none, -1, nearest).tolist()
    return found


def _column(turned_table: NDArray[np.int32] | NDArray[np.int16], place: int) -> "array[int]":
    """Numbers that Python reads quickly and that take no more room than in the table."""
    return array("i" if turned_table.dtype == np.int32 else "h", turned_table[place].tobytes())
