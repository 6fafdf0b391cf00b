"""What a city's stations reach in time: the rows that cover is counted by, and the floor that no policy gets below."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tocsin.base.identifiers import StationId
from tocsin.core.messages.cover import CoverModel, CoverRow
from tocsin.lab.city.model import CallKind, City, Floats
from tocsin.lab.city.slack import slack_ms

PPB: Final = 1_000_000_000


def cover_model(city: City, *, busy_ppm: int = 300_000, needs: str | None = None) -> CoverModel:
    """Places merged by area and by the open stations that reach them in time.

    ``needs``: capability (or kind) of the units that count, None = the kind that most units are of; their turnout is that of the kind that
    most of them are of. Stations are the city's, in its order; closed ones reach nothing.
    """
    kind = needs or most_units_kind(city)
    reach_ms = reach_of(city, kind)
    return _merged(city, kind, [_within(city, reach_ms)], urgent_weights(city), busy_ppm, reach_ms)


def _merged(city: City, needs: str, layers: Sequence[NDArray[np.bool_]], weights: Floats, busy_ppm: int, reach_ms: int) -> CoverModel:
    """``layers``: (places, stations) reached in time; each has as much of the demand as the others."""
    areas = _areas(city)
    keys: dict[tuple[str, bytes], int] = {}
    row_of = [
        np.array(
            [keys.setdefault((area, reached.tobytes()), len(keys)) for area, reached in zip(areas, within, strict=True)], dtype=np.int64
        )
        for within in layers
    ]
    totals: Floats = np.bincount(np.concatenate(row_of), weights=np.tile(weights, len(layers)), minlength=len(keys)).astype(np.float64)
    rows = [
        CoverRow(area, tuple(np.flatnonzero(np.frombuffer(reached, np.bool_)).tolist()), weight)
        for (area, reached), weight in zip(keys, shared_out(totals, PPB), strict=True)
        if weight
    ]
    stations = tuple(StationId(station.name) for station in city.stations)
    return CoverModel(needs, stations, tuple(rows), busy_ppm, reach_ms, f"{city.name} {city.digest[:12]}".strip())


Covering = CoverModel | tuple[CoverModel, ...] | None
"""Cover of one service, of several, or of none."""


def models_of(cover: Covering) -> tuple[CoverModel, ...]:
    """As a tuple."""
    return (cover,) if isinstance(cover, CoverModel) else cover or ()


def with_areas(models: Sequence[CoverModel], permille: Mapping[str, int]) -> tuple[CoverModel, ...]:
    """The models with each area's demand counted so many thousandths, 1,000 where nothing is said; adds up to the same whole."""
    return tuple(_with_areas(model, permille) for model in models)


def _with_areas(model: CoverModel, permille: Mapping[str, int]) -> CoverModel:
    raw = [row.weight_ppb * permille.get(row.area, EVEN_PERMILLE) for row in model.rows]
    if not sum(raw) or all(weight == EVEN_PERMILLE for weight in permille.values()):
        return model
    shares = shared_out(np.array(raw, dtype=np.float64), sum(row.weight_ppb for row in model.rows))
    rows = tuple(msgspec.structs.replace(row, weight_ppb=share) for row, share in zip(model.rows, shares, strict=True))
    return msgspec.structs.replace(model, rows=rows)


EVEN_PERMILLE = 1000
LEAST_SHARE = 0.05
"""Of the calls: what fewer want (a rescue squad) is not worth holding units back for."""


def cover_models(city: City, *, busy_ppm: int = 300_000) -> tuple[CoverModel, ...]:
    """One model for each service: what calls want (as a part of) and several of the city's own units at several stations can do, those that
    most calls want first. Its demand are the calls that want it, the urgent ones if there are any; its reach is by the turnout of its kind,
    with the spread of what comes before the drive (``slack.py``). Calls without slots want the kind that most units are of.
    """
    total = sum(sum(kind.per_hour) for kind in city.kinds) or 1.0
    wanting = _wanting(city)
    rates = {needs: sum(sum(kind.per_hour) for kind in kinds) for needs, kinds in wanting.items()}
    order = sorted((needs for needs in wanting if rates[needs] >= LEAST_SHARE * total), key=lambda needs: (-rates[needs], needs))
    apart = {_able(city, needs): needs for needs in reversed(order)}  # two names of the same units are one service: the first stays
    served = [needs for needs in order if apart[_able(city, needs)] == needs and _is_spread(city, needs)]
    if not served:
        return (_layered(city, most_units_kind(city), city.kinds, busy_ppm),)
    return tuple(_layered(city, needs, wanting[needs], busy_ppm) for needs in served)


def _wanting(city: City) -> dict[str, list[CallKind]]:
    """Kinds of calls by what they want: of each slot the capability that fewest units have."""
    found: dict[str, list[CallKind]] = {}
    usual = most_units_kind(city)
    for kind in city.kinds:
        slots = [slot.needs for slot in kind.slots if slot.is_required] or [()]
        for needs in dict.fromkeys(min(one, key=lambda name: (len(_able(city, name)), name), default=usual) for one in slots):
            found.setdefault(needs, []).append(kind)
    return found


def _able(city: City, needs: str) -> frozenset[int]:
    return frozenset(nth for nth, unit in enumerate(city.units) if not unit.is_outside and needs in (unit.kind, *unit.capabilities))


def _is_spread(city: City, needs: str) -> bool:
    able = _able(city, needs)
    return len(able) > 1 and len({city.units[nth].station for nth in able}) > 1


def _layered(city: City, needs: str, kinds: Sequence[CallKind], busy_ppm: int) -> CoverModel:
    """Rows for each equally likely slack, each with its part of the demand: what is covered is the share that is reached in time."""
    slacks = slack_ms(city, most_units_kind(city, needs), _target_ms(city, kinds))
    weights = weights_of(city, kinds)
    within = [_within(city, slack) for slack in slacks]
    return _merged(city, needs, within, weights, busy_ppm, reach_of(city, needs) if len(slacks) > 1 else slacks[0])


def floor_ppb(city: City, needs: str | None = None) -> int:
    """Share of the urgent demand that no open station reaches in time."""
    return sum(row.weight_ppb for row in cover_model(city, needs=needs).rows if not row.stations)


def signatures(city: City, needs: str | None = None) -> int:
    """Sets of stations that some places with demand are reached from in time, areas put aside."""
    return len({row.stations for row in cover_model(city, needs=needs).rows})


def reach_of(city: City, needs: str) -> int:
    """Milliseconds of driving that the most urgent priority with demand leaves: its target less call taking and turnout, by their means."""
    kind = most_units_kind(city, needs)
    target_ms = _target_ms(city, city.kinds)
    turnout = next((one for name in (kind, "*") for one in city.turnouts if one.kind == name), None)
    return target_ms - city.call_taking.mean_ms - (turnout.at_station.mean_ms if turnout else 0)


def _target_ms(city: City, kinds: Sequence[CallKind]) -> int:
    """Of the most urgent priority that any of these calls have."""
    asked = {one.priority for one in kinds if sum(one.per_hour) > 0}
    return city.priorities[min(asked, default=0)].target_ms


def urgent_weights(city: City) -> NDArray[np.float64]:
    """Calls per week by place, of urgent kinds; of all where none is urgent."""
    return weights_of(city, city.kinds)


def weights_of(city: City, kinds: Sequence[CallKind]) -> NDArray[np.float64]:
    """The same of some kinds of calls."""
    asked = [kind for kind in kinds if sum(kind.per_hour) > 0]
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
