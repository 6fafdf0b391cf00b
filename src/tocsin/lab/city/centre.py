"""A city from a centre's folder: its stations, units and plan on its region's roads; calls from streets where people live."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.core.messages.station import OpenStation
from tocsin.formats.centre import Centre
from tocsin.lab.city.checks import Remark, check_city
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.edit import first_due
from tocsin.lab.city.model import HOURS_PER_WEEK, City, CrewedUnit, Floats, HospitalSite, Roads, StationSite
from tocsin.lab.city.region_roads import anchored, net_of, routers_of
from tocsin.lab.city.shift_calls import Called, diverts_of, invented_calls, told_calls
from tocsin.lab.city.spots import Spots, thinned
from tocsin.lab.city.way_points import with_way_points
from tocsin.lab.city.ways import Progress, roads_between
from tocsin.lab.demand import LIVED_IN
from tocsin.lab.scenario import Scenario
from tocsin.roads.network import ANY_HOUR, RoadNetwork
from tocsin.roads.region import DEGREES_E7, Region

MOST_SPOTS: Final = 1_500
"""Points that calls come from."""
OFF_NETWORK_M: Final = 5_000.0
"""Farther from every road of the region, a place is not in it: as the live desk holds it."""


class Hospital(NamedTuple):
    """Where patients are driven."""

    name: str
    at: LonLat
    bays: int = 0


class CentreFiles(NamedTuple):
    """What a folder holds beside the centre."""

    folder: str
    scenario: Scenario | None = None
    scenario_file: str = ""
    hospitals: tuple[Hospital, ...] = ()
    """From ``hospitals.csv``; they stand before the scenario's."""
    region_hospitals: tuple[Hospital, ...] = ()
    """That the region's gazetteer knows: where nobody names others."""


def centre_city(centre: Centre, network: RoadNetwork, files: CentreFiles, progress: Progress) -> City:
    """Raises BadInput ``city_stations_none``, ``city_off_network``, ``city_units_none``, ``city_unknown``, of ``check_city``."""
    stations = [one for one in centre.stations if one.place.at is not None]
    if not stations:
        raise BadInput("city_stations_none", file=f"{files.folder}/stations.csv", field="lon, lat")
    units, remarks = _units(centre, stations)
    if not units:
        raise BadInput("city_units_none", file=f"{files.folder}/units.csv", field="station")
    hospitals, said = _hospitals(files)
    called = _called(centre, files, len(units), is_transport=bool(hospitals))
    spots = street_spots(network.region)
    fixed = [(str(one.station), one.place.at) for one in stations] + [(one.name, one.at) for one in hospitals]
    ground = _ground(network, spots, fixed, files.folder, progress)
    sites = tuple(StationSite(str(one.station), spots.size + nth) for nth, one in enumerate(stations))
    first = spots.size + len(sites)
    weights = np.zeros((1, len(ground.lon)))
    weights[0, : spots.size] = spots.weights[0] / spots.weights[0].sum()
    city = City(
        name=centre.name,
        timezone=centre.timezone,
        place_lon=ground.lon,
        place_lat=ground.lat,
        place_area=first_due(ground.roads.lights_ms, [one.place for one in sites]),
        areas=tuple(one.name for one in sites),
        roads=ground.roads,
        place_weights=weights,
        priorities=called.priorities,
        kinds=called.kinds,
        stations=sites,
        hospitals=tuple(HospitalSite(one.name, first + nth, one.bays) for nth, one in enumerate(hospitals)),
        units=units,
        turnouts=called.turnouts,
        diverts=diverts_of(centre.plan),
        call_taking=called.call_taking,
        travel_spread=called.travel_spread,
        travel_ppm=hours_ppm(network),
        postings=centre.plan.cover.table,
        posting_needs=centre.plan.cover.needs,
        target_from=called.target_from,
        sources=tuple(dict.fromkeys((*centre.attribution, *network.region.header.attribution))),
        remarks=(*called.remarks, ("demand_by_streets", (("points", spots.size),)), *remarks, *said, *ground.remarks),
    )
    return sealed(check_city(city, file=files.folder))


def _called(centre: Centre, files: CentreFiles, units: int, *, is_transport: bool) -> Called:
    if files.scenario is None:
        return invented_calls(centre.plan, units, is_transport=is_transport)
    return told_calls(centre.plan, files.scenario, file=files.scenario_file)


