"""What there is to send, where it waits and by which rules: as a log has it, and changed."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.base.geometry import LonLat
from tocsin.base.identifiers import UnitId
from tocsin.core.messages.plan import ResponsePlan
from tocsin.formats.nearest import nearest
from tocsin.lab.city.cover import shared_out
from tocsin.lab.city.model import NO_WAY_MS
from tocsin.lab.journal.rows import Heard
from tocsin.lab.relived.ground import Ground
from tocsin.views.trips import Trip

DEFAULT_POLICY = "road-time"


POST = "~"
"""How names of posts begin: where units without a station wait. They are no stations: closing the one beside them does not move them."""


class Station(NamedTuple):
    """Where units wait."""

    name: str
    at: LonLat
    place: int
    """In ``Ground``."""
    is_open: bool = True


class Stationed(NamedTuple):
    """One unit."""

    name: str
    kind: str
    capabilities: tuple[str, ...]
    station: int
    crew: str = ""
    is_guessed: bool = False
    """It has no station: it waits at a post near where it was often sent from."""


class Service(NamedTuple):
    """Stations, units, plan and policy."""

    stations: tuple[Station, ...]
    units: tuple[Stationed, ...]
    plan: ResponsePlan | None
    policy: str = DEFAULT_POLICY

    def station(self, name: str, field: str) -> int:
        """Index of a station. Raises BadInput ``whatif_station``."""
        for nth, station in enumerate(self.stations):
            if station.name == name and not name.startswith(POST):
                return nth
        known = [one.name for one in self.stations if not one.name.startswith(POST)]
        raise BadInput("whatif_station", field=field, value=name, known=nearest(name, known))

    def unit(self, name: str, field: str) -> int:
        """Index of a unit. Raises BadInput ``whatif_unit``."""
        for nth, unit in enumerate(self.units):
            if unit.name == name:
                return nth
        raise BadInput("whatif_unit", field=field, value=name, known=nearest(name, [one.name for one in self.units]))


def stations_of(heard: Heard) -> tuple[Station, ...]:
    """Those whose place is known. Raises BadInput ``whatif_no_stations``."""
    placed = [(str(name), one.place.at) for name, one in sorted(heard.stations.items()) if one.place.at is not None]
    if not placed:
        raise BadInput("whatif_no_stations")
    return tuple(Station(name, at, nth) for nth, (name, at) in enumerate(placed))


def service_of(heard: Heard, trips: Sequence[Trip], stations: tuple[Station, ...], ground: Ground) -> Service:
    """Of a log. A unit without a station waits at a post; one that was never sent besides is left out."""
    index = {station.name: nth for nth, station in enumerate(stations)}
    sent = {one.unit for row in heard.rows for one in row.sent}
    roaming = sorted(name for name, unit in heard.units.items() if str(unit.station) not in index and name in sent)
    near = _posts(roaming, trips, stations, ground)
    posts = {station: len(stations) + nth for nth, station in enumerate(sorted(set(near.values())))}
    units = []
    for name, unit in sorted(heard.units.items()):
        crew = "" if unit.crew is None or str(unit.crew) == str(name) else str(unit.crew)
        if name in near:
            units.append(Stationed(str(name), unit.kind, unit.capabilities, posts[near[name]], crew, is_guessed=True))
        elif str(unit.station) in index:
            units.append(Stationed(str(name), unit.kind, unit.capabilities, index[str(unit.station)], crew))
    every = (*stations, *(stations[station]._replace(name=POST + stations[station].name) for station in posts))
    return Service(every, tuple(units), heard.plan, heard.plan.policy if heard.plan is not None else DEFAULT_POLICY)


def _posts(units: Sequence[UnitId], trips: Sequence[Trip], stations: Sequence[Station], ground: Ground) -> dict[UnitId, int]:
    """Unit → station near which it waits. As many at each as were sent from near it, and each unit where it was most often."""
    own = set(units)
    told = [trip for trip in trips if trip.unit in own]
    counts = np.zeros((len(units), len(stations)), np.int64)
    if told:
        drives = ground.roads.normal_ms[: len(stations)][:, ground.nearest([trip.place for trip in told])].astype(np.int64)
        drives[drives == NO_WAY_MS] = np.iinfo(np.int64).max
        row = {unit: nth for nth, unit in enumerate(units)}
        np.add.at(counts, ([row[trip.unit] for trip in told], np.argmin(drives, axis=0)), 1)
    if not units:
        return {}
    room = shared_out(counts.sum(axis=0) + 1e-9, len(units))
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    found: dict[UnitId, int] = {}
    for pair in np.argsort(-shares, axis=None, kind="stable").tolist():
        unit, station = divmod(pair, len(stations))
        if units[unit] not in found and room[station]:
            found[units[unit]] = station
            room[station] -= 1
    return found


# ---- changes


def close_station(service: Service, name: str) -> Service:
    """Its units go to the nearest open one (``rehomed``)."""
    nth = service.station(name, "--close-station")
    stations = list(service.stations)
    stations[nth] = stations[nth]._replace(is_open=False)
    if not any(one.is_open and not one.name.startswith(POST) for one in stations):
        raise BadInput("whatif_all_closed", field="--close-station", value=name)
    return service._replace(stations=tuple(stations))


def add_unit(service: Service, text: str) -> Service:
    """``NAME:KIND:STATION[:CAPABILITY+CAPABILITY]``; without capabilities those of the first unit of that kind. Raises BadInput
    ``whatif_spec``, ``whatif_unit_taken``, ``whatif_kind``, ``whatif_station``."""
    parts = text.split(":")
    if len(parts) not in (3, 4) or not all(parts[:3]):
        raise BadInput("whatif_spec", field="--add-unit", value=text, layout="NAME:KIND:STATION[:CAPS]")
    name, kind, at = parts[:3]
    if any(one.name == name for one in service.units):
        raise BadInput("whatif_unit_taken", field="--add-unit", value=name)
    like = next((one.capabilities for one in service.units if one.kind == kind), None)
    if like is None and len(parts) == 3:  # one that can do nothing would never be sent, and seem to be of no use
        raise BadInput("whatif_kind", field="--add-unit", value=kind, known=nearest(kind, [one.kind for one in service.units]))
    capabilities = tuple(one for one in parts[3].replace("+", ",").split(",") if one) if len(parts) == 4 else like or ()
    return service._replace(units=(*service.units, Stationed(name, kind, capabilities, service.station(at, "--add-unit"))))


def move_unit(service: Service, text: str) -> Service:
    """``UNIT:STATION``."""
    name, colon, at = text.rpartition(":")
    if not colon or not name or not at:
        raise BadInput("whatif_spec", field="--move", value=text, layout="UNIT:STATION")
    nth = service.unit(name, "--move")
    units = list(service.units)
    units[nth] = units[nth]._replace(station=service.station(at, "--move"), is_guessed=False)
    return service._replace(units=tuple(units))


def remove_unit(service: Service, name: str) -> Service:
    """It is not there at all."""
    nth = service.unit(name, "--remove-unit")
    if len(service.units) == 1:
        raise BadInput("whatif_no_units", field="--remove-unit", value=name)
    return service._replace(units=(*service.units[:nth], *service.units[nth + 1 :]))


def rehomed(service: Service, ground: Ground) -> tuple[Service, tuple[str, ...]]:
    """Units of closed stations at the nearest open one; and which units those are. Raises BadInput ``whatif_all_closed``."""
    is_open = [nth for nth, one in enumerate(service.stations) if one.is_open and not one.name.startswith(POST)]
    units, moved = [], []
    for unit in service.units:
        if not service.stations[unit.station].is_open:
            own = ground.roads.normal_ms[service.stations[unit.station].place]
            drives = {nth: int(own[service.stations[nth].place]) for nth in is_open}
            reached = {nth: ms for nth, ms in drives.items() if ms >= 0} or dict.fromkeys(is_open, 0)
            unit = unit._replace(station=min(reached, key=lambda nth: (reached[nth], nth)))  # noqa: PLW2901 - the same unit elsewhere
            moved.append(unit.name)
        units.append(unit)
    return service._replace(units=tuple(units)), tuple(moved)
