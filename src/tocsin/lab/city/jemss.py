"""A city from a JEMSS folder as it is: its roads, stations, hospitals, ambulances, priorities, and its calls."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.formats import jemss
from tocsin.formats.jemss_calls import CallTold, DemandPoints, read_call_config, read_demand_points, read_scenario
from tocsin.lab.city.checks import Remark, check_city
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.edit import first_due
from tocsin.lab.city.jemss_roads import anchored, net_of
from tocsin.lab.city.model import (
    HOURS_PER_WEEK,
    CallKind,
    City,
    CrewedUnit,
    Divert,
    Floats,
    HospitalSite,
    PriorityClass,
    Roads,
    Span,
    StationSite,
)
from tocsin.lab.city.spots import LEAST_ROOM, MOST_PLACES, Spots, thinned
from tocsin.lab.city.way_points import with_way_points
from tocsin.lab.city.ways import Progress, roads_between

NODES, ARCS = "roads.zip/nodes.csv", "roads.zip/arcs.csv"
STATIONS, HOSPITALS, UNITS, TRAVEL, MAP = "stations.csv", "hospitals.csv", "ambulances.csv", "travel.csv", "map.csv"
PRIORITIES, REDISPATCH = "priorities.csv", "redispatch_lower_to_high.csv"
SCENARIO, CALLS, DEMAND = "scenario.json", "call_gen_config_test.xml", "demand_points.csv"
NEEDED: Final = (NODES, ARCS, STATIONS, UNITS, TRAVEL, DEMAND)
OPTIONAL: Final = (HOSPITALS, MAP, PRIORITIES, REDISPATCH, SCENARIO, CALLS)
OFF_NETWORK_KM: Final = 5.0
"""A station or hospital farther from every road that may be joined is not in the city."""

Texts = Mapping[str, str]


def jemss_city(texts: Texts, *, name: str, folder: str, progress: Progress) -> City:
    """The city of these texts (file name → text; ``NEEDED`` and ``OPTIONAL``). Raises BadInput ``city_file_missing``, of
    ``formats.jemss``, ``city_off_network``, ``city_unknown``, of ``checks.check_city``."""
    return _Reading(texts, folder, progress).city(name)


class _Sites(NamedTuple):
    stations: list[jemss.Spot]
    hospitals: list[jemss.Spot]


class _Reading:
    """One folder being read."""

    def __init__(self, texts: Texts, folder: str, progress: Progress) -> None:
        self._texts, self._folder, self._progress = texts, folder.rstrip("/"), progress
        self._remarks: list[Remark] = []

    def _file(self, name: str) -> str:
        return f"{self._folder}/{name}" if self._folder else name

    def _text(self, *names: str) -> str:
        """The first of these that is there."""
        for name in names:
            if name in self._texts:
                return self._texts[name]
        raise BadInput("city_file_missing", file=self._file(names[0]), names=" / ".join(names))

    def city(self, name: str) -> City:
        """Small files first: what is wrong in them is told at once."""
        for needed in NEEDED:
            self._text(needed)
        sites, travel = self._sites(), jemss.read_travel(self._text(TRAVEL), file=self._file(TRAVEL))
        berths = jemss.read_berths(self._text(UNITS), len(sites.stations), file=self._file(UNITS))
        ranks, calls = self._calls()
        diverts = self._diverts([rank.name for rank in ranks])
        points = read_demand_points(self._text(DEMAND), file=self._file(DEMAND))
        spots, places, roads = self._ground(sites, travel, points)
        stations = tuple(StationSite(one.name, spots.size + nth) for nth, one in enumerate(sites.stations))
        first = spots.size + len(stations)
        lon, lat = places
        weights = np.zeros((1, len(lon)))
        weights[0, : spots.size] = spots.weights[0] / spots.weights[0].sum()
        city = City(
            name=name,
            timezone="Etc/UTC",
            place_lon=lon,
            place_lat=lat,
            place_area=first_due(roads.lights_ms, [one.place for one in stations]),
            areas=tuple(one.name for one in stations),
            roads=roads,
            place_weights=weights,
            priorities=_priorities(ranks, travel),
            kinds=_kinds(ranks, calls),
            stations=stations,
            hospitals=tuple(HospitalSite(one.name, first + nth) for nth, one in enumerate(sites.hospitals)),
            units=tuple(CrewedUnit(one.name, one.station) for one in berths),
            diverts=diverts,
            call_taking=Span(calls.dispatch_delay_ms),
            remarks=(*self._remarks, ("turnout_none", ())),
        )
        return sealed(check_city(city, file=self._folder))

    def _sites(self) -> _Sites:
        stations = jemss.read_spots(self._text(STATIONS), "stations", file=self._file(STATIONS))
        hospitals = self._texts.get(HOSPITALS)
        return _Sites(stations, jemss.read_spots(hospitals, "hospitals", file=self._file(HOSPITALS)) if hospitals is not None else [])

    def _calls(self) -> tuple[list[jemss.Rank], CallTold]:
        """From the derived file if it is there, else from the originals."""
        if SCENARIO in self._texts:
            return read_scenario(self._texts[SCENARIO], file=self._file(SCENARIO))
        calls = read_call_config(self._text(CALLS, SCENARIO), file=self._file(CALLS))
        ranks = jemss.read_ranks(self._text(PRIORITIES, SCENARIO), file=self._file(PRIORITIES))
        if len(calls.shares) != len(ranks):
            raise BadInput(
                "city_index", file=self._file(CALLS), field="priority", value=len(calls.shares), table="priorities", count=len(ranks)
            )
        return [rank._replace(name=_plain(rank.name)) for rank in ranks], calls

    def _diverts(self, names: Sequence[str]) -> tuple[Divert, ...]:
        text, file = self._texts.get(REDISPATCH), self._file(REDISPATCH)
        pairs = jemss.read_redispatch(text, file=file) if text is not None else []
        for name in (one for pair in pairs for one in pair):
            if _plain(name) not in names:
                raise BadInput("city_unknown", file=file, field="fromCallPriority", name=name, known=", ".join(names))
        return tuple(Divert(names.index(_plain(lower)), names.index(_plain(higher))) for lower, higher in pairs)

    def _ground(self, sites: _Sites, travel: jemss.Travel, points: DemandPoints) -> tuple[Spots, tuple[Floats, Floats], Roads]:
        self._progress(0, None, "city_roads")
        tables = jemss.read_roads(self._text(NODES), self._text(ARCS), file=self._file("roads.zip"))
        fixed = [*sites.stations, *sites.hospitals]
        points_ = Spots(points.lon, points.lat, points.weight[None, :])
        spots, cell_m = thinned(points_, MOST_PLACES - LEAST_ROOM - len(fixed))
        if cell_m:
            self._remarks.append(("demand_thinned", (("points", points_.size), ("kept", spots.size), ("cell_m", round(cell_m)))))
        lon = np.append(spots.lon, [one.lon for one in fixed])
        lat = np.append(spots.lat, [one.lat for one in fixed])
        anchors, off_km = anchored(tables, travel, self._scale(lat), lon, lat)
        for nth, one in enumerate(fixed):
            if off_km[spots.size + nth] > OFF_NETWORK_KM:
                file = self._file(STATIONS if nth < len(sites.stations) else HOSPITALS)
                raise BadInput(
                    "city_off_network", file=file, line=one.line, field="x, y", name=one.name, away_km=round(off_km[spots.size + nth], 1)
                )
        net = net_of(tables)
        filled = with_way_points(net, anchors, spots.size)
        self._remarks += filled.remarks
        places = np.append(lon, tables.lon[filled.states]), np.append(lat, tables.lat[filled.states])
        return spots, places, roads_between(net, filled.anchors, self._progress)

    def _scale(self, lat: Floats) -> tuple[float, float]:
        if MAP in self._texts:
            return jemss.read_scale(self._texts[MAP], file=self._file(MAP))
        return 111.32 * float(np.cos(np.radians(np.mean(lat)))), 111.32


def _plain(name: str) -> str:
    """``medPriority`` → ``medium``: the same names whichever file they come from."""
    short = name.removesuffix("Priority")
    return {"med": "medium"}.get(short, short)


def _priorities(ranks: Sequence[jemss.Rank], travel: jemss.Travel) -> tuple[PriorityClass, ...]:
    driven = {_plain(name): is_lights for name, is_lights in travel.is_lights.items()}
    return tuple(PriorityClass(rank.name, rank.target_ms, driven.get(rank.name, nth == 0)) for nth, rank in enumerate(ranks))


def _kinds(ranks: Sequence[jemss.Rank], calls: CallTold) -> tuple[CallKind, ...]:
    """One kind for each priority that has calls; the same at every hour."""
    return tuple(
        CallKind(
            name=rank.name,
            priority=nth,
            per_hour=(calls.calls_per_day * share / 24,) * HOURS_PER_WEEK,
            on_scene=_span(calls.on_scene),
            transport_ppm=calls.transport_ppm,
            handover=_span(calls.handover),
        )
        for nth, (rank, share) in enumerate(zip(ranks, calls.shares, strict=True))
        if share > 0
    )


def _span(told: tuple[str, int]) -> Span:
    law, mean_ms = told
    return Span(mean_ms, "exponential" if law == "exponential" else "fixed")
