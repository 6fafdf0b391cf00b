"""Cities that are queues: what has a closed form, run by the simulator."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from tocsin.core.engine.policies import get_policy
from tocsin.lab.calls import Calls
from tocsin.lab.city.model import CallKind, City, PriorityClass, Span, Turnout
from tocsin.lab.city.square import square_city
from tocsin.lab.draws import draw_calls
from tocsin.lab.outcome import NOT_YET_MS, Outcome
from tocsin.lab.run import Engine, run

Floats = NDArray[np.float64]

SERVICE_MS = 1_800_000
HOUR_MS = 3_600_000


def pool(units: int, offered: float) -> City:
    """M/M/c: no way is long, one priority, exponential time on scene, nobody diverted, all known at once."""
    city = square_city(2, units, stations=1, calls_per_hour=offered * HOUR_MS / SERVICE_MS)
    roads = city.roads._replace(lights_ms=np.zeros_like(city.roads.lights_ms), normal_ms=np.zeros_like(city.roads.normal_ms))
    return _plain_service(city._replace(roads=roads))


def plane(side: int, units: int, stations: int, offered: float) -> City:
    """A city whose drives rank units and take no time to speak of: a millisecond for each step."""
    city = square_city(side, units, stations=stations, calls_per_hour=offered * HOUR_MS / SERVICE_MS)
    step = city.roads.lights_ms // 30_000
    return _plain_service(city._replace(roads=city.roads._replace(lights_ms=step, normal_ms=step)))


def _plain_service(city: City) -> City:
    return city._replace(
        priorities=(PriorityClass("one", 480_000),),
        kinds=tuple(CallKind(one.name, 0, one.per_hour, one.places, on_scene=Span(SERVICE_MS, "exponential")) for one in city.kinds),
        turnouts=(Turnout("*"),),
        diverts=(),
        call_taking=Span(0),
    )


def played(city: City, replication: int, *, days: float, engine: Engine = "auto", seed: int = 11) -> tuple[Calls, Outcome]:
    """One replication under closest and return home."""
    calls = draw_calls(city, seed=seed, replication=replication, days=days)
    return calls, run(city, calls, get_policy("closest"), engine=engine)


def waits_ms(calls: Calls, outcome: Outcome) -> NDArray[np.int64]:
    """From the call to the first unit on scene; every call has one."""
    assert (outcome.on_scene_ms != NOT_YET_MS).all()
    return outcome.on_scene_ms - calls.at_ms


def within(samples: list[float] | Floats, truth: float, errors: float = 3.0) -> bool:
    """Whether the mean of independent replications lies within so many standard errors of the truth."""
    values = np.asarray(samples, dtype=float)
    return bool(abs(values.mean() - truth) <= errors * values.std(ddof=1) / sqrt(len(values)))