def _units(centre: Centre, stations: Sequence[OpenStation]) -> tuple[tuple[CrewedUnit, ...], list[Remark]]:
    """Units that have a station with a place; the others are left out and counted."""
    index = {str(one.station): nth for nth, one in enumerate(stations)}
    units = tuple(
        CrewedUnit(str(unit.unit), index[str(unit.station)], unit.kind, unit.capabilities, crew=str(unit.crew or ""))
        for unit in centre.units
        if str(unit.station) in index
    )
    left = len(centre.units) - len(units)
    return units, [("units_without_station", (("units", left),))] if left else []


def _hospitals(files: CentreFiles) -> tuple[tuple[Hospital, ...], list[Remark]]:
    """Those that somebody wrote down; else those of the map."""
    told = files.scenario.hospitals if files.scenario is not None else ()
    named = (*files.hospitals, *(Hospital(one.name, one.place) for one in told))
    if named:
        seen: dict[str, Hospital] = {}
        for one in named:
            seen.setdefault(one.name, one)
        return tuple(seen.values()), []
    if files.region_hospitals:
        return files.region_hospitals, [("hospitals_of_map", (("hospitals", len(files.region_hospitals)),))]
    return (), [("hospitals_none", ())]


def street_spots(region: Region, most: int = MOST_SPOTS) -> Spots:
    """Points on the streets where people live, weighted by their length; of a region without such streets, on all."""
    strong = region.node_is_strong.astype(bool)
    is_once = (region.edge_twin < 0) | (region.edge_twin > np.arange(region.edges))
    is_used = is_once & strong[region.edge_tail] & strong[region.edge_head]
    lived_in = np.isin(region.edge_class, [nth for nth, name in enumerate(region.header.classes) if name in LIVED_IN])
    edges = np.flatnonzero(is_used & lived_in)
    edges = edges if len(edges) else np.flatnonzero(is_used)
    street = region.edge_street[edges].astype(np.int64)
    middle = (region.street_start[street].astype(np.int64) + region.street_start[street + 1]) // 2
    lon, lat = region.point_lon_e7[middle] / DEGREES_E7, region.point_lat_e7[middle] / DEGREES_E7
    return thinned(Spots(lon, lat, region.edge_cm[edges].astype(np.float64)[None, :]), most)[0]


def hours_ppm(network: RoadNetwork) -> tuple[int, ...]:
    """By hour of the week how long all streets together take, against no hour in particular; nothing without learned speeds."""
    region, speeds = network.region, network.speeds
    whole_ms = int(speeds.drive_ms(region, ANY_HOUR.vehicle, None).sum())
    by_bin: dict[int | None, int] = {None: 1_000_000}
    bins = [speeds.bin_of(hour) for hour in range(HOURS_PER_WEEK)]
    for hour, bin_ in enumerate(bins):
        if bin_ not in by_bin:
            by_bin[bin_] = int(speeds.drive_ms(region, ANY_HOUR.vehicle, hour).sum()) * 1_000_000 // whole_ms
    return tuple(by_bin[bin_] for bin_ in bins) if len(by_bin) > 1 else ()


class _Ground(NamedTuple):
    lon: Floats
    lat: Floats
    roads: Roads
    remarks: list[Remark]


def _ground(
    network: RoadNetwork, spots: Spots, fixed: Sequence[tuple[str, LonLat | None]], folder: str, progress: Progress
) -> _Ground:  # fmt: skip
    progress(0, None, "city_roads")
    places = [LonLat(lon, lat) for lon, lat in zip(spots.lon.tolist(), spots.lat.tolist(), strict=True)]
    places += [at for _, at in fixed if at is not None]
    routers = routers_of(network)
    anchors, off_m = anchored(network, routers, places)
    for (name, _), away_m in zip(fixed, off_m[spots.size :].tolist(), strict=True):
        if away_m > OFF_NETWORK_M:
            raise BadInput("city_off_network", file=folder, field="lon, lat", name=name, away_km=round(away_m / 1000, 1))
    net = net_of(routers)
    filled = with_way_points(net, anchors, spots.size)
    lon = np.append([place.lon for place in places], net.state_lon[filled.states])
    lat = np.append([place.lat for place in places], net.state_lat[filled.states])
    roads = roads_between(net, filled.anchors, progress)
    alike: list[Remark] = [("lights_no_quicker", ())] if np.array_equal(roads.lights_ms, roads.normal_ms) else []
    return _Ground(lon, lat, roads, [*filled.remarks, *alike])
