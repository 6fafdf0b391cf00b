"""A city's question: who calls from where, what sites there are, and the city with its stations elsewhere."""

from typing import NamedTuple

import msgspec
import numpy as np

from tocsin.base.faults import BadInput
from tocsin.core.engine.cover import counted
from tocsin.lab.city.cover import cover_model, most_units_kind, reach_of, urgent_weights
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.model import City, CrewedUnit, Longs, StationSite
from tocsin.lab.siting.question import Floats, Question, Sought

FAR_MS = 1 << 40


class Sites(NamedTuple):
    """Where stations could stand: today's first, then other places."""

    places: tuple[int, ...]
    today: tuple[int, ...]
    """Index into ``City.stations`` of the first of them."""

    def name(self, city: City, site: int) -> str | None:
        """None = no station stands there today."""
        return city.stations[self.today[site]].name if site < len(self.today) else None


def own_stations(city: City) -> tuple[int, ...]:
    """Open stations but those that only units from outside wait at."""
    outside = {unit.station for unit in city.units if unit.is_outside} - {unit.station for unit in city.units if not unit.is_outside}
    return tuple(nth for nth, one in enumerate(city.stations) if one.is_open and nth not in outside)


def sites_of(city: City, most: int) -> Sites:
    """Today's stations and up to ``most`` other places.

    Each further one is where people have the most driving left to the nearest so far (demand × drive): k-means++ seeding (Arthur &
    Vassilvitskii 2007) without dice. Places without demand are none: nobody lives there, or they are middles of motorways.
    Raises BadInput ``siting_candidates`` for fewer than none.
    """
    if most < 0:
        raise BadInput("siting_candidates", value=most)
    today = own_stations(city)
    weights, chosen = urgent_weights(city), [city.stations[nth].place for nth in today]
    nearest_ms = np.full(city.places, FAR_MS, dtype=np.int64)
    for place in chosen:
        nearest_ms = np.minimum(nearest_ms, _from(city, place))
    for _ in range(most):
        left = weights * nearest_ms
        left[chosen] = 0.0
        place = int(left.argmax())
        if left[place] <= 0:
            break
        chosen.append(place)
        nearest_ms = np.minimum(nearest_ms, _from(city, place))
    return Sites(tuple(chosen), today)


def _from(city: City, place: int) -> Longs:
    row = city.roads.lights_ms[place].astype(np.int64)
    return np.where(row < 0, FAR_MS, row)


def question_of(city: City, sites: Sites, stations: int, keep: tuple[int, ...] = ()) -> Question:
    """Demand is that of the urgent kinds of call (of all where none is urgent), drives are those with lights."""
    return Question(urgent_weights(city), np.ascontiguousarray(city.roads.lights_ms[list(sites.places)].T), stations, keep)


def sought_of(city: City, wish: Sought) -> Sought:
    """The wish with the city's own reach and the time that passes before a unit rolls. Raises BadInput ``siting_reach``."""
    kind = most_units_kind(city)
    reach_ms = reach_of(city, kind)
    if reach_ms <= 0:
        raise BadInput("siting_reach", over_s=-reach_ms // 1000)
    turnout = next((one for name in (kind, "*") for one in city.turnouts if one.kind == name), None)
    before_ms = city.call_taking.mean_ms + (turnout.at_station.mean_ms if turnout else 0)
    return wish._replace(reach_ms=reach_ms, before_ms=before_ms)


def drives_to(city: City, places: tuple[int, ...]) -> Longs:
    """Of each place: the drive from the nearest of these, with lights; -1 = none has a way there."""
    nearest_ms = np.full(city.places, FAR_MS, dtype=np.int64)
    for place in places:
        nearest_ms = np.minimum(nearest_ms, _from(city, place))
    return np.where(nearest_ms >= FAR_MS, -1, nearest_ms)


def with_stations(city: City, sites: Sites, chosen: tuple[int, ...], new_names: tuple[str, ...]) -> City:
    """The city with the chosen stations open and today's others shut; its own units are spread anew, those from outside stay.

    Of each kind of unit every station gets one, as far as they go; each further one goes where it adds most expected cover (as DMEXCLP
    counts it). Who can stay at home stays; the others go to the nearest free berth. Areas stay: they are what is compared by.
    """
    kept = {sites.today[site] for site in chosen if site < len(sites.today)}
    shut = set(sites.today) - kept
    stations = [msgspec.structs.replace(one, is_open=False) if nth in shut else one for nth, one in enumerate(city.stations)]
    opened = [sites.places[site] for site in chosen if site >= len(sites.today)]
    indices = sorted(kept) + list(range(len(stations), len(stations) + len(opened)))
    stations += [StationSite(name, place) for name, place in zip(new_names, opened, strict=True)]
    made = city._replace(stations=tuple(stations))
    units = list(city.units)
    for kind in sorted({unit.kind for unit in units if not unit.is_outside}):
        own = [nth for nth, unit in enumerate(units) if unit.kind == kind and not unit.is_outside]
        berths = _berths(made, kind, indices, len(own))
        for nth, station in _assigned(made, [city.units[nth] for nth in own], berths):
            units[own[nth]] = msgspec.structs.replace(units[own[nth]], station=station)
    return sealed(made._replace(units=tuple(units)))


def _berths(city: City, kind: str, stations: list[int], units: int) -> list[int]:
    """A station for each unit; where there are fewer units than stations, those that add most."""
    model = cover_model(city, needs=kind)
    cover, berths = counted(model, ()), list[int]()
    for _ in range(units):
        free = [one for one in stations if one not in berths] or stations
        best = max(free, key=lambda one: (cover.gain_ppb[one], -berths.count(one), -one))
        cover.put(best)
        berths.append(best)
    return berths


def _assigned(city: City, units: list[CrewedUnit], berths: list[int]) -> list[tuple[int, int]]:
    """(unit, station): those who can stay do, then the nearest pairs first."""
    free, told = list(berths), list[tuple[int, int]]()
    for nth, unit in enumerate(units):
        if unit.station in free:
            free.remove(unit.station)
            told.append((nth, unit.station))
    waiting = [nth for nth in range(len(units)) if nth not in dict(told)]
    while waiting:
        away = [(_drive_ms(city, units[nth].station, station), nth, station) for nth in waiting for station in set(free)]
        _, nth, station = min(away)
        waiting.remove(nth)
        free.remove(station)
        told.append((nth, station))
    return told


def _drive_ms(city: City, start: int, end: int) -> int:
    drive_ms = int(city.roads.normal_ms[city.stations[start].place, city.stations[end].place])
    return FAR_MS if drive_ms < 0 else drive_ms


def reached_shares(weights: Floats, drive_ms: Longs, minutes: int) -> tuple[float, ...]:
    """Share of demand within a drive of 1, 2 … ``minutes`` minutes."""
    total = float(weights.sum())
    return tuple(float(weights[(drive_ms >= 0) & (drive_ms <= minute * 60_000)].sum()) / total for minute in range(1, minutes + 1))
