"""Random small cities for the tests of the engines, and the cover of any city."""

import numpy as np
from hypothesis import strategies as st
from msgspec.structs import replace

from tocsin.base.identifiers import StationId
from tocsin.core.engine.policies import POLICIES, Policy
from tocsin.core.messages.cover import PPB, CoverModel, CoverRow
from tocsin.lab.city.model import City, CrewedUnit, Divert, Happening, PriorityClass, Span, Turnout, Window
from tocsin.lab.city.square import square_city

TWINNED = ("closest", "road-time", "road-time-no-divert", "preserve", "move-up", "dmexclp", "default")


def cover_of(city: City, *, reach_ms: int = 200_000, needs: str = "") -> CoverModel:
    """What the open stations reach within a drive with lights."""
    weights: dict[tuple[str, tuple[int, ...]], float] = {}
    for place in range(city.places):
        near = tuple(
            nth for nth, site in enumerate(city.stations) if site.is_open and 0 <= int(city.roads.lights_ms[site.place, place]) <= reach_ms
        )
        key = (city.areas[city.place_area[place]], near)
        weights[key] = weights.get(key, 0.0) + float(city.place_weights[0, place])
    rows = tuple(CoverRow(area, near, int(weight * PPB)) for (area, near), weight in weights.items())
    return CoverModel(needs, tuple(StationId(site.name) for site in city.stations), rows)


@st.composite
def shifts(draw: st.DrawFn) -> tuple[Window, ...]:
    if draw(st.booleans()):
        return ()
    begins = draw(st.integers(0, 10_079))
    return tuple(Window((begins + day * 1440) % 10_080, (begins + day * 1440 + 600) % 10_080) for day in range(draw(st.integers(1, 7))))


def hourly(nth: int) -> tuple[Window, ...]:
    """Two hours on, one off, all week: shifts that are bound to end at work."""
    return tuple(Window(begins + 37 * nth, begins + 37 * nth + 120) for begins in range(0, 9_900, 180))


@st.composite
def twinned_cities(draw: st.DrawFn) -> City:
    """Cities that both engines can run, with everything that both know."""
    side, stations = draw(st.integers(2, 9)), draw(st.integers(1, 4))
    city = square_city(
        side,
        draw(st.integers(1, 6)),
        stations=min(stations, side),
        hospitals=draw(st.integers(0, 3)),
        calls_per_hour=draw(st.sampled_from([1.0, 4.0, 12.0])),
        is_straight=draw(st.booleans()),
    )
    units = tuple(
        replace(
            unit,
            kind=draw(st.sampled_from(["ambulance", "car"])),
            capabilities=draw(st.sampled_from([(), ("transport",)])),
            shifts=draw(shifts()),
            is_outside=is_outside,
            offset_ms=90_000 if is_outside else 0,
            cost_ms=draw(st.sampled_from([0, 120_000])) if is_outside else 0,
        )
        for unit in city.units
        for is_outside in (draw(st.integers(0, 5)) == 0,)
    )
    shut = draw(st.integers(0, len(city.stations) * 3))
    roads = city.roads
    if draw(st.booleans()):  # one-way troubles: some drives cannot be had
        lost = draw(st.integers(0, city.places - 1))
        for table in (roads.lights_ms, roads.normal_ms):
            table[:, lost] = -1
            table[lost, lost] = 0
    return city._replace(
        units=units,
        stations=tuple(replace(site, is_open=nth != shut or len(city.stations) == 1) for nth, site in enumerate(city.stations)),
        hospitals=tuple(replace(site, bays=draw(st.integers(0, 2))) for site in city.hospitals),
        priorities=(*city.priorities, PriorityClass("whenever", 7_200_000, is_urgent=False)),
        turnouts=(Turnout("car", Span(30_000, "exponential"), Span(5_000, "exponential")), *city.turnouts[: draw(st.integers(0, 1))]),
        diverts=(Divert(1, 0, draw(st.sampled_from([0, 60_000, 120_000])), draw(st.sampled_from([0, 60_000]))), Divert(2, 1), Divert(2, 0)),
        travel_spread=draw(st.sampled_from([0.0, 0.3])),
        travel_ppm=tuple(900_000 + hour * 7_001 % 400_000 for hour in range(168)) if draw(st.booleans()) else (),
        wrong_priority_ppm=draw(st.sampled_from([0, 200_000])),
        happenings=(Happening("slower", 3_600_000, 40_000_000, 1_300_001),) if draw(st.booleans()) else (),
        place_weights=np.asarray(city.place_weights),
    )


def policies() -> st.SearchStrategy[Policy]:
    return st.sampled_from([POLICIES[name] for name in TWINNED])


def with_units(city: City, units: tuple[CrewedUnit, ...]) -> City:
    return city._replace(units=units)
