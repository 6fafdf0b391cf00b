"""Small cities, each with something that makes it unlike the others: what all engines must agree on."""

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from tocsin.core.messages.plan import Slot
from tocsin.lab.city.model import City, CrewedUnit, Divert, Happening, PriorityClass, Span, Turnout, Window
from tocsin.lab.city.square import grid_roads, square_city

HOUR_MS, DAY = 3_600_000, 1_440
PLAIN = square_city(9, 6, calls_per_hour=8.0)


def cities() -> Iterator[tuple[str, City]]:
    yield "plain", PLAIN
    yield "quiet", square_city(12, 9, calls_per_hour=3.0, is_straight=True)
    yield "few bays", PLAIN._replace(hospitals=tuple(replace(one, bays=1) for one in PLAIN.hospitals))
    yield "no hospital", PLAIN._replace(hospitals=())
    rush = tuple(int(ppm) for ppm in np.random.default_rng(1).integers(700_000, 1_500_000, 168))
    yield "hours of the day", PLAIN._replace(travel_ppm=rush, travel_spread=0.3)
    yield "wrong priorities", PLAIN._replace(wrong_priority_ppm=200_000)
    yield "one call-taker", PLAIN._replace(call_takers=1)
    yield "no turnouts", PLAIN._replace(turnouts=())
    yield "odd turnouts", PLAIN._replace(turnouts=(Turnout("ambulance", Span(61_234, "lognormal", 0.3), Span(10_321)),))
    yield "three priorities", _three_priorities()
    yield "outside", PLAIN._replace(units=_changed({5: {"is_outside": True, "offset_ms": 120_000, "cost_ms": 180_000}}))
    yield "half of them transport", PLAIN._replace(units=_changed({nth: {"capabilities": ("transport",)} for nth in (0, 2, 4)}))
    yield "names out of order", PLAIN._replace(units=tuple(replace(one, name=f"M{nth}") for nth, one in enumerate(2 * PLAIN.units)))
    yield "a closed station", PLAIN._replace(stations=(*PLAIN.stations[:3], replace(PLAIN.stations[3], is_open=False)))
    yield "shifts", PLAIN._replace(units=_changed({nth: {"shifts": _shifts()[nth % 2]} for nth in (0, 1, 3, 4)}))
    yield "breaks", PLAIN._replace(units=_changed({nth: {"breaks": _meals(nth), "break_ms": nth % 2 * 2_700_000} for nth in range(6)}))
    yield (
        "breaks in shifts",
        PLAIN._replace(
            units=_changed({nth: {"breaks": _meals(nth), "shifts": _shifts()[nth % 2]} for nth in range(5)}),
            happenings=(Happening("station_lost", 5 * HOUR_MS, 9 * HOUR_MS, 0), Happening("unit_lost", 10 * HOUR_MS, 12 * HOUR_MS, 2)),
        ),
    )
    yield (
        "breaks of shared crews",
        PLAIN._replace(units=_changed({nth: {"crew": "AB"[nth % 2], "station": nth % 2, "breaks": _meals(nth)} for nth in range(4)})),
    )
    yield "shared crews", PLAIN._replace(units=_changed({nth: {"crew": "AB"[nth % 2], "station": nth % 2} for nth in range(4)}))
    yield "several units", _several_units()
    for what in ("station_lost", "unit_lost", "radio_lost"):
        yield what, PLAIN._replace(happenings=_happen(what))
    yield "slower", PLAIN._replace(happenings=(Happening("slower", 2 * HOUR_MS, 16 * HOUR_MS, 1_300_000),))
    others = grid_roads(9, lights_step_ms=45_000, normal_step_ms=50_000)
    yield "other roads", PLAIN._replace(other_roads=(others,), happenings=(Happening("other_roads", 2 * HOUR_MS, 16 * HOUR_MS),))
    yield "far too few", square_city(9, 2, calls_per_hour=30.0)


def _changed(changes: dict[int, dict[str, object]]) -> tuple[CrewedUnit, ...]:
    return tuple(replace(one, **changes.get(nth, {})) for nth, one in enumerate(PLAIN.units))


def _three_priorities() -> City:
    classes = (PriorityClass("a", 480_000), PriorityClass("b", 900_000), PriorityClass("c", 1_800_000, False))
    kinds = tuple(replace(PLAIN.kinds[1], name=f"k{nth}", priority=nth, per_hour=(2.5,) * 168) for nth in range(3))
    diverts = (Divert(2, 0), Divert(2, 1, 60_000, 90_000), Divert(1, 0, 240_000))
    return PLAIN._replace(priorities=classes, kinds=kinds, diverts=diverts, wrong_priority_ppm=50_000)


def _shifts() -> tuple[tuple[Window, ...], tuple[Window, ...]]:
    days = tuple(Window(day * DAY + 480, day * DAY + 1200) for day in range(7))
    return days, tuple(Window(one.until, (one.begins + DAY) % (7 * DAY)) for one in days)


def _meals(nth: int) -> tuple[Window, ...]:
    """Every few hours of every day, an hour and a half each, at another time for each unit."""
    begins = [day * DAY + hour * 60 + 17 * nth for day in range(7) for hour in range(2, 24, 4)]
    return tuple(Window(one, (one + 90) % (7 * DAY)) for one in begins)


def _several_units() -> City:
    units = tuple(replace(one, name=f"U{nth:02d}", kind=("engine", "ambulance")[nth % 2]) for nth, one in enumerate(2 * PLAIN.units))
    both = (Slot("ambulance", ("ambulance",)), Slot("engine", ("engine",)))
    kinds = (replace(PLAIN.kinds[0], slots=both), replace(PLAIN.kinds[1], slots=both[:1]))
    return PLAIN._replace(units=units, kinds=kinds)


def _happen(what: str) -> tuple[Happening, ...]:
    """One after the other, never two at once."""
    return tuple(
        Happening(what, hour * HOUR_MS, hour * HOUR_MS + 3_000_000, hour % 4)  # type: ignore[arg-type]  # one of the words
        for hour in range(1, 22)
    )
