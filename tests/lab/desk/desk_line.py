"""A city on a line before the real desk, where every millisecond can be reckoned by hand: 30 s a step with lights, 40 s without."""

import numpy as np
from desk_stage import Run, run
from msgspec.structs import replace

from tocsin.core.engine.move_up import MoveUpRule
from tocsin.core.engine.policies import POLICIES
from tocsin.core.messages.recommendation import Candidate, UnitsRecommended
from tocsin.core.messages.unit import UnitStatusChanged, phase_of
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import City, CrewedUnit, HospitalSite, StationSite, Window
from tocsin.lab.city.square import LIGHTS_STEP_MS, NORMAL_STEP_MS, square_city
from tocsin.lab.desk_run import start_of
from tocsin.lab.plain.engine import run_plain

MINUTE = 60_000
LIGHTS, NORMAL = LIGHTS_STEP_MS, NORMAL_STEP_MS
URGENT, OTHER = 0, 1
FOREVER = 1 << 50
LINE = square_city(11, 1, stations=1)._replace(turnouts=(), stations=(StationSite("A", 0),), units=(CrewedUnit("U", 0),))
"""One unit at the corner; place n lies n steps east of it."""


def line_of(*units: CrewedUnit, sites: tuple[int, ...] = (0, 10), bays: int | None = None) -> City:
    """Stations A, B … at these places; a hospital at 10 where ``bays`` says how many it has."""
    hospitals = () if bays is None else (HospitalSite("H", 10, bays),)
    stations = tuple(StationSite("ABCDEF"[nth], site) for nth, site in enumerate(sites))
    return LINE._replace(stations=stations, units=units, hospitals=hospitals)


def call(
    at_ms: int, place: int, priority: int = URGENT, *, scene_ms: int = 10 * MINUTE, handover_ms: int | None = None, reports: int = 1
) -> Calls:
    """One call with nothing left to chance, known when it comes. ``handover_ms``: its patient is driven to a hospital."""
    return Calls(
        *(np.array([at_ms], np.int64) for _ in range(2)),
        *(np.array([priority], np.int16) for _ in range(3)),
        np.array([place], np.int32),
        np.array([[scene_ms]], np.int64),
        np.array([handover_ms is not None]),
        np.array([handover_ms or 0], np.int64),
        np.zeros((1, 0, 2), np.int64),
        np.array([1_000_000], np.int32),
        np.array([reports], np.int16),
    )


def lived(city: City, *calls: Calls, policy: str = "closest") -> Run:
    """On the desk; the plain engine must say the same of everything."""
    joined = Calls._make(np.concatenate(columns) for columns in zip(*calls, strict=True))
    told, plain = run(city, joined, policy), run_plain(city, joined, POLICIES[policy], None, MoveUpRule())
    assert [name for name in plain._fields if not np.array_equal(getattr(plain, name), getattr(told.outcome, name))] == []
    return told


def said_ms(told: Run, city: City, unit: str) -> list[tuple[int, str]]:
    """What a crew reported, and when, since the run's first instant."""
    start = start_of(city)
    return [(record.at - start, phase_of(record.says.status)) for record in told.said(UnitStatusChanged) if record.says.unit == unit]


def candidates(told: Run, nth: int) -> dict[str, Candidate]:
    """By unit, of the nth recommendation."""
    return {one.unit: one for one in told.said(UnitsRecommended)[nth].says.receipt.candidates}


def resting(unit: CrewedUnit, *, begins: int, until: int, minutes: int = 0) -> CrewedUnit:
    """With a break from minute to minute of the first day."""
    return replace(unit, breaks=(Window(begins, until),), break_ms=minutes * MINUTE)
