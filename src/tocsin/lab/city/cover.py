"""What a city's stations reach in time: the rows that cover is counted by, and the floor that no policy gets below."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tocsin.base.identifiers import StationId
from tocsin.core.messages.cover import CoverModel, CoverRow
from tocsin.lab.city.model import City, Floats

PPB: Final = 1_000_000_000


def cover_model(city: City, *, busy_ppm: int = 300_000, needs: str | None = None) -> CoverModel:
    """Places merged by area and by the open stations that reach them in time.

    ``needs``: capability (or kind) of the units that count, None = the kind that most units are of; their turnout is that of the kind that
    most of them are of. Stations are the city's, in its order; closed ones reach nothing.
    """
    kind = needs or most_units_kind(city)
    reach_ms = reach_of(city, kind)
    within, weights = _within(city, reach_ms), urgent_weights(city)
    keys: dict[tuple[str, bytes], int] = {}
    row_of = np.array(
        [keys.setdefault((area, reached.tobytes()), len(keys)) for area, reached in zip(_areas(city), within, strict=True)], dtype=np.int64
    )
    totals: Floats = np.bincount(row_of, weights=weights, minlength=len(keys)).astype(np.float64)
    first = [int(np.argmax(row_of == row)) for row in range(len(keys))]
    rows = [
        CoverRow(area, tuple(np.flatnonzero(within[place]).tolist()), weight)
        for (area, _), place, weight in zip(keys, first, shared_out(totals, PPB), strict=True)
        if weight
    ]
    stations = tuple(StationId(station.name) for station in city.stations)
    return CoverModel(kind, stations, tuple(rows), busy_ppm, reach_ms, f"{city.name} {city.digest[:12]}".strip())


def floor_ppb(city: City, needs: str | None = None) -> int:
    """Share of the urgent demand that no open station reaches in time."""
    return sum(row.weight_ppb for row in cover_model(city, needs=needs).rows if not row.stations)


def signatures(city: City, needs: str | None = None) -> int:
    """Sets of stations that some places with demand are reached from in time, areas put aside."""
    return len({row.stations for row in cover_model(city, needs=needs).rows})


def reach_of(city: City, needs: str) -> int:
    """Milliseconds of driving that the most urgent priority with demand leaves: its target less call taking and turnout, by their means."""
    kind = most_units_kind(city, needs)
    asked = {one.priority for one in city.kinds if sum(one.per_hour) > 0}
    target_ms = city.priorities[min(asked, default=0)].target_ms
    turnout = next((one for name in (kind, "*") for one in city.turnouts if one.kind == name), None)
    return target_ms - city.call_taking.mean_ms - (turnout.at_station.mean_ms if turnout else 0)


def urgent_weights(city: City) -> NDArray[np.float64]:
    """Calls per week by place, of urgent kinds; of all where none is urgent."""
    asked = [kind for kind in city.kinds if sum(kind.per_hour) > 0]
    urgent = [kind for kind in asked if city.priorities[kind.priority].is_urgent] or asked
    weights: NDArray[np.float64] = np.zeros(city.places)
    for kind in urgent:
        weights += sum(kind.per_hour) * city.place_weights[kind.places]
    return weights


def most_units_kind(city: City, needs: str | None = None) -> str:
    """Of the units that can do what is needed; of equally many kinds the first in the alphabet."""
    kinds = [unit.kind for unit in city.units if needs is None or needs in (unit.kind, *unit.capabilities)]
    return min(set(kinds), key=lambda kind: (-kinds.count(kind), kind), default="*")


def shared_out(weights: NDArray[np.float64], whole: int) -> list[int]:
    """Whole numbers that add up to ``whole``, by largest remainders; of equal ones the first."""
    exact = weights / weights.sum() * whole
    parts = np.floor(exact).astype(np.int64)
    more = np.argsort(-(exact - parts), kind="stable")[: whole - int(parts.sum())]
    parts[more] += 1
    return [int(part) for part in parts]


def _within(city: City, reach_ms: int) -> NDArray[np.bool_]:
    """(places, stations) reached in time."""
    drives = city.roads.lights_ms[[station.place for station in city.stations]].T
    is_open = np.array([station.is_open for station in city.stations])
    within: NDArray[np.bool_] = np.ascontiguousarray((drives >= 0) & (drives <= reach_ms) & is_open)
    return within


def _areas(city: City) -> list[str]:
    return [city.areas[area] for area in city.place_area.tolist()]
