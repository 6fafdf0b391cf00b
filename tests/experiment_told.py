"""A small city's experiment, run: what tests of its page are shown."""

from tocsin.core.engine.policies import POLICIES
from tocsin.lab.city.cover import cover_model
from tocsin.lab.city.digest import sealed
from tocsin.lab.city.square import square_city
from tocsin.lab.experiment.executor import InProcess
from tocsin.lab.experiment.experiment import Experiment, asked, compared, gather, simulated
from tocsin.lab.experiment.job import Arm, Ground
from tocsin.pages.experiment import Source
from tocsin.views.experiment_answer import CompareAnswer, SimulateAnswer
from tocsin.wiring.experiments import city_map

SOURCE = Source("tocsin compare city --policies closest,default --seed 5", "2026-10-31", ("Streets: OpenStreetMap contributors",))
CITY = sealed(square_city(14, 6, stations=6, hospitals=2, calls_per_hour=6.5))
GROUND = Ground({CITY.digest: CITY}, {CITY.digest: cover_model(CITY)})
MAP = city_map(CITY)


def experiment(*policies: str) -> Experiment:
    """Six days, eight times, and a guard of one point."""
    return Experiment(tuple(Arm(name, CITY.digest, POLICIES[name]) for name in policies), 6.0, 1.0, 5, 8, 1.0, 1.0)


def compared_answer() -> CompareAnswer:
    """Two policies against closest."""
    one = experiment("closest", "default", "dmexclp")
    return compared(one, GROUND, gather(one, GROUND, InProcess(), lambda done, of: None))


def simulated_answer() -> SimulateAnswer:
    """One policy alone."""
    one = experiment("default")
    told = simulated(one, GROUND, gather(one, GROUND, InProcess(), lambda done, of: None))
    return SimulateAnswer(
        told.calls, told.replications, told.policy, one.seed, told.mean_response_s, told.high, told.areas, told.utilisation, "ab" * 32,
        told, asked(one, CITY), told.half_widths,
    )  # fmt: skip
