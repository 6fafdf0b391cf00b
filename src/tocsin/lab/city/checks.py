"""Whether a city can be run. Everything else about its content was told with file and line by whoever read it."""

import numpy as np

from tocsin.base.faults import BadInput
from tocsin.lab.city.model import HOURS_PER_WEEK, City, Span

LONGEST_MS = 7 * 86_400_000

Remark = tuple[str, tuple[tuple[str, object], ...]]
"""Code ``lab.remark.<code>`` and its values (``City.remarks``)."""


def check_city(city: City, *, file: str | None = None) -> City:
    """The city itself. Raises BadInput ``city_demand_none``, ``city_hospitals_none``, ``city_stations_none``, ``city_units_none``,
    ``city_index``, ``city_span``, ``city_rates``, ``city_weights``, ``city_station_cut_off``."""
    try:
        _check_presence(city)
        _check_demand(city)
        _check_spans(city)
        _check_indices(city)
        _check_reach(city)
    except BadInput as fault:
        raise fault.at(file=file) from None
    return city


def _check_presence(city: City) -> None:
    if not any(station.is_open for station in city.stations):
        raise BadInput("city_stations_none", field="stations")
    if not city.units:
        raise BadInput("city_units_none", field="units")
    if not city.hospitals and any(kind.transport_ppm for kind in city.kinds):
        raise BadInput("city_hospitals_none", field="hospitals")


def _check_demand(city: City) -> None:
    for kind in city.kinds:
        rates = np.array(kind.per_hour, dtype=np.float64)
        if len(rates) != HOURS_PER_WEEK or not np.isfinite(rates).all() or (rates < 0).any():
            raise BadInput("city_rates", field="per_hour", kind=kind.name)
    if not sum(sum(kind.per_hour) for kind in city.kinds) > 0:
        raise BadInput("city_demand_none", field="kinds")
    sums = city.place_weights.sum(axis=1)
    if (city.place_weights < 0).any() or not np.allclose(sums, 1.0, atol=1e-9):
        raise BadInput("city_weights", field="place_weights", value=f"{sums.min():g}")


def _check_spans(city: City) -> None:
    spans = [("call_taking", city.call_taking)]
    spans += [(f"kinds.{kind.name}.{name}", getattr(kind, name)) for kind in city.kinds for name in ("on_scene", "handover")]
    spans += [(f"turnouts.{one.kind}.{name}", getattr(one, name)) for one in city.turnouts for name in ("at_station", "on_road")]
    for field, span in spans:
        if not _is_fitting(span):
            raise BadInput("city_span", field=field, value=f"{span.mean_ms / 1000:g} s")
    for rank in city.priorities:
        if not 0 < rank.target_ms <= LONGEST_MS:
            raise BadInput("city_span", field=f"priorities.{rank.name}.target", value=f"{rank.target_ms / 1000:g} s")


def _is_fitting(span: Span) -> bool:
    is_told = span.law != "observed" or (bool(span.values_ms) and min(span.values_ms) >= 0)
    return 0 <= span.mean_ms <= LONGEST_MS and span.spread >= 0 and is_told


def _check_indices(city: City) -> None:
    rows = [("stations.place", one.place, city.places) for one in city.stations]
    rows += [("hospitals.place", one.place, city.places) for one in city.hospitals]
    rows += [("units.station", one.station, len(city.stations)) for one in city.units]
    rows += [("kinds.priority", one.priority, len(city.priorities)) for one in city.kinds]
    rows += [("kinds.places", one.places, len(city.place_weights)) for one in city.kinds]
    rows += [("diverts.lower", one.lower, len(city.priorities)) for one in city.diverts]
    rows += [("diverts.higher", one.higher, len(city.priorities)) for one in city.diverts]
    for field, value, count in rows:
        if not 0 <= value < count:
            raise BadInput("city_index", field=field, value=value, table=field.partition(".")[0], count=count)


def _check_reach(city: City) -> None:
    """From each station most calls can be driven to."""
    called = np.flatnonzero(city.place_weights.any(axis=0))
    for station in city.stations:
        if (city.roads.lights_ms[station.place, called] < 0).mean() > 0.5:
            raise BadInput("city_station_cut_off", field="stations", name=station.name)
