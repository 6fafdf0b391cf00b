"""A city as a folder has it, with the calls, turnouts and pace of driving that a log tells: for experiments beyond the log's own days."""

from collections.abc import Sequence

import numpy as np

from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import City, HospitalSite
from tocsin.lab.city.spots import nearest_places
from tocsin.lab.journal.rows import Heard
from tocsin.lab.relived.demand import demand_for, with_demand
from tocsin.lab.relived.drives import fit_drives, turnouts_of
from tocsin.lab.relived.ground import Ground
from tocsin.views.trips import Trip


def city_of_log(city: City, heard: Heard, trips: Sequence[Trip]) -> City:
    """Stations, units and roads stay the city's, and hospitals if it has any; how often, where and about what people call is the log's.

    What the log's drives take beside driving stands in the turnout, as for calls that are driven to with lights.
    """
    if not city.hospitals and heard.hospitals:
        lon, lat = (np.array([getattr(one.place, axis) for one in heard.hospitals]) for axis in ("lon", "lat"))
        places = nearest_places(city.place_lon, city.place_lat, lon, lat)[0].tolist()
        city = city._replace(hospitals=tuple(HospitalSite(one.name, place) for one, place in zip(heard.hospitals, places, strict=True)))
    ground = Ground(city.place_lon, city.place_lat, 0, 0, np.zeros(0, np.int64), 0.0, city.roads)
    demand = demand_for(city, heard.rows, heard.plan)
    drives = fit_drives(trips, ground, frozenset(one.name for one in demand.priorities if one.is_urgent))
    demand = demand._replace(turnouts=turnouts_of(heard, trips, drives.lights.constant_ms))
    told = with_demand(city, demand)
    calls = sum(row.place is not None and bool(row.sent) for row in heard.rows)
    remark = ("demand_of_log", (("calls", calls), ("kinds", len(demand.kinds)), ("drives", drives.lights.drives)))
    kept = tuple(one for one in city.remarks if one[0] not in REPLACED)
    return sealed(told._replace(roads=drives.roads(city.roads), travel_spread=drives.lights.spread, remarks=(*kept, remark)))


REPLACED = frozenset({"demand_by_streets", "demand_invented", "hospitals_none"})
"""Remarks of a city that do not hold any more."""
